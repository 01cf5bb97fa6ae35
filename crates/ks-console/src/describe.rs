//! The declarations as JSON, in pieces that the test console fetches when it needs them.

use std::collections::BTreeMap;

use ks_schema::describe::{
    Access, ActionInfo, ClassInfo, DefaultValue, EnumInfo, EnumValues, ParamInfo, PropertyInfo, ServiceInfo, Type,
};
use ks_schema::generated::{classes, enums, services};
use serde_json::{Map, Value, json};

/// The service of this id, whatever its case.
pub(crate) fn service(id: &str) -> Option<&'static ServiceInfo> {
    services::ALL.iter().copied().find(|service| service.id.eq_ignore_ascii_case(id))
}

/// The action of this name in a service, whatever its case.
pub(crate) fn action(service: &ServiceInfo, name: &str) -> Option<&'static ActionInfo> {
    service.actions.iter().copied().find(|action| action.name.eq_ignore_ascii_case(name))
}

/// The class of this name.
pub(crate) fn class(name: &str) -> Option<&'static ClassInfo> {
    classes::ALL.iter().copied().find(|class| class.name.eq_ignore_ascii_case(name))
}

/// The enum of this name.
pub(crate) fn enumeration(name: &str) -> Option<&'static EnumInfo> {
    enums::ALL.iter().copied().find(|info| info.name.eq_ignore_ascii_case(name))
}

/// Services in the order of their names.
pub(crate) fn sorted_services() -> Vec<&'static ServiceInfo> {
    let mut all: Vec<_> = services::ALL.to_vec();
    all.sort_by_key(|service| service.id.to_ascii_lowercase());
    all
}

/// The name of a service in generated clients: `group` for `group_group`. Services of our own plugin keep its name in
/// theirs (`ksSession`), so that no client has two of one name.
pub(crate) fn service_name(service: &ServiceInfo) -> String {
    match (service.plugin, service.id.split_once('_')) {
        (Some("ks"), Some((plugin, rest))) => {
            let (first, tail) = rest.split_at(rest.len().min(1));
            format!("{plugin}{}{tail}", first.to_ascii_uppercase())
        }
        (Some(_), Some((_, rest))) => rest.to_owned(),
        _ => service.id.to_owned(),
    }
}

/// The classes below one, at any distance.
pub(crate) fn below(class: &ClassInfo) -> Vec<&'static ClassInfo> {
    classes::ALL.iter().copied().filter(|other| other.name != class.name && other.is_a(class)).collect()
}

/// Every service with the names of its actions: what the console starts with.
pub(crate) fn overview() -> Value {
    let services = sorted_services().into_iter().map(|service| {
        let mut actions: Vec<_> = service.actions.to_vec();
        actions.sort_by_key(|action| action.name.to_ascii_lowercase());
        let actions: Vec<Value> = actions
            .iter()
            .map(|action| match action.deprecated {
                Some(_) => json!({ "name": action.name, "deprecated": true }),
                None => json!({ "name": action.name }),
            })
            .collect();
        json!({
            "id": service.id,
            "name": service_name(service),
            "plugin": service.plugin,
            "description": service.description,
            "actions": actions,
        })
    });
    services.collect()
}

/// Everything that is declared of an action, with the enums that it mentions.
pub(crate) fn action_json(service: &ServiceInfo, action: &ActionInfo) -> Value {
    let mut enums = BTreeMap::new();
    let params: Vec<Value> = action.params.iter().map(|param| param_json(param, &mut enums)).collect();
    let mut value = json!({
        "service": service.id,
        "name": service_name(service),
        "action": action.name,
        "plugin": service.plugin,
        "description": action.description,
        "deprecated": action.deprecated,
        "ks": action.ks.schema_name(),
        "throws": action.throws.iter().map(|code| code.info().code).collect::<Vec<_>>(),
        "params": params,
    });
    let mut result = Map::new();
    type_json(&action.result, &mut result, &mut enums);
    value["result"] = Value::Object(result);
    value["enums"] = enums_json(&enums);
    value
}

/// Everything that is declared of a class, with the enums that it mentions and the classes that may stand for it.
pub(crate) fn class_json(class: &'static ClassInfo) -> Value {
    let mut enums = BTreeMap::new();
    let properties: Vec<Value> = class.properties.iter().map(|it| property_json(it, &mut enums)).collect();
    let mut choices: Vec<&ClassInfo> = below(class);
    choices.push(class);
    choices.retain(|choice| !choice.is_abstract);
    choices.sort_by_key(|choice| (choice.name != class.name, choice.name));
    json!({
        "name": class.name,
        "description": class.description,
        "abstract": class.is_abstract,
        "plugin": class.plugin,
        "properties": properties,
        "choices": choices.iter().map(|choice| choice.name).collect::<Vec<_>>(),
        "orderBy": class.order_by.map(|info| info.name),
        "enums": enums_json(&enums),
    })
}

fn param_json(param: &ParamInfo, enums: &mut BTreeMap<&'static str, &'static EnumInfo>) -> Value {
    let mut value = Map::new();
    value.insert("name".to_owned(), json!(param.name));
    value.insert("description".to_owned(), json!(param.description));
    type_json(&param.ty, &mut value, enums);
    value.insert("optional".to_owned(), json!(param.optional));
    value.insert("sensitive".to_owned(), json!(param.sensitive));
    if let Some(default) = param.default {
        value.insert("default".to_owned(), default_json(default));
    }
    Value::Object(value)
}

fn property_json(property: &PropertyInfo, enums: &mut BTreeMap<&'static str, &'static EnumInfo>) -> Value {
    let mut value = Map::new();
    value.insert("name".to_owned(), json!(property.name));
    value.insert("description".to_owned(), json!(property.description));
    type_json(&property.ty, &mut value, enums);
    value.insert("access".to_owned(), json!(access_name(property.access)));
    value.insert("sensitive".to_owned(), json!(property.sensitive));
    Value::Object(value)
}

pub(crate) fn default_json(default: DefaultValue) -> Value {
    match default {
        DefaultValue::Bool(value) => json!(value),
        DefaultValue::Int(value) => json!(value),
        DefaultValue::Text(value) => json!(value),
    }
}

/// When callers may write a property, in a word.
pub(crate) const fn access_name(access: Access) -> &'static str {
    match access {
        Access::ReadWrite => "read-write",
        Access::ReadOnly => "read-only",
        Access::InsertOnly => "insert-only",
        Access::WriteOnly => "write-only",
        Access::InsertOnlyWriteOnly => "insert-only, write-only",
    }
}

fn type_json(ty: &Type, into: &mut Map<String, Value>, enums: &mut BTreeMap<&'static str, &'static EnumInfo>) {
    let (kind, of) = match ty {
        Type::Void => ("void", None),
        Type::Int => ("int", None),
        Type::BigInt => ("bigint", None),
        Type::Float => ("float", None),
        Type::Bool => ("bool", None),
        Type::Text => ("string", None),
        Type::Time => ("time", None),
        Type::File => ("file", None),
        Type::Enum(info) => {
            enums.insert(info.name, info);
            ("enum", Some(info.name))
        }
        Type::Object(class) => ("object", Some(class.name)),
        Type::Array(class) => ("array", Some(class.name)),
        Type::Map(class) => ("map", Some(class.name)),
    };
    into.insert("type".to_owned(), json!(kind));
    if let Some(of) = of {
        into.insert("of".to_owned(), json!(of));
    }
}

fn enums_json(enums: &BTreeMap<&'static str, &'static EnumInfo>) -> Value {
    let named = enums.iter().map(|(name, info)| {
        let values: Vec<Value> = match info.values {
            EnumValues::Int(values) => values.iter().map(|(name, value)| json!([name, value])).collect(),
            EnumValues::Text(values) => values.iter().map(|(name, value)| json!([name, value])).collect(),
        };
        ((*name).to_owned(), json!({ "int": info.is_int(), "values": values }))
    });
    Value::Object(named.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_is_described_with_its_enums() {
        let service = service("SESSION").unwrap();
        let value = action_json(service, action(service, "start").unwrap());
        assert_eq!(value["params"][2]["name"], "type");
        assert_eq!(value["params"][2]["of"], "KalturaSessionType");
        assert_eq!(value["params"][2]["default"], 0);
        assert_eq!(value["params"][0]["sensitive"], true);
        assert_eq!(value["enums"]["KalturaSessionType"]["values"], json!([["USER", 0], ["ADMIN", 2]]));
        assert_eq!(value["result"]["type"], "string");
    }

    #[test]
    fn services_of_plugins_have_names_of_their_own() {
        assert_eq!(service_name(service("group_group").unwrap()), "group");
        assert_eq!(service_name(service("ks_session").unwrap()), "ksSession");
        assert_eq!(service_name(service("appToken").unwrap()), "appToken");
    }

    #[test]
    fn a_class_names_those_that_may_stand_for_it() {
        let value = class_json(class("KalturaFilter").unwrap());
        let choices = value["choices"].as_array().unwrap();
        assert!(choices.iter().any(|choice| choice == "KalturaUserFilter"), "{choices:?}");
    }
}
