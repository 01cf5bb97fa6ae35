//! The few answers that are not the API's.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::{HeaderMap, Response, StatusCode};

use crate::api::Body;
use crate::headers;

const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// A line of plain text.
pub(crate) fn plain(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(Full::new(Bytes::from_static(text.as_bytes())));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, TEXT);
    headers::safe(response.headers_mut());
    response
}

/// What a status below the protocol means.
pub(crate) fn reason(status: StatusCode) -> &'static str {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => "The body is larger than this server takes.\n",
        StatusCode::REQUEST_TIMEOUT => "The body did not arrive in time.\n",
        _ => "The request broke off.\n",
    }
}

/// Too many others are here; soon there may be fewer. Most of what comes under overload is answered by this, so that it
/// takes no memory: its headers stand where those of the request were, and hyper gives the room to the next request.
pub(crate) fn busy(asked: HeaderMap) -> Response<Body> {
    let mut map = asked;
    map.clear();
    map.insert(CONTENT_TYPE, TEXT);
    // Pages of other origins may read this as they may read any answer of the API.
    headers::api(&mut map);
    map.insert(RETRY_AFTER, HeaderValue::from_static("1"));
    let text = "The server has too much to do. Try again in a moment.\n";
    let mut response = Response::new(Full::new(Bytes::from_static(text.as_bytes())));
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    *response.headers_mut() = map;
    response
}

/// A page on the internet that makes its own name point to this machine must not talk to a development server.
pub(crate) fn foreign_host() -> Response<Body> {
    plain(StatusCode::FORBIDDEN, "A development server answers on localhost only.\n")
}

/// Nothing is here.
pub(crate) fn missing() -> Response<Body> {
    plain(StatusCode::NOT_FOUND, "There is nothing here. The API is at /api_v3/.\n")
}
