//! The fields of version 1: text between semicolons (token §1.2).

use smol_str::SmolStr;

use crate::envelope::Version;
use crate::fault::TokenFault;
use crate::hash::KsHash;
use crate::ks::{Ks, Rand};
use crate::partner::PartnerId;
use crate::privileges::Privileges;
use crate::read_v2::{read_expiry, read_type};

/// Reads the signed text of a verified token.
pub(crate) fn read(info: &[u8], partner_id: PartnerId, hash: KsHash, secret_index: usize) -> Result<Ks, TokenFault> {
    // A length extension leaves SHA-1's padding in the text: bytes that no writer makes (token §8.1).
    if info.iter().fold(false, |found, &byte| found | (byte < 0x20) | (byte == 0x7f)) {
        return Err(TokenFault::ControlByte);
    }
    let info = std::str::from_utf8(info).map_err(|_| TokenFault::Utf8)?;
    let mut fields = Fields { info, start: 0 };
    // The first field is the partner id, which is known.
    fields.next();
    let partner_pattern = fields.next().map(SmolStr::new);
    // A missing expiry is none, and so has passed; a missing type is a user's (token §1.7).
    let expiry = fields.next().map(|text| read_expiry(text.as_bytes())).transpose()?.flatten();
    let session_type = fields.next().map(|text| read_type(text.as_bytes())).transpose()?;
    let rand = fields.next().map(|text| Rand::Text(SmolStr::new(text)));
    let user_id = fields.next().map(SmolStr::new);
    let privileges = fields.next().map(Privileges::from_text).unwrap_or_default();
    let master_partner_id = fields.next().map(SmolStr::new);
    let additional_data = fields.next().map(SmolStr::new);
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

/// The fields one after the other. `str::split` does the same, and takes twice as long for fields this short.
struct Fields<'a> {
    info: &'a str,
    start: usize,
}

impl<'a> Fields<'a> {
    #[inline]
    fn next(&mut self) -> Option<&'a str> {
        let rest = self.info.get(self.start..)?;
        let len = rest.bytes().position(|byte| byte == b';').unwrap_or(rest.len());
        self.start += len + 1;
        Some(&rest[..len])
    }
}
