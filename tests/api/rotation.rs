//! A secret is replaced without a gap: through the API, and through the command line beside a running server.

use ks_tests::account::{command, eventually};
use ks_tests::call::refused;
use ks_tests::server::{Server, run};
use serde_json::{Value, json};

const ADMIN: i64 = 2;
const ENABLED: i64 = 1;
const DISABLED: i64 = 0;

/// A token that somebody minted with this secret, without asking the server.
fn mint(server_partner: i64, secret: &str, version: &str) -> String {
    let partner = server_partner.to_string();
    let output = run(&[
        "generate",
        "--secret",
        secret,
        "--partner",
        &partner,
        "--user",
        "me",
        "--type",
        "admin",
        "--expiry",
        "3600",
        "--version",
        version,
    ]);
    output.good().trim().to_owned()
}

fn accepted(server: &Server, ks: &str) -> bool {
    let answer = server.call("session.get", &json!({"ks": ks}));
    let good = answer["objectType"] == "KalturaSessionInfo";
    if !good {
        // A token that no secret signed is like any text.
        assert_eq!(ks_tests::call::fault(&answer), refused(ks));
    }
    good
}

fn started_with(server: &Server, partner: i64, secret: &str) -> Value {
    server.call("session.start", &json!({"secret": secret, "partnerId": partner, "type": 2, "userId": "x"}))
}

fn admin_secrets(list: &Value) -> Vec<Value> {
    let objects = list["objects"].as_array().unwrap_or_else(|| panic!("no list: {list}"));
    objects.iter().filter(|secret| secret["kind"] == ADMIN).cloned().collect()
}

#[test]
fn through_the_api() {
    let server = Server::dev();
    let partner = server.partner();
    let old = server.told("adminSecret").to_owned();
    let old_tokens = [mint(partner, &old, "1"), mint(partner, &old, "2")];
    let started = server.start_ks(2, "old", "");
    let list = |ks: &str| admin_secrets(&server.good("ks_secret.list", &json!({"ks": ks})));

    let before = list(&started);
    assert_eq!(before.len(), 1, "{before:?}");
    let old_id = before[0]["id"].clone();
    assert_eq!((&before[0]["primary"], &before[0]["status"]), (&json!(true), &json!(ENABLED)));
    assert!(before.iter().all(|secret| secret.get("value").is_none()), "a list shows no secret: {before:?}");
    assert!(!json!(before).to_string().contains(&old));

    // Add one: it is answered once, and both are accepted.
    let added = server.good("ks_secret.add", &json!({"ks": started}));
    let (new_id, new) = (added["id"].clone(), added["value"].as_str().expect("the secret").to_owned());
    assert_eq!((&added["kind"], &added["primary"], &added["status"]), (&json!(ADMIN), &json!(false), &json!(ENABLED)));
    assert!(new.len() >= 32, "{} characters", new.len());
    let new_tokens = [mint(partner, &new, "1"), mint(partner, &new, "2")];
    for token in old_tokens.iter().chain(&new_tokens) {
        assert!(accepted(&server, token));
    }
    assert!(started_with(&server, partner, &old).is_string());
    assert!(started_with(&server, partner, &new).is_string());

    // The primary one cannot go; neither can what is not there.
    assert_eq!(server.fault("ks_secret.disable", &json!({"ks": started, "id": old_id})).0, "KS_SECRET_IN_USE");
    assert_eq!(server.fault("ks_secret.disable", &json!({"ks": started, "id": 999_999})).0, "KS_SECRET_NOT_FOUND");

    // Make the new one sign what the server starts.
    let primary = server.good("ks_secret.setPrimary", &json!({"ks": started, "id": new_id}));
    assert_eq!(primary["primary"], true);
    let signed = server
        .good("session.start", &json!({"secret": server.told("userSecret"), "partnerId": partner, "userId": "u"}));
    let inspected = run(&["inspect", signed.as_str().expect("a token"), "--secret", &new, "--json"]);
    assert_eq!(inspected.json()["userId"], "u");
    for token in old_tokens.iter().chain(&new_tokens) {
        assert!(accepted(&server, token), "both are still accepted");
    }

    // Disable the old one: what it signed is refused at the next request, and so is it.
    let new_ks = &new_tokens[1];
    let disabled = server.good("ks_secret.disable", &json!({"ks": new_ks, "id": old_id}));
    assert_eq!(disabled["status"], DISABLED);
    assert!(disabled["disabledAt"].as_i64().is_some_and(|at| at > 1_700_000_000), "{disabled}");
    for token in old_tokens.iter().chain([&started]) {
        assert!(!accepted(&server, token), "the old secret is disabled");
    }
    for token in &new_tokens {
        assert!(accepted(&server, token));
    }
    assert_eq!(ks_tests::call::fault(&started_with(&server, partner, &old)).0, "START_SESSION_ERROR");

    // It shows when each was last used.
    let after = list(new_ks);
    let find = |id: &Value| after.iter().find(|secret| secret["id"] == *id).unwrap_or_else(|| panic!("{after:?}"));
    for secret in [find(&old_id), find(&new_id)] {
        assert!(secret["lastUsedAt"].as_i64().is_some_and(|at| at > 1_700_000_000), "{secret}");
    }
    assert_eq!((&find(&old_id)["status"], &find(&new_id)["primary"]), (&json!(DISABLED), &json!(true)));
}

#[test]
fn through_the_command_line_beside_a_running_server() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let server = Server::serve(data.path());
    let partner = server.partner();
    let id = partner.to_string();
    let old = server.told("adminSecret").to_owned();
    let old_token = mint(partner, &old, "2");
    assert!(accepted(&server, &old_token));

    let secret = |verb: &[&str]| command(data.path(), &[&["secret"], verb].concat());
    let list = || {
        let list = secret(&["list", &id]);
        list["secrets"].as_array().cloned().unwrap_or_else(|| panic!("no list: {list}"))
    };
    let is_old = |one: &&Value| one["primary"] == true && one["kind"] == "admin";
    let old_id = list().iter().find(is_old).expect("a primary secret")["id"].to_string();

    let added = secret(&["add", &id]);
    let new = added["secret"].as_str().unwrap_or_else(|| panic!("no secret: {added}")).to_owned();
    let new_id = added["id"].to_string();
    let new_token = mint(partner, &new, "2");
    // No restart: the running server follows.
    eventually("the running server follows", || accepted(&server, &new_token));
    assert!(accepted(&server, &old_token));

    let _ = secret(&["set-primary", &id, &new_id]);
    let _ = secret(&["disable", &id, &old_id]);
    eventually("the running server follows", || !accepted(&server, &old_token));
    assert!(accepted(&server, &new_token));
    let listed = list();
    let find = |id: &str| listed.iter().find(|one| one["id"].as_i64() == id.parse().ok()).expect("a secret");
    assert_eq!((&find(&old_id)["state"], &find(&new_id)["state"]), (&json!("disabled"), &json!("enabled")));
    assert_eq!((&find(&old_id)["primary"], &find(&new_id)["primary"]), (&json!(false), &json!(true)));
    assert!(find(&old_id)["disabledAt"].is_i64(), "{listed:?}");
    let listed = json!(listed).to_string();
    assert!(!listed.contains(&new) && !listed.contains(&old), "a list shows no secret");
}
