//! The opponent of the server: a bare axum handler, in a process of its own.

use std::io::Write as _;

use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;

use crate::Result;
use crate::request::{GET, START};

/// What the opponent answers: as many bytes as `ks` does.
#[derive(serde::Serialize, serde::Deserialize)]
pub(crate) struct Sizes {
    pub(crate) start: usize,
    pub(crate) get: usize,
}

impl Sizes {
    /// A body of this many bytes.
    pub(crate) fn body(size: usize) -> String {
        "x".repeat(size)
    }
}

/// The process: its input is one line with [`Sizes`] as JSON, the first line of its output is its address.
pub(crate) fn main() -> Result<()> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    let sizes: Sizes = serde_json::from_str(&line)?;
    // As in `ks serve`.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(&sizes))
}

async fn serve(sizes: &Sizes) -> Result<()> {
    let answer = |size| {
        let body = Bytes::from(Sizes::body(size));
        move || async move { body }
    };
    let app = Router::new().route(START, post(answer(sizes.start))).route(GET, post(answer(sizes.get)));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    std::io::stdout().flush()?;
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, app).await?;
    Ok(())
}
