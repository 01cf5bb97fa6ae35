//! Why a request was refused: `ks_session.why` and `ks why`, without secrets.

use ks_tests::account::{Account, eventually};
use ks_tests::call::path;
use ks_tests::http::Request;
use ks_tests::server::{Server, run};
use serde_json::{Value, json};

/// The request id of a refused call.
#[track_caller]
fn refuse(server: &Server, name: &str, params: &Value, code: &str) -> String {
    let mut params = params.clone();
    params["format"] = json!(1);
    let response = server.send(&Request::post(&path(name), "application/json", params.to_string()));
    assert_eq!(ks_tests::call::fault(&response.json()).0, code, "{name}");
    response.header("X-Kaltura-Session").unwrap_or_default().to_owned()
}

#[test]
fn the_owner_of_the_account_learns_which_check_refused() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let server = Server::serve(data.path());
    let root = server.admin_ks();
    let ended = server.start_ks(2, "ended", "");
    let _ = server.good("session.end", &json!({"ks": ended}));
    let elsewhere = server.start_ks(2, "elsewhere", "iprestrict:10.0.0.1");
    let user = server.start_ks(0, "bob", "");
    let pid = server.partner();
    let cases = [
        (refuse(&server, "session.get", &json!({"ks": ended}), "INVALID_KS"), "INVALID_KS", "ended"),
        (refuse(&server, "session.get", &json!({"ks": elsewhere}), "INVALID_KS"), "INVALID_KS", "elsewhere"),
        (refuse(&server, "session.get", &json!({"ks": user}), "SERVICE_FORBIDDEN"), "SERVICE_FORBIDDEN", "bob"),
        (
            refuse(
                &server,
                "session.start",
                &json!({"secret": "wrong-secret", "partnerId": pid}),
                "START_SESSION_ERROR",
            ),
            "START_SESSION_ERROR",
            "",
        ),
    ];
    let mut checks = Vec::new();
    for (id, code, name) in &cases {
        let told = server.good("ks_session.why", &json!({"ks": root, "requestId": id}));
        assert_eq!(told["objectType"], "KalturaKsRefusal");
        assert_eq!(told["requestId"], *id);
        assert_eq!(told["code"], *code, "{told}");
        assert_eq!(told["service"], "session", "{told}");
        if !name.is_empty() {
            assert_eq!(told["userId"], *name, "{told}");
        }
        assert!(told["explanation"].as_str().is_some_and(|text| text.len() > 10), "{told}");
        let text = told.to_string();
        for secret in [&ended, &elsewhere, &user, "wrong-secret", server.told("adminSecret")] {
            assert!(!text.contains(secret), "{text}");
        }
        checks.push(told["check"].as_str().unwrap_or_else(|| panic!("no check in {told}")).to_owned());

        // The command line, on the same database, which the server writes refusals to a moment later.
        let folder = data.path().to_string_lossy();
        let mut shown = String::new();
        eventually("the refusal is in the database", || {
            let output = run(&["why", id, "--data-dir", &folder, "--json"]);
            shown = output.out;
            output.status.success()
        });
        assert!(shown.contains(code), "{shown}");
        assert!(!shown.contains(ended.as_str()) && !shown.contains("wrong-secret"), "{shown}");
    }
    checks.sort();
    checks.dedup();
    assert_eq!(checks.len(), cases.len(), "each was refused by another check: {checks:?}");
}

#[test]
fn nobody_else_learns_of_it() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let server = Server::serve(data.path());
    let other = Account::create(data.path(), 4242).start(&server, 2, "");
    let user = server.start_ks(0, "bob", "");
    let id = refuse(&server, "session.get", &json!({"ks": user}), "SERVICE_FORBIDDEN");
    let unknown = ("KS_REFUSAL_NOT_FOUND".to_owned(), json!({"REQUEST_ID": id}));
    assert_eq!(server.fault("ks_session.why", &json!({"ks": other, "requestId": id})), unknown);
    let forbidden = ("SERVICE_FORBIDDEN".to_owned(), json!({"SERVICE": "ks_session->why"}));
    assert_eq!(server.fault("ks_session.why", &json!({"ks": user, "requestId": id})), forbidden);
    assert_eq!(server.fault("ks_session.why", &json!({"partnerId": server.partner(), "requestId": id})), forbidden);
    // A request that was not refused, and one that never was.
    for id in ["1, 1700000000", "", "x"] {
        let answer = server.fault("ks_session.why", &json!({"ks": server.admin_ks(), "requestId": id}));
        assert_eq!(answer.0, "KS_REFUSAL_NOT_FOUND");
    }
}
