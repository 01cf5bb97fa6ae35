//! When a call is sent again.

use std::time::Duration;

/// How often a call is sent again, and how long the client waits in between.
///
/// Sent again is what cannot have had an effect: a call for which there was no connection, and a call that only reads
/// whose answer was lost. Nothing else is, and never because of an answer by the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// How often at most; 0 is never.
    pub attempts: u32,
    /// How long the first wait is at most. Each further one is at most twice as long, and is drawn at random, so that
    /// many clients do not come back at once.
    pub first: Duration,
    /// How long any wait is at most.
    pub longest: Duration,
}

impl Retry {
    /// Never.
    pub const NEVER: Self = Self { attempts: 0, first: Duration::ZERO, longest: Duration::ZERO };

    /// How long to wait after this many attempts, for a draw from 0 to 255.
    pub(crate) fn pause(&self, done: u32, draw: u8) -> Duration {
        let most = self.first.saturating_mul(1_u32.checked_shl(done).unwrap_or(u32::MAX)).min(self.longest);
        // Between a half and the whole.
        most / 2 + most * u32::from(draw) / 510
    }
}

impl Default for Retry {
    /// Twice, after at most 200 ms and 400 ms.
    fn default() -> Self {
        Self { attempts: 2, first: Duration::from_millis(200), longest: Duration::from_secs(5) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_are_bounded() {
        let retry = Retry { attempts: 9, first: Duration::from_millis(100), longest: Duration::from_millis(350) };
        let range = |done| (retry.pause(done, 0).as_millis(), retry.pause(done, 255).as_millis());
        assert_eq!([0, 1, 2, 40].map(range), [(50, 100), (100, 200), (175, 350), (175, 350)]);
        assert_eq!(Retry::NEVER.pause(3, 255), Duration::ZERO);
    }
}
