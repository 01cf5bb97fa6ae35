//! Every action through its typed method: the server understands it, and every argument arrives as what it is.

use std::pin::Pin;

use ks_client::{Action, ApiError, Call, Client, Credentials, Error, ErrorCode, Retry};
use ks_tests::server::Server;
use serde_json::{Map, Value};

use super::recorder::Recorder;
use super::{block, generated, partner};

/// A call, and what must arrive.
pub(super) struct Case<'c> {
    name: String,
    call: Pin<Box<dyn Future<Output = Result<(), Error>> + 'c>>,
    expected: &'static str,
}

pub(super) fn case<'c, A: Action>(call: Call<'c, A>, expected: &'static str) -> Case<'c> {
    Case { name: A::info().full_name(), call: Box::pin(async move { call.await.map(drop) }), expected }
}

/// What a server says that did not understand a call.
const NOT_UNDERSTOOD: &[&str] = &[
    "SERVICE_NOT_SPECIFIED",
    "SERVICE_DOES_NOT_EXISTS",
    "ACTION_NOT_SPECIFIED",
    "ACTION_DOES_NOT_EXISTS",
    "MISSING_MANDATORY_PARAMETER",
    "INVALID_ENUM_VALUE",
    "OBJECT_TYPE_ABSTRACT",
    "PROPERTY_VALIDATION_WRONG_FORMAT",
    "INVALID_PARAMETER_CHAR",
    "UPLOAD_ERROR",
    "INVALID_KS",
    "INTERNAL_SERVERL_ERROR",
    "INTERNAL_DATABASE_ERROR",
];

/// Whether a server refuses the session that is an argument, which is none, and not the one that the call carries.
fn is_of_an_argument(error: &ApiError) -> bool {
    error.is(ErrorCode::InvalidKs) && error.arg("KSID").is_some_and(|text| text.starts_with("text"))
}

#[test]
fn every_action_can_be_called() {
    let server = Server::dev();
    let recorder = Recorder::new(server.addr);
    block(async {
        let client = Client::builder(&recorder.url).retry(Retry::NEVER).build().unwrap();
        let mut seen = 0;
        let mut faults = Vec::new();
        let count = generated::all(&client).len();
        for number in 0..count {
            // A session for each: some calls end theirs.
            let me = Credentials::local(server.told("adminSecret"), partner(&server)).admin(format!("user{number}"));
            let client = client.sign_in(me).await.unwrap();
            let Case { name, call, expected } = generated::all(&client).swap_remove(number);
            let result = call.await;
            let all = recorder.seen();
            assert_eq!(all.len(), seen + 1, "{name} is one request");
            seen = all.len();
            let sent = all.last().unwrap();
            let (service, action) = name.split_once('.').unwrap();
            assert_eq!(sent.target, format!("/api_v3/service/{}/action/{action}", service.to_lowercase()));
            let arrived = own(sent.json(), expected);
            let expected: Value = serde_json::from_str(expected).unwrap();
            if arrived != expected {
                faults.push(format!("{name}: {arrived} arrived, not {expected}"));
            }
            match result {
                Ok(()) => {}
                Err(Error::Api(error)) if !NOT_UNDERSTOOD.contains(&error.code()) => {}
                Err(Error::Api(error)) if is_of_an_argument(&error) => {}
                Err(error) => faults.push(format!("{name}: {error}")),
            }
        }
        assert!(faults.is_empty(), "{}", faults.join("\n"));
        assert_eq!(count, ks_schema::generated::services::ActionId::ALL.len());
    });
}

/// The arguments in a body: without what every call carries, unless the action has such an argument of its own.
fn own(body: Value, expected: &str) -> Value {
    let expected: Map<String, Value> = serde_json::from_str(expected).expect("generated JSON");
    let Value::Object(mut map) = body else { panic!("the body is an object") };
    assert_eq!(map["format"], 1);
    assert_eq!(map["apiVersion"], ks_client::API_VERSION);
    for name in ["clientTag", "apiVersion", "format", "ks"] {
        if !expected.contains_key(name) {
            map.shift_remove(name);
        }
    }
    Value::Object(map)
}
