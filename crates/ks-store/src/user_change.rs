//! Adding, changing and deleting users, with what hangs on them: roles, logins, memberships and sessions.

use std::sync::Arc;

use ks_schema::ids::{RoleId, UserId};
use ks_token::{PartnerId, session_id_hash};

use crate::access;
use crate::app_token;
use crate::change::Change;
use crate::engine::args;
use crate::error::StoreError;
use crate::list::all_differ;
use crate::login::{self, NewLogin};
use crate::partner::{self, NewPartner};
use crate::revocation;
use crate::store::Store;
use crate::user::{self, KuserId, NewUser, User, UserStatus, put, read};
use crate::writer::Tx;
use crate::{config::Random, hex};

/// Session ids for one change: random, and unlike for each user that it touches.
#[derive(Clone, Copy)]
pub(crate) struct Groups(u128);

impl Groups {
    pub(crate) fn draw(random: &Arc<dyn Random>) -> Result<Self, StoreError> {
        let mut bytes = [0; 16];
        random.fill(&mut bytes)?;
        Ok(Self(u128::from_be_bytes(bytes)))
    }

    fn of(self, user: KuserId) -> String {
        hex::encode(&(self.0 ^ u128::from(user.0.unsigned_abs())).to_be_bytes())
    }
}

/// Ends all sessions that logins of this user started.
pub(crate) async fn revoke_sessions(tx: &mut Tx, user: &User, groups: Groups, now: i64) -> Result<(), StoreError> {
    let partner = user.partner_id;
    if !user.session_group.is_empty() {
        let hash = session_id_hash(partner, &user.session_group);
        revocation::insert(tx, "session_group", partner, hash, None, now).await?;
    }
    tx.execute("UPDATE kuser SET session_group = $2 WHERE id = $1", args![user.id.0, groups.of(user.id)]).await?;
    tx.log_uncounted(Change::User(partner, user.user_id.clone()), now).await
}

pub(crate) async fn set_roles(
    tx: &mut Tx,
    user: KuserId,
    partner: PartnerId,
    roles: &[RoleId],
) -> Result<(), StoreError> {
    let mut roles = roles.to_vec();
    roles.sort_unstable_by_key(|role| role.get());
    roles.dedup();
    tx.execute("DELETE FROM kuser_to_user_role WHERE kuser_id = $1", args![user.0]).await?;
    for role in &roles {
        // Only the account's own roles and the shared ones; another account's role must not leak in.
        let added = tx
            .execute(
                "INSERT INTO kuser_to_user_role (kuser_id, user_role_id) \
                 SELECT $1, id FROM user_role WHERE id = $2 AND partner_id IN (0, $3) AND status <> 3",
                args![user.0, *role, partner],
            )
            .await?;
        if added == 0 {
            return Err(StoreError::NotFound("role"));
        }
    }
    let joined: Vec<String> = roles.iter().map(|role| role.get().to_string()).collect();
    tx.execute("UPDATE kuser SET role_ids = $2 WHERE id = $1", args![user.0, joined.join(",")]).await?;
    Ok(())
}

pub(crate) async fn insert(
    tx: &mut Tx,
    new: &NewUser,
    owner: bool,
    groups: Groups,
    now: i64,
) -> Result<User, StoreError> {
    let made = insert_all(tx, std::slice::from_ref(new), owner, groups, now).await?;
    made.into_iter().next().ok_or(StoreError::Corrupt("user"))
}

/// Makes users of one account by a few statements, however many they are.
async fn insert_all(
    tx: &mut Tx,
    new: &[NewUser],
    owner: bool,
    groups: Groups,
    now: i64,
) -> Result<Vec<User>, StoreError> {
    let Some(partner) = new.first().map(|new| new.partner_id) else { return Ok(vec![]) };
    let ids: Vec<&str> = new.iter().map(|new| new.user_id.as_str()).collect();
    if !all_differ(&ids) || user::any_has(tx, partner, &ids).await? {
        return Err(StoreError::Conflict("user id"));
    }
    let made = new.iter().map(|new| User {
        id: KuserId(0),
        partner_id: partner,
        user_id: new.user_id.clone(),
        kind: new.kind,
        status: new.status,
        is_admin: new.is_admin,
        is_account_owner: owner,
        screen_name: new.screen_name.clone(),
        email: new.email.clone(),
        first_name: new.first_name.clone(),
        last_name: new.last_name.clone(),
        tags: new.tags.clone(),
        login_id: None,
        login_open: true,
        role_ids: vec![],
        properties: new.properties.clone(),
        session_group: String::new(),
        created_at: now,
        updated_at: now,
        status_updated_at: Some(now),
        deleted_at: None,
        last_login_at: None,
    });
    let mut made: Vec<User> = made.collect();
    let numbers = user::insert_rows(tx, &made).await?;
    for (user, new) in made.iter_mut().zip(new) {
        user.id = *numbers.get(&user.user_id).ok_or(StoreError::Corrupt("user"))?;
        // By its number, since several calls of this may belong to one change: nobody may share a group.
        let group = args![user.id.0, groups.of(user.id)];
        tx.execute("UPDATE kuser SET session_group = $2 WHERE id = $1", group).await?;
        if !new.role_ids.is_empty() {
            set_roles(tx, user.id, partner, &new.role_ids).await?;
        }
    }
    tx.log_all(new.iter().map(|new| Change::User(partner, new.user_id.clone())).collect(), now).await?;
    Ok(made)
}

/// A user of an account whom a change names; made when nobody has the id.
pub(crate) async fn found_or_made(
    tx: &mut Tx,
    partner: PartnerId,
    id: &UserId,
    groups: Groups,
    now: i64,
) -> Result<(KuserId, UserId), StoreError> {
    let user = match read(tx, partner, id).await? {
        Some(user) => user,
        None => insert(tx, &NewUser::named(partner, id.clone()), false, groups, now).await?,
    };
    Ok((user.id, user.user_id))
}

async fn add(tx: &mut Tx, new: &NewUser, groups: Groups, now: i64) -> Result<User, StoreError> {
    let id = new.partner_id;
    if partner::read(tx, id).await?.is_none() {
        return Err(StoreError::NotFound("account"));
    }
    let user = insert(tx, new, false, groups, now).await?;
    if let Some(login) = &new.login {
        login::link(tx, &user, login, now).await?;
    }
    read(tx, id, &new.user_id).await?.ok_or(StoreError::Corrupt("user"))
}

/// Keeps that nobody has an id any more: sessions that the account signed for it would otherwise have the default role of
/// their kind, which may be greater than what their user had.
async fn retire_id(tx: &mut Tx, partner: PartnerId, user: &UserId, now: i64) -> Result<(), StoreError> {
    let before = "DELETE FROM kuser WHERE partner_id = $1 AND puser_id = $2 AND retired = 1";
    tx.execute(before, args![partner, user]).await?;
    tx.execute(
        "INSERT INTO kuser (partner_id, puser_id, is_admin, is_account_owner, status, screen_name, email, created_at, \
         updated_at, status_updated_at, deleted_at, retired) VALUES ($1, $2, 0, 0, 2, '', '', $3, $3, $3, $3, 1)",
        args![partner, user, now],
    )
    .await?;
    Ok(())
}

/// Makes the administrator of a new account, with a login unless the address has one; true when it had.
pub(crate) async fn insert_owner(
    tx: &mut Tx,
    new: &NewPartner,
    id: PartnerId,
    role: RoleId,
    groups: Groups,
    now: i64,
) -> Result<bool, StoreError> {
    let email = new.admin_email.trim();
    let user = NewUser {
        is_admin: true,
        screen_name: new.admin_name.clone(),
        email: email.to_owned(),
        first_name: Some(new.admin_name.clone()).filter(|name| !name.is_empty()),
        role_ids: vec![role],
        ..NewUser::named(id, UserId::new(email))
    };
    let user = insert(tx, &user, true, groups, now).await?;
    let login = NewLogin { email: email.to_owned(), password: new.admin_password.clone(), vouch: new.vouch };
    login::link(tx, &user, &login, now).await
}

impl Store {
    pub(crate) fn groups(&self) -> Result<Groups, StoreError> {
        Groups::draw(&self.inner.random)
    }

    /// Adds a user or a group. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] `user id` when the account has this user, `login` when one of its users has this login;
    /// [`StoreError::NotFound`] for an unknown account or role; [`StoreError::Unavailable`].
    pub async fn add_user(&self, new: NewUser, now: i64) -> Result<User, StoreError> {
        let groups = self.groups()?;
        let write = self.inner.writer.write(move |tx| Box::pin(async move { add(tx, &new, groups, now).await }));
        write.await
    }

    /// Adds users and groups, all of them or none. `now` is in Unix seconds.
    ///
    /// # Errors
    /// As [`Store::add_user`].
    pub async fn add_users(&self, new: Vec<NewUser>, now: i64) -> Result<(), StoreError> {
        let groups = self.groups()?;
        let write = self.inner.writer.write(move |tx| {
            Box::pin(async move {
                for new in new.chunk_by(|one, other| one.partner_id == other.partner_id) {
                    let partner = new.first().map_or(PartnerId::new(0), |new| new.partner_id);
                    if partner::read(tx, partner).await?.is_none() {
                        return Err(StoreError::NotFound("account"));
                    }
                    let made = insert_all(tx, new, false, groups, now).await?;
                    for (user, new) in made.iter().zip(new) {
                        if let Some(login) = &new.login {
                            login::link(tx, user, login, now).await?;
                        }
                    }
                }
                Ok(())
            })
        });
        write.await
    }

    /// Changes a user: `change` gets it as it is and leaves it as it shall be. Number, account, ownership, login and
    /// session group stay. When it stops being active or an administrator, or gets another id, its sessions end; in the
    /// last two cases its app tokens, too. The id that it had is then nobody's, as that of a deleted user is. `now` is in
    /// Unix seconds.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for an unknown user or role, or another account's role; [`StoreError::Conflict`] when
    /// the new id is taken; [`StoreError::Unavailable`].
    pub async fn update_user<F>(
        &self,
        partner: PartnerId,
        user: UserId,
        now: i64,
        change: F,
    ) -> Result<User, StoreError>
    where
        F: FnOnce(&mut User) + Send + 'static,
    {
        let groups = self.groups()?;
        let write = self.inner.writer.write(move |tx| {
            Box::pin(async move {
                let before = read(tx, partner, &user).await?.ok_or(StoreError::NotFound("user"))?;
                let mut after = before.clone();
                change(&mut after);
                (after.id, after.partner_id, after.updated_at) = (before.id, before.partner_id, now);
                if after.status != before.status {
                    after.status_updated_at = Some(now);
                }
                if after.user_id != before.user_id {
                    if read(tx, partner, &after.user_id).await?.is_some() {
                        return Err(StoreError::Conflict("user id"));
                    }
                    let id = args![before.id.0, &after.user_id, now];
                    tx.execute(
                        "UPDATE kuser_kgroup SET puser_id = $2, updated_at = $3 WHERE kuser_id = $1",
                        id.clone(),
                    )
                    .await?;
                    tx.execute("UPDATE kuser_kgroup SET pgroup_id = $2, updated_at = $3 WHERE kgroup_id = $1", id)
                        .await?;
                    access::rename(tx, partner, before.id, &after.user_id).await?;
                }
                put(tx, &after).await?;
                let demoted = before.is_admin && !after.is_admin;
                if after.user_id != before.user_id {
                    retire_id(tx, partner, &before.user_id, now).await?;
                }
                if demoted || after.user_id != before.user_id {
                    app_token::retire_of_user(tx, partner, &before.user_id, now).await?;
                }
                if after.role_ids != before.role_ids {
                    set_roles(tx, before.id, partner, &after.role_ids).await?;
                }
                let fewer_rights = after.status != UserStatus::Active || demoted;
                if fewer_rights || after.user_id != before.user_id {
                    revoke_sessions(tx, &before, groups, now).await?;
                }
                tx.log(Change::User(partner, before.user_id), now).await?;
                tx.log(Change::User(partner, after.user_id.clone()), now).await?;
                if before.is_account_owner {
                    tx.log(Change::Account(partner), now).await?;
                }
                read(tx, partner, &after.user_id).await?.ok_or(StoreError::Corrupt("user"))
            })
        });
        write.await
    }

    /// Deletes a user or a group: its sessions end, memberships go, and a login that nobody uses any more. Its id may
    /// be taken again. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Unavailable`].
    pub async fn delete_user(&self, partner: PartnerId, user: UserId, now: i64) -> Result<User, StoreError> {
        let groups = self.groups()?;
        let write = self.inner.writer.write(move |tx| {
            Box::pin(async move {
                let mut found = read(tx, partner, &user).await?.ok_or(StoreError::NotFound("user"))?;
                revoke_sessions(tx, &found, groups, now).await?;
                login::unlink(tx, &found, now).await?;
                app_token::retire_of_user(tx, partner, &user, now).await?;
                tx.execute(
                    "UPDATE kuser_kgroup SET status = 1, updated_at = $2 \
                     WHERE (kuser_id = $1 OR kgroup_id = $1) AND status = 0",
                    args![found.id.0, now],
                )
                .await?;
                found.status = UserStatus::Deleted;
                (found.updated_at, found.status_updated_at, found.deleted_at) = (now, Some(now), Some(now));
                put(tx, &found).await?;
                tx.log(Change::User(partner, user), now).await?;
                found.login_id = None;
                Ok(found)
            })
        });
        write.await
    }

    /// Ends all sessions that logins of this user started. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Unavailable`].
    pub async fn revoke_user_sessions(&self, partner: PartnerId, user: UserId, now: i64) -> Result<User, StoreError> {
        let groups = self.groups()?;
        let write = self.inner.writer.write(move |tx| {
            Box::pin(async move {
                let found = read(tx, partner, &user).await?.ok_or(StoreError::NotFound("user"))?;
                revoke_sessions(tx, &found, groups, now).await?;
                read(tx, partner, &user).await?.ok_or(StoreError::NotFound("user"))
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
        self.update_user(partner, user, now, move |user| user.status = status).await.map(drop)
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
        self.update_user(partner, user, now, move |user| user.role_ids = roles).await.map(drop)
    }
}
