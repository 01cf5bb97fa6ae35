//! Runs the binary, and talks to the servers that it starts.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

/// The secret of the published vectors.
pub(crate) const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// What a finished command left.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Done {
    /// The answer of a command with `--json`.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// The command, away from the variables of whoever runs the tests.
pub(crate) fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ks"));
    command.args(args).env("HOME", "/nonexistent");
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if ["KS_", "XDG_", "OTEL_"].iter().any(|ours| name.starts_with(ours)) || name == "COLUMNS" {
            command.env_remove(name);
        }
    }
    command
}

/// Runs a command to its end.
pub(crate) fn ks(args: &[&str]) -> Done {
    finish(&mut command(args))
}

/// Runs a command with something on its standard input.
pub(crate) fn ks_reading(args: &[&str], input: &str) -> Done {
    feed(&mut command(args), input)
}

/// Runs a prepared command with something on its standard input.
pub(crate) fn feed(command: &mut Command, input: &str) -> Done {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
    child.stdin.take().expect("it is piped").write_all(input.as_bytes()).expect("it reads");
    collect(child)
}

/// Runs a prepared command to its end.
pub(crate) fn finish(command: &mut Command) -> Done {
    collect(
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts"),
    )
}

fn collect(child: Child) -> Done {
    let output = child.wait_with_output().expect("it ends");
    Done {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).expect("it writes UTF-8"),
        err: String::from_utf8(output.stderr).expect("it writes UTF-8"),
    }
}

/// A data folder of its own, and the commands that work on it.
pub(crate) struct World {
    /// Its path.
    pub(crate) data: String,
    _folder: tempfile::TempDir,
}

impl World {
    /// An empty folder.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self { data: folder.path().to_str().expect("UTF-8").to_owned(), _folder: folder }
    }

    fn run(&self, args: &[&str], more: &[&str]) -> Done {
        ks(&[args, &["--data-dir", &self.data], more].concat())
    }

    /// The answer of a command in JSON.
    pub(crate) fn json(&self, args: &[&str]) -> Value {
        let done = self.run(args, &["--json"]);
        assert_eq!(done.code, 0, "{args:?} {done:?}");
        done.json()
    }

    /// The answer of a command for people.
    pub(crate) fn text(&self, args: &[&str]) -> String {
        let done = self.run(args, &[]);
        assert_eq!(done.code, 0, "{args:?} {done:?}");
        done.out
    }

    /// The exit code and the error of a command that answers nothing.
    pub(crate) fn refused(&self, args: &[&str]) -> (i32, String) {
        let done = self.run(args, &[]);
        assert_eq!(done.out, "", "{args:?} {done:?}");
        (done.code, done.err)
    }
}

/// A data folder with a server on it.
pub(crate) struct Served {
    pub(crate) server: Running,
    pub(crate) world: World,
}

impl Served {
    pub(crate) fn new() -> Self {
        let world = World::new();
        let server = Running::start(&["serve", "--listen", "127.0.0.1:0", "--data-dir", &world.data]);
        Self { server, world }
    }
}

impl std::ops::Deref for Served {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}

/// A server that runs until it is dropped.
pub(crate) struct Running {
    child: Child,
    rest: BufReader<ChildStdout>,
    /// Its first line.
    pub(crate) first: Value,
}

impl Running {
    /// Starts `ks serve` or `ks dev` with `--json`, and waits for its first line.
    pub(crate) fn start(args: &[&str]) -> Self {
        let mut child =
            command(args).arg("--json").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        let mut rest = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut line = String::new();
        rest.read_line(&mut line).expect("it writes UTF-8");
        let first = serde_json::from_str(&line).unwrap_or_else(|error| {
            let mut log = String::new();
            let _ = child.stderr.take().expect("it is piped").read_to_string(&mut log);
            panic!("{error}: {line}{log}")
        });
        Self { child, rest, first }
    }

    /// Where it listens, as `ADDRESS:PORT`.
    pub(crate) fn address(&self) -> &str {
        self.first["url"].as_str().expect("a server says its url").trim_start_matches("http://")
    }

    /// A field of the first line.
    pub(crate) fn text(&self, field: &str) -> &str {
        self.first[field].as_str().unwrap_or_else(|| panic!("no {field}: {}", self.first))
    }

    /// Calls an action in JSON.
    pub(crate) fn call(&self, action: &str, fields: &[(&str, &str)]) -> Value {
        let (head, body) = post(self.address(), action, fields);
        serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error}: {head}\n{body}"))
    }

    /// Calls an action in JSON; the request's id and the answer.
    pub(crate) fn call_with_id(&self, action: &str, fields: &[(&str, &str)]) -> (String, Value) {
        let (head, body) = post(self.address(), action, fields);
        let id = head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(name, _)| name.eq_ignore_ascii_case("x-kaltura-session"))
            .map(|(_, id)| id.to_owned());
        (id.expect("every answer has a request id"), serde_json::from_str(&body).expect("it is JSON"))
    }

    /// Ends it as a service manager does; its exit code, the rest of its output, and its log.
    pub(crate) fn end(mut self) -> Done {
        signal("TERM", &self.child);
        let code = self.child.wait().expect("it ends").code().unwrap_or(-1);
        let (mut out, mut err) = (String::new(), String::new());
        self.rest.read_to_string(&mut out).expect("it writes UTF-8");
        self.child.stderr.take().expect("it is piped").read_to_string(&mut err).expect("it writes UTF-8");
        Done { code, out, err }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A server whose standard output is a pipe, as a service manager's is. It is ended when it is dropped.
pub(crate) struct Starting {
    child: Child,
    rest: BufReader<ChildStdout>,
    read: String,
}

impl Starting {
    /// Starts `ks serve` without `--json`.
    pub(crate) fn start(args: &[&str]) -> Self {
        let mut child = command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        let rest = BufReader::new(child.stdout.take().expect("it is piped"));
        Self { child, rest, read: String::new() }
    }

    /// Waits for a line that has this text.
    pub(crate) fn line_with(&mut self, text: &str) -> String {
        loop {
            let mut line = String::new();
            let length = self.rest.read_line(&mut line).expect("it writes UTF-8");
            assert_ne!(length, 0, "no {text}: {}", self.read);
            self.read.push_str(&line);
            if line.contains(text) {
                return line;
            }
        }
    }

    /// Ends it as a service manager does; its exit code, all of its output, and its log.
    pub(crate) fn end(mut self) -> Done {
        signal("TERM", &self.child);
        let code = self.child.wait().expect("it ends").code().unwrap_or(-1);
        self.rest.read_to_string(&mut self.read).expect("it writes UTF-8");
        let mut err = String::new();
        self.child.stderr.take().expect("it is piped").read_to_string(&mut err).expect("it writes UTF-8");
        Done { code, out: std::mem::take(&mut self.read), err }
    }
}

impl Drop for Starting {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal, by the shell's own command: not every machine has a program for it.
pub(crate) fn signal(name: &str, child: &Child) {
    let sent = Command::new("sh").args(["-c", &format!("kill -{name} {}", child.id())]).status();
    assert!(sent.expect("a shell is there").success());
}

/// Posts a form to an action such as `session.start`, and reads head and body.
fn post(address: &str, action: &str, fields: &[(&str, &str)]) -> (String, String) {
    let (service, action) = action.split_once('.').expect("service.action");
    let body: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    let body = body.join("&");
    request(
        address,
        &format!(
            "POST /api_v3/service/{service}/action/{action}?format=1 HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ),
    )
}

/// Sends a request as it is, and reads head and body.
pub(crate) fn request(address: &str, text: &str) -> (String, String) {
    let mut stream = TcpStream::connect(address).expect("the server listens");
    stream.write_all(text.as_bytes()).expect("the server reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("the server answers in UTF-8");
    let (head, body) = answer.split_once("\r\n\r\n").expect("an answer has a head");
    (head.to_owned(), body.to_owned())
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
