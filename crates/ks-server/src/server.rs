//! A running server.

use std::net::SocketAddr;
use std::sync::Arc;

use hyper::header::HeaderValue;
use ks_service::{Node, Options};
use ks_store::{Store, system_clock};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::api::App;
use crate::config::Config;
use crate::limits::Room;
use crate::listener;

/// A running server. Dropping it leaves its tasks running; [`Server::stop`] ends them in order.
#[derive(Debug)]
pub struct Server {
    local: SocketAddr,
    admin: Option<SocketAddr>,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    store: Store,
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

impl Server {
    /// Starts serving. When this returns, connections are accepted.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn start(config: Config, store: Store) -> Result<Self, StartError> {
        if config.dev
            && let Some(addr) =
                [Some(config.listen), config.admin_listen].into_iter().flatten().find(|it| !it.ip().is_loopback())
        {
            return Err(StartError::NotLoopback(addr));
        }
        let name = HeaderValue::from_str(&config.node_name).map_err(|_| StartError::NodeName)?;
        let (listener, local) = bind(config.listen).await?;
        let admin = match config.admin_listen {
            Some(addr) => Some(bind(addr).await?),
            None => None,
        };
        let options = Options {
            sign_up: config.sign_up,
            mailer: Arc::clone(&config.mailer),
            public_url: config.public_url.clone(),
        };
        let node = Node::new(store.clone(), system_clock(), options);
        let app = Arc::new(App { node, room: Room::new(config.limits.bodies_bytes), config, name });
        let (stop, stopped) = watch::channel(false);
        let mut tasks = vec![tokio::spawn(listener::run(Arc::clone(&app), listener, false, stopped.clone()))];
        let admin = admin.map(|(listener, addr)| {
            tasks.push(tokio::spawn(listener::run(app, listener, true, stopped)));
            addr
        });
        Ok(Self { local, admin, stop, tasks, store })
    }

    /// Where the API listens.
    #[must_use]
    pub const fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// Where the operator's own listener is.
    #[must_use]
    pub const fn admin_addr(&self) -> Option<SocketAddr> {
        self.admin
    }

    /// Accepts no more connections, lets requests in flight end, and closes the store.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        for task in self.tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "a listener broke off");
            }
        }
        self.store.close().await;
    }
}

async fn bind(addr: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let listener = TcpListener::bind(addr).await.map_err(|source| match source.kind() {
        std::io::ErrorKind::AddrInUse => StartError::AddressInUse(addr),
        _ => StartError::Listen { addr, source },
    })?;
    let local = listener.local_addr().map_err(|source| StartError::Listen { addr, source })?;
    Ok((listener, local))
}
