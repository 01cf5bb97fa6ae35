//! The one place that knows which database engine is in use.
//!
//! Repositories are written once: plain SQL that SQLite and PostgreSQL both take, with [`Value`]s for `$1`, `$2`, … and
//! [`Row`]s of integers, texts and blobs.

mod catalogue;
mod fault;
mod postgres;
mod sqlite;
#[cfg(all(test, debug_assertions))]
pub(crate) mod stage;
mod value;

use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;

use sqlx::{AssertSqlSafe, SqlSafeStr};
use tokio::sync::Notify;

use crate::config::DatabaseUrl;
use crate::error::StoreError;
use crate::timing::Timing;
pub(crate) use catalogue::{Kind, Table};
use fault::Step;
pub(crate) use fault::Trap;
#[cfg(debug_assertions)]
pub use fault::{Fault, Faults, Sprung};
pub(crate) use value::{Row, Value};

/// A boxed future, for closures that borrow a connection.
pub(crate) type BoxFuture<'t, T> = Pin<Box<dyn Future<Output = T> + Send + 't>>;

/// Makes the values of one statement.
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::engine::Value::from($value)),*] };
}
pub(crate) use args;

/// All migrations, oldest first: number, name, and the SQL of an engine. Each engine has all of them, by equal names.
macro_rules! migrations {
    ($engine:literal) => {
        $crate::engine::migrations!($engine: 1 "0001" foundation, 2 "0002" rights, 3 "0003" people,
            4 "0004" verified_and_retired, 5 "0005" content, 6 "0006" statistics, 7 "0007" audit_detail, 8 "0008" lists,
            10 "0010" node_keys, 12 "0012" most_played, 13 "0013" users)
    };
    ($engine:literal: $($number:literal $digits:literal $name:ident),*) => {
        &[$((
            $number,
            stringify!($name),
            include_str!(concat!("../../migrations/", $engine, "/", $digits, "_", stringify!($name), ".sql")),
        )),*]
    };
}
pub(crate) use migrations;

/// The migrations of each engine.
#[cfg(test)]
pub(crate) const ALL_MIGRATIONS: [&[(i64, &str, &str)]; 2] = [sqlite::MIGRATIONS, postgres::MIGRATIONS];

/// The oldest layout whose programs can work with the newest one: raise it with a migration that does more than add.
pub(crate) const COMPATIBLE_FROM: i64 = 8;

/// How many values one statement writes.
const VALUES: usize = 2000;

/// `($1, $2), ($3, $4)`: places for so many rows of so many columns.
pub(crate) fn rows_of(rows: usize, columns: usize) -> String {
    let row = |row: usize| {
        let places: Vec<String> = (1..=columns).map(|column| format!("${}", row * columns + column)).collect();
        format!("({})", places.join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

/// One database.
#[derive(Clone)]
pub(crate) struct Engine {
    database: Database,
    trap: Trap,
}

/// Of one engine.
#[derive(Clone)]
enum Database {
    Sqlite(Box<sqlite::Sqlite>),
    Postgres(postgres::Postgres),
}

impl Engine {
    /// Prepares for use; SQLite makes the file when it is missing.
    pub(crate) fn prepare(url: &DatabaseUrl, durable: bool) -> Result<Self, StoreError> {
        Self::prepare_with(url, durable, false, Trap::default())
    }

    /// As [`Engine::prepare`]; with hints, changes are told to other nodes by the database where it can do that.
    pub(crate) fn prepare_with(url: &DatabaseUrl, durable: bool, hints: bool, trap: Trap) -> Result<Self, StoreError> {
        let database = match url {
            DatabaseUrl::Sqlite(path) => Database::Sqlite(Box::new(sqlite::Sqlite::prepare(path, durable)?)),
            // Whether it is durable is the server's own business.
            DatabaseUrl::Postgres(url) => Database::Postgres(postgres::Postgres::prepare(url, hints)?),
        };
        Ok(Self { database, trap })
    }

    /// The same database without the faults that a test may set.
    pub(crate) fn untrapped(&self) -> Self {
        Self { database: self.database.clone(), trap: self.trap.without_faults() }
    }

    /// Wakes whoever waits, for as long as it is polled, whenever the database says that there may be changes; and looks
    /// whether another server has become the primary.
    pub(crate) async fn listen(self, heard: Arc<Notify>) {
        match self.database {
            // Looking costs next to nothing.
            Database::Sqlite(_) => {}
            Database::Postgres(postgres) => postgres.listen(heard).await,
        }
    }

    /// Writes everything, as it is at one moment, into a new database.
    pub(crate) async fn copy_to(&self, to: &Path) -> Result<(), StoreError> {
        match &self.database {
            Database::Sqlite(sqlite) => sqlite.copy_to(to).await,
            Database::Postgres(_) => Err(StoreError::Invalid("only a database in a file can be copied to a file")),
        }
    }

    /// A connection of its own: for the writer and for the follower of the change log.
    pub(crate) async fn connect(&self) -> Result<Conn, StoreError> {
        let verdict = self.trap.next().await?;
        let link = match &self.database {
            Database::Sqlite(sqlite) => sqlite.connect().await.map(Link::Sqlite),
            Database::Postgres(postgres) => postgres.connect().await.map(|conn| Link::Postgres(Box::new(conn))),
        };
        Ok(Conn { link: verdict.on(link).await?, trap: self.trap.of_connection() })
    }

    /// Whether the server does what this program relies on; a connection to it is given.
    pub(crate) async fn suits(&self, conn: &mut Conn) -> Result<(), StoreError> {
        let (Database::Postgres(postgres), Link::Postgres(conn)) = (&self.database, &mut conn.link) else {
            return Ok(());
        };
        let mut other = postgres.connect().await?;
        let suits = conn.suits(&mut other).await;
        other.close().await;
        suits
    }

    /// A reading connection from the pool.
    pub(crate) async fn reader(&self) -> Result<Reader, StoreError> {
        let verdict = self.trap.next().await?;
        let link = match &self.database {
            Database::Sqlite(sqlite) => sqlite.reader().await.map(Pooled::Sqlite),
            Database::Postgres(postgres) => postgres.reader().await.map(Pooled::Postgres),
        };
        Ok(Reader { link: verdict.on(link).await?, trap: self.trap.of_connection() })
    }

    /// A reading connection from the pool, all of whose queries see the same state of the database.
    pub(crate) async fn snapshot(&self) -> Result<Reader, StoreError> {
        let verdict = self.trap.next().await?;
        let link = match &self.database {
            Database::Sqlite(sqlite) => sqlite.snapshot().await.map(Pooled::SqliteSnapshot),
            Database::Postgres(postgres) => postgres.snapshot().await.map(Pooled::PostgresSnapshot),
        };
        Ok(Reader { link: verdict.on(link).await?, trap: self.trap.of_connection() })
    }

    /// All migrations of this engine, oldest first: number, name, SQL.
    pub(crate) fn migrations(&self) -> &'static [(i64, &'static str, &'static str)] {
        match &self.database {
            Database::Sqlite(_) => sqlite::MIGRATIONS,
            Database::Postgres(_) => postgres::MIGRATIONS,
        }
    }

    /// The newest timeline of the database's log that was seen; 0: none, or there is but one.
    pub(crate) fn newest_timeline(&self) -> i64 {
        match &self.database {
            Database::Sqlite(_) => 0,
            Database::Postgres(postgres) => postgres.newest_timeline(),
        }
    }

    /// How long readers waited for a connection.
    pub(crate) fn waits(&self) -> &Timing {
        match &self.database {
            Database::Sqlite(sqlite) => sqlite.waits(),
            Database::Postgres(postgres) => postgres.waits(),
        }
    }

    /// Closes the pool of readers.
    pub(crate) async fn close(&self) {
        match &self.database {
            Database::Sqlite(sqlite) => sqlite.close().await,
            Database::Postgres(postgres) => postgres.close().await,
        }
    }
}

/// A connection of its own.
pub(crate) struct Conn {
    link: Link,
    trap: Trap,
}

enum Link {
    Sqlite(sqlx::SqliteConnection),
    Postgres(Box<postgres::Own>),
}

impl Conn {
    /// Every row that a statement gives.
    pub(crate) async fn fetch(&mut self, sql: impl SqlSafeStr, args: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        let verdict = self.trap.next().await?;
        let answer = match &mut self.link {
            Link::Sqlite(conn) => sqlite::fetch(conn, sql, args).await,
            Link::Postgres(conn) => conn.fetch(sql, args).await,
        };
        verdict.on(answer).await
    }

    /// Runs a statement; how many rows it changed.
    pub(crate) async fn execute(&mut self, sql: impl SqlSafeStr, args: Vec<Value>) -> Result<u64, StoreError> {
        let verdict = self.trap.next().await?;
        let answer = match &mut self.link {
            Link::Sqlite(conn) => sqlite::execute(conn, sql, args).await,
            Link::Postgres(conn) => conn.execute(sql, args).await,
        };
        verdict.on(answer).await
    }

    /// Inserts rows by a few statements, however many they are: `into` is the table with its columns, as in
    /// `t (a, b)`, `values` those of all rows, and `then` what follows them. Answers what it returns.
    pub(crate) async fn insert(&mut self, into: &str, values: Vec<Value>, then: &str) -> Result<Vec<Row>, StoreError> {
        let columns = into.matches(',').count() + 1;
        debug_assert_eq!(values.len() % columns, 0, "{into}");
        let together = (VALUES / columns).max(1) * columns;
        let mut answers = Vec::new();
        let mut left = values.into_iter();
        while left.len() > 0 {
            let some: Vec<Value> = left.by_ref().take(together).collect();
            let rows = some.len() / columns;
            let places = match &self.link {
                // It would look for the name of each place among all of them.
                Link::Sqlite(_) => vec![format!("({})", vec!["?"; columns].join(", ")); rows].join(", "),
                Link::Postgres(_) => rows_of(rows, columns),
            };
            let sql = format!("INSERT INTO {into} VALUES {places} {then}");
            answers.extend(self.fetch(AssertSqlSafe(sql), some).await?);
        }
        Ok(answers)
    }

    /// Runs a script of several statements without values.
    pub(crate) async fn script(&mut self, sql: impl SqlSafeStr) -> Result<(), StoreError> {
        let verdict = self.trap.next().await?;
        let answer = match &mut self.link {
            Link::Sqlite(conn) => sqlite::script(conn, sql).await,
            Link::Postgres(conn) => conn.script(sql).await,
        };
        verdict.on(answer).await
    }

    /// Begins a transaction that reads one state of the database, and writes nothing.
    pub(crate) async fn begin_snapshot(&mut self) -> Result<(), StoreError> {
        match &mut self.link {
            Link::Sqlite(conn) => sqlite::script(conn, "PRAGMA query_only = ON; BEGIN").await,
            Link::Postgres(conn) => conn.script("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await,
        }
    }

    /// What differs when another server has taken the place of the one before, so that its change log may be another
    /// one, too.
    pub(crate) fn timeline(&self) -> i64 {
        match &self.link {
            Link::Sqlite(_) => self.trap.timeline(),
            Link::Postgres(conn) => conn.timeline(),
        }
    }

    /// Whether changes are still taken where this leads to, as far as is known.
    pub(crate) fn is_current(&self) -> bool {
        match &self.link {
            Link::Sqlite(_) => true,
            Link::Postgres(conn) => conn.is_current(),
        }
    }

    /// Whether another process has the database open.
    pub(crate) async fn is_in_use(&mut self) -> Result<bool, StoreError> {
        match &mut self.link {
            Link::Sqlite(conn) => sqlite::is_in_use(conn).await,
            Link::Postgres(conn) => conn.is_in_use().await,
        }
    }

    /// Begins a transaction that will write; waits for other writers.
    pub(crate) async fn begin_write(&mut self) -> Result<(), StoreError> {
        let verdict = self.trap.next_of(Step::Begin).await?;
        let answer = match &mut self.link {
            // Taking the lock at the first write instead could fail without waiting.
            Link::Sqlite(conn) => sqlite::script(conn, "BEGIN IMMEDIATE").await,
            Link::Postgres(conn) => conn.begin_write().await,
        };
        verdict.on(answer).await
    }

    /// Commits; others may be told at once that there are changes.
    pub(crate) async fn commit(&mut self, has_changes: bool) -> Result<(), StoreError> {
        let verdict = self.trap.next_of(Step::Commit).await?;
        let answer = match &mut self.link {
            Link::Sqlite(conn) => sqlite::script(conn, "COMMIT").await,
            Link::Postgres(conn) => conn.commit(has_changes).await,
        };
        verdict.on(answer).await
    }

    /// Waits for other writers, and for what takes long, as long as it takes; or again as it is usual.
    pub(crate) async fn set_patient(&mut self, is_patient: bool) -> Result<(), StoreError> {
        match &mut self.link {
            Link::Sqlite(conn) => sqlite::set_patient(conn, is_patient).await,
            Link::Postgres(conn) => conn.set_patient(is_patient).await,
        }
    }

    /// Whether the database has a table of this name.
    pub(crate) async fn has_table(&mut self, name: &str) -> Result<bool, StoreError> {
        let sql = match &self.link {
            Link::Sqlite(_) => "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = $1",
            Link::Postgres(_) => {
                "SELECT 1 FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = $1"
            }
        };
        Ok(!self.fetch(sql, args![name]).await?.is_empty())
    }

    /// A number that differs from the last call's when someone may have committed a change since.
    pub(crate) async fn data_version(&mut self) -> Result<i64, StoreError> {
        let sql = match &self.link {
            Link::Sqlite(_) => "PRAGMA data_version",
            Link::Postgres(_) => "SELECT newest FROM change_seq",
        };
        self.fetch(sql, vec![]).await?.first().ok_or(StoreError::Corrupt("data version"))?.int(0)
    }

    /// Closes the connection.
    pub(crate) async fn close(self) {
        let _busy = self.trap.busy();
        match self.link {
            Link::Sqlite(conn) => drop(sqlx::Connection::close(conn).await),
            Link::Postgres(conn) => conn.close().await,
        }
    }
}

/// A pooled connection for reading.
pub(crate) struct Reader {
    link: Pooled,
    trap: Trap,
}

enum Pooled {
    Sqlite(sqlx::pool::PoolConnection<sqlx::Sqlite>),
    Postgres(sqlx::pool::PoolConnection<sqlx::Postgres>),
    SqliteSnapshot(sqlx::Transaction<'static, sqlx::Sqlite>),
    PostgresSnapshot(sqlx::Transaction<'static, sqlx::Postgres>),
}

impl Reader {
    /// Every row that a statement gives.
    pub(crate) async fn fetch(&mut self, sql: impl SqlSafeStr, args: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        let verdict = self.trap.next().await?;
        let rows = match &mut self.link {
            Pooled::Sqlite(conn) => sqlite::fetch(conn, sql, args).await,
            Pooled::Postgres(conn) => postgres::fetch(conn, postgres::BRISK, sql, args).await,
            Pooled::SqliteSnapshot(transaction) => sqlite::fetch(transaction, sql, args).await,
            Pooled::PostgresSnapshot(transaction) => postgres::fetch(transaction, postgres::BRISK, sql, args).await,
        };
        verdict.on(rows).await
    }
}

/// What can run a query: a reader, or a transaction that wants to see its own changes.
pub(crate) trait Fetch: Send {
    /// Every row that a statement gives.
    fn rows(
        &mut self,
        sql: &'static str,
        args: Vec<Value>,
    ) -> impl Future<Output = Result<Vec<Row>, StoreError>> + Send;
}

impl Fetch for Reader {
    async fn rows(&mut self, sql: &'static str, args: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        self.fetch(sql, args).await
    }
}

impl Fetch for Conn {
    async fn rows(&mut self, sql: &'static str, args: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        self.fetch(sql, args).await
    }
}

/// The statements that a test wants to look at.
#[cfg(test)]
pub(crate) mod watched {
    use std::cell::RefCell;

    thread_local! {
        static SEEN: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    }

    pub(crate) fn note(sql: &str) {
        SEEN.with_borrow_mut(|seen| seen.push(sql.to_owned()));
    }

    /// Those of this thread since the last call.
    pub(crate) fn take() -> Vec<String> {
        SEEN.take()
    }
}
