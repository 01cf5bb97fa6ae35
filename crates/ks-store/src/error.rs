//! What can go wrong in the store. Nothing here carries a secret, a hash or a token.

use std::path::PathBuf;

/// Why the store could not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Something like it exists already; the text names what, such as `partner id`.
    #[error("{0} is taken")]
    Conflict(&'static str),
    /// There is no such thing; the text names what, such as `secret`.
    #[error("{0} not found")]
    NotFound(&'static str),
    /// The caller gave a value that cannot be stored; the text says which and why.
    #[error("invalid value: {0}")]
    Invalid(&'static str),
    /// The only enabled secret of its kind cannot be disabled or revoked: the account could not start sessions any more.
    #[error("the last enabled secret of an account cannot be taken away")]
    LastSecret,
    /// The primary secret cannot be disabled or revoked; another one must become primary first.
    #[error("the primary secret of an account cannot be taken away; make another one primary first")]
    PrimarySecret,
    /// The database did not answer, or not in time. The change may or may not have been kept.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// The server only speaks like the engine that it stands for.
    #[error("the database server lacks what this program relies on: {lacks} ({said})")]
    Unsuitable {
        /// What is missing.
        lacks: &'static str,
        /// How that showed.
        said: String,
    },
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// What the database holds makes no sense; the text names what.
    #[error("the database holds a malformed {0}")]
    Corrupt(&'static str),
    /// The key-encryption key is not the one that this database was made with.
    #[error("the key-encryption key does not belong to this database")]
    WrongKey,
    /// The key file could not be read, made or understood.
    #[error("key file {path}: {reason}")]
    KeyFile {
        /// Where the file is.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A newer version of this program has changed the database's layout.
    #[error("the database has layout {found}, this program knows up to {known}: use the newer program")]
    NewerLayout {
        /// The number of the newest migration that was applied.
        found: i64,
        /// The number of the newest migration of this program.
        known: i64,
    },
    /// The database has yet to be brought to the layout of this program, and that was not asked for.
    #[error("the database has layout {found}, this program needs {needed}: `ks migrate` brings it there")]
    OlderLayout {
        /// The number of the newest migration that was applied; 0: none.
        found: i64,
        /// The number of the newest migration of this program.
        needed: i64,
    },
    /// A copy goes into an empty database only.
    #[error("the database that is to be written has something in it already")]
    NotEmpty,
    /// What is to be replaced is in use.
    #[error("the database is in use: stop every node and command that works with it")]
    Busy,
    /// The source of randomness failed.
    #[error("no randomness available")]
    Random,
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(inner) if inner.is_unique_violation() => Self::Conflict("a unique value"),
            sqlx::Error::Database(inner) if inner.is_foreign_key_violation() => {
                Self::NotFound("what the row refers to")
            }
            sqlx::Error::Database(inner) if inner.is_check_violation() => Self::Invalid("a value is out of its range"),
            sqlx::Error::PoolClosed => Self::Closed,
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) | sqlx::Error::ColumnIndexOutOfBounds { .. } => {
                Self::Corrupt("column")
            }
            // Without what the library puts in front.
            sqlx::Error::Protocol(text) => Self::Unavailable(text),
            other => Self::Unavailable(other.to_string()),
        }
    }
}
