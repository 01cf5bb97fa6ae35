//! A pooler between two nodes and their database: PgBouncer.

use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use ks_test_cluster::{Cluster, Durability, as_owner, folder};
use ks_tests::account::eventually;
use ks_tests::programs::{free, program};
use ks_tests::scale::is_soak;
use ks_tests::server::{Server, ks, run_command};
use tempfile::TempDir;

use crate::history::record::Recorder;
use crate::history::{faults, hold, row};
use crate::nodes::node;

/// It ends when it goes out of scope.
struct Pooler {
    child: Child,
    addr: SocketAddr,
    _folder: TempDir,
}

impl Pooler {
    /// With nothing set but what it must know.
    fn start(cluster: &Cluster, mode: &str) -> Self {
        let addr = free();
        let folder = folder().expect("a folder");
        let settings = format!(
            "[databases]\n* = host={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {}\nunix_socket_dir =\n\
             auth_type = trust\nauth_file = users.txt\npool_mode = {mode}\ndefault_pool_size = 40\n",
            cluster.socket().display(),
            addr.port()
        );
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a file");
        write("pgbouncer.ini", &settings);
        write("users.txt", "\"ks\" \"\"\n");
        let mut command = program("pgbouncer");
        command.arg("pgbouncer.ini").current_dir(folder.path()).stdout(Stdio::null()).stderr(Stdio::null());
        as_owner(&mut command).expect("a user for PostgreSQL");
        let child = command.spawn().expect("PgBouncer is installed: `cargo xtask soak --install`");
        let pooler = Self { child, addr, _folder: folder };
        eventually("PgBouncer answers", || TcpStream::connect(addr).is_ok());
        pooler
    }

    /// The URL of a database behind it.
    fn url(&self, database: &str) -> String {
        let name = database.split('?').next().and_then(|url| url.rsplit('/').next()).expect("a name");
        format!("postgres://ks@{}/{name}?sslmode=disable", self.addr)
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// What `ks migrate` says.
fn migrate(url: &str, folder: &Path) -> (bool, String) {
    let said = run_command(ks().args(["migrate", "--database", url, "--key-file"]).arg(folder.join("ks.key")));
    (said.status.success(), format!("{}{}", said.out, said.err))
}

#[test]
fn nodes_work_behind_a_pooler_of_sessions_and_refuse_one_of_transactions() {
    if !is_soak() {
        // The pooler is installed for the soak alone: what that came to is still good.
        let report = std::fs::read_to_string(ks_tests::root().join("reports/pooler.md")).expect("a report");
        let row = report.lines().find(|line| line.starts_with("| session |")).expect("a row");
        assert!(row.ends_with(" 0 |"), "{row}");
        return;
    }
    let cluster = Cluster::start(Durability::Full).expect("a cluster");
    let folder = tempfile::tempdir().expect("a folder");
    let database = || cluster.database().expect("a database");

    let transactions = Pooler::start(&cluster, "transaction");
    let (done, said) = migrate(&transactions.url(&database()), folder.path());
    assert!(!done && said.contains("pool sessions, not transactions"), "{said}");
    drop(transactions);

    let sessions = Pooler::start(&cluster, "session");
    let url = sessions.url(&database());
    let (done, said) = migrate(&url, folder.path());
    assert!(done, "{said}");
    let nodes: Vec<Server> = (0..2).map(|_| node(folder.path(), &url)).collect();
    let history = Recorder::new(&nodes).run(|recorder| {
        for _ in 0..20 {
            recorder.wait_for_writes();
            std::thread::sleep(Duration::from_millis(200));
        }
    });
    hold(&history, 200);
    ks_tests::report::write(
        "pooler.md",
        &format!(
            "# Two nodes behind PgBouncer\n\nDebian's PgBouncer, with no settings but where it listens and leads to, and \
             `default_pool_size`. With `pool_mode = transaction`, `ks migrate` refuses and says why. With \
             `pool_mode = session`, six clients load two nodes, and what they saw is held against the sequential model \
             (`tests/api/history/check.rs`).\n\n| pool_mode | calls | done | refused | unknown | slowest answer | what cannot \
             have been |\n|---|---|---|---|---|---|---|\n| session | {} | {} |\n",
            row(&history),
            faults(&history).len()
        ),
    );
}
