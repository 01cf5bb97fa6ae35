//! The 20 bytes by which a token, or a group of tokens, is revoked.

use std::fmt;
use std::str::FromStr;

use sha1::{Digest, Sha1};

use crate::partner::PartnerId;

/// A revocation key: the hash of one token (token §1.2, §1.3) or of one session id (token §4.1).
///
/// It prints as 40 lowercase hexadecimal characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KsHash([u8; 20]);

impl KsHash {
    /// Wraps the bytes of a SHA-1.
    #[must_use]
    pub const fn new(bytes: [u8; 20]) -> Self {
        Self(bytes)
    }

    /// The bytes themselves.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 20] {
        &self.0
    }

    /// Reads 40 lowercase hexadecimal characters; capitals are refused, as tokens refuse them (token §1.2).
    pub(crate) fn from_hex(text: &[u8; 40]) -> Option<Self> {
        let mut bytes = [0; 20];
        let mut seen = 0;
        for (byte, pair) in bytes.iter_mut().zip(text.as_chunks::<2>().0) {
            let (high, low) = (NIBBLE[usize::from(pair[0])], NIBBLE[usize::from(pair[1])]);
            seen |= high | low;
            *byte = high << 4 | low & 15;
        }
        (seen < 16).then_some(Self(bytes))
    }
}

/// The value of each lowercase hexadecimal character; 255 for everything else.
const NIBBLE: [u8; 256] = {
    let mut table = [255; 256];
    let mut value = 0u8;
    while value < 16 {
        table[b"0123456789abcdef"[value as usize] as usize] = value;
        value += 1;
    }
    table
};

/// Writes lowercase hexadecimal, two characters for each byte.
pub(crate) fn write_hex(out: &mut [u8], bytes: &[u8]) {
    for (pair, byte) in out.chunks_exact_mut(2).zip(bytes) {
        pair.copy_from_slice(&[byte >> 4, byte & 15].map(|digit| b"0123456789abcdef"[usize::from(digit)]));
    }
}

impl fmt::Display for KsHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for KsHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KsHash({self})")
    }
}

/// The text is not 40 lowercase hexadecimal characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a token hash is 40 lowercase hexadecimal characters")]
pub struct InvalidKsHash;

impl FromStr for KsHash {
    type Err = InvalidKsHash;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.as_bytes().try_into().ok().and_then(Self::from_hex).ok_or(InvalidKsHash)
    }
}

/// The revocation key of all tokens of one session id: SHA-1 of `<partner>_<session id>` (token §4.1).
#[must_use]
pub fn session_id_hash(partner: PartnerId, session_id: &str) -> KsHash {
    let mut sha1 = Sha1::new();
    sha1.update(partner.to_string());
    sha1.update(b"_");
    sha1.update(session_id);
    KsHash(sha1.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_and_reads_lowercase_hex() {
        let text = "72323008c62733cdadf18c9336c3a2ba8857db14";
        let hash: KsHash = text.parse().unwrap();
        assert_eq!(hash.to_string(), text);
        assert!(text.to_uppercase().parse::<KsHash>().is_err());
        assert!(text[1..].parse::<KsHash>().is_err());
        assert!(text.replace('7', "g").parse::<KsHash>().is_err());
    }

    #[test]
    fn the_session_id_is_hashed_with_its_partner() {
        // The figure is the one of the published vector with `sessionid:9` on partner 102.
        assert_eq!(session_id_hash(PartnerId::new(102), "9").to_string(), "d458e8be10a815df66c18be6d0be3d5448ea6898");
    }
}
