//! Limits: bodies that are too large are below the protocol; depth and counts are told by the protocol.

use ks_tests::http::{Request, Response, exchange};
use ks_tests::server::Server;
use serde_json::{Value, json};

const PING: &str = "/api_v3/service/system/action/ping?format=1";

/// The protocol must say that this limit was passed.
#[track_caller]
fn out_of_range(server: &Server, request: &Request, limit: &str) {
    let response = server.send(request);
    assert_eq!(response.status, 200, "{} bytes: {:?}", response.body.len(), response.headers);
    assert_out_of_range(&response.json(), limit);
}

#[track_caller]
fn assert_out_of_range(answer: &Value, limit: &str) {
    let (code, args) = ks_tests::call::fault(answer);
    assert_eq!((code.as_str(), &args["PARAM_NAME"]), ("PARAMETER_VALUE_OUT_OF_RANGE", &json!(limit)), "{args}");
}

/// A POST whose length is not announced: so many chunks of 1 MiB and one byte.
fn chunked(server: &Server, chunks: usize) -> std::io::Result<Response> {
    let mut bytes = format!(
        "POST {PING} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n",
        server.addr
    )
    .into_bytes();
    let chunk = [b"100000\r\n".as_slice(), &vec![b'x'; 0x10_0000], b"\r\n"].concat();
    for _ in 0..chunks {
        bytes.extend_from_slice(&chunk);
    }
    bytes.extend_from_slice(b"1\r\nx\r\n0\r\n\r\n");
    exchange(server.addr, &bytes, false)
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
    // Not announced: taken up to the limit, and refused while it comes.
    for chunks in [0, 1, 15] {
        assert_eq!(chunked(&server, chunks).expect("an answer").json(), true, "{chunks} MiB and a byte");
    }
    assert_eq!(chunked(&server, 16).expect("an answer").status, 413);
    match chunked(&server, 128) {
        Ok(response) => assert_eq!(response.status, 413),
        // The answer may be lost when the connection is closed under so much that is still being sent.
        Err(error) => eprintln!("closed: {error}"),
    }
    assert_eq!(server.good("system.ping", &json!({})), true);
}

#[test]
fn what_is_nested_too_deep_is_an_error() {
    let server = Server::dev();
    let deep = |depth: usize| format!("{{\"x\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
    for depth in [1_000, 100_000] {
        out_of_range(&server, &Request::post(PING, "application/json", deep(depth)), "depth");
        let maps = format!("{{{}1{}}}", "\"x\":{".repeat(depth) + "\"x\":", "}".repeat(depth));
        out_of_range(&server, &Request::post(PING, "application/json", maps), "depth");
        let colons = format!("{}x=1", "a:".repeat(depth));
        out_of_range(&server, &Request::post(PING, "application/x-www-form-urlencoded", colons), "depth");
        let brackets = format!("a{}=1", "[b]".repeat(depth));
        out_of_range(&server, &Request::post(PING, "application/x-www-form-urlencoded", brackets), "depth");
    }
    // What real calls need is far from the limit.
    assert_eq!(server.send(&Request::post(PING, "application/json", deep(10))).json(), true);
}

#[test]
fn too_many_parameters_are_an_error() {
    let server = Server::dev();
    let count = 300_000;
    let form: String = (0..count).map(|index| format!("p{index}=1&")).collect();
    out_of_range(&server, &Request::post(PING, "application/x-www-form-urlencoded", form), "parameters");
    let json: Value = (0..count).map(|index| (format!("p{index}"), json!(1))).collect::<serde_json::Map<_, _>>().into();
    out_of_range(&server, &Request::post(PING, "application/json", json.to_string()), "parameters");
    let list = json!({"x": vec![1; count]});
    out_of_range(&server, &Request::post(PING, "application/json", list.to_string()), "parameters");
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
    // It is the whole that is refused. Clients need a list as the answer of a batch, so each element says so.
    let answer = server.send(&batch(501)).json();
    let parts = answer.as_array().expect("a list");
    assert_eq!(parts.len(), 501);
    parts.iter().for_each(|part| assert_out_of_range(part, "multirequest"));
    // So many that they are too many parameters already.
    assert_out_of_range(&server.send(&batch(20_000)).json()[0], "parameters");
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

#[test]
fn all_references_of_a_request_share_what_they_may_grow_by() {
    let server = Server::dev();
    let mut calls = vec![json!({"service": "session", "action": "start", "secret": server.told("adminSecret"),
                                "partnerId": server.partner(), "privileges": format!("x:{}", "y".repeat(20_000))})];
    calls.resize(100, json!({"service": "system", "action": "ping", "x": "{1:result}"}));
    let answers = server.multi(&calls);
    let answers = answers.as_array().expect("a list");
    let token = answers[0].as_str().expect("a token").len();
    for (number, answer) in answers.iter().enumerate().skip(1) {
        if number * token <= 1 << 20 {
            assert_eq!(answer, true, "{number}");
        } else {
            assert_out_of_range(answer, "references");
        }
    }
    assert_out_of_range(&answers[99], "references");
}
