//! The parameter tree: everything a request carried, from whatever encoding it came.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use indexmap::IndexMap;
use smol_str::SmolStr;

use crate::NameHash;

/// Named parameters in the order in which they came. Names are short, and so lie in place.
pub type Map = IndexMap<SmolStr, Tree, NameHash>;

/// One node of a request's parameters, decoded from path, query, form, JSON or multipart alike.
///
/// Nothing here is checked against the API: a text may stand where a number is expected, and the
/// casting rules in [`crate::read`] decide what becomes of it.
#[derive(Clone, PartialEq)]
pub enum Tree {
    /// JSON `null`.
    Null,
    /// JSON `true` or `false`, and a path key without a value (`false`).
    Bool(bool),
    /// A JSON number.
    Number(Number),
    /// Text: every value of a form, a query or a path, and JSON strings.
    Text(String),
    /// A JSON array.
    List(Vec<Tree>),
    /// A JSON object, or names nested by `a:b` or `a[b]`.
    Map(Map),
    /// An uploaded file.
    File(Arc<Upload>),
}

/// A JSON number: whole where the text was whole and fits 64 bits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// A whole number.
    Int(i64),
    /// Anything else: a fraction, an exponent, or beyond 64 bits.
    Float(f64),
}

/// A file part of a `multipart/form-data` body.
#[derive(Clone, PartialEq)]
pub struct Upload {
    /// The last component of the name that the client gave, or empty.
    pub file_name: String,
    /// The part's own Content-Type, or empty.
    pub content_type: String,
    /// The bytes.
    pub bytes: Bytes,
}

impl Tree {
    /// A text node.
    pub fn text(value: impl Into<String>) -> Self {
        Self::Text(value.into())
    }

    /// The map, if this node is one.
    #[must_use]
    pub fn as_map(&self) -> Option<&Map> {
        match self {
            Self::Map(map) => Some(map),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) | Self::List(_) | Self::File(_) => None,
        }
    }

    /// Whether the protocol's clients mean "an empty array" by this node: an empty list, an empty map,
    /// or the marker `{"-": ""}` that generated clients send.
    #[must_use]
    pub fn is_empty_array(&self) -> bool {
        match self {
            Self::List(items) => items.is_empty(),
            Self::Map(map) => map.keys().all(|key| key == "-"),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) | Self::File(_) => false,
        }
    }
}

impl fmt::Debug for Tree {
    /// The shape only: any text may be a secret, a password or a token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("Null"),
            Self::Bool(_) => f.write_str("Bool"),
            Self::Number(_) => f.write_str("Number"),
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Self::List(items) => f.debug_list().entries(items).finish(),
            Self::Map(map) => f.debug_map().entries(map).finish(),
            Self::File(file) => file.fmt(f),
        }
    }
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "File({} bytes)", self.bytes.len())
    }
}
