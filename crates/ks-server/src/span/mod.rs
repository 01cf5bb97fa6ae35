//! The span of a request; see [`ks_store::span`].

#[cfg(feature = "spans")]
mod on;
#[cfg(feature = "spans")]
pub use on::{Adopt, adopt_by};
#[cfg(feature = "spans")]
pub(crate) use on::{answered, request};

// Whether it tells too much is tested in every build.
#[cfg(any(feature = "spans", test))]
mod path;

#[cfg(not(feature = "spans"))]
mod off;
#[cfg(not(feature = "spans"))]
pub(crate) use off::{answered, request};
