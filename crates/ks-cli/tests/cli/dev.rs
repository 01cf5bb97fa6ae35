//! `ks dev`: fixed account, loopback only, nothing left behind, and snippets that run.

use std::io::{Read, Write};
use std::process::{Command, Stdio};

use crate::support::{Running, command, finish, ks, request, signal};

const ADMIN_SECRET: &str = "de000000000000000000000000000a02";

#[test]
fn the_account_is_the_same_each_time() {
    let server = Running::start(&["dev", "--listen", "127.0.0.1:0"]);
    let (url, key) = (server.text("url").to_owned(), server.text("devKey").to_owned());
    assert!(key.len() == 32 && key.bytes().all(|byte| byte.is_ascii_hexdigit()), "{key}");
    assert_eq!(
        server.first,
        serde_json::json!({
            "url": url,
            "partnerId": 102,
            "adminSecret": ADMIN_SECRET,
            "userSecret": "de000000000000000000000000000b02",
            "adminEmail": "dev@example.invalid",
            "adminPassword": "dev-password-102",
            "devKey": key,
        })
    );
    let ks = server.call("session.start", &[("secret", ADMIN_SECRET), ("partnerId", "102"), ("type", "2")]);
    let minted = crate::support::ks(&["generate", "--secret", ADMIN_SECRET, "--partner", "102", "--type", "admin"]).out;
    for token in [ks.as_str().unwrap(), minted.trim()] {
        assert_eq!(server.call("session.get", &[("ks", token)])["partnerId"], 102);
    }
    assert_eq!(server.end().code, 0);
}

#[test]
fn nothing_is_left_behind() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = command(&["dev", "--listen", "127.0.0.1:0", "--json"])
        .env("TMPDIR", folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut byte = [0];
    child.stdout.as_mut().unwrap().read_exact(&mut byte).unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    signal("INT", &child);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn others_cannot_reach_it() {
    for listen in ["0.0.0.0:0", "[::]:0", "192.0.2.1:8080"] {
        let done = ks(&["dev", "--listen", listen]);
        assert_eq!((done.code, done.out.as_str()), (2, ""));
        assert!(done.err.starts_with("error: ks dev listens on loopback addresses only, not on "), "{}", done.err);
    }
    let server = Running::start(&["dev", "--listen", "127.0.0.1:0"]);
    let ask = |host: &str| {
        let text = format!(
            "GET /api_v3/service/system/action/ping?format=1 HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        );
        request(server.address(), &text).0
    };
    assert!(ask(server.address()).starts_with("HTTP/1.1 200"));
    assert!(!ask("attacker.example").starts_with("HTTP/1.1 200"), "a page of another host must not reach it");
}

#[test]
fn a_busy_port_is_one_clear_line() {
    let server = Running::start(&["dev", "--listen", "127.0.0.1:0"]);
    let done = ks(&["dev", "--listen", server.address()]);
    assert_eq!((done.code, done.out.as_str()), (3, ""));
    let wanted = format!("error: {} is in use by another program\n  choose another with --listen\n", server.address());
    assert_eq!(done.err, wanted);
}

#[test]
fn the_snippets_run() {
    let mut child = command(&["dev", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut out = child.stdout.take().unwrap();
    let mut page = String::new();
    while !page.contains("Kaltura client library") {
        let mut bytes = [0; 4096];
        let len = out.read(&mut bytes).unwrap();
        assert!(len > 0, "{page}");
        page.push_str(std::str::from_utf8(&bytes[..len]).unwrap());
    }
    let mut ran = 0;
    for (label, program) in [("curl", "sh"), ("Python", "python3"), ("PHP", "php"), ("Node", "node")] {
        let (_, rest) = page.split_once(&format!("--- {label}\n")).unwrap();
        let (snippet, _) = rest.split_once("\n---").unwrap();
        // A machine may lack a language; what it has must run.
        if finish(Command::new("sh").args(["-c", &format!("command -v {program}")])).code != 0 {
            continue;
        }
        let mut running = Command::new(program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        running.stdin.take().unwrap().write_all(snippet.as_bytes()).unwrap();
        let answer = String::from_utf8(running.wait_with_output().unwrap().stdout).unwrap();
        let token = answer.trim().trim_matches('"');
        let done = ks(&["inspect", token, "--secret", ADMIN_SECRET, "--json"]);
        assert_eq!((done.code, &done.json()["userId"]), (0, &"me".into()), "{label}: {answer}");
        ran += 1;
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(ran > 0);
}

#[test]
fn a_command_runs_beside_the_server_and_ends_it() {
    let script = "curl -s \"$KS_URL/api_v3/service/session/action/start?format=1\" -d type=2 -d partnerId=$KS_PARTNER_ID \
                  -d secret=$KS_ADMIN_SECRET; echo; echo \"$1\"; echo \"$KS_NODE_NAME.\"; echo $KS_URL; exit 7";
    let words = ["dev", "--listen", "127.0.0.1:0", "--", "sh", "-c", script, "sh", "--json"];
    let done = finish(command(&words).env("KS_NODE_NAME", "somewhere"));
    let lines: Vec<&str> = done.out.lines().collect();
    assert_eq!((done.code, lines.len(), &lines[1..3]), (7, 4, &["--json", "."][..]), "{done:?}");
    assert!(lines[0].starts_with("\"djJ8MTAy"), "{done:?}");
    // The server is gone with it.
    let address = lines[3].trim_start_matches("http://");
    assert!(std::net::TcpStream::connect(address).is_err());

    let killed = ks(&["dev", "--listen", "127.0.0.1:0", "--", "sh", "-c", "kill -9 $$"]);
    assert_eq!(killed.code, 128 + 9, "{killed:?}");
    let missing = ks(&["dev", "--listen", "127.0.0.1:0", "--", "/nonexistent/program"]);
    assert_eq!((missing.code, missing.err.contains("/nonexistent/program cannot be run")), (3, true), "{missing:?}");
}

#[test]
fn a_command_goes_when_the_server_is_told_to() {
    let words = ["dev", "--listen", "127.0.0.1:0", "--", "sh", "-c", "echo $$; exec sleep 600"];
    let mut child = command(&words).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.as_mut().unwrap()), &mut line).unwrap();
    signal("TERM", &child);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let there = Command::new("sh").args(["-c", &format!("kill -0 {}", line.trim())]).stderr(Stdio::null()).status();
    assert!(!there.unwrap().success(), "the command still runs");
}
