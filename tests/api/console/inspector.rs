//! The KS inspector: its reader against the published vectors, and the page in a browser.

use ks_tests::browser::Browser;
use ks_tests::http::Request;
use ks_tests::programs::{feed, node};
use ks_tests::server::Server;
use serde_json::{Value, json};

fn vectors() -> Vec<Value> {
    let read = |name: &str| -> Vec<Value> {
        let path = ks_tests::root().join("tests/vectors").join(name);
        serde_json::from_str(&std::fs::read_to_string(path).expect("the vectors")).expect("JSON")
    };
    [read("ks-vectors.json"), read("own.json")].concat()
}

/// What the token alone can tell; `LOGOUT`, `UNKNOWN` and used-up limits are the server's to say.
fn expected(vector: &Value) -> &str {
    let status = vector["required"]["status"].as_str().or(vector["expect"]["status"].as_str()).expect("a status");
    match status {
        "LOGOUT" | "UNKNOWN" | "EXCEEDED_ACTIONS_LIMIT" => "OK",
        "SECRET_NOT_FOUND" | "EXCEPTION" | "MISSING" => "INVALID_STR",
        status => status,
    }
}

#[test]
fn the_browsers_reader_judges_every_published_vector_as_it_says() {
    let vectors = vectors();
    assert!(vectors.len() > 150, "vectors are gone");
    let ask = |secrets_of: &dyn Fn(usize, &Value) -> Vec<String>| {
        let questions = vectors.iter().enumerate().map(|(index, vector)| {
            json!({ "token": vector["token"], "secrets": secrets_of(index, vector),
                    "ip": vector["context"]["remoteAddress"], "uri": vector["context"]["requestUri"] })
        });
        let mut reader = node();
        reader
            .arg(ks_tests::root().join("tests/clients/node/inspect.mjs"))
            .env("KS_TEST_ASSETS", ks_tests::root().join("crates/ks-console/assets"));
        feed(&mut reader, json!(questions.collect::<Vec<_>>()).to_string().as_bytes()).json()
    };
    // A token says whose it is, and whoever has that account's secrets gives them.
    let outside = ask(&|_, _| Vec::new());
    let reports = ask(&|index, vector| {
        let partner = outside[index]["partnerId"].to_string();
        let secrets = vector["context"]["partnerSecrets"][partner].as_str().unwrap_or_default();
        secrets.split(',').map(str::to_owned).collect()
    });
    for (vector, report) in vectors.iter().zip(reports.as_array().unwrap()) {
        let name = vector["name"].as_str().unwrap();
        let status = match (&report["fault"], &report["refused"], report["signature"].as_str()) {
            (Value::String(_), _, _) | (_, _, Some("unchecked")) => "INVALID_STR",
            (_, Value::String(refused), _) => refused.as_str(),
            _ => "OK",
        };
        assert_eq!(status, expected(vector), "{name}: {report}");
        let fields = &vector["expect"]["fields"];
        if status != "OK" || !vector["required"].is_null() || fields.is_null() {
            continue;
        }
        let ks = &report["ks"];
        assert_eq!(ks["hash"], vector["expect"]["hash"], "{name}");
        for (ours, theirs) in [("userId", "userId"), ("rand", "rand")] {
            if fields[theirs].is_string() {
                assert_eq!(ks[ours], fields[theirs], "{name} {ours}");
            }
        }
        if let Some(text) = fields["privileges"].as_str() {
            assert_eq!(ks["privilegesText"], text, "{name}");
        }
        assert_eq!(ks["expiry"].to_string(), fields["expiry"].as_str().unwrap(), "{name}");
    }
}

#[test]
fn a_token_is_explained_and_nothing_is_sent() {
    let server = Server::dev();
    let mut browser = Browser::start();
    browser.open(&format!("{}/console/ks", server.url));
    let ks = server.start_ks(2, "alice", "edit:0_abc,iprestrict:203.0.113.7,mine");
    browser.fill("KS", &ks);
    browser.wait_for_text("Not checked");
    browser.wait_for_text("without the secret only its account can be read");
    browser.fill("Secret", "another secret");
    browser.wait_for_text("The secret did not make its signature.");
    browser.fill("Secret", server.told("adminSecret"));
    browser.wait_for_text("Valid");
    for text in [
        "alice",
        "ADMIN (2): administrator's session",
        "must never reach an end user",
        "May update and delete the named objects",
        "edit:0_abc",
        "Has no meaning to the server; it is carried along.",
    ] {
        browser.wait_for_text(text);
    }
    browser.eval("document.querySelector('details').open = true");
    browser.fill("Caller's address", "198.51.100.1");
    browser.wait_for_text("It may not be used from the given address");
    browser.fill("Caller's address", "203.0.113.7");
    browser.wait_for_text("The given address may.");
    browser.fill("KS", "djJ8MTAy");
    browser.wait_for_text("there is no `|` where one must be");
    let pages = |asked: &&String| asked.starts_with("http") && !asked.contains("/assets/");
    let sent: Vec<&String> = browser.requests().iter().filter(pages).collect();
    assert_eq!(sent.len(), 1, "something was sent: {sent:?}");
    browser.assert_clean(&server.url);
}

#[test]
fn the_owner_learns_why_a_request_was_refused() {
    let server = Server::dev();
    let ks = server.start_ks(0, "bob", "urirestrict:/api_v3/service/media*");
    let target = format!("/api_v3/service/user/action/get?format=1&ks={ks}");
    let refused = server.send(&Request::get(&target));
    let id = refused.header("x-kaltura-session").unwrap().to_owned();
    let mut browser = Browser::start();
    browser.open(&format!("{}/console/ks#why={}", server.url, id.replace(", ", "%2C%20")));
    assert_eq!(browser.value("textbox", "Request id"), id);
    browser.fill("Your KS", &server.admin_ks());
    browser.click("button", "Ask why");
    browser.wait_for_text("INVALID_KS");
    browser.wait_for_text("user.get");
    browser.wait_for_text("bob");
    browser.fill("Request id", "1, 2");
    browser.click("button", "Ask why");
    browser.wait_for_text("KS_REFUSAL_NOT_FOUND");
    browser.assert_clean(&server.url);
}
