//! The second factor of logins: seeds, sealed under the key-encryption key, and codes that count once.

use zeroize::Zeroizing;

use crate::engine::args;
use crate::error::StoreError;
use crate::login::{self, LoginId, note_users};
use crate::store::Store;

/// What a seed is bound to: moved to another login, it no longer decrypts.
pub(crate) fn context(login: LoginId) -> Vec<u8> {
    format!("totp_seed/{}", login.0).into_bytes()
}

impl Store {
    /// Gives a login a seed, or takes it away. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Random`]; [`StoreError::Unavailable`].
    pub async fn set_totp_seed(&self, login: LoginId, seed: Option<&[u8]>, now: i64) -> Result<(), StoreError> {
        let inner = &self.inner;
        let sealed = match seed {
            Some(seed) => Some(inner.kek.seal(seed, &context(login), inner.random.as_ref())?),
            None => None,
        };
        let removed = seed.is_none();
        let write = inner.writer.write(move |tx| {
            Box::pin(async move {
                let changed = tx
                    .execute(
                        "UPDATE user_login_data SET totp_seed = $2, totp_step = NULL, updated_at = $3 WHERE id = $1",
                        args![login.0, sealed, now],
                    )
                    .await?;
                if changed == 0 {
                    return Err(StoreError::NotFound("login"));
                }
                note_users(tx, login, "secondFactor", Some(if removed { "taken away" } else { "a new one" }), now).await
            })
        });
        write.await
    }

    /// Gives a login a seed for the key of a link, by its hash: the key is used up. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for an unknown login, or a key that is no longer good; [`StoreError::Random`];
    /// [`StoreError::Unavailable`].
    pub async fn renew_totp_seed(
        &self,
        login: LoginId,
        seed: &[u8],
        key: [u8; 32],
        now: i64,
    ) -> Result<(), StoreError> {
        let inner = &self.inner;
        let sealed = inner.kek.seal(seed, &context(login), inner.random.as_ref())?;
        let write = inner.writer.write(move |tx| {
            Box::pin(async move {
                let before = login::read(tx, login).await?.ok_or(StoreError::NotFound("login"))?;
                login::check_key(&before, key, now)?;
                tx.execute(
                    "UPDATE user_login_data SET totp_seed = $2, totp_step = NULL, reset_key_hash = NULL, \
                     reset_key_until = NULL, updated_at = $3 WHERE id = $1",
                    args![login.0, sealed, now],
                )
                .await?;
                note_users(tx, login, "secondFactor", Some("a new one"), now).await
            })
        });
        write.await
    }

    /// The seed of a login.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Closed`]; [`StoreError::Corrupt`] when it cannot be decrypted.
    pub async fn totp_seed(&self, login: LoginId) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        let mut reader = self.inner.engine.reader().await?;
        let rows = reader
            .fetch("SELECT totp_seed FROM user_login_data WHERE id = $1 AND totp_seed IS NOT NULL", args![login.0])
            .await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let seed = self.inner.kek.open(&row.blob(0)?, &context(login));
        seed.map(Some).ok_or(StoreError::Corrupt("second factor"))
    }

    /// Uses the code of a time step up; false when it, or that of a later step, was used before.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn use_totp_step(&self, login: LoginId, step: i64) -> Result<bool, StoreError> {
        let write = self.inner.writer.write(move |tx| {
            Box::pin(async move {
                let used = tx
                    .execute(
                        "UPDATE user_login_data SET totp_step = $2 \
                         WHERE id = $1 AND (totp_step IS NULL OR totp_step < $2)",
                        args![login.0, step],
                    )
                    .await?;
                Ok(used > 0)
            })
        });
        write.await
    }
}
