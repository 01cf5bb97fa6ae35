//! Connections: accepting them, bounding them, letting them end.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
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
use crate::{account, admin, console, dev, gateway, pages};

/// Serves a listener until `stop` turns true, then lets requests in flight end.
pub(crate) async fn run(slot: Arc<Slot>, listener: TcpListener, internal: bool, mut stop: watch::Receiver<bool>) {
    let limits = slot.app().config.limits.clone();
    let connections = Arc::new(Semaphore::new(limits.connections));
    let graceful = GracefulShutdown::new();
    let mut http = http1::Builder::new();
    // A caller that says no more still gets its answer; to look for the end of what it says would also cost each request
    // a buffer that nothing is read into.
    http.header_read_timeout(limits.header_timeout).pipeline_flush(true).half_close(true);
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
        _ = stream.set_nodelay(true);
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(limits.write_timeout));
        let origin = Origin { peer: peer.ip(), internal };
        let slot = Arc::clone(&slot);
        let service = service_fn(move |request| {
            let slot = Arc::clone(&slot);
            async move { Ok::<_, Infallible>(enter(&slot, origin, request).await) }
        });
        http.timer(ConnectionTimer::default());
        let connection = graceful.watch(http.serve_connection(TokioIo::new(Box::pin(stream)), service));
        tokio::spawn(async move {
            let _permit = permit;
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection broke off");
            }
        });
    }
    drop(listener);
    if tokio::time::timeout(limits.shutdown_timeout, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not end in time");
    }
}

async fn enter(slot: &Slot, origin: Origin, request: Request<Incoming>) -> Response<Body> {
    if let Some(dev) = &slot.dev
        && dev::is_asked(request.uri().path())
    {
        return dev::serve(slot, dev, request).await;
    }
    route(&slot.app(), origin, request).await
}

async fn route(app: &App, origin: Origin, request: Request<Incoming>) -> Response<Body> {
    if let Some(page) = console::serve(app, &request) {
        return page;
    }
    if account::is_asked(&request) {
        return account::serve(app, origin, request).await;
    }
    match request.uri().path() {
        gateway::PATH if app.config.gateway => gateway::serve(app, origin, &request).await,
        path if is_api(path) => serve(app, origin, request).await,
        "/healthz" if origin.internal => admin::alive(),
        "/readyz" if origin.internal => admin::ready(&app.node).await,
        _ => pages::missing(),
    }
}
