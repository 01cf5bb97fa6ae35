//! A build without traces.

use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Layer, Layered, SubscriberExt};
use tracing_subscriber::registry::Registry;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};

use crate::exit::Failure;

/// There are none.
pub(crate) enum Traces {}

/// Whoever asks for traces is told. Variables that other programs read as well ask for nothing here.
pub(crate) fn wanted(collector: Option<String>) -> Result<Option<String>, Failure> {
    collector.map_or(Ok(None), |_| {
        Err(Failure::usage("this build of ks has no traces, so there is no --otlp-endpoint")
            .hint("a build with the feature `otel` has them: cargo build --release --features otel"))
    })
}

impl Traces {
    pub(crate) const fn start(_collector: Option<&str>, _node: &str) -> Result<Option<Self>, Failure> {
        Ok(None)
    }

    pub(crate) async fn finish(self) {
        match self {}
    }
}

/// Lets the log listen.
pub(crate) fn subscribe(
    _traces: Option<&Traces>,
    heard: Targets,
    lines: impl Layer<Layered<Targets, Registry>> + Send + Sync,
) -> Result<(), TryInitError> {
    tracing_subscriber::registry().with(heard).with(lines).try_init()
}
