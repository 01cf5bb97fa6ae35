//! `categories` and `categoriesIds`: places in categories without privacy context.

use ks_tests::house::{House, error};
use serde_json::{Value, json};

use super::{assign, category, free, id, ready, strict};

/// What an entry says of its categories.
fn told(entry: &Value) -> (Value, Value) {
    (entry["categories"].clone(), entry["categoriesIds"].clone())
}

#[test]
fn names_and_ids_are_two_ways_to_say_one_thing() {
    let house = House::build();
    let account = house.account(1091);
    let ks = account.admin();
    let added = house.good("baseEntry.add", &json!({"ks": ks, "entry": {"categories": "News>Local, Sports"}}));
    let entry = id(&added);
    let named = |full_name: &str| {
        let found = house.good("category.list", &json!({"ks": ks, "filter": {"fullNameEqual": full_name}}));
        found["objects"][0].clone()
    };
    let (local, sports) = (named("News>Local"), named("Sports"));
    let ids = format!("{},{}", local["id"], sports["id"]);
    assert_eq!(told(&added), (json!("News>Local,Sports"), json!(ids)));
    // Counted up to the root.
    assert_eq!((&local["directEntriesCount"], &local["entriesCount"]), (&json!(1), &json!(1)));
    assert_eq!((&named("News")["directEntriesCount"], &named("News")["entriesCount"]), (&json!(0), &json!(1)));

    let update =
        |change: Value| house.good("baseEntry.update", &json!({"ks": ks, "entryId": entry, "baseEntry": change}));
    assert_eq!(told(&update(json!({"name": "other"}))), told(&added), "what is not sent stays");
    let changed = update(json!({"categoriesIds": sports["id"].to_string()}));
    assert_eq!(told(&changed), (json!("Sports"), json!(sports["id"].to_string())));
    assert_eq!(named("News")["entriesCount"], 0);
    // Where both are sent, the names win.
    let changed = update(json!({"categories": "News", "categoriesIds": sports["id"].to_string()}));
    assert_eq!(changed["categories"], "News");
    assert_eq!(told(&update(json!({"categories": ""}))), (json!(""), json!("")));
    house.good("baseEntry.update", &json!({"ks": ks, "entryId": entry, "baseEntry": {"categories": "News"}}));
    house.good("baseEntry.delete", &json!({"ks": ks, "entryId": entry}));
    assert_eq!(named("News")["entriesCount"], 0, "a deleted entry is counted nowhere");
}

#[test]
fn entitled_places_are_left_alone() {
    let house = House::build();
    let account = house.account(1092);
    let ks = account.admin();
    let entitled = category(&house, &account, &json!({"name": "Portal", "privacyContext": "portal"}));
    let plain = category(&house, &account, &json!({"name": "Plain"}));
    let entry = ready(&house, &ks, "x");
    assign(&house, &account, &entry, entitled);
    assign(&house, &account, &entry, plain);
    let places = || {
        let filter = json!({"entryIdEqual": entry, "orderBy": "+createdAt"});
        let list = house.good("categoryEntry.list", &json!({"ks": ks, "filter": filter}));
        let ids = list["objects"].as_array().expect("a list").iter().map(|it| it["categoryId"].as_i64());
        ids.flatten().collect::<std::collections::BTreeSet<_>>()
    };
    let got = house.good("baseEntry.get", &json!({"ks": ks, "entryId": entry}));
    assert_eq!(told(&got), (json!("Plain"), json!(plain.to_string())));
    let params = json!({"ks": ks, "entryId": entry, "baseEntry": {"categories": ""}});
    assert_eq!(told(&house.good("baseEntry.update", &params)), (json!(""), json!("")));
    assert_eq!(places(), [entitled].into());
    // In a context of its own the session neither sees nor writes them.
    let portal = account.mint(2, "root", "privacycontext:portal");
    let got = house.good("baseEntry.get", &json!({"ks": portal, "entryId": entry}));
    assert!(got.get("categories").is_none() && got.get("categoriesIds").is_none(), "{got}");
    for change in [json!({"categories": "Plain"}), json!({"categoriesIds": plain.to_string()})] {
        let params = json!({"ks": portal, "entryId": entry, "baseEntry": change});
        assert_eq!(house.fault("baseEntry.update", &params), error("ENTRY_CATEGORY_FIELD_IS_DEPRECATED", &[]));
    }
}

#[test]
fn only_what_the_session_sees_can_be_named() {
    let house = House::build();
    let account = strict(&house, 1093);
    let hidden = json!({"name": "Portal", "privacyContext": "portal"});
    let hidden = category(&house, &account, &hidden);
    let plain = category(&house, &account, &json!({"name": "Plain"}));
    let zed = account.mint(0, "zed", "");
    let entry = ready(&house, &zed, "x");
    let update = |ks: &str, change: Value| {
        house.call("baseEntry.update", &json!({"ks": ks, "entryId": entry, "baseEntry": change}))
    };
    let fault = |ks: &str, change: Value| ks_tests::call::fault(&update(ks, change));
    assert_eq!(update(&zed, json!({"categories": "Plain"}))["categoriesIds"], plain.to_string());
    for unknown in [hidden.to_string(), "999999".to_owned(), "x".to_owned()] {
        let expected = error("CATEGORY_NOT_FOUND", &[("ID", &unknown)]);
        assert_eq!(fault(&zed, json!({"categoriesIds": unknown})), expected);
    }
    let expected = error("CATEGORY_NOT_PERMITTED", &[("CATEGORY", "Portal")]);
    assert_eq!(fault(&zed, json!({"categories": "Portal"})), expected);
    let expected = error("PROPERTY_VALIDATION_ADMIN_PROPERTY", &[("PROP_NAME", "categories")]);
    assert_eq!(fault(&zed, json!({"categories": "New"})), expected);
    // Nothing was changed by what was refused.
    let got = house.good("baseEntry.get", &json!({"ks": zed, "entryId": entry}));
    assert_eq!(got["categories"], "Plain");
    let made = update(&free(&account), json!({"categories": "New>Deep"}));
    assert_eq!(made["categories"], "New>Deep");
}

#[test]
fn an_entry_is_in_so_many_categories_at_most() {
    let house = House::build();
    let account = house.account(1094);
    let ks = account.admin();
    let many = |count: usize| (0..count).map(|number| format!("c{number}")).collect::<Vec<_>>().join(",");
    let full = error("MAX_CATEGORIES_FOR_ENTRY_REACHED", &[("CATEGORIES", "32")]);
    let add = |count: usize| json!({"ks": ks, "entry": {"name": "x", "categories": many(count)}});
    assert_eq!(house.fault("baseEntry.add", &add(33)), full);
    let added = house.good("baseEntry.add", &add(32));
    assert_eq!(added["categories"], many(32));
    // All of them may be others at once.
    let other = many(64).split(',').skip(32).collect::<Vec<_>>().join(",");
    let params = json!({"ks": ks, "entryId": added["id"], "baseEntry": {"categories": other}});
    assert_eq!(house.good("baseEntry.update", &params)["categories"], other);
}

#[test]
fn a_child_has_no_categories_of_its_own() {
    let house = House::build();
    let account = house.account(1095);
    let ks = account.admin();
    let above = ready(&house, &ks, "above");
    let below = id(&house.good("baseEntry.add", &json!({"ks": ks, "entry": {"parentEntryId": above}})));
    let update = |id: &str, change: Value| {
        house.call("baseEntry.update", &json!({"ks": ks, "entryId": id, "baseEntry": change}))
    };
    for change in [
        json!({"categories": "News"}),
        json!({"categoriesIds": "1"}),
        json!({"accessControlId": 3}),
        json!({"startDate": 1_700_000_000}),
        json!({"endDate": 1_700_000_000}),
    ] {
        let refused = error("ASSIGNING_INFO_TO_ENTRY_WITH_PARENT_IS_FORBIDDEN", &[("ID", &below)]);
        assert_eq!(ks_tests::call::fault(&update(&below, change)), refused);
    }
    let missing = error("PARENT_ENTRY_ID_NOT_FOUND", &[("ID", "0_nothing1")]);
    assert_eq!(ks_tests::call::fault(&update(&above, json!({"parentEntryId": "0_nothing1"}))), missing);
    for circle in [&above, &below] {
        let fault = ks_tests::call::fault(&update(&above, json!({"parentEntryId": circle})));
        assert_eq!(fault, error("CYCLE_IN_PARENTAGE", &[]));
    }
}
