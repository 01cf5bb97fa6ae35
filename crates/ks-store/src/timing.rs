//! How long things take, counted so that counting costs next to nothing.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Up to how many microseconds each bucket goes; what takes longer than the last of them is in one more.
const BOUNDS: [u64; 14] =
    [100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 5_000_000];
const BUCKETS: usize = BOUNDS.len() + 1;

/// A histogram of durations.
#[derive(Debug, Default)]
pub struct Timing {
    buckets: [AtomicU64; BUCKETS],
    micros: AtomicU64,
}

/// What a [`Timing`] has counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timed {
    buckets: [u64; BUCKETS],
    micros: u64,
}

impl Timing {
    /// Counts one.
    pub fn note(&self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = BOUNDS.iter().position(|bound| micros <= *bound).unwrap_or(BOUNDS.len());
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        self.micros.fetch_add(micros, Ordering::Relaxed);
    }

    /// What was counted so far.
    #[must_use]
    pub fn read(&self) -> Timed {
        let mut timed = Timed { micros: self.micros.load(Ordering::Relaxed), ..Timed::default() };
        for (count, bucket) in timed.buckets.iter_mut().zip(&self.buckets) {
            *count = bucket.load(Ordering::Relaxed);
        }
        timed
    }
}

impl Timed {
    /// Adds what another one has counted.
    pub fn add(&mut self, other: &Self) {
        self.micros = self.micros.wrapping_add(other.micros);
        for (count, more) in self.buckets.iter_mut().zip(other.buckets) {
            *count = count.wrapping_add(more);
        }
    }

    /// How many there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.buckets.iter().sum()
    }

    /// All of them together.
    #[must_use]
    pub const fn total(&self) -> Duration {
        Duration::from_micros(self.micros)
    }

    /// Up to how long each bucket goes, and how many are in it; `None` is the end.
    pub fn buckets(&self) -> impl Iterator<Item = (Option<Duration>, u64)> + '_ {
        let bounds = BOUNDS.iter().map(|micros| Some(Duration::from_micros(*micros))).chain([None]);
        bounds.zip(self.buckets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_in_one_bucket() {
        let timing = Timing::default();
        for micros in [0, 100, 101, 1_000_000, 5_000_000, 5_000_001] {
            timing.note(Duration::from_micros(micros));
        }
        let mut timed = timing.read();
        let full: Vec<_> = timed.buckets().filter(|(_, count)| *count > 0).collect();
        let at = |micros| Some(Duration::from_micros(micros));
        assert_eq!(full, [(at(100), 2), (at(250), 1), (at(1_000_000), 1), (at(5_000_000), 1), (None, 1)]);
        assert_eq!((timed.count(), timed.total()), (6, Duration::from_micros(11_000_202)));
        timed.add(&timing.read());
        assert_eq!((timed.count(), timed.total()), (12, Duration::from_micros(22_000_404)));
    }
}
