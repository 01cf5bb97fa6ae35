//! `categoryUser.list`: filters, and what it tells of hidden categories.

use ks_store::MemberRole;
use ks_tests::channels::Channels;
use ks_tests::house::error;
use serde_json::{Value, json};

/// `user@category` of what a filter finds, sorted; the count of all must agree.
fn found(channels: &Channels, ks: &str, filter: &Value) -> Vec<String> {
    let answer = channels.good(ks, "categoryUser.list", json!({ "filter": filter }));
    let objects = answer["objects"].as_array().expect("objects");
    assert_eq!(answer["totalCount"].as_u64(), u64::try_from(objects.len()).ok(), "{filter}");
    let name = |member: &Value| format!("{}@{}", member["userId"].as_str().unwrap_or_default(), member["categoryId"]);
    let mut found: Vec<_> = objects.iter().map(name).collect();
    found.sort();
    found
}

#[test]
fn every_filter_finds_what_it_says() {
    let channels = Channels::build();
    let math = channels.add(json!({"name": "Math", "privacyContext": "math", "owner": "boss"}));
    let child = channels.add(json!({"name": "Child", "parentId": math, "inheritanceType": 1}));
    let own = channels.add(json!({"name": "Own", "parentId": math}));
    channels.house.group(&channels.account, "team");
    channels.house.user(&channels.account, "ann", &[]);
    let _ = channels.house.member(&channels.account, "ann", "team", MemberRole::Member);
    let screen = json!({"userId": "ann", "user": {"screenName": "Ann Smith"}});
    channels.good(&channels.all, "user.update", screen);
    for (category, user, level) in [(math, "ann", 3), (math, "bob", 1), (own, "team", 2), (own, "cat", 4)] {
        channels.member(category, user, level);
    }
    let off = json!({"categoryId": own, "userId": "cat"});
    channels.good(&channels.all, "categoryUser.deactivate", off);
    let by_program =
        json!({"categoryId": math, "userId": "bob", "categoryUser": {"updateMethod": 1}, "override": true});
    channels.good(&channels.all, "categoryUser.update", by_program);
    let at = |user: &str, category: i64| format!("{user}@{category}");
    let in_math = vec![at("ann", math), at("bob", math), at("boss", math)];
    let in_own = vec![at("cat", own), at("team", own)];
    let both = [in_math.clone(), in_own.clone()].concat().into_iter();
    let mut both: Vec<String> = both.collect();
    both.sort();
    let ids = format!("{math},{own},9999");
    for (filter, expected) in [
        (json!({"categoryIdEqual": math}), in_math.clone()),
        (json!({"categoryIdEqual": child}), in_math.clone()),
        (json!({"categoryIdEqual": child, "categoryDirectMembers": true}), vec![]),
        (json!({"categoryIdEqual": 9999}), vec![]),
        (json!({"categoryIdIn": ids}), both.clone()),
        (json!({"categoryIdIn": ids, "categoryIdEqual": own}), in_own.clone()),
        (json!({"userIdEqual": "ann"}), vec![at("ann", math)]),
        (json!({"userIdEqual": "nobody"}), vec![]),
        (json!({"userIdIn": "ann,bob,nobody"}), vec![at("ann", math), at("bob", math)]),
        (json!({"categoryFullIdsEqual": format!("{math}>{own}")}), in_own.clone()),
        (json!({"categoryFullIdsStartsWith": math.to_string()}), both),
        (json!({"categoryFullIdsStartsWith": format!("{math}>")}), in_own.clone()),
        (json!({"relatedGroupsByUserId": "ann"}), vec![at("ann", math), at("team", own)]),
        (json!({"relatedGroupsByUserId": "ann", "userIdIn": "team"}), vec![at("team", own)]),
        (json!({"relatedGroupsByUserId": "nobody"}), vec![]),
        (json!({"categoryIdIn": ids, "permissionLevelEqual": 0}), vec![at("boss", math)]),
        (json!({"categoryIdIn": ids, "permissionLevelIn": "1,2"}), vec![at("bob", math), at("team", own)]),
        (json!({"categoryIdIn": ids, "statusEqual": 3}), vec![at("cat", own)]),
        (json!({"categoryIdIn": ids, "statusIn": "2,4"}), vec![]),
        (json!({"categoryIdIn": ids, "updateMethodEqual": 1}), vec![at("bob", math)]),
        (json!({"categoryIdEqual": math, "updateMethodIn": "0"}), vec![at("ann", math), at("boss", math)]),
        (json!({"categoryIdEqual": math, "createdAtGreaterThanOrEqual": 2_000_000_000}), vec![]),
        (json!({"categoryIdEqual": own, "createdAtLessThanOrEqual": 2_000_000_000}), in_own.clone()),
        (json!({"categoryIdEqual": own, "updatedAtGreaterThanOrEqual": 1_000_000_000}), in_own),
        (json!({"categoryIdEqual": math, "updatedAtLessThanOrEqual": 1_000_000_000}), vec![]),
        (
            json!({"categoryIdIn": ids, "permissionNamesMatchAnd": "CATEGORY_VIEW,CATEGORY_MODERATE"}),
            vec![at("bob", math), at("boss", math)],
        ),
        (
            json!({"categoryIdIn": ids, "permissionNamesMatchOr": "CATEGORY_EDIT,CATEGORY_CONTRIBUTE"}),
            vec![at("boss", math), at("team", own)],
        ),
        (json!({"categoryIdIn": ids, "permissionNamesNotContains": "CATEGORY_VIEW"}), vec![at("cat", own)]),
        (json!({"categoryIdEqual": math, "freeText": "SMITH"}), vec![at("ann", math)]),
        (json!({"categoryIdEqual": math, "freeText": "bo"}), vec![at("bob", math), at("boss", math)]),
    ] {
        let mut expected = expected;
        expected.sort();
        assert_eq!(found(&channels, &channels.all, &filter), expected, "{filter}");
    }
    let must = error("MUST_FILTER_USERS_OR_CATEGORY", &[]);
    for filter in [json!({}), json!({"permissionLevelEqual": 0, "freeText": "ann"}), json!({"userIdIn": ""})] {
        assert_eq!(channels.fault(&channels.all, "categoryUser.list", json!({ "filter": filter })), must);
    }
    assert_eq!(channels.fault(&channels.all, "categoryUser.list", json!({})), must);
    let order = |order: &str| -> Vec<Value> {
        let list = json!({"filter": {"categoryIdEqual": math, "orderBy": order}});
        let answer = channels.good(&channels.all, "categoryUser.list", list);
        answer["objects"].as_array().expect("objects").iter().map(|member| member["userId"].clone()).collect()
    };
    assert_eq!(
        (order("+createdAt"), order("-createdAt")),
        (vec![json!("boss"), json!("ann"), json!("bob")], vec![json!("bob"), json!("ann"), json!("boss")])
    );
    let page = json!({"filter": {"categoryIdEqual": math}, "pager": {"pageSize": 2, "pageIndex": 2}});
    let page = channels.good(&channels.all, "categoryUser.list", page);
    assert_eq!((&page["totalCount"], page["objects"].as_array().map(Vec::len)), (&json!(3), Some(1)));
}

#[test]
fn of_hidden_categories_one_learns_ones_own_memberships_only() {
    let channels = Channels::build();
    let hidden = channels.add(json!({"name": "Hidden", "privacyContext": "math", "appearInList": 3, "privacy": 3}));
    let shown = channels.add(json!({"name": "Shown", "privacyContext": "math"}));
    for user in ["ann", "bob"] {
        channels.member(shown, user, 3);
        channels.member(hidden, user, 3);
    }
    channels.member(hidden, "none", 4);
    let at = |user: &str, category: i64| format!("{user}@{category}");
    let mut both = vec![at("bob", hidden), at("bob", shown)];
    both.sort();
    let of_bob = json!({"userIdEqual": "bob"});
    let zed = channels.user("zed", "math");
    assert_eq!(found(&channels, &zed, &of_bob), [at("bob", shown)]);
    assert_eq!(found(&channels, &zed, &json!({"userIdIn": "bob,ann"})).len(), 2);
    assert_eq!(found(&channels, &zed, &json!({"relatedGroupsByUserId": "bob"})), [at("bob", shown)]);
    assert_eq!(found(&channels, &zed, &json!({"categoryFullIdsStartsWith": hidden.to_string()})), [""; 0]);
    assert_eq!(found(&channels, &zed, &json!({"categoryIdEqual": hidden})), [""; 0]);
    assert_eq!(found(&channels, &channels.user("ann", "math"), &of_bob), both, "a member sees the others");
    // Whose category is hidden from themselves still see that they are in it.
    let none = channels.user("none", "math");
    assert_eq!(found(&channels, &none, &json!({"userIdEqual": "none"})), [at("none", hidden)]);
    assert_eq!(found(&channels, &none, &of_bob), [at("bob", shown)]);
    assert_eq!(found(&channels, &channels.all, &of_bob), both);
}
