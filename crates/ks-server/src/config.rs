//! Settings of a server.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use ks_service::mail::{Mailer, NoMailer};
use ks_service::rate::Rates;

use crate::tls::Tls;

/// Settings of a server.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the API listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where the operator's own listener is, if there is one: health reports, and the API as from an
    /// internal address. It must not be reachable from outside.
    pub admin_listen: Option<SocketAddr>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// The name of this node in the header `X-Me`.
    pub node_name: String,
    /// Whether this is a development server: it answers on loopback names only.
    pub dev: bool,
    /// Whether anybody may open an account by `partner.register`.
    pub sign_up: bool,
    /// Whether `/auth/verify` tells proxies whether a session is good.
    pub gateway: bool,
    /// How mails are sent.
    pub mailer: Arc<dyn Mailer>,
    /// Where the pages are that mails link to, as an address that people can open.
    pub public_url: Option<String>,
    /// The certificate of the public listener; `None`: it speaks plain HTTP.
    pub tls: Option<Arc<Tls>>,
    /// For how long the server goes on when it is asked to stop, and says that it is no longer ready.
    pub drain: Duration,
    /// How many calls one caller may make.
    pub rates: Rates,
    /// Limits on what a request may take.
    pub limits: Limits,
}

/// Limits on what a request may take.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The largest body, in bytes. Beyond it the answer is HTTP 413.
    pub body_bytes: usize,
    /// How long the head of a request may take to arrive.
    pub header_timeout: Duration,
    /// How long the body of a request may take to arrive. Beyond it the answer is HTTP 408.
    pub body_timeout: Duration,
    /// How long a client may take to read on while an answer is being sent. Beyond it the connection is closed.
    pub write_timeout: Duration,
    /// Bodies that are being received or worked on, in bytes, over all requests; more wait.
    pub bodies_bytes: usize,
    /// Connections at a time; more wait to be accepted.
    pub connections: usize,
    /// Connections at a time of one address that is no trusted proxy, of IPv6 of one network of 64 bits; more are closed.
    pub connections_per_address: usize,
    /// Requests that are worked on at a time.
    pub in_flight: usize,
    /// Requests that wait for others to be done. Beyond it the answer is HTTP 503.
    pub queue: usize,
    /// How long they wait; less while the queue does not get empty. Beyond it the answer is HTTP 503; where it can be
    /// foreseen, at once.
    pub queue_wait: Duration,
    /// How long requests in flight may take when the server stops.
    pub shutdown_timeout: Duration,
    /// What a request may carry.
    pub wire: ks_wire::Limits,
}

impl Config {
    /// The defaults, on this address.
    #[must_use]
    pub fn new(listen: SocketAddr) -> Self {
        Self {
            listen,
            admin_listen: None,
            trusted_proxies: Vec::new(),
            node_name: "ks".to_owned(),
            dev: false,
            sign_up: false,
            gateway: false,
            mailer: Arc::new(NoMailer),
            public_url: None,
            tls: None,
            drain: Duration::ZERO,
            rates: Rates::default(),
            limits: Limits::default(),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 16 << 20,
            header_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(30),
            bodies_bytes: 512 << 20,
            connections: 10_000,
            connections_per_address: 5000,
            in_flight: 32 * cores(),
            queue: 512 * cores(),
            queue_wait: Duration::from_millis(400),
            shutdown_timeout: Duration::from_secs(10),
            wire: ks_wire::Limits::default(),
        }
    }
}

/// How many cores this process may use.
fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
