//! What lists of entries are read from under entitlement: for each context, who finds an entry there.
//!
//! The rows follow from `category`, `category_context` and `category_entry` as `ks_access::entitlement::keys` says, and
//! are made anew in the transaction that changes what they follow from.

use ks_schema::ids::EntryId;
use sqlx::AssertSqlSafe;

use crate::category::Category;
use crate::engine::{Value, args};
use crate::error::StoreError;
use crate::writer::Tx;

/// Makes the rows of some entries: `entries` is a condition on `entry`, of whose values each is used four times.
///
/// `1` and `2` are the entries that lists show unless they ask for something else: ready, not waiting for or refused by
/// a moderator, and meant to be found.
async fn refresh(tx: &mut Tx, entries: &str, args: Vec<Value>) -> Result<(), StoreError> {
    let shown = "CASE WHEN entry.status = 2 AND entry.moderation_status NOT IN (1, 3) \
                 AND entry.display_in_search NOT IN (-2, -1) \
                 THEN CASE WHEN entry.parent_entry_id IS NULL THEN 1 ELSE 2 END ELSE 0 END";
    // In each context the least restrictive category counts.
    let reached = "category_entry.entry_id, category_context.context, min(category.privacy) AS privacy \
                   FROM category_entry JOIN category ON category.id = category_entry.category_id \
                   JOIN category_context ON category_context.category_id = category.id";
    let delete = format!("DELETE FROM entry_key WHERE entry_id IN (SELECT id FROM entry WHERE {entries})");
    tx.execute(AssertSqlSafe(delete), args.clone()).await?;
    let uncategorised = format!(
        "INSERT INTO entry_key (partner_id, context, audience, category_id, listed, created_at, entry_id, sole, type) \
         SELECT partner_id, '', 0, 0, {shown}, created_at, id, 1, type FROM entry \
         WHERE {entries} AND status <> 3 AND NOT EXISTS (SELECT 1 FROM category_entry \
         WHERE category_entry.entry_id = entry.id AND category_entry.status IN (1, 2))"
    );
    tx.execute(AssertSqlSafe(uncategorised), args.clone()).await?;
    let open = format!(
        "INSERT INTO entry_key (partner_id, context, audience, category_id, listed, created_at, entry_id, sole, type) \
         SELECT entry.partner_id, reached.context, reached.privacy - 1, 0, {shown}, entry.created_at, entry.id, 1, \
         entry.type FROM (SELECT {reached} WHERE category_entry.status IN (1, 2) \
         AND category_entry.entry_id IN (SELECT id FROM entry WHERE {entries}) GROUP BY 1, 2) AS reached \
         JOIN entry ON entry.id = reached.entry_id WHERE reached.privacy < 3 AND entry.status <> 3"
    );
    tx.execute(AssertSqlSafe(open), args.clone()).await?;
    // Where lists show a category to its members only, those at the level NONE are none.
    let members = format!(
        "INSERT INTO entry_key (partner_id, context, audience, category_id, listed, created_at, entry_id, sole, type) \
         SELECT entry.partner_id, reached.context, min(CASE category.appear_in_list WHEN 3 THEN 3 ELSE 2 END), \
         category.members_of, {shown}, entry.created_at, entry.id, reached.sole, entry.type \
         FROM (SELECT CASE count(DISTINCT category.members_of) WHEN 1 THEN 1 ELSE 0 END AS sole, {reached} \
         WHERE category_entry.status IN (1, 2) \
         AND category_entry.entry_id IN (SELECT id FROM entry WHERE {entries}) GROUP BY 2, 3) AS reached \
         JOIN entry ON entry.id = reached.entry_id \
         JOIN category_entry ON category_entry.entry_id = reached.entry_id AND category_entry.status IN (1, 2) \
         JOIN category ON category.id = category_entry.category_id \
         JOIN category_context ON category_context.category_id = category.id \
         AND category_context.context = reached.context \
         WHERE reached.privacy = 3 AND entry.status <> 3 \
         GROUP BY entry.id, reached.context, category.members_of"
    );
    tx.execute(AssertSqlSafe(members), args).await?;
    Ok(())
}

/// After an entry or its places in categories changed.
pub(crate) async fn refresh_entry(tx: &mut Tx, entry: &EntryId) -> Result<(), StoreError> {
    refresh(tx, "entry.id = $1", args![entry]).await
}

/// After contexts, privacy, list or members of a category changed.
#[expect(dead_code, reason = "the services that change categories come next")]
pub(crate) async fn refresh_category(tx: &mut Tx, category: &Category) -> Result<(), StoreError> {
    let entries = "entry.id IN (SELECT entry_id FROM category_entry WHERE category_id = $1 AND status IN (1, 2))";
    refresh(tx, entries, args![category.id]).await
}

/// The same, after they changed for a category and everything below, whose `full_ids` are kept already; also for entries
/// that were taken away from there.
#[expect(dead_code, reason = "the services that change categories come next")]
pub(crate) async fn refresh_subtree(tx: &mut Tx, category: &Category) -> Result<(), StoreError> {
    // `?` is the character after `>`.
    let entries = "entry.id IN (SELECT category_entry.entry_id FROM category_entry JOIN category \
                   ON category.id = category_entry.category_id WHERE category.partner_id = $1 \
                   AND (category.full_ids = $2 OR category.full_ids > $2 || '>' AND category.full_ids < $2 || '?'))";
    refresh(tx, entries, args![category.partner_id, &category.full_ids]).await
}
