//! What happens in the background: late writes, and deleting what has lapsed.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use crate::call_count::{CallCounts, KEEP_COUNTS_FOR};
use crate::config::Clock;
use crate::engine::{Engine, args};
use crate::error::StoreError;
use crate::kek::Kek;
use crate::login_failure::FORGOTTEN_AFTER;
use crate::memory::Memory;
use crate::migrate::choose_key;
use crate::refusal::RefusalQueue;
use crate::secret::LastUsed;
use crate::writer::Writer;

/// How much longer than needed a revocation or a counter is kept, in seconds: clocks of nodes differ.
const GRACE: i64 = 86_400;
/// How often a process that serves says that it is there.
const ANNOUNCE_EVERY: Duration = Duration::from_secs(60);
/// How soon keys are looked after again when that failed: whoever rotates them waits for it.
const AGAIN: Duration = Duration::from_secs(1);
const KEYS: &str = "looking after keys";
/// For how many seconds the change log is kept; who was away for longer reads everything anew.
const KEEP_CHANGES_FOR: i64 = 3600;

/// The settings of background work.
pub(crate) struct Upkeep {
    pub(crate) engine: Engine,
    pub(crate) writer: Writer,
    pub(crate) kek: Kek,
    /// What this process is called, and a number that is its own, if it serves.
    pub(crate) node: Option<(String, String)>,
    pub(crate) memory: Arc<Memory>,
    pub(crate) refusals: Arc<RefusalQueue>,
    pub(crate) last_used: Arc<LastUsed>,
    pub(crate) call_counts: Arc<CallCounts>,
    pub(crate) clock: Clock,
    pub(crate) flush_last_used_every: Duration,
    pub(crate) flush_refusals_every: Duration,
    pub(crate) keep_refusals_for: i64,
    pub(crate) keep_refusals: i64,
    pub(crate) prune_every: Duration,
}

impl Upkeep {
    /// Works until the store is closed or dropped, then writes what is left.
    pub(crate) async fn run(self, mut closing: watch::Receiver<bool>) {
        let every = |period: Duration| {
            let mut timer = tokio::time::interval(period.max(Duration::from_millis(1)));
            timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
            timer
        };
        let mut refusals = every(self.flush_refusals_every);
        let mut last_used = every(self.flush_last_used_every);
        let mut prune = every(self.prune_every);
        // The first tick comes at once; starting should be fast.
        prune.tick().await;
        let mut keys = every(ANNOUNCE_EVERY);
        loop {
            let (what, result) = tokio::select! {
                _ = closing.changed() => break,
                _ = refusals.tick() => ("writing refusals", self.refusals.flush(&self.writer).await),
                _ = last_used.tick() => ("writing what was used", self.flush_use().await),
                _ = keys.tick() => (KEYS, self.keys().await),
                () = self.memory.keys_changed.notified() => (KEYS, self.keys().await),
                _ = prune.tick() => ("deleting what has lapsed", self.prune().await),
            };
            if what == KEYS && result.is_err() {
                keys.reset_after(AGAIN);
            }
            warn(what, result);
        }
        warn("writing refusals", self.refusals.flush(&self.writer).await);
        warn("writing what was used", self.flush_use().await);
        warn(KEYS, self.leave().await);
    }

    /// Reads the key file again, learns which key is in use, and says which keys are here.
    async fn keys(&self) -> Result<(), StoreError> {
        self.kek.reread()?;
        if !choose_key(&mut self.engine.reader().await?, &self.kek).await? {
            tracing::error!("the database is encrypted under a key that this process does not have");
        }
        let Some((node, name)) = &self.node else { return Ok(()) };
        let values = args![node, name, self.kek.current_id(), self.kek.ids().join(","), (self.clock)()];
        self.writer
            .write(move |tx| {
                Box::pin(async move {
                    tx.execute(
                        "INSERT INTO node_key (node, name, current_key, known_keys, seen_at) VALUES ($1, $2, $3, $4, $5) \
                         ON CONFLICT (node) DO UPDATE SET current_key = excluded.current_key, \
                         known_keys = excluded.known_keys, seen_at = excluded.seen_at",
                        values,
                    )
                    .await
                    .map(drop)
                })
            })
            .await
    }

    /// This process serves no longer.
    async fn leave(&self) -> Result<(), StoreError> {
        let Some((node, _)) = &self.node else { return Ok(()) };
        let values = args![node];
        let gone = "DELETE FROM node_key WHERE node = $1";
        self.writer.write(move |tx| Box::pin(async move { tx.execute(gone, values).await.map(drop) })).await
    }

    /// What may be a while late: the last use of secrets, and counts of calls.
    async fn flush_use(&self) -> Result<(), StoreError> {
        self.last_used.flush(&self.writer).await?;
        self.call_counts.flush(&self.writer).await
    }

    /// Deletes what has lapsed.
    pub(crate) async fn prune(&self) -> Result<(), StoreError> {
        let now = (self.clock)();
        let (keep_for, keep) = (self.keep_refusals_for, self.keep_refusals);
        self.writer
            .write(move |tx| {
                Box::pin(async move {
                    // Groups and secrets have no end: their tokens may live arbitrarily long.
                    tx.execute("DELETE FROM revocation WHERE until < $1", args![now.saturating_sub(GRACE)]).await?;
                    tx.execute("DELETE FROM action_counter WHERE until < $1", args![now.saturating_sub(GRACE)]).await?;
                    tx.execute(
                        "DELETE FROM login_failure WHERE last_at < $1 AND blocked_until < $2",
                        args![now.saturating_sub(FORGOTTEN_AFTER), now],
                    )
                    .await?;
                    tx.execute("DELETE FROM node_key WHERE seen_at < $1", args![now.saturating_sub(GRACE)]).await?;
                    tx.execute("DELETE FROM refusal WHERE at < $1", args![now.saturating_sub(keep_for)]).await?;
                    tx.execute("DELETE FROM refusal WHERE id <= (SELECT max(id) FROM refusal) - $1", args![keep])
                        .await?;
                    tx.execute("DELETE FROM call_count WHERE hour < $1", args![now.saturating_sub(KEEP_COUNTS_FOR)])
                        .await?;
                    // The newest entry stays, so that who was away sees that there were others.
                    tx.execute(
                        "DELETE FROM change_log WHERE at < $1 AND seq < (SELECT max(seq) FROM change_log)",
                        args![now.saturating_sub(KEEP_CHANGES_FOR)],
                    )
                    .await?;
                    Ok(())
                })
            })
            .await?;
        self.memory.strangers.recount();
        self.memory.revocations.prune(now.saturating_sub(GRACE));
        Ok(())
    }
}

fn warn(what: &'static str, result: Result<(), StoreError>) {
    if let Err(error) = result {
        tracing::warn!(%error, what, "background work failed");
    }
}
