//! `ks dev` with a world: how soon it is ready, and how soon it is as it was.

use std::fmt::Write as _;
use std::time::Instant;

use super::{Settings, Subject};
use crate::report::{Bar, Line};
use crate::request::{ping, post};
use crate::running::{Ready, Running, dev, dev_with};
use crate::stats::Spread;
use crate::{Result, wire};

pub(crate) const SUBJECT: Subject =
    Subject { name: "seed", title: "The emulator", about: include_str!("seed.md"), figures };

const USERS: usize = 1000;
const CATEGORIES: usize = 1000;
const ENTRIES: usize = 10_000;
const STARTS: usize = 5;
const RESETS: usize = 30;

/// Lines about starting with a world, and about going back to it.
fn figures(settings: &Settings) -> Result<Vec<Line>> {
    let ks = &settings.ks;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("world.yaml");
    std::fs::write(&file, world()?)?;
    let (mut seeded, mut empty) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        empty.push(until_answered(|| dev(ks))?);
        seeded.push(until_answered(|| dev_with(ks, &file))?);
    }
    let (_running, ready) = dev_with(ks, &file)?;
    let address = ready.address()?;
    check(&address, &ready)?;
    let (mut resets, mut asked) = (Vec::new(), Vec::new());
    for _ in 0..RESETS {
        // Something to take back.
        let add = format!("accounts: [{{id: 102, users: [{{id: new{}}}]}}]", resets.len());
        wire::once(&address, &control(&address, &ready, "seed", &add)?)?;
        let began = Instant::now();
        let answer = wire::once(&address, &control(&address, &ready, "reset", "")?)?;
        resets.push(began.elapsed().as_secs_f64() * 1e3);
        let began = Instant::now();
        check(&address, &ready)?;
        asked.push(began.elapsed().as_secs_f64() * 1e3);
        if !answer.contains("true") {
            return Err(format!("a reset answers {answer}").into());
        }
    }
    let world = format!("{USERS} users, {CATEGORIES} categories, {ENTRIES} entries");
    let line = |what: &str, figure: String, figures: Vec<f64>, unit, bar| Line {
        what: what.to_owned(),
        figure,
        ratio: Spread::of(figures),
        unit,
        bar,
        is_decided: true,
    };
    let seconds = seeded.iter().map(|milliseconds| milliseconds / 1e3).collect();
    Ok(vec![
        line(
            "start of `ks dev --seed` to the first answered ping",
            format!("{world}; {STARTS} starts"),
            seconds,
            " s",
            Bar::AtMost(2.0),
        ),
        line("the same without a world", format!("{STARTS} starts"), empty, " ms", Bar::None),
        line(
            "`/_dev/reset` of that world, after a change",
            format!("{RESETS} resets"),
            resets,
            " ms",
            Bar::AtMost(50.0),
        ),
        line("the first list of users after it", format!("{RESETS} lists"), asked, " ms", Bar::None),
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

/// That the world is there, and nothing else.
fn check(address: &str, ready: &Ready) -> Result<()> {
    let start = crate::request::start_form(address, ready.partner()?, &ready.secret()?, 2);
    let ks = wire::once(address, &start)?;
    let list = format!("format=1&ks={}&pager[pageSize]=1", ks.trim_matches('"').replace('=', "%3D"));
    let path = "/api_v3/service/user/action/list";
    let users = wire::once(address, &post(address, path, "application/x-www-form-urlencoded", &list))?;
    // The administrator is one, too.
    let wanted = format!("\"totalCount\":{}", USERS + 1);
    if users.contains(&wanted) { Ok(()) } else { Err(format!("user.list answers {users}").into()) }
}

/// A question for the server itself.
fn control(address: &str, ready: &Ready, what: &str, body: &str) -> Result<String> {
    let request = post(address, &format!("/_dev/{what}"), "application/yaml", body);
    let key = ready.text("devKey")?;
    Ok(request.replacen("\r\n", &format!("\r\nX-Ks-Dev-Key: {key}\r\n"), 1))
}

/// A campus: categories in two levels under contexts, with owners and members, and entries in them.
fn world() -> Result<String> {
    let mut text = "accounts:\n  - id: 102\n    users:\n".to_owned();
    for user in 0..USERS {
        writeln!(text, "      - {{id: user{user}, firstName: First{user}, lastName: Last{user}}}")?;
    }
    text.push_str("    categories:\n");
    for root in 0..CATEGORIES / 100 {
        writeln!(text, "      - name: root{root}\n        privacyContexts: [campus]\n        owner: user{root}")?;
        text.push_str("        categories:\n");
        for below in 0..99 {
            let member = (root * 99 + below) % USERS;
            writeln!(text, "          - {{name: below{below}, privacy: members, members: {{user{member}: member}}}}")?;
        }
    }
    text.push_str("    entries:\n");
    for entry in 0..ENTRIES {
        let (owner, root, below) = (entry % USERS, entry % 10, entry / 10 % 99);
        writeln!(
            text,
            "      - {{id: 0_e{entry:07}, name: Entry {entry}, owner: user{owner}, tags: [lecture], \
             categories: ['root{root}>below{below}']}}"
        )?;
    }
    Ok(text)
}
