//! Short pieces of work that take turns on one thread.

use std::time::Instant;

/// Rounds of which the medians are taken.
const ROUNDS: usize = 401;
/// Calls in each round.
const CALLS: u32 = 500;

/// One that is measured: a name, and a call that says whether its work came out right.
pub(crate) struct Contender<'c> {
    name: &'static str,
    call: Box<dyn FnMut() -> bool + 'c>,
    nanoseconds: Vec<f64>,
}

impl<'c> Contender<'c> {
    pub(crate) fn new(name: &'static str, call: impl FnMut() -> bool + 'c) -> Self {
        Self { name, call: Box::new(call), nanoseconds: Vec::with_capacity(ROUNDS) }
    }

    fn round(&mut self) {
        let start = Instant::now();
        let right = (0..CALLS).filter(|_| (self.call)()).count();
        let elapsed = start.elapsed();
        assert_eq!(right, CALLS as usize, "{} gave a wrong answer", self.name);
        self.nanoseconds.push(elapsed.as_secs_f64() * 1e9 / f64::from(CALLS));
    }
}

/// Lets all take turns, so that whatever else the machine does hits all alike. Gives the nanoseconds of each, round by
/// round, in the order of the contenders.
pub(crate) fn race<const N: usize>(mut contenders: [Contender<'_>; N]) -> [Vec<f64>; N] {
    for _ in 0..ROUNDS {
        for contender in &mut contenders {
            contender.round();
        }
    }
    contenders.map(|contender| contender.nanoseconds)
}
