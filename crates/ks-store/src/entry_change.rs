//! Adding, changing and deleting entries, with what hangs on them: the users that they name, and their places in
//! categories.

use std::collections::HashMap;

use ks_schema::ids::{CategoryId, EntryId, UserId};
use ks_token::PartnerId;
use sqlx::AssertSqlSafe;

use crate::category_entry_change::{self, AssignFault, NewCategoryEntry};
use crate::change::Change;
use crate::engine::args;
use crate::entry::{self, Entry};
use crate::error::StoreError;
use crate::store::Store;
use crate::user::KuserId;
use crate::user_change::{Groups, found_or_made};
use crate::writer::Tx;
use crate::{category, moderation_flag, partner};

/// The users that a change of an entry names; `None` leaves as it is. Those that the account does not have are made.
#[derive(Clone, Debug, Default)]
pub struct EntryPeople {
    /// Who owns it; inner `None`: nobody.
    pub owner: Option<Option<UserId>>,
    /// Who made it; inner `None`: nobody.
    pub creator: Option<Option<UserId>>,
    /// Who may edit it.
    pub edit: Option<Vec<UserId>>,
    /// Who may publish it.
    pub publish: Option<Vec<UserId>>,
    /// Who may see it.
    pub view: Option<Vec<UserId>>,
}

/// The places in categories that a change gives an entry.
#[derive(Clone, Debug)]
pub struct EntryPlaces {
    /// The categories that it shall be in, active unless told otherwise.
    pub into: Vec<EntryPlace>,
    /// Whether it leaves all other categories that have no privacy context.
    pub leave_others: bool,
    /// In how many categories it may be.
    pub most: i64,
    /// Who puts it there.
    pub by: Option<UserId>,
}

/// One category that an entry shall be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryPlace {
    /// The category.
    pub category: CategoryId,
    /// `KalturaCategoryEntryStatus`.
    pub status: i64,
}

/// A category without privacy context that an entry is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegacyCategory {
    /// Its id.
    pub id: CategoryId,
    /// The names from the root on, joined by `>`.
    pub full_name: String,
}

impl EntryPeople {
    async fn write_to(&self, tx: &mut Tx, entry: &mut Entry, groups: Groups, now: i64) -> Result<(), StoreError> {
        let partner = entry.partner_id;
        if let Some(owner) = &self.owner {
            (entry.owner, entry.owner_id) = one(tx, partner, owner.as_ref(), groups, now).await?;
        }
        if let Some(creator) = &self.creator {
            (entry.creator, entry.creator_id) = one(tx, partner, creator.as_ref(), groups, now).await?;
        }
        for (named, list) in [
            (&self.edit, &mut entry.co_users.edit),
            (&self.publish, &mut entry.co_users.publish),
            (&self.view, &mut entry.co_users.view),
        ] {
            let Some(named) = named else { continue };
            list.clear();
            for id in named {
                let user = found_or_made(tx, partner, id, groups, now).await?;
                if list.iter().all(|(known, _)| *known != user.0) {
                    list.push(user);
                }
            }
        }
        Ok(())
    }
}

async fn one(
    tx: &mut Tx,
    partner: PartnerId,
    id: Option<&UserId>,
    groups: Groups,
    now: i64,
) -> Result<(Option<KuserId>, Option<UserId>), StoreError> {
    let Some(id) = id else { return Ok((None, None)) };
    let (kuser, id) = found_or_made(tx, partner, id, groups, now).await?;
    Ok((Some(kuser), Some(id)))
}

/// Puts an entry where it shall be.
async fn place(tx: &mut Tx, entry: &Entry, places: &EntryPlaces, groups: Groups, now: i64) -> Result<(), AssignFault> {
    let (creator, creator_id) = one(tx, entry.partner_id, places.by.as_ref(), groups, now).await?;
    let there = crate::category_entry::read_all(tx, &entry.id).await?;
    if places.leave_others {
        for row in there.iter().filter(|row| places.into.iter().all(|place| place.category != row.category_id)) {
            let found = category::read(tx, entry.partner_id, row.category_id).await?;
            if found.is_none_or(|category| category.privacy_contexts.is_empty()) {
                category_entry_change::unassign(tx, entry.partner_id, row.category_id, &entry.id, now).await?;
            }
        }
    }
    for wanted in &places.into {
        // What is there already stays as it is, unless it was refused before.
        if there.iter().any(|row| row.category_id == wanted.category && matches!(row.status, 1 | 2)) {
            continue;
        }
        let new = NewCategoryEntry {
            partner_id: entry.partner_id,
            category_id: wanted.category,
            entry_id: entry.id.clone(),
            status: wanted.status,
            creator,
            creator_id: creator_id.clone(),
            most: places.most,
        };
        category_entry_change::assign(tx, &new, now).await?;
    }
    Ok(())
}

async fn read_live(tx: &mut Tx, partner: PartnerId, id: &EntryId) -> Result<Entry, StoreError> {
    let found = entry::read(tx, partner, id).await?.filter(|entry| entry.status != DELETED);
    found.ok_or(StoreError::NotFound("entry"))
}

/// `KalturaEntryStatus`.
const DELETED: i64 = 3;

impl Store {
    /// Adds an entry, with the users that it names and its places in categories; its times become `now`.
    ///
    /// # Errors
    /// [`AssignFault`]; [`StoreError::Conflict`] when the id is taken; [`StoreError::NotFound`] for an unknown account.
    pub async fn add_entry(
        &self,
        mut new: Entry,
        people: EntryPeople,
        places: Option<EntryPlaces>,
        now: i64,
    ) -> Result<Entry, AssignFault> {
        let groups = Groups::draw(&self.inner.random)?;
        let write = self.inner.writer.try_write(move |tx| {
            Box::pin(async move {
                if partner::read(tx, new.partner_id).await?.is_none() {
                    return Err(StoreError::NotFound("account").into());
                }
                // A deleted entry keeps its id, and so do other accounts'.
                if !tx.fetch("SELECT 1 FROM entry WHERE id = $1", args![&new.id]).await?.is_empty() {
                    return Err(StoreError::Conflict("entry id").into());
                }
                (new.created_at, new.updated_at) = (now, now);
                people.write_to(tx, &mut new, groups, now).await?;
                entry::save(tx, &new).await?;
                if let Some(places) = &places {
                    place(tx, &new, places, groups, now).await?;
                }
                tx.log(Change::Entry(new.partner_id, new.id.clone()), now).await?;
                Ok(new)
            })
        });
        write.await
    }

    /// Changes an entry of an account: `change` gets it as it is and leaves it as it shall be. Its id, its account and
    /// when it was made stay. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the account has no such entry; as [`Store::add_entry`].
    pub async fn update_entry<F>(
        &self,
        partner: PartnerId,
        id: EntryId,
        people: EntryPeople,
        places: Option<EntryPlaces>,
        now: i64,
        change: F,
    ) -> Result<Entry, AssignFault>
    where
        F: FnOnce(&mut Entry) + Send + 'static,
    {
        let groups = Groups::draw(&self.inner.random)?;
        let write = self.inner.writer.try_write(move |tx| {
            Box::pin(async move {
                let before = read_live(tx, partner, &id).await?;
                let mut after = before.clone();
                change(&mut after);
                (after.id, after.partner_id) = (before.id, before.partner_id);
                (after.created_at, after.updated_at) = (before.created_at, now);
                people.write_to(tx, &mut after, groups, now).await?;
                entry::save(tx, &after).await?;
                if let Some(places) = &places {
                    place(tx, &after, places, groups, now).await?;
                }
                tx.log(Change::Entry(partner, id), now).await?;
                Ok(after)
            })
        });
        write.await
    }

    /// Deletes an entry: it leaves all categories, and nobody sees it any more.
    ///
    /// # Errors
    /// As [`Store::update_entry`].
    pub async fn delete_entry(&self, partner: PartnerId, id: EntryId, now: i64) -> Result<(), StoreError> {
        let write = self.inner.writer.write(move |tx| {
            Box::pin(async move {
                let mut entry = read_live(tx, partner, &id).await?;
                category_entry_change::remove_all_of_entry(tx, partner, &id, now).await?;
                (entry.status, entry.updated_at) = (DELETED, now);
                entry::save(tx, &entry).await?;
                tx.log(Change::Entry(partner, id), now).await
            })
        });
        write.await
    }

    /// Sets what moderators decided of an entry; its flags are then dealt with.
    ///
    /// # Errors
    /// As [`Store::update_entry`].
    pub async fn moderate_entry(
        &self,
        partner: PartnerId,
        id: EntryId,
        moderation_status: i64,
        now: i64,
    ) -> Result<(), StoreError> {
        let write = self.inner.writer.write(move |tx| {
            Box::pin(async move {
                let mut entry = read_live(tx, partner, &id).await?;
                (entry.moderation_status, entry.moderation_count, entry.updated_at) = (moderation_status, 0, now);
                entry::save(tx, &entry).await?;
                moderation_flag::settle(tx, &id, now).await?;
                tx.log(Change::Entry(partner, id), now).await
            })
        });
        write.await
    }

    /// The active places of entries in categories without privacy context, in the order in which they were made.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Closed`].
    pub async fn legacy_categories(
        &self,
        entries: &[EntryId],
    ) -> Result<HashMap<EntryId, Vec<LegacyCategory>>, StoreError> {
        let mut found: HashMap<EntryId, Vec<LegacyCategory>> = HashMap::new();
        if entries.is_empty() {
            return Ok(found);
        }
        let marks: Vec<String> = (1..=entries.len()).map(|number| format!("${number}")).collect();
        let sql = format!(
            "SELECT category_entry.entry_id, category.id, category.full_name FROM category_entry \
             JOIN category ON category.id = category_entry.category_id WHERE category_entry.status = 2 \
             AND category.status < 3 AND category.privacy_contexts = '' AND category_entry.entry_id IN ({}) \
             ORDER BY category_entry.id",
            marks.join(", ")
        );
        let ids = entries.iter().map(Into::into).collect();
        for row in self.inner.engine.reader().await?.fetch(AssertSqlSafe(sql), ids).await? {
            let category = LegacyCategory { id: CategoryId::new(row.int(1)?), full_name: row.text(2)? };
            found.entry(EntryId::new(row.text(0)?)).or_default().push(category);
        }
        Ok(found)
    }
}
