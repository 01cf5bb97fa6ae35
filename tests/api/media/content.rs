//! Actions that name content: nothing is fetched, and the entry is ready.

use ks_tests::house::{House, error};
use serde_json::{Value, json};

use crate::base_entry::{id, ready};

fn seen(entry: &Value) -> Value {
    json!([entry["objectType"], entry["name"], entry["mediaType"], entry["status"], entry["sourceType"]])
}

#[test]
fn entries_are_made_with_content() {
    let house = House::build();
    let account = house.account(1211);
    let ks = account.mint(0, "ann", "");
    let entry = json!({"name": "x", "mediaType": 1});
    let source = ready(&house, &ks, "source");
    let result =
        json!({"id": "s", "title": "found", "url": "https://example.com/a", "mediaType": 2, "searchSource": 20});
    for (action, besides, expected) in [
        ("media.addFromUrl", json!({"mediaEntry": entry, "url": "https://example.com/a"}), json!(["x", 1, "2", "5"])),
        ("media.addFromUploadedFile", json!({"mediaEntry": entry, "uploadTokenId": "t"}), json!(["x", 1, "2", "1"])),
        ("media.addFromRecordedWebcam", json!({"mediaEntry": entry, "webcamTokenId": "t"}), json!(["x", 1, "2", "2"])),
        ("media.addFromSearchResult", json!({"searchResult": result}), json!(["found", 2, "2", "6"])),
        ("media.addFromSearchResult", json!({"mediaEntry": entry, "searchResult": result}), json!(["x", 1, "2", "6"])),
        ("media.addFromEntry", json!({"sourceEntryId": source}), json!(["source", 1, "2", null])),
        ("media.addFromEntry", json!({"sourceEntryId": source, "mediaEntry": entry}), json!(["x", 1, "2", null])),
    ] {
        let mut params = besides;
        params["ks"] = json!(ks);
        let made = house.good(action, &params);
        let mut whole = vec![json!("KalturaMediaEntry")];
        whole.extend(expected.as_array().expect("a list").iter().cloned());
        assert_eq!(seen(&made), json!(whole), "{action}");
        assert_eq!(house.good("media.count", &json!({"ks": ks, "filter": {"idEqual": made["id"]}})), 1);
    }
    let params = json!({"ks": ks, "sourceFlavorAssetId": "0_f"});
    let missing = error("FLAVOR_ASSET_ID_NOT_FOUND", &[("FLAVOR_ASSET_ID", "0_f")]);
    assert_eq!(house.fault("media.addFromFlavorAsset", &params), missing);
}

#[test]
fn content_is_added_once_and_then_updated() {
    let house = House::build();
    let account = house.account(1212);
    let ks = account.mint(0, "ann", "");
    let entry = id(&house.good("media.add", &json!({"ks": ks, "entry": {"name": "x", "mediaType": 1}})));
    let list = || house.good("media.list", &json!({"ks": ks}))["totalCount"].clone();
    let nothing = house.good("media.addContent", &json!({"ks": ks, "entryId": entry}));
    assert_eq!((&nothing["status"], list()), (&json!("7"), json!(0)));
    let resource = json!({"objectType": "KalturaUploadedFileTokenResource", "token": "t"});
    let params = json!({"ks": ks, "entryId": entry, "resource": resource});
    assert_eq!(house.good("media.addContent", &params)["status"], "2");
    assert_eq!(list(), 1);
    assert_eq!(house.fault("media.addContent", &params), error("ENTRY_ALREADY_WITH_CONTENT", &[]));
    assert_eq!(house.good("media.updateContent", &params)["version"], 2);
    // Nothing waits for a decision.
    let admin = json!({"ks": account.admin(), "entryId": entry});
    for action in ["media.approveReplace", "media.cancelReplace"] {
        let same = house.good(action, &admin);
        assert_eq!((&same["version"], &same["replacementStatus"]), (&json!(2), &json!("0")), "{action}");
    }
    // What is cut would have to be kept.
    let cut = json!({"objectType": "KalturaOperationResource", "resource": resource});
    let refused = error("RESOURCE_TYPE_NOT_SUPPORTED", &[("RESOURCE_TYPE", "KalturaOperationResource")]);
    let params = json!({"ks": ks, "entryId": entry, "resource": cut});
    assert_eq!(house.fault("media.updateContent", &params), refused);
    let bob = account.mint(0, "bob", "");
    let params = json!({"ks": bob, "entryId": entry, "resource": resource});
    assert_eq!(house.fault("media.updateContent", &params).0, "INVALID_KS");
}

#[test]
fn pictures_are_named_by_who_may_change_the_entry() {
    let house = House::build();
    let account = house.account(1213);
    let (ann, bob) = (account.mint(0, "ann", ""), account.mint(0, "bob", ""));
    let entry = ready(&house, &ann, "x");
    for (action, besides) in [
        ("media.updateThumbnail", json!({"timeOffset": 3})),
        ("media.updateThumbnailFromSourceEntry", json!({"sourceEntryId": entry, "timeOffset": 3})),
        ("media.updateThumbnailFromUrl", json!({"url": "https://example.com/a.png"})),
    ] {
        let mut params = besides;
        params["ks"] = json!(ann);
        params["entryId"] = json!(entry);
        assert_eq!(house.good(action, &params)["id"], json!(entry), "{action}");
        params["ks"] = json!(bob);
        assert_eq!(house.fault(action, &params), error("PERMISSION_DENIED_TO_UPDATE_ENTRY", &[]), "{action}");
    }
    let got = house.good("media.get", &json!({"ks": ann, "entryId": entry}));
    assert_eq!(got["thumbnailUrl"], "https://example.com/a.png");
}
