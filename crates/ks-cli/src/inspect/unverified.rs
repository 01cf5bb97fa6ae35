//! Reads a version 1 token whose secret is not at hand.
//!
//! The token library reads no fields before a signature verifies, and that is as it should be. So the readable text is
//! signed again here, with a secret of no account, and given to the library's one strict reader. The result is for showing
//! to people only.

use ks_token::{Envelope, Ks, KsHash, Scratch, Secret, SecretKey, TokenFault};
use sha1::{Digest, Sha1};

/// Signs nothing but the texts below, and those never leave this process.
const NOBODYS: &str = "nobody's secret";

/// The fields of a version 1 token that has the shape of one.
pub(crate) fn read(token: &[u8]) -> Result<Ks, TokenFault> {
    let (stated, info) = open(token).ok_or(TokenFault::Base64)?;
    let mut sha1 = Sha1::new();
    sha1.update(NOBODYS);
    sha1.update(&info);
    let mut signed = KsHash::new(sha1.finalize().into()).to_string().into_bytes();
    signed.push(b'|');
    signed.extend_from_slice(&info);
    let text = base64_simd::STANDARD.encode_to_string(&signed);
    let secret = Secret::new(NOBODYS).map_err(|_| TokenFault::NoSecret)?;
    let mut scratch = Scratch::new();
    let mut ks = Envelope::decode(text.as_bytes(), &mut scratch)?.verify(&[SecretKey::new(&secret)])?;
    ks.hash = stated;
    Ok(ks)
}

/// The stated hash and the readable text of a token that [`Envelope::decode`] has accepted.
fn open(token: &[u8]) -> Option<(KsHash, Vec<u8>)> {
    let symbols = |byte: &u8| match byte {
        b'-' => Some(b'+'),
        b'_' => Some(b'/'),
        b'=' => None,
        space if space.is_ascii_whitespace() => None,
        &other => Some(other),
    };
    let text: Vec<u8> = token.iter().filter_map(symbols).collect();
    let decoded = base64_simd::forgiving_decode_to_vec(&text).ok()?;
    let place = decoded.iter().position(|&byte| byte == b'|')?;
    let stated = std::str::from_utf8(&decoded[..place]).ok()?.parse().ok()?;
    Some((stated, decoded[place + 1..].to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `v1-basic-admin` of the published vectors.
    const BASIC: &str = "NzIzMjMwMDhjNjI3MzNjZGFkZjE4YzkzMzZjM2EyYmE4ODU3ZGIxNHwxMDI7MTAyOzQxMDI0NDQ4MDA7MjsxNzAwMDAwMDAw\
                         LjEyMzQ7YWRtaW5AZXhhbXBsZS5jb207KixkaXNhYmxlZW50aXRsZW1lbnQ7Ow==";

    #[test]
    fn the_fields_and_the_stated_hash_are_read() {
        let ks = read(BASIC.as_bytes()).unwrap();
        assert_eq!(ks.user_id.as_deref(), Some("admin@example.com"));
        assert_eq!(ks.expiry, Some(4_102_444_800));
        assert_eq!(ks.privileges.text(), "*,disableentitlement");
        assert_eq!(ks.hash.to_string(), "72323008c62733cdadf18c9336c3a2ba8857db14");
    }

    #[test]
    fn url_safe_symbols_spaces_and_missing_padding_are_read_alike() {
        let text = BASIC.replace('+', "-").replace('/', "_").replace('=', "");
        let ks = read(format!("{} \n{}", &text[..10], &text[10..]).as_bytes()).unwrap();
        assert_eq!(ks.partner_id.get(), 102);
    }
}
