//! `ks seed` and `ks dev --seed`: worlds from files.

use serde_json::json;

use crate::support::{Running, World, ks, ks_reading};

const WORLD: &str = "\
accounts:
  - id: 300
    name: Campus
    adminEmail: ops@example.com
    adminPassword: Correct-Horse-7
    adminSecrets: [secret-of-the-campus]
    users:
      - {id: ann, email: ann@example.com, roles: [EDITOR]}
    roles:
      - {systemName: EDITOR, permissions: [CONTENT_MANAGE_BASE]}
    categories:
      - name: math
        privacyContexts: [campus]
        members: {ann: manager}
    entries:
      - {name: First, categories: [math], owner: ann}
";

fn file(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), text).expect("it is written");
    file
}

#[test]
fn a_world_goes_into_a_database_once() {
    let (world, file) = (World::new(), file(WORLD));
    let path = file.path().to_str().unwrap();
    let made = world.json(&["seed", path]);
    for kind in ["accounts", "roles", "users", "categories", "members", "entries"] {
        assert_eq!(made[kind], json!({ "made": 1, "kept": 0 }), "{kind} {made}");
    }
    let again = world.text(&["seed", path]);
    assert!(again.lines().skip(1).all(|line| line.split_whitespace().rev().nth(1) == Some("0")), "{again}");
    let partner = world.json(&["partner", "show", "300"]);
    assert_eq!(partner["name"], "Campus", "{partner}");

    let server = Running::start(&["serve", "--listen", "127.0.0.1:0", "--data-dir", &world.data]);
    let fields = [("secret", "secret-of-the-campus"), ("partnerId", "300"), ("type", "2")];
    let ks = server.call("session.start", &fields);
    let list = server.call("category.list", &[("ks", ks.as_str().unwrap())]);
    assert_eq!((&list["objects"][0]["name"], &list["objects"][0]["entriesCount"]), (&json!("math"), &json!(1)));
}

#[test]
fn what_is_wrong_with_a_file_is_told_with_its_line() {
    let world = World::new();
    let bad = file("accounts:\n  - id: 300\n    nmae: x\n");
    let path = bad.path().to_str().unwrap();
    let (code, told) = world.refused(&["seed", path]);
    assert_eq!(code, 2);
    assert_eq!(told, format!("error: {path}: line 3: unknown key `nmae`: did you mean `name`?\n"));
    let done =
        ks_reading(&["seed", "-", "--data-dir", &world.data], "accounts: [{id: 300, users: [{id: a, roles: [R]}]}]");
    assert_eq!((done.code, done.err.as_str()), (2, "error: account 300, user \"a\": there is no role \"R\"\n"));
    let done = ks(&["dev", "--listen", "127.0.0.1:0", "--seed", path]);
    assert_eq!(done.code, 2, "{done:?}");
    assert_eq!(ks(&["seed", "/nonexistent/world.yaml"]).code, 3);
}

#[test]
fn the_emulator_begins_with_a_world_at_a_time() {
    let file = file("accounts: [{id: 102, users: [{id: ann}], adminSecrets: [own-secret-of-102]}]");
    let path = file.path().to_str().unwrap();
    let start = ["dev", "--listen", "127.0.0.1:0", "--seed", path, "--time", "2030-01-31T12:00:00Z", "--freeze"];
    let server = Running::start(&[&start[..], &["--rng-seed", "1", "--strict"]].concat());
    assert_eq!(server.first["adminSecret"], "own-secret-of-102");
    let start = [("secret", "own-secret-of-102"), ("partnerId", "102"), ("type", "2")];
    let ks = server.call("session.start", &start);
    let ks = ks.as_str().unwrap().to_owned();
    let me = server.call("session.get", &[("ks", &ks)]);
    assert_eq!(me["expiry"], 1_896_091_200 + 86_400, "{me}");
    assert_eq!(server.call("user.get", &[("ks", &ks), ("userId", "ann")])["id"], "ann");
    assert_eq!(server.call("user.get", &[("ks", &ks), ("userid", "ann")])["code"], "KS_UNKNOWN_PARAMETER");
}
