//! `ks serve` that is asked ten times as much as it can do.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Settings, Subject};
use crate::flood::{self, Flood, Flooded};
use crate::machine::{resident, two_cores};
use crate::report::{Bar, Line};
use crate::request::{Check, Counted, Load, post, start_form};
use crate::running::serve;
use crate::stats::{Spread, count};
use crate::wire::Connection;
use crate::{Result, load, wire};

pub(crate) const SUBJECT: Subject =
    Subject { name: "overload", title: "Overload", about: include_str!("overload.md"), figures };

/// How many users a page of the list has; it is read from the database each time.
const USERS: usize = 30;
/// As many as it takes to keep the server busy.
const CONNECTIONS: usize = 64;
/// How many times as much is asked.
const TIMES: u64 = 10;
/// Connections of the flood: below the usual limit of open files.
const FLOOD_CONNECTIONS: usize = 800;
/// How long the flood lasts for each round: a minute for the usual number.
const MILLIS: u64 = 4000;
/// A server is as before when so many calls in a row are accepted, and none takes longer than this.
const IN_A_ROW: usize = 20;
const SOON: Duration = Duration::from_millis(50);

/// Lines about what is accepted, memory, and the time afterwards.
fn figures(settings: &Settings) -> Result<Vec<Line>> {
    let cores = two_cores();
    if cores.is_none() {
        println!("there is only one core: the flood disturbs the server");
    }
    let folder = tempfile::tempdir()?;
    let (server, ready) = serve(&settings.ks, folder.path(), cores.map(|(server, _)| server))?;
    let address = ready.address()?;
    let started = wire::once(&address, &start_form(&address, ready.partner()?, &ready.secret()?, 2))?;
    let token = started.trim_matches('"').to_owned();
    let ask = |name: &str, mut params: Value| {
        let (service, action) = name.split_once('.').unwrap_or((name, ""));
        params["ks"] = json!(token);
        params["format"] = json!(1);
        post(&address, &format!("/api_v3/service/{service}/action/{action}"), "application/json", &params.to_string())
    };
    let mut connection = Connection::open(&address)?;
    for number in 0..USERS {
        let user = json!({"objectType": "KalturaUser", "id": format!("user{number}"), "fullName": "Somebody"});
        connection.ask(&ask("user.add", json!({ "user": user })))?;
    }
    let request =
        ask("user.list", json!({"pager": {"pageSize": USERS}, "filter": {"idOrScreenNameStartsWith": "user"}}));
    let expected = connection.ask(&request)?;
    if !expected.contains("KalturaUserListResponse") {
        return Err(format!("user.list answers {expected}").into());
    }
    println!("answers of user.list have {} bytes", expected.len());

    let generator = cores.map(|(_, generator)| generator);
    let warm = Load {
        address: address.clone(),
        request: request.clone(),
        check: Check::Exactly(expected.clone()),
        connections: CONNECTIONS,
        warm_up_ms: 500,
        counted_ms: 3000,
    };
    let Counted { answers, seconds, .. } = load::run(generator, &warm)?;
    let capacity = count(answers) / seconds;
    let before = resident(server.pid())?;
    let per_second = TIMES * answers * 1000 / warm.counted_ms.max(1);
    let millis = MILLIS * u64::try_from(settings.rounds)?;
    println!(
        "{capacity:.0} calls per second are done; {per_second} are asked for, for {:.0} s",
        count(millis) / 1000.0
    );

    let flood = Flood {
        address: address.clone(),
        request: request.clone(),
        expected: expected.clone(),
        connections: FLOOD_CONNECTIONS,
        per_second,
        millis,
    };
    let (flooded, largest) = watched(server.pid(), || flood::run(generator, &flood))?;
    let since = Instant::now();
    let recovered = recover(&address, &request, &expected, since)?;
    Ok(lines(capacity, millis, &flooded, before, largest, recovered))
}

/// The largest memory of a process while something is done.
fn watched<T>(pid: u32, work: impl FnOnce() -> Result<T>) -> Result<(T, f64)> {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watch = scope.spawn(|| {
            let mut largest = 0.0_f64;
            while !done.load(Ordering::Relaxed) {
                largest = largest.max(resident(pid).unwrap_or(0.0));
                std::thread::sleep(Duration::from_millis(50));
            }
            largest
        });
        let result = work();
        done.store(true, Ordering::Relaxed);
        let largest = watch.join().map_err(|_| "the watch broke off")?;
        Ok((result?, largest))
    })
}

/// How many seconds it takes until all is as before.
fn recover(address: &str, request: &str, expected: &str, since: Instant) -> Result<f64> {
    let (mut in_a_row, mut first) = (0, since);
    while in_a_row < IN_A_ROW {
        if since.elapsed() > Duration::from_secs(60) {
            return Err("the server did not recover within a minute".into());
        }
        let asked = Instant::now();
        let good = wire::once(address, request).is_ok_and(|body| body == expected) && asked.elapsed() <= SOON;
        if good && in_a_row == 0 {
            first = asked;
        }
        in_a_row = if good { in_a_row + 1 } else { 0 };
    }
    Ok(first.duration_since(since).as_secs_f64())
}

fn lines(capacity: f64, millis: u64, told: &Flooded, before: f64, largest: f64, recovered: f64) -> Vec<Line> {
    let seconds = count(millis) / 1000.0;
    let asked = count(told.sent) / seconds / capacity;
    let figure = format!(
        "{:.0} per second asked, {:.0} accepted, {:.0} refused; {:.0} were due while no connection was free",
        count(told.sent) / seconds,
        count(told.accepted) / seconds,
        count(told.refused) / seconds,
        count(told.unsent) / seconds,
    );
    let line = |what: &str, figure: String, amount: f64, unit, bar| Line {
        what: what.to_owned(),
        figure,
        ratio: Spread::of([amount]),
        unit,
        bar,
        // A flood that does not come decides nothing.
        is_decided: asked >= count(TIMES) * 0.8,
    };
    let at_limit = format!("{capacity:.0} per second at its limit before; generator {:.0} % busy", told.busy * 100.0);
    vec![
        line("asked, of what the server does at its limit", at_limit, asked, "×", Bar::None),
        line(
            "accepted, of what the server does at its limit",
            figure,
            count(told.accepted) / seconds / capacity,
            "×",
            Bar::None,
        ),
        line(
            "accepted requests: 99th percentile",
            format!("half within {:.1} ms, the longest {:.0} ms", told.half, told.longest),
            told.most,
            " ms",
            Bar::AtMost(250.0),
        ),
        line(
            "requests that were neither accepted nor refused",
            format!("of {}", told.sent),
            count(told.failed),
            "",
            Bar::AtMost(0.0),
        ),
        line(
            "memory during it, of that before",
            format!("{largest:.1} against {before:.1} MiB"),
            largest / before,
            "×",
            Bar::AtMost(1.5),
        ),
        line(
            "until all is as before",
            format!("{IN_A_ROW} calls in a row within {} ms", SOON.as_millis()),
            recovered,
            " s",
            Bar::AtMost(1.0),
        ),
    ]
}
