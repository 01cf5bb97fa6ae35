//! References from one part of a multirequest to what earlier parts answered: `{1:result:objects:0:id}`.

use ks_schema::describe::Access;
use ks_schema::{Map, Out, Tree};

use crate::number::float_text;

/// Picks one property of all items of a list.
const ALL: &str = "_all";

/// All texts that the references of one call are replaced by may be this long together; beyond, they lead
/// nowhere. A few hundred bytes of request could otherwise grow without end.
const MOST_RESOLVED: usize = 1 << 20;

/// Replaces the references in all texts of these parameters.
pub(crate) fn resolve(params: &mut Map, results: &[Out]) {
    if results.is_empty() {
        return;
    }
    let mut room = MOST_RESOLVED;
    for value in params.values_mut() {
        resolve_node(value, results, &mut room);
    }
}

/// Recursion is as deep as the tree, which the decoder's limits bound.
fn resolve_node(node: &mut Tree, results: &[Out], room: &mut usize) {
    match node {
        Tree::Text(text) => {
            if let Some(replaced) = replace(text, results, room) {
                *text = replaced;
            }
        }
        Tree::List(items) => items.iter_mut().for_each(|item| resolve_node(item, results, room)),
        Tree::Map(map) => map.values_mut().for_each(|value| resolve_node(value, results, room)),
        Tree::Null | Tree::Bool(_) | Tree::Number(_) | Tree::File(_) => {}
    }
}

/// The text with its first reference to a call that has run replaced. What is put in is not looked at
/// again: an answer must not be able to smuggle in references of its own.
fn replace(text: &str, results: &[Out], room: &mut usize) -> Option<String> {
    let reference = find(text, results.len())?;
    let mut value = String::new();
    #[cfg(feature = "planted-bug")]
    let index = reference.ordinal.min(results.len() - 1);
    #[cfg(not(feature = "planted-bug"))]
    let index = reference.ordinal - 1;
    if let (Some(result), Some(path)) = (results.get(index), reference.path) {
        append(result, path, *room, &mut value);
    }
    match room.checked_sub(value.len()) {
        Some(left) => *room = left,
        None => {
            // Nothing more for this call: to try again and again would cost time without end.
            *room = 0;
            value.clear();
        }
    }
    Some([&text[..reference.start], &value, &text[reference.end..]].concat())
}

/// A reference within a text.
struct Reference<'a> {
    start: usize,
    end: usize,
    /// Which call is meant, counted from 1.
    ordinal: usize,
    /// The path within its answer, empty for the whole; `None` if it can lead nowhere.
    path: Option<&'a str>,
}

/// Finds the first reference to one of the first `executed` calls. The protocol matches greedily: the
/// reference ends at the last closing brace of the text.
fn find(text: &str, executed: usize) -> Option<Reference<'_>> {
    let end = memchr::memrchr(b'}', text.as_bytes())?;
    for start in memchr::memchr_iter(b'{', &text.as_bytes()[..end]) {
        let inner = &text[start + 1..end];
        let digits = inner.bytes().take_while(u8::is_ascii_digit).take(10).count();
        let Some(path) = inner[digits..].strip_prefix(":result") else { continue };
        let Some(ordinal) = inner[..digits].parse().ok().filter(|ordinal| (1..=executed).contains(ordinal)) else {
            continue;
        };
        let path = match path.bytes().next() {
            None => Some(""),
            Some(b':') => Some(&path[1..]),
            // `{1:result}…}`: greedy, so the path is `}…`.
            Some(b'}') => None,
            Some(_) => continue,
        };
        return Some(Reference { start, end: end + 1, ordinal, path });
    }
    None
}

/// Appends the text at this path of an answer; nothing if the path leads nowhere, or not to a scalar.
/// Stops soon after `most` bytes.
fn append(value: &Out, path: &str, most: usize, out: &mut String) {
    if path.is_empty() {
        match value {
            Out::Text(text) => out.push_str(text),
            Out::Int(number) => out.push_str(itoa::Buffer::new().format(*number)),
            Out::Float(number) => out.push_str(&float_text(*number)),
            Out::Bool(true) => out.push('1'),
            Out::Bool(false)
            | Out::Null
            | Out::Object(_)
            | Out::List(_)
            | Out::Map(_)
            | Out::Error(_)
            | Out::File(_) => {}
        }
        return;
    }
    let (name, rest) = path.split_once(':').unwrap_or((path, ""));
    let inner = match value {
        Out::List(items) if name == ALL => {
            for item in items {
                if out.len() > most {
                    return;
                }
                append(item, rest, most, out);
                out.push(',');
            }
            return;
        }
        Out::List(items) => name.parse::<usize>().ok().and_then(|index| items.get(index)),
        Out::Map(entries) => entries.iter().find(|(key, _)| key == name).map(|(_, value)| value),
        Out::Object(object) => {
            let properties = object.class.properties.iter().zip(&object.values);
            properties
                .into_iter()
                .find(|(info, _)| info.name == name && !is_secret(info.access))
                .map(|(_, value)| value)
        }
        Out::Null | Out::Bool(_) | Out::Int(_) | Out::Float(_) | Out::Text(_) | Out::Error(_) | Out::File(_) => None,
    };
    if let Some(inner) = inner {
        append(inner, rest, most, out);
    }
}

/// Whether a property is never answered.
pub(crate) const fn is_secret(access: Access) -> bool {
    matches!(access, Access::WriteOnly | Access::InsertOnlyWriteOnly)
}
