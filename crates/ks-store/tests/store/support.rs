//! Stores in temporary folders.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use ks_store::{AppTokenHash, CreatedPartner, Kek, KekSource, NewAppToken, NewPartner, Store, StoreConfig};
use ks_token::{KsHash, PartnerId, Secret};
use sqlx::{Connection as _, PgConnection};
use tempfile::TempDir;
use tokio::sync::{MappedMutexGuard, Mutex, MutexGuard};

/// Some moment.
pub(crate) const NOW: i64 = 1_800_000_000;

/// A database, which any number of stores may open: an SQLite file in a folder, or one of a PostgreSQL cluster.
pub(crate) struct Home {
    folder: TempDir,
    /// The URL of a PostgreSQL database.
    postgres: Option<String>,
    /// What the test itself asks that database by.
    conn: Mutex<Option<PgConnection>>,
}

impl Home {
    pub(crate) fn new() -> Self {
        let postgres = ks_test_cluster::is_wanted().then(ks_test_cluster::shared_database);
        Self::at(postgres)
    }

    fn at(postgres: Option<String>) -> Self {
        Self { folder: TempDir::new().unwrap(), postgres, conn: Mutex::new(None) }
    }

    /// The same in SQLite, whatever engine is wanted.
    pub(crate) fn sqlite() -> Self {
        Self::at(None)
    }

    /// A database of a cluster of the test's own.
    pub(crate) fn postgres(url: String) -> Self {
        Self::at(Some(url))
    }

    /// The name of the PostgreSQL database.
    pub(crate) fn database_name(&self) -> String {
        let url = self.postgres.as_deref().unwrap();
        url.split('?').next().unwrap().rsplit('/').next().unwrap().to_owned()
    }

    /// The SQLite file.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("ks.db")
    }

    /// A file that is not there yet.
    pub(crate) fn key_file(&self) -> PathBuf {
        self.folder.path().join("new.key")
    }

    pub(crate) fn config(&self) -> StoreConfig {
        let mut config = StoreConfig::in_folder(self.folder.path());
        if let Some(postgres) = &self.postgres {
            config.database = postgres.parse().unwrap();
        }
        config.kek = KekSource::Key(Kek::new([7; 32]));
        // It is thrown away, and no machine stops in between.
        config.durable = false;
        config.clock = std::sync::Arc::new(|| NOW);
        config.follow_every = Duration::from_millis(5);
        config
    }

    /// Changes the database behind the store's back.
    pub(crate) async fn run(&self, sql: &'static str) {
        match &self.postgres {
            None => sqlx::raw_sql(sql).execute(&mut self.raw().await).await.map(drop).unwrap(),
            Some(url) => sqlx::raw_sql(sql).execute(&mut *self.asked(url).await).await.map(drop).unwrap(),
        }
    }

    /// Rows of two numbers.
    pub(crate) async fn pairs(&self, sql: &'static str) -> Vec<(i64, i64)> {
        match &self.postgres {
            None => sqlx::query_as(sql).fetch_all(&mut self.raw().await).await.unwrap(),
            Some(url) => sqlx::query_as(sql).persistent(false).fetch_all(&mut *self.asked(url).await).await.unwrap(),
        }
    }

    /// The first column of rows.
    pub(crate) async fn texts(&self, sql: &'static str) -> BTreeSet<String> {
        let texts: Vec<String> = match &self.postgres {
            None => sqlx::query_scalar(sql).fetch_all(&mut self.raw().await).await.unwrap(),
            Some(url) => {
                let query = sqlx::query_scalar(sql).persistent(false);
                query.fetch_all(&mut *self.asked(url).await).await.unwrap()
            }
        };
        texts.into_iter().collect()
    }

    /// Fails unless another SQLite file has the same rows in all tables, but for when migrations were applied.
    pub(crate) async fn same_as(&self, other: &Self) {
        let mut conn = self.raw().await;
        let attach = format!("ATTACH '{}' AS other", other.file().display());
        sqlx::raw_sql(sqlx::AssertSqlSafe(attach)).execute(&mut conn).await.unwrap();
        let tables = "SELECT name FROM main.sqlite_master WHERE type = 'table' AND name <> 'schema_migration' \
                      AND name NOT LIKE 'sqlite_stat%'";
        let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut conn).await.unwrap();
        assert!(tables.len() > 25 && tables.iter().any(|table| table == "sqlite_sequence"), "{tables:?}");
        for table in tables {
            let differ = format!(
                "SELECT (SELECT count(*) FROM (SELECT * FROM main.{table} EXCEPT SELECT * FROM other.{table})) + \
                 (SELECT count(*) FROM (SELECT * FROM other.{table} EXCEPT SELECT * FROM main.{table})) + \
                 abs((SELECT count(*) FROM main.{table}) - (SELECT count(*) FROM other.{table}))"
            );
            let differ: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(differ)).fetch_one(&mut conn).await.unwrap();
            assert_eq!(differ, 0, "{table}");
        }
    }

    async fn raw(&self) -> sqlx::SqliteConnection {
        sqlx::SqliteConnection::connect(&format!("sqlite:{}", self.file().display())).await.unwrap()
    }

    async fn asked(&self, url: &str) -> MappedMutexGuard<'_, PgConnection> {
        let mut conn = self.conn.lock().await;
        if conn.is_none() {
            *conn = Some(PgConnection::connect(url).await.unwrap());
        }
        MutexGuard::map(conn, |conn| conn.as_mut().unwrap())
    }

    pub(crate) async fn open(&self) -> Store {
        Store::open(self.config()).await.unwrap()
    }

    /// One that believes its memory however long the machine keeps it from the change log.
    pub(crate) async fn open_trusting(&self) -> Store {
        let mut config = self.config();
        config.stale_after = Duration::from_mins(1);
        Store::open(config).await.unwrap()
    }

    /// Whether these bytes stand anywhere in the database.
    pub(crate) fn holds(&self, bytes: &[u8]) -> bool {
        let within = |kept: &[u8], bytes: &[u8]| kept.windows(bytes.len()).any(|window| window == bytes);
        match &self.postgres {
            None => {
                let mut files = std::fs::read_dir(self.folder.path()).unwrap();
                files.any(|file| within(&std::fs::read(file.unwrap().path()).unwrap(), bytes))
            }
            // A dump has texts as they are and blobs as hexadecimal.
            Some(url) => {
                let dump = std::process::Command::new("pg_dump").arg("--dbname").arg(url).output().unwrap();
                assert!(dump.status.success(), "{dump:?}");
                let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                within(&dump.stdout, bytes) || within(&dump.stdout, hex.as_bytes())
            }
        }
    }
}

pub(crate) fn secret(text: &str) -> Secret {
    Secret::new(text).unwrap()
}

pub(crate) fn hash(byte: u8) -> KsHash {
    KsHash::new([byte; 20])
}

/// Partner 102 with known secrets.
pub(crate) fn partner_102() -> NewPartner {
    NewPartner {
        id: Some(PartnerId::new(102)),
        admin_name: "Ada".to_owned(),
        admin_email: "Ada@Example.com".to_owned(),
        admin_secret: Some(secret("admin secret of 102")),
        user_secret: Some(secret("user secret of 102")),
        ..NewPartner::named("Acme")
    }
}

pub(crate) async fn with_102(store: &Store) -> CreatedPartner {
    store.create_partner(partner_102(), NOW).await.unwrap()
}

pub(crate) const P102: PartnerId = PartnerId::new(102);

/// An app token of 102 with this key.
pub(crate) fn app_token(key: &str) -> NewAppToken {
    NewAppToken {
        id: None,
        partner_id: P102,
        token: Some(secret(key)),
        hash_type: AppTokenHash::Sha256,
        expiry: None,
        session_type: Some(0),
        session_user_id: None,
        session_duration: Some(3600),
        session_privileges: None,
        description: None,
        maker: None,
    }
}

/// Fails the test instead of waiting for ever.
pub(crate) async fn in_time<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), what).await.unwrap()
}

/// Waits until something is so; the test's own time limit is the judge.
pub(crate) async fn until(mut so: impl FnMut() -> bool) {
    while !so() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// What is remembered once it was looked for. Whoever follows the change log may just have read of a change of this very
/// process, and forgotten once more what it is about: then it is looked for again.
pub(crate) async fn remembered<T>(look: impl AsyncFn(), cached: impl Fn() -> Option<T>) -> T {
    loop {
        look().await;
        match cached() {
            Some(cached) => return cached,
            None => tokio::task::yield_now().await,
        }
    }
}
