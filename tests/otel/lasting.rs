//! What an operator sets, and collectors that are slow, away, or of another mind.

use ks_tests::account::eventually;
use ks_tests::collector::{Collector, Mood};
use ks_tests::http::Request;
use ks_tests::programs::free;
use ks_tests::server::{Server, run_command};
use serde_json::json;

use crate::{dev, ks};

const AWAY: &str = "spans are not exported";

fn ping(server: &Server) {
    assert_eq!(server.call("system.ping", &json!({})), true);
}

/// How often a server has said so.
fn said(server: &Server, what: &str) -> usize {
    server.said().lines().filter(|line| line.contains(what)).count()
}

#[test]
fn the_variables_of_every_program_with_opentelemetry_count() {
    let collector = Collector::start();
    let mut command = ks();
    command
        .args(["dev", "--listen", "127.0.0.1:0", "--json"])
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url)
        .env("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=t1")
        .env("OTEL_SERVICE_NAME", "sessions")
        .env("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test");
    let server = Server::start(&mut command);
    ping(&server);
    let request = collector.request(|_| true);
    assert_eq!(request.resource["service.name"], "sessions");
    assert_eq!(request.resource["deployment.environment.name"], "test");
    let heads = collector.heads();
    assert!(heads[0].starts_with("POST /v1/traces HTTP/1.1") && heads[0].contains("x-tenant: t1"), "{heads:?}");
}

#[test]
fn a_sampler_says_which_traces_are_told() {
    let parent = |flags: &str| format!("00-0af7651916cd43dd8448eb211c80319{}-b7ad6b7169203331-{flags}", flags.len());
    for (sampler, ratio, asked, expected) in [
        ("always_off", "", "01", 0),
        ("parentbased_always_off", "", "01", 1),
        ("traceidratio", "0", "01", 0),
        ("always_on", "", "00", 2),
        ("parentbased_always_on", "", "00", 1),
    ] {
        let collector = Collector::start();
        let mut command = dev(&collector);
        let mut server =
            Server::start(command.env("OTEL_TRACES_SAMPLER", sampler).env("OTEL_TRACES_SAMPLER_ARG", ratio));
        let call = Request::get("/api_v3/service/system/action/ping");
        assert_eq!(server.send(&call).status, 200);
        assert_eq!(server.send(&call.header("traceparent", &parent(asked))).status, 200);
        assert!(server.terminate().success());
        let spans = collector.spans();
        assert_eq!(spans.iter().filter(|span| span.kind == 2).count(), expected, "{sampler}: {spans:#?}");
    }
}

/// The library would take another one, and say nothing.
#[test]
fn a_sampler_that_there_is_not_is_wrong_usage() {
    for (sampler, ratio, named) in [
        ("sometimes", "", "OTEL_TRACES_SAMPLER:"),
        ("jaeger_remote", "", "OTEL_TRACES_SAMPLER:"),
        ("traceidratio", "", "OTEL_TRACES_SAMPLER_ARG:"),
        ("traceidratio", "half", "OTEL_TRACES_SAMPLER_ARG:"),
        ("parentbased_traceidratio", "2", "OTEL_TRACES_SAMPLER_ARG:"),
    ] {
        let mut command = ks();
        command.args(["serve", "--check", "--data-dir", "/nonexistent", "--otlp-endpoint", "http://127.0.0.1:4318"]);
        command.envs([("OTEL_TRACES_SAMPLER", sampler), ("OTEL_TRACES_SAMPLER_ARG", ratio)]);
        let refused = run_command(&mut command);
        assert_eq!(refused.status.code(), Some(2), "{sampler}: {refused:?}");
        assert!(refused.err.contains(named), "{sampler}: {refused:?}");
    }
}

#[test]
fn nothing_is_told_unless_somebody_asks() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let check = |words: &[&str], variables: &[(&str, &str)]| {
        let mut command = ks();
        command.args(["serve", "--check", "--json", "--data-dir"]).arg(data.path());
        run_command(command.args(words).envs(variables.iter().copied())).json()["otlp-endpoint"].clone()
    };
    let standard = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://standard:1/");
    assert_eq!(check(&[], &[]), json!(null));
    assert_eq!(check(&[], &[standard]), "http://standard:1");
    assert_eq!(check(&[], &[standard, ("OTEL_SDK_DISABLED", "true")]), json!(null));
    assert_eq!(check(&[], &[standard, ("KS_OTLP_ENDPOINT", "http://variable:1")]), "http://variable:1");
    let file = data.path().join("ks.toml");
    std::fs::write(&file, "otlp-endpoint = \"https://file:1/base\"").expect("a file");
    let config = ["--config", file.to_str().expect("UTF-8")];
    assert_eq!(check(&config, &[standard]), "https://file:1/base");
    assert_eq!(check(&[&config[..], &["--otlp-endpoint", "http://flag:1"]].concat(), &[standard]), "http://flag:1");
}

#[test]
fn health_is_not_traced_and_the_last_spans_are_sent() {
    let collector = Collector::start();
    let data = tempfile::tempdir().expect("a temporary folder");
    let mut command = ks();
    command
        .args(["serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--json"])
        .args(["--node-name", "n1", "--otlp-endpoint", &collector.url, "--data-dir"])
        .arg(data.path())
        .env("OTEL_BSP_SCHEDULE_DELAY", "3600000");
    let mut server = Server::start(&mut command);
    let admin = server.told("adminUrl").trim_start_matches("http://").parse().expect("an address");
    eventually("it is ready", || Request::get("/readyz").send(admin).is_ok_and(|answer| answer.status == 200));
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(Request::get(path).send(admin).expect("an answer").status, 200, "{path}");
    }
    ping(&server);
    assert_eq!(collector.spans().len(), 0);
    assert!(server.terminate().success());
    let spans = collector.spans();
    let requests: Vec<&str> = spans.iter().filter(|span| span.kind == 2).map(|span| span.name.as_str()).collect();
    assert_eq!(requests, ["POST /api_v3"]);
    assert!(spans.iter().all(|span| span.resource["ks.node"] == "n1"), "{spans:#?}");
}

#[test]
fn a_collector_that_is_away_is_told_once_and_keeps_nobody() {
    let url = format!("http://{}", free());
    let mut command = ks();
    let mut server = Server::start(command.args(["dev", "--listen", "127.0.0.1:0", "--json", "--otlp-endpoint", &url]));
    for _ in 0..20 {
        ping(&server);
    }
    eventually("it is told", || said(&server, AWAY) > 0);
    assert!(server.terminate().success());
    assert_eq!(said(&server, AWAY), 1, "{}", server.said());
}

#[test]
fn that_a_collector_refuses_is_told_once_until_it_does_not() {
    let collector = Collector::start();
    collector.turn(Mood::Refuses);
    let server = Server::start(dev(&collector).args(["--log", "info"]));
    for batches in 1..=5 {
        ping(&server);
        collector.wait_for_batches(batches);
    }
    eventually("it is told", || said(&server, AWAY) == 1);
    assert!(collector.spans().is_empty());
    collector.turn(Mood::Takes);
    ping(&server);
    let _ = collector.request(|_| true);
    eventually("it is told", || said(&server, "spans are exported again") == 1);
    assert_eq!(said(&server, AWAY), 1, "{}", server.said());
}

/// The queue has an end: what does not fit is dropped, and requests are answered as ever.
#[test]
fn a_collector_that_is_slow_keeps_nobody_and_takes_no_memory() {
    let collector = Collector::start();
    collector.turn(Mood::Waits);
    let mut command = dev(&collector);
    command.env("OTEL_BSP_MAX_QUEUE_SIZE", "64").env("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "32");
    let mut server = Server::start(&mut command);
    let pings = 500;
    for _ in 0..pings {
        ping(&server);
    }
    collector.turn(Mood::Takes);
    assert!(server.terminate().success());
    // Each has two; a batch of 32 leaves every five seconds at most.
    let told = collector.spans().len();
    assert!(told >= 64, "{told}");
    assert!(told < pings, "{told}");
}

#[test]
fn a_collector_that_never_answers_does_not_hold_up_the_end() {
    let collector = Collector::start();
    collector.turn(Mood::Waits);
    let mut server = Server::start(&mut dev(&collector));
    ping(&server);
    collector.wait_for_batches(1);
    assert!(server.terminate().success());
    assert!(collector.spans().is_empty());
    eventually("it is told", || said(&server, "the last spans were not exported") == 1);
}
