//! A trace shows that a change is on disk before it is acknowledged.

use std::path::Path;
use std::process::Command;

use ks_tests::programs::program;
use ks_tests::server::{Server, ks, run_command};
use serde_json::json;

/// Why this machine cannot trace a process, if it cannot.
fn refusal(log: &Path) -> Option<String> {
    let probe = run_command(program("strace").args(["-f", "-o"]).arg(log).arg("true"));
    (!probe.status.success()).then_some(probe.err)
}

/// A server under strace, which writes every write and every sync to `log`.
fn traced(data: &Path, log: &Path) -> Server {
    let binary = ks().get_program().to_owned();
    let mut strace: Command = program("strace");
    strace
        // `-D` leaves the server as the child of this process, so that it can be ended by its id.
        .args([
            "-D",
            "-f",
            "-y",
            "-s",
            "64",
            "-e",
            "trace=fsync,fdatasync,sync_file_range,write,writev,sendto,sendmsg",
            "-o",
        ])
        .arg(log)
        .arg(binary)
        .args(["serve", "--listen", "127.0.0.1:0", "--json", "--data-dir"])
        .arg(data);
    Server::start(&mut strace)
}

/// The lines of the trace, settled: all that belongs to answers which have arrived.
fn lines(log: &Path, answers: usize) -> Vec<String> {
    for _ in 0..600 {
        let text = std::fs::read_to_string(log).unwrap_or_default();
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        if lines.iter().filter(|line| is_answer(line)).count() >= answers {
            return lines;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("the trace has no {answers} answers: {}", std::fs::read_to_string(log).unwrap_or_default());
}

fn is_answer(line: &str) -> bool {
    line.contains("HTTP/1.1 200") && !line.contains("<... ")
}

/// A sync that has returned.
fn is_sync(line: &str) -> bool {
    let sync = line.contains("fsync") || line.contains("fdatasync");
    sync && line.trim_end().ends_with("= 0")
}

#[test]
fn a_sync_to_disk_comes_before_each_acknowledgement() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    if let Some(reason) = refusal(&folder.path().join("probe")) {
        ks_tests::scale::skip("sync::a_sync_to_disk_comes_before_each_acknowledgement", &format!("strace: {reason}"));
        return;
    }
    let log = folder.path().join("trace");
    let server = traced(&folder.path().join("data"), &log);
    let secret = server.told("adminSecret").to_owned();
    let partner = server.partner();
    let start = |privileges: &str| {
        let params =
            json!({"secret": secret, "partnerId": partner, "type": 2, "privileges": privileges, "expiry": 600});
        server.good("session.start", &params).as_str().expect("a token").to_owned()
    };
    let root = start("");
    let limited = start("actionslimit:100");
    let mut answers = 2;
    // The control: what changes nothing is answered without a sync, whatever else the server is busy with.
    let mut without = 0;
    for _ in 0..10 {
        let before = lines(&log, answers).len();
        let _ = server.good("system.ping", &json!({}));
        answers += 1;
        without += usize::from(!lines(&log, answers)[before..].iter().any(|line| is_sync(line)));
    }
    assert!(without > 0, "a sync came before each answer that needs none");
    for round in 0..5 {
        let ending = start("");
        answers += 1;
        for (name, params) in [
            ("session.end", json!({"ks": ending})),
            ("session.get", json!({"ks": limited})),
            ("ks_secret.add", json!({"ks": root})),
            ("ks_session.revokeGroup", json!({"ks": root, "sessionId": format!("group{round}")})),
        ] {
            let before = lines(&log, answers).len();
            let _ = server.good(name, &params);
            answers += 1;
            let all = lines(&log, answers);
            let new = &all[before..];
            let answer = new.iter().position(|line| is_answer(line)).unwrap_or_else(|| panic!("{name}: {new:#?}"));
            let synced = new[..answer].iter().any(|line| is_sync(line));
            assert!(synced, "{name} was acknowledged before it was on disk: {new:#?}");
        }
    }
}
