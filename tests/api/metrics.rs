//! `/metrics` on the operator's own listener: what happened, in numbers, with names of the contract and no others.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use ks_tests::account::eventually;
use ks_tests::call::path;
use ks_tests::contract;
use ks_tests::http::{Request, Response};
use ks_tests::server::Server;
use serde_json::json;
use tempfile::TempDir;

fn serve(flags: &[&str]) -> (TempDir, Server) {
    let data = tempfile::tempdir().expect("a temporary folder");
    let mut command = Server::serve_command(data.path());
    let server = Server::start(command.args(["--admin-listen", "127.0.0.1:0"]).args(flags));
    (data, server)
}

fn admin(server: &Server) -> SocketAddr {
    server.told("adminUrl").trim_start_matches("http://").parse().expect("an address")
}

fn scrape(server: &Server) -> Response {
    Request::get("/metrics").send(admin(server)).expect("an answer")
}

/// Every sample by its name and labels.
fn samples(text: &str) -> BTreeMap<String, f64> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("no sample: {line:?}"));
            (name.to_owned(), value.parse().unwrap_or_else(|_| panic!("no number: {line:?}")))
        })
        .collect()
}

#[test]
fn calls_are_counted_by_action_and_result() {
    let (_data, server) = serve(&[]);
    let ks = server.admin_ks();
    for _ in 0..3 {
        let _ = server.good("session.get", &json!({ "ks": ks }));
    }
    for _ in 0..2 {
        let _ = server.fault("session.get", &json!({ "ks": "nonsense" }));
    }
    let _ = server.fault("session.getNothing", &json!({}));
    let ping = json!({"service": "system", "action": "ping"});
    let _ = server.multi(&[ping.clone(), ping]);
    // On a machine that has just stood still the log was looked at too long ago.
    let mut response = scrape(&server);
    eventually("the change log is followed", || {
        response = scrape(&server);
        response.text().contains("\nks_change_log_fresh 1.0\n")
    });
    assert_eq!(response.status, 200);
    let kind = response.header("Content-Type").unwrap_or_default();
    assert!(kind.starts_with("application/openmetrics-text; version=1.0.0"), "{kind}");
    let text = response.text();
    assert!(text.ends_with("# EOF\n"));
    let samples = samples(&text);
    let calls = |service: &str, action: &str, result: &str| {
        let name = format!("ks_calls_total{{service=\"{service}\",action=\"{action}\",result=\"{result}\"}}");
        samples.get(&name).copied()
    };
    assert_eq!(calls("session", "get", "OK"), Some(3.0), "{text}");
    assert_eq!(calls("session", "get", "INVALID_KS"), Some(2.0));
    assert_eq!(calls("system", "ping", "OK"), Some(2.0));
    assert_eq!(calls("", "", "ACTION_DOES_NOT_EXISTS"), Some(1.0));
    assert_eq!(samples["ks_call_seconds_count{service=\"session\",action=\"get\"}"], 5.0);
    assert_eq!(samples["ks_call_seconds_bucket{le=\"+Inf\",service=\"session\",action=\"get\"}"], 5.0);
    // One request of two calls.
    assert_eq!(samples["ks_request_seconds_count"], 8.0);
    assert_eq!(samples["ks_sessions_started_total{type=\"admin\"}"], 1.0);
    assert_eq!(samples["ks_sessions_started_total{type=\"user\"}"], 0.0);

    // What others are to be told of: here are those that are there on a server that does nothing.
    for name in [
        "ks_requests_in_flight",
        "ks_requests_waiting",
        "ks_requests_refused_total",
        "ks_connections",
        "ks_gateway_answers_total{status=\"200\"}",
        "ks_gateway_answers_total{status=\"other\"}",
        "ks_connections_refused_total",
        "ks_calls_limited_total{limit=\"address\"}",
        "ks_calls_limited_total{limit=\"partner\"}",
        "ks_calls_limited_total{limit=\"action\"}",
        "ks_database_wait_seconds_count{for=\"reader\"}",
        "ks_database_wait_seconds_count{for=\"writer\"}",
        "ks_database_writes_waiting",
        "ks_change_log_fresh",
        "ks_change_log_behind_seconds",
        "ks_change_log_followed",
        "ks_revocations",
        "ks_cached{what=\"accounts\"}",
        "ks_cached{what=\"users\"}",
        "ks_cached{what=\"roles\"}",
        "ks_cached{what=\"permissions\"}",
        "process_resident_memory_bytes",
        "process_cpu_seconds_total",
        "process_open_fds",
        "process_start_time_seconds",
    ] {
        assert!(samples.contains_key(name), "{name} is not in {text}");
    }
    assert_eq!(samples["ks_change_log_fresh"], 1.0);
    assert!(samples["process_resident_memory_bytes"] > 1e6 && samples["process_cpu_seconds_total"] >= 0.0);
    assert_eq!(samples["ks_requests_in_flight"], 0.0);
}

#[test]
fn what_is_revoked_written_and_refused_is_counted() {
    let (_data, server) = serve(&["--rate-action", "system.ping=1/h", "--gateway"]);
    let before = samples(&scrape(&server).text());
    let ks = server.start_ks(0, "someone", "");
    let _ = server.good("session.end", &json!({ "ks": ks }));
    let _ = server.call("system.ping", &json!({}));
    let _ = server.fault("system.ping", &json!({}));
    assert_eq!(server.send(&Request::get("/auth/verify")).status, 401);
    let after = samples(&scrape(&server).text());
    let grown = |name: &str| after[name] - before[name];
    assert_eq!(grown("ks_revocations"), 1.0);
    assert!(grown("ks_change_log_followed") >= 1.0);
    assert!(grown("ks_database_wait_seconds_count{for=\"writer\"}") >= 1.0);
    assert_eq!(grown("ks_sessions_started_total{type=\"user\"}"), 1.0);
    assert_eq!(grown("ks_gateway_answers_total{status=\"401\"}"), 1.0);
    assert_eq!(grown("ks_calls_limited_total{limit=\"action\"}"), 1.0);
    assert_eq!(after["ks_calls_total{service=\"system\",action=\"ping\",result=\"ACTION_BLOCKED\"}"], 1.0);
}

/// Nobody can make up series: labels are names that are declared, whatever is asked for.
#[test]
fn labels_hold_names_of_the_contract_alone() {
    let (_data, server) = serve(&[]);
    let ks = server.admin_ks();
    for number in 0..40 {
        let _ = server.fault(&format!("made{number}.up{number}"), &json!({ "ks": ks, "partnerId": number }));
        let _ = server.fault(&format!("session.up{number}"), &json!({ "userId": format!("user{number}") }));
        let _ = server.send(&Request::get(&format!("{}?format={number}", path("system.ping"))));
    }
    let text = scrape(&server).text();
    let contract = contract::load();
    let mut known: BTreeSet<String> =
        ["", "OK", "admin", "user", "address", "partner", "action", "reader", "writer"].map(str::to_owned).into();
    known.extend(["accounts", "users", "roles", "permissions", "200", "401", "403", "other"].map(str::to_owned));
    for of in contract["services"].as_object().expect("services").values() {
        known.insert(of["serviceId"].as_str().expect("an id").to_owned());
        known.extend(of["actions"].as_object().into_iter().flatten().map(|(action, _)| action.clone()));
    }
    let codes = std::fs::read_to_string(ks_tests::root().join("tests/data/errors.toml")).expect("the codes");
    let codes: toml::Table = codes.parse().expect("TOML");
    let is_code = |value: &str| codes.values().any(|part| part.get(value).is_some());
    let mut seen = 0;
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let Some((_, rest)) = line.split_once('{') else { continue };
        let labels = rest.split_once('}').expect("an end of labels").0;
        for label in labels.split(',') {
            let (name, value) = label.split_once('=').expect("a label");
            let value = value.trim_matches('"');
            let fits = match name {
                "le" => value == "+Inf" || value.parse::<f64>().is_ok(),
                "result" => value == "OK" || is_code(value),
                _ => known.contains(value),
            };
            assert!(fits, "{line}");
            seen += 1;
        }
    }
    assert!(seen > 50, "{text}");
    assert!(text.lines().count() < 400, "{text}");
}

#[test]
fn nobody_sees_them_from_outside() {
    let (_data, server) = serve(&[]);
    assert_eq!(server.send(&Request::get("/metrics")).status, 404);
    let dev = Server::dev();
    assert_eq!(dev.send(&Request::get("/metrics")).status, 404);
}

/// The dashboard and the alarms ask for what there is.
#[test]
fn what_the_examples_ask_for_is_there() {
    let (_data, server) = serve(&[]);
    let _ = server.good("system.ping", &json!({}));
    let text = scrape(&server).text();
    let mut asked = BTreeSet::new();
    for name in ["grafana.json", "alerts.yaml"] {
        let example = std::fs::read_to_string(ks_tests::root().join("docs/examples").join(name)).expect("an example");
        if name.ends_with("json") {
            let dashboard: serde_json::Value = serde_json::from_str(&example).expect("JSON");
            assert!(dashboard["panels"].as_array().is_some_and(|panels| panels.len() >= 10));
        }
        let words = example.split(|at: char| !(at.is_ascii_lowercase() || at == '_')).map(str::to_owned);
        asked.extend(words.filter(|word| word.starts_with("ks_") || word.starts_with("process_")));
    }
    assert!(asked.len() > 12, "{asked:?}");
    for name in &asked {
        let is_there = text.lines().any(|line| line.split(['{', ' ']).next() == Some(name.as_str()));
        assert!(is_there, "{name}");
    }
    // And the guide tells of each.
    let guide = std::fs::read_to_string(ks_tests::root().join("docs/operating.md")).expect("the guide");
    for line in text.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
        let (name, kind) = line.split_once(' ').expect("a type");
        let name = if kind == "counter" { format!("{name}_total") } else { name.to_owned() };
        assert!(guide.contains(&format!("`{name}")), "{name} is not in docs/operating.md");
    }
}
