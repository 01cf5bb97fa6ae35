//! What the change log says: which cached things are no longer true.

use ks_schema::ids::{CategoryId, EntryId, UserId};
use ks_token::{KsHash, PartnerId};

use crate::engine::{Row, Value, args};
use crate::error::StoreError;

/// A change that caches must hear of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// A partner or its secrets.
    Account(PartnerId),
    /// A user, its status or its roles.
    User(PartnerId, UserId),
    /// A role of this partner.
    Roles(PartnerId),
    /// Something that nobody caches; kept so that the log is complete.
    Widget(PartnerId, String),
    /// The same.
    AppToken(PartnerId, String),
    /// The permissions of this partner, or their items.
    Permissions(PartnerId),
    /// The same: a user joined or left a group.
    Member(PartnerId, UserId),
    /// The same: a user logged in.
    Login(PartnerId, UserId),
    /// The same: a category.
    Category(PartnerId, CategoryId),
    /// The same: members of a category.
    CategoryUser(PartnerId, CategoryId),
    /// The same: the categories of an entry.
    CategoryEntry(PartnerId, EntryId),
    /// The same: an entry.
    Entry(PartnerId, EntryId),
    /// The same: a response profile.
    ResponseProfile(PartnerId, i64),
    /// A key-encryption key was added to key files, or taken up; its id.
    SecretKey(String),
    /// A token or a session group was revoked until a time, or for ever.
    Revoked(PartnerId, KsHash, Option<i64>),
}

pub(crate) const APPEND: &str =
    "INSERT INTO change_log (at, kind, partner_id, object_key, value) VALUES ($1, $2, $3, $4, $5) RETURNING seq";

/// What the values of a change are inserted into.
pub(crate) const TABLE: &str = "change_log (at, kind, partner_id, object_key, value)";

impl Change {
    /// The values of [`APPEND`], which are those of [`TABLE`]'s columns.
    pub(crate) fn values(&self, at: i64) -> Vec<Value> {
        match self {
            Self::Account(partner) => args![at, "account", *partner, "", None::<i64>],
            Self::User(partner, user) => args![at, "user", *partner, user, None::<i64>],
            Self::Roles(partner) => args![at, "roles", *partner, "", None::<i64>],
            Self::Widget(partner, id) => args![at, "widget", *partner, id, None::<i64>],
            Self::AppToken(partner, id) => args![at, "app_token", *partner, id, None::<i64>],
            Self::Permissions(partner) => args![at, "permissions", *partner, "", None::<i64>],
            Self::Member(partner, user) => args![at, "member", *partner, user, None::<i64>],
            Self::Login(partner, user) => args![at, "login", *partner, user, None::<i64>],
            Self::Category(partner, id) => args![at, "category", *partner, id.to_string(), None::<i64>],
            Self::CategoryUser(partner, id) => args![at, "category_user", *partner, id.to_string(), None::<i64>],
            Self::CategoryEntry(partner, id) => args![at, "category_entry", *partner, id, None::<i64>],
            Self::Entry(partner, id) => args![at, "entry", *partner, id, None::<i64>],
            Self::ResponseProfile(partner, id) => args![at, "response_profile", *partner, id.to_string(), None::<i64>],
            Self::SecretKey(id) => args![at, "secret_key", PartnerId::new(0), id, None::<i64>],
            Self::Revoked(partner, hash, until) => args![at, "revoked", *partner, hash.to_string(), *until],
        }
    }

    /// What was changed, as the audit trail names it: its kind, its account, and which one if there are several.
    pub(crate) fn object(&self) -> (&'static str, PartnerId, String) {
        match self {
            Self::Account(partner) => ("partner", *partner, partner.to_string()),
            Self::User(partner, user) => ("user", *partner, user.to_string()),
            Self::Roles(partner) => ("userRole", *partner, String::new()),
            Self::Widget(partner, id) => ("widget", *partner, id.clone()),
            Self::AppToken(partner, id) => ("appToken", *partner, id.clone()),
            Self::Permissions(partner) => ("permission", *partner, String::new()),
            Self::Member(partner, user) => ("groupUser", *partner, user.to_string()),
            Self::Login(partner, user) => ("login", *partner, user.to_string()),
            Self::Category(partner, id) => ("category", *partner, id.to_string()),
            Self::CategoryUser(partner, id) => ("categoryUser", *partner, id.to_string()),
            Self::CategoryEntry(partner, id) => ("categoryEntry", *partner, id.to_string()),
            Self::Entry(partner, id) => ("baseEntry", *partner, id.to_string()),
            Self::ResponseProfile(partner, id) => ("responseProfile", *partner, id.to_string()),
            Self::SecretKey(id) => ("secretKey", PartnerId::new(0), id.clone()),
            Self::Revoked(partner, hash, _) => ("session", *partner, hash.to_string()),
        }
    }

    /// Reads `kind, partner_id, object_key, value` beginning at a column. `None`: a kind that a newer program wrote.
    pub(crate) fn read(row: &Row, column: usize) -> Result<Option<Self>, StoreError> {
        let (kind, partner, key) = (row.text(column)?, row.partner(column + 1)?, row.text(column + 2)?);
        let number = || key.parse().map(CategoryId::new).map_err(|_| StoreError::Corrupt("change log"));
        Ok(Some(match kind.as_str() {
            "category" => Self::Category(partner, number()?),
            "category_user" => Self::CategoryUser(partner, number()?),
            "category_entry" => Self::CategoryEntry(partner, EntryId::new(key)),
            "entry" => Self::Entry(partner, EntryId::new(key)),
            "account" => Self::Account(partner),
            "user" => Self::User(partner, UserId::new(key)),
            "roles" => Self::Roles(partner),
            "widget" => Self::Widget(partner, key),
            "app_token" => Self::AppToken(partner, key),
            "permissions" => Self::Permissions(partner),
            "member" => Self::Member(partner, UserId::new(key)),
            "login" => Self::Login(partner, UserId::new(key)),
            "response_profile" => {
                Self::ResponseProfile(partner, key.parse().map_err(|_| StoreError::Corrupt("change log"))?)
            }
            "secret_key" => Self::SecretKey(key),
            "revoked" => {
                let hash = key.parse().map_err(|_| StoreError::Corrupt("change log"))?;
                Self::Revoked(partner, hash, row.opt_int(column + 3)?)
            }
            _ => return Ok(None),
        }))
    }
}
