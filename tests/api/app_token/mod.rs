//! The service `appToken`.

mod crud;
mod start_session;

use ks_tests::house::{Account, House};
use serde_json::{Value, json};

/// Adds an app token.
#[track_caller]
fn add(house: &House, account: &Account, app_token: &Value) -> Value {
    house.good("appToken.add", &json!({"ks": account.admin(), "appToken": app_token}))
}

/// A text of an answer.
#[track_caller]
fn text<'a>(answer: &'a Value, name: &str) -> &'a str {
    answer[name].as_str().unwrap_or_else(|| panic!("no text {name} in {answer}"))
}
