//! Whoever keeps the server busy, or others out.

use ks_tests::house::{House, error, request};
use serde_json::{Value, json};

use super::{OTHER, RIGHT};

fn from(house: &House, address: &str, name: &str, params: &Value) -> Value {
    house.send(&request(name, params).header("X-Forwarded-For", address)).json()
}

#[test]
fn opening_an_account_tries_passwords_as_a_login_does() {
    let house = House::build();
    let account = house.account(201);
    house.person(&account, "ann", true, "ann@example.com", RIGHT);
    house.set(&account, &json!({"loginBlockPeriod": 600}));
    let wish = |password: &str| {
        json!({"partner": {"name": "x", "adminName": "Ann", "adminEmail": "ann@example.com", "description": "x"},
               "cmsPassword": password})
    };
    let ask = |address: &str, password: &str| from(&house, address, "partner.registrationValidation", &wish(password));
    let message = |answer: &Value| answer["args"]["MESSAGE"].as_str().unwrap_or_default().to_owned();
    for _ in 0..5 {
        assert!(message(&ask("192.0.2.1", "x")).contains("not its password"));
    }
    // The right one is not looked at either, here and at a login.
    assert!(message(&ask("192.0.2.1", RIGHT)).contains("too many"));
    let login = json!({"partnerId": 201, "userId": "ann", "password": RIGHT});
    assert_eq!(from(&house, "192.0.2.1", "user.login", &login)["code"], "LOGIN_BLOCKED");
    assert_eq!(ask("192.0.2.2", RIGHT), json!(true));
}

#[test]
fn asking_for_links_ends_none_and_fills_no_mailbox() {
    let house = House::build();
    let accounts = [201, 202, 203].map(|id| house.account(id));
    house.person(&accounts[0], "ann", false, "ann@example.com", RIGHT);
    let ask = |address: &str, partner: i32| {
        from(&house, address, "user.resetPassword", &json!({"email": "ann@example.com", "partnerId": partner}))
    };
    assert_eq!(ask("192.0.2.1", 201), Value::Null);
    let key = house.mailed_key("ann@example.com");
    for host in 2..6 {
        for partner in [201, 202, 203] {
            assert_eq!(ask(&format!("192.0.2.{host}"), partner), Value::Null);
        }
    }
    assert_eq!(house.outbox.mails().len(), 1);
    house.good("user.setInitialPassword", &json!({"hashKey": key, "newPassword": OTHER}));
    // It was used, so the next one may be mailed.
    ask("192.0.2.1", 201);
    assert_eq!(house.outbox.mails().len(), 2);
}

#[test]
fn whoever_asks_too_often_is_told_and_nobody_else() {
    let house = House::build();
    let account = house.account(201);
    house.person(&account, "ann", true, "ann@example.com", RIGHT);
    let ask = |address: &str, partner: i32| {
        let params = json!({"email": "ann@example.com", "partnerId": partner});
        from(&house, address, "adminUser.resetPassword", &params)
    };
    let other = house.account(202);
    for count in 0..10 {
        assert_eq!(ask("192.0.2.1", if count % 2 == 0 { account.id } else { other.id }), Value::Null);
    }
    let told = ks_tests::call::fault(&ask("192.0.2.1", 201));
    assert_eq!(told, error("RESOURCE_IS_RESERVED", &[("RESOURCE", "ann@example.com")]));
    assert_eq!(ask("192.0.2.2", 201), Value::Null);
}

#[test]
fn addresses_of_nobody_wait_like_others_however_many_were_tried() {
    let house = House::build();
    let account = house.account(201);
    house.person(&account, "ann", true, "ann@example.com", RIGHT);
    let seen = |email: &str| -> Vec<String> {
        let wrong = json!({"email": email, "password": "x"});
        let codes = (0..5).map(|_| from(&house, "192.0.2.1", "adminUser.login", &wrong)["code"].clone());
        codes.map(|code| code.as_str().unwrap_or_default().to_owned()).collect()
    };
    let wrong = "USER_WRONG_PASSWORD";
    let expected = [wrong, wrong, wrong, wrong, "LOGIN_RETRIES_EXCEEDED"];
    // Beyond 50 wrong passwords the network has one lane, and is answered all the same.
    for count in 0..12 {
        assert_eq!(seen(&format!("nobody{count}@example.com")), expected);
    }
    assert_eq!(seen("ann@example.com"), expected);
    let right = json!({"email": "ann@example.com", "password": RIGHT});
    assert!(from(&house, "192.0.2.2", "adminUser.login", &right).is_string());
}
