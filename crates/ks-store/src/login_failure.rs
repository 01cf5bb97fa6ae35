//! Wrong passwords: counted by the address that was tried and by where the caller was, so that whoever guesses waits
//! longer and longer while the owner, who comes from elsewhere, does not.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::engine::{Fetch, args};
use crate::error::StoreError;
use crate::login::{LoginId, note_users};
use crate::store::Store;
use crate::writer::Tx;

/// After so many seconds without a wrong password, the earlier ones are forgotten.
pub(crate) const FORGOTTEN_AFTER: i64 = 86_400;
/// The longest wait, unless an account asks for a longer one.
const LONGEST: i64 = 900;
/// So many wrong passwords from everywhere are an attack: then the first one from a new place blocks that place, for
/// at least [`UNDER_ATTACK`] seconds.
const ATTACK: i64 = 100;
const UNDER_ATTACK: i64 = 30;
/// Addresses that nobody has a login for: how many of them the database keeps for one network, and in all. Beyond that
/// they are counted in the memory of the process, which holds so many.
const MOST_FROM_NETWORK: i64 = 200;
const MOST_ROWS: i64 = 50_000;
const MOST_IN_MEMORY: u64 = 50_000;
/// All places together.
const EVERYWHERE: &str = "";

/// Who tries to log in, and from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The hash of the e-mail address, so that unknown ones can be counted like known ones.
    pub key: [u8; 32],
    /// The caller's network.
    pub origin: String,
}

/// When wrong passwords block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// The how-many-th wrong password blocks.
    pub attempts: i64,
    /// For how many seconds it does at first; each further one doubles that.
    pub seconds: i64,
}

impl Patience {
    /// For how long the last of these wrong passwords blocks; 0: not at all.
    #[must_use]
    pub fn delay(self, failures: i64, everywhere: i64) -> i64 {
        let attacked = everywhere >= ATTACK;
        let allowed = if attacked { 1 } else { self.attempts.max(1) };
        let Ok(over) = u32::try_from(failures - allowed) else { return 0 };
        let first = if attacked { self.seconds.max(UNDER_ATTACK) } else { self.seconds.max(1) };
        first.saturating_mul(1 << over.min(20)).min(LONGEST.max(self.seconds))
    }
}

/// Whether the audit trail names this wrong password: the first ones, those that begin a block, and then ever fewer,
/// so that nobody fills it by guessing.
fn is_noted(here: i64, everywhere: i64, patience: Patience) -> bool {
    let begins_block = here == patience.attempts.max(1) && everywhere < ATTACK;
    everywhere < 5 || begins_block || everywhere.count_ones() == 1
}

/// Wrong passwords for addresses without a login that are too many to be kept in the database: they are counted here, so
/// that they look like others as long as the process runs.
pub(crate) struct Strangers {
    counted: moka::sync::Cache<(Vec<u8>, String), Counted>,
    /// How many rows of such addresses there are, as far as this process knows; below 0: it has not counted yet.
    rows: AtomicI64,
}

#[derive(Clone, Copy)]
struct Counted {
    failures: i64,
    blocked_until: i64,
    last_at: i64,
}

impl Default for Strangers {
    fn default() -> Self {
        Self { counted: moka::sync::Cache::new(MOST_IN_MEMORY), rows: AtomicI64::new(-1) }
    }
}

impl Strangers {
    fn blocked_until(&self, attempt: &Attempt) -> Option<i64> {
        self.counted.get(&(attempt.key.to_vec(), attempt.origin.clone())).map(|counted| counted.blocked_until)
    }

    /// Counts a wrong password; true when it blocks the caller.
    fn count(&self, attempt: &Attempt, patience: Patience, now: i64) -> bool {
        let counts = [attempt.origin.as_str(), EVERYWHERE].map(|origin| {
            let entry = self.counted.entry((attempt.key.to_vec(), origin.to_owned())).and_upsert_with(|before| {
                let before = before.map(moka::Entry::into_value).filter(|it| it.last_at >= now - FORGOTTEN_AFTER);
                let (failures, blocked_until) = before.map_or((0, 0), |it| (it.failures, it.blocked_until));
                Counted { failures: failures + 1, blocked_until, last_at: now }
            });
            entry.into_value()
        });
        let delay = patience.delay(counts[0].failures, counts[1].failures);
        if delay > 0 {
            let blocked = Counted { blocked_until: now.saturating_add(delay), ..counts[0] };
            self.counted.insert((attempt.key.to_vec(), attempt.origin.clone()), blocked);
        }
        delay > 0
    }

    fn forget(&self, attempt: &Attempt) {
        self.counted.invalidate(&(attempt.key.to_vec(), attempt.origin.clone()));
    }

    /// To be counted anew: rows were deleted.
    pub(crate) fn recount(&self) {
        self.rows.store(-1, Ordering::Relaxed);
    }

    /// Whether the database takes one more address of which nobody has the login, from this network.
    async fn has_room(&self, tx: &mut Tx, attempt: &Attempt) -> Result<bool, StoreError> {
        let known = "SELECT 1 FROM login_failure WHERE key = $1 AND origin = $2";
        if !tx.fetch(known, args![attempt.key.to_vec(), &attempt.origin]).await?.is_empty() {
            return Ok(true);
        }
        let mut rows = self.rows.load(Ordering::Relaxed);
        if rows < 0 {
            let count = "SELECT count(*) FROM login_failure WHERE is_known = 0";
            rows = tx.fetch(count, vec![]).await?.first().ok_or(StoreError::Corrupt("count"))?.int(0)?;
            self.rows.store(rows, Ordering::Relaxed);
        }
        let count =
            "SELECT count(*) FROM (SELECT 1 FROM login_failure WHERE is_known = 0 AND origin = $1 LIMIT $2) AS found";
        let from_there = tx.fetch(count, args![&attempt.origin, MOST_FROM_NETWORK]).await?;
        let from_there = from_there.first().ok_or(StoreError::Corrupt("count"))?.int(0)?;
        let has_room = rows < MOST_ROWS && from_there < MOST_FROM_NETWORK;
        if has_room {
            // One for the network, and one for all places.
            self.rows.fetch_add(2, Ordering::Relaxed);
        }
        Ok(has_room)
    }
}

impl Store {
    /// Until when this caller is blocked for this address, in Unix seconds; `None`: there were no wrong passwords.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Closed`].
    pub async fn login_blocked_until(&self, attempt: &Attempt) -> Result<Option<i64>, StoreError> {
        let mut reader = self.inner.engine.reader().await?;
        let sql = "SELECT blocked_until FROM login_failure WHERE key = $1 AND origin = $2";
        let rows = reader.rows(sql, args![attempt.key.to_vec(), &attempt.origin]).await?;
        match rows.first() {
            Some(row) => row.int(0).map(Some),
            None => Ok(self.inner.memory.strangers.blocked_until(attempt)),
        }
    }

    /// Counts a wrong password; true when it blocks the caller. `known`: the login of the address; the audit trail of its
    /// users says so, for some of them. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn login_failed(
        &self,
        attempt: &Attempt,
        patience: Patience,
        known: Option<LoginId>,
        now: i64,
    ) -> Result<bool, StoreError> {
        const COUNT: &str = "INSERT INTO login_failure (key, origin, failures, blocked_until, last_at, is_known) \
             VALUES ($1, $2, 1, 0, $3, $5) ON CONFLICT (key, origin) DO UPDATE SET last_at = excluded.last_at, \
             failures = CASE WHEN login_failure.last_at < $4 THEN 1 ELSE login_failure.failures + 1 END, \
             is_known = excluded.is_known RETURNING failures";
        let tried = attempt.clone();
        let memory = Arc::clone(&self.inner.memory);
        let write = self.inner.writer.write(move |tx| {
            Box::pin(async move {
                if known.is_none() && !memory.strangers.has_room(tx, &tried).await? {
                    return Ok(None);
                }
                let Attempt { key, origin } = tried;
                let mut failures = [0; 2];
                for (count, origin) in failures.iter_mut().zip([origin.as_str(), EVERYWHERE]) {
                    let values = args![key.to_vec(), origin, now, now - FORGOTTEN_AFTER, known.is_some()];
                    let rows = tx.fetch(COUNT, values).await?;
                    *count = rows.first().ok_or(StoreError::Corrupt("count"))?.int(0)?;
                }
                let delay = patience.delay(failures[0], failures[1]);
                if delay > 0 {
                    tx.execute(
                        "UPDATE login_failure SET blocked_until = $3 WHERE key = $1 AND origin = $2",
                        args![key.to_vec(), &origin, now.saturating_add(delay)],
                    )
                    .await?;
                }
                let [here, everywhere] = failures;
                if let Some(login) = known.filter(|_| is_noted(here, everywhere, patience)) {
                    let mut detail = format!("no. {everywhere} within a day, no. {here} from this network");
                    if delay > 0 {
                        detail.push_str(&format!(", which is blocked for {delay} s"));
                    }
                    note_users(tx, login, "loginFailure", Some(&detail), now).await?;
                }
                Ok(Some(delay > 0))
            })
        });
        let blocks = write.await?;
        Ok(blocks.unwrap_or_else(|| self.inner.memory.strangers.count(attempt, patience, now)))
    }

    /// Forgets the wrong passwords of this caller, or those from everywhere.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn forget_login_failures(&self, attempt: &Attempt, everywhere: bool) -> Result<(), StoreError> {
        self.inner.memory.strangers.forget(attempt);
        let Attempt { key, origin } = attempt.clone();
        let write = self.inner.writer.write(move |tx| {
            Box::pin(async move {
                let sql = "DELETE FROM login_failure WHERE key = $1 AND (origin = $2 OR $3 = 1)";
                tx.execute(sql, args![key.to_vec(), &origin, everywhere]).await?;
                Ok(())
            })
        });
        write.await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guessing_fills_no_audit_trail() {
        let usual = Patience { attempts: 5, seconds: 1 };
        let one_network = (1..=10_000).filter(|count| is_noted(*count, *count, usual)).count();
        // 1 to 4, the fifth, which blocks, and the powers of two up to 8192.
        assert_eq!(one_network, 4 + 1 + 11);
        let many_networks = (1..=10_000).filter(|count| is_noted(1, *count, usual)).count();
        assert_eq!(many_networks, 4 + 11);
    }

    #[test]
    fn the_wait_doubles_and_has_an_end() {
        let usual = Patience { attempts: 5, seconds: 1 };
        let waits: Vec<i64> = (1..=9).map(|failures| usual.delay(failures, failures)).collect();
        assert_eq!(waits, [0, 0, 0, 0, 1, 2, 4, 8, 16]);
        assert_eq!(usual.delay(10_000, 50), LONGEST);
        assert_eq!((usual.delay(1, ATTACK), usual.delay(2, ATTACK)), (30, 60));
        assert_eq!(Patience { attempts: 3, seconds: 3600 }.delay(3, 3), 3600);
        assert_eq!(Patience { attempts: 0, seconds: 0 }.delay(1, 1), 1);
    }

    #[test]
    fn strangers_in_memory_wait_like_others() {
        let strangers = Strangers::default();
        let usual = Patience { attempts: 5, seconds: 1 };
        let at = |origin: &str| Attempt { key: [7; 32], origin: origin.to_owned() };
        let here = at("192.0.2.1");
        assert_eq!(strangers.blocked_until(&here), None);
        let told: Vec<bool> = (0..6).map(|now| strangers.count(&here, usual, now)).collect();
        assert_eq!(told, [false, false, false, false, true, true]);
        assert_eq!(strangers.blocked_until(&here), Some(5 + 2));
        assert!(!strangers.count(&at("192.0.2.2"), usual, 6), "elsewhere nobody has tried");
        assert!(!strangers.count(&here, usual, 7 + FORGOTTEN_AFTER), "forgotten after a day");
        strangers.forget(&here);
        assert_eq!(strangers.blocked_until(&here), None);
        // Under attack the first one from a new place blocks.
        for now in 0..100 {
            strangers.count(&at(&format!("198.51.100.{now}")), usual, now);
        }
        assert!(strangers.count(&at("203.0.113.1"), usual, 100));
    }
}
