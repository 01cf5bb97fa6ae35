//! Builds the text of version 2's privileges from pairs.

use smol_str::SmolStr;

use super::{Form, Pairs, Privileges};
use crate::read_v2::MAX_FIELDS;

/// Where an item begins, where its name ends, and where it ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bounds {
    pub(crate) start: usize,
    pub(crate) name_end: usize,
    pub(crate) end: usize,
}

/// As many items as are kept track of without an allocation.
const INLINE: usize = 8;

/// The places of the items in a text that is being built.
pub(crate) struct Places {
    inline: [Bounds; INLINE],
    len: usize,
    /// All bounds, once there are more than [`INLINE`].
    spilled: Vec<Bounds>,
    /// Whether the text would split into other pairs.
    ambiguous: bool,
}

impl Places {
    pub(crate) fn new() -> Self {
        Self { inline: [Bounds::default(); INLINE], len: 0, spilled: Vec::new(), ambiguous: false }
    }

    fn all(&self) -> &[Bounds] {
        if self.spilled.is_empty() { &self.inline[..self.len] } else { &self.spilled }
    }

    fn all_mut(&mut self) -> &mut [Bounds] {
        if self.spilled.is_empty() { &mut self.inline[..self.len] } else { &mut self.spilled }
    }

    /// Which item has this name.
    #[inline]
    pub(crate) fn find(&self, text: &[u8], name: &[u8]) -> Option<usize> {
        self.all().iter().position(|at| text[at.start..at.name_end] == *name)
    }

    /// Adds an item. `simple` says that nobody has to look for separators inside it.
    #[inline]
    pub(crate) fn push(&mut self, text: &[u8], bounds: Bounds, simple: bool) {
        if !simple {
            self.look(text, bounds);
        }
        if self.len < INLINE {
            self.inline[self.len] = bounds;
        } else {
            if self.spilled.is_empty() {
                self.spilled.extend_from_slice(&self.inline);
            }
            self.spilled.push(bounds);
        }
        self.len += 1;
    }

    /// Looks for a separator inside an item.
    fn look(&mut self, text: &[u8], Bounds { start, name_end, end }: Bounds) {
        let separates = |byte: &u8| matches!(byte, b',' | b':');
        self.ambiguous |= text[start..name_end].iter().any(separates) || text[name_end..end].contains(&b',');
    }

    /// Gives the value of a repeated item, which stands at the end of the text, to the first one of that name, and says
    /// where the text ends now; without the repeated item it ended at `before`.
    pub(crate) fn replace(&mut self, text: &mut [u8], place: usize, repeated: Bounds, before: usize) -> usize {
        self.look(text, repeated);
        let value = text[repeated.name_end..repeated.end].to_vec();
        let Bounds { name_end, end, .. } = self.all()[place];
        let new_end = name_end + value.len();
        text.copy_within(end..before, new_end);
        text[name_end..new_end].copy_from_slice(&value);
        let bounds = &mut self.all_mut()[place..];
        bounds[0].end = new_end;
        for later in &mut bounds[1..] {
            for edge in [&mut later.start, &mut later.name_end, &mut later.end] {
                *edge = *edge - end + new_end;
            }
        }
        before - end + new_end
    }
}

impl Privileges {
    /// Takes a text that was built, and where its items are.
    #[inline]
    pub(crate) fn with_places(text: SmolStr, places: &Places) -> Self {
        // A single empty name would look like no item at all.
        let nameless = places.len > 0 && text.is_empty();
        let form = if places.ambiguous || nameless { Form::Bounded(places.all().into()) } else { Form::Pairs };
        Self { text, form }
    }

    /// Takes decoded pairs as version 2 carries them. A repeated name keeps its first place and its last value; an empty
    /// value makes a bare name (token §1.3).
    pub fn from_pairs<'p>(pairs: impl IntoIterator<Item = (&'p str, &'p str)>) -> Self {
        let mut distinct = Pairs::new();
        for (name, value) in pairs {
            distinct.put(name, value);
        }
        Self::from_distinct(&distinct)
    }

    fn from_distinct(pairs: &Pairs<'_>) -> Self {
        let mut text = String::new();
        let mut places = Places::new();
        for (name, value) in pairs.iter() {
            if places.len > 0 {
                text.push(',');
            }
            let start = text.len();
            text.push_str(name);
            let name_end = text.len();
            if !value.is_empty() {
                text.push(':');
                text.push_str(value);
            }
            places.push(text.as_bytes(), Bounds { start, name_end, end: text.len() }, false);
        }
        Self::with_places(text.into(), &places)
    }

    /// Reads a privilege text as a version 2 writer does: items are trimmed, empty ones and `0` are dropped, `*` becomes
    /// `all:*`, and a repeated name keeps its last value (token §1.4).
    ///
    /// Reads no further than the first name beyond the 1000 fields that a token may have: no token says that text.
    #[must_use]
    pub fn normalised(text: &str) -> Self {
        let mut distinct = Pairs::new();
        for (name, value) in normalised(text) {
            distinct.put(name, value);
            if distinct.len() > MAX_FIELDS {
                break;
            }
        }
        Self::from_distinct(&distinct)
    }
}

/// The pairs that a version 2 writer makes of a privilege text (token §1.4); repeated names are still apart.
pub(crate) struct Normalised<'t> {
    rest: Option<&'t str>,
}

/// Starts with the first item.
pub(crate) fn normalised(text: &str) -> Normalised<'_> {
    Normalised { rest: Some(text) }
}

impl<'t> Iterator for Normalised<'t> {
    type Item = (&'t str, &'t str);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let rest = self.rest?;
            let (item, after) = match rest.bytes().position(|byte| byte == b',') {
                Some(at) => (&rest[..at], Some(&rest[at + 1..])),
                None => (rest, None),
            };
            self.rest = after;
            match trim(item) {
                "" | "0" => {}
                "*" => return Some(("all", "*")),
                item => return Some(split(item)),
            }
        }
    }
}

/// Cuts at the first colon.
#[cfg(not(feature = "planted-bug"))]
fn split(item: &str) -> (&str, &str) {
    match item.bytes().position(|byte| byte == b':') {
        Some(at) => (&item[..at], &item[at + 1..]),
        None => (item, ""),
    }
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
    // Nearly all items have none.
    let is_space = |byte: u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'\0' | b'\x0b');
    match item.as_bytes() {
        [first, .., last] if !is_space(*first) && !is_space(*last) => item,
        _ => item.trim_matches([' ', '\t', '\n', '\r', '\0', '\x0b']),
    }
}
