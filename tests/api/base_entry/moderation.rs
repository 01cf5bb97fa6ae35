//! `flag`, `listFlags`, `approve`, `reject` and `anonymousRank`.

use ks_tests::house::{House, error};
use serde_json::{Value, json};

use super::{listed, ready};

#[test]
fn moderators_are_told_and_decide() {
    let house = House::build();
    let account = house.account(1031);
    let admin = account.admin();
    let entry = ready(&house, &admin, "x");
    let get = || house.good("baseEntry.get", &json!({"ks": admin, "entryId": entry}));
    let flag = |ks: &str, flag: Value| house.good("baseEntry.flag", &json!({"ks": ks, "moderationFlag": flag}));
    assert_eq!(
        flag(&account.mint(0, "ann", ""), json!({"flaggedEntryId": entry, "comments": "spam", "flagType": 4})),
        Value::Null
    );
    flag(&account.mint(0, "0", "view:*,widget:1"), json!({"flaggedEntryId": entry}));
    let flagged = get();
    assert_eq!((&flagged["moderationStatus"], &flagged["moderationCount"]), (&json!(5), &json!(2)));
    let params = json!({"ks": admin, "entryId": entry});
    let flags = house.good("baseEntry.listFlags", &params);
    assert_eq!(flags["totalCount"], 2);
    let first = &flags["objects"][1];
    let seen = [
        "objectType",
        "partnerId",
        "userId",
        "moderationObjectType",
        "flaggedEntryId",
        "status",
        "comments",
        "flagType",
    ];
    let seen: Vec<Value> = seen.iter().map(|name| first[name].clone()).collect();
    assert_eq!(json!(seen), json!(["KalturaModerationFlag", 1031, "ann", "2", entry, "1", "spam", 4]));
    assert!(flags["objects"][0].get("userId").is_none(), "{flags}");
    let page = json!({"ks": admin, "entryId": entry, "pager": {"pageSize": 1, "pageIndex": 2}});
    let page = house.good("baseEntry.listFlags", &page);
    assert_eq!((&page["totalCount"], &page["objects"][0]["userId"]), (&json!(2), &json!("ann")));
    assert_eq!(listed(&house, &admin, &json!({})), ["x"], "flagged entries are listed");

    assert_eq!(house.good("baseEntry.reject", &params), Value::Null);
    let rejected = get();
    assert_eq!((&rejected["moderationStatus"], &rejected["moderationCount"]), (&json!(3), &json!(0)));
    assert_eq!(house.good("baseEntry.listFlags", &params)["totalCount"], 0);
    assert!(listed(&house, &admin, &json!({})).is_empty(), "refused entries are not listed");
    assert_eq!(listed(&house, &admin, &json!({"moderationStatusEqual": 3})), ["x"]);
    house.good("baseEntry.approve", &params);
    assert_eq!(get()["moderationStatus"], 2);
    assert_eq!(listed(&house, &admin, &json!({})), ["x"]);
}

#[test]
fn a_flag_names_an_entry() {
    let house = House::build();
    let account = house.account(1032);
    let ks = account.admin();
    let fault = |flag: Value| house.fault("baseEntry.flag", &json!({"ks": ks, "moderationFlag": flag}));
    let prop = [("PROP_NAME", "KalturaModerationFlag::flaggedEntryId")];
    assert_eq!(fault(json!({})), error("PROPERTY_VALIDATION_CANNOT_BE_NULL", &prop));
    let missing = error("ENTRY_ID_NOT_FOUND", &[("ENTRY_ID", "0_nothing1")]);
    assert_eq!(fault(json!({"flaggedEntryId": "0_nothing1"})), missing);
}

#[test]
fn ranks_add_up() {
    let house = House::build();
    let account = house.account(1033);
    let ks = account.mint(0, "ann", "");
    let entry = ready(&house, &ks, "x");
    for rank in [5, 4, 1] {
        house.good("baseEntry.anonymousRank", &json!({"ks": ks, "entryId": entry, "rank": rank}));
    }
    let ranked = house.good("baseEntry.get", &json!({"ks": ks, "entryId": entry}));
    assert_eq!((&ranked["votes"], &ranked["totalRank"]), (&json!(3), &json!(10)));
    assert_eq!(ranked["rank"], 3.333);
    for rank in [0, 6, -1] {
        let fault = house.fault("baseEntry.anonymousRank", &json!({"ks": ks, "entryId": entry, "rank": rank}));
        assert_eq!(fault, error("INVALID_FIELD_VALUE", &[("FIELD_NAME", "rank")]), "{rank}");
    }
    for (filter, expected) in [
        (json!({"rankGreaterThanOrEqual": 3.3}), 1),
        (json!({"rankGreaterThanOrEqual": 3.4}), 0),
        (json!({"rankLessThanOrEqual": 3.4, "totalRankGreaterThanOrEqual": 10}), 1),
        (json!({"totalRankLessThanOrEqual": 9}), 0),
    ] {
        assert_eq!(house.good("baseEntry.count", &json!({"ks": ks, "filter": filter})), expected, "{filter}");
    }
}
