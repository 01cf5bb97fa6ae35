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
        left: i64,
    },
    /// There was none left; nothing was counted.
    Exhausted,
}

impl Store {
    /// Uses a token that may be used `limit` times and expires at `until` (Unix seconds). Over all processes exactly
    /// `limit` calls answer [`ActionUse::Consumed`], and each is on disk before it is answered.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Closed`]: the use must be refused, though it may have been counted.
    pub async fn consume_action(
        &self,
        partner: PartnerId,
        hash: KsHash,
        limit: i64,
        until: i64,
    ) -> Result<ActionUse, StoreError> {
        if limit < 1 {
            return Ok(ActionUse::Exhausted);
        }
        let write = self.inner.writer.write(move |tx| {
            Box::pin(async move {
                let rows = tx
                    .fetch(
                        "INSERT INTO action_counter (hash, partner_id, remaining, until) VALUES ($1, $2, $3, $4) \
                         ON CONFLICT (hash) DO UPDATE SET remaining = action_counter.remaining - 1 \
                         WHERE action_counter.remaining > 0 RETURNING remaining",
                        args![hash, partner, limit - 1, until],
                    )
                    .await?;
                Ok(match rows.first() {
                    Some(row) => ActionUse::Consumed { left: row.int(0)? },
                    None => ActionUse::Exhausted,
                })
            })
        });
        write.await
    }
}
