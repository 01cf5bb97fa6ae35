//! The span of a call; see [`ks_store::span`].

#[cfg(feature = "spans")]
mod on;
#[cfg(feature = "spans")]
pub(crate) use on::{answered, call};

#[cfg(not(feature = "spans"))]
mod off;
#[cfg(not(feature = "spans"))]
pub(crate) use off::{answered, call};
