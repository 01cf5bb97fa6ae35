//! Everything that is kept in one file, while others go on writing, and whether such a file is good.

use std::path::Path;

use crate::config::DatabaseUrl;
use crate::copy::{Progress, Target, copy_database};
use crate::engine::{Conn, Engine};
use crate::error::StoreError;

/// Writes one state of a database, of whichever engine, into an SQLite file, and checks it. The file is there and empty:
/// whoever made it said who may read it.
///
/// # Errors
/// [`StoreError::OlderLayout`] and [`StoreError::NewerLayout`] of a PostgreSQL database; [`StoreError::Corrupt`] when
/// what was written is damaged; [`StoreError::Unavailable`].
pub async fn back_up(
    database: &DatabaseUrl,
    file: &Path,
    now: i64,
    progress: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Result<(), StoreError> {
    match database {
        DatabaseUrl::Sqlite(_) => {
            let engine = Engine::prepare(database, true)?;
            let copied = engine.copy_to(file).await;
            engine.close().await;
            copied?;
        }
        DatabaseUrl::Postgres(_) => {
            copy_database(database, &DatabaseUrl::sqlite(file), Target::Empty, now, progress).await?;
        }
    }
    check_file(file).await
}

/// Whether an SQLite file that nobody works with is whole. In the end it is one file, without a log beside it.
///
/// # Errors
/// [`StoreError::Corrupt`], [`StoreError::Busy`], [`StoreError::Unavailable`].
pub async fn check_file(file: &Path) -> Result<(), StoreError> {
    let engine = Engine::prepare(&DatabaseUrl::sqlite(file), true)?;
    let mut conn = engine.connect().await?;
    let checked = check(&mut conn).await;
    conn.close().await;
    engine.close().await;
    checked
}

async fn check(conn: &mut Conn) -> Result<(), StoreError> {
    let found = conn.fetch("PRAGMA integrity_check(1)", vec![]).await?;
    if found.first().ok_or(StoreError::Corrupt("file"))?.text(0)? != "ok" {
        return Err(StoreError::Corrupt("file"));
    }
    if !conn.fetch("PRAGMA foreign_key_check", vec![]).await?.is_empty() {
        return Err(StoreError::Corrupt("reference"));
    }
    if !conn.has_table("schema_migration").await? {
        return Err(StoreError::Invalid("the file is no database of this program"));
    }
    if conn.is_in_use().await? {
        return Err(StoreError::Busy);
    }
    conn.script("PRAGMA journal_mode = DELETE").await
}
