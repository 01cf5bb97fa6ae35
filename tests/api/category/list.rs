//! `category.list`: filters, orders, pages.

use ks_tests::channels::Channels;
use ks_tests::house::error;
use serde_json::{Value, json};

#[test]
fn every_filter_finds_what_it_says() {
    let channels = Channels::build();
    let art = channels.add(json!({"name": "Art", "tags": "red,Blue", "referenceId": "R-1", "description": "Painting",
                                  "partnerSortValue": 5}));
    let math = channels.add(json!({"name": "Math", "privacyContext": "math,bio1", "privacy": 2, "owner": "ann",
                                   "tags": "blue", "contributionPolicy": 2, "appearInList": 3}));
    let algebra =
        channels.add(json!({"name": "Algebra", "parentId": math, "inheritanceType": 1, "referenceId": "r-2"}));
    let groups = channels.add(json!({"name": "Groups 101", "parentId": algebra, "inheritanceType": 1, "privacy": 3}));
    let collector = channels.add(json!({"name": "Best", "isAggregationCategory": 1}));
    let shown = channels.add(json!({"name": "Shown", "aggregationCategories": collector.to_string()}));
    channels.member(math, "bob", 3);
    channels.member(math, "cat", 1);
    let id = |ids: &[i64]| ids.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
    let path = format!("{math}>{algebra}");
    let cases: Vec<(Value, Vec<i64>)> = vec![
        (json!({"idEqual": art}), vec![art]),
        (json!({"idIn": id(&[art, groups, 9999])}), vec![art, groups]),
        (json!({"idNotIn": id(&[art, math, collector, shown])}), vec![algebra, groups]),
        (json!({"parentIdEqual": math}), vec![algebra]),
        (json!({"parentIdEqual": 0}), vec![art, math, collector, shown]),
        (json!({"parentIdIn": id(&[math, algebra])}), vec![algebra, groups]),
        (json!({"depthEqual": 2}), vec![groups]),
        (json!({"fullNameEqual": "Math>Algebra"}), vec![algebra]),
        (json!({"fullNameEqual": "Algebra"}), vec![]),
        (json!({"fullNameStartsWith": "math>"}), vec![algebra, groups]),
        (json!({"fullNameIn": "Art,Math>Algebra"}), vec![art, algebra]),
        (json!({"fullNameStartsWithIn": "ar,math>alg"}), vec![art, algebra, groups]),
        (json!({"fullIdsEqual": path}), vec![algebra]),
        (json!({"fullIdsStartsWith": path}), vec![algebra, groups]),
        (json!({"fullIdsStartsWith": format!("{path}>")}), vec![groups]),
        (json!({"fullIdsMatchOr": format!("{path},{art}")}), vec![art, algebra, groups]),
        (json!({"createdAtGreaterThanOrEqual": 2_000_000_000}), vec![]),
        (json!({"createdAtLessThanOrEqual": 2_000_000_000, "idIn": id(&[art])}), vec![art]),
        (json!({"updatedAtGreaterThanOrEqual": 1_000_000_000, "idIn": id(&[art])}), vec![art]),
        (json!({"updatedAtLessThanOrEqual": 1_000_000_000}), vec![]),
        (json!({"tagsLike": "blu"}), vec![art, math]),
        (json!({"tagsMultiLikeOr": "red,green"}), vec![art]),
        (json!({"tagsMultiLikeAnd": "red,blue"}), vec![art]),
        (json!({"appearInListEqual": 3}), vec![math]),
        (json!({"privacyEqual": 3}), vec![groups]),
        (json!({"privacyIn": "2,3"}), vec![math, groups]),
        (json!({"inheritanceTypeEqual": 1}), vec![algebra, groups]),
        (json!({"inheritanceTypeIn": "1"}), vec![algebra, groups]),
        (json!({"referenceIdEqual": "R-1"}), vec![art]),
        (json!({"referenceIdEmpty": 1}), vec![math, collector, shown, groups]),
        (json!({"referenceIdEmpty": 0}), vec![art, algebra]),
        (json!({"referenceIdEmpty": -1, "depthEqual": 2}), vec![groups]),
        (json!({"contributionPolicyEqual": 2}), vec![math]),
        (json!({"membersCountGreaterThanOrEqual": 3}), vec![math, algebra, groups]),
        (json!({"membersCountLessThanOrEqual": 2, "parentIdEqual": 0}), vec![art, collector, shown]),
        (json!({"pendingMembersCountGreaterThanOrEqual": 1}), vec![]),
        (json!({"pendingMembersCountLessThanOrEqual": 0, "depthEqual": 2}), vec![groups]),
        (json!({"privacyContextEqual": "bio1"}), vec![math]),
        (json!({"privacyContextEqual": "*"}), vec![math]),
        (json!({"statusEqual": 2, "depthEqual": 1}), vec![algebra]),
        (json!({"statusIn": "1,3,4"}), vec![]),
        (json!({"inheritedParentIdEqual": math}), vec![algebra, groups]),
        (json!({"inheritedParentIdIn": id(&[math, art])}), vec![algebra, groups]),
        (json!({"partnerSortValueGreaterThanOrEqual": 5}), vec![art]),
        (json!({"partnerSortValueLessThanOrEqual": 4, "depthEqual": 1}), vec![algebra]),
        (json!({"aggregationCategoriesMultiLikeOr": format!("{collector},77")}), vec![shown]),
        (json!({"aggregationCategoriesMultiLikeAnd": format!("{collector},77")}), vec![]),
        (json!({"freeText": "PAINT"}), vec![art]),
        (json!({"freeText": "groups 101"}), vec![groups]),
        (json!({"freeText": "groups, painting"}), vec![art, groups]),
        (json!({"freeText": "\"groups\""}), vec![]),
        (json!({"freeText": "\"Groups 101\""}), vec![groups]),
        (json!({"freeText": "r-2"}), vec![algebra]),
        (json!({"freeText": shown.to_string(), "depthEqual": 0}), vec![shown]),
        (json!({"nameOrReferenceIdStartsWith": "r-"}), vec![art, algebra]),
        (json!({"nameOrReferenceIdStartsWith": "MA"}), vec![math]),
        (json!({"membersIn": "bob,nobody"}), vec![math, algebra, groups]),
        (json!({"membersIn": "nobody"}), vec![]),
        (json!({"managerEqual": "ann"}), vec![math, algebra, groups]),
        (json!({"managerEqual": "bob"}), vec![]),
        (json!({"memberEqual": "ann"}), vec![]),
        (json!({"memberEqual": "cat"}), vec![math, algebra, groups]),
        (json!({"ancestorIdIn": math.to_string()}), vec![algebra, groups]),
        (json!({"ancestorIdIn": "9999"}), vec![]),
        (json!({"ancestorIdIn": ""}), vec![art, math, collector, shown, algebra, groups]),
        (json!({"idOrInheritedParentIdIn": math.to_string()}), vec![math, algebra, groups]),
        (
            json!({"advancedSearch": {"objectType": "KalturaCategoryUserAdvancedFilter", "memberIdEq": "cat",
                                      "memberPermissionsMatchAnd": "CATEGORY_MODERATE,CATEGORY_VIEW"}}),
            vec![math, algebra, groups],
        ),
        (
            json!({"advancedSearch": {"objectType": "KalturaCategoryUserAdvancedFilter", "memberIdIn": "bob",
                                      "memberPermissionsMatchOr": "CATEGORY_EDIT,CATEGORY_MODERATE"}}),
            vec![],
        ),
        (
            json!({"advancedSearch": {"objectType": "KalturaSearchOperator", "type": 2, "items": [
                {"objectType": "KalturaCategoryUserAdvancedFilter", "memberIdEq": "nobody"},
                {"objectType": "KalturaCategoryUserAdvancedFilter", "memberIdEq": "ann"}]}, "depthEqual": 2}),
            vec![groups],
        ),
    ];
    for (filter, mut expected) in cases {
        let (mut found, total) = channels.list(&channels.all, &filter);
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected, "{filter}");
        assert_eq!(usize::try_from(total), Ok(expected.len()), "{filter}");
    }
    // Ancestors must be seen.
    let bob = channels.user("bob", "math");
    let zed = channels.user("zed", "math");
    let below = json!({"ancestorIdIn": math.to_string()});
    assert_eq!(channels.list(&bob, &below), (vec![algebra, groups], 2));
    assert_eq!(channels.list(&zed, &below), (vec![], 0));
    assert_eq!(channels.list(&zed, &json!({})), (vec![algebra, groups], 2), "children of hidden ones are listed");
}

#[test]
fn every_order_is_kept_with_the_id_as_its_last_word() {
    let channels = Channels::build();
    channels.house.user(&channels.account, "owen", &[]);
    let ids: Vec<i64> = [("b", 2, 1), ("c", 1, 2), ("a", 2, 0)]
        .into_iter()
        .map(|(name, sort, members)| {
            let id = channels.add(json!({"name": name, "partnerSortValue": sort, "privacyContext": "math"}));
            (0..members).for_each(|user| channels.member(id, &format!("user{user}"), 3));
            id
        })
        .collect();
    let below = channels.add(json!({"name": "below", "parentId": ids[1], "inheritanceType": 1}));
    for (entry, category) in [("0_aaaaaaaa", 0), ("0_bbbbbbbb", 0), ("0_cccccccc", 2)] {
        channels.entry(entry, "owen");
        channels.put(entry, ids[category]);
    }
    let by = |order: &str| channels.list(&channels.all, &json!({"orderBy": order, "idNotIn": below.to_string()})).0;
    let at = |places: [usize; 3]| places.map(|place| ids[place]).to_vec();
    for (order, rising) in [
        ("name", [2, 0, 1]),
        ("fullName", [2, 0, 1]),
        ("partnerSortValue", [1, 0, 2]),
        ("membersCount", [2, 0, 1]),
        ("entriesCount", [1, 2, 0]),
        ("directEntriesCount", [1, 2, 0]),
        ("directSubCategoriesCount", [0, 2, 1]),
        ("depth", [0, 1, 2]),
        ("createdAt", [0, 1, 2]),
    ] {
        assert_eq!(by(&format!("+{order}")), at(rising), "{order}");
        let mut falling = at(rising);
        falling.reverse();
        assert_eq!(by(&format!("-{order}")), falling, "{order}");
    }
    assert_eq!(by("+partnerSortValue,-name"), at([1, 0, 2]));
    assert_eq!(by("nothing"), at([0, 1, 2]));
    let all = channels.list(&channels.all, &json!({})).0;
    assert_eq!(all.last(), Some(&below), "from the root down");
}

#[test]
fn pages_hang_together_and_end_at_the_window() {
    let channels = Channels::build();
    let ids: Vec<i64> = (0..35).map(|number| channels.add(json!({"name": format!("c{number:02}")}))).collect();
    let page = |pager: Value| {
        let answer = channels.good(&channels.all, "category.list", json!({ "pager": pager }));
        assert_eq!(answer["totalCount"], 35);
        let objects = answer["objects"].as_array().expect("objects").clone();
        objects.iter().map(|object| object["id"].as_i64().expect("an id")).collect::<Vec<_>>()
    };
    assert_eq!(page(json!({})), ids[..30], "30 unless said otherwise");
    assert_eq!([page(json!({"pageSize": 20})), page(json!({"pageSize": 20, "pageIndex": 2}))].concat(), ids);
    assert_eq!(page(json!({"pageSize": 5000, "pageIndex": -1})), ids);
    assert_eq!(page(json!({"pageIndex": 3})), Vec::<i64>::new());
    assert_eq!(channels.list(&channels.all, &json!({})).0, ids, "all of them without a pager");
    let beyond = json!({"pager": {"pageSize": 500, "pageIndex": 21}});
    let told = error("QUERY_EXCEEDED_MAX_MATCHES_ALLOWED", &[]);
    assert_eq!(channels.fault(&channels.all, "category.list", beyond), told);
    let last = channels.good(&channels.all, "category.list", json!({"pager": {"pageSize": 500, "pageIndex": 20}}));
    assert_eq!((&last["totalCount"], &last["objects"]), (&json!(35), &json!([])));
}
