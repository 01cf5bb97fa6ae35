//! The published clients, unmodified: a login is enabled and used, and its password changed.

use ks_tests::programs::{feed, node, python, script};
use ks_tests::server::Server;
use serde_json::{Value, json};

#[track_caller]
fn check(seen: &Value, class: &str) {
    assert_eq!(seen["added"], json!([class, "carol", "Carol Jones", "a,b", false]));
    assert_eq!(seen["enabled"], json!([true, "carol@example.com"]));
    assert_eq!(seen["own"], "carol");
    assert_eq!(seen["other"], "CANNOT_RETRIEVE_ANOTHER_USER_USING_NON_ADMIN_SESSION");
    assert_eq!(seen["old session"], "INVALID_KS");
    assert_eq!(seen["old password"], "USER_WRONG_PASSWORD");
    assert_eq!((&seen["new session"], &seen["by id"]), (&json!("carol"), &json!("carol")));
    assert_eq!(seen["listed"], json!([1, "carol", false]));
    assert_eq!(seen["deleted"], "USER_WRONG_PASSWORD");
}

#[test]
fn the_python_client_logs_in_and_changes_a_password() {
    let server = Server::dev();
    let seen = feed(&mut script(python(), "python/people.py", &server), b"").json();
    check(&seen, "KalturaUser");
    assert!(["None", "''"].contains(&seen["reset"].as_str().unwrap_or_default()), "{}", seen["reset"]);
}

#[test]
fn the_node_client_logs_in_and_changes_a_password() {
    let server = Server::dev();
    let seen = feed(&mut script(node(), "node/people.js", &server), b"").json();
    check(&seen, "KalturaUser");
    assert_eq!(seen["changed"], Value::Null);
}
