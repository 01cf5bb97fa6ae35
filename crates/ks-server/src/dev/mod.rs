//! The server for development: the same server over a world that can be declared, saved, loaded and taken back, with a
//! clock that can be moved, calls that can be looked at, and faults that can be asked for.
//!
//! `ks dev` and the crate `ks-testing` are this, with a command line and with Rust around it.

mod clock;
mod desk;
mod http;
mod log;
mod random;
mod world;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use ks_schema::PartnerId;
use ks_service::mail::{Mail, Outbox};
use ks_service::seed::{self, Account, Report, SeedError, World};
use ks_store::{Random, Store, StoreError};
use rand::RngExt as _;

pub use clock::DevClock;
pub use desk::Fault;
pub use log::{Request, RequestQuery};

use crate::api::App;
use crate::config::Config;
use crate::server::{Bound, Parts, Server, Slot, StartError};
use clock::Mark;
use desk::Desk;
pub(crate) use http::{is_asked, serve};
use random::SeededRandom;
use world::Worlds;

/// The account of every development server: fixed, so that tests and examples can name it.
pub const PARTNER: PartnerId = PartnerId::new(102);
/// No secret at all: everybody who has this program knows it. It begins with `de` for development.
pub const ADMIN_SECRET: &str = "de000000000000000000000000000a02";
/// As [`ADMIN_SECRET`].
pub const USER_SECRET: &str = "de000000000000000000000000000b02";
/// A name that can never receive mail (RFC 2606).
pub const ADMIN_EMAIL: &str = "dev@example.invalid";
/// As [`ADMIN_SECRET`].
pub const ADMIN_PASSWORD: &str = "dev-password-102";

/// Settings of a development server.
#[derive(Debug)]
pub struct EmulatorConfig {
    /// Where it listens, a loopback address; port 0 takes a free one.
    pub listen: SocketAddr,
    /// What there is besides account 102, and in it.
    pub world: World,
    /// Its clock.
    pub clock: DevClock,
    /// Makes ids, keys and tokens the same each time.
    pub rng_seed: Option<u64>,
    /// Whether parameters that are not declared are refused.
    pub strict: bool,
    /// Where mails go.
    pub outbox: Arc<Outbox>,
    /// Where snapshots are kept; if left out, as long as the server runs.
    pub snapshots: Option<PathBuf>,
}

impl EmulatorConfig {
    /// A server on a free port of this machine, with account 102 alone.
    #[must_use]
    pub fn new() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            world: World::default(),
            clock: DevClock::new(),
            rng_seed: None,
            strict: false,
            outbox: Arc::default(),
            snapshots: None,
        }
    }
}

impl Default for EmulatorConfig {
    fn default() -> Self {
        Self::new()
    }
}

/// Why a development server did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmulatorError {
    /// It did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// Its world cannot be made.
    #[error(transparent)]
    Seed(#[from] SeedError),
    /// Its store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Its folder, or that of its snapshots, cannot be used.
    #[error("{}: {reason}", path.display())]
    Folder {
        /// The folder or file.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// There is no snapshot of this name.
    #[error("there is no snapshot {0:?}")]
    NoSnapshot(String),
    /// A snapshot cannot have this name.
    #[error("a snapshot has a name of 1 to 64 letters, digits, - and _")]
    SnapshotName,
}

/// A running development server. Dropping it ends it; [`Emulator::stop`] lets requests in flight end first.
#[derive(Debug)]
pub struct Emulator {
    slot: Arc<Slot>,
    dev: Arc<Dev>,
    server: Option<Server>,
    account: Account,
}

/// What a development server has besides a server.
pub(crate) struct Dev {
    /// What opens `/_dev/`.
    key: String,
    clock: DevClock,
    clock_at_start: Mark,
    random: Option<Arc<SeededRandom>>,
    rng_seed: Option<u64>,
    desk: Arc<Desk>,
    outbox: Arc<Outbox>,
    strict_at_start: bool,
    worlds: tokio::sync::Mutex<Worlds>,
}

impl std::fmt::Debug for Dev {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dev").field("clock", &self.clock).finish_non_exhaustive()
    }
}

impl Emulator {
    /// Starts a development server. When this returns, connections are accepted.
    ///
    /// # Errors
    /// [`EmulatorError`].
    pub async fn start(config: EmulatorConfig) -> Result<Self, EmulatorError> {
        let mut server = Config::new(config.listen);
        server.dev = true;
        server.sign_up = true;
        server.gateway = true;
        server.mailer = Arc::<Outbox>::clone(&config.outbox);
        let bound = Bound::to(&server).await?;
        let desk = Arc::new(Desk::new(config.strict));
        let random = config.rng_seed.map(|seed| Arc::new(SeededRandom::new(seed)));
        let dev = Dev {
            key: format!("{:032x}", rand::rng().random::<u128>()),
            clock_at_start: config.clock.mark(),
            clock: config.clock,
            random,
            rng_seed: config.rng_seed,
            desk,
            outbox: config.outbox,
            strict_at_start: config.strict,
            worlds: tokio::sync::Mutex::new(Worlds::make(config.snapshots)?),
        };
        let world = with_default_account(config.world);
        let account = world.accounts.iter().find(|account| account.id == PARTNER.get()).cloned().unwrap_or_default();
        let store = {
            let mut worlds = dev.worlds.lock().await;
            worlds.plant(&dev, &world).await?;
            worlds.open_base(&dev).await?
        };
        if let Some(random) = &dev.random {
            random.mark();
        }
        let dev = Arc::new(dev);
        let app = App::new(server, &bound, store, dev.parts());
        let slot = Arc::new(Slot::new(app, Some(Arc::clone(&dev))));
        let server = Server::serve(bound, Arc::clone(&slot));
        Ok(Self { slot, dev, server: Some(server), account })
    }

    /// Where it listens.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.server.as_ref().map_or(SocketAddr::from(([127, 0, 0, 1], 0)), Server::local_addr)
    }

    /// What opens `/_dev/`: the value of the header `X-Ks-Dev-Key`.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.dev.key
    }

    /// Account 102, as it was declared.
    #[must_use]
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// Its clock.
    #[must_use]
    pub fn clock(&self) -> &DevClock {
        &self.dev.clock
    }

    /// What is kept at present: another store after each reset, and after each snapshot that is loaded.
    #[must_use]
    pub fn store(&self) -> Store {
        self.slot.app().node.store().clone()
    }

    /// Takes everything back to how it was when the server had started: what is kept, the clock, randomness, mails,
    /// the log, strictness and faults.
    ///
    /// # Errors
    /// [`EmulatorError`].
    pub async fn reset(&self) -> Result<(), EmulatorError> {
        self.dev.reset(&self.slot).await
    }

    /// Makes what a world declares and is not there; the next reset takes it back.
    ///
    /// # Errors
    /// [`EmulatorError`].
    pub async fn plant(&self, world: &World) -> Result<Report, EmulatorError> {
        self.dev.plant(&self.slot, world).await
    }

    /// Saves what is kept under a name.
    ///
    /// # Errors
    /// [`EmulatorError`].
    pub async fn save(&self, name: &str) -> Result<(), EmulatorError> {
        self.dev.worlds.lock().await.save(&self.slot, name).await
    }

    /// Goes to what was saved under a name. The clock stays as it is.
    ///
    /// # Errors
    /// [`EmulatorError::NoSnapshot`] and others.
    pub async fn load(&self, name: &str) -> Result<(), EmulatorError> {
        self.dev.worlds.lock().await.load(&self.dev, &self.slot, name).await
    }

    /// Calls that were answered and fit, oldest first.
    #[must_use]
    pub fn requests(&self, query: &RequestQuery) -> Vec<Request> {
        self.dev.desk.log.find(query)
    }

    /// Forgets calls that were answered.
    pub fn clear_requests(&self) {
        self.dev.desk.log.clear();
    }

    /// The last mails that were sent, oldest first.
    #[must_use]
    pub fn mails(&self) -> Vec<Mail> {
        self.dev.outbox.mails()
    }

    /// Whether parameters that are not declared are refused from now on.
    pub fn set_strict(&self, strict: bool) {
        self.dev.desk.set_strict(strict);
    }

    /// Lets calls fail or wait.
    pub fn add_fault(&self, fault: Fault) {
        self.dev.desk.add_fault(fault);
    }

    /// Takes all faults away.
    pub fn clear_faults(&self) {
        self.dev.desk.clear_faults();
    }

    /// Lets requests in flight end, and ends.
    pub async fn stop(mut self) {
        if let Some(server) = self.server.take() {
            server.stop().await;
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            server.abort();
        }
    }
}

impl Dev {
    fn parts(&self) -> Parts {
        Parts {
            clock: self.clock.clock(),
            random: self.random.clone().map(|random| -> Arc<dyn Random> { random }),
            inspector: Some(Arc::<Desk>::clone(&self.desk)),
        }
    }

    fn store_random(&self) -> Arc<dyn Random> {
        match &self.random {
            Some(random) => Arc::<SeededRandom>::clone(random),
            None => Arc::new(ks_store::OsRandom),
        }
    }

    async fn plant(&self, slot: &Slot, world: &World) -> Result<Report, EmulatorError> {
        let _worlds = self.worlds.lock().await;
        let app = slot.app();
        Ok(seed::plant(app.node.store(), self.store_random().as_ref(), world, self.clock.now()).await?)
    }

    async fn reset(&self, slot: &Slot) -> Result<(), EmulatorError> {
        let mut worlds = self.worlds.lock().await;
        let store = worlds.open_base(self).await?;
        worlds.enter(self, slot, store);
        self.clock.restore(self.clock_at_start);
        if let Some(random) = &self.random {
            random.restart();
        }
        self.desk.set_strict(self.strict_at_start);
        self.desk.clear_faults();
        self.desk.log.clear();
        self.outbox.clear();
        Ok(())
    }
}

/// Account 102 is there in any case; what a world leaves out of it is as always.
fn with_default_account(mut world: World) -> World {
    let at = world.accounts.iter().position(|account| account.id == PARTNER.get());
    let mut account = at.map(|at| world.accounts.remove(at)).unwrap_or_default();
    account.id = PARTNER.get();
    account.name.get_or_insert_with(|| "Development".to_owned());
    if account.admin_secrets.is_empty() {
        account.admin_secrets.push(ADMIN_SECRET.to_owned());
    }
    if account.user_secrets.is_empty() {
        account.user_secrets.push(USER_SECRET.to_owned());
    }
    if account.admin_email.is_none() {
        account.admin_email = Some(ADMIN_EMAIL.to_owned());
    }
    account.admin_password.get_or_insert_with(|| ADMIN_PASSWORD.to_owned());
    world.accounts.insert(at.unwrap_or(0), account);
    world
}
