//! From flat names to a tree: `a:b`, `a[b]`, `a[]`, and one tree laid over another.

use std::borrow::Cow;
use std::collections::HashMap;

use ks_schema::{ApiError, Map, NameHash, Tree};
use smol_str::{SmolStr, ToSmolStr as _};

use super::limits::Budget;
use crate::number::canonical_int;

/// The end of a name that makes an empty array of what is before it (`rules:-=`).
const EMPTY_ARRAY: &str = ":-";

/// One component of a name.
#[derive(Debug, PartialEq)]
enum Step<'a> {
    Key(Cow<'a, str>),
    /// `[]`: the next free number.
    Append,
}

/// A tree that grows by flat names.
#[derive(Default)]
pub(super) struct Names {
    root: Map,
    /// The next free number of every map that `[]` was used on, by its place in the tree. Kept beside the
    /// tree, because to look for it there would take quadratic time.
    next: HashMap<String, i64>,
}

impl Names {
    /// An empty tree with room for this many names.
    pub(super) fn with_room(names: usize) -> Self {
        Self { root: with_room(names), next: HashMap::new() }
    }

    pub(super) fn into_map(self) -> Map {
        self.root
    }

    /// Sets a name that is taken as it is, but for the split at `:`. The last of equal names wins.
    pub(super) fn set_plain(&mut self, name: &str, value: Tree, budget: &mut Budget) -> Result<(), ApiError> {
        if !name.bytes().fold(false, |found, byte| found | (byte == b':')) && self.next.is_empty() {
            budget.node(1)?;
            self.root.insert(SmolStr::new(name), value);
            return Ok(());
        }
        self.set(name, Vec::new(), value, budget)
    }

    /// Sets a name from a form or a query, where brackets, dots and spaces have meanings.
    pub(super) fn set_form(&mut self, name: &str, value: Tree, budget: &mut Budget) -> Result<(), ApiError> {
        if name.is_empty() {
            // No name at all in a form.
            return Ok(());
        }
        // Without a way out of the loop it is done many bytes at a time.
        let has = |byte: u8| matches!(byte, b'[' | b'.' | b' ' | b'\0');
        if !name.bytes().fold(false, |found, byte| found | has(byte)) {
            return self.set_plain(name, value, budget);
        }
        let (top, brackets) = php_name(name, budget.max_depth());
        if top.is_empty() {
            return Ok(());
        }
        self.set(&top, brackets, value, budget)
    }

    fn set(&mut self, top: &str, brackets: Vec<Step<'_>>, value: Tree, budget: &mut Budget) -> Result<(), ApiError> {
        let (top, empty_array) = match top.strip_suffix(EMPTY_ARRAY) {
            Some(name) if brackets.is_empty() => (name, true),
            _ => (top, false),
        };
        // One step too many is enough to be refused: a long name may have millions.
        let parts = top.split(':').take(budget.max_depth() + 1);
        let mut steps: Vec<Step<'_>> = parts.map(|part| Step::Key(Cow::Borrowed(part))).collect();
        steps.extend(brackets);
        // Intermediate maps count too, so that names cannot build more than the budget allows.
        for depth in 1..=steps.len() {
            budget.node(depth)?;
        }
        let track = !self.next.is_empty() || steps.contains(&Step::Append);
        let mut place = String::new();
        let mut map = &mut self.root;
        let mut steps = steps.into_iter().peekable();
        while let Some(step) = steps.next() {
            let key = match step {
                Step::Key(key) => {
                    if track && let Some(next) = self.next.get_mut(&place) {
                        note_number(next, &key);
                    }
                    SmolStr::from(key)
                }
                Step::Append => {
                    let next = self.next.entry(place.clone()).or_insert_with(|| first_free(map));
                    let key = next.to_smolstr();
                    *next = next.saturating_add(1);
                    key
                }
            };
            if steps.peek().is_none() {
                if empty_array {
                    child_map(map, key);
                } else {
                    map.insert(key, value);
                }
                break;
            }
            if track {
                // Names hold no NUL, so places cannot be confused.
                place.push_str(&key);
                place.push('\0');
            }
            map = child_map(map, key);
        }
        Ok(())
    }
}

/// An empty map with room for this many names.
pub(super) fn with_room(names: usize) -> Map {
    Map::with_capacity_and_hasher(names, NameHash::default())
}

/// The map under a key; what else stood there gives way.
fn child_map(map: &mut Map, key: SmolStr) -> &mut Map {
    as_map(map.entry(key).or_insert_with(|| Tree::Map(Map::default())))
}

/// The node as a map: a list becomes one with its indexes as keys, anything else an empty one.
fn as_map(node: &mut Tree) -> &mut Map {
    if !matches!(node, Tree::Map(_)) {
        let mut map = Map::default();
        if let Tree::List(items) = std::mem::replace(node, Tree::Null) {
            map.extend(items.into_iter().enumerate().map(|(index, item)| (index.to_smolstr(), item)));
        }
        *node = Tree::Map(map);
    }
    let Tree::Map(map) = node else { unreachable!("made a map above") };
    map
}

/// The number that `[]` takes in a map first: one more than the largest.
fn first_free(map: &Map) -> i64 {
    let mut next = 0;
    for key in map.keys() {
        note_number(&mut next, key);
    }
    next
}

fn note_number(next: &mut i64, key: &str) {
    if let Some(number) = canonical_int(key) {
        *next = (*next).max(number.saturating_add(1));
    }
}

/// Reads a form name by PHP's rules: leading spaces go, the name ends at a NUL, dots and spaces before the
/// first bracket become `_`, what follows a closing bracket and is no bracket is dropped, and an opening
/// bracket that is never closed is no bracket but `_`. Stops after `most` brackets: with what stands before
/// them the name is then too deep already.
fn php_name(name: &str, most: usize) -> (Cow<'_, str>, Vec<Step<'_>>) {
    let name = name.split('\0').next().unwrap_or_default().trim_start_matches(' ');
    let (head, mut rest) = name.split_at(name.find('[').unwrap_or(name.len()));
    if head.is_empty() {
        return (Cow::Borrowed(""), Vec::new());
    }
    let mut steps = Vec::new();
    while steps.len() < most
        && let Some(inner) = rest.strip_prefix('[')
    {
        let without_space = inner.strip_prefix(|c: char| c.is_ascii_whitespace() || c == '\x0b').unwrap_or(inner);
        if let Some(after) = without_space.strip_prefix(']') {
            steps.push(Step::Append);
            rest = after;
            continue;
        }
        match inner.find(']') {
            Some(end) => {
                steps.push(Step::Key(Cow::Borrowed(&inner[..end])));
                rest = &inner[end + 1..];
            }
            None if steps.is_empty() => return (Cow::Owned(name.replace(['.', ' ', '['], "_")), steps),
            None => break,
        }
    }
    let top = if head.contains(['.', ' ']) { Cow::Owned(head.replace(['.', ' '], "_")) } else { Cow::Borrowed(head) };
    (top, steps)
}

/// Splits the top-level names of a map at `:`.
pub(super) fn split_top_level(map: Map, budget: &mut Budget) -> Result<Map, ApiError> {
    if !map.keys().any(|key| key.contains(':')) {
        return Ok(map);
    }
    let mut names = Names::default();
    for (name, value) in map {
        names.set_plain(&name, value, budget)?;
    }
    Ok(names.into_map())
}

/// Lays one tree over another: where both have a map (or a list) under a key, their keys are merged;
/// elsewhere the upper one wins.
pub(super) fn overlay(lower: &mut Map, upper: Map) {
    if lower.is_empty() {
        *lower = upper;
        return;
    }
    for (key, mut value) in upper {
        if let Some(slot) = lower.get_mut(&key) {
            let branches =
                matches!(slot, Tree::Map(_) | Tree::List(_)) && matches!(value, Tree::Map(_) | Tree::List(_));
            if branches {
                overlay(as_map(slot), std::mem::take(as_map(&mut value)));
            } else {
                *slot = value;
            }
        } else {
            lower.insert(key, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::limits::Limits;
    use super::*;

    fn json(tree: &Tree) -> serde_json::Value {
        match tree {
            Tree::Map(map) => map.iter().map(|(key, value)| (key.to_string(), json(value))).collect(),
            Tree::Text(text) => serde_json::Value::from(text.as_str()),
            Tree::List(items) => items.iter().map(json).collect(),
            other => panic!("unexpected {other:?}"),
        }
    }

    fn form(pairs: &[(&str, &str)]) -> String {
        let mut names = Names::default();
        let mut budget = Budget::new(&Limits::default());
        for (name, value) in pairs {
            names.set_form(name, Tree::text(*value), &mut budget).unwrap();
        }
        json(&Tree::Map(names.into_map())).to_string()
    }

    #[test]
    fn brackets_follow_php() {
        // Right-hand sides as PHP 8.2's `parse_str` printed them, lists written as maps.
        for (name, expected) in [
            ("[a]", "{}"),
            ("a[b", r#"{"a_b":"1"}"#),
            ("a[b][c", r#"{"a":{"b":"1"}}"#),
            ("a[b]c", r#"{"a":{"b":"1"}}"#),
            ("a[ ]", r#"{"a":{"0":"1"}}"#),
            ("a[ b]", r#"{"a":{" b":"1"}}"#),
            (" a.b c", r#"{"a_b_c":"1"}"#),
            ("a.b[c.d e]", r#"{"a_b":{"c.d e":"1"}}"#),
            ("", "{}"),
            ("a\0b", r#"{"a":"1"}"#),
            ("a[b\0c]", r#"{"a_b":"1"}"#),
            ("a[[b]]", r#"{"a":{"[b":"1"}}"#),
            ("a]b", r#"{"a]b":"1"}"#),
            ("a[b].c", r#"{"a":{"b":"1"}}"#),
            ("a[.", r#"{"a__":"1"}"#),
            ("a[b c[d", r#"{"a_b_c_d":"1"}"#),
            ("a.b[c.d[e", r#"{"a_b_c_d_e":"1"}"#),
            ("a[ ", r#"{"a__":"1"}"#),
            ("[", "{}"),
            (" [x]", "{}"),
            ("a[b]]", r#"{"a":{"b":"1"}}"#),
        ] {
            assert_eq!(form(&[(name, "1")]), expected, "{name:?}");
        }
    }

    #[test]
    fn a_name_is_read_no_deeper_than_allowed() {
        for (most, found) in [(0, 0), (1, 1), (2, 2), (3, 3), (4, 3)] {
            assert_eq!(php_name("a[b][][c]", most).1.len(), found, "{most}");
        }
    }

    #[test]
    fn appending_counts_on_from_the_largest_number() {
        assert_eq!(form(&[("a[5]", "x"), ("a[]", "y")]), r#"{"a":{"5":"x","6":"y"}}"#);
        assert_eq!(form(&[("a[]", "x"), ("a[7]", "y"), ("a[]", "z")]), r#"{"a":{"0":"x","7":"y","8":"z"}}"#);
        assert_eq!(form(&[("a[]", "1"), ("a[]", "2"), ("a[x]", "3")]), r#"{"a":{"0":"1","1":"2","x":"3"}}"#);
        assert_eq!(form(&[("a[][]", "1"), ("a[][]", "2")]), r#"{"a":{"0":{"0":"1"},"1":{"0":"2"}}}"#);
        assert_eq!(form(&[("a[x][]", "1"), ("a[x][]", "2")]), r#"{"a":{"x":{"0":"1","1":"2"}}}"#);
        assert_eq!(form(&[("a[]", "1"), ("a:3", "2"), ("a[]", "3")]), r#"{"a":{"0":"1","3":"2","4":"3"}}"#);
    }

    #[test]
    fn colons_nest_and_mix_with_brackets() {
        assert_eq!(form(&[("a:b:c", "1"), ("a[b][d]", "2")]), r#"{"a":{"b":{"c":"1","d":"2"}}}"#);
        assert_eq!(form(&[("a:b.c", "1")]), r#"{"a":{"b_c":"1"}}"#);
        assert_eq!(form(&[("a[b:c]", "1")]), r#"{"a":{"b:c":"1"}}"#);
        assert_eq!(form(&[("a", "1"), ("a:b", "2")]), r#"{"a":{"b":"2"}}"#);
        assert_eq!(form(&[("a:b", "1"), ("a", "2")]), r#"{"a":"2"}"#);
    }

    #[test]
    fn a_dash_makes_an_empty_array() {
        assert_eq!(form(&[("a:-", "")]), r#"{"a":{}}"#);
        assert_eq!(form(&[("a:b:-", ""), ("-", "x")]), r#"{"a":{"b":{}},"-":"x"}"#);
        assert_eq!(form(&[("a", "1"), ("a:-", "")]), r#"{"a":{}}"#);
        assert_eq!(form(&[("a[-]", "1"), ("b:-[]", "2")]), r#"{"a":{"-":"1"},"b":{"-":{"0":"2"}}}"#);
        assert_eq!(form(&[("a:0:x", "1"), ("a:-", "")]), r#"{"a":{"0":{"x":"1"}}}"#);
    }

    #[test]
    fn many_appends_take_linear_time() {
        let mut names = Names::default();
        let limits = Limits { max_params: 500_000, ..Limits::default() };
        let mut budget = Budget::new(&limits);
        for _ in 0..200_000 {
            names.set_form("a[]", Tree::text("x"), &mut budget).unwrap();
        }
        assert_eq!(names.into_map()["a"].as_map().unwrap().len(), 200_000);
    }

    #[test]
    fn the_upper_tree_wins_key_by_key() {
        let map = |pairs: &[(&str, &str)]| {
            let mut names = Names::default();
            for (name, value) in pairs {
                names.set_form(name, Tree::text(*value), &mut Budget::new(&Limits::default())).unwrap();
            }
            names.into_map()
        };
        let mut lower = map(&[("a:b", "1"), ("a:c", "2"), ("d", "3"), ("e", "4")]);
        lower.insert("l".into(), Tree::List(vec![Tree::text("x"), Tree::text("y")]));
        overlay(&mut lower, map(&[("a:c", "U"), ("d:x", "U"), ("e", "U"), ("f", "U"), ("l[1]", "U")]));
        assert_eq!(
            json(&Tree::Map(lower)).to_string(),
            r#"{"a":{"b":"1","c":"U"},"d":{"x":"U"},"e":"U","l":{"0":"x","1":"U"},"f":"U"}"#
        );
    }
}
