//! The query string of version 2: `name=value` pairs with `+` and `%XX` (token §1.3).

/// Decodes a query in its own place, one name or value at a time.
///
/// What is decoded never takes more room than what was read, so the caller may keep pieces at the front of the buffer and
/// take others back. Nothing is allocated or copied elsewhere.
pub(crate) struct Decoder<'b> {
    /// Decoded text up to `written`, waste up to `read`, the rest of the query behind.
    buffer: &'b mut [u8],
    read: usize,
    pub(crate) written: usize,
}

/// What was decoded.
#[derive(Clone, Copy)]
pub(crate) struct Taken {
    /// Nothing but letters, digits, `-`, `_` and `.`.
    pub(crate) plain: bool,
    /// The byte at which it ended, which is consumed: `=`, `&`, or nothing at the end of the query.
    pub(crate) end: Option<u8>,
}

impl<'b> Decoder<'b> {
    pub(crate) fn new(buffer: &'b mut [u8]) -> Self {
        Self { buffer, read: 0, written: 0 }
    }

    /// Skips empty pieces, and says whether there is another.
    #[inline]
    pub(crate) fn more(&mut self) -> bool {
        while self.buffer.get(self.read) == Some(&b'&') {
            self.read += 1;
        }
        self.read < self.buffer.len()
    }

    /// What has been decoded and kept.
    pub(crate) fn kept(&mut self) -> &mut [u8] {
        &mut self.buffer[..self.written]
    }

    /// Keeps a byte of the caller's, for which a byte must have been consumed.
    #[inline]
    pub(crate) fn keep(&mut self, byte: u8) {
        self.buffer[self.written] = byte;
        self.written += 1;
    }

    /// Decodes a name, which ends at `=` or `&`.
    #[inline]
    pub(crate) fn name(&mut self) -> Taken {
        self.take(b'=')
    }

    /// Decodes a value, which ends at `&`.
    #[inline]
    pub(crate) fn value(&mut self) -> Taken {
        self.take(b'&')
    }

    /// Decodes `+` and `%XX`; a `%` without two hexadecimal digits stays as it is.
    #[inline]
    fn take(&mut self, other_end: u8) -> Taken {
        let (mut read, mut written, mut plain) = (self.read, self.written, true);
        let end = loop {
            let Some(&byte) = self.buffer.get(read) else { break None };
            read += 1;
            let mut decoded = byte;
            if !PLAIN[usize::from(byte)] {
                if byte == b'&' || byte == other_end {
                    break Some(byte);
                }
                plain = false;
                match byte {
                    b'+' => decoded = b' ',
                    b'%' => {
                        if let Some(byte) = escape(&self.buffer[read..]) {
                            decoded = byte;
                            read += 2;
                        }
                    }
                    _ => {}
                }
            }
            self.buffer[written] = decoded;
            written += 1;
        };
        (self.read, self.written) = (read, written);
        Taken { plain, end }
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
        let mut query = "&&a=1=2&b+c&d=e+f%4&&=x&g=%C3%a9%zz%&h".to_owned().into_bytes();
        let mut decoder = Decoder::new(&mut query);
        let mut read = Vec::new();
        while decoder.more() {
            let mut part = |value: bool| {
                let taken = if value { decoder.value() } else { decoder.name() };
                let text = String::from_utf8(decoder.kept().to_vec()).unwrap();
                decoder.written = 0;
                (text, taken.end == Some(b'='))
            };
            let (name, has_value) = part(false);
            read.push((name, if has_value { part(true).0 } else { String::new() }));
        }
        let expected = [("a", "1=2"), ("b c", ""), ("d", "e f%4"), ("", "x"), ("g", "é%zz%"), ("h", "")];
        assert_eq!(read.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect::<Vec<_>>(), expected);
        assert!(!Decoder::new(&mut []).more());
    }

    #[test]
    fn encoding() {
        let mut out = [0; 64];
        let len = encode(&mut out, "aZ9-_.~*/:, é");
        assert_eq!(&out[..len], b"aZ9-_.%7E%2A%2F%3A%2C+%C3%A9");
    }
}
