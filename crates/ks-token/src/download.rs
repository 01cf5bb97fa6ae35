//! The one kind of token that is meant to repeat: links to assets, so that they can be cached (token §1.6).

/// What the protocol puts in place of chance for a token with the `downloadasset` privilege. Made by [`download_asset`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DownloadAsset {
    /// The expiry, rounded up to a multiple of 300 seconds.
    pub expiry: i64,
    /// The random text for version 1.
    pub v1_rand: String,
    /// The random bytes for version 2.
    pub v2_rand: [u8; 16],
}

/// Rounds the expiry, and derives the random part from it, when the privilege text mentions `downloadasset` anywhere; two
/// equal requests within five minutes then give the same token. `None` for any other text.
#[must_use]
pub fn download_asset(privileges: &str, expiry: i64) -> Option<DownloadAsset> {
    if !privileges.contains("downloadasset") {
        return None;
    }
    // Expiries so late that they cannot be rounded stay as they are.
    let up = (300 - expiry.rem_euclid(300)) % 300;
    let expiry = expiry.checked_add(up).unwrap_or(expiry);
    Some(DownloadAsset { expiry, v1_rand: expiry.to_string(), v2_rand: seeded_rand(expiry) })
}

/// The 16 bytes that version 2 derives from a seed: the low bytes of the first outputs of a Mersenne Twister that was
/// seeded with the low 32 bits (token §1.6).
#[must_use]
pub fn seeded_rand(seed: i64) -> [u8; 16] {
    const WORDS: usize = 624;
    const SHIFT: usize = 397;
    let mut state = [0u32; WORDS];
    let [a, b, c, d, ..] = seed.to_le_bytes();
    state[0] = u32::from_le_bytes([a, b, c, d]);
    let mut index = 0u32;
    for place in 1..WORDS {
        index += 1;
        let previous = state[place - 1];
        state[place] = (previous ^ previous >> 30).wrapping_mul(1_812_433_253).wrapping_add(index);
    }
    // The first 16 outputs need only words that the first round has not changed yet.
    std::array::from_fn(|place| {
        let joined = state[place] & 0x8000_0000 | state[place + 1] & 0x7fff_ffff;
        let odd = if joined & 1 == 1 { 0x9908_b0df } else { 0 };
        let mut word = state[place + SHIFT] ^ joined >> 1 ^ odd;
        word ^= word >> 11;
        word ^= word << 7 & 0x9d2c_5680;
        word ^= word << 15 & 0xefc6_0000;
        word ^= word >> 18;
        word.to_le_bytes()[0]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_seeds() {
        // Both figures are from the format's description (token §1.6).
        for (seed, hex) in
            [(4_102_445_100, "6481917523d9fa1cc363d54d5b89a9b0"), (12345, "e2e51d81a4a9fe7e65221d0176713b8e")]
        {
            let text: String = seeded_rand(seed).iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(text, hex);
        }
    }

    #[test]
    fn expiries_round_up() {
        for (expiry, rounded) in [(0, 0), (1, 300), (299, 300), (300, 300), (-1, 0), (-301, -300), (i64::MAX, i64::MAX)]
        {
            let made = download_asset("edit:*,downloadasset:1", expiry).unwrap();
            assert_eq!((made.expiry, made.v1_rand), (rounded, rounded.to_string()));
        }
        assert_eq!(download_asset("download:1", 1), None);
    }
}
