//! The layer and its service.

use std::fmt;
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{SystemTime, UNIX_EPOCH};

use http::request::Parts;
use http::{HeaderValue, Request, Response, StatusCode};
use ks_token::{Envelope, Ks, PartnerId, Refusal, RequestContext, Scratch, SecretKey};
use tower_layer::Layer;
use tower_service::Service;

use crate::read::Place;
use crate::{Refused, Require};

type Secrets = dyn Fn(PartnerId) -> Option<Arc<[SecretKey]>> + Send + Sync;
type Address = dyn Fn(&Parts) -> Option<IpAddr> + Send + Sync;
type Clock = dyn Fn() -> i64 + Send + Sync;

/// The session of a request that was let through.
#[derive(Clone, Debug)]
pub struct Session(pub Arc<Ks>);

/// Lets requests with a good session through. See the [crate's own page](crate).
#[derive(Clone)]
pub struct KsLayer {
    rules: Arc<Rules>,
}

#[derive(Clone)]
struct Rules {
    secrets: Arc<Secrets>,
    address: Arc<Address>,
    clock: Arc<Clock>,
    places: Vec<Place>,
    required: Vec<Require>,
}

impl KsLayer {
    /// A layer that finds an account's secrets, in the order in which they are tried, with this function. It looks for
    /// tokens in the headers `Authorization: Bearer …` and `X-KS`, and in the query's `ks`.
    pub fn new(secrets: impl Fn(PartnerId) -> Option<Arc<[SecretKey]>> + Send + Sync + 'static) -> Self {
        let rules = Rules {
            secrets: Arc::new(secrets),
            address: Arc::new(|_| None),
            clock: Arc::new(|| {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
            }),
            places: vec![Place::Authorization, Place::Header("x-ks".to_owned()), Place::Query("ks".to_owned())],
            required: Vec::new(),
        };
        Self { rules: Arc::new(rules) }
    }

    fn change(mut self, change: impl FnOnce(&mut Rules)) -> Self {
        change(Arc::make_mut(&mut self.rules));
        self
    }

    /// Looks for tokens in this header, too.
    #[must_use]
    pub fn header(self, name: &str) -> Self {
        self.change(|rules| rules.places.push(Place::Header(name.to_lowercase())))
    }

    /// Looks for tokens in this parameter of the query, too.
    #[must_use]
    pub fn query(self, name: &str) -> Self {
        self.change(|rules| rules.places.push(Place::Query(name.to_owned())))
    }

    /// Looks for tokens in this cookie, too. Browsers send cookies with what other sites' pages ask for: whoever changes
    /// something on such a request needs a guard of their own.
    #[must_use]
    pub fn cookie(self, name: &str) -> Self {
        self.change(|rules| rules.places.push(Place::Cookie(name.to_owned())))
    }

    /// Requires something of the session; everything that is required must hold.
    #[must_use]
    pub fn require(self, requirement: Require) -> Self {
        self.change(|rules| rules.required.push(requirement))
    }

    /// How the caller's address is found. Without it, sessions that are bound to an address are refused.
    #[must_use]
    pub fn remote_addr(self, find: impl Fn(&Parts) -> Option<IpAddr> + Send + Sync + 'static) -> Self {
        self.change(|rules| rules.address = Arc::new(find))
    }

    /// What tells the time, in Unix seconds.
    #[must_use]
    pub fn clock(self, clock: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        self.change(|rules| rules.clock = Arc::new(clock))
    }
}

impl Rules {
    fn judge(&self, parts: &Parts) -> Result<Ks, Refused> {
        let text = self.places.iter().find_map(|place| place.read(parts)).ok_or(Refused::Missing)?;
        let mut scratch = Scratch::new();
        let envelope = Envelope::decode(text.as_bytes(), &mut scratch).map_err(|_| Refused::Invalid)?;
        let keys = (self.secrets)(envelope.partner_id()).ok_or(Refused::Invalid)?;
        let ks = envelope.verify(keys.iter()).map_err(|_| Refused::Invalid)?;
        // An address that is not known is in no list.
        let remote_addr = (self.address)(parts).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        let context = RequestContext { now: (self.clock)(), remote_addr, uri: parts.uri.path() };
        match ks.check(&context) {
            Ok(()) => {}
            Err(Refusal::Expired) => return Err(Refused::Expired),
            Err(_) => return Err(Refused::Restricted),
        }
        if ks.privileges.has("actionslimit") {
            return Err(Refused::Restricted);
        }
        if self.required.iter().all(|required| required.holds(&ks)) { Ok(ks) } else { Err(Refused::NotEnough) }
    }
}

impl<S> Layer<S> for KsLayer {
    type Service = KsService<S>;

    fn layer(&self, inner: S) -> KsService<S> {
        KsService { rules: Arc::clone(&self.rules), inner }
    }
}

/// A service behind a [`KsLayer`].
#[derive(Clone)]
pub struct KsService<S> {
    rules: Arc<Rules>,
    inner: S,
}

impl<S, B, R> Service<Request<B>> for KsService<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
    R: Default + Send + 'static,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<R>, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (mut parts, body) = request.into_parts();
        match self.rules.judge(&parts) {
            Ok(ks) => {
                parts.extensions.insert(Session(Arc::new(ks)));
                Box::pin(self.inner.call(Request::from_parts(parts, body)))
            }
            Err(refused) => {
                let answer = refusal(refused);
                Box::pin(async move { Ok(answer) })
            }
        }
    }
}

fn refusal<R: Default>(refused: Refused) -> Response<R> {
    let mut answer = Response::new(R::default());
    answer.extensions_mut().insert(refused);
    match refused {
        Refused::Missing | Refused::Invalid | Refused::Expired => {
            *answer.status_mut() = StatusCode::UNAUTHORIZED;
            answer.headers_mut().insert("www-authenticate", HeaderValue::from_static("Bearer"));
        }
        Refused::Restricted | Refused::NotEnough => *answer.status_mut() = StatusCode::FORBIDDEN,
    }
    answer
}

impl fmt::Debug for KsLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KsLayer").field("places", &self.rules.places).field("required", &self.rules.required).finish()
    }
}

impl<S> fmt::Debug for KsService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KsService").finish_non_exhaustive()
    }
}
