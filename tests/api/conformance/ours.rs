//! Compares our declarations with the contract, item by item.

use std::collections::BTreeSet;

use ks_schema::describe::{Access, ActionInfo, ClassInfo, DefaultValue, EnumInfo, EnumValues, KsUse, Type};
use ks_schema::generated::{classes, enums, services};
use ks_tests::contract;
use serde_json::{Value, json};

/// Our own plugin is not in the contract.
pub(super) const OWN_PLUGIN: &str = "ks";

/// Every difference, in words.
pub(super) fn differences(contract: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for service in services::ALL.iter().filter(|service| service.plugin != Some(OWN_PLUGIN)) {
        let Some(published) = contract::service(contract, service.id) else {
            found.push(format!("{}: no such service", service.id));
            continue;
        };
        for info in service.actions {
            let name = info.full_name();
            match &published["actions"][info.name] {
                Value::Null => found.push(format!("{name}: no such action")),
                other => action(&name, info, other, &mut found),
            }
        }
    }
    for info in classes::ALL {
        // What belongs to our own plugin, and the root of all classes.
        if info.name.starts_with("KalturaKs") || info.name == "KalturaObject" {
            continue;
        }
        match &contract["classes"][info.name] {
            Value::Null => found.push(format!("{}: no such class", info.name)),
            other => class(info, other, &mut found),
        }
    }
    for info in enums::ALL.iter().filter(|info| !info.name.starts_with("KalturaKs")) {
        match &contract["enums"][info.name] {
            Value::Null => found.push(format!("{}: no such enum", info.name)),
            other => enumeration(info, other, &mut found),
        }
    }
    found
}

/// The differences of one action; the parity table asks for it too.
pub(super) fn of_action(contract: &Value, service: &str, info: &ActionInfo) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(published) = contract::service(contract, service) {
        action(&info.full_name(), info, &published["actions"][info.name], &mut found);
    }
    found
}

fn differ(found: &mut Vec<String>, what: &str, ours: &Value, published: &Value) {
    if ours != published {
        found.push(format!("{what}: ours {ours}, published {published}"));
    }
}

fn action(name: &str, info: &ActionInfo, published: &Value, found: &mut Vec<String>) {
    let names = |list: Vec<&str>| json!(list);
    let params = published["params"].as_array().cloned().unwrap_or_default();
    let published_names: Vec<&str> = params.iter().filter_map(|param| param["name"].as_str()).collect();
    let our_names: Vec<&str> = info.params.iter().map(|param| param.name).collect();
    differ(found, &format!("{name} parameters"), &names(our_names), &names(published_names));
    for param in info.params {
        let Some(other) = params.iter().find(|other| other["name"] == param.name) else { continue };
        let what = format!("{name}({})", param.name);
        differ(found, &format!("{what} type"), &shape(&param.ty), &published_shape(other));
        differ(found, &format!("{what} optional"), &json!(param.optional), &other["optional"]);
        let default = match param.default {
            None => Value::Null,
            Some(DefaultValue::Bool(value)) => json!(value),
            Some(DefaultValue::Int(value)) => json!(value),
            Some(DefaultValue::Text(value)) => json!(value),
        };
        differ(found, &format!("{what} default"), &default, &other["default"]);
    }
    let result = json!({"type": published["result"], "arrayType": published["resultArrayType"]});
    let mut ours = shape(&info.result);
    // The enum of a result is not part of the contract.
    ours["enumType"] = Value::Null;
    differ(found, &format!("{name} result"), &ours, &published_shape(&result));
    let ks = match info.ks {
        KsUse::Ignored => "ignored",
        KsUse::Optional => "optional",
        KsUse::Required => "required",
    };
    differ(found, &format!("{name} ks"), &json!(ks), &published["ksType"]);

    // Permissions that count for internal accounts alone are not ours to have.
    let internal = |permission: &str| permission.contains('>') || permission.starts_with("PARTNER_-");
    let published_permissions: BTreeSet<&str> =
        texts(&published["permissions"]).into_iter().filter(|permission| !internal(permission)).collect();
    let permissions: BTreeSet<&str> = info.permissions.iter().copied().collect();
    differ(found, &format!("{name} permissions"), &json!(permissions), &json!(published_permissions));

    let mut published_codes: BTreeSet<&str> = texts(&published["throws"]).into_iter().collect();
    published_codes.extend(texts(&published["throwsInBody"]));
    let codes: BTreeSet<&str> = info.throws.iter().map(|code| code.info().code).collect();
    differ(found, &format!("{name} throws"), &json!(codes), &json!(published_codes));
}

fn class(info: &ClassInfo, published: &Value, found: &mut Vec<String>) {
    let base = info.base.map(|base| base.name).filter(|base| *base != "KalturaObject");
    differ(found, &format!("{} base", info.name), &json!(base), &published["base"]);
    differ(found, &format!("{} abstract", info.name), &json!(info.is_abstract), &published["abstract"]);
    let own: Vec<_> = info.properties.iter().filter(|property| property.declared_in == info.name).collect();
    let others = published["properties"].as_array().cloned().unwrap_or_default();
    let our_names: Vec<&str> = own.iter().map(|property| property.name).collect();
    let names: Vec<&str> = others.iter().filter_map(|property| property["name"].as_str()).collect();
    differ(found, &format!("{} properties", info.name), &json!(our_names), &json!(names));
    for property in own {
        let Some(other) = others.iter().find(|other| other["name"] == property.name) else { continue };
        let what = format!("{}.{}", info.name, property.name);
        differ(found, &format!("{what} type"), &shape(&property.ty), &published_shape(other));
        let (read_only, insert_only, write_only) = match property.access {
            Access::ReadWrite => (false, false, false),
            Access::ReadOnly => (true, false, false),
            Access::InsertOnly => (false, true, false),
            Access::WriteOnly => (false, false, true),
            Access::InsertOnlyWriteOnly => (false, true, true),
        };
        let access = json!({"readOnly": read_only, "insertOnly": insert_only, "writeOnly": write_only});
        let published_access = json!({"readOnly": other["readOnly"], "insertOnly": other["insertOnly"],
                                      "writeOnly": other["writeOnly"]});
        differ(found, &format!("{what} access"), &access, &published_access);
        let sorted = |list: Vec<&str>| json!(list.into_iter().collect::<BTreeSet<_>>());
        let filters = sorted(property.filters.to_vec());
        differ(found, &format!("{what} filters"), &filters, &sorted(texts(&other["filterOps"])));
        let needs = sorted(property.requires_permission.to_vec());
        differ(found, &format!("{what} permissions"), &needs, &sorted(texts(&other["requiresPermission"])));
    }
}

fn enumeration(info: &EnumInfo, published: &Value, found: &mut Vec<String>) {
    let (kind, values) = match info.values {
        EnumValues::Int(values) => {
            ("int", values.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect())
        }
        EnumValues::Text(values) => (
            "string",
            values.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect::<serde_json::Map<_, _>>(),
        ),
    };
    differ(found, &format!("{} type", info.name), &json!(kind), &published["type"]);
    differ(found, &format!("{} values", info.name), &Value::Object(values), &published["values"]);
}

fn texts(list: &Value) -> Vec<&str> {
    match list {
        Value::String(one) => vec![one],
        other => other.as_array().into_iter().flatten().filter_map(Value::as_str).collect(),
    }
}

/// A type in the words of the contract.
fn shape(ty: &Type) -> Value {
    let (name, enum_type, array_type, time) = match ty {
        Type::Void => ("void", None, None, false),
        Type::Int => ("int", None, None, false),
        Type::BigInt => ("bigint", None, None, false),
        Type::Float => ("float", None, None, false),
        Type::Bool => ("bool", None, None, false),
        Type::Text => ("string", None, None, false),
        Type::Time => ("int", None, None, true),
        Type::File => ("file", None, None, false),
        Type::Enum(info) => (if info.is_int() { "int" } else { "string" }, Some(info.name), None, false),
        Type::Object(class) => (class.name, None, None, false),
        Type::Array(class) => ("array", None, Some(class.name), false),
        Type::Map(class) => ("map", None, Some(class.name), false),
    };
    json!({"type": name, "enumType": enum_type, "arrayType": array_type, "time": time})
}

fn published_shape(other: &Value) -> Value {
    json!({"type": other["type"], "enumType": other["enumType"], "arrayType": other["arrayType"],
           "time": other["serverType"] == "time"})
}
