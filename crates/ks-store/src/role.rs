//! Roles: named lists of permissions. Those of account 0 are shared by all accounts.

use std::ops::Deref;
use std::sync::Arc;

use ks_schema::ids::RoleId;
use ks_token::PartnerId;

use crate::change::Change;
use crate::engine::{Fetch, Row, args};
use crate::error::StoreError;
use crate::partner;
use crate::store::Store;

/// The built-in role of calls without a session.
pub const NO_SESSION_ROLE: RoleId = RoleId::new(1);
/// The built-in role of user sessions.
pub const BASE_USER_SESSION_ROLE: RoleId = RoleId::new(2);
/// The built-in role of widget sessions.
pub const WIDGET_SESSION_ROLE: RoleId = RoleId::new(3);
/// The built-in role of admin sessions.
pub const PARTNER_ADMIN_ROLE: RoleId = RoleId::new(4);

/// Whether a role counts (`KalturaUserRoleStatus`). Deleted roles are not seen at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RoleStatus {
    /// 1.
    Active,
    /// 2.
    Blocked,
}

impl RoleStatus {
    /// The number that clients see.
    #[must_use]
    pub const fn code(self) -> i64 {
        match self {
            Self::Active => 1,
            Self::Blocked => 2,
        }
    }
}

/// A role. Times are Unix seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Its id, unique over all accounts.
    pub id: RoleId,
    /// Its account; 0: shared by all.
    pub partner_id: PartnerId,
    /// The name by which sessions may ask for it; unique within the account.
    pub system_name: Option<String>,
    /// Its name.
    pub name: String,
    /// Free text.
    pub description: String,
    /// Whether it counts.
    pub status: RoleStatus,
    /// Comma-separated permission names; `*` is all.
    pub permission_names: String,
    /// Comma-separated tags.
    pub tags: String,
    /// When it was made.
    pub created_at: i64,
    /// When it last changed.
    pub updated_at: i64,
}

/// A role where it lies in memory, among the others of its account. Every call looks for one, so it is not copied.
#[derive(Clone, Debug)]
pub struct FoundRole {
    all: Arc<[Role]>,
    at: usize,
}

impl Deref for FoundRole {
    type Target = Role;

    fn deref(&self) -> &Role {
        &self.all[self.at]
    }
}

/// What a new role begins with; it is active.
#[derive(Clone, Debug)]
pub struct NewRole {
    /// Its account.
    pub partner_id: PartnerId,
    /// The name by which sessions may ask for it.
    pub system_name: Option<String>,
    /// Its name.
    pub name: String,
    /// Free text.
    pub description: String,
    /// Comma-separated permission names; `*` is all.
    pub permission_names: String,
    /// Comma-separated tags.
    pub tags: String,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, partner_id, system_name, name, description, status, permission_names, tags, created_at, ",
            "updated_at FROM user_role ",
            $rest
        )
    };
}

fn read_row(row: &Row) -> Result<Role, StoreError> {
    Ok(Role {
        id: RoleId::new(row.int(0)?),
        partner_id: row.partner(1)?,
        system_name: row.opt_text(2)?,
        name: row.text(3)?,
        description: row.text(4)?,
        status: match row.int(5)? {
            1 => RoleStatus::Active,
            2 => RoleStatus::Blocked,
            _ => return Err(StoreError::Corrupt("role status")),
        },
        permission_names: row.text(6)?,
        tags: row.text(7)?,
        created_at: row.int(8)?,
        updated_at: row.int(9)?,
    })
}

async fn read(db: &mut impl Fetch, partner: PartnerId, id: RoleId) -> Result<Role, StoreError> {
    let rows = db.rows(select!("WHERE id = $1 AND partner_id = $2 AND status <> 3"), args![id, partner]).await?;
    read_row(rows.first().ok_or(StoreError::NotFound("role"))?)
}

impl Store {
    /// All roles of one account (0: the shared ones) in the order of their ids, from memory when memory may be
    /// believed, else from the database.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Closed`], [`StoreError::Corrupt`].
    pub async fn roles(&self, partner: PartnerId) -> Result<Arc<[Role]>, StoreError> {
        if let Some(known) = self.cached_roles(partner) {
            return Ok(known);
        }
        let memory = &self.inner.memory.roles;
        let since = memory.generation();
        let mut reader = self.inner.engine.reader().await?;
        let rows = reader.fetch(select!("WHERE partner_id = $1 AND status <> 3 ORDER BY id"), args![partner]).await?;
        let roles: Arc<[Role]> = rows.iter().map(read_row).collect::<Result<_, _>>()?;
        memory.insert(since, partner, Arc::clone(&roles));
        Ok(roles)
    }

    /// All roles of one account from memory, without waiting. `None`: memory does not know, ask [`Store::roles`].
    #[must_use]
    pub fn cached_roles(&self, partner: PartnerId) -> Option<Arc<[Role]>> {
        let memory = &self.inner.memory;
        if memory.is_fresh() { memory.roles.get(&partner) } else { None }
    }

    /// The role with this id, if it belongs to the account or is shared.
    ///
    /// # Errors
    /// As [`Store::roles`].
    pub async fn role(&self, partner: PartnerId, id: RoleId) -> Result<Option<Role>, StoreError> {
        Ok(self.search_roles(partner, |role| role.id == id).await?.as_deref().cloned())
    }

    /// The role with this system name: the account's own, else a shared one.
    ///
    /// # Errors
    /// As [`Store::roles`].
    pub async fn role_by_system_name(&self, partner: PartnerId, name: &str) -> Result<Option<Role>, StoreError> {
        let is = |role: &Role| role.system_name.as_deref() == Some(name);
        Ok(self.search_roles(partner, is).await?.as_deref().cloned())
    }

    /// The role that a session may ask for by this text: an id when it is a number, else a system name; the account's
    /// own, else a shared one.
    ///
    /// # Errors
    /// As [`Store::roles`].
    pub async fn find_role(&self, partner: PartnerId, text: &str) -> Result<Option<FoundRole>, StoreError> {
        let id = text.parse().map(RoleId::new);
        self.search_roles(partner, |role| match id {
            Ok(id) => role.id == id,
            Err(_) => role.system_name.as_deref() == Some(text),
        })
        .await
    }

    async fn search_roles(
        &self,
        partner: PartnerId,
        is: impl Fn(&Role) -> bool,
    ) -> Result<Option<FoundRole>, StoreError> {
        for owner in [partner, PartnerId::new(0)] {
            let all = match self.cached_roles(owner) {
                Some(known) => known,
                // Boxed, because it is seldom needed and large.
                None => Box::pin(self.roles(owner)).await?,
            };
            if let Some(at) = all.iter().position(&is) {
                return Ok(Some(FoundRole { all, at }));
            }
        }
        Ok(None)
    }

    /// Adds a role. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the account has this system name; [`StoreError::NotFound`] for an unknown
    /// account; [`StoreError::Unavailable`].
    pub async fn add_role(&self, new: NewRole, now: i64) -> Result<Role, StoreError> {
        let write = self.inner.writer.write(move |tx| {
            Box::pin(async move {
                if partner::read(tx, new.partner_id).await?.is_none() {
                    return Err(StoreError::NotFound("account"));
                }
                let rows = tx
                    .fetch(
                        "INSERT INTO user_role (partner_id, system_name, name, description, status, \
                         permission_names, tags, created_at, updated_at) VALUES ($1, $2, $3, $4, 1, $5, $6, $7, $7) \
                         ON CONFLICT DO NOTHING RETURNING id",
                        args![
                            new.partner_id,
                            new.system_name,
                            &new.name,
                            &new.description,
                            &new.permission_names,
                            &new.tags,
                            now
                        ],
                    )
                    .await?;
                let id = rows.first().ok_or(StoreError::Conflict("role system name"))?.int(0)?;
                tx.log(Change::Roles(new.partner_id), now).await?;
                let rows = tx.fetch(select!("WHERE id = $1"), args![id]).await?;
                read_row(rows.first().ok_or(StoreError::Corrupt("role"))?)
            })
        });
        write.await
    }

    /// Changes a role: `change` gets it as it is and leaves it as it shall be. Its id, its account and when it was made
    /// stay. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the account itself has no such role; [`StoreError::Conflict`] when it has the new
    /// system name; [`StoreError::Unavailable`].
    pub async fn update_role<F>(&self, partner: PartnerId, id: RoleId, now: i64, change: F) -> Result<Role, StoreError>
    where
        F: FnOnce(&mut Role) + Send + 'static,
    {
        let write = self.inner.writer.write(move |tx| {
            Box::pin(async move {
                let mut after = read(tx, partner, id).await?;
                change(&mut after);
                tx.execute(
                    "UPDATE user_role SET system_name = $2, name = $3, description = $4, status = $5, \
                     permission_names = $6, tags = $7, updated_at = $8 WHERE id = $1",
                    args![
                        id,
                        after.system_name,
                        &after.name,
                        &after.description,
                        after.status.code(),
                        &after.permission_names,
                        &after.tags,
                        now
                    ],
                )
                .await?;
                tx.log(Change::Roles(partner), now).await?;
                read(tx, partner, id).await
            })
        });
        write.await
    }

    /// Deletes a role. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the account itself has no such role; [`StoreError::Conflict`] when a user has it, or a kind of session;
    /// [`StoreError::Unavailable`].
    pub async fn delete_role(&self, partner: PartnerId, id: RoleId, now: i64) -> Result<(), StoreError> {
        let write = self.inner.writer.write(move |tx| {
            Box::pin(async move {
                read(tx, partner, id).await?;
                let used = tx
                    .fetch(
                        "SELECT 1 FROM kuser_to_user_role JOIN kuser ON kuser.id = kuser_id \
                         WHERE user_role_id = $1 AND kuser.status <> 2 LIMIT 1",
                        args![id],
                    )
                    .await?;
                // Without it, sessions of that kind would have the usual role, which may be greater.
                let usual = tx
                    .fetch(
                        "SELECT 1 FROM partner WHERE id = $2 AND $1 IN (coalesce(admin_session_role_id, 0), \
                         coalesce(user_session_role_id, 0), coalesce(widget_session_role_id, 0))",
                        args![id, partner],
                    )
                    .await?;
                if !used.is_empty() || !usual.is_empty() {
                    return Err(StoreError::Conflict("role in use"));
                }
                tx.execute("UPDATE user_role SET status = 3, updated_at = $2 WHERE id = $1", args![id, now]).await?;
                tx.log(Change::Roles(partner), now).await
            })
        });
        write.await
    }
}
