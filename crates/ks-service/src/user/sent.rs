//! What a request says of an object, property by property: users and groups are changed by the same rules.

use ks_schema::write::{ApiObject, Mention};
use ks_schema::{Map, Number, Out, Tree};
use serde_json::Value as Json;

/// What was said of one property.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Said {
    /// To clear it.
    Null,
    /// A value for it.
    Value(Json),
}

/// The properties that a request mentions.
#[derive(Clone)]
pub(crate) struct Sent(Vec<(&'static str, Said)>);

impl Sent {
    pub(crate) fn of<T: ApiObject>(object: &T) -> Self {
        let Out::Object(out) = object.clone().into_out() else { return Self(Vec::new()) };
        let said = object.mentions().into_iter().zip(out.class.properties.iter().zip(&out.values));
        Self(
            said.filter_map(|(mention, (info, value))| match mention {
                Mention::Absent => None,
                Mention::Null => Some((info.name, Said::Null)),
                Mention::Set => Some((info.name, Said::Value(to_json(value)))),
            })
            .collect(),
        )
    }

    /// Every property that was mentioned, in the order of the class.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&'static str, &Said)> {
        self.0.iter().map(|(name, said)| (*name, said))
    }

    pub(crate) fn said(&self, name: &str) -> Option<&Said> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, said)| said)
    }

    fn value(&self, name: &str) -> Option<&Json> {
        match self.said(name)? {
            Said::Value(value) => Some(value),
            Said::Null => None,
        }
    }

    /// A text that was sent.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.value(name)?.as_str()
    }

    /// A number that was sent.
    pub(crate) fn int(&self, name: &str) -> Option<i64> {
        self.value(name)?.as_i64()
    }

    /// A truth value that was sent.
    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        self.value(name)?.as_bool()
    }
}

/// A value of the API as it is kept.
fn to_json(out: &Out) -> Json {
    match out {
        Out::Bool(value) => Json::Bool(*value),
        Out::Int(value) => Json::from(*value),
        Out::Float(value) => Json::from(*value),
        Out::Text(text) => Json::String(text.clone()),
        Out::List(items) => Json::Array(items.iter().map(to_json).collect()),
        Out::Map(items) => Json::Object(items.iter().map(|(key, value)| (key.clone(), to_json(value))).collect()),
        Out::Object(object) => {
            let values = object.class.properties.iter().zip(&object.values).filter(|(_, value)| **value != Out::Null);
            Json::Object(values.map(|(info, value)| (info.name.to_owned(), to_json(value))).collect())
        }
        Out::Null | Out::Error(_) | Out::File(_) => Json::Null,
    }
}

/// What is kept, as a request would say it.
pub(crate) fn to_map(properties: &serde_json::Map<String, Json>) -> Map {
    properties.iter().map(|(name, value)| (name.as_str().into(), to_tree(value))).collect()
}

fn to_tree(value: &Json) -> Tree {
    match value {
        Json::Null => Tree::Null,
        Json::Bool(value) => Tree::Bool(*value),
        Json::Number(number) => Tree::Number(match number.as_i64() {
            Some(whole) => Number::Int(whole),
            None => Number::Float(number.as_f64().unwrap_or_default()),
        }),
        Json::String(text) => Tree::text(text.clone()),
        Json::Array(items) => Tree::List(items.iter().map(to_tree).collect()),
        Json::Object(map) => Tree::Map(to_map(map)),
    }
}
