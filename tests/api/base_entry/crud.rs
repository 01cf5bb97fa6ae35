//! `add`, `get`, `update`, `delete`: what is written comes back, and what may only be read is refused.

use ks_schema::describe::Access;
use ks_schema::generated::classes;
use ks_tests::house::{House, error};
use serde_json::{Value, json};

use super::id;

/// Every property of all entries that may be written, with a value; the second one is for the update.
pub(crate) const WRITABLE: &[(&str, &str, &str)] = &[
    ("name", "\"One\"", "\"Two\""),
    ("multiLingual_name", TEXTS, "[]"),
    ("description", "\"d\"", "\"e\""),
    ("multiLingual_description", TEXTS, "[]"),
    ("userId", "\"ann\"", "\"bob\""),
    ("tags", "\"a, b\"", "\"c\""),
    ("multiLingual_tags", TEXTS, "[]"),
    ("adminTags", "\"x\"", "\"y\""),
    ("categories", "\"News\"", "\"News,Sports>Ball\""),
    ("groupId", "7", "8"),
    ("partnerData", "\"{}\"", "\"[]\""),
    ("licenseType", "2", "3"),
    ("accessControlId", "5", "6"),
    ("startDate", "1700000000", "1700000001"),
    ("endDate", "1800000000", "1800000001"),
    ("referenceId", "\"r1\"", "\"r2\""),
    ("partnerSortValue", "1", "2"),
    ("conversionProfileId", "3", "4"),
    ("operationAttributes", "[]", "[]"),
    ("entitledUsersEdit", "\"ed\"", "\"ed,eve\""),
    ("entitledUsersPublish", "\"pat\"", "\"\""),
    ("entitledUsersView", "\"val\"", "\"vic,val\""),
    ("displayInSearch", "1", "0"),
    ("blockAutoTranscript", "true", "false"),
];

const TEXTS: &str = "[{\"objectType\":\"KalturaMultiLingualString\",\"language\":\"EN\",\"value\":\"x\"}]";

/// What is written and has a test of its own: the kind, and other entries.
const OTHERWISE: [&str; 9] = [
    "type",
    "categoriesIds",
    "redirectEntryId",
    "parentEntryId",
    "creatorId",
    "templateEntryId",
    "application",
    "applicationVersion",
    "entitledUsersEdit",
];

pub(crate) fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {text}"))
}

#[track_caller]
pub(crate) fn compare(answer: &Value, wanted: &Value, table: &[(&str, &str, &str)]) {
    for (name, ..) in table {
        assert_eq!(answer[name], wanted[name], "{name} in {answer}");
    }
}

#[test]
fn every_writable_property_is_in_the_table() {
    for info in classes::BASE_ENTRY.properties.iter().filter(|info| info.declared_in != "KalturaObject") {
        let listed = WRITABLE.iter().any(|(name, ..)| *name == info.name) || OTHERWISE.contains(&info.name);
        assert_eq!(listed, info.access != Access::ReadOnly, "{}", info.name);
    }
}

#[test]
fn what_is_written_comes_back() {
    let house = House::build();
    let account = house.account(1001);
    let ks = account.admin();
    let mut entry = json!({"creatorId": "cree", "application": "1", "applicationVersion": "2"});
    let mut change = json!({});
    for (name, first, second) in WRITABLE {
        entry[name] = value(first);
        change[name] = value(second);
    }
    let added = house.good("baseEntry.add", &json!({"ks": ks, "entry": entry}));
    compare(&added, &entry, WRITABLE);
    let id = id(&added);
    assert!(id.len() == 10 && id.starts_with("0_"), "{id}");
    assert!(id[2..].bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()), "{id}");
    for (name, expected) in [
        ("objectType", json!("KalturaBaseEntry")),
        ("partnerId", json!(1001)),
        ("creatorId", json!("cree")),
        ("application", json!("1")),
        ("applicationVersion", json!("2")),
        ("status", json!("7")),
        ("moderationStatus", json!(6)),
        ("moderationCount", json!(0)),
        ("type", json!("-1")),
        ("rank", json!(0)),
        ("votes", json!(0)),
        ("rootEntryId", json!(id)),
    ] {
        let same = added[name] == expected || added[name].as_f64().is_some_and(|it| Some(it) == expected.as_f64());
        assert!(same, "{name}: {} is not {expected}", added[name]);
    }
    let get = || house.good("baseEntry.get", &json!({"ks": ks, "entryId": id}));
    assert_eq!(get(), added);

    let updated = house.good("baseEntry.update", &json!({"ks": ks, "entryId": id, "baseEntry": change}));
    compare(&updated, &change, WRITABLE);
    assert_eq!(get(), updated);
    assert_eq!(updated["createdAt"], added["createdAt"]);
    let list = house.good("baseEntry.list", &json!({"ks": ks, "filter": {"idEqual": id}}));
    assert_eq!((&list["totalCount"], &list["objects"][0]), (&json!(1), &updated));

    let change = json!({"description__null": "", "startDate": -1, "endDate": -1});
    let cleared = house.good("baseEntry.update", &json!({"ks": ks, "entryId": id, "baseEntry": change}));
    for name in ["description", "startDate", "endDate"] {
        assert!(cleared.get(name).is_none(), "{name} in {cleared}");
    }

    assert_eq!(house.good("baseEntry.delete", &json!({"ks": ks, "entryId": id})), Value::Null);
    let gone = error("ENTRY_ID_NOT_FOUND", &[("ENTRY_ID", &id)]);
    assert_eq!(house.fault("baseEntry.get", &json!({"ks": ks, "entryId": id})), gone);
    assert_eq!(house.fault("baseEntry.delete", &json!({"ks": ks, "entryId": id})), gone);
    for filter in [json!({"idEqual": id}), json!({"idIn": id, "statusIn": "3,7"})] {
        assert_eq!(house.good("baseEntry.list", &json!({"ks": ks, "filter": filter}))["totalCount"], 0);
    }
}

#[test]
fn what_may_only_be_read_is_refused() {
    let house = House::build();
    let account = house.account(1002);
    let ks = account.admin();
    let id = id(&house.good("baseEntry.add", &json!({"ks": ks, "entry": {"name": "x"}})));
    for info in classes::BASE_ENTRY.properties.iter().filter(|info| info.declared_in != "KalturaObject") {
        let entry = json!({info.name: value_of(info.name)});
        let prop = format!("KalturaBaseEntry::{}", info.name);
        let named = error("PROPERTY_VALIDATION_NOT_UPDATABLE", &[("PROP_NAME", &prop)]);
        if info.access == Access::ReadOnly {
            assert_eq!(house.fault("baseEntry.add", &json!({"ks": ks, "entry": entry})), named);
        }
        if matches!(info.access, Access::ReadOnly | Access::InsertOnly) {
            assert_eq!(house.fault("baseEntry.update", &json!({"ks": ks, "entryId": id, "baseEntry": entry})), named);
        }
    }
    // What is sent as it is kept is no change.
    let same = json!({"id": id, "partnerId": 1002, "status": "7", "name": "y"});
    let updated = house.good("baseEntry.update", &json!({"ks": ks, "entryId": id, "baseEntry": same}));
    assert_eq!(updated["name"], "y");
}

/// Something that fits a property and is not what it is.
fn value_of(name: &str) -> Value {
    match name {
        "status" | "application" | "replacementStatus" => json!("2"),
        "moderationStatus" => json!(1),
        "votes" | "totalRank" | "moderationCount" | "version" | "createdAt" | "updatedAt" | "partnerId" => json!(77),
        "rank" => json!(3.5),
        _ => json!("other"),
    }
}

#[test]
fn what_is_left_out_has_a_default() {
    let house = House::build();
    let account = house.account(1003);
    let added = house.good("baseEntry.add", &json!({"ks": account.admin(), "entry": {}}));
    let name = added["name"].as_str().expect("a name");
    assert!(name.starts_with("1003_") && name[5..].parse::<i64>().is_ok(), "{name}");
    assert_eq!((&added["userId"], &added["creatorId"]), (&json!("root"), &json!("root")));
    assert_eq!((&added["licenseType"], &added["displayInSearch"]), (&json!(-1), &json!(0)));
    let media = house.good("baseEntry.add", &json!({"ks": account.admin(), "entry": {}, "type": "1"}));
    assert_eq!((&media["objectType"], &media["type"]), (&json!("KalturaMediaEntry"), &json!("1")));
    let media = json!({"objectType": "KalturaMediaEntry", "mediaType": 5});
    let media = house.good("baseEntry.add", &json!({"ks": account.admin(), "entry": media}));
    assert_eq!((&media["objectType"], &media["mediaType"]), (&json!("KalturaMediaEntry"), &json!(5)));
    let get = house.good("baseEntry.get", &json!({"ks": account.admin(), "entryId": media["id"]}));
    assert_eq!(get["objectType"], "KalturaMediaEntry");
}

#[test]
fn an_entry_begins_like_its_template() {
    let house = House::build();
    let account = house.account(1004);
    let ks = account.admin();
    let template =
        json!({"name": "t", "description": "d", "tags": "a,b", "partnerData": "p", "startDate": 1_700_000_000});
    let template = id(&house.good("baseEntry.add", &json!({"ks": ks, "entry": template})));
    let entry = json!({"name": "n", "tags": "c", "templateEntryId": template});
    let added = house.good("baseEntry.add", &json!({"ks": ks, "entry": entry}));
    let seen: Vec<_> =
        ["name", "description", "tags", "partnerData", "templateEntryId"].map(|name| added[name].clone()).into();
    assert_eq!(json!(seen), json!(["n", "d", "c", "p", template]));
    assert_eq!(added["startDate"], 1_700_000_000);
    let entry = json!({"templateEntryId": "0_nothing1"});
    let missing = error("ENTRY_ID_NOT_FOUND", &[("ENTRY_ID", "0_nothing1")]);
    assert_eq!(house.fault("baseEntry.add", &json!({"ks": ks, "entry": entry})), missing);
}

#[test]
fn only_permitted_sessions_set_what_needs_a_permission() {
    let house = House::build();
    let account = house.account(1005);
    let ks = account.mint(0, "ann", "");
    let params = json!({"ks": ks, "entry": {"referenceId": "r1", "accessControlId": 4, "entitledUsersEdit": "bob",
                                            "entitledUsersView": "val", "categories": ""}});
    let response = house.send(&ks_tests::house::request("baseEntry.add", &params));
    for name in ["referenceId", "accessControlId", "entitledUsersEdit"] {
        assert!(response.header(&format!("KalturaBaseEntry-{name}-error")).is_some(), "{name}: {response:?}");
    }
    let added = response.json();
    assert!(added.get("referenceId").is_none() && added.get("accessControlId").is_none(), "{added}");
    assert_eq!((&added["entitledUsersEdit"], &added["entitledUsersView"]), (&json!(""), &json!("val")));
}
