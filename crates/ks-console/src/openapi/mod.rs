//! The API as an OpenAPI 3.1 document, from the same declarations that answer calls.
//!
//! It describes the JSON form (`format=1`): parameters in a JSON body, what surrounds every call in the query. Answers
//! are described as they are written: closed objects, and a failed call as `KalturaAPIException` with HTTP status 200
//! and the codes that the action can raise.

mod operation;
mod schema;

use ks_schema::ErrorCode;
use ks_schema::generated::services;
use serde_json::{Map, Value, json};

use schema::Schemas;

use crate::Answer;

/// The document as an answer.
pub(crate) fn answer() -> Answer {
    Answer::json(&document(env!("CARGO_PKG_VERSION")))
}

/// The document. `version` is the program's own.
fn document(version: &str) -> Value {
    let mut schemas = Schemas::default();
    let mut paths = Map::new();
    let mut tags = Vec::new();
    for service in services::ALL {
        tags.push(json!({ "name": service.id, "description": service.description }));
        for action in service.actions {
            let path = format!("/service/{}/action/{}", service.id.to_ascii_lowercase(), action.name);
            paths.insert(path, json!({ "post": operation::operation(action, &mut schemas) }));
        }
    }
    schemas.insert("KalturaAPIException", exception());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "ks: the Kaltura API for sessions, users, roles and entitlement",
            "version": version,
            "description": DESCRIPTION,
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/api_v3", "description": "This server" }],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": schemas.into_map(),
            "parameters": operation::surrounding(),
            "securitySchemes": {
                "ks": {
                    "type": "apiKey",
                    "in": "query",
                    "name": "ks",
                    "description": "A Kaltura Session. It may stand in the body too, where logs do not see it.",
                },
            },
        },
        "x-errors": errors(),
    })
}

const DESCRIPTION: &str = "Every call is a POST to `/service/{service}/action/{action}`. The HTTP status is 200 for \
    failed calls too: they answer a `KalturaAPIException`. Names, codes and shapes are those of the Kaltura API.";

/// A failed call. Arguments are texts by name; without any, the writer makes the empty list that clients know.
fn exception() -> Value {
    json!({
        "type": "object",
        "description": "Why a call failed.",
        "properties": {
            "code": { "type": "string" },
            "message": { "type": "string" },
            "objectType": { "const": "KalturaAPIException" },
            "args": {
                "oneOf": [
                    { "type": "object", "additionalProperties": { "type": "string" }, "minProperties": 1 },
                    { "type": "array", "maxItems": 0 },
                ],
            },
        },
        "required": ["code", "message", "objectType", "args"],
        "additionalProperties": false,
    })
}

/// All errors, for tools that list them.
fn errors() -> Value {
    let all = ErrorCode::ALL.iter().map(|code| {
        let info = code.info();
        json!({ "code": info.code, "message": info.message, "arguments": info.args, "description": info.meaning })
    });
    Value::Array(all.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every `$ref` has its target, and every object is closed or a request.
    #[test]
    fn references_lead_somewhere() {
        fn walk(value: &Value, document: &Value, seen: &mut usize) {
            match value {
                Value::Object(map) => {
                    if let Some(Value::String(target)) = map.get("$ref") {
                        let pointer = target.strip_prefix('#').expect("a local reference");
                        assert!(document.pointer(pointer).is_some(), "{target} leads nowhere");
                        *seen += 1;
                    }
                    map.values().for_each(|inner| walk(inner, document, seen));
                }
                Value::Array(items) => items.iter().for_each(|inner| walk(inner, document, seen)),
                _ => {}
            }
        }
        let document = document("0.0.0");
        let mut seen = 0;
        walk(&document, &document, &mut seen);
        assert!(seen > 100, "{seen} references");
    }

    #[test]
    fn session_start_reads_like_its_page() {
        let document = document("0.0.0");
        let operation = &document["paths"]["/service/session/action/start"]["post"];
        let body = &operation["requestBody"]["content"]["application/json"]["schema"];
        let names: Vec<&String> = body["properties"].as_object().expect("properties").keys().collect();
        assert_eq!(names, ["secret", "userId", "type", "partnerId", "expiry", "privileges"]);
        assert_eq!(body["required"], json!(["secret"]));
        assert_eq!(body["properties"]["type"]["enum"], json!([0, 2]));
        let answers = &operation["responses"]["200"]["content"]["application/json"]["schema"]["oneOf"];
        assert_eq!(answers[0]["type"], "string");
        let codes = answers[1]["properties"]["code"]["enum"].as_array().expect("codes");
        assert!(codes.contains(&json!("START_SESSION_ERROR")) && codes.contains(&json!("INVALID_KS")));
        assert!(!codes.contains(&json!("INVALID_WIDGET_ID")));
    }
}
