//! `clone`.

use ks_tests::house::{House, error};
use serde_json::{Value, json};

use super::{assign, category, free, id, ready_as, strict};

#[test]
fn a_copy_is_the_callers_own() {
    let house = House::build();
    let account = house.account(1101);
    let admin = account.admin();
    let entry = json!({"name": "x", "description": "d", "tags": "a,b", "userId": "owner", "categories": "News",
                       "entitledUsersEdit": "ed", "accessControlId": 4, "referenceId": "ref"});
    let source = ready_as(&house, &admin, &entry);
    let copy = |ks: &str, options: Value| {
        house.good("baseEntry.clone", &json!({"ks": ks, "entryId": source, "cloneOptions": options}))
    };
    let copied = copy(&admin, json!([]));
    assert_ne!(copied["id"], json!(source));
    for (name, expected) in [
        ("objectType", json!("KalturaMediaEntry")),
        ("name", json!("x")),
        ("description", json!("d")),
        ("tags", json!("a,b")),
        ("userId", json!("root")),
        ("creatorId", json!("root")),
        ("status", json!("2")),
        ("categories", json!("News")),
        ("entitledUsersEdit", json!("ed")),
        ("accessControlId", json!(4)),
    ] {
        assert_eq!(copied[name], expected, "{name} in {copied}");
    }
    assert!(copied.get("referenceId").is_none(), "an id of another system is one entry's: {copied}");
    assert_eq!(copy(&account.mint(2, "", ""), json!([]))["userId"], "owner");
    let option = |item: &str, rule: &str| json!([{"objectType": "KalturaBaseEntryCloneOptionComponent", "itemType": item, "rule": rule}]);
    let without = copy(&admin, option("2", "1"));
    assert_eq!((&without["categories"], &without["entitledUsersEdit"]), (&json!(""), &json!("ed")));
    let only = copy(&admin, option("1", "0"));
    assert_eq!((&only["categories"], &only["entitledUsersEdit"]), (&json!(""), &json!("ed")));
    assert!(only.get("accessControlId").is_none(), "{only}");
    // Who has no hand in an entry gives nobody one.
    let zed = copy(&account.mint(0, "zed", ""), json!([]));
    assert_eq!((&zed["userId"], &zed["entitledUsersEdit"]), (&json!("zed"), &json!("")));
    let missing = house.fault("baseEntry.clone", &json!({"ks": admin, "entryId": "0_nothing1"}));
    assert_eq!(missing, error("ENTRY_ID_NOT_FOUND", &[("ENTRY_ID", "0_nothing1")]));
}

#[test]
fn a_copy_goes_where_anybody_may_put_entries() {
    let house = House::build();
    let account = strict(&house, 1102);
    let admin = free(&account);
    let open = json!({"name": "Open", "privacyContext": "portal"});
    let closed = json!({"name": "Closed", "privacyContext": "portal", "contributionPolicy": 2});
    let (open, closed) = (category(&house, &account, &open), category(&house, &account, &closed));
    let source = ready_as(&house, &admin, &json!({"name": "x"}));
    assign(&house, &account, &source, open);
    assign(&house, &account, &source, closed);
    let places = |ks: &str| {
        let copied = id(&house.good("baseEntry.clone", &json!({"ks": ks, "entryId": source})));
        let list = json!({"ks": admin, "filter": {"entryIdEqual": copied}});
        let list = house.good("categoryEntry.list", &list);
        let ids = list["objects"].as_array().expect("a list").iter().map(|it| it["categoryId"].as_i64());
        ids.flatten().collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(places(&admin), [open, closed].into());
    assert_eq!(places(&account.mint(0, "zed", "privacycontext:portal")), [open].into());
}
