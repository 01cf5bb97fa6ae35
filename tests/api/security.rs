//! What `docs/security.md` claims: tests that are there, and headers of every page.

use std::collections::{BTreeMap, BTreeSet};

use ks_tests::call::path;
use ks_tests::http::{Request, Response};
use ks_tests::scale;
use ks_tests::server::Server;
use serde_json::json;

/// The rows of the table: the number, and the tests that hold it.
fn rows(text: &str) -> Vec<(String, Vec<String>)> {
    let cells =
        |line: &str| -> Vec<String> { line.trim_matches('|').split('|').map(|it| it.trim().to_owned()).collect() };
    let is_number = |text: &str| {
        let parts: Vec<&str> = text.split('.').collect();
        parts.len() == 3 && parts.iter().all(|part| part.parse::<u32>().is_ok())
    };
    let table = text.lines().filter(|line| line.starts_with('|')).map(cells).filter(|cells| is_number(&cells[0]));
    table
        .map(|cells| {
            assert_eq!(cells.len(), 3, "{cells:?}");
            let tests = cells[2].split(',').map(|test| test.trim().trim_matches('`').to_owned()).collect();
            (cells[0].clone(), tests)
        })
        .collect()
}

/// Whether a file has a test of this name, under an attribute that makes it one.
fn has_test(source: &str, name: &str) -> bool {
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let is_it = |line: &str| {
        let line = line.strip_prefix("async ").unwrap_or(line);
        line.strip_prefix("fn ").and_then(|rest| rest.strip_prefix(name)).is_some_and(|rest| rest.starts_with('('))
    };
    lines.iter().enumerate().any(|(at, line)| {
        let above = lines[..at].iter().rev().take_while(|line| line.starts_with("#[") || line.starts_with("///"));
        is_it(line) && above.into_iter().any(|line| line.starts_with("#[test]") || line.starts_with("#[tokio::test"))
    })
}

#[test]
fn every_requirement_that_is_claimed_has_its_tests() {
    let root = ks_tests::root();
    let text = std::fs::read_to_string(root.join("docs/security.md")).expect("the page");
    let rows = rows(&text);
    assert!(rows.len() > 40, "{} rows", rows.len());
    let numbers: BTreeSet<&String> = rows.iter().map(|(number, _)| number).collect();
    assert_eq!(numbers.len(), rows.len(), "a number stands twice");
    let mut missing = Vec::new();
    for (number, tests) in &rows {
        assert!(!tests.is_empty());
        for test in tests {
            let found = test.split_once("::").is_some_and(|(file, name)| {
                std::fs::read_to_string(root.join(file)).is_ok_and(|source| has_test(&source, name))
            });
            if !found {
                missing.push(format!("{number}: {test}"));
            }
        }
    }
    assert!(missing.is_empty(), "there are no such tests: {missing:#?}");
    // And this one would notice.
    let here = include_str!("security.rs");
    assert!(has_test(here, "every_requirement_that_is_claimed_has_its_tests"));
    assert!(!has_test(here, "has_test") && !has_test(here, "every_requirement"));
}

/// Addresses of the same server that a page leads to.
fn links(page: &str) -> BTreeSet<String> {
    let places = ["href=\"", "src=\""].into_iter().flat_map(|name| page.split(name).skip(1));
    let targets = places.filter_map(|rest| rest.split('"').next()).filter(|target| target.starts_with('/'));
    targets.map(|target| target.split('#').next().unwrap_or_default().replace("&amp;", "&")).collect()
}

#[track_caller]
fn check(target: &str, answer: &Response) {
    let header = |name: &str| answer.header(name).unwrap_or_default();
    assert_eq!(header("X-Content-Type-Options"), "nosniff", "{target}");
    let policy = header("Content-Security-Policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{target}: {policy}");
    assert!(!policy.contains("unsafe"), "{target}: {policy}");
    for name in ["Server", "X-Powered-By"] {
        assert_eq!(answer.header(name), None, "{target}");
    }
    let kind = header("Content-Type");
    if answer.body.is_empty() {
        return;
    }
    assert!(!kind.is_empty(), "{target} does not say what it is");
    if kind.starts_with("text/") {
        assert!(kind.to_ascii_lowercase().replace(' ', "").ends_with(";charset=utf-8"), "{target}: {kind}");
    }
    if kind.starts_with("text/html") {
        assert_eq!(header("Referrer-Policy"), "no-referrer", "{target}");
        assert_eq!(header("Cross-Origin-Opener-Policy"), "same-origin", "{target}");
        assert!(policy.contains("script-src 'self'") && policy.contains("form-action 'self'"), "{target}: {policy}");
        assert!(policy.contains("base-uri 'none'"), "{target}: {policy}");
    }
}

#[test]
fn every_page_has_its_headers() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let mut command = Server::serve_command(data.path());
    let server = Server::start(command.args(["--gateway", "--admin-listen", "127.0.0.1:0"]));
    let begin = ["/", "/console", "/api_v3/testme/", "/api-docs/", "/api_v3/testmeDoc/", "/api_v3/xsdDoc/"];
    let mut waiting: Vec<String> = begin.iter().map(|target| (*target).to_owned()).collect();
    waiting.extend(
        ["/console/nothing", "/nothing", "/_dev/", "/auth/verify", "/auth/verify?x=1", "/metrics"].map(str::to_owned),
    );
    let mut seen = BTreeMap::new();
    // Each kind of page, and then as many as there is time for.
    while let Some(target) = waiting.pop() {
        if seen.len() >= scale::count(150, 5000) || seen.contains_key(&target) {
            continue;
        }
        let answer = server.send(&Request::get(&target));
        check(&target, &answer);
        let kind = answer.header("Content-Type").unwrap_or_default().to_owned();
        if kind.starts_with("text/html") {
            waiting.extend(links(&answer.text()));
            waiting.sort_by_key(|target| std::cmp::Reverse(target.len()));
        }
        seen.insert(target, (answer.status, kind));
    }
    let kinds: BTreeSet<&str> = seen.values().map(|(_, kind)| kind.split(';').next().unwrap_or_default()).collect();
    assert!(kinds.contains("text/html") && kinds.contains("text/css") && seen.len() > 60, "{kinds:?} {seen:?}");
    assert!(begin.iter().all(|target| seen.contains_key(*target)));

    // What is below the protocol, and what the operator's own listener says.
    let admin = server.told("adminUrl").trim_start_matches("http://").parse().expect("an address");
    for target in ["/healthz", "/readyz", "/metrics", "/nothing"] {
        let answer = Request::get(target).send(admin).expect("an answer");
        if target != "/metrics" {
            check(target, &answer);
        }
        assert_eq!(answer.header("X-Content-Type-Options"), Some("nosniff"), "{target}");
    }
    let large = Request { body: None, ..Request::post("/api_v3/", "application/json", "") };
    let answer = server.send(&large.header("Content-Length", "1099511627776"));
    assert_eq!(answer.status, 413);
    check("a large body", &answer);
}

#[test]
fn the_api_reads_no_cookie() {
    let server = Server::dev();
    let ks = server.admin_ks();
    let get = || Request::post(&path("session.get"), "application/json", json!({"format": 1}).to_string());
    let answer = server.send(&get().header("Cookie", &format!("ks={ks}; ks_console={ks}"))).json();
    assert_eq!(answer, server.send(&get()).json(), "as without one");
    assert_eq!(answer["objectType"], "KalturaAPIException");
}
