//! Snapshots of accounts: what verifying a token needs, in one piece.

use std::sync::Arc;

use ks_schema::ids::SecretId;
use ks_token::{PartnerId, Secret, SecretKey};

use crate::engine::{Fetch, Row, args};
use crate::error::StoreError;
use crate::kek::Kek;
use crate::partner::{self, Partner};
use crate::store::Store;

/// What a secret is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SecretKind {
    /// Starts user sessions through the server; never verifies a token.
    User,
    /// Starts any session and signs tokens.
    Admin,
}

impl SecretKind {
    /// `user` or `admin`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Admin => "admin",
        }
    }
}

/// Whether a secret is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SecretState {
    /// Accepted.
    Enabled,
    /// No longer accepted, after a rotation.
    Disabled,
    /// No longer accepted, because it became known to others.
    Revoked,
}

impl SecretState {
    /// `enabled`, `disabled` or `revoked`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::Revoked => "revoked",
        }
    }
}

/// One secret of an account. Times are Unix seconds.
#[derive(Clone, Debug)]
pub struct AccountSecret {
    /// Its id, which is not secret.
    pub id: SecretId,
    /// What it is for.
    pub kind: SecretKind,
    /// Whether it is accepted.
    pub state: SecretState,
    /// Whether it is the one that the server itself uses.
    pub is_primary: bool,
    /// The secret.
    pub secret: Secret,
    /// When it was added.
    pub created_at: i64,
    /// When it was last used, to within a minute once this process has stopped.
    pub last_used_at: Option<i64>,
    /// When it was disabled or revoked.
    pub disabled_at: Option<i64>,
}

/// An account as it was at one moment.
#[derive(Clone, Debug)]
pub struct Account {
    /// The account's settings.
    pub partner: Partner,
    /// The enabled admin secrets, the primary one first, then from old to new.
    pub admin_secrets: Vec<AccountSecret>,
    /// The enabled user secrets, the primary one first, then from old to new.
    pub user_secrets: Vec<AccountSecret>,
    /// The key schedules of [`Account::admin_secrets`], in the same order.
    pub keys: Vec<SecretKey>,
}

impl Account {
    /// The admin secret that the server signs with; none for account 0.
    #[must_use]
    pub fn primary_admin_secret(&self) -> Option<&AccountSecret> {
        self.admin_secrets.first()
    }

    /// The user secret that owners are shown.
    #[must_use]
    pub fn primary_user_secret(&self) -> Option<&AccountSecret> {
        self.user_secrets.first()
    }
}

pub(crate) const SECRET_COLUMNS: &str = "SELECT id, kind, state, is_primary, ciphertext, created_at, last_used_at, disabled_at FROM account_secret \
     WHERE partner_id = $1 ORDER BY is_primary DESC, id";

/// What a ciphertext is bound to: moved to another account or kind, it no longer decrypts.
pub(crate) fn secret_context(partner: PartnerId, kind: SecretKind) -> Vec<u8> {
    sealed_context(partner, kind.as_str())
}

/// The same, by the name of the kind.
pub(crate) fn sealed_context(partner: PartnerId, kind: &str) -> Vec<u8> {
    format!("account_secret/{partner}/{kind}").into_bytes()
}

fn read_secret(row: &Row, partner: PartnerId, kek: &Kek) -> Result<AccountSecret, StoreError> {
    const MALFORMED: StoreError = StoreError::Corrupt("secret");
    let kind = match row.text(1)?.as_str() {
        "user" => SecretKind::User,
        "admin" => SecretKind::Admin,
        _ => return Err(MALFORMED),
    };
    let state = match row.text(2)?.as_str() {
        "enabled" => SecretState::Enabled,
        "disabled" => SecretState::Disabled,
        "revoked" => SecretState::Revoked,
        _ => return Err(MALFORMED),
    };
    let plain = kek.open(&row.blob(4)?, &secret_context(partner, kind)).ok_or(MALFORMED)?;
    let text = std::str::from_utf8(&plain).map_err(|_| MALFORMED)?;
    Ok(AccountSecret {
        id: SecretId::new(row.int(0)?),
        kind,
        state,
        is_primary: row.flag(3)?,
        secret: Secret::new(text).map_err(|_| MALFORMED)?,
        created_at: row.int(5)?,
        last_used_at: row.opt_int(6)?,
        disabled_at: row.opt_int(7)?,
    })
}

/// All secrets of an account in every state, the primary ones first, then from old to new.
pub(crate) async fn read_secrets(
    db: &mut impl Fetch,
    partner: PartnerId,
    kek: &Kek,
) -> Result<Vec<AccountSecret>, StoreError> {
    db.rows(SECRET_COLUMNS, args![partner]).await?.iter().map(|row| read_secret(row, partner, kek)).collect()
}

impl Store {
    /// The account, from memory when memory may be believed, else from the database.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Closed`], [`StoreError::Corrupt`].
    pub async fn account(&self, id: PartnerId) -> Result<Option<Arc<Account>>, StoreError> {
        if let Some(known) = self.cached_account(id) {
            return Ok(known);
        }
        let memory = &self.inner.memory;
        // One reader for all who miss the same account at once.
        let _turn = self.inner.turn(id).lock().await;
        if let Some(known) = self.cached_account(id) {
            return Ok(known);
        }
        let since = memory.accounts.generation();
        let account = self.read_account(id).await?.map(Arc::new);
        memory.accounts.insert(since, id, account.clone());
        Ok(account)
    }

    /// The account from memory, without waiting. Outer `None`: memory does not know, ask [`Store::account`]; inner
    /// `None`: there is no such account.
    #[must_use]
    pub fn cached_account(&self, id: PartnerId) -> Option<Option<Arc<Account>>> {
        let memory = &self.inner.memory;
        if memory.is_fresh() { memory.accounts.get(&id) } else { None }
    }

    async fn read_account(&self, id: PartnerId) -> Result<Option<Account>, StoreError> {
        let mut reader = self.inner.engine.reader().await?;
        let Some(partner) = partner::read(&mut reader, id).await? else { return Ok(None) };
        let secrets = read_secrets(&mut reader, id, &self.inner.kek).await?;
        let enabled = secrets.into_iter().filter(|secret| secret.state == SecretState::Enabled);
        let (admin_secrets, user_secrets): (Vec<_>, Vec<_>) =
            enabled.partition(|secret| secret.kind == SecretKind::Admin);
        let keys = admin_secrets.iter().map(|secret| SecretKey::new(&secret.secret)).collect();
        Ok(Some(Account { partner, admin_secrets, user_secrets, keys }))
    }
}
