//! Privileges: what a session may do, as names with values (token §2).
//!
//! The grammar is `name[:part/part/…]`, comma-joined, without any quoting. Checks compare whole names and whole parts,
//! never pieces of text: `edit:0_abcd` is no right to `0_abc` (token §2.2 names that hazard).

mod build;
mod items;
mod pairs;

use std::collections::HashMap;
use std::fmt;

use smol_str::SmolStr;

pub(crate) use build::{Bounds, Places, normalised};
pub use items::{Item, Items, Parts};
pub(crate) use pairs::Pairs;

/// Where the items of a [`Privileges`] begin and end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Form {
    /// There is no privilege field at all.
    #[default]
    Absent,
    /// Version 1's text, as it was given: even an empty one has one empty item.
    Raw,
    /// Version 2's pairs, whose text splits back into the same pairs.
    Pairs,
    /// Version 2's pairs, of which one has a separator inside.
    Bounded(Box<[Bounds]>),
}

/// The ordered privileges of a token.
///
/// Kept as one text; items are found when they are asked for.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Privileges {
    text: SmolStr,
    form: Form,
}

/// `actionslimit` is there, but its value is not a whole number above zero (token §4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("actionslimit must be a whole number above zero")]
pub struct InvalidActionsLimit;

impl Privileges {
    /// Reads a privilege text as version 1 carries it: nothing is trimmed or dropped (token §2.1).
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        Self { text: SmolStr::new(text), form: Form::Raw }
    }

    /// The text form that the protocol shows: version 1's own text, or version 2's pairs rebuilt, where `all:*` alone is
    /// `*` (token §1.4).
    #[must_use]
    pub fn text(&self) -> &str {
        if self.form != Form::Raw && self.text == "all:*" { "*" } else { &self.text }
    }

    /// Whether the token has a privilege field, be it an empty one. Version 2 always has.
    #[must_use]
    pub fn is_present(&self) -> bool {
        self.form != Form::Absent
    }

    /// Every item in order, repeated names apart.
    #[must_use]
    pub fn items(&self) -> Items<'_> {
        match &self.form {
            Form::Absent => Items::none(),
            Form::Pairs if self.text.is_empty() => Items::none(),
            Form::Raw | Form::Pairs => Items::split(&self.text),
            Form::Bounded(bounds) => Items::bounded(&self.text, bounds),
        }
    }

    /// Names with their parts, in the order in which a name first appears; the parts of repeated names follow each other.
    #[must_use]
    pub fn iter(&self) -> std::vec::IntoIter<(&str, Vec<&str>)> {
        let mut places = HashMap::new();
        let mut named: Vec<(&str, Vec<&str>)> = Vec::new();
        for item in self.items() {
            let place = *places.entry(item.name).or_insert(named.len());
            if place == named.len() {
                named.push((item.name, Vec::new()));
            }
            named[place].1.extend(item.parts());
        }
        named.into_iter()
    }

    /// Whether an item has this name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.items().any(|item| item.name == name)
    }

    /// All parts of a name, in order; none for a bare or unknown name.
    pub fn values<'p>(&'p self, name: &'p str) -> impl Iterator<Item = &'p str> + 'p {
        self.items().filter(move |item| item.name == name).flat_map(|item| item.parts())
    }

    /// The first part of a name.
    #[must_use]
    pub fn value<'p>(&'p self, name: &'p str) -> Option<&'p str> {
        self.values(name).next()
    }

    /// Whether one item is exactly this name, without a value: how `disableentitlement` and its like are read.
    #[must_use]
    pub fn has_line(&self, name: &str) -> bool {
        self.items().any(|item| item.bare && item.name == name)
    }

    /// The whole value of the first item with this name: how `privacycontext` and `searchcontext` are read.
    #[must_use]
    pub fn first_line_value(&self, name: &str) -> Option<&str> {
        self.items().find(|item| !item.bare && item.name == name).map(|item| item.value)
    }

    /// Whether the privileges are nothing but the wildcard: `*`, or version 2's `all:*` alone.
    ///
    /// Beside any other item it is no wildcard, as in the protocol (token §2.2).
    #[must_use]
    pub fn is_wildcard(&self) -> bool {
        self.text() == "*"
    }

    /// Whether a right is given for a value: by the wildcard, by `name:*`, or by an item of that name with exactly that
    /// value or with it as one of its parts.
    #[must_use]
    pub fn verify(&self, name: &str, value: &str) -> bool {
        self.is_wildcard()
            || self.items().filter(|item| item.name == name).any(|item| {
                let mut parts = item.parts();
                let first = parts.next();
                first == Some("*")
                    || (!value.is_empty()
                        && (item.value == value || first == Some(value) || parts.any(|part| part == value)))
            })
    }

    /// The role that replaces the user's own, as text: an id or a system name (token §2.3, `setrole`).
    #[must_use]
    pub fn set_role(&self) -> Option<&str> {
        self.second_piece("setrole")
    }

    /// The role whose permissions are taken away, as text (token §2.3, `restrictingrole`).
    #[must_use]
    pub fn restricting_role(&self) -> Option<&str> {
        self.second_piece("restrictingrole")
    }

    /// How many calls the token is good for, if it is limited (token §4.3). Only the first such item counts.
    #[must_use]
    pub fn actions_limit(&self) -> Option<Result<u32, InvalidActionsLimit>> {
        self.has("actionslimit").then(|| {
            let text = self.second_piece("actionslimit").ok_or(InvalidActionsLimit)?;
            let number = crate::number::strict_i64(text.as_bytes()).ok_or(InvalidActionsLimit)?;
            u32::try_from(number).ok().filter(|&limit| limit > 0).ok_or(InvalidActionsLimit)
        })
    }

    /// The group by which the token can be revoked together with its siblings (token §4.1).
    #[must_use]
    pub fn session_id(&self) -> Option<&str> {
        self.value("sessionid").filter(|id| !id.is_empty())
    }

    /// The entitlement context (token §2.3, `privacycontext`).
    #[must_use]
    pub fn privacy_context(&self) -> Option<&str> {
        self.first_line_value("privacycontext")
    }

    /// The second `:` piece of the first item with this name; nothing when that is empty.
    fn second_piece(&self, name: &str) -> Option<&str> {
        let item = self.items().find(|item| item.name == name)?;
        item.value.split(':').next().filter(|piece| !piece.is_empty())
    }
}

impl fmt::Display for Privileges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl fmt::Debug for Privileges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Privileges").field(&self.text()).finish()
    }
}

impl<'p> IntoIterator for &'p Privileges {
    type Item = (&'p str, Vec<&'p str>);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests;
