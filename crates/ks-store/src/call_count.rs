//! How many calls an account had, by hour, action and outcome: what plots are drawn from. It decides nothing.

use std::collections::HashMap;

use ks_schema::ErrorCode;
use ks_schema::generated::services::ActionId;
use ks_token::PartnerId;
use parking_lot::Mutex;
use sqlx::AssertSqlSafe;

use crate::engine::{Value, args};
use crate::error::StoreError;
use crate::store::Store;
use crate::writer::Writer;

/// The seconds of an hour.
const HOUR: i64 = 3600;
/// For how many seconds counts are kept: thirteen months, so that a year can be compared with the one before.
pub(crate) const KEEP_COUNTS_FOR: i64 = 400 * 86_400;
/// How many different counts may wait in memory. Further ones are not counted: it takes a flood of accounts.
const MOST_WAITING: usize = 100_000;

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    partner: PartnerId,
    hour: i64,
    action: ActionId,
    code: Option<ErrorCode>,
}

/// Counts on their way to the database.
#[derive(Default)]
pub(crate) struct CallCounts {
    waiting: Mutex<HashMap<Key, u64>>,
    /// Held while a batch is on its way, which is then neither waiting nor in the database.
    writing: tokio::sync::Mutex<()>,
}

impl CallCounts {
    fn add(&self, key: Key, calls: u64) {
        let mut waiting = self.waiting.lock();
        if let Some(count) = waiting.get_mut(&key) {
            *count += calls;
        } else if waiting.len() < MOST_WAITING {
            waiting.insert(key, calls);
        }
    }

    /// Writes what is waiting, after what others are writing. What could not be written waits on.
    pub(crate) async fn flush(&self, writer: &Writer) -> Result<(), StoreError> {
        let _turn = self.writing.lock().await;
        let batch = std::mem::take(&mut *self.waiting.lock());
        if batch.is_empty() {
            return Ok(());
        }
        let rows: Vec<(Key, u64)> = batch.into_iter().collect();
        let writing = rows.clone();
        let written = writer
            .write(move |tx| {
                Box::pin(async move {
                    for (key, calls) in writing {
                        let info = key.action.info();
                        tx.execute(
                            "INSERT INTO call_count (partner_id, hour, service, action, code, calls) \
                             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (partner_id, hour, service, action, code) \
                             DO UPDATE SET calls = call_count.calls + excluded.calls",
                            args![
                                key.partner,
                                key.hour,
                                info.service,
                                info.name,
                                key.code.map_or("", |code| code.info().code),
                                i64::try_from(calls).unwrap_or(i64::MAX),
                            ],
                        )
                        .await?;
                    }
                    Ok(())
                })
            })
            .await;
        if written.is_err() {
            rows.into_iter().for_each(|(key, calls)| self.add(key, calls));
        }
        written
    }
}

/// What is counted, and over which time. Times are Unix seconds.
#[derive(Clone, Debug)]
pub struct CountedCalls<'a> {
    /// The account.
    pub partner: PartnerId,
    /// From this second on, rounded down to a whole step.
    pub from: i64,
    /// Before this second.
    pub until: i64,
    /// How long a step is, in seconds: whole hours.
    pub step: i64,
    /// Only these actions; all, where there is none.
    pub actions: &'a [ActionId],
    /// Only successes, or only failures; both for `None`.
    pub succeeded: Option<bool>,
    /// Whether counts are told by action rather than by outcome.
    pub by_action: bool,
}

/// One count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallCount {
    /// The first second of the step, in Unix seconds.
    pub at: i64,
    /// `service.action`, or the code of the outcome: empty for a success.
    pub key: String,
    /// How many calls.
    pub calls: i64,
}

impl Store {
    /// Counts a call: in memory, written some seconds later. `now` is in Unix seconds; `None` stands for a success.
    pub fn count_call(&self, partner: PartnerId, action: ActionId, code: Option<ErrorCode>, now: i64) {
        self.inner.call_counts.add(Key { partner, hour: now - now.rem_euclid(HOUR), action, code }, 1);
    }

    /// How many calls there were, in order of time; steps without any are left out.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Closed`].
    pub async fn call_counts(&self, wanted: &CountedCalls<'_>) -> Result<Vec<CallCount>, StoreError> {
        // What this node has counted so far belongs to the answer.
        self.inner.call_counts.flush(&self.inner.writer).await?;
        let step = wanted.step.max(HOUR);
        let from = wanted.from.saturating_sub(wanted.from.rem_euclid(step));
        let key = if wanted.by_action { "service || '.' || action" } else { "code" };
        let outcome = match wanted.succeeded {
            Some(true) => "AND code = ''",
            Some(false) => "AND code <> ''",
            None => "",
        };
        let mut values = args![wanted.partner, from, wanted.until, step];
        let mut actions = Vec::with_capacity(wanted.actions.len());
        for action in wanted.actions {
            values.push(Value::from(action.info().full_name()));
            actions.push(format!("${}", values.len()));
        }
        let actions = match actions.is_empty() {
            true => String::new(),
            false => format!("AND service || '.' || action IN ({})", actions.join(", ")),
        };
        let sql = format!(
            "SELECT hour - hour % $4, {key}, CAST(SUM(calls) AS BIGINT) FROM call_count \
             WHERE partner_id = $1 AND hour >= $2 AND hour < $3 {outcome} {actions} GROUP BY 1, 2 ORDER BY 1, 2"
        );
        let mut reader = self.inner.engine.reader().await?;
        let rows = reader.fetch(AssertSqlSafe(sql), values).await?;
        rows.iter().map(|row| Ok(CallCount { at: row.int(0)?, key: row.text(1)?, calls: row.int(2)? })).collect()
    }
}
