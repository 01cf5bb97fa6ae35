//! The published clients, unmodified: a channel is made, its members are managed, categories are listed page by page.

use std::path::Path;

use ks_tests::account::eventually;
use ks_tests::programs::{feed, node, python, script};
use ks_tests::server::{Server, run};
use serde_json::{Value, json};

/// A server whose account enforces entitlement.
fn strict(data: &Path) -> Server {
    let server = Server::serve(data);
    let partner = server.partner().to_string();
    let folder = data.to_string_lossy();
    let _ = run(&["partner", "set", &partner, "--enforce-entitlement", "on", "--data-dir", &folder]).good();
    let root = server.start_ks(2, "root", "disableentitlement");
    let hidden = json!({"ks": root, "category": {"name": "Hidden", "privacyContext": "secret"}});
    let hidden = server.good("category.add", &hidden)["id"].clone();
    let plain = json!({"ks": server.start_ks(2, "root", ""), "id": hidden});
    eventually("entitlement is enforced", || server.call("category.get", &plain)["code"] == "CATEGORY_NOT_FOUND");
    let _ = server.call("category.delete", &json!({"ks": root, "id": hidden}));
    server
}

#[track_caller]
fn check(seen: &Value) {
    assert_eq!(seen["channel"], json!(["Site>Channels>Algebra", "prof", 1, "campus"]));
    assert_eq!(seen["changed"], "CATEGORY_CONTRIBUTE,CATEGORY_VIEW");
    assert_eq!(seen["members"], 3);
    assert_eq!(seen["affiliations"], json!([[true, 1]]));
    assert_eq!(seen["of the week"], json!(["prof", "anna", "bert"]));
    let rooms: Vec<String> = (1..8).map(|number| format!("Room {number}")).collect();
    let all = [&["Site", "Channels", "Algebra", "Week 1"].map(str::to_owned)[..], &rooms].concat();
    assert_eq!(seen["pages of staff"], json!([11, all]));
    assert_eq!(seen["pages of anna"], json!([9, all[2..]]));
    assert_eq!((&seen["entitled"], &seen["user"]), (&json!("CATEGORY_NOT_FOUND"), &json!("SERVICE_FORBIDDEN")));
    // The member's list went with the category that it came from.
    assert_eq!(seen["new place"], json!(["Site>Channels>Week 1", 0]));
    assert_eq!(seen["deleted"], "CATEGORY_NOT_FOUND");
}

#[test]
fn the_python_client_runs_a_channel() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let server = strict(data.path());
    let seen = feed(&mut script(python(), "python/channels.py", &server), b"").json();
    check(&seen);
    assert_eq!(seen["moved"], true);
}

#[test]
fn the_node_client_runs_a_channel() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let server = strict(data.path());
    let seen = feed(&mut script(node(), "node/channels.js", &server), b"").json();
    check(&seen);
    assert_eq!(seen["moved"], true);
}
