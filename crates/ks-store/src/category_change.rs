//! What a change of a category entails: its place and the places of all below it, members, counts. Each change is one
//! transaction, so that nothing is seen half done and nothing is left for later.

use std::collections::HashMap;

use ks_schema::ids::CategoryId;
use ks_token::PartnerId;

use crate::category::{self, Category};
use crate::category_tree::{self, INHERIT, MANUAL, numbers};
use crate::category_user_change::{self as members, Whom};
use crate::change::Change;
use crate::engine::args;
use crate::error::StoreError;
use crate::store::Store;
use crate::user_change::{Groups, found_or_made};
use crate::writer::Tx;
use crate::{category_count as count, entry_key};

/// Why a change of a category is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CategoryFault {
    /// There is no such category.
    #[error("there is no category {0}")]
    NotFound(CategoryId),
    /// There is no category that it could be put under.
    #[error("there is no category {0} to put it under")]
    NoParent(CategoryId),
    /// It would be below itself: the parent that was asked for, and the category.
    #[error("category {0} is category {1} itself, or below it")]
    BelowItself(CategoryId, CategoryId),
    /// Another category has this full name.
    #[error("there is a category of this name")]
    Taken(String),
    /// At the root there is nothing to have members from.
    #[error("there is no category to have the members of")]
    NothingToInherit,
    /// The account allows one context.
    #[error("more contexts than the account allows")]
    ManyContexts,
    /// The moved categories are under different ones.
    #[error("not under one category")]
    DifferentParents,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What an account may set up.
#[derive(Clone, Copy, Debug, Default)]
pub struct CategoryRules {
    /// Whether a category has one context at most.
    pub one_context: bool,
}

impl Store {
    /// Adds a category under the one that it names. Its own fields count; the rest follows from its place. `now` is in
    /// Unix seconds.
    ///
    /// An owner of whom only the id is given is found, or made when nobody has it.
    ///
    /// # Errors
    /// [`CategoryFault`].
    pub async fn add_category(
        &self,
        mut new: Category,
        rules: CategoryRules,
        now: i64,
    ) -> Result<Category, CategoryFault> {
        let groups = self.groups()?;
        let write = self.inner.writer.try_write(move |tx| {
            Box::pin(async move {
                find_owner(tx, &mut new, groups, now).await?;
                add(tx, new, rules, now).await
            })
        });
        write.await
    }

    /// Changes the own fields of a category, its parent and owner among them, who is found or made as by
    /// [`Store::add_category`]. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`CategoryFault`].
    pub async fn update_category(
        &self,
        partner: PartnerId,
        id: CategoryId,
        rules: CategoryRules,
        now: i64,
        change: impl FnOnce(&mut Category) + Send + 'static,
    ) -> Result<Category, CategoryFault> {
        let groups = self.groups()?;
        let write = self.inner.writer.try_write(move |tx| {
            Box::pin(async move {
                let before = category::read(tx, partner, id).await?.ok_or(CategoryFault::NotFound(id))?;
                let mut after = before.clone();
                change(&mut after);
                find_owner(tx, &mut after, groups, now).await?;
                settle(tx, &before, after, rules, now).await
            })
        });
        write.await
    }

    /// Puts sibling categories under another one, or at the root. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`CategoryFault`]; nothing has changed then.
    pub async fn move_categories(
        &self,
        partner: PartnerId,
        ids: Vec<CategoryId>,
        target: Option<CategoryId>,
        rules: CategoryRules,
        now: i64,
    ) -> Result<(), CategoryFault> {
        let write = self.inner.writer.try_write(move |tx| {
            Box::pin(async move {
                let mut from = None;
                for id in ids {
                    let before = category::read(tx, partner, id).await?.ok_or(CategoryFault::NotFound(id))?;
                    if *from.get_or_insert(before.parent_id) != before.parent_id {
                        return Err(CategoryFault::DifferentParents);
                    }
                    let after = Category { parent_id: target, ..before.clone() };
                    settle(tx, &before, after, rules, now).await?;
                }
                Ok(())
            })
        });
        write.await
    }

    /// Deletes a category and all below it. Its entries go to the category above, or are in none of them any more. `now`
    /// is in Unix seconds.
    ///
    /// # Errors
    /// [`CategoryFault`].
    pub async fn delete_category(
        &self,
        partner: PartnerId,
        id: CategoryId,
        entries_go_up: bool,
        now: i64,
    ) -> Result<(), CategoryFault> {
        let write = self.inner.writer.try_write(move |tx| {
            Box::pin(async move {
                let gone = category::read(tx, partner, id).await?.ok_or(CategoryFault::NotFound(id))?;
                delete(tx, &gone, entries_go_up, now).await
            })
        });
        write.await
    }

    /// Computes everything that follows from a category's place again, for it and all below it. `now` is in Unix
    /// seconds.
    ///
    /// # Errors
    /// [`CategoryFault`].
    pub async fn index_category(&self, partner: PartnerId, id: CategoryId, now: i64) -> Result<(), CategoryFault> {
        let write = self.inner.writer.try_write(move |tx| {
            Box::pin(async move {
                let before = category::read(tx, partner, id).await?.ok_or(CategoryFault::NotFound(id))?;
                let after = settle(tx, &before, before.clone(), CategoryRules::default(), now).await?;
                let mut ids = vec![after.id.get()];
                ids.extend(category::subtree(tx, &after).await?.iter().map(|below| below.id.get()));
                for id in ids {
                    members::recount(tx, id).await?;
                    count::recount(tx, id).await?;
                }
                Ok(())
            })
        });
        write.await
    }
}

/// Who the owner is that a category names by its id.
async fn find_owner(tx: &mut Tx, category: &mut Category, groups: Groups, now: i64) -> Result<(), StoreError> {
    if let (None, Some(id)) = (category.owner, &category.owner_id) {
        category.owner = Some(found_or_made(tx, category.partner_id, id, groups, now).await?.0);
    }
    Ok(())
}

/// A row that was just written, with its counts.
async fn reread(tx: &mut Tx, partner: PartnerId, id: CategoryId) -> Result<Category, CategoryFault> {
    Ok(category::read(tx, partner, id).await?.ok_or(StoreError::Corrupt("category"))?)
}

async fn parent_of(tx: &mut Tx, child: &Category) -> Result<Option<Category>, CategoryFault> {
    let Some(id) = child.parent_id else { return Ok(None) };
    Ok(Some(category::read(tx, child.partner_id, id).await?.ok_or(CategoryFault::NoParent(id))?))
}

async fn add(tx: &mut Tx, mut new: Category, rules: CategoryRules, now: i64) -> Result<Category, CategoryFault> {
    // A copy still has the id of what it was made from.
    new.id = CategoryId::new(0);
    let parent = parent_of(tx, &new).await?;
    place(&mut new, parent.as_ref())?;
    if rules.one_context && new.privacy_contexts.contains(',') {
        return Err(CategoryFault::ManyContexts);
    }
    check_free(tx, &new).await?;
    (new.entries_count, new.direct_entries_count, new.pending_entries_count) = (0, 0, 0);
    (new.members_count, new.pending_members_count, new.direct_sub_categories_count) = (0, 0, 0);
    new.created_at = now;
    new.updated_at = now;
    let mut made = category::insert(tx, &new).await?;
    // What names the category itself was not known before.
    place(&mut made, parent.as_ref())?;
    category::save(tx, &made).await?;
    put_owner(tx, &made, now).await?;
    if let Some(parent) = &parent {
        count::recount_below(tx, parent.id.get()).await?;
    }
    tx.log(Change::Category(made.partner_id, made.id), now).await?;
    reread(tx, made.partner_id, made.id).await
}

/// Copies all categories of an account into another one that has none: their places, names and rules. Entries, members
/// and owners are somebody's, and stay.
pub(crate) async fn copy_all(tx: &mut Tx, from: PartnerId, to: PartnerId, now: i64) -> Result<(), StoreError> {
    let mut copies: HashMap<CategoryId, CategoryId> = HashMap::new();
    let mut collected = Vec::new();
    for original in category::all(tx, from).await? {
        let id = original.id;
        let collections = original.aggregation_categories.clone();
        let copy = Category {
            partner_id: to,
            parent_id: original.parent_id.and_then(|parent| copies.get(&parent).copied()),
            owner: None,
            owner_id: None,
            aggregation_categories: String::new(),
            ..original
        };
        let made = add(tx, copy, CategoryRules::default(), now).await.map_err(|fault| match fault {
            CategoryFault::Store(error) => error,
            // What stands in one account can stand in another.
            _ => StoreError::Corrupt("category of a template"),
        })?;
        copies.insert(id, made.id);
        if !collections.is_empty() {
            collected.push((made.id, collections));
        }
    }
    for (id, collections) in collected {
        let own = collections.split(',').filter_map(|word| {
            let original = CategoryId::new(word.trim().parse().ok()?);
            copies.get(&original).map(ToString::to_string)
        });
        let aggregation_categories = own.collect::<Vec<_>>().join(",");
        let made = category::read(tx, to, id).await?.ok_or(StoreError::Corrupt("category"))?;
        category::save(tx, &Category { aggregation_categories, ..made }).await?;
    }
    Ok(())
}

/// Writes a changed category, and everything that follows from the change.
async fn settle(
    tx: &mut Tx,
    before: &Category,
    mut after: Category,
    rules: CategoryRules,
    now: i64,
) -> Result<Category, CategoryFault> {
    let parent = parent_of(tx, &after).await?;
    if let Some(parent) = &parent
        && category_tree::is_within(&parent.full_ids, &before.full_ids)
    {
        return Err(CategoryFault::BelowItself(parent.id, before.id));
    }
    if before.inheritance_type == INHERIT && after.inheritance_type == MANUAL {
        take_over(tx, before, &mut after).await?;
    }
    place(&mut after, parent.as_ref())?;
    if rules.one_context && after.privacy_contexts.contains(',') && after.privacy_contexts != before.privacy_contexts {
        return Err(CategoryFault::ManyContexts);
    }
    if after.full_name != before.full_name {
        check_free(tx, &after).await?;
    }
    after.updated_at = now;
    let below = category::subtree(tx, before).await?;
    category::save(tx, &after).await?;
    if (&after.full_name, &after.full_ids) != (&before.full_name, &before.full_ids) {
        category_tree::rename_below(tx, before, &after, now).await?;
    }
    category_tree::resettle_below(tx, &after, &below, now).await?;

    let own_before = before.members_of == before.id;
    let own = after.members_of == after.id;
    if own_before && !own || !before.privacy_contexts.is_empty() && after.privacy_contexts.is_empty() {
        members::remove(tx, after.id, Whom::Everybody, now).await?;
    } else if before.privacy != 3 && after.privacy == 3 {
        members::remove(tx, after.id, Whom::WithoutPermission, now).await?;
    }
    if after.owner != before.owner || own && !own_before {
        put_owner(tx, &after, now).await?;
    }
    if before.parent_id != after.parent_id {
        moved(tx, before, &after).await?;
    }
    if before.privacy_contexts != after.privacy_contexts || before.members_of != after.members_of {
        entry_key::refresh_subtree(tx, &after).await?;
    } else if (before.privacy, before.appear_in_list) != (after.privacy, after.appear_in_list) {
        entry_key::refresh_category(tx, &after).await?;
    }
    tx.log(Change::Category(after.partner_id, after.id), now).await?;
    reread(tx, after.partner_id, after.id).await
}

/// Sets what follows from the place of a category.
fn place(category: &mut Category, parent: Option<&Category>) -> Result<(), CategoryFault> {
    let place = category_tree::lineage(category, parent.map(category_tree::kept).as_ref());
    if place.privacy_contexts.is_empty() {
        category_tree::reset(category);
    } else if category.inheritance_type == INHERIT && parent.is_none() {
        return Err(CategoryFault::NothingToInherit);
    }
    category_tree::take(category, place);
    Ok(())
}

/// Whether the full name of a category is no other one's.
async fn check_free(tx: &mut Tx, category: &Category) -> Result<(), CategoryFault> {
    match category::read_named(tx, category.partner_id, &category.full_name).await? {
        Some(other) if other.id != category.id => Err(CategoryFault::Taken(category.full_name.clone())),
        Some(_) | None => Ok(()),
    }
}

/// A category that gets members of its own starts with the settings that it had from another one.
async fn take_over(tx: &mut Tx, before: &Category, after: &mut Category) -> Result<(), CategoryFault> {
    let Some(root) = category::read(tx, before.partner_id, before.members_of).await? else { return Ok(()) };
    if after.user_join_policy == before.user_join_policy {
        after.user_join_policy = root.user_join_policy;
    }
    if after.default_permission_level == before.default_permission_level {
        after.default_permission_level = root.default_permission_level;
    }
    if after.owner == before.owner {
        after.owner = root.owner;
        after.owner_id = root.owner_id;
    }
    Ok(())
}

/// The owner of a category with members of its own manages it.
async fn put_owner(tx: &mut Tx, category: &Category, now: i64) -> Result<(), CategoryFault> {
    if let (Some(owner), Some(id), true) = (category.owner, &category.owner_id, category.members_of == category.id) {
        members::put_manager(tx, category, owner, id, now).await?;
    }
    members::recount(tx, category.id.get()).await?;
    Ok(())
}

/// Counts of the categories above, where a category was and where it is.
async fn moved(tx: &mut Tx, before: &Category, after: &Category) -> Result<(), CategoryFault> {
    for parent in [before.parent_id, after.parent_id].into_iter().flatten() {
        count::recount_below(tx, parent.get()).await?;
    }
    let (old, new) = (numbers(&before.full_ids), numbers(&after.full_ids));
    let differ = old.iter().filter(|id| !new.contains(id)).chain(new.iter().filter(|id| !old.contains(id)));
    for id in differ {
        count::recount(tx, *id).await?;
    }
    Ok(())
}

async fn delete(tx: &mut Tx, gone: &Category, entries_go_up: bool, now: i64) -> Result<(), CategoryFault> {
    let parent = parent_of(tx, gone).await?;
    members::remove_below(tx, gone, now).await?;
    match parent.as_ref().filter(|_| entries_go_up) {
        Some(parent) => category_tree::entries_go_up(tx, gone, parent, now).await?,
        None => category_tree::entries_go_out(tx, gone, now).await?,
    }
    let above = numbers(&gone.full_ids);
    tx.execute(
        "UPDATE category SET status = 3, updated_at = $3 \
         WHERE partner_id = $1 AND status < 3 AND (full_ids = $2 OR full_ids > $2 || '>' AND full_ids < $2 || '?')",
        args![gone.partner_id, &gone.full_ids, now],
    )
    .await?;
    entry_key::refresh_subtree(tx, gone).await?;
    if let Some(parent) = &parent {
        count::recount_below(tx, parent.id.get()).await?;
    }
    for id in above.iter().filter(|id| **id != gone.id.get()) {
        count::recount(tx, *id).await?;
    }
    tx.log(Change::Category(gone.partner_id, gone.id), now).await?;
    Ok(())
}
