//! Times for people: UTC dates, and how far away they are.

use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;

/// The present, in Unix seconds.
pub(crate) fn now() -> i64 {
    Timestamp::now().as_second()
}

/// The present as version 1 tokens carry it: seconds with four decimals.
pub(crate) fn now_with_decimals() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("{}.{:04}", since.as_secs(), since.subsec_micros() / 100)
}

/// A date such as `2026-11-24 08:14:16 UTC`; the bare number where no calendar reaches.
pub(crate) fn date(seconds: i64) -> String {
    match Timestamp::from_second(seconds) {
        Ok(time) => time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
        Err(_) => format!("{seconds} (beyond the calendar)"),
    }
}

/// The same for programs: `2026-11-24T08:14:16Z`.
pub(crate) fn iso(seconds: i64) -> Option<String> {
    Timestamp::from_second(seconds).ok().map(|time| time.to_string())
}

/// How far `then` is from `now`: `in 23 hours`, `3 days ago`, `now`.
pub(crate) fn distance(then: i64, now: i64) -> String {
    let span = rough(then.abs_diff(now));
    match then.cmp(&now) {
        std::cmp::Ordering::Greater => format!("in {span}"),
        std::cmp::Ordering::Less => format!("{span} ago"),
        std::cmp::Ordering::Equal => "now".to_owned(),
    }
}

/// A length of time in its two largest units.
fn rough(seconds: u64) -> String {
    const UNITS: [(u64, &str); 5] =
        [(365 * 86_400, "year"), (86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
    let mut rest = seconds;
    let mut words = Vec::new();
    for (length, name) in UNITS {
        let count = rest / length;
        rest %= length;
        if count > 0 {
            words.push(format!("{count} {name}{}", if count == 1 { "" } else { "s" }));
        } else if !words.is_empty() {
            break;
        }
        if words.len() == 2 {
            break;
        }
    }
    words.join(" ")
}

/// Reads a time as people give it: Unix seconds, or a date such as `2030-01-31T12:00:00Z`.
pub(crate) fn parse(text: &str) -> Result<i64, String> {
    if let Ok(seconds) = text.parse() {
        return Ok(seconds);
    }
    text.parse::<Timestamp>()
        .map(Timestamp::as_second)
        .map_err(|_| "expected Unix seconds, or a date such as 2030-01-31T12:00:00Z".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_distances() {
        assert_eq!(date(1_700_000_000), "2023-11-14 22:13:20 UTC");
        assert_eq!(date(i64::MAX), "9223372036854775807 (beyond the calendar)");
        assert_eq!(iso(0).as_deref(), Some("1970-01-01T00:00:00Z"));
        assert_eq!(iso(i64::MIN), None);
        for (then, now, text) in [
            (0, 0, "now"),
            (1, 0, "in 1 second"),
            (0, 61, "1 minute 1 second ago"),
            (86_400, 0, "in 1 day"),
            (86_400 + 59, 0, "in 1 day"),
            (90_061, 0, "in 1 day 1 hour"),
            (2 * 365 * 86_400 + 5, 0, "in 2 years"),
            (i64::MIN, i64::MAX, "584942417355 years 26 days ago"),
        ] {
            assert_eq!(distance(then, now), text);
        }
    }

    #[test]
    fn a_time_is_given_as_a_number_or_a_date() {
        assert_eq!(parse("1700000000"), Ok(1_700_000_000));
        assert_eq!(parse("2023-11-14T22:13:20Z"), Ok(1_700_000_000));
        assert_eq!(parse("2023-11-14T23:13:20+01:00"), Ok(1_700_000_000));
        assert!(parse("tomorrow").is_err());
    }
}
