//! How often an address has tried what nobody does often: opening accounts, guessing passwords.

use std::collections::HashMap;
use std::net::IpAddr;

use parking_lot::Mutex;

/// How long tries count, in seconds.
const HOUR: i64 = 3600;
/// Addresses that are remembered; beyond that, those whose hour is over are forgotten, and then all.
const MOST: usize = 10_000;

/// What is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Try {
    /// Opening an account.
    Register,
    /// Asking for secrets with a password.
    Secrets,
}

impl Try {
    /// How often in an hour.
    const fn limit(self) -> u32 {
        match self {
            Self::Register => 20,
            Self::Secrets => 60,
        }
    }
}

/// Counts by address; in memory, as a bound on the work of one node.
#[derive(Default)]
pub(crate) struct Tries(Mutex<HashMap<(Try, IpAddr), (i64, u32)>>);

impl Tries {
    /// Counts a try at `now` (Unix seconds). False: there were too many.
    pub(crate) fn count(&self, what: Try, from: IpAddr, now: i64) -> bool {
        let mut seen = self.0.lock();
        if seen.len() >= MOST {
            seen.retain(|_, (since, _)| now.saturating_sub(*since) < HOUR);
            if seen.len() >= MOST {
                seen.clear();
            }
        }
        let (since, count) = seen.entry((what, from)).or_insert((now, 0));
        if now.saturating_sub(*since) >= HOUR {
            (*since, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        *count <= what.limit()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_so_many_tries_an_hour() {
        let tries = Tries::default();
        let [one, other] = [1, 2].map(|last| IpAddr::from([192, 0, 2, last]));
        for _ in 0..20 {
            assert!(tries.count(Try::Register, one, 1000));
        }
        assert!(!tries.count(Try::Register, one, 1000 + HOUR - 1));
        assert!(tries.count(Try::Register, other, 1000) && tries.count(Try::Secrets, one, 1000));
        assert!(tries.count(Try::Register, one, 1000 + HOUR));
    }
}
