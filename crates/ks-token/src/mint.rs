//! Makes tokens, byte for byte as the protocol's own writer does (token §1.2 to §1.4).

use aes::cipher::{Array, BlockModeEncrypt, InnerIvInit};
use base64_simd::{STANDARD, URL_SAFE};
use sha1::{Digest, Sha1};

use crate::hash::push_hex;
use crate::number::push_i64;
use crate::partner::PartnerId;
use crate::privileges::normalised;
use crate::query::push_encoded;
use crate::read_v2::{MAX_FIELDS, check_name};
use crate::secret::SecretKey;

/// What a new token is to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// The account that signs.
    pub partner_id: PartnerId,
    /// Who the session is for. Version 2 leaves the field out when there is none; version 1 writes it empty.
    pub user_id: Option<String>,
    /// 0 for a user, 2 for an administrator.
    pub session_type: i32,
    /// When the session ends, in Unix seconds.
    pub expiry: i64,
    /// The privilege text, comma-joined. Version 1 carries it as it is; version 2 normalises it (token §1.4).
    pub privileges: Option<String>,
    /// The account on whose behalf the session is started.
    pub master_partner_id: Option<PartnerId>,
    /// Free text.
    pub additional_data: Option<String>,
}

impl Claims {
    /// A nameless user's session without privileges, until `expiry` in Unix seconds.
    #[must_use]
    pub const fn new(partner_id: PartnerId, expiry: i64) -> Self {
        Self {
            partner_id,
            user_id: None,
            session_type: 0,
            expiry,
            privileges: None,
            master_partner_id: None,
            additional_data: None,
        }
    }
}

/// Why a token is not made: a reader would read something else than what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum MintError {
    /// Version 1 has no way to write a semicolon inside a field (token §1.2).
    #[error("version 1 cannot carry a semicolon in {0}")]
    Semicolon(MintField),
    /// Version 1 refuses control bytes when reading (token §8.1).
    #[error("version 1 cannot carry a control character in {0}")]
    ControlCharacter(MintField),
    /// A privilege has no name (token §1.3).
    #[error("a privilege has no name")]
    NamelessPrivilege,
    /// The name of a privilege has a bracket or a control character (token §1.3).
    #[error("the name of a privilege has a bracket or a control character")]
    PrivilegeName,
    /// A privilege has the name of a reserved field that the token leaves out, and would be read as that field
    /// (token §1.3). One that the token has is overwritten, as the protocol's writer does (token §1.4).
    #[error("a privilege has the name of a reserved field")]
    ReservedName,
    /// More than 1000 fields (token §1.3).
    #[error("a token has at most 1000 fields")]
    TooManyFields,
}

/// The field that a [`MintError`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MintField {
    /// The random text of version 1.
    Rand,
    /// The user id.
    UserId,
    /// The privileges.
    Privileges,
    /// The additional data.
    AdditionalData,
}

impl std::fmt::Display for MintField {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Rand => "the random text",
            Self::UserId => "the user id",
            Self::Privileges => "the privileges",
            Self::AdditionalData => "the additional data",
        })
    }
}

/// Makes a version 1 token with all nine fields (token §1.2). `rand_text` only has to differ between tokens; the
/// protocol's server takes the time with four decimals.
///
/// # Errors
/// [`MintError::Semicolon`] and [`MintError::ControlCharacter`].
pub fn generate_v1(claims: &Claims, key: &SecretKey, rand_text: &str) -> Result<String, MintError> {
    let user = claims.user_id.as_deref().unwrap_or_default();
    let privileges = claims.privileges.as_deref().unwrap_or_default();
    let data = claims.additional_data.as_deref().unwrap_or_default();
    check_v1(MintField::Rand, rand_text)?;
    check_v1(MintField::UserId, user)?;
    check_v1(MintField::Privileges, privileges)?;
    check_v1(MintField::AdditionalData, data)?;
    // The hash and its separator take 41 bytes, the numbers and semicolons at most 73.
    let mut token = Vec::with_capacity(41 + 73 + rand_text.len() + user.len() + privileges.len() + data.len());
    token.resize(41, b'|');
    for _ in 0..2 {
        push_i64(&mut token, i64::from(claims.partner_id.get()));
        token.push(b';');
    }
    push_i64(&mut token, claims.expiry);
    token.push(b';');
    push_i64(&mut token, i64::from(claims.session_type));
    for field in [rand_text, user, privileges, ""] {
        token.push(b';');
        token.extend_from_slice(field.as_bytes());
    }
    if let Some(master) = claims.master_partner_id {
        push_i64(&mut token, i64::from(master.get()));
    }
    token.push(b';');
    token.extend_from_slice(data.as_bytes());
    let mut sha1 = Sha1::new();
    sha1.update(key.bytes());
    sha1.update(&token[41..]);
    let mut hex = Vec::with_capacity(40);
    push_hex(&mut hex, &sha1.finalize());
    token[..40].copy_from_slice(&hex);
    Ok(STANDARD.encode_to_string(&token))
}

fn check_v1(field: MintField, text: &str) -> Result<(), MintError> {
    for byte in text.bytes() {
        match byte {
            b';' => return Err(MintError::Semicolon(field)),
            0..0x20 | 0x7f => return Err(MintError::ControlCharacter(field)),
            _ => {}
        }
    }
    Ok(())
}

/// Makes a version 2 token (token §1.3) with 16 random bytes, which the caller takes from a secure source.
///
/// # Errors
/// [`MintError::NamelessPrivilege`], [`MintError::PrivilegeName`], [`MintError::ReservedName`],
/// [`MintError::TooManyFields`].
pub fn generate_v2(claims: &Claims, key: &SecretKey, rand: [u8; 16]) -> Result<String, MintError> {
    // In front of the encrypted part: `v2|`, the partner id, `|`. It is laid out last, right before it.
    let mut prefix = Vec::with_capacity(16);
    prefix.extend_from_slice(b"v2|");
    push_i64(&mut prefix, i64::from(claims.partner_id.get()));
    prefix.push(b'|');
    let texts = [&claims.privileges, &claims.user_id, &claims.additional_data];
    let room: usize = texts.iter().map(|text| text.as_deref().map_or(0, str::len)).sum();
    let mut token = Vec::with_capacity(prefix.len() + 36 + room + room / 2 + 64);
    token.extend_from_slice(&prefix);
    let body = token.len();
    token.resize(body + 20, 0);
    token.extend_from_slice(&rand);
    push_fields(&mut token, claims)?;
    let hash: [u8; 20] = Sha1::digest(&token[body + 20..]).into();
    token[body..body + 20].copy_from_slice(&hash);
    token.resize(body + (token.len() - body).next_multiple_of(16), 0);
    let (blocks, _) = Array::slice_as_chunks_mut(&mut token[body..]);
    cbc::Encryptor::inner_iv_init(key.cipher(), &Array([0; 16])).encrypt_blocks(blocks);
    Ok(URL_SAFE.encode_to_string(&token))
}

/// The reserved fields in the order in which they are written.
const RESERVED: [&str; 5] = ["_e", "_t", "_u", "_m", "_d"];

/// Appends the query string: privileges in order of first appearance, then the reserved fields (token §1.3).
fn push_fields(out: &mut Vec<u8>, claims: &Claims) -> Result<(), MintError> {
    let text = claims.privileges.as_deref().unwrap_or_default();
    let start = out.len();
    let mut count = RESERVED.len();
    let mut early = [false; RESERVED.len()];
    for (place, (name, value)) in normalised(text).enumerate() {
        count += 1;
        if count > MAX_FIELDS {
            return Err(MintError::TooManyFields);
        }
        if normalised(text).take(place).any(|(earlier, _)| earlier == name) {
            continue;
        }
        separate(out, start);
        if let Some(field) = RESERVED.iter().position(|&reserved| reserved == name) {
            early[field] = push_reserved(out, claims, field);
            if !early[field] {
                return Err(MintError::ReservedName);
            }
            continue;
        }
        if name.is_empty() {
            return Err(MintError::NamelessPrivilege);
        }
        check_name(name).map_err(|_| MintError::PrivilegeName)?;
        push_encoded(out, name);
        out.push(b'=');
        // The last value of a repeated name is the one that counts.
        let value =
            normalised(text).skip(place).filter(|(later, _)| *later == name).last().map_or(value, |(_, last)| last);
        push_encoded(out, value);
    }
    for (field, early) in early.iter().enumerate() {
        if !early {
            let before = out.len();
            separate(out, start);
            if !push_reserved(out, claims, field) {
                out.truncate(before);
            }
        }
    }
    Ok(())
}

fn separate(out: &mut Vec<u8>, start: usize) {
    if out.len() > start {
        out.push(b'&');
    }
}

/// Appends one reserved field, if the claims have it.
fn push_reserved(out: &mut Vec<u8>, claims: &Claims, field: usize) -> bool {
    let name = RESERVED[field].as_bytes();
    let number = match field {
        0 => Some(claims.expiry),
        1 => Some(i64::from(claims.session_type)),
        3 => claims.master_partner_id.map(|master| i64::from(master.get())),
        _ => None,
    };
    let text = match field {
        2 => claims.user_id.as_deref(),
        4 => claims.additional_data.as_deref(),
        _ => None,
    };
    if number.is_none() && text.is_none() {
        return false;
    }
    out.extend_from_slice(name);
    out.push(b'=');
    if let Some(number) = number {
        push_i64(out, number);
    }
    if let Some(text) = text {
        push_encoded(out, text);
    }
    true
}
