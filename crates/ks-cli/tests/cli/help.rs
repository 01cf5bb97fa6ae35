//! The help texts, so that a change of them is seen.

use crate::support::{command, finish, ks};

/// The commands that a help text lists.
fn listed(help: &str) -> Vec<&str> {
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    // The rest of a long description is indented further.
    let names = lines.filter_map(|line| line.strip_prefix("  ").filter(|rest| !rest.starts_with(' ')));
    names.filter_map(|rest| rest.split(' ').next()).filter(|name| *name != "help").collect()
}

#[test]
fn every_command_has_help() {
    let mut todo = vec![vec![]];
    let mut seen = 0;
    while let Some(words) = todo.pop() {
        let done = ks(&[&words[..], &["--help"]].concat());
        assert_eq!((done.code, done.err.as_str()), (0, ""), "{words:?}");
        let name = if words.is_empty() { "ks".to_owned() } else { words.join("-") };
        insta::assert_snapshot!(name, done.out);
        // They live as long as the test.
        let help: &'static str = done.out.leak();
        todo.extend(listed(help).into_iter().map(|name| [&words[..], &[name]].concat()));
        seen += 1;
    }
    let kept = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/snapshots")).unwrap();
    let names = kept.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let of_help = names.filter(|name| name.starts_with("cli__help__")).count();
    assert_eq!(seen, of_help, "a snapshot is left of a command that is gone");
}

#[test]
fn the_version_is_told() {
    let done = ks(&["--version"]);
    assert_eq!((done.code, done.out), (0, format!("ks {}\n", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn a_wrong_command_is_wrong_usage() {
    let done = ks(&["inspct"]);
    assert_eq!(done.code, 2);
    assert!(done.err.contains("a similar subcommand exists: 'inspect'"), "{}", done.err);
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
