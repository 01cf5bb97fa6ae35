//! Privileges, roles and settings at work: tokens are minted here as clients mint them (token format, sections 2 to 5).

mod actions_limit;
mod group;
mod restrict;
mod roles;
mod secrets;
mod who;

use ks_tests::call::{fault, refused};
use ks_tests::house::{Account, House, error, request};
use serde_json::{Value, json};

/// Uses a session once, with a call that any session may make: what it is told, `None` for yes.
#[track_caller]
fn used(house: &House, ks: &str) -> Option<(String, Value)> {
    told(&house.call("system.ping", &json!({"ks": ks})))
}

/// The error in an answer, if it is one.
#[track_caller]
fn told(answer: &Value) -> Option<(String, Value)> {
    (answer["objectType"] == "KalturaAPIException").then(|| fault(answer))
}

/// A session that may be used.
#[track_caller]
fn good(house: &House, ks: &str) {
    assert_eq!(used(house, ks), None);
}

/// A session that is refused for this reason.
#[track_caller]
fn bad(house: &House, ks: &str, reason: &str) {
    assert_eq!(used(house, ks), Some(refused(reason)));
}

/// A session that the server starts.
#[track_caller]
fn start(house: &House, account: &Account, secret: &str, kind: i32, privileges: &str) -> String {
    let params = json!({"secret": secret, "partnerId": account.id, "type": kind, "privileges": privileges,
                        "userId": "somebody", "expiry": 3600});
    house.good("session.start", &params).as_str().expect("a token").to_owned()
}

/// What a session says.
#[track_caller]
fn described(house: &House, account: &Account, ks: &str) -> Value {
    house.good("session.get", &json!({"ks": account.admin(), "session": ks}))
}
