//! What looks on while calls are answered: the log, strictness, and faults.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ks_schema::{ApiError, ErrorCode};
use ks_service::inspect::{Fate, Inspector, Seen};
use parking_lot::Mutex;

use super::log::Log;

/// A fault that calls run into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The service; case does not matter. `None`: all.
    pub service: Option<String>,
    /// The action, likewise.
    pub action: Option<String>,
    /// How long calls wait.
    pub delay: Duration,
    /// The error that they are answered with instead of being done; `None`: they only wait.
    pub error: Option<ErrorCode>,
    /// Whether they break off, as a slip in this program would have it.
    pub panics: bool,
    /// How many calls; `None`: all, until it is taken away.
    pub times: Option<u32>,
}

impl Fault {
    fn fits(&self, service: &str, action: &str) -> bool {
        let same = |wanted: &Option<String>, is: &str| wanted.as_ref().is_none_or(|it| it.eq_ignore_ascii_case(is));
        same(&self.service, service) && same(&self.action, action) && self.times != Some(0)
    }
}

/// The inspector of a development server.
pub(super) struct Desk {
    pub(super) log: Log,
    strict: AtomicBool,
    faults: Mutex<Vec<Fault>>,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desk").field("strict", &self.strict).finish_non_exhaustive()
    }
}

impl Desk {
    pub(super) fn new(strict: bool) -> Self {
        Self { log: Log::default(), strict: AtomicBool::new(strict), faults: Mutex::default() }
    }

    pub(super) fn set_strict(&self, strict: bool) {
        self.strict.store(strict, Ordering::Relaxed);
    }

    pub(super) fn add_fault(&self, fault: Fault) {
        self.faults.lock().push(fault);
    }

    pub(super) fn faults(&self) -> Vec<Fault> {
        self.faults.lock().clone()
    }

    pub(super) fn clear_faults(&self) {
        self.faults.lock().clear();
    }
}

impl Inspector for Desk {
    fn is_strict(&self) -> bool {
        self.strict.load(Ordering::Relaxed)
    }

    /// The first fault that fits decides.
    fn fate(&self, service: &str, action: &str) -> Fate {
        let mut faults = self.faults.lock();
        let Some(fault) = faults.iter_mut().find(|fault| fault.fits(service, action)) else { return Fate::default() };
        if let Some(times) = &mut fault.times {
            *times -= 1;
        }
        let error = fault.error.map(|code| ApiError::new(code, Vec::new()));
        Fate { delay: fault.delay, error, panics: fault.panics }
    }

    fn seen(&self, call: Seen) {
        self.log.take(call);
    }
}
