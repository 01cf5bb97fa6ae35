//! The service `system`.

use ks_tests::call::{path, refused};
use ks_tests::http::Request;
use ks_tests::server::Server;
use ks_tests::text::{assert_whole, normal};
use serde_json::json;

#[test]
fn ping_answers_true_in_every_format() {
    let server = Server::dev();
    let ping = |format| server.text(format, "system.ping", &json!({}));
    assert_whole(&ping(1), "true");
    assert_whole(
        &normal(&ping(2)),
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><xml><result>1</result><executionTime>{time}</executionTime></xml>",
    );
    assert_whole(&ping(3), "b:1;");
    assert_whole(&ping(9), "cb(true);");
}

#[test]
fn get_time_answers_unix_seconds_in_every_format() {
    let server = Server::dev();
    let now = || {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
        i64::try_from(since.as_secs()).expect("a time")
    };
    let before = now();
    let texts: Vec<String> = [1, 2, 3, 9].map(|format| server.text(format, "system.getTime", &json!({}))).into();
    let after = now();
    let digits = |text: &str, open: &str, close: &str| -> i64 {
        let inner = text.split_once(open).and_then(|(_, rest)| rest.split_once(close)).map_or("", |(time, _)| time);
        inner.parse().unwrap_or_else(|_| panic!("no time in {text}"))
    };
    let times = [
        texts[0].parse().unwrap_or_else(|_| panic!("no time in {}", texts[0])),
        digits(&texts[1], "<result>", "</result>"),
        digits(&texts[2], "i:", ";"),
        digits(&texts[3], "cb(", ");"),
    ];
    for time in times {
        assert!((before..=after).contains(&time), "{before} {time} {after}");
    }
}

#[test]
fn get_version_is_a_text() {
    let server = Server::dev();
    let version = server.good("system.getVersion", &json!({}));
    assert!(version.as_str().is_some_and(|text| !text.is_empty() && text.trim() == text), "{version}");
}

#[test]
fn ping_database_writes_and_answers_true() {
    let server = Server::dev();
    assert_whole(&server.text(1, "system.pingDatabase", &json!({})), "true");
    assert_whole(&server.text(3, "system.pingDatabase", &json!({"partnerId": server.partner()})), "b:1;");
}

#[test]
fn a_ks_that_is_sent_along_is_looked_at() {
    let server = Server::dev();
    for name in ["system.ping", "system.getTime", "system.getVersion", "system.pingDatabase"] {
        assert_eq!(server.fault(name, &json!({"ks": "nonsense"})), refused("nonsense"), "{name}");
    }
}

#[test]
fn the_health_check_is_for_the_admin_listener_alone() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let mut command = Server::serve_command(data.path());
    let server = Server::start(command.args(["--admin-listen", "127.0.0.1:0"]));
    let expected = ("SERVICE_FORBIDDEN".to_owned(), json!({"SERVICE": "system->getHealthCheck"}));
    assert_eq!(server.fault("system.getHealthCheck", &json!({})), expected);

    let admin = server.told("adminUrl").trim_start_matches("http://").parse().expect("an address");
    for target in [path("system.getHealthCheck"), "/healthz".to_owned()] {
        let response = Request::get(&target).send(admin).expect("an answer");
        assert_eq!(response.status, 200, "{target}: {response:?}");
        let kind = response.header("content-type").unwrap_or_default();
        assert!(kind.starts_with("text/plain"), "{target}: {kind}");
        assert!(!response.body.is_empty(), "{target}");
    }
}
