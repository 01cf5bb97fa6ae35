//! Why calls were refused, kept for a while so that the account's owner can ask.

use std::collections::VecDeque;

use ks_token::{KsHash, PartnerId};
use parking_lot::Mutex;

use crate::engine::{Row, args};
use crate::error::StoreError;
use crate::store::Store;
use crate::writer::Writer;

/// How many wait to be written; under a flood the oldest are dropped.
const WAITING: usize = 4096;
const AT_ONCE: usize = 1000;
/// Longer texts are cut: the caller chose some of them.
const TEXT: usize = 256;

/// One refused call. It must not hold a secret or a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The request, as told to the caller; a multirequest has several refusals of one request.
    pub request_id: String,
    /// When, in Unix seconds.
    pub at: i64,
    /// The account that the session claimed or was asked for, if any.
    pub partner_id: Option<PartnerId>,
    /// The service asked for.
    pub service: String,
    /// The action asked for.
    pub action: String,
    /// The error code that the caller saw.
    pub code: String,
    /// Which check refused: a short fixed name.
    pub reason: String,
    /// More about it, for a person.
    pub detail: String,
    /// The session's user, when its signature verified.
    pub user_id: Option<String>,
    /// The hash of the session's token, when its signature verified.
    pub session_hash: Option<KsHash>,
}

/// Refusals on their way to the database.
#[derive(Default)]
pub(crate) struct RefusalQueue(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    queue: VecDeque<Refusal>,
    /// The number of the queue's first refusal since the start.
    first: u64,
    dropped: u64,
}

impl Waiting {
    fn drop_first(&mut self) {
        if self.queue.pop_front().is_some() {
            self.first += 1;
        }
    }
}

impl RefusalQueue {
    fn push(&self, mut refusal: Refusal) {
        let Refusal {
            request_id,
            at: _,
            partner_id: _,
            service,
            action,
            code,
            reason,
            detail,
            user_id,
            session_hash: _,
        } = &mut refusal;
        [request_id, service, action, code, reason, detail].into_iter().chain(user_id).for_each(clean);
        let mut waiting = self.0.lock();
        if waiting.queue.len() >= WAITING {
            waiting.drop_first();
            waiting.dropped += 1;
        }
        waiting.queue.push_back(refusal);
    }

    fn find(&self, request_id: &str) -> Vec<Refusal> {
        self.0.lock().queue.iter().filter(|refusal| refusal.request_id == request_id).cloned().collect()
    }

    /// Writes what waits. What could not be written waits on.
    pub(crate) async fn flush(&self, writer: &Writer) -> Result<(), StoreError> {
        loop {
            let (batch, end, dropped) = {
                let mut waiting = self.0.lock();
                let batch: Vec<Refusal> = waiting.queue.iter().take(AT_ONCE).cloned().collect();
                let end = batch.iter().fold(waiting.first, |end, _| end + 1);
                (batch, end, std::mem::take(&mut waiting.dropped))
            };
            if dropped > 0 {
                tracing::warn!(dropped, "refusals came faster than they could be kept");
            }
            if batch.is_empty() {
                return Ok(());
            }
            write(writer, batch).await?;
            let mut waiting = self.0.lock();
            while waiting.first < end && !waiting.queue.is_empty() {
                waiting.drop_first();
            }
        }
    }
}

/// Cuts a text, and takes out what no database holds.
fn clean(text: &mut String) {
    text.retain(|character| character != '\0');
    text.truncate(text.floor_char_boundary(TEXT));
}

async fn write(writer: &Writer, batch: Vec<Refusal>) -> Result<(), StoreError> {
    let write = writer.write(move |tx| {
        Box::pin(async move {
            for refusal in batch {
                tx.execute(
                    "INSERT INTO refusal (request_id, at, partner_id, service, action, code, reason, detail, user_id, \
                     session_hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                    args![
                        refusal.request_id,
                        refusal.at,
                        refusal.partner_id,
                        refusal.service,
                        refusal.action,
                        refusal.code,
                        refusal.reason,
                        refusal.detail,
                        refusal.user_id,
                        refusal.session_hash.map(|hash| hash.to_string())
                    ],
                )
                .await?;
            }
            Ok(())
        })
    });
    write.await
}

fn read_row(row: &Row) -> Result<Refusal, StoreError> {
    let hash = row.opt_text(9)?.map(|hash| hash.parse()).transpose();
    Ok(Refusal {
        request_id: row.text(0)?,
        at: row.int(1)?,
        partner_id: row.opt_partner(2)?,
        service: row.text(3)?,
        action: row.text(4)?,
        code: row.text(5)?,
        reason: row.text(6)?,
        detail: row.text(7)?,
        user_id: row.opt_text(8)?,
        session_hash: hash.map_err(|_| StoreError::Corrupt("refusal"))?,
    })
}

impl Store {
    /// Remembers why a call was refused, without waiting. Texts are cut at 256 bytes; under a flood the oldest are
    /// dropped.
    pub fn record_refusal(&self, refusal: Refusal) {
        self.inner.refusals.push(refusal);
    }

    /// The refusals of one request, in their order; none when it was not refused or too long ago.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Closed`]; [`StoreError::Invalid`] for a NUL in the id.
    pub async fn refusals(&self, request_id: &str) -> Result<Vec<Refusal>, StoreError> {
        // Asked first: what is written meanwhile is then found twice rather than not at all.
        let waiting = self.inner.refusals.find(request_id);
        let mut reader = self.inner.engine.reader().await?;
        let rows = reader
            .fetch(
                "SELECT request_id, at, partner_id, service, action, code, reason, detail, user_id, session_hash \
                 FROM refusal WHERE request_id = $1 ORDER BY id",
                args![request_id],
            )
            .await?;
        let mut all: Vec<Refusal> = rows.iter().map(read_row).collect::<Result<_, _>>()?;
        for refusal in waiting {
            if !all.contains(&refusal) {
                all.push(refusal);
            }
        }
        Ok(all)
    }
}
