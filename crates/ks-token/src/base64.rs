//! The outer encoding: base64 in either alphabet, read as leniently as the protocol asks (token §1.1).

use base64_simd::{AsOut, STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use crate::fault::TokenFault;

/// A character that is skipped.
const SKIP: u8 = 64;
/// The padding character.
const PAD: u8 = 65;
/// A character that makes the text invalid.
const FOREIGN: u8 = 255;

/// How `v2|` begins every token of version 2, whose writers use the second alphabet.
const VERSION_2: &[u8] = b"djJ8";

/// The six bits of each character. Both alphabets are read, even mixed.
const VALUE: [u8; 256] = {
    let mut table = [FOREIGN; 256];
    let mut value = 0u8;
    while value < 64 {
        table[b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[value as usize] as usize] = value;
        value += 1;
    }
    table[b'-' as usize] = 62;
    table[b'_' as usize] = 63;
    table[b' ' as usize] = SKIP;
    table[b'\t' as usize] = SKIP;
    table[b'\r' as usize] = SKIP;
    table[b'\n' as usize] = SKIP;
    table[b'=' as usize] = PAD;
    table
};

/// The room that decoding a text of `len` characters can need.
pub(crate) const fn decoded_room(len: usize) -> usize {
    len / 4 * 3 + 3
}

/// Decodes into `out`, which has [`decoded_room`], and says how many bytes came out.
pub(crate) fn decode(text: &[u8], out: &mut [u8]) -> Result<usize, TokenFault> {
    // The vectorised decoders read one alphabet without white space, as nearly every token is written. They are stricter
    // than the protocol, so their refusal decides nothing.
    let likely = if text.starts_with(VERSION_2) { URL_SAFE_NO_PAD } else { STANDARD_NO_PAD };
    if let Ok(bytes) = likely.decode(without_padding(text), out.as_out()) {
        return Ok(bytes.len());
    }
    decode_leniently(text, out)
}

/// Cuts the padding off a text whose length makes it exactly right.
fn without_padding(text: &[u8]) -> &[u8] {
    if !text.len().is_multiple_of(4) {
        return text;
    }
    match text {
        [body @ .., b'=', b'='] | [body @ .., b'='] => body,
        body => body,
    }
}

/// Decodes one character after the other, with everything that the protocol allows.
fn decode_leniently(text: &[u8], out: &mut [u8]) -> Result<usize, TokenFault> {
    let (mut bits, mut symbols, mut padding, mut len) = (0u32, 0usize, 0usize, 0usize);
    for &character in text {
        match VALUE[usize::from(character)] {
            SKIP => {}
            PAD => padding += 1,
            FOREIGN => return Err(TokenFault::Base64),
            value if padding == 0 => {
                bits = bits << 6 | u32::from(value);
                symbols += 1;
                if symbols % 4 == 0 {
                    out[len..len + 3].copy_from_slice(&bits.to_be_bytes()[1..]);
                    len += 3;
                    bits = 0;
                }
            }
            _ => return Err(TokenFault::Base64),
        }
    }
    // Unused low bits of the last character are not looked at.
    let tail = match symbols % 4 {
        0 => 0,
        2 => {
            bits <<= 12;
            1
        }
        3 => {
            bits <<= 6;
            2
        }
        _ => return Err(TokenFault::Base64),
    };
    if padding != 0 && !(padding <= 2 && (symbols + padding).is_multiple_of(4)) {
        return Err(TokenFault::Base64);
    }
    out[len..len + tail].copy_from_slice(&bits.to_be_bytes()[1..=tail]);
    Ok(len + tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &str) -> Option<Vec<u8>> {
        let mut out = vec![0; decoded_room(text.len())];
        let len = decode(text.as_bytes(), &mut out).ok()?;
        out.truncate(len);
        // The careful way must agree with the quick one.
        let mut again = vec![0; decoded_room(text.len())];
        assert_eq!(decode_leniently(text.as_bytes(), &mut again), Ok(len), "{text:?}");
        assert_eq!(again[..len], out, "{text:?}");
        Some(out)
    }

    #[test]
    fn what_is_accepted() {
        for (text, bytes) in [
            ("", &b""[..]),
            ("aGk=", b"hi"),
            ("aGk", b"hi"),
            ("aA==", b"h"),
            ("aA", b"h"),
            ("aB==", b"h"),
            (" a\tG\rk\n=", b"hi"),
            ("a G k", b"hi"),
            ("-_+/", b"\xfb\xff\xbf"),
            ("_-8=", b"\xff\xef"),
            ("/+8=", b"\xff\xef"),
        ] {
            assert_eq!(decoded(text).as_deref(), Some(bytes), "{text:?}");
        }
    }

    #[test]
    fn what_is_refused() {
        for text in
            ["a", "aGkxa", "=", "====", "aGk==", "aA=", "aGkx=", "aGkx====", "aA=a", "aG=k", "a!Gk", "aGk\0", "aGk\x0c"]
        {
            assert_eq!(decoded(text), None, "{text:?}");
        }
    }
}
