//! What a change of a category's members entails: the counts of the category.

use ks_access::entitlement::level::MANAGER;
use ks_access::entitlement::membership::names_of_level;
use ks_access::entitlement::permission::{CONTRIBUTE, EDIT, MODERATE, VIEW};
use ks_schema::ids::{CategoryId, UserId};
use ks_token::PartnerId;

use crate::category::{self, Category};
use crate::category_user::{self, CategoryUser};
use crate::change::Change;
use crate::engine::args;
use crate::error::StoreError;
use crate::store::Store;
use crate::user::KuserId;
use crate::user_change::found_or_made;
use crate::writer::Tx;

/// Why a change of a membership is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MemberFault {
    /// There is no such category, or no such membership.
    #[error("there is no such membership")]
    NotFound,
    /// The user is a member already.
    #[error("the user is a member already")]
    Exists,
    /// The category has as many members as it may.
    #[error("the category is full")]
    Full,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a new membership begins with. Numbers are values of the API's enums.
#[derive(Clone, Debug)]
pub struct NewCategoryUser {
    /// The account.
    pub partner_id: PartnerId,
    /// The category, which has members of its own.
    pub category_id: CategoryId,
    /// The user or group; `None`: a user is made, unless somebody has the id by then.
    pub kuser: Option<KuserId>,
    /// Its id in the account.
    pub user_id: UserId,
    /// `KalturaCategoryUserPermissionLevel`.
    pub permission_level: i64,
    /// What it may do, a comma list.
    pub permission_names: String,
    /// `KalturaCategoryUserStatus`.
    pub status: i64,
    /// `KalturaUpdateMethodType`.
    pub update_method: i64,
    /// How many members the category may have.
    pub most: i64,
}

/// Whose memberships end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whom {
    /// All.
    Everybody,
    /// Those who may do nothing.
    WithoutPermission,
}

impl Store {
    /// Makes a user or a group a member of a category. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`MemberFault`].
    pub async fn add_category_user(&self, new: NewCategoryUser, now: i64) -> Result<CategoryUser, MemberFault> {
        let groups = self.groups()?;
        let write = self.inner.writer.try_write(move |tx| {
            Box::pin(async move {
                let category = category::read(tx, new.partner_id, new.category_id).await?;
                let category = category.ok_or(MemberFault::NotFound)?;
                let kuser = match new.kuser {
                    Some(known) => known,
                    None => found_or_made(tx, new.partner_id, &new.user_id, groups, now).await?.0,
                };
                if category_user::read(tx, category.id, kuser).await?.is_some() {
                    return Err(MemberFault::Exists);
                }
                if category.members_count >= new.most {
                    return Err(MemberFault::Full);
                }
                let made = category_user::insert(tx, &row(&new, kuser, now)).await?;
                recount(tx, category.id.get()).await?;
                tx.log(Change::CategoryUser(new.partner_id, category.id), now).await?;
                Ok(made)
            })
        });
        write.await
    }

    /// Changes a membership. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`MemberFault`].
    pub async fn update_category_user(
        &self,
        category: CategoryId,
        user: KuserId,
        now: i64,
        change: impl FnOnce(&mut CategoryUser) + Send + 'static,
    ) -> Result<CategoryUser, MemberFault> {
        let write = self.inner.writer.try_write(move |tx| {
            Box::pin(async move {
                let mut member = category_user::read(tx, category, user).await?.ok_or(MemberFault::NotFound)?;
                change(&mut member);
                member.updated_at = now;
                category_user::save(tx, &member).await?;
                recount(tx, category.get()).await?;
                tx.log(Change::CategoryUser(member.partner_id, category), now).await?;
                Ok(member)
            })
        });
        write.await
    }

    /// Ends a membership. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`MemberFault`].
    pub async fn delete_category_user(&self, category: CategoryId, user: KuserId, now: i64) -> Result<(), MemberFault> {
        self.update_category_user(category, user, now, |member| member.status = 4).await.map(drop)
    }

    /// Gives a category the members of another one whom it does not have, as many as it may have. `now` is in Unix
    /// seconds.
    ///
    /// # Errors
    /// [`MemberFault`].
    pub async fn copy_category_users(
        &self,
        partner: PartnerId,
        from: CategoryId,
        to: CategoryId,
        most: i64,
        now: i64,
    ) -> Result<(), MemberFault> {
        let write = self.inner.writer.try_write(move |tx| {
            Box::pin(async move {
                let category = category::read(tx, partner, to).await?.ok_or(MemberFault::NotFound)?;
                tx.execute(
                    "INSERT INTO category_user (partner_id, category_id, kuser_id, puser_id, permission_level, \
                     permission_names, status, update_method, created_at, updated_at) \
                     SELECT partner_id, $2, kuser_id, puser_id, permission_level, permission_names, status, \
                     update_method, $3, $3 FROM category_user AS theirs WHERE category_id = $1 AND status <> 4 \
                     AND NOT EXISTS (SELECT 1 FROM category_user AS ours WHERE ours.category_id = $2 \
                     AND ours.kuser_id = theirs.kuser_id AND ours.status <> 4) ORDER BY id LIMIT $4",
                    args![from, to, now, (most - category.members_count).max(0)],
                )
                .await?;
                recount(tx, to.get()).await?;
                tx.log(Change::CategoryUser(partner, to), now).await?;
                Ok(())
            })
        });
        write.await
    }
}

fn row(new: &NewCategoryUser, kuser: KuserId, now: i64) -> CategoryUser {
    CategoryUser {
        id: 0,
        partner_id: new.partner_id,
        category_id: new.category_id,
        category_full_ids: String::new(),
        kuser,
        user_id: new.user_id.clone(),
        permission_level: new.permission_level,
        permission_names: new.permission_names.clone(),
        status: new.status,
        update_method: new.update_method,
        created_at: now,
        updated_at: now,
    }
}

/// Makes a user the manager of a category with members of its own, whatever the user was there before.
pub(crate) async fn put_manager(
    tx: &mut Tx,
    category: &Category,
    user: KuserId,
    user_id: &UserId,
    now: i64,
) -> Result<(), StoreError> {
    let new = NewCategoryUser {
        partner_id: category.partner_id,
        category_id: category.id,
        kuser: Some(user),
        user_id: user_id.clone(),
        permission_level: MANAGER,
        permission_names: names_of_level(MANAGER).to_owned(),
        status: 1,
        update_method: 0,
        most: i64::MAX,
    };
    match category_user::read(tx, category.id, user).await? {
        Some(member) => {
            let as_new = row(&new, user, now);
            let member = CategoryUser { id: member.id, created_at: member.created_at, ..as_new };
            category_user::save(tx, &member).await
        }
        None => category_user::insert(tx, &row(&new, user, now)).await.map(drop),
    }
}

/// Ends memberships of one category.
pub(crate) async fn remove(tx: &mut Tx, category: CategoryId, whom: Whom, now: i64) -> Result<(), StoreError> {
    let sql = "SELECT id, permission_names FROM category_user WHERE category_id = $1 AND status <> 4";
    for row in tx.fetch(sql, args![category]).await? {
        let names = row.text(1)?;
        let may = names.split(',').any(|name| [EDIT, MODERATE, CONTRIBUTE, VIEW].contains(&name.trim()));
        if whom == Whom::Everybody || !may {
            let sql = "UPDATE category_user SET status = 4, updated_at = $2 WHERE id = $1";
            tx.execute(sql, args![row.int(0)?, now]).await?;
        }
    }
    recount(tx, category.get()).await
}

/// Ends all memberships of a category and of all below it.
pub(crate) async fn remove_below(tx: &mut Tx, category: &Category, now: i64) -> Result<(), StoreError> {
    // `?` is the character after `>`.
    tx.execute(
        "UPDATE category_user SET status = 4, updated_at = $3 WHERE status <> 4 AND category_id IN \
         (SELECT id FROM category WHERE partner_id = $1 \
         AND (full_ids = $2 OR full_ids > $2 || '>' AND full_ids < $2 || '?'))",
        args![category.partner_id, &category.full_ids, now],
    )
    .await?;
    Ok(())
}

/// Counts the members of a category, and those who asked to be.
pub(crate) async fn recount(tx: &mut Tx, category: i64) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE category SET \
         members_count = (SELECT count(*) FROM category_user WHERE category_id = $1 AND status = 1), \
         pending_members_count = (SELECT count(*) FROM category_user WHERE category_id = $1 AND status = 2) \
         WHERE id = $1",
        args![category],
    )
    .await?;
    Ok(())
}
