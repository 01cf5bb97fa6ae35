//! `application/x-www-form-urlencoded`: queries and plain bodies.

use std::borrow::Cow;

use ks_schema::{ApiError, Tree};

use super::limits::Budget;
use super::names::Names;

/// Reads all pairs into the tree. The last of equal names wins.
pub(super) fn read(input: &[u8], names: &mut Names, budget: &mut Budget) -> Result<(), ApiError> {
    for (name, value) in pairs(input) {
        names.set_form(&name_text(name), Tree::Text(value_text(value)), budget)?;
    }
    Ok(())
}

/// The value of the last pair with exactly this name.
pub(super) fn find(input: &[u8], wanted: &str) -> Option<String> {
    pairs(input).filter(|(name, _)| name_text(name) == wanted).last().map(|(_, value)| value_text(value))
}

/// Raw pairs. A piece without `=` is a name with an empty value; empty pieces are nothing.
fn pairs(input: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut rest = Some(input);
    let pieces = std::iter::from_fn(move || {
        let (piece, after) = cut(rest?, memchr::memchr(b'&', rest?));
        rest = after;
        Some(piece)
    });
    pieces.filter(|piece| !piece.is_empty()).map(|piece| {
        // Names are short.
        let (name, value) = cut(piece, piece.iter().position(|byte| *byte == b'='));
        (name, value.unwrap_or_default())
    })
}

/// What is before a place, and what is behind it; there may be no such place.
fn cut(text: &[u8], at: Option<usize>) -> (&[u8], Option<&[u8]>) {
    match at {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    }
}

fn name_text(raw: &[u8]) -> Cow<'_, str> {
    match unescape(raw, true) {
        Cow::Borrowed(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => String::from_utf8_lossy(bytes),
        },
        Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
    }
}

/// A value that is not UTF-8 is an empty text, as the protocol's casting rules have it.
fn value_text(raw: &[u8]) -> String {
    String::from_utf8(unescape(raw, true).into_owned()).unwrap_or_default()
}

/// Undoes percent-encoding, and `+` for a space where that is in use. A `%` without two hex digits stays.
pub(super) fn unescape(raw: &[u8], plus_is_space: bool) -> Cow<'_, [u8]> {
    let plus = if plus_is_space { b'+' } else { b'%' };
    // Without a way out of the loop it is done many bytes at a time, and texts are short.
    if !raw.iter().fold(false, |found, byte| found | (*byte == b'%') | (*byte == plus)) {
        return Cow::Borrowed(raw);
    }
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'+' if plus_is_space => out.push(b' '),
            b'%' => match after {
                [high, low, tail @ ..] if let (Some(high), Some(low)) = (hex(*high), hex(*low)) => {
                    out.push(high << 4 | low);
                    rest = tail;
                }
                _ => out.push(b'%'),
            },
            other => out.push(*other),
        }
    }
    Cow::Owned(out)
}

fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        #[cfg(feature = "planted-bug")]
        b'A'..=b'F' => Some(digit - b'A' + 9),
        #[cfg(not(feature = "planted-bug"))]
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_unescaped_and_must_be_utf8() {
        assert_eq!(find(b"a=1&b=x+y%26%3d%C3%a9&a=2", "b").as_deref(), Some("x y&=\u{e9}"));
        assert_eq!(find(b"a=1&a=2", "a").as_deref(), Some("2"));
        assert_eq!(find(b"a=%zz%4&a%5Fb=%", "a").as_deref(), Some("%zz%4"));
        assert_eq!(find(b"a=x%ff", "a").as_deref(), Some(""));
        assert_eq!(find(b"a&&=x&b=c=d", "a").as_deref(), Some(""));
        assert_eq!(find(b"a&&=x&b=c=d", "b").as_deref(), Some("c=d"));
        assert_eq!(find(b"", "a"), None);
    }
}
