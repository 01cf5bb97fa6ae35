//! `/metrics`: how the server fares, as text for Prometheus. Labels hold names of the declarations alone: never an
//! account, a user or an address.

use std::fmt;
use std::sync::Arc;

use ks_schema::generated::services::ActionId;
use ks_service::rate::Limit;
use ks_store::Timed;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet, text};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Registry;

use crate::api::App;

/// The type of the text.
pub(crate) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// How the server fares at this moment.
pub(crate) fn render(app: &Arc<App>) -> String {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Look(Arc::clone(app))));
    let mut text = String::new();
    // Writing to a text does not fail.
    _ = text::encode(&mut text, &registry);
    text
}

struct Look(Arc<App>);

impl fmt::Debug for Look {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Look").finish_non_exhaustive()
    }
}

impl Collector for Look {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let app = &*self.0;
        let mut to = Writer(encoder);
        calls(app, &mut to)?;
        edge(app, &mut to)?;
        store(app, &mut to)?;
        process(app, &mut to)
    }
}

/// Writes families of metrics.
struct Writer<'a>(DescriptorEncoder<'a>);

impl Writer<'_> {
    fn family(&mut self, name: &'static str, help: &str, kind: MetricType) -> Result<MetricEncoder<'_>, fmt::Error> {
        self.0.encode_descriptor(name, help, None, kind)
    }

    /// A number that goes up and down.
    fn gauge(&mut self, name: &'static str, help: &str, value: f64) -> fmt::Result {
        self.family(name, help, MetricType::Gauge)?.encode_gauge(&value)
    }

    /// A number that only grows, of one label's values.
    fn counters<'l>(
        &mut self,
        name: &'static str,
        help: &str,
        label: &'static str,
        values: impl IntoIterator<Item = (&'l str, u64)>,
    ) -> fmt::Result {
        let mut family = self.family(name, help, MetricType::Counter)?;
        values.into_iter().try_for_each(|(of, value)| count(&mut family.encode_family(&[(label, of)])?, value))
    }
}

fn count(to: &mut MetricEncoder<'_>, value: u64) -> fmt::Result {
    to.encode_counter::<NoLabelSet, _, f64>(&value, None)
}

fn histogram(to: &mut MetricEncoder<'_>, timed: &Timed) -> fmt::Result {
    let buckets: Vec<(f64, u64)> = timed
        .buckets()
        .map(|(until, count)| (until.map_or(f64::INFINITY, |until| until.as_secs_f64()), count))
        .collect();
    to.encode_histogram::<NoLabelSet>(timed.total().as_secs_f64(), timed.count(), &buckets, None)
}

/// A count as a gauge has it. What is counted here does not come near to where a float is coarse.
fn float(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

/// The labels of an action; empty for one that there is not.
fn names(action: Option<ActionId>) -> [(&'static str, &'static str); 2] {
    let info = action.map(ActionId::info);
    [("service", info.map_or("", |info| info.service)), ("action", info.map_or("", |info| info.name))]
}

fn calls(app: &App, to: &mut Writer<'_>) -> fmt::Result {
    let meter = app.node.meter();
    let help = "Calls by service, action and result: OK or the code of the error";
    let mut family = to.family("ks_calls", help, MetricType::Counter)?;
    for outcome in meter.outcomes() {
        let [service, action] = names(outcome.action);
        let result = ("result", outcome.code.map_or("OK", |code| code.info().code));
        count(&mut family.encode_family(&[service, action, result])?, outcome.calls)?;
    }
    let mut family = to.family("ks_call_seconds", "How long calls took", MetricType::Histogram)?;
    for (action, timed) in meter.timings() {
        histogram(&mut family.encode_family(&names(action))?, &timed)?;
    }
    let [user, admin] = meter.sessions();
    let started = [("user", user), ("admin", admin)];
    to.counters("ks_sessions_started", "Sessions that this node has started", "type", started)?;
    let limits = [("address", Limit::Address), ("partner", Limit::Partner), ("action", Limit::Action)];
    let limited = limits.map(|(name, limit)| (name, meter.excesses(limit)));
    to.counters("ks_calls_limited", "Calls beyond a limit, by whose it was", "limit", limited)
}

fn edge(app: &App, to: &mut Writer<'_>) -> fmt::Result {
    let (gate, edge) = (&app.gate, &app.edge);
    to.gauge("ks_requests_in_flight", "Requests that are worked on", float(gate.inside()))?;
    to.gauge("ks_requests_waiting", "Requests that wait for others to be done", float(gate.waiting()))?;
    let help = "Requests that were answered with HTTP 503, since too many others were there";
    count(&mut to.family("ks_requests_refused", help, MetricType::Counter)?, gate.refused())?;
    let help = "How long requests of the API took, with the reading of their bodies";
    histogram(&mut to.family("ks_request_seconds", help, MetricType::Histogram)?, &edge.requests.read())?;
    let help = "Connections that were closed at once, since their address had too many";
    count(&mut to.family("ks_connections_refused", help, MetricType::Counter)?, edge.crowd.refused())?;
    to.gauge("ks_connections", "Connections of the public listener", float(edge.connections()))
}

fn store(app: &App, to: &mut Writer<'_>) -> fmt::Result {
    let figures = app.node.store().figures();
    let health = figures.health;
    let help = "How long calls waited: for a connection to read with, and for a change to be on disk";
    let mut family = to.family("ks_database_wait_seconds", help, MetricType::Histogram)?;
    for (name, timed) in [("reader", figures.reader_waits), ("writer", figures.writes)] {
        histogram(&mut family.encode_family(&[("for", name)])?, &timed)?;
    }
    to.gauge("ks_database_writes_waiting", "Changes that wait for the writer", float(figures.writes_waiting))?;
    let fresh = f64::from(u8::from(health.fresh));
    to.gauge("ks_change_log_fresh", "1 while memory follows the database within its bound", fresh)?;
    let behind = health.behind.as_secs_f64();
    to.gauge("ks_change_log_behind_seconds", "How long ago memory agreed with the database for certain", behind)?;
    let followed = float(usize::try_from(health.followed).unwrap_or(0));
    to.gauge("ks_change_log_followed", "The last entry of the change log that was followed", followed)?;
    to.gauge("ks_revocations", "Revocations in memory", float(health.revocations))?;
    let mut family = to.family("ks_cached", "Snapshots in memory", MetricType::Gauge)?;
    let cached = figures.cached.iter();
    cached.copied().try_for_each(|(what, count)| family.encode_family(&[("what", what)])?.encode_gauge(&float(count)))
}

/// What the system says of the process, under the names that Prometheus gives it everywhere.
fn process(app: &App, to: &mut Writer<'_>) -> fmt::Result {
    let started = float(usize::try_from(app.node.started_at()).unwrap_or(0));
    to.gauge("process_start_time_seconds", "When the process started, in Unix seconds", started)?;
    if let Some(bytes) = resident() {
        to.gauge("process_resident_memory_bytes", "Resident memory", bytes)?;
    }
    if let Some(seconds) = processor() {
        let mut family = to.family("process_cpu_seconds", "Processor time used", MetricType::Counter)?;
        family.encode_counter::<NoLabelSet, _, f64>(&seconds, None)?;
    }
    match std::fs::read_dir("/proc/self/fd") {
        Ok(open) => to.gauge("process_open_fds", "Open files and connections", float(open.count())),
        Err(_) => Ok(()),
    }
}

/// Resident memory, where there is `/proc`.
fn resident() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes * 1024.0)
}

/// Processor time of all threads, where there is `/proc`.
fn processor() -> Option<f64> {
    /// Ticks of `/proc` in a second: a constant of the kernel's interface.
    const TICKS: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name stands in parentheses and may hold anything; utime and stime are fields 14 and 15.
    let (_, rest) = stat.rsplit_once(')')?;
    let ticks = rest.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok());
    Some(ticks.sum::<f64>() / TICKS)
}
