//! Add, get, update, list, delete.

use ks_schema::describe::Access;
use ks_schema::generated::classes;
use ks_tests::channels::Channels;
use ks_tests::house::error;
use serde_json::json;

#[test]
fn a_category_comes_back_as_it_was_written() {
    let channels = Channels::build();
    let collector = channels.add(json!({"name": "Collector", "isAggregationCategory": 1}));
    let parent = channels.add(json!({"name": "Parent", "privacyContext": "math"}));
    let sent = json!({"objectType": "KalturaCategory", "name": "Channel", "parentId": parent, "description": "d",
                      "tags": "a,b", "appearInList": 3, "privacy": 2, "inheritanceType": 2,
                      "defaultPermissionLevel": 2, "owner": "ann", "referenceId": "ref", "contributionPolicy": 2,
                      "privacyContext": "bio1", "partnerSortValue": 7, "partnerData": "p", "moderation": 1,
                      "defaultOrderBy": "-createdAt", "isAggregationCategory": 0,
                      "aggregationCategories": collector.to_string(), "adminTags": "x"});
    let added = channels.good(&channels.all, "category.add", json!({"category": sent}));
    for (name, value) in sent.as_object().expect("an object") {
        assert_eq!(&added[name], value, "{name}");
    }
    let id = added["id"].as_i64().expect("an id");
    for (name, value) in [
        ("depth", json!(1)),
        ("partnerId", json!(801)),
        ("fullName", json!("Parent>Channel")),
        ("fullIds", json!(format!("{parent}>{id}"))),
        ("privacyContexts", json!("math,bio1")),
        ("status", json!(2)),
        ("userJoinPolicy", json!(3)),
        ("membersCount", json!(1)),
        ("pendingMembersCount", json!(0)),
        ("entriesCount", json!(0)),
        ("directEntriesCount", json!(0)),
        ("pendingEntriesCount", json!(0)),
        ("directSubCategoriesCount", json!(0)),
    ] {
        assert_eq!(added[name], value, "{name}");
    }
    assert!(added.get("inheritedParentId").is_none(), "{added}");
    assert_eq!(channels.category(id), added);
    assert_eq!(channels.category(parent)["directSubCategoriesCount"], 1);

    let other = json!({"name": "Other", "description": "e", "tags": "c", "appearInList": 1, "privacy": 1,
                       "defaultPermissionLevel": 3, "owner": "bob", "referenceId": "ref2", "contributionPolicy": 1,
                       "privacyContext": "chem", "partnerSortValue": -7, "partnerData": "q", "moderation": 0,
                       "defaultOrderBy": "+name", "aggregationCategories": "", "adminTags": "y"});
    let updated = channels.good(&channels.all, "category.update", json!({"id": id, "category": other}));
    for (name, value) in other.as_object().expect("an object") {
        assert_eq!(&updated[name], value, "{name}");
    }
    assert_eq!((&updated["fullName"], &updated["privacyContexts"]), (&json!("Parent>Other"), &json!("math,chem")));
    assert_eq!(updated["membersCount"], 2, "a former owner stays a member");
    assert_eq!(channels.category(id), updated);
    // Sent back whole, it stays as it is, but for the time.
    let mut whole = updated.clone();
    whole.as_object_mut().expect("an object").remove("updatedAt");
    let again = channels.good(&channels.all, "category.update", json!({"id": id, "category": whole}));
    assert_eq!((&again["fullName"], &again["owner"]), (&updated["fullName"], &updated["owner"]));
    for name in ["description", "tags", "referenceId", "partnerData", "adminTags", "defaultOrderBy", "moderation"] {
        let cleared = channels.good(
            &channels.all,
            "category.update",
            json!({"id": id, "category": {format!("{name}__null"): ""}}),
        );
        assert!(cleared.get(name).is_none(), "{name}: {cleared}");
    }
    let found = channels.list(&channels.all, &json!({"idEqual": id}));
    assert_eq!(found, (vec![id], 1));
    let deleted = channels.call(&channels.all, "category.delete", json!({"id": id}));
    assert_eq!(deleted, json!(null));
    let missing = error("CATEGORY_NOT_FOUND", &[("ID", &id.to_string())]);
    for action in ["category.get", "category.delete"] {
        assert_eq!(channels.fault(&channels.all, action, json!({"id": id})), missing);
    }
    assert_eq!(channels.category(parent)["directSubCategoriesCount"], 0);
}

#[test]
fn what_follows_from_the_tree_is_not_for_writing() {
    let channels = Channels::build();
    let id = channels.add(json!({"name": "Channel"}));
    for info in classes::CATEGORY.properties.iter().filter(|info| info.access == Access::ReadOnly) {
        if info.name == "relatedObjects" {
            continue;
        }
        // A value that it does not have, and for the join policy one that needs no context.
        let value = if info.name == "userJoinPolicy" { json!(3) } else { json!("9") };
        let named =
            error("PROPERTY_VALIDATION_NOT_UPDATABLE", &[("PROP_NAME", &format!("KalturaCategory::{}", info.name))]);
        let add = json!({"category": {"name": "New", info.name: value}});
        if info.name == "status" {
            // It is no member of the enum, which is told before.
            assert_eq!(channels.fault(&channels.all, "category.add", add).0, "INVALID_ENUM_VALUE");
            continue;
        }
        assert_eq!(channels.fault(&channels.all, "category.add", add), named);
        if info.name != "userJoinPolicy" {
            let update = json!({"id": id, "category": {info.name: value}});
            assert_eq!(channels.fault(&channels.all, "category.update", update), named);
        }
    }
}
