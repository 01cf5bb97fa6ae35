//! The service `userRole`.

use ks_tests::house::{Account, House, error};
use serde_json::{Value, json};

fn ids(answer: &Value) -> Vec<i64> {
    answer["objects"].as_array().expect("objects").iter().filter_map(|role| role["id"].as_i64()).collect()
}

/// Whether a session of this role may list widgets.
fn lists_widgets(house: &House, account: &Account, role: &Value) -> bool {
    let ks = account.mint(0, "somebody", &format!("setrole:{role}"));
    house.call("widget.list", &json!({"ks": ks}))["objectType"] == "KalturaWidgetListResponse"
}

#[test]
fn every_writable_property_comes_back_and_every_other_is_refused() {
    let house = House::build();
    let account = house.account(501);
    let root = account.admin();
    let sent = json!({"name": "Embedder", "systemName": "EMBED", "description": "Places players", "status": 1,
                      "permissionNames": "WIDGET_ADMIN,KMC_ACCESS", "tags": "kmc,players"});
    let added = house.good("userRole.add", &json!({"ks": root, "userRole": sent}));
    for (name, value) in sent.as_object().expect("an object") {
        assert_eq!(&added[name], value, "{name}");
    }
    let keys: Vec<&String> = added.as_object().expect("an object").keys().collect();
    assert_eq!(
        keys,
        [
            "id",
            "name",
            "systemName",
            "description",
            "status",
            "partnerId",
            "permissionNames",
            "tags",
            "createdAt",
            "updatedAt",
            "objectType"
        ]
    );
    assert_eq!((&added["partnerId"], &added["objectType"]), (&json!(501), &json!("KalturaUserRole")));
    let id = added["id"].clone();
    let get = || house.good("userRole.get", &json!({"ks": root, "userRoleId": id}));
    assert_eq!(get(), added);

    let other = json!({"name": "Other", "systemName": "OTHER", "description": "", "status": 2,
                       "permissionNames": "KMC_READ_ONLY", "tags": ""});
    let updated = house.good("userRole.update", &json!({"ks": root, "userRoleId": id, "userRole": other}));
    for (name, value) in other.as_object().expect("an object") {
        assert_eq!(&updated[name], value, "{name}");
    }
    assert_eq!(get(), updated);
    for (name, value) in [("id", 7), ("partnerId", 502), ("createdAt", 1), ("updatedAt", 1)] {
        let refused = error("PROPERTY_VALIDATION_NOT_UPDATABLE", &[("PROP_NAME", &format!("KalturaUserRole::{name}"))]);
        let update = json!({"ks": root, "userRoleId": id, "userRole": {name: value}});
        assert_eq!(house.fault("userRole.update", &update), refused);
        let add = json!({"ks": root, "userRole": {"name": "x", name: value}});
        assert_eq!(house.fault("userRole.add", &add), refused);
    }
    let listed = house.good("userRole.list", &json!({"ks": root, "filter": {"partnerIdEqual": 501}}));
    assert_eq!((&listed["totalCount"], &listed["objects"]), (&json!(1), &json!([updated])));

    let deleted = house.good("userRole.delete", &json!({"ks": root, "userRoleId": id}));
    assert_eq!((&deleted["id"], &deleted["status"]), (&id, &json!(3)));
    let unknown = error("INVALID_OBJECT_ID", &[("ID", &id.to_string())]);
    assert_eq!(house.fault("userRole.get", &json!({"ks": root, "userRoleId": id})), unknown);
    assert_eq!(house.good("userRole.list", &json!({"ks": root, "filter": {"idEqual": id}}))["totalCount"], 0);
}

#[test]
fn a_role_takes_effect_at_the_next_call() {
    let house = House::build();
    let account = house.account(501);
    let root = account.admin();
    let role = json!({"name": "Embedder", "permissionNames": "WIDGET_ADMIN"});
    let id = house.good("userRole.add", &json!({"ks": root, "userRole": role}))["id"].clone();
    assert!(lists_widgets(&house, &account, &id));
    let set = |role: Value| house.good("userRole.update", &json!({"ks": root, "userRoleId": id, "userRole": role}));
    set(json!({"permissionNames": "KMC_ACCESS"}));
    assert!(!lists_widgets(&house, &account, &id));
    set(json!({"permissionNames": "WIDGET_ADMIN"}));
    assert!(lists_widgets(&house, &account, &id));
    // A blocked role brings nothing, and is no reason to fall back to the default role.
    let id_number = id.as_i64().expect("an id");
    house.user(&account, "chief", &[id_number]);
    let widgets = || house.call("widget.list", &json!({"ks": account.mint(2, "chief", "")}))["objectType"].clone();
    let tokens = || house.call("appToken.list", &json!({"ks": account.mint(2, "chief", "")}))["code"].clone();
    assert_eq!((widgets(), tokens()), (json!("KalturaWidgetListResponse"), json!("SERVICE_FORBIDDEN")));
    set(json!({"status": 2}));
    assert!(!lists_widgets(&house, &account, &id));
    assert_eq!((widgets(), tokens()), (json!("KalturaAPIException"), json!("SERVICE_FORBIDDEN")));
    assert_eq!(
        house.fault("userRole.delete", &json!({"ks": root, "userRoleId": id})),
        error("ROLE_IS_BEING_USED", &[])
    );
}

#[test]
fn the_built_in_roles_are_there_for_every_account() {
    let house = House::build();
    let (account, other) = (house.account(501), house.account(502));
    let own = house.role(&account, "OWN", "");
    let foreign = house.role(&other, "FOREIGN", "");
    let root = account.admin();
    let list = |filter: Value| ids(&house.good("userRole.list", &json!({"ks": root, "filter": filter})));
    let all = list(json!({}));
    assert!(all.contains(&own) && !all.contains(&foreign), "{all:?}");
    for (filter, expected) in [
        (json!({"systemNameEqual": "PARTNER_ADMIN_ROLE"}), vec![4]),
        (json!({"systemNameIn": "PARTNER_ADMIN_ROLE,OWN"}), vec![4, own]),
        (json!({"nameEqual": "Publisher Administrator"}), vec![4]),
        (json!({"nameIn": "OWN,FOREIGN"}), vec![own]),
        (json!({"tagsMultiLikeOr": "PARTNER_admin,nothing"}), vec![4]),
        (json!({"tagsMultiLikeAnd": "partner_admin,nothing"}), vec![]),
        (json!({"descriptionLike": "EVERYTHING"}), vec![4]),
        (json!({"partnerIdIn": "501,502"}), vec![own]),
        (json!({"idIn": format!("4,{own},{foreign}"), "orderBy": "-id"}), vec![own, 4]),
        (json!({"statusEqual": 2}), vec![]),
        (json!({"createdAtLessThanOrEqual": 1_000_000_000, "nameEqual": "Playback"}), vec![5]),
    ] {
        assert_eq!(list(filter.clone()), expected, "{filter}");
    }
    // The star is answered as what it stands for.
    let admin = house.good("userRole.get", &json!({"ks": root, "userRoleId": 4}));
    let names: Vec<&str> = admin["permissionNames"].as_str().expect("names").split(',').collect();
    assert!(names.contains(&"ADMIN_BASE") && names.contains(&"WIDGET_ADMIN") && !names.contains(&"*"), "{admin}");
    for inner in ["HOSTED_PAGES_BASE", "SYSTEM_ADMIN_PERMISSIONS_MANAGE", "ALWAYS_ALLOWED_FROM_INTERNAL_IP_ACTIONS"] {
        assert!(!names.contains(&inner), "{inner}");
    }
    // A copy is the account's own, keeps the star, and does not let go of it.
    let copy = house.good("userRole.clone", &json!({"ks": root, "userRoleId": 4}));
    let name = copy["name"].as_str().unwrap_or_default();
    assert!(name.starts_with("Publisher Administrator copy (2") && name.ends_with(')'), "{copy}");
    assert_eq!((&copy["partnerId"], &copy["permissionNames"]), (&json!(501), &admin["permissionNames"]));
    assert!(copy.get("systemName").is_none(), "{copy}");
    let update =
        json!({"ks": root, "userRoleId": copy["id"], "userRole": {"permissionNames": "KMC_ACCESS", "tags": "x"}});
    let updated = house.good("userRole.update", &update);
    assert_eq!((&updated["permissionNames"], &updated["tags"]), (&admin["permissionNames"], &json!("x")));
    assert!(lists_widgets(&house, &account, &copy["id"]));
}
