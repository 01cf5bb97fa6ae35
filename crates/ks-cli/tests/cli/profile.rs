//! `ks profile`: servers and accounts by name.

use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use crate::person::Person;
use crate::support::{Running, finish};

#[test]
fn a_profile_is_added_shown_used_and_removed() {
    let person = Person::new();
    let secret = person.file_with("secret", "canary");
    let add = [
        "profile",
        "add",
        "live",
        "--url",
        "https://ks.example.com/api_v3/",
        "--partner",
        "102",
        "--user",
        "me",
        "--privileges",
        "edit:*",
        "--secret-file",
        &secret,
    ];
    let done = person.ks(&add);
    assert_eq!((done.code, done.err.as_str()), (0, ""), "{done:?}");
    let none = ["profile", "add", "dev", "--url", "http://127.0.0.1:8080"];
    assert_eq!(person.ks(&none).code, 0);
    let token = [
        "profile",
        "add",
        "app",
        "--url",
        "https://ks.example.com",
        "--partner",
        "102",
        "--app-token",
        "0_abc",
        "--token-env",
        "TOKEN",
        "--hash",
        "sha256",
        "--type",
        "user",
    ];
    assert_eq!(person.ks(&token).code, 0);
    let mode = std::fs::metadata(person.file()).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    assert!(!std::fs::read_to_string(person.file()).unwrap().contains("canary"));
    let list = [
        "   NAME  SERVER                  ACCOUNT  SESSION",
        "   app   https://ks.example.com  102      app-token",
        "   dev   http://127.0.0.1:8080   -        none",
        "*  live  https://ks.example.com  102      secret",
    ];
    assert_eq!(person.ks(&["profile", "list"]).out.lines().collect::<Vec<_>>(), list);
    let shown = person.ks(&["profile", "show", "--json"]).json();
    assert_eq!(
        shown,
        json!({ "name": "live", "url": "https://ks.example.com", "partnerId": 102, "userId": "me", "type": "admin",
                "privileges": "edit:*", "expiry": 86400, "session": "secret", "from": format!("the file {secret}"),
                "current": true })
    );
    assert_eq!(person.ks(&["profile", "use", "dev"]).out, "The profile dev is the current one.\n");
    assert!(person.ks(&["profile", "show"]).out.starts_with("Profile     dev (current)\n"));
    assert!(
        person.ks(&["profile", "show", "app"]).out.contains("started with app token 0_abc, key in the variable TOKEN")
    );
    assert_eq!(person.ks(&["profile", "remove", "dev"]).code, 0);
    let gone = person.ks(&["profile", "show", "dev"]);
    assert_eq!((gone.code, gone.out.as_str()), (1, ""));
    assert_eq!(person.ks(&["profile", "list", "--json"]).out.lines().count(), 2);
}

#[test]
fn what_cannot_be_a_profile_is_refused() {
    let person = Person::new();
    for (words, told) in [
        (&["a b", "--url", "https://h"][..], "a name has letters"),
        (&["a", "--url", "ks.example"], "expected https://HOST"),
        (&["a", "--url", "https://h", "--secret-env", "X"], "--partner"),
        (&["a", "--url", "https://h", "--partner", "1", "--app-token", "0_x"], "the app token's key is missing"),
        (&["a", "--url", "http://192.0.2.1", "--partner", "1", "--secret-env", "X"], "--plain-http"),
    ] {
        let done = person.ks(&[&["profile", "add"], words].concat());
        assert!(done.code == 2 && done.err.contains(told), "{done:?}");
    }
    assert!(!person.file().exists());
    assert_eq!(person.ks(&["profile", "list"]).out, "There is no profile yet; `ks profile add` adds one.\n");
}

#[test]
fn a_profile_with_an_app_token_starts_sessions() {
    let (server, person) = (Running::start(&["dev", "--listen", "127.0.0.1:0"]), Person::new());
    let url = server.text("url");
    assert_eq!(person.ks(&["profile", "add", "dev", "--url", url, "--partner", "102", "--secret-env", "S"]).code, 0);
    let add = ["call", "appToken.add", "appToken:hashType=SHA512", "appToken:sessionUserId=program", "--json"];
    let token = finish(person.command(&add).env("S", server.text("adminSecret"))).json();
    let id = token["id"].as_str().unwrap();
    let app = [
        "profile",
        "add",
        "app",
        "--url",
        url,
        "--partner",
        "102",
        "--app-token",
        id,
        "--token-env",
        "T",
        "--hash",
        "sha512",
        "--type",
        "user",
    ];
    assert_eq!(person.ks(&app).code, 0);
    let who = ["whoami", "--profile", "app", "--json"];
    let who = finish(person.command(&who).env("T", token["token"].as_str().unwrap()));
    assert_eq!(who.json()["sessionType"], "user", "{who:?}");
    let unset = person.ks(&["whoami", "--profile", "app"]);
    assert!(unset.code == 2 && unset.err.contains("the variable T"), "{unset:?}");
    let out = person.ks(&["logout", "--profile", "app"]);
    assert!(out.code == 1 && out.err.contains("no session to end"), "{out:?}");
}
