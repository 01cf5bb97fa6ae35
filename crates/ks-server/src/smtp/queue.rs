//! The mails that wait, and when each is tried again.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use ks_service::mail::Mail;
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::{Carrier, Sent};

/// How long to wait before each further try; after the last one a mail is given up.
const WAITS: [Duration; 7] = [
    Duration::from_secs(2),
    Duration::from_secs(10),
    Duration::from_secs(60),
    Duration::from_mins(5),
    Duration::from_mins(15),
    Duration::from_hours(1),
    Duration::from_hours(2),
];
/// How many mails are on their way at a time.
const AT_ONCE: usize = 4;
/// How long mails may still take when the server stops.
const LAST_CALL: Duration = Duration::from_secs(5);

/// A mail that is to be sent. It keeps its place until it has gone, or is given up.
#[derive(Debug)]
pub(super) struct Job {
    mail: Mail,
    tries: usize,
    _room: OwnedSemaphorePermit,
}

impl Job {
    pub(super) fn new(mail: Mail, room: OwnedSemaphorePermit) -> Self {
        Self { mail, tries: 0, _room: room }
    }
}

pub(super) struct Queue {
    carrier: Carrier,
    incoming: mpsc::UnboundedReceiver<Job>,
    ready: VecDeque<Job>,
    /// By when they are due, and a number, since two may be due at once.
    later: BTreeMap<(Instant, u64), Job>,
    count: u64,
    /// Answers the mail back that is to be tried again.
    running: JoinSet<Option<Job>>,
}

impl Queue {
    pub(super) fn new(carrier: Carrier, incoming: mpsc::UnboundedReceiver<Job>) -> Self {
        let (ready, later, running) = (VecDeque::new(), BTreeMap::new(), JoinSet::new());
        Self { carrier, incoming, ready, later, count: 0, running }
    }

    /// Sends until told to stop.
    pub(super) async fn run(mut self, mut stopping: oneshot::Receiver<()>) {
        loop {
            self.start_some();
            let due = self.later.first_key_value().map(|((at, _), _)| *at);
            tokio::select! {
                _ = &mut stopping => break,
                // Whoever could send has gone when there is none: only the stop is still to come.
                Some(job) = self.incoming.recv() => self.ready.push_back(job),
                Some(done) = self.running.join_next() => self.put_off(done.ok().flatten()),
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => self.wake(Instant::now()),
            }
        }
        self.finish().await;
    }

    fn start_some(&mut self) {
        while self.running.len() < AT_ONCE
            && let Some(mut job) = self.ready.pop_front()
        {
            let carrier = self.carrier.clone();
            self.running.spawn(async move {
                job.tries += 1;
                match carrier.carry(&job.mail).await {
                    Sent::Yes | Sent::Never => None,
                    Sent::NotYet => Some(job),
                }
            });
        }
    }

    /// A mail that did not go is tried again later.
    fn put_off(&mut self, job: Option<Job>) {
        let Some(job) = job else { return };
        match WAITS.get(job.tries.saturating_sub(1)) {
            Some(wait) => {
                self.count += 1;
                self.later.insert((Instant::now() + *wait, self.count), job);
            }
            None => tracing::warn!(tries = job.tries, "a mail was given up"),
        }
    }

    /// Mails whose time has come.
    fn wake(&mut self, now: Instant) {
        while let Some(entry) = self.later.first_entry()
            && entry.key().0 <= now
        {
            self.ready.push_back(entry.remove());
        }
    }

    /// One more try for each, as far as the time goes.
    async fn finish(mut self) {
        self.incoming.close();
        while let Ok(job) = self.incoming.try_recv() {
            self.ready.push_back(job);
        }
        self.ready.extend(std::mem::take(&mut self.later).into_values());
        let until = Instant::now() + LAST_CALL;
        let mut lost = 0;
        loop {
            self.start_some();
            match timeout_at(until, self.running.join_next()).await {
                Ok(None) => break,
                Ok(Some(done)) => lost += usize::from(done.ok().flatten().is_some()),
                Err(_) => {
                    lost += self.running.len() + self.ready.len();
                    break;
                }
            }
        }
        if lost > 0 {
            tracing::warn!(lost, "mails were not sent: the server stopped");
        }
    }
}
