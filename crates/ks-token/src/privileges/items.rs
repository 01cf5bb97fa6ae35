//! The items of a privilege text, found one at a time.

use super::Bounds;

/// One item: a name and what follows its first colon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item<'p> {
    /// What stands before the first colon.
    pub name: &'p str,
    /// What stands after it, whole; empty for a bare name.
    pub value: &'p str,
    /// Whether there is no colon at all.
    pub bare: bool,
}

impl<'p> Item<'p> {
    /// Splits a text at its first colon.
    fn read(text: &'p str) -> Self {
        match cut(text, b':') {
            (name, Some(value)) => Self { name, value, bare: false },
            (name, None) => Self { name, value: "", bare: true },
        }
    }

    /// The parts of the value, between slashes; none of an empty value.
    #[must_use]
    pub fn parts(&self) -> Parts<'p> {
        Parts { rest: (!self.value.is_empty()).then_some(self.value) }
    }
}

/// What is before a separator, and what is behind it. `str::split_once` does the same, and takes longer for texts this
/// short.
#[inline]
fn cut(text: &str, at: u8) -> (&str, Option<&str>) {
    match text.bytes().position(|byte| byte == at) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    }
}

/// The parts of one value. Made by [`Item::parts`].
#[derive(Clone, Debug)]
pub struct Parts<'p> {
    rest: Option<&'p str>,
}

impl<'p> Iterator for Parts<'p> {
    type Item = &'p str;

    fn next(&mut self) -> Option<&'p str> {
        let (part, rest) = cut(self.rest?, b'/');
        self.rest = rest;
        Some(part)
    }
}

/// Iterates over the items of a [`super::Privileges`].
#[derive(Clone, Debug)]
pub struct Items<'p>(Inner<'p>);

#[derive(Clone, Debug)]
enum Inner<'p> {
    Split(Option<&'p str>),
    Bounded(&'p str, std::slice::Iter<'p, Bounds>),
}

impl<'p> Items<'p> {
    pub(super) fn none() -> Self {
        Self(Inner::Split(None))
    }

    pub(super) fn split(text: &'p str) -> Self {
        Self(Inner::Split(Some(text)))
    }

    pub(super) fn bounded(text: &'p str, bounds: &'p [Bounds]) -> Self {
        Self(Inner::Bounded(text, bounds.iter()))
    }
}

impl<'p> Iterator for Items<'p> {
    type Item = Item<'p>;

    fn next(&mut self) -> Option<Item<'p>> {
        match &mut self.0 {
            Inner::Split(rest) => {
                let (item, after) = cut((*rest)?, b',');
                *rest = after;
                Some(Item::read(item))
            }
            Inner::Bounded(text, bounds) => {
                let &Bounds { start, name_end, end } = bounds.next()?;
                let bare = name_end == end;
                let value = if bare { "" } else { &text[name_end + 1..end] };
                Some(Item { name: &text[start..name_end], value, bare })
            }
        }
    }
}
