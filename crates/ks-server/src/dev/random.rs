//! Randomness that is the same each time: for ids that a test can name, and for nothing else.

use std::sync::atomic::{AtomicU64, Ordering};

use ks_store::{Random, StoreError};
use sha2::{Digest as _, Sha256};

/// The same bytes in the same order for the same seed, whatever the version of this program: hashes of the seed and of
/// how many were drawn before.
pub(super) struct SeededRandom {
    seed: u64,
    drawn: AtomicU64,
    mark: AtomicU64,
}

impl SeededRandom {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed, drawn: AtomicU64::new(0), mark: AtomicU64::new(0) }
    }

    /// From here on it begins again after [`SeededRandom::restart`].
    pub(super) fn mark(&self) {
        self.mark.store(self.drawn.load(Ordering::SeqCst), Ordering::SeqCst);
    }

    pub(super) fn restart(&self) {
        self.drawn.store(self.mark.load(Ordering::SeqCst), Ordering::SeqCst);
    }
}

impl Random for SeededRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), StoreError> {
        let turn = self.drawn.fetch_add(1, Ordering::SeqCst);
        for (block, bytes) in (0_u64..).zip(bytes.chunks_mut(32)) {
            let mut hash = Sha256::new();
            for number in [self.seed, turn, block] {
                hash.update(number.to_be_bytes());
            }
            let hash = hash.finalize();
            bytes.copy_from_slice(&hash[..bytes.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_begins_again_at_its_mark() {
        let draw = |random: &SeededRandom| {
            let mut bytes = [0; 8];
            random.fill(&mut bytes).unwrap();
            bytes
        };
        let (one, other) = (SeededRandom::new(7), SeededRandom::new(7));
        assert_eq!(draw(&one), draw(&other));
        one.mark();
        let next = draw(&one);
        assert_ne!(next, draw(&SeededRandom::new(8)));
        draw(&one);
        one.restart();
        assert_eq!(draw(&one), next);
    }
}
