//! The fields of version 2: a query string behind a hash and 16 random bytes (token §1.3).

use smol_str::SmolStr;

use crate::envelope::Version;
use crate::fault::TokenFault;
use crate::hash::KsHash;
use crate::ks::{Ks, Rand};
use crate::number::strict_i64;
use crate::partner::PartnerId;
use crate::privileges::{Bounds, Places, Privileges};
use crate::query::Decoder;

/// As many fields as the protocol's own reader takes.
pub(crate) const MAX_FIELDS: usize = 1000;

/// The fields that are not privileges; the outer level says whether the field is there.
#[derive(Default)]
struct Reserved {
    expiry: Option<Option<i64>>,
    session_type: Option<i32>,
    user_id: Option<SmolStr>,
    master_partner_id: Option<SmolStr>,
    additional_data: Option<SmolStr>,
}

/// Reads the decrypted text of a verified token, without its padding. The text is decoded in its place.
pub(crate) fn read(plain: &mut [u8], partner_id: PartnerId, secret_index: usize) -> Result<Ks, TokenFault> {
    let (&mut hash, rest) = plain.split_first_chunk_mut::<20>().ok_or(TokenFault::EmptyBody)?;
    let (&mut rand, fields) = rest.split_first_chunk_mut::<16>().ok_or(TokenFault::EmptyBody)?;
    if fields.is_empty() {
        return Err(TokenFault::EmptyBody);
    }
    let mut reserved = Reserved::default();
    let privileges = read_fields(fields, &mut reserved)?;
    Ok(Ks {
        version: Version::V2,
        partner_id,
        partner_pattern: None,
        user_id: reserved.user_id,
        session_type: reserved.session_type,
        expiry: reserved.expiry.flatten(),
        rand: Some(Rand::Bytes(rand)),
        privileges,
        master_partner_id: reserved.master_partner_id,
        additional_data: reserved.additional_data,
        hash: KsHash::new(hash),
        secret_index,
    })
}

/// Reads all pairs. Those that are privileges stay in the buffer as the privilege text that the protocol shows, since
/// `name=value&name` is as long as `name:value,name`.
fn read_fields(fields: &mut [u8], reserved: &mut Reserved) -> Result<Privileges, TokenFault> {
    let mut decoder = Decoder::new(fields);
    let mut places = Places::new();
    let mut count = 0;
    while decoder.more() {
        count += 1;
        if count > MAX_FIELDS {
            return Err(TokenFault::TooManyFields);
        }
        let before = decoder.written;
        if before > 0 {
            decoder.keep(b',');
        }
        let start = decoder.written;
        let name = decoder.name();
        let name_end = decoder.written;
        let mut simple = true;
        if name.end == Some(b'=') {
            decoder.keep(b':');
            simple = decoder.value().plain;
        }
        let kept = decoder.kept();
        let value = kept.get(name_end + 1..).unwrap_or_default();
        // Names are exact: nothing is trimmed, cut or replaced, so nothing else becomes a reserved name (token §1.3).
        let is_reserved = match &kept[start..name_end] {
            b"_e" => once(&mut reserved.expiry, read_expiry(value)?)?,
            b"_t" => once(&mut reserved.session_type, read_type(value)?)?,
            b"_u" => once(&mut reserved.user_id, text(value)?)?,
            b"_m" => once(&mut reserved.master_partner_id, text(value)?)?,
            b"_d" => once(&mut reserved.additional_data, text(value)?)?,
            b"" => true,
            _ => false,
        };
        if is_reserved {
            decoder.written = before;
            continue;
        }
        if !name.plain {
            check_name(&kept[start..name_end])?;
        }
        let end = if value.is_empty() { name_end } else { kept.len() };
        let bounds = Bounds { start, name_end, end };
        decoder.written = match places.find(&kept[..start], &kept[start..name_end]) {
            None => {
                places.push(kept, bounds, name.plain && simple);
                end
            }
            // A repeated name keeps its place and takes the last value (token §1.3).
            Some(place) => places.replace(kept, place, bounds, before),
        };
    }
    let text = std::str::from_utf8(decoder.kept()).map_err(|_| TokenFault::Utf8)?;
    Ok(Privileges::with_places(SmolStr::new(text), &places))
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

fn text(value: &[u8]) -> Result<SmolStr, TokenFault> {
    std::str::from_utf8(value).map(SmolStr::new).map_err(|_| TokenFault::Utf8)
}

/// Puts a reserved field in its place, which must be free.
fn once<T>(place: &mut Option<T>, value: T) -> Result<bool, TokenFault> {
    if place.is_some() {
        return Err(TokenFault::DuplicateField);
    }
    *place = Some(value);
    Ok(true)
}
