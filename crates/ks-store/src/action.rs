//! `actionslimit:N`: exactly N uses of a token, counted in the database.

use ks_token::{KsHash, PartnerId};

use crate::engine::args;
use crate::error::StoreError;
use crate::store::Store;

/// What became of one use of a limited token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionUse {
    /// It counted.
    Consumed {
        /// How many uses are left.
        left: u32,
    },
    /// There was none left; nothing was counted.
    Exhausted,
}

impl Store {
    /// Uses a token that may be used `limit` times and expires at `until`; times are Unix seconds. Over all processes exactly
    /// `limit` calls answer [`ActionUse::Consumed`], and each is on disk before it is answered.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Closed`]: the use must be refused, though it may have been counted.
    pub async fn consume_action(
        &self,
        hash: KsHash,
        partner: PartnerId,
        limit: u32,
        until: i64,
        now: i64,
    ) -> Result<ActionUse, StoreError> {
        let Some(left) = limit.checked_sub(1) else { return Ok(ActionUse::Exhausted) };
        let write = self.inner.writer.write(move |tx| {
            Box::pin(async move {
                let rows = tx
                    .fetch(
                        "INSERT INTO action_counter (hash, partner_id, remaining, until, created_at) VALUES ($1, $2, $3, $4, $5) \
                         ON CONFLICT (hash) DO UPDATE SET remaining = action_counter.remaining - 1 \
                         WHERE action_counter.remaining > 0 RETURNING remaining",
                        args![hash, partner, i64::from(left), until, now],
                    )
                    .await?;
                Ok(match rows.first() {
                    Some(row) => ActionUse::Consumed {
                        left: u32::try_from(row.int(0)?).map_err(|_| StoreError::Corrupt("counter"))?,
                    },
                    None => ActionUse::Exhausted,
                })
            })
        });
        write.await
    }
}
