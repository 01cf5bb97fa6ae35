//! `category.get`: when categories seem to be missing.

use ks_tests::channels::Channels;
use ks_tests::house::error;
use serde_json::json;

#[test]
fn what_is_hidden_and_what_is_not_there_look_alike() {
    let channels = Channels::build();
    let open = channels.add(json!({"name": "Open"}));
    let listed = channels.add(json!({"name": "Listed", "privacyContext": "math", "privacy": 3}));
    let hidden = channels.add(json!({"name": "Hidden", "privacyContext": "math", "privacy": 3, "appearInList": 3}));
    let child = channels.add(json!({"name": "Child", "parentId": hidden, "inheritanceType": 1, "appearInList": 3}));
    channels.member(hidden, "ann", 3);
    channels.member(hidden, "none", 4);
    let (admin, ann, zed) =
        (channels.account.mint(2, "", ""), channels.user("ann", "math"), channels.user("zed", "math"));
    let sees = |ks: &str, id: i64| {
        let answer = channels.call(ks, "category.get", json!({"id": id}));
        if answer["objectType"] == "KalturaCategory" {
            assert_eq!(answer["id"], id);
            return true;
        }
        assert_eq!(ks_tests::call::fault(&answer), error("CATEGORY_NOT_FOUND", &[("ID", &id.to_string())]));
        false
    };
    let ids = [open, listed, hidden, child];
    let seen = |ks: &str| ids.map(|id| sees(ks, id));
    assert_eq!(seen(&channels.all), [true; 4]);
    assert_eq!(seen(&admin), [true, false, false, false], "being an administrator changes nothing");
    assert_eq!(seen(&channels.account.mint(2, "", "all:*")), [true, false, false, false]);
    assert_eq!(seen(&ann), [false, true, true, true]);
    assert_eq!(seen(&zed), [false, true, false, false]);
    assert_eq!(seen(&channels.user("none", "math")), [false, true, false, true], "NONE counts where privacy is not 3");
    assert_eq!(seen(&channels.user("ann", "MATH")), [false, true, true, true], "contexts are compared in lower case");
    assert_eq!(seen(&channels.user("ann", "bio1")), [false; 4]);
    assert!(!sees(&channels.all, 999_999));
    // A child is shown with its parents' names, whoever sees those.
    channels.member(hidden, "bob", 0);
    assert_eq!(channels.category(child)["fullName"], "Hidden>Child");
    // Lists show what get shows.
    assert_eq!(channels.list(&admin, &json!({})), (vec![open], 1));
    assert_eq!(channels.list(&ann, &json!({})), (vec![listed, hidden, child], 3));
    assert_eq!(channels.list(&zed, &json!({})), (vec![listed], 1));
}

#[test]
fn members_of_a_child_are_those_above() {
    let channels = Channels::build();
    let above = channels.add(json!({"name": "Above", "privacyContext": "math", "owner": "ann",
                                    "defaultPermissionLevel": 2}));
    channels.member(above, "bob", 3);
    let child = channels.add(json!({"name": "Child", "parentId": above, "inheritanceType": 1}));
    let below = channels.add(json!({"name": "Below", "parentId": child, "inheritanceType": 1}));
    for id in [child, below] {
        let seen = channels.category(id);
        for (name, value) in [
            ("inheritedParentId", json!(above)),
            ("owner", json!("ann")),
            ("membersCount", json!(2)),
            ("defaultPermissionLevel", json!(2)),
            ("userJoinPolicy", json!(3)),
            ("privacy", json!(1)),
        ] {
            assert_eq!(seen[name], value, "{name}");
        }
        assert_eq!(channels.list(&channels.all, &json!({"idEqual": id, "membersCountGreaterThanOrEqual": 2})).1, 1);
        assert_eq!(channels.list(&channels.all, &json!({"idEqual": id, "membersCountLessThanOrEqual": 1})).1, 0);
    }
}
