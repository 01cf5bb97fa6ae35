//! `category.update`: who may, and what follows.

use ks_tests::channels::Channels;
use ks_tests::house::error;
use serde_json::{Value, json};

#[test]
fn under_entitlement_managers_change_categories() {
    let channels = Channels::build();
    let math = channels.add(json!({"name": "Math", "privacyContext": "math"}));
    let child = channels.add(json!({"name": "Child", "parentId": math, "inheritanceType": 1}));
    for (user, level) in [("boss", 0), ("mod", 1), ("cont", 2), ("member", 3), ("none", 4)] {
        channels.member(math, user, level);
    }
    channels.house.group(&channels.account, "bosses");
    channels.house.user(&channels.account, "bob", &[]);
    let _ = channels.house.member(&channels.account, "bob", "bosses", ks_store::MemberRole::Member);
    channels.member(math, "bosses", 0);
    let refused = error("NOT_ENTITLED_TO_UPDATE_CATEGORY", &[]);
    let admin = |user: &str| channels.account.mint(2, user, "privacycontext:math");
    for id in [math, child] {
        for user in ["mod", "cont", "member", "none", "stranger", ""] {
            let update = json!({"id": id, "category": {"description": user}});
            assert_eq!(channels.fault(&admin(user), "category.update", update), refused, "{user}");
            assert_eq!(channels.fault(&admin(user), "category.delete", json!({"id": id})), refused, "{user}");
        }
        for user in ["boss", "bob"] {
            let update = json!({"id": id, "category": {"description": user}});
            assert_eq!(channels.good(&admin(user), "category.update", update)["description"], user);
        }
    }
    // A user session has no role that lets it.
    let update = json!({"id": math, "category": {"description": "x"}});
    assert_eq!(channels.fault(&channels.user("boss", "math"), "category.update", update).0, "SERVICE_FORBIDDEN");
    // A manager without the name of the right is none for updates.
    let names = json!({"categoryId": math, "userId": "boss", "override": true,
                       "categoryUser": {"permissionNames": "CATEGORY_VIEW"}});
    channels.good(&channels.all, "categoryUser.update", names);
    let update = json!({"id": math, "category": {"description": "x"}});
    assert_eq!(channels.fault(&admin("boss"), "category.update", update), refused);
    assert_eq!(channels.call(&admin("boss"), "category.delete", json!({"id": child})), json!(null));
}

#[test]
fn faults_are_told_and_nothing_changes() {
    let channels = Channels::build();
    let a = channels.add(json!({"name": "A", "privacyContext": "math"}));
    let b = channels.add(json!({"name": "B", "parentId": a}));
    let c = channels.add(json!({"name": "C", "parentId": b}));
    channels.add(json!({"name": "D"}));
    let root = channels.add(json!({"name": "Root", "privacyContext": "math"}));
    let before = [a, b, c, root].map(|id| channels.category(id));
    let update = |id: i64, category: Value| {
        channels.fault(&channels.all, "category.update", json!({"id": id, "category": category}))
    };
    let name = "KalturaCategory::name";
    for (id, change, expected) in [
        (
            a,
            json!({"parentId": c}),
            error(
                "PARENT_CATEGORY_IS_CHILD",
                &[("PARENT_CATEGORY", &c.to_string()), ("OTHER_CATEGORY", &a.to_string())],
            ),
        ),
        (
            a,
            json!({"parentId": a}),
            error(
                "PARENT_CATEGORY_IS_CHILD",
                &[("PARENT_CATEGORY", &a.to_string()), ("OTHER_CATEGORY", &a.to_string())],
            ),
        ),
        (a, json!({"parentId": 9999}), error("PARENT_CATEGORY_NOT_FOUND", &[("ID", "9999")])),
        (a, json!({"name": "D"}), error("DUPLICATE_CATEGORY", &[("CATEGORY", "D")])),
        (b, json!({"parentId": 0, "name": "D"}), error("DUPLICATE_CATEGORY", &[("CATEGORY", "D")])),
        (a, json!({"name": ""}), error("PROPERTY_VALIDATION_MIN_LENGTH", &[("PROP_NAME", name), ("MIN_LEN", "1")])),
        (a, json!({"privacyContext": "a-b-c"}), error("PRIVACY_CONTEXT_INVALID_STRING", &[("CONTEXT", "a-b-c")])),
        (root, json!({"inheritanceType": 1}), error("CANNOT_INHERIT_MEMBERS_WHEN_PARENT_CATEGORY_IS_NOT_SET", &[])),
        (
            b,
            json!({"inheritanceType": 1, "owner": "ann"}),
            error("CANNOT_SET_OWNER_WHEN_CATEGORY_INHERIT_MEMBERS", &[]),
        ),
        (9999, json!({"name": "x"}), error("CATEGORY_NOT_FOUND", &[("ID", "9999")])),
    ] {
        assert_eq!(update(id, change.clone()), expected, "{change}");
    }
    assert_eq!([a, b, c, root].map(|id| channels.category(id)), before);
}

#[test]
fn a_name_is_part_of_the_names_below() {
    let channels = Channels::build();
    let a = channels.add(json!({"name": "A"}));
    let b = channels.add(json!({"name": "B", "parentId": a}));
    let c = channels.add(json!({"name": "C", "parentId": b}));
    let other = channels.add(json!({"name": "AB"}));
    channels.good(&channels.all, "category.update", json!({"id": a, "category": {"name": "Äpfel"}}));
    let names = [a, b, c, other].map(|id| channels.category(id)["fullName"].clone());
    assert_eq!(names, ["Äpfel", "Äpfel>B", "Äpfel>B>C", "AB"].map(|name| json!(name)));
    assert_eq!(channels.list(&channels.all, &json!({"fullNameStartsWith": "äpfel>b"})).0, [b, c]);
    channels.good(&channels.all, "category.update", json!({"id": b, "category": {"parentId": other, "name": "B2"}}));
    let moved = channels.category(c);
    assert_eq!((&moved["fullName"], &moved["fullIds"]), (&json!("AB>B2>C"), &json!(format!("{other}>{b}>{c}"))));
}

#[test]
fn members_follow_the_inheritance() {
    let channels = Channels::build();
    let above = channels.add(json!({"name": "Above", "privacyContext": "math", "owner": "ann",
                                    "defaultPermissionLevel": 1}));
    channels.member(above, "bob", 3);
    let child = channels.add(json!({"name": "Child", "parentId": above, "owner": "cat"}));
    channels.member(child, "dan", 3);
    let inherits = |kind: i64| {
        channels.good(&channels.all, "category.update", json!({"id": child, "category": {"inheritanceType": kind}}))
    };
    let members = || -> Vec<Value> {
        let list = json!({"filter": {"categoryIdEqual": child, "orderBy": "+createdAt"}});
        let answer = channels.good(&channels.all, "categoryUser.list", list);
        answer["objects"].as_array().expect("objects").iter().map(|member| member["userId"].clone()).collect()
    };
    assert_eq!(members(), ["cat", "dan"]);
    let inherited = inherits(1);
    assert_eq!((&inherited["owner"], &inherited["membersCount"]), (&json!("ann"), &json!(2)));
    assert_eq!(members(), ["ann", "bob"], "its own ones are gone");
    // Back again, it starts with the settings and the owner that it had from above, and no other member.
    let own = inherits(2);
    assert_eq!((&own["owner"], &own["membersCount"]), (&json!("ann"), &json!(1)));
    assert_eq!(own["defaultPermissionLevel"], 1);
    assert!(own.get("inheritedParentId").is_none());
    assert_eq!(members(), ["ann"]);
}

#[test]
fn privacy_and_contexts_decide_who_stays_a_member() {
    let channels = Channels::build();
    let math = channels.add(json!({"name": "Math", "privacyContext": "math", "owner": "ann"}));
    channels.member(math, "bob", 4);
    channels.member(math, "cat", 3);
    let child = channels.add(json!({"name": "Child", "parentId": math, "inheritanceType": 1, "privacy": 3}));
    let other = channels.add(json!({"name": "Other", "parentId": math, "owner": "dan", "privacy": 2}));
    let update =
        |category: Value| channels.good(&channels.all, "category.update", json!({"id": math, "category": category}));
    assert_eq!(update(json!({"privacy": 3}))["membersCount"], 2, "who may do nothing is out");
    assert_eq!(channels.category(child)["membersCount"], 2);
    // Without any context there are no members, and nothing to choose.
    let bare = update(json!({"privacyContext": ""}));
    for (name, value) in [
        ("privacy", json!(1)),
        ("appearInList", json!(1)),
        ("membersCount", json!(0)),
        ("privacyContexts", json!("")),
        ("inheritanceType", json!(2)),
    ] {
        assert_eq!(bare[name], value, "{name}");
        for id in [child, other] {
            assert_eq!(channels.category(id)[name], value, "{name} below");
        }
    }
    assert!(bare.get("owner").is_none() && channels.category(other).get("owner").is_none());
    // Contexts come back to all below.
    update(json!({"privacyContext": "bio1"}));
    assert_eq!(channels.category(child)["privacyContexts"], "bio1");
    let plain = channels.account.mint(2, "", "");
    assert_eq!(channels.fault(&plain, "category.get", json!({"id": child})).0, "CATEGORY_NOT_FOUND");
}
