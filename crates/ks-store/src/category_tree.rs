//! What a change of one category means for those below it.

use std::collections::BTreeMap;

use ks_access::condition::fold;
use ks_access::entitlement;
use ks_schema::ids::CategoryId;
use sqlx::AssertSqlSafe;

use crate::category::Category;
use crate::engine::{Value, args};
use crate::error::StoreError;
use crate::writer::Tx;

/// `KalturaInheritanceType`.
pub(crate) const INHERIT: i64 = 1;
pub(crate) const MANUAL: i64 = 2;

/// What follows from the place of a category.
pub(crate) type Lineage = entitlement::Lineage<CategoryId>;

/// How many rows one statement names.
const TOGETHER: usize = 500;

/// The ids of a path.
pub(crate) fn numbers(full_ids: &str) -> Vec<i64> {
    full_ids.split('>').filter_map(|id| id.parse().ok()).collect()
}

/// Whether a path leads to another one's end, or below it.
pub(crate) fn is_within(path: &str, end: &str) -> bool {
    path.strip_prefix(end).is_some_and(|rest| rest.is_empty() || rest.starts_with('>'))
}

/// What follows from the place of a category. Without a context there is nothing to be a member of, so none is inherited.
pub(crate) fn lineage(category: &Category, parent: Option<&Lineage>) -> Lineage {
    let of = |inherits| Lineage::of(parent, category.id, &category.name, &category.privacy_context, inherits);
    let place = of(category.inheritance_type == INHERIT);
    if place.privacy_contexts.is_empty() { of(false) } else { place }
}

/// The same, as it is kept.
pub(crate) fn kept(category: &Category) -> Lineage {
    Lineage {
        depth: category.depth,
        full_name: category.full_name.clone(),
        full_ids: category.full_ids.clone(),
        privacy_contexts: category.privacy_contexts.clone(),
        inherited_parent: category.inherited_parent_id,
        members_of: category.members_of,
    }
}

/// Takes over what follows from a place.
pub(crate) fn take(category: &mut Category, place: Lineage) {
    category.depth = place.depth;
    category.full_name = place.full_name;
    category.full_ids = place.full_ids;
    category.privacy_contexts = place.privacy_contexts;
    category.inherited_parent_id = place.inherited_parent;
    category.members_of = place.members_of;
}

/// A category without contexts has no choice of who sees what.
pub(crate) fn reset(category: &mut Category) {
    category.appear_in_list = 1;
    category.privacy = 1;
    category.inheritance_type = MANUAL;
    category.user_join_policy = 3;
    category.default_permission_level = 3;
    category.contribution_policy = 1;
    category.owner = None;
    category.owner_id = None;
}

/// Moves the paths of everything below a category along with its own: names, ids and depths.
pub(crate) async fn rename_below(tx: &mut Tx, before: &Category, after: &Category, now: i64) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE category SET depth = depth + $3, full_name = $4 || substr(full_name, length($5) + 1), \
         full_name_folded = $6 || substr(full_name_folded, length($7) + 1), \
         full_ids = $8 || substr(full_ids, length($2) + 1), updated_at = $9 \
         WHERE partner_id = $1 AND full_ids > $2 || '>' AND full_ids < $2 || '?' AND status < 3",
        args![
            before.partner_id,
            &before.full_ids,
            after.depth - before.depth,
            &after.full_name,
            &before.full_name,
            fold(&after.full_name),
            fold(&before.full_name),
            &after.full_ids,
            now,
        ],
    )
    .await?;
    Ok(())
}

/// What a category has from those above it, apart from its path.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Had {
    contexts: String,
    /// 0: its members are its own.
    inherited: i64,
}

/// Gives everything below a category the contexts and members that it has now. `below` is what was there before, parents
/// first; its paths are not looked at.
pub(crate) async fn resettle_below(
    tx: &mut Tx,
    top: &Category,
    below: &[Category],
    now: i64,
) -> Result<(), StoreError> {
    let mut places: BTreeMap<i64, Lineage> = BTreeMap::from([(top.id.get(), kept(top))]);
    let mut groups: BTreeMap<Had, Vec<i64>> = BTreeMap::new();
    let mut bare = Vec::new();
    for category in below {
        let Some(parent) = category.parent_id.and_then(|id| places.get(&id.get())) else { continue };
        let place = lineage(category, Some(parent));
        let had = Had {
            contexts: place.privacy_contexts.clone(),
            inherited: place.inherited_parent.map_or(0, CategoryId::get),
        };
        let was = category.inherited_parent_id.map_or(0, CategoryId::get);
        if had.contexts != category.privacy_contexts || had.inherited != was {
            if had.contexts.is_empty() && !category.privacy_contexts.is_empty() {
                bare.push(category.id.get());
            }
            groups.entry(had).or_default().push(category.id.get());
        }
        places.insert(category.id.get(), place);
    }
    for (had, ids) in &groups {
        for ids in ids.chunks(TOGETHER) {
            resettle(tx, top, had, ids, now).await?;
        }
    }
    for ids in bare.chunks(TOGETHER) {
        make_bare(tx, ids, now).await?;
    }
    Ok(())
}

/// Runs a statement for these categories: `IDS` stands for them, and its values come first.
async fn for_ids(tx: &mut Tx, sql: &str, mut values: Vec<Value>, ids: &[i64]) -> Result<(), StoreError> {
    let mut list = String::new();
    for id in ids {
        values.push(Value::from(*id));
        list.push_str(&format!("{}${}", if list.is_empty() { "" } else { ", " }, values.len()));
    }
    tx.execute(AssertSqlSafe(sql.replace("IDS", &format!("({list})"))), values).await?;
    Ok(())
}

async fn resettle(tx: &mut Tx, top: &Category, had: &Had, ids: &[i64], now: i64) -> Result<(), StoreError> {
    let sql = "UPDATE category SET privacy_contexts = $1, inherited_parent_id = $2, \
               members_of = CASE $2 WHEN 0 THEN id ELSE $2 END, updated_at = $3 WHERE id IN IDS";
    for_ids(tx, sql, args![&had.contexts, had.inherited, now], ids).await?;
    for_ids(tx, "DELETE FROM category_context WHERE category_id IN IDS", vec![], ids).await?;
    for context in entitlement::contexts(&had.contexts) {
        let sql = "INSERT INTO category_context (partner_id, context, category_id) \
                   SELECT partner_id, $1, id FROM category WHERE partner_id = $2 AND id IN IDS";
        for_ids(tx, sql, args![context, top.partner_id], ids).await?;
    }
    Ok(())
}

/// As [`reset`], for many; there is nothing to be a member of any more.
async fn make_bare(tx: &mut Tx, ids: &[i64], now: i64) -> Result<(), StoreError> {
    let sql = "UPDATE category SET appear_in_list = 1, privacy = 1, inheritance_type = 2, user_join_policy = 3, \
               default_permission_level = 3, contribution_policy = 1, owner_id = NULL, owner_puser_id = NULL, \
               members_count = 0, pending_members_count = 0 WHERE id IN IDS";
    for_ids(tx, sql, vec![], ids).await?;
    let sql = "UPDATE category_user SET status = 4, updated_at = $1 WHERE status <> 4 AND category_id IN IDS";
    for_ids(tx, sql, args![now], ids).await
}

/// The categories at a path's end and below it, as a condition on `category` with the account and the path as `$1` and
/// `$2`; `?` is the character after `>`.
macro_rules! within {
    () => {
        "category.partner_id = $1 \
         AND (category.full_ids = $2 OR category.full_ids > $2 || '>' AND category.full_ids < $2 || '?')"
    };
}

/// Takes the entries of a category and of all below it out of them, and puts each once into another category, where it
/// counts as much as it did anywhere.
pub(crate) async fn entries_go_up(tx: &mut Tx, gone: &Category, parent: &Category, now: i64) -> Result<(), StoreError> {
    // From active over waiting to rejected.
    tx.execute(
        concat!(
            "INSERT INTO category_entry (partner_id, category_id, entry_id, status, creator_kuser_id, \
             creator_puser_id, privacy_context, created_at, updated_at) \
             SELECT partner_id, $3, entry_id, status, creator_kuser_id, creator_puser_id, $4, created_at, $5 FROM \
             (SELECT category_entry.*, row_number() OVER (PARTITION BY entry_id ORDER BY \
             CASE category_entry.status WHEN 2 THEN 0 WHEN 1 THEN 1 ELSE 2 END, category_entry.id) AS rank \
             FROM category_entry JOIN category ON category.id = category_id \
             WHERE category_entry.status <> 3 AND ",
            within!(),
            ") AS best WHERE rank = 1 \
             ON CONFLICT (entry_id, category_id) WHERE status <> 3 DO UPDATE SET \
             status = CASE WHEN excluded.status = 2 OR category_entry.status = 4 THEN excluded.status \
             ELSE category_entry.status END, updated_at = excluded.updated_at"
        ),
        args![gone.partner_id, &gone.full_ids, parent.id, &parent.privacy_contexts, now],
    )
    .await?;
    entries_go_out(tx, gone, now).await
}

/// Takes the entries of a category and of all below it out of them.
pub(crate) async fn entries_go_out(tx: &mut Tx, gone: &Category, now: i64) -> Result<(), StoreError> {
    tx.execute(
        concat!(
            "UPDATE category_entry SET status = 3, updated_at = $3 WHERE status <> 3 AND category_id IN \
             (SELECT id FROM category WHERE ",
            within!(),
            ")"
        ),
        args![gone.partner_id, &gone.full_ids, now],
    )
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_within_another_one_by_whole_ids() {
        assert!(is_within("1>2", "1>2") && is_within("1>2>3", "1>2"));
        assert!(!is_within("1>23", "1>2") && !is_within("1", "1>2"));
        assert_eq!(numbers("1>23>4"), [1, 23, 4]);
    }
}
