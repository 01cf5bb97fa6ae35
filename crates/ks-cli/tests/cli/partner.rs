//! `ks partner` and `ks why`, beside a running server and without one.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Served, command, finish, ks};

/// Asks until the server has followed a change of the database; the last answer is the caller's to judge.
fn eventually(mut ask: impl FnMut() -> Value, good: impl Fn(&Value) -> bool) -> Value {
    let until = Instant::now() + Duration::from_mins(1);
    loop {
        let answer = ask();
        if good(&answer) || Instant::now() > until {
            return answer;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn an_account_is_made_after_another() {
    let world = Served::new();
    let first = world.json(&["partner", "list"])["partners"][0]["partnerId"].to_string();
    world.json(&["partner", "set", &first, "--max-expiry", "600", "--template", "on"]);
    let role = world.json(&["role", "add", &first, "Editor", "--permissions", "ADMIN_BASE"]);
    let made = world.json(&["partner", "create", "--template", &first])["partnerId"].to_string();
    let roles = world.json(&["role", "list", &made]);
    let own = roles["roles"].as_array().and_then(|roles| roles.iter().find(|role| role["name"] == "Editor"));
    let own = own.unwrap_or_else(|| panic!("{roles}"));
    assert_ne!(own["id"], role["id"]);
    assert_eq!(
        world.json(&["partner", "show", &made])["ksMaxExpiry"],
        600,
        "{}",
        world.json(&["partner", "show", &made])
    );
}

#[test]
fn an_account_is_made_blocked_and_unblocked_beside_a_running_server() {
    let world = Served::new();
    let made = world.json(&[
        "partner",
        "create",
        "--id",
        "200",
        "--name",
        "Second",
        "--admin-email",
        "second@example.com",
        "--admin-password",
        "correct horse battery",
        "--admin-secret",
        "a-secret",
        "--user-secret",
        "u-secret",
    ]);
    assert_eq!(
        made,
        json!({
            "partnerId": 200,
            "adminSecret": "a-secret",
            "userSecret": "u-secret",
            "adminEmail": "second@example.com",
            "adminPassword": "correct horse battery",
        })
    );
    let start = || world.server.call("session.start", &[("secret", "a-secret"), ("partnerId", "200"), ("type", "2")]);
    assert!(eventually(start, Value::is_string).is_string());

    let blocked = world.json(&["partner", "block", "200"]);
    assert_eq!(blocked["status"], "blocked");
    assert_eq!(eventually(start, Value::is_object)["code"], "SERVICE_FORBIDDEN_CONTENT_BLOCKED");
    assert_eq!(world.json(&["partner", "block", "200"])["status"], "blocked");
    assert_eq!(world.json(&["partner", "unblock", "200"])["status"], "active");
    assert!(eventually(start, Value::is_string).is_string());

    let all = world.json(&["partner", "list"]);
    let names: Vec<_> = all["partners"].as_array().unwrap().iter().map(|partner| partner["name"].clone()).collect();
    assert_eq!(names, ["First account", "Second"]);
    let one = world.json(&["partner", "show", "200"]);
    assert_eq!((&one["name"], &one["adminEmail"]), (&"Second".into(), &"second@example.com".into()));
    assert!(!one.to_string().contains("a-secret"));
}

#[test]
fn what_is_left_out_is_made_up_and_shown_once() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("new").to_str().unwrap().to_owned();
    let create = ["partner", "create", "--admin-email", "a@example.com", "--data-dir", &data];
    let done = ks(&create);
    assert_eq!((done.code, done.err.as_str()), (0, ""));
    let value = |label: &str| {
        let line = done.out.lines().find(|line| line.trim_start().starts_with(label)).unwrap();
        line.rsplit(' ').next().unwrap().to_owned()
    };
    assert_eq!(value("Administrator secret").len(), 32);
    assert_eq!(value("Password").len(), 20);
    assert_eq!(value("Partner id").parse::<i32>().unwrap().to_string(), value("Partner id"));

    // The same person's second account has the same login.
    let second = ks(&create);
    assert!(second.out.contains("(unchanged: this address has a login already)"), "{}", second.out);
    assert_eq!(ks(&[&create[..], &["--json"]].concat()).json()["adminPassword"], Value::Null);
}

#[test]
fn an_account_can_do_without_an_administrator() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let made = ks(&["partner", "create", "--data-dir", data, "--json"]).json();
    assert_eq!((&made["adminEmail"], &made["adminPassword"]), (&Value::Null, &Value::Null));
    assert_eq!(made["adminSecret"].as_str().unwrap().len(), 32);
}

#[test]
fn secrets_given_in_the_environment_are_taken() {
    let folder = tempfile::tempdir().unwrap();
    let done = finish(
        command(&["partner", "create", "--json"])
            .env("KS_DATA_DIR", folder.path())
            .env("KS_ADMIN_EMAIL", "a@example.com")
            .env("KS_ADMIN_SECRET", "from-the-environment"),
    );
    assert_eq!((done.code, &done.json()["adminSecret"]), (0, &"from-the-environment".into()));
}

#[test]
fn refusals_say_what_and_have_their_exit_codes() {
    let world = Served::new();
    let id = world.server.first["partnerId"].to_string();
    let (code, err) = world.refused(&["partner", "show", "999"]);
    assert_eq!((code, err.lines().next()), (1, Some("error: there is no account 999")));
    let (code, err) = world.refused(&["partner", "create", "--id", &id, "--admin-email", "x@example.com"]);
    assert_eq!((code, err), (1, format!("error: there is an account {id} already\n")));
    assert_eq!(world.refused(&["partner", "block", "0"]).0, 2);
    assert_eq!(world.refused(&["partner", "create", "--admin-password", "x"]).0, 2);
    assert_eq!(world.refused(&["partner", "secret", "disable", &id, "999"]).0, 1);
    assert_eq!(world.refused(&["why", "nothing"]).0, 1);

    let done = ks(&["partner", "list", "--data-dir", "/nonexistent"]);
    assert_eq!(done.code, 3);
    assert!(done.err.starts_with("error: there is no database at /nonexistent/ks.db\n"), "{}", done.err);
}

#[test]
fn a_secret_is_replaced_without_a_gap() {
    let world = Served::new();
    let id = world.server.first["partnerId"].to_string();
    let old = world.server.text("adminSecret").to_owned();
    let mint = |secret: &str| {
        ks(&["generate", "--secret", secret, "--partner", &id, "--user", "me", "--type", "admin"]).out.trim().to_owned()
    };
    let get = |token: &str| world.server.call("session.get", &[("ks", token)]);
    let list = || world.json(&["partner", "secret", "list", &id])["secrets"].as_array().unwrap().clone();

    let added = world.json(&["partner", "secret", "add", &id]);
    let new = added["secret"].as_str().unwrap().to_owned();
    let new_id = added["id"].to_string();
    assert_eq!((&added["kind"], &added["primary"]), (&"admin".into(), &false.into()));
    let (old_token, new_token) = (mint(&old), mint(&new));
    for token in [&old_token, &new_token] {
        assert_eq!(eventually(|| get(token), |it| it["userId"] == "me")["userId"], "me");
    }

    let old_id = list().iter().find(|it| it["kind"] == "admin" && it["primary"] == true).unwrap()["id"].to_string();
    let (code, err) = world.refused(&["partner", "secret", "disable", &id, &old_id]);
    assert_eq!(code, 1);
    assert!(err.contains("make another one primary first"), "{err}");
    assert_eq!(world.json(&["partner", "secret", "set-primary", &id, &new_id])["primary"], true);
    assert_eq!(world.json(&["partner", "secret", "disable", &id, &old_id])["state"], "disabled");
    assert_eq!(eventually(|| get(&old_token), |it| it["code"] == "INVALID_KS")["code"], "INVALID_KS");
    assert_eq!(get(&new_token)["userId"], "me");

    // The server writes the last use when it stops, at the latest.
    assert_eq!(world.server.end().code, 0);
    let done = ks(&["partner", "secret", "list", &id, "--data-dir", &world.world.data, "--json"]);
    let secrets = done.json()["secrets"].as_array().unwrap().clone();
    for wanted in [&old_id, &new_id] {
        let wanted: i64 = wanted.parse().unwrap();
        let secret = secrets.iter().find(|it| it["id"] == wanted).unwrap();
        assert!(secret["lastUsedAt"].is_i64(), "{secret}");
    }
    let human = ks(&["partner", "secret", "list", &id, "--data-dir", &world.world.data]).out;
    for value in [&old, &new] {
        assert!(!done.out.contains(value.as_str()) && !human.contains(value.as_str()), "a list prints no values");
    }
    assert!(human.starts_with("ID  KIND   STATE     CREATED                  LAST USED\n"), "{human}");
}

#[test]
fn the_owner_learns_why_a_request_was_refused() {
    let world = Served::new();
    let id = world.server.first["partnerId"].to_string();
    let token = ks(&["generate", "--secret", "wrong", "--partner", &id]).out.trim().to_owned();
    let (request, answer) = world.server.call_with_id("session.get", &[("ks", &token)]);
    assert_eq!(answer["code"], "INVALID_KS");
    let ask = || {
        let done = ks(&["why", &request, "--data-dir", &world.data, "--json"]);
        done.json()["refusals"].as_array().unwrap().first().cloned().unwrap_or_default()
    };
    let refusal = eventually(ask, Value::is_object);
    assert_eq!(
        (&refusal["service"], &refusal["action"], &refusal["code"], &refusal["check"]),
        (&"session".into(), &"get".into(), &"INVALID_KS".into(), &"signature".into())
    );
    let human = ks(&["why", &request, "--data-dir", &world.data]);
    assert_eq!(human.code, 0);
    assert!(human.out.contains("Call      session.get\n"), "{}", human.out);
    assert!(!human.out.contains(&token));
}

#[test]
fn settings_are_changed_one_by_one_and_shown() {
    let world = Served::new();
    let id = world.server.first["partnerId"].to_string();
    let made = world.json(&["partner", "create", "--name", "Child"]);
    let child = made["partnerId"].to_string();
    let before = world.json(&["partner", "show", &child]);
    let settings = |account: &Value| {
        ["name", "v1Allowed", "ksMaxExpiry", "parentId", "mayImpersonate", "hideSecrets"]
            .map(|name| account[name].clone())
    };
    assert_eq!(settings(&before), [json!("Child"), json!(true), json!(86400), json!(null), json!(false), json!(false)]);

    let parent: i64 = id.parse().unwrap();
    let all = ["--name", "Other", "--v1", "off", "--max-expiry", "60", "--parent", &id];
    let rights = ["--may-impersonate", "on", "--hide-secrets", "on"];
    let after = world.json(&[&["partner", "set", &child], &all[..], &rights[..]].concat());
    let wanted = [json!("Other"), json!(false), json!(60), json!(parent), json!(true), json!(true)];
    assert_eq!(settings(&after), wanted);
    assert_eq!(world.json(&["partner", "show", &child]), after);

    let after = world.json(&["partner", "set", &child, "--parent", "none"]);
    assert_eq!(settings(&after), [json!("Other"), json!(false), json!(60), json!(null), json!(true), json!(true)]);
    let back = ["--v1", "on", "--may-impersonate", "off", "--hide-secrets", "off"];
    let done = ks(&[&["partner", "set", &child, "--data-dir", &world.data], &back[..]].concat());
    let shown = ks(&["partner", "show", &child, "--data-dir", &world.data]);
    assert_eq!((done.code, &done.out), (0, &shown.out));
    let rest = shown.out.split_once("Longest session").unwrap().1;
    assert_eq!(
        rest,
        "   60 seconds\nVersion 1 tokens  accepted\nParent account    none\nImpersonation     not allowed\n\
         Secrets           in answers to administrators\nEntitlement       as sessions ask\n"
    );
}

#[test]
fn a_setting_that_makes_no_sense_changes_nothing() {
    let world = Served::new();
    let id = world.server.first["partnerId"].to_string();
    let before = world.json(&["partner", "show", &id]);
    let set = |args: &[&str]| world.refused(&[&["partner", "set", &id, "--name", "Changed"], args].concat());
    assert_eq!(set(&["--parent", &id]), (2, "error: an account cannot be its own parent\n".to_owned()));
    let (code, err) = set(&["--parent", "999"]);
    assert_eq!((code, err.lines().next()), (1, Some("error: there is no account 999")));
    for args in [
        ["--parent", "0"],
        ["--parent", "-1"],
        ["--parent", "nobody"],
        ["--max-expiry", "0"],
        ["--max-expiry", "-60"],
        ["--max-expiry", "2147483648"],
        ["--v1", "maybe"],
    ] {
        let (code, err) = set(&args);
        assert_eq!(code, 2, "{args:?} {err}");
        assert!(err.contains(&format!("'{}'", args[1])), "{args:?} {err}");
    }
    assert_eq!(world.refused(&["partner", "set", &id]).0, 2, "nothing to change");
    assert_eq!(world.refused(&["partner", "set", "0", "--name", "x"]).0, 2);
    assert_eq!(world.refused(&["partner", "set", "999", "--name", "x"]).0, 1);
    assert_eq!(world.json(&["partner", "show", &id]), before);
}

#[test]
fn a_running_server_obeys_a_changed_setting() {
    let world = Served::new();
    let id = world.server.first["partnerId"].to_string();
    let mint = |version: &str| {
        let secret = world.server.text("adminSecret");
        let args = ["generate", "--secret", secret, "--partner", &id, "--user", "me", "--type", "admin"];
        ks(&[&args[..], &["--version", version]].concat()).out.trim().to_owned()
    };
    let (old, new) = (mint("1"), mint("2"));
    let get = |token: &str| world.server.call("session.get", &[("ks", token)]);
    assert_eq!(get(&old)["userId"], "me");

    world.json(&["partner", "set", &id, "--v1", "off"]);
    assert_eq!(eventually(|| get(&old), |it| it["code"] == "INVALID_KS")["code"], "INVALID_KS");
    assert_eq!(get(&new)["userId"], "me");
    world.json(&["partner", "set", &id, "--v1", "on"]);
    assert_eq!(eventually(|| get(&old), |it| it["userId"] == "me")["userId"], "me");
}
