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

#[test]
fn all_groups_of_a_user_are_set_at_once() {
    let house = House::build();
    let account = house.account(774);
    let ks = account.admin();
    for group in ["one", "two", "old"] {
        house.group(&account, group);
    }
    house.user(&account, "ann", &[]);
    house.user(&account, "bob", &[]);
    let _ = house.member(&account, "ann", "one", MemberRole::Manager);
    let _ = house.member(&account, "ann", "old", MemberRole::Member);
    let groups = || -> Vec<String> {
        let filter = json!({"userIdEqual": "ann", "orderBy": "+createdAt"});
        let list = house.good("groupUser.list", &json!({"ks": ks, "filter": filter}));
        let mut ids: Vec<String> = list["objects"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|member| member["groupId"].as_str().expect("an id").to_owned())
            .collect();
        ids.sort();
        ids
    };
    let sync = |ids: &str, remove: bool, create: bool| {
        let params = json!({"ks": ks, "userId": "ann", "groupIds": ids, "removeFromExistingGroups": remove,
                            "createNewGroups": create});
        house.good("groupUser.sync", &params)
    };
    let lines = |job: &Value| -> Vec<(String, String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let results = job["results"].as_array().expect("a list").iter();
        results.map(|line| (text(&line["objectId"]), text(&line["status"]), text(&line["errorCode"]))).collect()
    };
    let line = |id: &str, status: &str, code: &str| (id.to_owned(), status.to_owned(), code.to_owned());
    // A job that has ended (5): everything went well ("2").
    let job = sync("one; two,new", true, true);
    assert_eq!(
        (&job["objectType"], &job["status"], &job["numOfObjects"]),
        (&json!("KalturaBulkUpload"), &json!(5), &json!(4))
    );
    assert_eq!(lines(&job), [line("one", "2", ""), line("two", "2", ""), line("new", "2", ""), line("old", "2", "")]);
    assert_eq!(job["results"][3]["action"], "3", "the group that is left is the one that was deleted");
    assert_eq!(groups(), ["new", "one", "two"]);
    assert_eq!(house.good("group_group.get", &json!({"ks": ks, "groupId": "new"}))["membersCount"], 1);
    let kept =
        house.good("groupUser.list", &json!({"ks": ks, "filter": {"userIdEqual": "ann", "groupIdEqual": "one"}}));
    assert_eq!(kept["objects"][0]["userRole"], 2, "who manages a group goes on managing it");
    let made =
        house.good("groupUser.list", &json!({"ks": ks, "filter": {"userIdEqual": "ann", "groupIdEqual": "two"}}));
    assert_eq!(made["objects"][0]["creationMode"], 2, "a program made it");
    // 12: in part; "1": wrong.
    let job = sync("old,nothing,bob,a b", false, false);
    assert_eq!(job["status"], 12);
    assert_eq!(
        lines(&job),
        [
            line("old", "2", ""),
            line("nothing", "1", "GROUP_NOT_FOUND"),
            line("bob", "1", "GROUP_NOT_FOUND"),
            line("a b", "1", "INVALID_FIELD_VALUE")
        ]
    );
    assert_eq!(groups(), ["new", "old", "one", "two"]);
    assert_eq!(sync("", true, true)["status"], 5);
    assert!(groups().is_empty());
}

#[test]
fn groups_are_searched_for() {
    let house = House::build();
    let account = house.account(775);
    let ks = account.admin();
    for (id, name, tags) in
        [("team-a", "The Team", "red,blue"), ("team-b", "Other", "green"), ("crew", "Crew of a", "")]
    {
        let group = json!({"id": id, "screenName": name, "tags": tags});
        house.good("group_group.add", &json!({"ks": ks, "group": group}));
    }
    house.user(&account, "team-user", &[]);
    house.user(&account, "another", &[]);
    let item = |field: &str, how: i64, term: &str| json!({"objectType": "KalturaESearchGroupItem", "fieldName": field, "itemType": how, "searchTerm": term});
    let all = |operator: i64, items: Vec<Value>| json!({"objectType": "KalturaESearchGroupOperator", "operator": operator, "searchItems": items});
    let search = |params: Value| -> Vec<String> {
        let found = house.good("group_group.searchGroup", &json!({"ks": ks, "searchParams": params}));
        assert_eq!(found["objectType"], "KalturaESearchGroupResponse");
        let objects = found["objects"].as_array().expect("a list");
        assert_eq!(found["totalCount"].as_u64(), u64::try_from(objects.len()).ok());
        objects.iter().map(|result| result["object"]["id"].as_str().expect("an id").to_owned()).collect()
    };
    let by = |operator: Value| {
        search(json!({"searchOperator": operator, "orderBy": {"orderItems": [
        {"objectType": "KalturaESearchGroupOrderByItem", "sortField": "puser_id", "sortOrder": "asc"}]}}))
    };
    // 1: exactly, 2: a part, 3: the beginning, 4: is there, 5: within bounds; operators 1: and, 2: or, 3: not.
    for (operator, expected) in [
        (all(1, vec![item("screen_name", 1, "the team")]), vec!["team-a"]),
        (all(1, vec![item("screen_name", 1, "team")]), vec![]),
        (all(1, vec![item("screen_name", 2, "TEAM")]), vec!["team-a"]),
        (all(1, vec![item("user_id", 3, "team")]), vec!["team-a", "team-b"]),
        (all(1, vec![item("tags", 1, "blue")]), vec!["team-a"]),
        (all(1, vec![item("tags", 4, "")]), vec!["team-a", "team-b"]),
        (all(2, vec![item("tags", 1, "green"), item("user_id", 1, "crew")]), vec!["crew", "team-b"]),
        (all(3, vec![item("user_id", 3, "team")]), vec!["crew"]),
        (all(1, vec![item("user_id", 3, "team"), all(3, vec![item("tags", 1, "red")])]), vec!["team-b"]),
        (all(1, vec![item("title", 2, "a")]), vec![]),
        (all(1, vec![]), vec!["crew", "team-a", "team-b"]),
    ] {
        assert_eq!(by(operator.clone()), expected, "{operator}");
    }
    let since = |bound: &str, time: i64| {
        all(
            1,
            vec![json!({"objectType": "KalturaESearchGroupItem", "fieldName": "created_at", "itemType": 5,
                           "range": {bound: time}})],
        )
    };
    assert_eq!(by(since("greaterThanOrEqual", 1_000_000_000)).len(), 3);
    assert!(by(since("lessThan", 1_000_000_000)).is_empty());
    assert_eq!(search(json!({"objectIds": "crew,team-b,team-user", "objectIdsNotIn": 0})), ["team-b", "crew"]);
    assert_eq!(search(json!({"objectIds": "crew,team-b", "objectIdsNotIn": 1})), ["team-a"]);
    assert_eq!(search(json!({"objectId": "crew"})), ["crew"]);
    for (user, groups) in [("team-user", "team-b,crew"), ("another", "crew")] {
        for group in groups.split(',') {
            let member = json!({"userId": user, "groupId": group, "creationMode": 1});
            let added = house.call("groupUser.add", &json!({"ks": ks, "groupUser": member}));
            assert_eq!(added["objectType"], "KalturaGroupUser", "{added}");
        }
    }
    let by_size = |order: &str| {
        search(json!({"orderBy": {"orderItems": [
            {"objectType": "KalturaESearchGroupOrderByItem", "sortField": "members_count", "sortOrder": order}]}}))
    };
    assert_eq!(by_size("desc"), ["crew", "team-b", "team-a"]);
    assert_eq!(by_size("asc"), ["team-a", "team-b", "crew"]);
    house.good("group_group.delete", &json!({"ks": ks, "groupId": "crew"}));
    assert_eq!(search(json!({"objectStatuses": "2"})), ["crew"]);
    assert_eq!(search(json!({})).len(), 2);
    let page = json!({"ks": ks, "searchParams": {}, "pager": {"pageSize": 1, "pageIndex": 2}});
    let page = house.good("group_group.searchGroup", &page);
    assert_eq!((&page["totalCount"], page["objects"].as_array().map(Vec::len)), (&json!(2), Some(1)));
    let no_term = all(1, vec![json!({"objectType": "KalturaESearchGroupItem", "fieldName": "tags", "itemType": 1})]);
    let refused =
        house.fault("group_group.searchGroup", &json!({"ks": ks, "searchParams": {"searchOperator": no_term}}));
    assert_eq!(
        refused,
        error("PROPERTY_VALIDATION_CANNOT_BE_NULL", &[("PROP_NAME", "KalturaESearchGroupItem::searchTerm")])
    );
}
