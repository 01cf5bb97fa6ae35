//! Properties that need a permission of their own.

use ks_tests::channels::Channels;
use ks_tests::house::request;
use serde_json::json;

#[test]
fn what_a_role_may_not_write_is_dropped_and_named_in_a_header() {
    let channels = Channels::build();
    let math = channels.add(json!({"name": "Math", "privacyContext": "math", "privacy": 2}));
    channels.house.user(&channels.account, "ann", &[]);
    let role = channels.house.role(&channels.account, "EDITS", "CONTENT_MANAGE_EDIT_CATEGORIES");
    let small = channels.account.mint(2, "ann", &format!("disableentitlement,setrole:{role}"));
    let guarded = json!({"privacy": 3, "inheritanceType": 2, "defaultPermissionLevel": 1, "owner": "bob",
                         "contributionPolicy": 2, "privacyContext": "bio1", "isAggregationCategory": 1});
    let mut new = guarded.clone();
    new["name"] = json!("New");
    new["parentId"] = json!(math);
    let calls = [
        ("category.add", json!({"ks": small, "category": new})),
        ("category.update", json!({"ks": small, "id": math, "category": guarded})),
    ];
    for (name, params) in calls {
        let response = channels.house.send(&request(name, &params));
        for property in guarded.as_object().expect("an object").keys() {
            let header = response.header(&format!("KalturaCategory-{property}-error")).unwrap_or_default();
            assert!(header.contains(&format!("KalturaCategory::{property}")), "{name} {property}: {header:?}");
        }
        let answer = response.json();
        let usual = if name == "category.add" { 1 } else { 2 };
        for (property, value) in [
            ("privacy", json!(usual)),
            ("defaultPermissionLevel", json!(3)),
            ("contributionPolicy", json!(1)),
            ("privacyContexts", json!("math")),
            ("isAggregationCategory", json!(0)),
        ] {
            assert_eq!(answer[property], value, "{name} {property}");
        }
        // Nor does it become the owner of what it adds.
        assert!(answer.get("owner").is_none(), "{answer}");
    }
    // Who appears in lists is not guarded, although there are permission items for it.
    let listed = json!({"ks": small, "id": math, "category": {"appearInList": 3}});
    assert_eq!(channels.house.good("category.update", &listed)["appearInList"], 3);
}
