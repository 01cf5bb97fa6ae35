//! From the text of a token to a verified session: decode, find the secret, check the signature, read the fields.

use std::fmt;
use std::sync::LazyLock;

use aes::cipher::{Array, BlockModeDecrypt, InnerIvInit};
use subtle::ConstantTimeEq;

use crate::base64;
use crate::digest::{ROOM, sha1_in_place};
use crate::fault::TokenFault;
use crate::hash::KsHash;
use crate::ks::Ks;
use crate::partner::PartnerId;
use crate::scratch::Scratch;
use crate::secret::{Secret, SecretKey};
use crate::{read_v1, read_v2};

/// The two layouts of a token (token §1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// Readable text with a SHA-1 in front (token §1.2).
    V1,
    /// Encrypted with AES-128-CBC (token §1.3).
    V2,
}

impl Version {
    /// The protocol's number: 1 or 2.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::V1 => 1,
            Self::V2 => 2,
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.number(), f)
    }
}

/// A decoded token that nobody has verified yet.
///
/// It says whose secrets to try, and nothing else: no other field can be believed before [`Envelope::verify`].
pub struct Envelope<'a> {
    version: Version,
    partner_id: PartnerId,
    /// The hash that version 1 states in the open.
    stated: KsHash,
    /// What is signed (version 1) or encrypted (version 2).
    body: &'a [u8],
    /// Room for the decrypted body, and for the padding of its hash.
    plain: &'a mut [u8],
}

impl fmt::Debug for Envelope<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Envelope")
            .field("version", &self.version)
            .field("partner_id", &self.partner_id)
            .finish_non_exhaustive()
    }
}

/// Which key signed, and how much of the decrypted body is text.
#[derive(Clone, Copy)]
struct Match {
    key: usize,
    len: usize,
}

/// What an unknown partner's token is checked against, so that it takes as long as a known one's.
static NOBODY: LazyLock<SecretKey> =
    LazyLock::new(|| SecretKey::new(&Secret::new("nobody").expect("the text is not empty")));

impl<'a> Envelope<'a> {
    /// Decodes the text of a token (token §1.1 to §1.3). Allocates only for tokens of more than some 580 characters.
    ///
    /// # Errors
    /// A [`TokenFault`] when the text has not the shape of a token.
    pub fn decode<'s: 'a>(text: &[u8], scratch: &'s mut Scratch) -> Result<Self, TokenFault> {
        let (decoded, plain) = scratch.rooms(base64::decoded_room(text.len()), ROOM);
        let len = base64::decode(text, decoded)?;
        let decoded = &decoded[..len];
        match decoded {
            b"" | b"0" => Err(TokenFault::Empty),
            [b'v', b'2', b'|', rest @ ..] => Self::version2(rest, plain),
            whole => Self::version1(whole, plain),
        }
    }

    fn version1(decoded: &'a [u8], plain: &'a mut [u8]) -> Result<Self, TokenFault> {
        let (hash, info) = match decoded.split_first_chunk::<40>() {
            Some((hash, [b'|', info @ ..])) => (hash, info),
            _ if decoded.contains(&b'|') => return Err(TokenFault::HashText),
            _ => return Err(TokenFault::Separator),
        };
        let stated = KsHash::from_hex(hash).ok_or(TokenFault::HashText)?;
        let (partner, rest) = split(info, b';').ok_or(TokenFault::TooFewFields)?;
        split(rest, b';').ok_or(TokenFault::TooFewFields)?;
        let partner_id = PartnerId::from_bytes(partner).ok_or(TokenFault::PartnerId)?;
        Ok(Self { version: Version::V1, partner_id, stated, body: info, plain })
    }

    fn version2(decoded: &'a [u8], plain: &'a mut [u8]) -> Result<Self, TokenFault> {
        let (partner, body) = split(decoded, b'|').ok_or(TokenFault::Separator)?;
        let partner_id = PartnerId::from_bytes(partner).ok_or(TokenFault::PartnerId)?;
        if body.is_empty() || !body.len().is_multiple_of(16) {
            return Err(TokenFault::BlockSize);
        }
        Ok(Self { version: Version::V2, partner_id, stated: KsHash::new([0; 20]), body, plain })
    }

    /// The layout of the token.
    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }

    /// Whose secrets to verify with.
    #[must_use]
    pub fn partner_id(&self) -> PartnerId {
        self.partner_id
    }

    /// Says which of the keys, tried in their order, made the signature. Allocates nothing; compares in constant time.
    ///
    /// # Errors
    /// [`TokenFault::NoSecret`] without any key, after as much work as one takes; [`TokenFault::Signature`] when none fits.
    pub fn signed_by<'k>(&mut self, keys: impl IntoIterator<Item = &'k SecretKey>) -> Result<usize, TokenFault> {
        self.find(keys).map(|found| found.key)
    }

    /// Verifies with the ordered keys of the partner, and reads the fields.
    ///
    /// The result is a genuine token, not yet a live session: see [`Ks::check`].
    ///
    /// # Errors
    /// As [`Envelope::signed_by`], and a [`TokenFault`] for signed fields that are not strict (token §1.3, §1.7, §8).
    pub fn verify<'k>(mut self, keys: impl IntoIterator<Item = &'k SecretKey>) -> Result<Ks, TokenFault> {
        let found = self.find(keys)?;
        match self.version {
            Version::V1 => read_v1::read(self.body, self.partner_id, self.stated, found.key),
            Version::V2 => read_v2::read(&mut self.plain[..found.len], self.partner_id, found.key),
        }
    }

    fn find<'k>(&mut self, keys: impl IntoIterator<Item = &'k SecretKey>) -> Result<Match, TokenFault> {
        let mut none = true;
        for (index, key) in keys.into_iter().enumerate() {
            none = false;
            if let Some(len) = self.fits(key) {
                return Ok(Match { key: index, len });
            }
        }
        if none {
            // The answer does not matter; the time that it takes does.
            std::hint::black_box(self.fits(&NOBODY));
            return Err(TokenFault::NoSecret);
        }
        Err(TokenFault::Signature)
    }

    /// Whether one key made the signature; if so, how long the signed text is.
    fn fits(&mut self, key: &SecretKey) -> Option<usize> {
        match self.version {
            Version::V1 => {
                let computed = key.v1_hash(self.body);
                same(&computed, self.stated.as_bytes()).then_some(self.body.len())
            }
            Version::V2 => {
                let plain = &mut self.plain[..self.body.len()];
                let (from, _) = Array::slice_as_chunks(self.body);
                let (to, _) = Array::slice_as_chunks_mut(plain);
                let mut cbc = cbc::Decryptor::inner_iv_init(key.cipher(), &Array([0; 16]));
                cbc.decrypt_blocks_b2b(from, to).expect("both buffers have the same number of blocks");
                // The padding is zero bytes, so every trailing one goes (token §1.3).
                let len = plain.iter().rposition(|&byte| byte != 0)? + 1;
                let (stated, signed) = self.plain.split_first_chunk_mut::<20>()?;
                let computed = sha1_in_place(signed, len.checked_sub(20)?);
                same(&computed, stated).then_some(len)
            }
        }
    }
}

/// Compares two hashes in constant time, in two large pieces: one byte after the other takes noticeably longer.
fn same(one: &[u8; 20], other: &[u8; 20]) -> bool {
    let head = |hash: &[u8; 20]| hash.first_chunk().map_or(0, |&bytes| u128::from_ne_bytes(bytes));
    let tail = |hash: &[u8; 20]| hash.last_chunk().map_or(0, |&bytes| u32::from_ne_bytes(bytes));
    bool::from(head(one).ct_eq(&head(other)) & tail(one).ct_eq(&tail(other)))
}

/// Splits at the first occurrence of a byte.
#[inline]
fn split(bytes: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let place = bytes.iter().position(|&byte| byte == at)?;
    Some((&bytes[..place], &bytes[place + 1..]))
}
