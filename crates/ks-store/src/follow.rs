//! Following the change log, so that what other processes did becomes known here within a bound.
//!
//! Looking again and again is the guarantee. A database that can say that there are changes makes it faster, no more.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ks_token::KsHash;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use crate::change::Change;
use crate::engine::{Conn, Engine, args};
use crate::error::StoreError;
use crate::memory::Memory;

const AT_ONCE: i64 = 1000;
const REVOCATIONS_AT_ONCE: i64 = 10_000;
/// The shortest time between two looks, when hints come one after the other.
const BREATH: Duration = Duration::from_millis(5);
/// How soon to look again after a fault, at the latest.
const AGAIN: Duration = Duration::from_secs(1);

/// The task that hears of changes; it ends with whoever follows them.
struct Listening(JoinHandle<()>);

impl Listening {
    async fn end(&mut self) {
        self.0.abort();
        // That it was cut off is what was wanted.
        drop((&mut self.0).await);
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Reads the change log on a connection of its own.
pub(crate) struct Follower {
    engine: Engine,
    memory: Arc<Memory>,
    conn: Option<Conn>,
    /// What the database answered when nothing was left to read.
    seen_version: Option<i64>,
    /// Of the server whose change log memory has followed.
    timeline: Option<i64>,
}

impl Follower {
    /// Reads all revocations, so that memory agrees with the database from now on.
    pub(crate) async fn start(engine: Engine, memory: Arc<Memory>) -> Result<Self, StoreError> {
        let mut follower = Self { engine, memory, conn: None, seen_version: None, timeline: None };
        follower.look().await?;
        // Reading many revocations takes longer than memory may lag behind.
        follower.look().await?;
        Ok(follower)
    }

    /// Follows until the store is closed or dropped.
    pub(crate) async fn run(mut self, every: Duration, mut closing: watch::Receiver<bool>) {
        let heard = Arc::new(Notify::new());
        let mut listening = Listening(tokio::spawn(self.engine.clone().listen(Arc::clone(&heard))));
        let (mut failing, mut looked) = (false, Instant::now());
        loop {
            let pause = if failing { every.min(AGAIN) } else { every };
            tokio::select! {
                _ = closing.changed() => break,
                () = heard.notified() => tokio::time::sleep(BREATH.saturating_sub(looked.elapsed())).await,
                () = tokio::time::sleep(pause) => {}
            }
            looked = Instant::now();
            match self.look().await {
                Ok(()) => failing = false,
                Err(error) => {
                    if !std::mem::replace(&mut failing, true) {
                        tracing::error!(%error, "cannot follow the change log");
                    }
                }
            }
        }
        listening.end().await;
        self.hang_up().await;
    }

    async fn hang_up(&mut self) {
        if let Some(conn) = self.conn.take() {
            conn.close().await;
        }
    }

    /// Reads what is new; after a fault, by a new connection next time.
    pub(crate) async fn look(&mut self) -> Result<(), StoreError> {
        let looked = self.look_once().await;
        if looked.is_err() {
            self.hang_up().await;
        }
        looked
    }

    async fn look_once(&mut self) -> Result<(), StoreError> {
        let conn = match &mut self.conn {
            Some(conn) => conn,
            none => {
                self.seen_version = None;
                let conn = none.insert(self.engine.connect().await?);
                // What was not yet copied to the server that took over is gone, and its numbers are given again: that they
                // were followed says nothing any more.
                let timeline = conn.timeline();
                if self.timeline != Some(timeline) {
                    reload(conn, &self.memory).await?;
                    self.timeline = Some(timeline);
                }
                conn
            }
        };
        let now = self.memory.now();
        let version = conn.data_version().await?;
        if self.seen_version != Some(version) {
            catch_up(conn, &self.memory).await?;
            self.seen_version = Some(version);
        }
        self.memory.agreed(now);
        Ok(())
    }
}

/// Applies all entries after the last one followed.
async fn catch_up(conn: &mut Conn, memory: &Memory) -> Result<(), StoreError> {
    loop {
        let from = memory.followed();
        // The last one again: the newest entry is never pruned.
        let rows = conn
            .fetch(
                "SELECT seq, kind, partner_id, object_key, value FROM change_log WHERE seq >= $1 ORDER BY seq LIMIT $2",
                args![from, AT_ONCE],
            )
            .await?;
        if rows.is_empty() && from > 0 {
            return reload(conn, memory).await;
        }
        for (row, expected) in rows.iter().zip(from.max(1)..) {
            if row.int(0)? != expected {
                // Entries were pruned before they were followed, or were lost: start over.
                return reload(conn, memory).await;
            }
            if expected == from {
                continue;
            }
            match Change::read(row, 1)? {
                Some(change) => memory.apply(&change),
                // A newer program beside this one knows what it means; anything cached may be untrue.
                None => memory.forget(),
            }
            memory.followed_to(expected);
        }
        if i64::try_from(rows.len()).is_ok_and(|count| count < AT_ONCE) {
            return Ok(());
        }
    }
}

/// Forgets all snapshots, and reads all revocations.
async fn reload(conn: &mut Conn, memory: &Memory) -> Result<(), StoreError> {
    let rows = conn.fetch("SELECT coalesce(max(seq), 0) FROM change_log", vec![]).await?;
    let newest = rows.first().ok_or(StoreError::Corrupt("change log"))?.int(0)?;
    memory.forget();
    for kind in ["session_group", "token"] {
        let mut after = Vec::new();
        loop {
            let rows = conn
                .fetch(
                    "SELECT key, until FROM revocation WHERE kind = $1 AND key > $2 ORDER BY key LIMIT $3",
                    args![kind, std::mem::take(&mut after), REVOCATIONS_AT_ONCE],
                )
                .await?;
            let mut last: Option<KsHash> = None;
            for row in &rows {
                let hash = row.hash(0)?;
                memory.revocations.insert(&hash, row.opt_int(1)?);
                last = Some(hash);
            }
            match last {
                Some(hash) if i64::try_from(rows.len()).is_ok_and(|count| count == REVOCATIONS_AT_ONCE) => {
                    after = hash.as_bytes().to_vec();
                }
                Some(_) | None => break,
            }
        }
    }
    // Entries after `newest` are read next, whether or not they were seen here.
    memory.follow_from(newest);
    Ok(())
}
