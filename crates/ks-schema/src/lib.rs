//! The Kaltura API as data.
//!
//! What the API is stands in the repository's `api/` folder: services, actions, parameters, classes,
//! enums, errors. `cargo xtask gen` turns that into the [`generated`] module, and everything that must
//! know the API reads it from here: the dispatcher, the documentation, the clients, the command line.
//!
//! Beside the generated part stand the few hand-written pieces that it leans on:
//!
//! * [`Tree`]: what a request carried, before anyone knows what it should have carried;
//! * [`read`]: how a tree becomes typed arguments (casting rules of the protocol);
//! * [`Out`]: what an action answers, before anyone knows in which format it will be written;
//! * [`describe`]: the shapes of the descriptor tables;
//! * [`ApiError`]: an error of the protocol, with its code as data.

mod codes;
pub mod describe;
mod error;
mod field;
pub mod generated;
pub mod ids;
mod name_hash;
mod out;
pub mod read;
mod tree;
pub mod write;

pub use error::{ApiError, Why};
pub use field::Field;
pub use generated::errors::ErrorCode;
pub use ids::{AppTokenId, CategoryId, EntryId, RoleId, SecretId, UserId, WidgetId};
pub use ks_token::PartnerId;
pub use name_hash::NameHash;
pub use out::{File, IntoOut, Out, OutObject};
pub use tree::{Map, Number, Tree, Upload};
