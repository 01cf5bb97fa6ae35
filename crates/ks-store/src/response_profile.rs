//! Response profiles that are kept: which properties of answers their users want, and what else with them.

use ks_access::condition::Condition;
use ks_token::PartnerId;
use serde_json::{Map, Value as Json};

use crate::change::Change;
use crate::engine::{Fetch, Row, args};
use crate::error::StoreError;
use crate::list::{Listed, Order, Page};
use crate::remembered::Counted;
use crate::store::Store;
use crate::writer::Tx;

/// `KalturaResponseProfileStatus`.
const ENABLED: i64 = 2;
const DELETED: i64 = 3;

/// A response profile. Times are Unix seconds.
#[derive(Clone, Debug, PartialEq)]
pub struct ResponseProfile {
    /// Its number; 0 before it is added.
    pub id: i64,
    /// Its account.
    pub partner_id: PartnerId,
    /// A name for programs.
    pub system_name: Option<String>,
    /// `KalturaResponseProfileStatus`.
    pub status: i64,
    /// How often it was changed.
    pub version: i64,
    /// What it says, by the names of the API.
    pub properties: Map<String, Json>,
    /// When it was made.
    pub created_at: i64,
    /// When it last changed.
    pub updated_at: i64,
}

/// Why a response profile is not kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResponseProfileFault {
    /// The account has none of this number.
    #[error("there is no such response profile")]
    NotFound,
    /// Another one that is enabled has this name.
    #[error("the system name is taken")]
    Taken(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

macro_rules! columns {
    () => {
        "id, partner_id, system_name, status, version, properties, created_at, updated_at"
    };
}

fn read_row(row: &Row) -> Result<ResponseProfile, StoreError> {
    Ok(ResponseProfile {
        id: row.int(0)?,
        partner_id: row.partner(1)?,
        system_name: row.opt_text(2)?,
        status: row.int(3)?,
        version: row.int(4)?,
        properties: serde_json::from_str(&row.text(5)?).map_err(|_| StoreError::Corrupt("response profile"))?,
        created_at: row.int(6)?,
        updated_at: row.int(7)?,
    })
}

async fn read(db: &mut impl Fetch, partner: PartnerId, id: i64) -> Result<Option<ResponseProfile>, StoreError> {
    let sql =
        concat!("SELECT ", columns!(), " FROM response_profile WHERE id = $1 AND partner_id = $2 AND status <> 3");
    db.rows(sql, args![id, partner]).await?.first().map(read_row).transpose()
}

async fn read_named(
    db: &mut impl Fetch,
    partner: PartnerId,
    system_name: &str,
) -> Result<Option<ResponseProfile>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM response_profile WHERE partner_id = $1 AND system_name = $2 AND status = 2 ORDER BY id LIMIT 1"
    );
    db.rows(sql, args![partner, system_name]).await?.first().map(read_row).transpose()
}

/// Whether a profile may have the name that it has.
async fn check_name(tx: &mut Tx, profile: &ResponseProfile) -> Result<(), ResponseProfileFault> {
    let Some(name) = profile.system_name.as_deref().filter(|_| profile.status == ENABLED) else { return Ok(()) };
    match read_named(tx, profile.partner_id, name).await? {
        Some(other) if other.id != profile.id => Err(ResponseProfileFault::Taken(name.to_owned())),
        Some(_) | None => Ok(()),
    }
}

impl Store {
    /// The response profile of an account with this number.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Closed`].
    pub async fn response_profile(&self, partner: PartnerId, id: i64) -> Result<Option<ResponseProfile>, StoreError> {
        read(&mut self.inner.engine.reader().await?, partner, id).await
    }

    /// The enabled response profile of an account with this system name.
    ///
    /// # Errors
    /// As [`Store::response_profile`].
    pub async fn response_profile_named(
        &self,
        partner: PartnerId,
        system_name: &str,
    ) -> Result<Option<ResponseProfile>, StoreError> {
        // The database cannot hold such a name, so nothing has it.
        if system_name.contains('\0') {
            return Ok(None);
        }
        read_named(&mut self.inner.engine.reader().await?, partner, system_name).await
    }

    /// Adds a response profile; its number, version and times are set. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`ResponseProfileFault`].
    pub async fn add_response_profile(
        &self,
        mut new: ResponseProfile,
        now: i64,
    ) -> Result<ResponseProfile, ResponseProfileFault> {
        let write = self.inner.writer.try_write(move |tx| {
            Box::pin(async move {
                (new.id, new.version, new.created_at, new.updated_at) = (0, 1, now, now);
                check_name(tx, &new).await?;
                let rows = tx
                    .fetch(
                        "INSERT INTO response_profile (partner_id, system_name, status, version, properties, created_at, \
                         updated_at) VALUES ($1, $2, $3, $4, $5, $6, $6) RETURNING id",
                        args![
                            new.partner_id,
                            new.system_name.clone(),
                            new.status,
                            new.version,
                            Json::Object(new.properties.clone()).to_string(),
                            now
                        ],
                    )
                    .await?;
                new.id = rows.first().ok_or(StoreError::Corrupt("response profile"))?.int(0)?;
                tx.log(Change::ResponseProfile(new.partner_id, new.id), now).await?;
                Ok(new)
            })
        });
        write.await
    }

    /// Changes a response profile of an account: `change` gets it as it is and leaves it as it shall be. `now` is in Unix
    /// seconds.
    ///
    /// # Errors
    /// [`ResponseProfileFault`].
    pub async fn update_response_profile(
        &self,
        partner: PartnerId,
        id: i64,
        now: i64,
        change: impl FnOnce(&mut ResponseProfile) + Send + 'static,
    ) -> Result<ResponseProfile, ResponseProfileFault> {
        let write = self.inner.writer.try_write(move |tx| {
            Box::pin(async move {
                let before = read(tx, partner, id).await?.ok_or(ResponseProfileFault::NotFound)?;
                let mut after = before.clone();
                change(&mut after);
                (after.id, after.partner_id, after.created_at) = (before.id, before.partner_id, before.created_at);
                (after.version, after.updated_at) = (before.version + 1, now);
                check_name(tx, &after).await?;
                tx.execute(
                    "UPDATE response_profile SET system_name = $2, status = $3, version = $4, properties = $5, \
                     updated_at = $6 WHERE id = $1",
                    args![
                        id,
                        after.system_name.clone(),
                        after.status,
                        after.version,
                        Json::Object(after.properties.clone()).to_string(),
                        now
                    ],
                )
                .await?;
                tx.log(Change::ResponseProfile(partner, id), now).await?;
                Ok(after)
            })
        });
        write.await
    }

    /// Deletes a response profile. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`ResponseProfileFault`].
    pub async fn delete_response_profile(
        &self,
        partner: PartnerId,
        id: i64,
        now: i64,
    ) -> Result<(), ResponseProfileFault> {
        self.update_response_profile(partner, id, now, |profile| profile.status = DELETED).await.map(drop)
    }

    /// One page of an account's response profiles, and how many there are in all. Columns are those of the table.
    ///
    /// # Errors
    /// As [`Store::response_profile`]; [`StoreError::Invalid`] for a NUL.
    pub async fn response_profiles(
        &self,
        partner: PartnerId,
        condition: Condition,
        order: &[Order],
        page: Page,
    ) -> Result<(Vec<ResponseProfile>, u64), StoreError> {
        const LISTED: Listed = Listed { table: "response_profile", columns: columns!(), key: "id" };
        let live = Condition::int("status", DELETED).negated();
        let own = Condition::int("partner_id", partner.get()).and(live).and(condition);
        self.list(&LISTED, Counted::Anything, &own, order, page, read_row).await
    }
}
