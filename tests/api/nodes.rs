//! Several nodes on one PostgreSQL database.

use std::path::Path;
use std::time::{Duration, Instant};

use ks_test_cluster::{Cluster, Durability};
use ks_tests::call::refused;
use ks_tests::server::{Server, ks};
use serde_json::{Value, json};

/// A node; all share the key file in the folder.
pub(crate) fn node(folder: &Path, database: &str) -> Server {
    Server::start(
        ks().args(["serve", "--listen", "127.0.0.1:0", "--json", "--database", database, "--key-file"])
            .arg(folder.join("ks.key")),
    )
}

/// Asks until the answer is as wanted; a test that waits for ever is ended.
fn until(server: &Server, name: &str, params: &Value, wanted: impl Fn(&Value) -> bool) -> Duration {
    let since = Instant::now();
    while !wanted(&server.call(name, params)) {
        std::thread::sleep(Duration::from_millis(5));
    }
    since.elapsed()
}

fn is_error(answer: &Value) -> bool {
    answer["objectType"] == "KalturaAPIException"
}

fn is_logged_out(answer: &Value) -> bool {
    answer["args"]["KSID"] == "LOGOUT"
}

#[test]
fn what_one_node_does_counts_on_the_other() {
    let cluster = Cluster::start(Durability::None).expect("a cluster");
    let (folder, database) = (tempfile::tempdir().expect("a folder"), cluster.database().expect("a database"));
    let (one, two) = (node(folder.path(), &database), node(folder.path(), &database));
    let partner = one.partner();
    let (admin, get) = (one.start_ks(2, "ops", ""), |ks: &str| json!({ "ks": ks }));
    assert_eq!(two.good("session.get", &get(&admin))["partnerId"], partner);

    // An end on one is an end on all.
    let ended = one.start_ks(2, "somebody", "");
    let _ = two.good("session.get", &get(&ended));
    let _ = one.call("session.end", &get(&ended));
    assert_eq!(one.fault("session.get", &get(&ended)), refused("LOGOUT"));
    until(&two, "session.get", &get(&ended), is_logged_out);
    assert_eq!(two.fault("session.get", &get(&ended)), refused("LOGOUT"));

    // A secret that is added on one signs on the other; one that is disabled does no more.
    let added = two.good("ks_secret.add", &json!({"ks": admin, "kind": 2}));
    let secret = added["value"].as_str().expect("a secret").to_owned();
    let start = json!({"secret": secret, "partnerId": partner, "type": 2, "userId": "ops"});
    until(&one, "session.start", &start, Value::is_string);
    let signed = one.good("session.start", &start);
    let _ = one.good("ks_secret.disable", &json!({"ks": admin, "id": added["id"]}));
    until(&two, "session.get", &json!({ "ks": signed }), is_error);

    // A limit is exact, whoever counts.
    let limited = one.start_ks(2, "few", "actionslimit:7");
    let uses = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..8)
            .map(|number| {
                let (server, limited) = (if number % 2 == 0 { &one } else { &two }, &limited);
                scope.spawn(move || (0..4).filter(|_| !is_error(&server.call("session.get", &get(limited)))).count())
            })
            .collect();
        clients.into_iter().map(|client| client.join().expect("a client")).sum::<usize>()
    });
    assert_eq!(uses, 7);

    // A user who is blocked on one is nobody on the other.
    let user = json!({"objectType": "KalturaUser", "id": "ann"});
    let _ = one.good("user.add", &json!({"ks": admin, "user": user}));
    let hers = one.start_ks(2, "ann", "");
    let _ = two.good("session.get", &get(&hers));
    let blocked = json!({"ks": admin, "userId": "ann", "user": {"objectType": "KalturaUser", "status": 0}});
    let _ = one.good("user.update", &blocked);
    until(&two, "session.get", &get(&hers), is_error);
}

#[test]
fn a_node_that_dies_takes_nothing_along_and_none_believes_what_it_cannot_check() {
    let mut cluster = Cluster::start(Durability::Full).expect("a cluster");
    let (folder, database) = (tempfile::tempdir().expect("a folder"), cluster.database().expect("a database"));
    let (mut one, two) = (node(folder.path(), &database), node(folder.path(), &database));
    let kept = one.start_ks(2, "ops", "");
    let ended = one.start_ks(2, "somebody", "");
    let _ = one.call("session.end", &json!({ "ks": ended }));
    one.kill();
    until(&two, "session.get", &json!({ "ks": ended }), is_logged_out);
    let _ = two.good("session.get", &json!({ "ks": kept }));

    // Without the database nobody is let in for longer than memory may be believed, and afterwards all is as before.
    cluster.kill();
    until(&two, "session.get", &json!({ "ks": kept }), is_error);
    cluster.resume().expect("the same cluster");
    until(&two, "session.get", &json!({ "ks": kept }), |answer| !is_error(answer));
    assert_eq!(two.fault("session.get", &json!({ "ks": ended })), refused("LOGOUT"));
    // The first change after an outage may be the one that finds its connection gone.
    until(&two, "session.end", &json!({ "ks": kept }), |answer| !is_error(answer) || is_logged_out(answer));
    assert_eq!(two.fault("session.get", &json!({ "ks": kept })), refused("LOGOUT"));
}
