//! Starting and stopping: `ks dev` and `ks serve`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ks_tests::http::Request;
use ks_tests::server::{Server, ks, run, run_command};
use serde_json::json;

const PING: &str = "/api_v3/service/system/action/ping?format=1";

#[test]
fn dev_is_for_this_machine_alone() {
    for listen in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let refused = run(&["dev", "--listen", listen]);
        assert!(!refused.status.success(), "{listen}: {}", refused.out);
        assert!(!refused.err.is_empty());
    }
    // A page elsewhere that gives its name this machine's address cannot reach it by that name.
    let server = Server::dev();
    for host in ["example.com", "127.0.0.1.example.com", "localhost.example.com"] {
        let response = server.send(&Request::get(PING).header("Host", host));
        assert!((400..500).contains(&response.status), "{host}: {response:?}");
        assert!(!response.text().contains("true"), "{host}: {response:?}");
    }
    let port = server.addr.port();
    for host in [format!("127.0.0.1:{port}"), format!("localhost:{port}"), "localhost".to_owned()] {
        assert_eq!(server.send(&Request::get(PING).header("Host", &host)).status, 200, "{host}");
    }
}

/// A thread has 2 MiB. Without optimisation, frames are far larger than in a release.
#[test]
fn calls_need_no_more_than_half_of_the_stack_of_a_thread() {
    let dev = ["dev", "--listen", "127.0.0.1:0", "--json"];
    let server = Server::start(ks().args(dev).env("RUST_MIN_STACK", (1 << 20).to_string()));
    let ks = server.admin_ks();
    let _ = server.good("user.list", &json!({"ks": ks}));
    let _ = server.good("baseEntry.list", &json!({"ks": ks}));
    let part = json!({"service": "category", "action": "list"});
    let _ = server.good("multirequest", &json!({"ks": ks, "1": part, "2": part}));
}

#[test]
fn dev_starts_anew_every_time_and_with_the_same_secrets() {
    let first = Server::dev();
    let second = Server::dev();
    assert_eq!(first.partner(), 102);
    for name in ["adminSecret", "userSecret"] {
        assert_eq!(first.told(name), second.told(name));
    }
    let ks = first.admin_ks();
    let _ = first.good("session.end", &json!({"ks": ks}));
    // Nothing is kept or shared.
    assert_eq!(second.good("session.get", &json!({"ks": ks}))["userId"], "admin");
}

#[test]
fn the_first_start_makes_an_account_and_tells_it_once() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let mut server = Server::serve(data.path());
    for name in ["adminSecret", "userSecret", "adminEmail", "adminPassword"] {
        assert!(server.told(name).len() > 5, "{name}");
    }
    let ks = server.admin_ks();
    let ended = server.start_ks(2, "ended", "");
    let _ = server.good("session.end", &json!({"ks": ended}));
    assert!(server.terminate().success(), "{}", server.said());

    let again = Server::serve(data.path());
    assert!(again.info.get("adminSecret").is_none() && again.info.get("adminPassword").is_none(), "{}", again.info);
    assert_eq!(again.good("session.get", &json!({"ks": ks}))["userId"], "admin");
    assert_eq!(again.fault("session.get", &json!({"ks": ended})), ks_tests::call::refused("LOGOUT"));
}

#[test]
fn secrets_are_not_in_the_database_as_they_are() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let mut server = Server::serve(data.path());
    let ks = server.admin_ks();
    let _ = server.good("session.end", &json!({"ks": ks}));
    assert!(server.terminate().success());
    let mut seen = 0;
    for entry in std::fs::read_dir(data.path()).expect("a folder").flatten() {
        let bytes = std::fs::read(entry.path()).unwrap_or_default();
        seen += bytes.len();
        for (name, secret) in [
            ("adminSecret", server.told("adminSecret")),
            ("userSecret", server.told("userSecret")),
            ("adminPassword", server.told("adminPassword")),
            ("a token", ks.as_str()),
        ] {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{name} in {}", entry.path().display());
        }
    }
    assert!(seen > 4096, "there is a database");
}

#[test]
fn a_busy_port_is_one_clear_line() {
    let server = Server::dev();
    let data = tempfile::tempdir().expect("a temporary folder");
    let listen = server.addr.to_string();
    let refused = run_command(ks().args(["serve", "--listen", &listen, "--data-dir"]).arg(data.path()));
    assert!(!refused.status.success());
    let told: Vec<&str> = refused.err.lines().filter(|line| line.contains(&listen)).collect();
    assert_eq!(told.len(), 1, "{}", refused.err);
    assert!(!refused.err.contains("panicked"), "{}", refused.err);
}

#[test]
fn what_is_being_answered_is_answered_to_the_end() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let mut server = Server::serve(data.path());
    let ks = server.admin_ks();
    let addr = server.addr;
    let answered = Arc::new(AtomicUsize::new(0));
    let calls: Vec<_> = (0..8)
        .map(|_| {
            let (ks, answered) = (ks.clone(), Arc::clone(&answered));
            std::thread::spawn(move || {
                let body = json!({"ks": ks, "format": 1}).to_string();
                let call = Request::post("/api_v3/service/session/action/get", "application/json", body);
                // Until nobody listens any more; each answer that begins is whole.
                loop {
                    match call.send(addr) {
                        Ok(response) => assert_eq!(response.json()["userId"], "admin", "{response:?}"),
                        Err(error) if error.to_string().contains("HTTP/1.1") => panic!("half an answer: {error}"),
                        Err(_) => break,
                    }
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    ks_tests::account::eventually("all are at it", || answered.load(Ordering::Relaxed) > 100);
    assert!(server.terminate().success());
    calls.into_iter().for_each(|call| call.join().expect("whole answers"));
}
