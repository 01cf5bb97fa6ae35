//! The API against a running server.

mod actions_limit;
mod app_token;
mod arrows;
mod canary;
mod clients;
mod conformance;
mod contributing;
mod crash;
mod errors;
mod escalation;
mod ks_audit;
mod ks_session;
mod matrix;
mod order;
mod partner;
mod permission;
mod privileges;
mod readme;
mod rotation;
mod running;
mod session;
mod sync;
mod system;
mod user_role;
mod why;
mod wire;
