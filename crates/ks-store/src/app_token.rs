//! App tokens: keys with which programs of others start sessions.

use ks_access::condition::Condition;
use ks_schema::ids::{AppTokenId, UserId};
use ks_token::{PartnerId, Secret, session_id_hash};

use crate::change::Change;
use crate::engine::{Fetch, Row, args};
use crate::error::StoreError;
use crate::kek::Kek;
use crate::list::{Listed, Order, Page};
use crate::partner;
use crate::remembered::Counted;
use crate::revocation;
use crate::secret::Sealer;
use crate::store::Store;
use crate::user_change::{Groups, found_or_made};
use crate::writer::Tx;

/// Whether an app token can be used (`KalturaAppTokenStatus`). Deleted ones are not seen at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AppTokenStatus {
    /// 1.
    Disabled,
    /// 2.
    Active,
}

impl AppTokenStatus {
    /// The number that clients see.
    #[must_use]
    pub const fn code(self) -> i64 {
        match self {
            Self::Disabled => 1,
            Self::Active => 2,
        }
    }
}

/// How a proof of the key is hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AppTokenHash {
    /// MD5.
    Md5,
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
}

impl AppTokenHash {
    const ALL: [Self; 4] = [Self::Md5, Self::Sha1, Self::Sha256, Self::Sha512];

    /// The name that clients see.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Sha512 => "SHA512",
        }
    }

    /// The hash with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|hash| hash.name() == name)
    }
}

/// An app token. Times are Unix seconds.
#[derive(Clone, Debug)]
pub struct AppToken {
    /// Its id, which is also the session group of its sessions.
    pub id: AppTokenId,
    /// Its account.
    pub partner_id: PartnerId,
    /// Whether it can be used.
    pub status: AppTokenStatus,
    /// The key.
    pub token: Secret,
    /// How a proof of the key is hashed.
    pub hash_type: AppTokenHash,
    /// When it ends; `None` and 0: never.
    pub expiry: Option<i64>,
    /// The type of its sessions, 0 or 2; `None`: what the caller asks for.
    pub session_type: Option<i64>,
    /// The user of its sessions; `None`: what the caller asks for.
    pub session_user_id: Option<String>,
    /// How long its sessions last at most, in seconds.
    pub session_duration: i64,
    /// Privileges of its sessions.
    pub session_privileges: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Who made it or changed it last, unless they may do everything: its sessions may do no more.
    pub maker: Option<Maker>,
    /// When it was made.
    pub created_at: i64,
    /// When it last changed.
    pub updated_at: i64,
}

/// What a new app token begins with; it is active.
#[derive(Clone, Debug)]
pub struct NewAppToken {
    /// Its account.
    pub partner_id: PartnerId,
    /// Its id; a random one unless it is given.
    pub id: Option<AppTokenId>,
    /// Its key; a random one unless it is given.
    pub token: Option<Secret>,
    /// How a proof of the key is hashed.
    pub hash_type: AppTokenHash,
    /// When it ends; `None` and 0: never.
    pub expiry: Option<i64>,
    /// The type of its sessions, 0 or 2; `None`: what the caller asks for.
    pub session_type: Option<i64>,
    /// The user of its sessions; `None`: what the caller asks for.
    pub session_user_id: Option<String>,
    /// How long its sessions last at most, in seconds; `None`: the longest of the account.
    pub session_duration: Option<i64>,
    /// Privileges of its sessions.
    pub session_privileges: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Who makes it, unless they may do everything.
    pub maker: Option<Maker>,
}

/// What somebody had who made an app token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Maker {
    /// Whether the session was an administrator's.
    pub is_admin: bool,
    /// Its permissions, as comma-joined names.
    pub permission_names: String,
}

impl NewAppToken {
    /// An app token with nothing set.
    #[must_use]
    pub const fn of(partner_id: PartnerId) -> Self {
        Self {
            partner_id,
            id: None,
            token: None,
            hash_type: AppTokenHash::Sha1,
            expiry: None,
            session_type: None,
            session_user_id: None,
            session_duration: None,
            session_privileges: None,
            description: None,
            maker: None,
        }
    }
}

macro_rules! columns {
    () => {
        "id, partner_id, status, ciphertext, hash_type, expiry, session_type, session_user_id, session_duration, \
         session_privileges, description, created_at, updated_at, maker_is_admin, maker_rights"
    };
}

const LISTED: Listed = Listed { table: "app_token", columns: columns!(), key: "id" };

/// Ids are tried until one is free; with this many tries, 36^8 ids never seem used up.
const TRIES: usize = 10;

/// What a ciphertext is bound to: moved to another app token, it no longer decrypts.
fn context(partner: PartnerId, id: &AppTokenId) -> Vec<u8> {
    sealed_context(partner, id.as_str())
}

/// The same, by the text of the id.
pub(crate) fn sealed_context(partner: PartnerId, id: &str) -> Vec<u8> {
    format!("app_token/{partner}/{id}").into_bytes()
}

fn read_row(row: &Row, kek: &Kek) -> Result<AppToken, StoreError> {
    const MALFORMED: StoreError = StoreError::Corrupt("app token");
    let (id, partner_id) = (AppTokenId::new(row.text(0)?), row.partner(1)?);
    let plain = kek.open(&row.blob(3)?, &context(partner_id, &id)).ok_or(MALFORMED)?;
    Ok(AppToken {
        status: match row.int(2)? {
            1 => AppTokenStatus::Disabled,
            2 => AppTokenStatus::Active,
            _ => return Err(MALFORMED),
        },
        token: Secret::new(std::str::from_utf8(&plain).map_err(|_| MALFORMED)?).map_err(|_| MALFORMED)?,
        hash_type: AppTokenHash::from_name(&row.text(4)?).ok_or(MALFORMED)?,
        expiry: row.opt_int(5)?,
        session_type: row.opt_int(6)?,
        session_user_id: row.opt_text(7)?,
        session_duration: row.int(8)?,
        session_privileges: row.opt_text(9)?,
        description: row.opt_text(10)?,
        created_at: row.int(11)?,
        updated_at: row.int(12)?,
        maker: match row.opt_text(14)? {
            Some(permission_names) => Some(Maker { is_admin: row.flag(13)?, permission_names }),
            None => None,
        },
        id,
        partner_id,
    })
}

async fn read(
    db: &mut impl Fetch,
    kek: &Kek,
    partner: PartnerId,
    id: &AppTokenId,
) -> Result<Option<AppToken>, StoreError> {
    let rows = db
        .rows(
            concat!("SELECT ", columns!(), " FROM app_token WHERE id = $1 AND partner_id = $2 AND status <> 3"),
            args![id.as_str(), partner],
        )
        .await?;
    rows.first().map(|row| read_row(row, kek)).transpose()
}

/// Takes an app token out of use for good, with every session that was started from it.
async fn retire(tx: &mut Tx, partner: PartnerId, id: &AppTokenId, now: i64) -> Result<(), StoreError> {
    tx.execute("UPDATE app_token SET status = 3, updated_at = $2 WHERE id = $1", args![id.as_str(), now]).await?;
    // For ever: a session may have been started in the very moment.
    revocation::insert(tx, "session_group", partner, session_id_hash(partner, id.as_str()), None, now).await?;
    tx.log(Change::AppToken(partner, id.to_string()), now).await
}

impl Sealer {
    /// A free id, or the wanted one, and the key sealed for it.
    async fn place(
        &self,
        tx: &mut Tx,
        partner: PartnerId,
        wanted: Option<AppTokenId>,
        key: &Secret,
    ) -> Result<(AppTokenId, Vec<u8>), StoreError> {
        const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
        for _ in 0..TRIES {
            let id = match &wanted {
                Some(id) => id.clone(),
                None => {
                    let mut bytes = [0; 8];
                    self.random.fill(&mut bytes)?;
                    // 256 is no multiple of 36; ids are no secrets, so the slight bias does no harm.
                    let text: String = bytes.iter().map(|byte| char::from(DIGITS[usize::from(*byte) % 36])).collect();
                    AppTokenId::new(format!("0_{text}"))
                }
            };
            if tx.fetch("SELECT 1 FROM app_token WHERE id = $1", args![id.as_str()]).await?.is_empty() {
                let sealed = self.kek.seal(key.expose().as_bytes(), &context(partner, &id), self.random.as_ref())?;
                return Ok((id, sealed));
            }
            if wanted.is_some() {
                return Err(StoreError::Conflict("app token id"));
            }
        }
        Err(StoreError::Random)
    }
}

impl Store {
    /// An app token of an account.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Closed`], [`StoreError::Corrupt`]; [`StoreError::Invalid`] for a NUL
    /// in the id.
    pub async fn app_token(&self, partner: PartnerId, id: &AppTokenId) -> Result<Option<AppToken>, StoreError> {
        read(&mut self.inner.engine.reader().await?, &self.inner.kek, partner, id).await
    }

    /// One page of an account's app tokens that satisfy a condition, and how many do in all. Columns are those of the
    /// table.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Closed`]; [`StoreError::Invalid`] for a NUL in a text.
    pub async fn app_tokens(
        &self,
        partner: PartnerId,
        condition: Condition,
        order: &[Order],
        page: Page,
    ) -> Result<(Vec<AppToken>, u64), StoreError> {
        let deleted = Condition::int("status", 3);
        let own = Condition::All(vec![
            Condition::int("partner_id", partner.get()),
            Condition::Not(Box::new(deleted)),
            condition,
        ]);
        self.list(&LISTED, Counted::Anything, &own, order, page, |row| read_row(row, &self.inner.kek)).await
    }

    /// Adds an app token. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the id is taken; [`StoreError::NotFound`] for an unknown account; [`StoreError::Random`], [`StoreError::Unavailable`].
    pub async fn add_app_token(&self, new: NewAppToken, now: i64) -> Result<AppToken, StoreError> {
        let key = self.given_or_random(new.token.clone())?;
        let sealer = self.sealer();
        let groups = self.groups()?;
        let write = self.inner.writer.write(move |tx| {
            Box::pin(async move {
                let partner = new.partner_id;
                let account = partner::read(tx, partner).await?.ok_or(StoreError::NotFound("account"))?;
                find_user(tx, partner, new.session_user_id.as_deref(), groups, now).await?;
                let (id, sealed) = sealer.place(tx, partner, new.id, &key).await?;
                tx.execute(
                    "INSERT INTO app_token (id, partner_id, status, ciphertext, hash_type, expiry, session_type, \
                     session_user_id, session_duration, session_privileges, description, created_at, updated_at, \
                     maker_is_admin, maker_rights) \
                     VALUES ($1, $2, 2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $12, $13)",
                    args![
                        id.as_str(),
                        partner,
                        sealed,
                        new.hash_type.name(),
                        new.expiry,
                        new.session_type,
                        new.session_user_id,
                        new.session_duration.unwrap_or(account.ks_max_expiry),
                        new.session_privileges,
                        new.description,
                        now,
                        new.maker.as_ref().is_some_and(|maker| maker.is_admin),
                        new.maker.map(|maker| maker.permission_names),
                    ],
                )
                .await?;
                tx.log(Change::AppToken(partner, id.to_string()), now).await?;
                read(tx, &sealer.kek, partner, &id).await?.ok_or(StoreError::Corrupt("app token"))
            })
        });
        write.await
    }

    /// Changes an app token: `change` gets it as it is and leaves it as it shall be. Its id, its account, its key and
    /// when it was made stay. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the account has no such app token; [`StoreError::Unavailable`].
    pub async fn update_app_token<F>(
        &self,
        partner: PartnerId,
        id: AppTokenId,
        now: i64,
        change: F,
    ) -> Result<AppToken, StoreError>
    where
        F: FnOnce(&mut AppToken) + Send + 'static,
    {
        let kek = self.inner.kek.clone();
        let groups = self.groups()?;
        let write = self.inner.writer.write(move |tx| {
            Box::pin(async move {
                let mut token = read(tx, &kek, partner, &id).await?.ok_or(StoreError::NotFound("app token"))?;
                let before = token.session_user_id.clone();
                change(&mut token);
                if token.session_user_id != before {
                    find_user(tx, partner, token.session_user_id.as_deref(), groups, now).await?;
                }
                tx.execute(
                    "UPDATE app_token SET status = $2, hash_type = $3, expiry = $4, session_type = $5, \
                     session_user_id = $6, session_duration = $7, session_privileges = $8, description = $9, \
                     updated_at = $10, maker_is_admin = $11, maker_rights = $12 WHERE id = $1",
                    args![
                        id.as_str(),
                        token.status.code(),
                        token.hash_type.name(),
                        token.expiry,
                        token.session_type,
                        token.session_user_id,
                        token.session_duration,
                        token.session_privileges,
                        token.description,
                        now,
                        token.maker.as_ref().is_some_and(|maker| maker.is_admin),
                        token.maker.map(|maker| maker.permission_names),
                    ],
                )
                .await?;
                tx.log(Change::AppToken(partner, id.to_string()), now).await?;
                read(tx, &kek, partner, &id).await?.ok_or(StoreError::Corrupt("app token"))
            })
        });
        write.await
    }

    /// Deletes an app token and ends its sessions. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the account has no such app token; [`StoreError::Unavailable`].
    pub async fn delete_app_token(&self, partner: PartnerId, id: AppTokenId, now: i64) -> Result<(), StoreError> {
        let kek = self.inner.kek.clone();
        let write = self.inner.writer.write(move |tx| {
            Box::pin(async move {
                read(tx, &kek, partner, &id).await?.ok_or(StoreError::NotFound("app token"))?;
                retire(tx, partner, &id, now).await
            })
        });
        write.await
    }
}

/// Makes the user of a token's sessions, unless there is one. No user at all is nobody in particular.
async fn find_user(
    tx: &mut Tx,
    partner: PartnerId,
    id: Option<&str>,
    groups: Groups,
    now: i64,
) -> Result<(), StoreError> {
    match id.filter(|id| !id.is_empty()) {
        Some(id) => found_or_made(tx, partner, &UserId::new(id), groups, now).await.map(drop),
        None => Ok(()),
    }
}

/// Deletes the app tokens whose sessions are a user's, and ends these sessions.
pub(crate) async fn retire_of_user(tx: &mut Tx, partner: PartnerId, user: &UserId, now: i64) -> Result<(), StoreError> {
    let rows = tx
        .fetch(
            "SELECT id FROM app_token WHERE partner_id = $1 AND session_user_id = $2 AND status <> 3",
            args![partner, user],
        )
        .await?;
    for row in rows {
        retire(tx, partner, &AppTokenId::new(row.text(0)?), now).await?;
    }
    Ok(())
}
