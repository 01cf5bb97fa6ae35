//! How spans leave: by the HTTP client that the commands have, in a runtime of its own. It runs on the exporter's thread,
//! so that a collector that is slow has no part in the server's work.

use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response, ResponseBodyTooLarge};
use tokio::runtime::{Builder, Runtime};

use crate::exit::Failure;

/// How long one try may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// Collectors have little to say.
const LARGEST: usize = 64 << 10;

/// Brings batches to the collector. That it cannot is told once, until it can again.
#[derive(Debug)]
pub(super) struct Courier {
    runtime: Runtime,
    http: reqwest::Client,
    fails: AtomicBool,
}

impl Courier {
    pub(super) fn new() -> Result<Self, Failure> {
        let failed = |error: &dyn Error| Failure::unreachable(format!("traces: {error}"));
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("ks/", env!("CARGO_PKG_VERSION")))
            .timeout(PATIENCE)
            // Between batches nobody would notice that the other side has closed.
            .pool_max_idle_per_host(0)
            .build()
            .map_err(|error| failed(&error))?;
        let runtime = Builder::new_current_thread().enable_all().build().map_err(|error| failed(&error))?;
        Ok(Self { runtime, http, fails: AtomicBool::new(false) })
    }

    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let mut answer = self.http.execute(request.try_into()?).await.map_err(reqwest::Error::without_url)?;
        let mut response = Response::builder().status(answer.status());
        for (name, value) in answer.headers() {
            response = response.header(name, value);
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(reqwest::Error::without_url)? {
            if body.len() + chunk.len() > LARGEST {
                return Err(ResponseBodyTooLarge::new().into());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(response.body(Bytes::from(body))?)
    }

    fn tell(&self, result: &Result<Response<Bytes>, HttpError>) {
        let error = match result {
            Ok(response) if response.status().is_success() => None,
            Ok(response) => Some(format!("the collector answers {}", response.status())),
            Err(error) => Some(innermost(&**error)),
        };
        match error {
            Some(error) if !self.fails.swap(true, Ordering::Relaxed) => {
                tracing::warn!(error, "spans are not exported; nothing more is said until they are");
            }
            None if self.fails.swap(false, Ordering::Relaxed) => tracing::info!("spans are exported again"),
            _ => {}
        }
    }
}

impl HttpClient for Courier {
    fn send_bytes<'life0, 'async_trait>(
        &'life0 self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'async_trait>>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(async move {
            let result = self.runtime.block_on(self.send(request));
            self.tell(&result);
            result
        })
    }
}

/// What went wrong in the end; around it stands that a request failed.
fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut inner = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}
