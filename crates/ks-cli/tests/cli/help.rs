//! The help texts, so that a change of them is seen.

use crate::support::{command, finish, ks};

#[test]
fn every_command_has_help() {
    for words in [
        "",
        "serve",
        "dev",
        "seed",
        "migrate",
        "db",
        "db copy",
        "backup",
        "restore",
        "secret-key",
        "secret-key list",
        "secret-key add",
        "secret-key rotate",
        "secret-key retire",
        "health",
        "import",
        "import partner",
        "partner",
        "partner create",
        "partner list",
        "partner show",
        "partner set",
        "partner block",
        "partner unblock",
        "partner secret",
        "partner secret list",
        "partner secret add",
        "partner secret set-primary",
        "partner secret disable",
        "user",
        "user add",
        "user import",
        "user list",
        "user show",
        "user block",
        "user unblock",
        "user delete",
        "user sign-out",
        "user set-password",
        "user roles",
        "app-token",
        "app-token add",
        "app-token list",
        "app-token show",
        "app-token delete",
        "role",
        "role add",
        "role list",
        "role show",
        "role delete",
        "mail-template",
        "mail-template show",
        "mail-template set",
        "mail-template reset",
        "audit",
        "why",
        "call",
        "profile",
        "profile add",
        "profile list",
        "profile show",
        "profile remove",
        "profile use",
        "login",
        "whoami",
        "logout",
        "generate",
        "inspect",
        "completions",
        "man",
    ] {
        let mut args: Vec<_> = words.split(' ').filter(|word| !word.is_empty()).collect();
        args.push("--help");
        let done = ks(&args);
        assert_eq!((done.code, done.err.as_str()), (0, ""));
        let name = if words.is_empty() { "ks".to_owned() } else { words.replace(' ', "-") };
        insta::assert_snapshot!(name, done.out);
    }
}

#[test]
fn the_version_is_told() {
    let done = ks(&["--version"]);
    assert_eq!((done.code, done.out), (0, format!("ks {}\n", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn a_wrong_command_is_wrong_usage() {
    let done = ks(&["genrate"]);
    assert_eq!(done.code, 2);
    assert!(done.err.contains("a similar subcommand exists: 'generate'"), "{}", done.err);
}

#[test]
fn wrong_usage_is_told_in_json_where_that_was_asked_for() {
    let done = ks(&["generate", "--json"]);
    let error: serde_json::Value = serde_json::from_str(&done.err).unwrap();
    assert_eq!((done.code, &error["error"]["exitCode"]), (2, &2.into()));
}

#[test]
fn completions_know_the_commands() {
    for shell in ["bash", "zsh", "fish"] {
        let done = ks(&["completions", shell]);
        assert_eq!(done.code, 0);
        // The script asks the program, which knows its commands.
        assert!(done.out.contains("COMPLETE"), "{shell}");
        let words = ["--", "ks", "partner", "secret", "set"];
        let asked = finish(command(&words).env("COMPLETE", shell).env("_CLAP_COMPLETE_INDEX", "3"));
        assert!(asked.out.contains("set-primary"), "{shell}: {asked:?}");
    }
}

#[test]
fn every_command_has_a_manual_page() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("man");
    let done = ks(&["man", path.to_str().unwrap()]);
    assert_eq!((done.code, done.err.as_str()), (0, ""));
    for page in ["ks.1", "ks-serve.1", "ks-partner-secret-add.1"] {
        assert!(path.join(page).exists(), "{page}");
    }
}
