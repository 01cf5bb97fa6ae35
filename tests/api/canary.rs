//! Secrets, passwords and tokens that are sent anywhere never appear in what the server says, however much it says.

use ks_tests::body::escape;
use ks_tests::call::path;
use ks_tests::canary::{Canaries, send_everywhere};
use ks_tests::http::{Request, exchange};
use ks_tests::server::{Server, ks};
use serde_json::{Value, json};

#[test]
fn what_is_secret_never_reaches_a_log() {
    let mut command = ks();
    command.env("KS_LOG", "trace").env("RUST_LOG", "trace").args(["dev", "--listen", "127.0.0.1:0", "--json"]);
    let server = Server::start(&mut command);
    let mut canaries = Canaries::default();
    send_everywhere(&server, &mut canaries);
    // Names of services and actions, and what is below the protocol.
    for place in ["service", "action"] {
        let _ =
            server.send(&Request::get(&format!("/api_v3/?service=session&action=x&{place}={}", canaries.next(place))));
    }
    let broken = format!("GET /api_v3/?ks={} HTTP/9.9\r\n\r\n", canaries.next("a broken request"));
    let _ = exchange(server.addr, broken.as_bytes(), false);

    // Real ones: what opened a session, and the session, used, refused, ended and revoked.
    let mut real: Vec<(String, String)> = Vec::new();
    let root = server.admin_ks();
    let ks = server.start_ks(2, "someone", "sessionid:x");
    let _ = server.send(&Request::get(&format!("{}?ks={}", path("session.get"), escape(&ks))));
    let _ = server.send(&Request::get(&format!("{}/ks/{}", path("session.get"), escape(&ks))));
    let _ = server.call("session.end", &json!({"ks": ks}));
    let _ = server.call("session.get", &json!({"ks": ks}));
    let _ = server.call("ks_session.revoke", &json!({"ks": root, "session": ks}));
    let added = server.good("ks_secret.add", &json!({"ks": root}));
    let _ = server.call("session.start", &json!({"secret": added["value"], "partnerId": server.partner(), "type": 2}));
    let user = json!({"secret": server.told("userSecret"), "partnerId": server.partner()});
    let _ = server.call("session.start", &user);
    for (place, value) in
        [("a started session", &json!(ks)), ("its administrator", &json!(root)), ("an added secret", &added["value"])]
    {
        real.push((place.to_owned(), value.as_str().unwrap_or_default().to_owned()));
    }

    let announced = server.info.clone();
    let said = said_besides(&server, &announced);
    assert!(said.lines().count() > 10, "nothing was logged, so nothing was looked at:\n{said}");
    for (place, canary) in canaries.all().iter().chain(&real) {
        assert!(!canary.is_empty(), "{place}");
        assert!(!said.contains(canary.as_str()), "leaked from {place}: {}", around(&said, canary));
        // Not cut or decoded either.
        let core = canary.get(..canary.len().min(40)).unwrap_or(canary);
        assert!(!said.contains(core), "leaked from {place}: {}", around(&said, core));
    }
    // What the announcement shows once, to whoever started it, is in no log line.
    for name in ["adminSecret", "userSecret", "adminPassword"] {
        if let Some(secret) = announced[name].as_str() {
            assert!(!said.contains(secret), "leaked {name}: {}", around(&said, secret));
        }
    }
}

#[test]
fn what_is_secret_never_reaches_a_metric() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let mut command = Server::serve_command(data.path());
    let server = Server::start(command.args(["--admin-listen", "127.0.0.1:0", "--rate-action", "session.start=5/h"]));
    let mut canaries = Canaries::default();
    send_everywhere(&server, &mut canaries);
    let admin = server.told("adminUrl").trim_start_matches("http://").parse().expect("an address");
    let metrics = Request::get("/metrics").send(admin).expect("an answer").text();
    assert!(metrics.contains("ks_calls_total{service=\"session\",action=\"start\""), "{metrics}");
    for (place, canary) in canaries.all() {
        assert!(!metrics.contains(canary.as_str()), "leaked from {place}: {}", around(&metrics, canary));
    }
    for name in ["adminSecret", "userSecret"] {
        assert!(!metrics.contains(server.told(name)), "{name}");
    }
}

/// A slip of ours is told in the log, but not what its message quotes; and it costs its own request alone.
#[test]
fn what_is_secret_never_reaches_the_note_of_a_panic() {
    for format in ["text", "json"] {
        let mut command = ks();
        command.env("KS_LOG", "trace").args(["dev", "--listen", "127.0.0.1:0", "--json", "--log-format", format]);
        let server = Server::start(&mut command);
        let fault = Request::post("/_dev/faults", "application/json", json!({"panics": true}).to_string());
        let told = server.send(&fault.header("X-Ks-Dev-Key", server.told("devKey")));
        assert_eq!(told.json()["faults"][0]["panics"], true, "{told:?}");
        let mut canaries = Canaries::default();
        let canary = canaries.next("the message");
        let answer = server.call("session.start", &json!({"secret": canary, "partnerId": 102}));
        assert_eq!(answer["code"], "INTERNAL_SERVERL_ERROR", "{answer}");
        assert!(!answer.to_string().contains(&canary), "{answer}");
        send_everywhere(&server, &mut canaries);
        let said = said_besides(&server, &server.info);
        let notes: Vec<&str> = said.lines().filter(|line| line.contains("what it says may quote a request")).collect();
        assert!(notes.len() > 10, "{said}");
        assert!(notes.iter().all(|note| note.contains("crates/ks-service/src/inspect/mod.rs")), "{notes:?}");
        if format == "json" {
            let lines = said.lines().map(|line| serde_json::from_str::<Value>(line).expect("an object on each line"));
            assert!(lines.filter(|line| line["level"] == "ERROR" && line["at"].is_string()).count() > 10, "{said}");
        }
        for (place, canary) in canaries.all() {
            assert!(!said.contains(canary.as_str()), "leaked from {place}: {}", around(&said, canary));
        }
    }
}

/// All that the server said after its announcement.
fn said_besides(server: &Server, announced: &Value) -> String {
    let is_announcement = |line: &&str| serde_json::from_str::<Value>(line).is_ok_and(|value| value == *announced);
    server.said().lines().filter(|line| !is_announcement(line)).collect::<Vec<_>>().join("\n")
}

fn around(said: &str, canary: &str) -> String {
    said.lines().filter(|line| line.contains(canary)).take(3).collect::<Vec<_>>().join("\n")
}
