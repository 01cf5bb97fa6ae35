//! How a caller proves that it has the key: a hash over the text of its session and the key.

use ks_store::AppTokenHash;
use ks_token::Secret;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

/// Whether `given` is the lowercase hexadecimal hash over this session's text and this key. Takes the same time wherever
/// the two differ.
pub(super) fn is_proven(hash: AppTokenHash, session: &Secret, key: &Secret, given: &str) -> bool {
    let expected = match hash {
        AppTokenHash::Md5 => digest::<Md5>(session, key),
        AppTokenHash::Sha1 => digest::<Sha1>(session, key),
        AppTokenHash::Sha256 => digest::<Sha256>(session, key),
        AppTokenHash::Sha512 => digest::<Sha512>(session, key),
    };
    Secret::new(expected).is_ok_and(|expected| expected.matches(given))
}

fn digest<D: Digest>(session: &Secret, key: &Secret) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let hash = D::new().chain_update(session.expose()).chain_update(key.expose()).finalize();
    hash.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Figures of `printf ks-textkey | md5sum` and its siblings.
    #[test]
    fn each_hash_is_that_of_coreutils() {
        let (session, key) = (Secret::new("ks-text").unwrap(), Secret::new("key").unwrap());
        for (hash, proof) in [
            (AppTokenHash::Md5, "a8e2ab53a4371f16d8015ed661035645"),
            (AppTokenHash::Sha1, "3c5a847c53c3357474136216076084b02784f0ae"),
            (AppTokenHash::Sha256, "4e6ea87dcfebe8701f6cb1d32cb67bbb33b6b5b62edf3b70bd7419b5000d0e62"),
            (
                AppTokenHash::Sha512,
                "941c4f1054b2cf87cf3bc356ff2395474b3b56131da60c4e26888ba47e04c47571983c381e09b1edf42dab173c544f7d59d1a3cb0cea10b39aaa61b396c9cf7b",
            ),
        ] {
            assert!(is_proven(hash, &session, &key, proof), "{hash:?}");
            assert!(!is_proven(hash, &session, &key, &proof.to_uppercase()), "{hash:?}");
            assert!(!is_proven(hash, &session, &key, &proof[1..]), "{hash:?}");
            assert!(!is_proven(hash, &key, &session, proof), "{hash:?}");
        }
    }
}
