//! Second factors, as an authenticator app has them: written from the standards alone.

use sha1::{Digest as _, Sha1};

use crate::programs::{feed, judge};

/// RFC 6238, naively: HMAC-SHA-1 over the number of half minutes.
#[must_use]
pub fn code(seed: &[u8], step: u64) -> String {
    let pad = |with: u8| -> Vec<u8> { (0..64).map(|at| seed.get(at).copied().unwrap_or(0) ^ with).collect() };
    let inner = Sha1::digest([pad(0x36), step.to_be_bytes().to_vec()].concat());
    let mac = Sha1::digest([pad(0x5c), inner.to_vec()].concat());
    let at = usize::from(mac[19] & 15);
    let number = u32::from_be_bytes([mac[at] & 0x7f, mac[at + 1], mac[at + 2], mac[at + 3]]);
    format!("{:06}", number % 1_000_000)
}

/// RFC 4648, 6.
///
/// # Panics
///
/// When it is no base32.
#[must_use]
pub fn base32(text: &str) -> Vec<u8> {
    let bits = text.bytes().flat_map(|letter| {
        let value = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|known| *known == letter).expect("base32");
        (0..5).rev().map(move |bit| u8::from(value >> bit & 1 == 1))
    });
    let bits: Vec<u8> = bits.collect();
    bits.chunks_exact(8).map(|bits| bits.iter().fold(0, |byte, bit| byte << 1 | bit)).collect()
}

/// What a QR code says, given as a PNG in base64, to a reader that knows nothing of ours.
///
/// # Panics
///
/// When there is no picture, or no QR code in it.
#[must_use]
pub fn scan(picture: &str) -> String {
    let bytes = base64_simd::STANDARD.decode_to_vec(picture).expect("base64");
    let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().expect("a PNG");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
    let info = reader.next_frame(&mut pixels).expect("a picture");
    assert_eq!((info.color_type, info.bit_depth), (png::ColorType::Grayscale, png::BitDepth::Eight));
    let mut input = format!("{} {}\n", info.width, info.height).into_bytes();
    input.append(&mut pixels);
    let mut command = judge("python");
    command.arg(crate::root().join("tests/clients/judges/scan.py"));
    feed(&mut command, &input).good().trim().to_owned()
}

/// The seed that a QR code carries to an authenticator.
///
/// # Panics
///
/// When it carries none.
#[must_use]
pub fn seed(picture: &str) -> Vec<u8> {
    let uri = scan(picture);
    let secret = uri.split(['?', '&']).find_map(|part| part.strip_prefix("secret="));
    base32(secret.unwrap_or_else(|| panic!("no secret in {uri}")))
}
