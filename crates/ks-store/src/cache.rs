//! Bounded snapshots by key, of which none outlives the change that made it untrue.

use std::hash::Hash;

use ks_schema::NameHash;
use parking_lot::Mutex;
use quick_cache::sync::{Cache as Entries, DefaultLifecycle};
use quick_cache::{Equivalent, UnitWeighter};

/// A bounded cache. A snapshot that was read before a change is never put in after it.
pub(crate) struct Cache<K, V> {
    entries: Entries<K, V, UnitWeighter, NameHash>,
    generation: Mutex<u64>,
}

/// What was true when a snapshot began to be read.
#[derive(Clone, Copy)]
pub(crate) struct Generation(u64);

impl<K, V> Cache<K, V>
where
    K: Hash + Eq,
    V: Clone,
{
    pub(crate) fn new(capacity: usize) -> Self {
        let weight = u64::try_from(capacity).unwrap_or(u64::MAX);
        let lifecycle = DefaultLifecycle::default();
        let entries = Entries::with(capacity, weight, UnitWeighter, NameHash::default(), lifecycle);
        Self { entries, generation: Mutex::new(0) }
    }

    pub(crate) fn get<Q>(&self, key: &Q) -> Option<V>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        self.entries.get(key)
    }

    /// To be asked before the snapshot is read.
    pub(crate) fn generation(&self) -> Generation {
        Generation(*self.generation.lock())
    }

    /// Keeps a snapshot, unless something changed since it began to be read.
    pub(crate) fn insert(&self, since: Generation, key: K, value: V) {
        let generation = self.generation.lock();
        if *generation == since.0 {
            self.entries.insert(key, value);
        }
    }

    pub(crate) fn invalidate<Q>(&self, key: &Q)
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        let mut generation = self.generation.lock();
        *generation = generation.wrapping_add(1);
        self.entries.remove(key);
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn clear(&self) {
        let mut generation = self.generation.lock();
        *generation = generation.wrapping_add(1);
        self.entries.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_from_before_a_change_is_not_kept() {
        let cache = Cache::new(10);
        let before = cache.generation();
        cache.invalidate(&1);
        cache.insert(before, 1, "old");
        assert_eq!(cache.get(&1), None);
        cache.insert(cache.generation(), 1, "new");
        assert_eq!(cache.get(&1), Some("new"));
        cache.clear();
        assert_eq!(cache.get(&1), None);
    }

    #[test]
    fn no_more_are_kept_than_there_is_room_for() {
        let cache = Cache::new(100);
        for key in 0..1000 {
            cache.insert(cache.generation(), key, key);
        }
        assert!((0..1000).filter(|key| cache.get(key).is_some()).count() <= 100);
    }
}
