//! Ended sessions. A revocation is on disk before it is acknowledged, and is looked up in memory.

use ks_token::{KsHash, PartnerId};

use crate::change::Change;
use crate::engine::args;
use crate::error::StoreError;
use crate::store::Store;
use crate::writer::Tx;

/// Memory could not follow the database for too long: it may miss revocations made elsewhere.
///
/// Ask [`Store::check_revoked_in_database`] instead, and refuse when that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("revocations may be out of date")]
pub struct Stale;

/// Whether a session was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revoked {
    /// It was.
    Yes,
    /// It was not.
    No,
}

/// Revokes within a change; a revocation is never shortened.
pub(crate) async fn insert(
    tx: &mut Tx,
    kind: &'static str,
    partner: PartnerId,
    hash: KsHash,
    until: Option<i64>,
    now: i64,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO revocation (kind, key, partner_id, until, created_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (kind, key) DO UPDATE SET until = CASE \
         WHEN revocation.until IS NULL OR excluded.until IS NULL THEN NULL \
         WHEN excluded.until > revocation.until THEN excluded.until ELSE revocation.until END",
        args![kind, hash, partner, until, now],
    )
    .await?;
    tx.log(Change::Revoked(partner, hash, until), now).await
}

impl Store {
    /// Whether any of these token or session-group hashes is revoked; from memory, without waiting.
    ///
    /// # Errors
    /// [`Stale`] when none is known to be revoked but memory may not be believed.
    pub fn is_revoked(&self, hashes: &[KsHash]) -> Result<Revoked, Stale> {
        let memory = &self.inner.memory;
        if hashes.iter().any(|hash| memory.revocations.contains(hash)) {
            Ok(Revoked::Yes)
        } else if memory.is_fresh() {
            Ok(Revoked::No)
        } else {
            Err(Stale)
        }
    }

    /// The same question, asked of the database.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Closed`]: the session must be refused, since nobody knows.
    pub async fn check_revoked_in_database(&self, hashes: &[KsHash]) -> Result<Revoked, StoreError> {
        let mut reader = self.inner.engine.reader().await?;
        for hash in hashes {
            let rows = reader
                .fetch(
                    "SELECT 1 FROM revocation WHERE kind IN ('token', 'session_group') AND key = $1 LIMIT 1",
                    args![*hash],
                )
                .await?;
            if !rows.is_empty() {
                return Ok(Revoked::Yes);
            }
        }
        Ok(Revoked::No)
    }

    /// Revokes one token until it expires (`until`, Unix seconds), or for ever. Kept for a day longer than `until`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Closed`].
    pub async fn revoke_token(
        &self,
        partner: PartnerId,
        hash: KsHash,
        until: Option<i64>,
        now: i64,
    ) -> Result<(), StoreError> {
        self.revoke("token", partner, hash, until, now).await
    }

    /// Revokes all tokens of a session id, made or yet to be made, for ever: such tokens may live arbitrarily long.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Closed`].
    pub async fn revoke_session_group(&self, partner: PartnerId, hash: KsHash, now: i64) -> Result<(), StoreError> {
        self.revoke("session_group", partner, hash, None, now).await
    }

    async fn revoke(
        &self,
        kind: &'static str,
        partner: PartnerId,
        hash: KsHash,
        until: Option<i64>,
        now: i64,
    ) -> Result<(), StoreError> {
        let write = self
            .inner
            .writer
            .write(move |tx| Box::pin(async move { insert(tx, kind, partner, hash, until, now).await }));
        write.await
    }
}
