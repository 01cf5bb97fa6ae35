//! A build with traces.

use std::env;
use std::time::Duration;

use ks_store::span::TARGET;
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::{TraceContextExt, TracerProvider};
use opentelemetry::{Context, Key, KeyValue};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use tracing_opentelemetry::{OpenTelemetryLayer, OpenTelemetrySpanExt};
use tracing_subscriber::filter::{Filtered, LevelFilter, Targets};
use tracing_subscriber::layer::{Layer, Layered, SubscriberExt};
use tracing_subscriber::registry::Registry;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};

use super::collector;
use super::courier::Courier;
use crate::exit::Failure;

/// For how long the last spans may take to leave when the server ends.
const PATIENCE: Duration = Duration::from_secs(5);

/// What samplers are called (`OTEL_TRACES_SAMPLER`), and whether they need a ratio.
const SAMPLERS: [(&str, bool); 6] = [
    ("always_on", false),
    ("always_off", false),
    ("traceidratio", true),
    ("parentbased_always_on", false),
    ("parentbased_always_off", false),
    ("parentbased_traceidratio", true),
];

/// Where to send spans: as was said, or as the variables of every program with OpenTelemetry say.
pub(crate) fn wanted(collector: Option<String>) -> Result<Option<String>, Failure> {
    if variable("OTEL_SDK_DISABLED").is_some_and(|it| it.eq_ignore_ascii_case("true")) {
        return Ok(None);
    }
    let to = match collector.map(Ok).or_else(|| variable("OTEL_EXPORTER_OTLP_ENDPOINT").map(|it| self::collector(&it)))
    {
        None => return Ok(None),
        Some(to) => to.map_err(|error| Failure::usage(format!("OTEL_EXPORTER_OTLP_ENDPOINT: {error}")))?,
    };
    check_sampler(variable("OTEL_TRACES_SAMPLER").as_deref(), variable("OTEL_TRACES_SAMPLER_ARG").as_deref())
        .map_err(Failure::usage)?;
    Ok(Some(to))
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// The library would take another sampler, and say nothing.
fn check_sampler(name: Option<&str>, ratio: Option<&str>) -> Result<(), String> {
    let Some(name) = name else { return Ok(()) };
    let Some((_, has_ratio)) = SAMPLERS.iter().find(|(known, _)| *known == name) else {
        let known: Vec<_> = SAMPLERS.iter().map(|(known, _)| *known).collect();
        return Err(format!("OTEL_TRACES_SAMPLER: there is no sampler {name:?}; expected one of {}", known.join(", ")));
    };
    let is_ratio = |text: &str| text.parse::<f64>().is_ok_and(|ratio| (0.0..=1.0).contains(&ratio));
    if *has_ratio && !ratio.is_some_and(is_ratio) {
        return Err(format!("OTEL_TRACES_SAMPLER_ARG: {name} needs a ratio from 0 to 1"));
    }
    Ok(())
}

/// What collects spans, and sends them from a thread of its own. Requests never wait for it: spans that come faster than
/// they leave are dropped.
pub(crate) struct Traces(SdkTracerProvider);

impl Traces {
    /// Makes it ready; spans come once a subscriber listens.
    pub(crate) fn start(collector: Option<&str>, node: &str) -> Result<Option<Self>, Failure> {
        let Some(collector) = collector else { return Ok(None) };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Courier::new()?)
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(format!("{collector}/v1/traces"))
            .build()
            .map_err(|error| Failure::usage(format!("traces: {error}")))?;
        let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource(node)).build();
        ks_server::adopt_by(adopt);
        Ok(Some(Self(provider)))
    }

    /// Sends what is left, if that can be done soon.
    pub(crate) async fn finish(self) {
        let finished = tokio::task::spawn_blocking(move || self.0.shutdown_with_timeout(PATIENCE)).await;
        if !matches!(finished, Ok(Ok(()))) {
            tracing::warn!("the last spans were not exported");
        }
    }
}

/// Who tells: what the operator calls it (`OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`), else `ks`.
fn resource(node: &str) -> Resource {
    let name = Key::new("service.name");
    let given = Resource::builder().build();
    let is_given = given.get(&name).is_some_and(|it| !it.as_str().starts_with("unknown_service"));
    let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    let resource = Resource::builder().with_attributes([version, KeyValue::new("ks.node", node.to_owned())]);
    if is_given { resource.build() } else { resource.with_service_name("ks").build() }
}

/// One header. There is no `tracestate` beside it: that is free text, and this server calls nobody to whom it would go.
struct Parent<'a>(&'a str);

impl Extractor for Parent<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        (key == "traceparent").then_some(self.0)
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent"]
    }
}

/// Makes a span part of the caller's, if the header says which that is.
fn adopt(span: &tracing::Span, parent: &str) {
    let context = TraceContextPropagator::new().extract_with_context(&Context::new(), &Parent(parent));
    if context.span().span_context().is_valid() {
        // Of a span that nobody listens to nothing becomes a part.
        _ = span.set_parent(context);
    }
}

/// What listens to spans, beside the log.
type Listener = Option<Filtered<OpenTelemetryLayer<Registry, SdkTracer>, Targets, Registry>>;

/// Lets the log listen, and traces if there are any: these to our spans, and to nothing that is logged.
pub(crate) fn subscribe(
    traces: Option<&Traces>,
    heard: Targets,
    lines: impl Layer<Layered<Listener, Registry>> + Send + Sync,
) -> Result<(), TryInitError> {
    let listener: Listener = traces.map(|Traces(provider)| {
        tracing_opentelemetry::layer()
            .with_tracer(provider.tracer("ks"))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_level(false)
            .with_tracked_inactivity(false)
            .with_context_activation(false)
            .with_filter(Targets::new().with_target(TARGET, LevelFilter::INFO))
    });
    tracing_subscriber::registry().with(listener).with(lines.with_filter(heard)).try_init()
}
