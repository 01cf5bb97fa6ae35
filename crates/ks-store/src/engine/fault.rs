//! Database calls that a test makes fail, or holds up. Builds without debug assertions have none of it.

#[cfg(not(all(test, debug_assertions)))]
use std::future::{Ready, ready};

use crate::error::StoreError;

#[cfg(all(test, debug_assertions))]
use super::stage::{Gate, Passage};
#[cfg(debug_assertions)]
pub use armed::{Fault, Faults, Sprung};

/// What every call of the database goes through.
#[derive(Clone, Default)]
pub(crate) struct Trap {
    #[cfg(debug_assertions)]
    pub(crate) faults: Option<std::sync::Arc<Faults>>,
    #[cfg(all(test, debug_assertions))]
    pub(crate) gate: Option<Gate>,
}

/// What a call does to the lock that writers take turns with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// It takes it.
    Begin,
    /// It gives it back.
    Commit,
    /// Nothing.
    Other,
}

/// What is to become of the answer of a call.
pub(super) struct Verdict {
    #[cfg(debug_assertions)]
    is_lost: bool,
    #[cfg(all(test, debug_assertions))]
    passage: Option<Passage>,
}

impl Trap {
    /// To be asked before a call is made; an error is the call's own.
    pub(super) fn next(&self) -> impl Future<Output = Result<Verdict, StoreError>> + Send {
        self.next_of(Step::Other)
    }

    /// The same, for a call that begins or ends a change. Only simulations wait here: elsewhere nothing is kept for it.
    #[cfg(all(test, debug_assertions))]
    pub(super) async fn next_of(&self, step: Step) -> Result<Verdict, StoreError> {
        let (fault, passage) = match &self.gate {
            Some(gate) => gate.call(step).await,
            None => (self.fault(), None),
        };
        if fault == Some(Fault::Unsent) {
            Err(armed::error())
        } else {
            Ok(Verdict { is_lost: fault.is_some(), passage })
        }
    }

    #[cfg(not(all(test, debug_assertions)))]
    pub(super) fn next_of(&self, _: Step) -> Ready<Result<Verdict, StoreError>> {
        #[cfg(debug_assertions)]
        let fault = self.fault();
        #[cfg(debug_assertions)]
        if fault == Some(Fault::Unsent) {
            return ready(Err(armed::error()));
        }
        ready(Ok(Verdict {
            #[cfg(debug_assertions)]
            is_lost: fault.is_some(),
        }))
    }

    #[cfg(debug_assertions)]
    fn fault(&self) -> Option<Fault> {
        self.faults.as_ref().and_then(|faults| faults.next())
    }

    /// What the calls of one connection go through.
    pub(super) fn of_connection(&self) -> Self {
        Self {
            #[cfg(all(test, debug_assertions))]
            gate: self.gate.as_ref().map(Gate::of_connection),
            #[cfg(debug_assertions)]
            faults: self.faults.clone(),
        }
    }

    /// The same without faults.
    pub(super) fn without_faults(&self) -> Self {
        Self {
            #[cfg(debug_assertions)]
            faults: None,
            #[cfg(all(test, debug_assertions))]
            gate: self.gate.clone(),
        }
    }

    /// The timeline of a file: it has one, but in simulations.
    pub(super) fn timeline(&self) -> i64 {
        #[cfg(all(test, debug_assertions))]
        if let Some(gate) = &self.gate {
            return gate.timeline();
        }
        0
    }

    /// Held while something is done that is no call.
    pub(super) fn busy(&self) -> impl Sized + use<> {
        #[cfg(all(test, debug_assertions))]
        return self.gate.as_ref().map(Gate::busy);
        #[cfg(not(all(test, debug_assertions)))]
        return;
    }
}

impl Verdict {
    /// The answer, unless it is to be lost.
    #[cfg(all(test, debug_assertions))]
    pub(super) async fn on<T>(self, answer: Result<T, StoreError>) -> Result<T, StoreError> {
        let is_lost = match self.passage {
            Some(passage) => passage.answer().await,
            None => self.is_lost,
        };
        if is_lost { answer.and_then(|_| Err(armed::error())) } else { answer }
    }

    #[cfg(not(all(test, debug_assertions)))]
    pub(super) fn on<T>(self, answer: Result<T, StoreError>) -> Ready<Result<T, StoreError>> {
        #[cfg(debug_assertions)]
        if self.is_lost {
            return ready(answer.and_then(|_| Err(armed::error())));
        }
        ready(answer)
    }
}

#[cfg(debug_assertions)]
mod armed {
    use parking_lot::Mutex;

    use crate::error::StoreError;

    /// How a call fails.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Fault {
        /// It never reaches the database.
        Unsent,
        /// The database does it, and the answer is lost.
        Unanswered,
    }

    /// What has happened since a fault was set.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Sprung {
        /// How many calls there were.
        pub calls: usize,
        /// Whether one of them failed.
        pub failed: bool,
    }

    /// Makes one call of a store's database fail: of callers and of the writer, not of the follower of the change log.
    #[derive(Debug, Default)]
    pub struct Faults(Mutex<State>);

    #[derive(Debug, Default)]
    struct State {
        set: Option<(usize, Fault)>,
        calls: usize,
    }

    impl Faults {
        /// From now on the `nth` call fails, counted from 1.
        pub fn set(&self, nth: usize, fault: Fault) {
            *self.0.lock() = State { set: Some((nth, fault)), calls: 0 };
        }

        /// No call fails any more; what happened meanwhile.
        pub fn clear(&self) -> Sprung {
            let state = std::mem::take(&mut *self.0.lock());
            let failed = state.set.is_some_and(|(nth, _)| nth <= state.calls);
            Sprung { calls: state.calls, failed }
        }

        pub(super) fn next(&self) -> Option<Fault> {
            let mut state = self.0.lock();
            let (nth, fault) = state.set?;
            state.calls += 1;
            (state.calls == nth).then_some(fault)
        }
    }

    pub(super) fn error() -> StoreError {
        StoreError::Unavailable("a test made this call fail".to_owned())
    }
}
