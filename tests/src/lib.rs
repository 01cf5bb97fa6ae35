//! Helpers of the tests: servers, calls, outside programs and data.
//!
//! The tests themselves are in `api/`, as a tree that mirrors the API. What they expect comes from the
//! published contract or from programs that know nothing of this code: never from the code under test.

pub mod account;
pub mod balancer;
pub mod body;
pub mod browser;
pub mod call;
pub mod canary;
pub mod channels;
#[cfg(feature = "otel")]
pub mod collector;
pub mod contract;
pub mod house;
pub mod http;
pub mod nginx;
pub mod patroni;
pub mod programs;
pub mod proxy;
pub mod report;
pub mod rust;
pub mod scale;
pub mod server;
pub mod smtp;
pub mod text;
pub mod tls;
pub mod totp;

use std::path::PathBuf;

/// The root of the repository.
#[must_use]
pub fn root() -> PathBuf {
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}
