//! In which format an answer is asked for.

use std::fmt;

use ks_schema::Tree;

use crate::number::{loose_number, scalar_text};

/// A format that answers can be written in, by its number in the `format` parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// 1: the bare value as JSON.
    Json,
    /// 2: an XML document. The default of the protocol.
    Xml,
    /// 3: PHP's `serialize()`.
    Php,
    /// 9: JSON as the argument of a call of a function that the query names.
    Jsonp,
}

/// How the caller wants to be answered. Known even when nothing else of a request could be read, so
/// that the error can be written in the asked-for format.
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    /// The format, or the text of one that does not exist.
    pub format: Result<Format, String>,
    /// The function's name for [`Format::Jsonp`]; the protocol takes it only from the query.
    pub callback: Option<String>,
    /// Whether XML leaves properties without a value out, instead of writing empty elements.
    pub ignore_null: bool,
}

impl Default for Reply {
    fn default() -> Self {
        Self::new(Format::Xml)
    }
}

impl Reply {
    /// A plain wish for this format.
    #[must_use]
    pub const fn new(format: Format) -> Self {
        Self { format: Ok(format), callback: None, ignore_null: false }
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("format", &self.format.as_ref().map_err(|_| "unknown"))
            .field("callback", &self.callback.is_some())
            .field("ignore_null", &self.ignore_null)
            .finish()
    }
}

/// Reads the `format` parameter. The protocol compares it loosely: `1`, `"1"`, `"01"` and `"1.0"` are one
/// format. Absent, null and empty values mean XML.
pub(crate) fn read_format(value: Option<&Tree>) -> Result<Format, String> {
    let text = match value {
        None | Some(Tree::Null | Tree::Bool(false)) => return Ok(Format::Xml),
        Some(value) => match scalar_text(value) {
            None => return Err(String::new()),
            Some(text) if text.is_empty() => return Ok(Format::Xml),
            Some(text) => text,
        },
    };
    let number = loose_number(&text);
    [(1.0, Format::Json), (2.0, Format::Xml), (3.0, Format::Php), (9.0, Format::Jsonp)]
        .into_iter()
        .find(|(known, _)| number == Some(*known))
        .map(|(_, format)| format)
        .ok_or_else(|| text.into_owned())
}

/// Reads `ignoreNull`: the text `1` or JSON `true`, and nothing else, switches it on.
pub(crate) fn read_ignore_null(value: Option<&Tree>) -> bool {
    match value {
        Some(Tree::Bool(on)) => *on,
        Some(Tree::Text(text)) => text == "1",
        None | Some(Tree::Null | Tree::Number(_) | Tree::List(_) | Tree::Map(_) | Tree::File(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use ks_schema::Number;

    use super::*;

    #[test]
    fn formats_compare_loosely() {
        let read = |text: &str| read_format(Some(&Tree::text(text)));
        for text in ["1", "01", "1.0", " 1", "1 ", "1e0", "+1"] {
            assert_eq!(read(text), Ok(Format::Json), "{text}");
        }
        assert_eq!(read("2"), Ok(Format::Xml));
        assert_eq!(read("3"), Ok(Format::Php));
        assert_eq!(read("9"), Ok(Format::Jsonp));
        for text in ["1abc", "0x1", "4", "7", "8", "-1", "json", "inf", "nan", "1.5"] {
            assert_eq!(read(text), Err(text.to_owned()), "{text}");
        }
        assert_eq!(read(""), Ok(Format::Xml));
        assert_eq!(read_format(None), Ok(Format::Xml));
        assert_eq!(read_format(Some(&Tree::Null)), Ok(Format::Xml));
        assert_eq!(read_format(Some(&Tree::Bool(false))), Ok(Format::Xml));
        assert_eq!(read_format(Some(&Tree::Number(Number::Int(1)))), Ok(Format::Json));
        assert_eq!(read_format(Some(&Tree::Number(Number::Float(3.0)))), Ok(Format::Php));
        assert_eq!(read_format(Some(&Tree::List(vec![]))), Err(String::new()));
    }

    #[test]
    fn ignore_null_is_strict() {
        assert!(read_ignore_null(Some(&Tree::text("1"))));
        assert!(read_ignore_null(Some(&Tree::Bool(true))));
        for off in [Tree::text("true"), Tree::text("01"), Tree::Number(Number::Int(1)), Tree::Null] {
            assert!(!read_ignore_null(Some(&off)));
        }
        assert!(!read_ignore_null(None));
    }
}
