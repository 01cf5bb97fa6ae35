//! New accounts that are made after another one.

use ks_tests::house::{Account, House};
use serde_json::{Value, json};

fn wish(template: i32) -> Value {
    json!({"partner": {"name": "Acme", "adminName": "Ada", "adminEmail": "ada@example.com", "description": "Trial",
                       "phone": "1"},
           "cmsPassword": "correct horse", "templatePartnerId": template})
}

/// An account with a permission of its own, a role that has it, and settings.
fn template(house: &House) -> Account {
    let account = house.account(600);
    let ks = account.admin();
    let inside = |name: &str, params: Value| house.call_inside(name, &params);
    let item = json!({"objectType": "KalturaApiActionPermissionItem", "service": "session", "action": "get"});
    let item = inside("permissionItem.add", json!({"ks": ks, "permissionItem": item}));
    let permission = json!({"name": "LOOK", "friendlyName": "Look", "permissionItemsIds": item["id"].to_string()});
    house.good("permission.add", &json!({"ks": ks, "permission": permission}));
    let role = json!({"name": "Looker", "systemName": "LOOKER", "permissionNames": "LOOK", "tags": "a"});
    let role = house.good("userRole.add", &json!({"ks": ks, "userRole": role}));
    let role = ks_schema::RoleId::new(role["id"].as_i64().expect("an id"));
    house.user(&account, "somebody", &[]);
    house.set(&account, &json!({"maxLoginAttempts": 3, "passReplaceFreq": 86400, "phone": "2", "website": "w"}));
    house.change(&account, move |partner| {
        partner.ks_max_expiry = 600;
        partner.user_session_role_id = Some(role);
    });
    account
}

#[test]
fn a_new_account_takes_over_how_a_template_works_and_nothing_of_its_people() {
    let house = House::build();
    let account = template(&house);
    let refused = house.call("partner.register", &wish(600));
    assert_eq!(refused["args"]["MESSAGE"], "there is no such template", "its operator has not made it one: {refused}");
    house.change(&account, |partner| partner.set_template(true));
    let made = house.good("partner.register", &wish(600));
    assert_eq!((&made["templatePartnerId"], &made["maxLoginAttempts"]), (&json!(600), &json!(3)));
    assert_eq!((&made["passReplaceFreq"], &made["phone"], made.get("website")), (&json!(86400), &json!("1"), None));
    assert_ne!(made["adminSecret"], json!(account.admin_secret));

    let start = |user: &str, kind: i32| -> String {
        let secret = &made["adminSecret"];
        let wanted = json!({"secret": secret, "partnerId": made["id"], "type": kind, "userId": user, "expiry": 86400});
        house.good("session.start", &wanted).as_str().expect("a token").to_owned()
    };
    let ks = start("root", 2);
    let expiry = house.good("session.get", &json!({"ks": ks}))["expiry"].as_i64().expect("a time");
    assert!(expiry <= ks_tests::house::now() + 600, "the longest session is the template's");
    let roles = house.good("userRole.list", &json!({"ks": ks, "filter": {"partnerIdEqual": made["id"]}}));
    let role = &roles["objects"][0];
    assert_eq!(roles["totalCount"], 1, "{roles}");
    assert_eq!(
        (&role["name"], &role["systemName"], &role["permissionNames"], &role["tags"]),
        (&json!("Looker"), &json!("LOOKER"), &json!("LOOK"), &json!("a"))
    );
    // The copied role opens what the copied item names, and users have it by default, as in the template.
    let user = start("anybody", 0);
    assert_eq!(house.good("session.get", &json!({"ks": user}))["userId"], "anybody");
    // The copies are the account's own: what the template changes later stays there.
    let all = json!({"ks": account.admin(), "filter": {"partnerIdEqual": 600}});
    let original = house.good("userRole.list", &all)["objects"][0]["id"].clone();
    assert_ne!(role["id"], original);
    house.good("permission.delete", &json!({"ks": account.admin(), "permissionName": "LOOK"}));
    assert_eq!(house.good("session.get", &json!({"ks": user}))["userId"], "anybody");
    let people = house.good("user.list", &json!({"ks": ks}));
    assert_eq!((&people["totalCount"], &people["objects"][0]["id"]), (&json!(1), &json!("ada@example.com")));
    let features = json!({"ks": ks, "filter": {"typeEqual": 2}});
    assert_eq!(house.good("permission.list", &features)["objects"][0]["name"], "FEATURE_ENTITLEMENT");
}

/// The categories of an account: names, contexts, rules, and what stands for others of them.
fn categories(house: &House, ks: &str) -> Vec<Value> {
    let list = json!({"ks": ks, "filter": {"orderBy": "+fullName"}, "pager": {"pageSize": 100}});
    let answer = house.good("category.list", &list);
    let objects = answer["objects"].as_array().expect("objects").clone();
    let name = |id: &Value| {
        let named = objects.iter().find(|object| object["id"] == *id);
        named.map_or_else(|| id.clone(), |object| object["fullName"].clone())
    };
    let shown = objects.iter().map(|object| {
        let collections = object["aggregationCategories"].as_str().unwrap_or_default();
        let collections: Vec<Value> =
            collections.split(',').filter_map(|id| id.parse::<i64>().ok()).map(|id| name(&json!(id))).collect();
        json!([
            object["fullName"],
            name(&object["parentId"]),
            object["depth"],
            object["privacyContext"],
            object["privacyContexts"],
            object["privacy"],
            object["inheritanceType"],
            name(&object["inheritedParentId"]),
            object["contributionPolicy"],
            object["userJoinPolicy"],
            object["tags"],
            object["referenceId"],
            object["directSubCategoriesCount"],
            object["isAggregationCategory"],
            collections,
        ])
    });
    shown.collect()
}

#[test]
fn a_new_account_has_the_categories_of_its_template_and_neither_members_nor_entries() {
    let house = House::build();
    let account = house.account(600);
    house.change(&account, |partner| partner.set_template(true));
    let ks = account.mint(2, "root", "disableentitlement");
    let add = |category: Value| house.good("category.add", &json!({"ks": ks, "category": category}))["id"].clone();
    let top = add(json!({"name": "Campus", "privacyContext": "campus", "tags": "a,b", "referenceId": "c1"}));
    let news = add(json!({"name": "News", "parentId": top, "inheritanceType": 1}));
    add(json!({"name": "Old", "parentId": news}));
    let all = add(json!({"name": "All", "isAggregationCategory": 1}));
    let part = json!({"aggregationCategories": all.to_string()});
    house.good("category.update", &json!({"ks": ks, "id": news, "category": part}));
    house.user(&account, "ann", &[]);
    house.good("categoryUser.add", &json!({"ks": ks, "categoryUser": {"categoryId": top, "userId": "ann"}}));
    ks_tests::channels::entry(&house, &account, "0_aaaaaaaa", "ann");
    let place = json!({"categoryId": top, "entryId": "0_aaaaaaaa"});
    house.good("categoryEntry.add", &json!({"ks": ks, "categoryEntry": place}));

    let made = house.good("partner.register", &wish(600));
    let start = json!({"secret": made["adminSecret"], "partnerId": made["id"], "type": 2, "userId": "root",
                       "privileges": "disableentitlement"});
    let theirs = house.good("session.start", &start).as_str().expect("a token").to_owned();
    let copies = categories(&house, &theirs);
    assert_eq!(copies.len(), 4);
    assert_eq!(copies, categories(&house, &ks));
    let list = house.good("category.list", &json!({"ks": theirs}));
    for category in list["objects"].as_array().expect("objects") {
        assert_eq!((&category["entriesCount"], &category["membersCount"]), (&json!(0), &json!(0)), "{category}");
        assert_eq!((category.get("owner"), &category["partnerId"]), (None, &made["id"]), "{category}");
        assert_ne!(category["id"], top);
    }
    // What the template's owner changes later stays there.
    house.good("category.delete", &json!({"ks": ks, "id": top, "moveEntriesToParentCategory": 0}));
    assert_eq!(categories(&house, &theirs), copies);
}

#[test]
fn who_is_no_template_is_none_for_anybody() {
    let house = House::build();
    let account = house.account(600);
    house.change(&account, |partner| partner.set_template(true));
    house.set_status(&account, ks_store::PartnerStatus::Blocked);
    for id in [600, 601, -1, 0x7fff_ffff] {
        assert_eq!(house.call("partner.register", &wish(id))["args"]["MESSAGE"], "there is no such template", "{id}");
    }
    assert_eq!(house.good("partner.register", &wish(0)).get("templatePartnerId"), None, "0 is none");
}
