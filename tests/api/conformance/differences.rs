//! Where the declarations differ from the contract on purpose, each with its reason.

/// What differs (as `ours::differences` words it), and why.
pub(super) const KNOWN: &[(&str, &str)] = &[
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
];

/// Actions that are declared and answer, but not all of what the reference does, and what is missing.
pub(super) const PARTIAL: &[(&str, &str)] = &[
    ("widget.add", NO_MEDIA),
    ("widget.update", NO_MEDIA),
    ("widget.clone", NO_MEDIA),
    ("widget.get", "`widgetHTML` is not answered"),
    ("widget.list", "`widgetHTML` is not answered"),
    ("partner.get", NO_QUOTAS),
    ("partner.getInfo", NO_QUOTAS),
    ("user.notifyBan", "no program of the account is told; it stands in the audit trail"),
    (
        "user.serveCsv",
        "nothing here exports users into a file, so there is none to serve: every id is INVALID_OBJECT_ID",
    ),
    (
        "group_group.searchGroup",
        "no custom metadata are kept, what is found is neither weighed nor highlighted, and groups are not ordered by their number of members",
    ),
    ("partner.list", NO_QUOTAS),
    ("partner.listPartnersForUser", "of accounts that are not the session's own only id, name and status are told"),
    ("session.startWidgetSession", "widgets have no entries yet, so no session is bound to one"),
];

const NO_MEDIA: &str = "entries and players are not kept yet: an `entryId` is refused, a `uiConfId` is not looked up";
const NO_QUOTAS: &str = "properties about quotas, trials, delivery and environments are not kept";
