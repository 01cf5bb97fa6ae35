//! How many requests are worked on at a time. More of them wait, but not many and not for long: whoever cannot have an
//! answer soon is told so at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ks_service::Seat;
use tokio::sync::Semaphore;

use crate::config::Limits;

/// While the queue has not been empty for as long as anybody may wait, they may wait only for this part of that time: a
/// short rush gets through, and under more than that an answer that is given at all comes soon.
const SHORTER: u32 = 4;

/// Too many others were there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Busy;

/// Lets so many requests through at a time.
pub(crate) struct Gate {
    room: Arc<Semaphore>,
    size: usize,
    queue: usize,
    patience: Duration,
    waiting: AtomicUsize,
    made: Instant,
    /// Since when somebody has been waiting, in milliseconds after `made`.
    since: AtomicU64,
    refused: AtomicU64,
}

/// Somebody who waits.
struct Waiting<'a>(&'a Gate);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Gate {
    pub(crate) fn new(limits: &Limits) -> Self {
        let size = limits.in_flight.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            room: Arc::new(Semaphore::new(size)),
            size,
            queue: limits.queue,
            patience: limits.queue_wait,
            waiting: AtomicUsize::new(0),
            made: Instant::now(),
            since: AtomicU64::new(0),
            refused: AtomicU64::new(0),
        }
    }

    /// Waits for a place.
    pub(crate) async fn enter(&self) -> Result<Seat, Busy> {
        // Nobody gets past those who wait: what they leave goes to them.
        match Arc::clone(&self.room).try_acquire_owned() {
            Ok(permit) => Ok(Seat::taken(permit)),
            Err(_) => Box::pin(self.wait()).await,
        }
    }

    async fn wait(&self) -> Result<Seat, Busy> {
        let before = self.waiting.fetch_add(1, Ordering::AcqRel);
        let _waiting = Waiting(self);
        if before < self.queue {
            let permit = tokio::time::timeout(self.patience(before), Arc::clone(&self.room).acquire_owned()).await;
            if let Ok(Ok(permit)) = permit {
                return Ok(Seat::taken(permit));
            }
        }
        self.refused.fetch_add(1, Ordering::Relaxed);
        Err(Busy)
    }

    /// For how long somebody may wait who comes after so many others.
    fn patience(&self, before: usize) -> Duration {
        let now = u64::try_from(self.made.elapsed().as_millis()).unwrap_or(u64::MAX);
        if before == 0 {
            self.since.store(now, Ordering::Relaxed);
        }
        let lasts = Duration::from_millis(now.saturating_sub(self.since.load(Ordering::Relaxed)));
        if lasts > self.patience { self.patience / SHORTER } else { self.patience }
    }

    /// How many requests are worked on.
    pub(crate) fn inside(&self) -> usize {
        self.size.saturating_sub(self.room.available_permits())
    }

    /// How many wait.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// How many were sent away so far.
    pub(crate) fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(in_flight: usize, queue: usize, queue_wait: Duration) -> Arc<Gate> {
        Arc::new(Gate::new(&Limits { in_flight, queue, queue_wait, ..Limits::default() }))
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_beyond_the_queue_is_refused_and_all_is_well_afterwards() {
        let gate = gate(2, 1, Duration::from_secs(3600));
        let inside = [gate.enter().await.unwrap(), gate.enter().await.unwrap()];
        let queued = tokio::spawn({
            let gate = Arc::clone(&gate);
            async move { gate.enter().await.is_ok() }
        });
        while gate.waiting() == 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(gate.enter().await.err(), Some(Busy));
        assert_eq!((gate.inside(), gate.waiting(), gate.refused()), (2, 1, 1));
        drop(inside);
        assert!(queued.await.unwrap());
        assert_eq!((gate.inside(), gate.waiting()), (0, 0));
        assert!(gate.enter().await.is_ok() && gate.enter().await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_ever() {
        let gate = gate(1, 10, Duration::from_millis(400));
        let inside = gate.enter().await.unwrap();
        assert_eq!(gate.enter().await.err(), Some(Busy));
        // Who leaves early leaves room.
        inside.leave();
        assert!(gate.enter().await.is_ok());
        assert_eq!((gate.inside(), gate.waiting(), gate.refused()), (0, 0, 1));
    }
}
