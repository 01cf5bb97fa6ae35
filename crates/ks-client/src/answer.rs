//! From what a server sent to what an action is declared to answer.

use ks_schema::read::ReadEnum;
use serde_json::Value;

use crate::record::{Record, settle};
use crate::{ApiError, Class, Error, File, OneOf, value};

/// What came back, before it has a type.
#[derive(Debug)]
#[doc(hidden)]
pub enum Given {
    /// A value in JSON.
    Value(Value),
    /// The answer of an action that answers a file.
    File(File),
}

/// A type that an action can answer.
pub trait Answer: Sized + Send + 'static {
    #[doc(hidden)]
    fn read(given: Given) -> Result<Self, Error>;
}

impl Given {
    fn value(self) -> Result<Value, Error> {
        match self {
            Self::Value(value) => Ok(value),
            Self::File(_) => Err(Error::Decode("a file came where a value was expected".to_owned())),
        }
    }
}

fn wrong(expected: &str, value: &Value) -> Error {
    let found = match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    Error::Decode(format!("{found} came where {expected} was expected"))
}

impl Answer for () {
    fn read(_: Given) -> Result<Self, Error> {
        Ok(())
    }
}

impl Answer for i64 {
    fn read(given: Given) -> Result<Self, Error> {
        let value = given.value()?;
        value::int(&value).ok_or_else(|| wrong("a whole number", &value))
    }
}

impl Answer for f64 {
    fn read(given: Given) -> Result<Self, Error> {
        let value = given.value()?;
        value::float(&value).ok_or_else(|| wrong("a number", &value))
    }
}

impl Answer for bool {
    fn read(given: Given) -> Result<Self, Error> {
        let value = given.value()?;
        value::truth(&value).ok_or_else(|| wrong("a truth value", &value))
    }
}

impl Answer for String {
    fn read(given: Given) -> Result<Self, Error> {
        match given.value()? {
            Value::String(text) => Ok(text),
            other => {
                let error = wrong("text", &other);
                value::text(other).ok_or(error)
            }
        }
    }
}

impl Answer for Value {
    fn read(given: Given) -> Result<Self, Error> {
        given.value()
    }
}

impl<E: ReadEnum + Send + 'static> Answer for OneOf<E> {
    fn read(given: Given) -> Result<Self, Error> {
        given.value().map(|value| value::one_of(&value))
    }
}

impl Answer for File {
    fn read(given: Given) -> Result<Self, Error> {
        match given {
            Given::File(file) => Ok(file),
            Given::Value(value) => Err(wrong("a file", &value)),
        }
    }
}

impl<C: Class + Send + 'static> Answer for C {
    fn read(given: Given) -> Result<Self, Error> {
        object(given.value()?)
    }
}

impl<C: Class + Send + 'static> Answer for Vec<C> {
    fn read(given: Given) -> Result<Self, Error> {
        match given.value()? {
            Value::Null => Ok(Self::new()),
            Value::Array(items) => items.into_iter().map(object).collect(),
            other => Err(wrong("a list", &other)),
        }
    }
}

fn object<C: Class>(mut value: Value) -> Result<C, Error> {
    settle(&mut value, C::info());
    match value {
        Value::Object(map) => Ok(C::from_record(Record::new(map))),
        other => Err(wrong(C::info().name, &other)),
    }
}

/// The value of an answer in JSON, or the error that it is. Wrappers that some servers put around both are taken off.
pub(crate) fn decode(body: &[u8]) -> Result<Value, Error> {
    let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body).trim_ascii();
    if body.is_empty() {
        return Ok(Value::Null);
    }
    let value = serde_json::from_slice(body).map_err(|_| Error::Decode("it is not JSON".to_owned()))?;
    refuse(unwrap(value))
}

/// The error that a value is.
pub(crate) fn refuse(value: Value) -> Result<Value, Error> {
    match ApiError::read(&value) {
        Some(error) => Err(error.into()),
        None => Ok(value),
    }
}

fn unwrap(value: Value) -> Value {
    const WRAPPERS: [&str; 3] = ["result", "error", "executionTime"];
    match value {
        Value::Object(mut map) if !map.is_empty() && map.keys().all(|key| WRAPPERS.contains(&key.as_str())) => {
            let inner = map.shift_remove("error").or_else(|| map.shift_remove("result"));
            inner.map_or(Value::Null, unwrap)
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classes::{BaseEntry, CategoryListResponse, MediaEntry};

    fn read<T: Answer>(text: &str) -> Result<T, Error> {
        decode(text.as_bytes()).and_then(|value| T::read(Given::Value(value)))
    }

    #[test]
    fn wrappers_are_taken_off() {
        for text in ["5", " 5\n", "\u{feff}5", "\"5\"", "{\"result\":5,\"executionTime\":0.1}", "{\"result\":\"5\"}"] {
            assert_eq!(read::<i64>(text).unwrap(), 5, "{text}");
        }
        for text in [
            r#"{"code":"X","message":"m","args":[]}"#,
            r#"{"error":{"code":"X","message":"m"}}"#,
            r#"{"result":{"error":{"code":"X","message":"m"}},"executionTime":1}"#,
        ] {
            assert_eq!(read::<()>(text).unwrap_err().api().map(ApiError::code), Some("X"), "{text}");
        }
        for text in ["", "null", "true"] {
            assert!(read::<()>(text).is_ok());
        }
        assert!(matches!(read::<i64>("<xml>"), Err(Error::Decode(_))));
        assert!(matches!(read::<MediaEntry>("null"), Err(Error::Decode(_))));
        assert!(matches!(read::<i64>(""), Err(Error::Decode(_))));
    }

    #[test]
    fn faults_of_servers_are_lived_with() {
        // Text as numbers, an empty map as a list, an array as a map, a class that nobody declared, no class at all.
        let text = r#"{"totalCount":"1","objects":{"3":{"id":"7","name":5,"relatedObjects":[],"news":{"x":[1]}}}}"#;
        let list = read::<CategoryListResponse>(text).unwrap();
        let category = &list.objects()[0];
        assert_eq!((list.total_count(), category.id(), category.name()), (Some(1), Some(7), Some("5")));
        assert!(category.related_objects().is_empty());
        assert_eq!(category.record().get("news"), Some(&serde_json::json!({ "x": [1] })));
        let entry = read::<BaseEntry>(r#"{"id":"0_a","objectType":"KalturaHologramEntry","mediaType":1}"#).unwrap();
        assert_eq!((entry.id(), entry.record().class()), (Some("0_a"), Some("KalturaHologramEntry")));
        assert_eq!(entry.record().cast::<MediaEntry>(), None);
    }

    #[test]
    fn an_object_of_a_class_below_can_be_cast() {
        let entry = read::<BaseEntry>(r#"{"id":"0_a","objectType":"KalturaMediaEntry","mediaType":"1"}"#).unwrap();
        let media = entry.record().cast::<MediaEntry>().unwrap();
        assert!(media.media_type().unwrap() == crate::enums::MediaType::Video);
        assert_eq!(BaseEntry::from(media), entry);
    }
}
