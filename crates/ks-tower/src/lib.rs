//! A [tower](tower_layer) layer for services that take Kaltura Sessions (KS) of their own: it reads the token of a
//! request, verifies it with the account's secrets, asks whether it may be used now, from here and for this, and hands
//! it on in the request's extensions. Everything else is answered with 401 or 403.
//!
//! ```
//! use std::sync::Arc;
//! use ks_token::{PartnerId, Secret, SecretKey};
//! use ks_tower::{KsLayer, Require};
//!
//! # fn main() -> Result<(), ks_token::EmptySecret> {
//! let keys: Arc<[SecretKey]> = [SecretKey::new(&Secret::new("0123456789abcdef0123456789abcdef")?)].into();
//! let layer = KsLayer::new(move |partner| (partner == PartnerId::new(102)).then(|| Arc::clone(&keys)))
//!     .cookie("ks")
//!     .require(Require::admin())
//!     .require(Require::privilege("edit", "0_abc"));
//! # let _ = layer;
//! # Ok(())
//! # }
//! ```
//!
//! The service behind it finds the session as a [`Session`] among the request's extensions.
//!
//! # What it cannot know
//!
//! Nothing is asked of a server. A session that was ended or revoked there is good here until it expires, so give such
//! sessions short lives; and nobody counts the uses of a session with the privilege `actionslimit`, so those are refused.

mod read;
mod require;
mod service;

pub use require::{Refused, Require};
pub use service::{KsLayer, KsService, Session};
