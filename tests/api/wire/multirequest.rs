//! Several calls in one request.

use ks_tests::body::form;
use ks_tests::call::{fault, path};
use ks_tests::http::Request;
use ks_tests::server::Server;
use ks_tests::text::{assert_whole, normal};
use serde_json::{Value, json};

fn ping() -> Value {
    json!({"service": "system", "action": "ping"})
}

fn start(server: &Server, user: &str) -> Value {
    json!({"service": "session", "action": "start", "secret": server.told("adminSecret"),
           "partnerId": server.partner(), "type": 2, "userId": user})
}

fn get(ks: &str) -> Value {
    json!({"service": "session", "action": "get", "ks": ks})
}

#[test]
fn keys_start_at_0_or_at_1_and_references_count_from_1() {
    let server = Server::dev();
    for first in [0, 1] {
        let mut params = json!({});
        for (index, request) in [start(&server, "alice"), get("{1:result}"), ping()].into_iter().enumerate() {
            params[(index + first).to_string()] = request;
        }
        let answers = server.call("multirequest", &params);
        assert_eq!(answers.as_array().map(Vec::len), Some(3), "{answers}");
        assert_eq!(answers[1]["userId"], "alice", "{answers}");
        assert_eq!(answers[2], true);
    }
}

#[test]
fn keys_are_ordered_as_numbers() {
    let server = Server::dev();
    // C# sends `10` before `2`.
    let mut params = json!({"1": start(&server, "first")});
    for key in [10, 11, 2, 3, 4, 5, 6, 7, 8, 9] {
        params[key.to_string()] = if key == 11 { get("{1:result}") } else { ping() };
    }
    let answers = server.call("multirequest", &params);
    assert_eq!(answers.as_array().map(Vec::len), Some(11), "{answers}");
    assert_eq!(answers[10]["userId"], "first", "{answers}");
}

#[test]
fn a_form_does_the_same() {
    let server = Server::dev();
    let pid = server.partner().to_string();
    for (one, two) in [("1", "2"), ("0", "1")] {
        for open in [":", "["] {
            let close = if open == "[" { "]" } else { "" };
            let name = |key: &str, field: &str| format!("{key}{open}{field}{close}");
            let names: Vec<(String, &str)> = vec![
                (name(one, "service"), "session"),
                (name(one, "action"), "start"),
                (name(one, "secret"), server.told("adminSecret")),
                (name(one, "partnerId"), &pid),
                (name(one, "type"), "2"),
                (name(one, "userId"), "form"),
                (name(two, "service"), "session"),
                (name(two, "action"), "get"),
                (name(two, "ks"), "{1:result}"),
            ];
            let mut pairs: Vec<(&str, &str)> = names.iter().map(|(name, value)| (name.as_str(), *value)).collect();
            pairs.push(("format", "1"));
            let body = form(&pairs);
            let posted = Request::post(&path("multirequest"), "application/x-www-form-urlencoded", body.clone());
            for request in [
                posted,
                Request::get(&format!("{}?{body}", path("multirequest"))),
                Request::get(&format!("/api_v3/?service=multirequest&action=null&{body}")),
                Request::get(&format!("{}/?{body}", path("multirequest"))),
            ] {
                let answers = server.send(&request).json();
                assert_eq!(answers[1]["userId"], "form", "{request:?}: {answers}");
            }
        }
    }
}

#[test]
fn failures_stay_in_their_place_in_every_format() {
    let server = Server::dev();
    let params = json!({"0": ping(), "1": {"service": "none", "action": "x"},
                        "2": {"service": "session", "action": "end"}, "3": ping()});
    let text = |format| normal(&server.text(format, "multirequest", &params));
    let error = "{\"code\":\"SERVICE_DOES_NOT_EXISTS\",\"message\":\"{message}\",\"objectType\":\"KalturaAPIException\",\
                 \"args\":{\"SRV_NAME\":\"none\"}}";
    assert_whole(&text(1), &format!("[true,{error},null,true]"));
    assert_whole(&text(9), &format!("cb([true,{error},null,true]);"));
    assert_whole(
        &text(2),
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><xml><result><item>1</item><item><error>\
         <objectType>KalturaAPIException</objectType><code>SERVICE_DOES_NOT_EXISTS</code><message>{message}</message>\
         <args><item><objectType>KalturaApiExceptionArg</objectType><name>SRV_NAME</name><value>none</value></item></args>\
         </error></item><item></item><item>1</item></result><executionTime>{time}</executionTime></xml>",
    );
    let php = text(3);
    assert!(php.starts_with("a:4:{i:0;b:1;i:1;a:4:{s:4:\"code\";s:23:\"SERVICE_DOES_NOT_EXISTS\";"), "{php}");
    assert!(php.ends_with("i:2;N;i:3;b:1;}"), "{php}");
}

#[test]
fn none_at_all_is_an_empty_list() {
    let server = Server::dev();
    assert_whole(&server.text(1, "multirequest", &json!({})), "[]");
    assert_whole(
        &normal(&server.text(2, "multirequest", &json!({}))),
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><xml><result></result><executionTime>{time}</executionTime></xml>",
    );
    assert_whole(&server.text(3, "multirequest", &json!({})), "a:0:{}");
    // Keys that start at 2, and what comes after a gap, are not reached.
    assert_eq!(server.call("multirequest", &json!({"2": ping(), "3": ping()})), json!([]));
    assert_eq!(server.call("multirequest", &json!({"1": ping(), "3": ping()})), json!([true]));
    assert_eq!(
        server.call("multirequest", &json!({"1": ping(), "2": {"service": "system"}, "3": ping()})),
        json!([true])
    );
}

#[test]
fn a_list_is_answered_even_when_all_fail() {
    let server = Server::dev();
    let answers =
        server.multi(&[json!({"service": "none", "action": "x"}), json!({"service": "system", "action": "x"})]);
    let codes: Vec<String> = answers.as_array().expect("a list").iter().map(|answer| fault(answer).0).collect();
    assert_eq!(codes, ["SERVICE_DOES_NOT_EXISTS", "ACTION_DOES_NOT_EXISTS"]);
}

#[test]
fn the_common_level_lends_ks_and_partner() {
    let server = Server::dev();
    let (alice, bob) = (server.start_ks(2, "alice", ""), server.start_ks(2, "bob", ""));
    let bare = json!({"service": "session", "action": "get"});
    let answers = server.call("multirequest", &json!({"0": bare, "1": get(&bob), "2": bare, "ks": alice}));
    assert_eq!(answers[0]["userId"], "alice", "{answers}");
    assert_eq!(answers[1]["userId"], "bob", "{answers}");
    assert_eq!(answers[2]["userId"], "alice", "{answers}");

    let mut start = start(&server, "lent");
    let partner = start.as_object_mut().and_then(|map| map.remove("partnerId"));
    let answers = server.call("multirequest", &json!({"0": start, "partnerId": partner}));
    assert!(answers[0].is_string(), "{answers}");
    // The format of a part is dropped, and a language of the whole does not reach the parts.
    let mut odd = ping();
    odd["format"] = json!(3);
    assert_eq!(server.call("multirequest", &json!({"0": odd})), json!([true]));
}

#[test]
fn what_one_call_did_is_there_for_the_next() {
    let server = Server::dev();
    let ks = server.admin_ks();
    let end = json!({"service": "session", "action": "end", "ks": ks});
    let answers = server.multi(&[get(&ks), end, get(&ks)]);
    assert_eq!(answers[0]["userId"], "admin");
    assert_eq!(answers[1], Value::Null);
    assert_eq!(fault(&answers[2]), ks_tests::call::refused("LOGOUT"));
}

#[test]
fn an_actions_limit_counts_once_for_neighbours() {
    let server = Server::dev();
    let ks = server.start_ks(2, "a", "actionslimit:2");
    let answers = server.multi(&[get(&ks), get(&ks), get(&ks)]);
    for answer in answers.as_array().expect("a list") {
        assert_eq!(answer["userId"], "a", "{answers}");
    }
    assert_eq!(server.good("session.get", &json!({"ks": ks}))["userId"], "a");
    assert_eq!(server.fault("session.get", &json!({"ks": ks})), ks_tests::call::refused("EXCEEDED_ACTIONS_LIMIT"));
}
