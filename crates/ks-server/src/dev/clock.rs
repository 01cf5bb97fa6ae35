//! A clock that can be moved.

use std::sync::Arc;

use ks_store::{Clock, system_clock};
use parking_lot::Mutex;

/// The last second of the year 9999: what is beyond it cannot be written as a date.
const LATEST: i64 = 253_402_300_799;

/// A clock that can be set, moved and stopped. All clones are one clock.
#[derive(Clone)]
pub struct DevClock(Arc<Mutex<State>>);

#[derive(Clone, Copy)]
struct State {
    /// How far it is ahead of the computer's clock, in seconds.
    ahead: i64,
    /// The time at which it stands still.
    stopped: Option<i64>,
}

impl State {
    fn now(self) -> i64 {
        self.stopped.unwrap_or_else(|| computer().saturating_add(self.ahead))
    }
}

fn computer() -> i64 {
    system_clock()()
}

impl Default for DevClock {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(State { ahead: 0, stopped: None })))
    }
}

impl std::fmt::Debug for DevClock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DevClock").field("now", &self.now()).field("frozen", &self.is_frozen()).finish()
    }
}

impl DevClock {
    /// The computer's time, until it is moved.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A clock that stands still at a time, in Unix seconds.
    #[must_use]
    pub fn frozen_at(time: i64) -> Self {
        Self(Arc::new(Mutex::new(State { ahead: 0, stopped: Some(time.clamp(0, LATEST)) })))
    }

    /// The time, in Unix seconds.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.0.lock().now()
    }

    /// Whether it stands still.
    #[must_use]
    pub fn is_frozen(&self) -> bool {
        self.0.lock().stopped.is_some()
    }

    /// Sets the time, in Unix seconds; it goes on, or stands still, as before.
    pub fn set(&self, time: i64) {
        let (mut state, time) = (self.0.lock(), time.clamp(0, LATEST));
        match &mut state.stopped {
            Some(stopped) => *stopped = time,
            None => state.ahead = time.saturating_sub(computer()),
        }
    }

    /// Moves the time by so many seconds, back if they are below 0.
    pub fn advance(&self, seconds: i64) {
        let now = self.now();
        self.set(now.saturating_add(seconds));
    }

    /// Lets it stand still, or go on from where it is.
    pub fn freeze(&self, frozen: bool) {
        let mut state = self.0.lock();
        let now = state.now();
        *state = if frozen {
            State { stopped: Some(now), ..*state }
        } else {
            State { ahead: now.saturating_sub(computer()), stopped: None }
        };
    }

    /// How it stands, to be taken back later.
    pub(super) fn mark(&self) -> Mark {
        Mark(*self.0.lock())
    }

    /// Goes back to how it stood: a clock that went on shows the time that it would show without having been moved.
    pub(super) fn restore(&self, mark: Mark) {
        *self.0.lock() = mark.0;
    }

    /// The clock as everything takes it.
    #[must_use]
    pub fn clock(&self) -> Clock {
        let clock = self.clone();
        Arc::new(move || clock.now())
    }
}

/// How a clock stood.
#[derive(Clone, Copy)]
pub(super) struct Mark(State);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_set_moved_stopped_and_taken_back() {
        let clock = DevClock::new();
        let (mark, began) = (clock.mark(), clock.now());
        clock.advance(86_400);
        assert!((began + 86_400..began + 86_500).contains(&clock.now()));
        clock.freeze(true);
        let stopped = clock.now();
        clock.advance(5);
        assert_eq!(clock.now(), stopped + 5);
        clock.set(1_000_000_000);
        assert_eq!((clock.now(), clock.is_frozen()), (1_000_000_000, true));
        clock.freeze(false);
        assert!((1_000_000_000..1_000_000_100).contains(&clock.now()));
        clock.set(i64::MAX);
        assert!(clock.now() >= LATEST);
        clock.restore(mark);
        assert!((began..began + 100).contains(&clock.now()));
        assert_eq!(DevClock::frozen_at(-5).now(), 0);
    }
}
