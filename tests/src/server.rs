//! The real binary, on a free loopback port, for the length of a test.

use std::io::{BufRead as _, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, Once, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

/// The binary `ks`, as cargo built it beside the tests.
///
/// # Panics
///
/// When it is not there and cannot be built.
#[must_use]
pub fn binary() -> PathBuf {
    static BUILT: Once = Once::new();
    let test = std::env::current_exe().expect("a test knows its own path");
    // target/<profile>/deps/api-<hash>
    let folder = test.parent().and_then(Path::parent).expect("a test lies in a target folder");
    let path = folder.join("ks");
    BUILT.call_once(|| {
        if !path.exists() {
            let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
            cargo.args(["build", "--package", "ks-cli"]).current_dir(crate::root());
            if folder.ends_with("release") {
                cargo.arg("--release");
            }
            assert!(cargo.status().is_ok_and(|status| status.success()), "the binary can be built");
        }
    });
    path
}

/// The command `ks`, apart from the surroundings of whoever runs the tests.
#[must_use]
pub fn ks() -> Command {
    let mut command = Command::new(binary());
    isolate(&mut command);
    command
}

/// Takes away what the surroundings could change: settings, proxies, colours.
pub fn isolate(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let upper = name.to_string_lossy().to_ascii_uppercase();
        if upper.starts_with("KS_") || upper.starts_with("OTEL_") || upper.ends_with("_PROXY") || upper == "RUST_LOG" {
            command.env_remove(name);
        }
    }
    command.env("NO_PROXY", "*").env("NO_COLOR", "1").stdin(Stdio::null());
}

/// Runs `ks` to its end.
///
/// # Panics
///
/// When it cannot be started.
#[must_use]
pub fn run(args: &[&str]) -> Output {
    run_command(ks().args(args))
}

/// Runs a command to its end.
///
/// # Panics
///
/// When it cannot be started.
#[must_use]
pub fn run_command(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    Output {
        status: output.status,
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// How a command ended and what it said.
#[derive(Debug)]
pub struct Output {
    /// Its exit status.
    pub status: ExitStatus,
    /// Its standard output.
    pub out: String,
    /// Its error stream.
    pub err: String,
}

impl Output {
    /// The output of a command that must have ended well.
    ///
    /// # Panics
    ///
    /// When it did not.
    #[must_use]
    #[track_caller]
    pub fn good(&self) -> &str {
        assert!(self.status.success(), "{}\n{}{}", self.status, self.out, self.err);
        &self.out
    }

    /// The output of a command that must have ended well, as JSON.
    ///
    /// # Panics
    ///
    /// When it did not, or when it is not JSON.
    #[must_use]
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(self.good()).unwrap_or_else(|error| panic!("{error} in {}", self.out))
    }
}

/// A running server. It is ended when it goes out of scope.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// Where it listens.
    pub addr: SocketAddr,
    /// `http://127.0.0.1:PORT`.
    pub url: String,
    /// The line with which it announced itself.
    pub info: Value,
    said: Arc<Mutex<Vec<u8>>>,
    readers: Vec<JoinHandle<()>>,
    /// Its temporary files, which it cannot clear away when it is killed.
    _temporary: TempDir,
}

impl Server {
    /// `ks dev`: a throw-away account.
    #[must_use]
    pub fn dev() -> Self {
        Self::start(ks().args(["dev", "--listen", "127.0.0.1:0", "--json"]))
    }

    /// `ks serve` over a data folder.
    #[must_use]
    pub fn serve(data: &Path) -> Self {
        Self::start(&mut Self::serve_command(data))
    }

    /// The command of [`Server::serve`], for tests that add to it.
    #[must_use]
    pub fn serve_command(data: &Path) -> Command {
        let mut command = ks();
        command.args(["serve", "--listen", "127.0.0.1:0", "--json", "--data-dir"]).arg(data);
        command
    }

    /// Starts a server and waits for the line with which it announces itself.
    ///
    /// # Panics
    ///
    /// When no such line comes.
    #[must_use]
    pub fn start(command: &mut Command) -> Self {
        let temporary = tempfile::tempdir().expect("a temporary folder");
        let mut child = command
            .env("TMPDIR", temporary.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let said = Arc::new(Mutex::new(Vec::new()));
        let (sender, first) = mpsc::channel();
        let out = child.stdout.take().expect("stdout is piped");
        let err = child.stderr.take().expect("stderr is piped");
        let readers = vec![listen(out, Arc::clone(&said), Some(sender)), listen(err, Arc::clone(&said), None)];
        // Long enough for the slowest machine; a server that ended closes the channel at once.
        let Ok(line) = first.recv_timeout(Duration::from_mins(2)) else {
            let _ = child.kill();
            let status = child.wait();
            panic!("{command:?} did not announce itself ({status:?}):\n{}", lossy(&said));
        };
        let info: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error} in {line}"));
        let url = info["url"].as_str().unwrap_or_else(|| panic!("no url in {line}")).to_owned();
        let addr = url
            .trim_start_matches("https://")
            .trim_start_matches("http://")
            .parse()
            .unwrap_or_else(|_| panic!("{url} is no address"));
        Self { child, addr, url, info, said, readers, _temporary: temporary }
    }

    /// A text of the announcement.
    ///
    /// # Panics
    ///
    /// When it is not there.
    #[must_use]
    #[track_caller]
    pub fn told(&self, name: &str) -> &str {
        self.info[name].as_str().unwrap_or_else(|| panic!("no {name} in {}", self.info))
    }

    /// The account that the server announced.
    ///
    /// # Panics
    ///
    /// When it announced none.
    #[must_use]
    #[track_caller]
    pub fn partner(&self) -> i64 {
        self.info["partnerId"].as_i64().unwrap_or_else(|| panic!("no partnerId in {}", self.info))
    }

    /// The process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Everything that it has said on both streams.
    #[must_use]
    pub fn said(&self) -> String {
        lossy(&self.said)
    }

    /// Ends the process on the spot (SIGKILL).
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks the process to end (SIGTERM), and waits until it has and everything that it said is read.
    ///
    /// # Panics
    ///
    /// When it cannot be asked.
    pub fn terminate(&mut self) -> ExitStatus {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(asked.is_ok_and(|status| status.success()), "the server can be asked to end");
        let status = self.child.wait().expect("a child can be waited for");
        self.readers.drain(..).for_each(|reader| reader.join().expect("no reader panics"));
        status
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

fn lossy(said: &Mutex<Vec<u8>>) -> String {
    String::from_utf8_lossy(&said.lock().expect("no reader panics")).into_owned()
}

/// Keeps what a stream says, and hands its first line to whoever waits for it.
fn listen(
    stream: impl Read + Send + 'static,
    said: Arc<Mutex<Vec<u8>>>,
    mut first: Option<mpsc::Sender<String>>,
) -> JoinHandle<()> {
    std::thread::spawn(move || {
        for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
            if let Some(first) = first.take() {
                let _ = first.send(String::from_utf8_lossy(&line).into_owned());
            }
            let mut said = said.lock().expect("no reader panics");
            said.extend_from_slice(&line);
            said.push(b'\n');
        }
    })
}
