//! Several secrets per account, so that they can be rotated with an overlap.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use ks_schema::ids::SecretId;
use ks_token::{PartnerId, Secret};
use parking_lot::{Mutex, RwLock};
use zeroize::Zeroizing;

use crate::account::{AccountSecret, SecretKind, SecretState, read_secrets, secret_context};
use crate::change::Change;
use crate::config::Random;
use crate::engine::args;
use crate::error::StoreError;
use crate::hex;
use crate::kek::Kek;
use crate::partner;
use crate::store::Store;
use crate::writer::{Tx, Writer};

/// What encrypting a secret needs.
#[derive(Clone)]
pub(crate) struct Sealer {
    pub(crate) kek: Kek,
    pub(crate) random: Arc<dyn Random>,
}

/// Adds an enabled secret, unless the account has or had the same text before.
pub(crate) async fn insert(
    tx: &mut Tx,
    sealer: &Sealer,
    partner: PartnerId,
    kind: SecretKind,
    secret: &Secret,
    is_primary: bool,
    now: i64,
) -> Result<SecretId, StoreError> {
    let known = read_secrets(tx, partner, &sealer.kek).await?;
    // A user secret that is also an admin secret would let its holder sign admin tokens; a retired one would revive
    // the tokens that it signed.
    if known.iter().any(|other| other.secret.matches(secret.expose())) {
        return Err(StoreError::Conflict("secret"));
    }
    let sealed = sealer.kek.seal(secret.expose().as_bytes(), &secret_context(partner, kind), sealer.random.as_ref())?;
    let rows = tx
        .fetch(
            "INSERT INTO account_secret (partner_id, kind, state, is_primary, ciphertext, created_at) \
             VALUES ($1, $2, 'enabled', $3, $4, $5) RETURNING id",
            args![partner, kind.as_str(), is_primary, sealed, now],
        )
        .await?;
    Ok(SecretId::new(rows.first().ok_or(StoreError::Corrupt("secret"))?.int(0)?))
}

/// When secrets were last used, on its way to the database.
#[derive(Default)]
pub(crate) struct LastUsed {
    seen: RwLock<HashMap<SecretId, Arc<AtomicI64>>>,
    written: Mutex<HashMap<SecretId, i64>>,
}

impl LastUsed {
    fn touch(&self, id: SecretId, now: i64) {
        if let Some(at) = self.seen.read().get(&id) {
            // Most calls of one second only read.
            if at.load(Ordering::Relaxed) < now {
                at.fetch_max(now, Ordering::Relaxed);
            }
            return;
        }
        self.seen.write().entry(id).or_default().fetch_max(now, Ordering::Relaxed);
    }

    fn get(&self, id: SecretId) -> Option<i64> {
        self.seen.read().get(&id).map(|at| at.load(Ordering::Relaxed))
    }

    /// Writes what is new.
    pub(crate) async fn flush(&self, writer: &Writer) -> Result<(), StoreError> {
        let news: Vec<(SecretId, i64)> = {
            let written = self.written.lock();
            let seen = self.seen.read();
            let all = seen.iter().map(|(id, at)| (*id, at.load(Ordering::Relaxed)));
            all.filter(|(id, at)| written.get(id) != Some(at)).collect()
        };
        if news.is_empty() {
            return Ok(());
        }
        let batch = news.clone();
        writer
            .write(move |tx| {
                Box::pin(async move {
                    for (id, at) in batch {
                        tx.execute(
                            "UPDATE account_secret SET last_used_at = $2 \
                             WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)",
                            args![id, at],
                        )
                        .await?;
                    }
                    Ok(())
                })
            })
            .await?;
        self.written.lock().extend(news);
        Ok(())
    }
}

/// The secret of an account with this id.
async fn find(
    tx: &mut Tx,
    kek: &Kek,
    partner: PartnerId,
    id: SecretId,
) -> Result<(AccountSecret, Vec<AccountSecret>), StoreError> {
    let all = read_secrets(tx, partner, kek).await?;
    let one = all.iter().find(|secret| secret.id == id).cloned().ok_or(StoreError::NotFound("secret"))?;
    Ok((one, all))
}

/// Disables or revokes.
async fn retire(
    tx: &mut Tx,
    kek: &Kek,
    partner: PartnerId,
    id: SecretId,
    to: SecretState,
    now: i64,
) -> Result<(), StoreError> {
    let (secret, all) = find(tx, kek, partner, id).await?;
    if secret.state == to || secret.state == SecretState::Revoked {
        return Ok(());
    }
    if secret.state == SecretState::Enabled {
        let alike = |other: &&AccountSecret| other.kind == secret.kind && other.state == SecretState::Enabled;
        if all.iter().filter(alike).count() == 1 {
            return Err(StoreError::LastSecret);
        }
        if secret.is_primary {
            return Err(StoreError::PrimarySecret);
        }
    }
    tx.execute(
        "UPDATE account_secret SET state = $2, disabled_at = $3 WHERE id = $1",
        args![id, to.as_str(), secret.disabled_at.unwrap_or(now)],
    )
    .await?;
    tx.log(Change::Account(partner), now).await
}

impl Store {
    /// What it takes to encrypt a secret inside a write.
    pub(crate) fn sealer(&self) -> Sealer {
        Sealer { kek: self.inner.kek.clone(), random: Arc::clone(&self.inner.random) }
    }

    /// The given secret, or 16 random bytes as 32 lowercase hexadecimal characters.
    pub(crate) fn given_or_random(&self, given: Option<Secret>) -> Result<Secret, StoreError> {
        if let Some(secret) = given {
            return Ok(secret);
        }
        let mut bytes = Zeroizing::new([0; 16]);
        self.inner.random.fill(&mut *bytes)?;
        Secret::new(hex::encode(&*bytes)).map_err(|_| StoreError::Random)
    }

    /// All secrets of an account in every state, the primary ones first, then from old to new.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for an unknown account; [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn secrets(&self, partner: PartnerId) -> Result<Vec<AccountSecret>, StoreError> {
        let mut reader = self.inner.engine.reader().await?;
        if partner::read(&mut reader, partner).await?.is_none() {
            return Err(StoreError::NotFound("account"));
        }
        let mut secrets = read_secrets(&mut reader, partner, &self.inner.kek).await?;
        for secret in &mut secrets {
            secret.last_used_at = secret.last_used_at.max(self.inner.last_used.get(secret.id));
        }
        Ok(secrets)
    }

    /// Adds an enabled secret, which is not primary while there is another of its kind; `None`: a random one. `now` is
    /// in Unix seconds.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the account has or had the same secret; [`StoreError::NotFound`] for an unknown
    /// account; [`StoreError::Invalid`] for account 0; [`StoreError::Random`], [`StoreError::Unavailable`].
    pub async fn add_secret(
        &self,
        partner: PartnerId,
        kind: SecretKind,
        secret: Option<Secret>,
        now: i64,
    ) -> Result<AccountSecret, StoreError> {
        let secret = self.given_or_random(secret)?;
        let sealer = self.sealer();
        self.inner
            .writer
            .write(move |tx| {
                Box::pin(async move {
                    if partner.get() < 1 {
                        return Err(StoreError::Invalid("account 0 never signs"));
                    }
                    if partner::read(tx, partner).await?.is_none() {
                        return Err(StoreError::NotFound("account"));
                    }
                    let primary = |other: &AccountSecret| other.kind == kind && other.is_primary;
                    let first = !read_secrets(tx, partner, &sealer.kek).await?.iter().any(primary);
                    let id = insert(tx, &sealer, partner, kind, &secret, first, now).await?;
                    tx.log(Change::Account(partner), now).await?;
                    Ok(find(tx, &sealer.kek, partner, id).await?.0)
                })
            })
            .await
    }

    /// Makes an enabled secret the primary one of its kind. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the account has no such secret; [`StoreError::Invalid`] when it is not enabled;
    /// [`StoreError::Unavailable`].
    pub async fn set_primary_secret(&self, partner: PartnerId, id: SecretId, now: i64) -> Result<(), StoreError> {
        let kek = self.inner.kek.clone();
        self.inner
            .writer
            .write(move |tx| {
                Box::pin(async move {
                    let (secret, _) = find(tx, &kek, partner, id).await?;
                    if secret.state != SecretState::Enabled {
                        return Err(StoreError::Invalid("only an enabled secret can be primary"));
                    }
                    tx.execute(
                        "UPDATE account_secret SET is_primary = 0 WHERE partner_id = $1 AND kind = $2 AND is_primary = 1",
                        args![partner, secret.kind.as_str()],
                    )
                    .await?;
                    tx.execute("UPDATE account_secret SET is_primary = 1 WHERE id = $1", args![id]).await?;
                    tx.log(Change::Account(partner), now).await
                })
            })
            .await
    }

    /// Takes a secret out of use after a rotation; doing it again does nothing. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::LastSecret`]; [`StoreError::PrimarySecret`];
    /// [`StoreError::Unavailable`].
    pub async fn disable_secret(&self, partner: PartnerId, id: SecretId, now: i64) -> Result<(), StoreError> {
        let kek = self.inner.kek.clone();
        self.inner
            .writer
            .write(move |tx| Box::pin(async move { retire(tx, &kek, partner, id, SecretState::Disabled, now).await }))
            .await
    }

    /// Takes a secret that became known out of use, with every session that it signed; doing it again does nothing.
    /// `now` is in Unix seconds.
    ///
    /// # Errors
    /// As [`Store::disable_secret`].
    pub async fn revoke_secret(&self, partner: PartnerId, id: SecretId, now: i64) -> Result<(), StoreError> {
        let kek = self.inner.kek.clone();
        self.inner
            .writer
            .write(move |tx| {
                Box::pin(async move {
                    retire(tx, &kek, partner, id, SecretState::Revoked, now).await?;
                    tx.execute(
                        "INSERT INTO revocation (kind, key, partner_id, until, created_at) \
                         VALUES ('secret', $1, $2, NULL, $3) ON CONFLICT (kind, key) DO NOTHING",
                        args![id.get().to_be_bytes().to_vec(), partner, now],
                    )
                    .await?;
                    Ok(())
                })
            })
            .await
    }

    /// Remembers that a secret was used at `now` (Unix seconds). Written to the database at most once a minute.
    pub fn touch_secret(&self, id: SecretId, now: i64) {
        self.inner.last_used.touch(id, now);
    }
}
