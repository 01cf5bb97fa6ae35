//! The operator's own listener.

use hyper::{Response, StatusCode};
use ks_service::Node;

use crate::api::Body;
use crate::pages;

/// Whether the process is alive: it answers.
pub(crate) fn alive() -> Response<Body> {
    pages::plain(StatusCode::OK, "alive\n")
}

/// Whether requests should be sent here: the database answers and the change log is followed.
pub(crate) async fn ready(node: &Node) -> Response<Body> {
    let written = node.store().ping_write(node.now()).await;
    if written.is_ok() && node.store().health().fresh {
        pages::plain(StatusCode::OK, "ready\n")
    } else {
        pages::plain(StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
    }
}
