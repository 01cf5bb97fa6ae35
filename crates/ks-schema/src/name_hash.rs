//! How the names of parameters are hashed.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::LazyLock;

use foldhash::SharedSeed;
use foldhash::fast::{FoldHasher, SeedableRandomState};

/// Hashes the short names of parameters, of which every call has a dozen that are looked up three times as often.
///
/// Names are the caller's, who must not be able to send many that collide: so the seed is the process's own, from the
/// operating system, and how many names one request may have is bounded besides.
#[derive(Clone)]
pub struct NameHash(SeedableRandomState);

static SEED: LazyLock<(u64, SharedSeed)> = LazyLock::new(|| {
    let random = RandomState::new();
    (random.hash_one(0), SharedSeed::from_u64(random.hash_one(1)))
});

impl Default for NameHash {
    fn default() -> Self {
        let (own, shared) = &*SEED;
        Self(SeedableRandomState::with_seed(*own, shared))
    }
}

impl BuildHasher for NameHash {
    type Hasher = FoldHasher<'static>;

    fn build_hasher(&self) -> Self::Hasher {
        self.0.build_hasher()
    }
}
