//! `ks import partner`: tokens minted elsewhere keep working.

use serde_json::json;

use crate::support::{Running, World, ks, ks_reading};

const ACCOUNT: &str = "\
id: 4711
name: Lecture capture
adminEmail: ops@example.com
adminSecrets: [secret-from-elsewhere-1, secret-from-elsewhere-2]
userSecrets: [user-secret-from-elsewhere]
";

/// A session minted before anything was imported.
fn mint(secret: &str) -> String {
    let done = ks(&["generate", "--secret", secret, "--partner", "4711", "--user", "me", "--type", "admin"]);
    assert_eq!(done.code, 0, "{done:?}");
    done.out.trim().to_owned()
}

fn import(world: &World, text: &str, more: &[&str]) -> crate::support::Done {
    ks_reading(&[&["import", "partner", "-", "--data-dir", &world.data], more].concat(), text)
}

#[test]
fn tokens_minted_before_the_import_are_accepted_after_it() {
    let tokens: Vec<String> = ["secret-from-elsewhere-1", "secret-from-elsewhere-2"].map(mint).into();
    let world = World::new();
    // A database that is there already, and a server on it.
    world.json(&["partner", "create", "--id", "100"]);
    let server = Running::start(&["serve", "--listen", "127.0.0.1:0", "--data-dir", &world.data]);
    let who = |token: &str| server.call("session.get", &[("ks", token)]);
    assert!(tokens.iter().all(|token| who(token)["code"] == "INVALID_KS"));
    let done = import(&world, ACCOUNT, &[]);
    assert_eq!(done.code, 0, "{done:?}");
    assert!(done.out.starts_with("Account 4711 is imported"), "{}", done.out);
    assert!(done.out.contains("password, shown once: ") && !done.out.contains("elsewhere"), "{}", done.out);
    // The server follows what another process wrote within a bound.
    let accepted = |token: &String| {
        (0..600).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(100));
            who(token)["userId"] == "me"
        })
    };
    assert!(tokens.iter().all(accepted));
    let start = [("secret", "user-secret-from-elsewhere"), ("partnerId", "4711"), ("type", "0")];
    assert!(server.call("session.start", &start).is_string());
}

#[test]
fn importing_again_does_nothing_and_conflicts_are_told() {
    let world = World::new();
    assert_eq!(import(&world, ACCOUNT, &["--json"]).json()["made"], true);
    let again = import(&world, ACCOUNT, &["--json"]).json();
    assert_eq!(again, json!({ "partnerId": 4711, "made": false, "secretsAdded": 0, "adminPassword": null }));

    let more = ACCOUNT.replace("secret-from-elsewhere-2", "secret-from-elsewhere-2, a-third-secret");
    let refused = import(&world, &more, &[]);
    assert_eq!(refused.code, 1);
    assert!(
        refused.err.contains("without 1 of the secrets") && refused.err.contains("--add-secrets"),
        "{}",
        refused.err
    );
    assert_eq!(import(&world, &more, &["--add-secrets", "--json"]).json()["secretsAdded"], 1);
    for (from, to, fault) in [
        ("Lecture capture", "Another name", "is here with the name \"Lecture capture\", not \"Another name\""),
        ("ops@example.com", "else@example.com", "is here with the administrator \"ops@example.com\""),
        ("[user-secret-from-elsewhere]", "[secret-from-elsewhere-9]", "without 1 of the secrets"),
    ] {
        let refused = import(&world, &ACCOUNT.replace(from, to), &[]);
        assert_eq!((refused.code, refused.out.as_str()), (1, ""));
        assert!(refused.err.contains(fault) && !refused.err.contains("elsewhere"), "{}", refused.err);
    }
    let swapped =
        ACCOUNT.replace("adminSecrets", "x").replace("userSecrets", "adminSecrets").replace("x:", "userSecrets:");
    assert!(import(&world, &swapped, &[]).err.contains("of the other kind"));
    world.json(&["partner", "secret", "disable", "4711", "3"]);
    assert!(import(&world, ACCOUNT, &[]).err.contains("was disabled here"));
}

#[test]
fn what_is_wrong_is_told_without_a_secret() {
    let world = World::new();
    for (text, fault) in [
        ("id: 4711\nadminSecret: canary\n", "line 2: unknown key `adminSecret`: did you mean `adminSecrets`?"),
        ("id: 4711\nadminSecrets: canary\n", "line 2: expected "),
        ("id: 4711\n", "there is no administrator secret"),
        ("adminSecrets: [canary]\n", "the account's number is missing"),
        ("id: 4711\nadminSecrets: [canary]\nuserSecrets: [canary]\n", "a secret is there twice"),
        ("id: 4711\nadminSecrets: [canary]\nadminEmail: nobody\n", "e-mail address is none"),
    ] {
        let done = import(&world, text, &[]);
        assert_eq!(done.code, 2, "{text}");
        assert!(done.err.contains(fault) && !done.err.contains("canary"), "{}", done.err);
    }
}

#[test]
fn flags_and_files_of_secrets_do_as_well() {
    let world = World::new();
    let secrets = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(secrets.path(), "secret-from-elsewhere-1\nsecret-from-elsewhere-2\n").unwrap();
    let path = secrets.path().to_str().unwrap();
    let args = ["import", "partner", "--id", "4711", "--name", "By flags", "--admin-secrets-file", path];
    let made = world.json(&args);
    assert_eq!((&made["made"], &made["secretsAdded"]), (&json!(true), &json!(1)));
    assert_eq!(world.json(&args)["made"], false);
    assert_eq!(world.json(&["partner", "show", "4711"])["name"], "By flags");
}
