//! `category.delete`: what is below goes too, entries stay.

use ks_tests::channels::Channels;
use serde_json::{Value, json};

struct Scene {
    channels: Channels,
    root: i64,
    mid: i64,
    leaf: i64,
}

fn scene() -> Scene {
    let channels = Channels::build();
    channels.house.user(&channels.account, "owen", &[]);
    let root = channels.add(json!({"name": "Root", "privacyContext": "math"}));
    let mid = channels.add(json!({"name": "Mid", "parentId": root, "owner": "ann"}));
    let leaf = channels.add(json!({"name": "Leaf", "parentId": mid, "privacy": 3, "moderation": 1}));
    for entry in ["0_aaaaaaaa", "0_bbbbbbbb", "0_cccccccc"] {
        channels.entry(entry, "owen");
    }
    channels.put("0_aaaaaaaa", mid);
    channels.put("0_aaaaaaaa", leaf);
    channels.put("0_bbbbbbbb", leaf);
    channels.put("0_aaaaaaaa", root);
    // It waits below, and is nowhere else.
    let moderated = channels.account.mint(2, "", "disableentitlement,enablecategorymoderation");
    let place = json!({"categoryEntry": {"entryId": "0_cccccccc", "categoryId": leaf}});
    assert_eq!(channels.good(&moderated, "categoryEntry.add", place)["status"], 1);
    Scene { channels, root, mid, leaf }
}

fn places(channels: &Channels, entry: &str) -> Vec<(i64, i64)> {
    let answer = channels.good(&channels.all, "categoryEntry.list", json!({"filter": {"entryIdEqual": entry}}));
    let number = |place: &Value, name: &str| place[name].as_i64().expect("a number");
    let places = answer["objects"].as_array().expect("objects").iter();
    let mut places: Vec<_> = places.map(|place| (number(place, "categoryId"), number(place, "status"))).collect();
    places.sort_unstable();
    places
}

#[test]
fn entries_go_up() {
    let Scene { channels, root, mid, leaf } = scene();
    assert_eq!(channels.counts(root), [1, 2, 0]);
    assert_eq!(channels.call(&channels.all, "category.delete", json!({"id": mid})), json!(null));
    for id in [mid, leaf] {
        assert_eq!(channels.fault(&channels.all, "category.get", json!({"id": id})).0, "CATEGORY_NOT_FOUND");
    }
    assert_eq!(places(&channels, "0_aaaaaaaa"), [(root, 2)]);
    assert_eq!(places(&channels, "0_bbbbbbbb"), [(root, 2)]);
    assert_eq!(places(&channels, "0_cccccccc"), [(root, 1)]);
    assert_eq!(channels.counts(root), [2, 2, 1]);
    assert_eq!(channels.category(root)["directSubCategoriesCount"], 0);
    let members = json!({"filter": {"userIdEqual": "ann"}});
    assert_eq!(channels.good(&channels.all, "categoryUser.list", members)["totalCount"], 0);
    // Its name is free again.
    channels.add(json!({"name": "Mid", "parentId": root}));
}

#[test]
fn or_are_in_no_category_any_more() {
    let Scene { channels, root, mid, .. } = scene();
    let call = json!({"id": mid, "moveEntriesToParentCategory": 0});
    assert_eq!(channels.call(&channels.all, "category.delete", call), json!(null));
    assert_eq!(places(&channels, "0_aaaaaaaa"), [(root, 2)]);
    assert_eq!((places(&channels, "0_bbbbbbbb"), places(&channels, "0_cccccccc")), (vec![], vec![]));
    assert_eq!(channels.counts(root), [1, 1, 0]);
    // A root has nothing above.
    assert_eq!(channels.call(&channels.all, "category.delete", json!({"id": root})), json!(null));
    assert_eq!(places(&channels, "0_aaaaaaaa"), vec![]);
    assert_eq!(channels.list(&channels.all, &json!({})), (vec![], 0));
}
