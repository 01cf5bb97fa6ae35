//! Members of categories: what is kept of one, reading, and writing one row.

use ks_access::condition::Condition;
use ks_schema::ids::{CategoryId, UserId};
use ks_token::PartnerId;

use crate::engine::{Fetch, Row, args};
use crate::error::StoreError;
use crate::list::{Listed, Order, Page};
use crate::remembered::Counted;
use crate::store::Store;
use crate::user::KuserId;
use crate::writer::Tx;

/// A user or a group that belongs to a category. Times are Unix seconds; numbers are values of the API's enums.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CategoryUser {
    /// Its number.
    pub id: i64,
    /// The account.
    pub partner_id: PartnerId,
    /// The category.
    pub category_id: CategoryId,
    /// The ids from the root to the category, joined by `>`.
    pub category_full_ids: String,
    /// The user or group.
    pub kuser: KuserId,
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
    /// When it was made.
    pub created_at: i64,
    /// When it last changed.
    pub updated_at: i64,
}

macro_rules! columns {
    () => {
        "id, partner_id, category_id, category_full_ids, kuser_id, puser_id, permission_level, permission_names, status, \
         update_method, created_at, updated_at"
    };
}

macro_rules! joined {
    () => {
        "(SELECT category_user.*, category.full_ids AS category_full_ids, kuser.screen_name_folded AS \
         screen_name_folded, kuser.puser_id_folded AS puser_id_folded FROM category_user \
         JOIN category ON category.id = category_id JOIN kuser ON kuser.id = kuser_id \
         WHERE category_user.status <> 4) AS category_user"
    };
}

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT ", columns!(), " FROM ", joined!(), " ", $rest)
    };
}

pub(crate) fn read_row(row: &Row) -> Result<CategoryUser, StoreError> {
    Ok(CategoryUser {
        id: row.int(0)?,
        partner_id: row.partner(1)?,
        category_id: CategoryId::new(row.int(2)?),
        category_full_ids: row.text(3)?,
        kuser: KuserId(row.int(4)?),
        user_id: UserId::new(row.text(5)?),
        permission_level: row.int(6)?,
        permission_names: row.text(7)?,
        status: row.int(8)?,
        update_method: row.int(9)?,
        created_at: row.int(10)?,
        updated_at: row.int(11)?,
    })
}

/// The row of a user in exactly this category, unless it is deleted.
pub(crate) async fn read(
    db: &mut impl Fetch,
    category: CategoryId,
    user: KuserId,
) -> Result<Option<CategoryUser>, StoreError> {
    let rows = db.rows(select!("WHERE category_id = $1 AND kuser_id = $2"), args![category, user]).await?;
    rows.first().map(read_row).transpose()
}

/// Adds a row; its number and `category_full_ids` are found.
pub(crate) async fn insert(tx: &mut Tx, new: &CategoryUser) -> Result<CategoryUser, StoreError> {
    insert_all(tx, std::slice::from_ref(new)).await?;
    read(tx, new.category_id, new.kuser).await?.ok_or(StoreError::Corrupt("category user"))
}

/// Makes rows. Counts are the caller's.
pub(crate) async fn insert_all(tx: &mut Tx, new: &[CategoryUser]) -> Result<(), StoreError> {
    let into = "category_user (partner_id, category_id, kuser_id, puser_id, permission_level, permission_names, \
                status, update_method, created_at, updated_at)";
    let row = |new: &CategoryUser| {
        args![
            new.partner_id,
            new.category_id,
            new.kuser,
            &new.user_id,
            new.permission_level,
            &new.permission_names,
            new.status,
            new.update_method,
            new.created_at,
            new.updated_at,
        ]
    };
    tx.insert(into, new.iter().flat_map(row).collect(), "").await.map(drop)
}

/// Writes what may change of a row.
pub(crate) async fn save(tx: &mut Tx, member: &CategoryUser) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE category_user SET permission_level = $2, permission_names = $3, status = $4, update_method = $5, \
         updated_at = $6 WHERE id = $1",
        args![
            member.id,
            member.permission_level,
            &member.permission_names,
            member.status,
            member.update_method,
            member.updated_at,
        ],
    )
    .await?;
    Ok(())
}

impl Store {
    /// The row of a user in exactly this category, unless it is deleted.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Closed`].
    pub async fn category_user(&self, category: CategoryId, user: KuserId) -> Result<Option<CategoryUser>, StoreError> {
        read(&mut self.inner.engine.reader().await?, category, user).await
    }

    /// One page of an account's members of categories, without deleted ones, and how many there are in all. Columns:
    /// those of the table, `category_full_ids`, and the user's `screen_name_folded` and `puser_id_folded`.
    ///
    /// # Errors
    /// As [`Store::category_user`]; [`StoreError::Invalid`] for a NUL.
    pub async fn category_users(
        &self,
        partner: PartnerId,
        condition: Condition,
        order: &[Order],
        page: Page,
    ) -> Result<(Vec<CategoryUser>, u64), StoreError> {
        const LISTED: Listed = Listed { table: joined!(), columns: columns!(), key: "id" };
        let condition = Condition::int("partner_id", partner.get()).and(condition);
        self.list(&LISTED, Counted::Categories(partner), &condition, order, page, read_row).await
    }
}
