//! The operator's own listener while the store is being opened: the process is alive, and not ready.

use std::convert::Infallible;
use std::net::SocketAddr;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::admin;
use crate::api::Body;
use crate::pages;
use crate::server::{StartError, bind};
use crate::timer::ConnectionTimer;

/// Answers health checks until the server does.
#[derive(Debug)]
pub struct Early {
    addr: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<TcpListener>,
}

impl Early {
    /// Takes the address.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn listen(addr: SocketAddr) -> Result<Self, StartError> {
        let (listener, addr) = bind(addr).await?;
        let (stop, stopped) = watch::channel(false);
        Ok(Self { addr, stop, task: tokio::spawn(answer(listener, stopped)) })
    }

    /// Gives the address on.
    pub(crate) async fn finish(self) -> Result<(TcpListener, SocketAddr), StartError> {
        self.stop.send_replace(true);
        let broken = |error: tokio::task::JoinError| StartError::Listen {
            addr: self.addr,
            source: std::io::Error::other(error),
        };
        Ok((self.task.await.map_err(broken)?, self.addr))
    }
}

async fn answer(listener: TcpListener, mut stop: watch::Receiver<bool>) -> TcpListener {
    let mut http = http1::Builder::new();
    // The next request of the same connection is for the server itself.
    http.keep_alive(false);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|stop| *stop) => return listener,
        };
        let Ok((stream, _)) = accepted else { continue };
        http.timer(ConnectionTimer::default());
        let service = service_fn(|request: hyper::Request<hyper::body::Incoming>| {
            let answer = respond(request.uri().path());
            async move { Ok::<_, Infallible>(answer) }
        });
        let connection = http.serve_connection(TokioIo::new(stream), service);
        tokio::spawn(async move {
            // Whoever asks breaks off as they like.
            _ = connection.await;
        });
    }
}

fn respond(path: &str) -> Response<Body> {
    match path {
        "/healthz" => admin::alive(),
        "/readyz" => pages::plain(StatusCode::SERVICE_UNAVAILABLE, "not ready: starting\n"),
        _ => pages::plain(StatusCode::SERVICE_UNAVAILABLE, "The server is starting.\n"),
    }
}
