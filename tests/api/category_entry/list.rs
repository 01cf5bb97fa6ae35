//! `categoryEntry.list`: filters, and what is told under entitlement.

use ks_tests::channels::Channels;
use ks_tests::house::error;
use serde_json::{Value, json};

/// `entry@category` of what a filter finds, sorted; the count of all must agree.
fn found(channels: &Channels, ks: &str, filter: &Value) -> Vec<String> {
    let answer = channels.good(ks, "categoryEntry.list", json!({ "filter": filter }));
    let objects = answer["objects"].as_array().expect("objects");
    assert_eq!(answer["totalCount"].as_u64(), u64::try_from(objects.len()).ok(), "{filter}");
    let name = |place: &Value| format!("{}@{}", place["entryId"].as_str().unwrap_or_default(), place["categoryId"]);
    let mut found: Vec<_> = objects.iter().map(name).collect();
    found.sort();
    found
}

#[test]
fn every_filter_finds_what_it_says() {
    let channels = Channels::build();
    channels.house.user(&channels.account, "owen", &[]);
    let math = channels.add(json!({"name": "Math", "privacyContext": "math", "moderation": 1}));
    let child = channels.add(json!({"name": "Child", "parentId": math}));
    for entry in ["0_aaaaaaaa", "0_bbbbbbbb"] {
        channels.entry(entry, "owen");
        channels.put(entry, math);
    }
    let owen = channels.account.mint(0, "owen", "disableentitlement,enablecategorymoderation");
    channels.entry("0_cccccccc", "owen");
    for (entry, category) in [("0_cccccccc", math), ("0_aaaaaaaa", child)] {
        let place = json!({"entryId": entry, "categoryId": category});
        channels.good(&owen, "categoryEntry.add", json!({"categoryEntry": place}));
    }
    let at = |entry: &str, category: i64| format!("0_{}@{category}", entry.repeat(8));
    let ids = format!("{math},{child}");
    let (a, b, c, below) = (at("a", math), at("b", math), at("c", math), at("a", child));
    for (filter, mut expected) in [
        (json!({}), vec![&a, &b, &c, &below]),
        (json!({"categoryIdEqual": math}), vec![&a, &b, &c]),
        (json!({"categoryIdIn": ids}), vec![&a, &b, &c, &below]),
        (json!({"entryIdEqual": " 0_aaaaaaaa "}), vec![&a, &below]),
        (json!({"entryIdIn": "0_bbbbbbbb, 0_cccccccc"}), vec![&b, &c]),
        (json!({"entryIdIn": "0_bbbbbbbb,0_aaaaaaaa", "categoryIdEqual": child}), vec![&below]),
        (json!({"categoryFullIdsStartsWith": math.to_string()}), vec![&a, &b, &c, &below]),
        (json!({"categoryFullIdsStartsWith": format!("{math}>{child}")}), vec![&below]),
        (json!({"statusEqual": 1}), vec![&c]),
        (json!({"statusIn": "1,2", "categoryIdEqual": child}), vec![&below]),
        (json!({"statusIn": "3,4"}), vec![]),
        (json!({"creatorUserIdEqual": "owen"}), vec![&c, &below]),
        (json!({"creatorUserIdIn": "owen,nobody"}), vec![&c, &below]),
        (json!({"createdAtGreaterThanOrEqual": 2_000_000_000}), vec![]),
        (json!({"createdAtLessThanOrEqual": 2_000_000_000, "categoryIdEqual": child}), vec![&below]),
    ] {
        expected.sort();
        let expected: Vec<String> = expected.into_iter().cloned().collect();
        assert_eq!(found(&channels, &channels.all, &filter), expected, "{filter}");
    }
    let order = |order: &str| -> Vec<Value> {
        let list = json!({"filter": {"categoryIdEqual": math, "orderBy": order}, "pager": {"pageSize": 2}});
        let answer = channels.good(&channels.all, "categoryEntry.list", list);
        assert_eq!(answer["totalCount"], 3);
        answer["objects"].as_array().expect("objects").iter().map(|place| place["entryId"].clone()).collect()
    };
    assert_eq!(order("+createdAt"), ["0_aaaaaaaa", "0_bbbbbbbb"]);
    assert_eq!(order("-createdAt"), ["0_cccccccc", "0_bbbbbbbb"]);
}

#[test]
fn of_hidden_entries_and_categories_nothing_is_told() {
    let channels = Channels::build();
    channels.house.user(&channels.account, "owen", &[]);
    let open = channels.add(json!({"name": "Open"}));
    let shown = channels.add(json!({"name": "Shown", "privacyContext": "math"}));
    let hidden = channels.add(json!({"name": "Hidden", "privacyContext": "math", "privacy": 3, "appearInList": 3}));
    channels.member(hidden, "ann", 3);
    channels.member(hidden, "none", 4);
    for (entry, categories) in
        [("0_mixedone", vec![open, shown, hidden]), ("0_hiddenon", vec![hidden]), ("0_shownone", vec![shown])]
    {
        channels.entry(entry, "owen");
        categories.into_iter().for_each(|category| channels.put(entry, category));
    }
    let (zed, ann) = (channels.user("zed", "math"), channels.user("ann", "math"));
    let at = |entry: &str, category: i64| format!("{entry}@{category}");
    let of = |entry: &str| json!({"entryIdEqual": entry});
    assert_eq!(found(&channels, &zed, &of("0_mixedone")), [at("0_mixedone", shown)]);
    assert_eq!(found(&channels, &zed, &json!({"entryIdIn": "0_mixedone,0_hiddenon"})), [at("0_mixedone", shown)]);
    let mut both = vec![at("0_mixedone", shown), at("0_mixedone", hidden)];
    both.sort();
    assert_eq!(found(&channels, &ann, &of("0_mixedone")), both);
    assert_eq!(found(&channels, &ann, &json!({"categoryIdEqual": hidden})).len(), 2);
    let plain = channels.account.mint(2, "", "");
    assert_eq!(found(&channels, &plain, &of("0_mixedone")), [at("0_mixedone", open)]);
    let fault = |ks: &str, filter: Value| channels.fault(ks, "categoryEntry.list", json!({ "filter": filter }));
    let missing = |id: &str| error("CATEGORY_NOT_FOUND", &[("ID", id)]);
    assert_eq!(fault(&zed, of("0_hiddenon")), error("ENTRY_ID_NOT_FOUND", &[("ENTRY_ID", "0_hiddenon")]));
    for user in ["zed", "none"] {
        let ks = channels.user(user, "math");
        assert_eq!(fault(&ks, json!({"categoryIdEqual": hidden})), missing(&hidden.to_string()), "{user}");
    }
    let ids = format!("{shown},{hidden}");
    assert_eq!(fault(&zed, json!({"categoryIdIn": ids})), missing(&ids), "all or nothing");
    let must = error("MUST_FILTER_ON_ENTRY_OR_CATEGORY", &[]);
    let user = channels.account.mint(0, "zed", "disableentitlement");
    for ks in [&zed, &plain, &user] {
        assert_eq!(fault(ks, json!({"statusEqual": 2})), must);
    }
}
