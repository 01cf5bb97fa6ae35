//! Spans for whoever listens.

use std::sync::OnceLock;

use hyper::body::Incoming;
use hyper::{HeaderMap, Method, Request, Response};
use ks_store::span::{Span, TARGET};
use tracing::field::Empty;

use super::path::{declared, route};
use crate::api::{Body, Origin};
use crate::config::Config;
use crate::headers::REQUEST_ID;

/// Makes a span part of what the caller says that it is part of: the header `traceparent` of W3C's trace context.
pub type Adopt = fn(&tracing::Span, &str);

static ADOPT: OnceLock<Adopt> = OnceLock::new();

/// Says how callers' traces are taken over, once for the process. Without it every request begins a trace of its own.
pub fn adopt_by(adopt: Adopt) {
    // As with what listens, the first counts.
    _ = ADOPT.set(adopt);
}

/// A request. Nobody wants to see those of whoever looks whether the process is well.
pub(crate) fn request(config: &Config, origin: Origin, request: &Request<Incoming>) -> Span {
    let path = request.uri().path();
    if origin.internal && matches!(path, "/healthz" | "/readyz" | "/metrics") {
        return Span::none();
    }
    let method = known(request.method());
    let route = route(path);
    let local = if origin.internal { config.admin_listen } else { Some(config.listen) };
    let span = tracing::info_span!(
        target: TARGET,
        parent: None,
        "request",
        otel.kind = "server",
        otel.name = [Some(method.unwrap_or("HTTP")), route].into_iter().flatten().collect::<Vec<_>>().join(" "),
        http.request.method = method.unwrap_or("_OTHER"),
        http.route = route,
        url.scheme = if origin.tls { "https" } else { "http" },
        url.path = declared(path),
        server.address = local.map(|local| local.ip().to_string()),
        server.port = local.map(|local| i64::from(local.port())),
        http.response.status_code = Empty,
        ks.request_id = Empty,
        error.type = Empty,
        otel.status_code = Empty,
    );
    if let (Some(adopt), Some(parent)) = (ADOPT.get(), parent(request.headers())) {
        adopt(&span, parent);
    }
    span.into()
}

/// Says how a request ended.
pub(crate) fn answered(span: &Span, response: &Response<Body>) {
    let status = response.status();
    span.record("http.response.status_code", i64::from(status.as_u16()));
    if let Some(id) = response.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok()) {
        span.record("ks.request_id", id);
    }
    if status.is_server_error() {
        span.record("error.type", status.as_str());
        span.record("otel.status_code", "ERROR");
    }
}

/// A method can be any word that a caller likes.
fn known(method: &Method) -> Option<&'static str> {
    ["GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT"]
        .into_iter()
        .find(|known| *known == method.as_str())
}

/// The one parent: of several none is the one. What else callers may say (`tracestate`, `baggage`) is free text, and is
/// not read.
fn parent(headers: &HeaderMap) -> Option<&str> {
    let mut told = headers.get_all("traceparent").iter();
    let one = told.next()?;
    if told.next().is_some() { None } else { one.to_str().ok() }
}
