//! `session.end`.

use ks_tests::call::refused;
use ks_tests::server::Server;
use ks_tests::text::{assert_whole, normal};
use serde_json::json;

#[test]
fn answers_nothing_in_every_format() {
    let server = Server::dev();
    let end = |format| server.text(format, "session.end", &json!({"ks": server.admin_ks()}));
    assert_whole(&end(1), "null");
    assert_whole(
        &normal(&end(2)),
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><xml><result></result><executionTime>{time}</executionTime></xml>",
    );
    assert_whole(&end(3), "N;");
    assert_whole(&end(9), "cb(null);");
}

#[test]
fn an_ended_session_is_refused_from_the_next_request_on() {
    let server = Server::dev();
    let ks = server.admin_ks();
    let other = server.admin_ks();
    assert_eq!(server.good("session.end", &json!({"ks": ks})), serde_json::Value::Null);
    for name in ["session.get", "session.end", "system.ping"] {
        assert_eq!(server.fault(name, &json!({"ks": ks})), refused("LOGOUT"), "{name}");
    }
    let _ = server.good("session.get", &json!({"ks": other}));
}

#[test]
fn without_a_session_there_is_nothing_to_end() {
    let server = Server::dev();
    assert_eq!(server.good("session.end", &json!({})), serde_json::Value::Null);
    assert_eq!(server.good("session.end", &json!({"partnerId": server.partner()})), serde_json::Value::Null);
}

#[test]
fn a_session_group_ends_together_and_stays_so() {
    let server = Server::dev();
    let group = |name: &str| server.start_ks(2, "a", &format!("sessionid:{name}"));
    let (one, two, other) = (group("g1"), group("g1"), group("g2"));
    let _ = server.good("session.end", &json!({"ks": one}));
    assert_eq!(server.fault("session.get", &json!({"ks": one})), refused("LOGOUT"));
    assert_eq!(server.fault("session.get", &json!({"ks": two})), refused("LOGOUT"));
    let _ = server.good("session.get", &json!({"ks": other}));
    // A token of the group that is minted later is ended already.
    assert_eq!(server.fault("session.get", &json!({"ks": group("g1")})), refused("LOGOUT"));
}

#[test]
fn sessions_of_both_versions_and_types_can_be_ended() {
    let server = Server::dev();
    let root = server.admin_ks();
    let partner = server.partner().to_string();
    for version in ["1", "2"] {
        for kind in ["user", "admin"] {
            let minted = ks_tests::server::run(&[
                "generate",
                "--secret",
                server.told("adminSecret"),
                "--partner",
                &partner,
                "--user",
                "u",
                "--type",
                kind,
                "--expiry",
                "600",
                "--version",
                version,
            ]);
            let ks = minted.good().trim().to_owned();
            let info = server.good("session.get", &json!({"ks": root, "session": ks}));
            assert_eq!(info["sessionType"], if kind == "user" { 0 } else { 2 });
            let _ = server.good("session.end", &json!({"ks": ks}));
            assert_eq!(server.fault("system.ping", &json!({"ks": ks})), refused("LOGOUT"), "version {version} {kind}");
        }
    }
}
