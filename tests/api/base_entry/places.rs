//! What a list of entries says of categories.

use ks_tests::house::House;
use serde_json::{Value, json};

use super::{assign, category, free, listed, ready, strict};

#[test]
fn entries_are_found_by_their_categories() {
    let house = House::build();
    let account = house.account(1081);
    let ks = account.admin();
    let top = category(&house, &account, &json!({"name": "Top"}));
    let mid = category(&house, &account, &json!({"name": "Mid", "parentId": top}));
    let low = category(&house, &account, &json!({"name": "Low", "parentId": mid}));
    // Its numbers begin alike.
    let other = category(&house, &account, &json!({"name": "Top2"}));
    let entries = ["in top", "in mid", "in low", "in other", "nowhere", "in mid and other"];
    let ids: Vec<String> = entries.iter().map(|name| ready(&house, &ks, name)).collect();
    for (entry, place) in [(0, top), (1, mid), (2, low), (3, other), (5, mid), (5, other)] {
        assign(&house, &account, &ids[entry], place);
    }
    let all = |expected: &str| -> Vec<String> {
        expected.split(", ").filter(|it| !it.is_empty()).map(str::to_owned).collect()
    };
    for (filter, expected) in [
        (json!({"categoriesIdsMatchOr": mid.to_string()}), "in mid, in mid and other"),
        (json!({"categoriesIdsMatchOr": format!("{top},{low}")}), "in low, in top"),
        (json!({"categoriesIdsMatchOr": format!("{top},999999")}), "in top"),
        (json!({"categoriesIdsMatchOr": "999999"}), ""),
        (json!({"categoriesIdsMatchOr": "", "nameEqual": "nowhere"}), "nowhere"),
        (json!({"categoriesIdsMatchAnd": format!("{mid},{other}")}), "in mid and other"),
        (json!({"categoriesIdsMatchAnd": format!("{mid},{top}")}), ""),
        (json!({"categoryAncestorIdIn": mid.to_string()}), "in low, in mid, in mid and other"),
        (json!({"categoryAncestorIdIn": top.to_string()}), "in low, in mid, in mid and other, in top"),
        (json!({"categoryAncestorIdIn": low.to_string(), "categoriesIdsMatchOr": top.to_string()}), "in low"),
        (json!({"categoriesMatchOr": "Top>Mid"}), "in low, in mid, in mid and other"),
        (json!({"categoriesMatchOr": "top>mid>"}), "in low"),
        (json!({"categoriesMatchOr": "Top2,Top>Mid>Low"}), "in low, in mid and other, in other"),
        (json!({"categoriesFullNameIn": "Top2"}), "in mid and other, in other"),
        (json!({"categoriesMatchOr": "Nothing"}), ""),
        (json!({"categoriesMatchAnd": "Top,Top2"}), "in mid and other"),
        (json!({"categoriesMatchAnd": "Top,Nothing"}), ""),
        (json!({"categoriesIdsNotContains": mid.to_string()}), "in other, in top, nowhere"),
        (json!({"categoriesNotContains": "Top"}), "in other, nowhere"),
        (json!({"categoriesNotContains": "Top2,Nothing"}), "in low, in mid, in top, nowhere"),
        (json!({"categoriesIdsEmpty": 1}), "nowhere"),
        (json!({"categoriesIdsEmpty": 0, "nameLike": "other"}), "in mid and other, in other"),
        (json!({"categoriesIdsEmpty": -1, "nameEqual": "nowhere"}), "nowhere"),
    ] {
        assert_eq!(listed(&house, &ks, &filter), all(expected), "{filter}");
    }
}

#[test]
fn categories_that_the_session_does_not_see_match_nothing() {
    let house = House::build();
    let account = strict(&house, 1082);
    let free = free(&account);
    let hidden = json!({"name": "Hidden", "privacyContext": "portal", "privacy": 3, "appearInList": 3});
    let hidden = category(&house, &account, &hidden);
    let open = category(&house, &account, &json!({"name": "Open"}));
    let entry = ready(&house, &free, "x");
    assign(&house, &account, &entry, hidden);
    assign(&house, &account, &entry, open);
    let zed = account.mint(0, "zed", "list:*");
    let list = |filter: Value| listed(&house, &zed, &filter).len();
    assert_eq!(list(json!({})), 1, "it is in an open category, too");
    assert_eq!(list(json!({"categoriesIdsMatchOr": hidden.to_string()})), 0);
    assert_eq!(list(json!({"categoriesIdsMatchOr": format!("{hidden},{open}")})), 1);
    assert_eq!(list(json!({"categoriesIdsMatchAnd": format!("{hidden},{open}")})), 1, "what is hidden is dropped");
    assert_eq!(list(json!({"categoriesMatchOr": "Hidden"})), 0);
    // Without a look at who sees it.
    assert_eq!(list(json!({"categoryAncestorIdIn": hidden.to_string()})), 1);
}
