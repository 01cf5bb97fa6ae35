//! How many calls may come from one address, of one account and of one action: what is beyond is refused at once.
//!
//! Counts are this process's own and in memory; who is not remembered any more begins anew.

use std::fmt;
use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use governor::clock::{Clock, MonotonicClock};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed, StateStore};
use governor::{Quota, RateLimiter};
use ks_schema::PartnerId;
use ks_schema::generated::services::ActionId;
use quick_cache::sync::Cache;

/// Callers that each limit remembers. With more of them, those that were not seen for long are forgotten.
const MOST: usize = 100_000;

/// So many calls in a time, of which so many may come at once: `100/s`, `600/m:50`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    calls: NonZeroU32,
    per: Per,
    burst: NonZeroU32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Per {
    Second,
    Minute,
    Hour,
}

/// A text is no rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a rate such as 100/s, 600/m or 20/h, and perhaps how many at once, as in 600/m:50")]
pub struct NoRate;

impl FromStr for Rate {
    type Err = NoRate;

    fn from_str(text: &str) -> Result<Self, NoRate> {
        let (calls, rest) = text.split_once('/').ok_or(NoRate)?;
        let (per, burst) = rest.split_once(':').map_or((rest, calls), |(per, burst)| (per, burst));
        let per = match per {
            "s" => Per::Second,
            "m" => Per::Minute,
            "h" => Per::Hour,
            _ => return Err(NoRate),
        };
        let number = |text: &str| text.parse().map_err(|_| NoRate);
        Ok(Self { calls: number(calls)?, per, burst: number(burst)? })
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let per = match self.per {
            Per::Second => 's',
            Per::Minute => 'm',
            Per::Hour => 'h',
        };
        write!(f, "{}/{per}", self.calls)?;
        if self.burst == self.calls { Ok(()) } else { write!(f, ":{}", self.burst) }
    }
}

impl Rate {
    fn quota(self) -> Quota {
        let quota = match self.per {
            Per::Second => Quota::per_second(self.calls),
            Per::Minute => Quota::per_minute(self.calls),
            Per::Hour => Quota::per_hour(self.calls),
        };
        quota.allow_burst(self.burst)
    }
}

/// A rate for one action: `user.loginByLoginId=5/m`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActionRate {
    action: ActionId,
    rate: Rate,
}

/// A text is no rate of an action.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoActionRate {
    /// It has no `=`, or no `.` in front of it.
    #[error("expected SERVICE.ACTION=RATE, such as user.loginByLoginId=5/m")]
    Malformed,
    /// There is no such action.
    #[error("there is no action {0}")]
    UnknownAction(String),
    /// What stands behind `=` is no rate.
    #[error(transparent)]
    Rate(#[from] NoRate),
}

impl FromStr for ActionRate {
    type Err = NoActionRate;

    fn from_str(text: &str) -> Result<Self, NoActionRate> {
        let (name, rate) = text.split_once('=').ok_or(NoActionRate::Malformed)?;
        let (service, action) = name.split_once('.').ok_or(NoActionRate::Malformed)?;
        let found = ActionId::find(&service.to_ascii_lowercase(), &action.to_ascii_lowercase());
        let action = found.ok_or_else(|| NoActionRate::UnknownAction(name.to_owned()))?;
        Ok(Self { action, rate: rate.parse()? })
    }
}

impl fmt::Display for ActionRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let info = self.action.info();
        write!(f, "{}.{}={}", info.service, info.name, self.rate)
    }
}

/// The rates that an operator sets; none, unless they do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    /// For calls from one address, of IPv6 from one network of 64 bits.
    pub address: Option<Rate>,
    /// For calls of one account. Those that only name it, without a session, count apart: a stranger must not be able
    /// to shut the account's own sessions out.
    pub partner: Option<Rate>,
    /// For calls of an action from one address.
    pub actions: Vec<ActionRate>,
}

/// Which limit a call was beyond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Limit {
    /// That of its address.
    Address,
    /// That of its account.
    Partner,
    /// That of its action.
    Action,
}

/// A call was beyond a limit; after a while it may come again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Excess {
    pub(crate) limit: Limit,
    pub(crate) wait: Duration,
}

/// An address as far as one caller has it to themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Origin {
    V4(u32),
    V6(u64),
}

impl From<IpAddr> for Origin {
    fn from(addr: IpAddr) -> Self {
        match addr.to_canonical() {
            IpAddr::V4(addr) => Self::V4(addr.to_bits()),
            IpAddr::V6(addr) => {
                let [a, b, c, d, ..] = addr.segments();
                Self::V6([a, b, c, d].into_iter().fold(0, |all, part| all << 16 | u64::from(part)))
            }
        }
    }
}

/// Who is counted.
trait Key: Copy + Eq + Hash {}

impl<K: Copy + Eq + Hash> Key for K {}

/// A bounded number of counts by key.
struct Counts<K>(Cache<K, Arc<InMemoryState>>);

impl<K: Key> StateStore for Counts<K> {
    type Key = K;

    fn measure_and_replace<T, F, E>(&self, key: &K, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let count = match self.0.get(key) {
            Some(count) => count,
            None => {
                let make = || Ok::<_, std::convert::Infallible>(Arc::default());
                let Ok(count) = self.0.get_or_insert_with(key, make);
                count
            }
        };
        count.measure_and_replace(&NotKeyed::NonKey, decide)
    }
}

/// One limit over many callers.
struct Limiter<K: Key, C: Clock = MonotonicClock>(RateLimiter<K, Counts<K>, C, NoOpMiddleware<C::Instant>>);

impl<K: Key, C: Clock> Limiter<K, C> {
    fn new(rate: Rate, clock: C) -> Self {
        Self(RateLimiter::new(rate.quota(), Counts(Cache::new(MOST)), clock))
    }

    /// Counts a call; how long to wait, if it was one too many.
    fn count(&self, key: K) -> Result<(), Duration> {
        self.0.check_key(&key).map_err(|until| until.wait_time_from(self.0.clock().now()))
    }
}

/// The limits of a node.
#[derive(Default)]
pub(crate) struct Limits {
    address: Option<Limiter<Origin>>,
    /// With a session, and without one.
    partner: Option<Limiter<(PartnerId, bool)>>,
    actions: Vec<(ActionId, Limiter<Origin>)>,
}

impl Limits {
    pub(crate) fn new(rates: &Rates) -> Self {
        Self {
            address: rates.address.map(|rate| Limiter::new(rate, MonotonicClock)),
            partner: rates.partner.map(|rate| Limiter::new(rate, MonotonicClock)),
            actions: rates.actions.iter().map(|it| (it.action, Limiter::new(it.rate, MonotonicClock))).collect(),
        }
    }

    /// Counts a call of an action from an address: for the account of its session, or for one that it names.
    pub(crate) fn count(
        &self,
        from: IpAddr,
        action: ActionId,
        session: Option<PartnerId>,
        named: Option<PartnerId>,
    ) -> Result<(), Excess> {
        let excess = |limit| move |wait| Excess { limit, wait };
        if let Some(limiter) = &self.address {
            limiter.count(from.into()).map_err(excess(Limit::Address))?;
        }
        for (_, limiter) in self.actions.iter().filter(|(limited, _)| *limited == action) {
            limiter.count(from.into()).map_err(excess(Limit::Action))?;
        }
        if let Some(limiter) = &self.partner
            && let Some(partner) = session.or(named)
        {
            limiter.count((partner, session.is_some())).map_err(excess(Limit::Partner))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;

    use super::*;

    fn rate(text: &str) -> Rate {
        text.parse().unwrap()
    }

    #[test]
    fn rates_are_read_and_told() {
        for text in ["100/s", "600/m:50", "20/h"] {
            assert_eq!(rate(text).to_string(), text);
        }
        for text in ["", "100", "0/s", "100/d", "100/s:", "100/s:0", "-1/s", "1.5/s", "5000000000/s"] {
            assert_eq!(text.parse::<Rate>(), Err(NoRate), "{text}");
        }
        let action: ActionRate = "user.loginbyloginid=5/m:2".parse().unwrap();
        assert_eq!(action.to_string(), "user.loginByLoginId=5/m:2");
        assert_eq!("user.loginByLoginId".parse::<ActionRate>(), Err(NoActionRate::Malformed));
        assert_eq!("login=5/m".parse::<ActionRate>(), Err(NoActionRate::Malformed));
        assert_eq!("user.get=5".parse::<ActionRate>(), Err(NoActionRate::Rate(NoRate)));
        assert_eq!("a.b=5/m".parse::<ActionRate>(), Err(NoActionRate::UnknownAction("a.b".to_owned())));
    }

    #[test]
    fn what_is_beyond_waits_and_then_goes_on() {
        let clock = FakeRelativeClock::default();
        let limiter = Limiter::new(rate("60/m:3"), clock.clone());
        for _ in 0..3 {
            assert_eq!(limiter.count(1), Ok(()));
        }
        let wait = limiter.count(1).unwrap_err();
        assert_eq!(limiter.count(2), Ok(()), "others are not held up");
        clock.advance(wait);
        assert_eq!(limiter.count(1), Ok(()));
        assert!(limiter.count(1).is_err());
        clock.advance(Duration::from_secs(3600));
        for _ in 0..3 {
            assert_eq!(limiter.count(1), Ok(()), "all is as before");
        }
        assert!(limiter.count(1).is_err());
    }

    #[test]
    fn no_more_callers_are_remembered_than_there_is_room_for() {
        let limiter = Limiter::new(rate("1/h"), FakeRelativeClock::default());
        for caller in 0..3 * MOST {
            assert_eq!(limiter.count(caller), Ok(()));
        }
        assert!(limiter.0.into_state_store().0.len() <= MOST);
    }

    #[test]
    fn an_address_is_what_one_caller_has() {
        let origin = |text: &str| Origin::from(text.parse::<IpAddr>().unwrap());
        assert_eq!(origin("2001:db8:1:2::1"), origin("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert_ne!(origin("2001:db8:1:2::1"), origin("2001:db8:1:3::1"));
        assert_eq!(origin("::ffff:192.0.2.1"), origin("192.0.2.1"));
        assert_ne!(origin("192.0.2.1"), origin("192.0.2.2"));
    }

    #[test]
    fn strangers_do_not_use_up_what_an_account_has() {
        let rates = Rates { partner: Some(rate("2/h")), ..Rates::default() };
        let limits = Limits::new(&rates);
        let (from, action) = (IpAddr::from([192, 0, 2, 1]), ActionId::ALL[0]);
        let [one, other] = [101, 102].map(|id| Some(PartnerId::new(id)));
        let is_counted = |session, named| limits.count(from, action, session, named).is_ok();
        assert!(is_counted(None, one) && is_counted(None, one) && !is_counted(None, one));
        assert!(is_counted(one, None) && is_counted(one, other));
        assert_eq!(limits.count(from, action, one, None).map_err(|excess| excess.limit), Err(Limit::Partner));
        assert!(is_counted(None, None) && is_counted(other, one));
    }
}
