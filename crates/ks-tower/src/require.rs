//! What a session must be.

use ks_token::{Ks, PartnerId};

/// A requirement beyond a session that is genuine and may be used now, from here and for this path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Require(What);

#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    Admin,
    User,
    Partner(PartnerId),
    Privilege { name: String, value: Option<String> },
}

impl Require {
    /// An administrator's session.
    #[must_use]
    pub const fn admin() -> Self {
        Self(What::Admin)
    }

    /// The session of somebody: not an anonymous one.
    #[must_use]
    pub const fn user() -> Self {
        Self(What::User)
    }

    /// A session of this account.
    #[must_use]
    pub const fn partner(id: PartnerId) -> Self {
        Self(What::Partner(id))
    }

    /// A session with this privilege for this object, such as `edit` for an entry; one for all objects counts.
    pub fn privilege(name: impl Into<String>, object: impl Into<String>) -> Self {
        Self(What::Privilege { name: name.into(), value: Some(object.into()) })
    }

    /// A session that has this privilege at all.
    pub fn any_privilege(name: impl Into<String>) -> Self {
        Self(What::Privilege { name: name.into(), value: None })
    }

    pub(crate) fn holds(&self, ks: &Ks) -> bool {
        match &self.0 {
            What::Admin => ks.is_admin(),
            What::User => !ks.is_anonymous(),
            What::Partner(id) => ks.partner_id == *id,
            What::Privilege { name, value: Some(value) } => ks.privileges.verify(name, value),
            What::Privilege { name, value: None } => ks.privileges.is_wildcard() || ks.privileges.has(name),
        }
    }
}

/// Why a request was refused. It is among the extensions of the answer, for logs; the caller is not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refused {
    /// It carries no token: 401.
    Missing,
    /// The token is not genuine, or of an account that is not known: 401.
    Invalid,
    /// It has expired: 401.
    Expired,
    /// It may not be used from this address or for this path, or its uses are limited: 403.
    Restricted,
    /// It is not what is required: 403.
    NotEnough,
}
