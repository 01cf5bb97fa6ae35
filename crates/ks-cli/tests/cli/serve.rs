//! `ks serve`: the first start, later starts, a busy port, the end.

use std::net::TcpListener;

use crate::support::{Running, Starting, ks};

fn folder() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("data").to_str().expect("UTF-8").to_owned();
    (folder, path)
}

#[test]
fn the_first_start_makes_an_account_and_later_ones_do_not() {
    let (_folder, data) = folder();
    let args = ["serve", "--listen", "127.0.0.1:0", "--data-dir", &data, "--log", "trace"];
    let server = Running::start(&args);
    let fields: Vec<_> = server.first.as_object().unwrap().keys().cloned().collect();
    assert_eq!(fields, ["url", "partnerId", "adminSecret", "userSecret", "adminEmail", "adminPassword"]);
    let partner = server.first["partnerId"].to_string();
    let shown: Vec<_> =
        ["adminSecret", "userSecret", "adminPassword"].map(|field| server.text(field).to_owned()).into();

    let start = [("secret", shown[0].as_str()), ("partnerId", &partner), ("type", "2")];
    let ks = server.call("session.start", &start);
    let ks = ks.as_str().unwrap_or_else(|| panic!("{ks}"));
    assert_eq!(server.call("session.get", &[("ks", ks)])["sessionType"], 2);
    let token = ks.to_owned();

    let done = server.end();
    assert_eq!((done.code, done.out.as_str()), (0, ""));
    for canary in shown.iter().chain([&token]) {
        assert!(!done.err.contains(canary.as_str()), "the log has a secret");
    }

    let again = Running::start(&[&args[..], &["--admin-listen", "127.0.0.1:0"]].concat());
    let fields: Vec<_> = again.first.as_object().unwrap().keys().cloned().collect();
    assert_eq!(fields, ["url", "adminUrl"]);
    assert_eq!(again.call("session.get", &[("ks", &token)])["sessionType"], 2);
    assert_eq!(again.end().code, 0);
}

#[test]
#[cfg(unix)]
fn only_its_owner_can_enter_the_data_folder() {
    use std::os::unix::fs::PermissionsExt;
    let (_folder, data) = folder();
    let server = Running::start(&["serve", "--listen", "127.0.0.1:0", "--data-dir", &data]);
    let mode = std::fs::metadata(&data).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    drop(server);
}

#[test]
fn a_busy_port_is_one_clear_line_and_swallows_no_account() {
    let (_folder, data) = folder();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let done = ks(&["serve", "--listen", &address, "--data-dir", &data, "--log", "error"]);
    assert_eq!((done.code, done.out.as_str()), (3, ""));
    assert_eq!(done.err, format!("error: {address} is in use by another program\n  choose another with --listen\n"));

    let done = ks(&["serve", "--listen", &address, "--data-dir", &data, "--log", "error", "--json"]);
    let error: serde_json::Value = serde_json::from_str(&done.err).unwrap();
    assert_eq!(error["error"]["exitCode"], 3);

    // The account is still to be made, and its secrets are still to be seen.
    let server = Running::start(&["serve", "--listen", "127.0.0.1:0", "--data-dir", &data]);
    assert_eq!(server.text("adminSecret").len(), 32);
}

#[test]
fn a_wrong_key_is_said_to_be_one() {
    let (_folder, data) = folder();
    drop(Running::start(&["serve", "--listen", "127.0.0.1:0", "--data-dir", &data]));
    std::fs::write(format!("{data}/ks.key"), "0".repeat(64)).unwrap();
    let done = ks(&["serve", "--listen", "127.0.0.1:0", "--data-dir", &data]);
    assert_eq!(done.code, 3);
    assert!(done.err.contains("the key-encryption key does not belong to this database"), "{}", done.err);
}

#[test]
fn a_log_is_told_where_the_secrets_are_and_not_what_they_are() {
    use std::os::unix::fs::PermissionsExt;
    let (_folder, data) = folder();
    let args = ["serve", "--listen", "127.0.0.1:0", "--data-dir", &data, "--log", "trace"];
    let mut server = Starting::start(&args);
    let path = format!("{data}/first-account.txt");
    assert_eq!(server.line_with("/first-account.txt").trim(), path);
    let done = server.end();
    assert_eq!(done.code, 0);

    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let kept = std::fs::read_to_string(&path).unwrap();
    let value = |label: &str| {
        let line = kept.lines().find(|line| line.trim_start().starts_with(label)).unwrap_or_else(|| panic!("{label}"));
        line.rsplit(' ').next().unwrap().to_owned()
    };
    let secrets = ["Administrator secret", "User secret", "Password"].map(value);
    assert_eq!(secrets.each_ref().map(String::len), [32, 32, 20]);
    for secret in &secrets {
        assert!(!done.out.contains(secret) && !done.err.contains(secret), "a secret was printed");
    }

    // They are the account's own, and a later start touches nothing.
    let again = Running::start(&args);
    let start = [("secret", secrets[0].as_str()), ("partnerId", &value("Partner id")), ("type", "2")];
    assert!(again.call("session.start", &start).is_string());
    drop(again);
    let mut server = Starting::start(&args);
    assert!(server.line_with("ks is ready at ").starts_with("ks is ready at http://127.0.0.1:"));
    let done = server.end();
    assert!(!done.out.contains("first-account"), "{}", done.out);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), kept);
}

#[test]
fn a_file_that_is_there_is_not_overwritten_and_swallows_no_account() {
    let (_folder, data) = folder();
    std::fs::create_dir(&data).unwrap();
    let path = format!("{data}/first-account.txt");
    std::fs::write(&path, "another account's").unwrap();
    let done = ks(&["serve", "--listen", "127.0.0.1:0", "--data-dir", &data, "--log", "error"]);
    assert_eq!((done.code, done.out.as_str()), (3, ""));
    let line = format!("error: the first account needs the file {path}, which exists");
    assert_eq!(done.err.lines().next(), Some(line.as_str()));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "another account's");

    let server = Running::start(&["serve", "--listen", "127.0.0.1:0", "--data-dir", &data]);
    assert_eq!(server.text("adminSecret").len(), 32);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "another account's", "with --json no file is written");
}
