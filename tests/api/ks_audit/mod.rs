//! The service `ks_audit`: who changed what.

use ks_tests::house::{House, now, request};
use serde_json::{Value, json};

fn entries(house: &House, ks: &str, filter: &Value) -> Vec<Value> {
    let answer = house.good("ks_audit.list", &json!({"ks": ks, "filter": filter, "pager": {"pageSize": 500}}));
    let objects = answer["objects"].as_array().expect("objects").clone();
    assert_eq!(answer["totalCount"].as_u64(), u64::try_from(objects.len()).ok(), "{answer}");
    objects
}

#[test]
fn a_change_names_who_made_it_and_from_where() {
    let house = House::build();
    let (account, other) = (house.account(501), house.account(502));
    let ks = account.mint(2, "maria", "");
    let before = now();
    let response =
        house.send(&request("appToken.add", &json!({"ks": ks, "appToken": {}})).header("X-Forwarded-For", "192.0.2.7"));
    let added: Value = serde_json::from_slice(&response.body).expect("JSON");
    let own = json!({"relatedObjectTypeEqual": "appToken"});
    let found = entries(&house, &ks, &own);
    assert_eq!(found.len(), 1, "{found:?}");
    let at = found[0]["createdAt"].as_i64().expect("a time");
    assert!((before..=now()).contains(&at), "{found:?}");
    assert_eq!(
        found[0],
        json!({"id": found[0]["id"], "createdAt": at, "partnerId": 501, "action": "appToken.add",
               "relatedObjectType": "appToken", "relatedObjectId": added["id"], "actorPartnerId": 501, "userId": "maria",
               "sessionHash": account.read(&ks).hash.to_string(), "address": "192.0.2.7",
               "requestId": response.header("X-Kaltura-Session").expect("a request id"),
               "objectType": "KalturaKsAuditEntry"})
    );
    // Neither the token nor the key is in it.
    let whole = json!(found).to_string();
    assert!(!whole.contains(&ks) && !whole.contains(added["token"].as_str().expect("a key")), "{whole}");
    // It is the account's own.
    assert!(entries(&house, &other.admin(), &own).is_empty());
}

#[test]
fn every_change_is_there_and_no_refused_one() {
    let house = House::build();
    let account = house.account(501);
    let ks = account.mint(2, "maria", "");
    let calls = [
        ("widget.update", json!({"id": "_501", "widget": {"partnerData": "x"}}), "widget", "_501"),
        ("userRole.add", json!({"userRole": {"name": "Role"}}), "userRole", ""),
        ("permission.add", json!({"permission": {"name": "OWN"}}), "permission", ""),
        ("partner.update", json!({"partner": {"description": "x"}}), "partner", "501"),
        ("ks_secret.add", json!({}), "partner", "501"),
    ];
    for (name, params, kind, id) in calls {
        let mut params = params;
        params["ks"] = json!(ks);
        house.good(name, &params);
        let found = entries(&house, &ks, &json!({"actionEqual": name}));
        assert_eq!(found.len(), 1, "{name}: {found:?}");
        assert_eq!(
            (&found[0]["relatedObjectType"], &found[0]["relatedObjectId"]),
            (&json!(kind), &json!(id)),
            "{name}"
        );
    }
    let count = entries(&house, &ks, &json!({})).len();
    let _ = house.call("widget.update", &json!({"ks": ks, "id": "none", "widget": {}}));
    let _ = house.call("userRole.add", &json!({"ks": ks, "userRole": {"name": "Role"}}));
    let _ = house.call("widget.list", &json!({"ks": ks}));
    assert_eq!(entries(&house, &ks, &json!({})).len(), count);
    // The end of a session is a change, too.
    let ended = account.mint(2, "paul", "");
    house.good("session.end", &json!({"ks": ended}));
    let hash = account.read(&ended).hash.to_string();
    let found = entries(&house, &ks, &json!({"relatedObjectIdEqual": hash, "userIdEqual": "paul"}));
    assert_eq!((found.len(), &found[0]["sessionHash"]), (1, &json!(hash)));

    let newest = entries(&house, &ks, &json!({"orderBy": "-id"}));
    assert_eq!(newest[0]["action"], "session.end");
    for (filter, empty) in [
        (json!({"createdAtLessThanOrEqual": 1_000_000_000}), true),
        (json!({"createdAtGreaterThanOrEqual": 1_000_000_000}), false),
        (json!({"actionIn": "nothing,widget.update"}), false),
        (json!({"relatedObjectTypeIn": "session"}), false),
        (json!({"actorPartnerIdEqual": 502}), true),
        (json!({"sessionHashEqual": hash}), false),
        (json!({"addressEqual": "192.0.2.1"}), true),
        (json!({"requestIdEqual": newest[0]["requestId"]}), false),
    ] {
        assert_eq!(entries(&house, &ks, &filter).is_empty(), empty, "{filter}");
    }
}
