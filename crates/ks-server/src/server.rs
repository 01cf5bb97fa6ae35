//! A running server.

use std::net::SocketAddr;
use std::sync::Arc;

use arc_swap::ArcSwap;
use hyper::header::HeaderValue;
use ks_service::inspect::Inspector;
use ks_service::{Node, Options};
use ks_store::{Clock, Random, Store, system_clock};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::api::{App, Edge};
use crate::config::Config;
use crate::dev::Dev;
use crate::early::Early;
use crate::gate::Gate;
use crate::limits::Room;
use crate::listener;

/// A running server. Dropping it leaves its tasks running; [`Server::stop`] ends them in order.
#[derive(Debug)]
pub struct Server {
    local: SocketAddr,
    admin: Option<SocketAddr>,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    slot: Arc<Slot>,
}

/// What requests are answered by: in development it can become another one while the server runs.
pub(crate) struct Slot {
    app: ArcSwap<App>,
    /// What there is in development only.
    pub(crate) dev: Option<Arc<Dev>>,
}

impl std::fmt::Debug for Slot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Slot").field("dev", &self.dev.is_some()).finish_non_exhaustive()
    }
}

impl Slot {
    pub(crate) fn new(app: App, dev: Option<Arc<Dev>>) -> Self {
        Self { app: ArcSwap::from_pointee(app), dev }
    }

    /// What the next request is answered by.
    pub(crate) fn app(&self) -> Arc<App> {
        self.app.load_full()
    }

    pub(crate) fn enter(&self, app: App) {
        self.app.store(Arc::new(app));
    }
}

/// What a node is given that is not a setting.
pub(crate) struct Parts {
    pub(crate) clock: Clock,
    pub(crate) random: Option<Arc<dyn Random>>,
    pub(crate) inspector: Option<Arc<dyn Inspector>>,
}

impl Default for Parts {
    fn default() -> Self {
        Self { clock: system_clock(), random: None, inspector: None }
    }
}

impl App {
    pub(crate) fn new(mut config: Config, bound: &Bound, store: Store, parts: Parts) -> Self {
        // Where port 0 was asked for, another one was taken.
        config.listen = bound.public.1;
        config.admin_listen = bound.admin.as_ref().map(|(_, addr)| *addr);
        let room = Room::new(config.limits.bodies_bytes);
        let (gate, edge) = (Arc::new(Gate::new(&config.limits)), Arc::new(Edge::new(&config)));
        Self { node: node(&config, store, parts), room, gate, edge, config, name: bound.name.clone() }
    }

    /// The same over another store.
    pub(crate) fn after(before: &Self, store: Store, parts: Parts) -> Self {
        let config = before.config.clone();
        Self {
            node: node(&config, store, parts),
            room: before.room.clone(),
            gate: Arc::clone(&before.gate),
            edge: Arc::clone(&before.edge),
            config,
            name: before.name.clone(),
        }
    }
}

fn node(config: &Config, store: Store, parts: Parts) -> Arc<Node> {
    let options = Options {
        sign_up: config.sign_up,
        mailer: Arc::clone(&config.mailer),
        public_url: config.public_url.clone(),
        random: parts.random,
        rates: config.rates.clone(),
        inspector: parts.inspector,
    };
    Node::new(store, parts.clock, options)
}

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Another program listens there.
    #[error("{0} is in use by another program")]
    AddressInUse(SocketAddr),
    /// The address cannot be listened on.
    #[error("cannot listen on {addr}: {source}")]
    Listen {
        /// The address.
        addr: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// A development server listens on loopback addresses only.
    #[error("a development server listens on loopback addresses only, and {0} is none")]
    NotLoopback(SocketAddr),
    /// The node's name cannot stand in a header.
    #[error("the node's name may hold visible ASCII characters only")]
    NodeName,
}

/// Addresses that are taken, and on which nothing is answered yet.
pub(crate) struct Bound {
    name: HeaderValue,
    public: (TcpListener, SocketAddr),
    admin: Option<(TcpListener, SocketAddr)>,
}

impl Bound {
    pub(crate) async fn to(config: &Config) -> Result<Self, StartError> {
        if config.dev
            && let Some(addr) =
                [Some(config.listen), config.admin_listen].into_iter().flatten().find(|it| !it.ip().is_loopback())
        {
            return Err(StartError::NotLoopback(addr));
        }
        let name = HeaderValue::from_str(&config.node_name).map_err(|_| StartError::NodeName)?;
        let public = bind(config.listen).await?;
        let admin = match config.admin_listen {
            Some(addr) => Some(bind(addr).await?),
            None => None,
        };
        Ok(Self { name, public, admin })
    }
}

impl Server {
    /// Starts serving. When this returns, connections are accepted.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn start(config: Config, store: Store) -> Result<Self, StartError> {
        Self::start_after(None, config, store).await
    }

    /// The same, where health checks have been answered so far.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn start_after(early: Option<Early>, config: Config, store: Store) -> Result<Self, StartError> {
        let mut bound =
            Bound::to(&Config { admin_listen: early.as_ref().map_or(config.admin_listen, |_| None), ..config.clone() })
                .await?;
        if let Some(early) = early {
            bound.admin = Some(early.finish().await?);
        }
        let app = App::new(config, &bound, store, Parts::default());
        Ok(Self::serve(bound, Arc::new(Slot::new(app, None))))
    }

    /// Answers on addresses that are taken.
    pub(crate) fn serve(bound: Bound, slot: Arc<Slot>) -> Self {
        let (stop, stopped) = watch::channel(false);
        let (listener, local) = bound.public;
        let mut tasks = vec![tokio::spawn(listener::run(Arc::clone(&slot), listener, false, stopped.clone()))];
        let admin = bound.admin.map(|(listener, addr)| {
            tasks.push(tokio::spawn(listener::run(Arc::clone(&slot), listener, true, stopped)));
            addr
        });
        Self { local, admin, stop, tasks, slot }
    }

    /// Where the API listens.
    #[must_use]
    pub const fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// Whether the API is encrypted.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        self.slot.app().config.tls.is_some()
    }

    /// Where the operator's own listener is.
    #[must_use]
    pub const fn admin_addr(&self) -> Option<SocketAddr> {
        self.admin
    }

    /// Says that it is no longer ready and goes on for as long as is set for that; then accepts no more connections, lets
    /// requests in flight end, and closes the store.
    pub async fn stop(self) {
        let app = self.slot.app();
        app.edge.drain();
        tokio::time::sleep(app.config.drain).await;
        drop(app);
        self.stop.send_replace(true);
        for task in self.tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "a listener broke off");
            }
        }
        self.slot.app().node.store().close().await;
    }

    /// Accepts no more connections, and waits for nothing.
    pub(crate) fn abort(self) {
        self.stop.send_replace(true);
        for task in self.tasks {
            task.abort();
        }
    }
}

pub(crate) async fn bind(addr: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let listener = TcpListener::bind(addr).await.map_err(|source| match source.kind() {
        std::io::ErrorKind::AddrInUse => StartError::AddressInUse(addr),
        _ => StartError::Listen { addr, source },
    })?;
    let local = listener.local_addr().map_err(|source| StartError::Listen { addr, source })?;
    Ok((listener, local))
}
