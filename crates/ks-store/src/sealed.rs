//! Everything that lies encrypted under the key-encryption key: where it is, and whether a key opens it.

use std::path::Path;

use crate::config::DatabaseUrl;
use crate::engine::{Engine, Fetch, Row, Value, args};
use crate::error::StoreError;
use crate::kek::Kek;
use crate::login::LoginId;
use crate::migrate::choose_key;
use crate::{account, app_token, second_factor};

/// How many values are looked at together.
const BATCH: i64 = 200;

/// A column of sealed values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Secrets,
    AppTokens,
    SecondFactors,
}

/// One sealed value.
pub(crate) struct Item {
    /// The key of its row.
    pub(crate) id: Value,
    pub(crate) sealed: Vec<u8>,
    /// What it is bound to.
    pub(crate) context: Vec<u8>,
}

impl Place {
    pub(crate) const ALL: [Self; 3] = [Self::Secrets, Self::AppTokens, Self::SecondFactors];

    /// What is in front of every key.
    pub(crate) fn start(self) -> Value {
        match self {
            Self::Secrets | Self::SecondFactors => Value::from(i64::MIN),
            Self::AppTokens => Value::from(""),
        }
    }

    /// `id, ciphertext` and what the context takes.
    fn select(self) -> &'static str {
        match self {
            Self::Secrets => {
                "SELECT id, ciphertext, partner_id, kind FROM account_secret WHERE id > $1 ORDER BY id LIMIT $2"
            }
            Self::AppTokens => "SELECT id, ciphertext, partner_id FROM app_token WHERE id > $1 ORDER BY id LIMIT $2",
            Self::SecondFactors => {
                "SELECT id, totp_seed FROM user_login_data WHERE id > $1 AND totp_seed IS NOT NULL ORDER BY id LIMIT $2"
            }
        }
    }

    pub(crate) fn update(self) -> &'static str {
        match self {
            Self::Secrets => "UPDATE account_secret SET ciphertext = $2 WHERE id = $1",
            Self::AppTokens => "UPDATE app_token SET ciphertext = $2 WHERE id = $1",
            Self::SecondFactors => "UPDATE user_login_data SET totp_seed = $2 WHERE id = $1",
        }
    }

    fn item(self, row: &Row) -> Result<Item, StoreError> {
        let (id, context) = match self {
            Self::Secrets => (Value::from(row.int(0)?), account::sealed_context(row.partner(2)?, &row.text(3)?)),
            Self::AppTokens => {
                let id = row.text(0)?;
                let context = app_token::sealed_context(row.partner(2)?, &id);
                (Value::from(id), context)
            }
            Self::SecondFactors => (Value::from(row.int(0)?), second_factor::context(LoginId(row.int(0)?))),
        };
        Ok(Item { id, sealed: row.blob(1)?, context })
    }

    /// The next ones behind a key.
    pub(crate) async fn items(self, db: &mut impl Fetch, after: Value) -> Result<Vec<Item>, StoreError> {
        db.rows(self.select(), vec![after, Value::from(BATCH)]).await?.iter().map(|row| self.item(row)).collect()
    }
}

/// How many values a key opens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// Secrets of accounts.
    pub secrets: u64,
    /// Keys of app tokens.
    pub app_tokens: u64,
    /// Seeds of second factors.
    pub second_factors: u64,
}

/// Whether the keys of a file open everything in a database that is sealed. Nothing is changed.
///
/// # Errors
/// [`StoreError::KeyFile`], also when it is missing; [`StoreError::WrongKey`]; [`StoreError::Unavailable`].
pub async fn check_key(database: &DatabaseUrl, key_file: &Path) -> Result<Opened, StoreError> {
    let kek = Kek::from_existing_file(key_file)?;
    let engine = Engine::prepare(database, true)?;
    let mut conn = engine.connect().await?;
    let opened = async {
        if !choose_key(&mut conn, &kek).await? {
            return Err(StoreError::WrongKey);
        }
        let mut opened = Opened::default();
        for place in Place::ALL {
            let mut after = place.start();
            loop {
                let items = place.items(&mut conn, after).await?;
                let Some(last) = items.last() else { break };
                after = last.id.clone();
                if items.iter().any(|item| kek.open(&item.sealed, &item.context).is_none()) {
                    return Err(StoreError::WrongKey);
                }
                let count = match place {
                    Place::Secrets => &mut opened.secrets,
                    Place::AppTokens => &mut opened.app_tokens,
                    Place::SecondFactors => &mut opened.second_factors,
                };
                *count += items.len() as u64;
            }
        }
        Ok(opened)
    }
    .await;
    conn.close().await;
    engine.close().await;
    opened
}

/// How many values there are in all.
pub(crate) async fn count(db: &mut impl Fetch) -> Result<u64, StoreError> {
    let sql = "SELECT (SELECT count(*) FROM account_secret) + (SELECT count(*) FROM app_token) \
               + (SELECT count(*) FROM user_login_data WHERE totp_seed IS NOT NULL)";
    let rows = db.rows(sql, args![]).await?;
    let count = rows.first().ok_or(StoreError::Corrupt("count"))?.int(0)?;
    u64::try_from(count).map_err(|_| StoreError::Corrupt("count"))
}
