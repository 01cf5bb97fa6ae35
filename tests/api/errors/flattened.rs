//! What clients do not get to see: `user.loginByLoginId` makes almost every error a wrong password, and
//! `user.resetPassword` makes every error nothing.

use ks_store::PartnerStatus;
use ks_tests::call::path;
use ks_tests::house::{House, request};
use ks_tests::http::Request;
use serde_json::{Value, json};

const RIGHT: &str = "a long enough secret";

/// A login by address, and the code that the same cause has where nothing is hidden.
struct Cause {
    what: &'static str,
    login: Value,
    open: (&'static str, Value),
    code: &'static str,
}

/// From somewhere of its own, so that no cause blocks the next.
fn send(house: &House, name: &str, params: &Value, from: &str) -> Value {
    house.send(&request(name, params).header("X-Forwarded-For", from)).json()
}

fn causes(house: &House) -> Vec<Cause> {
    let [open, blocked, moody] = [941, 942, 943].map(|id| house.account(id));
    house.person(&open, "ann", false, "ann941@example.com", RIGHT);
    house.person(&open, "out", false, "out941@example.com", RIGHT);
    house.block_user(&open, "out", true);
    house.person(&blocked, "bob", false, "bob942@example.com", RIGHT);
    house.set_status(&blocked, PartnerStatus::Blocked);
    house.set(&moody, &json!({"maxLoginAttempts": 1, "loginBlockPeriod": 600}));
    house.person(&moody, "eve", false, "eve943@example.com", RIGHT);
    house.user(&open, "loginless", &[]);
    let by_id = |partner: i64, user: &str, password: &str| {
        ("user.login", json!({"partnerId": partner, "userId": user, "password": password}))
    };
    let by_address = |email: &str, password: &str| json!({"loginId": email, "password": password});
    let with = |key: &str, value: Value| {
        let (mut login, mut open) = (by_address("ann941@example.com", RIGHT), by_id(941, "ann", RIGHT));
        login[key] = value.clone();
        open.1[key] = value;
        (login, open)
    };
    let cause = |what, login, open, code| Cause { what, login, open, code };
    let both = |what, (login, open): (Value, (&'static str, Value)), code| Cause { what, login, open, code };
    vec![
        cause("a wrong password", by_address("ann941@example.com", "x"), by_id(941, "ann", "x"), "USER_WRONG_PASSWORD"),
        cause("nobody", by_address("nobody@example.com", RIGHT), by_id(941, "nobody", RIGHT), "USER_NOT_FOUND"),
        cause("no login", by_address("loginless@example.com", RIGHT), by_id(941, "loginless", RIGHT), "USER_NOT_FOUND"),
        cause("a blocked user", by_address("out941@example.com", RIGHT), by_id(941, "out", RIGHT), "USER_IS_BLOCKED"),
        cause(
            "a blocked account",
            json!({"loginId": "bob942@example.com", "password": RIGHT, "partnerId": 942}),
            by_id(942, "bob", RIGHT),
            "SERVICE_FORBIDDEN_CONTENT_BLOCKED",
        ),
        cause(
            "no such account",
            json!({"loginId": "ann941@example.com", "password": RIGHT, "partnerId": 99_999}),
            by_id(99_999, "ann", RIGHT),
            "SERVICE_FORBIDDEN_CONTENT_BLOCKED",
        ),
        cause(
            "the account of another session",
            json!({"loginId": "ann941@example.com", "password": RIGHT, "partnerId": 943, "ks": open.admin()}),
            ("user.login", json!({"partnerId": 943, "userId": "eve", "password": RIGHT, "ks": open.admin()})),
            "SERVICE_FORBIDDEN",
        ),
        both("no token", with("ks", json!("nonsense")), "INVALID_KS"),
        both("an expired session", with("ks", json!(open.mint_until(1, 2, "x", ""))), "INVALID_KS"),
        both(
            "a session with a bad limit",
            with("ks", json!(open.mint(2, "x", "actionslimit:x"))),
            "INVALID_ACTIONS_LIMIT",
        ),
        both("a session of a blocked user", with("ks", json!(open.mint(0, "out", ""))), "USER_BLOCKED"),
        both("no such language", with("language", json!("x")), "INVALID_LANGUAGE_CODE"),
        both("a character that XML has not", with("privileges", json!("a\u{1}")), "INVALID_PARAMETER_CHAR"),
        cause(
            "no password",
            json!({"loginId": "ann941@example.com"}),
            ("user.login", json!({"partnerId": 941, "userId": "ann"})),
            "MISSING_MANDATORY_PARAMETER",
        ),
        // The order counts: the first one blocks, and the second one is blocked.
        cause(
            "one wrong password too many",
            by_address("eve943@example.com", "x"),
            by_id(943, "eve", "x"),
            "LOGIN_RETRIES_EXCEEDED",
        ),
        cause("a blocked caller", by_address("eve943@example.com", RIGHT), by_id(943, "eve", RIGHT), "LOGIN_BLOCKED"),
    ]
}

#[test]
fn whatever_keeps_a_login_by_address_out_looks_like_a_wrong_password() {
    let house = House::build();
    let mut texts = Vec::new();
    for (number, Cause { what, login, open, code }) in causes(&house).iter().enumerate() {
        // The two that go together come from one place.
        let place = |of: u8| format!("192.0.{of}.{}", if *code == "LOGIN_BLOCKED" { number - 1 } else { number });
        let told = send(&house, open.0, &open.1, &place(2));
        assert_eq!(told["code"], *code, "{what}: {told}");
        for format in [1, 2, 3] {
            let mut params = login.clone();
            params["format"] = json!(format);
            let request = Request::post(&path("user.loginByLoginId"), "application/json", params.to_string());
            // Each format from its own place, because each try counts.
            let from = place(10 + format);
            texts.push((*what, format, house.send(&request.header("X-Forwarded-For", &from)).text()));
        }
    }
    for format in [1, 2, 3] {
        let mut of_format = texts.iter().filter(|(_, other, _)| *other == format);
        let (_, _, usual) = of_format.next().expect("a wrong password");
        let usual = ks_tests::text::normal(usual);
        assert!(usual.contains("USER_WRONG_PASSWORD"), "{usual}");
        for (what, _, text) in of_format {
            assert_eq!(ks_tests::text::normal(text), usual, "{what} in format {format}");
        }
    }
}

#[test]
fn what_a_caller_can_do_something_about_is_told() {
    let house = House::build();
    let [old, double, closed] = [944, 945, 946].map(|id| house.account(id));
    house.set(&old, &json!({"passReplaceFreq": -10}));
    house.set(&double, &json!({"useTwoFactorAuthentication": true}));
    house.set(&closed, &json!({"blockDirectLogin": true}));
    for (account, id) in [(&old, "old"), (&double, "double"), (&closed, "closed")] {
        house.person(account, id, false, &format!("{id}94@example.com"), RIGHT);
    }
    let login = |id: &str| json!({"loginId": format!("{id}94@example.com"), "password": RIGHT});
    let mut wrong_code = login("double");
    wrong_code["otp"] = json!("000000");
    for (params, code) in [
        (login("old"), "PASSWORD_EXPIRED"),
        (login("double"), "MISSING_OTP"),
        (wrong_code, "INVALID_OTP"),
        (login("closed"), "DIRECT_LOGIN_BLOCKED"),
    ] {
        assert_eq!(house.fault("user.loginByLoginId", &params), (code.to_owned(), json!([])));
    }
}
