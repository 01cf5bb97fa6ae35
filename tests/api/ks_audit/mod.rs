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
fn logins_passwords_and_second_factors_are_there() {
    let house = House::build();
    let (account, other, stranger) = (house.account(501), house.account(502), house.account(503));
    for account in [&account, &other] {
        house.person(account, "ann", true, "ann501@example.com", "a long enough secret");
    }
    let log_in = |password: &str, from: &str| -> Value {
        let login = json!({"loginId": "ann501@example.com", "password": password, "partnerId": 501});
        let response = house.send(&request("user.loginByLoginId", &login).header("X-Forwarded-For", from));
        serde_json::from_slice(&response.body).expect("JSON")
    };
    for _ in 0..5 {
        assert_eq!(log_in("wrong", "192.0.2.7")["code"], "USER_WRONG_PASSWORD");
    }
    assert!(log_in("a long enough secret", "192.0.2.8").is_string());
    house.good("user.resetPassword", &json!({"email": "ann501@example.com"}));
    let key = json!({"hashKey": house.mailed_key("ann501@example.com"), "newPassword": "another long secret"});
    house.good("user.setInitialPassword", &key);
    house.good("user.resetPassword", &json!({"email": "ann501@example.com"}));
    house.good("user.generateQrCode", &json!({"hashKey": house.mailed_key("ann501@example.com")}));

    let ks = account.admin();
    let of = |ks: &str, kind: &str| entries(&house, ks, &json!({"relatedObjectTypeEqual": kind}));
    let failures = of(&ks, "loginFailure");
    let told: Vec<&str> = failures.iter().filter_map(|entry| entry["detail"].as_str()).collect();
    assert_eq!(
        told,
        [
            "no. 1 within a day, no. 1 from this network",
            "no. 2 within a day, no. 2 from this network",
            "no. 3 within a day, no. 3 from this network",
            "no. 4 within a day, no. 4 from this network",
            "no. 5 within a day, no. 5 from this network, which is blocked for 1 s",
        ],
    );
    assert_eq!(
        (&failures[0]["relatedObjectId"], &failures[0]["address"], &failures[0]["action"]),
        (&json!("ann"), &json!("192.0.2.7"), &json!("user.loginByLoginId"))
    );
    assert_eq!(of(&other.admin(), "loginFailure").len(), 5, "the login is that account's user's, too");
    let logins = of(&ks, "login");
    assert_eq!((logins.len(), &logins[0]["address"]), (1, &json!("192.0.2.8")));
    assert!(of(&other.admin(), "login").is_empty());
    let passwords = of(&ks, "password");
    assert_eq!(passwords.len(), 1);
    assert_eq!(
        (&passwords[0]["action"], &passwords[0]["relatedObjectId"], &passwords[0]["detail"]),
        (&json!("user.setInitialPassword"), &json!("ann"), &json!("by a key that was mailed"))
    );
    assert_eq!(of(&ks, "secondFactor")[0]["detail"], "a new one");
    assert!(of(&stranger.admin(), "loginFailure").is_empty());
}

#[test]
fn a_ban_is_written_down_with_who_said_so() {
    let house = House::build();
    let account = house.account(501);
    house.user(&account, "ann", &[]);
    let ks = account.mint(2, "maria", "");
    assert_eq!(house.call("user.notifyBan", &json!({"ks": ks, "userId": "ann"})), json!(null));
    let found = entries(&house, &ks, &json!({"relatedObjectTypeEqual": "ban"}));
    assert_eq!(
        (found.len(), &found[0]["relatedObjectId"], &found[0]["userId"], &found[0]["action"]),
        (1, &json!("ann"), &json!("maria"), &json!("user.notifyBan"))
    );
}

#[test]
fn a_parent_that_enters_is_seen() {
    let house = House::build();
    let (parent, child) = (house.account(501), house.account(502));
    house.change(&parent, |partner| partner.may_impersonate = true);
    let above = parent.partner();
    house.change(&child, move |partner| partner.parent_id = Some(above));
    let enter = json!({"secret": parent.admin_secret, "impersonatedPartnerId": 502, "userId": "eve", "type": 2,
                       "partnerId": 501});
    assert!(house.good("session.impersonate", &enter).is_string());
    let found = entries(&house, &child.admin(), &json!({"relatedObjectTypeEqual": "impersonation"}));
    assert_eq!(
        (found.len(), &found[0]["relatedObjectId"], &found[0]["detail"], &found[0]["action"]),
        (1, &json!("eve"), &json!("by account 501"), &json!("session.impersonate"))
    );
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
