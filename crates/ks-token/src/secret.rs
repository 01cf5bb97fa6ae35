//! Secrets, and what is computed from one once and used for every token.

use std::fmt;

use aes::Aes128;
use aes::cipher::{Array, BlockModeEncrypt, InnerIvInit, KeyInit};
use sha1::{Digest, Sha1};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// A shared secret of an account: the text that signs tokens.
///
/// Wiped from memory when dropped; never printed.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

/// A secret must not be empty: an empty one would sign for everybody (token §1.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a secret must not be empty")]
pub struct EmptySecret;

impl Secret {
    /// Takes the text of a secret.
    ///
    /// # Errors
    /// [`EmptySecret`] when there is no text.
    pub fn new(text: impl Into<String>) -> Result<Self, EmptySecret> {
        let text = Zeroizing::new(text.into());
        if text.is_empty() { Err(EmptySecret) } else { Ok(Self(text)) }
    }

    /// The text itself, for storing it or for showing it to its owner.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether a caller gave this secret. Takes the same time wherever the two texts differ.
    #[must_use]
    pub fn matches(&self, given: &str) -> bool {
        let (own, given) = (self.0.as_bytes(), given.as_bytes());
        let (words, rest) = own.as_chunks::<8>();
        let (others, other_rest) = given.as_chunks::<8>();
        let word = |bytes: &[u8; 8]| u64::from_ne_bytes(*bytes);
        // Eight bytes at a time: one after the other takes noticeably longer.
        let same = words
            .iter()
            .zip(others)
            .fold(rest.ct_eq(other_rest), |same, (one, other)| same & word(one).ct_eq(&word(other)));
        own.len() == given.len() && bool::from(same)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// What one secret needs to sign and to verify: made once, kept by the caller, used for every token.
///
/// It holds the AES-128 schedules of version 2 (the key is the first half of the secret's SHA-1, token §1.3) and the
/// secret's bytes for version 1. All of it is wiped when dropped, and never printed.
#[derive(Clone)]
pub struct SecretKey {
    cipher: Aes128,
    secret: Secret,
}

impl SecretKey {
    /// Computes the schedules of a secret.
    #[must_use]
    pub fn new(secret: &Secret) -> Self {
        let digest = Zeroizing::new(<[u8; 20]>::from(Sha1::digest(secret.expose())));
        let mut key = Zeroizing::new([0u8; 16]);
        key.copy_from_slice(&digest[..16]);
        Self { cipher: Aes128::new((&*key).into()), secret: secret.clone() }
    }

    /// The cipher of version 2.
    pub(crate) fn cipher(&self) -> &Aes128 {
        &self.cipher
    }

    /// Encrypts a short text for whoever has the secret, as a token of version 2 is encrypted: AES-128-CBC from an
    /// initialization vector of zeros, with zeros behind the text. Equal texts become equal: the text must be random.
    #[must_use]
    pub fn encrypt(&self, text: &[u8]) -> Vec<u8> {
        let mut padded = text.to_vec();
        padded.resize(text.len().next_multiple_of(16), 0);
        let (blocks, _) = Array::slice_as_chunks_mut(&mut padded);
        cbc::Encryptor::inner_iv_init(&self.cipher, &Array([0; 16])).encrypt_blocks(blocks);
        padded
    }

    /// The hash of version 1: of the secret and what is signed, one after the other (token §1.2).
    pub(crate) fn v1_hash(&self, signed: &[u8]) -> [u8; 20] {
        let mut sha1 = Sha1::new();
        sha1.update(self.secret.expose());
        sha1.update(signed);
        sha1.finalize().into()
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_empty_and_not_printed() {
        assert_eq!(Secret::new("").map(|_| ()), Err(EmptySecret));
        let secret = Secret::new("hush").unwrap();
        assert_eq!(format!("{secret:?} {:?}", SecretKey::new(&secret)), "Secret(..) SecretKey(..)");
    }

    #[test]
    fn a_secret_matches_itself_only() {
        let secret = Secret::new("hush").unwrap();
        assert!(secret.matches("hush"));
        for other in ["", "hus", "hushh", "Hush"] {
            assert!(!secret.matches(other));
        }
        // Wherever one differs, or two do: in the words of eight bytes, and behind them.
        let text = "0123456789abcdef0123";
        let secret = Secret::new(text).unwrap();
        assert!(secret.matches(text));
        for first in 0..text.len() {
            for second in first..text.len() {
                let mut other = text.to_owned();
                other.replace_range(first..=first, "x");
                other.replace_range(second..=second, "x");
                assert!(!secret.matches(&other), "{other}");
            }
        }
    }

    /// As `openssl enc -aes-128-cbc -nopad` has it, with the first half of the secret's SHA-1 as the key.
    #[test]
    fn a_short_text_is_encrypted_in_whole_blocks() {
        let key = SecretKey::new(&Secret::new("0123456789abcdef0123456789abcdef").unwrap());
        let encrypted = |text: &[u8]| key.encrypt(text).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!(encrypted(b""), "");
        assert_eq!(encrypted(b"a short text"), "a171ddac8617ac00aa4837420128686d");
        assert_eq!(encrypted(b"0123456789abcdef"), "01b34017a574446c825bd7e8bfc4ed89");
        assert_eq!(encrypted(b"0123456789abcdef0"), "01b34017a574446c825bd7e8bfc4ed89d3475eff90d81ad7426c55f9a89520d8");
    }
}
