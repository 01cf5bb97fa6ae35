//! The guided workflows, each walked to its end in a browser against a real server.

use ks_tests::browser::Browser;
use ks_tests::server::Server;
use serde_json::{Value, json};

use super::developer::go;

fn open(server: &Server, name: &str) -> Browser {
    let mut browser = Browser::start();
    go(&mut browser, &server.url, &format!("workflows/{name}"));
    browser.fill("secret: string", server.told("adminSecret"));
    browser.fill("partnerId: integer", &server.partner().to_string());
    browser
}

/// Runs a step, and waits until it is done; the answer as it is shown.
#[track_caller]
fn run(browser: &mut Browser, step: usize) -> String {
    browser.click("button", &format!("Run step {step}"));
    browser.wait_for(&format!("document.querySelector('#step-{step}').classList.contains('done')"));
    shown(browser, step)
}

fn shown(browser: &mut Browser, step: usize) -> String {
    let lines =
        format!("[...document.querySelectorAll('#step-{step} .lines li')].map((it) => it.textContent).join('\\n')");
    browser.eval(&lines).as_str().unwrap_or_default().to_owned()
}

#[track_caller]
fn run_json(browser: &mut Browser, step: usize) -> Value {
    let text = run(browser, step);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("step {step}: {error} in {text}"))
}

/// Types into a field of one step: several steps have fields of one name.
fn fill(browser: &mut Browser, step: usize, name: &str, text: &str) {
    browser.eval(&format!(
        "(() => {{ const input = document.querySelector('#step-{step} [data-name={name}] input');
                   input.value = {text:?}; input.dispatchEvent(new Event('input', {{ bubbles: true }})); }})()"
    ));
}

/// Nothing secret was kept, and nothing secret stands in an address.
fn leaves_no_trace(browser: &mut Browser, server: &Server) {
    let kept =
        browser.eval("JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href])");
    let kept = kept.as_str().unwrap_or_default().to_owned() + &browser.requests().join("\n");
    for secret in [server.told("adminSecret"), server.told("adminPassword"), "djJ8"] {
        assert!(!kept.contains(secret), "{kept}");
    }
    browser.assert_clean(&server.url);
}

#[test]
fn a_session_is_started_in_three_ways() {
    let server = Server::dev();
    let mut browser = open(&server, "authentication");
    let waiting = browser.eval("document.querySelector('#step-2 [type=submit]').disabled");
    assert_eq!(waiting, true, "a step waits for those that it takes values from");
    assert!(run(&mut browser, 1).starts_with("djJ8"));
    let info = run_json(&mut browser, 2);
    assert_eq!(info["partnerId"], server.partner());
    // Code for a step has what earlier steps gave it, and no secret.
    browser.eval("document.querySelector('#step-2 .code button').click()");
    browser
        .wait_for("document.querySelector('#step-2 .code pre')?.textContent.includes(\"$client->setKs('YOUR_KS')\")");
    assert_eq!((&info["userId"], &info["sessionType"]), (&json!("me"), &json!(2)));

    fill(&mut browser, 3, "loginId", server.told("adminEmail"));
    fill(&mut browser, 3, "password", "not theirs at all");
    browser.click("button", "Run step 3");
    browser.wait_for_text("USER_WRONG_PASSWORD");
    browser.wait_for_text("The next steps need another answer");
    assert_eq!(browser.eval("document.querySelector('#step-4 [type=submit]').disabled"), true);
    fill(&mut browser, 3, "password", server.told("adminPassword"));
    assert!(run(&mut browser, 3).starts_with("djJ8"));
    assert_eq!(run_json(&mut browser, 4)["objects"][0]["id"], server.partner());
    let chosen = "document.querySelector('#step-5 [data-name=partnerId] input').value";
    assert_eq!(browser.eval(chosen), server.partner().to_string());
    assert!(run(&mut browser, 5).starts_with("djJ8"));

    // Made in the browser, with what could go wrong in it: signs that must be escaped, and every kind of privilege.
    fill(&mut browser, 6, "userId", "Ünï & me+you=1%");
    fill(&mut browser, 6, "privileges", "edit:0_a/0_b, *,note:a=b&c");
    let calls = browser.requests().len();
    let minted = run(&mut browser, 6);
    assert_eq!(browser.requests().len(), calls, "something was sent");
    let info = run_json(&mut browser, 7);
    assert_eq!((&info["userId"], &info["sessionType"]), (&json!("Ünï & me+you=1%"), &json!(2)));
    assert_eq!(info["privileges"], "edit:0_a/0_b,all:*,note:a=b&c");
    let seen = server.good("session.get", &json!({ "ks": server.admin_ks(), "session": minted }));
    assert_eq!(seen["userId"], info["userId"]);

    let _ = run(&mut browser, 8);
    assert_eq!(run_json(&mut browser, 9)["code"], "INVALID_KS");
    assert!(browser.has("link", "What a KS is, and why one is refused"));
    browser.screenshot("workflow-authentication-end", true);
    leaves_no_trace(&mut browser, &server);
}

#[test]
fn an_app_token_is_made_used_and_taken_back() {
    let server = Server::dev();
    let mut browser = open(&server, "app_tokens");
    assert!(run(&mut browser, 1).starts_with("djJ8"));
    let token = run_json(&mut browser, 2);
    assert_eq!((&token["hashType"], &token["sessionUserId"]), (&json!("SHA256"), &json!("visitor")));
    let widget = run_json(&mut browser, 3);
    // The hash is what Python makes of the same texts.
    let text = format!("{}{}", widget["ks"].as_str().unwrap(), token["token"].as_str().unwrap());
    const HASH: &str = "import sys, hashlib; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())";
    let python = ks_tests::programs::feed(ks_tests::programs::python().args(["-c", HASH]), text.as_bytes());
    assert_eq!(run(&mut browser, 4), python.good().trim());
    let started = run_json(&mut browser, 5);
    let info = run_json(&mut browser, 6);
    assert_eq!((&info["userId"], &info["sessionType"]), (&json!("visitor"), &json!(0)));
    let privileges = info["privileges"].as_str().unwrap();
    assert!(privileges.contains("edit:*") && privileges.contains("apptoken:"), "{privileges}");
    let ks = started["ks"].clone();
    let _ = server.good("category.list", &json!({ "ks": ks }));
    let _ = run(&mut browser, 7);
    assert_eq!(server.fault("category.list", &json!({ "ks": ks })).0, "INVALID_KS");
    assert_eq!(run_json(&mut browser, 8)["code"], "APP_TOKEN_ID_NOT_FOUND");
    browser.wait_for_text("That was the last step.");
    browser.screenshot("workflow-app-tokens-end", true);
    leaves_no_trace(&mut browser, &server);
}

#[test]
fn a_hidden_category_is_seen_after_each_of_two_cures() {
    let server = Server::dev();
    let mut browser = open(&server, "entitlement");
    let _ = run(&mut browser, 1);
    let id = run_json(&mut browser, 2)["id"].clone();
    let _ = run(&mut browser, 3);
    let hidden = run_json(&mut browser, 4);
    assert_eq!((&hidden["code"], &hidden["args"]["ID"]), (&json!("CATEGORY_NOT_FOUND"), &json!(id.to_string())));
    let _ = run(&mut browser, 5);
    assert_eq!(run_json(&mut browser, 6)["id"], id);
    assert_eq!(run_json(&mut browser, 7)["userId"], "visitor");
    let _ = run(&mut browser, 8);
    let seen = run_json(&mut browser, 9);
    assert_eq!((&seen["id"], &seen["privacyContexts"]), (&id, &json!("lectures")));
    let _ = run(&mut browser, 10);
    let gone = server.fault("category.get", &json!({ "ks": server.admin_ks(), "id": id }));
    assert_eq!(gone.0, "CATEGORY_NOT_FOUND");
    browser.screenshot("workflow-entitlement-end", true);
    leaves_no_trace(&mut browser, &server);
}

#[test]
fn a_workflow_is_readable_without_a_script_and_a_foreign_name_is_none() {
    let server = Server::dev();
    let html = server.send(&ks_tests::http::Request::get("/api-docs/workflows/entitlement")).text();
    assert_eq!(html.matches("class=\"card step\"").count(), 10);
    assert!(html.contains("Hidden and missing are one answer") || html.contains("This call is to fail"));
    let missing = server.send(&ks_tests::http::Request::get("/api-docs/workflows/nothing"));
    assert_eq!(missing.status, 404);
}
