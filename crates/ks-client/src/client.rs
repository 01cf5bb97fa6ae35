//! The client: where a server is, and whose session is used.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ks_schema::describe::{ActionInfo, KsUse, Type};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::answer::{Given, decode};
use crate::batch::Part;
use crate::call::Params;
use crate::http::{Outgoing, Wire};
use crate::keeper::Keeper;
use crate::{ApiError, Batch, Credentials, Error, File, Retry, Untyped};

/// What tells the time, in Unix seconds.
type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// A client of a server: cheap to copy, and made for many tasks at once. Copies share connections and the session.
///
/// Its methods beside those below are the services.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
    keeper: Option<Arc<Keeper>>,
}

struct Inner {
    wire: Wire,
    tag: String,
    partner: Option<i32>,
    clock: Clock,
}

/// What a client shall be like.
pub struct ClientBuilder {
    url: String,
    tag: String,
    partner: Option<i32>,
    timeout: Duration,
    retry: Retry,
    largest: usize,
    http: Option<reqwest::Client>,
    clock: Clock,
}

impl Client {
    /// A client of the server at this address, such as `https://ks.example.com` or `http://localhost:8080/below`.
    ///
    /// # Errors
    /// [`Error::Usage`] when that is no address.
    pub fn new(url: impl Into<String>) -> Result<Self, Error> {
        Self::builder(url).build()
    }

    /// A client that is told more than the address.
    pub fn builder(url: impl Into<String>) -> ClientBuilder {
        ClientBuilder {
            url: url.into(),
            tag: concat!("ks-client:", env!("CARGO_PKG_VERSION")).to_owned(),
            partner: None,
            timeout: Duration::from_secs(60),
            retry: Retry::default(),
            largest: 64 << 20,
            http: None,
            clock: Arc::new(|| {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
            }),
        }
    }

    /// Gets a session, and a client that uses it for every call and renews it before it ends.
    ///
    /// # Errors
    /// When the server refuses, or cannot be asked.
    pub async fn sign_in(&self, credentials: Credentials) -> Result<Self, Error> {
        let keeper = Keeper::start(self, credentials).await?;
        Ok(Self { inner: Arc::clone(&self.inner), keeper: Some(Arc::new(keeper)) })
    }

    /// The same client without a session.
    #[must_use]
    pub fn anonymous(&self) -> Self {
        Self { inner: Arc::clone(&self.inner), keeper: None }
    }

    /// The session that calls carry, renewed if it is about to end; none if the client has not signed in.
    ///
    /// # Errors
    /// When it has ended and there is no other.
    pub async fn ks(&self) -> Result<Option<Zeroizing<String>>, Error> {
        match &self.keeper {
            Some(keeper) => keeper.ks(self).await.map(Some),
            None => Ok(None),
        }
    }

    /// The server's address.
    #[must_use]
    pub fn url(&self) -> &str {
        self.inner.wire.base()
    }

    /// Starts to put calls together that go in one request.
    #[must_use]
    pub const fn batch(&self) -> Batch<'_> {
        Batch::new(self)
    }

    /// A call of an action by its name: one that this crate does not know, or one whose name a person typed.
    pub fn action(&self, service: &str, action: &str) -> Untyped<'_> {
        Untyped::new(self, service, action)
    }

    pub(crate) fn now(&self) -> i64 {
        (self.inner.clock)()
    }

    /// Sends a call of a declared action.
    pub(crate) async fn perform(&self, info: &'static ActionInfo, params: Params) -> Result<Given, Error> {
        let wants_ks = info.ks != KsUse::Ignored && !params.anonymous;
        let part = Part {
            hidden: params.hidden(Some(info)),
            service: info.service.to_lowercase(),
            action: info.name.to_owned(),
            reads: crate::action::is_read(info),
            params,
        };
        if matches!(info.result, Type::File) {
            return self.perform_raw(part, wants_ks).await.map(Given::File);
        }
        self.perform_part(part, wants_ks).await.map(Given::Value)
    }

    /// Sends a call; once more with another session if the present one has just ended.
    pub(crate) async fn perform_part(&self, part: Part, wants_ks: bool) -> Result<Value, Error> {
        let (mut outgoing, own) = self.outgoing(part, wants_ks).await?;
        let answer = self.inner.wire.send(&outgoing).await.and_then(|file| decode(&file.bytes));
        let refused = match answer {
            Err(Error::Api(error)) => *error,
            other => return other,
        };
        if has_expired(&refused)
            && let (Some(own), Some(keeper)) = (&own, &self.keeper)
            && let Some(fresh) = keeper.instead_of(own, self).await?
        {
            outgoing.body.insert("ks".to_owned(), fresh.as_str().into());
            outgoing.hidden.push(fresh.to_string());
            let answer = self.inner.wire.send(&outgoing).await.and_then(|file| decode(&file.bytes));
            return answer.map_err(|error| withhold(error, &outgoing.hidden));
        }
        Err(refused.without(&outgoing.hidden).into())
    }

    /// Sends a call, and takes the answer as it is.
    pub(crate) async fn perform_raw(&self, part: Part, wants_ks: bool) -> Result<File, Error> {
        let is_json = !part.params.fields.contains_key("format");
        let (outgoing, _) = self.outgoing(part, wants_ks).await?;
        let file = self.inner.wire.send(&outgoing).await?;
        // Refused in front of the action, a file's answer is an error in JSON.
        if is_json && file.content_type.starts_with("application/json") {
            decode(&file.bytes).map_err(|error| withhold(error, &outgoing.hidden))?;
        }
        Ok(file)
    }

    /// Sends calls in one request; the answer to each.
    pub(crate) async fn perform_all(&self, mut parts: Vec<Part>) -> Result<Vec<Value>, Error> {
        if parts.is_empty() {
            return Ok(Vec::new());
        }
        let own = self.ks().await?;
        let mut all =
            Params { fields: Map::new(), files: Vec::new(), anonymous: parts.iter().all(|part| part.params.anonymous) };
        let mut hidden = Vec::new();
        let reads = parts.iter().all(|part| part.reads);
        for (number, part) in parts.iter_mut().enumerate() {
            // An empty session is none, and keeps that of the request away.
            if part.params.anonymous && own.is_some() {
                part.params.fields.insert("ks".to_owned(), "".into());
            }
            hidden.append(&mut part.hidden);
            let files = std::mem::take(&mut part.params.files);
            all.files.extend(files.into_iter().map(|(name, file)| (format!("{number}:{name}"), file)));
            all.fields.insert(number.to_string(), Value::Object(part.body()));
        }
        let wants_ks = !all.anonymous;
        let whole = Part { service: "multirequest".to_owned(), action: String::new(), params: all, reads, hidden };
        let (mut outgoing, own) = self.outgoing(whole, wants_ks).await?;
        let mut answers = self.send_all(&outgoing).await?;
        let expired = |value: &Value| ApiError::read(value).is_some_and(|error| has_expired(&error));
        // Only when none of them was done can all be done again.
        if answers.iter().all(expired)
            && let (Some(own), Some(keeper)) = (&own, &self.keeper)
            && let Some(fresh) = keeper.instead_of(own, self).await?
        {
            outgoing.body.insert("ks".to_owned(), fresh.as_str().into());
            answers = self.send_all(&outgoing).await?;
        }
        Ok(answers)
    }

    async fn send_all(&self, outgoing: &Outgoing) -> Result<Vec<Value>, Error> {
        let answer = self.inner.wire.send(outgoing).await.and_then(|file| decode(&file.bytes));
        match answer.map_err(|error| withhold(error, &outgoing.hidden))? {
            Value::Array(values) => Ok(values),
            _ => Err(Error::Decode("no list came for several calls".to_owned())),
        }
    }

    /// The request of a call, and the client's own session if it is in it.
    async fn outgoing(&self, part: Part, wants_ks: bool) -> Result<(Outgoing, Option<Zeroizing<String>>), Error> {
        let Part { service, action, params, reads, mut hidden } = part;
        let mut body = params.fields;
        let own = if wants_ks && !body.contains_key("ks") { self.ks().await? } else { None };
        if let Some(ks) = &own {
            body.insert("ks".to_owned(), ks.as_str().into());
            hidden.push(ks.to_string());
        }
        if let Some(partner) = self.inner.partner
            && !body.contains_key("partnerId")
        {
            body.insert("partnerId".to_owned(), partner.into());
        }
        if !body.contains_key("format") {
            body.insert("format".to_owned(), 1.into());
        }
        body.insert("clientTag".to_owned(), self.inner.tag.as_str().into());
        body.insert("apiVersion".to_owned(), crate::API_VERSION.into());
        let path =
            if action.is_empty() { format!("service/{service}") } else { format!("service/{service}/action/{action}") };
        // JSONP takes the name of its function from nowhere else.
        let path = if body.get("format") == Some(&9.into()) { format!("{path}?callback=callback") } else { path };
        Ok((Outgoing { path, body, files: params.files, reads, hidden }, own))
    }
}

/// Whether a session was refused for its age alone.
fn has_expired(error: &ApiError) -> bool {
    error.is(ks_schema::ErrorCode::InvalidKs) && error.arg("KSID") == Some("EXPIRED")
}

fn withhold(error: Error, hidden: &[String]) -> Error {
    match error {
        Error::Api(error) => error.without(hidden).into(),
        other => other,
    }
}

impl ClientBuilder {
    /// Free text that servers write into their logs.
    #[must_use]
    pub fn client_tag(mut self, tag: impl Into<String>) -> Self {
        self.tag = tag.into();
        self
    }

    /// The account that calls without a session are for, and that sessions work on where they may work on others.
    #[must_use]
    pub const fn partner(mut self, id: i32) -> Self {
        self.partner = Some(id);
        self
    }

    /// How long one request may take; a minute unless told otherwise.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// When a call is sent again.
    #[must_use]
    pub const fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// The largest answer in bytes that is taken; 64 MiB unless told otherwise.
    #[must_use]
    pub const fn largest_answer(mut self, bytes: usize) -> Self {
        self.largest = bytes;
        self
    }

    /// The HTTP client to use: for proxies, certificates and whatever else is set there.
    #[must_use]
    pub fn http(mut self, client: reqwest::Client) -> Self {
        self.http = Some(client);
        self
    }

    /// What tells the time, in Unix seconds, by which sessions are renewed.
    #[must_use]
    pub fn clock(mut self, clock: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// The client.
    ///
    /// # Errors
    /// [`Error::Usage`] when the address is none.
    pub fn build(self) -> Result<Client, Error> {
        let wire = Wire::new(&self.url, self.http, self.timeout, self.retry, self.largest)?;
        let inner = Inner { wire, tag: self.tag, partner: self.partner, clock: self.clock };
        Ok(Client { inner: Arc::new(inner), keeper: None })
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("url", &self.url())
            .field("signed_in", &self.keeper.is_some())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder").field("tag", &self.tag).finish_non_exhaustive()
    }
}
