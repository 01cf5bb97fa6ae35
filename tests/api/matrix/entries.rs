//! Arguments of actions about entries.

use std::sync::atomic::{AtomicU64, Ordering};

use ks_schema::{EntryId, UserId};
use ks_store::{Entry, EntryPeople};
use ks_tests::house::{Account, House, now};
use serde_json::{Value, json};

/// An entry of this account, which the plain user owns: its id.
fn entry(house: &House, account: &Account, status: i64) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let id = format!("0_e{:07}", COUNT.fetch_add(1, Ordering::Relaxed));
    let mut entry = Entry::new(EntryId::new(&id), account.partner(), "1", now());
    (entry.status, entry.media_type) = (status, Some(1));
    entry.name.clone_from(&id);
    let people = EntryPeople { owner: Some(Some(UserId::new("somebody"))), ..EntryPeople::default() };
    house.wait(house.store.add_entry(entry, people, None, now())).expect("a new entry");
    id
}

/// What a call about entries says.
pub(super) fn entries(house: &House, action: &str, account: &Account) -> Value {
    let (_, name) = action.split_once('.').expect("service.action");
    let new = json!({"objectType": "KalturaMediaEntry", "name": "x", "mediaType": 1});
    let resource = json!({"objectType": "KalturaUrlResource", "url": "https://example.com/a.mp4"});
    let id = entry(house, account, if name == "addContent" { 7 } else { 2 });
    match name {
        "add" => json!({"entry": new}),
        "addContent" | "updateContent" => json!({"entryId": id, "resource": resource}),
        "addFromUploadedFile" => json!({"entry": new, "mediaEntry": new, "uploadTokenId": "t"}),
        "addFromUrl" => json!({"mediaEntry": new, "url": "https://example.com/a.mp4"}),
        "addFromSearchResult" => json!({"mediaEntry": new, "searchResult": {"url": "https://example.com/a.mp4"}}),
        "addFromRecordedWebcam" => json!({"mediaEntry": new, "webcamTokenId": "t"}),
        "addFromEntry" => json!({"sourceEntryId": id, "mediaEntry": new}),
        "addFromFlavorAsset" => json!({"sourceFlavorAssetId": "0_f"}),
        "update" => json!({"entryId": id, "baseEntry": {"name": "y"}, "mediaEntry": {"name": "y"}}),
        "getByIds" => json!({"entryIds": id}),
        "list" | "count" => json!({}),
        "listByReferenceId" => json!({"refId": "x"}),
        "updateThumbnail" => json!({"entryId": id, "timeOffset": 1}),
        "updateThumbnailFromUrl" => json!({"entryId": id, "url": "https://example.com/a.png"}),
        "updateThumbnailFromSourceEntry" => json!({"entryId": id, "sourceEntryId": id, "timeOffset": 1}),
        "flag" => json!({"moderationFlag": {"flaggedEntryId": id}}),
        "anonymousRank" => json!({"entryId": id, "rank": 3}),
        "getContextData" => json!({"entryId": id, "contextDataParams": {}}),
        "export" => json!({"entryId": id, "storageProfileId": 1}),
        "index" => json!({"id": id}),
        "get" | "getRemotePaths" | "delete" | "reject" | "approve" | "listFlags" | "clone" | "recycle"
        | "restoreRecycled" | "approveReplace" | "cancelReplace" => json!({"entryId": id}),
        _ => panic!("say here how {action} is called"),
    }
}
