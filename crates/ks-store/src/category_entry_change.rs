//! What it entails that an entry comes into a category or leaves it: counts up the tree, and who finds the entry.

use ks_schema::ids::{CategoryId, EntryId, UserId};
use ks_token::PartnerId;

use crate::category;
use crate::category_entry::{self, CategoryEntry};
use crate::category_tree::numbers;
use crate::change::Change;
use crate::engine::args;
use crate::entry_key;
use crate::error::StoreError;
use crate::store::Store;
use crate::user::KuserId;
use crate::writer::Tx;

/// `KalturaCategoryEntryStatus`.
const PENDING: i64 = 1;
const ACTIVE: i64 = 2;
const DELETED: i64 = 3;

/// Why an entry does not come into a category, or out of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AssignFault {
    /// The category is not there, or the entry is not in it.
    #[error("there is no such assignment")]
    NotFound,
    /// The entry is in the category already.
    #[error("the entry is in the category already")]
    Exists,
    /// The entry is in as many categories as it may be.
    #[error("the entry is in as many categories as it may be")]
    Full,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a new assignment begins with.
#[derive(Clone, Debug)]
pub struct NewCategoryEntry {
    /// The account.
    pub partner_id: PartnerId,
    /// The category.
    pub category_id: CategoryId,
    /// The entry.
    pub entry_id: EntryId,
    /// `KalturaCategoryEntryStatus`: waiting or active.
    pub status: i64,
    /// Who puts it there.
    pub creator: Option<KuserId>,
    /// Their id in the account.
    pub creator_id: Option<UserId>,
    /// In how many categories the entry may be.
    pub most: i64,
}

impl Store {
    /// Puts an entry into a category; one that waits there or was rejected is tried again. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`AssignFault`].
    pub async fn add_category_entry(&self, new: NewCategoryEntry, now: i64) -> Result<CategoryEntry, AssignFault> {
        self.inner.writer.try_write(move |tx| Box::pin(async move { assign(tx, &new, now).await })).await
    }

    /// Gives an assignment another status, and those of the entry's children in the category that wait, when it becomes
    /// active. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`AssignFault`].
    pub async fn set_category_entry_status(
        &self,
        partner: PartnerId,
        category: CategoryId,
        entry: EntryId,
        status: i64,
        now: i64,
    ) -> Result<CategoryEntry, AssignFault> {
        let write = self.inner.writer.try_write(move |tx| {
            Box::pin(async move {
                let place = read(tx, partner, &entry, category).await?;
                let changed = set_status(tx, &place, status, now).await?;
                if status == ACTIVE {
                    let sql = "SELECT id FROM entry WHERE parent_entry_id = $1 AND status <> 3 ORDER BY id";
                    for row in tx.fetch(sql, args![&entry]).await? {
                        let child = EntryId::new(row.text(0)?);
                        let place = category_entry::read(tx, &child, category).await?;
                        if let Some(place) = place.filter(|place| place.status == PENDING) {
                            set_status(tx, &place, ACTIVE, now).await?;
                        }
                    }
                }
                Ok(changed)
            })
        });
        write.await
    }

    /// Takes an entry out of a category. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`AssignFault`].
    pub async fn delete_category_entry(
        &self,
        partner: PartnerId,
        category: CategoryId,
        entry: EntryId,
        now: i64,
    ) -> Result<(), AssignFault> {
        let write = self
            .inner
            .writer
            .try_write(move |tx| Box::pin(async move { unassign(tx, partner, category, &entry, now).await }));
        write.await
    }

    /// Takes the contexts of the category over into an assignment. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`AssignFault`].
    pub async fn sync_category_entry(
        &self,
        partner: PartnerId,
        category: CategoryId,
        entry: EntryId,
        now: i64,
    ) -> Result<CategoryEntry, AssignFault> {
        let write = self.inner.writer.try_write(move |tx| {
            Box::pin(async move {
                let mut place = read(tx, partner, &entry, category).await?;
                let category = category::read(tx, partner, category).await?.ok_or(AssignFault::NotFound)?;
                place.privacy_context = category.privacy_contexts;
                place.updated_at = now;
                category_entry::save(tx, &place).await?;
                tx.log(Change::CategoryEntry(partner, entry), now).await?;
                Ok(place)
            })
        });
        write.await
    }
}

async fn read(
    tx: &mut Tx,
    partner: PartnerId,
    entry: &EntryId,
    category: CategoryId,
) -> Result<CategoryEntry, AssignFault> {
    let place = category_entry::read(tx, entry, category).await?;
    place.filter(|place| place.partner_id == partner).ok_or(AssignFault::NotFound)
}

/// Puts an entry into a category; one that waits there or was rejected is tried again.
pub(crate) async fn assign(tx: &mut Tx, new: &NewCategoryEntry, now: i64) -> Result<CategoryEntry, AssignFault> {
    let category = category::read(tx, new.partner_id, new.category_id).await?.ok_or(AssignFault::NotFound)?;
    let all = category_entry::read_all(tx, &new.entry_id).await?;
    let counted = all.iter().filter(|place| matches!(place.status, PENDING | ACTIVE)).count();
    if i64::try_from(counted).unwrap_or(i64::MAX) >= new.most {
        return Err(AssignFault::Full);
    }
    let there = all.into_iter().find(|place| place.category_id == category.id);
    if there.as_ref().is_some_and(|place| place.status == ACTIVE) {
        return Err(AssignFault::Exists);
    }
    let place = match there {
        Some(place) => {
            let revived = CategoryEntry {
                privacy_context: category.privacy_contexts,
                creator: new.creator,
                creator_id: new.creator_id.clone(),
                ..place
            };
            return set_status(tx, &revived, new.status, now).await;
        }
        None => CategoryEntry {
            id: 0,
            partner_id: new.partner_id,
            category_id: category.id,
            category_full_ids: category.full_ids,
            entry_id: new.entry_id.clone(),
            status: new.status,
            creator: new.creator,
            creator_id: new.creator_id.clone(),
            privacy_context: category.privacy_contexts,
            created_at: now,
            updated_at: now,
        },
    };
    let made = category_entry::insert(tx, &place).await?;
    count(tx, &made, DELETED, made.status).await?;
    entry_key::refresh_entry(tx, &made.entry_id).await?;
    tx.log(Change::CategoryEntry(made.partner_id, made.entry_id.clone()), now).await?;
    Ok(made)
}

/// Takes an entry out of a category.
pub(crate) async fn unassign(
    tx: &mut Tx,
    partner: PartnerId,
    category: CategoryId,
    entry: &EntryId,
    now: i64,
) -> Result<(), AssignFault> {
    let place = read(tx, partner, entry, category).await?;
    set_status(tx, &place, DELETED, now).await.map(drop)
}

/// Takes an entry out of all categories.
pub(crate) async fn remove_all_of_entry(
    tx: &mut Tx,
    partner: PartnerId,
    entry: &EntryId,
    now: i64,
) -> Result<(), StoreError> {
    for place in category_entry::read_all(tx, entry).await?.iter().filter(|place| place.partner_id == partner) {
        match set_status(tx, place, DELETED, now).await {
            Ok(_) => {}
            Err(AssignFault::Store(error)) => return Err(error),
            Err(_) => return Err(StoreError::Corrupt("category entry")),
        }
    }
    Ok(())
}

async fn set_status(tx: &mut Tx, place: &CategoryEntry, status: i64, now: i64) -> Result<CategoryEntry, AssignFault> {
    let changed = CategoryEntry { status, updated_at: now, ..place.clone() };
    category_entry::save(tx, &changed).await?;
    count(tx, place, place.status, status).await?;
    entry_key::refresh_entry(tx, &place.entry_id).await?;
    tx.log(Change::CategoryEntry(place.partner_id, place.entry_id.clone()), now).await?;
    Ok(changed)
}

/// Makes the counts follow an assignment that changed from one status to another one. The row is written already.
async fn count(tx: &mut Tx, place: &CategoryEntry, from: i64, to: i64) -> Result<(), StoreError> {
    let step = |status: i64| i64::from(to == status) - i64::from(from == status);
    let (active, pending) = (step(ACTIVE), step(PENDING));
    tx.execute(
        "UPDATE category SET direct_entries_count = direct_entries_count + $2, \
         pending_entries_count = pending_entries_count + $3 WHERE id = $1",
        args![place.category_id, active, pending],
    )
    .await?;
    if active == 0 {
        return Ok(());
    }
    // A category counts each entry once, in however many places below it the entry is.
    let mut elsewhere = Vec::new();
    for other in category_entry::read_all(tx, &place.entry_id).await? {
        if other.status == ACTIVE && other.id != place.id {
            elsewhere.extend(numbers(&other.category_full_ids));
        }
    }
    for id in numbers(&place.category_full_ids).into_iter().filter(|id| !elsewhere.contains(id)) {
        let sql = "UPDATE category SET entries_count = entries_count + $2 WHERE id = $1";
        tx.execute(sql, args![id, active]).await?;
    }
    Ok(())
}
