//! Users of accounts and their logins: as much as sessions need.

use std::sync::Arc;

use ks_schema::ids::{RoleId, UserId};
use ks_token::PartnerId;
use zeroize::Zeroizing;

use crate::change::Change;
use crate::engine::{Fetch, Row, args};
use crate::error::StoreError;
use crate::partner::{self, NewPartner};
use crate::role::PARTNER_ADMIN_ROLE;
use crate::store::Store;
use crate::writer::Tx;

/// Whether a user may act (`KalturaUserStatus`). Deleted users are not seen at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UserStatus {
    /// 0: refused at every call.
    Blocked,
    /// 1.
    Active,
}

impl UserStatus {
    /// The number that clients see.
    #[must_use]
    pub const fn code(self) -> i64 {
        match self {
            Self::Blocked => 0,
            Self::Active => 1,
        }
    }
}

/// The number of a user over all accounts; clients never see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KuserId(i64);

impl KuserId {
    /// The number.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }
}

/// The number of a login, which may belong to users of several accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LoginId(i64);

impl LoginId {
    /// The number.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }
}

/// A user of an account. Times are Unix seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Its number over all accounts.
    pub id: KuserId,
    /// Its account.
    pub partner_id: PartnerId,
    /// Its id within the account.
    pub user_id: UserId,
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
    /// Its login.
    pub login_id: Option<LoginId>,
    /// Its roles, in the order of their ids; none: the default role of the session's kind.
    pub role_ids: Vec<RoleId>,
    /// When it was made.
    pub created_at: i64,
    /// When it last changed.
    pub updated_at: i64,
}

/// What a new user begins with; it is active.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// Its account.
    pub partner_id: PartnerId,
    /// Its id within the account.
    pub user_id: UserId,
    /// Whether its logins start admin sessions.
    pub is_admin: bool,
    /// The name that is shown.
    pub screen_name: String,
    /// Its e-mail address.
    pub email: String,
    /// Its roles.
    pub role_ids: Vec<RoleId>,
}

/// An argon2 hash in PHC format. It never prints itself.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(Zeroizing<String>);

impl PasswordHash {
    /// Takes the PHC text.
    pub fn new(phc: impl Into<String>) -> Self {
        Self(Zeroizing::new(phc.into()))
    }

    /// The PHC text.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash(..)")
    }
}

/// A login. Times are Unix seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// Its number.
    pub id: LoginId,
    /// Its e-mail address, folded.
    pub email: String,
    /// Its password; `None`: none was set yet.
    pub password_hash: Option<PasswordHash>,
    /// The account whose password rules hold.
    pub config_partner_id: PartnerId,
    /// When it was made.
    pub created_at: i64,
    /// When it last changed.
    pub updated_at: i64,
    /// When its password was last set.
    pub password_updated_at: Option<i64>,
}

/// One spelling for an e-mail address: trimmed, in lower case.
#[must_use]
pub fn fold_email(email: &str) -> String {
    email.trim().to_lowercase()
}

const USER: &str = "SELECT kuser.id, kuser.status, is_admin, is_account_owner, screen_name, email, login_data_id, \
     kuser.created_at, kuser.updated_at, user_role_id FROM kuser LEFT JOIN kuser_to_user_role ON kuser_id = kuser.id \
     WHERE partner_id = $1 AND puser_id = $2 AND kuser.status <> 2 ORDER BY user_role_id";

async fn read(db: &mut impl Fetch, partner_id: PartnerId, user_id: &UserId) -> Result<Option<User>, StoreError> {
    let rows = db.rows(USER, args![partner_id, user_id]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let roles = rows.iter().filter_map(|row| row.opt_role(9).transpose());
    Ok(Some(User {
        id: KuserId(row.int(0)?),
        partner_id,
        user_id: user_id.clone(),
        status: match row.int(1)? {
            0 => UserStatus::Blocked,
            1 => UserStatus::Active,
            _ => return Err(StoreError::Corrupt("user status")),
        },
        is_admin: row.flag(2)?,
        is_account_owner: row.flag(3)?,
        screen_name: row.text(4)?,
        email: row.text(5)?,
        login_id: row.opt_int(6)?.map(LoginId),
        created_at: row.int(7)?,
        updated_at: row.int(8)?,
        role_ids: roles.collect::<Result<_, _>>()?,
    }))
}

async fn set_roles(tx: &mut Tx, kuser: i64, partner: PartnerId, roles: &[RoleId]) -> Result<(), StoreError> {
    tx.execute("DELETE FROM kuser_to_user_role WHERE kuser_id = $1", args![kuser]).await?;
    for (place, role) in roles.iter().enumerate() {
        if roles[..place].contains(role) {
            continue;
        }
        // Only the account's own roles and the shared ones; another account's role must not leak in.
        let added = tx
            .execute(
                "INSERT INTO kuser_to_user_role (kuser_id, user_role_id) \
                 SELECT $1, id FROM user_role WHERE id = $2 AND partner_id IN (0, $3) AND status <> 3",
                args![kuser, *role, partner],
            )
            .await?;
        if added == 0 {
            return Err(StoreError::NotFound("role"));
        }
    }
    Ok(())
}

/// Makes the administrator of a new account, with a login unless the address has one; true when it had.
pub(crate) async fn insert_owner(tx: &mut Tx, new: &NewPartner, id: PartnerId, now: i64) -> Result<bool, StoreError> {
    let email = new.admin_email.trim();
    let hash = new.admin_password.as_ref().map(PasswordHash::expose);
    let made = tx
        .execute(
            "INSERT INTO user_login_data (login_email, password_hash, config_partner_id, created_at, updated_at, \
             password_updated_at) VALUES ($1, $2, $3, $4, $4, $5) ON CONFLICT (login_email) DO NOTHING",
            args![fold_email(email), hash, id, now, hash.map(|_| now)],
        )
        .await?;
    let rows = tx
        .fetch(
            "INSERT INTO kuser (partner_id, puser_id, login_data_id, is_admin, is_account_owner, status, screen_name, \
             email, created_at, updated_at) \
             SELECT $1, $2, id, 1, 1, 1, $3, $2, $4, $4 FROM user_login_data WHERE login_email = $5 RETURNING id",
            args![id, email, &new.admin_name, now, fold_email(email)],
        )
        .await?;
    let kuser = rows.first().ok_or(StoreError::Corrupt("login"))?.int(0)?;
    set_roles(tx, kuser, id, &[PARTNER_ADMIN_ROLE]).await?;
    tx.log(Change::User(id, UserId::new(email)), now).await?;
    Ok(made == 0)
}

fn read_login(row: &Row) -> Result<Login, StoreError> {
    Ok(Login {
        id: LoginId(row.int(0)?),
        email: row.text(1)?,
        password_hash: row.opt_text(2)?.map(PasswordHash::new),
        config_partner_id: row.partner(3)?,
        created_at: row.int(4)?,
        updated_at: row.int(5)?,
        password_updated_at: row.opt_int(6)?,
    })
}

impl Store {
    /// The user, from memory when memory may be believed, else from the database. `None`: unknown or deleted.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Closed`], [`StoreError::Corrupt`].
    pub async fn user(&self, partner: PartnerId, user: &UserId) -> Result<Option<Arc<User>>, StoreError> {
        if let Some(known) = self.cached_user(partner, user) {
            return Ok(known);
        }
        let users = &self.inner.memory.users;
        let since = users.generation();
        // The database cannot hold such an id, so nobody has it.
        let found = if user.as_str().contains('\0') {
            None
        } else {
            read(&mut self.inner.engine.reader().await?, partner, user).await?.map(Arc::new)
        };
        users.insert(since, (partner, user.clone()), found.clone());
        Ok(found)
    }

    /// The user from memory, without waiting. Outer `None`: memory does not know, ask [`Store::user`]; inner `None`:
    /// unknown or deleted.
    #[must_use]
    pub fn cached_user(&self, partner: PartnerId, user: &UserId) -> Option<Option<Arc<User>>> {
        let memory = &self.inner.memory;
        if memory.is_fresh() { memory.users.get(&(partner, user.clone())) } else { None }
    }

    /// Adds a user. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the account has this user; [`StoreError::NotFound`] for an unknown account or
    /// role; [`StoreError::Unavailable`].
    pub async fn add_user(&self, new: NewUser, now: i64) -> Result<User, StoreError> {
        let write = self.inner.writer.write(move |tx| {
            Box::pin(async move {
                let id = new.partner_id;
                if partner::read(tx, id).await?.is_none() {
                    return Err(StoreError::NotFound("account"));
                }
                if read(tx, id, &new.user_id).await?.is_some() {
                    return Err(StoreError::Conflict("user id"));
                }
                let rows = tx
                    .fetch(
                        "INSERT INTO kuser (partner_id, puser_id, is_admin, is_account_owner, status, screen_name, \
                         email, created_at, updated_at) VALUES ($1, $2, $3, 0, 1, $4, $5, $6, $6) RETURNING id",
                        args![id, &new.user_id, new.is_admin, &new.screen_name, &new.email, now],
                    )
                    .await?;
                let kuser = rows.first().ok_or(StoreError::Corrupt("user"))?.int(0)?;
                set_roles(tx, kuser, id, &new.role_ids).await?;
                tx.log(Change::User(id, new.user_id.clone()), now).await?;
                read(tx, id, &new.user_id).await?.ok_or(StoreError::Corrupt("user"))
            })
        });
        write.await
    }

    /// Blocks or unblocks a user: the next call hears of it. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Unavailable`].
    pub async fn set_user_status(
        &self,
        partner: PartnerId,
        user: UserId,
        status: UserStatus,
        now: i64,
    ) -> Result<(), StoreError> {
        let write = self.inner.writer.write(move |tx| {
            Box::pin(async move {
                let changed = tx
                    .execute(
                        "UPDATE kuser SET status = $3, updated_at = $4 \
                         WHERE partner_id = $1 AND puser_id = $2 AND status <> 2",
                        args![partner, &user, status.code(), now],
                    )
                    .await?;
                if changed == 0 {
                    return Err(StoreError::NotFound("user"));
                }
                tx.log(Change::User(partner, user), now).await
            })
        });
        write.await
    }

    /// Gives a user these roles and no others. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for an unknown user or role, or another account's role; [`StoreError::Unavailable`].
    pub async fn set_user_roles(
        &self,
        partner: PartnerId,
        user: UserId,
        roles: Vec<RoleId>,
        now: i64,
    ) -> Result<(), StoreError> {
        let write = self.inner.writer.write(move |tx| {
            Box::pin(async move {
                let found = read(tx, partner, &user).await?.ok_or(StoreError::NotFound("user"))?;
                set_roles(tx, found.id.0, partner, &roles).await?;
                tx.execute("UPDATE kuser SET updated_at = $2 WHERE id = $1", args![found.id.0, now]).await?;
                tx.log(Change::User(partner, user), now).await
            })
        });
        write.await
    }

    /// The user of an account who has this login.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Closed`], [`StoreError::Corrupt`].
    pub async fn user_of_login(&self, partner: PartnerId, login: LoginId) -> Result<Option<Arc<User>>, StoreError> {
        let rows = {
            let mut reader = self.inner.engine.reader().await?;
            let sql = "SELECT puser_id FROM kuser WHERE partner_id = $1 AND login_data_id = $2 AND status <> 2 \
                       ORDER BY id LIMIT 1";
            reader.fetch(sql, args![partner, login.0]).await?
        };
        match rows.first() {
            Some(row) => self.user(partner, &UserId::new(row.text(0)?)).await,
            None => Ok(None),
        }
    }

    /// The login of an e-mail address, in any spelling.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Closed`], [`StoreError::Invalid`] for a NUL.
    pub async fn login(&self, email: &str) -> Result<Option<Login>, StoreError> {
        let mut reader = self.inner.engine.reader().await?;
        let rows = reader
            .fetch(
                "SELECT id, login_email, password_hash, config_partner_id, created_at, updated_at, \
                 password_updated_at FROM user_login_data WHERE login_email = $1",
                args![fold_email(email)],
            )
            .await?;
        rows.first().map(read_login).transpose()
    }

    /// Sets a login's password. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Unavailable`].
    pub async fn set_password_hash(&self, login: LoginId, hash: PasswordHash, now: i64) -> Result<(), StoreError> {
        let write = self.inner.writer.write(move |tx| {
            Box::pin(async move {
                let changed = tx
                    .execute(
                        "UPDATE user_login_data SET password_hash = $2, updated_at = $3, password_updated_at = $3 \
                         WHERE id = $1",
                        args![login.0, hash.expose(), now],
                    )
                    .await?;
                if changed == 0 { Err(StoreError::NotFound("login")) } else { Ok(()) }
            })
        });
        write.await
    }
}
