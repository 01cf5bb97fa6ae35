//! Wrong passwords: counted by the address that was tried and by where the caller was, so that whoever guesses waits
//! longer and longer while the owner, who comes from elsewhere, does not.

use crate::engine::{Fetch, args};
use crate::error::StoreError;
use crate::login::{LoginId, note_users};
use crate::store::Store;

/// After so many seconds without a wrong password, the earlier ones are forgotten.
pub(crate) const FORGOTTEN_AFTER: i64 = 86_400;
/// The longest wait, unless an account asks for a longer one.
const LONGEST: i64 = 900;
/// So many wrong passwords from everywhere are an attack: then the first one from a new place blocks that place, for
/// at least [`UNDER_ATTACK`] seconds.
const ATTACK: i64 = 100;
const UNDER_ATTACK: i64 = 30;
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

impl Store {
    /// Until when this caller is blocked for this address, in Unix seconds; `None`: there were no wrong passwords.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Closed`].
    pub async fn login_blocked_until(&self, attempt: &Attempt) -> Result<Option<i64>, StoreError> {
        let mut reader = self.inner.engine.reader().await?;
        let sql = "SELECT blocked_until FROM login_failure WHERE key = $1 AND origin = $2";
        let rows = reader.rows(sql, args![attempt.key.to_vec(), &attempt.origin]).await?;
        rows.first().map(|row| row.int(0)).transpose()
    }

    /// Counts a wrong password; true when it blocks the caller. The audit trail of the login's users says so, for some
    /// of them. `now` is in Unix seconds.
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
        const COUNT: &str = "INSERT INTO login_failure (key, origin, failures, blocked_until, last_at) \
             VALUES ($1, $2, 1, 0, $3) ON CONFLICT (key, origin) DO UPDATE SET last_at = excluded.last_at, \
             failures = CASE WHEN login_failure.last_at < $4 THEN 1 ELSE login_failure.failures + 1 END \
             RETURNING failures";
        let Attempt { key, origin } = attempt.clone();
        let write = self.inner.writer.write(move |tx| {
            Box::pin(async move {
                let mut failures = [0; 2];
                for (count, origin) in failures.iter_mut().zip([origin.as_str(), EVERYWHERE]) {
                    let rows = tx.fetch(COUNT, args![key.to_vec(), origin, now, now - FORGOTTEN_AFTER]).await?;
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
                        detail.push_str(&format!(", which is blocked for {delay} seconds"));
                    }
                    note_users(tx, login, "loginFailure", Some(&detail), now).await?;
                }
                Ok(delay > 0)
            })
        });
        write.await
    }

    /// Forgets the wrong passwords of this caller, or those from everywhere.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn forget_login_failures(&self, attempt: &Attempt, everywhere: bool) -> Result<(), StoreError> {
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
}
