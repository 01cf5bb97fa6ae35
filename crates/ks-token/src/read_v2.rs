//! The fields of version 2: a query string behind a hash and 16 random bytes (token §1.3).

use crate::envelope::Version;
use crate::fault::TokenFault;
use crate::hash::KsHash;
use crate::ks::{Ks, Rand};
use crate::partner::PartnerId;
use crate::privileges::PairsBuilder;
use crate::query::{self, Piece};
use crate::read_v1::{read_expiry, read_type};

/// As many fields as the protocol's own reader takes.
pub(crate) const MAX_FIELDS: usize = 1000;

/// The fields that are not privileges.
#[derive(Default)]
struct Reserved {
    expiry: Option<Option<i64>>,
    session_type: Option<Option<i32>>,
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
    let fields = std::str::from_utf8(fields).map_err(|_| TokenFault::Utf8)?;
    let mut reserved = Reserved::default();
    let mut privileges = PairsBuilder::with_capacity(fields.len());
    let mut count = 0;
    query::for_each_piece(fields, |piece| {
        count += 1;
        if count > MAX_FIELDS {
            return Err(TokenFault::TooManyFields);
        }
        read_piece(&piece, &mut reserved, &mut privileges)
    })?;
    Ok(Ks {
        version: Version::V2,
        partner_id,
        partner_pattern: None,
        user_id: reserved.user_id,
        session_type: reserved.session_type.flatten(),
        expiry: reserved.expiry.flatten(),
        rand: Some(Rand::Bytes(*rand)),
        privileges: privileges.finish(),
        master_partner_id: reserved.master_partner_id,
        additional_data: reserved.additional_data,
        hash: KsHash::new(*hash),
        secret_index,
    })
}

fn read_piece(piece: &Piece<'_>, reserved: &mut Reserved, privileges: &mut PairsBuilder) -> Result<(), TokenFault> {
    let name = piece.name()?;
    // Names are exact: nothing is trimmed, cut or replaced, so nothing can become a reserved name (token §1.3).
    match &*name {
        "_e" => once(&mut reserved.expiry, read_expiry(Some(&piece.value()?))?),
        "_t" => once(&mut reserved.session_type, read_type(Some(&piece.value()?))?),
        "_u" => once(&mut reserved.user_id, piece.value()?.into_owned()),
        "_m" => once(&mut reserved.master_partner_id, piece.value()?.into_owned()),
        "_d" => once(&mut reserved.additional_data, piece.value()?.into_owned()),
        "" => Ok(()),
        name => {
            check_name(name)?;
            privileges.push(name, &piece.value()?);
            Ok(())
        }
    }
}

/// The name of a privilege must mean the same to every reader (token §1.3).
pub(crate) fn check_name(name: &str) -> Result<(), TokenFault> {
    for byte in name.bytes() {
        match byte {
            b'[' | b']' => return Err(TokenFault::Bracket),
            0..0x20 | 0x7f => return Err(TokenFault::ControlByte),
            _ => {}
        }
    }
    Ok(())
}

fn once<T>(place: &mut Option<T>, value: T) -> Result<(), TokenFault> {
    if place.replace(value).is_some() { Err(TokenFault::DuplicateField) } else { Ok(()) }
}
