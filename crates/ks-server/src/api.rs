//! One request of the API.

use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use bytes::Bytes;
use futures_util::FutureExt as _;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue, VARY};
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use ks_schema::{ApiError, ErrorCode, Out};
use ks_service::{Node, RequestInfo, Seat};
use ks_store::Timing;
use ks_wire::{Encoded, Format, RawRequest, Reply, decode, encode};
use rand::RngExt as _;
use tokio::sync::Semaphore;

use crate::address;
use crate::compress;
use crate::config::Config;
use crate::crowd::Crowd;
use crate::gate::{Busy, Gate};
use crate::gateway::Told;
use crate::headers;
use crate::limits::{Room, read_body};
use crate::pages;

/// The body of an answer.
pub(crate) type Body = Full<Bytes>;

/// What every request needs.
pub(crate) struct App {
    pub(crate) node: Arc<Node>,
    pub(crate) config: Config,
    pub(crate) name: HeaderValue,
    /// The memory that bodies may take.
    pub(crate) room: Room,
    /// How many requests are worked on at a time.
    pub(crate) gate: Arc<Gate>,
    /// What the edge counts.
    pub(crate) edge: Arc<Edge>,
}

/// What the edge counts.
pub(crate) struct Edge {
    pub(crate) requests: Timing,
    /// Room for connections of the public listener.
    pub(crate) room: Arc<Semaphore>,
    most: usize,
    pub(crate) crowd: Arc<Crowd>,
    pub(crate) gateway: Told,
    /// Whether the server is about to stop.
    draining: AtomicBool,
}

impl Edge {
    pub(crate) fn new(config: &Config) -> Self {
        let most = config.limits.connections.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            requests: Timing::default(),
            room: Arc::new(Semaphore::new(most)),
            most,
            crowd: Arc::new(Crowd::new(config)),
            gateway: Told::default(),
            draining: AtomicBool::new(false),
        }
    }

    /// From now on nobody should send anything here.
    pub(crate) fn drain(&self) {
        self.draining.store(true, Ordering::Release);
    }

    /// Whether the server is about to stop.
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Acquire)
    }

    /// How many connections there are.
    pub(crate) fn connections(&self) -> usize {
        self.most.saturating_sub(self.room.available_permits())
    }
}

/// Where a connection came in.
#[derive(Clone, Copy)]
pub(crate) struct Origin {
    pub(crate) peer: IpAddr,
    /// Whether it is the operator's own listener.
    pub(crate) internal: bool,
    /// Whether it is encrypted up to here.
    pub(crate) tls: bool,
}

/// Whether a path belongs to the API.
pub(crate) fn is_api(path: &str) -> bool {
    ["/api_v3", "/api"]
        .iter()
        .any(|root| path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

/// Answers a request of the API. It never fails: whatever goes wrong has an answer.
pub(crate) async fn serve(app: &App, origin: Origin, request: Request<Incoming>) -> Response<Body> {
    let started = Instant::now();
    if app.config.dev && !address::is_loopback_host(request.headers()) {
        return pages::foreign_host();
    }
    if request.method() == Method::OPTIONS {
        return headers::preflight();
    }
    let (parts, body) = request.into_parts();
    // Other methods are served too, but the protocol reads no body of theirs.
    let (body, _taken) = if matches!(parts.method, Method::POST | Method::GET) {
        match read_body(body, &app.config.limits, &app.room).await {
            Ok(read) => read,
            Err(status) => return pages::plain(status, pages::reason(status)),
        }
    } else {
        (Bytes::new(), None)
    };
    // Whoever sends a body slowly holds nobody up. The operator always gets in.
    let seat = if origin.internal {
        Seat::default()
    } else {
        match app.gate.enter().await {
            Ok(seat) => seat,
            Err(Busy) => return pages::busy(parts.headers),
        }
    };
    let info = RequestInfo {
        remote_addr: address::caller(origin.peer, &parts.headers, &app.config.trusted_proxies),
        uri: parts.uri.path_and_query().map_or_else(String::new, |it| it.as_str().to_owned()),
        internal: origin.internal,
        id: request_id(app.node.now()),
        seat,
    };
    let content_type = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let raw = RawRequest { path: parts.uri.path(), query: parts.uri.query(), content_type, body };
    // In a box, since each connection keeps room for what is not, whether it waits for a request or not.
    let (reply, out, further) = Box::pin(answer(app, &info, &raw)).await;
    // Only XML tells how long it took.
    let seconds = if reply.format == Ok(Format::Xml) { started.elapsed().as_secs_f64() } else { 0.0 };
    let encoded = std::panic::catch_unwind(AssertUnwindSafe(|| encode(&out, &reply, seconds)));
    let mut encoded = encoded.unwrap_or_else(|_| encode(&internal_error(&info), &reply, seconds));
    denial(&out, &mut encoded);
    let took = started.elapsed();
    app.edge.requests.note(took);
    tracing::debug!(
        request = info.id,
        result = result_code(&out),
        micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
        "answered"
    );
    respond(app, parts.headers, &info.id, encoded, further)
}

/// A number that nobody can guess, and the time in Unix seconds.
pub(crate) fn request_id(now: i64) -> String {
    let mut id = String::with_capacity(40);
    id.push_str(itoa::Buffer::new().format(rand::rng().random_range(1..(1_u64 << 53))));
    id.push_str(", ");
    id.push_str(itoa::Buffer::new().format(now));
    id
}

/// Decodes and does what is asked for. A panic is a fault of ours; it costs its own request and no other.
pub(crate) async fn answer(app: &App, info: &RequestInfo, raw: &RawRequest<'_>) -> (Reply, Out, Vec<(String, String)>) {
    let decoded = std::panic::catch_unwind(AssertUnwindSafe(|| decode(raw, &app.config.limits.wire)));
    let Ok(decoded) = decoded else {
        return (Reply::default(), internal_error(info), Vec::new());
    };
    let reply = decoded.reply.clone();
    match AssertUnwindSafe(app.node.answer(info, decoded)).catch_unwind().await {
        Ok(answer) => (reply, answer.out, answer.headers),
        Err(_) => (reply, internal_error(info), Vec::new()),
    }
}

fn internal_error(info: &RequestInfo) -> Out {
    tracing::error!(request = info.id, "a request panicked");
    Out::Error(Box::new(ApiError::internal_serverl_error()))
}

/// Only a missing permission is told in headers too, as the protocol has it.
fn denial(out: &Out, encoded: &mut Encoded) {
    if let Out::Error(error) = out
        && error.code() == ErrorCode::ServiceForbidden
    {
        let code = error.code().info().code;
        encoded.headers.push(("X-Kaltura", format!("error-{code}")));
        encoded.headers.push(("X-Kaltura-App", format!("exiting on error {code} - {}", error.message())));
    }
}

fn result_code(out: &Out) -> &'static str {
    match out {
        Out::Error(error) => error.code().info().code,
        Out::List(parts) if parts.iter().any(|part| matches!(part, Out::Error(_))) => "MIXED",
        _ => "OK",
    }
}

/// Makes the answer. It takes the room that the headers of the request had, and hyper gives it to the next request of
/// the connection.
fn respond(
    app: &App,
    asked: HeaderMap,
    request_id: &str,
    encoded: Encoded,
    further: Vec<(String, String)>,
) -> Response<Body> {
    let gzip = compress::is_worth(encoded.body.len()) && compress::is_wanted(&asked);
    let body = if gzip { compress::gzip(&encoded.body).unwrap_or(encoded.body) } else { encoded.body };
    let mut map = asked;
    map.clear();
    map.reserve(16);
    headers::api(&mut map);
    if !encoded.content_type.is_empty() {
        map.insert(CONTENT_TYPE, HeaderValue::from_static(encoded.content_type));
    }
    if gzip {
        map.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        map.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    }
    map.insert(headers::NODE, app.name.clone());
    if let Ok(id) = HeaderValue::from_str(request_id) {
        map.insert(headers::REQUEST_ID, id);
    }
    for (name, value) in encoded.headers {
        append(&mut map, name, &value);
    }
    for (name, value) in further {
        append(&mut map, &name, &value);
    }
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = StatusCode::from_u16(encoded.status).unwrap_or(StatusCode::OK);
    *response.headers_mut() = map;
    response
}

/// A header line that echoes something odd is left out rather than broken.
pub(crate) fn append(map: &mut HeaderMap, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
        map.append(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_api_has_two_roots() {
        for (path, expected) in [
            ("/api_v3", true),
            ("/api_v3/", true),
            ("/api_v3/service/x", true),
            ("/api/service/x", true),
            ("/api_v3x", false),
            ("/api-docs", false),
            ("/", false),
        ] {
            assert_eq!(is_api(path), expected, "{path}");
        }
    }
}
