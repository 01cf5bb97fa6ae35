//! Calls of actions that this crate does not know, and of those whose name is only known when the program runs.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;

use ks_schema::describe::{ActionInfo, KsUse};
use ks_schema::generated::services::ActionId;
use serde_json::Value;

use crate::action::{is_read, reads_by_name};
use crate::arg::Arg;
use crate::batch::Part;
use crate::call::Params;
use crate::{Client, Error, File, Upload};

/// A call of an action by its name, with arguments and answer in JSON.
///
/// ```no_run
/// # async fn run(client: ks_client::Client) -> Result<(), ks_client::Error> {
/// let filter = serde_json::json!({ "objectType": "KalturaMediaEntryFilter", "nameLike": "physics" });
/// let answer = client.action("media", "list").with("filter", filter).await?;
/// println!("{}", answer["totalCount"]);
/// # Ok(())
/// # }
/// ```
#[must_use = "a call does nothing until it is awaited or put into a batch"]
pub struct Untyped<'c> {
    client: &'c Client,
    service: String,
    action: String,
    params: Params,
}

impl<'c> Untyped<'c> {
    pub(crate) fn new(client: &'c Client, service: &str, action: &str) -> Self {
        Self { client, service: service.to_lowercase(), action: action.to_owned(), params: Params::default() }
    }

    /// What is declared of the action, if it is.
    fn info(&self) -> Option<&'static ActionInfo> {
        ActionId::find(&self.service, &self.action.to_lowercase()).map(ActionId::info)
    }

    /// Sends an argument.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.params.fields.insert(name.to_owned(), value.into());
        self
    }

    /// Sends a file.
    pub fn with_file(mut self, name: &str, file: Upload) -> Self {
        self.params.files.push((name.to_owned(), file));
        self
    }

    /// Sends another session than the client's own, or in a batch one that the batch starts.
    pub fn with_ks(mut self, ks: impl Into<Arg<String>>) -> Self {
        self.params.put("ks", ks.into().sent);
        self
    }

    /// Sends no session.
    pub fn without_ks(mut self) -> Self {
        self.params.anonymous = true;
        self
    }

    /// Whether the client adds its own session.
    pub(crate) fn wants_ks(&self) -> bool {
        !self.params.anonymous && self.info().is_none_or(|info| info.ks != KsUse::Ignored)
    }

    /// Sends it, and takes the answer as it comes, in another format than JSON: 2 is XML, 3 is what PHP's
    /// `unserialize` reads, 9 is a call of the JavaScript function `callback`.
    ///
    /// # Errors
    /// When there is no answer. What the answer says is not looked at.
    pub async fn raw(mut self, format: u32) -> Result<File, Error> {
        self.params.fields.insert("format".to_owned(), format.into());
        let (client, wants_ks) = (self.client, self.wants_ks());
        client.perform_raw(self.into_part(), wants_ks).await
    }

    pub(crate) fn into_part(self) -> Part {
        let info = self.info();
        Part {
            hidden: self.params.hidden(info),
            reads: info.map_or_else(|| reads_by_name(&self.action), is_read),
            service: self.service,
            action: self.action,
            params: self.params,
        }
    }
}

impl<'c> IntoFuture for Untyped<'c> {
    type Output = Result<Value, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'c>>;

    fn into_future(self) -> Self::IntoFuture {
        let (client, wants_ks) = (self.client, self.wants_ks());
        Box::pin(async move { client.perform_part(self.into_part(), wants_ks).await })
    }
}

impl fmt::Debug for Untyped<'_> {
    /// Which action and which arguments; nothing of what is in them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.service, self.action)?;
        f.debug_set().entries(self.params.fields.keys()).finish()
    }
}
