//! Objects as they were sent or answered.

use std::collections::BTreeMap;
use std::fmt;

use ks_schema::describe::{ClassInfo, Type};
use ks_schema::generated::classes::ALL;
use ks_schema::read::ReadEnum;
use serde_json::{Map, Value};

use crate::arg::{Arg, Sent};
use crate::{Class, OneOf, value};

/// The name of an object's class on the wire.
const OBJECT_TYPE: &str = "objectType";

/// An object as it was sent or answered: properties by name, also such as no class declares.
#[derive(Clone, Default, PartialEq)]
pub struct Record(Map<String, Value>);

impl Record {
    /// An object of a class by its name on the wire, such as `KalturaCategory`.
    #[must_use]
    pub fn of(class: &str) -> Self {
        Self(Map::from_iter([(OBJECT_TYPE.to_owned(), class.into())]))
    }

    pub(crate) const fn new(map: Map<String, Value>) -> Self {
        Self(map)
    }

    /// The name of the class, as the object itself says it.
    #[must_use]
    pub fn class(&self) -> Option<&str> {
        self.text(OBJECT_TYPE)
    }

    /// Whether it is of this class or of one below it, as far as that is declared.
    #[must_use]
    pub fn is<C: Class>(&self) -> bool {
        self.class().and_then(find).is_some_and(|class| class.is_a(C::info()))
    }

    /// The object as one of a class that it [is](Self::is): a media entry among entries.
    #[must_use]
    pub fn cast<C: Class>(&self) -> Option<C> {
        self.is::<C>().then(|| C::from_record(self.clone()))
    }

    /// The property of this name, in JSON; `None` when it was not mentioned.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// A whole number.
    #[must_use]
    pub fn int(&self, name: &str) -> Option<i64> {
        self.get(name).and_then(value::int)
    }

    /// A number with a fraction.
    #[must_use]
    pub fn float(&self, name: &str) -> Option<f64> {
        self.get(name).and_then(value::float)
    }

    /// A truth value.
    #[must_use]
    pub fn bool(&self, name: &str) -> Option<bool> {
        self.get(name).and_then(value::truth)
    }

    /// A text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_str)
    }

    /// A member of an enum.
    #[must_use]
    pub fn one_of<E: ReadEnum>(&self, name: &str) -> Option<OneOf<E>> {
        self.get(name).filter(|value| !value.is_null()).map(value::one_of)
    }

    /// An object.
    #[must_use]
    pub fn object<C: Class>(&self, name: &str) -> Option<C> {
        self.get(name).and_then(Value::as_object).map(|map| C::from_record(Self(map.clone())))
    }

    /// Objects in a row; none where nothing was answered.
    #[must_use]
    pub fn list<C: Class>(&self, name: &str) -> Vec<C> {
        let items = self.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        items.iter().filter_map(Value::as_object).map(|map| C::from_record(Self(map.clone()))).collect()
    }

    /// Objects by name.
    #[must_use]
    pub fn map<C: Class>(&self, name: &str) -> BTreeMap<String, C> {
        let items = self.get(name).and_then(Value::as_object).into_iter().flatten();
        let objects = items.filter_map(|(key, value)| Some((key, value.as_object()?)));
        objects.map(|(key, map)| (key.clone(), C::from_record(Self(map.clone())))).collect()
    }

    /// Says something of a property, also of one that no class declares.
    #[must_use]
    pub fn set<T>(mut self, name: &str, value: impl Into<Arg<T>>) -> Self {
        self.put(name, value.into().sent);
        self
    }

    pub(crate) fn put(&mut self, name: &str, sent: Sent) {
        let marker = format!("{name}__null");
        self.0.shift_remove(&marker);
        match sent {
            Sent::Value(value) => {
                self.0.insert(name.to_owned(), value);
            }
            Sent::Null => {
                self.0.shift_remove(name);
                self.0.insert(marker, "".into());
            }
            // Files are arguments and never properties.
            Sent::Nothing | Sent::File(_) => {
                self.0.shift_remove(name);
            }
        }
    }

    /// The object in JSON.
    #[must_use]
    pub fn into_value(self) -> Value {
        Value::Object(self.0)
    }
}

/// The class of this name.
fn find(name: &str) -> Option<&'static ClassInfo> {
    ALL.binary_search_by(|class| class.name.cmp(name)).ok().map(|at| ALL[at])
}

/// Makes scalars what their declaration says, where a server sent them in another shape.
pub(crate) fn settle(value: &mut Value, class: &ClassInfo) {
    let Value::Object(map) = value else { return };
    let named = map.get(OBJECT_TYPE).and_then(Value::as_str).and_then(find);
    let class = named.unwrap_or(class);
    for property in class.properties {
        let Some(value) = map.get_mut(property.name) else { continue };
        match property.ty {
            Type::Text if !value.is_string() && !value.is_null() => {
                *value = value::text(value.take()).map_or(Value::Null, Value::String);
            }
            Type::Object(class) => settle(value, class),
            Type::Array(class) => {
                // PHP makes a map of an array whose numbers have a gap.
                if let Value::Object(items) = value {
                    *value = Value::Array(std::mem::take(items).into_iter().map(|(_, item)| item).collect());
                }
                for item in value.as_array_mut().into_iter().flatten() {
                    settle(item, class);
                }
            }
            Type::Map(class) => {
                // An empty map is spelt like an empty list.
                if value.as_array().is_some_and(Vec::is_empty) {
                    *value = Value::Object(Map::new());
                }
                for (_, item) in value.as_object_mut().into_iter().flatten() {
                    settle(item, class);
                }
            }
            _ => {}
        }
    }
}

impl fmt::Debug for Record {
    /// What is declared and no secret is shown; of the rest, that it is there.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.class().unwrap_or("Record");
        let class = self.class().and_then(find);
        let mut out = f.debug_struct(name);
        for (key, value) in self.0.iter().filter(|(key, _)| *key != OBJECT_TYPE) {
            let declared = class.and_then(|class| class.properties.iter().find(|property| property.name == key));
            match (declared, value) {
                (Some(property), _) if property.sensitive => out.field(key, &format_args!("(withheld)")),
                (_, Value::Null | Value::Bool(_) | Value::Number(_)) => out.field(key, &format_args!("{value}")),
                (_, Value::Object(map)) => out.field(key, &Self(map.clone())),
                (_, Value::Array(items)) => out.field(key, &Items(items)),
                (Some(_), Value::String(text)) => out.field(key, text),
                (None, Value::String(_)) => out.field(key, &format_args!("(withheld)")),
            };
        }
        out.finish()
    }
}

/// Items of a list.
struct Items<'a>(&'a [Value]);

impl fmt::Debug for Items<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let objects = self.0.iter().filter_map(Value::as_object);
        f.debug_list().entries(objects.map(|map| Record(map.clone()))).finish()
    }
}
