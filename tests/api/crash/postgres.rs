//! The same of nodes on PostgreSQL, and of PostgreSQL itself.

use std::path::Path;
use std::time::Duration;

use ks_test_cluster::{Cluster, Durability};
use ks_tests::scale::count;
use ks_tests::server::Server;

use super::INTRODUCTION;
use crate::history::record::Recorder;
use crate::history::{faults, hold, row};
use crate::nodes::node;

/// Kills a node, waits, and starts it again.
fn kill_node(nodes: &mut [Server], which: usize, folder: &Path, database: &str, recorder: &Recorder, wait: Duration) {
    nodes[which].kill();
    std::thread::sleep(wait);
    nodes[which] = node(folder, database);
    recorder.moved(which, nodes[which].addr);
}

#[test]
fn nothing_acknowledged_is_lost_when_nodes_and_their_database_are_killed() {
    let mut cluster = Cluster::start(Durability::Full).expect("a cluster");
    let (folder, database) = (tempfile::tempdir().expect("a folder"), cluster.database().expect("a database"));
    let mut nodes: Vec<Server> = (0..2).map(|_| node(folder.path(), &database)).collect();
    let recorder = Recorder::new(&nodes);
    // One kill in eleven is PostgreSQL's.
    let (of_nodes, of_database) = (count(2, 200), count(1, 20));
    let every = of_nodes / of_database;
    let history = recorder.run(|recorder| {
        for number in 0..of_nodes {
            let moment = Duration::from_millis(u64::try_from(number * 13 % 97).expect("small"));
            recorder.wait_for_writes();
            std::thread::sleep(moment);
            kill_node(&mut nodes, number % 2, folder.path(), &database, recorder, moment * 5);
            if number % every == every - 1 {
                recorder.wait_for_writes();
                std::thread::sleep(moment);
                cluster.kill();
                std::thread::sleep(moment * 5);
                cluster.resume().expect("the same cluster");
            }
        }
        recorder.wait_for_writes();
    });
    let report = format!(
        "## PostgreSQL\n\nSix clients of two nodes use limited sessions, end sessions, use ended ones, add users and look for \
         them, while {of_nodes} times a node is killed (SIGKILL) and started again, and {of_database} times PostgreSQL. \
         Afterwards everything is looked for once more on both nodes. The recorded history is held against the sequential \
         model (`tests/api/history/check.rs`): an acknowledged change is there, no limit is exceeded, nobody enters with \
         an ended session later than 2 seconds after its end was acknowledged.\n\n| calls | done | refused | unknown | slowest \
         answer | what cannot have been |\n|---|---|---|---|---|---|\n| {} | {} |\n",
        row(&history),
        faults(&history).len()
    );
    ks_tests::report::part("crash.md", INTRODUCTION, "PostgreSQL", &report);
    hold(&history, 100);
}
