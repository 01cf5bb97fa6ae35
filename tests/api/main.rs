//! The API against a running server.

mod arrows;
mod clients;
mod session;
mod system;
mod wire;
