//! PostgreSQL clusters of the tests' own: each in a temporary folder, on a socket in it and on no port, gone at the end.
//! Clusters that the system keeps are never touched.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Names the folder with the socket of a cluster that a whole run shares; `cargo xtask` sets it.
pub const SHARED: &str = "KS_TEST_POSTGRES";

/// Whether tests of the store and of the API run on PostgreSQL (`KS_TEST_ENGINE=postgres`) rather than on SQLite.
#[must_use]
pub fn is_wanted() -> bool {
    std::env::var("KS_TEST_ENGINE").is_ok_and(|engine| engine == "postgres")
}

/// What acknowledged changes are worth to a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// Nothing is synced: for tests that end before the machine does.
    None,
    /// As in production.
    Full,
}

/// A running cluster; it is stopped when this is dropped.
#[derive(Debug)]
pub struct Cluster {
    folder: tempfile::TempDir,
    durability: Durability,
    postmaster: Option<Child>,
}

impl Cluster {
    /// Makes a cluster and starts it.
    ///
    /// # Errors
    /// What PostgreSQL says, or that it is not installed.
    pub fn start(durability: Durability) -> Result<Self, String> {
        let mut cluster = Self::empty(durability)?;
        let made = cluster
            .program("initdb")?
            .args(["--username", "ks", "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"])
            .arg("--pgdata")
            .arg(cluster.data())
            .output()
            .map_err(|error| format!("initdb: {error}"))?;
        good("initdb", &made)?;
        cluster.resume()?;
        Ok(cluster)
    }

    /// A folder for a cluster.
    fn empty(durability: Durability) -> Result<Self, String> {
        Ok(Self { folder: folder()?, durability, postmaster: None })
    }

    /// Starts the server of a cluster again, and waits until it answers.
    ///
    /// # Errors
    /// What PostgreSQL says.
    pub fn resume(&mut self) -> Result<(), String> {
        let log = std::fs::File::create(self.folder.path().join("log")).map_err(|error| error.to_string())?;
        let mut command = self.program("postgres")?;
        command.arg("-D").arg(self.data()).arg("-k").arg(self.folder.path());
        let mut settings = vec!["listen_addresses=", "max_connections=200", "shared_buffers=64MB", "jit=off"];
        if self.durability == Durability::None {
            settings.extend(["fsync=off", "synchronous_commit=off", "full_page_writes=off"]);
        }
        for setting in settings {
            command.args(["-c", setting]);
        }
        let mut start = || -> Result<Child, String> {
            let log = log.try_clone().map_err(|error| error.to_string())?;
            let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn();
            child.map_err(|error| format!("postgres: {error}"))
        };
        let since = Instant::now();
        let mut child = start()?;
        loop {
            match sql(self.folder.path(), "postgres", "SELECT 1") {
                Ok(_) => break,
                Err(error) if since.elapsed() > Duration::from_secs(60) => {
                    drop(child.kill());
                    drop(child.wait());
                    return Err(format!("{error}\n{}", self.log()));
                }
                // It refuses while processes of the one before are still about to end.
                Err(_) if !matches!(child.try_wait(), Ok(None)) => child = start()?,
                Err(_) => {}
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        self.postmaster = Some(child);
        Ok(())
    }

    /// Makes another cluster that follows this one, and starts it.
    ///
    /// # Errors
    /// What PostgreSQL says.
    pub fn replica(&self) -> Result<Self, String> {
        let mut replica = Self::empty(self.durability)?;
        let copied = replica
            .program("pg_basebackup")?
            .args(["--username", "ks", "--checkpoint", "fast", "--wal-method", "stream", "--write-recovery-conf"])
            .arg("--host")
            .arg(self.folder.path())
            .arg("--pgdata")
            .arg(replica.data())
            .output()
            .map_err(|error| format!("pg_basebackup: {error}"))?;
        good("pg_basebackup", &copied)?;
        replica.resume()?;
        Ok(replica)
    }

    /// From now on an acknowledged change is on the disk of a replica, too.
    ///
    /// # Errors
    /// What PostgreSQL says; that no replica follows within a minute.
    pub fn wait_for_replicas(&self) -> Result<(), String> {
        let ask = |text| sql(self.folder.path(), "postgres", text);
        ask("ALTER SYSTEM SET synchronous_standby_names = '*'")?;
        ask("SELECT pg_reload_conf()")?;
        let since = Instant::now();
        while ask("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'")?.trim() == "0" {
            if since.elapsed() > Duration::from_secs(60) {
                return Err("no replica follows".to_owned());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Makes a replica a cluster that takes changes.
    ///
    /// # Errors
    /// What PostgreSQL says.
    pub fn promote(&self) -> Result<(), String> {
        sql(self.folder.path(), "postgres", "SELECT pg_promote()").map(drop)
    }

    /// Stops the server and all its processes where they are; [`Cluster::go_on`] lets them go on.
    pub fn pause(&self) {
        // First the one that would start others.
        self.signal("-STOP", &[self.id()]);
        self.signal("-STOP", &children(self.id()));
    }

    /// Lets a paused server go on.
    pub fn go_on(&self) {
        self.signal("-CONT", &children(self.id()));
        self.signal("-CONT", &[self.id()]);
    }

    fn signal(&self, signal: &str, ids: &[u32]) {
        if self.postmaster.is_some() {
            // Some may be gone meanwhile.
            let mut kill = Command::new("kill");
            drop(kill.arg(signal).args(ids.iter().map(u32::to_string)).stderr(Stdio::null()).status());
        }
    }

    /// The folder with its socket.
    #[must_use]
    pub fn socket(&self) -> &Path {
        self.folder.path()
    }

    /// What the server has said since it was started last.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// The process id of the server; 0 while it does not run.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.postmaster.as_ref().map_or(0, Child::id)
    }

    /// Ends the server and all its processes without any farewell.
    pub fn kill(&mut self) {
        // The server's children end by themselves when it is gone.
        if let Some(mut child) = self.postmaster.take() {
            drop(child.kill());
            drop(child.wait());
        }
    }

    /// Makes an empty database; its URL.
    ///
    /// # Errors
    /// What PostgreSQL says.
    pub fn database(&self) -> Result<String, String> {
        database(self.folder.path())
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// One of PostgreSQL's programs.
    fn program(&self, name: &str) -> Result<Command, String> {
        let mut command = Command::new(binaries()?.join(name));
        command.current_dir(self.folder.path());
        as_owner(&mut command)?;
        Ok(command)
    }
}

/// Runs a command as a user that PostgreSQL accepts: it refuses root.
///
/// # Errors
/// That there is no such user.
pub fn as_owner(command: &mut Command) -> Result<(), String> {
    if let Some((user, group)) = owner()? {
        std::os::unix::process::CommandExt::uid(command, user);
        std::os::unix::process::CommandExt::gid(command, group);
    }
    Ok(())
}

/// A folder for a cluster, which its owner may write to.
///
/// # Errors
/// That it cannot be made.
pub fn folder() -> Result<tempfile::TempDir, String> {
    let folder = tempfile::Builder::new().prefix("ks-pg-").tempdir().map_err(|error| error.to_string())?;
    if let Some((user, group)) = owner()? {
        std::os::unix::fs::chown(folder.path(), Some(user), Some(group)).map_err(|error| error.to_string())?;
    }
    Ok(folder)
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // A paused one would not hear that it is to end.
        self.go_on();
        let Some(mut child) = self.postmaster.take() else { return };
        // SIGINT: everybody is disconnected, and it ends.
        drop(Command::new("kill").args(["-INT", &child.id().to_string()]).status());
        let since = Instant::now();
        while since.elapsed() < Duration::from_secs(10) {
            if !matches!(child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        drop(child.kill());
        drop(child.wait());
    }
}

/// The processes that a process has started and that still run.
fn children(of: u32) -> Vec<u32> {
    let ids = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = ids.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let parent = |id: &u32| -> Option<u32> {
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        // The name stands in brackets, and may hold anything; state and parent follow.
        stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
    };
    ids.filter(|id| parent(id) == Some(of)).collect()
}

/// An empty database of the cluster that the whole run shares; its URL.
///
/// # Panics
/// When there is no such cluster.
#[must_use]
pub fn shared_database() -> String {
    let socket = std::env::var_os(SHARED)
        .unwrap_or_else(|| panic!("{SHARED} is not set: run this by `cargo xtask with-postgres COMMAND`"));
    database(Path::new(&socket)).unwrap_or_else(|error| panic!("{error}"))
}

fn database(socket: &Path) -> Result<String, String> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    // Ids of processes come round again.
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    let name = format!("t{}_{nanos}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    sql(socket, "postgres", &format!("CREATE DATABASE {name}"))?;
    Ok(format!("postgres://ks@localhost/{name}?host={}", socket.display()))
}

/// Runs SQL; what it gives, one row a line, columns parted by `|`.
///
/// # Errors
/// What PostgreSQL says.
pub fn sql(socket: &Path, database: &str, text: &str) -> Result<String, String> {
    let output = Command::new(binaries()?.join("psql"))
        .args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--username", "ks", "--dbname", database])
        .args(["--set", "ON_ERROR_STOP=1", "--command", text])
        .arg("--host")
        .arg(socket)
        .env("PGCONNECT_TIMEOUT", "30")
        .output()
        .map_err(|error| format!("psql: {error}"))?;
    good("psql", &output)
}

fn good(name: &str, output: &Output) -> Result<String, String> {
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(format!("{name}: {}", String::from_utf8_lossy(&output.stderr)))
    }
}

/// Debian keeps the server's programs out of the path, one folder for each version: the newest counts.
///
/// # Errors
/// That PostgreSQL is not installed.
pub fn binaries() -> Result<PathBuf, String> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let numbered = versions.filter_map(|entry| Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path())));
    let newest =
        numbered.map(|(version, path)| (version, path.join("bin"))).filter(|(_, bin)| bin.join("initdb").exists());
    newest.max().map(|(_, bin)| bin).ok_or_else(|| "PostgreSQL's server is not installed".to_owned())
}

/// Whether PostgreSQL's programs are here.
#[must_use]
pub fn is_installed() -> bool {
    binaries().is_ok()
}

/// The user and group to become for PostgreSQL's programs; `None`: no need to.
fn owner() -> Result<Option<(u32, u32)>, String> {
    let number = |args: &[&str]| -> Result<u32, String> {
        let output = Command::new("id").args(args).output().map_err(|error| format!("id: {error}"))?;
        good("id", &output)?.trim().parse().map_err(|_| "id: no number".to_owned())
    };
    if number(&["-u"])? != 0 {
        return Ok(None);
    }
    Ok(Some((number(&["-u", "postgres"])?, number(&["-g", "postgres"])?)))
}
