//! A database whose calls fail, each once in turn: a change is there whole or not at all, an acknowledged one is there,
//! memory agrees with the database, and the same change succeeds afterwards.

mod changes;
mod state;

use std::sync::Arc;

use ks_store::{Fault, Faults};
use ks_tests::account::eventually;
use ks_tests::call::fault;
use ks_tests::house::{House, request};
use ks_tests::scale::{count, is_soak};
use serde_json::{Value, json};

use self::changes::{ALL, Call, Prepare, World};
use self::state::{Shape, State};

/// A world whose database can be made to fail; nothing is written to it but what is asked for.
fn world() -> (World, Arc<Faults>) {
    let faults = Arc::new(Faults::default());
    let house = House::build_with(|store| {
        let never = std::time::Duration::from_secs(86_400);
        (store.flush_last_used_every, store.flush_refusals_every, store.prune_every) = (never, never, never);
        store.faults = Some(Arc::clone(&faults));
    });
    let account = house.account(1);
    house.group(&account, "crew");
    house.set(&account, &json!({"adminLoginUsersQuota": -1}));
    let world = World { house, account };
    world.warm_up();
    (world, faults)
}

/// The answer of a call, which is one of the protocol's, whatever becomes of the database.
fn answer(world: &World, call: &Call, number: i32) -> Value {
    let [_, a, b, c] = number.to_be_bytes();
    let asked = request(call.action, &call.params).header("X-Forwarded-For", &format!("10.{a}.{b}.{c}"));
    let response = world.house.send(&asked);
    assert_eq!(response.status, 200, "{} {}: {response:?}", call.action, call.params);
    response.json()
}

fn is_error(answer: &Value) -> bool {
    answer["objectType"] == "KalturaAPIException"
}

/// What a server with an empty memory answers about the sessions, the one with a memory answers, too.
fn memory_agrees(world: &World, call: &Call, context: &str) {
    let fresh = world.house.beside();
    let mut calls: Vec<(&str, Value)> = Vec::new();
    for ks in std::iter::once(&world.account.admin()).chain(&call.sessions) {
        calls.push(("session.get", json!({ "ks": ks })));
        calls.push(("permission.getCurrentPermissions", json!({ "ks": ks })));
    }
    for list in ["userRole.list", "user.list", "category.list", "baseEntry.list", "appToken.list", "permission.list"] {
        let pager = json!({"pageSize": 2});
        calls.push((list, json!({"ks": world.account.admin(), "pager": pager, "filter": {"orderBy": "-createdAt"}})));
    }
    for (action, params) in calls {
        // What was committed without an answer is known when the change log has been followed.
        eventually(&format!("{context}: memory agrees with the database: {action} {params}"), || {
            world.house.call(action, &params) == fresh.call(action, &params)
        });
    }
}

/// What one kind of change went through.
#[derive(Default)]
struct Seen {
    calls: usize,
    failed: usize,
    before: usize,
    after: usize,
    unharmed: usize,
    /// What must not be.
    problems: Vec<String>,
}

impl Seen {
    fn must(&mut self, holds: bool, problem: impl FnOnce() -> String) {
        if !holds {
            self.problems.push(problem());
        }
    }
}

/// Lets each call of the database that a change makes fail once.
fn each_call(world: &World, faults: &Faults, state: &mut State, kind: (&str, Prepare), number: &mut i32) -> Seen {
    let (name, prepare) = kind;
    let mut next = || {
        *number += 1;
        (*number, prepare(world, *number))
    };
    // Without a fault, for comparison: the first time with a memory that has seen nothing.
    let (id, call) = next();
    state.mark();
    faults.set(usize::MAX, Fault::Unsent);
    let good = answer(world, &call, id);
    let mut seen = Seen { calls: faults.clear().calls, ..Seen::default() };
    assert!(!is_error(&good), "{name}: {good}");
    let whole = state.shape();
    assert!(!whole.is_empty(), "{name} changes nothing");

    // After a fault, connecting again is one call more.
    for nth in 1..=seen.calls + 1 {
        for fault in [Fault::Unsent, Fault::Unanswered] {
            // Beside a build some calls of the database fail, in one of the two ways.
            if !is_soak() && (nth + name.len()) % 12 != usize::from(fault == Fault::Unsent) {
                continue;
            }
            let (id, call) = next();
            let context = format!("{name}, call {nth}, {fault:?}");
            state.mark();
            faults.set(nth, fault);
            let answered = answer(world, &call, id);
            if faults.clear().failed {
                seen.failed += 1;
                one(world, state, &call, (id, &answered), &whole, &context, &mut seen);
            } else {
                // With a warm memory it needs fewer calls.
                seen.must(!is_error(&answered), || format!("{context}: {answered}"));
                let left = state.shape();
                seen.must(left == whole, || format!("{context}: acknowledged, and not whole: {left:?}"));
            }
        }
    }
    seen
}

/// Looks at what a change left whose call of the database failed, and makes it again.
fn one(
    world: &World,
    state: &mut State,
    call: &Call,
    (id, answered): (i32, &Value),
    whole: &Shape,
    context: &str,
    seen: &mut Seen,
) {
    let left = state.shape();
    if is_error(answered) {
        let (code, _) = fault(answered);
        let clear = ["INTERNAL_DATABASE_ERROR", "INVALID_KS", "PARTNER_REGISTRATION_ERROR"];
        seen.must(clear.contains(&code.as_str()), || format!("{context}: {answered}"));
    } else {
        seen.must(left == *whole, || format!("{context}: acknowledged, and not whole: {left:?}"));
        seen.unharmed += 1;
    }
    if left.is_empty() {
        seen.before += 1;
    } else {
        seen.must(left == *whole, || format!("{context}: half a change: {left:?} and not {whole:?}"));
        seen.after += 1;
    }
    // Another server takes its time to start.
    if is_soak() || !left.is_empty() || seen.failed % 4 == 1 {
        memory_agrees(world, call, context);
    }
    // The other server has noted which secrets were used.
    state.mark();
    let again = answer(world, call, id);
    if left.is_empty() {
        let then = state.shape();
        seen.must(!is_error(&again), || format!("{context}: the same change afterwards: {again}"));
        seen.must(then == *whole, || format!("{context}: the same change afterwards: {then:?}"));
    } else if is_error(&again) {
        // It was made already: that is told, or it makes no difference.
        let (code, _) = fault(&again);
        seen.must(!code.starts_with("INTERNAL"), || format!("{context}: {again}"));
    }
}

#[test]
fn a_change_is_whole_or_not_there_whatever_fails() {
    let (world, faults) = world();
    let mut state = State::of(&world.house);
    let mut number = 1000;
    let engine = if world.house.postgres().is_some() { "PostgreSQL" } else { "SQLite" };
    let mut table = format!(
        "## {engine}\n\n| change | calls of the database | faults | nothing kept | all kept | acknowledged in spite \
         of the fault |\n|---|---|---|---|---|---|\n"
    );
    let (mut failed, mut problems) = (0, Vec::new());
    for kind in ALL {
        let seen = each_call(&world, &faults, &mut state, *kind, &mut number);
        problems.extend(seen.problems);
        let Seen { calls, failed: faults, before, after, unharmed, .. } = seen;
        table.push_str(&format!("| {} | {calls} | {faults} | {before} | {after} | {unharmed} |\n", kind.0));
        failed += faults;
    }
    table.push_str(&format!("\nNot as it must be: {}.\n", problems.len()));
    ks_tests::report::part("faults.md", INTRODUCTION, engine, &table);
    assert_eq!(problems, [""; 0]);
    assert!(failed > count(60, 1000), "only {failed} calls failed");
}

const INTRODUCTION: &str = "# Calls of the database that fail\n\nEach call of the database that a change makes fails once \
    before it is done, and once after it was done and before its answer came. Then: the database, read by another program, \
    is as before or holds the whole change, and the whole one if it was acknowledged; the answer is an error of the protocol; \
    what the server answers from memory is what a server answers that remembers nothing; the same change succeeds \
    afterwards.\n\n";

/// Changes of many callers share a transaction: when it fails, it fails for all of them, and nobody is told otherwise.
#[test]
fn callers_who_share_a_transaction_share_its_fate() {
    const CLIENTS: usize = 8;
    let (world, faults) = world();
    let ks = world.account.admin();
    let all_at_once = |round: usize| -> Vec<(String, bool)> {
        std::thread::scope(|scope| {
            let add = |client| {
                let (id, world, ks) = (format!("r{round}c{client}"), &world, &ks);
                scope.spawn(move || {
                    let params = json!({"ks": ks, "user": {"objectType": "KalturaUser", "id": id}});
                    let answer = world.house.call("user.add", &params);
                    if is_error(&answer) {
                        assert_eq!(ks_tests::call::fault(&answer).0, "INTERNAL_DATABASE_ERROR");
                    }
                    (id, !is_error(&answer))
                })
            };
            let clients: Vec<_> = (0..CLIENTS).map(add).collect();
            clients.into_iter().map(|client| client.join().expect("a client")).collect()
        })
    };
    // The last of the calls is the commit, or nearly.
    faults.set(usize::MAX, Fault::Unsent);
    assert!(all_at_once(0).iter().all(|(_, acknowledged)| *acknowledged));
    let calls = faults.clear().calls;
    let mut answered = Vec::new();
    for round in 1..=count(30, 400) {
        let fault = if round % 2 == 0 { Fault::Unsent } else { Fault::Unanswered };
        let nth = if round % 4 == 1 { calls - round / 4 % 12 } else { round * 7 % calls + 1 };
        faults.set(nth, fault);
        let told = all_at_once(round);
        faults.clear();
        for (id, acknowledged) in told {
            let there = !is_error(&world.house.call("user.get", &json!({"ks": ks, "userId": id})));
            assert!(there || !acknowledged, "round {round}: {id} was acknowledged and is gone");
            answered.push((fault, id, acknowledged));
        }
    }
    // A server that remembers nothing knows what was committed without an answer.
    let fresh = world.house.beside();
    let mut kept_without_answer = 0;
    for (fault, id, acknowledged) in answered {
        let there = !is_error(&fresh.call("user.get", &json!({"ks": ks, "userId": id})));
        assert!(there || !acknowledged, "{id} was acknowledged and is gone");
        if there && !acknowledged {
            assert_eq!(fault, Fault::Unanswered, "{id} was refused and is there");
            kept_without_answer += 1;
        }
    }
    // The check looks at something: an answer was lost after the commit at least once.
    assert!(kept_without_answer > 0 || !is_soak());
}
