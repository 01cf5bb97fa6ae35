//! Builds the text of version 2's privileges from decoded pairs, in one pass.

use super::items::Bounds;
use super::{Form, Privileges};

/// As many items as are kept without an allocation.
const INLINE: usize = 8;

/// Collects pairs into one text.
pub(crate) struct PairsBuilder {
    text: String,
    bounds: [Bounds; INLINE],
    len: usize,
    /// All bounds, once there are more than [`INLINE`].
    spilled: Vec<Bounds>,
    /// Whether the text would split into other pairs.
    ambiguous: bool,
    capacity: usize,
}

impl PairsBuilder {
    /// A builder for a text of at most about `capacity` bytes.
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        let bounds = [Bounds::default(); INLINE];
        Self { text: String::new(), bounds, len: 0, spilled: Vec::new(), ambiguous: false, capacity }
    }

    /// The bounds so far.
    fn bounds(&mut self) -> &mut [Bounds] {
        if self.spilled.is_empty() { &mut self.bounds[..self.len] } else { &mut self.spilled }
    }

    /// Adds a pair; a name that is there already keeps its place and takes the new value.
    pub(crate) fn push(&mut self, name: &str, value: &str) {
        self.ambiguous |=
            name.bytes().any(|byte| byte == b',' || byte == b':') || value.bytes().any(|byte| byte == b',');
        if self.text.capacity() == 0 {
            self.text.reserve_exact(self.capacity.max(name.len() + value.len() + 1));
        }
        if let Some(place) = self.place_of(name) {
            return self.replace(place, value);
        }
        if self.len > 0 {
            self.text.push(',');
        }
        let start = self.text.len();
        self.text.push_str(name);
        let name_end = self.text.len();
        if !value.is_empty() {
            self.text.push(':');
            self.text.push_str(value);
        }
        let bounds = Bounds { start, name_end, end: self.text.len() };
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

    fn place_of(&mut self, name: &str) -> Option<usize> {
        let text = std::mem::take(&mut self.text);
        let place = self.bounds().iter().position(|at| text.as_bytes()[at.start..at.name_end] == *name.as_bytes());
        self.text = text;
        place
    }

    fn replace(&mut self, place: usize, value: &str) {
        let Bounds { name_end, end, .. } = self.bounds()[place];
        let new = if value.is_empty() { String::new() } else { format!(":{value}") };
        self.text.replace_range(name_end..end, &new);
        let new_end = name_end + new.len();
        let bounds = &mut self.bounds()[place..];
        bounds[0].end = new_end;
        for later in &mut bounds[1..] {
            for edge in [&mut later.start, &mut later.name_end, &mut later.end] {
                *edge = *edge - end + new_end;
            }
        }
    }

    /// The finished privileges.
    pub(crate) fn finish(mut self) -> Privileges {
        // A single empty name would look like no item at all.
        let nameless = self.len > 0 && self.text.is_empty();
        let form = if self.ambiguous || nameless { Form::Bounded(self.bounds().to_vec().into()) } else { Form::Pairs };
        Privileges { text: self.text, form }
    }
}

/// The pairs that a version 2 writer makes of a privilege text (token §1.4); repeated names are still apart.
pub(crate) fn normalised(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split(',').filter_map(|item| {
        let item = trim(item);
        match item {
            "" | "0" => None,
            "*" => Some(("all", "*")),
            item => Some(split(item)),
        }
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
