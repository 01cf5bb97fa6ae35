//! `category.clone`.

use ks_tests::channels::Channels;
use ks_tests::house::error;
use serde_json::json;

#[test]
fn a_copy_has_the_settings_and_nothing_that_is_in_it() {
    let channels = Channels::build();
    let target = channels.add(json!({"name": "Target", "privacyContext": "math"}));
    let source = channels.add(json!({"name": "Source", "privacyContext": "bio1", "owner": "ann", "privacy": 3,
                                     "description": "d", "tags": "t"}));
    channels.add(json!({"name": "Below", "parentId": source}));
    let copy = |from: i64, partner: i32, parent: i64| {
        let call = json!({"categoryId": from, "fromPartnerId": partner, "parentCategoryId": parent});
        channels.call(&channels.all, "category.clone", call)
    };
    let made = copy(source, 801, target);
    for (name, value) in [
        ("fullName", json!("Target>Source")),
        ("description", json!("d")),
        ("tags", json!("t")),
        ("privacy", json!(3)),
        ("privacyContexts", json!("math,bio1")),
        ("membersCount", json!(0)),
        ("directSubCategoriesCount", json!(0)),
    ] {
        assert_eq!(made[name], value, "{name}");
    }
    assert!(made.get("owner").is_none());
    let duplicate = error("DUPLICATE_CATEGORY", &[("CATEGORY", "Target>Source")]);
    assert_eq!(ks_tests::call::fault(&copy(source, 801, target)), duplicate);
    let itself = error("DUPLICATE_CATEGORY", &[("CATEGORY", "Source")]);
    assert_eq!(ks_tests::call::fault(&copy(source, 801, 0)), itself);
    let other = channels.house.account(802);
    let foreign = json!({"ks": other.admin(), "category": {"name": "Foreign"}});
    let foreign = channels.house.good("category.add", &foreign)["id"].as_i64().expect("an id");
    for (id, partner) in [(foreign, 802), (foreign, 801), (9999, 801), (source, 99_999)] {
        let missing = error("CATEGORY_NOT_FOUND", &[("ID", &id.to_string())]);
        assert_eq!(ks_tests::call::fault(&copy(id, partner, 0)), missing, "{id} {partner}");
    }
    // Where the session may enter the other account, it may copy.
    let own = channels.account.partner();
    channels.house.change(&channels.account, |partner| partner.may_impersonate = true);
    channels.house.change(&other, move |partner| partner.parent_id = Some(own));
    let made = copy(foreign, 802, 0);
    assert_eq!((&made["fullName"], &made["partnerId"]), (&json!("Foreign"), &json!(801)));
}
