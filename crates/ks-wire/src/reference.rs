//! References from one part of a multirequest to what earlier parts answered: `{1:result:objects:0:id}`.

use ks_schema::describe::Access;
use ks_schema::{ApiError, Map, Out, Tree};

use crate::number::float_text;

/// Picks one property of all items of a list.
const ALL: &str = "_all";

/// All texts that the references of one request are replaced by may be this long together. A few hundred
/// bytes of request could otherwise grow without end.
const MOST_RESOLVED: usize = 1 << 20;

/// How many bytes the references of one request may still be replaced by: 1 MiB for all parts together.
#[derive(Debug)]
pub struct ReferenceBudget(usize);

impl Default for ReferenceBudget {
    fn default() -> Self {
        Self(MOST_RESOLVED)
    }
}

impl ReferenceBudget {
    fn take(&mut self, bytes: usize) -> Result<(), ApiError> {
        if let Some(left) = self.0.checked_sub(bytes) {
            self.0 = left;
            return Ok(());
        }
        // Nothing more for this request: to try again and again would cost time without end.
        self.0 = 0;
        Err(ApiError::parameter_value_out_of_range("references", 0, MOST_RESOLVED))
    }
}

/// Replaces the references in all texts of these parameters.
pub(crate) fn resolve(params: &mut Map, results: &[Out], budget: &mut ReferenceBudget) -> Result<(), ApiError> {
    if results.is_empty() {
        return Ok(());
    }
    params.values_mut().try_for_each(|value| resolve_node(value, results, budget))
}

/// Recursion is as deep as the tree, which the decoder's limits bound.
fn resolve_node(node: &mut Tree, results: &[Out], budget: &mut ReferenceBudget) -> Result<(), ApiError> {
    match node {
        Tree::Text(text) => {
            if let Some(replaced) = replace(text, results, budget)? {
                *text = replaced;
            }
            Ok(())
        }
        Tree::List(items) => items.iter_mut().try_for_each(|item| resolve_node(item, results, budget)),
        Tree::Map(map) => map.values_mut().try_for_each(|value| resolve_node(value, results, budget)),
        Tree::Null | Tree::Bool(_) | Tree::Number(_) | Tree::File(_) => Ok(()),
    }
}

/// The text with its first reference to a call that has run replaced. What is put in is not looked at
/// again: an answer must not be able to smuggle in references of its own.
fn replace(text: &str, results: &[Out], budget: &mut ReferenceBudget) -> Result<Option<String>, ApiError> {
    let Some(reference) = find(text, results.len()) else { return Ok(None) };
    let mut value = String::new();
    #[cfg(feature = "planted-bug")]
    let index = reference.ordinal.min(results.len() - 1);
    #[cfg(not(feature = "planted-bug"))]
    let index = reference.ordinal - 1;
    if let (Some(result), Some(path)) = (results.get(index), reference.path) {
        append(result, path, budget, &mut value)?;
    }
    Ok(Some([&text[..reference.start], &value, &text[reference.end..]].concat()))
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
fn append(value: &Out, path: &str, budget: &mut ReferenceBudget, out: &mut String) -> Result<(), ApiError> {
    let mut put = |text: &str, budget: &mut ReferenceBudget| {
        budget.take(text.len())?;
        out.push_str(text);
        Ok(())
    };
    if path.is_empty() {
        return match value {
            Out::Text(text) => put(text, budget),
            Out::Int(number) => put(itoa::Buffer::new().format(*number), budget),
            Out::Float(number) => put(&float_text(*number), budget),
            Out::Bool(true) => put("1", budget),
            Out::Bool(false)
            | Out::Null
            | Out::Object(_)
            | Out::List(_)
            | Out::Map(_)
            | Out::Error(_)
            | Out::File(_) => Ok(()),
        };
    }
    let (name, rest) = path.split_once(':').unwrap_or((path, ""));
    let inner = match value {
        Out::List(items) if name == ALL => {
            for item in items {
                append(item, rest, budget, out)?;
                budget.take(1)?;
                out.push(',');
            }
            return Ok(());
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
    inner.map_or(Ok(()), |inner| append(inner, rest, budget, out))
}

/// Whether a property is never answered.
pub(crate) const fn is_secret(access: Access) -> bool {
    matches!(access, Access::WriteOnly | Access::InsertOnlyWriteOnly)
}
