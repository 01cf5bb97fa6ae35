//! PostgreSQL: one database for several nodes. Any number of readers; writers wait for each other, over all nodes, so that
//! what holds for a change in SQLite holds here, too, and the change log is in the order of commits.
//!
//! A commit of changes is announced by `NOTIFY`, so that other nodes look at once. That is a hint: they look anyway.
//!
//! Whoever is promoted begins a new timeline, so of two servers that both take changes the one on the newer timeline is
//! the primary; the other was replaced, and may not know it (`postgres/primary.rs`).

mod primary;
mod suits;

use std::future::Future;
use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::pool::{PoolConnection, PoolOptions};
use sqlx::postgres::{PgConnectOptions, PgListener};
use sqlx::{ConnectOptions, Connection as _, PgConnection, SqlSafeStr};

use parking_lot::Mutex;
use tokio::sync::{Notify, watch};

use self::primary::{Primary, timeline};
use super::value::query;
use super::{Row, Value};
use crate::config::PostgresUrl;
use crate::error::StoreError;
use crate::span;
use crate::timing::Timing;

/// How long a reader waits for a free connection, a writer for other writers, and anybody for an answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// Beyond what the server itself allows to the locks that are waited for.
pub(super) const BRISK: Duration = Duration::from_secs(10);
/// For what may take as long as it takes: changing the layout, copying everything.
const PATIENT: Duration = Duration::from_secs(6 * 3600);
const READERS: u32 = 12;
/// A reading connection that nobody used for so long is asked whether it is still there.
const IDLE: Duration = Duration::from_secs(1);
/// How long the server lets a connection wait for other writers, work on a statement, and leave a change half done, so
/// that a node that hangs in the middle of one does not hold up the others for long.
const LIMITS: &str =
    "SET lock_timeout = '5s'; SET statement_timeout = '60s'; SET idle_in_transaction_session_timeout = '10s'";
const NO_LIMITS: &str = "SET lock_timeout = 0; SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0";
/// What writers lock: "ks" as a number.
const WRITERS: &str = "SELECT pg_advisory_xact_lock(27507)";

/// What other nodes listen on.
const CHANNEL: &str = "ks_change";
/// Who has heard nothing for so long asks whether anybody is still there.
const SILENCE: Duration = Duration::from_secs(30);
/// How long to wait before listening anew.
const DEAF: Duration = Duration::from_secs(1);

/// What spans call this engine.
const SYSTEM: &str = "postgresql";

pub(super) const MIGRATIONS: &[(i64, &str, &str)] = super::migrations!("postgres");

/// One PostgreSQL database, on one server or on one of several: a primary and its replicas.
#[derive(Clone)]
pub(crate) struct Postgres {
    servers: Arc<[Server]>,
    primary: Arc<watch::Sender<Primary>>,
    /// When another one was taken for the primary. Connections of before that are not used any more.
    taken_at: Arc<Mutex<Instant>>,
    hints: bool,
    waits: Arc<Timing>,
}

struct Server {
    options: PgConnectOptions,
    readers: sqlx::PgPool,
    /// How long it may take to connect.
    patience: Duration,
}

impl Postgres {
    pub(super) fn prepare(url: &PostgresUrl, hints: bool) -> Result<Self, StoreError> {
        let primary = Arc::new(watch::Sender::new(Primary::default()));
        let taken_at = Arc::new(Mutex::new(Instant::now()));
        let servers = url.servers();
        let several = servers.len() > 1;
        let prepare = |url: &String| Server::prepare(url, several, &primary, &taken_at);
        let servers = servers.iter().map(prepare).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { servers: servers.into(), primary, taken_at, hints, waits: Arc::default() })
    }

    /// A connection to the primary, which is looked for among all servers when it is not where it was.
    pub(super) async fn connect(&self) -> Result<Own, StoreError> {
        self.find().await;
        let known = self.primary.borrow().server;
        let mut result = Err(StoreError::Unavailable("no server is named".to_owned()));
        for index in (known..self.servers.len()).chain(0..known) {
            let Some(server) = self.servers.get(index) else { continue };
            result = match server.connect().await {
                Ok((conn, timeline)) => match self.take(Primary { server: index, timeline }) {
                    Ok(at) => return self.own(conn, at).await,
                    Err(error) => Err(error),
                },
                Err(error) => Err(error),
            };
        }
        result
    }

    async fn own(&self, conn: PgConnection, at: Primary) -> Result<Own, StoreError> {
        let mut conn = Own { conn, at, primary: self.primary.subscribe(), patience: BRISK, hints: self.hints };
        conn.script(LIMITS).await?;
        // An acknowledged change is on disk, whatever the server's default is.
        let durable = "SELECT set_config('synchronous_commit', 'on', false) \
                       WHERE current_setting('synchronous_commit') IN ('off', 'local')";
        conn.script(durable).await?;
        Ok(conn)
    }

    pub(super) async fn reader(&self) -> Result<PoolConnection<sqlx::Postgres>, StoreError> {
        let since = Instant::now();
        let reader = self.on_primary(|readers| async move { readers.acquire().await }).await;
        self.waits.note(since.elapsed());
        reader
    }

    /// A reader that sees one state of the database, until it is dropped.
    pub(super) async fn snapshot(&self) -> Result<sqlx::Transaction<'static, sqlx::Postgres>, StoreError> {
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        let since = Instant::now();
        let reader = self.on_primary(|readers| async move { readers.begin_with(begin).await }).await;
        self.waits.note(since.elapsed());
        reader
    }

    /// What the primary answers; another server may become it while the old one is waited for.
    async fn on_primary<T, F>(&self, ask: impl Fn(sqlx::PgPool) -> F) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, sqlx::Error>>,
    {
        if let [only] = &*self.servers {
            return in_time(BRISK, ask(only.readers.clone())).await;
        }
        let mut primary = self.primary.subscribe();
        loop {
            let server = primary.borrow_and_update().server;
            let server = self.servers.get(server).ok_or(StoreError::Closed)?;
            tokio::select! {
                answer = in_time(BRISK, ask(server.readers.clone())) => return answer,
                Ok(()) = primary.changed() => {}
            }
        }
    }

    /// The newest timeline that was seen; 0: none.
    pub(super) fn newest_timeline(&self) -> i64 {
        self.primary.borrow().timeline
    }

    /// How long readers waited for a connection.
    pub(super) fn waits(&self) -> &Timing {
        &self.waits
    }

    /// Hears of commits, and of a primary that another one has replaced, for as long as it is polled.
    pub(super) async fn listen(self, heard: Arc<Notify>) {
        let hearing = async {
            if self.hints {
                self.hear_always(&heard).await;
            }
        };
        tokio::join!(hearing, self.watch());
    }

    async fn hear_always(&self, heard: &Notify) {
        let mut is_known = false;
        loop {
            let mut primary = self.primary.subscribe();
            let at = *primary.borrow_and_update();
            let result = tokio::select! {
                result = self.hear(at, heard) => result,
                // What is said is said elsewhere now.
                Ok(()) = primary.changed() => continue,
            };
            if let Err(error) = result
                && !std::mem::replace(&mut is_known, true)
            {
                tracing::info!(%error, "the database does not tell of changes: they are looked for instead");
            }
            tokio::time::sleep(DEAF).await;
        }
    }

    async fn hear(&self, at: Primary, heard: &Notify) -> Result<(), sqlx::Error> {
        let one = PoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None).acquire_timeout(PATIENCE);
        let primary = self.servers.get(at.server).ok_or(sqlx::Error::PoolClosed)?;
        let mut listener = PgListener::connect_with(&one.connect_lazy_with(primary.options.clone())).await?;
        listener.listen(CHANNEL).await?;
        // Something may have been said before.
        heard.notify_one();
        loop {
            match tokio::time::timeout(SILENCE, listener.try_recv()).await {
                Ok(Ok(Some(_))) => heard.notify_one(),
                Ok(Ok(None)) => return Ok(()),
                Ok(Err(error)) => return Err(error),
                Err(_) => {
                    let asked = tokio::time::timeout(PATIENCE, sqlx::query("SELECT 1").execute(&mut listener)).await;
                    asked.map_err(|_| sqlx::Error::PoolTimedOut)??;
                }
            }
        }
    }

    pub(super) async fn close(&self) {
        // A server that does not answer any more must not hold up the end.
        let closed = async {
            for server in self.servers.iter() {
                server.readers.close().await;
            }
        };
        drop(tokio::time::timeout(PATIENCE, closed).await);
    }
}

impl Server {
    fn prepare(
        url: &str,
        several: bool,
        primary: &Arc<watch::Sender<Primary>>,
        taken_at: &Arc<Mutex<Instant>>,
    ) -> Result<Self, StoreError> {
        // The error may quote the URL, and the password with it.
        let options = PgConnectOptions::from_str(url)
            .map_err(|_| StoreError::Unavailable("the database's URL is malformed".to_owned()))?
            .application_name("ks")
            // Poolers refuse what they do not know at the start of a session. Nothing here has fractions.
            .extra_float_digits(None)
            .disable_statement_logging();
        let (primary, taken_at) = (Arc::clone(primary), Arc::clone(taken_at));
        let readers = PoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(PATIENCE)
            // Asked below, and only those that were idle.
            .test_before_acquire(false)
            .before_acquire(move |conn: &mut PgConnection, meta| {
                // One address may lead to another server by now, while this one is kept open.
                let is_older = meta.age > taken_at.lock().elapsed();
                Box::pin(async move {
                    if is_older {
                        return Ok(false);
                    }
                    if meta.idle_for < IDLE {
                        return Ok(true);
                    }
                    Ok(tokio::time::timeout(Duration::from_secs(1), conn.ping()).await.is_ok_and(|pong| pong.is_ok()))
                })
            })
            .after_connect(move |conn: &mut PgConnection, _| {
                let primary = Arc::clone(&primary);
                Box::pin(async move {
                    sqlx::raw_sql(LIMITS).execute(&mut *conn).await?;
                    sqlx::raw_sql("SET default_transaction_read_only = on").execute(&mut *conn).await?;
                    let timeline = timeline(conn).await?;
                    let newest = primary.borrow().timeline;
                    if timeline < newest { Err(sqlx::Error::Protocol(primary::REPLACED.to_owned())) } else { Ok(()) }
                })
            })
            .connect_lazy_with(options.clone());
        // Where there are others, one that is silent does not hold up the search for long.
        Ok(Self { options, readers, patience: if several { PATIENCE / 2 } else { BRISK } })
    }

    /// A connection, and on which timeline the server takes changes.
    async fn connect(&self) -> Result<(PgConnection, i64), StoreError> {
        let opened = async {
            let mut conn = self.options.connect().await?;
            let timeline = timeline(&mut conn).await?;
            Ok((conn, timeline))
        };
        in_time(self.patience, opened).await
    }
}

/// A database that was cut off or stopped never says so.
async fn in_time<T>(patience: Duration, answer: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, StoreError> {
    match tokio::time::timeout(patience, answer).await {
        Ok(answer) => answer.map_err(StoreError::from),
        Err(_) => Err(StoreError::Unavailable("no answer in time".to_owned())),
    }
}

pub(super) async fn fetch(
    conn: &mut PgConnection,
    patience: Duration,
    sql: impl SqlSafeStr,
    args: Vec<Value>,
) -> Result<Vec<Row>, StoreError> {
    let sql = sql.into_sql_str();
    let span = span::statement(SYSTEM, &sql);
    let rows = span.within(in_time(patience, query(sql, args)?.fetch_all(conn))).await?;
    Ok(rows.into_iter().map(Row::Postgres).collect())
}

/// A connection of its own to a server that takes changes, and how long it waits for an answer.
pub(crate) struct Own {
    conn: PgConnection,
    at: Primary,
    primary: watch::Receiver<Primary>,
    patience: Duration,
    hints: bool,
}

impl Own {
    pub(super) async fn fetch(&mut self, sql: impl SqlSafeStr, args: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        let sql = sql.into_sql_str();
        let span = span::statement(SYSTEM, &sql);
        let Self { conn, at, primary, patience, .. } = self;
        let answer = at.answers(primary, *patience, query(sql, args)?.fetch_all(conn));
        let rows = span.within(answer).await?;
        Ok(rows.into_iter().map(Row::Postgres).collect())
    }

    pub(super) async fn execute(&mut self, sql: impl SqlSafeStr, args: Vec<Value>) -> Result<u64, StoreError> {
        let sql = sql.into_sql_str();
        let span = span::statement(SYSTEM, &sql);
        let Self { conn, at, primary, patience, .. } = self;
        let done = at.answers(primary, *patience, query(sql, args)?.execute(conn));
        Ok(span.within(done).await?.rows_affected())
    }

    pub(super) async fn script(&mut self, sql: impl SqlSafeStr) -> Result<(), StoreError> {
        let Self { conn, at, primary, patience, .. } = self;
        at.answers(primary, *patience, sqlx::raw_sql(sql).execute(conn)).await?;
        Ok(())
    }

    /// Whether the server is still the primary, as far as is known.
    pub(super) fn is_current(&self) -> bool {
        *self.primary.borrow() == self.at
    }

    /// The timeline of the server's log; 0: it does not say.
    pub(super) const fn timeline(&self) -> i64 {
        self.at.timeline
    }

    pub(super) async fn begin_write(&mut self) -> Result<(), StoreError> {
        // Each statement behind the lock sees all that was committed before, whatever the server's default is.
        self.script("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE").await?;
        self.script(WRITERS).await
    }

    /// Whether another node, or another command, is connected to the same database.
    pub(super) async fn is_in_use(&mut self) -> Result<bool, StoreError> {
        let others = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() \
                      AND application_name = 'ks' AND pid <> pg_backend_pid() LIMIT 1";
        Ok(!self.fetch(others, vec![]).await?.is_empty())
    }

    /// Commits, and tells other nodes where there is something to tell.
    pub(super) async fn commit(&mut self, has_changes: bool) -> Result<(), StoreError> {
        // In one message: what is told is told by the commit, if it comes to that.
        self.script(if has_changes && self.hints { "NOTIFY ks_change; COMMIT" } else { "COMMIT" }).await
    }

    /// Waits for locks and answers for as long as it takes, or as it is usual.
    pub(super) async fn set_patient(&mut self, is_patient: bool) -> Result<(), StoreError> {
        self.patience = if is_patient { PATIENT } else { BRISK };
        self.script(if is_patient { NO_LIMITS } else { LIMITS }).await
    }

    pub(super) async fn close(self) {
        drop(tokio::time::timeout(Duration::from_secs(1), self.conn.close()).await);
    }
}
