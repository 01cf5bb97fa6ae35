//! Everything of one database into another one, of whichever engine.
//!
//! What is read is one state of the database, while others go on writing; what is written is one transaction, so a copy
//! that is cut off leaves nothing behind. Secrets are copied as they lie there, under the same key-encryption key.

use std::collections::BTreeMap;
use std::time::Duration;

use sqlx::AssertSqlSafe;

use crate::config::DatabaseUrl;
use crate::engine::{Conn, Engine, Table, Value, rows_of};
use crate::error::StoreError;
use crate::migrate::Layout;

/// How many rows are read at a time.
const BATCH: usize = 1000;

/// Tables that triggers of others write.
const BY_TRIGGERS: [&str; 2] = ["content_version", "user_count"];

/// How often to look, every 50 ms, whether who is connected goes.
const LEAVING: u32 = 40;

/// How far a copy is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress<'a> {
    /// The table that is being copied.
    pub table: &'a str,
    /// How many rows are copied.
    pub done: u64,
    /// How many rows there are.
    pub total: u64,
}

/// What was copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Each table, and how many rows it has on either side.
    pub tables: Vec<(String, u64)>,
}

impl Copied {
    /// How many rows there are in all.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.tables.iter().map(|(_, rows)| rows).sum()
    }
}

/// What may become of what the target holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// It holds nothing, or it is left alone.
    Empty,
    /// It is replaced. No node may work with it meanwhile.
    Replaced,
}

/// Copies everything from one database into another one. One that has nothing at all is given its layout first.
///
/// # Errors
/// [`StoreError::NotEmpty`]; [`StoreError::OlderLayout`] and [`StoreError::NewerLayout`] of either;
/// [`StoreError::Busy`] when the database that is written is in use; [`StoreError::Corrupt`] when a row refers to
/// one that is missing, or when rows are missing in the end; [`StoreError::Unavailable`].
pub async fn copy_database(
    from: &DatabaseUrl,
    to: &DatabaseUrl,
    target: Target,
    now: i64,
    progress: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Result<Copied, StoreError> {
    if from == to {
        return Err(StoreError::Invalid("a database cannot be copied into itself"));
    }
    ready(from).await?;
    if Layout::of(to).await?.number == 0 {
        Layout::bring(to, now).await?;
    }
    ready(to).await?;
    let (source, sink) = (Engine::prepare(from, true)?, Engine::prepare(to, true)?);
    let (mut reading, mut writing) = (source.connect().await?, sink.connect().await?);
    let copied = in_one_transaction(&mut reading, &mut writing, target, progress).await;
    // Closing rolls back what was not committed.
    reading.close().await;
    writing.close().await;
    source.close().await;
    sink.close().await;
    copied
}

/// Only what has the layout of this program is copied, since nothing else is known to be complete.
async fn ready(database: &DatabaseUrl) -> Result<(), StoreError> {
    let layout = Layout::of(database).await?;
    match layout.pending.last() {
        Some(last) if layout.number > 0 => Err(StoreError::OlderLayout { found: layout.number, needed: last.number }),
        _ => Ok(()),
    }
}

async fn in_one_transaction(
    from: &mut Conn,
    to: &mut Conn,
    target: Target,
    progress: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Result<Copied, StoreError> {
    from.set_patient(true).await?;
    from.begin_snapshot().await?;
    let mut tables = from.tables().await?;
    if target == Target::Empty && !is_empty(to).await? {
        return Err(StoreError::NotEmpty);
    }
    // What a node remembers would not be true any more. One that has just ended may still be leaving.
    let mut tries = 0;
    while to.is_in_use().await? {
        tries += 1;
        if tries > LEAVING {
            return Err(StoreError::Busy);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    to.set_patient(true).await?;
    to.begin_write().await?;
    if to.tables().await? != tables {
        return Err(StoreError::Corrupt("layout"));
    }
    if target == Target::Empty && !is_empty(to).await? {
        return Err(StoreError::NotEmpty);
    }
    // What triggers write while others are copied comes last.
    tables.sort_by_key(|table| BY_TRIGGERS.contains(&&*table.name));
    let numbered = numbers(from, to, &tables).await?;
    to.defer_references().await?;
    for table in &tables {
        // What migrations put there, too: it may have been changed since.
        empty(to, table).await?;
    }
    let mut counts = Vec::with_capacity(tables.len());
    for table in &tables {
        counts.push(count(from, table).await?);
    }
    let total = counts.iter().sum();
    let mut done = 0;
    for table in &tables {
        // Triggers may have written what is kept of the tables before.
        empty(to, table).await?;
        copy_table(from, to, table, &mut |rows| {
            done += rows;
            progress(Progress { table: &table.name, done, total });
        })
        .await?;
    }
    for (table, last) in &numbered {
        to.set_numbered(table, *last).await?;
    }
    for (table, wanted) in tables.iter().zip(&counts) {
        if count(to, table).await? != *wanted {
            return Err(StoreError::Corrupt("copy: rows are missing"));
        }
    }
    to.check_references().await?;
    to.script("COMMIT").await?;
    Ok(Copied { tables: tables.into_iter().map(|table| table.name).zip(counts).collect() })
}

async fn empty(conn: &mut Conn, table: &Table) -> Result<(), StoreError> {
    conn.script(AssertSqlSafe(format!("DELETE FROM {}", quoted(&table.name)))).await
}

/// Whether nothing was ever done with it: no account, and no change.
async fn is_empty(conn: &mut Conn) -> Result<bool, StoreError> {
    let accounts = conn.fetch("SELECT 1 FROM partner WHERE id > 0 LIMIT 1", vec![]).await?;
    Ok(accounts.is_empty() && conn.fetch("SELECT 1 FROM change_log LIMIT 1", vec![]).await?.is_empty())
}

/// The last number that was given in each table whose rows are numbered, on either side: none is given twice.
async fn numbers(from: &mut Conn, to: &mut Conn, tables: &[Table]) -> Result<BTreeMap<String, i64>, StoreError> {
    let mut last = BTreeMap::new();
    for (table, number) in from.numbered().await?.into_iter().chain(to.numbered().await?) {
        let entry = last.entry(table).or_insert(0);
        *entry = number.max(*entry);
    }
    for (name, last) in &mut last {
        let Some(table) = tables.iter().find(|table| table.name == *name) else {
            return Err(StoreError::Corrupt("layout"));
        };
        let key =
            table.key.first().map(|index| quoted(&table.columns[*index].0)).ok_or(StoreError::Corrupt("layout"))?;
        // A sequence does not know of rows that were given numbers by hand.
        let sql = format!("SELECT coalesce(max({key}), 0) FROM {}", quoted(name));
        let rows = from.fetch(AssertSqlSafe(sql), vec![]).await?;
        *last = rows.first().ok_or(StoreError::Corrupt("layout"))?.int(0)?.max(*last);
    }
    Ok(last)
}

async fn copy_table(
    from: &mut Conn,
    to: &mut Conn,
    table: &Table,
    done: &mut (dyn FnMut(u64) + Send),
) -> Result<(), StoreError> {
    let columns: Vec<String> = table.columns.iter().map(|(name, _)| quoted(name)).collect();
    let (columns, name) = (columns.join(", "), quoted(&table.name));
    let key: Vec<String> = table.key.iter().map(|index| quoted(&table.columns[*index].0)).collect();
    if key.is_empty() {
        return Err(StoreError::Corrupt("layout"));
    }
    let (behind, key) = (rows_of(1, key.len()), key.join(", "));
    let mut last: Option<Vec<Value>> = None;
    loop {
        let condition = if last.is_some() { format!("WHERE ({key}) > {behind} ") } else { String::new() };
        let sql = format!("SELECT {columns} FROM {name} {condition}ORDER BY {key} LIMIT {BATCH}");
        let rows = from.fetch(AssertSqlSafe(sql), last.take().unwrap_or_default()).await?;
        let mut read = Vec::with_capacity(rows.len());
        for row in &rows {
            let kinds = table.columns.iter().enumerate();
            read.push(kinds.map(|(index, (_, kind))| row.value(index, *kind)).collect::<Result<Vec<_>, _>>()?);
        }
        last = read.last().map(|row| table.key.iter().map(|index| row[*index].clone()).collect());
        to.insert(&format!("{name} ({columns})"), read.concat(), "").await?;
        done(rows.len() as u64);
        if rows.len() < BATCH {
            return Ok(());
        }
    }
}

async fn count(conn: &mut Conn, table: &Table) -> Result<u64, StoreError> {
    let sql = format!("SELECT count(*) FROM {}", quoted(&table.name));
    let rows = conn.fetch(AssertSqlSafe(sql), vec![]).await?;
    let count = rows.first().ok_or(StoreError::Corrupt("count"))?.int(0)?;
    u64::try_from(count).map_err(|_| StoreError::Corrupt("count"))
}

fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}
