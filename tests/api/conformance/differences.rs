//! Where the declarations differ from the contract on purpose, each with its reason.

/// What differs (as `ours::differences` words it), and why.
pub(crate) const KNOWN: &[(&str, &str)] = &[
    (
        "partner.getUsage(year) default: ours null, published \"\"",
        "the published default of a number is the empty text; left out means the same",
    ),
    (
        "system.getHealthCheck result: ours {\"type\":\"file\",\"enumType\":null,\"arrayType\":null,\"time\":false}, published \
     {\"type\":\"string\",\"enumType\":null,\"arrayType\":null,\"time\":false}",
        "the answer is raw text/plain on the admin listener, in no format; `file` is how a raw answer is declared",
    ),
    (
        "user.serveCsv throws: ours [\"INVALID_OBJECT_ID\"], published []",
        "an export that is not there is told by a code that the contract does not list",
    ),
    (
        "groupUser.delete throws: ours [\"GROUP_NOT_FOUND\",\"GROUP_USER_DOES_NOT_EXISTS\",\"INVALID_USER_ID\"], published \
     [\"GROUP_NOT_FOUND\",\"GROUP_USER_DOES_NOT_EXIST\",\"INVALID_USER_ID\"]",
        "the contract names the constant; on the wire the code ends in an S, and that is what is declared here",
    ),
    (
        "schema.serve permissions: ours [\"ALWAYS_ALLOWED_ACTIONS\"], published []",
        "the reference asks for no permission at all; who may call everything says the same",
    ),
    ("baseEntry.add(type) default: ours \"-1\", published -1", TEXT_ENUM),
    ("baseEntry.addFromUploadedFile(type) default: ours \"-1\", published -1", TEXT_ENUM),
    (
        "KalturaEntryContextDataResult.pluginData type: ours {\"type\":\"map\",\"enumType\":null,\"arrayType\":\
     \"KalturaPluginData\",\"time\":false}, published {\"type\":\"map\",\"enumType\":null,\"arrayType\":null,\"time\":false}",
        "the contract does not say what the map holds; objects of plugins is what its name and KalturaPluginData say",
    ),
    (
        "category.move throws: ours [\"CANNOT_MOVE_CATEGORIES_FROM_DIFFERENT_PARENT_CATEGORIES\",\"CATEGORIES_LOCKED\",\"CATEGORY_NOT_FOUND\"], published \
     [\"CANNOT_MOVE_CATEGORIES_FROM_DIFFERENT_PARENT_CATEGORY\",\"CATEGORIES_LOCKED\",\"CATEGORY_NOT_FOUND\"]",
        "the contract names the constant; on the wire the code ends in IES, and that is what is declared here",
    ),
];

const TEXT_ENUM: &str = "the enum's values are texts, and so is the default";

/// Actions that are not declared, and why.
pub(super) const ABSENT: &[(&str, &str)] = &[
    ("baseEntry.upload", NO_BYTES),
    ("baseEntry.updateThumbnailJpeg", NO_BYTES),
    ("baseEntry.getPlaybackContext", NOT_PLAYED),
    ("baseEntry.servePlaybackKey", NOT_PLAYED),
    ("media.addFromBulk", "belongs to an inner account of the reference"),
    ("media.convert", NOT_CONVERTED),
    ("media.requestConversion", NOT_CONVERTED),
    ("media.getMrss", NOT_PLAYED),
    ("media.upload", NO_BYTES),
    ("media.updateThumbnailJpeg", NO_BYTES),
    ("media.getVolumeMap", "measures media, of which none is kept"),
];

const NO_BYTES: &str = "takes files, of which none is kept";
const NOT_PLAYED: &str = "tells how media is played, of which none is kept";
const NOT_CONVERTED: &str = "converts media, of which none is kept";

/// Actions that are declared and answer, but not all of what the reference does, and what is missing.
pub(super) const PARTIAL: &[(&str, &str)] = &[
    ("widget.add", NO_PLAYERS),
    ("widget.update", NO_PLAYERS),
    ("widget.clone", NO_PLAYERS),
    ("widget.get", "`widgetHTML` is not answered"),
    ("widget.list", "`widgetHTML` is not answered"),
    ("partner.get", NO_QUOTAS),
    ("partner.getInfo", NO_QUOTAS),
    ("user.notifyBan", "no program of the account is told; it stands in the audit trail"),
    (
        "user.serveCsv",
        "nothing here exports users into a file, so there is none to serve: every id is INVALID_OBJECT_ID",
    ),
    ("group_group.searchGroup", "no custom metadata are kept, and what is found is neither weighed nor highlighted"),
    ("partner.list", NO_QUOTAS),
    (
        "partner.listPartnersForUser",
        "on purpose: of accounts that are not the session's own only id, name and status are told",
    ),
    (
        "schema.serve",
        "feeds, bulk uploads and drop folders are no part of this server: the schema of each declares nothing",
    ),
    ("responseProfile.recalculate", "answers are not kept, so none is made anew: it answers 0"),
    ("baseEntry.addContent", NOT_FETCHED),
    ("baseEntry.addFromUploadedFile", NOT_FETCHED),
    ("baseEntry.updateContent", NOT_FETCHED),
    ("baseEntry.updateThumbnailFromUrl", NO_PICTURES),
    ("baseEntry.updateThumbnailFromSourceEntry", NO_PICTURES),
    ("media.addContent", NOT_FETCHED),
    ("media.addFromUrl", NOT_FETCHED),
    ("media.addFromSearchResult", NOT_FETCHED),
    ("media.addFromUploadedFile", NOT_FETCHED),
    ("media.addFromRecordedWebcam", NOT_FETCHED),
    ("media.addFromEntry", NOT_FETCHED),
    ("media.updateContent", NOT_FETCHED),
    ("media.updateThumbnail", NO_PICTURES),
    ("media.updateThumbnailFromSourceEntry", NO_PICTURES),
    ("media.updateThumbnailFromUrl", NO_PICTURES),
    ("baseEntry.getContextData", "the schedule decides; access control profiles and renditions are not kept"),
];

const NO_PLAYERS: &str = "players are not kept: a `uiConfId` is not looked up";
const NOT_FETCHED: &str = "where the content is said to be is kept, and the entry is ready; nothing is fetched";
const NO_PICTURES: &str = "what the picture is said to be is kept; none is made";
const NO_QUOTAS: &str = "of quotas there is that of administrators who log in; this server has no trials, delivery and environments to tell of";
