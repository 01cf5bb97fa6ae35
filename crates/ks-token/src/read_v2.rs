//! The fields of version 2: a query string behind a hash and 16 random bytes (token §1.3).

use crate::envelope::Version;
use crate::fault::TokenFault;
use crate::hash::KsHash;
use crate::ks::{Ks, Rand};
use crate::number::strict_i64;
use crate::partner::PartnerId;
use crate::privileges::PairsBuilder;
use crate::query::{Encoded, Piece, Pieces};

/// As many fields as the protocol's own reader takes.
pub(crate) const MAX_FIELDS: usize = 1000;

/// The fields that are not privileges; the outer level says whether the field is there.
#[derive(Default)]
struct Reserved {
    expiry: Option<Option<i64>>,
    session_type: Option<i32>,
    user_id: Option<String>,
    master_partner_id: Option<String>,
    additional_data: Option<String>,
}

/// Reads the decrypted text of a verified token, without its padding.
pub(crate) fn read(plain: &[u8], partner_id: PartnerId, secret_index: usize) -> Result<Ks, TokenFault> {
    let (hash, rest) = plain.split_first_chunk::<20>().ok_or(TokenFault::EmptyBody)?;
    let (rand, fields) = rest.split_first_chunk::<16>().ok_or(TokenFault::EmptyBody)?;
    if fields.is_empty() {
        return Err(TokenFault::EmptyBody);
    }
    let mut reserved = Reserved::default();
    let mut privileges = PairsBuilder::with_capacity(fields.len());
    for (count, piece) in Pieces::of(fields).enumerate() {
        if count == MAX_FIELDS {
            return Err(TokenFault::TooManyFields);
        }
        match piece.name.plain() {
            Some(name) => read_piece(name, piece, &mut reserved, &mut privileges)?,
            None => read_piece(&piece.name.decoded(), piece, &mut reserved, &mut privileges)?,
        }
    }
    Ok(Ks {
        version: Version::V2,
        partner_id,
        partner_pattern: None,
        user_id: reserved.user_id,
        session_type: reserved.session_type,
        expiry: reserved.expiry.flatten(),
        rand: Some(Rand::Bytes(*rand)),
        privileges: privileges.finish().map_err(|_| TokenFault::Utf8)?,
        master_partner_id: reserved.master_partner_id,
        additional_data: reserved.additional_data,
        hash: KsHash::new(*hash),
        secret_index,
    })
}

/// Reads one pair. Names are exact: nothing is trimmed, cut or replaced, so nothing else can become a reserved name
/// (token §1.3).
#[inline]
fn read_piece(
    name: &[u8],
    piece: Piece<'_>,
    reserved: &mut Reserved,
    privileges: &mut PairsBuilder,
) -> Result<(), TokenFault> {
    match name {
        b"_e" => once(&mut reserved.expiry, number(piece.value, read_expiry)?),
        b"_t" => once(&mut reserved.session_type, number(piece.value, read_type)?),
        b"_u" => once(&mut reserved.user_id, text(piece.value)?),
        b"_m" => once(&mut reserved.master_partner_id, text(piece.value)?),
        b"_d" => once(&mut reserved.additional_data, text(piece.value)?),
        b"" => Ok(()),
        name => {
            if piece.name.plain().is_none() {
                check_name(name)?;
            }
            privileges.push(name, piece.value);
            Ok(())
        }
    }
}

/// The name of a privilege must mean the same to every reader (token §1.3).
pub(crate) fn check_name(name: &[u8]) -> Result<(), TokenFault> {
    name.iter().try_for_each(|byte| match byte {
        b'[' | b']' => Err(TokenFault::Bracket),
        0..0x20 | 0x7f => Err(TokenFault::ControlByte),
        _ => Ok(()),
    })
}

/// An empty expiry is none, and so has passed; anything but a strict integer is refused (token §1.7).
pub(crate) fn read_expiry(text: &[u8]) -> Result<Option<i64>, TokenFault> {
    if text.is_empty() {
        return Ok(None);
    }
    strict_i64(text).map(Some).ok_or(TokenFault::Expiry)
}

/// A type that is there is a strict integer (token §1.7).
pub(crate) fn read_type(text: &[u8]) -> Result<i32, TokenFault> {
    strict_i64(text).and_then(|number| i32::try_from(number).ok()).ok_or(TokenFault::SessionType)
}

fn number<T>(value: Encoded<'_>, read: impl Fn(&[u8]) -> Result<T, TokenFault>) -> Result<T, TokenFault> {
    match value.plain() {
        Some(text) => read(text),
        None => read(&value.decoded()),
    }
}

fn text(value: Encoded<'_>) -> Result<String, TokenFault> {
    String::from_utf8(value.decoded()).map_err(|_| TokenFault::Utf8)
}

fn once<T>(place: &mut Option<T>, value: T) -> Result<(), TokenFault> {
    if place.is_some() {
        return Err(TokenFault::DuplicateField);
    }
    *place = Some(value);
    Ok(())
}
