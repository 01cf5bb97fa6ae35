//! How often something may be asked for, counted in this process.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use parking_lot::Mutex;

/// How many things are counted at most; beyond that, all are forgotten, which only lets somebody ask again.
const MOST: usize = 100_000;

/// Counts within windows of time. Names are kept hashed, since callers choose them.
#[derive(Default)]
pub(crate) struct Throttle {
    hasher: RandomState,
    counts: Mutex<HashMap<u64, (i64, u32)>>,
}

impl std::fmt::Debug for Throttle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Throttle").finish_non_exhaustive()
    }
}

impl Throttle {
    /// Counts; false when it was asked for more than `most` times within `window` seconds.
    pub(crate) fn allows(&self, name: &str, most: u32, window: i64, now: i64) -> bool {
        self.count(name, window, now) <= most
    }

    /// How often it was counted within `window` seconds.
    pub(crate) fn counted(&self, name: &str, window: i64, now: i64) -> u32 {
        let counts = self.counts.lock();
        let known = counts.get(&self.hasher.hash_one(name)).filter(|(since, _)| now - since < window);
        known.map_or(0, |(_, count)| *count)
    }

    /// Counts: how often it was within `window` seconds.
    pub(crate) fn count(&self, name: &str, window: i64, now: i64) -> u32 {
        let key = self.hasher.hash_one(name);
        let mut counts = self.counts.lock();
        if counts.len() >= MOST {
            counts.clear();
        }
        let (since, count) = counts.entry(key).or_insert((now, 0));
        if now - *since >= window {
            (*since, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        *count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_ends() {
        let throttle = Throttle::default();
        let told: Vec<bool> = (0..4).map(|now| throttle.allows("a", 3, 600, now)).collect();
        assert_eq!(told, [true, true, true, false]);
        assert_eq!(
            (throttle.counted("a", 600, 599), throttle.counted("a", 600, 600), throttle.counted("c", 600, 0)),
            (4, 0, 0)
        );
        assert!(throttle.allows("b", 3, 600, 4) && throttle.allows("a", 3, 600, 600));
    }
}
