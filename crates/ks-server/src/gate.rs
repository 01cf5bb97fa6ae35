//! How many requests are worked on at a time. More of them wait, but not many and not for long: whoever cannot have an
//! answer soon is told so at once.
//!
//! Under overload most of what comes is refused, so that a refusal has to cost next to nothing: it takes no memory, sets
//! no timer, and is decided from how fast the queue moves before anybody stands in it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use ks_service::Seat;
use parking_lot::Mutex;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::config::Limits;

/// A queue that has not been empty for this part of the time that anybody may wait does not get empty by itself. Nor does
/// one that is empty for a moment, after somebody was refused within that time.
const STANDS: u32 = 2;

/// Where the queue stands, only this part of that time may be waited: a short rush gets through, and under more than that
/// an answer that is given at all comes soon.
const SHORTER: u32 = 8;

/// For how long places are counted until their number says how fast the queue moves.
const COUNTED: Duration = Duration::from_millis(50);

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
    moves: Mutex<Moves>,
    refused: AtomicU64,
}

/// How the queue moves.
struct Moves {
    /// Since when somebody has been waiting.
    since: Instant,
    /// When somebody was refused.
    refused: Option<Instant>,
    /// How long it lately took until one more could get in from the queue, and when that was found out.
    pace: Option<(Duration, Instant)>,
    /// How many got in, and since when they are counted.
    places: u32,
    counted: Instant,
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
        let (size, now) = (limits.in_flight.clamp(1, Semaphore::MAX_PERMITS), Instant::now());
        Self {
            room: Arc::new(Semaphore::new(size)),
            size,
            queue: limits.queue,
            patience: limits.queue_wait,
            waiting: AtomicUsize::new(0),
            moves: Mutex::new(Moves { since: now, refused: None, pace: None, places: 0, counted: now }),
            refused: AtomicU64::new(0),
        }
    }

    /// Waits for a place.
    pub(crate) async fn enter(&self) -> Result<Seat, Busy> {
        // Nobody gets past those who wait: what they leave goes to them.
        if let Ok(permit) = Arc::clone(&self.room).try_acquire_owned() {
            return Ok(Seat::taken(permit));
        }
        let entered = match self.queue_up() {
            Some((waiting, patience)) => Box::pin(self.wait(waiting, patience)).await,
            None => None,
        };
        if entered.is_none() {
            self.refused.fetch_add(1, Ordering::Relaxed);
        }
        entered.ok_or(Busy)
    }

    /// A place in the queue, and for how long to keep it; none where it would be for nothing.
    fn queue_up(&self) -> Option<(Waiting<'_>, Duration)> {
        // Whoever comes next finds what the first one has put right.
        let mut moves = self.moves.lock();
        let before = self.waiting.fetch_add(1, Ordering::AcqRel);
        let (waiting, now) = (Waiting(self), Instant::now());
        if before == 0 {
            moves.begin(now, self.patience);
        }
        let stands = now.duration_since(moves.since) > self.patience / STANDS;
        let patience = if stands { self.patience / SHORTER } else { self.patience };
        let before = u32::try_from(before).unwrap_or(u32::MAX);
        let is_soon = moves.pace_at(now).saturating_mul(before) <= patience;
        if is_soon && usize::try_from(before).is_ok_and(|before| before < self.queue) {
            return Some((waiting, patience));
        }
        moves.refused = Some(now);
        None
    }

    async fn wait(&self, _waiting: Waiting<'_>, patience: Duration) -> Option<Seat> {
        let permit = tokio::time::timeout(patience, Arc::clone(&self.room).acquire_owned()).await;
        let permit = permit.ok().and_then(Result::ok);
        self.moves.lock().note(permit.is_some());
        permit.map(Seat::taken)
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

impl Moves {
    /// The queue was empty, and is not any more.
    fn begin(&mut self, now: Instant, patience: Duration) {
        if self.refused.is_none_or(|refused| now.duration_since(refused) > patience) {
            self.since = now;
        }
        (self.places, self.counted) = (0, now);
    }

    /// Somebody who waited has got a place, or has not.
    fn note(&mut self, has_place: bool) {
        let now = Instant::now();
        self.places += u32::from(has_place);
        if !has_place {
            self.refused = Some(now);
        }
        let took = now.duration_since(self.counted);
        if took < COUNTED {
            return;
        }
        self.pace = Some((took / self.places.max(1), now));
        // While nothing gets on, it counts from when it did.
        if self.places > 0 {
            (self.places, self.counted) = (0, now);
        }
    }

    /// How long it takes now until one more gets in: nothing, where nobody can tell. What was the case before a moment,
    /// such as while the database stood still, says nothing of now.
    fn pace_at(&self, now: Instant) -> Duration {
        self.pace.filter(|(_, told)| now.duration_since(*told) <= COUNTED * 2).map_or(Duration::ZERO, |(pace, _)| pace)
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

    /// Somebody who comes after so many milliseconds, and keeps a place for ten of them: whether there was one, and how
    /// long that took to tell.
    fn come(gate: &Arc<Gate>, after: u64) -> tokio::task::JoinHandle<(bool, Duration)> {
        let gate = Arc::clone(gate);
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(after)).await;
            let came = Instant::now();
            let entered = gate.enter().await;
            let told = (entered.is_ok(), came.elapsed());
            tokio::time::sleep(Duration::from_millis(10)).await;
            drop(entered);
            told
        })
    }

    #[tokio::test(start_paused = true)]
    async fn a_rush_gets_through() {
        let gate = gate(1, 100, Duration::from_millis(400));
        let rush: Vec<_> = (0..30).map(|_| come(&gate, 1)).collect();
        for one in rush {
            assert!(one.await.unwrap().0);
        }
        assert_eq!((gate.inside(), gate.waiting(), gate.refused()), (0, 0, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn under_lasting_overload_all_is_told_soon_and_no_place_stays_empty() {
        let gate = gate(1, 100, Duration::from_millis(400));
        // Ten times as many as can be served, for two seconds.
        let all: Vec<_> = (0..2000).map(|after| come(&gate, after)).collect();
        let mut told = Vec::new();
        for one in all {
            told.push(one.await.unwrap());
        }
        let served = told.iter().filter(|(is_in, _)| *is_in).count();
        assert!((195..=260).contains(&served), "{served}");
        // After the first second there is no trace of the rush with which it began.
        let later = &told[1000..];
        let longest = later.iter().filter(|(is_in, _)| *is_in).map(|(_, took)| *took).max();
        assert!(longest.is_some_and(|it| it <= Duration::from_millis(50)), "{longest:?}");
        let at_once = later.iter().filter(|(is_in, took)| !is_in && *took < Duration::from_millis(1)).count();
        assert!(at_once >= 850, "{at_once}");
        // And afterwards all is as before.
        assert!(come(&gate, 0).await.unwrap().0 && come(&gate, 1000).await.unwrap().0);
        let rush: Vec<_> = (0..30).map(|_| come(&gate, 1000)).collect();
        for one in rush {
            assert!(one.await.unwrap().0);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_queue_that_is_empty_for_a_moment_stands_all_the_same() {
        let gate = gate(1, 100, Duration::from_millis(400));
        let longest = async |from: u64| {
            // Twice as many as can be served; every 50 milliseconds none come for as long as it takes to work off the rest.
            let all = (0..1000_u64).filter(|after| after % 100 < 50).step_by(5);
            let all: Vec<_> = all.map(|after| come(&gate, from + after)).collect();
            let mut longest = Duration::ZERO;
            for one in all {
                let (is_in, took) = one.await.unwrap();
                longest = if is_in { longest.max(took) } else { longest };
            }
            longest
        };
        // Where nobody is refused nothing stands, however often somebody waits.
        let before = longest(0).await;
        assert!(before >= Duration::from_millis(20) && gate.refused() == 0, "{before:?} {}", gate.refused());
        let flood: Vec<_> = (0..1000).map(|after| come(&gate, after)).collect();
        for one in flood {
            let _ = one.await.unwrap();
        }
        assert!(gate.refused() > 800);
        // The queue has been empty, but somebody was refused shortly before.
        let rush: Vec<_> = (0..30).map(|_| come(&gate, 100)).collect();
        let mut served = 0;
        for one in rush {
            let (is_in, took) = one.await.unwrap();
            assert!(took <= Duration::from_millis(60), "{took:?}");
            served += usize::from(is_in);
        }
        assert!((2..=8).contains(&served), "{served}");
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_long_stall_a_rush_gets_through_soon() {
        let gate = gate(1, 100, Duration::from_secs(10));
        let inside = gate.enter().await.unwrap();
        let waits = come(&gate, 0);
        tokio::time::sleep(Duration::from_secs(8)).await;
        inside.leave();
        assert!(waits.await.unwrap().0);
        let rush: Vec<_> = (0..30).map(|_| come(&gate, 200)).collect();
        for one in rush {
            assert!(one.await.unwrap().0);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn where_nothing_moves_hardly_anybody_waits_and_then_it_goes_on() {
        let gate = gate(1, 100, Duration::from_millis(400));
        let inside = gate.enter().await.unwrap();
        assert!(!come(&gate, 0).await.unwrap().0);
        let told: Vec<_> = (0..20).map(|_| come(&gate, 1)).collect();
        let mut at_once = 0;
        for one in told {
            let (is_in, took) = one.await.unwrap();
            assert!(!is_in);
            at_once += usize::from(took < Duration::from_millis(1));
        }
        assert!(at_once >= 15, "{at_once}");
        let next = come(&gate, 1);
        tokio::time::sleep(Duration::from_millis(20)).await;
        inside.leave();
        assert!(next.await.unwrap().0);
        assert!(come(&gate, 0).await.unwrap().0);
    }
}
