//! Whoever has little tries to get more.

mod giving;
mod load;
mod logins;
mod names;

use ks_tests::call::fault;
use ks_tests::house::{Account, House, error};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// A password that nobody guesses.
const RIGHT: &str = "a long enough secret";
/// Another one.
const OTHER: &str = "another long secret";

/// What is answered for a field that would give more than the session has.
fn refused(field: &str) -> (String, Value) {
    error("INVALID_FIELD_VALUE", &[("FIELD_NAME", field)])
}

fn sha256(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A session that anyone can have.
fn anyone(house: &House, account: &Account) -> String {
    let started = house.good("session.startWidgetSession", &json!({ "widgetId": account.widget() }));
    started["ks"].as_str().expect("a widget session").to_owned()
}

fn names(privileges: &str) -> Vec<&str> {
    privileges.split(',').map(|item| item.split(':').next().unwrap_or_default()).collect()
}

#[test]
fn no_text_of_a_widget_becomes_a_privilege() {
    let house = House::build();
    let account = house.account(102);
    let texts = [
        "x,setrole:PARTNER_ADMIN_ROLE",
        "x,*",
        "x;y",
        "setrole:PARTNER_ADMIN_ROLE",
        ",all:*",
        "x\nsetrole:4",
        "x/y",
        "%2Csetrole:4",
        "plain",
    ];
    let properties = ["privacyContext", "roles", "privileges", "partnerData", "sourceWidgetId", "entryId"];
    for ks in [anyone(&house, &account), account.mint(0, "joe", "")] {
        for property in properties {
            for text in texts {
                let mut widget = json!({ "sourceWidgetId": account.widget(), "uiConfId": 1 });
                widget[property] = json!(text);
                let answer = house.call("widget.add", &json!({ "ks": ks, "widget": widget }));
                let Some(id) = answer["id"].as_str() else {
                    assert!(!fault(&answer).0.starts_with("INTERNAL"), "{property}={text}: {answer}");
                    continue;
                };
                let started = house.call("session.startWidgetSession", &json!({ "widgetId": id }));
                let Some(ks) = started["ks"].as_str() else { continue };
                let info = account.read(ks);
                let known = ["view", "widget", "privacycontext"];
                let names = names(info.privileges.text());
                assert!(names.iter().all(|name| known.contains(name)), "{property}={text}: {names:?}");
                let refused = house.fault("partner.getInfo", &json!({ "ks": ks }));
                assert_eq!(refused, error("SERVICE_FORBIDDEN", &[("SERVICE", "partner->getInfo")]));
            }
        }
    }
}

#[test]
fn a_privacy_context_is_one_value() {
    let house = House::build();
    let account = house.account(102);
    let widget = json!({ "sourceWidgetId": account.widget(), "privacyContext": "x,setrole:4" });
    let refused = house.fault("widget.add", &json!({ "ks": account.admin(), "widget": widget }));
    assert_eq!(refused, error("INVALID_FIELD_VALUE", &[("FIELD_NAME", "privacyContext")]));
}

#[test]
fn the_user_secret_starts_sessions_of_users_only() {
    let house = House::build();
    let account = house.account(102);
    house.user(&account, "boss", &[house.role(&account, "BOSS", "*")]);
    _ = house.role(&account, "PLAYER", "PLAYBACK_BASE_PERMISSION");
    let start = |user: &str, privileges: &str, secret: &str| -> Value {
        house.call(
            "session.start",
            &json!({ "partnerId": 102, "secret": secret, "userId": user, "privileges": privileges }),
        )
    };
    let refused = error("START_SESSION_ERROR", &[("PID", "102")]);
    for (user, privileges) in [
        ("joe", "setrole:PARTNER_ADMIN_ROLE"),
        ("joe", "edit:*, setrole:PARTNER_ADMIN_ROLE"),
        ("joe", "setrole:BOSS"),
        ("boss", ""),
    ] {
        assert_eq!(fault(&start(user, privileges, &account.user_secret)), refused, "{user} {privileges}");
        assert!(start(user, privileges, &account.admin_secret).is_string(), "{user} {privileges}");
    }
    for (user, privileges) in [("joe", ""), ("joe", "setrole:PLAYER"), ("joe", "edit:*"), ("", "setrole:null")] {
        assert!(start(user, privileges, &account.user_secret).is_string(), "{user} {privileges}");
    }
}

#[test]
fn an_impossible_account_hides_no_fault_of_the_session() {
    let house = House::build();
    let account = house.account(102);
    let expired = account.mint_until(ks_tests::house::now() - 10, 2, "joe", "");
    for partner in [json!(99_999_999_999_i64), json!(9999), json!(-2)] {
        let refused = house.fault("system.ping", &json!({ "ks": expired, "partnerId": partner }));
        assert_eq!(refused, ks_tests::call::refused("EXPIRED"), "{partner}");
    }
}

#[test]
fn many_privileges_cost_no_more_than_their_size() {
    let house = House::build();
    let account = house.account(102);
    // Far beyond what a token may carry: refused, and at once, or this test would never end.
    let many: Vec<String> = (0..400_000).map(|number| format!("p{number}:setrole")).collect();
    let refused = house.fault(
        "session.start",
        &json!({ "partnerId": 102, "secret": account.user_secret, "privileges": many.join(",") }),
    );
    assert_eq!(refused, error("INVALID_PARAMETER_VALUE", &[("PARAM_NAME", "privileges")]));
}

#[test]
fn a_short_request_makes_no_answer_of_any_length() {
    let house = House::build();
    let account = house.account(102);
    let ks = account.admin();
    let data = "x".repeat(4096);
    for _ in 0..300 {
        let widget = json!({ "uiConfId": 1, "partnerData": data });
        assert!(house.good("widget.add", &json!({ "ks": ks, "widget": widget }))["id"].is_string());
    }
    // Some 37 KB are sent; every part could answer over a megabyte.
    let calls: Vec<(&str, Value)> =
        (0..200).map(|_| ("widget.list", json!({ "ks": ks, "pager": { "pageSize": 500 } }))).collect();
    let answers = house.multi(&calls);
    assert_eq!(answers.len(), 200);
    assert_eq!(answers[0]["totalCount"], 301);
    let refused = error("PARAMETER_VALUE_OUT_OF_RANGE", &[("PARAM_NAME", "answer"), ("MIN", "0"), ("MAX", "33554432")]);
    assert_eq!(fault(&answers[199]), refused);
    let done = answers.iter().filter(|answer| answer["totalCount"] == 301).count();
    assert!((20..40).contains(&done), "{done}");
}

#[test]
fn nobody_gives_more_rights_than_they_have() {
    let house = House::build();
    let account = house.account(102);
    let big = house.role(&account, "BIG", "*");
    let own = "ADMIN_BASE,ADMIN_USER_ADD,ADMIN_USER_UPDATE,ADMIN_ROLE_ADD,ADMIN_ROLE_UPDATE,ADMIN_PERMISSION_ADD,\
               BASE_USER_SESSION_PERMISSION";
    let small = house.role(&account, "SMALL", own);
    house.user(&account, "boss", &[big]);
    let ks = account.mint(2, "lim", "setrole:SMALL");
    let user = |user: Value| house.call("user.add", &json!({ "ks": ks, "user": user }));
    assert_eq!(fault(&user(json!({ "id": "a", "isAdmin": true, "email": "a@example.com" }))), refused("roleIds"));
    assert_eq!(fault(&user(json!({ "id": "b", "roleIds": big.to_string() }))), refused("roleIds"));
    assert_eq!(fault(&user(json!({ "id": "c", "ksPrivileges": "setrole:BIG" }))), refused("ksPrivileges"));
    assert_eq!(user(json!({ "id": "d", "roleIds": small.to_string() }))["id"], "d");
    let login = json!({ "ks": ks, "userId": "boss", "loginId": "boss@example.com", "password": "long enough words" });
    assert_eq!(house.fault("user.enableLogin", &login), refused("roleIds"));
    for names in ["*", "INTEGRATION_BASE", "ADMIN_BASE,INTEGRATION_BASE"] {
        let role = json!({ "name": names, "permissionNames": names });
        assert_eq!(house.fault("userRole.add", &json!({ "ks": ks, "userRole": role })), refused("permissionNames"));
    }
    assert_eq!(house.fault("userRole.clone", &json!({ "ks": ks, "userRoleId": big })), refused("permissionNames"));
    let permission = json!({ "name": "OWN", "permissionItemsIds": "1" });
    let given = house.fault("permission.add", &json!({ "ks": ks, "permission": permission }));
    assert_eq!(given, refused("permissionItemsIds"));
    let widget = json!({ "uiConfId": 1, "roles": big.to_string(), "privileges": "view:*,setrole:BIG" });
    let added = house.good("widget.add", &json!({ "ks": ks, "widget": widget }));
    let started = house.good("session.startWidgetSession", &json!({ "widgetId": added["id"] }));
    let read = account.read(started["ks"].as_str().expect("a widget session"));
    assert_eq!(read.privileges.text(), "view:*,widget:1");
}
