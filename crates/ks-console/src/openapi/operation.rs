//! Actions as operations.

use ks_schema::describe::{ActionInfo, DefaultValue, KsUse, ParamInfo, Type};
use serde_json::{Map, Value, json};

use super::schema::{Schemas, Way, describe};

/// One action.
pub(super) fn operation(action: &ActionInfo, schemas: &mut Schemas) -> Value {
    let mut operation = json!({
        "operationId": action.full_name(),
        "tags": [action.service],
        "summary": action.description,
        "parameters": parameters(),
        "responses": { "200": answer(action, schemas) },
        "security": security(action.ks),
        "x-permissions": action.permissions,
    });
    if !action.params.is_empty() {
        operation["requestBody"] = body(action, schemas);
    }
    if let Some(reason) = action.deprecated {
        operation["deprecated"] = json!(true);
        operation["description"] = json!(reason);
    }
    operation
}

fn security(ks: KsUse) -> Value {
    match ks {
        KsUse::Ignored => json!([]),
        KsUse::Optional => json!([{}, { "ks": [] }]),
        KsUse::Required => json!([{ "ks": [] }]),
    }
}

fn body(action: &ActionInfo, schemas: &mut Schemas) -> Value {
    let mut properties = Map::new();
    for param in action.params {
        properties.insert(param.name.to_owned(), parameter(param, schemas));
    }
    let required: Vec<&str> = action.params.iter().filter(|param| is_required(param)).map(|param| param.name).collect();
    let files = action.params.iter().any(|param| matches!(param.ty, Type::File));
    let kind = if files { "multipart/form-data" } else { "application/json" };
    let mut schema = json!({ "type": "object", "properties": properties });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    json!({ "required": !required.is_empty(), "content": { kind: { "schema": schema } } })
}

/// An array is never missing: what was not sent is an empty one.
fn is_required(param: &ParamInfo) -> bool {
    !param.optional && !matches!(param.ty, Type::Array(_) | Type::Map(_))
}

fn parameter(param: &ParamInfo, schemas: &mut Schemas) -> Value {
    let mut schema = schemas.of(param.ty, Way::In);
    describe(&mut schema, param.description);
    match param.default {
        Some(DefaultValue::Bool(value)) => schema["default"] = json!(value),
        Some(DefaultValue::Int(value)) => schema["default"] = json!(value),
        Some(DefaultValue::Text(value)) => schema["default"] = json!(value),
        None => {}
    }
    if param.sensitive {
        schema["writeOnly"] = json!(true);
        schema["format"] = json!("password");
    }
    schema
}

fn answer(action: &ActionInfo, schemas: &mut Schemas) -> Value {
    let failed = json!({
        "allOf": [{ "$ref": "#/components/schemas/KalturaAPIException" }],
        "properties": { "code": { "enum": action.codes() } },
    });
    let result = match action.result {
        // As the whole answer, a map loses its keys.
        Type::Map(class) => schemas.of(Type::Array(class), Way::Out),
        other => schemas.of(other, Way::Out),
    };
    let content = if matches!(action.result, Type::File) {
        json!({ "application/json": { "schema": failed }, "*/*": { "schema": result } })
    } else {
        json!({ "application/json": { "schema": { "oneOf": [result, failed] } } })
    };
    json!({ "description": "The result, or why there is none.", "content": content })
}

/// The parameters that stand around every call, by reference.
fn parameters() -> Value {
    let all = surrounding();
    let names = all.as_object().into_iter().flatten().map(|(name, _)| name);
    Value::Array(names.map(|name| json!({ "$ref": format!("#/components/parameters/{name}") })).collect())
}

/// The parameters that stand around every call.
pub(super) fn surrounding() -> Value {
    let text = |name: &str, description: &str| {
        json!({
            "name": name, "in": "query", "required": false, "description": description,
            "schema": { "type": "string" }, "x-global": true,
        })
    };
    json!({
        "format": {
            "name": "format", "in": "query", "required": true, "x-global": true,
            "description": "1 is JSON, which this document describes. There are 2 (XML), 3 (PHP) and 9 (JSONP) too.",
            "schema": { "type": "integer", "enum": [1], "default": 1 },
        },
        "partnerId": {
            "name": "partnerId", "in": "query", "required": false, "x-global": true,
            "description": "The account to work on, where it is not the session's own.",
            "schema": { "type": "integer" },
        },
        "clientTag": text("clientTag", "What the caller calls itself."),
        "apiVersion": text("apiVersion", "The version of the API that the caller was made for."),
    })
}
