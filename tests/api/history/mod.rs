//! Two nodes on one database that is killed, paused and cut off: what clients saw of counters, revocations and users
//! could have been the work of one machine that never failed.

mod check;
pub(crate) mod record;

use std::time::Duration;

use ks_test_cluster::{Cluster, Durability};
use ks_tests::proxy::Proxy;
use ks_tests::scale::count;
use ks_tests::server::Server;

use self::check::{Event, Outcome, Wish};
use self::record::{LIMIT, Recorder};

/// Fails when a history cannot have been, or when too little happened in it.
#[track_caller]
pub(crate) fn hold(history: &[Event], least: usize) {
    assert_eq!(faults(history), [""; 0]);
    let done = history.iter().filter(|event| event.outcome == Outcome::Done).count();
    assert!(done >= least, "only {done} of {} calls were answered", history.len());
}

/// What cannot have been.
pub(crate) fn faults(history: &[Event]) -> Vec<String> {
    check::faults(history, LIMIT)
}

/// A row of a table: how many calls there were, and what came of them.
pub(crate) fn row(history: &[Event]) -> String {
    let of = |outcome| history.iter().filter(|event| event.outcome == outcome).count();
    let slowest = history.iter().map(|event| event.answered - event.asked).max().unwrap_or_default();
    format!(
        "{} | {} | {} | {} | {:.1} s",
        history.len(),
        of(Outcome::Done),
        of(Outcome::Refused),
        of(Outcome::Unknown),
        slowest.as_secs_f64()
    )
}

/// The longest time in which no change was acknowledged.
pub(crate) fn standstill(history: &[Event]) -> Duration {
    let changes = history.iter().filter(|event| matches!(event.wish, Wish::Add(_) | Wish::End(_)));
    let mut done: Vec<Duration> =
        changes.filter(|event| event.outcome == Outcome::Done).map(|event| event.answered).collect();
    done.sort();
    done.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or_default()
}

/// What happens to the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Trouble {
    /// It is killed, and started again.
    Killed,
    /// It stands still, all its processes, and goes on.
    Paused,
    /// One node cannot reach it.
    CutOff(usize),
}

fn make(trouble: Trouble, length: Duration, cluster: &mut Cluster, proxies: &[Proxy]) {
    match trouble {
        Trouble::Killed => {
            cluster.kill();
            std::thread::sleep(length);
            cluster.resume().expect("the same cluster");
        }
        Trouble::Paused => {
            cluster.pause();
            std::thread::sleep(length);
            cluster.go_on();
        }
        Trouble::CutOff(node) => {
            proxies[node].cut();
            std::thread::sleep(length);
            proxies[node].mend();
        }
    }
}

#[test]
fn two_nodes_are_like_one_whatever_happens_to_the_database() {
    let mut cluster = Cluster::start(Durability::Full).expect("a cluster");
    let folder = tempfile::tempdir().expect("a folder");
    let database = cluster.database().expect("a database");
    let name = database.split('?').next().and_then(|url| url.rsplit('/').next()).unwrap_or_default();
    let proxies = [0, 1].map(|_| Proxy::to(&cluster.socket().join(".s.PGSQL.5432")));
    let nodes: Vec<Server> = proxies
        .iter()
        .map(|proxy| {
            let url = format!("postgres://ks@{}/{name}?sslmode=disable", proxy.addr);
            crate::nodes::node(folder.path(), &url)
        })
        .collect();

    let recorder = Recorder::new(&nodes);
    let troubles = [Trouble::CutOff(1), Trouble::Killed, Trouble::Paused, Trouble::CutOff(0)];
    let lengths = [700, 2600, 1500, 3300, 300].map(Duration::from_millis);
    let mut happened = std::collections::BTreeMap::new();
    let history = recorder.run(|recorder| {
        for number in 0..count(3, 80) {
            recorder.wait_for_writes();
            std::thread::sleep(Duration::from_millis(300));
            let trouble = troubles[number % troubles.len()];
            make(trouble, lengths[number % lengths.len()], &mut cluster, &proxies);
            *happened.entry(trouble).or_insert(0) += 1;
        }
        recorder.wait_for_writes();
    });
    let happened: Vec<String> = happened.iter().map(|(trouble, times)| format!("{times} × {trouble:?}")).collect();
    ks_tests::report::write(
        "history.md",
        &format!(
            "# What clients of two nodes saw\n\nSix clients of two nodes use limited sessions, end sessions, use ended ones, \
             add users and look for them, while PostgreSQL is killed, paused (all its processes) and cut off from one node, \
             for 0.3 to 3.3 seconds each: {}. The recorded history is held against the sequential model \
             (`tests/api/history/check.rs`): no limit is exceeded, no use is lost; what was ended is ended, at once on the \
             node that knows and within 2 seconds on the other; what was acknowledged is there. A call without an answer may \
             have happened or not.\n\n| calls | done | refused | unknown | slowest answer | what cannot have been |\n\
             |---|---|---|---|---|---|\n| {} | {} |\n",
            happened.join(", "),
            row(&history),
            faults(&history).len()
        ),
    );
    hold(&history, 200);
}
