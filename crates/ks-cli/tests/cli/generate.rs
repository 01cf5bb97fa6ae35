//! `ks generate`, and back through `ks inspect`.

use std::fs;
use std::time::Instant;

use crate::support::{SECRET, command, finish, ks};

#[test]
fn a_user_session_of_version_2_is_the_default() {
    let since = Instant::now();
    let done =
        ks(&["generate", "--secret", SECRET, "--partner", "102", "--user", "alice", "--privileges", "edit:0_a/0_b"]);
    assert_eq!((done.code, done.err.as_str()), (0, ""));
    let token = done.out.strip_suffix('\n').unwrap();
    assert!(token.starts_with("djJ8MTAyf"), "`v2|102|` in base64: {token}");

    let report = ks(&["inspect", token, "--secret", SECRET, "--json"]);
    assert_eq!(report.code, 0);
    let report = report.json();
    assert_eq!(report["valid"], true);
    assert_eq!(report["version"], 2);
    assert_eq!(report["partnerId"], 102);
    assert_eq!(report["userId"], "alice");
    assert_eq!(report["sessionType"], 0);
    assert_eq!(report["privileges"], "edit:0_a/0_b");
    let left = report["secondsLeft"].as_i64().unwrap();
    // Both ends are whole seconds.
    let passed = i64::try_from(since.elapsed().as_secs()).unwrap() + 1;
    assert!((86_400 - passed..=86_400).contains(&left), "{left}");
}

#[test]
fn an_admin_session_is_warned_about_on_the_error_stream() {
    let done = ks(&["generate", "--secret", SECRET, "--partner", "102", "--type", "admin", "--version", "1"]);
    assert_eq!(done.code, 0);
    assert!(done.err.starts_with("warning: this is an administrator's session"), "{}", done.err);
    assert_eq!(done.out.lines().count(), 1);

    let report = ks(&["inspect", done.out.trim(), "--secret", SECRET, "--json"]).json();
    assert_eq!((&report["version"], &report["kind"], &report["valid"]), (&1.into(), &"admin".into(), &true.into()));
}

#[test]
fn the_secret_can_stay_out_of_the_list_of_processes() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    fs::write(&file, format!("{SECRET}\n")).unwrap();
    let file = file.to_str().unwrap();
    let by_file = ks(&["generate", "--secret-file", file, "--partner", "102"]);
    let by_variable = finish(command(&["generate", "--partner", "102"]).env("KS_SECRET", SECRET));
    for done in [by_file, by_variable] {
        assert_eq!((done.code, done.err.as_str()), (0, ""));
        assert_eq!(ks(&["inspect", done.out.trim(), "--secret-file", file]).code, 0);
        let checked = finish(command(&["inspect", done.out.trim()]).env("KS_SECRET", format!("other,{SECRET}")));
        assert_eq!(checked.code, 0, "{checked:?}");
    }
}

#[test]
fn two_tokens_differ() {
    let make = || ks(&["generate", "--secret", SECRET, "--partner", "102"]).out;
    assert_ne!(make(), make());
}

#[test]
fn json_has_the_expiry() {
    let done = ks(&["generate", "--secret", SECRET, "--partner", "102", "--expiry", "60", "--json"]).json();
    let report = ks(&["inspect", done["ks"].as_str().unwrap(), "--secret", SECRET, "--json"]).json();
    assert_eq!(done["expiry"], report["expiry"]);
    assert_eq!(done["expiryDate"], report["expiryDate"]);
}

#[test]
fn what_cannot_be_made_is_refused_as_wrong_usage() {
    let base = ["generate", "--partner", "102", "--secret", SECRET];
    for (more, wanted) in [
        (&["--version", "1", "--user", "a;b"][..], "version 1 cannot carry a semicolon in the user id"),
        (&["--privileges", "a[b]:c"], "bracket"),
        (&["--version", "3"], "3 is not in 1..=2"),
        (&["--type", "widget"], "possible values: user, admin"),
        (&["--expiry", "soon"], "invalid digit"),
        (&["--expiry", "9223372036854775807"], "no calendar reaches that far"),
    ] {
        let done = ks(&[&base[..], more].concat());
        assert_eq!((done.code, done.out.as_str()), (2, ""), "{more:?}");
        assert!(done.err.contains(wanted), "{}", done.err);
    }
    for partner in ["0", "-1", "0102", "1e3", "2147483648"] {
        let done = ks(&["generate", "--secret", SECRET, &format!("--partner={partner}")]);
        assert_eq!(done.code, 2, "{partner}");
        assert!(done.err.contains("a whole number from 1"), "{}", done.err);
    }
}

#[test]
fn without_a_secret_it_says_how_to_give_one() {
    let done = ks(&["generate", "--partner", "102"]);
    assert_eq!(done.code, 2);
    assert_eq!(
        done.err,
        "error: no secret given\n  give --secret-file FILE or --secret SECRET, or set the variable KS_SECRET\n"
    );
    assert_eq!(ks(&["generate", "--partner", "102", "--secret", ""]).code, 2);
    assert_eq!(ks(&["generate", "--partner", "102", "--secret-file", "/nonexistent/file"]).code, 3);
}

#[test]
fn a_misspelt_privilege_is_warned_about() {
    let done = ks(&["generate", "--secret", SECRET, "--partner", "102", "--privileges", "disableentitlment,mine:1"]);
    assert_eq!(done.code, 0);
    assert_eq!(
        done.err,
        "warning: the privilege `disableentitlment` has no known meaning; `disableentitlement` has.\n"
    );
    let report = ks(&["inspect", done.out.trim(), "--secret", SECRET]).out;
    assert!(report.contains("No known meaning, so it is ignored: was `disableentitlement` meant?\n"), "{report}");
    assert!(report.contains("  mine:1\n      No known meaning: carried along, but ignored."), "{report}");
}

#[test]
fn an_expired_token_is_made_with_a_warning() {
    let done = ks(&["generate", "--secret", SECRET, "--partner", "102", "--expiry", "-5"]);
    assert_eq!((done.code, done.err.as_str()), (0, "warning: this token has expired already.\n"));
    let report = ks(&["inspect", done.out.trim(), "--secret", SECRET, "--json"]);
    assert_eq!(report.code, 1);
    assert_eq!(report.json()["reason"]["code"], "EXPIRED");
}
