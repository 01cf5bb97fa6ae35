//! Who changed what: one row for each change, written in its own transaction.

use std::net::IpAddr;
use std::sync::Arc;

use ks_access::condition::Condition;
use ks_token::{KsHash, PartnerId};

use crate::change::Change;
use crate::engine::{Row, Value, args};
use crate::error::StoreError;
use crate::list::{Listed, Order, Page};
use crate::remembered::Counted;
use crate::store::Store;
use crate::writer::Tx;

/// Who makes changes through a [`Store`], and by what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// What is done: `service.action`, or a command.
    pub action: String,
    /// The account of the session.
    pub partner_id: Option<PartnerId>,
    /// The user of the session.
    pub user_id: Option<String>,
    /// The hash of the session's token; never the token.
    pub session: Option<KsHash>,
    /// Where the request came from.
    pub address: Option<IpAddr>,
    /// The id of the request.
    pub request_id: Option<String>,
}

impl Actor {
    /// A command on the server's own machine.
    #[must_use]
    pub fn command(name: impl Into<String>) -> Self {
        Self { action: name.into(), partner_id: None, user_id: None, session: None, address: None, request_id: None }
    }
}

/// One change that was made. Times are Unix seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its number.
    pub id: i64,
    /// When.
    pub at: i64,
    /// The account that was changed.
    pub partner_id: PartnerId,
    /// What was done: `service.action`, or a command; empty for what the server does by itself.
    pub action: String,
    /// What kind of object it was done to.
    pub object_type: String,
    /// Which one, where there can be several in an account.
    pub object_id: String,
    /// The account of the session that did it.
    pub actor_partner_id: Option<PartnerId>,
    /// The user of that session.
    pub user_id: Option<String>,
    /// The hash of its token.
    pub session_hash: Option<String>,
    /// Where the request came from.
    pub address: Option<String>,
    /// The id of the request.
    pub request_id: Option<String>,
    /// What the others do not say, in words.
    pub detail: Option<String>,
}

const LISTED: Listed = Listed {
    table: "audit",
    columns: "id, at, partner_id, action, object_type, object_id, actor_partner_id, user_id, session_hash, address, \
              request_id, detail",
    key: "id",
};

fn read_row(row: &Row) -> Result<AuditEntry, StoreError> {
    Ok(AuditEntry {
        id: row.int(0)?,
        at: row.int(1)?,
        partner_id: row.partner(2)?,
        action: row.text(3)?,
        object_type: row.text(4)?,
        object_id: row.text(5)?,
        actor_partner_id: row.opt_partner(6)?,
        user_id: row.opt_text(7)?,
        session_hash: row.opt_text(8)?,
        address: row.opt_text(9)?,
        request_id: row.opt_text(10)?,
        detail: row.opt_text(11)?,
    })
}

/// Writes down a change in its own transaction.
pub(crate) async fn append(tx: &mut Tx, change: &Change, now: i64) -> Result<(), StoreError> {
    let (object_type, partner, object_id) = change.object();
    note(tx, object_type, partner, &object_id, None, now).await
}

/// Writes down what no cache must hear of.
pub(crate) async fn note(
    tx: &mut Tx,
    object_type: &str,
    partner: PartnerId,
    object_id: &str,
    detail: Option<&str>,
    now: i64,
) -> Result<(), StoreError> {
    let values = row(tx.actor().as_deref(), object_type, partner, object_id, detail, now);
    tx.insert(TABLE, values, "").await.map(drop)
}

/// As [`append`], for many changes.
pub(crate) async fn append_all(tx: &mut Tx, changes: &[Change], now: i64) -> Result<(), StoreError> {
    let actor = tx.actor();
    let rows = changes.iter().flat_map(|change| {
        let (object_type, partner, object_id) = change.object();
        row(actor.as_deref(), object_type, partner, &object_id, None, now)
    });
    tx.insert(TABLE, rows.collect(), "").await.map(drop)
}

const TABLE: &str = "audit (at, partner_id, action, object_type, object_id, actor_partner_id, user_id, session_hash, \
                     address, request_id, detail)";

fn row(
    actor: Option<&Actor>,
    object_type: &str,
    partner: PartnerId,
    object_id: &str,
    detail: Option<&str>,
    now: i64,
) -> Vec<Value> {
    args![
        now,
        partner,
        actor.map_or("", |actor| actor.action.as_str()),
        object_type,
        object_id,
        actor.and_then(|actor| actor.partner_id),
        // A token may carry a user id that no column takes.
        actor.and_then(|actor| actor.user_id.as_deref()).map(|id| id.replace('\0', "\u{fffd}")),
        actor.and_then(|actor| actor.session).map(|hash| hash.to_string()),
        actor.and_then(|actor| actor.address).map(|address| address.to_string()),
        actor.and_then(|actor| actor.request_id.clone()),
        detail,
    ]
}

impl Store {
    /// The same store, for the changes of this actor.
    #[must_use]
    pub fn acting(&self, actor: Actor) -> Self {
        Self { inner: self.inner.acting(Arc::new(actor)) }
    }

    /// Writes down what was done to a user of an account and changes nothing that is kept. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn note_user(
        &self,
        what: &'static str,
        partner: PartnerId,
        user: &str,
        detail: Option<String>,
        now: i64,
    ) -> Result<(), StoreError> {
        // A token may carry a user id that no column takes.
        let user = user.replace('\0', "\u{fffd}");
        let write = self
            .inner
            .writer
            .write(move |tx| Box::pin(async move { note(tx, what, partner, &user, detail.as_deref(), now).await }));
        write.await
    }

    /// One page of an account's changes that satisfy a condition, and how many do in all; of every account for `None`.
    /// Columns: `id`, `at`, `action`, `object_type`, `object_id`, `actor_partner_id`, `user_id`, `session_hash`,
    /// `address`, `request_id`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Closed`]; [`StoreError::Invalid`] for a NUL in a text.
    pub async fn audit(
        &self,
        partner: Option<PartnerId>,
        condition: Condition,
        order: &[Order],
        page: Page,
    ) -> Result<(Vec<AuditEntry>, u64), StoreError> {
        let condition = match partner {
            Some(partner) => Condition::int("partner_id", partner.get()).and(condition),
            None => condition,
        };
        self.list(&LISTED, Counted::Anything, &condition, order, page, read_row).await
    }
}
