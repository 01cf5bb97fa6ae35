//! What happened to calls, by action and outcome. It decides nothing, and a call pays a few additions for it: no lock,
//! and no text is made.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use ks_schema::ErrorCode;
use ks_schema::generated::services::ActionId;
use ks_store::{Timed, Timing};

use crate::rate::Limit;

/// More threads than this share a part.
const MOST_SHARDS: usize = 16;

/// All calls that a node has answered.
pub struct Meter {
    /// Threads count in parts of their own, so that they do not wait for each other's memory.
    shards: Box<[Shard]>,
    /// Sessions of users, and of administrators.
    sessions: [AtomicU64; 2],
    excess: [AtomicU64; 3],
}

/// By action; the last row is for calls whose action was not found.
struct Shard(Box<[OnceLock<Box<Row>>]>);

/// One action. Most are never called, and take no room.
struct Row {
    /// Successes, and then each error.
    outcomes: Box<[AtomicU64]>,
    timing: Timing,
}

/// How often an action had an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The action; `None`: there is none of that name.
    pub action: Option<ActionId>,
    /// The error; `None`: it was a success.
    pub code: Option<ErrorCode>,
    /// How many calls.
    pub calls: u64,
}

impl Default for Row {
    fn default() -> Self {
        let outcomes = (0..=ErrorCode::ALL.len()).map(|_| AtomicU64::default()).collect();
        Self { outcomes, timing: Timing::default() }
    }
}

impl Default for Meter {
    fn default() -> Self {
        let shards = std::thread::available_parallelism().map_or(2, usize::from).min(MOST_SHARDS);
        let shard = |_| Shard((0..=ActionId::ALL.len()).map(|_| OnceLock::new()).collect());
        Self { shards: (0..shards).map(shard).collect(), sessions: Default::default(), excess: Default::default() }
    }
}

/// The number of this thread, from 0.
fn thread() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static NUMBER: usize = NEXT.fetch_add(1, Ordering::Relaxed);
    }
    NUMBER.with(|number| *number)
}

impl Meter {
    /// Counts a call.
    pub(crate) fn call(&self, action: Option<ActionId>, error: Option<ErrorCode>, took: Duration) {
        let shard = &self.shards[thread() % self.shards.len()];
        let Some(row) = shard.0.get(action.map_or(ActionId::ALL.len(), |action| action as usize)) else { return };
        let row = row.get_or_init(Box::default);
        if let Some(outcome) = row.outcomes.get(error.map_or(0, |code| code as usize + 1)) {
            outcome.fetch_add(1, Ordering::Relaxed);
        }
        row.timing.note(took);
    }

    /// Counts a session that was started.
    pub(crate) fn session(&self, is_admin: bool) {
        self.sessions[usize::from(is_admin)].fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a call beyond a limit.
    pub(crate) fn excess(&self, limit: Limit) {
        self.excess[limit as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// Every outcome that there was so far, in the order of the declarations.
    #[must_use]
    pub fn outcomes(&self) -> Vec<Outcome> {
        let mut sums: BTreeMap<(usize, usize), u64> = BTreeMap::new();
        for (action, row) in self.rows() {
            for (outcome, calls) in row.outcomes.iter().enumerate() {
                let calls = calls.load(Ordering::Relaxed);
                if calls > 0 {
                    *sums.entry((action, outcome)).or_default() += calls;
                }
            }
        }
        let outcomes = sums.into_iter().map(|((action, outcome), calls)| Outcome {
            action: ActionId::ALL.get(action).copied(),
            code: outcome.checked_sub(1).and_then(|index| ErrorCode::ALL.get(index)).copied(),
            calls,
        });
        outcomes.collect()
    }

    /// How long calls of each action took that there was so far.
    #[must_use]
    pub fn timings(&self) -> Vec<(Option<ActionId>, Timed)> {
        let mut sums: BTreeMap<usize, Timed> = BTreeMap::new();
        for (action, row) in self.rows() {
            sums.entry(action).or_default().add(&row.timing.read());
        }
        sums.into_iter().map(|(action, timed)| (ActionId::ALL.get(action).copied(), timed)).collect()
    }

    fn rows(&self) -> impl Iterator<Item = (usize, &Row)> {
        let rows = self.shards.iter().flat_map(|shard| shard.0.iter().enumerate());
        rows.filter_map(|(action, row)| Some((action, &**row.get()?)))
    }

    /// Sessions that were started for users, and for administrators.
    #[must_use]
    pub fn sessions(&self) -> [u64; 2] {
        self.sessions.each_ref().map(|count| count.load(Ordering::Relaxed))
    }

    /// Calls that were beyond a limit.
    #[must_use]
    pub fn excesses(&self, limit: Limit) -> u64 {
        self.excess[limit as usize].load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_and_errors_are_numbered_in_their_order() {
        assert!(ActionId::ALL.iter().enumerate().all(|(index, action)| *action as usize == index));
        assert!(ErrorCode::ALL.iter().enumerate().all(|(index, code)| *code as usize == index));
    }

    #[test]
    fn what_threads_count_is_told_together() {
        let meter = Meter::default();
        let (first, last) = (ActionId::ALL[0], ActionId::ALL[ActionId::ALL.len() - 1]);
        let code = ErrorCode::ALL[ErrorCode::ALL.len() - 1];
        std::thread::scope(|scope| {
            for _ in 0..40 {
                scope.spawn(|| {
                    meter.call(Some(first), None, Duration::from_millis(1));
                    meter.call(Some(last), Some(code), Duration::from_millis(2));
                    meter.call(None, Some(code), Duration::ZERO);
                });
            }
        });
        let outcome = |action, code| Outcome { action, code, calls: 40 };
        let expected = [outcome(Some(first), None), outcome(Some(last), Some(code)), outcome(None, Some(code))];
        assert_eq!(meter.outcomes(), expected);
        let timings: Vec<_> = meter.timings().iter().map(|(action, timed)| (*action, timed.count())).collect();
        assert_eq!(timings, [(Some(first), 40), (Some(last), 40), (None, 40)]);
        assert_eq!(meter.timings()[1].1.total(), Duration::from_millis(80));
    }
}
