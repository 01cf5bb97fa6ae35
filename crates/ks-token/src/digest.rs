//! SHA-1 of bytes that lie in a buffer with room behind them.

use sha1::block_api::compress;

/// The room that must follow the bytes: a separator, the length, and what fills up the last block.
pub(crate) const ROOM: usize = 72;

/// The state before the first block (FIPS 180-4, 5.3.1).
const START: [u32; 5] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];

/// What follows the bytes, but for the length at the end.
const PADDING: [u8; ROOM] = {
    let mut padding = [0; ROOM];
    padding[0] = 0x80;
    padding
};

/// SHA-1 of the first `len` bytes. Writes its padding behind them, where there must be [`ROOM`]; what lies beyond stays.
///
/// The same as `Sha1::digest`, without copying the bytes into a hasher first: a token is two blocks long, so that the copy
/// is worth saving.
pub(crate) fn sha1_in_place(buffer: &mut [u8], len: usize) -> [u8; 20] {
    let end = (len + 9).next_multiple_of(64);
    // As much as may be needed, because a number of bytes that is known beforehand is written without a call.
    if let Some(place) = buffer[len..].first_chunk_mut() {
        *place = PADDING;
    }
    // A length in bits that does not fit 64 bits belongs to no buffer that exists.
    let bits = u64::try_from(len).unwrap_or(u64::MAX).wrapping_mul(8);
    buffer[end - 8..end].copy_from_slice(&bits.to_be_bytes());
    let mut state = START;
    compress(&mut state, buffer[..end].as_chunks().0);
    let mut hash = [0; 20];
    for (place, word) in hash.as_chunks_mut().0.iter_mut().zip(state) {
        *place = word.to_be_bytes();
    }
    hash
}

#[cfg(test)]
mod tests {
    use sha1::{Digest, Sha1};

    use super::*;

    #[test]
    fn agrees_with_the_hasher() {
        for len in 0..300 {
            let mut buffer = vec![0xa5; len + ROOM];
            for (at, byte) in buffer.iter_mut().enumerate() {
                *byte ^= at.to_le_bytes()[0];
            }
            let expected: [u8; 20] = Sha1::digest(&buffer[..len]).into();
            assert_eq!(sha1_in_place(&mut buffer, len), expected, "{len}");
        }
    }
}
