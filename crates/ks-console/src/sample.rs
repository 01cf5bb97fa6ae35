//! Example requests and answers, made from the declared types.

use ks_schema::describe::{Access, ActionInfo, ClassInfo, DefaultValue, EnumInfo, EnumValues, Type};
use serde_json::{Map, Value, json};

use crate::describe;

/// The time in examples: 2026-11-27.
const TIME: i64 = 1_795_737_600;

/// So many properties of an object stand in an example.
const PROPERTIES: usize = 12;

/// The body of a request that has every parameter of the action.
pub(crate) fn request(action: &ActionInfo) -> String {
    let mut body = Map::new();
    body.insert("format".to_owned(), json!(1));
    if action.ks != ks_schema::describe::KsUse::Ignored {
        body.insert("ks".to_owned(), json!("YOUR_KS"));
    }
    for param in action.params {
        let value = match param.default {
            Some(DefaultValue::Bool(value)) => json!(value),
            Some(DefaultValue::Int(value)) => json!(value),
            Some(DefaultValue::Text(value)) if !value.is_empty() => json!(value),
            _ => sent(&param.ty, param.name, 0),
        };
        body.insert(param.name.to_owned(), value);
    }
    let path = format!("POST /api_v3/service/{}/action/{}", action.service.to_lowercase(), action.name);
    format!("{path}\nContent-Type: application/json\n\n{}", pretty(&Value::Object(body)))
}

/// A value as a caller writes it.
fn sent(ty: &Type, name: &str, depth: usize) -> Value {
    match ty {
        Type::Object(class) => object(instance(class), depth, |access| {
            matches!(access, Access::ReadWrite | Access::InsertOnly | Access::WriteOnly | Access::InsertOnlyWriteOnly)
        }),
        Type::Array(class) => json!([sent(&Type::Object(class), name, depth + 1)]),
        Type::Map(class) => json!({ "key": sent(&Type::Object(class), name, depth + 1) }),
        other => scalar(other, name),
    }
}

/// An answer of this type, as JSON has it.
pub(crate) fn answer(ty: &Type) -> Value {
    answered(ty, "", 0)
}

fn answered(ty: &Type, name: &str, depth: usize) -> Value {
    match ty {
        Type::Object(class) => {
            object(instance(class), depth, |access| !matches!(access, Access::WriteOnly | Access::InsertOnlyWriteOnly))
        }
        Type::Array(class) => json!([answered(&Type::Object(class), name, depth + 1)]),
        Type::Map(class) => json!({ "key": answered(&Type::Object(class), name, depth + 1) }),
        other => scalar(other, name),
    }
}

/// A class that objects can be of: the class itself, or the first below it.
fn instance(class: &'static ClassInfo) -> &'static ClassInfo {
    if !class.is_abstract {
        return class;
    }
    describe::below(class).into_iter().find(|below| !below.is_abstract).unwrap_or(class)
}

fn object(class: &'static ClassInfo, depth: usize, has: impl Fn(Access) -> bool) -> Value {
    let mut object = Map::new();
    object.insert("objectType".to_owned(), json!(class.name));
    let own = class.properties.iter().filter(|it| has(it.access) && it.name != "relatedObjects");
    let simple = |ty: &Type| !matches!(ty, Type::Object(_) | Type::Array(_) | Type::Map(_) | Type::File);
    // A list is about its objects; in deeper objects only what is simple is shown.
    let shown = own.filter(|it| simple(&it.ty) || (it.name == "objects" && depth == 0));
    for property in shown.take(PROPERTIES) {
        object.insert(property.name.to_owned(), answered(&property.ty, property.name, depth));
    }
    Value::Object(object)
}

fn scalar(ty: &Type, name: &str) -> Value {
    match ty {
        Type::Void => Value::Null,
        Type::Int => json!(if name.contains("artnerId") { 102 } else { 1 }),
        Type::BigInt | Type::Float => json!(1),
        Type::Bool => json!(true),
        Type::Time => json!(TIME),
        Type::Enum(EnumInfo { values: EnumValues::Int(values), .. }) => json!(values.first().map(|(_, value)| value)),
        Type::Enum(EnumInfo { values: EnumValues::Text(values), .. }) => json!(values.first().map(|(_, value)| value)),
        _ => json!(if name.is_empty() { "text" } else { name }),
    }
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// An answer in JSON: the value and nothing around it.
pub(crate) fn as_json(value: &Value) -> String {
    pretty(value)
}

/// An answer in XML, in its envelope.
pub(crate) fn as_xml(value: &Value) -> String {
    let mut xml = String::from("<xml>\n");
    element(&mut xml, "result", value, 1);
    xml.push_str("  <executionTime>0.0021</executionTime>\n</xml>");
    xml
}

fn element(xml: &mut String, name: &str, value: &Value, depth: usize) {
    let space = "  ".repeat(depth);
    match value {
        Value::Object(map) => {
            xml.push_str(&format!("{space}<{name}>\n"));
            map.iter().for_each(|(name, value)| element(xml, name, value, depth + 1));
            xml.push_str(&format!("{space}</{name}>\n"));
        }
        Value::Array(items) => {
            xml.push_str(&format!("{space}<{name}>\n"));
            items.iter().for_each(|item| element(xml, "item", item, depth + 1));
            xml.push_str(&format!("{space}</{name}>\n"));
        }
        Value::Null => xml.push_str(&format!("{space}<{name}/>\n")),
        Value::Bool(value) => xml.push_str(&format!("{space}<{name}>{}</{name}>\n", u8::from(*value))),
        Value::String(text) => xml.push_str(&format!("{space}<{name}>{text}</{name}>\n")),
        Value::Number(number) => xml.push_str(&format!("{space}<{name}>{number}</{name}>\n")),
    }
}
