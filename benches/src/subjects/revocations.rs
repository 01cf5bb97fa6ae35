//! What a million live revocations cost, and how soon one counts on another node.

use std::path::Path;
use std::time::{Duration, Instant};

use ks_test_cluster::{Cluster, Durability};
use sqlx::sqlite::{SqliteConnectOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};

use super::{Settings, Subject};
use crate::machine::{cpu_seconds, resident, two_cores};
use crate::report::{Bar, Line};
use crate::request::{Check, Load, get_form, post, start_form};
use crate::running::{Ready, Running, serve, serve_on};
use crate::stats::{Spread, count};
use crate::wire::{Connection, once};
use crate::{Result, load};

pub(crate) const SUBJECT: Subject =
    Subject { name: "revocations", title: "Revocations", about: include_str!("revocations.md"), figures };

const MANY: u32 = 1_000_000;
/// With `--sizes small`.
const FEW: u32 = 20_000;
const CONNECTIONS: usize = 64;
/// How many sessions are ended on one node, for each round.
const ENDS: usize = 20;
/// Nobody lets in for longer what was revoked.
const BOUND: Duration = Duration::from_secs(2);

/// A server, with so many revocations.
struct Side {
    address: String,
    load: Load,
    server: Running,
    cpu_micros: Vec<f64>,
    _folder: tempfile::TempDir,
}

fn figures(settings: &Settings) -> Result<Vec<Line>> {
    let many = if settings.small { FEW } else { MANY };
    let cores = two_cores();
    let (server, generator) = (cores.map(|(server, _)| server), cores.map(|(_, generator)| generator));
    let mut sides = [side(settings, 0, server)?, side(settings, many, server)?];
    for round in 0..settings.rounds {
        for turn in 0..2 {
            // Who goes first changes from round to round.
            let side = &mut sides[(turn + round) % 2];
            let before = cpu_seconds(side.server.pid())?;
            let counted = load::run(generator, &side.load)?;
            side.cpu_micros.push((cpu_seconds(side.server.pid())? - before) * 1e6 / count(counted.all));
        }
    }
    let [none, all] = &sides;
    let middle = |figures: &[f64]| Spread::of(figures.iter().copied()).median;
    let figure = format!("{:.2} against {:.2} µs", middle(&all.cpu_micros), middle(&none.cpu_micros));
    let line =
        |what: String, figure: String, ratio, unit, bar| Line { what, figure, ratio, unit, bar, is_decided: true };
    let mut lines = vec![
        line(
            format!("session.get with {many} live revocations: CPU per call, of that with none"),
            figure,
            Spread::of_ratios(&all.cpu_micros, &none.cpu_micros),
            "×",
            Bar::AtMost(1.1),
        ),
        line(
            format!("memory of `ks serve` with {many} live revocations"),
            format!("{:.0} MiB without", resident(none.server.pid())?),
            Spread::of([resident(all.server.pid())?]),
            " MiB",
            Bar::AtMost(100.0),
        ),
    ];
    lines.push(ready_again(settings, sides, many)?);
    lines.extend(one_node_to_the_other(settings)?);
    Ok(lines)
}

/// A server that has been started once, with so many revocations, and its load.
fn side(settings: &Settings, revocations: u32, core: Option<usize>) -> Result<Side> {
    let folder = tempfile::tempdir()?;
    let (first, ready) = serve(&settings.ks, folder.path(), None)?;
    let (partner, secret) = (ready.partner()?, ready.secret()?);
    drop(first);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(revoke(&folder.path().join("ks.db"), partner, revocations))?;
    let (server, ready) = serve(&settings.ks, folder.path(), core)?;
    let address = ready.address()?;
    let token = once(&address, &start_form(&address, partner, &secret, 2))?.trim_matches('"').to_owned();
    let request = get_form(&address, &token);
    let answer = once(&address, &request)?;
    if !answer.contains("KalturaSessionInfo") {
        return Err(format!("session.get answers {answer}").into());
    }
    let load = Load {
        address: address.clone(),
        request,
        check: Check::Exactly(answer),
        connections: CONNECTIONS,
        warm_up_ms: 100,
        counted_ms: 500,
    };
    Ok(Side { address, load, server, cpu_micros: Vec::new(), _folder: folder })
}

/// Revocations of tokens that nobody has; they end in the distant future.
async fn revoke(database: &Path, partner: i64, count: u32) -> Result<()> {
    let options = SqliteConnectOptions::new().filename(database).synchronous(SqliteSynchronous::Off);
    let mut conn = options.connect().await?;
    let sql = format!(
        "WITH RECURSIVE numbers (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < {count}) \
         INSERT INTO revocation (kind, key, partner_id, until, created_at) \
         SELECT 'token', randomblob(20), {partner}, 4000000000, 0 FROM numbers WHERE {count} > 0"
    );
    sqlx::query(AssertSqlSafe(sql)).execute(&mut conn).await?;
    conn.close().await?;
    Ok(())
}

/// From spawning the process to an answered call that refuses what was revoked before.
fn ready_again(settings: &Settings, sides: [Side; 2], many: u32) -> Result<Line> {
    let [_, all] = sides;
    // The session of the load is ended first.
    let body = all.load.request.split("\r\n\r\n").nth(1).unwrap_or_default();
    let token = body.split("ks=").nth(1).unwrap_or_default().to_owned();
    let end = post(&all.address, "/api_v3/service/session/action/end", "application/x-www-form-urlencoded", body);
    once(&all.address, &end)?;
    let Side { server, _folder: folder, .. } = all;
    drop(server);
    let mut seconds = Vec::new();
    for _ in 0..settings.rounds.clamp(1, 7) {
        let began = Instant::now();
        let (_server, ready) = serve(&settings.ks, folder.path(), None)?;
        let address = ready.address()?;
        let answer = once(&address, &get_form(&address, &token.replace("%3D", "=")))?;
        seconds.push(began.elapsed().as_secs_f64());
        if !answer.contains("INVALID_KS") {
            return Err(format!("a session that was ended is answered {answer}").into());
        }
    }
    Ok(Line {
        what: format!("start of `ks serve` with {many} live revocations to the first call that one refuses"),
        figure: format!("{} starts", seconds.len()),
        ratio: Spread::of(seconds),
        unit: " s",
        bar: Bar::AtMost(3.0),
        is_decided: true,
    })
}

/// Ends sessions on one node, and asks the other one until it refuses them.
fn one_node_to_the_other(settings: &Settings) -> Result<[Line; 2]> {
    let cluster = Cluster::start(Durability::Full)?;
    let (database, folder) = (cluster.database()?, tempfile::tempdir()?);
    let key = folder.path().join("ks.key");
    let (_one, ready): (Running, Ready) = serve_on(&settings.ks, &database, &key, None)?;
    let (_two, other) = serve_on(&settings.ks, &database, &key, None)?;
    let (here, there) = (ready.address()?, other.address()?);
    let (mut ending, mut asking) = (Connection::open(&here)?, Connection::open(&there)?);
    let start = start_form(&here, ready.partner()?, &ready.secret()?, 2);
    let mut milliseconds = Vec::new();
    for _ in 0..settings.rounds * ENDS {
        let token = ending.ask(&start)?.trim_matches('"').to_owned();
        let ask = get_form(&there, &token);
        let answer = asking.ask(&ask)?;
        if !answer.contains("KalturaSessionInfo") {
            return Err(format!("a good session is answered {answer}").into());
        }
        let body = format!("format=1&ks={}", token.replace('=', "%3D"));
        ending.ask(&post(&here, "/api_v3/service/session/action/end", "application/x-www-form-urlencoded", &body))?;
        let began = Instant::now();
        while !asking.ask(&ask)?.contains("INVALID_KS") {
            if began.elapsed() > BOUND * 5 {
                return Err("a session that was ended on one node is not refused by the other".into());
            }
        }
        milliseconds.push(began.elapsed().as_secs_f64() * 1e3);
    }
    milliseconds.sort_by(f64::total_cmp);
    let at = |percent: usize| milliseconds[(milliseconds.len() - 1) * percent / 100];
    let one = |figure: f64| Spread { low: figure, median: figure, high: figure };
    let figure = format!("{} sessions; median {:.2} ms", milliseconds.len(), at(50));
    let line = |what: &str, figure: String, ratio, bar| Line {
        what: what.to_owned(),
        figure,
        ratio,
        unit: " ms",
        bar,
        is_decided: true,
    };
    Ok([
        line(
            "a session that one node ended, until another refuses it: 99th percentile",
            figure,
            one(at(99)),
            Bar::AtMost(100.0),
        ),
        line(
            "a session that one node ended, until another refuses it: longest",
            String::new(),
            one(at(100)),
            Bar::AtMost(BOUND.as_secs_f64() * 1e3),
        ),
    ])
}
