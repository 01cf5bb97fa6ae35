//! What categories count: entries, and categories right below them.

use crate::engine::args;
use crate::error::StoreError;
use crate::writer::Tx;

/// Counts the categories right below one.
pub(crate) async fn recount_below(tx: &mut Tx, id: i64) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE category SET direct_sub_categories_count = (SELECT count(*) FROM category AS below \
         WHERE below.partner_id = category.partner_id AND below.parent_id = $1 AND below.status < 3) WHERE id = $1",
        args![id],
    )
    .await?;
    Ok(())
}

/// Counts the entries in a category, those that wait, and those in it or below it, each once.
pub(crate) async fn recount(tx: &mut Tx, id: i64) -> Result<(), StoreError> {
    recount_direct(tx, id).await?;
    let rows = tx.fetch("SELECT partner_id, full_ids FROM category WHERE id = $1", args![id]).await?;
    let Some(row) = rows.first() else { return Ok(()) };
    let (partner, full_ids) = (row.partner(0)?, row.text(1)?);
    tx.execute(
        "UPDATE category SET entries_count = (SELECT count(DISTINCT entry_id) FROM category AS below \
         JOIN category_entry ON category_id = below.id AND category_entry.status = 2 \
         WHERE below.partner_id = $2 AND below.status < 3 \
         AND (below.full_ids = $3 OR below.full_ids > $3 || '>' AND below.full_ids < $3 || '?')) WHERE id = $1",
        args![id, partner, full_ids],
    )
    .await?;
    Ok(())
}

/// Counts the entries right in a category, and those that wait.
pub(crate) async fn recount_direct(tx: &mut Tx, id: i64) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE category SET \
         direct_entries_count = (SELECT count(*) FROM category_entry WHERE category_id = $1 AND status = 2), \
         pending_entries_count = (SELECT count(*) FROM category_entry WHERE category_id = $1 AND status = 1) \
         WHERE id = $1",
        args![id],
    )
    .await?;
    Ok(())
}
