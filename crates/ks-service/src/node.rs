//! One running instance of the service.

use std::sync::Arc;

use ks_store::{Clock, Random, Store};
use rand::Rng;

use crate::handlers::Handlers;
use crate::inspect::Inspector;
use crate::login::throttle::Throttle;
use crate::mail::{Mailer, NoMailer};
use crate::meter::Meter;
use crate::rate::{Limits, Rates};
use crate::roles::ReadyPermissions;
use crate::tries::Tries;

/// The version that `system.getVersion` answers.
pub const VERSION: &str = concat!("ks-", env!("CARGO_PKG_VERSION"));

/// What an operator can switch.
#[derive(Clone)]
pub struct Options {
    /// Whether anybody may open an account by `partner.register`.
    pub sign_up: bool,
    /// How mails are sent.
    pub mailer: Arc<dyn Mailer>,
    /// Where the pages are that mails link to; `None`: mails have no links.
    pub public_url: Option<String>,
    /// Where ids and other random bytes come from; `None`: the thread's own generator, which the operating system seeds.
    pub random: Option<Arc<dyn Random>>,
    /// How many calls one caller may make.
    pub rates: Rates,
    /// Who looks on, in development.
    pub inspector: Option<Arc<dyn Inspector>>,
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options").field("sign_up", &self.sign_up).finish_non_exhaustive()
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            sign_up: false,
            mailer: Arc::new(NoMailer),
            public_url: None,
            random: None,
            rates: Rates::default(),
            inspector: None,
        }
    }
}

/// One running instance: it holds no state of its own beyond what the store caches.
pub struct Node {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) handlers: Handlers,
    pub(crate) options: Options,
    pub(crate) throttle: Throttle,
    pub(crate) tries: Tries,
    pub(crate) limits: Limits,
    pub(crate) meter: Meter,
    pub(crate) ready: ReadyPermissions,
    started_at: i64,
}

impl Node {
    /// A node on this store, with this clock.
    #[must_use]
    pub fn new(store: Store, clock: Clock, options: Options) -> Arc<Self> {
        let started_at = clock();
        let (handlers, throttle, tries) = (Handlers::default(), Throttle::default(), Tries::default());
        let (ready, limits, meter) = (ReadyPermissions::default(), Limits::new(&options.rates), Meter::default());
        Arc::new(Self { store, clock, handlers, options, throttle, tries, limits, meter, ready, started_at })
    }

    /// The store that the node works on.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// What happened to calls.
    #[must_use]
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    /// The mails that were sent lately, oldest first, for a page that shows them; none but in development.
    #[must_use]
    pub fn kept_mails(&self) -> Vec<crate::mail::Mail> {
        self.options.mailer.kept()
    }

    /// The present, in Unix seconds.
    #[must_use]
    pub fn now(&self) -> i64 {
        (self.clock)()
    }

    /// When the node started, in Unix seconds.
    #[must_use]
    pub fn started_at(&self) -> i64 {
        self.started_at
    }

    /// Random bytes from the thread's own generator, which the operating system seeds: a token needs 16
    /// of them, and a system call for each would cost more than the token.
    pub(crate) fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        let filled = self.options.random.as_ref().is_some_and(|random| random.fill(&mut bytes).is_ok());
        if !filled {
            rand::rng().fill_bytes(&mut bytes);
        }
        bytes
    }
}
