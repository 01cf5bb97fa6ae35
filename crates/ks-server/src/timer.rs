//! One timer for each connection.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use hyper::rt::{Sleep, Timer};
use parking_lot::Mutex;

/// The timer of a connection. For each request hyper asks for a new one and drops it again; behind all of them is one that
/// rings, which is moved when it rings too early, not each time.
#[derive(Clone, Default)]
pub(crate) struct ConnectionTimer(Arc<Mutex<Option<Pin<Box<tokio::time::Sleep>>>>>);

/// Until when hyper waits.
struct Until {
    timer: ConnectionTimer,
    deadline: tokio::time::Instant,
}

impl Timer for ConnectionTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(Instant::now() + duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        Box::pin(Until { timer: self.clone(), deadline: deadline.into() })
    }
}

impl Sleep for Until {}

impl Future for Until {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut ring = self.timer.0.lock();
        let ring = ring.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(self.deadline)));
        if ring.deadline() > self.deadline {
            ring.as_mut().reset(self.deadline);
        }
        loop {
            ready!(ring.as_mut().poll(cx));
            if ring.deadline() >= self.deadline {
                return Poll::Ready(());
            }
            ring.as_mut().reset(self.deadline);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_never_rings_too_early() {
        let timer = ConnectionTimer::default();
        let start = Instant::now();
        // Later and earlier than one that was dropped after a look at it; the last have passed already.
        for millis in [20, 60, 40, 80, 10] {
            let deadline = start + Duration::from_millis(millis);
            _ = tokio::time::timeout(Duration::ZERO, timer.sleep_until(start + Duration::from_millis(30))).await;
            timer.sleep_until(deadline).await;
            assert!(Instant::now() >= deadline, "{millis}");
        }
    }
}
