//! The services `user` and `adminUser`.

mod crud;
mod ends;
mod list;
mod lockout;
mod login;
mod otp;
mod password;

use ks_tests::house::{Account, House};
use serde_json::{Value, json};

/// A password that nobody guesses.
const RIGHT: &str = "a long enough secret";
/// Another one.
const OTHER: &str = "another long secret";

/// Logs in by an address: a token.
#[track_caller]
fn log_in(house: &House, email: &str, password: &str) -> String {
    let answer = house.good("user.loginByLoginId", &json!({"loginId": email, "password": password}));
    answer.as_str().unwrap_or_else(|| panic!("no token: {answer}")).to_owned()
}

/// The code of what a login is refused with.
#[track_caller]
fn refused(house: &House, email: &str, password: &str) -> String {
    house.fault("user.loginByLoginId", &json!({"loginId": email, "password": password})).0
}

/// Whether a session is still good.
fn is_good(house: &House, ks: &str) -> bool {
    house.call("system.ping", &json!({ "ks": ks })) == true
}

/// Adds a user by the API.
#[track_caller]
fn add(house: &House, account: &Account, user: &Value) -> Value {
    house.good("user.add", &json!({"ks": account.admin(), "user": user}))
}
