//! Every privilege name that the protocol gives a meaning (token §2.3). Any other name is carried and ignored.

/// What the value of a privilege is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ValueKind {
    /// No value: the bare name is the whole privilege.
    None,
    /// Nothing but `*`.
    Wildcard,
    /// `1`.
    Flag,
    /// Ids between slashes, or `*`.
    Ids,
    /// A role: its id or its system name.
    Role,
    /// A whole number.
    Number,
    /// A time in Unix seconds.
    Time,
    /// Addresses between slashes; as our extension also networks.
    Addresses,
    /// Request addresses between `|`, each whole or ending in `*`.
    Uris,
    /// Partner ids between slashes.
    Partners,
    /// Any text without a comma.
    Text,
}

/// A privilege name with a meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Known {
    /// `*`
    Wildcard,
    /// `all`
    All,
    /// `edit`
    Edit,
    /// `sview`
    Sview,
    /// `view`
    View,
    /// `widget`
    Widget,
    /// `list`
    List,
    /// `download`
    Download,
    /// `downloadasset`
    DownloadAsset,
    /// `editplaylist`
    EditPlaylist,
    /// `sviewplaylist`
    SviewPlaylist,
    /// `actionslimit`
    ActionsLimit,
    /// `setrole`
    SetRole,
    /// `restrictingrole`
    RestrictingRole,
    /// `limitentry`
    LimitEntry,
    /// `iprestrict`
    IpRestrict,
    /// `urirestrict`
    UriRestrict,
    /// `enableentitlement`
    EnableEntitlement,
    /// `disableentitlement`
    DisableEntitlement,
    /// `disableentitlementforentry`
    DisableEntitlementForEntry,
    /// `disableentitlementforplaylist`
    DisableEntitlementForPlaylist,
    /// `privacycontext`
    PrivacyContext,
    /// `enablecategorymoderation`
    EnableCategoryModeration,
    /// `reftime`
    RefTime,
    /// `sessionkey`
    SessionKey,
    /// `preview`
    Preview,
    /// `sessionid`
    SessionId,
    /// `jobtype`
    JobType,
    /// `apptoken`
    AppToken,
    /// `enablechangeaccount`
    EnableChangeAccount,
    /// `edituser`
    EditUser,
    /// `enablecaptionmoderation`
    EnableCaptionModeration,
    /// `editadmintags`
    EditAdminTags,
    /// `restrictexplicitliveview`
    RestrictExplicitLiveView,
    /// `virtualeventid`
    VirtualEventId,
    /// `searchcontext`
    SearchContext,
    /// `disablesessiontypecheck`
    DisableSessionTypeCheck,
    /// `caption`
    Caption,
}

/// One row of the catalogue.
struct Row {
    name: &'static str,
    values: ValueKind,
    reserved: bool,
    explanation: &'static str,
}

impl Known {
    /// Every name, in the order of the format's description.
    pub const ALL: [Self; 38] = [
        Self::Wildcard,
        Self::All,
        Self::Edit,
        Self::Sview,
        Self::View,
        Self::Widget,
        Self::List,
        Self::Download,
        Self::DownloadAsset,
        Self::EditPlaylist,
        Self::SviewPlaylist,
        Self::ActionsLimit,
        Self::SetRole,
        Self::RestrictingRole,
        Self::LimitEntry,
        Self::IpRestrict,
        Self::UriRestrict,
        Self::EnableEntitlement,
        Self::DisableEntitlement,
        Self::DisableEntitlementForEntry,
        Self::DisableEntitlementForPlaylist,
        Self::PrivacyContext,
        Self::EnableCategoryModeration,
        Self::RefTime,
        Self::SessionKey,
        Self::Preview,
        Self::SessionId,
        Self::JobType,
        Self::AppToken,
        Self::EnableChangeAccount,
        Self::EditUser,
        Self::EnableCaptionModeration,
        Self::EditAdminTags,
        Self::RestrictExplicitLiveView,
        Self::VirtualEventId,
        Self::SearchContext,
        Self::DisableSessionTypeCheck,
        Self::Caption,
    ];

    /// Finds a name, which is case-sensitive.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }

    /// The name as tokens carry it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// One sentence for people: what the privilege does.
    #[must_use]
    pub const fn explanation(self) -> &'static str {
        self.row().explanation
    }

    /// What its value is.
    #[must_use]
    pub const fn value_kind(self) -> ValueKind {
        self.row().values
    }

    /// Whether the caller of an application token may not add it (token §5.7).
    #[must_use]
    pub const fn is_reserved_for_app_tokens(self) -> bool {
        self.row().reserved
    }

    const fn row(self) -> Row {
        match self {
            Self::Wildcard => row(
                "*",
                ValueKind::None,
                false,
                "Every check of a privilege passes; administrators' own sessions have it.",
            ),
            Self::All => row("all", ValueKind::Wildcard, false, "The spelling of `*` inside version 2 tokens."),
            Self::Edit => row(
                "edit",
                ValueKind::Ids,
                true,
                "May update and delete the named objects, or with `*` all, also those of other users.",
            ),
            Self::Sview => row(
                "sview",
                ValueKind::Ids,
                true,
                "May view the named entries, or with `*` all, past moderation and scheduling.",
            ),
            Self::View => row("view", ValueKind::Ids, false, "Marks a widget's session; nothing enforces it."),
            Self::Widget => row(
                "widget",
                ValueKind::Flag,
                false,
                "Makes an anonymous user's session a widget's session, with the widget role.",
            ),
            Self::List => row("list", ValueKind::Ids, true, "Lifts the limit of lists to one's own entries."),
            Self::Download => row(
                "download",
                ValueKind::Ids,
                true,
                "May download the named entries without the checks for playing them.",
            ),
            Self::DownloadAsset => row(
                "downloadasset",
                ValueKind::Ids,
                true,
                "May download the named assets; the token repeats for five minutes, so that links can be cached.",
            ),
            Self::EditPlaylist => {
                row("editplaylist", ValueKind::Ids, true, "May edit the entries of the named playlist.")
            }
            Self::SviewPlaylist => row(
                "sviewplaylist",
                ValueKind::Ids,
                true,
                "May view the entries of the named playlist past moderation and scheduling.",
            ),
            Self::ActionsLimit => {
                row("actionslimit", ValueKind::Number, true, "The session is good for this many calls only.")
            }
            Self::SetRole => row("setrole", ValueKind::Role, true, "This role replaces all roles of the user."),
            Self::RestrictingRole => {
                row("restrictingrole", ValueKind::Role, true, "The permissions of this role are taken away.")
            }
            Self::LimitEntry => {
                row("limitentry", ValueKind::Ids, true, "Metadata and cue points may be added only to this entry.")
            }
            Self::IpRestrict => row(
                "iprestrict",
                ValueKind::Addresses,
                true,
                "The session works only from these addresses, or networks.",
            ),
            Self::UriRestrict => row(
                "urirestrict",
                ValueKind::Uris,
                true,
                "The session works only for these request addresses; a `*` at the end stands for any ending.",
            ),
            Self::EnableEntitlement => {
                row("enableentitlement", ValueKind::None, true, "Entitlement is enforced, where the account has it.")
            }
            Self::DisableEntitlement => row(
                "disableentitlement",
                ValueKind::None,
                true,
                "Entitlement is not enforced, unless it is also enabled.",
            ),
            Self::DisableEntitlementForEntry => row(
                "disableentitlementforentry",
                ValueKind::Ids,
                true,
                "Entitlement is not enforced for these entries and their parents.",
            ),
            Self::DisableEntitlementForPlaylist => row(
                "disableentitlementforplaylist",
                ValueKind::Ids,
                true,
                "Entitlement is not enforced for this playlist and its entries.",
            ),
            Self::PrivacyContext => row(
                "privacycontext",
                ValueKind::Text,
                true,
                "The entitlement context in which the session sees content.",
            ),
            Self::EnableCategoryModeration => row(
                "enablecategorymoderation",
                ValueKind::None,
                true,
                "Entries that are put into a moderated category wait for approval.",
            ),
            Self::RefTime => row("reftime", ValueKind::Time, true, "The time that counts as now for relative times."),
            Self::SessionKey => row("sessionkey", ValueKind::Text, true, "Requests with this key are routed alike."),
            Self::Preview => row("preview", ValueKind::Number, true, "A download ends after this many bytes."),
            Self::SessionId => {
                row("sessionid", ValueKind::Text, true, "The group of tokens that are revoked together.")
            }
            Self::JobType => {
                row("jobtype", ValueKind::Number, true, "The kind of job that a batch worker's session is for.")
            }
            Self::AppToken => {
                row("apptoken", ValueKind::Text, true, "The application token from which the session was started.")
            }
            Self::EnableChangeAccount => {
                row("enablechangeaccount", ValueKind::Partners, true, "The user may switch only to these accounts.")
            }
            Self::EditUser => row(
                "edituser",
                ValueKind::Ids,
                true,
                "May make the named user, or with `*` any, the owner of an entry.",
            ),
            Self::EnableCaptionModeration => {
                row("enablecaptionmoderation", ValueKind::None, true, "New captions wait for review.")
            }
            Self::EditAdminTags => {
                row("editadmintags", ValueKind::Ids, true, "May set the tags that are for administrators.")
            }
            Self::RestrictExplicitLiveView => row(
                "restrictexplicitliveview",
                ValueKind::Ids,
                true,
                "Takes the explicit view of live streams away from everybody but administrators.",
            ),
            Self::VirtualEventId => {
                row("virtualeventid", ValueKind::Number, true, "The virtual event that notifications name.")
            }
            Self::SearchContext => {
                row("searchcontext", ValueKind::Text, true, "The bucket in which searches are remembered.")
            }
            Self::DisableSessionTypeCheck => row(
                "disablesessiontypecheck",
                ValueKind::None,
                true,
                "Access control does not look at the session type.",
            ),
            Self::Caption => row("caption", ValueKind::Ids, false, "Serves the captions of the named entry."),
        }
    }
}

const fn row(name: &'static str, values: ValueKind, reserved: bool, explanation: &'static str) -> Row {
    Row { name, values, reserved, explanation }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_once() {
        for known in Known::ALL {
            assert_eq!(Known::find(known.name()), Some(known));
            assert!(known.explanation().ends_with('.'));
        }
        assert_eq!(Known::find("Edit"), None);
        assert_eq!(Known::find("xedit"), None);
    }

    #[test]
    fn only_five_names_are_free_for_callers_of_app_tokens() {
        let free: Vec<_> = Known::ALL.into_iter().filter(|known| !known.is_reserved_for_app_tokens()).collect();
        assert_eq!(free, [Known::Wildcard, Known::All, Known::View, Known::Widget, Known::Caption]);
    }
}
