//! Clients of two nodes, and what they are answered.

use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ks_tests::house::{Account, request};
use ks_tests::server::Server;
use serde_json::{Value, json};

use super::check::{BOUND, Event, Outcome, Wish};

/// How many uses each limited session has.
pub(crate) const LIMIT: usize = 25;
const CLIENTS: usize = 6;
/// A limited session is used up now and then, and so are sessions: clients turn to the next ones.
const AT_ONCE: usize = 4;

/// What clients share.
pub(crate) struct Recorder {
    /// Where each node listens now.
    nodes: Mutex<Vec<SocketAddr>>,
    account: Account,
    start: Instant,
    history: Mutex<Vec<Event>>,
    /// Sessions by number, minted once each: two tokens of one number would be two sessions.
    sessions: Mutex<Vec<String>>,
    limited: Mutex<Vec<String>>,
    users: AtomicUsize,
    uses: AtomicUsize,
    stop: AtomicBool,
}

impl Recorder {
    /// Over nodes of which the first has announced the account.
    pub(crate) fn new(nodes: &[Server]) -> Self {
        let first = &nodes[0];
        let account = Account {
            id: i32::try_from(first.partner()).expect("a partner id"),
            admin_secret: first.told("adminSecret").to_owned(),
            user_secret: first.told("userSecret").to_owned(),
        };
        Self {
            nodes: Mutex::new(nodes.iter().map(|node| node.addr).collect()),
            account,
            start: Instant::now(),
            history: Mutex::new(Vec::new()),
            sessions: Mutex::new(Vec::new()),
            limited: Mutex::new(Vec::new()),
            users: AtomicUsize::new(0),
            uses: AtomicUsize::new(0),
            stop: AtomicBool::new(false),
        }
    }

    /// Lets clients call while `meanwhile` happens, then looks at everything once more on every node.
    pub(crate) fn run(&self, meanwhile: impl FnOnce(&Self)) -> Vec<Event> {
        std::thread::scope(|scope| {
            for client in 0..CLIENTS {
                scope.spawn(move || self.client(client));
            }
            meanwhile(self);
            self.stop.store(true, Ordering::SeqCst);
        });
        self.settle();
        std::mem::take(&mut *self.history.lock().expect("no panic"))
    }

    /// A node was started again, and listens elsewhere.
    pub(crate) fn moved(&self, node: usize, to: SocketAddr) {
        self.nodes.lock().expect("no panic")[node] = to;
    }

    fn count(&self) -> usize {
        self.nodes.lock().expect("no panic").len()
    }

    /// How many calls have succeeded, of those that are looked at.
    fn done(&self, is: impl Fn(&Event) -> bool) -> usize {
        let history = self.history.lock().expect("no panic");
        history.iter().filter(|event| event.outcome == Outcome::Done && is(event)).count()
    }

    /// Waits until every node has acknowledged a change that was asked for after now; how long that took.
    pub(crate) fn wait_for_writes(&self) -> Duration {
        let since = self.start.elapsed();
        let written = |node: usize| {
            self.done(|event| {
                event.node == node && event.asked > since && matches!(event.wish, Wish::Add(_) | Wish::End(_))
            })
        };
        while (0..self.count()).any(|node| written(node) == 0) {
            std::thread::sleep(Duration::from_millis(10));
        }
        self.start.elapsed() - since
    }

    fn token(&self, of: &Mutex<Vec<String>>, number: usize, privileges: &str) -> String {
        let mut tokens = of.lock().expect("no panic");
        while tokens.len() <= number {
            tokens.push(self.account.mint(2, "somebody", privileges));
        }
        tokens[number].clone()
    }

    /// Calls in a row, in an order of its own.
    fn client(&self, client: usize) {
        let mut dice = u64::try_from(client).expect("small") * 7919 + 12345;
        let mut below = |sides: usize| {
            dice ^= dice << 13;
            dice ^= dice >> 7;
            dice ^= dice << 17;
            usize::try_from(dice % u64::try_from(sides).expect("small")).expect("small")
        };
        let mut round = 0;
        while !self.stop.load(Ordering::SeqCst) {
            round += 1;
            // A node that is gone refuses at once.
            std::thread::sleep(Duration::from_millis(2));
            let node = below(self.count());
            // What is in use moves on with what was done.
            let generation = self.uses.load(Ordering::SeqCst) / LIMIT;
            let wish = match below(10) {
                0..3 => Wish::Use(generation + below(AT_ONCE)),
                3..4 => Wish::End(client + CLIENTS * (round / 10)),
                // Ended by somebody a moment ago, or about to be.
                4..8 => Wish::Enter(below(CLIENTS) + CLIENTS * ((round / 10).saturating_sub(below(3)))),
                8 => Wish::Add(self.users.fetch_add(1, Ordering::SeqCst)),
                _ => match self.users.load(Ordering::SeqCst) {
                    0 => continue,
                    users => Wish::Find(below(users)),
                },
            };
            self.call(node, wish);
        }
    }

    fn call(&self, node: usize, wish: Wish) -> Outcome {
        let (name, params) = match wish {
            Wish::Use(number) => {
                ("session.get", json!({"ks": self.token(&self.limited, number, &format!("actionslimit:{LIMIT}"))}))
            }
            Wish::End(number) => ("session.end", json!({"ks": self.token(&self.sessions, number, "")})),
            Wish::Enter(number) => ("session.get", json!({"ks": self.token(&self.sessions, number, "")})),
            Wish::Add(number) => {
                let user = json!({"objectType": "KalturaUser", "id": format!("h{number}")});
                ("user.add", json!({"ks": self.account.admin(), "user": user}))
            }
            Wish::Find(number) => ("user.get", json!({"ks": self.account.admin(), "userId": format!("h{number}")})),
        };
        let asked = self.start.elapsed();
        let to = self.nodes.lock().expect("no panic")[node];
        let answer = request(name, &params).send(to);
        let answered = self.start.elapsed();
        let outcome = match answer {
            Ok(response) => {
                assert_eq!(response.status, 200, "{name}: {response:?}");
                outcome(wish, &response.json())
            }
            // A node that is gone.
            Err(_) => Outcome::Unknown,
        };
        if outcome == Outcome::Done && matches!(wish, Wish::Use(_)) {
            self.uses.fetch_add(1, Ordering::SeqCst);
        }
        self.history.lock().expect("no panic").push(Event { node, wish, outcome, asked, answered });
        outcome
    }

    /// When all is well again: every session, limit and user once more, on every node.
    fn settle(&self) {
        std::thread::sleep(BOUND);
        let seen: std::collections::BTreeSet<Wish> =
            self.history.lock().expect("no panic").iter().map(|event| event.wish).collect();
        let look = |node: usize| {
            for wish in &seen {
                match wish {
                    Wish::End(number) => drop(self.call(node, Wish::Enter(*number))),
                    Wish::Add(number) => drop(self.call(node, Wish::Find(*number))),
                    // Until it is used up: no use may have got lost, and none come back.
                    Wish::Use(_) => while self.call(node, *wish) == Outcome::Done {},
                    Wish::Enter(_) | Wish::Find(_) => {}
                }
            }
        };
        std::thread::scope(|scope| {
            let look = &look;
            (0..self.count()).for_each(|node| drop(scope.spawn(move || look(node))));
        });
    }
}

/// What an answer says; anything that the model does not know is a fault of the server.
fn outcome(wish: Wish, answer: &Value) -> Outcome {
    if answer["objectType"] != "KalturaAPIException" {
        return Outcome::Done;
    }
    let (code, args) = ks_tests::call::fault(answer);
    match (wish, code.as_str(), args["KSID"].as_str()) {
        (Wish::Use(_), "INVALID_KS", Some("EXCEEDED_ACTIONS_LIMIT"))
        | (Wish::Enter(_), "INVALID_KS", Some("LOGOUT"))
        | (Wish::Find(_), "INVALID_USER_ID", _) => Outcome::Refused,
        // Ended by somebody else.
        (Wish::End(_), "INVALID_KS", Some("LOGOUT")) => Outcome::Refused,
        // It was asked for once and is there.
        (_, "INTERNAL_DATABASE_ERROR" | "INVALID_KS", _) => Outcome::Unknown,
        _ => panic!("{wish:?}: {answer}"),
    }
}
