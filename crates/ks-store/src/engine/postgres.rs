//! PostgreSQL: one database for several nodes. Any number of readers; writers wait for each other, over all nodes, so that
//! what holds for a change in SQLite holds here, too, and the change log is in the order of commits.

use std::future::Future;
use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::pool::{PoolConnection, PoolOptions};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection as _, PgConnection, SqlSafeStr};

use super::{Row, Value};
use crate::error::StoreError;
use crate::timing::Timing;

/// How long a reader waits for a free connection, a writer for other writers, and anybody for an answer.
const PATIENCE: Duration = Duration::from_secs(5);
const READERS: u32 = 12;
/// A reading connection that nobody used for so long is asked whether it is still there.
const IDLE: Duration = Duration::from_secs(1);
/// What writers lock: "ks" as a number.
const WRITERS: &str = "SELECT pg_advisory_xact_lock(27507)";

pub(super) const MIGRATIONS: &[(i64, &str, &str)] = super::migrations!("postgres");

/// One PostgreSQL database.
#[derive(Clone)]
pub(crate) struct Postgres {
    options: PgConnectOptions,
    readers: sqlx::PgPool,
    waits: Arc<Timing>,
}

impl Postgres {
    pub(super) fn prepare(url: &str) -> Result<Self, StoreError> {
        // The error may quote the URL, and the password with it.
        let options = PgConnectOptions::from_str(url)
            .map_err(|_| StoreError::Unavailable("the database's URL is malformed".to_owned()))?
            .application_name("ks")
            .options([
                ("lock_timeout", "5s"),
                ("statement_timeout", "60s"),
                // A node that hangs in the middle of a change does not hold up the others for long.
                ("idle_in_transaction_session_timeout", "10s"),
            ])
            .disable_statement_logging();
        let readers = PoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(PATIENCE)
            // Asked below, and only those that were idle.
            .test_before_acquire(false)
            .before_acquire(|conn: &mut PgConnection, meta| {
                Box::pin(async move {
                    if meta.idle_for < IDLE {
                        return Ok(true);
                    }
                    Ok(tokio::time::timeout(Duration::from_secs(1), conn.ping()).await.is_ok_and(|pong| pong.is_ok()))
                })
            })
            .connect_lazy_with(options.clone().options([("default_transaction_read_only", "on")]));
        Ok(Self { options, readers, waits: Arc::default() })
    }

    pub(super) async fn connect(&self) -> Result<PgConnection, StoreError> {
        let mut conn = in_time(self.options.connect()).await?;
        // An acknowledged change is on disk, whatever the server's default is.
        let durable = "SELECT set_config('synchronous_commit', 'on', false) \
                       WHERE current_setting('synchronous_commit') IN ('off', 'local')";
        script(&mut conn, durable).await?;
        Ok(conn)
    }

    pub(super) async fn reader(&self) -> Result<PoolConnection<sqlx::Postgres>, StoreError> {
        let since = Instant::now();
        let reader = self.readers.acquire().await;
        self.waits.note(since.elapsed());
        Ok(reader?)
    }

    /// A reader that sees one state of the database, until it is dropped.
    pub(super) async fn snapshot(&self) -> Result<sqlx::Transaction<'static, sqlx::Postgres>, StoreError> {
        let since = Instant::now();
        let reader = self.readers.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await;
        self.waits.note(since.elapsed());
        Ok(reader?)
    }

    /// How long readers waited for a connection.
    pub(super) fn waits(&self) -> &Timing {
        &self.waits
    }

    pub(super) async fn close(&self) {
        // A server that does not answer any more must not hold up the end.
        drop(tokio::time::timeout(PATIENCE, self.readers.close()).await);
    }
}

/// A database that was cut off or stopped never says so.
async fn in_time<T>(answer: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, StoreError> {
    // Beyond what the server itself allows to the locks that it waits for.
    match tokio::time::timeout(PATIENCE * 2, answer).await {
        Ok(answer) => answer.map_err(StoreError::from),
        Err(_) => Err(StoreError::Unavailable("no answer in time".to_owned())),
    }
}

type Query<'q> = sqlx::query::Query<'q, sqlx::Postgres, sqlx::postgres::PgArguments>;

fn query<'q>(sql: impl SqlSafeStr, args: Vec<Value>) -> Result<Query<'q>, StoreError> {
    args.into_iter().try_fold(sqlx::query(sql), |query, value| {
        value.check()?;
        Ok(match value {
            Value::Int(value) => query.bind(value),
            Value::Text(value) => query.bind(value),
            Value::Blob(value) => query.bind(value),
        })
    })
}

pub(super) async fn fetch(
    conn: &mut PgConnection,
    sql: impl SqlSafeStr,
    args: Vec<Value>,
) -> Result<Vec<Row>, StoreError> {
    let rows = in_time(query(sql, args)?.fetch_all(conn)).await?;
    Ok(rows.into_iter().map(Row::Postgres).collect())
}

pub(super) async fn execute(
    conn: &mut PgConnection,
    sql: impl SqlSafeStr,
    args: Vec<Value>,
) -> Result<u64, StoreError> {
    Ok(in_time(query(sql, args)?.execute(conn)).await?.rows_affected())
}

pub(super) async fn script(conn: &mut PgConnection, sql: &'static str) -> Result<(), StoreError> {
    in_time(sqlx::raw_sql(sql).execute(conn)).await?;
    Ok(())
}

pub(super) async fn begin_write(conn: &mut PgConnection) -> Result<(), StoreError> {
    script(conn, "BEGIN").await?;
    // Each statement behind it sees all that was committed before.
    script(conn, WRITERS).await
}

pub(super) async fn close(conn: PgConnection) {
    drop(tokio::time::timeout(Duration::from_secs(1), conn.close()).await);
}
