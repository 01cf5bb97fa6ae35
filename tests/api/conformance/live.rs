//! Every declared action is called on a live server.

use ks_schema::describe::{ParamInfo, Type};
use ks_schema::generated::services;
use ks_tests::call::path;
use ks_tests::http::Request;
use ks_tests::server::Server;
use serde_json::{Value, json};

/// Something that fits the parameter.
fn some(param: &ParamInfo, ks: &str) -> Value {
    match param.ty {
        Type::Int | Type::BigInt | Type::Time => json!(1),
        Type::Float => json!(1.5),
        Type::Bool => json!(true),
        Type::Text if param.name == "session" => json!(ks),
        Type::Enum(_) | Type::Text | Type::Void | Type::File => json!("x"),
        Type::Object(class) => json!({"objectType": class.name}),
        Type::Array(class) | Type::Map(class) => json!([{"objectType": class.name}]),
    }
}

#[test]
fn every_declared_action_is_there_and_does_not_break() {
    let server = Server::dev();
    for service in services::ALL {
        for action in service.actions {
            let name = action.full_name();
            let ks = server.start_ks(2, "admin", "");
            let mut params = json!({"ks": ks, "format": 1});
            for param in action.params.iter().filter(|param| !param.optional) {
                params[param.name] = some(param, &ks);
            }
            let response = server.send(&Request::post(&path(&name), "application/json", params.to_string()));
            assert_eq!(response.status, 200, "{name}: {response:?}");
            let text = response.text();
            for never in ["_DOES_NOT_EXISTS", "INTERNAL_"] {
                assert!(!text.contains(never), "{name}: {text}");
                assert!(!response.headers.iter().any(|(_, value)| value.contains(never)), "{name}: {response:?}");
            }
        }
    }
}
