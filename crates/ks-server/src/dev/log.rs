//! The calls that were answered lately, for assertions.

use std::collections::VecDeque;

use ks_schema::PartnerId;
use ks_service::inspect::Seen;
use parking_lot::Mutex;
use serde_json::{Value, json};

/// How many calls are kept at most, and about how many bytes of them.
const MOST: usize = 10_000;
const MOST_BYTES: usize = 32 << 20;

/// A call that was answered. It holds no token, secret or password.
#[derive(Clone, Debug)]
pub struct Request {
    /// Its number, from 1.
    pub number: u64,
    /// What is known of it.
    pub seen: Seen,
}

impl Request {
    /// `service.action`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}.{}", self.seen.service, self.seen.action)
    }

    /// The code of the error that it was answered with, or `OK`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.seen.code.unwrap_or("OK")
    }

    /// A parameter.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&Value> {
        self.seen.params.get(name)
    }

    pub(super) fn object(&self) -> Value {
        json!({
            "number": self.number,
            "requestId": self.seen.request_id,
            "at": self.seen.at,
            "service": self.seen.service,
            "action": self.seen.action,
            "partnerId": self.seen.partner.map(PartnerId::get),
            "userId": self.seen.user,
            "code": self.code(),
            "params": self.seen.params,
            "micros": u64::try_from(self.seen.took.as_micros()).unwrap_or(u64::MAX),
        })
    }
}

/// Which calls are asked for; what is left out does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestQuery {
    /// The service; case does not matter.
    pub service: Option<String>,
    /// The action, likewise.
    pub action: Option<String>,
    /// The code of the error, or `OK`.
    pub code: Option<String>,
    /// The account.
    pub partner: Option<i32>,
    /// The user of the session.
    pub user: Option<String>,
    /// The id of the request.
    pub request_id: Option<String>,
    /// Calls behind the one with this number.
    pub after: Option<u64>,
    /// No call before this time, in Unix seconds.
    pub since: Option<i64>,
}

impl RequestQuery {
    /// Calls of `service.action`.
    #[must_use]
    pub fn of(name: &str) -> Self {
        let (service, action) = name.split_once('.').unwrap_or((name, ""));
        Self {
            service: Some(service.to_owned()),
            action: Some(action.to_owned()).filter(|action| !action.is_empty()),
            ..Self::default()
        }
    }

    fn fits(&self, request: &Request) -> bool {
        let seen = &request.seen;
        let same = |wanted: &Option<String>, is: &str| wanted.as_ref().is_none_or(|it| it.eq_ignore_ascii_case(is));
        same(&self.service, &seen.service)
            && same(&self.action, &seen.action)
            && same(&self.code, request.code())
            && self.partner.is_none_or(|wanted| seen.partner.is_some_and(|partner| partner.get() == wanted))
            && self.user.as_ref().is_none_or(|wanted| seen.user.as_ref() == Some(wanted))
            && self.request_id.as_ref().is_none_or(|wanted| *wanted == seen.request_id)
            && self.after.is_none_or(|after| request.number > after)
            && self.since.is_none_or(|since| seen.at >= since)
    }
}

/// A bounded ring: the oldest calls go first.
#[derive(Default)]
pub(super) struct Log(Mutex<Ring>);

#[derive(Default)]
struct Ring {
    requests: VecDeque<(Request, usize)>,
    bytes: usize,
    count: u64,
    dropped: u64,
}

impl Log {
    pub(super) fn take(&self, seen: Seen) {
        let bytes = 300 + size(&Value::Object(seen.params.clone()));
        let mut ring = self.0.lock();
        ring.count += 1;
        let number = ring.count;
        ring.requests.push_back((Request { number, seen }, bytes));
        ring.bytes += bytes;
        while ring.requests.len() > MOST || ring.bytes > MOST_BYTES {
            let Some((_, bytes)) = ring.requests.pop_front() else { break };
            ring.bytes -= bytes;
            ring.dropped += 1;
        }
    }

    /// Those that fit, oldest first.
    pub(super) fn find(&self, query: &RequestQuery) -> Vec<Request> {
        self.0
            .lock()
            .requests
            .iter()
            .map(|(request, _)| request)
            .filter(|request| query.fits(request))
            .cloned()
            .collect()
    }

    /// How many were answered, and how many of them are no longer kept.
    pub(super) fn counts(&self) -> (u64, u64) {
        let ring = self.0.lock();
        (ring.count, ring.dropped)
    }

    pub(super) fn clear(&self) {
        *self.0.lock() = Ring::default();
    }
}

/// About how much memory a value takes.
fn size(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 32,
        Value::String(text) => 32 + text.len(),
        Value::Array(items) => 32 + items.iter().map(size).sum::<usize>(),
        Value::Object(map) => 32 + map.iter().map(|(name, item)| 64 + name.len() + size(item)).sum::<usize>(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn seen(action: &str, text: &str) -> Seen {
        let mut params = serde_json::Map::new();
        params.insert("text".to_owned(), json!(text));
        Seen {
            request_id: "1, 2".to_owned(),
            at: 100,
            service: "session".to_owned(),
            action: action.to_owned(),
            partner: None,
            user: None,
            params,
            code: None,
            took: Duration::ZERO,
        }
    }

    #[test]
    fn it_keeps_the_newest_and_says_how_many_went() {
        let log = Log::default();
        for _ in 0..MOST + 5 {
            log.take(seen("get", ""));
        }
        log.take(seen("start", ""));
        let found = log.find(&RequestQuery::of("Session.START"));
        assert_eq!((found.len(), found[0].number), (1, u64::try_from(MOST).unwrap() + 6));
        assert_eq!(log.counts(), (u64::try_from(MOST).unwrap() + 6, 6));
        let large = "x".repeat(1 << 20);
        for _ in 0..100 {
            log.take(seen("get", &large));
        }
        assert!(log.find(&RequestQuery::default()).len() < 33);
        log.clear();
        assert_eq!(log.counts(), (0, 0));
    }
}
