//! Who may change memberships under entitlement.

use ks_store::MemberRole;
use ks_tests::channels::Channels;
use serde_json::{Value, json};

#[test]
fn managers_change_members_and_members_may_leave() {
    let channels = Channels::build();
    let math = channels.add(json!({"name": "Math", "privacyContext": "math", "owner": "boss"}));
    let hidden = channels.add(json!({"name": "Hidden", "privacyContext": "math", "appearInList": 3, "owner": "boss"}));
    for (user, level) in [("mod", 1), ("ann", 3), ("bob", 3), ("none", 4)] {
        channels.member(math, user, level);
        channels.member(hidden, user, level);
    }
    channels.house.group(&channels.account, "bosses");
    channels.house.user(&channels.account, "deputy", &[]);
    let _ = channels.house.member(&channels.account, "deputy", "bosses", MemberRole::Member);
    channels.member(math, "bosses", 0);
    let refused = |ks: &str, action: &str, user: &str, category: i64| -> Value {
        let call =
            json!({"categoryId": category, "userId": user, "override": true, "categoryUser": {"permissionLevel": 3}});
        channels.call(ks, &format!("categoryUser.{action}"), call)["code"].clone()
    };
    let no = json!("CANNOT_UPDATE_CATEGORY_USER");
    for caller in ["mod", "ann", "none", "stranger", ""] {
        for action in ["update", "delete", "activate", "deactivate"] {
            assert_eq!(refused(&channels.user(caller, "math"), action, "bob", math), no, "{caller} {action}");
        }
    }
    // The category is hidden from a stranger: nothing of it is told.
    for (action, code) in [
        ("get", "CATEGORY_NOT_FOUND"),
        ("update", "CATEGORY_NOT_FOUND"),
        ("delete", "CATEGORY_NOT_FOUND"),
        ("activate", "CANNOT_UPDATE_CATEGORY_USER"),
        ("deactivate", "CANNOT_UPDATE_CATEGORY_USER"),
    ] {
        // Whether somebody is in it or not.
        for user in ["bob", "deputy"] {
            assert_eq!(refused(&channels.user("stranger", "math"), action, user, hidden), code, "{action} {user}");
        }
    }
    for caller in ["boss", "deputy"] {
        for action in ["update", "deactivate", "activate"] {
            assert_eq!(refused(&channels.user(caller, "math"), action, "bob", math), Value::Null, "{caller} {action}");
        }
    }
    // One's own membership can be left, and not be made to count.
    let ann = channels.user("ann", "math");
    assert_eq!(refused(&ann, "activate", "ann", math), no);
    assert_eq!(refused(&ann, "deactivate", "ann", math), Value::Null);
    assert_eq!(refused(&ann, "delete", "ann", math), no, "a membership that does not count gives no right");
    let bob = channels.user("bob", "math");
    assert_eq!(refused(&bob, "delete", "bob", math), Value::Null);
    assert_eq!(refused(&channels.user("boss", "math"), "delete", "boss", math), "CANNOT_UPDATE_CATEGORY_USER_OWNER");
    assert_eq!(refused(&channels.user("boss", "math"), "delete", "mod", math), Value::Null);
}

#[test]
fn members_that_a_category_has_from_above_are_changed_above() {
    let channels = Channels::build();
    let math = channels.add(json!({"name": "Math", "privacyContext": "math", "owner": "boss"}));
    channels.member(math, "ann", 3);
    let child = channels.add(json!({"name": "Child", "parentId": math, "inheritanceType": 1}));
    let key = json!({"categoryId": child, "userId": "ann", "categoryUser": {}});
    let seen = channels.good(&channels.all, "categoryUser.get", key.clone());
    assert_eq!((&seen["categoryId"], &seen["userId"]), (&json!(math), &json!("ann")));
    for (action, code) in [
        ("update", "INVALID_CATEGORY_USER_ID"),
        ("delete", "CATEGORY_INHERIT_MEMBERS"),
        ("activate", "INVALID_CATEGORY_USER_ID"),
    ] {
        assert_eq!(channels.fault(&channels.all, &format!("categoryUser.{action}"), key.clone()).0, code, "{action}");
    }
}
