//! A typed client for any Kaltura-compatible endpoint.
//!
//! ```no_run
//! use ks_client::classes::{Category, CategoryFilter};
//! use ks_client::{Client, Credentials};
//!
//! # async fn run() -> Result<(), ks_client::Error> {
//! let client = Client::new("https://ks.example.com")?;
//! let client = client.sign_in(Credentials::secret("0123456789abcdef", 102).admin("me")).await?;
//!
//! let made = client.category().add(Category::new().with_name("Lectures")).await?;
//! let filter = CategoryFilter::new().with_id_equal(made.id());
//! for category in client.category().list().filter(filter).await?.objects() {
//!     println!("{:?}", category.name());
//! }
//! client.session().end().await?;
//! # Ok(())
//! # }
//! ```
//!
//! # Calls
//!
//! Every service is a method of [`Client`], every action a method of its service. What an action needs are arguments,
//! what it can do without are methods of the [`Call`], and `.await` sends it. Services that this crate does not know
//! are called by name, with [`Client::action`].
//!
//! # Objects
//!
//! Objects are open: a class such as [`classes::Category`] is a record of what was sent or answered, with a method for
//! each property that is declared. Properties that a newer server adds stay in the record, and an object of a class
//! below the declared one can be [cast](Record::cast) to it. A property that is not mentioned is left alone;
//! [`Null`] clears it. Enums of answers come as [`OneOf`], which also holds what is not declared.
//!
//! # Sessions
//!
//! [`Credentials`] say how to get a session: by a secret, made on this machine, by a password, by an app token. A client
//! that has [signed in](Client::sign_in) renews its session before it expires, once for all tasks that wait.
//!
//! # Batches
//!
//! [`Client::batch`] sends several calls in one request, each of which may refer to what earlier ones answer.
//!
//! # Errors
//!
//! [`Error`] tells the server's own refusals ([`ApiError`], with code and arguments) from faults on the way. Neither an
//! error nor any `Debug` shows a secret, a password or a session.

mod action;
mod answer;
mod arg;
mod batch;
mod call;
mod class;
mod client;
mod credentials;
mod error;
mod http;
mod keeper;
mod record;
mod reference;
mod retry;
mod untyped;
mod upload;
mod value;

#[rustfmt::skip]
mod generated;

pub use action::Action;
pub use answer::Answer;
pub use arg::{Arg, Null, ToArg};
pub use batch::{Answers, Batch, Handle};
pub use call::Call;
pub use class::Class;
pub use client::{Client, ClientBuilder};
pub use credentials::{AppTokenHash, Credentials};
pub use error::{ApiError, Error};
pub use http::{address, is_open};
pub use record::Record;
pub use reference::Ref;
pub use retry::Retry;
pub use untyped::Untyped;
pub use upload::{File, Upload};
pub use value::OneOf;

pub use generated::{classes, services};
/// The codes of errors that are declared.
pub use ks_schema::ErrorCode;
/// Every enum that is declared.
pub use ks_schema::generated::enums;
/// The account's number, as tokens carry it.
pub use ks_token::PartnerId;

/// The version of the API that these types describe.
pub const API_VERSION: &str = "22.19.0";
