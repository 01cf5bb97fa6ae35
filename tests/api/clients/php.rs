//! PHP: `unserialize` over every answer of format 3, and a re-enactment of the published client.

use std::fmt::Write as _;

use ks_tests::call::path;
use ks_tests::http::Request;
use ks_tests::programs::{feed, program, script};
use ks_tests::server::Server;
use ks_tests::text::tokens;
use serde_json::{Value, json};

/// Every kind of answer: scalars, void, objects, lists, errors with and without arguments, batches.
fn calls(server: &Server) -> Vec<(&'static str, Value)> {
    let partner = server.partner();
    let ks = server.admin_ks();
    let odd = server.start_ks(0, "zoë \"&\" <b>;{}\\ 日本 🚀", "edit:0_a/0_b,x:é");
    let start = json!({"secret": server.told("adminSecret"), "partnerId": partner, "userId": "u", "expiry": 60});
    let wrong = json!({"secret": "é\"wrong\"", "partnerId": partner});
    let part = |service: &str, action: &str, mut params: Value| {
        params["service"] = json!(service);
        params["action"] = json!(action);
        params
    };
    vec![
        ("system.ping", json!({})),
        ("system.getVersion", json!({})),
        ("system.pingDatabase", json!({"partnerId": partner})),
        ("session.start", start.clone()),
        ("session.start", wrong.clone()),
        ("session.start", json!({})),
        ("session.get", json!({"ks": ks})),
        ("session.get", json!({"ks": ks, "session": odd})),
        ("session.get", json!({})),
        ("session.end", json!({})),
        ("session.startWidgetSession", json!({"widgetId": "_1é"})),
        ("no_such.thing", json!({})),
        ("session.nothing", json!({})),
        ("system.ping", json!({"ks": "\u{1F680} broken"})),
        ("partner.getInfo", json!({"ks": ks})),
        ("partner.getPublicInfo", json!({"ks": ks, "id": partner})),
        ("widget.get", json!({"ks": ks, "id": format!("_{partner}")})),
        ("widget.list", json!({"ks": ks})),
        ("widget.list", json!({"ks": ks, "filter": {"objectType": "KalturaWidgetFilter", "idEqual": "none"}})),
        ("ks_secret.list", json!({"ks": ks})),
        ("multirequest", json!({})),
        (
            "multirequest",
            json!({"1": part("session", "start", start), "2": part("session", "get", json!({"ks": "{1:result}"})),
                   "3": part("session", "start", wrong), "4": part("session", "end", json!({})),
                   "5": part("system", "ping", json!({}))}),
        ),
    ]
}

#[test]
fn php_reads_every_answer_as_json_has_it() {
    let server = Server::dev();
    let mut input = Vec::new();
    let mut expected = Vec::new();
    let calls = calls(&server);
    for (name, params) in &calls {
        input.push(base64(server.text(3, name, params).as_bytes()));
        expected.push(server.call(name, params));
    }
    let reader = ks_tests::root().join("tests/clients/php/unserialize.php");
    let read = feed(program("php").arg(reader), json!(input).to_string().as_bytes()).json();
    let read = read.as_array().expect("one value for each answer");
    assert_eq!(read.len(), calls.len());
    for (((name, params), actual), expected) in calls.iter().zip(read).zip(&expected) {
        // Two starts give two tokens, and executions and uses at two times; the rest is equal.
        assert_eq!(settled(actual), settled(expected), "{name} {params}");
    }
}

/// Without what differs between two calls.
fn settled(value: &Value) -> Value {
    let mut value: Value = serde_json::from_str(&tokens(&value.to_string())).expect("still JSON");
    forget_times(&mut value);
    value
}

fn forget_times(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for name in ["expiry", "lastUsedAt"] {
                if let Some(time) = map.get_mut(name) {
                    assert!(time.is_i64(), "{name}: {time}");
                    *time = json!("{time}");
                }
            }
            map.values_mut().for_each(forget_times);
        }
        Value::Array(list) => list.iter_mut().for_each(forget_times),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0_u32, |group, byte| group << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for position in 0..4 {
            let digit = usize::try_from(group >> (18 - 6 * position) & 63).expect("six bits");
            out.push(if position <= chunk.len() { char::from(DIGITS[digit]) } else { '=' });
        }
    }
    out
}

#[test]
fn the_reader_notices_an_answer_that_php_cannot_read() {
    let reader = ks_tests::root().join("tests/clients/php/unserialize.php");
    let cases = ["s:2:\"abc\";", "O:18:\"KalturaSessionInfo\":1:{s:7:\"nothing\";i:1;}", "", "O:8:\"stdThing\":0:{}"];
    for wrong in cases {
        let input = json!([base64(wrong.as_bytes())]).to_string();
        assert!(!feed(program("php").arg(&reader), input.as_bytes()).status.success(), "{wrong:?} was read");
    }
    let mut right = String::new();
    let _ = write!(right, "O:18:\"KalturaSessionInfo\":1:{{s:6:\"userId\";s:2:\"é\";}}");
    let read = feed(program("php").arg(&reader), json!([base64(right.as_bytes())]).to_string().as_bytes());
    assert_eq!(read.json(), json!([{"userId": "é", "objectType": "KalturaSessionInfo"}]));
}

#[test]
fn a_reenacted_php_client_starts_uses_and_ends_sessions() {
    let server = Server::dev();
    let seen = feed(&mut script(program("php"), "php/reenact.php", &server), b"").json();
    let partner = server.partner();

    assert_eq!(seen["ping"], true);
    assert!(seen["start"].as_str().is_some_and(|token| token.starts_with("djJ8")), "{}", seen["start"]);
    let message = format!("Error while starting session for partner [{partner}]");
    let wrong = json!({"code": "START_SESSION_ERROR", "message": message, "args": {"PID": partner.to_string()}});
    assert_eq!(seen["wrong secret"], wrong);
    assert_info(&seen["get"], partner, "alice", "edit:0_abc");
    assert_eq!(seen["end"], Value::Null);
    let logout = json!({"code": "INVALID_KS", "message": "Invalid KS \"LOGOUT\", Error \"-1,INVALID_STR\"",
                        "args": {"KSID": "LOGOUT", "ERR_CODE": "-1", "ERR_DESC": "INVALID_STR"}});
    assert_eq!(seen["after end"], logout);

    assert_info(&seen["minted"], partner, "zoë & co", "edit:0_abc,list:*");
    assert_eq!(seen["minted end"], Value::Null);
    assert_eq!(seen["minted after end"], logout);

    let multi = seen["multi"].as_array().expect("a list");
    assert_eq!(multi.len(), 4);
    assert_eq!(multi[1]["userId"], "multi");
    assert_eq!(multi[2]["code"], "START_SESSION_ERROR");
    assert_eq!(multi[3]["userId"], "multi");
}

#[track_caller]
fn assert_info(info: &Value, partner: i64, user: &str, privileges: &str) {
    assert_eq!(info["class"], "KalturaSessionInfo", "{info}");
    assert_eq!(info["partnerId"], partner, "{info}");
    assert_eq!(info["userId"], user, "{info}");
    assert_eq!(info["sessionType"], 2, "{info}");
    assert_eq!(info["privileges"], privileges, "{info}");
    assert!(info["expiry"].as_i64().is_some_and(|time| time > 1_700_000_000), "{info}");
}

/// The path by hand, so that PHP's default format is what is asked for.
#[test]
fn format_3_is_plain_text_that_no_browser_runs() {
    let server = Server::dev();
    let response = server.send(&Request::get(&format!("{}?format=3", path("system.ping"))));
    assert_eq!(response.text(), "b:1;");
    let kind = response.header("content-type").unwrap_or_default();
    assert!(kind.starts_with("text/plain"), "{kind}");
}
