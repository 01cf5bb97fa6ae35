//! Taking over content as it was elsewhere: categories, members, entries and their places, in one change.

use std::collections::HashMap;

use ks_access::condition::Condition;
use ks_access::entitlement::Lineage;
use ks_schema::ids::{CategoryId, EntryId};
use ks_token::PartnerId;

use crate::category_tree::INHERIT;
use crate::change::Change;
use crate::engine::args;
use crate::error::StoreError;
use crate::list::{all_differ, any_is_there};
use crate::store::Store;
use crate::writer::Tx;
use crate::{Category, CategoryEntry, CategoryUser, Entry};
use crate::{category, category_entry, category_user, entry, entry_key};

/// What is taken over. Rows name categories by ids of where they come from; categories stand behind their parents.
#[derive(Clone, Debug, Default)]
pub struct Content {
    /// Categories that are here already: the id by which rows name each, and its own.
    pub present: Vec<(CategoryId, CategoryId)>,
    /// Categories: what follows from others (depth, full name and ids, contexts, members, counts) need not be set.
    pub categories: Vec<Category>,
    /// Their members.
    pub members: Vec<CategoryUser>,
    /// Entries: they keep their ids.
    pub entries: Vec<Entry>,
    /// Their places in categories.
    pub places: Vec<CategoryEntry>,
}

impl Store {
    /// Takes over content, and finds everything that follows from other rows. Answers the ids of the categories, by
    /// those that rows name them by. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for a category, user or entry that is named and not there; [`StoreError::Conflict`] for
    /// one that is there already; [`StoreError::Unavailable`].
    pub async fn import_content(
        &self,
        partner: PartnerId,
        content: Content,
        now: i64,
    ) -> Result<HashMap<CategoryId, CategoryId>, StoreError> {
        let write = self.inner.writer.write(move |tx| Box::pin(take_over(tx, partner, content, now)));
        write.await
    }
}

async fn take_over(
    tx: &mut Tx,
    partner: PartnerId,
    content: Content,
    now: i64,
) -> Result<HashMap<CategoryId, CategoryId>, StoreError> {
    let mut made: HashMap<CategoryId, Category> = HashMap::new();
    for (named, id) in content.present {
        made.insert(named, category::read(tx, partner, id).await?.ok_or(StoreError::NotFound("category"))?);
    }
    // Each of the following is done for all rows at once, as far as that goes: there may be very many.
    let mut changes = Vec::new();
    let mut fresh = Vec::with_capacity(content.categories.len());
    for mut new in content.categories {
        let old = new.id;
        let parent = match new.parent_id {
            Some(parent) => Some(made.get(&parent).ok_or(StoreError::NotFound("category"))?),
            None => None,
        };
        new.parent_id = parent.map(|parent| parent.id);
        new.id = category::insert_row(tx, &new).await?;
        let above = parent.map(lineage);
        let lineage =
            Lineage::of(above.as_ref(), new.id, &new.name, &new.privacy_context, new.inheritance_type == INHERIT);
        let derived = Category {
            depth: lineage.depth,
            full_name: lineage.full_name,
            full_ids: lineage.full_ids,
            privacy_contexts: lineage.privacy_contexts,
            inherited_parent_id: lineage.inherited_parent,
            members_of: lineage.members_of,
            ..new
        };
        category::put(tx, &derived).await?;
        changes.push(Change::Category(partner, derived.id));
        fresh.push(old);
        made.insert(old, derived);
    }
    let fresh: Vec<&Category> = fresh.iter().filter_map(|old| made.get(old)).collect();
    category::put_contexts(tx, &fresh).await?;
    let mut members = Vec::with_capacity(content.members.len());
    for member in content.members {
        let category = made.get(&member.category_id).ok_or(StoreError::NotFound("category"))?;
        changes.push(Change::CategoryUser(partner, category.id));
        members.push(CategoryUser { category_id: category.id, ..member });
    }
    category_user::insert_all(tx, &members).await?;
    // Of any account.
    let ids: Vec<&str> = content.entries.iter().map(|entry| entry.id.as_str()).collect();
    if !all_differ(&ids) || any_is_there(tx, "entry", &Condition::All(vec![]), "id", &ids).await? {
        return Err(StoreError::Conflict("entry id"));
    }
    entry::put_all(tx, &content.entries).await?;
    entry::put_co_users(tx, &content.entries).await?;
    let mut entries: Vec<EntryId> = content.entries.into_iter().map(|entry| entry.id).collect();
    changes.extend(entries.iter().map(|entry| Change::Entry(partner, entry.clone())));
    let mut places = Vec::with_capacity(content.places.len());
    for place in content.places {
        let category = made.get(&place.category_id).ok_or(StoreError::NotFound("category"))?;
        changes.push(Change::CategoryEntry(partner, place.entry_id.clone()));
        entries.push(place.entry_id.clone());
        let privacy_context = category.privacy_contexts.clone();
        places.push(CategoryEntry { category_id: category.id, privacy_context, ..place });
    }
    category_entry::insert_all(tx, &places).await?;
    entries.sort_unstable();
    entries.dedup();
    entry_key::refresh_entries(tx, &entries).await?;
    tx.log_all(changes, now).await?;
    recount(tx, partner).await?;
    Ok(made.into_iter().map(|(named, category)| (named, category.id)).collect())
}

/// What categories below this one get from it.
fn lineage(category: &Category) -> Lineage<CategoryId> {
    Lineage {
        depth: category.depth,
        full_name: category.full_name.clone(),
        full_ids: category.full_ids.clone(),
        privacy_contexts: category.privacy_contexts.clone(),
        inherited_parent: category.inherited_parent_id,
        members_of: category.members_of,
    }
}

/// Counts everything that categories of an account count. An entry below a category in two places counts once.
async fn recount(tx: &mut Tx, partner: PartnerId) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE category SET \
         direct_entries_count = (SELECT count(*) FROM category_entry WHERE category_id = category.id AND status = 2), \
         pending_entries_count = (SELECT count(*) FROM category_entry WHERE category_id = category.id AND status = 1), \
         members_count = (SELECT count(*) FROM category_user WHERE category_id = category.id AND status = 1), \
         pending_members_count = (SELECT count(*) FROM category_user WHERE category_id = category.id AND status = 2), \
         direct_sub_categories_count = (SELECT count(*) FROM category AS below WHERE below.partner_id = $1 \
         AND below.parent_id = category.id AND below.status < 3), \
         entries_count = (SELECT count(DISTINCT category_entry.entry_id) FROM category AS below \
         JOIN category_entry ON category_entry.category_id = below.id AND category_entry.status = 2 \
         WHERE below.partner_id = $1 AND below.status < 3 AND below.full_ids >= category.full_ids \
         AND below.full_ids < category.full_ids || '?' AND (below.id = category.id \
         OR below.full_ids > category.full_ids || '>')) \
         WHERE partner_id = $1 AND status < 3",
        args![partner],
    )
    .await?;
    Ok(())
}
