//! The operator's own listener.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};

use crate::api::{App, Body};
use crate::headers;
use crate::metrics;
use crate::pages;

/// Whether the process is alive: it answers.
pub(crate) fn alive() -> Response<Body> {
    pages::plain(StatusCode::OK, "alive\n")
}

/// How long the database may take to take a change before others had better be asked.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether requests should be sent here: the database takes changes, the change log is followed, and the server is not
/// about to stop.
pub(crate) async fn ready(app: &App) -> Response<Body> {
    if app.edge.is_draining() {
        return pages::plain(StatusCode::SERVICE_UNAVAILABLE, "not ready: stopping\n");
    }
    let store = app.node.store();
    let written = tokio::time::timeout(PATIENCE, store.ping_write(app.node.now())).await;
    if matches!(written, Ok(Ok(()))) && store.health().fresh {
        pages::plain(StatusCode::OK, "ready\n")
    } else {
        pages::plain(StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
    }
}

/// How the server fares, in numbers.
pub(crate) fn metrics(app: &Arc<App>) -> Response<Body> {
    let mut response = Response::new(Full::new(Bytes::from(metrics::render(app))));
    let map = response.headers_mut();
    headers::safe(map);
    map.insert(CONTENT_TYPE, HeaderValue::from_static(metrics::CONTENT_TYPE));
    map.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
