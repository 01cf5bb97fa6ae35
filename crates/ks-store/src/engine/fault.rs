//! Database calls that a test makes fail. Builds without debug assertions have none of it.

use crate::error::StoreError;

#[cfg(debug_assertions)]
pub use armed::{Fault, Faults, Sprung};

/// What every call of the database goes through.
#[derive(Clone, Default)]
pub(crate) struct Trap {
    #[cfg(debug_assertions)]
    pub(crate) faults: Option<std::sync::Arc<Faults>>,
}

/// What is to become of the answer of a call.
pub(super) struct Verdict {
    #[cfg(debug_assertions)]
    is_lost: bool,
}

impl Trap {
    /// To be asked before a call is made; an error is the call's own.
    pub(super) fn next(&self) -> Result<Verdict, StoreError> {
        #[cfg(debug_assertions)]
        let fault = self.faults.as_ref().and_then(|faults| faults.next());
        #[cfg(debug_assertions)]
        if fault == Some(Fault::Unsent) {
            return Err(armed::error());
        }
        Ok(Verdict {
            #[cfg(debug_assertions)]
            is_lost: fault.is_some(),
        })
    }
}

impl Verdict {
    /// The answer, unless it is to be lost.
    pub(super) fn on<T>(self, answer: Result<T, StoreError>) -> Result<T, StoreError> {
        #[cfg(debug_assertions)]
        if self.is_lost {
            return answer.and_then(|_| Err(armed::error()));
        }
        answer
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
