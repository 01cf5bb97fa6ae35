//! Patroni: etcd, and members that each keep a PostgreSQL server, in a folder of their own on free loopback ports. The
//! settings are the example of the documentation. `cargo xtask soak` installs what it takes.

use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use ks_test_cluster::{as_owner, binaries, folder};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::http::Request;
use crate::programs::{free, program};
use crate::proxy::Proxy;
use crate::server::run_command;

const SUPERUSER: &str = "SUPERUSER-PASSWORD";
/// The role that owns the databases of `ks`.
const ROLE: &str = "ks";
const PASSWORD: &str = "ks-password";
/// How long anything may take.
const PATIENCE: Duration = Duration::from_mins(4);

/// A running cluster. It is ended when it goes out of scope.
#[derive(Debug)]
pub struct Patroni {
    members: Vec<Member>,
    etcd: Child,
    databases: usize,
    folder: TempDir,
}

#[derive(Debug)]
struct Member {
    name: String,
    folder: PathBuf,
    /// Where Patroni answers.
    api: SocketAddr,
    /// Where PostgreSQL answers.
    database: SocketAddr,
    /// Its way to etcd.
    etcd: Proxy,
    agent: Option<Child>,
    is_paused: bool,
}

/// The settings of a member: those of the documentation's example, on other ports and in other folders.
///
/// # Panics
///
/// When the example is not what this takes it for.
#[must_use]
pub fn settings(name: &str, folder: &Path, api: SocketAddr, database: SocketAddr, etcd: SocketAddr) -> String {
    let mut text = example("patroni.yml");
    let bin = binaries().expect("PostgreSQL is installed");
    let ours = [
        ("name: db1", format!("name: {name}")),
        ("10.0.0.11:8008", api.to_string()),
        ("10.0.0.11:5432", database.to_string()),
        // Otherwise it would ask etcd for a way around the one that can be cut.
        ("10.0.0.21:2379,10.0.0.22:2379,10.0.0.23:2379", format!("{etcd}\n  use_proxies: true")),
        ("10.0.0.0/24", "127.0.0.1/32".to_owned()),
        ("/var/lib/postgresql/15/ks", folder.join("data").display().to_string()),
        ("/usr/lib/postgresql/15/bin", bin.display().to_string()),
        ("/var/lib/postgresql/patroni.pgpass", folder.join("pgpass").display().to_string()),
        ("/var/run/postgresql", folder.display().to_string()),
        // It would end this machine.
        ("mode: automatic", "mode: \"off\"".to_owned()),
    ];
    for (theirs, ours) in ours {
        assert!(text.contains(theirs), "the example has no {theirs}");
        text = text.replace(theirs, &ours);
    }
    let settings = || text.lines().filter(|line| !line.trim_start().starts_with('#'));
    assert!(settings().all(|line| !line.contains("10.0.0.") && !line.contains("/var/")), "{text}");
    text
}

fn example(name: &str) -> String {
    std::fs::read_to_string(crate::root().join("docs/examples").join(name)).expect("the example")
}

/// A program that writes into a log, as the user that PostgreSQL accepts.
fn start(command: &mut Command, folder: &Path, log: &str) -> Child {
    let log = File::options().create(true).append(true).open(folder.join(log)).expect("a log");
    as_owner(command).expect("a user for PostgreSQL");
    command.current_dir(folder).env("HOME", folder).stdin(Stdio::null());
    command.stdout(log.try_clone().expect("a log")).stderr(log);
    command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}: `cargo xtask soak --install` installs it"))
}

/// What a statement gives, or why it was refused.
fn psql(at: SocketAddr, database: &str, text: &str) -> Result<String, String> {
    let mut psql = Command::new(binaries()?.join("psql"));
    psql.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--username", "postgres"])
        .args(["--host", &at.ip().to_string(), "--port", &at.port().to_string(), "--dbname", database])
        .args(["--set", "ON_ERROR_STOP=1", "--command", text])
        .env("PGPASSWORD", SUPERUSER)
        .env("PGCONNECT_TIMEOUT", "5");
    let output = run_command(&mut psql);
    if output.status.success() { Ok(output.out) } else { Err(output.err) }
}

fn signal(signal: &str, id: u32) {
    // It may be gone.
    drop(Command::new("kill").args([signal, &id.to_string()]).stderr(Stdio::null()).status());
}

impl Patroni {
    /// Makes a cluster of two members, and waits until one follows the other.
    ///
    /// # Panics
    ///
    /// When it does not come to that.
    #[must_use]
    pub fn start() -> Self {
        let folder = folder().expect("a folder");
        let (clients, peers) = (free(), free());
        let mut etcd = program("etcd");
        etcd.args(["--name", "etcd", "--data-dir", "etcd", "--log-level", "warn"])
            .arg(format!("--listen-client-urls=http://{clients}"))
            .arg(format!("--advertise-client-urls=http://{clients}"))
            .arg(format!("--listen-peer-urls=http://{peers}"))
            .arg(format!("--initial-advertise-peer-urls=http://{peers}"))
            .arg(format!("--initial-cluster=etcd=http://{peers}"));
        let etcd = start(&mut etcd, folder.path(), "etcd.log");
        let member = |number: usize| {
            let name = format!("db{number}");
            let path = folder.path().join(&name);
            let made = run_command(as_owned(Command::new("mkdir").arg("-m700").arg(&path)));
            assert!(made.status.success(), "{made:?}");
            let (api, database, etcd) = (free(), free(), Proxy::to_port(clients));
            let settings = settings(&name, &path, api, database, etcd.addr);
            std::fs::write(path.join("patroni.yml"), settings).expect("a file");
            Member { name, folder: path, api, database, etcd, agent: None, is_paused: false }
        };
        let members = vec![member(1), member(2)];
        let mut patroni = Self { members, etcd, databases: 0, folder };
        // Patroni ends when it is asked before it knows its own version.
        patroni.wait("etcd", |_| {
            let version = Request::get("/version").send(clients).map(|answer| answer.json());
            version.is_ok_and(|version| version["etcdcluster"].as_str().is_some_and(|text| text != "not_decided"))
        });
        (0..patroni.members.len()).for_each(|member| patroni.begin(member));
        patroni.wait_until_well();
        patroni.sql("postgres", &format!("CREATE ROLE {ROLE} LOGIN PASSWORD '{PASSWORD}'"));
        patroni
    }

    /// Starts the Patroni of a member, which starts PostgreSQL.
    pub fn begin(&mut self, member: usize) {
        let member = &mut self.members[member];
        member.agent = Some(start(program("patroni").arg("patroni.yml"), &member.folder, "log"));
    }

    /// An empty database, and its URL that names both servers; or one behind this address.
    ///
    /// # Panics
    ///
    /// When PostgreSQL does not make it.
    #[must_use]
    pub fn database(&mut self, behind: Option<SocketAddr>) -> String {
        self.databases += 1;
        let name = format!("ks{}", self.databases);
        self.sql("postgres", &format!("CREATE DATABASE {name} OWNER {ROLE} ENCODING 'UTF8' TEMPLATE template0"));
        let all: Vec<String> = self.members.iter().map(|member| member.database.to_string()).collect();
        let (hosts, target) = match behind {
            Some(addr) => (addr.to_string(), ""),
            None => (all.join(","), "&target_session_attrs=primary"),
        };
        format!("postgres://{ROLE}:{PASSWORD}@{hosts}/{name}?sslmode=disable{target}")
    }

    /// What a statement gives on the leader.
    ///
    /// # Panics
    ///
    /// When PostgreSQL refuses it.
    pub fn sql(&self, database: &str, text: &str) -> String {
        self.sql_on(self.leader().expect("a leader"), database, text)
    }

    /// What a statement gives on a member.
    ///
    /// # Panics
    ///
    /// When PostgreSQL refuses it.
    #[must_use]
    pub fn sql_on(&self, member: usize, database: &str, text: &str) -> String {
        psql(self.members[member].database, database, text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    /// What Patroni says of its members; nothing while nobody answers.
    fn members(&self) -> Vec<Value> {
        let asked = self.members.iter().filter(|member| !member.is_paused && member.agent.is_some());
        let mut answers = asked.filter_map(|member| Request::get("/cluster").send(member.api).ok());
        let members = answers.next().map(|answer| answer.json()["members"].take());
        members.and_then(|members| members.as_array().cloned()).unwrap_or_default()
    }

    /// Which member leads.
    #[must_use]
    pub fn leader(&self) -> Option<usize> {
        let members = self.members();
        let leader = members.iter().find(|member| member["role"] == "leader" && member["state"] == "running")?;
        self.members.iter().position(|member| leader["name"] == json!(member.name))
    }

    /// Waits until another member than this one takes changes.
    ///
    /// # Panics
    ///
    /// When that takes too long.
    pub fn wait_until_another_leads(&self, member: usize) {
        // The lease comes first, and the promotion after it.
        let asked = "SELECT pg_is_in_recovery()";
        let leads = |leader: usize| psql(self.members[leader].database, "postgres", asked);
        self.wait("another leader", |patroni| {
            let another = patroni.leader().filter(|leader| *leader != member);
            another.is_some_and(|leader| leads(leader).is_ok_and(|answer| answer.trim() == "f"))
        });
    }

    /// Waits until one member leads and the other follows it and holds all that is acknowledged.
    ///
    /// # Panics
    ///
    /// When that takes too long.
    pub fn wait_until_well(&self) {
        self.wait("a leader and a replica", |patroni| {
            let members = patroni.members();
            let is = |role: &str| {
                members.iter().any(|member| {
                    member["role"] == role
                        && ["running", "streaming"].iter().any(|state| member["state"] == *state)
                        && members.iter().all(|other| other["timeline"] == member["timeline"])
                })
            };
            members.len() == patroni.members.len() && is("leader") && is("sync_standby")
        });
    }

    fn wait(&self, what: &str, so: impl Fn(&Self) -> bool) {
        let since = Instant::now();
        while !so(self) {
            assert!(since.elapsed() < PATIENCE, "no {what}: {:?}\n{}", self.members(), self.logs());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// What all programs have said.
    fn logs(&self) -> String {
        let logs = self.members.iter().map(|member| member.folder.join("log"));
        let logs = std::iter::once(self.folder.path().join("etcd.log")).chain(logs);
        logs.map(|log| format!("{}:\n{}", log.display(), std::fs::read_to_string(&log).unwrap_or_default())).collect()
    }

    /// `patronictl switchover`: the leader hands over to the other one.
    ///
    /// # Panics
    ///
    /// When Patroni refuses.
    pub fn switch_over(&self, from: usize, to: usize) {
        let (from, to) = (&self.members[from], &self.members[to]);
        let mut command = program("patronictl");
        command.arg("-c").arg(from.folder.join("patroni.yml"));
        command.args(["switchover", "--leader", &from.name, "--candidate", &to.name, "--force", "ks"]);
        let done = run_command(command.current_dir(&from.folder));
        assert!(done.good().contains("Successfully switched over"), "{done:?}");
    }

    /// Ends a member, Patroni and PostgreSQL, without any farewell.
    pub fn kill(&mut self, member: usize) {
        let member = &mut self.members[member];
        if let Some(mut agent) = member.agent.take() {
            drop(agent.kill());
            drop(agent.wait());
        }
        member.is_paused = false;
        member.crash();
    }

    /// Ends PostgreSQL without any farewell; Patroni goes on.
    pub fn crash(&self, member: usize) {
        self.members[member].crash();
    }

    /// Stops Patroni where it is; PostgreSQL goes on.
    pub fn pause(&mut self, member: usize) {
        self.members[member].agent("-STOP");
        self.members[member].is_paused = true;
    }

    /// Lets Patroni go on.
    pub fn go_on(&mut self, member: usize) {
        self.members[member].agent("-CONT");
        self.members[member].is_paused = false;
    }

    /// A member's way to etcd.
    #[must_use]
    pub fn way_to_etcd(&self, member: usize) -> &Proxy {
        &self.members[member].etcd
    }
}

fn as_owned(command: &mut Command) -> &mut Command {
    as_owner(command).expect("a user for PostgreSQL");
    command
}

impl Member {
    fn agent(&self, what: &str) {
        if let Some(agent) = &self.agent {
            signal(what, agent.id());
        }
    }

    /// The process of the server; it notes it as the first line of a file.
    fn postmaster(&self) -> Option<u32> {
        let noted = std::fs::read_to_string(self.folder.join("data/postmaster.pid")).ok()?;
        let id: u32 = noted.lines().next()?.trim().parse().ok()?;
        // A file that was left behind may name the process of somebody else by now.
        let works_in = std::fs::read_link(format!("/proc/{id}/cwd")).ok()?;
        (works_in == self.folder.join("data").canonicalize().ok()?).then_some(id)
    }

    fn crash(&self) {
        if let Some(id) = self.postmaster() {
            signal("-KILL", id);
        }
    }
}

impl Drop for Patroni {
    fn drop(&mut self) {
        for member in 0..self.members.len() {
            self.kill(member);
        }
        drop(self.etcd.kill());
        drop(self.etcd.wait());
    }
}

/// HAProxy in front of both servers, with the example of the documentation. It ends when it goes out of scope.
#[derive(Debug)]
pub struct Haproxy {
    child: Child,
    /// Where it listens.
    pub addr: SocketAddr,
}

impl Haproxy {
    /// Starts it.
    ///
    /// # Panics
    ///
    /// When it does not lead to a server.
    #[must_use]
    pub fn start(patroni: &Patroni) -> Self {
        let addr = free();
        let mut text = example("haproxy-patroni.cfg");
        let mut ours = vec![("127.0.0.1:5000".to_owned(), addr.to_string())];
        for (member, address) in patroni.members.iter().zip(["10.0.0.11", "10.0.0.12"]) {
            let theirs = format!("{address}:5432 check port 8008");
            ours.push((theirs, format!("{} check port {}", member.database, member.api.port())));
        }
        for (theirs, ours) in ours {
            assert!(text.contains(&theirs), "the example has no {theirs}");
            text = text.replace(&theirs, &ours);
        }
        let path = patroni.folder.path();
        std::fs::write(path.join("haproxy.cfg"), text).expect("a file");
        let child = start(program("haproxy").args(["-db", "-f", "haproxy.cfg"]), path, "haproxy.log");
        let haproxy = Self { child, addr };
        // It takes all servers for good ones until its checks have failed.
        let leads = || psql(addr, "postgres", "SELECT pg_is_in_recovery()").is_ok_and(|answer| answer.trim() == "f");
        patroni.wait("HAProxy in front of the leader", |_| (0..6).all(|_| leads()));
        haproxy
    }
}

impl Drop for Haproxy {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
