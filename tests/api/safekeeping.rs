//! Backups, and other keys, beside servers that go on.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use ks_test_cluster::{Cluster, Durability};
use ks_tests::account::eventually;
use ks_tests::server::{Output, Server, ks, run_command};
use serde_json::{Value, json};

fn command(folder: &Path, database: &str, words: &[&str]) -> Command {
    let mut command = ks();
    command.args(words).args(["--database", database, "--json", "--key-file"]).arg(folder.join("ks.key"));
    command
}

fn on(folder: &Path, database: &str, words: &[&str]) -> Output {
    run_command(&mut command(folder, database, words))
}

fn serve(folder: &Path, database: &str) -> Server {
    Server::start(&mut command(folder, database, &["serve", "--listen", "127.0.0.1:0"]))
}

fn sqlite(folder: &Path, name: &str) -> String {
    format!("sqlite:{}", folder.join(name).display())
}

/// How many users the server's account has.
fn users(server: &Server, start: &Value) -> i64 {
    let ks = server.good("session.start", start);
    server.good("user.list", &json!({"ks": ks, "pager": {"pageSize": 1}}))["totalCount"].as_i64().expect("a number")
}

/// While users are added, everything is backed up, and brought back to where `there` is.
fn a_round_trip(folder: &Path, here: &str, there: &str) {
    let server = serve(folder, here);
    let start = json!({"secret": server.told("adminSecret"), "partnerId": server.partner(), "type": 2, "userId": "ops",
                       "privileges": "disableentitlement"});
    let admin = server.good("session.start", &start);
    let add = |number: usize| {
        let user = json!({"ks": admin, "user": {"objectType": "KalturaUser", "id": format!("u{number}")}});
        let _ = server.good("user.add", &user);
    };
    (0..20).for_each(add);
    let file = folder.join("ks.backup");
    let path = file.display().to_string();
    let before = users(&server, &start);
    let after = std::thread::scope(|scope| {
        let backup = scope.spawn(|| on(folder, here, &["backup", &path]));
        let mut number = 20;
        while !backup.is_finished() {
            add(number);
            number += 1;
        }
        let done = backup.join().expect("a backup").json();
        assert_eq!((&done["file"], &done["keyChecked"]), (&json!(path), &json!(true)), "{done}");
        users(&server, &start)
    });
    assert_eq!(std::fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600);
    let beside = std::fs::read_dir(folder).expect("a folder").filter_map(Result::ok);
    let left: Vec<_> = beside.filter(|entry| entry.file_name().to_string_lossy().starts_with("ks.backup.")).collect();
    assert!(left.is_empty(), "{left:?}");

    // A file that is there is not written over unless that is said.
    let bytes = std::fs::read(&file).expect("a file");
    let again = on(folder, here, &["backup", &path]);
    assert_eq!(again.status.code(), Some(1), "{again:?}");
    assert!(again.err.contains("is there already"), "{again:?}");
    assert_eq!(std::fs::read(&file).expect("a file"), bytes);
    let other = folder.join("other.backup").display().to_string();
    std::fs::write(&other, "something old").expect("a file");
    let _ = on(folder, here, &["backup", &other, "--force"]).json();

    // Nor is a database, least of all under a server.
    let full = on(folder, here, &["restore", &path]);
    assert_eq!(full.status.code(), Some(1), "{full:?}");
    let in_use = on(folder, here, &["restore", &path, "--force"]);
    assert_eq!(in_use.status.code(), Some(1), "{in_use:?}");
    assert!(in_use.err.contains("the database is in use"), "{in_use:?}");
    assert!(users(&server, &start) >= after);

    // Without the key of that time nothing is restored.
    let elsewhere = tempfile::tempdir().expect("a folder");
    let keyless = on(elsewhere.path(), there, &["restore", &path]);
    assert_eq!(keyless.status.code(), Some(3), "{keyless:?}");
    std::fs::write(elsewhere.path().join("ks.key"), "7".repeat(64)).expect("a key");
    let wrong = on(elsewhere.path(), there, &["restore", &path]);
    assert_eq!(wrong.status.code(), Some(1), "{wrong:?}");
    assert!(wrong.err.contains("does not open the secrets in the backup"), "{wrong:?}");

    let restored = on(folder, there, &["restore", &path]).json();
    assert_eq!(restored["secrets"], 2, "{restored}");
    assert_eq!(std::fs::read(&file).expect("a file"), bytes, "a backup stays as it is");
    let copy = serve(folder, there);
    let count = users(&copy, &start);
    assert!((before..=after).contains(&count), "{before} {count} {after}");
    assert_eq!(copy.good("session.get", &json!({ "ks": admin }))["partnerId"], server.partner());
    drop(copy);

    // Back to where it was, in place of what is there now.
    drop(server);
    let restore = || on(folder, here, &["restore", &path, "--force"]);
    let mut restored = restore();
    eventually("it has left the database", || {
        !restored.err.contains("the database is in use") || {
            restored = restore();
            false
        }
    });
    let _ = restored.json();
    let server = serve(folder, here);
    assert_eq!(users(&server, &start), count);
    let user = json!({"ks": admin, "user": {"objectType": "KalturaUser", "id": "later"}});
    assert_eq!(server.good("user.add", &user)["id"], "later");
}

#[test]
fn a_file_is_backed_up_while_it_is_served_and_comes_back() {
    let cluster = Cluster::start(Durability::None).expect("a cluster");
    let folder = tempfile::tempdir().expect("a folder");
    a_round_trip(folder.path(), &sqlite(folder.path(), "ks.db"), &cluster.database().expect("a database"));
}

#[test]
fn a_postgresql_database_is_backed_up_while_it_is_served_and_comes_back() {
    let cluster = Cluster::start(Durability::None).expect("a cluster");
    let folder = tempfile::tempdir().expect("a folder");
    a_round_trip(folder.path(), &cluster.database().expect("a database"), &sqlite(folder.path(), "copy.db"));
}

/// A rotation beside a server, killed in between, and gone on with.
fn a_rotation(folder: &Path, database: &str) {
    let tokens: String = (0..3000)
        .map(|number| format!("      - {{id: 0_{number:08}, token: the-key-of-{number:08}, hashType: SHA256}}\n"))
        .collect();
    let world = format!("accounts:\n  - id: 300\n    adminSecrets: [secret-of-the-campus]\n    appTokens:\n{tokens}");
    std::fs::write(folder.join("world.yaml"), world).expect("a world");
    let _ = on(folder, database, &["seed", &folder.join("world.yaml").display().to_string()]).good();
    let server = serve(folder, database);
    let start = json!({"secret": "secret-of-the-campus", "partnerId": 300, "type": 2, "userId": "ops"});
    let session = server.good("session.start", &start);
    let list = || on(folder, database, &["secret-key", "list"]).json();
    let old = list()["keys"][0]["id"].clone();
    let works = |number: usize| {
        let token = json!({"ks": session, "id": format!("0_{number:08}")});
        assert_eq!(server.good("appToken.get", &token)["token"], format!("the-key-of-{number:08}"));
        assert!(server.good("session.start", &start).is_string());
    };

    let mut states = Vec::new();
    for pause in [0, 40, 80, 120, 200, 300] {
        let mut rotation = command(folder, database, &["secret-key", "rotate"])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("a rotation");
        std::thread::sleep(Duration::from_millis(pause));
        let _ = rotation.kill();
        let _ = rotation.wait();
        let state = list();
        assert_eq!(state["unreadable"], 0, "{state}");
        // A key that was begun with is gone on with; only a rotation that came to its end is followed by another key.
        let keys = state["keys"].as_array().expect("keys");
        let values = |key: &Value| key["values"].as_u64().expect("a number");
        assert_eq!(keys.iter().map(values).sum::<u64>(), 3002, "{state}");
        works(7);
        works(2999);
        states.push(state);
    }
    let done = on(folder, database, &["secret-key", "rotate"]).json();
    let state = list();
    let current: Vec<&Value> =
        state["keys"].as_array().expect("keys").iter().filter(|key| key["current"] == true).collect();
    assert_eq!((&current[0]["id"], &current[0]["values"]), (&done["key"], &json!(3002)), "{state} {states:?}");
    assert_ne!(done["key"], old);
    works(0);
    eventually("the server takes it up, too", || list()["nodes"][0]["current"] == done["key"]);

    let before = std::fs::read_to_string(folder.join("ks.key")).expect("a key file");
    let retired = on(folder, database, &["secret-key", "retire"]).json();
    assert!(retired["retired"].as_array().expect("keys").contains(&old), "{retired}");
    let after = std::fs::read_to_string(folder.join("ks.key")).expect("a key file");
    assert!(after.lines().count() == 1 && before.contains(&after), "one of the keys is left");
    assert_eq!(std::fs::metadata(folder.join("ks.key")).expect("a file").permissions().mode() & 0o777, 0o600);
    works(1500);
    let audit = on(folder, database, &["audit", "--type", "secretKey", "--limit", "1"]);
    assert!(audit.good().contains("ks secret-key retire"), "{audit:?}");
    for (words, secret) in [(&audit, before.trim()), (&on(folder, database, &["secret-key", "list"]), after.trim())] {
        assert!(!words.out.contains(secret) && !words.err.contains(secret) && !server.said().contains(secret));
    }
    drop(server);
    let server = serve(folder, database);
    assert!(server.good("session.start", &start).is_string());
    assert_eq!(server.good("session.get", &json!({ "ks": session }))["partnerId"], 300);
}

#[test]
fn the_key_of_a_file_is_rotated_although_it_is_killed_in_between() {
    let folder = tempfile::tempdir().expect("a folder");
    a_rotation(folder.path(), &sqlite(folder.path(), "ks.db"));
}

#[test]
fn the_key_of_a_postgresql_database_is_rotated_although_it_is_killed_in_between() {
    let cluster = Cluster::start(Durability::None).expect("a cluster");
    let folder = tempfile::tempdir().expect("a folder");
    a_rotation(folder.path(), &cluster.database().expect("a database"));
}

#[test]
fn a_node_that_has_not_the_new_key_is_named_and_waited_for() {
    let cluster = Cluster::start(Durability::None).expect("a cluster");
    let (here, there) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let database = cluster.database().expect("a database");
    let one = serve(here.path(), &database);
    let copy = || std::fs::copy(here.path().join("ks.key"), there.path().join("ks.key")).expect("a key");
    let _ = copy();
    let words = ["serve", "--listen", "127.0.0.1:0", "--node-name", "far-away"];
    let two = Server::start(&mut command(there.path(), &database, &words));

    let refused = on(here.path(), &database, &["secret-key", "rotate"]);
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    assert!(refused.err.contains("is not known yet to far-away"), "{refused:?}");
    let _ = copy();
    let done = on(here.path(), &database, &["secret-key", "rotate"]).json();
    assert_eq!(done["renewed"], 2, "{done}");
    let start = json!({"secret": one.told("adminSecret"), "partnerId": one.partner(), "type": 2});
    assert!(two.good("session.start", &start).is_string());
}
