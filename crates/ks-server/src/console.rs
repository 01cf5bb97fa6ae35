//! The pages: found by `ks-console`, sent with a policy of their own. They are clients of the API, which never reads a
//! cookie and keeps its sandboxing policy.

use std::borrow::Cow;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderName, HeaderValue,
    IF_NONE_MATCH, LOCATION, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use ks_console::Kind;
use sha2::{Digest as _, Sha256};

use crate::address;
use crate::api::{App, Body};
use crate::compress;
use crate::headers;
use crate::pages;

/// Nothing but our own scripts, styles and pictures; no markup in strings except where XML is parsed (policy `ks-xml`);
/// nobody frames a page, and nothing is sent elsewhere.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
     trusted-types ks-xml",
);
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// The page at this address, if there is one.
pub(crate) fn serve(app: &App, request: &Request<Incoming>) -> Option<Response<Body>> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return None;
    }
    if ks_console::is_for_development(request.uri().path()) && !app.config.dev {
        return None;
    }
    let answer = ks_console::answer(request.uri().path(), request.uri().query())?;
    if app.config.dev && !address::is_loopback_host(request.headers()) {
        return Some(pages::foreign_host());
    }
    Some(respond(request.headers(), answer))
}

fn respond(asked: &HeaderMap, answer: ks_console::Answer) -> Response<Body> {
    let mut response = Response::new(Body::default());
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let map = response.headers_mut();
    headers::safe(map);
    map.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    map.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    map.insert(RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
    if answer.kind == Kind::Redirect {
        if let Ok(to) = HeaderValue::from_bytes(&answer.body) {
            map.insert(LOCATION, to);
        }
        return response;
    }
    if let Ok(content_type) = HeaderValue::from_str(answer.content_type) {
        map.insert(CONTENT_TYPE, content_type);
    }
    if answer.kind == Kind::Page {
        map.insert(CONTENT_SECURITY_POLICY, POLICY);
        map.insert(OPENER_POLICY, HeaderValue::from_static("same-origin"));
    }
    let fresh = match answer.kind {
        Kind::Asset => HeaderValue::from_static("public, max-age=31536000, immutable"),
        _ => HeaderValue::from_static("no-cache"),
    };
    map.insert(CACHE_CONTROL, fresh);
    map.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    let tag = etag(&answer.body);
    let known = asked.get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        map.insert(ETAG, tag);
    }
    if known && answer.status == 200 {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }
    let mut body = match answer.body {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    };
    if compress::is_worth(body.len())
        && compress::is_wanted(asked)
        && let Some(packed) = compress::gzip(&body)
    {
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        body = Bytes::from(packed);
    }
    *response.body_mut() = Full::new(body);
    response
}

fn etag(body: &[u8]) -> String {
    let sum = Sha256::digest(body);
    let mut tag = String::from("W/\"");
    for byte in sum.iter().take(12) {
        tag.push_str(&format!("{byte:02x}"));
    }
    tag.push('"');
    tag
}
