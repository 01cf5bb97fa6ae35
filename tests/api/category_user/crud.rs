//! Add, get, update, activate, list, delete.

use ks_schema::describe::Access;
use ks_schema::generated::classes;
use ks_tests::channels::Channels;
use ks_tests::house::error;
use serde_json::{Value, json};

#[test]
fn a_membership_comes_back_as_it_was_written() {
    let channels = Channels::build();
    let root = channels.add(json!({"name": "Root", "privacyContext": "math"}));
    let math = channels.add(json!({"name": "Math", "parentId": root}));
    let all = &channels.all;
    let sent = json!({"objectType": "KalturaCategoryUser", "categoryId": math, "userId": "ann", "permissionLevel": 2,
                      "updateMethod": 1, "permissionNames": "CATEGORY_VIEW,MY_OWN"});
    let added = channels.good(all, "categoryUser.add", json!({"categoryUser": sent}));
    for (name, value) in sent.as_object().expect("an object") {
        assert_eq!(&added[name], value, "{name}");
    }
    assert_eq!((&added["status"], &added["partnerId"]), (&json!(1), &json!(801)));
    assert_eq!(added["categoryFullIds"], format!("{root}>{math}"));
    let key = json!({"categoryId": math, "userId": "ann"});
    assert_eq!(channels.good(all, "categoryUser.get", key.clone()), added);
    let with = |more: Value| {
        let mut params = key.clone();
        for (name, value) in more.as_object().expect("an object") {
            params[name] = value.clone();
        }
        params
    };
    let change = json!({"permissionLevel": 1, "updateMethod": 0, "permissionNames": "CATEGORY_MODERATE"});
    let updated = channels.good(all, "categoryUser.update", with(json!({"categoryUser": change})));
    for (name, value) in change.as_object().expect("an object") {
        assert_eq!(&updated[name], value, "{name}");
    }
    // Names follow the level, unless they are named.
    let level = with(json!({"categoryUser": {"permissionLevel": 3}, "override": true}));
    assert_eq!(channels.good(all, "categoryUser.update", level)["permissionNames"], "CATEGORY_VIEW");
    let levels = [
        "CATEGORY_EDIT,CATEGORY_MODERATE,CATEGORY_CONTRIBUTE,CATEGORY_VIEW",
        "CATEGORY_MODERATE,CATEGORY_VIEW",
        "CATEGORY_CONTRIBUTE,CATEGORY_VIEW",
        "CATEGORY_VIEW",
        "",
    ];
    for (level, names) in levels.iter().enumerate() {
        let member = json!({"categoryId": math, "userId": format!("level{level}"), "permissionLevel": level});
        let added = channels.good(all, "categoryUser.add", json!({"categoryUser": member}));
        assert_eq!(added["permissionNames"], *names);
    }
    assert_eq!(channels.category(math)["membersCount"], 6);
    for info in classes::CATEGORY_USER.properties.iter().filter(|info| info.declared_in != "KalturaObject") {
        let named = error(
            "PROPERTY_VALIDATION_NOT_UPDATABLE",
            &[("PROP_NAME", &format!("KalturaCategoryUser::{}", info.name))],
        );
        let value = if info.name == "status" { json!(2) } else { json!("7") };
        if info.access == Access::ReadOnly {
            let wrong = json!({"categoryId": math, "userId": "new", info.name: value});
            assert_eq!(channels.fault(all, "categoryUser.add", json!({"categoryUser": wrong})), named);
        }
        if info.access != Access::ReadWrite {
            let wrong = with(json!({"categoryUser": {info.name: value}, "override": true}));
            assert_eq!(channels.fault(all, "categoryUser.update", wrong), named);
        }
    }
    for (action, status, counts) in [("deactivate", 3, [5, 0]), ("activate", 1, [6, 0])] {
        let changed = channels.good(all, &format!("categoryUser.{action}"), key.clone());
        assert_eq!(changed["status"], status);
        let category = channels.category(math);
        assert_eq!(["membersCount", "pendingMembersCount"].map(|name| category[name].as_i64()), counts.map(Some));
    }
    let list = json!({"filter": {"categoryIdEqual": math, "userIdEqual": "ann"}});
    assert_eq!(channels.good(all, "categoryUser.list", list.clone())["objects"][0]["userId"], "ann");
    assert_eq!(channels.call(all, "categoryUser.delete", key.clone()), json!(null));
    assert_eq!(channels.good(all, "categoryUser.list", list)["totalCount"], 0);
    let missing = error("INVALID_CATEGORY_USER_ID", &[("CAT", &math.to_string()), ("USER", "ann")]);
    for action in ["get", "update", "delete", "activate", "deactivate"] {
        let call = with(json!({"categoryUser": {}}));
        assert_eq!(channels.fault(all, &format!("categoryUser.{action}"), call), missing, "{action}");
        let stranger = json!({"categoryId": math, "userId": "stranger", "categoryUser": {}});
        let unknown = error("INVALID_USER_ID", &[]);
        assert_eq!(channels.fault(all, &format!("categoryUser.{action}"), stranger), unknown, "{action}");
    }
    assert_eq!(channels.category(math)["membersCount"], 5);
    // The place is free again.
    channels.member(math, "ann", 3);
}

#[test]
fn changes_by_hand_stay_unless_they_are_overridden() {
    let channels = Channels::build();
    let math = channels.add(json!({"name": "Math", "privacyContext": "math", "owner": "boss"}));
    channels.member(math, "ann", 3);
    let update = |user: &str, member: Value, force: bool| {
        let call = json!({"categoryId": math, "userId": user, "categoryUser": member, "override": force});
        channels.call(&channels.all, "categoryUser.update", call)
    };
    for sent in [json!({"permissionLevel": 2}), json!({"permissionLevel": 2, "updateMethod": 1})] {
        assert_eq!(update("ann", sent, false)["code"], "CANNOT_OVERRIDE_MANUAL_CHANGES");
    }
    // A change that says that it is by hand is one: in the reference, 0 counts as nothing said.
    assert_eq!(update("ann", json!({"permissionLevel": 2, "updateMethod": 0}), false)["permissionLevel"], 2);
    assert_eq!(update("ann", json!({"permissionLevel": 1, "updateMethod": 1}), true)["updateMethod"], 1);
    assert_eq!(update("ann", json!({"permissionLevel": 3}), false)["permissionLevel"], 3);
    // The owner stays who they are.
    let frozen = "CANNOT_UPDATE_CATEGORY_USER_OWNER";
    for sent in [json!({"permissionNames": "CATEGORY_VIEW"}), json!({"permissionLevel": 3})] {
        assert_eq!(update("boss", sent, true)["code"], frozen);
    }
    let key = json!({"categoryId": math, "userId": "boss"});
    assert_eq!(channels.fault(&channels.all, "categoryUser.delete", key).0, frozen);
}

#[test]
fn members_are_copied_from_above() {
    let channels = Channels::build();
    let root = channels.add(json!({"name": "Root", "privacyContext": "math", "owner": "boss"}));
    channels.member(root, "ann", 1);
    let child = channels.add(json!({"name": "Child", "parentId": root}));
    channels.member(child, "ann", 3);
    let inherits = channels.add(json!({"name": "Inherits", "parentId": root, "inheritanceType": 1}));
    let copy = |id: i64| channels.call(&channels.all, "categoryUser.copyFromCategory", json!({"categoryId": id}));
    assert_eq!(copy(child), json!(null));
    let list = json!({"filter": {"categoryIdEqual": child, "orderBy": "+createdAt"}});
    let members = channels.good(&channels.all, "categoryUser.list", list);
    let found: Vec<_> = members["objects"]
        .as_array()
        .expect("objects")
        .iter()
        .map(|member| (member["userId"].as_str().unwrap_or_default(), member["permissionLevel"].as_i64()))
        .collect();
    assert_eq!(found, [("ann", Some(3)), ("boss", Some(0))], "who is there stays as they are");
    assert_eq!(channels.category(child)["membersCount"], 2);
    assert_eq!(copy(root)["code"], "CATEGORY_DOES_NOT_HAVE_PARENT_CATEGORY");
    assert_eq!(copy(inherits)["code"], "CATEGORY_INHERIT_MEMBERS");
    assert_eq!(copy(9999)["code"], "CATEGORY_NOT_FOUND");
    let boss = channels.account.mint(2, "boss", "privacycontext:math");
    let refused = channels.fault(&boss, "categoryUser.copyFromCategory", json!({"categoryId": child}));
    assert_eq!(refused, error("CANNOT_UPDATE_CATEGORY_USER", &[]));
}
