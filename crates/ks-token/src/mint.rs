//! Makes tokens, byte for byte as the protocol's own writer does (token §1.2 to §1.4).

mod room;

use aes::cipher::{Array, BlockModeEncrypt, InnerIvInit};
use base64_simd::{STANDARD, URL_SAFE};

use crate::digest::{ROOM, sha1_in_place};
use crate::hash::write_hex;
use crate::partner::PartnerId;
use crate::privileges::{Pairs, normalised};
use crate::query::LONGEST;
use crate::read_v2::{MAX_FIELDS, check_name};
use crate::secret::SecretKey;
use room::{Writer, with_room};

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

/// The bytes in front of what version 1 signs: a hash in hexadecimal, and a separator.
const V1_FRONT: usize = 41;

/// The most that the numbers and separators of either version take.
const FIXED: usize = 104;

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
    let size = V1_FRONT + FIXED + rand_text.len() + user.len() + privileges.len() + data.len();
    Ok(with_room(size, |room| {
        let mut token = Writer::new(room, V1_FRONT);
        let mut number = itoa::Buffer::new();
        let partner = number.format(claims.partner_id.get());
        token.put(partner);
        token.few(b";");
        token.put(partner);
        token.few(b";");
        token.number(claims.expiry);
        token.few(b";");
        token.number(i64::from(claims.session_type));
        for field in [rand_text, user, privileges] {
            token.few(b";");
            token.put(field);
        }
        token.few(b";");
        if let Some(master) = claims.master_partner_id {
            token.number(i64::from(master.get()));
        }
        token.few(b";");
        token.put(data);
        let end = token.end();
        let (front, signed) = room[..end].split_at_mut(V1_FRONT);
        write_hex(front, &key.v1_hash(signed));
        front[V1_FRONT - 1] = b'|';
        STANDARD.encode_to_string(&room[..end])
    }))
}

fn check_v1(field: MintField, text: &str) -> Result<(), MintError> {
    let refused = |byte: u8| byte < 0x20 || byte == 0x7f || byte == b';';
    // Without a way out of the loop it is done many bytes at a time.
    if !text.bytes().fold(false, |found, byte| found | refused(byte)) {
        return Ok(());
    }
    Err(if text.contains(';') { MintError::Semicolon(field) } else { MintError::ControlCharacter(field) })
}

/// Makes a version 2 token (token §1.3) with 16 random bytes, which the caller takes from a secure source.
///
/// # Errors
/// [`MintError::NamelessPrivilege`], [`MintError::PrivilegeName`], [`MintError::ReservedName`],
/// [`MintError::TooManyFields`].
pub fn generate_v2(claims: &Claims, key: &SecretKey, rand: [u8; 16]) -> Result<String, MintError> {
    let mut pairs = Pairs::new();
    collect(claims, &mut pairs)?;
    let text = [&claims.user_id, &claims.privileges, &claims.additional_data];
    let text: usize = text.into_iter().flatten().map(String::len).sum();
    // A pair is a little longer than its item: by two separators, and by `all:` where that is added.
    let size = FIXED + rand.len() + (text + 4 * pairs.len()) * LONGEST + ROOM;
    with_room(size, |room| {
        let mut front = Writer::new(room, 0);
        front.few(b"v2|");
        front.number(i64::from(claims.partner_id.get()));
        front.few(b"|");
        let body = front.end();
        room[body + 20..body + 36].copy_from_slice(&rand);
        let mut fields = Writer::new(room, body + 36);
        write_fields(&mut fields, claims, &pairs)?;
        let end = fields.end();
        let signed = body + 20;
        let hash = sha1_in_place(&mut room[signed..], end - signed);
        room[body..signed].copy_from_slice(&hash);
        let whole = body + (end - body).next_multiple_of(16);
        // The padding of the hash is in the way. Only some of these bytes are needed, but 16 are written without a call.
        if let Some(place) = room[end..].first_chunk_mut() {
            *place = [0; 16];
        }
        let (blocks, _) = Array::slice_as_chunks_mut(&mut room[body..whole]);
        cbc::Encryptor::inner_iv_init(key.cipher(), &Array([0; 16])).encrypt_blocks(blocks);
        Ok(URL_SAFE.encode_to_string(&room[..whole]))
    })
}

/// How many fields are not privileges.
const RESERVED: usize = 5;

/// A field that is not a privilege, in the order in which they are written.
#[derive(Clone, Copy)]
enum Reserved {
    Expiry,
    Type,
    User,
    Master,
    Data,
}

impl Reserved {
    /// Which of them has this name.
    #[inline]
    fn find(name: &str) -> Option<Self> {
        let [b'_', letter] = name.as_bytes() else { return None };
        match letter {
            b'e' => Some(Self::Expiry),
            b't' => Some(Self::Type),
            b'u' => Some(Self::User),
            b'm' => Some(Self::Master),
            b'd' => Some(Self::Data),
            _ => None,
        }
    }

    /// Writes the field, if the claims have it, and a separator.
    #[inline(always)]
    fn write(self, out: &mut Writer<'_>, claims: &Claims) {
        match self {
            Self::Expiry => {
                out.few(b"_e=");
                out.number(claims.expiry);
            }
            Self::Type => {
                out.few(b"_t=");
                out.number(i64::from(claims.session_type));
            }
            Self::User => {
                let Some(user) = &claims.user_id else { return };
                out.few(b"_u=");
                out.encode(user);
            }
            Self::Master => {
                let Some(master) = claims.master_partner_id else { return };
                out.few(b"_m=");
                out.number(i64::from(master.get()));
            }
            Self::Data => {
                let Some(data) = &claims.additional_data else { return };
                out.few(b"_d=");
                out.encode(data);
            }
        }
        out.few(b"&");
    }

    /// Whether the token leaves the field out.
    fn is_absent(self, claims: &Claims) -> bool {
        match self {
            Self::Expiry | Self::Type => false,
            Self::User => claims.user_id.is_none(),
            Self::Master => claims.master_partner_id.is_none(),
            Self::Data => claims.additional_data.is_none(),
        }
    }
}

/// Collects the privileges: a repeated name keeps its first place and its last value (token §1.4).
fn collect<'c>(claims: &'c Claims, pairs: &mut Pairs<'c>) -> Result<(), MintError> {
    for (name, value) in normalised(claims.privileges.as_deref().unwrap_or_default()) {
        if name.is_empty() {
            return Err(MintError::NamelessPrivilege);
        }
        if Reserved::find(name).is_some_and(|field| field.is_absent(claims)) {
            return Err(MintError::ReservedName);
        }
        pairs.put(name, value);
        if pairs.len() > MAX_FIELDS - RESERVED {
            return Err(MintError::TooManyFields);
        }
    }
    Ok(())
}

/// Writes the query string: privileges in order of first appearance, then the reserved fields (token §1.3). A reserved
/// name among the privileges is overwritten where it stands (token §1.4).
fn write_fields(out: &mut Writer<'_>, claims: &Claims, pairs: &Pairs<'_>) -> Result<(), MintError> {
    let mut early = [false; RESERVED];
    for (name, value) in pairs.iter() {
        if let Some(field) = Reserved::find(name) {
            early[field as usize] = true;
            field.write(out, claims);
        } else {
            // A name that a reader could take for another one needs an escape.
            if out.encode(name) {
                check_name(name.as_bytes()).map_err(|_| MintError::PrivilegeName)?;
            }
            out.few(b"=");
            out.encode(value);
            out.few(b"&");
        }
    }
    // Written out one by one, so that the compiler knows which is which.
    let mut late = |field: Reserved| {
        if !early[field as usize] {
            field.write(out, claims);
        }
    };
    late(Reserved::Expiry);
    late(Reserved::Type);
    late(Reserved::User);
    late(Reserved::Master);
    late(Reserved::Data);
    // One separator too many: there is no telling which field is the last.
    out.back();
    Ok(())
}
