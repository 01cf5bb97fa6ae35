//! The service `ks_mail_template`: mails in an account's own words.

use ks_tests::house::{Account, House, error};
use serde_json::{Value, json};

const PASSWORD: &str = "a long enough secret";

fn update(house: &House, account: &Account, template: &Value) -> Value {
    house.call("ks_mail_template.update", &json!({"ks": account.admin(), "mailTemplate": template}))
}

/// The last mail to an address: its subject and its text.
fn mail(house: &House, address: &str) -> (String, String) {
    let mails = house.outbox.mails();
    let mail = mails.iter().rev().find(|mail| mail.to == address).unwrap_or_else(|| panic!("no mail to {address}"));
    (mail.subject.clone(), mail.text.clone())
}

fn invite(house: &House, account: &Account, address: &str) {
    let user = json!({"objectType": "KalturaUser", "id": address, "isAdmin": true, "email": address});
    house.good("user.add", &json!({"ks": account.admin(), "user": user}));
}

#[test]
fn an_invitation_and_a_reset_are_in_the_accounts_own_words() {
    let house = House::build();
    let (account, other) = (house.account(501), house.account(502));
    let text = "Dear {address},\n{account} ({partner}) has a place for you: {link}\n";
    let invitation = json!({"kind": "invitation", "subject": "Welcome to {account}", "body": text});
    let kept = update(&house, &account, &invitation);
    assert_eq!(
        kept,
        json!({"kind": "invitation", "subject": "Welcome to {account}", "body": text, "custom": true,
               "objectType": "KalturaKsMailTemplate"})
    );
    invite(&house, &account, "ann@example.com");
    let (subject, said) = mail(&house, "ann@example.com");
    assert_eq!(subject, "Welcome to Account 501");
    // This server has no public address: the key stands in place of the link.
    let key = said.strip_prefix("Dear ann@example.com,\nAccount 501 (501) has a place for you: ");
    let key = key.unwrap_or_else(|| panic!("{said}")).trim_end();
    let set = json!({"hashKey": key, "newPassword": PASSWORD});
    assert_eq!(house.good("user.setInitialPassword", &set)["objectType"], "KalturaAuthentication");

    // The other kinds, and other accounts, have ours.
    house.good("user.resetPassword", &json!({"email": "ann@example.com"}));
    assert_eq!(mail(&house, "ann@example.com").0, "Set a new password");
    invite(&house, &other, "bob@example.com");
    assert_eq!(mail(&house, "bob@example.com").0, "Set your password");

    let reset = json!({"kind": "reset", "subject": "Lost your password?", "body": "{key} {link}"});
    assert_eq!(update(&house, &account, &reset)["custom"], true);
    house.good(
        "user.setInitialPassword",
        &json!({"hashKey": house.mailed_key("ann@example.com"),
                                                  "newPassword": "another long secret"}),
    );
    house.good("user.resetPassword", &json!({"email": "ann@example.com"}));
    assert_eq!(mail(&house, "ann@example.com").0, "Lost your password?");

    // Back to ours.
    let ks = account.admin();
    let ours = house.good("ks_mail_template.reset", &json!({"ks": ks, "kind": "invitation"}));
    assert_eq!((&ours["custom"], &ours["subject"]), (&json!(false), &json!("Set your password")));
    invite(&house, &account, "eve@example.com");
    assert_eq!(mail(&house, "eve@example.com").0, "Set your password");
    let all = house.good("ks_mail_template.list", &json!({ "ks": ks }));
    let custom: Vec<(&Value, &Value)> =
        all["objects"].as_array().expect("objects").iter().map(|it| (&it["kind"], &it["custom"])).collect();
    let (yes, no) = (json!(true), json!(false));
    let kinds = [json!("invitation"), json!("initialPassword"), json!("reset")];
    assert_eq!(custom, [(&kinds[0], &no), (&kinds[1], &no), (&kinds[2], &yes)]);
    assert_eq!(all["totalCount"], 3);
}

#[test]
fn texts_that_would_leave_people_out_or_forge_a_header_are_refused() {
    let house = House::build();
    let account = house.account(501);
    let refused = |property: &str, template: &Value| {
        let answer = update(&house, &account, template);
        assert_eq!(answer["code"], "PROPERTY_VALIDATION_WRONG_FORMAT", "{template}: {answer}");
        assert_eq!(answer["args"]["PROP_NAME"], format!("KalturaKsMailTemplate::{property}"), "{template}");
    };
    refused("body", &json!({"kind": "reset", "subject": "x", "body": "no way in"}));
    refused("body", &json!({"kind": "reset", "subject": "x", "body": "{link} {password}"}));
    refused("body", &json!({"kind": "reset", "subject": "x", "body": "{link}\u{85}"}));
    refused("subject", &json!({"kind": "reset", "subject": "x\r\nBcc: everybody@example.com", "body": "{link}"}));
    refused("subject", &json!({"kind": "reset", "subject": "", "body": "{link}"}));
    refused("subject", &json!({"kind": "reset", "subject": "your key: {key}", "body": "{link}"}));
    let without =
        house.fault("ks_mail_template.update", &json!({"ks": account.admin(), "mailTemplate": {"body": "x"}}));
    let expected = error("PROPERTY_VALIDATION_CANNOT_BE_NULL", &[("PROP_NAME", "KalturaKsMailTemplate::kind")]);
    assert_eq!(without, expected);
    // What is kept is as it was.
    let all = house.good("ks_mail_template.list", &json!({"ks": account.admin()}));
    assert!(all["objects"].as_array().expect("objects").iter().all(|it| it["custom"] == false), "{all}");
}

/// What a name holds is text: neither a placeholder nor a line of a header.
#[test]
fn what_is_filled_in_is_never_read_again() {
    let house = House::build();
    let account = house.account(501);
    house.change(&account, |partner| "{key}\r\nBcc: everybody@example.com".clone_into(&mut partner.name));
    let template = json!({"kind": "invitation", "subject": "{account}", "body": "{account}: {link}"});
    assert_eq!(update(&house, &account, &template)["custom"], true);
    invite(&house, &account, "ann@example.com");
    let (subject, text) = mail(&house, "ann@example.com");
    assert_eq!(subject, "{key}Bcc: everybody@example.com");
    assert!(text.starts_with("{key}\r\nBcc: everybody@example.com: "), "{text}");
}

#[test]
fn a_new_account_takes_over_the_texts_of_its_template() {
    let house = House::build();
    let account = house.account(600);
    let own = json!({"kind": "initialPassword", "subject": "Account {partner}", "body": "Begin here: {link}"});
    assert_eq!(update(&house, &account, &own)["custom"], true);
    house.change(&account, |partner| partner.set_template(true));
    let wish = json!({"partner": {"name": "Acme", "adminName": "Ada", "adminEmail": "ada@example.com",
                                  "description": "Trial"}, "templatePartnerId": 600});
    let made = house.good("partner.register", &wish);
    let (subject, text) = mail(&house, "ada@example.com");
    assert_eq!(subject, format!("Account {}", made["id"]));
    let key = text.strip_prefix("Begin here: ").unwrap_or_else(|| panic!("{text}"));
    let set = json!({"hashKey": key, "newPassword": PASSWORD});
    assert_eq!(house.good("user.setInitialPassword", &set)["objectType"], "KalturaAuthentication");
    // Nobody sees where they are kept.
    let shown = house.good("partner.get", &json!({"ks": account.admin()}));
    assert!(!shown.to_string().contains("MailTemplate"), "{shown}");
}
