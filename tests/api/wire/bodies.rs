//! Every kind of body.

use ks_tests::body::{Part, form, multipart};
use ks_tests::http::Request;
use ks_tests::server::Server;
use serde_json::{Value, json};

const START: &str = "/api_v3/service/session/action/start?format=1";

/// The user of the session that a request started.
#[track_caller]
fn user_of(server: &Server, request: &Request) -> Value {
    let text = server.body(request);
    let token: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text}"));
    server.good("session.get", &json!({"ks": server.admin_ks(), "session": token}))["userId"].clone()
}

/// The code of the error that a request ended in.
#[track_caller]
fn code_of(server: &Server, request: &Request) -> String {
    let text = server.body(request);
    let answer = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text}"));
    ks_tests::call::fault(&answer).0
}

#[test]
fn forms() {
    let server = Server::dev();
    let pid = server.partner().to_string();
    let body = form(&[("secret", server.told("adminSecret")), ("partnerId", &pid), ("userId", "zoë + co")]);
    for kind in [
        "application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded; charset=UTF-8",
        "APPLICATION/X-WWW-FORM-URLENCODED",
    ] {
        assert_eq!(user_of(&server, &Request::post(START, kind, body.clone())), "zoë + co", "{kind}");
    }
    let plus = format!("secret={}&partnerId={pid}&userId=a+b%2Bc", server.told("adminSecret"));
    assert_eq!(user_of(&server, &Request::post(START, "application/x-www-form-urlencoded", plus)), "a b+c");
}

#[test]
fn json_bodies() {
    let server = Server::dev();
    let body =
        json!({"secret": server.told("adminSecret"), "partnerId": server.partner(), "userId": "zoë"}).to_string();
    for kind in
        ["application/json", "Application/JSON", "application/json; charset=utf-8", "application/json;charset=UTF-8"]
    {
        assert_eq!(user_of(&server, &Request::post(START, kind, body.clone())), "zoë", "{kind}");
        // It may stand between white space.
        assert_eq!(user_of(&server, &Request::post(START, kind, format!("\n {body}\r\n"))), "zoë", "{kind}");
    }
    // A list is not a map of parameters. The reference goes on without any; the next error would mislead.
    let list = Request::post(START, "application/json", format!("[{body}]"));
    assert_eq!(code_of(&server, &list), "PROPERTY_VALIDATION_WRONG_FORMAT");
    // Of names that come twice, the last one counts.
    let twice = body.replacen('{', "{\"userId\":\"first\",", 1);
    assert_eq!(user_of(&server, &Request::post(START, "application/json", twice)), "zoë");
}

#[test]
fn multipart_bodies() {
    let server = Server::dev();
    let pid = server.partner().to_string();
    let text = |name, data: &'static str| Part { name, file: None, data: data.as_bytes() };
    let json = json!({"secret": server.told("adminSecret"), "partnerId": pid, "userId": "json"}).to_string();
    let fields = [
        Part { name: "secret", file: None, data: server.told("adminSecret").as_bytes() },
        Part { name: "partnerId", file: None, data: pid.as_bytes() },
        text("userId", "field"),
    ];
    let kind = |boundary: &str| format!("multipart/form-data; boundary={boundary}");
    let post = |boundary: &str, body: Vec<u8>| Request::post(START, &kind(boundary), body);

    assert_eq!(user_of(&server, &post("b1", multipart("b1", &fields))), "field");
    let json_part = || Part { name: "json", file: None, data: json.as_bytes() };
    assert_eq!(user_of(&server, &post("b1", multipart("b1", &[json_part()]))), "json");
    // Beside a `json` part other text fields are ignored, wherever they stand, and a file may come first.
    let file = || Part { name: "fileData", file: Some("a/b\\c.txt"), data: b"\0\xff--b1\r\nFILE" };
    let mixed = [file(), text("userId", "field"), json_part(), text("userId", "later")];
    assert_eq!(user_of(&server, &post("b1", multipart("b1", &mixed))), "json");
    // Python: a CRLF before the first boundary. Node: also a dot in the boundary, and none after the last.
    let boundary = "---------------------------0.3667939668067981";
    let mut node = b"\r\n".to_vec();
    node.extend_from_slice(&multipart(boundary, &[json_part(), file()]));
    node.truncate(node.len() - 2);
    assert_eq!(user_of(&server, &post(boundary, node.clone())), "json");
    let mut python = b"\r\n".to_vec();
    python.extend_from_slice(&node);
    assert_eq!(user_of(&server, &post(boundary, python)), "json");
    // A quoted boundary.
    let quoted = Request::post(START, "multipart/form-data; boundary=\"a b\"", multipart("a b", &[json_part()]));
    assert_eq!(user_of(&server, &quoted), "json");
}

#[test]
fn names_nest_by_colon_and_by_bracket_and_the_two_mix() {
    let server = Server::dev();
    let ks = server.admin_ks();
    let pid = server.partner();
    let widget = format!("_{pid}");
    let target = "/api_v3/service/widget/action/list?format=1";
    let count = |request: &Request| {
        let answer = server.send(request).json();
        assert_eq!(answer["objectType"], "KalturaWidgetListResponse", "{request:?}: {answer}");
        answer["totalCount"].clone()
    };
    let all = server.good("widget.list", &json!({"ks": ks}))["totalCount"].clone();
    assert!(all.as_i64().is_some_and(|count| count > 0), "{all}");
    for (value, expected) in [(widget.as_str(), json!(1)), ("none", json!(0))] {
        for (kind, name) in [
            ("filter:objectType", "filter:idEqual"),
            ("filter[objectType]", "filter[idEqual]"),
            ("filter:objectType", "filter[idEqual]"),
        ] {
            let body = form(&[("ks", &ks), (kind, "KalturaWidgetFilter"), (name, value)]);
            let posted = Request::post(target, "application/x-www-form-urlencoded", body.clone());
            assert_eq!(count(&posted), expected, "{name} {value}");
            assert_eq!(count(&Request::get(&format!("{target}&{body}"))), expected, "{name} {value}");
        }
        let nested = json!({"ks": ks, "filter": {"objectType": "KalturaWidgetFilter", "idEqual": value}});
        assert_eq!(count(&Request::post(target, "application/json", nested.to_string())), expected);
        let top = json!({"ks": ks, "filter:objectType": "KalturaWidgetFilter", "filter:idEqual": value});
        assert_eq!(count(&Request::post(target, "application/json", top.to_string())), expected);
        // Keys inside of JSON objects are not split.
        let inner = json!({"ks": ks, "filter": {"objectType": "KalturaWidgetFilter", "x:idEqual": value}});
        assert_eq!(count(&Request::post(target, "application/json", inner.to_string())), all);
        // The URL is merged over the body key by key.
        let over = Request::post(
            &format!("{target}&filter:idEqual={value}"),
            "application/json",
            json!({"ks": ks,
            "filter": {"objectType": "KalturaWidgetFilter", "idEqual": "other"}})
            .to_string(),
        );
        assert_eq!(count(&over), expected);
    }
}

#[test]
fn cookies_and_authorization_are_no_parameters() {
    let server = Server::dev();
    let ks = server.admin_ks();
    let request = Request::get("/api_v3/service/session/action/get?format=1");
    let request = request.header("Cookie", &format!("ks={ks}")).header("Authorization", &format!("Bearer {ks}"));
    let request = request.header("x-kaltura-session-id", &ks);
    assert_eq!(code_of(&server, &request), "SERVICE_FORBIDDEN");
}
