//! `add`, `get`, `update`, `delete`.

use ks_schema::describe::Access;
use ks_schema::generated::classes;
use ks_tests::house::{House, error};
use serde_json::{Value, json};

use crate::base_entry::crud::{WRITABLE, compare, value};
use crate::base_entry::id;

/// What media have besides what all entries have.
const OF_MEDIA: &[(&str, &str, &str)] = &[
    ("msDuration", "61000", "5000"),
    ("creditUserName", "\"Ann\"", "\"Bob\""),
    ("creditUrl", "\"https://example.com/a\"", "\"https://example.com/b\""),
    (
        "streams",
        "[{\"objectType\":\"KalturaStreamContainer\",\"id\":\"1\",\"trackIndex\":0}]",
        "[{\"objectType\":\"KalturaStreamContainer\",\"id\":\"2\",\"trackIndex\":1}]",
    ),
];

/// What is said once.
const ONCE: &[(&str, &str, &str)] = &[
    ("mediaType", "5", "1"),
    ("conversionQuality", "\"q\"", "\"r\""),
    ("sourceType", "\"37\"", "\"5\""),
    ("sourceVersion", "\"1\"", "\"2\""),
    ("searchProviderType", "20", "21"),
    ("searchProviderId", "\"s\"", "\"t\""),
];

#[test]
fn every_writable_property_is_in_the_tables() {
    for info in classes::MEDIA_ENTRY.properties {
        if !["KalturaPlayableEntry", "KalturaMediaEntry"].contains(&info.declared_in) {
            continue;
        }
        let access = |table: &[(&str, &str, &str)]| table.iter().any(|(name, ..)| *name == info.name);
        assert_eq!(access(OF_MEDIA), info.access == Access::ReadWrite, "{}", info.name);
        assert_eq!(access(ONCE), info.access == Access::InsertOnly, "{}", info.name);
    }
}

#[test]
fn what_is_written_comes_back() {
    let house = House::build();
    let account = house.account(1201);
    let ks = account.admin();
    let (mut entry, mut change) = (json!({}), json!({}));
    for (name, first, second) in WRITABLE.iter().chain(OF_MEDIA) {
        entry[name] = value(first);
        change[name] = value(second);
    }
    for (name, first, _) in ONCE {
        entry[name] = value(first);
    }
    let added = house.good("media.add", &json!({"ks": ks, "entry": entry}));
    compare(&added, &entry, WRITABLE);
    compare(&added, &entry, OF_MEDIA);
    compare(&added, &entry, ONCE);
    let id = id(&added);
    let seen =
        ["objectType", "type", "status", "duration", "durationType", "plays", "views"].map(|it| added[it].clone());
    assert_eq!(json!(seen), json!(["KalturaMediaEntry", "1", "7", 61, "short", 0, 0]));
    let get = || house.good("media.get", &json!({"ks": ks, "entryId": id}));
    assert_eq!(get(), added);
    assert_eq!(house.good("baseEntry.get", &json!({"ks": ks, "entryId": id})), added);
    let updated = house.good("media.update", &json!({"ks": ks, "entryId": id, "mediaEntry": change}));
    compare(&updated, &change, WRITABLE);
    compare(&updated, &change, OF_MEDIA);
    assert_eq!(get(), updated);
    let list = house.good("media.list", &json!({"ks": ks, "filter": {"idEqual": id}}));
    assert_eq!((&list["totalCount"], &list["objects"][0]), (&json!(1), &updated));
    assert_eq!(list["objectType"], "KalturaMediaListResponse");
    assert_eq!(house.good("media.delete", &json!({"ks": ks, "entryId": id})), Value::Null);
    let gone = error("ENTRY_ID_NOT_FOUND", &[("ENTRY_ID", &id)]);
    assert_eq!(house.fault("media.get", &json!({"ks": ks, "entryId": id})), gone);
    assert_eq!(house.good("media.list", &json!({"ks": ks, "filter": {"idEqual": id}}))["totalCount"], 0);
}

#[test]
fn what_may_only_be_read_is_refused() {
    let house = House::build();
    let account = house.account(1202);
    let ks = account.admin();
    let id = id(&house.good("media.add", &json!({"ks": ks, "entry": {"name": "x", "mediaType": 1}})));
    for info in classes::MEDIA_ENTRY.properties.iter().filter(|info| info.declared_in != "KalturaObject") {
        let other = match info.name {
            "mediaType" | "searchProviderType" | "isTrimDisabled" => continue,
            "status" | "application" | "replacementStatus" => json!("2"),
            "sourceType" => json!("37"),
            "durationType" => json!("long"),
            "moderationStatus" => json!(1),
            "rank" => json!(3.5),
            "id" | "downloadUrl" | "searchText" | "thumbnailUrl" | "replacingEntryId" | "replacedEntryId"
            | "rootEntryId" | "capabilities" | "creatorId" | "templateEntryId" | "applicationVersion"
            | "defaultLanguage" | "responseLanguage" | "conversionQuality" | "sourceVersion" | "searchProviderId"
            | "dataUrl" | "flavorParamsIds" => json!("other"),
            _ => json!(77),
        };
        let entry = json!({info.name: other});
        let prop = format!("KalturaMediaEntry::{}", info.name);
        let named = error("PROPERTY_VALIDATION_NOT_UPDATABLE", &[("PROP_NAME", &prop)]);
        if info.access == Access::ReadOnly {
            assert_eq!(house.fault("media.add", &json!({"ks": ks, "entry": entry})), named);
        }
        if matches!(info.access, Access::ReadOnly | Access::InsertOnly) {
            assert_eq!(house.fault("media.update", &json!({"ks": ks, "entryId": id, "mediaEntry": entry})), named);
        }
    }
}

#[test]
fn other_entries_are_no_media() {
    let house = House::build();
    let account = house.account(1203);
    let ks = account.admin();
    let other = id(&house.good("baseEntry.add", &json!({"ks": ks, "entry": {"name": "x"}})));
    let gone = error("ENTRY_ID_NOT_FOUND", &[("ENTRY_ID", &other)]);
    let resource = json!({"objectType": "KalturaUrlResource", "url": "https://example.com/a.mp4"});
    for (action, besides) in [
        ("media.get", json!({})),
        ("media.update", json!({"mediaEntry": {"name": "y"}})),
        ("media.delete", json!({})),
        ("media.addContent", json!({"resource": resource})),
        ("media.updateContent", json!({"resource": resource})),
        ("media.approve", json!({})),
        ("media.reject", json!({})),
        ("media.approveReplace", json!({})),
        ("media.cancelReplace", json!({})),
        ("media.anonymousRank", json!({"rank": 3})),
        ("media.listFlags", json!({})),
        ("media.updateThumbnail", json!({"timeOffset": 3})),
    ] {
        let mut params = besides;
        params["ks"] = json!(ks);
        params["entryId"] = json!(other);
        assert_eq!(house.fault(action, &params), gone, "{action}");
    }
    assert_eq!(house.good("media.list", &json!({"ks": ks, "filter": {"statusIn": "2,7"}}))["totalCount"], 0);
    assert_eq!(house.good("baseEntry.list", &json!({"ks": ks, "filter": {"statusIn": "2,7"}}))["totalCount"], 1);
    assert_eq!(house.good("media.count", &json!({"ks": ks, "filter": {"statusIn": "2,7"}})), 0);
}
