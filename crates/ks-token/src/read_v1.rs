//! The fields of version 1: text between semicolons (token §1.2).

use crate::envelope::Version;
use crate::fault::TokenFault;
use crate::hash::KsHash;
use crate::ks::{Ks, Rand};
use crate::number::strict_i64;
use crate::partner::PartnerId;
use crate::privileges::Privileges;

/// Reads the signed text of a verified token.
pub(crate) fn read(info: &[u8], partner_id: PartnerId, hash: KsHash, secret_index: usize) -> Result<Ks, TokenFault> {
    // A length extension leaves SHA-1's padding in the text: bytes that no writer makes (token §8.1).
    if info.iter().fold(false, |found, &byte| found | (byte < 0x20) | (byte == 0x7f)) {
        return Err(TokenFault::ControlByte);
    }
    let info = std::str::from_utf8(info).map_err(|_| TokenFault::Utf8)?;
    let mut fields = info.split(';').skip(1);
    let partner_pattern = fields.next().map(str::to_owned);
    let expiry = read_expiry(fields.next())?;
    let session_type = read_type(fields.next())?;
    let rand = fields.next().map(|text| Rand::Text(text.to_owned()));
    let user_id = fields.next().map(str::to_owned);
    let privileges = fields.next().map(Privileges::from_text).unwrap_or_default();
    let master_partner_id = fields.next().map(str::to_owned);
    let additional_data = fields.next().map(str::to_owned);
    Ok(Ks {
        version: Version::V1,
        partner_id,
        partner_pattern,
        user_id,
        session_type,
        expiry,
        rand,
        privileges,
        master_partner_id,
        additional_data,
        hash,
        secret_index,
    })
}

/// A missing or empty expiry is none, and so has passed; anything but a strict integer is refused (token §1.7).
pub(crate) fn read_expiry(text: Option<&str>) -> Result<Option<i64>, TokenFault> {
    match text {
        None | Some("") => Ok(None),
        Some(text) => strict_i64(text.as_bytes()).map(Some).ok_or(TokenFault::Expiry),
    }
}

/// A missing type is none, and so a user; anything but a strict integer is refused (token §1.7).
pub(crate) fn read_type(text: Option<&str>) -> Result<Option<i32>, TokenFault> {
    let Some(text) = text else { return Ok(None) };
    let number = strict_i64(text.as_bytes()).and_then(|number| i32::try_from(number).ok());
    number.map(Some).ok_or(TokenFault::SessionType)
}
