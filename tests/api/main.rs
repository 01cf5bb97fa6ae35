//! The API against a running server.

mod actions_limit;
mod arrows;
mod canary;
mod clients;
mod conformance;
mod crash;
mod rotation;
mod session;
mod sync;
mod system;
mod wire;
