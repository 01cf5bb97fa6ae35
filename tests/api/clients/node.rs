//! The published Node client, unmodified.

use ks_tests::programs::{feed, node, script};
use ks_tests::server::Server;
use serde_json::{Value, json};

#[test]
fn the_node_client_starts_uses_and_ends_sessions() {
    let server = Server::dev();
    let seen = feed(&mut script(node(), "node/drive.js", &server), b"").json();
    let partner = server.partner();

    assert_eq!(seen["ping"], true);
    assert!(seen["time"].as_i64().is_some_and(|time| time > 1_700_000_000), "{}", seen["time"]);
    assert!(seen["start"].as_str().is_some_and(|token| token.starts_with("djJ8")), "{}", seen["start"]);
    assert_info(&seen["get"], &info(partner, "alice", 2, "edit:0_abc,list:*"));
    assert_eq!(seen["end"], Value::Null);
    assert_eq!(
        seen["afterEnd"],
        json!({"code": "INVALID_KS", "message": "Invalid KS \"LOGOUT\", Error \"-1,INVALID_STR\"",
               "objectType": "KalturaAPIException",
               "args": {"KSID": "LOGOUT", "ERR_CODE": "-1", "ERR_DESC": "INVALID_STR"}})
    );
    let wrong = json!({"code": "START_SESSION_ERROR",
                       "message": format!("Error while starting session for partner [{partner}]"),
                       "objectType": "KalturaAPIException", "args": {"PID": partner.to_string()}});
    assert_eq!(seen["wrongSecret"], wrong);
    assert_eq!(
        seen["brokenKs"],
        json!({"code": "INVALID_KS", "message": "Invalid KS \"nonsense\", Error \"-1,INVALID_STR\"",
               "objectType": "KalturaAPIException",
               "args": {"KSID": "nonsense", "ERR_CODE": "-1", "ERR_DESC": "INVALID_STR"}})
    );
    assert_eq!(seen["multi"]["count"], 3);
    assert_info(&seen["multi"]["second"], &info(partner, "multi", 2, ""));
    assert_info(&seen["multi"]["third"], &info(partner, "multi", 0, ""));
    assert_eq!(seen["mixed"], json!([true, wrong, true]));
    assert_eq!(seen["none"], json!([]));
}

fn info(partner: i64, user: &str, kind: i64, privileges: &str) -> Value {
    json!({"sessionType": kind, "partnerId": partner, "userId": user, "privileges": privileges,
           "objectType": "KalturaSessionInfo"})
}

/// Compares all but the expiry, which must be a time to come.
#[track_caller]
fn assert_info(actual: &Value, expected: &Value) {
    let mut rest = actual.clone();
    let expiry = rest.as_object_mut().and_then(|object| object.remove("expiry"));
    assert!(expiry.and_then(|time| time.as_i64()).is_some_and(|time| time > 1_700_000_000), "{actual}");
    assert_eq!(&rest, expected);
}
