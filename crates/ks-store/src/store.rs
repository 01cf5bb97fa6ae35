//! Opening, closing and asking after the store.

use std::hash::{BuildHasher, RandomState};
use std::ops::Deref;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ks_token::PartnerId;
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::audit::Actor;
use crate::call_count::CallCounts;
use crate::config::{Random, StoreConfig};
use crate::engine::{Engine, Trap, args};
use crate::error::StoreError;
use crate::follow::Follower;
use crate::hex;
use crate::kek::Kek;
use crate::memory::Memory;
use crate::migrate;
use crate::refusal::RefusalQueue;
use crate::secret::LastUsed;
use crate::timing::Timed;
use crate::upkeep::Upkeep;
use crate::writer::Writer;

/// Everything that is kept. Cheap to clone; all clones are one store.
///
/// Close it with [`Store::close`] so that late writes reach the disk; acknowledged changes are there already.
#[derive(Clone)]
pub struct Store {
    pub(crate) inner: Handle,
}

/// What a clone has of its own: who writes through it.
#[derive(Clone)]
pub(crate) struct Handle {
    inner: Arc<Inner>,
    pub(crate) writer: Writer,
}

impl Handle {
    pub(crate) fn acting(&self, actor: Arc<Actor>) -> Self {
        Self { inner: Arc::clone(&self.inner), writer: self.writer.acting(actor) }
    }
}

impl Deref for Handle {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.inner
    }
}

pub(crate) struct Inner {
    pub(crate) engine: Engine,
    pub(crate) memory: Arc<Memory>,
    pub(crate) kek: Kek,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) refusals: Arc<RefusalQueue>,
    pub(crate) last_used: Arc<LastUsed>,
    pub(crate) call_counts: Arc<CallCounts>,
    /// Callers that miss the same account wait for one reader.
    turns: [tokio::sync::Mutex<()>; 16],
    hasher: RandomState,
    closing: watch::Sender<bool>,
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

impl Inner {
    pub(crate) fn turn(&self, partner: PartnerId) -> &tokio::sync::Mutex<()> {
        let [.., low] = self.hasher.hash_one(partner).to_be_bytes();
        &self.turns[usize::from(low) % self.turns.len()]
    }
}

/// How the store fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Health {
    /// Whether memory follows the database within its bound.
    pub fresh: bool,
    /// How long ago memory agreed with the database for certain.
    pub behind: Duration,
    /// The last entry of the change log that was followed.
    pub followed: i64,
    /// How many revocations are in memory.
    pub revocations: usize,
}

/// How the store fares, in numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figures {
    /// What decides whether memory is believed.
    pub health: Health,
    /// How many snapshots of what are in memory.
    pub cached: [(&'static str, usize); 4],
    /// How long callers waited for a connection to read with.
    pub reader_waits: Timed,
    /// How long callers waited for their changes to be on disk.
    pub writes: Timed,
    /// How many changes wait for the writer.
    pub writes_waiting: usize,
}

/// A store, and what is to work for it.
pub(crate) struct Opened {
    pub(crate) store: Store,
    pub(crate) follower: Follower,
    pub(crate) upkeep: Upkeep,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("health", &self.health()).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the database, makes it when it is missing, brings it to this program's layout where
    /// [`StoreConfig::migrate`] says so, and begins to follow it.
    ///
    /// # Errors
    /// [`StoreError::KeyFile`], [`StoreError::WrongKey`], [`StoreError::NewerLayout`], [`StoreError::OlderLayout`],
    /// [`StoreError::Unavailable`], [`StoreError::Random`], [`StoreError::Corrupt`].
    pub async fn open(config: StoreConfig) -> Result<Self, StoreError> {
        let trap = Trap {
            #[cfg(debug_assertions)]
            faults: config.faults.clone(),
            #[cfg(all(test, debug_assertions))]
            gate: None,
        };
        let every = config.follow_every;
        let Opened { store, follower, upkeep } = Self::prepare(config, trap, Instant::now).await?;
        let closed = store.inner.closing.subscribe();
        let following = [tokio::spawn(upkeep.run(closed.clone())), tokio::spawn(follower.run(every, closed))];
        store.inner.tasks.lock().splice(0..0, following);
        Ok(store)
    }

    /// A store that only its writer works for yet. `now` is what time it is for memory.
    pub(crate) async fn prepare(config: StoreConfig, trap: Trap, now: fn() -> Instant) -> Result<Opened, StoreError> {
        let engine = Engine::prepare_with(&config.database, config.durable, config.hints, trap)?;
        let mut conn = engine.connect().await?;
        migrate::migrate(&engine, &mut conn, config.migrate, (config.clock)()).await?;
        let kek = migrate::unlock(&mut conn, config.kek, config.random.as_ref()).await?;

        let memory = Arc::new(Memory::new(config.stale_after, now));
        let follower = Follower::start(engine.untrapped(), Arc::clone(&memory)).await?;
        let (writer, writing) = Writer::start(engine.clone(), conn, Arc::clone(&memory));
        let (closing, _) = watch::channel(false);
        let (refusals, last_used) = (Arc::new(RefusalQueue::default()), Arc::new(LastUsed::default()));
        let call_counts = Arc::new(CallCounts::default());
        let node = match config.serves_as {
            Some(name) => {
                let mut bytes = [0; 8];
                config.random.fill(&mut bytes)?;
                Some((hex::encode(&bytes), name))
            }
            None => None,
        };
        let upkeep = Upkeep {
            engine: engine.clone(),
            kek: kek.clone(),
            node,
            writer: writer.clone(),
            memory: Arc::clone(&memory),
            refusals: Arc::clone(&refusals),
            last_used: Arc::clone(&last_used),
            call_counts: Arc::clone(&call_counts),
            clock: config.clock,
            flush_last_used_every: config.flush_last_used_every,
            flush_refusals_every: config.flush_refusals_every,
            keep_refusals_for: config.keep_refusals_for,
            keep_refusals: config.keep_refusals,
            prune_every: config.prune_every,
        };
        let inner = Inner {
            engine,
            memory,
            kek,
            random: config.random,
            refusals,
            last_used,
            call_counts,
            turns: Default::default(),
            hasher: RandomState::new(),
            closing,
            tasks: Mutex::new(vec![writing]),
        };
        let store = Self { inner: Handle { inner: Arc::new(inner), writer } };
        Ok(Opened { store, follower, upkeep })
    }

    /// Writes what is left to write and closes all connections. Changes that come later are refused with
    /// [`StoreError::Closed`]; memory is no longer followed, and so becomes stale.
    pub async fn close(&self) {
        self.inner.closing.send_replace(true);
        let tasks = std::mem::take(&mut *self.inner.tasks.lock());
        let mut tasks = tasks.into_iter();
        // Upkeep first: it still writes.
        if let Some(upkeep) = tasks.next() {
            join(upkeep).await;
        }
        self.inner.writer.close();
        for task in tasks {
            join(task).await;
        }
        self.inner.engine.close().await;
    }

    /// Ends as a process that is killed does.
    #[cfg(all(test, debug_assertions))]
    pub(crate) async fn end_abruptly(self) {
        let tasks = std::mem::take(&mut *self.inner.tasks.lock());
        for task in tasks {
            task.abort();
            drop(task.await);
        }
    }

    /// Writes everything that is kept, as it is at one moment, into a new file, which another store can open with the
    /// same key. The file must not be there yet.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Invalid`] for a path that is not UTF-8.
    pub async fn copy_to(&self, file: &std::path::Path) -> Result<(), StoreError> {
        self.inner.engine.copy_to(file).await
    }

    /// Really writes to the database, to learn whether that works. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Closed`].
    pub async fn ping_write(&self, now: i64) -> Result<(), StoreError> {
        let write = self.inner.writer.write(move |tx| {
            Box::pin(async move {
                tx.execute(
                    "INSERT INTO heartbeat (id, at) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET at = excluded.at",
                    args![now],
                )
                .await?;
                Ok(())
            })
        });
        write.await
    }

    /// How the store fares; without waiting.
    #[must_use]
    pub fn health(&self) -> Health {
        let memory = &self.inner.memory;
        Health {
            fresh: memory.is_fresh(),
            behind: memory.behind(),
            followed: memory.followed(),
            revocations: memory.revocations.len(),
        }
    }

    /// How the store fares, in numbers; without waiting.
    #[must_use]
    pub fn figures(&self) -> Figures {
        let memory = &self.inner.memory;
        Figures {
            health: self.health(),
            cached: [
                ("accounts", memory.accounts.len()),
                ("users", memory.users.len()),
                ("roles", memory.roles.len()),
                ("permissions", memory.permissions.len()),
            ],
            reader_waits: self.inner.engine.waits().read(),
            writes: self.inner.writer.times(),
            writes_waiting: self.inner.writer.waiting(),
        }
    }
}

async fn join(task: JoinHandle<()>) {
    if let Err(error) = task.await {
        tracing::error!(%error, "a task of the store failed");
    }
}
