//! What several test files need: a clock, tokens of any content, and a naive model of what they mean.

#![expect(dead_code, reason = "each test file uses a part of it")]
#![expect(clippy::unwrap_used, reason = "a test may stop at what it did not expect, and so may its helpers")]

use std::time::{SystemTime, UNIX_EPOCH};

use aes::Aes128;
use aes::cipher::{Array, BlockModeEncrypt, InnerIvInit, KeyInit};
use base64_simd::{STANDARD, URL_SAFE};
use ks_token::{Envelope, Ks, Scratch, Secret, SecretKey, TokenFault};
use sha1::{Digest, Sha1};

pub(crate) mod model;

/// The secret that signs in all tests.
pub(crate) const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// The time in Unix seconds. The library has no clock, so the tests ask for it.
pub(crate) fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

/// 16 bytes from their hexadecimal text.
pub(crate) fn unhex(text: &str) -> [u8; 16] {
    assert_eq!(text.len(), 32);
    std::array::from_fn(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap())
}

/// The key of [`SECRET`].
pub(crate) fn key() -> SecretKey {
    SecretKey::new(&Secret::new(SECRET).unwrap())
}

/// Reads a token that [`SECRET`] may have signed.
pub(crate) fn open(token: &str) -> Result<Ks, TokenFault> {
    Envelope::decode(token.as_bytes(), &mut Scratch::new())?.verify(&[key()])
}

/// A version 1 token over any bytes.
pub(crate) fn sign_v1(info: &[u8]) -> String {
    let hash = Sha1::digest([SECRET.as_bytes(), info].concat());
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    STANDARD.encode_to_string([hex.as_bytes(), b"|", info].concat())
}

/// A version 2 token over any bytes.
pub(crate) fn sign_v2(query: &[u8]) -> String {
    let signed = [b"0123456789abcdef", query].concat();
    let mut plain = [&Sha1::digest(&signed), signed.as_slice()].concat();
    plain.resize(plain.len().next_multiple_of(16), 0);
    let cipher = Aes128::new_from_slice(&Sha1::digest(SECRET)[..16]).unwrap();
    let (blocks, _) = Array::slice_as_chunks_mut(&mut plain);
    cbc::Encryptor::inner_iv_init(&cipher, &Array([0; 16])).encrypt_blocks(blocks);
    URL_SAFE.encode_to_string([b"v2|102|", plain.as_slice()].concat())
}
