//! SQLite: one file in WAL mode, any number of readers, one writer at a time.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::pool::{PoolConnection, PoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, SqlSafeStr, SqliteConnection};

use super::value::query;
use super::{Row, Value, args};
use crate::error::StoreError;
use crate::span;
use crate::timing::Timing;

/// How long a writer waits for another process's transaction, and a reader for a free connection.
const PATIENCE: Duration = Duration::from_secs(5);
const READERS: u32 = 4;

/// What spans call this engine.
const SYSTEM: &str = "sqlite";

pub(super) const MIGRATIONS: &[(i64, &str, &str)] = super::migrations!("sqlite");

/// One SQLite file.
#[derive(Clone)]
pub(crate) struct Sqlite {
    options: SqliteConnectOptions,
    readers: sqlx::SqlitePool,
    waits: Arc<Timing>,
}

impl Sqlite {
    pub(super) fn prepare(path: &Path, durable: bool) -> Result<Self, StoreError> {
        make_private_file(path).map_err(|error| StoreError::Unavailable(format!("{}: {error}", path.display())))?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            // An acknowledged change is on disk: NORMAL would sync at checkpoints only.
            .synchronous(if durable { SqliteSynchronous::Full } else { SqliteSynchronous::Off })
            .foreign_keys(true)
            .busy_timeout(PATIENCE)
            // As in PostgreSQL; searches compare folded columns.
            .pragma("case_sensitive_like", "ON")
            .disable_statement_logging();
        let readers = PoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(PATIENCE)
            // The file is local: asking whether it is still there costs more than the query.
            .test_before_acquire(false)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_lazy_with(options.clone().pragma("query_only", "ON"));
        Ok(Self { options, readers, waits: Arc::default() })
    }

    pub(super) async fn connect(&self) -> Result<SqliteConnection, StoreError> {
        let start = Instant::now();
        loop {
            match self.options.connect().await {
                // The very first switch to WAL does not wait for other processes that do the same.
                Err(sqlx::Error::Database(error)) if is_busy(&*error) && start.elapsed() < PATIENCE => {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                result => return Ok(result?),
            }
        }
    }

    pub(super) async fn reader(&self) -> Result<PoolConnection<sqlx::Sqlite>, StoreError> {
        let since = Instant::now();
        let reader = self.readers.acquire().await;
        self.waits.note(since.elapsed());
        Ok(reader?)
    }

    /// A reader that sees one state of the database, until it is dropped.
    pub(super) async fn snapshot(&self) -> Result<sqlx::Transaction<'static, sqlx::Sqlite>, StoreError> {
        let since = Instant::now();
        let reader = self.readers.begin().await;
        self.waits.note(since.elapsed());
        Ok(reader?)
    }

    /// How long readers waited for a connection.
    pub(super) fn waits(&self) -> &Timing {
        &self.waits
    }

    pub(super) async fn copy_to(&self, to: &Path) -> Result<(), StoreError> {
        let to = to.to_str().ok_or(StoreError::Invalid("the path of a copy is not UTF-8"))?;
        let mut conn = self.connect().await?;
        let copied = execute(&mut conn, "VACUUM INTO $1", args![to]).await;
        sqlx::Connection::close(conn).await?;
        copied.map(drop)
    }

    pub(super) async fn close(&self) {
        self.readers.close().await;
    }
}

/// SQLITE_BUSY, with any extension in the upper bits.
fn is_busy(error: &dyn sqlx::error::DatabaseError) -> bool {
    error.code().and_then(|code| code.parse::<i64>().ok()).is_some_and(|code| code & 0xff == 5)
}

/// SQLite would make the file readable by everybody; it gives its WAL the same mode as the file.
fn make_private_file(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

pub(super) async fn fetch(
    conn: &mut SqliteConnection,
    sql: impl SqlSafeStr,
    args: Vec<Value>,
) -> Result<Vec<Row>, StoreError> {
    let sql = sql.into_sql_str();
    #[cfg(test)]
    super::watched::note(sql.as_str());
    let span = span::statement(SYSTEM, &sql);
    let rows = span.within(query(sql, args)?.fetch_all(conn)).await?;
    Ok(rows.into_iter().map(Row::Sqlite).collect())
}

pub(super) async fn execute(
    conn: &mut SqliteConnection,
    sql: impl SqlSafeStr,
    args: Vec<Value>,
) -> Result<u64, StoreError> {
    let sql = sql.into_sql_str();
    let span = span::statement(SYSTEM, &sql);
    Ok(span.within(query(sql, args)?.execute(conn)).await?.rows_affected())
}

/// The WAL can only be left by who is alone.
pub(super) async fn is_in_use(conn: &mut SqliteConnection) -> Result<bool, StoreError> {
    let left = sqlx::raw_sql("PRAGMA busy_timeout = 0; PRAGMA journal_mode = DELETE").execute(&mut *conn).await;
    let is_in_use = match left {
        Ok(_) => false,
        Err(sqlx::Error::Database(error)) if is_busy(&*error) => true,
        Err(error) => return Err(error.into()),
    };
    script(conn, "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL").await?;
    Ok(is_in_use)
}

/// Waits for other writers as long as it takes, or as it is usual.
pub(super) async fn set_patient(conn: &mut SqliteConnection, is_patient: bool) -> Result<(), StoreError> {
    script(conn, if is_patient { "PRAGMA busy_timeout = 3600000" } else { "PRAGMA busy_timeout = 5000" }).await
}

pub(super) async fn script(conn: &mut SqliteConnection, sql: impl SqlSafeStr) -> Result<(), StoreError> {
    sqlx::raw_sql(sql).execute(conn).await?;
    Ok(())
}
