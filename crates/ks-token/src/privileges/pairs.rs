//! Pairs of which a repeated name keeps its first place and its last value (token §1.4).

use std::collections::HashMap;

/// Pairs that fit on the stack.
const INLINE: usize = 4;

/// So many names are compared one by one, which is faster than an index.
const SEARCHED: usize = 32;

/// Pairs with different names, in the order in which the names first came.
pub(crate) struct Pairs<'t> {
    inline: [(&'t str, &'t str); INLINE],
    len: usize,
    /// All pairs, once there are more than fit inline.
    spilled: Vec<(&'t str, &'t str)>,
    /// Where each name is, once there are more than [`SEARCHED`]: to search for every one would take quadratic time.
    index: Option<HashMap<&'t str, usize>>,
}

impl<'t> Pairs<'t> {
    pub(crate) fn new() -> Self {
        Self { inline: [("", ""); INLINE], len: 0, spilled: Vec::new(), index: None }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn iter(&self) -> std::iter::Copied<std::slice::Iter<'_, (&'t str, &'t str)>> {
        if self.spilled.is_empty() { self.inline[..self.len].iter().copied() } else { self.spilled.iter().copied() }
    }

    /// Adds a pair, or gives the name that is there a new value.
    #[inline]
    pub(crate) fn put(&mut self, name: &'t str, value: &'t str) {
        if self.len > SEARCHED {
            return self.put_indexed(name, value);
        }
        let pairs = if self.spilled.is_empty() { &mut self.inline[..self.len] } else { &mut self.spilled };
        if let Some(pair) = pairs.iter_mut().find(|pair| pair.0 == name) {
            pair.1 = value;
        } else if self.len < self.inline.len() {
            self.inline[self.len] = (name, value);
            self.len += 1;
        } else {
            if self.spilled.is_empty() {
                self.spilled.extend_from_slice(&self.inline);
            }
            self.spilled.push((name, value));
            self.len += 1;
        }
    }

    #[cold]
    fn put_indexed(&mut self, name: &'t str, value: &'t str) {
        let spilled = &mut self.spilled;
        let index = self.index.get_or_insert_with(|| spilled.iter().zip(0..).map(|(pair, at)| (pair.0, at)).collect());
        let at = *index.entry(name).or_insert(spilled.len());
        if let Some(pair) = spilled.get_mut(at) {
            pair.1 = value;
        } else {
            spilled.push((name, value));
            self.len += 1;
        }
    }
}
