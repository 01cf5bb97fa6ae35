//! Every live revocation, in memory: a lookup is a hash and a short lock.

use std::collections::HashMap;

use ks_token::KsHash;
use parking_lot::RwLock;

const SHARDS: usize = 64;
const FOR_EVER: u32 = u32::MAX;

/// Hash to the last second that matters. 24 bytes an entry, so a million of them stay well under 100 MB.
#[derive(Default)]
pub(crate) struct RevocationSet {
    shards: Vec<RwLock<HashMap<[u8; 20], u32>>>,
}

impl RevocationSet {
    pub(crate) fn new() -> Self {
        Self { shards: (0..SHARDS).map(|_| RwLock::default()).collect() }
    }

    fn shard(&self, hash: &KsHash) -> &RwLock<HashMap<[u8; 20], u32>> {
        &self.shards[usize::from(hash.as_bytes()[0]) % SHARDS]
    }

    pub(crate) fn contains(&self, hash: &KsHash) -> bool {
        self.shard(hash).read().contains_key(hash.as_bytes())
    }

    /// Adds; of two times for one hash the later one counts.
    pub(crate) fn insert(&self, hash: &KsHash, until: Option<i64>) {
        let until = until.map_or(FOR_EVER, narrow);
        self.shard(hash)
            .write()
            .entry(*hash.as_bytes())
            .and_modify(|known| *known = until.max(*known))
            .or_insert(until);
    }

    /// Forgets what no longer mattered before a time.
    pub(crate) fn prune(&self, before: i64) {
        let before = narrow(before);
        for shard in &self.shards {
            shard.write().retain(|_, until| *until >= before);
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.read().len()).sum()
    }
}

/// Times past the year 2106 count as for ever.
fn narrow(time: i64) -> u32 {
    u32::try_from(time.max(0)).unwrap_or(FOR_EVER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_later_time_counts_and_the_lapsed_are_forgotten() {
        let set = RevocationSet::new();
        let [a, b, c] = [1, 2, 3].map(|byte| KsHash::new([byte; 20]));
        set.insert(&a, Some(100));
        set.insert(&a, Some(50));
        set.insert(&b, Some(60));
        set.insert(&c, Some(60));
        set.insert(&c, None);
        set.prune(100);
        assert!(set.contains(&a) && !set.contains(&b) && set.contains(&c));
        set.prune(i64::MAX);
        assert!(!set.contains(&a) && set.contains(&c));
        assert_eq!(set.len(), 1);
    }
}
