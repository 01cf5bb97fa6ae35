//! A verified token, and whether it may be used now, from here, for this.

use std::fmt;
use std::net::IpAddr;

use smol_str::SmolStr;

use crate::envelope::Version;
use crate::fault::Refusal;
use crate::hash::{KsHash, session_id_hash};
use crate::partner::PartnerId;
use crate::privileges::Privileges;
use crate::restrict::{ip_allowed, uri_allowed};

/// The fields of a token whose signature verified (token §1.2, §1.3).
///
/// An absent field is `None`; a field that is there and empty is `Some("")`. Texts of up to 23 bytes, as most are, lie in
/// place: reading them allocates nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Ks {
    /// The layout of the token.
    pub version: Version,
    /// The account that signed. In version 2 it is bound to the token only by which secret decrypts (token §1.3).
    pub partner_id: PartnerId,
    /// Version 1 repeats the partner id here, or writes `*`; it has no effect.
    pub partner_pattern: Option<SmolStr>,
    /// Who the session is for, as the signer put it.
    pub user_id: Option<SmolStr>,
    /// 0 for a user, 2 for an administrator; whatever is 1 or more counts as an administrator (token §1.7).
    pub session_type: Option<i32>,
    /// When the session ends, in Unix seconds. Without it the session has ended (token §1.7).
    pub expiry: Option<i64>,
    /// What makes two tokens with the same fields differ.
    pub rand: Option<Rand>,
    /// What the session may do beyond its type.
    pub privileges: Privileges,
    /// The account on whose behalf the session was started, as text. It lifts no limit. See [`Ks::master_partner`].
    pub master_partner_id: Option<SmolStr>,
    /// Free text of the signer.
    pub additional_data: Option<SmolStr>,
    /// The key by which this one token is revoked.
    pub hash: KsHash,
    /// Which of the keys given to verify with made the signature, counted from 0.
    pub secret_index: usize,
}

/// The random part of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rand {
    /// Version 1: any text.
    Text(SmolStr),
    /// Version 2: 16 bytes.
    Bytes([u8; 16]),
}

impl fmt::Display for Rand {
    /// The text of version 1, the lowercase hexadecimal of version 2.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Bytes(bytes) => bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}")),
        }
    }
}

/// The three kinds of session that the protocol tells apart (token §1.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SessionKind {
    /// A user, known or anonymous.
    User,
    /// An anonymous session of a public widget.
    Widget,
    /// An administrator.
    Admin,
}

/// The request that a session is used for.
#[derive(Clone, Copy, Debug)]
pub struct RequestContext<'r> {
    /// The time, in Unix seconds.
    pub now: i64,
    /// Where the request comes from.
    pub remote_addr: IpAddr,
    /// What is asked for: path and query, as sent.
    pub uri: &'r str,
}

/// The partner of the batch workers: its tokens are never revoked (token §3, step 9).
const BATCH_PARTNER: PartnerId = PartnerId::new(-1);

impl Ks {
    /// Whether it is an administrator's session: type 1 or more.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.session_type.is_some_and(|number| number >= 1)
    }

    /// Whether it is for nobody in particular: no user, an empty one, or `0`.
    #[must_use]
    pub fn is_anonymous(&self) -> bool {
        matches!(self.user_id.as_deref(), None | Some("" | "0"))
    }

    /// Whether it is a widget's session: type 0, anonymous, and `widget:1` anywhere in the privilege text.
    ///
    /// The one place where a piece of text is enough, as in the protocol: a widget's session may do less than a user's, so
    /// that an exact comparison would give rights away.
    #[must_use]
    pub fn is_widget(&self) -> bool {
        self.session_type.unwrap_or(0) == 0 && self.is_anonymous() && self.privileges.text().contains("widget:1")
    }

    /// The kind of session; what is both counts as the first of administrator, widget, user.
    #[must_use]
    pub fn kind(&self) -> SessionKind {
        if self.is_admin() {
            SessionKind::Admin
        } else if self.is_widget() {
            SessionKind::Widget
        } else {
            SessionKind::User
        }
    }

    /// The master partner, where the field is a canonical partner id.
    #[must_use]
    pub fn master_partner(&self) -> Option<PartnerId> {
        self.master_partner_id.as_deref()?.parse().ok()
    }

    /// The group by which the token can be revoked with its siblings.
    #[must_use]
    pub fn session_id(&self) -> Option<&str> {
        self.privileges.session_id()
    }

    /// The revocation key of that group.
    #[must_use]
    pub fn session_id_hash(&self) -> Option<KsHash> {
        self.session_id().map(|id| session_id_hash(self.partner_id, id))
    }

    /// Whether the session has ended at `now`, in Unix seconds. The second of the expiry is too late.
    #[must_use]
    pub fn expired_at(&self, now: i64) -> bool {
        self.expiry.is_none_or(|expiry| expiry <= now)
    }

    /// Whether revocation and `actionslimit` apply to this token at all. In the protocol they do not to widgets' sessions
    /// and to partner -1 (token §3, step 9).
    #[must_use]
    pub fn is_revocable(&self) -> bool {
        self.partner_id != BATCH_PARTNER && !self.is_widget()
    }

    /// Checks what the token itself can tell, in the protocol's order: expiry, address of the caller, address of the
    /// request (token §3, steps 6 to 8). Revocation, limits and the state of the account are the store's to know.
    ///
    /// # Errors
    /// [`Refusal::Expired`], [`Refusal::RestrictedIp`] or [`Refusal::RestrictedUri`].
    pub fn check(&self, ctx: &RequestContext<'_>) -> Result<(), Refusal> {
        if self.expired_at(ctx.now) {
            return Err(Refusal::Expired);
        }
        if self.privileges.has("iprestrict") && !ip_allowed(self.privileges.values("iprestrict"), ctx.remote_addr) {
            return Err(Refusal::RestrictedIp);
        }
        if self.privileges.has("urirestrict") {
            // The parts of all such items are one value, joined as they were split (token §2.3).
            let value = self.privileges.values("urirestrict").collect::<Vec<_>>().join("/");
            if !uri_allowed(&value, ctx.uri) {
                return Err(Refusal::RestrictedUri);
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Ks {
    /// Leaves out what a version 1 token could be put together from.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ks")
            .field("version", &self.version)
            .field("partner_id", &self.partner_id)
            .field("kind", &self.kind())
            .field("expiry", &self.expiry)
            .field("hash", &self.hash)
            .finish_non_exhaustive()
    }
}
