//! What lists of entries are read from under entitlement: for each context, who finds an entry there.
//!
//! The rows follow from `category`, `category_context` and `category_entry` as `ks_access::entitlement::keys` says, and
//! are made anew in the transaction that changes what they follow from.

use ks_schema::ids::EntryId;
use ks_token::PartnerId;
use sqlx::AssertSqlSafe;

use crate::category::Category;
use crate::engine::{Value, args};
use crate::error::StoreError;
use crate::list::AT_ONCE;
use crate::remembered::{self, Shown};
use crate::store::Store;
use crate::writer::Tx;

/// Makes the rows of some entries: `entries` is a condition on `entry`.
///
/// `1` and `2` are the entries that lists show unless they ask for something else: ready, not waiting for or refused by
/// a moderator, and meant to be found.
async fn refresh(tx: &mut Tx, entries: &str, args: Vec<Value>) -> Result<(), StoreError> {
    let shown = "CASE WHEN entry.status = 2 AND entry.moderation_status NOT IN (1, 3) \
                 AND entry.display_in_search NOT IN (-2, -1) \
                 THEN CASE WHEN entry.parent_entry_id IS NULL THEN 1 ELSE 2 END ELSE 0 END";
    tally(tx, entries, "-", args.clone()).await?;
    let delete = format!("DELETE FROM entry_key WHERE entry_id IN (SELECT id FROM entry WHERE {entries})");
    tx.execute(AssertSqlSafe(delete), args.clone()).await?;
    let uncategorised = format!(
        "INSERT INTO entry_key (partner_id, context, audience, category_id, listed, created_at, entry_id, sole, type) \
         SELECT partner_id, '', 0, 0, {shown}, created_at, id, 1, type FROM entry \
         WHERE {entries} AND status <> 3 AND NOT EXISTS (SELECT 1 FROM category_entry \
         WHERE category_entry.entry_id = entry.id AND category_entry.status IN (1, 2))"
    );
    tx.execute(AssertSqlSafe(uncategorised), args.clone()).await?;
    // In each context the least restrictive category counts. Members of such categories as lists show to members only
    // are those above the level NONE.
    let categorised = format!(
        "INSERT INTO entry_key (partner_id, context, audience, category_id, listed, created_at, entry_id, sole, type) \
         SELECT entry.partner_id, found.context, found.audience, found.category_id, {shown}, entry.created_at, \
         entry.id, CASE count(*) OVER (PARTITION BY found.entry_id, found.context) WHEN 1 THEN 1 ELSE 0 END, entry.type \
         FROM (SELECT entry_id, context, CASE least WHEN 3 THEN members_of ELSE 0 END AS category_id, \
         min(CASE WHEN least < 3 THEN least - 1 WHEN appear_in_list = 3 THEN 3 ELSE 2 END) AS audience \
         FROM (SELECT category_entry.entry_id, category_context.context, category.members_of, category.appear_in_list, \
         min(category.privacy) OVER (PARTITION BY category_entry.entry_id, category_context.context) AS least \
         FROM category_entry JOIN category ON category.id = category_entry.category_id \
         JOIN category_context ON category_context.category_id = category.id \
         WHERE category_entry.status IN (1, 2) \
         AND category_entry.entry_id IN (SELECT id FROM entry WHERE {entries})) AS reached GROUP BY 1, 2, 3) AS found \
         JOIN entry ON entry.id = found.entry_id WHERE entry.status <> 3"
    );
    tx.execute(AssertSqlSafe(categorised), args.clone()).await?;
    tally(tx, entries, "+", args).await
}

/// Counts the rows of some entries in, or out.
async fn tally(tx: &mut Tx, entries: &str, sign: &str, args: Vec<Value>) -> Result<(), StoreError> {
    let sql = format!(
        "INSERT INTO entry_key_count (partner_id, context, audience, category_id, listed, type, keys) \
         SELECT partner_id, context, audience, category_id, listed, type, {sign}count(*) FROM entry_key \
         WHERE sole = 1 AND entry_id IN (SELECT id FROM entry WHERE {entries}) GROUP BY 1, 2, 3, 4, 5, 6 \
         ON CONFLICT (partner_id, context, audience, category_id, listed, type) \
         DO UPDATE SET keys = entry_key_count.keys + excluded.keys"
    );
    tx.execute(AssertSqlSafe(sql), args).await?;
    Ok(())
}

/// After an entry or its places in categories changed.
pub(crate) async fn refresh_entry(tx: &mut Tx, entry: &EntryId) -> Result<(), StoreError> {
    refresh(tx, "entry.id = $1", args![entry]).await
}

/// The same for many entries.
pub(crate) async fn refresh_entries(tx: &mut Tx, entries: &[EntryId]) -> Result<(), StoreError> {
    for some in entries.chunks(AT_ONCE) {
        let places: Vec<String> = (1..=some.len()).map(|place| format!("${place}")).collect();
        let these = format!("entry.id IN ({})", places.join(", "));
        refresh(tx, &these, some.iter().map(Value::from).collect()).await?;
    }
    Ok(())
}

/// After contexts, privacy, list or members of a category changed.
pub(crate) async fn refresh_category(tx: &mut Tx, category: &Category) -> Result<(), StoreError> {
    let entries = "entry.id IN (SELECT entry_id FROM category_entry WHERE category_id = $1 AND status IN (1, 2))";
    refresh(tx, entries, args![category.id]).await
}

/// The same, after they changed for a category and everything below, whose `full_ids` are kept already; also for entries
/// that were taken away from there.
pub(crate) async fn refresh_subtree(tx: &mut Tx, category: &Category) -> Result<(), StoreError> {
    // `?` is the character after `>`.
    let entries = "entry.id IN (SELECT category_entry.entry_id FROM category_entry JOIN category \
                   ON category.id = category_entry.category_id WHERE category.partner_id = $1 \
                   AND (category.full_ids = $2 OR category.full_ids > $2 || '>' AND category.full_ids < $2 || '?'))";
    refresh(tx, entries, args![category.partner_id, &category.full_ids]).await
}

impl Store {
    /// Makes anew what lists of an account's entries are read from, after its rows were written by other means than this
    /// program's.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Closed`].
    pub async fn rebuild_lists(&self, partner: PartnerId) -> Result<(), StoreError> {
        let write = self.inner.writer.write(move |tx| {
            Box::pin(async move {
                refresh(tx, "entry.partner_id = $1", args![partner]).await?;
                let shown = Shown { categories: true, entries: true, users: false };
                remembered::changed_in(tx, partner, shown).await
            })
        });
        write.await
    }
}
