//! The API against a running server.

mod actions_limit;
mod app_token;
mod arrows;
mod canary;
mod clients;
mod conformance;
mod crash;
mod matrix;
mod ks_session;
mod partner;
mod readme;
mod rotation;
mod session;
mod sync;
mod system;
mod why;
mod wire;
