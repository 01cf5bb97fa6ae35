//! App tokens by the published Python and Node clients, unmodified.

use ks_tests::programs::{feed, node, python, script};
use ks_tests::server::Server;
use serde_json::{Value, json};

#[test]
fn the_python_client_starts_sessions_with_app_tokens() {
    let server = Server::dev();
    let seen = feed(&mut script(python(), "python/app_tokens.py", &server), b"").json();
    for hash in ["MD5", "SHA1", "SHA256", "SHA512"] {
        judge(hash, &seen[hash]);
        assert!(["None", "''"].contains(&seen[hash]["deleted"].as_str().unwrap_or_default()), "{seen}");
    }
}

#[test]
fn the_node_client_starts_sessions_with_app_tokens() {
    let server = Server::dev();
    let seen = feed(&mut script(node(), "node/app_tokens.js", &server), b"").json();
    for hash in ["MD5", "SHA1", "SHA256", "SHA512"] {
        judge(hash, &seen[hash]);
        assert_eq!(seen[hash]["deleted"], Value::Null);
    }
}

fn judge(hash: &str, seen: &Value) {
    let id = seen["id"].as_str().unwrap_or_else(|| panic!("{hash}: {seen}"));
    assert_eq!((&seen["userId"], &seen["sessionType"]), (&json!("robot"), &json!(2)), "{hash}");
    assert_eq!(seen["privileges"], format!("sessionid:{id},apptoken:{id},edit:*"), "{hash}");
    assert_eq!(seen["listed"], 1, "{hash}");
    let code = |name: &str| seen[name]["code"].clone();
    assert_eq!(code("wrong"), "INVALID_APP_TOKEN_HASH", "{hash}: {seen}");
    let logout = json!({"code": "INVALID_KS", "message": "Invalid KS \"LOGOUT\", Error \"-1,INVALID_STR\""});
    assert_eq!(seen["after"], logout, "{hash}");
    assert_eq!(code("again"), "APP_TOKEN_ID_NOT_FOUND", "{hash}: {seen}");
}
