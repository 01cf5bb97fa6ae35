//! Errors about entries.

use ks_store::{Permission, PermissionKind};
use ks_tests::house::{Account, House, now};
use serde_json::{Value, json};

use super::cases::{Case, case};

/// Errors that these actions declare, because the contract does, and cannot raise.
pub(super) const NEVER: &[(&str, &str, &str)] = &[
    ("baseEntry.add", "ENTRY_ALREADY_WITH_CONTENT", NEW),
    ("baseEntry.add", "UPLOAD_TOKEN_INVALID_STATUS_FOR_ADD_ENTRY", TOKENS),
    ("baseEntry.add", "UPLOADED_FILE_NOT_FOUND_BY_TOKEN", TOKENS),
    ("baseEntry.addContent", "ENTRY_TYPE_NOT_SUPPORTED", KINDS),
    ("baseEntry.addContent", "UPLOAD_TOKEN_INVALID_STATUS_FOR_ADD_ENTRY", TOKENS),
    ("baseEntry.addContent", "UPLOADED_FILE_NOT_FOUND_BY_TOKEN", TOKENS),
    ("baseEntry.addFromUploadedFile", "UPLOAD_TOKEN_INVALID_STATUS_FOR_ADD_ENTRY", TOKENS),
    ("baseEntry.addFromUploadedFile", "UPLOADED_FILE_NOT_FOUND_BY_TOKEN", TOKENS),
    ("baseEntry.updateContent", "ENTRY_TYPE_NOT_SUPPORTED", KINDS),
    ("baseEntry.updateContent", "SOURCE_FILE_NOT_FOUND", FETCHED),
    ("baseEntry.export", "STORAGE_PROFILE_RULES_NOT_FULFILLED", STORAGE),
    ("baseEntry.export", "PROFILE_STATUS_DISABLED", STORAGE),
    ("baseEntry.index", "ENTRY_ID_NOT_FOUND", "Nobody may call it."),
    ("baseEntry.index", "CANNOT_INDEX_OBJECT_WHEN_ENTITLEMENT_IS_ENABLE", "Nobody may call it."),
    ("media.add", "ENTRY_ALREADY_WITH_CONTENT", NEW),
    ("media.add", "RESOURCE_TYPE_NOT_SUPPORTED", NEW),
    ("media.addFromUploadedFile", "UPLOADED_FILE_NOT_FOUND_BY_TOKEN", TOKENS),
    ("media.addFromUploadedFile", "UPLOAD_TOKEN_INVALID_STATUS_FOR_ADD_ENTRY", TOKENS),
    ("media.addFromRecordedWebcam", "RECORDED_WEBCAM_FILE_NOT_FOUND", TOKENS),
    ("media.addFromEntry", "ORIGINAL_FLAVOR_ASSET_NOT_CREATED", FETCHED),
    ("media.addFromFlavorAsset", "ENTRY_ID_NOT_FOUND", "There are no renditions, and so none of an entry."),
    ("media.addFromFlavorAsset", "ORIGINAL_FLAVOR_ASSET_NOT_CREATED", FETCHED),
    ("media.updateContent", "ENTRY_REPLACEMENT_ALREADY_EXISTS", "New content counts at once."),
    ("media.updateContent", "INVALID_OBJECT_ID", "What content is said to be is not looked for, but entries are."),
];

const NEW: &str = "A new entry has no content yet.";
const TOKENS: &str = "Upload tokens are not kept, so none is looked for.";
const KINDS: &str = "No entry is of a kind that takes no content.";
const FETCHED: &str = "No content is fetched or made.";
const STORAGE: &str = "There are no storage profiles at all.";

/// Entries in the states that errors are about.
struct Scene<'h> {
    house: &'h House,
    /// Enforces nothing.
    own: Account,
    admin: String,
    user: String,
}

/// All calls.
pub(super) fn cases(house: &House) -> Vec<Case> {
    let own = house.account(961);
    let mut feature = Permission::named(own.partner(), "FEATURE_RECYCLE_BIN".to_owned());
    feature.kind = PermissionKind::SpecialFeature;
    house.wait(house.store.add_permission(feature, now())).expect("a feature");
    let (admin, user) = (own.admin(), own.mint(0, "ann", ""));
    let scene = Scene { house, own, admin, user };
    let mut cases = scene.of_missing();
    cases.extend(scene.of_states());
    cases.extend(scene.of_properties());
    cases.extend(scene.of_content());
    cases
}

const MISSING: &str = "0_nothing1";

impl Scene<'_> {
    fn ks(&self, mut params: Value) -> Value {
        params["ks"] = json!(self.admin);
        params
    }

    fn made(&self, action: &str, params: Value) -> String {
        let made = self.house.good(action, &self.ks(params));
        made["id"].as_str().expect("an id").to_owned()
    }

    fn draft(&self) -> String {
        self.made("media.add", json!({"entry": {"name": "draft", "mediaType": 1}}))
    }

    fn ready(&self) -> String {
        let entry = json!({"name": "x", "mediaType": 1});
        self.made("media.addFromUrl", json!({"mediaEntry": entry, "url": "https://example.com/a.mp4"}))
    }

    /// Entries that are not there.
    fn of_missing(&self) -> Vec<Case> {
        let resource = json!({"objectType": "KalturaUrlResource", "url": "https://example.com/a.mp4"});
        let template = json!({"name": "x", "mediaType": 1, "templateEntryId": MISSING});
        let named = [
            ("baseEntry.add", json!({"entry": template})),
            ("baseEntry.addContent", json!({"resource": resource})),
            ("baseEntry.getRemotePaths", json!({})),
            ("baseEntry.get", json!({})),
            ("baseEntry.update", json!({"baseEntry": {}})),
            ("baseEntry.updateContent", json!({"resource": resource})),
            ("baseEntry.delete", json!({})),
            ("baseEntry.updateThumbnailFromUrl", json!({"url": "https://example.com/a.png"})),
            ("baseEntry.updateThumbnailFromSourceEntry", json!({"sourceEntryId": MISSING, "timeOffset": 1})),
            ("baseEntry.flag", json!({"moderationFlag": {"flaggedEntryId": MISSING}})),
            ("baseEntry.reject", json!({})),
            ("baseEntry.approve", json!({})),
            ("baseEntry.listFlags", json!({})),
            ("baseEntry.anonymousRank", json!({"rank": 1})),
            ("baseEntry.getContextData", json!({"contextDataParams": {}})),
            ("baseEntry.export", json!({"storageProfileId": 1})),
            ("baseEntry.clone", json!({})),
            ("baseEntry.recycle", json!({})),
            ("baseEntry.restoreRecycled", json!({})),
            ("media.add", json!({"entry": template})),
            ("media.addContent", json!({"resource": resource})),
            ("media.addFromSearchResult", json!({"mediaEntry": template})),
            ("media.addFromEntry", json!({"sourceEntryId": MISSING})),
            ("media.get", json!({})),
            ("media.update", json!({"mediaEntry": {}})),
            ("media.updateContent", json!({"resource": resource})),
            ("media.delete", json!({})),
            ("media.approveReplace", json!({})),
            ("media.cancelReplace", json!({})),
            ("media.updateThumbnail", json!({"timeOffset": 1})),
            ("media.updateThumbnailFromSourceEntry", json!({"sourceEntryId": MISSING, "timeOffset": 1})),
            ("media.updateThumbnailFromUrl", json!({"url": "https://example.com/a.png"})),
            ("media.flag", json!({"moderationFlag": {"flaggedEntryId": MISSING}})),
            ("media.reject", json!({})),
            ("media.approve", json!({})),
            ("media.listFlags", json!({})),
            ("media.anonymousRank", json!({"rank": 1})),
        ];
        let each = named.into_iter().map(|(call, mut params)| {
            params["entryId"] = json!(MISSING);
            case(call, self.ks(params), "ENTRY_ID_NOT_FOUND", &[("ENTRY_ID", MISSING)])
        });
        each.collect()
    }

    /// Entries in a state that does not fit, and sessions that may not.
    fn of_states(&self) -> Vec<Case> {
        let (draft, ready) = (self.draft(), self.ready());
        let resource = json!({"objectType": "KalturaUrlResource", "url": "https://example.com/a.mp4"});
        let of = |id: &str| self.ks(json!({"entryId": id}));
        let recycled = self.ready();
        self.house.good("baseEntry.recycle", &of(&recycled));
        let content = self.ks(json!({"entryId": ready, "resource": resource}));
        let as_user = |mut params: Value| {
            params["ks"] = json!(self.user);
            params["entryId"] = json!(ready);
            params
        };
        let session = [("KSID", ""), ("ERR_CODE", "-4"), ("ERR_DESC", "INVALID_TYPE")];
        let other = self.house.account(962);
        let disabled = json!({"ks": other.admin(), "entryId": MISSING});
        let mut cases = vec![
            case("baseEntry.getRemotePaths", of(&draft), "ENTRY_NOT_READY", &[("ENTRY_NAME", &draft)]),
            case("baseEntry.addContent", content.clone(), "ENTRY_ALREADY_WITH_CONTENT", &[]),
            case("media.addContent", content, "ENTRY_ALREADY_WITH_CONTENT", &[]),
            case("baseEntry.recycle", disabled, "FEATURE_RECYCLE_BIN_DISABLED", &[]),
            case("baseEntry.recycle", of(&recycled), "INVALID_ENTRY_STATUS_FOR_RECYCLE", &[]),
            case("baseEntry.restoreRecycled", of(&ready), "INVALID_ENTRY_STATUS_FOR_RESTORE", &[]),
            case("baseEntry.update", as_user(json!({"baseEntry": {}})), "INVALID_KS", &session),
            case(
                "baseEntry.export",
                self.ks(json!({"entryId": ready, "storageProfileId": 7})),
                "STORAGE_PROFILE_ID_NOT_FOUND",
                &[("STORAGE_PROFILE_ID", "7")],
            ),
            case(
                "baseEntry.getContextData",
                self.ks(json!({"entryId": ready, "contextDataParams": {"flavorAssetId": "0_f"}})),
                "FLAVOR_ASSET_ID_NOT_FOUND",
                &[("FLAVOR_ASSET_ID", "0_f")],
            ),
            case(
                "baseEntry.list",
                self.ks(json!({"pager": {"pageSize": 500, "pageIndex": 21}})),
                "QUERY_EXCEEDED_MAX_MATCHES_ALLOWED",
                &[],
            ),
            case(
                "baseEntry.listByReferenceId",
                self.ks(json!({"refId": ""})),
                "MISSING_MANDATORY_PARAMETER",
                &[("PARAM_NAME", "refId")],
            ),
        ];
        for (call, params) in [
            ("baseEntry.updateThumbnailFromUrl", json!({"url": "https://example.com/a.png"})),
            ("baseEntry.updateThumbnailFromSourceEntry", json!({"sourceEntryId": ready, "timeOffset": 1})),
            ("media.updateThumbnail", json!({"timeOffset": 1})),
            ("media.updateThumbnailFromSourceEntry", json!({"sourceEntryId": ready, "timeOffset": 1})),
            ("media.updateThumbnailFromUrl", json!({"url": "https://example.com/a.png"})),
        ] {
            cases.push(case(call, as_user(params), "PERMISSION_DENIED_TO_UPDATE_ENTRY", &[]));
        }
        cases
    }

    /// Properties that do not fit.
    fn of_properties(&self) -> Vec<Case> {
        let ready = self.ready();
        let below = self.made("baseEntry.add", json!({"entry": {"parentEntryId": ready}}));
        let add = |entry: Value| self.ks(json!({"entry": entry}));
        let update = |id: &str, entry: Value| self.ks(json!({"entryId": id, "baseEntry": entry}));
        let context = json!({"ks": self.own.mint(2, "root", "privacycontext:portal"), "entry": {"categories": "x"}});
        let by_user = json!({"ks": self.user, "entry": {"adminTags": "x"}});
        let strict = self.house.account(963);
        self.house.change(&strict, |partner| partner.default_entitlement_enforcement = true);
        let portal = json!({"name": "Portal", "privacyContext": "portal"});
        let free = strict.mint(2, "root", "disableentitlement");
        self.house.good("category.add", &json!({"ks": free, "category": portal}));
        let hidden = json!({"ks": strict.admin(), "entry": {"categories": "Portal"}});
        let many: Vec<String> = (0..33).map(|number| number.to_string()).collect();
        vec![
            case("baseEntry.add", add(json!({"type": "7"})), "ENTRY_TYPE_NOT_SUPPORTED", &[("ENTRY_TYPE", "7")]),
            case("baseEntry.add", by_user, "PROPERTY_VALIDATION_ADMIN_PROPERTY", &[("PROP_NAME", "adminTags")]),
            case("baseEntry.add", context, "ENTRY_CATEGORY_FIELD_IS_DEPRECATED", &[]),
            case("baseEntry.add", hidden, "CATEGORY_NOT_PERMITTED", &[("CATEGORY", "Portal")]),
            case(
                "baseEntry.add",
                add(json!({"categories": many.join(",")})),
                "MAX_CATEGORIES_FOR_ENTRY_REACHED",
                &[("CATEGORIES", "32")],
            ),
            case(
                "baseEntry.add",
                add(json!({"parentEntryId": MISSING})),
                "PARENT_ENTRY_ID_NOT_FOUND",
                &[("ID", MISSING)],
            ),
            case(
                "baseEntry.add",
                add(json!({"startDate": 1_800_000_000, "endDate": 1_700_000_000})),
                "INVALID_ENTRY_SCHEDULE_DATES",
                &[],
            ),
            case(
                "baseEntry.add",
                add(json!({"displayInSearch": -2})),
                "ENTRY_DISPLAY_IN_SEARCH_VALUE_NOT_ALLOWED",
                &[("DISPLAY_IN_SEARCH_NEW_VALUE", "-2")],
            ),
            case("baseEntry.update", update(&ready, json!({"parentEntryId": below})), "CYCLE_IN_PARENTAGE", &[]),
            case(
                "baseEntry.update",
                update(&below, json!({"categoriesIds": "1"})),
                "ASSIGNING_INFO_TO_ENTRY_WITH_PARENT_IS_FORBIDDEN",
                &[("ID", &below)],
            ),
        ]
    }

    /// Content that cannot be named.
    fn of_content(&self) -> Vec<Case> {
        let draft = self.draft();
        let bare = json!({"name": "x"});
        let short = json!({"name": "x", "mediaType": 1, "referenceId": "x"});
        let fit = json!({"name": "x", "mediaType": 1});
        let media_type = [("PROP_NAME", "KalturaMediaEntry::mediaType")];
        let reference = [("PROP_NAME", "referenceId"), ("MIN_LEN", "2")];
        let cut = json!({"objectType": "KalturaOperationResource"});
        let mut cases = vec![
            case(
                "media.addFromUrl",
                self.ks(json!({"mediaEntry": fit, "url": ""})),
                "PROPERTY_VALIDATION_MIN_LENGTH",
                &[("PROP_NAME", "url"), ("MIN_LEN", "1")],
            ),
            case(
                "media.addContent",
                self.ks(json!({"entryId": draft, "resource": cut})),
                "RESOURCE_TYPE_NOT_SUPPORTED",
                &[("RESOURCE_TYPE", "KalturaOperationResource")],
            ),
            case(
                "media.addFromFlavorAsset",
                self.ks(json!({"sourceFlavorAssetId": "0_f"})),
                "FLAVOR_ASSET_ID_NOT_FOUND",
                &[("FLAVOR_ASSET_ID", "0_f")],
            ),
            case(
                "media.addFromUploadedFile",
                self.ks(json!({"mediaEntry": fit, "uploadTokenId": ""})),
                "INVALID_UPLOAD_TOKEN_ID",
                &[],
            ),
            case(
                "media.addFromRecordedWebcam",
                self.ks(json!({"mediaEntry": fit, "webcamTokenId": ""})),
                "INVALID_WEBCAM_TOKEN_ID",
                &[],
            ),
            case(
                "media.addFromEntry",
                self.ks(json!({"sourceEntryId": draft})),
                "ORIGINAL_FLAVOR_ASSET_IS_MISSING",
                &[],
            ),
            case(
                "media.addFromEntry",
                self.ks(json!({"sourceEntryId": draft, "sourceFlavorParamsId": 3})),
                "FLAVOR_PARAMS_NOT_FOUND",
                &[],
            ),
        ];
        for (call, params) in [
            ("media.addFromUrl", json!({"url": "https://example.com/a.mp4"})),
            ("media.addFromSearchResult", json!({"searchResult": {}})),
            ("media.addFromUploadedFile", json!({"uploadTokenId": "t"})),
            ("media.addFromRecordedWebcam", json!({"webcamTokenId": "t"})),
        ] {
            let with = |entry: &Value| {
                let mut params = self.ks(params.clone());
                params["mediaEntry"] = entry.clone();
                params
            };
            cases.push(case(call, with(&bare), "PROPERTY_VALIDATION_CANNOT_BE_NULL", &media_type));
            cases.push(case(call, with(&short), "PROPERTY_VALIDATION_MIN_LENGTH", &reference));
        }
        cases
    }
}
