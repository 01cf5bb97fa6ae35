//! Exact counts that this process remembers, for as long as nothing has changed that they were counted from.
//!
//! The database says how often an account's content has changed (`content_version`, in the transaction of each change), and
//! a list reads that number, counts, and reads its page in one snapshot. So a count is never an estimate, whoever else
//! writes.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use ks_token::PartnerId;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use sqlx::AssertSqlSafe;

use crate::change::Change;
use crate::engine::{Engine, Fetch, Reader, Value, args};
use crate::error::StoreError;
use crate::list::Sql;
use crate::writer::Tx;

/// How many counts are remembered, how many bytes their statements may have together, and each of them.
const COUNTS: usize = 4096;
const BYTES: u64 = 8 << 20;
const BYTES_OF_ONE: u64 = 16 << 10;

/// What is counted, and so which changes make a count untrue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counted {
    /// Anything: it is counted each time.
    Anything,
    /// An account's categories, with their members and how many entries they have.
    Categories(PartnerId),
    /// An account's entries, with their places in categories.
    Entries(PartnerId),
    /// An account's users, groups and memberships.
    Users(PartnerId),
    /// Nothing: the sum of a table's column `number`, in which the database keeps how many there are.
    Kept(&'static str),
}

/// A statement that counts, and what it is about.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Question {
    text: String,
    values: Vec<Value>,
}

#[derive(Clone)]
struct Length;

impl Weighter<Question, Known> for Length {
    fn weight(&self, question: &Question, _: &Known) -> u64 {
        question.length()
    }
}

impl Question {
    fn length(&self) -> u64 {
        let of = |value: &Value| match value {
            Value::Text(text) => text.as_ref().map_or(0, String::len),
            Value::Blob(bytes) => bytes.as_ref().map_or(0, Vec::len),
            Value::Int(_) => 0,
        };
        let each = size_of::<Value>() * self.values.len() + self.values.iter().map(of).sum::<usize>();
        u64::try_from(self.text.len() + each).unwrap_or(u64::MAX)
    }
}

/// One course of changes, in which each version is given once: how often memory began anew, and the timeline of the
/// database's log.
pub(crate) type Era = (u64, i64);

/// A number, and when it was true.
#[derive(Clone, Copy)]
struct Known {
    version: i64,
    era: Era,
    number: u64,
}

/// The counts of one process.
pub(crate) struct Remembered {
    counts: Cache<Question, Known, Length>,
    /// Versions of one era are those of one course of changes.
    era: AtomicU64,
}

impl Remembered {
    pub(crate) fn new() -> Self {
        Self { counts: Cache::with_weighter(COUNTS, BYTES, Length), era: AtomicU64::new(0) }
    }

    /// What was counted so far is not believed any more: where a server with an older state has taken over, the same
    /// version may stand for something else.
    pub(crate) fn clear(&self) {
        self.era.fetch_add(1, Ordering::AcqRel);
    }

    /// To be asked before the snapshot is taken that is counted in.
    pub(crate) fn era(&self, engine: &Engine) -> Era {
        (self.era.load(Ordering::Acquire), engine.newest_timeline())
    }

    /// The number that a statement counts, in a snapshot.
    pub(crate) async fn number(
        &self,
        era: Era,
        snapshot: &mut Reader,
        counted: Counted,
        sql: Sql,
    ) -> Result<u64, StoreError> {
        let version = match counted {
            Counted::Anything | Counted::Kept(_) => return count(snapshot, sql.text, sql.values).await,
            Counted::Categories(partner) => {
                let sql = "SELECT categories FROM content_version WHERE partner_id = $1";
                snapshot.rows(sql, args![partner]).await?
            }
            Counted::Entries(partner) => {
                let sql = "SELECT entries FROM content_version WHERE partner_id = $1";
                snapshot.rows(sql, args![partner]).await?
            }
            Counted::Users(partner) => {
                let sql = "SELECT users FROM content_version WHERE partner_id = $1";
                snapshot.rows(sql, args![partner]).await?
            }
        };
        let version = version.first().map_or(Ok(0), |row| row.int(0))?;
        let question = Question { text: sql.text, values: sql.values };
        if let Some(known) = self.counts.get(&question).filter(|known| (known.version, known.era) == (version, era)) {
            return Ok(known.number);
        }
        let number = count(snapshot, question.text.clone(), question.values.clone()).await?;
        if question.length() <= BYTES_OF_ONE {
            self.counts.insert(question, Known { version, era, number });
        }
        Ok(number)
    }
}

async fn count(reader: &mut Reader, text: String, values: Vec<Value>) -> Result<u64, StoreError> {
    let rows = reader.fetch(AssertSqlSafe(text), values).await?;
    let number = rows.first().ok_or(StoreError::Corrupt("count"))?.int(0)?;
    u64::try_from(number).map_err(|_| StoreError::Corrupt("count"))
}

/// Which of an account's lists a change may show in.
#[derive(Clone, Copy, Default)]
pub(crate) struct Shown {
    pub(crate) categories: bool,
    pub(crate) entries: bool,
    pub(crate) users: bool,
}

/// Makes counts untrue that a change may have changed.
pub(crate) async fn changed(tx: &mut Tx, change: &Change) -> Result<(), StoreError> {
    changed_all(tx, std::slice::from_ref(change)).await
}

/// The same, once for each account of many changes.
pub(crate) async fn changed_all(tx: &mut Tx, changes: &[Change]) -> Result<(), StoreError> {
    let mut accounts: HashMap<PartnerId, Shown> = HashMap::new();
    for (partner, shown) in changes.iter().filter_map(shown) {
        let all = accounts.entry(partner).or_default();
        all.categories |= shown.categories;
        all.entries |= shown.entries;
        all.users |= shown.users;
    }
    for (partner, shown) in accounts {
        changed_in(tx, partner, shown).await?;
    }
    Ok(())
}

/// The account in whose lists a change may show.
fn shown(change: &Change) -> Option<(PartnerId, Shown)> {
    let (partner, categories, entries, users) = match change {
        Change::Category(partner, _) | Change::CategoryUser(partner, _) | Change::CategoryEntry(partner, _) => {
            (partner, true, true, false)
        }
        Change::Entry(partner, _) => (partner, false, true, false),
        // Lists of what is theirs look for users by name.
        Change::User(partner, _) => (partner, true, true, true),
        Change::Member(partner, _) => (partner, false, false, true),
        Change::Account(_)
        | Change::Roles(_)
        | Change::Widget(..)
        | Change::AppToken(..)
        | Change::Permissions(_)
        | Change::Login(..)
        | Change::ResponseProfile(..)
        | Change::SecretKey(_)
        | Change::Revoked(..) => return None,
    };
    Some((*partner, Shown { categories, entries, users }))
}

/// Makes untrue what was counted for an account's lists.
pub(crate) async fn changed_in(tx: &mut Tx, partner: PartnerId, shown: Shown) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO content_version (partner_id, categories, entries, users) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (partner_id) DO UPDATE SET categories = content_version.categories + excluded.categories, \
         entries = content_version.entries + excluded.entries, users = content_version.users + excluded.users",
        args![partner, shown.categories, shown.entries, shown.users],
    )
    .await?;
    Ok(())
}
