//! A call that is being put together.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::pin::Pin;

use ks_schema::describe::ActionInfo;
use serde_json::{Map, Value};

use crate::arg::Sent;
use crate::{Action, Answer, Arg, Client, Error, Upload};

/// A call of an action: what it can do without is said by methods, and `.await` sends it. It can be put into a
/// [`Batch`](crate::Batch) instead.
#[must_use = "a call does nothing until it is awaited or put into a batch"]
pub struct Call<'c, A> {
    pub(crate) client: &'c Client,
    pub(crate) params: Params,
    action: PhantomData<fn() -> A>,
}

/// What is sent with a call.
#[derive(Clone, Default)]
pub(crate) struct Params {
    pub(crate) fields: Map<String, Value>,
    pub(crate) files: Vec<(String, Upload)>,
    /// Whether the client's own session stays at home.
    pub(crate) anonymous: bool,
}

impl Params {
    pub(crate) fn put(&mut self, name: &str, sent: Sent) {
        match sent {
            Sent::Value(value) => {
                self.fields.insert(name.to_owned(), value);
            }
            Sent::File(file) => self.files.push((name.to_owned(), file)),
            Sent::Nothing | Sent::Null => {}
        }
    }

    /// Texts that no error may show.
    pub(crate) fn hidden(&self, action: Option<&ActionInfo>) -> Vec<String> {
        let by_name = |name: &str| {
            let name = name.to_lowercase();
            name == "ks" || ["secret", "password", "token", "hash", "otp", "session"].iter().any(|it| name.contains(it))
        };
        let is_hidden = |name: &str| {
            let declared = action.and_then(|action| action.params.iter().find(|param| param.name == name));
            declared.map_or_else(|| by_name(name), |param| param.sensitive)
        };
        let texts = self.fields.iter().filter(|(name, _)| is_hidden(name)).filter_map(|(_, value)| value.as_str());
        texts.map(str::to_owned).collect()
    }
}

impl<'c, A: Action> Call<'c, A> {
    pub(crate) fn new(client: &'c Client) -> Self {
        Self { client, params: Params::default(), action: PhantomData }
    }

    pub(crate) fn with<T>(mut self, name: &'static str, value: impl Into<Arg<T>>) -> Self {
        self.params.put(name, value.into().sent);
        self
    }

    /// Sends another session than the client's own: a text, or in a batch a reference to one that it starts.
    pub fn with_ks(self, ks: impl Into<Arg<String>>) -> Self {
        self.with("ks", ks)
    }

    /// Sends no session.
    pub fn without_ks(mut self) -> Self {
        self.params.anonymous = true;
        self
    }

    /// Works on another account, where the session may.
    pub fn for_partner(self, partner: impl Into<Arg<i64>>) -> Self {
        self.with("partnerId", partner)
    }

    /// Asks for fewer or other properties of what is answered, or for what is related to it.
    pub fn with_profile(self, profile: impl Into<Arg<Value>>) -> Self {
        self.with("responseProfile", profile)
    }

    /// Asks for texts in this language: two letters, or `multi`.
    pub fn in_language(self, language: impl Into<Arg<String>>) -> Self {
        self.with("language", language)
    }
}

impl<'c, A: Action> IntoFuture for Call<'c, A> {
    type Output = Result<A::Output, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'c>>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { client, params, .. } = self;
        Box::pin(async move { A::Output::read(client.perform(A::info(), params).await?) })
    }
}

impl<A: Action> fmt::Debug for Call<'_, A> {
    /// Which action and which arguments; nothing of what is in them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", A::info().full_name())?;
        f.debug_set().entries(self.params.fields.keys()).finish()
    }
}
