//! What each action of the API does.
//!
//! A request comes in decoded ([`ks_wire::Decoded`]) and goes out as a value ([`ks_schema::Out`]); in
//! between it takes the same way whichever action it is for, each step once, in the order that clients
//! can observe: token text, arguments, session, permission, action (see [`Node::answer`]). The services
//! are plain modules, named like the protocol names them: `session.start` is done in `session/start.rs`.
//!
//! This crate knows no HTTP, no response format and no SQL.

pub mod accounts;
mod admin_user;
mod app_token;
mod base_entry;
mod call;
mod category;
mod category_entry;
mod category_user;
mod entitlement;
mod entry;
mod establish;
pub mod explain;
pub mod gateway;
pub mod generated;
mod group;
mod group_search;
mod group_sync;
mod group_user;
mod guard;
mod handlers;
pub mod inspect;
mod ks_account;
mod ks_audit;
mod ks_mail_template;
mod ks_secret;
mod ks_session;
mod ks_stats;
mod list;
mod login;
pub mod mail;
mod media;
pub mod meter;
mod node;
mod partner;
pub mod password;
pub mod people;
mod permission;
mod permission_item;
mod pipeline;
pub mod rate;
mod refusal;
mod response_profile;
mod rights;
mod roles;
mod schema;
pub mod seed;
mod session;
mod span;
mod system;
mod tries;
mod user;
mod user_role;
mod widget;

pub use call::{Call, RequestInfo, Seat, Session};
pub use category::limits::{CATEGORIES_SETTING, MEMBERS_SETTING};
pub use node::{Node, Options, VERSION};
pub use pipeline::Answer;
pub use rights::unknown_permission;
