//! Spans: what a request spends its time on, told through `tracing` to whoever listens. Their fields have the names of
//! OpenTelemetry's conventions, and never hold what was sent.
//!
//! They are in builds with the feature `spans`. In all others a [`Span`] is nothing: it takes no room, and
//! [`Span::within`] gives back the very future that it got.

#[cfg(feature = "spans")]
mod on;
#[cfg(feature = "spans")]
pub use on::{Span, TARGET};
#[cfg(feature = "spans")]
pub(crate) use on::{statement, write};

// Whether it tells too much is tested in every build.
#[cfg(any(feature = "spans", test))]
mod summary;

#[cfg(not(feature = "spans"))]
mod off;
#[cfg(not(feature = "spans"))]
pub use off::Span;
#[cfg(not(feature = "spans"))]
pub(crate) use off::{statement, write};
