//! The query string of version 2: `name=value` pairs with `+` and `%XX` (token §1.3).

use std::borrow::Cow;

use crate::fault::TokenFault;

/// One pair, still encoded.
pub(crate) struct Piece<'a> {
    name: &'a str,
    value: &'a str,
    /// Whether there is anything to decode.
    encoded: bool,
}

impl<'a> Piece<'a> {
    /// The decoded name.
    pub(crate) fn name(&self) -> Result<Cow<'a, str>, TokenFault> {
        self.decode(self.name)
    }

    /// The decoded value; empty when the pair has no `=`.
    pub(crate) fn value(&self) -> Result<Cow<'a, str>, TokenFault> {
        self.decode(self.value)
    }

    fn decode(&self, text: &'a str) -> Result<Cow<'a, str>, TokenFault> {
        if !self.encoded || !text.bytes().any(|byte| byte == b'%' || byte == b'+') {
            return Ok(Cow::Borrowed(text));
        }
        String::from_utf8(decode(text.as_bytes())).map(Cow::Owned).map_err(|_| TokenFault::Utf8)
    }
}

/// Calls `visit` with every pair that is not empty, in order, until one is refused.
pub(crate) fn for_each_piece<'a>(
    query: &'a str,
    mut visit: impl FnMut(Piece<'a>) -> Result<(), TokenFault>,
) -> Result<(), TokenFault> {
    let (mut start, mut equals, mut encoded) = (0, None, false);
    let mut piece = |start: usize, end: usize, equals: Option<usize>, encoded: bool| {
        if start == end {
            return Ok(());
        }
        let (name, value) = match equals {
            Some(at) => (&query[start..at], &query[at + 1..end]),
            None => (&query[start..end], ""),
        };
        visit(Piece { name, value, encoded })
    };
    for (at, byte) in query.bytes().enumerate() {
        match byte {
            b'&' => {
                piece(start, at, equals, encoded)?;
                (start, equals, encoded) = (at + 1, None, false);
            }
            b'=' if equals.is_none() => equals = Some(at),
            b'%' | b'+' => encoded = true,
            _ => {}
        }
    }
    piece(start, query.len(), equals, encoded)
}

/// Decodes `+` and `%XX`; a `%` without two hexadecimal digits stays as it is.
fn decode(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        at += 1;
        match byte {
            b'+' => out.push(b' '),
            b'%' => match escape(text, at) {
                Some(byte) => {
                    out.push(byte);
                    at += 2;
                }
                None => out.push(b'%'),
            },
            byte => out.push(byte),
        }
    }
    out
}

/// The byte that the two digits at `at` stand for.
#[cfg(not(feature = "planted-bug"))]
fn escape(text: &[u8], at: usize) -> Option<u8> {
    Some(digit(*text.get(at)?)? << 4 | digit(*text.get(at + 1)?)?)
}

/// Planted: an escape that is cut short at the end reads past it.
#[cfg(feature = "planted-bug")]
fn escape(text: &[u8], at: usize) -> Option<u8> {
    Some(digit(*text.get(at)?)? << 4 | digit(text[at + 1])?)
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

/// Which bytes are written as they are; a tilde is not one of them.
const PLAIN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0u8;
    while byte < 128 {
        table[byte as usize] = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        byte += 1;
    }
    table
};

/// Appends a text, encoded as a query string has it.
pub(crate) fn push_encoded(out: &mut Vec<u8>, text: &str) {
    for &byte in text.as_bytes() {
        if PLAIN[usize::from(byte)] {
            out.push(byte);
        } else if byte == b' ' {
            out.push(b'+');
        } else {
            let [high, low] = [byte >> 4, byte & 15].map(|digit| b"0123456789ABCDEF"[usize::from(digit)]);
            out.extend_from_slice(&[b'%', high, low]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(query: &str) -> Vec<(String, String)> {
        let mut pairs = Vec::new();
        for_each_piece(query, |piece| {
            pairs.push((piece.name()?.into_owned(), piece.value()?.into_owned()));
            Ok(())
        })
        .unwrap();
        pairs
    }

    #[test]
    fn pieces() {
        let expected = [("a", "1=2"), ("b c", ""), ("d", "e f%4"), ("", "x"), ("g", "é%zz%")];
        let read = pairs("&&a=1=2&b+c&d=e+f%4&&=x&g=%C3%a9%zz%&");
        assert_eq!(read.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn encoding() {
        let mut out = Vec::new();
        push_encoded(&mut out, "aZ9-_.~*/:, é");
        assert_eq!(out, b"aZ9-_.%7E%2A%2F%3A%2C+%C3%A9");
    }
}
