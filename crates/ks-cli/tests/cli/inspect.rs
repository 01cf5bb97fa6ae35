//! `ks inspect` over the published vectors' obvious cases. The expected values are the vectors' own.

use crate::support::{SECRET, ks, ks_reading};

/// `v1-basic-admin`.
const V1: &str = "NzIzMjMwMDhjNjI3MzNjZGFkZjE4YzkzMzZjM2EyYmE4ODU3ZGIxNHwxMDI7MTAyOzQxMDI0NDQ4MDA7MjsxNzAwMDAwMDAwLjEyMzQ7YWRt\
                  aW5AZXhhbXBsZS5jb207KixkaXNhYmxlZW50aXRsZW1lbnQ7Ow==";
/// `v2-basic-admin`.
const V2: &str = "djJ8MTAyfKSEQt494j8U0OcyNEFIpBtQciaRP8unWm6eN0fRxr4Tpo0KkAwC2RZGECiXkbxuiTCzOwTpWFZUeWRWC8ma_wAPprEyzB-qbghc\
                  tQl88XD4l_K7qwkSJD0bf27rLuFbOD9YdlGtRz9QxEnUfwZq-54=";

/// 2023-11-14 22:13:20 UTC.
const NOW: [&str; 2] = ["--now", "1700000000"];

fn vector(name: &str) -> (String, String) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/ks-vectors.json");
    let text = std::fs::read_to_string(path).expect("the vectors are there");
    let vectors: Vec<serde_json::Value> = serde_json::from_str(&text).expect("the vectors are a list");
    let vector = vectors.iter().find(|vector| vector["name"] == name).expect("the vector is there");
    let text = |field: &str| vector[field].as_str().expect("a text").to_owned();
    (text("token"), text("secret"))
}

#[test]
fn everything_in_a_valid_token_is_told() {
    let done = ks(&["inspect", V2, "--secret", SECRET, NOW[0], NOW[1]]);
    assert_eq!((done.code, done.err.as_str()), (0, ""));
    insta::assert_snapshot!("version-2", done.out);
}

#[test]
fn programs_get_every_field() {
    let done = ks(&["inspect", V1, "--secret", "other", "--secret", SECRET, "--json", NOW[0], NOW[1]]);
    assert_eq!(done.code, 0);
    insta::assert_snapshot!("version-1-object", serde_json::to_string_pretty(&done.json()).unwrap());
}

#[test]
fn version_1_can_be_read_without_the_secret_but_is_not_called_valid() {
    let done = ks(&["inspect", V1, NOW[0], NOW[1]]);
    assert_eq!(done.code, 4);
    insta::assert_snapshot!("version-1-unchecked", done.out);
}

#[test]
fn version_2_shows_only_its_account_without_the_secret() {
    let done = ks(&["inspect", V2, NOW[0], NOW[1]]);
    assert_eq!(done.code, 4);
    insta::assert_snapshot!("version-2-unchecked", done.out);
}

#[test]
fn a_wrong_secret_is_no_and_version_1_is_shown_all_the_same() {
    let done = ks(&["inspect", V1, "--secret", "wrong", "--json"]);
    assert_eq!(done.code, 1);
    let report = done.json();
    assert_eq!(report["valid"], false);
    assert_eq!(report["signature"], "wrong");
    assert_eq!(report["reason"]["code"], "INVALID_STR");
    assert_eq!(report["reason"]["number"], -1);
    assert_eq!(report["reason"]["fault"], "Signature");
    assert_eq!(report["userId"], "admin@example.com");

    let report = ks(&["inspect", V2, "--secret", "wrong", "--json"]).json();
    assert_eq!(report["partnerId"], 102);
    assert!(report.get("userId").is_none());
}

#[test]
fn a_token_is_judged_as_of_a_given_time() {
    let at = |time: &str| ks(&["inspect", V2, "--secret", SECRET, "--json", "--now", time]);
    assert_eq!(at("2099-12-31T23:59:59Z").code, 0);
    // The second of the expiry is too late.
    let done = at("2100-01-01T00:00:00Z");
    assert_eq!(done.code, 1);
    assert_eq!(done.json()["reason"]["number"], -5);
    let done = ks(&["inspect", V1, "--now", "2100-01-02T00:00:00Z"]);
    assert_eq!(done.code, 1, "a lie about the expiry would not be a past one");
    assert!(done.out.contains("It expired 1 day ago."), "{}", done.out);
}

#[test]
fn addresses_are_asked_about() {
    let token = |privileges: &str| {
        let done = ks(&["generate", "--secret", SECRET, "--partner", "102", "--privileges", privileges]);
        done.out.trim().to_owned()
    };
    let ask = |token: &str, more: &[&str]| {
        let done = ks(&[&["inspect", token, "--secret", SECRET, "--json"], more].concat());
        (done.code, done.json()["reason"]["code"].as_str().map(str::to_owned))
    };
    let ip = token("iprestrict:203.0.113.7/10.0.0.0/8");
    assert_eq!(ask(&ip, &[]), (0, None));
    assert_eq!(ask(&ip, &["--ip", "203.0.113.7"]), (0, None));
    assert_eq!(ask(&ip, &["--ip", "10.1.2.3"]), (0, None));
    assert_eq!(ask(&ip, &["--ip", "203.0.113.8"]), (1, Some("EXCEEDED_RESTRICTED_IP".into())));
    let uri = token("urirestrict:/api_v3/service/media/*|/exact");
    assert_eq!(ask(&uri, &["--uri", "/api_v3/service/media/action/get"]), (0, None));
    assert_eq!(ask(&uri, &["--uri", "/exact"]), (0, None));
    assert_eq!(ask(&uri, &["--uri", "/exact/not"]), (1, Some("EXCEEDED_RESTRICTED_URI".into())));

    let done = ks(&["inspect", &ip, "--secret", SECRET, "--ip", "203.0.113.8"]);
    assert!(
        done.out.contains("It may not be used from 203.0.113.8: only from 203.0.113.7/10.0.0.0/8."),
        "{}",
        done.out
    );
    assert!(done.out.contains("      203.0.113.8: not allowed\n"), "{}", done.out);
}

#[test]
fn broken_tokens_are_told_apart() {
    for (name, fault) in [
        ("v2-overpadded", "Base64"),
        ("v1-hash-uppercase", "HashText"),
        ("v1-length-extension", "ControlByte"),
        ("v1-expiry-nonnumeric", "Expiry"),
        ("v2-array-value", "Bracket"),
        ("v2-type-nonnumeric", "SessionType"),
    ] {
        let (token, secret) = vector(name);
        let done = ks(&["inspect", &token, "--secret", &secret, "--json"]);
        assert_eq!((done.code, &done.json()["reason"]["fault"]), (1, &fault.into()), "{name}");
        assert_eq!(done.json()["reason"]["code"], "INVALID_STR");
    }
    for garbage in ["", " ", "MA==", "garbage!", "a"] {
        assert_eq!(ks(&["inspect", garbage]).code, 1, "{garbage:?}");
    }
}

#[test]
fn a_token_on_each_line_makes_an_object_on_each_line() {
    let input = format!("{V1}\n\n  {V2}\r\nnonsense\n");
    let done = ks_reading(&["inspect", "-", "--json", "--secret", SECRET], &input);
    assert_eq!(done.code, 1);
    let valid: Vec<_> = done
        .out
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["valid"].clone())
        .collect();
    assert_eq!(valid, [true.into(), true.into(), serde_json::Value::Bool(false)]);

    assert_eq!(ks_reading(&["inspect", "-", "--secret", SECRET], &format!("{V1}\n{V2}")).code, 0);
    assert_eq!(ks_reading(&["inspect", "-"], &format!("{V1}\n{V2}")).code, 4);
    assert_eq!(ks_reading(&["inspect", "-"], "").code, 0);
}

#[test]
fn a_token_cannot_steer_the_terminal() {
    let done = ks(&["generate", "--secret", SECRET, "--partner", "102", "--user", "a\u{1b}[2Jb\u{202e}c"]);
    let done = ks(&["inspect", done.out.trim(), "--secret", SECRET]);
    assert!(done.out.contains("User         a\\u{1b}[2Jb\\u{202e}c\n"), "{}", done.out);
}
