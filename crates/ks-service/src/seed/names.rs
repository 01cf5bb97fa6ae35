//! Words for the numbers of the protocol.

use serde::Deserialize;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident: $($(#[$variant_doc:meta])* $variant:ident = $code:expr),+ $(,)?) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $name {
            pub(super) const fn code(self) -> i64 {
                match self {
                    $(Self::$variant => $code,)+
                }
            }
        }
    };
}

words! {
    /// `KalturaPrivacyType`.
    Privacy:
    /// Everybody.
    #[default]
    All = 1,
    /// Everybody with a session of their own.
    Authenticated = 2,
    /// Members.
    Members = 3,
}

words! {
    /// `KalturaAppearInListType`.
    AppearIn:
    /// Everybody in the account.
    #[default]
    All = 1,
    /// Members.
    Members = 3,
}

words! {
    /// `KalturaUserJoinPolicyType`.
    JoinPolicy:
    /// Whoever wants to.
    Auto = 1,
    /// Whoever asks, and is let in.
    Request = 2,
    /// Nobody by themselves.
    #[default]
    None = 3,
}

words! {
    /// `KalturaCategoryUserPermissionLevel`.
    Level:
    /// Everything.
    Manager = 0,
    /// Approve entries.
    Moderator = 1,
    /// Add entries.
    Contributor = 2,
    /// See them.
    #[default]
    Member = 3,
    /// Nothing by itself.
    None = 4,
}

words! {
    /// `KalturaContributionPolicyType`.
    Contribution:
    /// Everybody.
    #[default]
    All = 1,
    /// Members with the right to.
    Members = 2,
}

words! {
    /// `KalturaUserStatus`.
    UserState:
    /// It may act.
    #[default]
    Active = 1,
    /// It is refused at every call.
    Blocked = 0,
}

words! {
    /// `KalturaSessionType`.
    SessionType:
    /// A user's session.
    User = 0,
    /// An administrator's session.
    #[default]
    Admin = 2,
}

words! {
    /// `KalturaMediaType`.
    MediaKind:
    /// A film.
    #[default]
    Video = 1,
    /// A picture.
    Image = 2,
    /// Sound.
    Audio = 5,
}

words! {
    /// `KalturaEntryStatus`.
    EntryStatus:
    /// It can be played.
    #[default]
    Ready = 2,
    /// It has no content.
    NoContent = 7,
}

/// `KalturaAppTokenHashType`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum HashKind {
    /// MD5.
    #[serde(rename = "MD5")]
    Md5,
    /// SHA-1.
    #[default]
    #[serde(rename = "SHA1")]
    Sha1,
    /// SHA-256.
    #[serde(rename = "SHA256")]
    Sha256,
    /// SHA-512.
    #[serde(rename = "SHA512")]
    Sha512,
}

impl From<HashKind> for ks_store::AppTokenHash {
    fn from(kind: HashKind) -> Self {
        match kind {
            HashKind::Md5 => Self::Md5,
            HashKind::Sha1 => Self::Sha1,
            HashKind::Sha256 => Self::Sha256,
            HashKind::Sha512 => Self::Sha512,
        }
    }
}
