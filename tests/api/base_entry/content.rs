//! Actions that name content: nothing is fetched, and the entry is ready.

use ks_tests::house::{House, error};
use serde_json::json;

use super::id;

#[test]
fn content_makes_an_entry_ready() {
    let house = House::build();
    let account = house.account(1021);
    let ks = account.admin();
    let add = || id(&house.good("baseEntry.add", &json!({"ks": ks, "entry": {"name": "x"}})));
    for (resource, source) in [
        (json!({"objectType": "KalturaUrlResource", "url": "https://example.com/a.mp4"}), json!("5")),
        (json!({"objectType": "KalturaUploadedFileTokenResource", "token": "t"}), json!("1")),
        (json!({"objectType": "KalturaStringResource", "content": "c"}), json!("1")),
        (json!({"objectType": "KalturaWebcamTokenResource", "token": "t"}), json!("2")),
        (json!({"objectType": "KalturaEntryResource", "entryId": add()}), json!(null)),
    ] {
        let entry = add();
        assert_eq!(house.good("baseEntry.list", &json!({"ks": ks, "filter": {"idIn": entry}}))["totalCount"], 0);
        let named = house.good("baseEntry.addContent", &json!({"ks": ks, "entryId": entry, "resource": resource}));
        let seen = json!([named["objectType"], named["status"], named["type"], named["sourceType"], named["version"]]);
        assert_eq!(seen, json!(["KalturaMediaEntry", "2", "1", source, 1]), "{resource}");
        assert_eq!(house.good("baseEntry.list", &json!({"ks": ks, "filter": {"idIn": entry}}))["totalCount"], 1);
        let again = house.fault("baseEntry.addContent", &json!({"ks": ks, "entryId": entry, "resource": resource}));
        assert_eq!(again, error("ENTRY_ALREADY_WITH_CONTENT", &[]));
        let params = json!({"ks": ks, "entryId": entry, "resource": resource, "conversionProfileId": 7});
        let replaced = house.good("baseEntry.updateContent", &params);
        let seen = json!([replaced["version"], replaced["conversionProfileId"]]);
        assert_eq!(seen, json!([2, 7]), "{replaced}");
    }
    let entry = json!({"name": "file"});
    let params = json!({"ks": ks, "entry": entry, "uploadTokenId": "t"});
    let made = house.good("baseEntry.addFromUploadedFile", &params);
    assert_eq!(json!([made["name"], made["status"], made["sourceType"]]), json!(["file", "2", "1"]));
    let paths = house.good("baseEntry.getRemotePaths", &json!({"ks": ks, "entryId": made["id"]}));
    assert_eq!((&paths["totalCount"], &paths["objects"]), (&json!(0), &json!([])));
}

#[test]
fn secrets_of_an_address_are_not_kept() {
    let house = House::build();
    let account = house.account(1022);
    let ks = account.admin();
    let entry = id(&house.good("baseEntry.add", &json!({"ks": ks, "entry": {"name": "x"}})));
    let resource = json!({"objectType": "KalturaSshUrlResource", "url": "sftp://ann:canary@example.com/a.mp4",
                          "privateKey": "canary", "keyPassphrase": "canary",
                          "urlHeaders": [{"objectType": "KalturaString", "value": "canary"}]});
    house.good("baseEntry.addContent", &json!({"ks": ks, "entryId": entry, "resource": resource}));
    let stored = house.wait(house.store.entry(account.partner(), &ks_schema::EntryId::new(&entry)));
    let stored = stored.expect("a store").expect("an entry");
    assert!(stored.properties.contains_key("content"), "{stored:?}");
    assert!(!format!("{stored:?}").contains("canary"), "{stored:?}");
}

#[test]
fn pictures_are_named() {
    let house = House::build();
    let account = house.account(1023);
    let ann = account.mint(0, "ann", "");
    let (entry, other) = (super::ready(&house, &ann, "x"), super::ready(&house, &ann, "y"));
    let params = json!({"ks": ann, "entryId": entry, "url": "https://example.com/a.png"});
    let named = house.good("baseEntry.updateThumbnailFromUrl", &params);
    assert_eq!(named["thumbnailUrl"], "https://example.com/a.png");
    let params = json!({"ks": ann, "entryId": entry, "url": "javascript:alert(1)"});
    let refused = house.fault("baseEntry.updateThumbnailFromUrl", &params);
    assert_eq!(refused, error("INVALID_FIELD_VALUE", &[("FIELD_NAME", "url")]));
    let params = json!({"ks": ann, "entryId": entry, "sourceEntryId": other, "timeOffset": 3});
    assert_eq!(house.good("baseEntry.updateThumbnailFromSourceEntry", &params)["id"], json!(entry));
}
