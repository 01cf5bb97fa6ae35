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
    ("user.notifyBan", "no notification is sent: there is nobody to notify"),
    ("user.enableLogin", "`encryptedSeed` is not answered"),
    ("user.loginDataResetPassword", "`encryptedSeed` is not answered"),
    ("partner.list", NO_QUOTAS),
    ("partner.listPartnersForUser", "of accounts that are not the session's own only id, name and status are told"),
    ("partner.register", "no mail is sent, and there are no templates to copy"),
    ("session.startWidgetSession", "widgets have no entries yet, so no session is bound to one"),
];

const NO_MEDIA: &str = "entries and players are not kept yet: an `entryId` is refused, a `uiConfId` is not looked up";
const NO_QUOTAS: &str = "properties about quotas, trials, delivery and environments are not kept";
