//! `ks login`, `ks whoami` and `ks logout`.

use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use crate::person::Person;
use crate::support::{Running, feed, finish};

const EMAIL: &str = "dev@example.invalid";
const PASSWORD: &str = "dev-password-102";

#[test]
fn a_session_is_kept_shown_and_ended() {
    let server = Running::start(&["dev", "--listen", "127.0.0.1:0"]);
    let (url, person) = (server.text("url"), Person::new());
    let login = ["login", "--url", url, "--login-id", EMAIL, "--json"];
    let done = finish(person.command(&login).env("KS_PASSWORD", PASSWORD));
    assert_eq!(done.code, 0, "{done:?}");
    let said = done.json();
    assert_eq!(
        (&said["partnerId"], &said["userId"], &said["sessionType"]),
        (&json!(102), &json!(EMAIL), &json!("admin"))
    );
    let mode = |path: &std::path::Path| std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!((mode(&person.file()), mode(person.file().parent().expect("a folder"))), (0o600, 0o700));
    let kept = std::fs::read_to_string(person.file()).expect("a file");
    let profiles = serde_json::from_str::<serde_json::Value>(&kept).expect("JSON");
    let ks = profiles["profiles"]["default"]["session"]["ks"].as_str().expect("a token").to_owned();
    assert!(!kept.contains(PASSWORD) && !done.out.contains(&ks), "neither the password is kept nor the token shown");

    assert_eq!(person.ks(&["whoami", "--json"]).json(), said);
    let text = person.ks(&["whoami"]).out;
    assert!(text.contains(EMAIL) && text.contains("102") && text.contains(url), "{text}");
    assert_eq!(server.call("system.ping", &[("ks", &ks)]), json!(true));
    assert_eq!(person.ks(&["call", "session.get", "--json"]).json()["userId"], EMAIL);
    assert_eq!(person.ks(&["logout"]).code, 0);
    assert_eq!(server.call("system.ping", &[("ks", &ks)])["code"], "INVALID_KS");
    assert!(!std::fs::read_to_string(person.file()).expect("a file").contains(&ks));
    for gone in ["whoami", "logout"] {
        let done = person.ks(&[gone]);
        assert_eq!((done.code, done.out.as_str()), (1, ""), "{done:?}");
        assert!(done.err.contains("nobody is logged in"), "{done:?}");
    }
}

#[test]
fn a_password_comes_from_standard_input_where_nobody_can_be_asked() {
    let server = Running::start(&["dev", "--listen", "127.0.0.1:0"]);
    let (url, person) = (server.text("url"), Person::new());
    let login = ["login", "--url", url, "--login-id", EMAIL, "--partner", "102"];
    let done = feed(&mut person.command(&login), &format!("{PASSWORD}\n"));
    assert_eq!(done.code, 0, "{done:?}");
    assert!(done.out.contains("Logged in."), "{done:?}");
    let before = std::fs::read_to_string(person.file()).expect("a file");
    for (input, code, told) in [("wrong password\n", 1, "USER_WRONG_PASSWORD"), ("", 2, "no password given")] {
        let done = feed(&mut person.command(&login), input);
        assert_eq!((done.code, done.out.as_str()), (code, ""), "{done:?}");
        assert!(done.err.contains(told) && !done.err.contains("wrong password"), "{done:?}");
    }
    assert_eq!(std::fs::read_to_string(person.file()).expect("a file"), before, "a failed login changes nothing");
}

#[test]
fn a_secret_starts_a_session_too() {
    let server = Running::start(&["dev", "--listen", "127.0.0.1:0"]);
    let (url, person) = (format!("{}/api_v3", server.text("url")), Person::new());
    let secret = &person.file_with("secret", server.text("adminSecret"));
    let done = person.ks(&[
        "login",
        "--url",
        &url,
        "--partner",
        "102",
        "--user",
        "me",
        "--privileges",
        "edit:*",
        "--secret-file",
        secret,
        "--json",
    ]);
    let said = done.json();
    assert_eq!(
        (&said["userId"], &said["sessionType"], &said["privileges"]),
        (&json!("me"), &json!("admin"), &json!("edit:*"))
    );
    let user = ["login", "--url", &url, "--partner", "102", "--user", "me", "--type", "user", "--json"];
    let done = finish(person.command(&user).env("KS_SECRET", server.text("userSecret")));
    assert_eq!((&done.json()["userId"], &done.json()["sessionType"]), (&json!("me"), &json!("user")), "{done:?}");
    let done = finish(person.command(&user).env("KS_SECRET", "wrong"));
    assert_eq!((done.code, done.out.as_str()), (1, ""), "{done:?}");
    assert!(done.err.contains("START_SESSION_ERROR"), "{done:?}");
    assert_eq!(server.end().code, 0);
    // The server is gone: the session is forgotten all the same.
    let done = person.ks(&["logout"]);
    assert_eq!(done.code, 3, "{done:?}");
    assert!(!std::fs::read_to_string(person.file()).expect("a file").contains("\"ks\""));
}

#[test]
fn nothing_secret_goes_to_other_machines_in_the_clear() {
    let person = Person::new();
    for url in ["http://192.0.2.1", "http://ks.invalid:8080"] {
        let done = finish(person.command(&["login", "--url", url, "--login-id", EMAIL]).env("KS_PASSWORD", PASSWORD));
        assert_eq!((done.code, done.out.as_str()), (2, ""), "{done:?}");
        assert!(done.err.contains("--plain-http"), "{done:?}");
    }
    for url in ["ks.example", "https://user:canary@ks.example"] {
        let done = finish(person.command(&["login", "--url", url, "--login-id", EMAIL]).env("KS_PASSWORD", PASSWORD));
        assert_eq!(done.code, 2, "{done:?}");
    }
    assert!(!person.file().exists());
}
