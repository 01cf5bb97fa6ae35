//! The few answers that are not the API's.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::{Response, StatusCode};

use crate::api::Body;
use crate::headers;

/// A line of plain text.
pub(crate) fn plain(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(Full::new(Bytes::from_static(text.as_bytes())));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
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

/// Too many others are here; soon there may be fewer.
pub(crate) fn busy() -> Response<Body> {
    let mut response =
        plain(StatusCode::SERVICE_UNAVAILABLE, "The server has too much to do. Try again in a moment.\n");
    // Pages of other origins may read this as they may read any answer of the API.
    headers::api(response.headers_mut());
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
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
