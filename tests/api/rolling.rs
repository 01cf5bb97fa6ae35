//! What a balancer sees: readiness that tells the truth, and nodes that are replaced one after the other without a
//! request that fails.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use ks_test_cluster::{Cluster, Durability};
use ks_tests::account::eventually;
use ks_tests::balancer::Balancer;
use ks_tests::call::path;
use ks_tests::http::{Request, Response};
use ks_tests::scale;
use ks_tests::server::{Server, ks};
use serde_json::{Value, json};

/// A node; all share the key file in the folder.
fn node(folder: &Path, database: &str, drain: &str) -> Server {
    Server::start(
        ks().args(["serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--json", "--drain", drain])
            .args(["--database", database, "--key-file"])
            .arg(folder.join("ks.key")),
    )
}

fn admin(server: &Server, target: &str) -> Response {
    let to: SocketAddr = server.told("adminUrl").trim_start_matches("http://").parse().expect("an address");
    Request::get(target).send(to).unwrap_or_else(|error| panic!("{target}: {error}\n{}", server.said()))
}

/// Asks a process to end, and does not wait for it.
fn ask_to_end(server: &Server) {
    let asked = Command::new("kill").args(["-TERM", &server.id().to_string()]).status();
    assert!(asked.is_ok_and(|status| status.success()), "the server can be asked to end");
}

fn call(name: &str, params: &Value) -> Request {
    let mut params = params.clone();
    params["format"] = json!(1);
    Request::post(&path(name), "application/json", params.to_string())
}

#[test]
fn two_nodes_are_replaced_one_after_the_other_and_no_request_fails() {
    let cluster = Cluster::start(Durability::None).expect("a cluster");
    let (folder, database) = (tempfile::tempdir().expect("a folder"), cluster.database().expect("a database"));
    let start = || node(folder.path(), &database, "3");
    let balancer = Balancer::start(2);
    let first = start();
    let ks = first.start_ks(2, "ops", "");
    let mut nodes = [first, start()];
    for (place, node) in nodes.iter().enumerate() {
        balancer.put(place, node);
        eventually("a node is ready", || balancer.is_ready(place));
    }
    let (done, answered) = (AtomicBool::new(false), AtomicUsize::new(0));
    let (done, answered, ks) = (&done, &answered, ks.as_str());
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..4)
            .map(|client| {
                scope.spawn(move || {
                    let mut added = Vec::new();
                    for number in 0.. {
                        if done.load(Ordering::Relaxed) {
                            break;
                        }
                        // Reads and writes in turn.
                        let (name, params) = if number % 2 == 0 {
                            ("session.get", json!({ "ks": ks }))
                        } else {
                            let id = format!("user{client}x{number}");
                            added.push(id.clone());
                            ("user.add", json!({"ks": ks, "user": {"objectType": "KalturaUser", "id": id}}))
                        };
                        let response = call(name, &params).send(balancer.addr);
                        let response = response.unwrap_or_else(|error| panic!("{name}: {error}"));
                        assert_eq!(response.status, 200, "{name}: {:?}", response.text());
                        assert_ne!(response.json()["objectType"], "KalturaAPIException", "{name}: {}", response.text());
                        answered.fetch_add(1, Ordering::Relaxed);
                    }
                    added
                })
            })
            .collect();
        // Work goes on between any two steps.
        let some_more = || {
            let before = answered.load(Ordering::Relaxed);
            eventually("more is answered", || {
                answered.load(Ordering::Relaxed) > before + 20
                    || clients.iter().any(std::thread::ScopedJoinHandle::is_finished)
            });
        };
        some_more();
        for _ in 0..scale::count(1, 20) {
            for (place, node) in nodes.iter_mut().enumerate() {
                assert!(node.terminate().success(), "{}", node.said());
                some_more();
                *node = start();
                balancer.put(place, node);
                eventually("the new node is ready", || balancer.is_ready(place));
                some_more();
            }
        }
        done.store(true, Ordering::Relaxed);
        let added: Vec<String> = clients.into_iter().flat_map(|client| client.join().expect("no failure")).collect();
        assert!(added.len() > 20);
        // What was acknowledged is there, whichever node said so.
        for id in &added {
            let user = nodes[1].good("user.get", &json!({"ks": ks, "userId": id}));
            assert_eq!(user["id"], json!(id));
        }
    });
    println!("{} requests were answered while both nodes were replaced", answered.load(Ordering::Relaxed));
}

#[test]
fn a_node_that_is_about_to_stop_says_so_and_goes_on_for_a_while() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let mut command = Server::serve_command(data.path());
    let server = Server::start(command.args(["--admin-listen", "127.0.0.1:0", "--drain", "600"]));
    let ks = server.admin_ks();
    eventually("it is ready", || admin(&server, "/readyz").status == 200);
    assert_eq!(admin(&server, "/healthz").status, 200);
    let get = || server.send(&call("session.get", &json!({ "ks": ks })));
    ask_to_end(&server);
    eventually("it says that it stops", || admin(&server, "/readyz").status == 503);
    assert_eq!(admin(&server, "/readyz").text(), "not ready: stopping\n");
    assert_eq!(admin(&server, "/healthz").status, 200, "it need not be killed");
    let response = get();
    assert_eq!(response.json()["userId"], "admin");
    assert_eq!(response.header("Connection"), Some("close"));
    // Who does not want to wait asks again.
    ask_to_end(&server);
    eventually("it has ended", || std::net::TcpStream::connect(server.addr).is_err());
}

#[test]
fn a_node_that_lost_its_database_is_alive_and_not_ready() {
    let mut cluster = Cluster::start(Durability::Full).expect("a cluster");
    let (folder, database) = (tempfile::tempdir().expect("a folder"), cluster.database().expect("a database"));
    let server = node(folder.path(), &database, "0");
    eventually("it is ready", || admin(&server, "/readyz").status == 200);
    cluster.kill();
    eventually("it is not ready", || admin(&server, "/readyz").status == 503);
    assert_eq!(admin(&server, "/readyz").text(), "not ready\n");
    assert_eq!(admin(&server, "/healthz").status, 200);
    let metrics = admin(&server, "/metrics").text();
    eventually("its memory is not believed", || {
        admin(&server, "/metrics").text().contains("\nks_change_log_fresh 0.0\n")
    });
    assert!(metrics.contains("ks_change_log_behind_seconds"), "{metrics}");
    cluster.resume().expect("the same cluster");
    eventually("it is ready again", || admin(&server, "/readyz").status == 200);
    eventually("its memory is believed", || admin(&server, "/metrics").text().contains("\nks_change_log_fresh 1.0\n"));
}

#[test]
fn a_node_that_cannot_open_its_database_yet_is_alive_and_not_ready() {
    let mut cluster = Cluster::start(Durability::Full).expect("a cluster");
    let (folder, database) = (tempfile::tempdir().expect("a folder"), cluster.database().expect("a database"));
    // Stopped in the middle of everything, it takes connections and never answers.
    let signal = |name: &str, id: u32| {
        let sent = Command::new("kill").args([name, &id.to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()), "{name}");
    };
    let free = ks_tests::programs::free();
    signal("-STOP", cluster.id());
    let (folder, database) = (folder.path(), database.as_str());
    let server = std::thread::scope(|scope| {
        let starting = scope.spawn(move || {
            Server::start(
                ks().args(["serve", "--listen", "127.0.0.1:0", "--json", "--admin-listen", &free.to_string()])
                    .args(["--database", database, "--key-file"])
                    .arg(folder.join("ks.key")),
            )
        });
        let ask = |target: &str| Request::get(target).send(free).map(|answer| (answer.status, answer.text()));
        eventually("it is alive", || ask("/healthz").is_ok_and(|(status, _)| status == 200));
        let ready = ask("/readyz").expect("an answer");
        signal("-CONT", cluster.id());
        assert_eq!(ready, (503, "not ready: starting\n".to_owned()));
        starting.join().expect("a server")
    });
    eventually("it is ready", || admin(&server, "/readyz").status == 200);
    drop(server);
    cluster.kill();
}
