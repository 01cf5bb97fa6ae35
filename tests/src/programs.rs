//! Outside programs: the published clients, PHP, curl and a browser. `cargo xtask test` installs them.

use std::io::Write as _;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::server::{Output, Server, isolate, run_command};

/// A program of the system.
#[must_use]
pub fn program(name: &str) -> Command {
    let mut command = Command::new(name);
    isolate(&mut command);
    command
}

fn deps() -> PathBuf {
    crate::root().join("target/test-deps")
}

/// Python with the published client.
///
/// # Panics
///
/// When it is not installed.
#[must_use]
pub fn python() -> Command {
    let path = deps().join("venv/bin/python");
    assert!(path.exists(), "{} is missing: run `cargo xtask test --install`", path.display());
    let mut command = program(&path.to_string_lossy());
    command.env("PYTHONDONTWRITEBYTECODE", "1").env("PYTHONIOENCODING", "utf-8");
    command
}

/// A program of the Python that has a validator of OpenAPI documents, schemathesis, and a reader of QR codes.
///
/// # Panics
///
/// When it is not installed.
#[must_use]
pub fn judge(name: &str) -> Command {
    let path = deps().join("judges/bin").join(name);
    assert!(path.exists(), "{} is missing: run `cargo xtask test --install`", path.display());
    program(&path.to_string_lossy())
}

/// Node with the published client.
///
/// # Panics
///
/// When it is not installed.
#[must_use]
pub fn node() -> Command {
    let modules = deps().join("node/node_modules");
    assert!(modules.exists(), "{} is missing: run `cargo xtask test --install`", modules.display());
    let mut command = program("node");
    command.env("NODE_PATH", modules);
    command
}

/// A script of ours under `tests/clients`, told where the server is and what opens it.
#[must_use]
pub fn script(mut interpreter: Command, name: &str, server: &Server) -> Command {
    interpreter
        .arg(crate::root().join("tests/clients").join(name))
        .env("KS_TEST_URL", &server.url)
        .env("KS_TEST_PARTNER", server.partner().to_string())
        .env("KS_TEST_ADMIN_SECRET", server.told("adminSecret"))
        .env("KS_TEST_USER_SECRET", server.told("userSecret"));
    interpreter
}

/// Runs a program to its end over some input.
///
/// # Panics
///
/// When it cannot be started.
#[must_use]
pub fn feed(command: &mut Command, input: &[u8]) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let mut stdin = child.stdin.take().expect("stdin is piped");
    let input = input.to_vec();
    let writer = std::thread::spawn(move || {
        // A program that stops reading says why on its error stream.
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().expect("a child can be waited for");
    writer.join().expect("the writer does not panic");
    Output {
        status: output.status,
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// The page as it stands after a browser has loaded it and run what there was to run.
///
/// # Panics
///
/// When the browser fails.
#[must_use]
pub fn browse(url: &str) -> String {
    let profile = tempfile::tempdir().expect("a temporary folder");
    let mut command = program("chromium");
    command
        .args(["--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"])
        .args(["--disable-component-update", "--disable-sync", "--disable-extensions", "--disable-dev-shm-usage"])
        // Whatever name a page asks for, nothing leaves this machine.
        .arg("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .args(["--virtual-time-budget=3000", "--dump-dom"]);
    if is_root() {
        // Chromium's sandbox refuses root.
        command.arg("--no-sandbox");
    }
    let output = run_command(command.arg(url));
    output.good().to_owned()
}

/// An address of this machine with a port that is free now, for programs that cannot choose one themselves.
///
/// # Panics
///
/// When there is none.
#[must_use]
pub fn free() -> SocketAddr {
    // Below those that the system gives to whoever asks for any, so that nobody else is given it meanwhile.
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.subsec_nanos());
    let first = (std::process::id() ^ nanos) % 20_000;
    let ports = (0..20_000).map(|further| 10_000 + u16::try_from((first + further) % 20_000).unwrap_or_default());
    let mut addrs = ports.map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
    addrs.find(|addr| TcpListener::bind(addr).is_ok()).expect("a free port")
}

pub(crate) fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").is_ok_and(|entry| entry.uid() == 0)
}
