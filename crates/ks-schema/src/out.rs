//! What an action answers, before a format is chosen.

use std::fmt;

use crate::describe::ClassInfo;
use crate::error::ApiError;

/// An answer, or a part of one.
///
/// Every writer (XML, JSON, PHP) reads this; so do references between the parts of a multirequest and
/// response profiles.
#[derive(Clone, PartialEq)]
pub enum Out {
    /// Nothing: a void action, or a property without a value.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// Text.
    Text(String),
    /// An object of a declared class.
    Object(Box<OutObject>),
    /// A typed array.
    List(Vec<Out>),
    /// An associative array, in insertion order.
    Map(Vec<(String, Out)>),
    /// A failed part of a multirequest, or a failed call.
    Error(Box<ApiError>),
    /// A raw body from an action declared to answer `file`.
    File(Box<File>),
}

/// An object on its way out: a class, and one value for each of its properties.
#[derive(Clone, PartialEq)]
pub struct OutObject {
    /// The class whose name is written as `objectType`.
    pub class: &'static ClassInfo,
    /// As long as `class.properties`, in the same order: base class first, then declaration order.
    pub values: Vec<Out>,
}

/// The raw answer of an action declared to return a file.
#[derive(Clone, PartialEq)]
pub struct File {
    /// HTTP status; 200 except for an unhealthy health check (500).
    pub status: u16,
    /// Content-Type.
    pub content_type: &'static str,
    /// The bytes.
    pub body: Vec<u8>,
}

impl OutObject {
    /// The value of the property with this exact name.
    #[must_use]
    pub fn get(&self, property: &str) -> Option<&Out> {
        let index = self.class.properties.iter().position(|info| info.name == property)?;
        self.values.get(index)
    }
}

/// Types that an action may answer with.
pub trait IntoOut {
    /// Gives up the typed value for one that can be written.
    fn into_out(self) -> Out;
}

impl IntoOut for Out {
    fn into_out(self) -> Out {
        self
    }
}

impl IntoOut for () {
    fn into_out(self) -> Out {
        Out::Null
    }
}

impl IntoOut for bool {
    fn into_out(self) -> Out {
        Out::Bool(self)
    }
}

impl IntoOut for i64 {
    fn into_out(self) -> Out {
        Out::Int(self)
    }
}

impl IntoOut for f64 {
    fn into_out(self) -> Out {
        Out::Float(self)
    }
}

impl IntoOut for String {
    fn into_out(self) -> Out {
        Out::Text(self)
    }
}

impl IntoOut for File {
    fn into_out(self) -> Out {
        Out::File(Box::new(self))
    }
}

impl<T: IntoOut> IntoOut for Vec<T> {
    fn into_out(self) -> Out {
        Out::List(self.into_iter().map(IntoOut::into_out).collect())
    }
}

impl<T: IntoOut> IntoOut for indexmap::IndexMap<String, T> {
    fn into_out(self) -> Out {
        Out::Map(self.into_iter().map(|(key, value)| (key, value.into_out())).collect())
    }
}

impl<T: IntoOut> IntoOut for Option<T> {
    fn into_out(self) -> Out {
        self.map_or(Out::Null, IntoOut::into_out)
    }
}

impl<T: IntoOut> IntoOut for Box<T> {
    fn into_out(self) -> Out {
        (*self).into_out()
    }
}

impl<T: IntoOut> IntoOut for crate::Field<T> {
    fn into_out(self) -> Out {
        self.into_option().into_out()
    }
}

impl fmt::Debug for Out {
    /// The shape only: any text may be a secret or a token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("Null"),
            Self::Bool(value) => write!(f, "Bool({value})"),
            Self::Int(value) => write!(f, "Int({value})"),
            Self::Float(value) => write!(f, "Float({value})"),
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Self::Object(object) => object.fmt(f),
            Self::List(items) => f.debug_list().entries(items).finish(),
            Self::Map(items) => f.debug_map().entries(items.iter().map(|(key, value)| (key, value))).finish(),
            Self::Error(error) => error.fmt(f),
            Self::File(file) => file.fmt(f),
        }
    }
}

impl fmt::Debug for OutObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct(self.class.name);
        for (info, value) in self.class.properties.iter().zip(&self.values) {
            out.field(info.name, value);
        }
        out.finish()
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "File({}, {} bytes)", self.content_type, self.body.len())
    }
}
