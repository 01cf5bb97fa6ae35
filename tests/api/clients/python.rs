//! The published Python client, unmodified.

use ks_tests::programs::{feed, python, script};
use ks_tests::server::Server;
use serde_json::{Value, json};

#[test]
fn the_python_client_starts_uses_and_ends_sessions() {
    let server = Server::dev();
    let seen = feed(&mut script(python(), "python/drive.py", &server), b"").json();
    let partner = server.partner();

    assert_eq!(seen["ping"], true);
    assert!(seen["time"].as_i64().is_some_and(|time| time > 1_700_000_000), "{}", seen["time"]);
    assert!(seen["start"].as_str().is_some_and(|token| token.starts_with("djJ8")), "{}", seen["start"]);

    let expected = json!({"class": "KalturaSessionInfo", "partnerId": partner, "userId": "alice", "sessionType": 2,
                          "privileges": "edit:0_abc,list:*"});
    assert_info(&seen["get"], &expected);
    assert_info(&seen["get by token"], &expected);
    // Void is an empty element.
    assert!(["None", "''"].contains(&seen["end"].as_str().unwrap_or_default()), "{}", seen["end"]);
    let logout = json!({"code": "INVALID_KS", "message": "Invalid KS \"LOGOUT\", Error \"-1,INVALID_STR\""});
    assert_eq!(seen["after end"], logout);

    assert_info(
        &seen["user start"],
        &json!({"class": "KalturaSessionInfo", "partnerId": partner, "userId": "bob", "sessionType": 0,
                "privileges": ""}),
    );
    let message = format!("Error while starting session for partner [{partner}]");
    assert_eq!(seen["wrong secret"], json!({"code": "START_SESSION_ERROR", "message": message}));
    let message = "Invalid KS \"nonsense\", Error \"-1,INVALID_STR\"";
    assert_eq!(seen["broken ks"], json!({"code": "INVALID_KS", "message": message}));

    let mut user = json!({"class": "KalturaSessionInfo", "partnerId": partner, "userId": "multi", "sessionType": 2,
                          "privileges": ""});
    assert_eq!(seen["multi"]["count"], 3);
    assert_info(&seen["multi"]["second"], &user);
    user["sessionType"] = json!(0);
    assert_info(&seen["multi"]["third"], &user);
    // The client leaves scalars of a batch as text.
    assert_eq!(seen["mixed"], json!(["'1'", "START_SESSION_ERROR", "'1'"]));

    for version in ["version 1", "version 2"] {
        assert_info(
            &seen[version]["info"],
            &json!({"class": "KalturaSessionInfo", "partnerId": partner, "userId": "local user & co",
                    "sessionType": 2, "privileges": "edit:0_abc,list:*"}),
        );
        assert_eq!(seen[version]["after end"], logout, "{version}");
    }
}

/// Compares all but the expiry, which must be a time to come.
#[track_caller]
fn assert_info(actual: &Value, expected: &Value) {
    let mut rest = actual.clone();
    let expiry = rest.as_object_mut().and_then(|object| object.remove("expiry"));
    assert!(expiry.and_then(|time| time.as_i64()).is_some_and(|time| time > 1_700_000_000), "{actual}");
    assert_eq!(&rest, expected);
}
