//! `ks serve` under load, against its bare opponent.

use std::process::{Command, Stdio};

use ks_token::{Envelope, Scratch, Secret, SecretKey};

use super::{Settings, Subject};
use crate::bare::Sizes;
use crate::machine::{cpu_seconds, spawn_on, two_cores};
use crate::report::{Bar, Line};
use crate::request::{Check, Counted, Load, USER, get_form, start_form, start_json};
use crate::running::{Running, serve};
use crate::stats::{Spread, count};
use crate::{Result, load, wire};

pub(crate) const SUBJECT: Subject =
    Subject { name: "http", title: "The server", about: include_str!("http.md"), figures };

const CONNECTIONS: usize = 64;
const WARM_UP_MS: u64 = 100;
const COUNTED_MS: u64 = 500;
/// From this share of its core on, a server is at its limit.
const SATURATED: f64 = 0.8;

/// What one server did in all rounds of one kind of load.
#[derive(Default)]
struct Side {
    per_second: Vec<f64>,
    cpu_micros: Vec<f64>,
    busy: Vec<f64>,
    generator: Vec<f64>,
}

/// One kind of load, for both.
struct Pair {
    name: &'static str,
    ours: Load,
    bare: Load,
    is_token: bool,
}

/// Lines about requests per second and processor time per request.
fn figures(settings: &Settings) -> Result<Vec<Line>> {
    let cores = two_cores();
    if cores.is_none() {
        println!("there is only one core: the load generator disturbs the servers");
    }
    let folder = tempfile::tempdir()?;
    let (ours, ready) = serve(&settings.ks, folder.path(), cores.map(|(server, _)| server))?;
    let (partner, secret) = (ready.partner()?, ready.secret()?);
    let address = ready.address()?;
    let started = wire::once(&address, &start_form(&address, partner, &secret, 2))?;
    let token = started.trim_matches('"').to_owned();
    verify(&started, &secret)?;
    println!("answers of session.start have {} bytes: a token of {} characters", started.len(), token.len());
    let got = wire::once(&address, &get_form(&address, &token))?;
    if !got.contains("KalturaSessionInfo") || !got.contains(USER) {
        return Err(format!("session.get answers {got}").into());
    }
    println!("answers of session.get have {} bytes", got.len());
    let (bare, other) = bare(&Sizes { start: started.len(), get: got.len() }, cores.map(|(server, _)| server))?;
    let pair = |name, make: &dyn Fn(&str) -> String, answer: &str, is_token: bool| {
        let load = |address: &str, check| Load {
            address: address.to_owned(),
            request: make(address),
            check,
            connections: CONNECTIONS,
            warm_up_ms: WARM_UP_MS,
            counted_ms: COUNTED_MS,
        };
        let check = if is_token {
            // `v2|`, the account and `|` are not encrypted.
            Check::Token { start: answer.get(..9).unwrap_or_default().to_owned(), length: answer.len() }
        } else {
            Check::Exactly(answer.to_owned())
        };
        let bare = load(&other, Check::Exactly(Sizes::body(answer.len())));
        Pair { name, ours: load(&address, check), bare, is_token }
    };
    let pairs = [
        pair("session.start, form body", &|to| start_form(to, partner, &secret, 2), &started, true),
        pair("session.start, JSON body", &|to| start_json(to, partner, &secret, 2), &started, true),
        pair("session.get", &|to| get_form(to, &token), &got, false),
    ];
    let mut sides: Vec<(Side, Side)> = pairs.iter().map(|_| <(Side, Side)>::default()).collect();
    let generator = cores.map(|(_, generator)| generator);
    for round in 0..settings.rounds {
        for (pair, (us, them)) in pairs.iter().zip(&mut sides) {
            // Who goes first changes from round to round.
            if round % 2 == 0 {
                turn(pair, generator, &ours, us, Some(&secret))?;
                turn(pair, generator, &bare, them, None)?;
            } else {
                turn(pair, generator, &bare, them, None)?;
                turn(pair, generator, &ours, us, Some(&secret))?;
            }
        }
    }
    Ok(pairs.iter().zip(&sides).flat_map(|(pair, (us, them))| lines(pair.name, us, them)).collect())
}

/// One round of one server; `ks` is told by having a secret.
fn turn(pair: &Pair, core: Option<usize>, server: &Running, side: &mut Side, secret: Option<&str>) -> Result<()> {
    let load = if secret.is_some() { &pair.ours } else { &pair.bare };
    let before = cpu_seconds(server.pid())?;
    let Counted { answers, seconds, all, busy, last } = load::run(core, load)?;
    let cpu = cpu_seconds(server.pid())? - before;
    if let Some(secret) = secret.filter(|_| pair.is_token) {
        last.iter().try_for_each(|answer| verify(answer, secret))?;
    }
    side.per_second.push(count(answers) / seconds);
    side.cpu_micros.push(cpu * 1e6 / count(all));
    // Of the time while it was asked: the warm-up counts as the rest.
    side.busy.push(cpu / (seconds * count(all) / count(answers)));
    side.generator.push(busy);
    Ok(())
}

/// That an answer of `session.start` is a token of the account.
fn verify(answer: &str, secret: &str) -> Result<()> {
    let keys = [SecretKey::new(&Secret::new(secret).map_err(|error| error.to_string())?)];
    let mut scratch = Scratch::new();
    let ks = Envelope::decode(answer.trim_matches('"').as_bytes(), &mut scratch)
        .and_then(|envelope| envelope.verify(&keys))
        .map_err(|fault| format!("{fault:?}: {answer}"))?;
    if ks.user_id.as_deref() == Some(USER) { Ok(()) } else { Err("a token of somebody else".into()) }
}

fn lines(name: &str, us: &Side, them: &Side) -> [Line; 2] {
    let middle = |figures: &[f64]| Spread::of(figures.iter().copied()).median;
    let percent = |figures: &[f64]| middle(figures) * 100.0;
    let figure = format!(
        "{:.0} against {:.0} per second; busy: server {:.0} and {:.0} %, generator {:.0} and {:.0} %",
        middle(&us.per_second),
        middle(&them.per_second),
        percent(&us.busy),
        percent(&them.busy),
        percent(&us.generator),
        percent(&them.generator)
    );
    let rate = Line {
        what: format!("{name}: requests per second, of bare axum's"),
        figure,
        ratio: Spread::of_ratios(&us.per_second, &them.per_second),
        unit: "×",
        bar: Bar::AtLeast(0.75),
        // A server that waits for its core is as fast as any other that waits, which brings the ratio close to 1.
        is_decided: [us, them].iter().all(|side| middle(&side.busy) > SATURATED),
    };
    let cost = Line {
        what: format!("{name}: CPU per request, of bare axum's"),
        figure: format!("{:.1} against {:.1} µs", middle(&us.cpu_micros), middle(&them.cpu_micros)),
        ratio: Spread::of_ratios(&us.cpu_micros, &them.cpu_micros),
        unit: "×",
        bar: Bar::None,
        is_decided: true,
    };
    [rate, cost]
}

fn bare(sizes: &Sizes, core: Option<usize>) -> Result<(Running, String)> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("bare").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut running = Running::new(spawn_on(core, &mut command)?);
    running.tell(&serde_json::to_string(sizes)?)?;
    let address = running.first_line()?;
    Ok((running, address))
}
