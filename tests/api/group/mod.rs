//! The services `group_group` and `groupUser`.

use ks_schema::describe::Access;
use ks_schema::generated::classes;
use ks_store::MemberRole;
use ks_tests::house::{House, error};
use serde_json::{Value, json};

#[test]
fn a_group_comes_back_as_it_was_written() {
    let house = House::build();
    let account = house.account(770);
    let ks = account.admin();
    let group = json!({"objectType": "KalturaGroup", "id": "team", "screenName": "The team", "description": "d",
                       "tags": "a", "partnerData": "p", "groupType": 1, "processStatus": 0});
    let added = house.good("group_group.add", &json!({"ks": ks, "group": group}));
    for (name, value) in group.as_object().expect("an object") {
        assert_eq!(&added[name], value, "{name}");
    }
    assert_eq!(added["membersCount"], 0);
    let get = || house.good("group_group.get", &json!({"ks": ks, "groupId": "team"}));
    assert_eq!(get(), added);
    let change = json!({"screenName": "Team", "tags": "b", "processStatus": 1});
    let updated = house.good("group_group.update", &json!({"ks": ks, "groupId": "team", "group": change}));
    assert_eq!(
        (&updated["screenName"], &updated["tags"], &updated["processStatus"]),
        (&json!("Team"), &json!("b"), &json!(1))
    );
    assert_eq!(get(), updated);
    for info in classes::GROUP.properties.iter().filter(|info| info.declared_in != "KalturaObject") {
        if info.access == Access::ReadOnly {
            let named =
                error("PROPERTY_VALIDATION_NOT_UPDATABLE", &[("PROP_NAME", &format!("KalturaGroup::{}", info.name))]);
            let wrong = json!({"id": "x", info.name: "1"});
            assert_eq!(house.fault("group_group.add", &json!({"ks": ks, "group": wrong})), named);
            assert_eq!(
                house.fault("group_group.update", &json!({"ks": ks, "groupId": "team", "group": {info.name: "1"}})),
                named
            );
        }
    }
    house.user(&account, "ann", &[]);
    let list = house.good("group_group.list", &json!({"ks": ks}));
    assert_eq!((&list["totalCount"], &list["objects"][0]), (&json!(1), &updated));
    // A user is no group, and shares its ids.
    assert_eq!(
        house.fault("group_group.get", &json!({"ks": ks, "groupId": "ann"})),
        error("INVALID_GROUP_ID", &[("ID", "ann")])
    );
    assert_eq!(
        house.fault("user.add", &json!({"ks": ks, "user": {"id": "team"}})),
        error("DUPLICATE_USER_BY_ID", &[("UID", "team")])
    );

    assert_eq!(house.good("group_group.delete", &json!({"ks": ks, "groupId": "team"}))["status"], 2);
    assert_eq!(house.fault("group_group.get", &json!({"ks": ks, "groupId": "team"})).0, "INVALID_GROUP_ID");
}

#[test]
fn a_clone_has_the_same_members() {
    let house = House::build();
    let account = house.account(771);
    let ks = account.admin();
    house.group(&account, "team");
    house.user(&account, "ann", &[]);
    let _ = house.member(&account, "ann", "team", MemberRole::Manager);
    let copy = json!({"ks": ks, "originalGroupId": "team", "newGroupId": "copy", "newGroupName": "Copy"});
    let made = house.good("group_group.clone", &copy);
    assert_eq!((&made["id"], &made["screenName"], &made["membersCount"]), (&json!("copy"), &json!("Copy"), &json!(1)));
    let members = house.good("groupUser.list", &json!({"ks": ks, "filter": {"groupIdEqual": "copy"}}));
    assert_eq!((&members["objects"][0]["userId"], &members["objects"][0]["userRole"]), (&json!("ann"), &json!(2)));
}

#[test]
fn members_come_and_go() {
    let house = House::build();
    let account = house.account(772);
    let ks = account.admin();
    house.group(&account, "team");
    house.user(&account, "ann", &[]);
    let member =
        json!({"objectType": "KalturaGroupUser", "userId": "ann", "groupId": "team", "creationMode": 2, "userRole": 2});
    let added = house.good("groupUser.add", &json!({"ks": ks, "groupUser": member}));
    for (name, value) in member.as_object().expect("an object") {
        assert_eq!(&added[name], value, "{name}");
    }
    assert_eq!((&added["status"], &added["partnerId"], &added["groupType"]), (&json!(0), &json!(772), &json!(1)));
    let list = |filter: Value| house.good("groupUser.list", &json!({"ks": ks, "filter": filter}));
    for filter in [
        json!({}),
        json!({"userIdEqual": "ann", "groupIdEqual": "team"}),
        json!({"userIdIn": "x,ann", "groupIdIn": "team", "statusEqual": 0, "groupType": 1}),
    ] {
        assert_eq!(list(filter.clone())["objects"], json!([added]), "{filter}");
    }
    assert_eq!(list(json!({"groupType": 2}))["totalCount"], 0);
    let change = json!({"ks": ks, "groupUserId": added["id"], "groupUser": {"userRole": 1}});
    assert_eq!(house.good("groupUser.update", &change)["userRole"], 1);
    for info in classes::GROUP_USER.properties.iter().filter(|info| info.declared_in != "KalturaObject") {
        let named =
            error("PROPERTY_VALIDATION_NOT_UPDATABLE", &[("PROP_NAME", &format!("KalturaGroupUser::{}", info.name))]);
        if info.access == Access::ReadOnly {
            let wrong = json!({"userId": "ann", "groupId": "team", info.name: "1"});
            assert_eq!(house.fault("groupUser.add", &json!({"ks": ks, "groupUser": wrong})), named);
        }
        if info.access != Access::ReadWrite {
            // A value that differs from what is kept.
            let wrong = json!({"ks": ks, "groupUserId": added["id"], "groupUser": {info.name: 0}});
            let same = added[info.name] == json!(0);
            if !same && info.name != "creationMode" && info.name != "groupType" {
                assert_eq!(house.fault("groupUser.update", &wrong), named);
            }
        }
    }
    assert_eq!(house.call("groupUser.delete", &json!({"ks": ks, "userId": "ann", "groupId": "team"})), json!(null));
    assert_eq!(
        (&list(json!({}))["totalCount"], &list(json!({"statusEqual": 1}))["totalCount"]),
        (&json!(0), &json!(1))
    );
}

#[test]
fn ordinary_users_manage_their_own_groups_only() {
    let house = House::build();
    let account = house.account(773);
    for group in ["mine", "theirs"] {
        house.group(&account, group);
    }
    for user in ["ann", "bob"] {
        house.user(&account, user, &[]);
    }
    let _ = house.member(&account, "ann", "mine", MemberRole::Manager);
    let _ = house.member(&account, "bob", "theirs", MemberRole::Member);
    let ks = account.mint(0, "ann", "");
    let add =
        |group: &str| house.call("groupUser.add", &json!({"ks": ks, "groupUser": {"userId": "bob", "groupId": group}}));
    assert_eq!(add("mine")["objectType"], "KalturaGroupUser");
    assert_eq!(add("theirs")["code"], "SERVICE_FORBIDDEN");
    assert_eq!(
        add("nothing")["code"],
        "SERVICE_FORBIDDEN",
        "who may not know a group does not hear whether it is there"
    );
    let list = |filter: Value| house.call("groupUser.list", &json!({"ks": ks, "filter": filter}));
    assert_eq!(list(json!({"userIdEqual": "ann"}))["totalCount"], 1);
    assert_eq!(list(json!({"groupIdEqual": "mine"}))["totalCount"], 2);
    for filter in [json!({}), json!({"userIdEqual": "bob"}), json!({"groupIdEqual": "theirs"})] {
        assert_eq!(list(filter.clone())["code"], "SERVICE_FORBIDDEN", "{filter}");
    }
}
