//! Values as servers really send them: numbers as text, truth as 0 and 1, members of enums that nobody declared.

use ks_schema::read::ReadEnum;
use ks_schema::{Number, Tree};
use serde_json::Value;

/// A member of an enum, or a value that is not declared: servers have more members than any client knows.
#[derive(Clone, Debug, PartialEq)]
pub enum OneOf<E> {
    /// A declared member.
    Known(E),
    /// Another value, as the server sent it.
    Unknown(Value),
}

impl<E> OneOf<E> {
    /// The member, if it is a declared one.
    pub fn known(self) -> Option<E> {
        match self {
            Self::Known(member) => Some(member),
            Self::Unknown(_) => None,
        }
    }
}

impl<E: PartialEq> PartialEq<E> for OneOf<E> {
    fn eq(&self, other: &E) -> bool {
        matches!(self, Self::Known(member) if member == other)
    }
}

/// The member of an enum that a value means.
pub(crate) fn one_of<E: ReadEnum>(value: &Value) -> OneOf<E> {
    let tree = match value {
        Value::Bool(truth) => Tree::Bool(*truth),
        Value::String(text) => Tree::text(text.as_str()),
        Value::Number(_) => match int(value) {
            Some(number) => Tree::Number(Number::Int(number)),
            None => return OneOf::Unknown(value.clone()),
        },
        Value::Null | Value::Array(_) | Value::Object(_) => return OneOf::Unknown(value.clone()),
    };
    E::from_tree(&tree).map_or_else(|| OneOf::Unknown(value.clone()), OneOf::Known)
}

/// A whole number, also where it came as text, as a truth value, or with a fraction of nothing.
pub(crate) fn int(value: &Value) -> Option<i64> {
    match value {
        Value::Bool(truth) => Some(i64::from(*truth)),
        Value::Number(number) => number.as_i64().or_else(|| number.as_f64().and_then(whole)),
        Value::String(text) => {
            let text = text.trim();
            text.parse().ok().or_else(|| text.parse::<f64>().ok().and_then(whole))
        }
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn whole(number: f64) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "the bound is far inside 64 bits")]
    (number.fract() == 0.0 && number.abs() < 9.0e15).then_some(number as i64)
}

/// A number with a fraction, also where it came as text.
pub(crate) fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        Value::Bool(truth) => Some(f64::from(u8::from(*truth))),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A truth value, also where it came from a column of a database.
pub(crate) fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(truth) => Some(*truth),
        Value::Number(number) => number.as_f64().map(|number| number != 0.0),
        Value::String(text) => match text.trim() {
            "" | "0" => Some(false),
            "1" => Some(true),
            text if text.eq_ignore_ascii_case("false") => Some(false),
            text if text.eq_ignore_ascii_case("true") => Some(true),
            _ => None,
        },
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The text of a scalar.
pub(crate) fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(if truth { "1" } else { "" }.to_owned()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

macro_rules! enums {
    ($($name:ty),* $(,)?) => {
        $(
            impl crate::ToArg for $name {
                fn to_arg(self) -> serde_json::Value {
                    self.value().into()
                }
            }
        )*
    };
}
pub(crate) use enums;

#[cfg(test)]
mod tests {
    use ks_schema::generated::enums::{NullableBoolean, SessionType};
    use serde_json::json;

    use super::*;

    #[test]
    fn scalars_are_read_in_whatever_shape_they_come() {
        for (value, wanted) in [
            (json!(7), Some(7)),
            (json!("7"), Some(7)),
            (json!(7.0), Some(7)),
            (json!("7.0"), Some(7)),
            (json!(true), Some(1)),
            (json!(7.5), None),
            (json!("seven"), None),
            (json!(""), None),
            (json!(null), None),
            (json!([7]), None),
            (json!(9_007_199_254_740_993_i64), Some(9_007_199_254_740_993)),
        ] {
            assert_eq!(int(&value), wanted, "{value}");
        }
        for (value, wanted) in [
            (json!(true), Some(true)),
            (json!(0), Some(false)),
            (json!("1"), Some(true)),
            (json!("False"), Some(false)),
            (json!(""), Some(false)),
            (json!("perhaps"), None),
            (json!(null), None),
        ] {
            assert_eq!(truth(&value), wanted, "{value}");
        }
        assert_eq!(text(json!(5)), Some("5".to_owned()));
        assert_eq!(float(&json!("1.5")), Some(1.5));
    }

    #[test]
    fn a_member_that_is_not_declared_is_kept() {
        assert_eq!(one_of::<SessionType>(&json!("2")), OneOf::Known(SessionType::Admin));
        assert_eq!(one_of::<SessionType>(&json!(77)), OneOf::Unknown(json!(77)));
        assert_eq!(one_of::<NullableBoolean>(&json!(true)), OneOf::Known(NullableBoolean::TrueValue));
        assert!(one_of::<SessionType>(&json!(2)) == SessionType::Admin);
    }
}
