//! `appToken.add`, `get`, `update`, `delete` and `list`.

use ks_tests::house::{House, error, now};
use serde_json::{Value, json};

use super::{add, text};

fn keys(object: &Value) -> Vec<&String> {
    object.as_object().expect("an object").keys().collect()
}

#[test]
fn what_is_left_out_takes_its_default() {
    let house = House::build();
    let account = house.account(501);
    let before = now();
    let added = add(&house, &account, &json!({}));
    let id = text(&added, "id").to_owned();
    assert!(id.len() == 10 && id.starts_with("0_"), "{id}");
    assert!(id[2..].bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase()), "{id}");
    let key = text(&added, "token").to_owned();
    assert!(key.len() == 32 && key.bytes().all(|byte| b"0123456789abcdef".contains(&byte)), "{key}");
    let made = added["createdAt"].as_i64().expect("a time");
    assert!((before..=now()).contains(&made), "{added}");
    assert_eq!(
        added,
        json!({"id": id, "token": key, "partnerId": 501, "createdAt": made, "updatedAt": made, "status": 2,
               "sessionDuration": 86400, "hashType": "SHA1", "objectType": "KalturaAppToken"})
    );
    assert_ne!(add(&house, &account, &json!({}))["token"], added["token"]);
}

#[test]
fn every_writable_property_comes_back_and_every_other_is_refused() {
    let house = House::build();
    let account = house.account(501);
    let root = account.admin();
    let expiry = now() + 1_000_000_000;
    let sent = json!({"expiry": expiry, "sessionType": 2, "sessionUserId": "maria@example.com", "sessionDuration": 60,
                      "sessionPrivileges": "edit:*", "hashType": "SHA256", "description": "Für Maria"});
    let added = add(&house, &account, &sent);
    for (name, value) in sent.as_object().expect("an object") {
        assert_eq!(&added[name], value, "{name}");
    }
    let id = added["id"].clone();
    let get = || house.good("appToken.get", &json!({"ks": root, "id": id}));
    assert_eq!(get(), added);

    let other = json!({"expiry": expiry + 1, "sessionType": 0, "sessionUserId": "paul", "sessionDuration": 61,
                       "sessionPrivileges": "", "hashType": "MD5", "description": ""});
    let updated = house.good("appToken.update", &json!({"ks": root, "id": id, "appToken": other}));
    for (name, value) in other.as_object().expect("an object") {
        assert_eq!(&updated[name], value, "{name}");
    }
    for same in ["id", "token", "partnerId", "createdAt", "status"] {
        assert_eq!(updated[same], added[same], "{same}");
    }
    assert_eq!(get(), updated);
    assert_eq!(keys(&updated), keys(&added));

    // What is not mentioned stays; what is cleared is gone.
    let one = house.good("appToken.update", &json!({"ks": root, "id": id, "appToken": {"description": "again"}}));
    assert_eq!((&one["description"], &one["sessionUserId"]), (&json!("again"), &json!("paul")));
    let cleared: Value =
        ["expiry", "sessionType", "sessionUserId", "sessionDuration", "sessionPrivileges", "description"]
            .iter()
            .map(|name| (format!("{name}__null"), json!("")))
            .collect::<serde_json::Map<_, _>>()
            .into();
    let bare = house.good("appToken.update", &json!({"ks": root, "id": id, "appToken": cleared}));
    assert_eq!((&bare["sessionDuration"], &bare["hashType"]), (&json!(86400), &json!("MD5")));
    for gone in ["expiry", "sessionType", "sessionUserId", "sessionPrivileges", "description"] {
        assert!(bare.get(gone).is_none(), "{gone}: {bare}");
    }

    for (name, value) in [
        ("id", json!("0_other")),
        ("token", json!("mine")),
        ("partnerId", json!(502)),
        ("createdAt", json!(1)),
        ("updatedAt", json!(1)),
        ("status", json!(1)),
    ] {
        let refused = error("PROPERTY_VALIDATION_NOT_UPDATABLE", &[("PROP_NAME", &format!("KalturaAppToken::{name}"))]);
        let update = json!({"ks": root, "id": id, "appToken": {name: value}});
        assert_eq!(house.fault("appToken.update", &update), refused);
        assert_eq!(house.fault("appToken.add", &json!({"ks": root, "appToken": {name: value}})), refused);
        // The stored value is no change.
        let same = json!({"ks": root, "id": id, "appToken": {name: get()[name]}});
        assert_eq!(house.good("appToken.update", &same)["id"], id, "{name}");
    }
}

#[test]
fn the_user_of_its_sessions_is_made_and_must_be_able_to_be_one() {
    let house = House::build();
    let account = house.account(501);
    let root = account.admin();
    let user = ks_schema::UserId::new("new one".replace(' ', "."));
    assert!(house.wait(house.store.user(account.partner(), &user)).expect("a store").is_none());
    let token = add(&house, &account, &json!({"sessionUserId": user.as_str()}));
    assert!(house.wait(house.store.user(account.partner(), &user)).expect("a store").is_some());
    // Nobody in particular is allowed, in both spellings.
    assert_eq!(add(&house, &account, &json!({"sessionUserId": ""}))["sessionUserId"], "");
    let refused = error("INVALID_FIELD_VALUE", &[("FIELD_NAME", "sessionUserId")]);
    for wrong in ["a b", "a/b", "ü", &"x".repeat(321)] {
        let app_token = json!({"sessionUserId": wrong});
        assert_eq!(house.fault("appToken.add", &json!({"ks": root, "appToken": app_token})), refused, "{wrong}");
        let update = json!({"ks": root, "id": token["id"], "appToken": app_token});
        assert_eq!(house.fault("appToken.update", &update), refused, "{wrong}");
    }
}

#[test]
fn what_is_deleted_is_not_there_any_more() {
    let house = House::build();
    let account = house.account(501);
    let root = account.admin();
    let token = add(&house, &account, &json!({}));
    let one = json!({"ks": root, "id": token["id"], "appToken": {}});
    assert_eq!(house.good("appToken.delete", &one), Value::Null);
    for id in [text(&token, "id"), "", "0_nothing", "a\u{7f}b"] {
        let expected = error("APP_TOKEN_ID_NOT_FOUND", &[("ID", id)]);
        let params = json!({"ks": root, "id": id, "appToken": {}, "tokenHash": "x"});
        for name in ["appToken.get", "appToken.update", "appToken.delete", "appToken.startSession"] {
            assert_eq!(house.fault(name, &params), expected, "{name}");
        }
    }
    assert_eq!(house.good("appToken.list", &json!({"ks": root}))["totalCount"], 0);
}

#[test]
fn lists_filter_and_order() {
    let house = House::build();
    let (account, other) = (house.account(501), house.account(502));
    let root = account.admin();
    let ids: Vec<String> = ["anna", "berta", "anna"]
        .iter()
        .map(|user| text(&add(&house, &account, &json!({"sessionUserId": user})), "id").to_owned())
        .collect();
    let foreign = add(&house, &other, &json!({"sessionUserId": "anna"}));
    let list = |filter: Value| -> (i64, Vec<String>) {
        let answer = house.good("appToken.list", &json!({"ks": root, "filter": filter}));
        assert_eq!(answer["objectType"], "KalturaAppTokenListResponse");
        let objects = answer["objects"].as_array().expect("objects");
        let mut found: Vec<String> = objects.iter().map(|object| text(object, "id").to_owned()).collect();
        found.sort();
        (answer["totalCount"].as_i64().expect("a count"), found)
    };
    let some = |wanted: &[usize]| -> (i64, Vec<String>) {
        let mut found: Vec<String> = wanted.iter().map(|index| ids[*index].clone()).collect();
        found.sort();
        (i64::try_from(found.len()).expect("a few"), found)
    };
    let at = now();
    for (filter, expected) in [
        (json!({}), some(&[0, 1, 2])),
        (json!({"idEqual": ids[1]}), some(&[1])),
        (json!({"idIn": format!("{}, {}", ids[0], ids[2])}), some(&[0, 2])),
        (json!({"idIn": foreign["id"]}), some(&[])),
        (json!({"sessionUserIdEqual": "anna"}), some(&[0, 2])),
        (json!({"sessionUserIdEqual": "nobody"}), some(&[])),
        (json!({"statusEqual": 2}), some(&[0, 1, 2])),
        (json!({"statusEqual": 3}), some(&[])),
        (json!({"statusIn": "1,3"}), some(&[])),
        (json!({"createdAtGreaterThanOrEqual": at + 1_000_000_000}), some(&[])),
        (
            json!({"createdAtLessThanOrEqual": at + 1_000_000_000, "updatedAtGreaterThanOrEqual": 1_000_000_000}),
            some(&[0, 1, 2]),
        ),
        (json!({"updatedAtLessThanOrEqual": 1_000_000_000}), some(&[])),
    ] {
        assert_eq!(list(filter.clone()), expected, "{filter}");
    }
    for order in ["+createdAt", "-createdAt", "+updatedAt", "-updatedAt"] {
        assert_eq!(list(json!({"orderBy": order})), some(&[0, 1, 2]), "{order}");
    }
    let page = json!({"ks": root, "pager": {"pageSize": 2, "pageIndex": 2}});
    let answer = house.good("appToken.list", &page);
    assert_eq!((&answer["totalCount"], answer["objects"].as_array().map(Vec::len)), (&json!(3), Some(1)));
}
