//! Whether a history could have been: the sequential model that two nodes and a database must look like.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How long a node may not know what another one has done.
pub(crate) const BOUND: Duration = Duration::from_secs(2);

/// What a client wanted. Sessions, limits and users are numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Wish {
    /// Uses a session whose number of uses is limited.
    Use(usize),
    /// Ends a session.
    End(usize),
    /// Uses a session that somebody may have ended.
    Enter(usize),
    /// Adds a user.
    Add(usize),
    /// Looks for a user.
    Find(usize),
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It was done, or it was let in.
    Done,
    /// No: the limit is used up, the session has ended, there is no such user.
    Refused,
    /// No answer, or one that says that nobody knows: it may have been done, now or later.
    Unknown,
}

/// One call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Event {
    pub(crate) node: usize,
    pub(crate) wish: Wish,
    pub(crate) outcome: Outcome,
    /// When it was asked, since the beginning.
    pub(crate) asked: Duration,
    /// When the answer was there.
    pub(crate) answered: Duration,
}

/// What cannot have been. `limit`: how many uses each limited session has.
pub(crate) fn faults(history: &[Event], limit: usize) -> Vec<String> {
    let mut faults = Vec::new();
    let numbers = |pick: &dyn Fn(Wish) -> Option<usize>| -> BTreeSet<usize> {
        history.iter().filter_map(|event| pick(event.wish)).collect()
    };
    for number in numbers(&|wish| if let Wish::Use(number) = wish { Some(number) } else { None }) {
        counter(history, number, limit, &mut faults);
    }
    for number in numbers(&|wish| if let Wish::Enter(number) = wish { Some(number) } else { None }) {
        session(history, number, &mut faults);
    }
    for number in numbers(&|wish| if let Wish::Find(number) = wish { Some(number) } else { None }) {
        user(history, number, &mut faults);
    }
    faults
}

/// Never more uses than the limit; never refused while some must be left.
fn counter(history: &[Event], number: usize, limit: usize, faults: &mut Vec<String>) {
    let uses = || history.iter().filter(move |event| event.wish == Wish::Use(number));
    let done = uses().filter(|event| event.outcome == Outcome::Done).count();
    if done > limit {
        faults.push(format!("limit {number}: {done} uses of {limit}"));
    }
    if let Some(refused) = uses().filter(|event| event.outcome == Outcome::Refused).min_by_key(|event| event.answered) {
        let before =
            uses().filter(|event| event.outcome != Outcome::Refused && event.asked <= refused.answered).count();
        if before < limit {
            faults.push(format!("limit {number}: refused after at most {before} uses of {limit}"));
        }
    }
}

/// Ended is ended: on the node that knows at once and for ever, on the other within the bound.
fn session(history: &[Event], number: usize, faults: &mut Vec<String>) {
    let of = |wish| history.iter().filter(move |event| event.wish == wish);
    // When it was known that the session has ended, and on which node.
    let acknowledged = of(Wish::End(number)).filter(|event| event.outcome == Outcome::Done);
    let told = of(Wish::Enter(number)).filter(|event| event.outcome == Outcome::Refused);
    let mut known: BTreeMap<usize, Duration> = BTreeMap::new();
    for event in acknowledged.chain(told) {
        let since = known.entry(event.node).or_insert(event.answered);
        *since = event.answered.min(*since);
    }
    let first_end = of(Wish::End(number)).map(|event| event.asked).min();
    for event in of(Wish::Enter(number)) {
        let here = known.get(&event.node).is_some_and(|since| event.asked > *since);
        let anywhere = known.values().any(|since| event.asked > *since + BOUND);
        match event.outcome {
            Outcome::Done if here => {
                faults.push(format!("session {number}: came back on node {}: {event:?}", event.node));
            }
            Outcome::Done if anywhere => {
                faults.push(format!("session {number}: let in after the bound: {event:?}"));
            }
            Outcome::Refused if first_end.is_none_or(|end| end > event.answered) => {
                faults.push(format!("session {number}: refused before anybody ended it: {event:?}"));
            }
            Outcome::Done | Outcome::Refused | Outcome::Unknown => {}
        }
    }
}

/// What was acknowledged is found; what nobody asked for is not.
fn user(history: &[Event], number: usize, faults: &mut Vec<String>) {
    let of = |wish| history.iter().filter(move |event| event.wish == wish);
    let added = of(Wish::Add(number)).filter(|event| event.outcome == Outcome::Done).map(|event| event.answered).min();
    let asked = of(Wish::Add(number)).map(|event| event.asked).min();
    for event in of(Wish::Find(number)) {
        match event.outcome {
            Outcome::Refused if added.is_some_and(|added| event.asked > added + BOUND) => {
                faults.push(format!("user {number}: was acknowledged and is gone: {event:?}"));
            }
            Outcome::Done if asked.is_none_or(|asked| asked > event.answered) => {
                faults.push(format!("user {number}: nobody added it: {event:?}"));
            }
            Outcome::Done | Outcome::Refused | Outcome::Unknown => {}
        }
    }
}

/// The check itself: histories that cannot have been are noticed, and others are not.
#[test]
fn what_cannot_have_been_is_noticed() {
    use Outcome::{Done, Refused, Unknown};
    use Wish::{Add, End, Enter, Find, Use};
    // Node, wish, outcome, asked and answered in milliseconds.
    type Row = (usize, Wish, Outcome, u64, u64);
    let history = |rows: &[Row]| -> Vec<Event> {
        let time = Duration::from_millis;
        let event = |&(node, wish, outcome, asked, answered): &Row| Event {
            node,
            wish,
            outcome,
            asked: time(asked),
            answered: time(answered),
        };
        rows.iter().map(event).collect()
    };
    let bad: &[(&[Row], &str)] = &[
        (&[(0, Use(1), Done, 0, 1), (1, Use(1), Done, 0, 1), (0, Use(1), Done, 2, 3)], "3 uses of 2"),
        (&[(0, Use(1), Done, 0, 1), (1, Use(1), Refused, 2, 3), (0, Use(1), Done, 9, 10)], "refused after at most 1"),
        (&[(0, End(1), Done, 0, 1), (0, Enter(1), Done, 2, 3)], "came back"),
        (&[(0, End(1), Unknown, 0, 1), (1, Enter(1), Refused, 2, 3), (1, Enter(1), Done, 4, 5)], "came back"),
        (&[(0, End(1), Done, 0, 1), (1, Enter(1), Done, 2002, 2003)], "after the bound"),
        (
            &[(0, End(1), Unknown, 0, 1), (1, Enter(1), Refused, 2, 3), (0, Enter(1), Done, 2004, 2005)],
            "after the bound",
        ),
        (&[(0, Enter(1), Refused, 0, 1), (0, End(1), Done, 2, 3)], "before anybody"),
        (&[(0, Add(1), Done, 0, 1), (1, Find(1), Refused, 3000, 3001)], "is gone"),
        (&[(0, Find(1), Done, 0, 1), (0, Add(1), Done, 2, 3)], "nobody added"),
    ];
    for (rows, expected) in bad {
        let found = faults(&history(rows), 2);
        assert!(found.len() == 1 && found[0].contains(expected), "{rows:?}: {found:?}");
    }
    let good: &[&[Row]] = &[
        &[(0, Use(1), Done, 0, 1), (1, Use(1), Unknown, 0, 9), (0, Use(1), Refused, 2, 3)],
        &[(0, Use(1), Done, 0, 1), (1, Use(1), Unknown, 0, 9), (0, Use(1), Done, 2, 3), (0, Use(1), Refused, 4, 5)],
        &[(0, End(1), Done, 0, 1), (1, Enter(1), Done, 1999, 2003), (0, Enter(1), Refused, 2, 3)],
        &[(0, End(1), Unknown, 0, 1), (0, Enter(1), Done, 5000, 5001)],
        &[(0, Enter(1), Done, 0, 5), (0, End(1), Done, 1, 2)],
        &[(0, Add(1), Unknown, 0, 1), (1, Find(1), Refused, 3000, 3001)],
        &[(0, Add(1), Done, 0, 1), (1, Find(1), Done, 3000, 3001)],
    ];
    for rows in good {
        assert_eq!(faults(&history(rows), 2), [""; 0], "{rows:?}");
    }
}
