//! Guessing passwords: whoever guesses waits, and the owner does not.

use ks_tests::house::{House, request};
use serde_json::{Value, json};

use super::RIGHT;

/// A login from somewhere: the address stands for another machine.
fn from(house: &House, address: &str, id: &str, password: &str) -> Value {
    let params = json!({"partnerId": 740, "userId": id, "password": password});
    let request = request("user.login", &params).header("X-Forwarded-For", address);
    house.send(&request).json()
}

#[test]
fn wrong_passwords_block_the_place_that_they_come_from() {
    let house = House::build();
    let account = house.account(740);
    // Longer than the slowest machine takes for the next try.
    house.set(&account, &json!({"loginBlockPeriod": 600}));
    house.person(&account, "ann", false, "ann740@example.com", RIGHT);
    for _ in 0..4 {
        assert_eq!(from(&house, "192.0.2.1", "ann", "x")["code"], "USER_WRONG_PASSWORD");
    }
    assert_eq!(from(&house, "192.0.2.1", "ann", "x")["code"], "LOGIN_RETRIES_EXCEEDED");
    // Even the right one; but the owner comes from elsewhere.
    assert_eq!(from(&house, "192.0.2.1", "ann", RIGHT)["code"], "LOGIN_BLOCKED");
    assert!(from(&house, "198.51.100.7", "ann", RIGHT).is_string());
    // One network of IPv6 is one place.
    for host in 1..5 {
        from(&house, &format!("2001:db8::{host}"), "ann", "x");
    }
    assert_eq!(from(&house, "2001:db8::9", "ann", "x")["code"], "LOGIN_RETRIES_EXCEEDED");
    assert_eq!(from(&house, "2001:db8::a", "ann", RIGHT)["code"], "LOGIN_BLOCKED");
    assert!(from(&house, "2001:db8:1::a", "ann", RIGHT).is_string());
}

#[test]
fn under_attack_the_first_wrong_password_blocks_a_place() {
    let house = House::build();
    let account = house.account(740);
    house.person(&account, "ann", false, "ann740@example.com", RIGHT);
    for host in 0..100 {
        from(&house, &format!("203.0.113.{host}"), "ann", "x");
    }
    assert_eq!(from(&house, "192.0.2.200", "ann", "x")["code"], "LOGIN_RETRIES_EXCEEDED");
    assert!(from(&house, "192.0.2.201", "ann", RIGHT).is_string());
}

#[test]
fn a_right_password_makes_up_for_the_wrong_ones() {
    let house = House::build();
    let account = house.account(740);
    house.person(&account, "ann", false, "ann740@example.com", RIGHT);
    for _ in 0..3 {
        for _ in 0..4 {
            from(&house, "192.0.2.1", "ann", "x");
        }
        assert!(from(&house, "192.0.2.1", "ann", RIGHT).is_string());
    }
}
