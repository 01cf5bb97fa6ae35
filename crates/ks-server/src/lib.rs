//! The HTTP edge.
//!
//! It knows sockets, sizes, times and headers, and nothing of what a call means: that is decoded by
//! `ks-wire` and done by `ks-service`. Everything that is wrong *within* the protocol is answered with HTTP
//! 200 and the protocol's own error; an HTTP status is only for what is below it (a body too large, a
//! request that never comes to its end, a host that must not be asked).

mod account;
mod address;
mod admin;
mod api;
mod compress;
mod config;
mod console;
mod crowd;
pub mod dev;
mod early;
mod gate;
mod gateway;
mod headers;
mod limits;
mod listener;
mod metrics;
mod pages;
mod seed;
mod server;
mod smtp;
mod span;
mod timer;
mod tls;

pub use config::{Config, Limits};
pub use early::Early;
pub use seed::{UnreadableSeed, read_partner, read_seed};
pub use server::{Server, StartError};
pub use smtp::{NoSmtpUrl, Smtp, SmtpError, SmtpTask, SmtpUrl};
#[cfg(feature = "spans")]
pub use span::{Adopt, adopt_by};
pub use tls::{Tls, TlsError, TlsFiles};
