//! A flood of wrong passwords at one account: its owner gets in, others hardly notice, and nobody has to clean up.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ks_tests::call::path;
use ks_tests::http::Response;
use ks_tests::scale::{count, is_soak};
use ks_tests::server::Server;
use serde_json::{Value, json};

const CONNECTIONS: usize = 64;
const RIGHT: &str = "a long enough secret";
const WRONG: &str = "a long enough guess";
/// Where the owner is, and others are: away from all who attack.
const HOME: &str = "198.51.100.9";
const OTHERS: usize = 2;

/// Where wrong passwords come from.
#[derive(Clone, Copy)]
enum Source {
    OneNetwork,
    ANetworkEach,
    ANetworkEachTime,
}

impl Source {
    fn name(self) -> &'static str {
        match self {
            Self::OneNetwork => "one network",
            Self::ANetworkEach => "a network for each connection",
            Self::ANetworkEachTime => "another network each time",
        }
    }

    fn address(self, connection: usize, number: usize) -> String {
        match self {
            Self::OneNetwork => "203.0.113.200".to_owned(),
            Self::ANetworkEach => format!("203.0.113.{connection}"),
            Self::ANetworkEachTime => format!("10.{}.{}.{}", number >> 16, (number >> 8) & 255, number & 255),
        }
    }
}

/// A connection that is kept.
struct Connection {
    stream: TcpStream,
    host: String,
}

impl Connection {
    fn open(server: &Server) -> Self {
        let stream = TcpStream::connect(server.addr).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_mins(2))).expect("a timeout");
        stream.set_nodelay(true).expect("an option");
        Self { stream, host: server.addr.to_string() }
    }

    /// A login by user id, which tells why it fails.
    fn log_in(&mut self, from: &str, partner: i64, user: &str, password: &str) -> Value {
        let body = json!({"format": 1, "partnerId": partner, "userId": user, "password": password}).to_string();
        let request = format!(
            "POST {} HTTP/1.1\r\nHost: {}\r\nX-Forwarded-For: {from}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            path("user.login"),
            self.host,
            body.len()
        );
        self.stream.write_all(request.as_bytes()).expect("a request is taken");
        let (mut raw, mut piece) = (Vec::new(), [0; 4096]);
        loop {
            let read = match self.stream.read(&mut piece) {
                // A machine that was stopped and goes on.
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                read => read.expect("an answer"),
            };
            assert_ne!(read, 0, "the server closed a connection");
            raw.extend_from_slice(&piece[..read]);
            if let Some(response) = Response::parse(&raw, false) {
                return response.json();
            }
        }
    }
}

/// The code of a failure; empty for a session.
fn code(answer: &Value) -> String {
    assert!(answer.is_string() || answer["code"].is_string(), "{answer}");
    answer["code"].as_str().unwrap_or_default().to_owned()
}

/// A server over a folder that believes a proxy on this machine.
fn serve(data: &Path) -> Server {
    Server::start(Server::serve_command(data).args(["--trusted-proxy", "127.0.0.1", "--log", "warn"]))
}

/// Logins per second of people who are not attacked, until they are told to stop.
fn others(server: &Server, partner: i64, stop: &AtomicBool) -> f64 {
    let (done, since) = (AtomicUsize::new(0), Instant::now());
    std::thread::scope(|scope| {
        for number in 0..OTHERS {
            let done = &done;
            scope.spawn(move || {
                let mut connection = Connection::open(server);
                while !stop.load(Ordering::Relaxed) {
                    let_in(&mut connection, &format!("198.51.100.{}", 20 + number), partner, &other(number));
                    done.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    let done = u32::try_from(done.into_inner()).unwrap_or(u32::MAX);
    f64::from(done) / since.elapsed().as_secs_f64()
}

/// Logs in with the right password, which must do. A machine that is busy with other tests may not get to everybody in
/// time: there whoever is asked to come again does so. Only the soak has it for itself.
fn let_in(connection: &mut Connection, from: &str, partner: i64, user: &str) {
    let mut told = (0..count(3, 1)).map(|_| code(&connection.log_in(from, partner, user, RIGHT)));
    let told = told.find(|told| told != "ACTION_BLOCKED");
    assert_eq!(told.as_deref(), Some(""), "{user} is kept out");
}

fn other(number: usize) -> String {
    format!("other{number}")
}

/// Resident memory, in MiB.
fn resident(server: &Server) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kib| kib.parse::<f64>().ok()).unwrap_or_default() / 1024.0
}

/// What an attack did.
struct Seen {
    from: Source,
    seconds: f64,
    codes: BTreeMap<String, usize>,
    before: f64,
    during: f64,
    owner: Vec<f64>,
    memory: f64,
}

/// So many wrong passwords, from 64 connections, at one user, while its owner and others log in.
fn attack(server: &Server, partner: i64, from: Source, user: &str, tries: usize) -> Seen {
    let window = Duration::from_millis(if is_soak() { 10_000 } else { 500 });
    let stop = AtomicBool::new(false);
    let before = std::thread::scope(|scope| {
        let rate = scope.spawn(|| others(server, partner, &stop));
        std::thread::sleep(window);
        stop.store(true, Ordering::Relaxed);
        rate.join().expect("others log in")
    });
    let (next, codes, peak) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()), Mutex::new(0.0_f64));
    let (stop, since) = (AtomicBool::new(false), Instant::now());
    let (seconds, during, owner) = std::thread::scope(|scope| {
        let others = scope.spawn(|| others(server, partner, &stop));
        let attackers: Vec<_> = (0..CONNECTIONS)
            .map(|connection| {
                let (next, codes) = (&next, &codes);
                scope.spawn(move || {
                    let mut open = Connection::open(server);
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= tries {
                            return;
                        }
                        let answer = open.log_in(&from.address(connection, number), partner, user, WRONG);
                        *codes.lock().expect("no panic").entry(code(&answer)).or_default() += 1;
                    }
                })
            })
            .collect();
        // The owner comes again and again, from where nobody else is.
        let owner = scope.spawn(|| {
            let (mut times, mut connection) = (Vec::new(), Connection::open(server));
            while !stop.load(Ordering::Relaxed) {
                let began = Instant::now();
                let_in(&mut connection, HOME, partner, user);
                times.push(began.elapsed().as_secs_f64());
                let mut peak = peak.lock().expect("no panic");
                *peak = peak.max(resident(server));
                drop(peak);
                std::thread::sleep(Duration::from_millis(if is_soak() { 500 } else { 50 }));
            }
            times
        });
        for attacker in attackers {
            attacker.join().expect("an attacker is answered");
        }
        let seconds = since.elapsed().as_secs_f64();
        // So that a short attack is no shorter than what it is compared with.
        std::thread::sleep(if is_soak() { window.saturating_sub(since.elapsed()) } else { Duration::ZERO });
        stop.store(true, Ordering::Relaxed);
        (seconds, others.join().expect("others log in"), owner.join().expect("the owner logs in"))
    });
    let codes = codes.into_inner().expect("no panic");
    let memory = peak.into_inner().expect("no panic");
    Seen { from, seconds, codes, before, during, owner, memory }
}

#[test]
fn a_flood_of_wrong_passwords_keeps_nobody_out() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let mut server = serve(data.path());
    let (partner, secret) = (server.partner(), server.told("adminSecret").to_owned());
    let params = json!({"secret": secret, "partnerId": partner, "type": 2});
    let ks = server.good("session.start", &params);
    let floods = [Source::OneNetwork, Source::ANetworkEach, Source::ANetworkEachTime];
    let owners = ["owner0", "owner1", "owner2"];
    for id in (0..OTHERS).map(other).chain(owners.map(str::to_owned)) {
        let user =
            json!({"objectType": "KalturaUser", "id": id, "email": format!("{id}@example.com"), "password": RIGHT});
        let _ = server.good("user.add", &json!({"ks": ks, "user": user}));
    }
    let idle = resident(&server);
    let tries = count(130, 10_000);
    let flood = |(from, user): (&Source, &str)| {
        // From another network each time, every try costs a hash.
        let tries = if matches!(from, Source::ANetworkEachTime) { (tries / 10).max(130) } else { tries };
        attack(&server, partner, *from, user, tries)
    };
    let seen: Vec<Seen> = floods.iter().zip(owners).map(flood).collect();

    assert!(server.terminate().success());
    let server = serve(data.path());
    let mut connection = Connection::open(&server);
    for (from, user) in floods.iter().zip(owners) {
        // The count outlives the process: one more wrong password, which alone would be nothing, is one too many, and
        // then even the right one waits there. Elsewhere nobody has to do anything for the owner.
        let there = from.address(0, 0);
        let again = code(&connection.log_in(&there, partner, user, WRONG));
        assert!(["LOGIN_RETRIES_EXCEEDED", "LOGIN_BLOCKED"].contains(&again.as_str()), "{}: {again}", from.name());
        let right = code(&connection.log_in(&there, partner, user, RIGHT));
        // A block that has just begun lasts; one that stood may have ended since, for it is told a second late.
        let has_ended = again == "LOGIN_BLOCKED" && right.is_empty();
        assert!(right == "LOGIN_BLOCKED" || has_ended, "{}: {again}, then {right}", from.name());
        assert_eq!(code(&connection.log_in(HOME, partner, user, RIGHT)), "", "{}", from.name());
    }
    for Seen { from, codes, owner, .. } in &seen {
        let known = ["USER_WRONG_PASSWORD", "LOGIN_RETRIES_EXCEEDED", "LOGIN_BLOCKED", "ACTION_BLOCKED"];
        assert!(codes.keys().all(|code| known.contains(&code.as_str())), "{}: {codes:?}", from.name());
        assert!(!owner.is_empty(), "{}: the owner did not come", from.name());
        // One place is not believed more often than the account allows; everybody together not much more often.
        if matches!(from, Source::OneNetwork) {
            assert!(codes.get("LOGIN_BLOCKED").is_some_and(|blocked| *blocked >= tries - 100), "{codes:?}");
        }
    }
    report(&seen, idle, tries);
}

/// How many processors this machine has.
fn processors() -> f64 {
    std::thread::available_parallelism().map_or(1.0, |count| f64::from(u32::try_from(count.get()).unwrap_or(u32::MAX)))
}

/// The table, and in the soak the bars.
fn report(seen: &[Seen], idle: f64, tries: usize) {
    let mut missed = Vec::new();
    let mut table = String::new();
    for Seen { from, seconds, codes, before, during, owner, memory } in seen {
        let count = |code: &str| codes.get(code).copied().unwrap_or_default();
        let slowest = owner.iter().copied().fold(0.0, f64::max);
        let share = during / before * 100.0;
        table.push_str(&format!(
            "| {} | {seconds:.1} s | {} / {} / {} | {slowest:.2} s in {} logins | {before:.1} and {during:.1} per second: \
             {share:.0} % | {memory:.0} MiB |\n",
            from.name(),
            count("USER_WRONG_PASSWORD"),
            count("LOGIN_RETRIES_EXCEEDED"),
            count("LOGIN_BLOCKED"),
            owner.len(),
        ));
        let mut bar = |met: bool, what: &str| {
            if !met {
                missed.push(format!("{}: {what}", from.name()));
            }
        };
        bar(slowest < 5.0, "the owner waits for 5 seconds or more");
        // One processor at most hashes for those who attack; where few are blocked, it is busy all the time.
        let left = if matches!(from, Source::ANetworkEachTime) { 1.0 - 1.0 / processors() } else { 1.0 };
        bar(share >= 80.0 * left, "others keep less than 80 % of their rate");
        bar(*memory < 160.0, "160 MiB of memory or more");
    }
    let text = format!(
        "# A flood of wrong passwords at one account\n\n{tries} wrong passwords from {CONNECTIONS} connections at one user of \
         `ks serve` (development build), from one network, and again from as many networks as connections; then a tenth \
         as many of which each comes from a network of its own, so that none is blocked and each costs a hash. The owner, elsewhere, logs in with the right password all the while, \
         and {OTHERS} others one login after the other. Before the floods the server had {idle:.0} MiB. Afterwards it was \
         started anew: the places that the wrong passwords came from were still blocked, the owner got in from elsewhere \
         at once, and nobody had done anything for it. Bars: the owner gets in within 5 seconds; others keep 80 % of \
         their rate (of what the other processors of {} can do where each try comes from elsewhere: one at most hashes \
         for those who attack); memory stays below 160 MiB.\n\n| wrong passwords from | took | wrong / one too many / blocked | owner's \
         slowest login | others' logins before and during | largest memory |\n|---|---|---|---|---|---|\n{table}\nBars \
         missed: {}.\n",
        processors(),
        if missed.is_empty() { "none".to_owned() } else { missed.join("; ") }
    );
    ks_tests::report::write("lockout.md", &text);
    assert!(!is_soak() || missed.is_empty(), "{missed:#?}\n{table}");
}
