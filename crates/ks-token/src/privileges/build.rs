//! Builds the text of version 2's privileges from pairs, in one pass.

use std::string::FromUtf8Error;

use super::items::Bounds;
use super::{Form, Privileges};
use crate::query::Encoded;

/// As many items as are kept track of without an allocation.
const INLINE: usize = 8;

/// Where a pair's value comes from.
pub(crate) trait Value {
    /// Appends the value.
    fn append_to(self, text: &mut Vec<u8>);
    /// Whether it is known to have no separator inside, so that nobody has to look.
    fn is_simple(&self) -> bool;
}

impl Value for &str {
    fn append_to(self, text: &mut Vec<u8>) {
        text.extend_from_slice(self.as_bytes());
    }

    fn is_simple(&self) -> bool {
        false
    }
}

impl Value for Encoded<'_> {
    fn append_to(self, text: &mut Vec<u8>) {
        self.decode_into(text);
    }

    fn is_simple(&self) -> bool {
        self.plain().is_some()
    }
}

/// Collects pairs into one text.
pub(crate) struct PairsBuilder {
    text: Vec<u8>,
    bounds: [Bounds; INLINE],
    len: usize,
    /// All bounds, once there are more than [`INLINE`].
    spilled: Vec<Bounds>,
    /// Whether the text would split into other pairs.
    ambiguous: bool,
    /// How much room the first item makes for all.
    capacity: usize,
}

impl PairsBuilder {
    /// A builder for a text of about `capacity` bytes.
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        let bounds = [Bounds::default(); INLINE];
        Self { text: Vec::new(), bounds, len: 0, spilled: Vec::new(), ambiguous: false, capacity }
    }

    /// Adds a pair; a name that is there already keeps its place and takes the new value.
    pub(crate) fn push(&mut self, name: &[u8], value: impl Value) {
        if let Some(place) = self.place_of(name) {
            return self.replace(place, value);
        }
        if self.len == 0 {
            self.text.reserve_exact(self.capacity.max(name.len()));
        } else {
            self.text.push(b',');
        }
        let start = self.text.len();
        self.text.extend_from_slice(name);
        self.ambiguous |= name.iter().any(|byte| matches!(byte, b',' | b':'));
        let name_end = self.text.len();
        let bounds = Bounds { start, name_end, end: self.append(value) };
        if self.len < INLINE {
            self.bounds[self.len] = bounds;
        } else {
            if self.len == INLINE {
                self.spilled.extend_from_slice(&self.bounds);
            }
            self.spilled.push(bounds);
        }
        self.len += 1;
    }

    /// Appends a colon and a value, unless the value is empty, and says where it ends.
    fn append(&mut self, value: impl Value) -> usize {
        let simple = value.is_simple();
        let start = self.text.len();
        self.text.push(b':');
        value.append_to(&mut self.text);
        if self.text.len() == start + 1 {
            self.text.truncate(start);
        }
        self.ambiguous |= !simple && self.text[start..].contains(&b',');
        self.text.len()
    }

    fn place_of(&self, name: &[u8]) -> Option<usize> {
        let bounds = if self.len <= INLINE { &self.bounds[..self.len] } else { &self.spilled };
        bounds.iter().position(|at| self.text[at.start..at.name_end] == *name)
    }

    fn replace(&mut self, place: usize, value: impl Value) {
        let behind = self.text.len();
        self.append(value);
        let new = self.text.split_off(behind);
        let bounds = if self.len <= INLINE { &mut self.bounds[..self.len] } else { &mut self.spilled };
        let Bounds { name_end, end, .. } = bounds[place];
        let new_end = name_end + new.len();
        self.text.splice(name_end..end, new);
        bounds[place].end = new_end;
        for later in &mut bounds[place + 1..] {
            for edge in [&mut later.start, &mut later.name_end, &mut later.end] {
                *edge = *edge - end + new_end;
            }
        }
    }

    /// The finished privileges, if the text is UTF-8. It is, if and only if all names and values are: what joins them is
    /// ASCII.
    pub(crate) fn finish(self) -> Result<Privileges, FromUtf8Error> {
        // A single empty name would look like no item at all.
        let nameless = self.len > 0 && self.text.is_empty();
        let form = if self.ambiguous || nameless {
            let bounds = if self.len <= INLINE { &self.bounds[..self.len] } else { &self.spilled };
            Form::Bounded(bounds.into())
        } else {
            Form::Pairs
        };
        Ok(Privileges { text: String::from_utf8(self.text)?, form })
    }
}

/// The pairs that a version 2 writer makes of a privilege text (token §1.4); repeated names are still apart.
pub(crate) fn normalised(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split(',').filter_map(|item| match trim(item) {
        "" | "0" => None,
        "*" => Some(("all", "*")),
        item => Some(split(item)),
    })
}

/// Cuts at the first colon.
#[cfg(not(feature = "planted-bug"))]
fn split(item: &str) -> (&str, &str) {
    item.split_once(':').unwrap_or((item, ""))
}

/// Planted: a colon at the very end is taken to have a character after it.
#[cfg(feature = "planted-bug")]
fn split(item: &str) -> (&str, &str) {
    match item.find(':') {
        Some(at) => (&item[..at], &item[at..][1 + usize::from(item.ends_with(':'))..]),
        None => (item, ""),
    }
}

/// Cuts white space off both ends: the six ASCII characters that the protocol's writer knows, no others.
fn trim(item: &str) -> &str {
    item.trim_matches([' ', '\t', '\n', '\r', '\0', '\x0b'])
}
