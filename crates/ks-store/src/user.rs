//! Users and groups of accounts: what is kept of one, and reading it.

use std::collections::HashMap;
use std::sync::Arc;

use ks_access::condition::{Column, Condition, fold};
use ks_schema::ids::{RoleId, UserId};
use ks_token::PartnerId;
use serde_json::{Map, Value as Json};

use crate::engine::{Fetch, Row, Value, args};
use crate::error::StoreError;
use crate::list::{FEW, Listed, Order, Page, any_is_there, counting, read_few, read_page};
use crate::login::{LoginId, NewLogin};
use crate::memory::UserKeyRef;
use crate::remembered::Counted;
use crate::store::Store;
use crate::writer::Tx;

/// Whether a user may act (`KalturaUserStatus`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UserStatus {
    /// 0: refused at every call.
    Blocked,
    /// 1.
    Active,
    /// 2: its id may be taken again.
    Deleted,
}

impl UserStatus {
    /// The number that clients see.
    #[must_use]
    pub const fn code(self) -> i64 {
        match self {
            Self::Blocked => 0,
            Self::Active => 1,
            Self::Deleted => 2,
        }
    }

    /// The status with this number.
    #[must_use]
    pub const fn from_code(code: i64) -> Option<Self> {
        Some(match code {
            0 => Self::Blocked,
            1 => Self::Active,
            2 => Self::Deleted,
            _ => return None,
        })
    }
}

/// Whether it is a person or a group of them (`KalturaUserType`); groups share the ids of users.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UserKind {
    /// 0.
    User,
    /// 1.
    Group,
    /// 2: a group that a program made.
    ApplicativeGroup,
}

impl UserKind {
    /// The number that clients see.
    #[must_use]
    pub const fn code(self) -> i64 {
        match self {
            Self::User => 0,
            Self::Group => 1,
            Self::ApplicativeGroup => 2,
        }
    }

    /// The kind with this number.
    #[must_use]
    pub const fn from_code(code: i64) -> Option<Self> {
        Some(match code {
            0 => Self::User,
            1 => Self::Group,
            2 => Self::ApplicativeGroup,
            _ => return None,
        })
    }
}

/// The number of a user over all accounts; clients never see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KuserId(pub(crate) i64);

impl KuserId {
    /// The number.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }
}

/// A user of an account, or a group. Times are Unix seconds.
#[derive(Clone, Debug, PartialEq)]
pub struct User {
    /// Its number over all accounts.
    pub id: KuserId,
    /// Its account.
    pub partner_id: PartnerId,
    /// Its id within the account.
    pub user_id: UserId,
    /// A person or a group.
    pub kind: UserKind,
    /// Whether it may act.
    pub status: UserStatus,
    /// Whether its logins start admin sessions.
    pub is_admin: bool,
    /// Whether it owns the account.
    pub is_account_owner: bool,
    /// The name that is shown.
    pub screen_name: String,
    /// Its e-mail address.
    pub email: String,
    /// Its first name.
    pub first_name: Option<String>,
    /// Its last name.
    pub last_name: Option<String>,
    /// Comma-separated tags.
    pub tags: Option<String>,
    /// Its login.
    pub login_id: Option<LoginId>,
    /// Whether that login may enter as this user: not while only the account says that the address is the user's.
    pub login_open: bool,
    /// Its roles, in the order of their ids; none: the default role of the session's kind.
    pub role_ids: Vec<RoleId>,
    /// Other properties of the API's user object, by their API names.
    pub properties: Map<String, Json>,
    /// The session id of sessions that its login starts.
    pub session_group: String,
    /// When it was made.
    pub created_at: i64,
    /// When it last changed.
    pub updated_at: i64,
    /// When its status last changed.
    pub status_updated_at: Option<i64>,
    /// When it was deleted.
    pub deleted_at: Option<i64>,
    /// When it last logged in, to within ten minutes.
    pub last_login_at: Option<i64>,
}

/// What a new user begins with.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// Its account.
    pub partner_id: PartnerId,
    /// Its id within the account.
    pub user_id: UserId,
    /// A person or a group.
    pub kind: UserKind,
    /// Whether it may act.
    pub status: UserStatus,
    /// Whether its logins start admin sessions.
    pub is_admin: bool,
    /// The name that is shown.
    pub screen_name: String,
    /// Its e-mail address.
    pub email: String,
    /// Its first name.
    pub first_name: Option<String>,
    /// Its last name.
    pub last_name: Option<String>,
    /// Comma-separated tags.
    pub tags: Option<String>,
    /// Its roles.
    pub role_ids: Vec<RoleId>,
    /// Other properties of the API's user object, by their API names.
    pub properties: Map<String, Json>,
    /// Its login, made or shared in the same change.
    pub login: Option<NewLogin>,
}

impl NewUser {
    /// An active user with this id, whose screen name it is, too.
    #[must_use]
    pub fn named(partner_id: PartnerId, user_id: UserId) -> Self {
        Self {
            partner_id,
            kind: UserKind::User,
            status: UserStatus::Active,
            is_admin: false,
            screen_name: user_id.as_str().to_owned(),
            email: String::new(),
            first_name: None,
            last_name: None,
            tags: None,
            role_ids: vec![],
            properties: Map::new(),
            login: None,
            user_id,
        }
    }

    /// What a user is now, as the beginning of a change.
    #[must_use]
    pub fn like(user: &User) -> Self {
        Self {
            kind: user.kind,
            status: user.status,
            is_admin: user.is_admin,
            screen_name: user.screen_name.clone(),
            email: user.email.clone(),
            first_name: user.first_name.clone(),
            last_name: user.last_name.clone(),
            tags: user.tags.clone(),
            role_ids: user.role_ids.clone(),
            properties: user.properties.clone(),
            ..Self::named(user.partner_id, user.user_id.clone())
        }
    }

    /// Makes a user what this says; its login stays.
    pub fn write_to(self, user: &mut User) {
        user.user_id = self.user_id;
        user.kind = self.kind;
        user.status = self.status;
        user.is_admin = self.is_admin;
        user.screen_name = self.screen_name;
        user.email = self.email;
        user.first_name = self.first_name;
        user.last_name = self.last_name;
        user.tags = self.tags;
        user.role_ids = self.role_ids;
        user.properties = self.properties;
    }
}

macro_rules! columns {
    () => {
        "id, partner_id, puser_id, type, status, is_admin, is_account_owner, screen_name, email, first_name, \
         last_name, tags, login_data_id, role_ids, properties, session_group, created_at, updated_at, \
         status_updated_at, deleted_at, last_login_at, login_open"
    };
}

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT ", crate::user::columns!(), " FROM kuser ", $rest)
    };
}
pub(crate) use {columns, select};

pub(crate) fn read_row(row: &Row) -> Result<User, StoreError> {
    const MALFORMED: StoreError = StoreError::Corrupt("user");
    let role_ids = row.text(13)?;
    let role_ids = role_ids.split(',').filter(|id| !id.is_empty()).map(|id| id.parse().map(RoleId::new));
    Ok(User {
        id: KuserId(row.int(0)?),
        partner_id: row.partner(1)?,
        user_id: UserId::new(row.text(2)?),
        kind: UserKind::from_code(row.int(3)?).ok_or(MALFORMED)?,
        status: UserStatus::from_code(row.int(4)?).ok_or(MALFORMED)?,
        is_admin: row.flag(5)?,
        is_account_owner: row.flag(6)?,
        screen_name: row.text(7)?,
        email: row.text(8)?,
        first_name: row.opt_text(9)?,
        last_name: row.opt_text(10)?,
        tags: row.opt_text(11)?,
        login_id: row.opt_int(12)?.map(LoginId),
        role_ids: role_ids.collect::<Result<_, _>>().map_err(|_| MALFORMED)?,
        properties: serde_json::from_str(&row.text(14)?).map_err(|_| MALFORMED)?,
        session_group: row.text(15)?,
        created_at: row.int(16)?,
        updated_at: row.int(17)?,
        status_updated_at: row.opt_int(18)?,
        deleted_at: row.opt_int(19)?,
        last_login_at: row.opt_int(20)?,
        login_open: row.flag(21)?,
    })
}

/// The user that has this id now.
pub(crate) async fn read(db: &mut impl Fetch, partner: PartnerId, user: &UserId) -> Result<Option<User>, StoreError> {
    let rows =
        db.rows(select!("WHERE partner_id = $1 AND puser_id = $2 AND status <> 2"), args![partner, user]).await?;
    rows.first().map(read_row).transpose()
}

/// Whether somebody has one of these ids now.
pub(crate) async fn any_has(tx: &mut Tx, partner: PartnerId, ids: &[&str]) -> Result<bool, StoreError> {
    let live = "(SELECT * FROM kuser WHERE status <> 2) AS kuser";
    any_is_there(tx, live, &Condition::int("partner_id", partner.get()), "puser_id", ids).await
}

/// The user that has this id now, else the one that had it last.
async fn read_any(db: &mut impl Fetch, partner: PartnerId, user: &UserId) -> Result<Option<User>, StoreError> {
    if let Some(found) = read(db, partner, user).await? {
        return Ok(Some(found));
    }
    let rows = db
        .rows(
            select!("WHERE partner_id = $1 AND puser_id = $2 AND status = 2 ORDER BY updated_at DESC, id DESC LIMIT 1"),
            args![partner, user],
        )
        .await?;
    rows.first().map(read_row).transpose()
}

/// Writes everything that may change of a user but its roles, login and session group.
pub(crate) async fn put(tx: &mut Tx, user: &User) -> Result<(), StoreError> {
    let mut values = kept(user);
    values.push(Value::from(user.id.0));
    tx.execute(
        "UPDATE kuser SET puser_id = $1, puser_id_folded = $2, type = $3, status = $4, is_admin = $5, \
         screen_name = $6, screen_name_folded = $7, email = $8, email_folded = $9, first_name = $10, \
         first_name_folded = $11, last_name = $12, last_name_folded = $13, tags = $14, tags_folded = $15, \
         properties = $16, updated_at = $17, status_updated_at = $18, deleted_at = $19 WHERE id = $20",
        values,
    )
    .await?;
    Ok(())
}

/// Makes rows of users, and answers the number of each. They have neither roles nor a login nor a session group.
pub(crate) async fn insert_rows(tx: &mut Tx, users: &[User]) -> Result<HashMap<UserId, KuserId>, StoreError> {
    let into = "kuser (puser_id, puser_id_folded, type, status, is_admin, screen_name, screen_name_folded, email, \
                email_folded, first_name, first_name_folded, last_name, last_name_folded, tags, tags_folded, properties, \
                updated_at, status_updated_at, deleted_at, partner_id, is_account_owner, created_at)";
    let row = |user: &User| {
        let mut values = kept(user);
        values.extend(args![user.partner_id, user.is_account_owner, user.created_at]);
        values
    };
    let made = tx.insert(into, users.iter().flat_map(row).collect(), "RETURNING puser_id, id").await?;
    made.iter().map(|row| Ok((UserId::new(row.text(0)?), KuserId(row.int(1)?)))).collect()
}

/// What [`put`] writes.
fn kept(user: &User) -> Vec<Value> {
    args![
        &user.user_id,
        fold(user.user_id.as_str()),
        user.kind.code(),
        user.status.code(),
        user.is_admin,
        &user.screen_name,
        fold(&user.screen_name),
        &user.email,
        fold(&user.email),
        user.first_name.as_deref(),
        user.first_name.as_deref().map(fold),
        user.last_name.as_deref(),
        user.last_name.as_deref().map(fold),
        user.tags.as_deref(),
        user.tags.as_deref().map(fold),
        Json::Object(user.properties.clone()).to_string(),
        user.updated_at,
        user.status_updated_at,
        user.deleted_at,
    ]
}

impl Store {
    /// The user that has this id, else the one that had it last and was deleted; from memory when memory may be
    /// believed, else from the database. `None`: nobody ever had it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Closed`], [`StoreError::Corrupt`].
    pub async fn user(&self, partner: PartnerId, user: &UserId) -> Result<Option<Arc<User>>, StoreError> {
        match self.cached_user(partner, user) {
            Some(known) => Ok(known),
            // Boxed, because it is seldom needed and large.
            None => Box::pin(self.read_user(partner, user)).await,
        }
    }

    async fn read_user(&self, partner: PartnerId, user: &UserId) -> Result<Option<Arc<User>>, StoreError> {
        let users = &self.inner.memory.users;
        let since = users.generation();
        // The database cannot hold such an id, so nobody has it.
        let found = if user.as_str().contains('\0') {
            None
        } else {
            read_any(&mut self.inner.engine.reader().await?, partner, user).await?.map(Arc::new)
        };
        users.insert(since, (partner, user.clone()), found.clone());
        Ok(found)
    }

    /// The user that has this id now.
    ///
    /// # Errors
    /// As [`Store::user`].
    pub async fn live_user(&self, partner: PartnerId, user: &UserId) -> Result<Option<Arc<User>>, StoreError> {
        Ok(self.user(partner, user).await?.filter(|user| user.status != UserStatus::Deleted))
    }

    /// The user from memory, without waiting. Outer `None`: memory does not know, ask [`Store::user`]; inner `None`:
    /// nobody ever had this id.
    #[must_use]
    pub fn cached_user(&self, partner: PartnerId, user: &UserId) -> Option<Option<Arc<User>>> {
        let memory = &self.inner.memory;
        if memory.is_fresh() { memory.users.get(&UserKeyRef(partner, user)) } else { None }
    }

    /// One page of an account's users and groups, deleted ones too unless the condition says otherwise, and how many
    /// there are in all.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Closed`], [`StoreError::Invalid`] for a NUL.
    pub async fn users(
        &self,
        partner: PartnerId,
        condition: Condition,
        order: &[Order],
        page: Page,
    ) -> Result<(Vec<User>, u64), StoreError> {
        self.list_users("kuser", partner, condition, order, page).await
    }

    /// The same of its groups alone.
    ///
    /// # Errors
    /// As [`Store::users`].
    pub async fn user_groups(
        &self,
        partner: PartnerId,
        condition: Condition,
        order: &[Order],
        page: Page,
    ) -> Result<(Vec<User>, u64), StoreError> {
        // So that the index is taken that has groups only.
        const GROUPS: &str = "(SELECT * FROM kuser WHERE type <> 0) AS kuser";
        let kinds = [UserKind::Group, UserKind::ApplicativeGroup].map(UserKind::code);
        self.list_users(GROUPS, partner, condition.and(Condition::ints("type", kinds)), order, page).await
    }

    async fn list_users(
        &self,
        table: &'static str,
        partner: PartnerId,
        condition: Condition,
        order: &[Order],
        page: Page,
    ) -> Result<(Vec<User>, u64), StoreError> {
        const COUNTED_BY: [Column; 5] = ["partner_id", "retired", "status", "type", "is_admin"];
        const KEPT: &str = "(SELECT partner_id, 0 AS retired, type, status, is_admin, \
             CASE has_login WHEN 1 THEN 1 END AS login_data_id, users AS number FROM user_count) AS kept";
        // An id that a user had before is nobody.
        let condition = Condition::int("partner_id", partner.get()).and(Condition::int("retired", 0)).and(condition);
        let is_kept = condition.looks_only_at(&COUNTED_BY, &["login_data_id"]);
        let counted = if is_kept { Counted::Kept(KEPT) } else { Counted::Users(partner) };
        let listed = Listed { table, columns: columns!(), key: "id" };
        let (mut snapshot, era) = self.counting().await?;
        let counting = counting(&listed, counted, &condition);
        let total = self.inner.memory.remembered.number(era, &mut snapshot, counted, counting).await?;
        // Indexes have what is rare among users: administrators, groups, and who may log in.
        let by_kind = is_kept && !condition.looks_only_at(&COUNTED_BY[..3], &[]);
        let users = if by_kind && total <= FEW {
            read_few(&mut snapshot, &listed, &condition, order, page, read_row).await?
        } else {
            read_page(&mut snapshot, &listed, &condition, order, page, read_row).await?
        };
        Ok((users, total))
    }
}
