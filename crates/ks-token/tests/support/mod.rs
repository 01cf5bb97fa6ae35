//! What several test files need.

use std::time::{SystemTime, UNIX_EPOCH};

/// The time in Unix seconds. The library has no clock, so the tests ask for it.
pub(crate) fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

/// 16 bytes from their hexadecimal text.
pub(crate) fn unhex(text: &str) -> [u8; 16] {
    assert_eq!(text.len(), 32);
    std::array::from_fn(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap())
}
