//! The services `permission` and `permissionItem`.

use ks_tests::house::{Account, House, error, request};
use serde_json::{Value, json};

/// The id of the built-in item that allows an action.
fn item_of(house: &House, account: &Account, service: &str, action: &str) -> i64 {
    let all =
        json!({"ks": account.admin(), "filter": {"typeEqual": "kApiActionPermissionItem"}, "pager": {"pageSize": 500}});
    let answer = house.good("permissionItem.list", &all);
    let items = answer["objects"].as_array().expect("objects");
    let found = items.iter().find(|item| item["service"] == service && item["action"] == action);
    found.and_then(|item| item["id"].as_i64()).unwrap_or_else(|| panic!("no item for {service}.{action}"))
}

/// A session with the permissions of a role.
fn with(house: &House, account: &Account, name: &str, permissions: &str) -> String {
    let role = house.role(account, name, permissions);
    account.mint(0, "somebody", &format!("setrole:{role}"))
}

#[test]
fn every_writable_property_comes_back_and_every_other_is_refused() {
    let house = House::build();
    let account = house.account(501);
    let root = account.admin();
    let item = item_of(&house, &account, "session", "get");
    let bare = house.good("permission.add", &json!({"ks": root, "permission": {"name": "BARE"}}));
    assert_eq!(
        (&bare["friendlyName"], &bare["status"], &bare["type"], &bare["partnerId"]),
        (&json!("BARE"), &json!(1), &json!(1), &json!(501))
    );
    let sent = json!({"name": "LOOK", "friendlyName": "Look at sessions", "description": "May look", "status": 1,
                      "dependsOnPermissionNames": "BARE", "tags": "a,b", "permissionItemsIds": item.to_string(),
                      "partnerGroup": "501"});
    let added = house.good("permission.add", &json!({"ks": root, "permission": sent}));
    for (name, value) in sent.as_object().expect("an object") {
        assert_eq!(&added[name], value, "{name}");
    }
    let get = |name: &str| house.good("permission.get", &json!({"ks": root, "permissionName": name}));
    assert_eq!(get("LOOK"), added);
    let other = json!({"name": "LOOK_ON", "friendlyName": "x", "description": "", "status": 2,
                       "dependsOnPermissionNames": "", "tags": "", "permissionItemsIds": "", "partnerGroup": ""});
    let updated = house.good("permission.update", &json!({"ks": root, "permissionName": "LOOK", "permission": other}));
    for (name, value) in other.as_object().expect("an object") {
        assert_eq!(&updated[name], value, "{name}");
    }
    assert_eq!((get("LOOK_ON"), &updated["id"]), (updated.clone(), &added["id"]));
    for (name, value) in [("id", 7), ("type", 2), ("partnerId", 502), ("createdAt", 1), ("updatedAt", 1)] {
        let refused =
            error("PROPERTY_VALIDATION_NOT_UPDATABLE", &[("PROP_NAME", &format!("KalturaPermission::{name}"))]);
        let update = json!({"ks": root, "permissionName": "BARE", "permission": {name: value}});
        assert_eq!(house.fault("permission.update", &update), refused);
        assert_eq!(
            house.fault("permission.add", &json!({"ks": root, "permission": {"name": "x", name: value}})),
            refused
        );
    }
    let list = |filter: Value| -> Vec<String> {
        let answer = house.good("permission.list", &json!({"ks": root, "filter": filter, "pager": {"pageSize": 500}}));
        let objects = answer["objects"].as_array().expect("objects");
        assert_eq!(answer["totalCount"].as_u64(), u64::try_from(objects.len()).ok());
        objects.iter().filter_map(|object| object["name"].as_str()).map(str::to_owned).collect()
    };
    for (filter, expected) in [
        (json!({"partnerIdEqual": 501, "orderBy": "+name"}), vec!["BARE", "FEATURE_ENTITLEMENT", "LOOK_ON"]),
        (json!({"typeEqual": 2}), vec!["FEATURE_ENTITLEMENT"]),
        (json!({"nameIn": "ADMIN_BASE,BARE,NONE"}), vec!["ADMIN_BASE", "BARE"]),
        (json!({"statusEqual": 2}), vec!["LOOK_ON"]),
        (json!({"friendlyNameLike": "bar"}), vec!["BARE"]),
    ] {
        assert_eq!(list(filter.clone()), expected, "{filter}");
    }
    assert!(list(json!({"partnerIdEqual": 0})).contains(&"WIDGET_ADMIN".to_owned()));
    let deleted = house.good("permission.delete", &json!({"ks": root, "permissionName": "LOOK_ON"}));
    assert_eq!((&deleted["id"], &deleted["status"]), (&added["id"], &json!(3)));
    let unknown = error("INVALID_OBJECT_ID", &[("ID", "LOOK_ON")]);
    assert_eq!(house.fault("permission.get", &json!({"ks": root, "permissionName": "LOOK_ON"})), unknown);
    // Its name is free again.
    house.good("permission.add", &json!({"ks": root, "permission": {"name": "LOOK_ON"}}));
}

#[test]
fn a_permission_of_the_account_allows_what_its_items_say() {
    let house = House::build();
    let account = house.account(501);
    let root = account.admin();
    let get = item_of(&house, &account, "session", "get");
    let add = |name: &str, needs: &str, items: &str| {
        let permission = json!({"name": name, "dependsOnPermissionNames": needs, "permissionItemsIds": items});
        house.good("permission.add", &json!({"ks": root, "permission": permission}))
    };
    add("LOOK", "NEEDED,FEATURE_ENTITLEMENT", &get.to_string());
    add("NEEDED", "", "");
    let (both, one) = (with(&house, &account, "BOTH", "LOOK,NEEDED"), with(&house, &account, "ONE", "LOOK"));
    let looks = |ks: &str| house.call("session.get", &json!({"ks": ks}))["objectType"] == "KalturaSessionInfo";
    assert!(looks(&both) && !looks(&one));
    assert_eq!(house.call("widget.list", &json!({"ks": both}))["code"], "SERVICE_FORBIDDEN");
    let names = |ks: &str| house.good("permission.getCurrentPermissions", &json!({"ks": ks}));
    assert_eq!(names(&both), "ALWAYS_ALLOWED_ACTIONS,LOOK,NEEDED");
    assert_eq!(names(&one), "ALWAYS_ALLOWED_ACTIONS");
    // A restricting role takes it away; only a shared one is found by its system name.
    let role = house.role(&account, "TAKES", "LOOK");
    let id = house.role(&account, "AGAIN", "LOOK,NEEDED");
    assert!(!looks(&account.mint(0, "somebody", &format!("setrole:{id},restrictingrole:{role}"))));
    // A change is there at the next call.
    let set = |permission: Value| {
        house.good("permission.update", &json!({"ks": root, "permissionName": "LOOK", "permission": permission}))
    };
    set(json!({"status": 2}));
    assert!(!looks(&both));
    set(json!({"status": 1, "permissionItemsIds": ""}));
    assert!(!looks(&both));
    set(json!({"permissionItemsIds": format!("{get}")}));
    assert!(looks(&both));
    house.good("permission.delete", &json!({"ks": root, "permissionName": "NEEDED"}));
    assert!(!looks(&both));
    // Another account's permission of that name is nothing here.
    let other = house.account(502);
    assert!(!looks(&with(&house, &other, "BOTH", "LOOK,NEEDED")));
}

#[test]
fn the_names_of_a_session_are_told() {
    let house = House::build();
    let account = house.account(501);
    let names = |params: Value| house.good("permission.getCurrentPermissions", &params);
    assert_eq!(names(json!({})), "ALWAYS_ALLOWED_ACTIONS");
    assert_eq!(names(json!({"partnerId": 501})), "ALWAYS_ALLOWED_ACTIONS");
    assert_eq!(
        names(json!({"ks": account.mint(0, "somebody", "")})),
        "ALWAYS_ALLOWED_ACTIONS,BASE_USER_SESSION_PERMISSION"
    );
    let admin = names(json!({"ks": account.admin()}));
    let admin: Vec<&str> = admin.as_str().expect("names").split(',').collect();
    assert!(admin.contains(&"ADMIN_BASE") && admin.is_sorted(), "{admin:?}");
    assert!(!admin.contains(&"*") && !admin.contains(&"HOSTED_PAGES_BASE"), "{admin:?}");
}

#[test]
fn what_a_session_may_not_write_is_dropped_and_named_in_a_header() {
    let house = House::build();
    let account = house.account(501);
    let root = account.admin();
    let embed = with(&house, &account, "EMBED", "WIDGET_ADMIN");
    let params = json!({"ks": embed, "widget": {"sourceWidgetId": "_501", "roles": "4", "privileges": "edit:*", "partnerData": "x"}});
    let response = house.send(&request("widget.add", &params));
    let added: Value = serde_json::from_slice(&response.body).expect("JSON");
    assert_eq!((&added["partnerData"], added.get("roles"), added.get("privileges")), (&json!("x"), None, None));
    for name in ["KalturaWidget-roles-error", "KalturaWidget-privileges-error"] {
        assert!(response.header(name).is_some(), "{response:?}");
    }
    // A permission of the account's own can allow one use of one property.
    let all = json!({"ks": root, "filter": {"typeEqual": "kApiParameterPermissionItem"}, "pager": {"pageSize": 500}});
    let items = house.good("permissionItem.list", &all);
    let item =
        items["objects"].as_array().into_iter().flatten().find(|item| {
            item["object"] == "KalturaWidget" && item["parameter"] == "roles" && item["action"] == "insert"
        });
    let item = item.unwrap_or_else(|| panic!("{items}"));
    assert_eq!(item["objectType"], "KalturaApiParameterPermissionItem");
    let permission = json!({"name": "SET_ROLES", "permissionItemsIds": item["id"].to_string()});
    house.good("permission.add", &json!({"ks": root, "permission": permission}));
    let embed = with(&house, &account, "EMBED_MORE", "WIDGET_ADMIN,SET_ROLES");
    // Nobody gives more rights than they have, so it is a role no greater than the session's own.
    let shown = house.role(&account, "SHOWN", "WIDGET_ADMIN").to_string();
    let mut params = params;
    params["ks"] = json!(embed);
    params["widget"]["roles"] = json!(shown);
    let response = house.send(&request("widget.add", &params));
    let added: Value = serde_json::from_slice(&response.body).expect("JSON");
    assert_eq!((&added["roles"], added.get("privileges")), (&json!(shown), None));
    assert!(response.header("KalturaWidget-roles-error").is_none(), "{response:?}");
    let update = json!({"ks": embed, "id": added["id"], "widget": {"roles": "5"}});
    assert_eq!(house.good("widget.update", &update)["roles"], shown.as_str());
}

#[test]
fn what_a_session_may_not_see_is_left_out() {
    let house = House::build();
    let account = house.account(501);
    let full = house.good("partner.getInfo", &json!({"ks": account.admin()}));
    assert_eq!(full["adminSecret"], account.admin_secret.as_str());
    let part = house.good("partner.getInfo", &json!({"ks": with(&house, &account, "SEES", "ACCOUNT_BASE")}));
    assert_eq!((part.get("adminSecret"), part.get("secret"), &part["id"]), (None, None, &json!(501)));
}

#[test]
fn the_operator_adds_items_on_its_own_listener() {
    let house = House::build();
    let account = house.account(501);
    let root = account.admin();
    let inside = |name: &str, params: Value| house.call_inside(name, &params);
    let action =
        json!({"objectType": "KalturaApiActionPermissionItem", "service": "widget", "action": "list", "tags": "t"});
    let added = inside("permissionItem.add", json!({"ks": root, "permissionItem": action}));
    assert_eq!((&added["service"], &added["action"], &added["tags"]), (&json!("widget"), &json!("list"), &json!("t")));
    assert_eq!((&added["partnerId"], added.get("type")), (&json!(501), None));
    let id = added["id"].clone();
    let got = house.good("permissionItem.get", &json!({"ks": root, "permissionItemId": id}));
    assert_eq!(got["type"], "kApiActionPermissionItem");
    let permission = json!({"name": "LISTS", "permissionItemsIds": id.to_string()});
    house.good("permission.add", &json!({"ks": root, "permission": permission}));
    let lister = with(&house, &account, "LISTER", "LISTS");
    let lists = |name: &str| house.call(name, &json!({"ks": lister}))["code"] != "SERVICE_FORBIDDEN";
    assert!(lists("widget.list") && !lists("appToken.list"));
    let change = json!({"objectType": "KalturaApiActionPermissionItem", "service": "appToken"});
    let updated =
        inside("permissionItem.update", json!({"ks": root, "permissionItemId": id, "permissionItem": change}));
    assert_eq!((&updated["service"], &updated["action"]), (&json!("appToken"), &json!("list")));
    assert!(!lists("widget.list") && lists("appToken.list"));
    // What is the operator's alone cannot be given away.
    let change = json!({"objectType": "KalturaApiActionPermissionItem", "service": "permissionItem", "action": "add"});
    inside("permissionItem.update", json!({"ks": root, "permissionItemId": id, "permissionItem": change}));
    let forbidden = house.fault("permissionItem.add", &json!({"ks": lister, "permissionItem": action}));
    assert_eq!(forbidden, error("SERVICE_FORBIDDEN", &[("SERVICE", "permissionitem->add")]));

    let missing = json!({"objectType": "KalturaApiParameterPermissionItem", "object": "KalturaWidget"});
    let answer = inside("permissionItem.add", json!({"ks": root, "permissionItem": missing}));
    let expected =
        error("PROPERTY_VALIDATION_CANNOT_BE_NULL", &[("PROP_NAME", "KalturaApiParameterPermissionItem::parameter")]);
    assert_eq!(ks_tests::call::fault(&answer), expected);
    let fixed = json!({"objectType": "KalturaApiActionPermissionItem", "service": "a", "action": "b", "id": 7});
    let answer = inside("permissionItem.add", json!({"ks": root, "permissionItem": fixed}));
    let expected = error("PROPERTY_VALIDATION_NOT_UPDATABLE", &[("PROP_NAME", "KalturaApiActionPermissionItem::id")]);
    assert_eq!(ks_tests::call::fault(&answer), expected);
    let built_in = item_of(&house, &account, "session", "get");
    for id in [built_in, 999_999] {
        let unknown = error("INVALID_OBJECT_ID", &[("ID", &id.to_string())]);
        let params = json!({"ks": root, "permissionItemId": id, "permissionItem": action});
        for name in ["permissionItem.update", "permissionItem.delete"] {
            assert_eq!(ks_tests::call::fault(&inside(name, params.clone())), unknown, "{name}");
        }
    }
    assert_eq!(inside("permissionItem.delete", json!({"ks": root, "permissionItemId": id}))["id"], id);
    assert!(!lists("appToken.list"));
}
