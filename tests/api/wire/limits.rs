//! Limits: bodies that are too large are below the protocol; depth and counts are told by the protocol.

use ks_tests::http::{Request, exchange};
use ks_tests::server::Server;
use serde_json::{Value, json};

const PING: &str = "/api_v3/service/system/action/ping?format=1";

/// An answer that is an error of the protocol, though not an internal one; with its code.
#[track_caller]
fn code_of(server: &Server, request: &Request) -> String {
    let response = server.send(request);
    assert_eq!(response.status, 200, "{} bytes: {:?}", response.body.len(), response.headers);
    let code = ks_tests::call::fault(&response.json()).0;
    assert!(!code.starts_with("INTERNAL_"), "{code}");
    code
}

#[test]
fn a_body_that_is_too_large_is_http_413() {
    let server = Server::dev();
    for kind in ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
        // Announced: refused before a byte of it is read.
        let announced =
            Request { body: None, ..Request::post(PING, kind, "") }.header("Content-Length", "1099511627776");
        assert_eq!(server.send(&announced).status, 413, "{kind}");
    }
    // Not announced: refused while it comes.
    let mut bytes =
        format!("POST {PING} HTTP/1.1\r\nHost: {}\r\nTransfer-Encoding: chunked\r\n\r\n", server.addr).into_bytes();
    let chunk = [b"100000\r\n".as_slice(), &vec![b'x'; 0x10_0000], b"\r\n"].concat();
    for _ in 0..128 {
        bytes.extend_from_slice(&chunk);
    }
    bytes.extend_from_slice(b"0\r\n\r\n");
    match exchange(server.addr, &bytes, false) {
        Ok(response) => assert_eq!(response.status, 413),
        // The answer may be lost when the connection is closed under what is still being sent.
        Err(error) => eprintln!("closed: {error}"),
    }
    assert_eq!(server.good("system.ping", &json!({})), true);
}

#[test]
fn what_is_nested_too_deep_is_an_error() {
    let server = Server::dev();
    let deep = |depth: usize| format!("{{\"x\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
    for depth in [1_000, 100_000] {
        let _ = code_of(&server, &Request::post(PING, "application/json", deep(depth)));
        let maps = format!("{{{}1{}}}", "\"x\":{".repeat(depth) + "\"x\":", "}".repeat(depth));
        let _ = code_of(&server, &Request::post(PING, "application/json", maps));
        let colons = format!("{}x=1", "a:".repeat(depth));
        let _ = code_of(&server, &Request::post(PING, "application/x-www-form-urlencoded", colons));
        let brackets = format!("a{}=1", "[b]".repeat(depth));
        let _ = code_of(&server, &Request::post(PING, "application/x-www-form-urlencoded", brackets));
    }
    // What real calls need is far from the limit.
    assert_eq!(server.send(&Request::post(PING, "application/json", deep(10))).json(), true);
}

#[test]
fn too_many_parameters_are_an_error() {
    let server = Server::dev();
    let count = 300_000;
    let form: String = (0..count).map(|index| format!("p{index}=1&")).collect();
    let _ = code_of(&server, &Request::post(PING, "application/x-www-form-urlencoded", form));
    let json: Value = (0..count).map(|index| (format!("p{index}"), json!(1))).collect::<serde_json::Map<_, _>>().into();
    let _ = code_of(&server, &Request::post(PING, "application/json", json.to_string()));
    let list = json!({"x": vec![1; count]});
    let _ = code_of(&server, &Request::post(PING, "application/json", list.to_string()));
    let some: String = (0..500).map(|index| format!("p{index}=1&")).collect();
    assert_eq!(server.send(&Request::post(PING, "application/x-www-form-urlencoded", some)).json(), true);
}

#[test]
fn too_many_calls_in_one_request_are_an_error() {
    let server = Server::dev();
    let batch = |count: usize| {
        let ping = json!({"service": "system", "action": "ping"});
        let params: serde_json::Map<_, _> = (1..=count).map(|index| (index.to_string(), ping.clone())).collect();
        Request::post("/api_v3/service/multirequest?format=1", "application/json", Value::Object(params).to_string())
    };
    assert_eq!(server.send(&batch(50)).json(), json!(vec![true; 50]));
    // It is the whole that is refused. Clients need a list as the answer of a batch, so each element may say so too.
    let answer = server.send(&batch(20_000)).json();
    let first = if answer.is_array() { &answer[0] } else { &answer };
    let (code, _) = ks_tests::call::fault(first);
    assert!(!code.starts_with("INTERNAL_"), "{code}");
}

#[test]
fn a_chain_of_references_cannot_grow_without_end() {
    let server = Server::dev();
    // Each call starts a session whose user holds the token of the one before: twice as long every time.
    let mut calls = Vec::new();
    for index in 0..40 {
        let user = if index == 0 { "x".repeat(1000) } else { format!("{{{index}:result}}") };
        calls.push(json!({"service": "session", "action": "start", "secret": server.told("adminSecret"),
                          "partnerId": server.partner(), "userId": user}));
    }
    let answers = server.multi(&calls);
    assert!(answers.is_array() || answers["code"].is_string(), "an answer of some kind");
    assert_eq!(server.good("system.ping", &json!({})), true);
}
