//! The store as its callers see it: one module for each of its subjects.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod account;
mod action;
mod backup;
mod content;
mod copy;
mod engines;
mod failover;
mod follow;
mod keys;
mod layout;
mod login;
mod open;
mod refusal;
mod revocation;
mod rights;
mod role;
mod secret;
mod sqlite;
mod suits;
mod support;
mod user;
mod user_list;
mod widget;
mod world;
