//! `ks` as a process: its memory, how soon it is ready, how long its shortest command takes.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use super::{Settings, Subject};
use crate::machine::resident;
use crate::report::{Bar, Line};
use crate::request::{get_form, ping, start_form, start_json};
use crate::running::{Ready, Running, dev, quiet, serve};
use crate::stats::Spread;
use crate::{Result, wire};

pub(crate) const SUBJECT: Subject =
    Subject { name: "process", title: "The process", about: include_str!("process.md"), figures };

const STARTS: usize = 15;
const SPAWNS: usize = 200;
const REQUESTS: usize = 1000;

/// Lines about memory, start and `ks generate`.
fn figures(settings: &Settings) -> Result<Vec<Line>> {
    let ks = &settings.ks;
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
    let token = wire::many(&address, &start_form(&address, partner, &secret, 2), REQUESTS / 4)?;
    wire::many(&address, &start_json(&address, partner, &secret, 2), REQUESTS / 4)?;
    wire::many(&address, &get_form(&address, token.trim_matches('"')), REQUESTS / 2)?;
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
    wire::once(&address, &ping(&address))?;
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
    let answer = wire::once(&address, &ping(&address))?;
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
