//! Malformed requests: the error of the protocol, in the format that was asked for, with HTTP 200.

use ks_tests::body::{Part, multipart};
use ks_tests::http::{Request, exchange};
use ks_tests::server::Server;
use serde_json::json;

/// Bodies besides those sent as JSON that claim to be what they are not.
const TOLD: &[&str] = &["no boundary", "another boundary", "a part without end"];

const START: &str = "/api_v3/service/session/action/start";

/// The code of an answer in any of the four formats, which must be an error of the protocol.
#[track_caller]
fn code(format: &str, text: &str) -> String {
    match format {
        "1" | "9" => {
            let json = text.strip_prefix("cb(").and_then(|rest| rest.strip_suffix(");")).unwrap_or(text);
            let answer = serde_json::from_str(json).unwrap_or_else(|error| panic!("{error} in {text:?}"));
            ks_tests::call::fault(&answer).0
        }
        "2" => {
            let open = "<xml><result><error><objectType>KalturaAPIException</objectType><code>";
            let rest = text.split_once(open).unwrap_or_else(|| panic!("no error in {text:?}")).1;
            rest.split('<').next().unwrap_or_default().to_owned()
        }
        _ => {
            assert!(text.starts_with("a:4:{s:4:\"code\";s:"), "no error in {text:?}");
            text.split('"').nth(3).unwrap_or_default().to_owned()
        }
    }
}

/// Sends the same malformed request in every format and collects the codes, of which none may be internal.
#[track_caller]
fn codes(server: &Server, request: &Request) -> Vec<String> {
    ["1", "2", "3", "9"]
        .iter()
        .map(|format| {
            let mut request = request.clone();
            let join = if request.target.contains('?') { '&' } else { '?' };
            request.target = format!("{}{join}format={format}&callback=cb", request.target);
            let response = server.send(&request);
            assert_eq!(response.status, 200, "format {format}: {response:?}");
            let code = code(format, &response.text());
            assert!(!code.starts_with("INTERNAL_"), "format {format}: {response:?}");
            code
        })
        .collect()
}

/// A body that claims to be JSON and is not is told so (a departure, see COMPATIBILITY.md). Any other body that is
/// not understood leaves the call without its parameters.
#[test]
fn bodies_that_are_no_parameters() {
    let server = Server::dev();
    let json = "application/json";
    let form = "application/x-www-form-urlencoded";
    let parts = "multipart/form-data; boundary=b1";
    let wrong_part: &[u8] = b"--b1\r\nContent-Disposition: form-data; name=\"json\"\r\n\r\n{broken\r\n--b1--\r\n";
    let bodies: Vec<(&str, &str, Vec<u8>)> = vec![
        ("nothing", json, Vec::new()),
        ("half an object", json, b"{\"secret\":\"x\"".to_vec()),
        ("no object", json, b"{secret}".to_vec()),
        ("a text", json, b"\"secret\"".to_vec()),
        ("a list", json, b"[{\"secret\":\"x\"}]".to_vec()),
        ("invalid UTF-8 in a name", json, b"{\"secr\xff\":\"x\"}".to_vec()),
        ("nothing but a NUL, which is trimmed", json, b"\0".to_vec()),
        ("a NUL after the object", json, b"{\"secret\":1}\0x".to_vec()),
        ("two objects", json, b"{\"secret\":\"x\"}{\"secret\":\"x\"}".to_vec()),
        ("a half surrogate as a name", json, b"{\"\\ud800\":\"x\"}".to_vec()),
        ("a UTF-16 text", json, b"\xff\xfe{\0}\0".to_vec()),
        ("a form of separators", form, b"&&&&====&=&:=&[]=&%=&%zz".to_vec()),
        ("bytes", form, (0..=255).collect()),
        ("no boundary", "multipart/form-data", b"--b1\r\n".to_vec()),
        ("another boundary", "multipart/form-data; boundary=b2", wrong_part.to_vec()),
        ("no part", parts, b"".to_vec()),
        ("a part without end", parts, b"--b1\r\nContent-Disposition: form-data; name=\"secret\"\r\n".to_vec()),
        ("a part without name", parts, b"--b1\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b1--".to_vec()),
        ("a part without headers", parts, b"--b1\r\n\r\nx\r\n--b1--".to_vec()),
        ("a broken json part", parts, wrong_part.to_vec()),
        ("a json part that is a list", parts, multipart("b1", &[Part { name: "json", file: None, data: b"[1]" }])),
        ("another type", "text/plain", b"secret=x".to_vec()),
        ("compressed", "application/gzip", b"\x1f\x8b\x08\0\0".to_vec()),
    ];
    let mut wrong = Vec::new();
    for (what, kind, body) in bodies {
        let codes = codes(&server, &Request::post(START, kind, body));
        let told = (kind == json && !what.starts_with("nothing")) || TOLD.contains(&what);
        let expected = if told { "PROPERTY_VALIDATION_WRONG_FORMAT" } else { "MISSING_MANDATORY_PARAMETER" };
        if codes.iter().any(|code| code != expected) {
            wrong.push(format!("{what}: {codes:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_file_is_no_text_and_a_text_is_no_file() {
    let server = Server::dev();
    let file = Part { name: "secret", file: Some("secret.txt"), data: b"x" };
    let request = Request::post(START, "multipart/form-data; boundary=b1", multipart("b1", &[file]));
    for code in codes(&server, &request) {
        assert!(
            ["MISSING_MANDATORY_PARAMETER", "START_SESSION_ERROR", "UPLOAD_ERROR"].contains(&code.as_str()),
            "{code}"
        );
    }
}

#[test]
fn values_of_wrong_shapes_are_errors_and_never_crashes() {
    let server = Server::dev();
    let ks = server.admin_ks();
    let shapes = [
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(1e308),
        json!(9_223_372_036_854_775_807_i64),
        json!(18_446_744_073_709_551_615_u64),
        json!(""),
        json!("x".repeat(100_000)),
        json!([]),
        json!([[[]]]),
        json!({}),
        json!({"-": ""}),
        json!({"0": {"0": {}}}),
        json!({"objectType": {"a": 1}}),
        json!({"objectType": "KalturaWidget"}),
        json!({"": ""}),
        json!({"__null": 1}),
        json!("{1:result}"),
        json!("\u{0}"),
        json!("\u{fffe}"),
    ];
    let calls = [
        ("session.start", "secret"),
        ("session.start", "userId"),
        ("session.start", "type"),
        ("session.start", "partnerId"),
        ("session.start", "expiry"),
        ("session.start", "privileges"),
        ("session.start", "ks"),
        ("session.get", "session"),
        ("session.startWidgetSession", "widgetId"),
        ("session.impersonate", "impersonatedPartnerId"),
        ("widget.add", "widget"),
        ("widget.list", "filter"),
        ("widget.list", "pager"),
        ("widget.get", "id"),
        ("partner.get", "id"),
        ("ks_secret.add", "kind"),
        ("ks_secret.add", "value"),
        ("ks_secret.disable", "id"),
        ("ks_session.revoke", "session"),
        ("ks_session.revokeGroup", "sessionId"),
        ("ks_session.why", "requestId"),
        ("system.ping", "responseProfile"),
        ("widget.get", "responseProfile"),
        ("system.ping", "language"),
        ("system.ping", "clientTag"),
        ("multirequest", "1"),
        ("multirequest", "ks"),
        ("system.ping", "p"),
        ("system.ping", "ignoreNull"),
    ];
    for (name, param) in calls {
        for shape in &shapes {
            let mut params = json!({"ks": ks, "secret": "x", "id": "_1", "widgetId": "_1"});
            params[param] = shape.clone();
            let answer = server.call(name, &params);
            let code = answer["code"].as_str().unwrap_or_default();
            assert!(!code.starts_with("INTERNAL_"), "{name} {param}={shape}: {answer}");
        }
    }
    assert!(!server.said().contains("panicked"), "{}", server.said());
}

#[test]
fn broken_http_does_not_take_the_server_down() {
    let server = Server::dev();
    for bytes in [
        &b"NONSENSE\r\n\r\n"[..],
        b"GET /api_v3/ HTTP/9.9\r\n\r\n",
        b"GET \0 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /api_v3/ HTTP/1.1\r\nHost: x\r\nBad Header\r\n\r\n",
        b"POST /api_v3/ HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n",
        b"POST /api_v3/ HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        b"POST /api_v3/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ] {
        // Below the protocol: an HTTP status, or a closed connection.
        if let Ok(response) = exchange(server.addr, bytes, false) {
            assert!((400..500).contains(&response.status), "{:?}: {response:?}", String::from_utf8_lossy(bytes));
        }
    }
    assert_eq!(server.good("system.ping", &json!({})), true);
}

#[test]
fn paths_of_any_bytes_are_answered() {
    let server = Server::dev();
    for target in [
        "/api_v3/service/%00/action/%00",
        "/api_v3/service/%ff%fe/action/x",
        "/api_v3/service/session/action/%0a",
        "/api_v3/%",
        "/api_v3/service/%zz",
        "/api_v3/service/session/action/start/secret",
        "/api_v3/////",
        "/api_v3/service/../../etc/passwd",
        "/api_v3/service/session%2Faction%2Fstart",
        "/api_v3/index.php/index.php",
        "/api_v3/service/session/action/start?a[b]c]=1&a[[=1&[]=1&a[b=1",
        "/api_v3/?%5B%5D=&=x&%00=1",
    ] {
        codes(&server, &Request::get(target));
    }
}
