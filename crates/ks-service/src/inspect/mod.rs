//! Looking over the service's shoulder, for development: each call is told to an inspector, which may also have unknown
//! parameters refused, and calls fail or wait.

mod masked;
mod strict;

use std::fmt;
use std::time::Duration;

use ks_schema::{ApiError, PartnerId, Tree};
use serde_json::{Map, Value};

pub(crate) use masked::masked;
pub(crate) use strict::check;
pub use strict::nearest;

/// One call that was answered. It holds no token, secret or password.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The id of its request, which the parts of a multirequest share.
    pub request_id: String,
    /// When it began, in Unix seconds.
    pub at: i64,
    /// The service, in its natural spelling where it is known.
    pub service: String,
    /// The action, likewise.
    pub action: String,
    /// The account that it was about, as far as it was found.
    pub partner: Option<PartnerId>,
    /// The user of its session.
    pub user: Option<String>,
    /// Its parameters, without what must not be kept.
    pub params: Map<String, Value>,
    /// The code of the error that it was answered with.
    pub code: Option<&'static str>,
    /// How long it took.
    pub took: Duration,
}

/// What shall become of a call before it is looked at.
#[derive(Debug, Default)]
pub struct Fate {
    /// How long it waits.
    pub delay: Duration,
    /// The error that it is answered with instead of being done.
    pub error: Option<ApiError>,
    /// Whether it breaks off, with a message that quotes what was sent: nobody must get to see it.
    pub panics: bool,
}

/// Breaks off as a slip of ours would at its worst: with a message that quotes what was sent.
pub(crate) fn slip(params: &ks_schema::Map) -> ! {
    let texts: Vec<&String> =
        params.values().filter_map(|value| if let Tree::Text(text) = value { Some(text) } else { None }).collect();
    panic!("a slip at {texts:?}");
}

/// Who looks on.
pub trait Inspector: fmt::Debug + Send + Sync {
    /// Whether a parameter that is not declared is refused.
    fn is_strict(&self) -> bool;

    /// What shall become of a call of this action.
    fn fate(&self, service: &str, action: &str) -> Fate;

    /// Takes a call that was answered.
    fn seen(&self, call: Seen);
}
