//! Partner ids, spelled one way only.

use std::fmt;
use std::str::FromStr;

use crate::number::strict_i64;

/// The number of an account ("partner").
///
/// A token carries it as text. Only the canonical spelling is accepted (`0`, or an optional `-` and digits without a
/// leading zero), because another spelling of the same number would escape a revocation by session id (token §1.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartnerId(i32);

impl PartnerId {
    /// Wraps a number.
    #[must_use]
    pub const fn new(id: i32) -> Self {
        Self(id)
    }

    /// The number itself.
    #[must_use]
    pub const fn get(self) -> i32 {
        self.0
    }

    /// Reads the canonical spelling from bytes; `None` for any other spelling.
    pub(crate) fn from_bytes(text: &[u8]) -> Option<Self> {
        strict_i64(text).and_then(|number| i32::try_from(number).ok()).map(Self)
    }
}

impl fmt::Display for PartnerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// The text is not a canonical partner id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a partner id is `0`, or an optional minus sign and digits without a leading zero, within 32 bits")]
pub struct InvalidPartnerId;

impl FromStr for PartnerId {
    type Err = InvalidPartnerId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::from_bytes(text.as_bytes()).ok_or(InvalidPartnerId)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_canonical_spelling_is_a_partner_id() {
        for (text, id) in [("0", 0), ("102", 102), ("-1", -1), ("2147483647", i32::MAX), ("-2147483648", i32::MIN)] {
            assert_eq!(text.parse(), Ok(PartnerId::new(id)));
            assert_eq!(PartnerId::new(id).to_string(), text);
        }
        for text in ["", "-", "-0", "00", "0102", "+1", " 1", "1 ", "1.0", "2147483648", "-2147483649", "١"] {
            assert_eq!(text.parse::<PartnerId>(), Err(InvalidPartnerId), "{text}");
        }
    }
}
