//! References from one call of a batch to the answer of an earlier one.

use ks_tests::server::Server;
use serde_json::{Value, json};

/// What `{1:…}` and its kind become: each text is sent as the user of a session, after these calls.
#[track_caller]
fn resolved(server: &Server, before: &[Value], text: &str) -> Value {
    let mut calls = before.to_vec();
    calls.push(json!({"service": "session", "action": "start", "secret": server.told("adminSecret"),
                      "partnerId": server.partner(), "userId": text}));
    let answers = server.multi(&calls);
    let token = &answers[before.len()];
    assert!(token.is_string(), "{text}: {answers}");
    server.good("session.get", &json!({"ks": server.admin_ks(), "session": token}))["userId"].clone()
}

#[test]
fn every_kind_of_path() {
    let server = Server::dev();
    let ks = server.admin_ks();
    let pid = server.partner();
    let info = json!({"service": "session", "action": "get", "ks": ks});
    let secrets = json!({"service": "ks_secret", "action": "list", "ks": ks});
    let ping = json!({"service": "system", "action": "ping"});
    let wrong = json!({"service": "none", "action": "x"});
    let end = json!({"service": "session", "action": "end"});
    let before = [info, secrets, ping, wrong, end];

    let list = server.good("ks_secret.list", &json!({"ks": ks}));
    let ids: Vec<i64> =
        list["objects"].as_array().expect("a list").iter().filter_map(|one| one["id"].as_i64()).collect();
    assert!(ids.len() > 1, "{list}");
    let all: String = ids.iter().map(|id| format!("{id},")).collect();

    for (text, expected) in [
        ("{1:result:userId}", "admin".to_owned()),
        ("{1:result:partnerId}", pid.to_string()),
        ("tag_{1:result:partnerId}_end", format!("tag_{pid}_end")),
        ("{2:result:totalCount}", ids.len().to_string()),
        ("{2:result:objects:0:id}", ids[0].to_string()),
        ("{2:result:objects:1:id}", ids[1].to_string()),
        // All of a list, with a comma after each.
        ("{2:result:objects:_all:id}", all),
        ("{3:result}", "1".to_owned()),
        // What is not there is empty: a property, an index, an error, nothing, an object.
        ("{1:result:none}", String::new()),
        ("{2:result:objects:99:id}", String::new()),
        ("{2:result:objects}", String::new()),
        ("{1:result}", String::new()),
        ("{4:result:id}", String::new()),
        ("{5:result}", String::new()),
        ("{5:result:x}", String::new()),
        // Two in one text are read as one that is not there.
        ("{1:result:userId},{3:result}", String::new()),
        // A call that has not been made yet, and what only looks like a reference, stay as they are.
        ("{9:result:id}", "{9:result:id}".to_owned()),
        ("{1:other}", "{1:other}".to_owned()),
        ("{x:result}", "{x:result}".to_owned()),
    ] {
        assert_eq!(resolved(&server, &before, text), expected, "{text}");
    }
}

#[test]
fn references_reach_into_objects() {
    let server = Server::dev();
    let ks = server.admin_ks();
    let widget = format!("_{}", server.partner());
    let answers = server.multi(&[
        json!({"service": "widget", "action": "get", "ks": ks, "id": widget}),
        json!({"service": "widget", "action": "list", "ks": ks,
               "filter": {"objectType": "KalturaWidgetFilter", "idEqual": "{1:result:id}"}}),
    ]);
    assert_eq!(answers[1]["objects"][0]["id"], widget, "{answers}");
}

#[test]
fn a_session_that_failed_leaves_the_next_call_without_one() {
    let server = Server::dev();
    let answers = server.multi(&[
        json!({"service": "session", "action": "start", "secret": "wrong", "partnerId": server.partner()}),
        json!({"service": "session", "action": "get", "ks": "{1:result}", "partnerId": server.partner()}),
    ]);
    assert_eq!(ks_tests::call::fault(&answers[0]).0, "START_SESSION_ERROR");
    assert_eq!(ks_tests::call::fault(&answers[1]).0, "SERVICE_FORBIDDEN");
}

#[test]
fn outside_of_a_batch_a_reference_is_a_text() {
    let server = Server::dev();
    let ks = server.start_ks(2, "{1:result:id}", "");
    assert_eq!(server.good("session.get", &json!({"ks": ks}))["userId"], "{1:result:id}");
}
