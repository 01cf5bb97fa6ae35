//! Which entry is in which category: what is kept, reading, and writing one row.

use ks_access::condition::Condition;
use ks_schema::ids::{CategoryId, EntryId, UserId};
use ks_token::PartnerId;

use crate::engine::{Fetch, Row, args};
use crate::error::StoreError;
use crate::list::{Listed, Order, Page};
use crate::remembered::Counted;
use crate::store::Store;
use crate::user::KuserId;
use crate::writer::Tx;

/// An entry's place in a category. Times are Unix seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CategoryEntry {
    /// Its number.
    pub id: i64,
    /// The account.
    pub partner_id: PartnerId,
    /// The category.
    pub category_id: CategoryId,
    /// The ids from the root to the category, joined by `>`.
    pub category_full_ids: String,
    /// The entry.
    pub entry_id: EntryId,
    /// `KalturaCategoryEntryStatus`.
    pub status: i64,
    /// Who put it there.
    pub creator: Option<KuserId>,
    /// Their id in the account.
    pub creator_id: Option<UserId>,
    /// The category's contexts when the row was made, a comma list.
    pub privacy_context: String,
    /// When it was made.
    pub created_at: i64,
    /// When it last changed.
    pub updated_at: i64,
}

macro_rules! columns {
    () => {
        "id, partner_id, category_id, category_full_ids, entry_id, status, creator_kuser_id, creator_puser_id, \
         privacy_context, created_at, updated_at"
    };
}

macro_rules! joined {
    () => {
        "(SELECT category_entry.*, category.full_ids AS category_full_ids FROM category_entry \
         JOIN category ON category.id = category_id WHERE category_entry.status <> 3) AS category_entry"
    };
}

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT ", columns!(), " FROM ", joined!(), " ", $rest)
    };
}

pub(crate) fn read_row(row: &Row) -> Result<CategoryEntry, StoreError> {
    Ok(CategoryEntry {
        id: row.int(0)?,
        partner_id: row.partner(1)?,
        category_id: CategoryId::new(row.int(2)?),
        category_full_ids: row.text(3)?,
        entry_id: EntryId::new(row.text(4)?),
        status: row.int(5)?,
        creator: row.opt_kuser(6)?,
        creator_id: row.opt_text(7)?.map(UserId::new),
        privacy_context: row.text(8)?,
        created_at: row.int(9)?,
        updated_at: row.int(10)?,
    })
}

/// An entry's place in a category, unless it is deleted.
pub(crate) async fn read(
    db: &mut impl Fetch,
    entry: &EntryId,
    category: CategoryId,
) -> Result<Option<CategoryEntry>, StoreError> {
    let rows = db.rows(select!("WHERE entry_id = $1 AND category_id = $2"), args![entry, category]).await?;
    rows.first().map(read_row).transpose()
}

/// All places of an entry, in the order in which they were made.
pub(crate) async fn read_all(db: &mut impl Fetch, entry: &EntryId) -> Result<Vec<CategoryEntry>, StoreError> {
    let rows = db.rows(select!("WHERE entry_id = $1 ORDER BY id"), args![entry]).await?;
    rows.iter().map(read_row).collect()
}

/// Adds a row; its number and `category_full_ids` are found. Call [`crate::entry_key::refresh_entry`] when done.
pub(crate) async fn insert(tx: &mut Tx, new: &CategoryEntry) -> Result<CategoryEntry, StoreError> {
    insert_all(tx, std::slice::from_ref(new)).await?;
    read(tx, &new.entry_id, new.category_id).await?.ok_or(StoreError::Corrupt("category entry"))
}

/// Adds many rows at once. Call [`crate::entry_key::refresh_entries`] when done.
pub(crate) async fn insert_all(tx: &mut Tx, new: &[CategoryEntry]) -> Result<(), StoreError> {
    let into = "category_entry (partner_id, category_id, entry_id, status, creator_kuser_id, creator_puser_id, \
                privacy_context, created_at, updated_at)";
    let row = |new: &CategoryEntry| {
        args![
            new.partner_id,
            new.category_id,
            &new.entry_id,
            new.status,
            new.creator,
            new.creator_id.as_ref(),
            &new.privacy_context,
            new.created_at,
            new.updated_at,
        ]
    };
    tx.insert(into, new.iter().flat_map(row).collect(), "").await.map(drop)
}

/// Writes what may change of a row. Call [`crate::entry_key::refresh_entry`] when done.
pub(crate) async fn save(tx: &mut Tx, place: &CategoryEntry) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE category_entry SET status = $2, privacy_context = $3, updated_at = $4, creator_kuser_id = $5, \
         creator_puser_id = $6 WHERE id = $1",
        args![
            place.id,
            place.status,
            &place.privacy_context,
            place.updated_at,
            place.creator,
            place.creator_id.as_ref(),
        ],
    )
    .await?;
    Ok(())
}

impl Store {
    /// An entry's place in a category, unless it is deleted.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Closed`].
    pub async fn category_entry(
        &self,
        entry: &EntryId,
        category: CategoryId,
    ) -> Result<Option<CategoryEntry>, StoreError> {
        read(&mut self.inner.engine.reader().await?, entry, category).await
    }

    /// All places of an entry, without deleted ones, in the order in which they were made.
    ///
    /// # Errors
    /// As [`Store::category_entry`].
    pub async fn categories_of(&self, entry: &EntryId) -> Result<Vec<CategoryEntry>, StoreError> {
        read_all(&mut self.inner.engine.reader().await?, entry).await
    }

    /// One page of an account's places of entries in categories, without deleted ones, and how many there are in all.
    /// Columns: those of the table, and `category_full_ids`.
    ///
    /// # Errors
    /// As [`Store::category_entry`]; [`StoreError::Invalid`] for a NUL.
    pub async fn category_entries(
        &self,
        partner: PartnerId,
        condition: Condition,
        order: &[Order],
        page: Page,
    ) -> Result<(Vec<CategoryEntry>, u64), StoreError> {
        const LISTED: Listed = Listed { table: joined!(), columns: columns!(), key: "id" };
        let condition = Condition::int("partner_id", partner.get()).and(condition);
        self.list(&LISTED, Counted::Entries(partner), &condition, order, page, read_row).await
    }
}
