//! Logins: what a guesser can learn from the clock, and what a login costs beside its password.

use std::time::Instant;

use serde_json::{Value, json};

use super::{Settings, Subject};
use crate::hash::Work;
use crate::machine::{cpu_seconds, two_cores};
use crate::report::{Bar, Line};
use crate::request::{Check, Load, post, start_json};
use crate::running::{Running, serve};
use crate::stats::{Spread, count};
use crate::wire::Connection;
use crate::{Result, hash, load};

pub(crate) const SUBJECT: Subject =
    Subject { name: "login", title: "Logins", about: include_str!("login.md"), figures };

const PASSWORD: &str = "a long enough secret";
const WRONG: &str = "a long enough guess";
/// The fifth wrong password for an address blocks.
const TRIES: usize = 4;
/// Addresses of each kind in a round.
const ADDRESSES: usize = 2;
const CONNECTIONS: usize = 8;
const WARM_UP_MS: u64 = 400;
const COUNTED_MS: u64 = 2000;
/// From this share of its core on, a server is at its limit.
const SATURATED: f64 = 0.8;

/// A server, and an administrator of its account.
struct Place {
    server: Running,
    address: String,
    partner: i64,
    ks: String,
    connection: Connection,
}

impl Place {
    fn call(&mut self, service: &str, action: &str, params: &Value) -> Result<Value> {
        let answer: Value =
            serde_json::from_str(&self.connection.ask(&request(&self.address, service, action, params))?)?;
        Ok(answer)
    }

    /// Makes a person who logs in.
    fn person(&mut self, id: &str) -> Result<()> {
        let user = json!({"objectType": "KalturaUser", "id": id, "email": email(id), "password": PASSWORD});
        let added = self.call("user", "add", &json!({"ks": self.ks, "user": user}))?;
        if added["loginEnabled"] == true { Ok(()) } else { Err(format!("user.add answers {added}").into()) }
    }
}

fn email(id: &str) -> String {
    format!("{id}@example.com")
}

fn request(address: &str, service: &str, action: &str, params: &Value) -> String {
    let mut body = params.clone();
    body["format"] = json!(1);
    let path = format!("/api_v3/service/{service}/action/{action}");
    post(address, &path, "application/json", &body.to_string())
}

fn figures(settings: &Settings) -> Result<Vec<Line>> {
    let cores = two_cores();
    let folder = tempfile::tempdir()?;
    let (server, ready) = serve(&settings.ks, folder.path(), cores.map(|(server, _)| server))?;
    let (address, partner) = (ready.address()?, ready.partner()?);
    let mut connection = Connection::open(&address)?;
    let ks = connection.ask(&start_json(&address, partner, &ready.secret()?, 2))?.trim_matches('"').to_owned();
    let mut place = Place { server, address, partner, ks, connection };
    let mut lines = vec![
        guesses(&mut place, "user.loginByLoginId", settings.rounds * 2)?,
        guesses(&mut place, "user.login", settings.rounds * 2)?,
    ];
    lines.extend(logins(&mut place, settings.rounds, cores)?);
    Ok(lines)
}

/// The time of an unknown user's answer, of a wrong password's.
fn guesses(place: &mut Place, name: &str, rounds: usize) -> Result<Line> {
    let by_address = name == "user.loginByLoginId";
    let (service, action) = name.split_once('.').ok_or("no action")?;
    let (mut unknown, mut wrong) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        let mut times = [Vec::new(), Vec::new()];
        for address in 0..ADDRESSES {
            // Names of one length, so that nothing but their existence differs.
            let [known, nobody] = ["known", "never"].map(|kind| format!("{kind}-{action}-{round:03}-{address}"));
            place.person(&known)?;
            for turn in 0..TRIES * 2 {
                // Who goes first changes from turn to turn.
                let kind = usize::from(turn % 4 == 1 || turn % 4 == 2);
                let id = [&nobody, &known][kind];
                let params = if by_address {
                    json!({"loginId": email(id), "password": WRONG})
                } else {
                    json!({"partnerId": place.partner, "userId": id, "password": WRONG})
                };
                let text = request(&place.address, service, action, &params);
                let began = Instant::now();
                let answer = place.connection.ask(&text)?;
                times[kind].push(began.elapsed().as_secs_f64() * 1e3);
                let expected = if by_address || kind == 1 { "USER_WRONG_PASSWORD" } else { "USER_NOT_FOUND" };
                if !answer.contains(&format!("\"{expected}\"")) {
                    return Err(format!("{name} answers {answer}").into());
                }
            }
        }
        let [ours, theirs] = times.map(|times| Spread::of(times).median);
        unknown.push(ours);
        wrong.push(theirs);
    }
    let middle = |times: &[f64]| Spread::of(times.iter().copied()).median;
    Ok(Line {
        what: format!("{name}: time of an unknown user, of a wrong password's"),
        figure: format!("{:.2} against {:.2} ms", middle(&unknown), middle(&wrong)),
        ratio: Spread::of_ratios(&unknown, &wrong),
        unit: "×",
        bar: Bar::Within(0.95, 1.05),
        is_decided: true,
    })
}

/// What one side did in all rounds.
#[derive(Default)]
struct Side {
    per_second: Vec<f64>,
    cpu_ms: Vec<f64>,
    busy: Vec<f64>,
}

impl Side {
    fn add(&mut self, counted: u64, seconds: f64, all: u64, cpu: f64) {
        self.per_second.push(count(counted) / seconds);
        self.cpu_ms.push(cpu * 1e3 / count(all));
        self.busy.push(cpu / (seconds * count(all) / count(counted)));
    }
}

fn logins(place: &mut Place, rounds: usize, cores: Option<(usize, usize)>) -> Result<[Line; 2]> {
    place.person("owner")?;
    let login = json!({"loginId": email("owner"), "password": PASSWORD});
    let request = request(&place.address, "user", "loginByLoginId", &login);
    let answer = place.connection.ask(&request)?;
    if !answer.starts_with("\"djJ8") {
        return Err(format!("user.loginByLoginId answers {answer}").into());
    }
    let load = Load {
        address: place.address.clone(),
        request,
        // `v2|`, the account and `|` are not encrypted.
        check: Check::Token { start: answer.get(..9).unwrap_or_default().to_owned(), length: answer.len() },
        connections: CONNECTIONS,
        warm_up_ms: WARM_UP_MS,
        counted_ms: COUNTED_MS,
    };
    let work = Work { password: PASSWORD.to_owned(), warm_up_ms: WARM_UP_MS, counted_ms: COUNTED_MS };
    let (mut us, mut them) = (Side::default(), Side::default());
    for round in 0..rounds * 2 {
        // Who goes first changes from round to round.
        if round % 4 == 0 || round % 4 == 3 {
            let before = cpu_seconds(place.server.pid())?;
            let counted = load::run(cores.map(|(_, generator)| generator), &load)?;
            let cpu = cpu_seconds(place.server.pid())? - before;
            us.add(counted.answers, counted.seconds, counted.all, cpu);
        } else {
            let done = hash::run(cores.map(|(server, _)| server), &work)?;
            them.add(done.verified, done.seconds, done.verified, done.cpu);
        }
    }
    let middle = |figures: &[f64]| Spread::of(figures.iter().copied()).median;
    let rate = Line {
        what: "logins per second on one core, of argon2's alone".to_owned(),
        figure: format!(
            "{:.1} against {:.1} per second; busy {:.0} and {:.0} %",
            middle(&us.per_second),
            middle(&them.per_second),
            middle(&us.busy) * 100.0,
            middle(&them.busy) * 100.0
        ),
        ratio: Spread::of_ratios(&us.per_second, &them.per_second),
        unit: "×",
        bar: Bar::AtLeast(0.9),
        is_decided: [&us, &them].iter().all(|side| middle(&side.busy) > SATURATED),
    };
    let cost = Line {
        what: "CPU per login, of argon2's alone".to_owned(),
        figure: format!("{:.2} against {:.2} ms", middle(&us.cpu_ms), middle(&them.cpu_ms)),
        ratio: Spread::of_ratios(&us.cpu_ms, &them.cpu_ms),
        unit: "×",
        bar: Bar::AtMost(1.1),
        is_decided: true,
    };
    Ok([rate, cost])
}
