//! Connections: accepting them, bounding them, letting them end.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{CONNECTION, HeaderValue, STRICT_TRANSPORT_SECURITY};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio_io_timeout::TimeoutStream;

use crate::api::{App, Body, Origin, is_api, serve};
use crate::server::Slot;
use crate::timer::ConnectionTimer;
use crate::{account, admin, console, dev, gateway, pages, span};

/// Serves a listener until `stop` turns true, then lets requests in flight end.
pub(crate) async fn run(slot: Arc<Slot>, listener: TcpListener, internal: bool, mut stop: watch::Receiver<bool>) {
    let app = slot.app();
    let (limits, edge) = (app.config.limits.clone(), Arc::clone(&app.edge));
    // The operator's own connections do not wait for those of others.
    let connections = if internal { Arc::new(Semaphore::new(limits.connections)) } else { Arc::clone(&edge.room) };
    let graceful = GracefulShutdown::new();
    // The operator's own listener is for this machine or a network of one's own.
    let tls = app.config.tls.as_ref().filter(|_| !internal).map(|tls| tls.acceptor());
    let mut http = http1::Builder::new();
    // A caller that says no more still gets its answer; to look for the end of what it says would also cost each request
    // a buffer that nothing is read into.
    http.header_read_timeout(limits.header_timeout).half_close(true);
    // Head and body of an answer are written from where they are: copied into one buffer, the largest answer of a
    // connection would take its room for as long as the connection is kept.
    http.writev(true);
    drop(app);
    loop {
        let permit = tokio::select! {
            permit = Arc::clone(&connections).acquire_owned() => permit,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, most likely: others may end while this waits.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let visitor = if internal { None } else { Some(edge.crowd.enter(peer.ip())) };
        // Whoever has so many connections is told nothing: this one is closed.
        let Some(visitor) = visitor.map_or(Some(None), |entered| entered.map(Some)) else { continue };
        _ = stream.set_nodelay(true);
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(limits.write_timeout));
        let origin = Origin { peer: peer.ip(), internal, tls: tls.is_some() };
        let slot = Arc::clone(&slot);
        let service = service_fn(move |request| {
            let slot = Arc::clone(&slot);
            async move { Ok::<_, Infallible>(enter(&slot, origin, request).await) }
        });
        http.timer(ConnectionTimer::default());
        let stream = Box::pin(stream);
        let Some(acceptor) = tls.clone() else {
            let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
            tokio::spawn(async move {
                let _place = (permit, visitor);
                told(connection.await);
            });
            continue;
        };
        let (http, watcher, mut stop) = (http.clone(), graceful.watcher(), stop.clone());
        tokio::spawn(async move {
            let _place = (permit, visitor);
            let greeted = tokio::time::timeout(limits.header_timeout, acceptor.accept(stream));
            let greeted = tokio::select! {
                greeted = greeted => greeted,
                // Nothing was asked for yet.
                _ = stop.wait_for(|stop| *stop) => return,
            };
            match greeted {
                Ok(Ok(stream)) => told(watcher.watch(http.serve_connection(TokioIo::new(stream), service)).await),
                Ok(Err(error)) => tracing::debug!(%error, "a connection was not encrypted"),
                Err(_) => tracing::debug!("a connection was not encrypted in time"),
            }
        });
    }
    drop(listener);
    if tokio::time::timeout(limits.shutdown_timeout, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not end in time");
    }
}

fn told(ended: hyper::Result<()>) {
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke off");
    }
}

/// Answers one request. Of this a connection keeps as much memory as the largest state takes, from its beginning to its
/// end: what is seldom asked for, and what few are inside of at a time, stands in boxes.
async fn enter(slot: &Slot, origin: Origin, request: Request<Incoming>) -> Response<Body> {
    if let Some(dev) = &slot.dev
        && dev::is_asked(request.uri().path())
    {
        return Box::pin(dev::serve(slot, dev, request)).await;
    }
    let app = slot.app();
    let span = span::request(&app.config, origin, &request);
    let mut response = span.within(route(&app, origin, request)).await;
    span::answered(&span, &response);
    if origin.tls {
        response.headers_mut().insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    if !origin.internal && app.edge.is_draining() {
        // The next request had better go to another node.
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

async fn route(app: &Arc<App>, origin: Origin, request: Request<Incoming>) -> Response<Body> {
    if let Some(page) = console::serve(app, &request) {
        return page;
    }
    if account::is_asked(&request) {
        return Box::pin(account::serve(app, origin, request)).await;
    }
    match request.uri().path() {
        path if app.config.gateway && gateway::is_asked(path) => Box::pin(gateway::serve(app, origin, &request)).await,
        path if is_api(path) => serve(app, origin, request).await,
        "/healthz" if origin.internal => admin::alive(),
        "/readyz" if origin.internal => Box::pin(admin::ready(app)).await,
        "/metrics" if origin.internal => admin::metrics(app),
        _ => pages::missing(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a function's future takes.
    fn size<'a, F: Future>(_: impl FnOnce(&'a Slot, Origin, Request<Incoming>) -> F) -> usize {
        size_of::<F>()
    }

    #[test]
    fn a_connection_that_waits_for_a_request_takes_little() {
        let size = size(enter);
        assert!(size <= 3072, "{size}");
    }
}
