//! The account console ends sessions: one, those of a user, of a group, and of a secret.

use ks_tests::house::House;
use serde_json::{Value, json};

use super::account::{EMAIL, PASSWORD, open_signed_in};

/// Why a session is refused; `None`: it is not.
fn refusal(house: &House, ks: &str) -> Option<Value> {
    let answer = house.call("system.ping", &json!({ "ks": ks }));
    (answer != true).then(|| answer["args"]["KSID"].clone())
}

#[test]
fn sessions_end_one_by_one_by_user_by_group_and_by_secret() {
    let house = House::build();
    let account = house.account(501);
    house.person(&account, "owner", true, EMAIL, PASSWORD);
    house.person(&account, "anna", false, "anna@example.com", PASSWORD);
    let secret = house.secret(&account, Some("a further secret of theirs"));
    let login = json!({"loginId": "anna@example.com", "password": PASSWORD});
    let by_login = house.good("user.loginByLoginId", &login).as_str().expect("a token").to_owned();
    let one = account.mint(0, "somebody", "");
    let other = account.mint(0, "somebody", "");
    let grouped = account.mint(0, "somebody", "sessionid:visit-7");
    let further = account.mint_with("a further secret of theirs", ks_tests::house::now() + 600, 0, "somebody", "");
    for ks in [&by_login, &one, &other, &grouped, &further] {
        assert_eq!(refusal(&house, ks), None);
    }

    let mut browser = open_signed_in(&house);
    browser.open(&format!("http://{}/console/sessions", house.addr));
    browser.wait_for_text("A session group");
    let mut end = |field: &str, text: &str, button: &str, said: usize| {
        browser.fill(field, text);
        browser.click("button", button);
        browser.wait_for(&format!("document.querySelectorAll('#view .success').length === {said}"));
    };
    end("KS", &one, "End this session", 1);
    assert_eq!(refusal(&house, &one), Some(json!("LOGOUT")));
    assert_eq!(refusal(&house, &other), None);
    assert_eq!(refusal(&house, &by_login), None);
    end("User id", "anna", "Sign the user out", 2);
    assert_eq!(refusal(&house, &by_login), Some(json!("LOGOUT")));
    assert_eq!(refusal(&house, &grouped), None);
    end("Session id", "visit-7", "End the group", 3);
    assert_eq!(refusal(&house, &grouped), Some(json!("LOGOUT")));
    assert_eq!(refusal(&house, &further), None);
    // The secret of the form is the one that is not primary.
    let chosen = browser.value("combobox", "Secret");
    assert!(chosen.starts_with(&format!("Administrator secret {secret},")), "{chosen}");
    browser.click("button", "Revoke the secret");
    browser.wait_for("document.querySelectorAll('#view .success').length === 4");
    // Nothing signed it any more: what it was is not told.
    assert!(refusal(&house, &further).is_some());
    assert_eq!(refusal(&house, &other), None);
    assert_eq!(browser.problems(), Vec::<String>::new());
}
