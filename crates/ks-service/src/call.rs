//! What an action knows of the call that it serves.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use ks_access::Permissions;
use ks_access::entitlement::Viewer;
use ks_schema::describe::ActionInfo;
use ks_schema::{ApiError, PartnerId};
use ks_store::{Account, AccountSecret, Actor, Store, StoreError};
use ks_token::{Ks, Secret};
use parking_lot::Mutex;
use tokio::sync::{OnceCell, OwnedSemaphorePermit};

use crate::node::Node;

/// What the edge knows of a request.
pub struct RequestInfo {
    /// The request id, as the header `X-Kaltura-Session` carries it.
    pub id: String,
    /// Where the request comes from; behind a trusted proxy, what that proxy says.
    pub remote_addr: IpAddr,
    /// Path and query as sent, for `urirestrict`.
    pub uri: String,
    /// Whether it came in on the operator's own listener.
    pub internal: bool,
    /// Its place among those that are worked on at a time.
    pub seat: Seat,
}

/// A place among the requests that are worked on at a time. Whoever waits for something that has a queue of its own gives
/// it to others before.
#[derive(Debug, Default)]
pub struct Seat(Mutex<Option<OwnedSemaphorePermit>>);

impl Seat {
    /// One that counts.
    #[must_use]
    pub fn taken(permit: OwnedSemaphorePermit) -> Self {
        Self(Mutex::new(Some(permit)))
    }

    /// Hands it on to a part of the same work.
    #[must_use]
    pub fn pass(&self) -> Self {
        Self(Mutex::new(self.0.lock().take()))
    }

    /// Gives it to others, for good.
    pub fn leave(&self) {
        drop(self.0.lock().take());
    }
}

impl fmt::Debug for RequestInfo {
    /// Without the address of the request, which may carry a token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestInfo").field("id", &self.id).field("internal", &self.internal).finish_non_exhaustive()
    }
}

/// A session whose token has been verified.
pub struct Session {
    /// What the token says.
    pub ks: Ks,
    /// The account that signed it.
    pub account: Arc<Account>,
    /// The token itself, as it was sent: what proofs are made over.
    pub text: Secret,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("partner", &self.ks.partner_id).finish_non_exhaustive()
    }
}

impl Session {
    /// The secret that signed the token.
    #[must_use]
    pub fn secret(&self) -> Option<&AccountSecret> {
        self.account.admin_secrets.get(self.ks.secret_index)
    }
}

/// One call on its way through a service: who calls, for which account, with which rights.
pub struct Call<'a> {
    /// The node that serves it.
    pub node: &'a Node,
    /// What is called.
    pub action: &'static ActionInfo,
    /// What the edge knows.
    pub request: &'a RequestInfo,
    /// When the call began, in Unix seconds: one call sees one time.
    pub now: i64,
    /// The session, if there is one.
    pub session: Option<&'a Session>,
    /// The account that the call works on, if it names one and it exists.
    pub account: Option<Arc<Account>>,
    /// What the session may do.
    pub permissions: &'a Permissions,
    /// Who looks, once it was asked for; see [`Call::viewer`].
    pub(crate) viewer: OnceCell<Viewer>,
    /// Headers that the answer gets besides the usual ones.
    pub headers: &'a Mutex<Vec<(String, String)>>,
    /// The account that the call turned out to be about, where neither session nor parameters name it.
    pub concerned: Mutex<Option<PartnerId>>,
}

impl Call<'_> {
    /// The account that the call works on.
    ///
    /// # Errors
    /// `MISSING_KS` when it names none.
    pub fn account(&self) -> Result<&Arc<Account>, ApiError> {
        self.account.as_ref().ok_or_else(ApiError::missing_ks)
    }

    /// The session.
    ///
    /// # Errors
    /// `MISSING_KS` without one.
    pub fn session(&self) -> Result<&Session, ApiError> {
        self.session.ok_or_else(ApiError::missing_ks)
    }

    /// The store, for the changes of this call: the audit trail names who makes them.
    #[must_use]
    pub fn store(&self) -> Store {
        let ks = self.session.map(|session| &session.ks);
        self.node.store.acting(Actor {
            action: self.action.full_name(),
            partner_id: ks.map(|ks| ks.partner_id),
            user_id: ks.and_then(|ks| ks.user_id.as_deref().map(str::to_owned)),
            session: ks.map(|ks| ks.hash),
            address: Some(self.request.remote_addr),
            request_id: Some(self.request.id.clone()),
        })
    }

    /// Tells which account the call is about, for its figures.
    pub(crate) fn concerns(&self, partner: PartnerId) {
        *self.concerned.lock() = Some(partner);
    }

    /// Adds a header to the answer. Value and name must be fixed text or names of the API.
    pub fn note(&self, name: String, value: String) {
        self.headers.lock().push((name, value));
    }

    /// Random letters and digits, as ids have them.
    #[must_use]
    pub fn base36<const N: usize>(&self) -> String {
        const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
        // 256 is no multiple of 36; ids are no secrets, so the slight bias does no harm.
        self.node.random::<N>().iter().map(|byte| char::from(DIGITS[usize::from(*byte) % 36])).collect()
    }

    /// The id of the account that the call works on; 0 when it names none.
    #[must_use]
    pub fn partner_id(&self) -> PartnerId {
        self.account.as_ref().map_or(PartnerId::new(0), |account| account.partner.id)
    }
}

/// A partner id as parameters carry it. Whatever fits no partner is one that does not exist.
pub(crate) fn partner_id(number: i64) -> Option<PartnerId> {
    i32::try_from(number).ok().map(PartnerId::new)
}

/// The protocol's answer to a store that failed. The reason is for the log; it holds no secret.
pub(crate) fn database_error(error: &StoreError) -> ApiError {
    tracing::error!(%error, "the store failed");
    ApiError::internal_database_error()
}
