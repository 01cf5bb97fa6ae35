//! A primary of PostgreSQL that goes away under two nodes, and a replica that takes its place.

use std::time::{Duration, Instant};

use ks_test_cluster::{Cluster, Durability};
use ks_tests::scale::count;
use ks_tests::server::Server;

use crate::history::record::Recorder;
use crate::history::{faults, hold, row};
use crate::nodes::node;

/// How a primary goes away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Its process ends, and whoever asks it is refused at once.
    Killed,
    /// It stands still: nobody gets an answer.
    Silent,
}

/// One failover; a row of the table.
fn fail_over(end: End) -> String {
    let mut primary = Cluster::start(Durability::Full).expect("a cluster");
    let database = primary.database().expect("a database");
    let replica = primary.replica().expect("a replica");
    primary.wait_for_replicas().expect("a replica that follows");
    let (url, _) = database.split_once('?').expect("a URL with a socket");
    let sockets = format!("{},{}", primary.socket().display(), replica.socket().display());
    let url = format!("{url}?host={sockets}&target_session_attrs=primary");
    let folder = tempfile::tempdir().expect("a folder");
    let nodes: Vec<Server> = (0..2).map(|_| node(folder.path(), &url)).collect();

    let recorder = Recorder::new(&nodes);
    let (mut promoted, mut resumed) = (Duration::ZERO, Duration::ZERO);
    let history = recorder.run(|recorder| {
        recorder.wait_for_writes();
        std::thread::sleep(Duration::from_millis(500));
        let since = Instant::now();
        match end {
            End::Killed => primary.kill(),
            End::Silent => primary.pause(),
        }
        replica.promote().expect("a primary");
        promoted = since.elapsed();
        recorder.wait_for_writes();
        resumed = since.elapsed();
        // What was silent speaks again, and says that it takes changes: it is not believed.
        primary.go_on();
        std::thread::sleep(Duration::from_millis(500));
        recorder.wait_for_writes();
    });
    hold(&history, 100);
    format!(
        "| {end:?} | {:.2} s | {:.2} s | {} | {} |\n",
        promoted.as_secs_f64(),
        resumed.as_secs_f64(),
        row(&history),
        faults(&history).len()
    )
}

#[test]
fn a_replica_takes_the_place_of_its_primary() {
    let mut table = String::new();
    for number in 0..count(1, 8) {
        table.push_str(&fail_over(if number % 2 == 0 { End::Killed } else { End::Silent }));
    }
    ks_tests::report::write(
        "failover.md",
        &format!(
            "# A replica takes the place of its primary\n\nTwo nodes on a primary and a synchronous replica, named by one URL \
             (`host=A,B`), under the load of six clients. The primary is killed, or stands still, and the replica is promoted \
             at once; what stood still goes on afterwards, and still says that it takes changes. What clients saw is held against the sequential model (`tests/api/history/check.rs`): no acknowledged \
             change is lost, no session is accepted later than 2 seconds after its end was acknowledged, no limit is \
             exceeded.\n\nPromoted: since the primary went away, until `pg_promote` had answered. Writes resumed: since it \
             went away, until both nodes had acknowledged a change that was asked for after the promotion.\n\n| primary | \
             promoted | writes resumed | calls | done | refused | unknown | slowest answer | what cannot have been |\n\
             |---|---|---|---|---|---|---|---|---|\n{table}"
        ),
    );
}
