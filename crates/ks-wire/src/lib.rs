//! Bytes to calls, and answers to bytes.
//!
//! [`decode`] turns one request of the protocol (path, query, and a form, JSON or multipart body) into
//! [`Calls`]; [`CallTree::resolve`] fills references between the parts of a multirequest; a
//! [`profile`] trims what an action answered; [`encode`] writes it as JSON, XML, JSONP or PHP.
//!
//! The crate knows no HTTP framework and does no I/O. Everything it reads may be hostile: time is linear
//! in the input, recursion is bounded by [`Limits`], and no type here shows values in its `Debug`,
//! because any of them may be a token, a secret or a password.

#[cfg(all(feature = "planted-bug", not(debug_assertions)))]
compile_error!("`planted-bug` breaks every codec on purpose: it is for the fuzz targets alone");

mod decode;
mod encode;
mod format;
mod number;
pub mod profile;
mod reference;
mod weight;

pub use decode::{CallTree, Calls, Decoded, Limits, RawRequest, Refused, decode};
pub use encode::{Encoded, encode};
pub use format::{Format, Reply};
pub use reference::ReferenceBudget;
pub use weight::weight;
