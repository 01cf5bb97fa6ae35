//! Where the store lives and what it is given: nothing here is taken from the surroundings.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::error::StoreError;
use crate::kek::Kek;

/// The present as Unix seconds. `ks dev` passes one that can be moved.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// A source of random bytes, good enough for keys.
pub trait Random: Send + Sync {
    /// Fills the whole slice.
    ///
    /// # Errors
    /// [`StoreError::Random`] when no randomness is available.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), StoreError>;
}

/// The operating system's random bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsRandom;

impl Random for OsRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), StoreError> {
        getrandom::fill(bytes).map_err(|_| StoreError::Random)
    }
}

/// The computer's clock.
#[must_use]
pub fn system_clock() -> Clock {
    Arc::new(|| {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    })
}

/// Which database: `sqlite:PATH` or `postgres://…`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DatabaseUrl {
    /// One SQLite file; it is made when it is missing.
    Sqlite(PathBuf),
    /// A PostgreSQL database, for one node or several.
    Postgres(PostgresUrl),
}

/// `postgres://USER:PASSWORD@HOST:PORT,HOST:PORT/DATABASE?OPTION=…`. Of several servers the primary is used, whichever
/// that is. It may hold a password, so it is shown without.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresUrl(String);

impl PostgresUrl {
    fn new(text: &str) -> Result<Self, InvalidDatabaseUrl> {
        let url = Self(text.to_owned());
        let targets = url.options().filter_map(|(name, value)| (name == TARGET).then_some(value));
        if targets.into_iter().any(|target| !["primary", "read-write"].contains(&target)) {
            return Err(InvalidDatabaseUrl::Target);
        }
        let readable = |url: &String| sqlx::postgres::PgConnectOptions::from_str(url).is_ok();
        if url.servers().iter().all(readable) { Ok(url) } else { Err(InvalidDatabaseUrl::MalformedPostgres) }
    }

    /// A URL for each server that is named: by hosts in front of the database, or by an option `host` of several.
    pub(crate) fn servers(&self) -> Vec<String> {
        let (scheme, rest) = self.0.split_once("://").unwrap_or(("postgres", &self.0));
        let plain = rest.split('?').next().unwrap_or_default();
        let (authority, path) = plain.split_once('/').unwrap_or((plain, ""));
        let (user, hosts) = authority.rsplit_once('@').map_or(("", authority), |(user, hosts)| (user, hosts));
        let at = if user.is_empty() { "" } else { "@" };
        // What is said of a target is always so: only a primary takes changes.
        let others = self.options().filter(|(name, _)| *name != TARGET);
        let (named, others): (Vec<_>, Vec<_>) =
            others.partition(|(name, value)| *name == "host" && value.contains(','));
        let url = |host: &str, named: Option<&str>| {
            let named = named.map(|host| format!("host={host}"));
            let others = others.iter().map(|(name, value)| format!("{name}={value}"));
            let options: Vec<String> = others.chain(named).collect();
            let mark = if options.is_empty() { "" } else { "?" };
            format!("{scheme}://{user}{at}{host}/{path}{mark}{}", options.join("&"))
        };
        match named.first() {
            Some((_, list)) => list.split(',').map(|host| url(hosts, Some(host))).collect(),
            None => hosts.split(',').map(|host| url(host, None)).collect(),
        }
    }

    fn options(&self) -> impl Iterator<Item = (&str, &str)> {
        let options = self.0.split_once('?').map_or("", |(_, options)| options);
        options
            .split('&')
            .filter(|option| !option.is_empty())
            .map(|option| option.split_once('=').unwrap_or((option, "")))
    }
}

/// The option by which programs on libpq say that they want the primary of several servers.
const TARGET: &str = "target_session_attrs";

impl std::fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

impl std::fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        // A password may stand in front of the host, or among the options.
        let plain = rest.split('?').next().unwrap_or_default();
        let place = plain.rsplit_once('@').map_or(plain, |(_, place)| place);
        write!(f, "postgres://{place}")
    }
}

/// The text does not name a database.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidDatabaseUrl {
    /// It does not begin with a known engine.
    #[error("a database is named as `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/DATABASE`")]
    UnknownEngine,
    /// PostgreSQL's part cannot be understood.
    #[error("the URL of a PostgreSQL database is `postgres://USER:PASSWORD@HOST:PORT/DATABASE`")]
    MalformedPostgres,
    /// Another server than the primary is asked for.
    #[error("`target_session_attrs` can be `primary` or `read-write`: only the primary takes changes")]
    Target,
    /// There is nothing after `sqlite:`.
    #[error("`sqlite:` needs the path of a file")]
    MissingPath,
    /// In-memory databases keep nothing and cannot be shared by connections.
    #[error("an in-memory SQLite database is not supported: name a file")]
    InMemory,
    /// Everything after `?` would be ignored, so it is refused.
    #[error("options after `?` are not supported")]
    Options,
}

impl DatabaseUrl {
    /// An SQLite file.
    pub fn sqlite(path: impl Into<PathBuf>) -> Self {
        Self::Sqlite(path.into())
    }
}

impl FromStr for DatabaseUrl {
    type Err = InvalidDatabaseUrl;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return PostgresUrl::new(text).map(Self::Postgres);
        }
        let path = text.strip_prefix("sqlite:").ok_or(InvalidDatabaseUrl::UnknownEngine)?;
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() {
            Err(InvalidDatabaseUrl::MissingPath)
        } else if path == ":memory:" {
            Err(InvalidDatabaseUrl::InMemory)
        } else if path.contains('?') {
            Err(InvalidDatabaseUrl::Options)
        } else {
            Ok(Self::sqlite(path))
        }
    }
}

impl std::fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(url) => write!(f, "{url}"),
        }
    }
}

/// Where the key-encryption key comes from.
#[derive(Debug)]
pub enum KekSource {
    /// The key itself.
    Key(Kek),
    /// A file with one key on each line, as 64 hexadecimal characters; it is made (readable by its owner only) when it is
    /// missing. The database says which of them is in use.
    File(PathBuf),
}

/// When a store that is opened may change the layout of its database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Migrate {
    /// Whenever something is missing.
    Always,
    /// Only where there is nothing yet.
    WhenEmpty,
    /// Never.
    Never,
}

impl Migrate {
    /// What is usual. A file has one program, which brings it along. A PostgreSQL database has several nodes and may have
    /// much in it: when its layout changes, and under whose rights, is for its operator to say, by `ks migrate`.
    #[must_use]
    pub fn usual(database: &DatabaseUrl) -> Self {
        match database {
            DatabaseUrl::Sqlite(_) => Self::Always,
            DatabaseUrl::Postgres(_) => Self::WhenEmpty,
        }
    }
}

/// Everything that [`crate::Store::open`] needs.
pub struct StoreConfig {
    /// Which database.
    pub database: DatabaseUrl,
    /// The key that encrypts account secrets at rest.
    pub kek: KekSource,
    /// The present, for background work; callers pass their own `now` to each change.
    pub clock: Clock,
    /// Randomness for nonces and for secrets that nobody gave.
    pub random: Arc<dyn Random>,
    /// How often the change log is looked at. Default 100 ms.
    pub follow_every: Duration,
    /// Whether nodes tell each other of changes by PostgreSQL's `NOTIFY`, besides looking. Default true.
    pub hints: bool,
    /// The name under which this process says that it serves, and which keys it has; `None`: it does not serve.
    pub serves_as: Option<String>,
    /// How old the last look at the change log may be before memory is no longer believed. Default 2 s.
    pub stale_after: Duration,
    /// How often the last use of secrets is written. Default 60 s.
    pub flush_last_used_every: Duration,
    /// How often refusals are written. Default 500 ms.
    pub flush_refusals_every: Duration,
    /// For how many seconds refusals are kept. Default 7 days.
    pub keep_refusals_for: i64,
    /// How many refusals are kept at most. Default 100,000.
    pub keep_refusals: i64,
    /// How often what has lapsed is deleted. Default 10 minutes.
    pub prune_every: Duration,
    /// When the layout of the database may be changed. Default [`Migrate::usual`].
    pub migrate: Migrate,
    /// Whether an acknowledged change is on disk. Default true; a database that is thrown away needs no disk.
    pub durable: bool,
    /// Calls of the database that are made to fail: for tests, and in builds with debug assertions only.
    #[cfg(debug_assertions)]
    pub faults: Option<Arc<crate::Faults>>,
}

impl StoreConfig {
    /// The usual settings, with the computer's clock and the operating system's randomness.
    #[must_use]
    pub fn new(database: DatabaseUrl, kek: KekSource) -> Self {
        Self {
            migrate: Migrate::usual(&database),
            database,
            kek,
            clock: system_clock(),
            random: Arc::new(OsRandom),
            follow_every: Duration::from_millis(100),
            hints: true,
            serves_as: None,
            stale_after: Duration::from_secs(2),
            flush_last_used_every: Duration::from_secs(60),
            flush_refusals_every: Duration::from_millis(500),
            keep_refusals_for: 7 * 86_400,
            keep_refusals: 100_000,
            prune_every: Duration::from_secs(600),
            durable: true,
            #[cfg(debug_assertions)]
            faults: None,
        }
    }

    /// An SQLite file `ks.db` and a key file `ks.key` in one folder, both made when missing.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        Self::new(DatabaseUrl::sqlite(folder.join("ks.db")), KekSource::File(folder.join("ks.key")))
    }

    /// Sets the clock of background work.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Sets the source of randomness.
    #[must_use]
    pub fn with_random(mut self, random: Arc<dyn Random>) -> Self {
        self.random = random;
        self
    }
}

impl std::fmt::Debug for StoreConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoreConfig").field("database", &self.database).field("kek", &self.kek).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        for url in [
            "postgres://u:canary@h:5433/ks",
            "postgres:///ks?host=/run/pg&password=canary",
            "postgresql://u:can@ry@h/ks",
        ] {
            let url: DatabaseUrl = url.parse().expect("a URL");
            let shown = format!("{url} {url:?}");
            assert!(!shown.contains("can") && shown.contains("/ks"), "{shown}");
        }
    }

    #[test]
    fn several_servers_are_named_as_for_libpq() {
        let servers = |url: &str| match url.parse() {
            Ok(DatabaseUrl::Postgres(url)) => url.servers(),
            other => panic!("{other:?}"),
        };
        assert_eq!(servers("postgres://u:p@h:5433/ks?sslmode=disable"), ["postgres://u:p@h:5433/ks?sslmode=disable"]);
        assert_eq!(servers("postgres:///ks?host=/run/pg"), ["postgres:///ks?host=/run/pg"]);
        assert_eq!(
            servers("postgres://u:p@a:5433,b/ks?sslmode=require&target_session_attrs=read-write"),
            ["postgres://u:p@a:5433/ks?sslmode=require", "postgres://u:p@b/ks?sslmode=require"]
        );
        assert_eq!(
            servers("postgres://u@localhost/ks?host=/run/a,/run/b&target_session_attrs=primary"),
            ["postgres://u@localhost/ks?host=/run/a", "postgres://u@localhost/ks?host=/run/b"]
        );
        let url: DatabaseUrl = "postgres://u:canary@a,b/ks".parse().expect("a URL");
        assert_eq!(url.to_string(), "postgres://a,b/ks");
    }

    #[test]
    fn a_database_is_named_in_one_way() {
        assert_eq!("sqlite:a/b.db".parse(), Ok(DatabaseUrl::sqlite("a/b.db")));
        assert_eq!("sqlite:///a/b.db".parse(), Ok(DatabaseUrl::sqlite("/a/b.db")));
        for (text, error) in [
            ("a.db", InvalidDatabaseUrl::UnknownEngine),
            ("mysql://localhost/ks", InvalidDatabaseUrl::UnknownEngine),
            ("postgres://localhost:port/ks", InvalidDatabaseUrl::MalformedPostgres),
            ("postgres://a,b:port/ks", InvalidDatabaseUrl::MalformedPostgres),
            ("postgres://a,b/ks?target_session_attrs=standby", InvalidDatabaseUrl::Target),
            ("sqlite:", InvalidDatabaseUrl::MissingPath),
            ("sqlite::memory:", InvalidDatabaseUrl::InMemory),
            ("sqlite:a.db?mode=ro", InvalidDatabaseUrl::Options),
        ] {
            assert_eq!(text.parse::<DatabaseUrl>(), Err(error), "{text}");
        }
    }
}
