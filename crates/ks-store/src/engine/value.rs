//! The three kinds of values that columns hold, on their way in and out.

use ks_schema::ids::{CategoryId, EntryId, RoleId, SecretId, UserId, WidgetId};
use ks_token::{KsHash, PartnerId};
use sqlx::postgres::PgRow;
use sqlx::query::Query;
use sqlx::sqlite::SqliteRow;
use sqlx::{Column as _, Database, Decode, Encode, Row as _, SqlSafeStr, Type, TypeInfo as _};

use crate::error::StoreError;
use crate::user::KuserId;

/// A value for a statement. `None` is NULL of that kind, since PostgreSQL wants to know the kind.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) enum Value {
    Int(Option<i64>),
    Text(Option<String>),
    Blob(Option<Vec<u8>>),
}

macro_rules! from {
    ($($from:ty => |$value:ident| $to:expr;)*) => {
        $(impl From<$from> for Value {
            fn from($value: $from) -> Self {
                $to
            }
        })*
    };
}

from! {
    i64 => |value| Self::Int(Some(value));
    i32 => |value| Self::Int(Some(value.into()));
    Option<i64> => |value| Self::Int(value);
    bool => |value| Self::Int(Some(value.into()));
    Option<bool> => |value| Self::Int(value.map(i64::from));
    &str => |value| Self::Text(Some(value.to_owned()));
    String => |value| Self::Text(Some(value));
    &String => |value| Self::Text(Some(value.clone()));
    Option<&str> => |value| Self::Text(value.map(str::to_owned));
    Option<String> => |value| Self::Text(value);
    Vec<u8> => |value| Self::Blob(Some(value));
    Option<Vec<u8>> => |value| Self::Blob(value);
    PartnerId => |value| Self::Int(Some(value.get().into()));
    Option<PartnerId> => |value| Self::Int(value.map(|id| id.get().into()));
    KsHash => |value| Self::Blob(Some(value.as_bytes().to_vec()));
    RoleId => |value| Self::Int(Some(value.get()));
    Option<RoleId> => |value| Self::Int(value.map(RoleId::get));
    SecretId => |value| Self::Int(Some(value.get()));
    CategoryId => |value| Self::Int(Some(value.get()));
    KuserId => |value| Self::Int(Some(value.get()));
    Option<KuserId> => |value| Self::Int(value.map(KuserId::get));
    Option<&UserId> => |value| Self::from(value.map(UserId::as_str));
    &UserId => |value| Self::from(value.as_str());
    &WidgetId => |value| Self::from(value.as_str());
    &EntryId => |value| Self::from(value.as_str());
    Option<&WidgetId> => |value| Self::from(value.map(WidgetId::as_str));
    Option<&EntryId> => |value| Self::from(value.map(EntryId::as_str));
}

impl Value {
    /// PostgreSQL cannot store NUL in text, so no engine may.
    fn check(&self) -> Result<(), StoreError> {
        match self {
            Self::Text(Some(text)) if text.contains('\0') => Err(StoreError::Invalid("text holds a NUL character")),
            Self::Int(_) | Self::Text(_) | Self::Blob(_) => Ok(()),
        }
    }
}

/// A statement with the values in its places.
pub(super) fn query<'q, DB>(
    sql: impl SqlSafeStr,
    args: Vec<Value>,
) -> Result<Query<'q, DB, <DB as Database>::Arguments>, StoreError>
where
    DB: Database,
    Option<i64>: for<'t> Encode<'t, DB> + Type<DB>,
    Option<String>: for<'t> Encode<'t, DB> + Type<DB>,
    Option<Vec<u8>>: for<'t> Encode<'t, DB> + Type<DB>,
{
    args.into_iter().try_fold(sqlx::query(sql), |query, value| {
        value.check()?;
        Ok(match value {
            Value::Int(value) => query.bind(value),
            Value::Text(value) => query.bind(value),
            Value::Blob(value) => query.bind(value),
        })
    })
}

/// One row of a result; columns are counted from 0.
pub(crate) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl Row {
    fn read<'r, T>(&'r self, column: usize) -> Result<T, StoreError>
    where
        T: Decode<'r, sqlx::Sqlite> + Type<sqlx::Sqlite> + Decode<'r, sqlx::Postgres> + Type<sqlx::Postgres>,
    {
        match self {
            Self::Sqlite(row) => row.try_get(column).map_err(StoreError::from),
            Self::Postgres(row) => row.try_get(column).map_err(StoreError::from),
        }
    }

    /// An integer.
    pub(crate) fn int(&self, column: usize) -> Result<i64, StoreError> {
        self.opt_int(column)?.ok_or(StoreError::Corrupt("column"))
    }

    /// An integer or NULL.
    pub(crate) fn opt_int(&self, column: usize) -> Result<Option<i64>, StoreError> {
        let Self::Postgres(row) = self else { return self.read(column) };
        // Columns are all wide, but what a query computes may be of another type there.
        let kind = row.try_column(column)?.type_info().name();
        Ok(match kind {
            "INT4" => row.try_get::<Option<i32>, _>(column)?.map(i64::from),
            "BOOL" => row.try_get::<Option<bool>, _>(column)?.map(i64::from),
            _ => row.try_get(column)?,
        })
    }

    /// A flag, kept as 0 or 1.
    pub(crate) fn flag(&self, column: usize) -> Result<bool, StoreError> {
        self.int(column).map(|value| value != 0)
    }

    /// A flag or NULL.
    pub(crate) fn opt_flag(&self, column: usize) -> Result<Option<bool>, StoreError> {
        Ok(self.opt_int(column)?.map(|value| value != 0))
    }

    /// A text.
    pub(crate) fn text(&self, column: usize) -> Result<String, StoreError> {
        self.read(column)
    }

    /// A text or NULL.
    pub(crate) fn opt_text(&self, column: usize) -> Result<Option<String>, StoreError> {
        self.read(column)
    }

    /// Bytes.
    pub(crate) fn blob(&self, column: usize) -> Result<Vec<u8>, StoreError> {
        self.read(column)
    }

    /// Whatever is there.
    pub(crate) fn value(&self, column: usize, kind: super::Kind) -> Result<Value, StoreError> {
        Ok(match kind {
            super::Kind::Int => Value::Int(self.opt_int(column)?),
            super::Kind::Text => Value::Text(self.read(column)?),
            super::Kind::Blob => Value::Blob(self.read(column)?),
        })
    }

    /// A partner id.
    pub(crate) fn partner(&self, column: usize) -> Result<PartnerId, StoreError> {
        i32::try_from(self.int(column)?).map(PartnerId::new).map_err(|_| StoreError::Corrupt("partner id"))
    }

    /// A partner id or NULL.
    pub(crate) fn opt_partner(&self, column: usize) -> Result<Option<PartnerId>, StoreError> {
        if self.opt_int(column)?.is_some() { self.partner(column).map(Some) } else { Ok(None) }
    }

    /// A role id or NULL.
    pub(crate) fn opt_role(&self, column: usize) -> Result<Option<RoleId>, StoreError> {
        Ok(self.opt_int(column)?.map(RoleId::new))
    }

    /// The number of a user, or NULL.
    pub(crate) fn opt_kuser(&self, column: usize) -> Result<Option<KuserId>, StoreError> {
        Ok(self.opt_int(column)?.map(KuserId))
    }

    /// A revocation key.
    pub(crate) fn hash(&self, column: usize) -> Result<KsHash, StoreError> {
        self.blob(column)?.try_into().map(KsHash::new).map_err(|_| StoreError::Corrupt("hash"))
    }
}
