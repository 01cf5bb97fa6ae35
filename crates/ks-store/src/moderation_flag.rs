//! What moderators were told of entries.

use ks_schema::ids::{EntryId, UserId};
use ks_token::PartnerId;

use crate::change::Change;
use crate::engine::{Fetch, Row, args};
use crate::entry;
use crate::error::StoreError;
use crate::list::Page;
use crate::store::Store;
use crate::writer::Tx;

/// A word to moderators about an entry. Times are Unix seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModerationFlag {
    /// Its number.
    pub id: i64,
    /// The account.
    pub partner_id: PartnerId,
    /// The entry.
    pub entry_id: EntryId,
    /// Who said it; nobody in particular in an anonymous session.
    pub user_id: Option<UserId>,
    /// Whether moderators have decided since.
    pub is_settled: bool,
    /// Why, in words.
    pub comments: Option<String>,
    /// `KalturaModerationFlagType`.
    pub flag_type: Option<i64>,
    /// When it was said.
    pub created_at: i64,
    /// When it last changed.
    pub updated_at: i64,
}

fn read_row(row: &Row) -> Result<ModerationFlag, StoreError> {
    Ok(ModerationFlag {
        id: row.int(0)?,
        partner_id: row.partner(1)?,
        entry_id: EntryId::new(row.text(2)?),
        user_id: row.opt_text(3)?.map(UserId::new),
        is_settled: row.flag(4)?,
        comments: row.opt_text(5)?,
        flag_type: row.opt_int(6)?,
        created_at: row.int(7)?,
        updated_at: row.int(8)?,
    })
}

/// Nothing of what was said of an entry waits any more.
pub(crate) async fn settle(tx: &mut Tx, entry: &EntryId, now: i64) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE moderation_flag SET is_settled = 1, updated_at = $2 WHERE entry_id = $1 AND is_settled = 0",
        args![entry, now],
    )
    .await?;
    Ok(())
}

impl Store {
    /// Tells moderators of an entry, which then counts as flagged; the flag's number and times are set.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the account has no such entry; [`StoreError::Unavailable`].
    pub async fn flag_entry(&self, flag: ModerationFlag, now: i64) -> Result<(), StoreError> {
        /// `KalturaEntryModerationStatus`.
        const FLAGGED: i64 = 5;
        let write = self.inner.writer.write(move |tx| {
            Box::pin(async move {
                let found = entry::read(tx, flag.partner_id, &flag.entry_id).await?;
                let mut entry = found.filter(|entry| entry.status != 3).ok_or(StoreError::NotFound("entry"))?;
                tx.execute(
                    "INSERT INTO moderation_flag (partner_id, entry_id, puser_id, is_settled, comments, flag_type, \
                     created_at, updated_at) VALUES ($1, $2, $3, 0, $4, $5, $6, $6)",
                    args![
                        flag.partner_id,
                        &flag.entry_id,
                        flag.user_id.as_ref().map(UserId::as_str),
                        flag.comments,
                        flag.flag_type,
                        now,
                    ],
                )
                .await?;
                (entry.moderation_status, entry.moderation_count) = (FLAGGED, entry.moderation_count + 1);
                entry.updated_at = now;
                entry::save(tx, &entry).await?;
                tx.log(Change::Entry(flag.partner_id, flag.entry_id), now).await
            })
        });
        write.await
    }

    /// One page of what moderators were told of an entry and have not decided on, the newest first, and how much there is.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Closed`].
    pub async fn flags_of(&self, entry: &EntryId, page: Page) -> Result<(Vec<ModerationFlag>, u64), StoreError> {
        let mut reader = self.inner.engine.reader().await?;
        let count = "SELECT count(*) FROM moderation_flag WHERE entry_id = $1 AND is_settled = 0";
        let total = reader.rows(count, args![entry]).await?.first().ok_or(StoreError::Corrupt("count"))?.int(0)?;
        let rows = reader
            .rows(
                "SELECT id, partner_id, entry_id, puser_id, is_settled, comments, flag_type, created_at, updated_at \
                 FROM moderation_flag WHERE entry_id = $1 AND is_settled = 0 ORDER BY id DESC LIMIT $2 OFFSET $3",
                args![entry, i64::from(page.limit), i64::from(page.offset)],
            )
            .await?;
        let flags = rows.iter().map(read_row).collect::<Result<_, _>>()?;
        Ok((flags, u64::try_from(total).map_err(|_| StoreError::Corrupt("count"))?))
    }
}
