//! Calls of the API: a JSON body in, a JSON answer out, unless a test says otherwise.

use serde_json::{Value, json};

use crate::http::{Request, Response};
use crate::server::Server;

impl Server {
    /// Sends a request.
    ///
    /// # Panics
    ///
    /// When no answer comes.
    #[must_use]
    #[track_caller]
    pub fn send(&self, request: &Request) -> Response {
        request.send(self.addr).unwrap_or_else(|error| panic!("{request:?}: {error}\n{}", self.said()))
    }

    /// The whole body of an answer that has HTTP status 200.
    ///
    /// # Panics
    ///
    /// When it has another one.
    #[must_use]
    #[track_caller]
    pub fn body(&self, request: &Request) -> String {
        let response = self.send(request);
        assert_eq!(response.status, 200, "{request:?}: {response:?}");
        response.text()
    }

    /// The whole body of a call in a format.
    #[must_use]
    #[track_caller]
    pub fn text(&self, format: u8, name: &str, params: &Value) -> String {
        let mut params = params.clone();
        params["format"] = json!(format);
        let callback = if format == 9 { "?callback=cb" } else { "" };
        self.body(&Request::post(&format!("{}{callback}", path(name)), "application/json", params.to_string()))
    }

    /// A call, `service.action`, in JSON.
    ///
    /// # Panics
    ///
    /// When the answer is not JSON.
    #[must_use]
    #[track_caller]
    pub fn call(&self, name: &str, params: &Value) -> Value {
        let text = self.text(1, name, params);
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error} in {text:?}"))
    }

    /// A call that must succeed.
    ///
    /// # Panics
    ///
    /// When the answer is an error.
    #[must_use]
    #[track_caller]
    pub fn good(&self, name: &str, params: &Value) -> Value {
        let answer = self.call(name, params);
        assert_ne!(answer["objectType"], "KalturaAPIException", "{name} {params}: {answer}");
        answer
    }

    /// A call that must fail: its code and arguments.
    #[must_use]
    #[track_caller]
    pub fn fault(&self, name: &str, params: &Value) -> (String, Value) {
        fault(&self.call(name, params))
    }

    /// Several calls in one request.
    #[must_use]
    #[track_caller]
    pub fn multi(&self, requests: &[Value]) -> Value {
        let mut params = json!({});
        for (index, request) in requests.iter().enumerate() {
            params[index.to_string()] = request.clone();
        }
        self.call("multirequest", &params)
    }

    /// A session of the announced account, started with its administrator secret.
    ///
    /// # Panics
    ///
    /// When the answer is no token.
    #[must_use]
    #[track_caller]
    pub fn admin_ks(&self) -> String {
        self.start_ks(2, "admin", "")
    }

    /// A session of the announced account.
    ///
    /// # Panics
    ///
    /// When the answer is no token.
    #[must_use]
    #[track_caller]
    pub fn start_ks(&self, kind: i64, user: &str, privileges: &str) -> String {
        let secret = self.told("adminSecret");
        let params = json!({"secret": secret, "partnerId": self.partner(), "type": kind, "userId": user,
                            "privileges": privileges, "expiry": 3600});
        let answer = self.good("session.start", &params);
        answer.as_str().unwrap_or_else(|| panic!("no token: {answer}")).to_owned()
    }
}

/// The path that all clients use: `/api_v3/service/session/action/start` for `session.start`.
#[must_use]
pub fn path(name: &str) -> String {
    match name.split_once('.') {
        Some((service, action)) => format!("/api_v3/service/{service}/action/{action}"),
        None => format!("/api_v3/service/{name}"),
    }
}

/// The code and the arguments of an error in JSON, which must be whole.
///
/// # Panics
///
/// When the answer is not an error, or one that clients would not understand.
#[must_use]
#[track_caller]
pub fn fault(answer: &Value) -> (String, Value) {
    let keys: Vec<&str> =
        answer.as_object().map(|object| object.keys().map(String::as_str).collect()).unwrap_or_default();
    assert_eq!(keys, ["code", "message", "objectType", "args"], "not an error: {answer}");
    assert_eq!(answer["objectType"], "KalturaAPIException", "{answer}");
    let message = answer["message"].as_str().unwrap_or_default();
    assert!(!message.is_empty(), "Node takes an error without a message for a success: {answer}");
    let code = answer["code"].as_str().unwrap_or_default();
    assert!(!code.is_empty(), "{answer}");
    let args = &answer["args"];
    let empty_list = args.as_array().is_some_and(Vec::is_empty);
    let map = args.as_object().is_some_and(|map| !map.is_empty() && map.values().all(Value::is_string));
    assert!(empty_list || map, "arguments are a map of texts, or an empty list: {answer}");
    (code.to_owned(), args.clone())
}

/// What `SERVICE_FORBIDDEN` says of an action: `apptoken->get` for `appToken.get`.
///
/// # Panics
///
/// When it is not `service.action`.
#[must_use]
pub fn forbidden_name(name: &str) -> String {
    let (service, action) = name.split_once('.').expect("service.action");
    format!("{}->{action}", service.to_ascii_lowercase())
}

/// What a call answers whose session is refused for `reason`.
#[must_use]
pub fn refused(reason: &str) -> (String, Value) {
    ("INVALID_KS".to_owned(), json!({"KSID": reason, "ERR_CODE": "-1", "ERR_DESC": "INVALID_STR"}))
}
