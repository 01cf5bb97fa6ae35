//! `/_dev/` of `ks dev`: who may ask, and what is done. What `ks-testing` does in a process is tested there.

use ks_tests::http::{Request, Response};
use ks_tests::server::Server;
use serde_json::{Value, json};

/// A question, with the key.
fn request(server: &Server, method: &str, path: &str, body: &str) -> Request {
    Request::post(path, "application/json", body).method(method).header("X-Ks-Dev-Key", server.told("devKey"))
}

fn send(server: &Server, request: &Request) -> Response {
    request.send(server.addr).expect("an answer")
}

/// Asks, and expects to be answered.
#[track_caller]
fn ask(server: &Server, method: &str, path: &str, body: &Value) -> Value {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let answer = send(server, &request(server, method, path, &body));
    assert_eq!(answer.status, 200, "{method} {path}: {}", answer.text());
    answer.json()
}

#[track_caller]
fn refused(server: &Server, method: &str, path: &str, body: &str) -> (u16, String) {
    let answer = send(server, &request(server, method, path, body));
    (answer.status, answer.json()["error"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn only_who_has_the_key_and_no_page_of_another_origin_gets_in() {
    let server = Server::dev();
    let own = format!("http://{}", server.addr);
    let good = || request(&server, "GET", "/_dev/", "");
    assert_eq!(send(&server, &good()).status, 200);
    assert_eq!(send(&server, &good().header("Origin", &own)).status, 200);
    for (asked, status) in [
        (Request::get("/_dev/"), 401),
        (Request::get("/_dev/").header("X-Ks-Dev-Key", "wrong"), 401),
        (Request::get("/_dev/reset").method("OPTIONS").header("Origin", "http://evil.example"), 403),
        (good().header("Origin", "http://evil.example"), 403),
        (good().header("Origin", "null"), 403),
        (good().header("Origin", "http://localhost:1"), 403),
        (good().header("Sec-Fetch-Site", "cross-site"), 403),
        (good().header("Host", "evil.example"), 403),
        (good().header("Host", "127.0.0.1.evil.example:80"), 403),
        (request(&server, "OPTIONS", "/_dev/reset", ""), 405),
        (request(&server, "DELETE", "/_dev/clock", ""), 405),
        (request(&server, "GET", "/_dev/nothing", ""), 404),
    ] {
        let answer = send(&server, &asked);
        assert_eq!(answer.status, status, "{asked:?}");
        let cors: Vec<_> =
            answer.headers.iter().filter(|(name, _)| name.to_lowercase().contains("access-control")).collect();
        assert!(cors.is_empty(), "{cors:?}");
    }
    let other = Server::dev();
    assert_ne!(server.told("devKey"), other.told("devKey"), "each start has a key of its own");
    assert_eq!(send(&other, &good()).status, 401);
}

#[test]
fn it_is_absent_from_a_server_for_others() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::serve(data.path());
    for path in ["/_dev/", "/_dev/reset", "/_dev/clock"] {
        let asked = Request::post(path, "application/json", "").header("X-Ks-Dev-Key", "x");
        assert_eq!(asked.send(server.addr).unwrap().status, 404, "{path}");
    }
}

#[test]
fn time_moves_when_asked() {
    let server = Server::dev();
    let ks = server.admin_ks();
    let ping = || server.call("user.list", &json!({ "ks": ks }));
    assert_eq!(ping()["objectType"], "KalturaUserListResponse");
    let before = ask(&server, "GET", "/_dev/clock", &Value::Null);
    assert_eq!(before["frozen"], false);
    let moved = ask(&server, "POST", "/_dev/clock", &json!({ "advance": 200_000 }));
    assert!(moved["now"].as_i64().unwrap() >= before["now"].as_i64().unwrap() + 200_000);
    assert_eq!(ping()["args"]["KSID"], "EXPIRED", "{}", ping());
    let set = ask(&server, "POST", "/_dev/clock", &json!({ "set": 1_900_000_000, "freeze": true }));
    assert_eq!(set, json!({ "now": 1_900_000_000, "frozen": true }));
    for (body, fault) in [
        ("{}", "expected set, advance or freeze"),
        (r#"{"set": 1, "advance": 1}"#, "exclude each other"),
        (r#"{"advanse": 1}"#, "unknown field `advanse`"),
        ("[", "EOF"),
    ] {
        let (status, told) = refused(&server, "POST", "/_dev/clock", body);
        assert!(status == 400 && told.contains(fault), "{status} {told}");
    }
    ask(&server, "POST", "/_dev/reset", &Value::Null);
    assert_eq!(ping()["objectType"], "KalturaUserListResponse");
}

#[test]
fn worlds_are_planted_saved_and_loaded() {
    let server = Server::dev();
    let users = || server.call("user.list", &json!({ "ks": server.admin_ks() }))["totalCount"].clone();
    let world = "accounts:\n  - id: 102\n    users:\n      - id: ann\n      - id: bob\n";
    let planted = send(&server, &request(&server, "POST", "/_dev/seed", world)).json();
    assert_eq!(planted["users"], json!({ "made": 2, "kept": 0 }), "{planted}");
    assert_eq!(users(), 3);
    assert_eq!(ask(&server, "PUT", "/_dev/snapshots/three", &Value::Null), json!({ "saved": "three" }));
    ask(&server, "POST", "/_dev/reset", &Value::Null);
    assert_eq!(users(), 1);
    assert_eq!(ask(&server, "POST", "/_dev/snapshots/three", &Value::Null), json!({ "loaded": "three" }));
    assert_eq!(users(), 3);
    assert_eq!(ask(&server, "GET", "/_dev/snapshots", &Value::Null), json!({ "snapshots": ["three"] }));
    ask(&server, "DELETE", "/_dev/snapshots/three", &Value::Null);
    assert_eq!(refused(&server, "POST", "/_dev/snapshots/three", "").0, 404);
    let (status, told) = refused(&server, "POST", "/_dev/seed", "accounts:\n  - id: 102\n    usres: []\n");
    assert_eq!((status, told.as_str()), (400, "line 3: unknown key `usres`: did you mean `users`?"));
}

#[test]
fn calls_are_found_again_and_hold_no_secret() {
    let server = Server::dev();
    let secret = server.told("adminSecret");
    let ks = server.call("session.start", &json!({ "secret": secret, "partnerId": 102, "type": 2, "userId": "me" }));
    let _ = server.call("user.get", &json!({ "ks": ks, "userId": "nobody" }));
    let _ = server.call(
        "multirequest",
        &json!({
            "ks": ks,
            "1": { "service": "user", "action": "list" },
            "2": { "service": "user", "action": "add", "user": { "id": "x", "password": "canary-password" } },
        }),
    );
    let found = ask(&server, "GET", "/_dev/requests?service=user", &Value::Null);
    let told: Vec<_> =
        found["requests"].as_array().unwrap().iter().map(|it| (it["action"].clone(), it["code"].clone())).collect();
    assert_eq!(
        told,
        [
            (json!("get"), json!("INVALID_USER_ID")),
            (json!("list"), json!("OK")),
            (json!("add"), json!("INVALID_FIELD_VALUE"))
        ]
    );
    let all = ask(&server, "GET", "/_dev/requests", &Value::Null);
    assert_eq!(all["count"], 4);
    let text = all.to_string();
    assert!(!text.contains(secret) && !text.contains("canary") && !text.contains(ks.as_str().unwrap()), "{text}");
    assert_eq!(all["requests"][0]["params"]["secret"], "***");
    assert_eq!((&all["requests"][1]["userId"], &all["requests"][1]["partnerId"]), (&json!("me"), &json!(102)));
    let one = ask(
        &server,
        "GET",
        "/_dev/requests?call=user.add&code=invalid_field_value&partnerId=102&limit=1",
        &Value::Null,
    );
    assert_eq!(one["count"], 1);
    let id = &one["requests"][0]["requestId"];
    let id = ks_tests::body::escape(id.as_str().unwrap());
    assert_eq!(ask(&server, "GET", &format!("/_dev/requests?requestId={id}"), &Value::Null)["count"], 2);
    let (status, told) = refused(&server, "GET", "/_dev/requests?servise=x", "");
    assert_eq!((status, told.as_str()), (400, "unknown name \"servise\": did you mean \"service\"?"));
    ask(&server, "DELETE", "/_dev/requests", &Value::Null);
    assert_eq!(ask(&server, "GET", "/_dev/", &Value::Null)["requests"], json!({ "count": 0, "dropped": 0 }));
}

#[test]
fn slips_faults_and_mails() {
    let server = Server::dev();
    let ks = server.admin_ks();
    ask(&server, "POST", "/_dev/strict", &json!({ "strict": true }));
    let refusal = server.call("user.list", &json!({ "ks": ks, "filtre": {} }));
    assert_eq!(refusal["code"], "KS_UNKNOWN_PARAMETER");
    assert_eq!(refusal["args"], json!({ "PARAM_NAME": "filtre", "MEANT": "filter" }));
    let nested = json!({ "ks": ks, "filter": { "objectType": "KalturaUserFilter", "idEquals": "x" } });
    assert_eq!(server.call("user.list", &nested)["args"]["PARAM_NAME"], "filter:idEquals");
    ask(&server, "POST", "/_dev/strict", &json!({ "strict": false }));
    assert_eq!(server.call("user.list", &nested)["totalCount"], 1);

    let fault = json!({ "service": "user", "action": "list", "code": "INTERNAL_DATABASE_ERROR", "times": 1 });
    assert_eq!(ask(&server, "POST", "/_dev/faults", &fault)["faults"][0]["times"], 1);
    let listed = || server.call("user.list", &json!({ "ks": ks }))["code"].clone();
    assert_eq!((listed(), listed()), (json!("INTERNAL_DATABASE_ERROR"), Value::Null));
    let (_, told) = refused(&server, "POST", "/_dev/faults", r#"{"code": "INTERNAL_DATABASE_EROR"}"#);
    assert_eq!(told, "unknown code \"INTERNAL_DATABASE_EROR\": did you mean \"INTERNAL_DATABASE_ERROR\"?");
    assert_eq!(ask(&server, "DELETE", "/_dev/faults", &Value::Null), json!({ "faults": [] }));

    let _ = server.call("user.resetPassword", &json!({ "email": "dev@example.invalid" }));
    let mails = ask(&server, "GET", "/_dev/mails", &Value::Null);
    assert_eq!(mails["mails"][0]["to"], "dev@example.invalid", "{mails}");
    assert_eq!(ask(&server, "DELETE", "/_dev/mails", &Value::Null), json!({ "cleared": true }));
    assert_eq!(ask(&server, "GET", "/_dev/", &Value::Null)["mails"], 0);
}
