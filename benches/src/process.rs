//! `ks` as a process: its memory, how soon it is ready, how long its shortest command takes.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use serde_json::Value;

use crate::machine::{resident, spawn_on};
use crate::report::{Bar, Line};
use crate::request::{get_form, ping, start_form, start_json};
use crate::stats::Spread;
use crate::{Result, http};

const STARTS: usize = 15;
const SPAWNS: usize = 200;
const REQUESTS: usize = 1000;

/// A process that ends with its owner.
pub(crate) struct Running(Child);

impl Running {
    pub(crate) fn new(child: Child) -> Self {
        Self(child)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.0.id()
    }

    /// Writes a line to its input, and ends that.
    pub(crate) fn tell(&mut self, line: &str) -> Result<()> {
        let mut stdin = self.0.stdin.take().ok_or("the process has no input")?;
        Ok(writeln!(stdin, "{line}")?)
    }

    /// Waits for the line that says that it is ready.
    pub(crate) fn first_line(&mut self) -> Result<String> {
        let stdout = self.0.stdout.take().ok_or("the process has no output")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        if line.is_empty() { Err("a server ended before it was ready".into()) } else { Ok(line.trim().to_owned()) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to do.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What `ks serve` and `ks dev` say when they are ready.
pub(crate) struct Ready(Value);

impl Ready {
    pub(crate) fn address(&self) -> Result<String> {
        let url = self.0["url"].as_str().ok_or("the server does not say its url")?;
        Ok(url.trim_start_matches("http://").to_owned())
    }

    pub(crate) fn partner(&self) -> Result<i64> {
        self.0["partnerId"].as_i64().ok_or_else(|| "the server does not say its partnerId".into())
    }

    pub(crate) fn secret(&self) -> Result<String> {
        Ok(self.0["adminSecret"].as_str().ok_or("the server does not say its adminSecret")?.to_owned())
    }
}

/// Starts `ks serve` on a data folder, on one core if one is given.
pub(crate) fn serve(ks: &Path, folder: &Path, core: Option<usize>) -> Result<(Running, Ready)> {
    let mut command = quiet(ks);
    command.args(["serve", "--log", "warn", "--listen", "127.0.0.1:0", "--json", "--data-dir"]).arg(folder);
    start(&mut command, core)
}

fn dev(ks: &Path) -> Result<(Running, Ready)> {
    start(quiet(ks).args(["dev", "--listen", "127.0.0.1:0", "--json"]), None)
}

/// `ks` with none of this person's settings, and with its error stream shown.
fn quiet(ks: &Path) -> Command {
    let mut command = Command::new(ks);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("KS_")) {
        command.env_remove(name);
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    command
}

fn start(command: &mut Command, core: Option<usize>) -> Result<(Running, Ready)> {
    let mut running = Running::new(spawn_on(core, command)?);
    let ready = serde_json::from_str(&running.first_line()?)?;
    Ok((running, Ready(ready)))
}

/// Lines about memory, start and `ks generate`.
pub(crate) fn figures(ks: &Path) -> Result<Vec<Line>> {
    let folder = tempfile::tempdir()?;
    let mut lines = memory(ks, folder.path())?;
    lines.extend(starts(ks, folder.path())?);
    lines.extend(generate(ks)?);
    Ok(lines)
}

fn memory(ks: &Path, folder: &Path) -> Result<Vec<Line>> {
    // The first start of all makes the account; only there it says the secret.
    let (running, ready) = serve(ks, folder, None)?;
    let first = idle(&running, &ready)?;
    let (partner, secret) = (ready.partner()?, ready.secret()?);
    drop(running);
    let (running, ready) = serve(ks, folder, None)?;
    let idle = idle(&running, &ready)?;
    let address = ready.address()?;
    let token = http::many(&address, &start_form(&address, partner, &secret, 2), REQUESTS / 4)?;
    http::many(&address, &start_json(&address, partner, &secret, 2), REQUESTS / 4)?;
    http::many(&address, &get_form(&address, token.trim_matches('"')), REQUESTS / 2)?;
    let used = resident(running.pid())?;
    let line = |what: &str, mebibytes: f64, bar| Line {
        what: what.to_owned(),
        figure: "resident".to_owned(),
        ratio: Spread::of([mebibytes]),
        unit: " MiB",
        bar,
        is_decided: true,
    };
    Ok(vec![
        line("memory of `ks serve`, idle after its start", idle, Bar::AtMost(30.0)),
        line("memory of `ks serve`, idle after 1,000 requests", used, Bar::AtMost(30.0)),
        line("memory of `ks serve`, idle after the first start of all, which hashes a password", first, Bar::None),
    ])
}

fn idle(running: &Running, ready: &Ready) -> Result<f64> {
    let address = ready.address()?;
    http::once(&address, &ping(&address))?;
    resident(running.pid())
}

fn starts(ks: &Path, folder: &Path) -> Result<Vec<Line>> {
    let (mut again, mut first, mut throw_away) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..STARTS {
        again.push(until_answered(|| serve(ks, folder, None))?);
        let empty = tempfile::tempdir()?;
        first.push(until_answered(|| serve(ks, empty.path(), None))?);
        throw_away.push(until_answered(|| dev(ks))?);
    }
    let line = |what: &str, times: Vec<f64>, bar| Line {
        what: what.to_owned(),
        figure: format!("{STARTS} starts"),
        ratio: Spread::of(times),
        unit: " ms",
        bar,
        is_decided: true,
    };
    Ok(vec![
        line("start of `ks serve` to the first answered ping", again, Bar::AtMost(100.0)),
        line("start of `ks dev` to the first answered ping, account made", throw_away, Bar::AtMost(100.0)),
        line("first start of `ks serve` of all, database and account made", first, Bar::None),
    ])
}

fn until_answered(start: impl FnOnce() -> Result<(Running, Ready)>) -> Result<f64> {
    let began = Instant::now();
    let (_running, ready) = start()?;
    let address = ready.address()?;
    let answer = http::once(&address, &ping(&address))?;
    let took = began.elapsed().as_secs_f64() * 1e3;
    if answer == "true" { Ok(took) } else { Err(format!("system.ping answers {answer}").into()) }
}

fn generate(ks: &Path) -> Result<Vec<Line>> {
    let mut command = quiet(ks);
    command.args(["generate", "--partner", "102", "--user", crate::request::USER]);
    command.args(["--privileges", crate::request::PRIVILEGES]);
    command.env("KS_SECRET", "0123456789abcdef0123456789abcdef");
    let mut floor = Command::new("true");
    let (mut ours, mut floors) = (Vec::new(), Vec::new());
    for _ in 0..SPAWNS {
        ours.push(whole(&mut command, |output| output.starts_with(b"djJ8MTAyf") && output.len() > 100)?);
        floors.push(whole(&mut floor, <[u8]>::is_empty)?);
    }
    let line = |what: &str, times: &[f64], bar| Line {
        what: what.to_owned(),
        figure: format!("{SPAWNS} processes"),
        ratio: Spread::of(times.iter().copied()),
        unit: " ms",
        bar,
        is_decided: true,
    };
    Ok(vec![
        line("`ks generate` as a whole process", &ours, Bar::AtMost(5.0)),
        line("`true` as a whole process, for comparison", &floors, Bar::None),
    ])
}

/// How long a process takes from its start until its end was seen, in milliseconds.
fn whole(command: &mut Command, is_right: impl Fn(&[u8]) -> bool) -> Result<f64> {
    let began = Instant::now();
    let output = command.output()?;
    let took = began.elapsed().as_secs_f64() * 1e3;
    if output.status.success() && is_right(&output.stdout) { Ok(took) } else { Err("a command failed".into()) }
}
