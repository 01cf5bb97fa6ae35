//! What a call costs while there is more of everything: users, accounts, nodes.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ks_store::{NewPartner, Store, StoreConfig};
use ks_test_cluster::{Cluster, Durability};
use ks_token::{Claims, PartnerId, Secret, SecretKey, generate_v2};
use serde_json::{Value, json};
use sqlx::sqlite::{SqliteConnectOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};
use tempfile::TempDir;

use super::{Settings, Subject};
use crate::machine::{cpu_seconds, two_cores};
use crate::report::{Bar, Line};
use crate::request::{Check, Counted, Load, get_form, post, start_form};
use crate::running::{Running, serve, serve_on};
use crate::stats::{Spread, count};
use crate::wire::{Connection, once};
use crate::{Result, load};

pub(crate) const SUBJECT: Subject = Subject { name: "scale", title: "Scale", about: include_str!("scale.md"), figures };

const USERS: [u32; 3] = [1_000, 100_000, 1_000_000];
const PARTNERS: [u32; 2] = [1_000, 100_000];
/// With `--sizes small`.
const FEW_USERS: [u32; 3] = [1_000, 5_000, 20_000];
const FEW_PARTNERS: [u32; 2] = [100, 1_000];
/// The number of the first account.
const FIRST: u32 = 1_000;
/// About how many users or accounts is asked; they are spread over all.
const ASKED: u32 = 100;
/// How many calls are one figure.
const CALLS: u32 = 200;
/// The same of those that nobody has made before, and of those that something else goes before.
const FEW_CALLS: u32 = 20;
const CONNECTIONS: usize = 32;

/// One server.
struct Place {
    size: u32,
    address: String,
    connection: Connection,
    /// The account and its secret, where there is one of them.
    account: Option<(i64, String)>,
    _server: Running,
    _folder: TempDir,
}

/// One call about the user or the account of a number.
struct Call {
    name: &'static str,
    request: Request,
    /// What goes before each call, and is not measured.
    before: Option<Request>,
    /// How it is called the first time that anything is asked about each of them.
    first: Option<&'static str>,
}

type Request = fn(&Place, u32) -> Result<String>;

impl Call {
    const fn new(name: &'static str, request: Request) -> Self {
        Self { name, request, before: None, first: None }
    }

    const fn calls(&self) -> u32 {
        if self.before.is_some() { FEW_CALLS } else { CALLS }
    }
}

fn figures(settings: &Settings) -> Result<Vec<Line>> {
    let users = if settings.small { FEW_USERS } else { USERS };
    let partners = if settings.small { FEW_PARTNERS } else { PARTNERS };
    let places = users.into_iter().map(|size| with_users(&settings.ks, size)).collect::<Result<Vec<_>>>()?;
    let calls = [
        Call::new("session.start for a user", start_for),
        Call::new("session.get of a user", get_of),
        Call { first: Some("user.get, first time"), ..Call::new("user.get", user_get) },
        Call::new("user.list, first 30", user_list),
        Call { before: Some(user_update), ..Call::new("user.list, first 30, after a change", user_list) },
    ];
    let mut lines = race(settings, places, &calls, "users")?;
    let places = partners.into_iter().map(|size| with_partners(&settings.ks, size)).collect::<Result<Vec<_>>>()?;
    let calls = [
        Call {
            first: Some("session.start of an account, first time"),
            ..Call::new("session.start of an account", start_of)
        },
        Call::new("session.get of an account", get_of_account),
    ];
    lines.extend(race(settings, places, &calls, "accounts")?);
    lines.push(nodes(settings)?);
    Ok(lines)
}

/// Lets all servers take turns with each of the calls.
fn race(settings: &Settings, mut places: Vec<Place>, calls: &[Call], what: &str) -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    // What memory does not have yet: not more than once can anything be asked for the first time.
    for (call, name) in calls.iter().filter_map(|call| Some((call, call.first?))) {
        let mut figures = vec![Vec::new(); places.len()];
        for round in 0..ASKED / FEW_CALLS {
            let numbers = round * FEW_CALLS..(round + 1) * FEW_CALLS;
            turns(&mut places, call, &numbers, &mut figures)?;
        }
        // What no memory has is read from the database, and that lies deeper in a larger one.
        lines.push(line(name, &places, &figures, what, Bar::AtMost(1.5)));
    }
    let mut figures = vec![vec![Vec::new(); places.len()]; calls.len()];
    let mut number = 0_u32;
    // The first round is for memory, too: each of them has been asked for all that it is asked for.
    for _ in 0..=settings.rounds * 2 {
        for (call, figures) in calls.iter().zip(&mut figures) {
            turns(&mut places, call, &(number..number + call.calls()), figures)?;
            number += call.calls();
        }
    }
    for (call, figures) in calls.iter().zip(&mut figures) {
        for figures in figures.iter_mut() {
            figures.remove(0);
        }
        lines.push(line(call.name, &places, figures, what, Bar::AtMost(1.5)));
    }
    Ok(lines)
}

/// One figure of each server, in milliseconds for a call.
fn turns(places: &mut [Place], call: &Call, numbers: &Range<u32>, figures: &mut [Vec<f64>]) -> Result<()> {
    let calls = numbers.end - numbers.start;
    let (there, back) = (numbers.start..numbers.start + calls / 2, numbers.start + calls / 2..numbers.end);
    let mut times = vec![Duration::ZERO; places.len()];
    for (place, time) in places.iter_mut().zip(&mut times) {
        *time += timed(place, call, &there)?;
    }
    // Whoever comes first after something else is slower, whatever its size.
    for (place, time) in places.iter_mut().zip(&mut times).rev() {
        *time += timed(place, call, &back)?;
    }
    for (figures, time) in figures.iter_mut().zip(times) {
        figures.push(time.as_secs_f64() * 1e3 / f64::from(calls));
    }
    Ok(())
}

/// How long the calls of one turn take.
fn timed(place: &mut Place, call: &Call, numbers: &Range<u32>) -> Result<Duration> {
    // The others' turns may take longer than a server keeps a connection that nothing comes on.
    place.connection = Connection::open(&place.address)?;
    place.connection.ask(&self::call(place, "system.ping", &json!({ "format": 1 }))?)?;
    // As many different ones at each size, or caches would do more for the small ones.
    let made = |request: Request| -> Result<Vec<String>> {
        numbers.clone().map(|number| request(place, number % ASKED * (place.size / ASKED))).collect()
    };
    let requests = made(call.request)?;
    let before = call.before.map(made).transpose()?.unwrap_or_default();
    let mut time = Duration::ZERO;
    if before.is_empty() {
        let began = Instant::now();
        requests.iter().try_for_each(|request| ask(place, call, request))?;
        time += began.elapsed();
    }
    for (before, request) in before.iter().zip(&requests) {
        ask(place, call, before)?;
        let began = Instant::now();
        ask(place, call, request)?;
        time += began.elapsed();
    }
    Ok(time)
}

fn ask(place: &mut Place, call: &Call, request: &str) -> Result<()> {
    let answer = place.connection.ask(request)?;
    if answer.contains("KalturaAPIException") {
        return Err(format!("{}, of {}: {answer}", call.name, place.size).into());
    }
    Ok(())
}

fn line(name: &str, places: &[Place], figures: &[Vec<f64>], what: &str, bar: Bar) -> Line {
    let sizes: Vec<String> = places.iter().map(|place| short(place.size)).collect();
    let told = figures.iter().map(|figures| format!("{:.2}", Spread::of(figures.iter().copied()).median));
    let (largest, smallest) = (figures.last(), figures.first());
    Line {
        what: format!("{name}: at {} {what}, of {}'s time", sizes[sizes.len() - 1], sizes[0]),
        figure: format!("{} ms at {}", told.collect::<Vec<_>>().join(", "), sizes.join(", ")),
        ratio: Spread::of_ratios(largest.map_or(&[], Vec::as_slice), smallest.map_or(&[], Vec::as_slice)),
        unit: "×",
        bar,
        is_decided: true,
    }
}

fn short(size: u32) -> String {
    match size {
        size if size >= 1_000_000 => format!("{} M", size / 1_000_000),
        size if size >= 1_000 => format!("{} k", size / 1_000),
        size => size.to_string(),
    }
}

/// A server whose one account has so many users, `user0` and so on.
fn with_users(ks: &Path, size: u32) -> Result<Place> {
    let folder = tempfile::tempdir()?;
    let (first, ready) = serve(ks, folder.path(), None)?;
    let (partner, secret) = (ready.partner()?, ready.secret()?);
    drop(first);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let options =
            SqliteConnectOptions::new().filename(folder.path().join("ks.db")).synchronous(SqliteSynchronous::Off);
        let mut conn = options.connect().await?;
        let sql = format!(
            "WITH RECURSIVE numbers (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM numbers WHERE i < {size} - 1) \
             INSERT INTO kuser (partner_id, puser_id, puser_id_folded, is_admin, is_account_owner, status, screen_name, \
             email, created_at, updated_at) \
             SELECT {partner}, 'user' || i, 'user' || i, 0, 0, 1, 'User ' || i, '', 1600000000 + i, 0 FROM numbers"
        );
        sqlx::query(AssertSqlSafe(sql)).execute(&mut conn).await?;
        conn.close().await?;
        Result::Ok(())
    })?;
    place(ks, folder, size, Some((partner, secret)))
}

/// A server with so many accounts, each with secrets of its own.
fn with_partners(ks: &Path, size: u32) -> Result<Place> {
    let folder = tempfile::tempdir()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let began = Instant::now();
    runtime.block_on(async {
        let config = StoreConfig { durable: false, ..StoreConfig::in_folder(folder.path()) };
        let store = Store::open(config).await?;
        let mut numbers = (0..size).peekable();
        // So many at once that they share transactions.
        while numbers.peek().is_some() {
            let mut set = tokio::task::JoinSet::new();
            for number in numbers.by_ref().take(1000) {
                let store = store.clone();
                set.spawn(async move {
                    let new = NewPartner {
                        id: i32::try_from(FIRST + number).ok().map(PartnerId::new),
                        admin_secret: Secret::new(secret_of(number)).ok(),
                        ..NewPartner::named(format!("Account {number}"))
                    };
                    store.create_partner(new, 1_600_000_000).await.map(drop)
                });
            }
            for made in set.join_all().await {
                made?;
            }
        }
        store.close().await;
        Result::Ok(())
    })?;
    println!("{size} accounts were made in {:.0} s", began.elapsed().as_secs_f64());
    place(ks, folder, size, None)
}

fn place(ks: &Path, folder: TempDir, size: u32, account: Option<(i64, String)>) -> Result<Place> {
    let (server, ready) = serve(ks, folder.path(), None)?;
    let address = ready.address()?;
    let connection = Connection::open(&address)?;
    Ok(Place { size, address, connection, account, _server: server, _folder: folder })
}

fn secret_of(number: u32) -> String {
    format!("the secret of account {number}")
}

fn token(partner: i64, secret: &str, user: &str, kind: u8, privileges: &str) -> Result<String> {
    let key = SecretKey::new(&Secret::new(secret).map_err(|error| error.to_string())?);
    let claims = Claims {
        user_id: Some(user.to_owned()),
        session_type: kind.into(),
        privileges: Some(privileges.to_owned()),
        ..Claims::new(PartnerId::new(i32::try_from(partner)?), i64::from(i32::MAX))
    };
    Ok(generate_v2(&claims, &key, [7; 16])?)
}

fn call(place: &Place, name: &str, body: &Value) -> Result<String> {
    let (service, action) = name.split_once('.').ok_or("no action")?;
    let path = format!("/api_v3/service/{service}/action/{action}");
    Ok(post(&place.address, &path, "application/json", &body.to_string()))
}

fn account(place: &Place) -> Result<(i64, &str)> {
    place.account.as_ref().map(|(partner, secret)| (*partner, secret.as_str())).ok_or_else(|| "no account".into())
}

fn start_for(place: &Place, number: u32) -> Result<String> {
    let (partner, secret) = account(place)?;
    let body = json!({
        "format": 1, "partnerId": partner, "secret": secret, "userId": format!("user{number}"), "type": 0,
    });
    call(place, "session.start", &body)
}

fn get_of(place: &Place, number: u32) -> Result<String> {
    let (partner, secret) = account(place)?;
    let ks = token(partner, secret, &format!("user{number}"), 2, "")?;
    call(place, "session.get", &json!({ "format": 1, "ks": ks }))
}

fn user_get(place: &Place, number: u32) -> Result<String> {
    let (partner, secret) = account(place)?;
    let ks = token(partner, secret, "ops", 2, "disableentitlement")?;
    call(place, "user.get", &json!({ "format": 1, "ks": ks, "userId": format!("user{number}") }))
}

fn user_list(place: &Place, _number: u32) -> Result<String> {
    let (partner, secret) = account(place)?;
    let ks = token(partner, secret, "ops", 2, "disableentitlement")?;
    call(place, "user.list", &json!({ "format": 1, "ks": ks, "pager": { "pageSize": 30 } }))
}

fn user_update(place: &Place, number: u32) -> Result<String> {
    let (partner, secret) = account(place)?;
    let ks = token(partner, secret, "ops", 2, "disableentitlement")?;
    let user = json!({ "objectType": "KalturaUser", "tags": format!("tag{}", number % 7) });
    call(place, "user.update", &json!({ "format": 1, "ks": ks, "userId": format!("user{number}"), "user": user }))
}

fn start_of(place: &Place, number: u32) -> Result<String> {
    let body = json!({
        "format": 1, "partnerId": FIRST + number, "secret": secret_of(number), "userId": "ops", "type": 2,
    });
    call(place, "session.start", &body)
}

fn get_of_account(place: &Place, number: u32) -> Result<String> {
    let ks = token(i64::from(FIRST + number), &secret_of(number), "ops", 2, "")?;
    call(place, "session.get", &json!({ "format": 1, "ks": ks }))
}

/// Processor time of a call that is verified, by one node and by two on one database.
fn nodes(settings: &Settings) -> Result<Line> {
    let cluster = Cluster::start(Durability::Full)?;
    let (database, folder) = (cluster.database()?, tempfile::tempdir()?);
    let key = folder.path().join("ks.key");
    let cores = two_cores();
    let (server, generator) = (cores.map(|(server, _)| server), cores.map(|(_, generator)| generator));
    let (one, ready) = serve_on(&settings.ks, &database, &key, server)?;
    let (two, other) = serve_on(&settings.ks, &database, &key, server)?;
    let address = ready.address()?;
    let token = once(&address, &start_form(&address, ready.partner()?, &ready.secret()?, 2))?;
    let loads = [address, other.address()?]
        .map(|address| {
            let request = get_form(&address, token.trim_matches('"'));
            let answer = once(&address, &request)?;
            if !answer.contains("KalturaSessionInfo") {
                return Err(format!("session.get answers {answer}").into());
            }
            let check = Check::Exactly(answer);
            Ok(Arc::new(Load { address, request, check, connections: CONNECTIONS, warm_up_ms: 100, counted_ms: 500 }))
        })
        .into_iter()
        .collect::<Result<Vec<_>>>()?;
    let mut figures = [Vec::new(), Vec::new()];
    let used = || -> Result<f64> { Ok(cpu_seconds(one.pid())? + cpu_seconds(two.pid())?) };
    for round in 0..settings.rounds * 2 {
        let count_of_nodes = if round % 4 < 2 { 1 + round % 2 } else { 2 - round % 2 };
        let before = used()?;
        let counted = std::thread::scope(|scope| {
            let runs: Vec<_> = loads
                .iter()
                .take(count_of_nodes)
                .map(|load| scope.spawn(|| load::run(generator, load).map_err(|error| error.to_string())))
                .collect();
            runs.into_iter()
                .map(|run| run.join().map_err(|_| "a load generator failed".to_owned())?)
                .collect::<std::result::Result<Vec<Counted>, String>>()
        })?;
        let calls: u64 = counted.iter().map(|counted| counted.all).sum();
        figures[count_of_nodes - 1].push((used()? - before) * 1e6 / count(calls));
    }
    let [alone, together] = &figures;
    let middle = |figures: &[f64]| Spread::of(figures.iter().copied()).median;
    Ok(Line {
        what: "session.get: CPU per call on two nodes, of one node's".to_owned(),
        figure: format!("{:.2} against {:.2} µs", middle(together), middle(alone)),
        ratio: Spread::of_ratios(together, alone),
        unit: "×",
        bar: Bar::AtMost(1.1),
        is_decided: true,
    })
}
