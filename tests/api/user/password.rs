//! Setting passwords: links, rules, history.

use ks_tests::house::{House, now};
use serde_json::json;

use super::{OTHER, RIGHT, add, log_in, refused};

/// Makes the link that was mailed last older by so many seconds.
fn age(house: &House, email: &str, seconds: i64) {
    let login = house.wait(house.store.login(email)).expect("a store").expect("a login");
    let key = login.reset_key.expect("a key");
    let older = ks_store::ResetKey { until: key.until - seconds, ..key };
    house.wait(house.store.set_reset_key(login.id, Some(older), now())).expect("a login");
}

#[test]
fn a_link_sets_a_password_once() {
    let house = House::build();
    let account = house.account(760);
    // An administrator without a password gets a mail.
    add(&house, &account, &json!({"id": "ann", "isAdmin": true, "email": "ann760@example.com"}));
    let first = house.mailed_key("ann760@example.com");
    let check = |key: &str| house.call("user.validateHashKey", &json!({ "hashKey": key }));
    assert_eq!(check(&first)["objectType"], "KalturaAuthentication");
    // Whoever asks again and again does not end a link that is on its way, and sends no other.
    let ask = || house.good("user.resetPassword", &json!({"email": "ann760@example.com"}));
    ask();
    assert_eq!((house.outbox.mails().len(), house.mailed_key("ann760@example.com")), (1, first.clone()));
    assert_eq!(check(&first)["objectType"], "KalturaAuthentication");
    age(&house, "ann760@example.com", 601);
    ask();
    let second = house.mailed_key("ann760@example.com");
    assert_eq!(check(&first)["code"], "NEW_PASSWORD_HASH_KEY_INVALID");
    // `.` stands for `=` where that would have to be escaped.
    assert_eq!(check(&second.replace('=', "."))["objectType"], "KalturaAuthentication");

    let set = |key: &str, password: &str| {
        house.call("user.setInitialPassword", &json!({"hashKey": key, "newPassword": password}))
    };
    assert_eq!(set(&second, RIGHT)["objectType"], "KalturaAuthentication");
    assert_eq!(set(&second, OTHER)["code"], "NEW_PASSWORD_HASH_KEY_INVALID");
    log_in(&house, "ann760@example.com", RIGHT);
}

#[test]
fn an_account_may_set_rules_of_its_own() {
    let house = House::build();
    let account = house.account(761);
    house.set(
        &account,
        &json!({"numPrevPassToKeep": 2, "passwordStructureValidations": [
            {"regex": "/^.{4,14}$/", "description": "4 to 14 characters"},
            {"regex": "[0-9]", "description": "a digit"},
        ]}),
    );
    house.person(&account, "ann", false, "ann761@example.com", RIGHT);
    let set = |old: &str, new: &str| {
        house.call(
            "user.updateLoginData",
            &json!({"oldLoginId": "ann761@example.com", "password": old, "newPassword": new}),
        )
    };
    let refused = set(RIGHT, "no digits");
    assert_eq!(refused["code"], "PASSWORD_STRUCTURE_INVALID");
    assert_eq!(refused["args"]["RULES"], "4 to 14 characters\na digit");
    for (old, new) in [(RIGHT, "one 1"), ("one 1", "two 2"), ("two 2", "three 3")] {
        assert_eq!(set(old, new), json!(null), "{new}");
    }
    assert_eq!(set("three 3", "two 2")["code"], "PASSWORD_ALREADY_USED");
    assert_eq!(set("three 3", "one 1"), json!(null), "two are kept: the present one and the one before");
}

#[test]
fn an_address_and_names_change_everywhere() {
    let house = House::build();
    let (one, two) = (house.account(762), house.account(763));
    for account in [&one, &two] {
        house.person(account, "ann", false, "ann762@example.com", RIGHT);
    }
    let change = json!({"oldLoginId": "ann762@example.com", "password": RIGHT, "newLoginId": "new762@example.com",
                        "newFirstName": "Anna", "newLastName": "New"});
    assert_eq!(house.call("user.updateLoginData", &change), json!(null));
    for account in [&one, &two] {
        let user = house.good("user.get", &json!({"ks": account.admin(), "userId": "ann"}));
        assert_eq!((&user["email"], &user["fullName"]), (&json!("new762@example.com"), &json!("Anna New")));
    }
    assert_eq!(refused(&house, "ann762@example.com", RIGHT), "USER_WRONG_PASSWORD");
    log_in(&house, "new762@example.com", RIGHT);
    let answer = house.good(
        "adminUser.updatePassword",
        &json!({"email": "new762@example.com", "password": RIGHT, "newPassword": OTHER}),
    );
    assert_eq!((&answer["objectType"], &answer["email"]), (&json!("KalturaAdminUser"), &json!("new762@example.com")));
    assert!(!answer.to_string().contains(OTHER));
}

#[test]
fn a_login_is_enabled_and_disabled() {
    let house = House::build();
    let account = house.account(764);
    let ks = account.admin();
    add(&house, &account, &json!({"id": "ann"}));
    let enable = json!({"ks": ks, "userId": "ann", "loginId": "ann764@example.com", "password": RIGHT});
    let enabled = house.good("user.enableLogin", &enable);
    assert_eq!((&enabled["loginEnabled"], &enabled["email"]), (&json!(true), &json!("ann764@example.com")));
    log_in(&house, "ann764@example.com", RIGHT);
    let found = house.good("user.getByLoginId", &json!({"ks": ks, "loginId": "ANN764@example.com"}));
    assert_eq!(found["id"], "ann");
    let disabled = house.good("user.disableLogin", &json!({"ks": ks, "loginId": "ann764@example.com"}));
    assert_eq!(disabled["loginEnabled"], false);
    assert_eq!(refused(&house, "ann764@example.com", RIGHT), "USER_WRONG_PASSWORD");
    // The login is gone, so the address is free for another password.
    let enable = json!({"ks": ks, "userId": "ann", "loginId": "ann764@example.com", "password": OTHER});
    house.good("user.enableLogin", &enable);
    log_in(&house, "ann764@example.com", OTHER);
}
