//! `ks mail-template`.

use serde_json::{Value, json};

use crate::support::{Served, World, ks_reading};

const BODY: &str = "Dear colleague,\n\nopen {link} for {address}.\n";

fn set(world: &World, kind: &str, subject: &str, body: &str) -> crate::support::Done {
    let args = ["mail-template", "set", "200", kind, "--subject", subject, "--body-file", "-", "--json", "--data-dir"];
    ks_reading(&[&args[..], &[&*world.data]].concat(), body)
}

fn of<'a>(shown: &'a Value, kind: &str) -> &'a Value {
    let all = shown["mailTemplates"].as_array().expect("a list");
    all.iter().find(|one| one["kind"] == kind).unwrap_or_else(|| panic!("no {kind}: {shown}"))
}

#[test]
fn a_text_is_set_shown_and_reset_while_a_server_runs() {
    let served = Served::new();
    let made = served.json(&["partner", "create", "--id", "200", "--name", "Acme"]);
    let before = served.json(&["mail-template", "show", "200"]);
    assert_eq!(before["mailTemplates"].as_array().map(Vec::len), Some(3));
    assert!(before["mailTemplates"].as_array().unwrap().iter().all(|one| one["custom"] == false));

    let changed = set(&served, "reset", "Your key for {account}", BODY);
    assert_eq!(changed.code, 0, "{changed:?}");
    let own = json!({"kind": "reset", "custom": true, "subject": "Your key for {account}", "body": BODY});
    assert_eq!(changed.json(), json!({"partnerId": 200, "mailTemplates": [own]}));
    let shown = served.json(&["mail-template", "show", "200"]);
    assert_eq!(of(&shown, "reset"), &own);
    assert_eq!(of(&shown, "invitation"), of(&before, "invitation"));
    let text = served.text(&["mail-template", "show", "200"]);
    assert!(text.contains("reset, of the account\n\n  Your key for {account}\n\n  Dear colleague,"), "{text}");
    assert!(text.contains("invitation, of the server"), "{text}");

    // The server that runs beside says the same, to the account's administrator.
    let secret = made["adminSecret"].as_str().unwrap();
    let session = [("partnerId", "200"), ("secret", secret), ("type", "2"), ("userId", "ada")];
    let ks = served.server.call("session.start", &session);
    let told = served.server.call("ks_mail_template.list", &[("ks", ks.as_str().unwrap())]);
    assert!(told.to_string().contains("Dear colleague"), "{told}");

    served.json(&["mail-template", "reset", "200", "reset"]);
    assert_eq!(served.json(&["mail-template", "show", "200"]), before);
}

#[test]
fn what_would_make_no_mail_is_refused_and_changes_nothing() {
    let world = World::new();
    world.json(&["partner", "create", "--id", "200", "--name", "Acme"]);
    let before = world.json(&["mail-template", "show", "200"]);
    for (subject, body, why) in [
        ("Welcome", "no way in", "{link}"),
        ("Welcome", "{link} {secret}", "stand for something"),
        ("Welcome {key}", BODY, "the subject"),
        ("one\ntwo", BODY, "the subject"),
        ("  ", BODY, "the subject"),
    ] {
        let done = set(&world, "invitation", subject, body);
        assert_eq!((done.code, done.out.as_str()), (2, ""), "{done:?}");
        assert!(done.err.contains(why), "{done:?}");
    }
    let missing = ["mail-template", "set", "200", "invitation", "--subject", "Hi", "--body-file", "/nonexistent/file"];
    assert_eq!(world.refused(&missing).0, 3);
    assert_eq!(world.refused(&["mail-template", "show", "201"]).0, 1);
    assert_eq!(world.refused(&["mail-template", "reset", "201", "reset"]).0, 1);
    assert_eq!(world.json(&["mail-template", "show", "200"]), before);
}
