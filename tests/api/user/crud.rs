//! `user.add`, `get`, `update`, `delete`: what is written comes back.

use ks_schema::describe::Access;
use ks_schema::generated::classes;
use ks_tests::house::{House, error};
use serde_json::{Value, json};

use super::add;

/// Every property that may be written, with a value; the second one is for the update.
const WRITABLE: &[(&str, &str, &str)] = &[
    ("screenName", "\"Ann\"", "\"Annie\""),
    ("email", "\"ann@example.com\"", "\"ann@example.org\""),
    ("country", "\"IL\"", "\"DE\""),
    ("state", "\"TA\"", "\"BE\""),
    ("city", "\"Tel Aviv\"", "\"Berlin\""),
    ("zip", "\"123\"", "\"456\""),
    ("thumbnailUrl", "\"https://example.com/a.png\"", "\"https://example.com/b.png\""),
    ("description", "\"one\"", "\"two\""),
    ("tags", "\"a,b\"", "\"c\""),
    ("adminTags", "\"x\"", "\"y\""),
    ("status", "1", "0"),
    ("partnerData", "\"{}\"", "\"[]\""),
    ("indexedPartnerDataInt", "7", "8"),
    ("indexedPartnerDataString", "\"i\"", "\"j\""),
    ("language", "\"en\"", "\"fr\""),
    ("allowedPartnerIds", "\"1,2\"", "\"3\""),
    ("allowedPartnerPackages", "\"4\"", "\"5\""),
    ("userMode", "0", "1"),
    ("capabilities", "[{\"objectType\":\"KalturaUserCapability\",\"capability\":\"0\"}]", "[]"),
    ("type", "0", "1"),
    ("dateOfBirth", "946684800", "978307200"),
    ("gender", "1", "2"),
    ("isAdmin", "false", "false"),
    ("roleIds", "\"2\"", "\"3\""),
    ("firstName", "\"Ann\"", "\"Anna\""),
    ("lastName", "\"Smith\"", "\"Jones\""),
    ("registrationInfo", "\"r\"", "\"s\""),
    ("attendanceInfo", "\"t\"", "\"u\""),
    ("title", "\"Dr\"", "\"Prof\""),
    ("company", "\"One\"", "\"Two\""),
    ("ksPrivileges", "\"list:*\"", "\"edit:*\""),
    ("isSsoExcluded", "true", "false"),
];

fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {text}"))
}

/// What is written and does not come back under its own name: the id is set once, the whole name is made of its
/// parts, and what owns an account or logs in is not decided by writing so.
const OTHERWISE: [&str; 7] = ["id", "fullName", "isGuest", "isAccountOwner", "loginEnabled", "password", "externalId"];

#[test]
fn every_writable_property_is_in_the_table() {
    for info in classes::USER.properties.iter().filter(|info| info.declared_in != "KalturaObject") {
        let listed = WRITABLE.iter().any(|(name, ..)| *name == info.name) || OTHERWISE.contains(&info.name);
        assert_eq!(listed, info.access != Access::ReadOnly, "{}", info.name);
    }
}

#[test]
fn what_is_written_comes_back() {
    let house = House::build();
    let account = house.account(700);
    let ks = account.admin();
    let mut user = json!({"objectType": "KalturaUser", "id": "ann", "isGuest": true});
    let mut change = json!({"objectType": "KalturaUser"});
    for (name, first, second) in WRITABLE {
        user[name] = value(first);
        change[name] = value(second);
    }
    let added = add(&house, &account, &user);
    let compare = |answer: &Value, wanted: &Value| {
        for (name, ..) in WRITABLE {
            assert_eq!(answer[name], wanted[name], "{name} in {answer}");
        }
    };
    compare(&added, &user);
    assert_eq!(
        (&added["id"], &added["partnerId"], &added["fullName"]),
        (&json!("ann"), &json!(700), &json!("Ann Smith"))
    );
    assert_eq!(added["isGuest"], true);
    assert_eq!((&added["isAccountOwner"], &added["loginEnabled"]), (&json!(false), &json!(false)));
    assert_eq!(added["roleNames"], "Basic user session");
    let get = || house.good("user.get", &json!({"ks": ks, "userId": "ann"}));
    assert_eq!(get(), added);

    let updated = house.good("user.update", &json!({"ks": ks, "userId": "ann", "user": change}));
    compare(&updated, &change);
    assert_eq!(get(), updated);
    assert_eq!(updated["createdAt"], added["createdAt"]);
    let list = house.good("user.list", &json!({"ks": ks, "filter": {"idEqual": "ann"}}));
    assert_eq!((&list["totalCount"], &list["objects"][0]), (&json!(1), &updated));

    let cleared = house.good("user.update", &json!({"ks": ks, "userId": "ann", "user": {"title__null": ""}}));
    assert!(cleared.get("title").is_none(), "{cleared}");

    let deleted = house.good("user.delete", &json!({"ks": ks, "userId": "ann"}));
    assert_eq!(deleted["status"], 2);
    assert!(deleted["deletedAt"].is_number(), "{deleted}");
    assert_eq!(house.fault("user.get", &json!({"ks": ks, "userId": "ann"})), error("INVALID_USER_ID", &[]));
    let list = |filter: Value| house.good("user.list", &json!({"ks": ks, "filter": filter}))["totalCount"].clone();
    assert_eq!((list(json!({})), list(json!({"statusEqual": 2}))), (json!(0), json!(1)));
    // The id is free again.
    assert_eq!(add(&house, &account, &json!({"id": "ann"}))["status"], 1);
}

#[test]
fn what_may_only_be_read_is_refused() {
    let house = House::build();
    let account = house.account(701);
    let ks = account.admin();
    add(&house, &account, &json!({"id": "ann"}));
    for info in classes::USER.properties {
        let read_only = info.access == Access::ReadOnly && info.declared_in != "KalturaObject";
        let mut user = json!({"id": "bob"});
        user[info.name] = json!("1");
        let named =
            error("PROPERTY_VALIDATION_NOT_UPDATABLE", &[("PROP_NAME", &format!("KalturaUser::{}", info.name))]);
        if read_only {
            assert_eq!(house.fault("user.add", &json!({"ks": ks, "user": user})), named);
        }
        if read_only || matches!(info.access, Access::InsertOnly | Access::InsertOnlyWriteOnly) {
            let user = json!({info.name: "1"});
            assert_eq!(house.fault("user.update", &json!({"ks": ks, "userId": "ann", "user": user})), named);
        }
    }
}

#[test]
fn names_and_defaults_are_filled_in() {
    let house = House::build();
    let account = house.account(702);
    let plain = add(&house, &account, &json!({"id": "plain"}));
    assert_eq!(
        (&plain["screenName"], &plain["firstName"], &plain["fullName"], &plain["status"], &plain["type"]),
        (&json!("plain"), &json!("plain"), &json!("plain"), &json!(1), &json!(0))
    );
    let whole = add(&house, &account, &json!({"id": "whole", "fullName": "Ada King Lovelace"}));
    assert_eq!((&whole["firstName"], &whole["lastName"]), (&json!("Ada"), &json!("King Lovelace")));
    let long = add(&house, &account, &json!({"id": "long", "firstName": "é".repeat(50)}));
    assert_eq!(long["fullName"], "é".repeat(20));
    let outside = add(&house, &account, &json!({"externalId": "of-another-system"}));
    assert_eq!((&outside["id"], &outside["externalId"]), (&json!("of-another-system"), &json!("of-another-system")));
    let admin = json!({"objectType": "KalturaAdminUser", "id": "boss", "email": "boss702@example.com", "password": super::RIGHT});
    let admin = add(&house, &account, &admin);
    assert_eq!(
        (&admin["isAdmin"], &admin["roleIds"], &admin["loginEnabled"]),
        (&json!(true), &json!("4"), &json!(true))
    );
    assert!(admin.get("password").is_none(), "{admin}");
}

#[test]
fn a_user_sees_itself_only() {
    let house = House::build();
    let account = house.account(703);
    add(&house, &account, &json!({"id": "ann"}));
    let own = house.good("user.get", &json!({"ks": account.mint(0, "ann", "")}));
    assert_eq!(own["id"], "ann");
    // Ids are compared exactly.
    let (code, _) = house.fault("user.get", &json!({"ks": account.mint(0, "ann", ""), "userId": "Ann"}));
    assert_eq!(code, "CANNOT_RETRIEVE_ANOTHER_USER_USING_NON_ADMIN_SESSION");
}

#[test]
fn another_id_takes_the_memberships_along() {
    let house = House::build();
    let account = house.account(704);
    let ks = account.admin();
    add(&house, &account, &json!({"id": "ann"}));
    house.group(&account, "group");
    let _ = house.member(&account, "ann", "group", ks_store::MemberRole::Member);
    let renamed = house.good("user.update", &json!({"ks": ks, "userId": "ann", "user": {"id": "anna"}}));
    assert_eq!(renamed["id"], "anna");
    let members = house.good("groupUser.list", &json!({"ks": ks, "filter": {"groupIdEqual": "group"}}));
    assert_eq!(members["objects"][0]["userId"], "anna");
    assert_eq!(house.fault("user.get", &json!({"ks": ks, "userId": "ann"})).0, "INVALID_USER_ID");
}
