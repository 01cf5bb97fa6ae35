//! Users who lose something: rights, their id.

use ks_tests::house::{Account, House, error};
use serde_json::{Value, json};

/// Whether a session administers its account.
fn administers(house: &House, ks: &str) -> bool {
    house.call("appToken.list", &json!({ "ks": ks }))["objectType"] == "KalturaAppTokenListResponse"
}

/// An app token of the boss, and a session that it started.
fn app_token(house: &House, account: &Account) -> (Value, String) {
    let token = json!({"sessionUserId": "boss", "sessionType": 2, "hashType": "SHA256"});
    let token = house.good("appToken.add", &json!({"ks": account.admin(), "appToken": token}));
    let ks = account.mint(0, "0", "view:*,widget:1");
    let proof = super::sha256(&format!("{ks}{}", token["token"].as_str().expect("a key")));
    let started = house.good("appToken.startSession", &json!({"ks": ks, "id": token["id"], "tokenHash": proof}));
    let ks = started["ks"].as_str().expect("a token").to_owned();
    (token, ks)
}

#[test]
fn demotion_lifts_no_session_that_the_account_signed() {
    let house = House::build();
    let account = house.account(102);
    let some = house.role(&account, "SOME", "ADMIN_BASE,BASE_USER_SESSION_PERMISSION");
    house.person(&account, "boss", true, "boss@example.com", super::RIGHT);
    let roles = json!({"ks": account.admin(), "userId": "boss", "user": {"roleIds": some.to_string()}});
    house.good("user.update", &roles);
    let signed = account.mint(2, "boss", "");
    let (token, started) = app_token(&house, &account);
    let looks = |ks: &str| house.call("user.list", &json!({ "ks": ks }))["objectType"] == "KalturaUserListResponse";
    assert!(looks(&signed) && looks(&started) && !administers(&house, &signed));
    let demoted = house.good("user.demoteAdmin", &json!({"ks": account.admin(), "userId": "boss"}));
    assert_eq!((&demoted["isAdmin"], &demoted["roleIds"]), (&json!(false), &json!("2")));
    assert!(!looks(&signed) && !administers(&house, &signed));
    assert_eq!(house.call("system.ping", &json!({ "ks": signed })), true);
    // What others hold in its name is gone.
    assert_eq!(house.fault("system.ping", &json!({ "ks": started })).0, "INVALID_KS");
    let id = token["id"].as_str().expect("an id");
    let get = json!({"ks": account.admin(), "id": id});
    assert_eq!(house.fault("appToken.get", &get), error("APP_TOKEN_ID_NOT_FOUND", &[("ID", id)]));
    // An account with a role of its own for users leaves that.
    let usual = house.role(&account, "USUAL", "BASE_USER_SESSION_PERMISSION");
    house.change(&account, move |partner| partner.user_session_role_id = Some(ks_schema::RoleId::new(usual)));
    house.person(&account, "other", true, "other@example.com", super::RIGHT);
    let demoted = house.good("user.demoteAdmin", &json!({"ks": account.admin(), "userId": "other"}));
    assert_eq!(demoted["roleIds"], json!(usual.to_string()));
}

#[test]
fn another_id_lifts_no_session_of_the_old_one() {
    let house = House::build();
    let account = house.account(102);
    let some = house.role(&account, "SOME", "ADMIN_BASE");
    house.user(&account, "boss", &[some]);
    let (signed, user) = (account.mint(2, "boss", ""), account.mint(0, "boss", ""));
    let (token, started) = app_token(&house, &account);
    let rename = |from: &str, to: &str| {
        house.good("user.update", &json!({"ks": account.admin(), "userId": from, "user": {"id": to}}))
    };
    assert_eq!(rename("boss", "chief")["id"], "chief");
    let out = error("USER_BLOCKED", &[]);
    for ks in [&signed, &user] {
        assert_eq!(house.fault("system.ping", &json!({ "ks": ks })), out);
    }
    assert_eq!(house.fault("system.ping", &json!({ "ks": started })).0, "INVALID_KS");
    let get = json!({"ks": account.admin(), "id": token["id"]});
    assert_eq!(house.fault("appToken.get", &get).0, "APP_TOKEN_ID_NOT_FOUND");
    // Nobody has the old id, not even as a deleted user.
    assert_eq!(house.fault("user.get", &json!({"ks": account.admin(), "userId": "boss"})).0, "INVALID_USER_ID");
    let list = |filter: Value| {
        house.good("user.list", &json!({"ks": account.admin(), "filter": filter}))["totalCount"].clone()
    };
    assert_eq!(
        (list(json!({"statusEqual": 2})), list(json!({"idEqual": "boss"})), list(json!({}))),
        (json!(0), json!(0), json!(1))
    );
    assert!(house.call("system.ping", &json!({"ks": account.mint(2, "chief", "")})) == true);
    // There and back again, twice: the id is its user's.
    for _ in 0..2 {
        rename("chief", "boss");
        assert_eq!(house.call("system.ping", &json!({ "ks": signed })), true);
        assert!(!administers(&house, &signed));
        rename("boss", "chief");
        assert_eq!(house.fault("system.ping", &json!({ "ks": signed })), out);
    }
    // Somebody new may have it.
    house.user(&account, "boss", &[]);
    assert_eq!(house.call("system.ping", &json!({ "ks": signed })), true);
}

#[test]
fn groups_are_no_way_around() {
    let house = House::build();
    let account = house.account(102);
    let some = house.role(&account, "SOME", "ADMIN_BASE");
    let small = "CONTENT_MANAGE_ASSIGN_USER_GROUP,ADMIN_USER_ADD,ADMIN_USER_UPDATE,ADMIN_USER_DELETE,ADMIN_BASE";
    let small = house.role(&account, "SMALL", small);
    house.user(&account, "boss", &[some]);
    let signed = account.mint(2, "boss", "");
    let ks = account.mint(2, "lim", &format!("setrole:{small}"));
    house.good("user.delete", &json!({"ks": ks, "userId": "boss"}));
    let add = json!({"ks": ks, "group": {"id": "boss"}});
    assert_eq!(house.fault("group_group.add", &add), super::refused("roleIds"));
    assert!(!administers(&house, &signed));
}
