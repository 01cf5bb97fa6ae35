//! Headers that answers carry.

use hyper::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, CACHE_CONTROL, CONTENT_SECURITY_POLICY, EXPIRES, HeaderName,
    HeaderValue, PRAGMA, X_CONTENT_TYPE_OPTIONS,
};
use hyper::{HeaderMap, Response, StatusCode};

use crate::api::Body;

const EXPOSED: HeaderValue =
    HeaderValue::from_static("Server, Content-Length, Content-Range, Date, X-Kaltura, X-Kaltura-Session, X-Me");
const ANY: HeaderValue = HeaderValue::from_static("*");
const NO_STORE: HeaderValue =
    HeaderValue::from_static("no-store, no-cache, must-revalidate, post-check=0, pre-check=0");
const LONG_AGO: HeaderValue = HeaderValue::from_static("Sun, 19 Nov 2000 08:52:00 GMT");

/// The id of the request, which clients log.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-kaltura-session");
/// The node that answered.
pub(crate) const NODE: HeaderName = HeaderName::from_static("x-me");

/// What every answer of the API carries. An answer that echoes a script must not run in a browser: its type is not to be
/// guessed, and what it is must not act as a page.
pub(crate) fn api(headers: &mut HeaderMap) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, ANY);
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    headers.insert(EXPIRES, LONG_AGO);
    headers.insert(CACHE_CONTROL, NO_STORE);
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    safe(headers);
}

/// What every answer carries.
pub(crate) fn safe(headers: &mut HeaderMap) {
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; sandbox; frame-ancestors 'none'"),
    );
}

/// The answer to `OPTIONS`: browsers ask before they send JSON to another origin.
pub(crate) fn preflight() -> Response<Body> {
    let mut response = Response::new(Body::default());
    *response.status_mut() = StatusCode::OK;
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, ANY);
    headers.insert(
        ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static("Origin, X-Requested-With, Content-Type, Accept, Range, Cache-Control"),
    );
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST, GET, HEAD, OPTIONS"));
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    safe(headers);
    response
}
