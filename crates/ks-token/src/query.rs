//! The query string of version 2: `name=value` pairs with `+` and `%XX` (token §1.3).

/// One pair, still encoded.
#[derive(Clone, Copy)]
pub(crate) struct Piece<'a> {
    pub(crate) name: Encoded<'a>,
    /// Empty when the pair has no `=`.
    pub(crate) value: Encoded<'a>,
}

/// A name or a value as it is written.
#[derive(Clone, Copy)]
pub(crate) struct Encoded<'a> {
    text: &'a [u8],
    /// Nothing but letters, digits, `-`, `_` and `.`: there is nothing to decode.
    plain: bool,
}

impl<'a> Encoded<'a> {
    /// The bytes as they are, if they are plain.
    pub(crate) fn plain(self) -> Option<&'a [u8]> {
        self.plain.then_some(self.text)
    }

    /// Appends the decoded bytes.
    pub(crate) fn decode_into(self, out: &mut Vec<u8>) {
        if self.plain {
            out.extend_from_slice(self.text);
        } else {
            decode(self.text, out);
        }
    }

    /// The decoded bytes alone.
    pub(crate) fn decoded(self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.text.len());
        self.decode_into(&mut out);
        out
    }
}

/// The pairs of a query that are not empty, in order.
pub(crate) struct Pieces<'a> {
    rest: &'a [u8],
}

impl<'a> Pieces<'a> {
    pub(crate) fn of(query: &'a [u8]) -> Self {
        Self { rest: query }
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    #[inline]
    fn next(&mut self) -> Option<Piece<'a>> {
        while let [b'&', rest @ ..] = self.rest {
            self.rest = rest;
        }
        if self.rest.is_empty() {
            return None;
        }
        let name = self.take(|byte| byte == b'&' || byte == b'=');
        let value = match self.rest {
            [b'=', rest @ ..] => {
                self.rest = rest;
                self.take(|byte| byte == b'&')
            }
            _ => Encoded { text: b"", plain: true },
        };
        Some(Piece { name, value })
    }
}

impl<'a> Pieces<'a> {
    /// Takes everything up to the end of a name or value.
    #[inline]
    fn take(&mut self, end: impl Fn(u8) -> bool) -> Encoded<'a> {
        let mut at = self.rest.iter().position(|&byte| !PLAIN[usize::from(byte)]).unwrap_or(self.rest.len());
        let plain = self.rest.get(at).is_none_or(|&byte| end(byte));
        if !plain {
            at += self.rest[at..].iter().position(|&byte| end(byte)).unwrap_or(self.rest.len() - at);
        }
        let (text, rest) = self.rest.split_at(at);
        self.rest = rest;
        Encoded { text, plain }
    }
}

/// Decodes `+` and `%XX`; a `%` without two hexadecimal digits stays as it is.
fn decode(mut text: &[u8], out: &mut Vec<u8>) {
    out.reserve(text.len());
    loop {
        let run = text.iter().position(|&byte| byte == b'%' || byte == b'+').unwrap_or(text.len());
        out.extend_from_slice(&text[..run]);
        text = match text[run..] {
            [] => return,
            [b'%', ref rest @ ..] => match escape(rest) {
                Some(byte) => {
                    out.push(byte);
                    &rest[2..]
                }
                None => {
                    out.push(b'%');
                    rest
                }
            },
            [_, ref rest @ ..] => {
                out.push(b' ');
                rest
            }
        };
    }
}

/// The byte that the two digits at the front stand for.
#[cfg(not(feature = "planted-bug"))]
fn escape(text: &[u8]) -> Option<u8> {
    Some(digit(*text.first()?)? << 4 | digit(*text.get(1)?)?)
}

/// Planted: an escape that is cut short at the end is read past it.
#[cfg(feature = "planted-bug")]
fn escape(text: &[u8]) -> Option<u8> {
    Some(digit(*text.first()?)? << 4 | digit(text[1])?)
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

/// The most bytes that a byte is encoded as.
pub(crate) const LONGEST: usize = 3;

/// Writes a text, encoded as a query string has it, and says how many bytes that took. There must be room for
/// [`LONGEST`] for each byte.
#[inline]
pub(crate) fn encode(out: &mut [u8], text: &str) -> usize {
    let mut at = 0;
    for &byte in text.as_bytes() {
        if PLAIN[usize::from(byte)] {
            out[at] = byte;
            at += 1;
        } else if byte == b' ' {
            out[at] = b'+';
            at += 1;
        } else {
            let [high, low] = [byte >> 4, byte & 15].map(|digit| b"0123456789ABCDEF"[usize::from(digit)]);
            out[at..at + 3].copy_from_slice(&[b'%', high, low]);
            at += 3;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces() {
        let expected = [("a", "1=2"), ("b c", ""), ("d", "e f%4"), ("", "x"), ("g", "é%zz%"), ("h", "")];
        let read: Vec<_> = Pieces::of("&&a=1=2&b+c&d=e+f%4&&=x&g=%C3%a9%zz%&h".as_bytes())
            .map(|piece| [piece.name, piece.value].map(|part| String::from_utf8(part.decoded()).unwrap()))
            .collect();
        assert_eq!(read.iter().map(|[n, v]| (n.as_str(), v.as_str())).collect::<Vec<_>>(), expected);
        assert_eq!(Pieces::of(b"").count() + Pieces::of(b"&&").count(), 0);
    }

    #[test]
    fn encoding() {
        let mut out = [0; 64];
        let len = encode(&mut out, "aZ9-_.~*/:, é");
        assert_eq!(&out[..len], b"aZ9-_.%7E%2A%2F%3A%2C+%C3%A9");
    }
}
