//! Patroni in front of PostgreSQL: it decides who the primary is, and two nodes follow.

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use ks_tests::patroni::{Haproxy, Patroni, settings};
use ks_tests::scale::is_soak;
use ks_tests::server::Server;

use crate::history::record::Recorder;
use crate::history::{faults, hold, row, standstill};
use crate::nodes::node;

/// How often each scene is played.
const ROUNDS: usize = 2;

/// What happens to the server that leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scene {
    /// `patronictl switchover`.
    Switchover,
    /// Its machine is gone: Patroni and PostgreSQL end without a farewell.
    Killed,
    /// PostgreSQL alone ends without a farewell.
    Crashed,
    /// Its Patroni cannot reach etcd.
    CutOff,
    /// Its Patroni stands still, so that nobody tells PostgreSQL that another one leads.
    Hung,
}

impl Scene {
    const ALL: [Self; 5] = [Self::Switchover, Self::Killed, Self::Crashed, Self::CutOff, Self::Hung];

    fn text(self) -> &'static str {
        match self {
            Self::Switchover => "`patronictl switchover`",
            Self::Killed => "Patroni and PostgreSQL killed",
            Self::Crashed => "PostgreSQL killed, Patroni goes on",
            Self::CutOff => "Patroni cut off from etcd",
            Self::Hung => "Patroni stopped, PostgreSQL goes on",
        }
    }
}

/// One scene; a row of the table.
fn play(patroni: &mut Patroni, scene: Scene, behind: Option<SocketAddr>) -> String {
    let url = patroni.database(behind);
    let database = url.split('?').next().and_then(|url| url.rsplit('/').next()).expect("a name").to_owned();
    let folder = tempfile::tempdir().expect("a folder");
    let nodes: Vec<Server> = (0..2).map(|_| node(folder.path(), &url)).collect();
    let leader = patroni.leader().expect("a leader");

    let recorder = Recorder::new(&nodes);
    let (mut another, mut resumed, mut well) = (None, Duration::ZERO, Duration::ZERO);
    let mut leads_again = false;
    let history = recorder.run(|recorder| {
        recorder.wait_for_writes();
        std::thread::sleep(Duration::from_millis(500));
        let since = Instant::now();
        match scene {
            Scene::Switchover => patroni.switch_over(leader, 1 - leader),
            Scene::Killed => patroni.kill(leader),
            Scene::Crashed => patroni.crash(leader),
            Scene::CutOff => patroni.way_to_etcd(leader).cut(),
            Scene::Hung => patroni.pause(leader),
        }
        // Where Patroni is left, it may start PostgreSQL again in its place.
        if scene != Scene::Crashed {
            patroni.wait_until_another_leads(leader);
            another = Some(since.elapsed());
        }
        recorder.wait_for_writes();
        resumed = since.elapsed();
        if scene == Scene::Hung {
            // Two servers say that they take changes, and nobody has told the old one.
            std::thread::sleep(Duration::from_secs(5));
            recorder.wait_for_writes();
        }
        match scene {
            Scene::Switchover | Scene::Crashed => {}
            Scene::Killed => patroni.begin(leader),
            Scene::CutOff => patroni.way_to_etcd(leader).mend(),
            Scene::Hung => patroni.go_on(leader),
        }
        let since = Instant::now();
        patroni.wait_until_well();
        well = since.elapsed();
        recorder.wait_for_writes();
        leads_again = patroni.leader() == Some(leader);
        if !leads_again {
            is_left_alone(patroni, leader, &database);
        }
    });
    hold(&history, 100);
    let seconds = |time: Duration| format!("{:.1} s", time.as_secs_f64());
    format!(
        "| {}{} | {} | {} | {} | {} | {} | {} |\n",
        scene.text(),
        if behind.is_some() { ", nodes behind HAProxy" } else { "" },
        another.map_or_else(|| if leads_again { "the same" } else { "yes" }.to_owned(), seconds),
        seconds(standstill(&history)),
        seconds(resumed),
        seconds(well),
        row(&history),
        faults(&history).len()
    )
}

/// Whoever led before follows now, and nodes ask it nothing but whether it leads.
fn is_left_alone(patroni: &Patroni, member: usize, database: &str) {
    assert_eq!(patroni.sql_on(member, database, "SELECT pg_is_in_recovery()").trim(), "t");
    let asked = "SELECT query FROM pg_stat_activity WHERE application_name = 'ks' AND datname = current_database()";
    for query in patroni.sql_on(member, database, asked).lines() {
        assert!(query.starts_with("SELECT CASE WHEN pg_is_in_recovery()"), "{query}");
    }
}

const INTRODUCTION: &str = "# Patroni promotes, and two nodes follow\n\n\
    One etcd, and two PostgreSQL servers that Patroni keeps, with the settings of \
    [docs/examples/patroni.yml](../docs/examples/patroni.yml) (`synchronous_mode`, `ttl` 20, `loop_wait` 5): in each \
    scene something happens to the server that leads, while six clients load two nodes that name both servers in \
    their URL, or one address of HAProxy ([docs/examples/haproxy-patroni.cfg](../docs/examples/haproxy-patroni.cfg)). \
    Then the old leader comes back, and must be asked for nothing but whether it leads. What clients saw is held \
    against the sequential model (`tests/api/history/check.rs`): no acknowledged change is lost, no session is \
    accepted later than 2 seconds after its end was acknowledged, no limit is exceeded.\n\n\
    Another leads: since the event, until Patroni said so; or that the same one leads again. No write: the longest \
    time in which no change was acknowledged. Writes on both: since the event, until both nodes had acknowledged a \
    change that was asked for after the other one led. Well again: since the old leader could come back, until it \
    followed the new one and held all that is acknowledged (`pg_rewind` where needed).\n\n\
    | what happened | another leads | no write | writes on both | well again | calls | done | refused | unknown | \
    slowest answer | what cannot have been |\n|---|---|---|---|---|---|---|---|---|---|---|\n";

#[test]
fn patroni_promotes_and_nodes_follow() {
    if !is_soak() {
        // It takes minutes, most of them for leases to run out, and programs that nothing else needs. What nodes do when
        // another server leads is held in `failover.rs` and in the store's own tests; here, that the example of the
        // documentation has what the soak puts ports and folders into.
        let at = |port| SocketAddr::from(([127, 0, 0, 1], port));
        let ours = settings("one", Path::new("/here"), at(1), at(2), at(3));
        for line in ["name: one", "  listen: 127.0.0.1:1", "  listen: 127.0.0.1:2", "  data_dir: /here/data"] {
            assert!(ours.lines().any(|there| there == line), "{line}: {ours}");
        }
        return;
    }
    let mut patroni = Patroni::start();
    let haproxy = Haproxy::start(&patroni);
    let behind = [Scene::Switchover, Scene::Killed, Scene::Hung].map(|scene| (scene, Some(haproxy.addr)));
    let scenes = std::iter::repeat_n(Scene::ALL, ROUNDS).flatten().map(|scene| (scene, None));
    let table: String =
        behind.into_iter().chain(scenes).map(|(scene, behind)| play(&mut patroni, scene, behind)).collect();
    ks_tests::report::write("patroni.md", &format!("{INTRODUCTION}{table}"));
}
