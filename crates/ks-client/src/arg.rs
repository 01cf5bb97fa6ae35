//! What may stand where an argument or a property is expected: a value, nothing, or a reference.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use ks_token::PartnerId;
use serde_json::Value;

use crate::{Class, Handle, OneOf, Ref, Upload};

/// An argument, or the value of a property: a value of type `T`, a reference to one that an earlier call of a batch
/// answers, [`Null`] to clear a property, or nothing at all.
pub struct Arg<T> {
    pub(crate) sent: Sent,
    kind: PhantomData<fn() -> T>,
}

/// What goes to the server.
#[derive(Clone)]
pub(crate) enum Sent {
    /// Nothing: the argument is left out.
    Nothing,
    /// The wish that a property has no value.
    Null,
    /// A value, or the text of a reference.
    Value(Value),
    /// A file.
    File(Upload),
}

/// Clears a property: `Category::new().with_description(Null)`. As an argument it is one that is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Null;

/// A type whose values can be sent.
pub trait ToArg: Sized {
    /// The value on the wire.
    fn to_arg(self) -> Value;
}

impl<T> Arg<T> {
    pub(crate) const fn new(value: Value) -> Self {
        Self::from_sent(Sent::Value(value))
    }

    const fn from_sent(sent: Sent) -> Self {
        Self { sent, kind: PhantomData }
    }
}

impl ToArg for i64 {
    fn to_arg(self) -> Value {
        self.into()
    }
}

impl ToArg for f64 {
    fn to_arg(self) -> Value {
        self.into()
    }
}

impl ToArg for bool {
    fn to_arg(self) -> Value {
        self.into()
    }
}

impl ToArg for String {
    fn to_arg(self) -> Value {
        self.into()
    }
}

impl<T: Class> ToArg for T {
    fn to_arg(self) -> Value {
        self.into_record().into_value()
    }
}

impl<T: ToArg> From<T> for Arg<T> {
    fn from(value: T) -> Self {
        Self::new(value.to_arg())
    }
}

impl From<&str> for Arg<String> {
    fn from(text: &str) -> Self {
        Self::new(text.into())
    }
}

impl From<&String> for Arg<String> {
    fn from(text: &String) -> Self {
        Self::new(text.as_str().into())
    }
}

impl From<i32> for Arg<i64> {
    fn from(number: i32) -> Self {
        Self::new(number.into())
    }
}

impl From<u32> for Arg<i64> {
    fn from(number: u32) -> Self {
        Self::new(number.into())
    }
}

impl From<PartnerId> for Arg<i64> {
    fn from(partner: PartnerId) -> Self {
        Self::new(partner.get().into())
    }
}

impl From<f32> for Arg<f64> {
    fn from(number: f32) -> Self {
        Self::new(number.into())
    }
}

impl From<Upload> for Arg<Upload> {
    fn from(file: Upload) -> Self {
        Self::from_sent(Sent::File(file))
    }
}

impl<T> From<Null> for Arg<T> {
    fn from(_: Null) -> Self {
        Self::from_sent(Sent::Null)
    }
}

/// `None` says nothing: the argument or property is left out.
impl<T, U: Into<Self>> From<Option<U>> for Arg<T> {
    fn from(value: Option<U>) -> Self {
        value.map_or(Self::from_sent(Sent::Nothing), Into::into)
    }
}

impl<T, U: Into<Arg<T>>> From<Vec<U>> for Arg<Vec<T>> {
    fn from(items: Vec<U>) -> Self {
        let values = items.into_iter().filter_map(|item| item.into().sent.into_value());
        Self::new(Value::Array(values.collect()))
    }
}

impl<T, U: Into<Arg<T>>> From<BTreeMap<String, U>> for Arg<BTreeMap<String, T>> {
    fn from(items: BTreeMap<String, U>) -> Self {
        let values = items.into_iter().filter_map(|(key, item)| Some((key, item.into().sent.into_value()?)));
        Self::new(Value::Object(values.collect()))
    }
}

impl<T> From<OneOf<T>> for Arg<T>
where
    Self: From<T>,
{
    fn from(value: OneOf<T>) -> Self {
        match value {
            OneOf::Known(member) => member.into(),
            OneOf::Unknown(other) => Self::new(other),
        }
    }
}

impl<T> From<Ref<T>> for Arg<T> {
    fn from(reference: Ref<T>) -> Self {
        Self::new(reference.to_string().into())
    }
}

impl<T> From<&Handle<T>> for Arg<T> {
    fn from(handle: &Handle<T>) -> Self {
        Self::new(handle.to_string().into())
    }
}

impl Sent {
    fn into_value(self) -> Option<Value> {
        match self {
            Self::Value(value) => Some(value),
            Self::Nothing | Self::Null | Self::File(_) => None,
        }
    }
}

impl<T> std::fmt::Debug for Arg<T> {
    /// Nothing of the value: it may be a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.sent {
            Sent::Nothing => "Arg(nothing)",
            Sent::Null => "Arg(null)",
            Sent::Value(_) => "Arg(value)",
            Sent::File(_) => "Arg(file)",
        })
    }
}
