//! Every URL form, and what may stand in a path.

use ks_tests::body::{escape, form};
use ks_tests::call::fault;
use ks_tests::http::Request;
use ks_tests::server::Server;
use ks_tests::text::{assert_whole, normal};
use serde_json::{Value, json};

fn get(server: &Server, target: &str) -> String {
    server.body(&Request::get(target))
}

fn parsed(server: &Server, target: &str) -> Value {
    let text = get(server, target);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{target}: {error} in {text:?}"))
}

/// The URL forms with the parameters of a call behind them.
fn forms(service: &str, action: &str, pairs: &[(&str, &str)]) -> Vec<String> {
    let query = form(pairs);
    let path: String = pairs.iter().map(|(name, value)| format!("/{name}/{}", escape(value))).collect();
    vec![
        format!("/api_v3/index.php?service={service}&action={action}&{query}"),
        format!("/api_v3/?service={service}&action={action}&{query}"),
        format!("/api_v3?service={service}&action={action}&{query}"),
        format!("/api_v3/index.php/service/{service}/action/{action}?{query}"),
        format!("/api_v3/index.php/service/{service}/action/{action}{path}"),
        format!("/api_v3/service/{service}/action/{action}?{query}"),
        format!("/api_v3/service/{service}/action/{action}{path}"),
        format!("/api/service/{service}/action/{action}?{query}"),
        format!("/api_v3/service/{service}?action={action}&{query}"),
    ]
}

#[test]
fn every_url_form_starts_uses_and_ends_a_session_in_every_format() {
    let server = Server::dev();
    let pid = server.partner().to_string();
    let root = server.admin_ks();
    let pairs = [("secret", server.told("adminSecret")), ("partnerId", &pid), ("type", "2"), ("userId", "alice")];
    let xml = |inner: &str| {
        format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><xml><result>{inner}</result>\
             <executionTime>{{time}}</executionTime></xml>"
        )
    };
    for (format, start, end) in [
        ("1", "\"{ks}\"".to_owned(), "null".to_owned()),
        ("2", xml("{ks}"), xml("")),
        ("9", "cb(\"{ks}\");".into(), "cb(null);".into()),
    ] {
        // JSONP takes its callback from the query alone.
        let callback = if format == "9" { "callback=cb" } else { "" };
        let join =
            |url: &str| if url.contains('?') { format!("{url}&{callback}") } else { format!("{url}?{callback}") };
        for url in forms("session", "start", &[&pairs[..], &[("format", format)]].concat()) {
            assert_whole(&normal(&get(&server, &join(&url))), &start);
        }
        for (index, url) in forms("session", "end", &[("format", format), ("ks", "KS")]).into_iter().enumerate() {
            let ks = server.start_ks(2, "alice", "");
            let url = url.replace("=KS", &format!("={}", escape(&ks))).replace("/KS", &format!("/{}", escape(&ks)));
            assert_whole(&normal(&get(&server, &join(&url))), &end);
            let again = json!({"ks": ks});
            assert_eq!(server.fault("session.get", &again).1["KSID"], "LOGOUT", "form {index}: {url}");
        }
    }
    for url in forms("session", "get", &[("format", "1"), ("ks", &root), ("session", &root)]) {
        let info = parsed(&server, &url);
        assert_eq!(info["userId"], "admin", "{url}: {info}");
    }
    for url in forms("session", "start", &[("format", "3"), ("secret", "wrong"), ("partnerId", &pid)]) {
        let text = get(&server, &url);
        assert!(text.starts_with("a:4:{s:4:\"code\";s:19:\"START_SESSION_ERROR\";"), "{url}: {text}");
    }
}

#[test]
fn every_method_calls() {
    let server = Server::dev();
    let target = "/api_v3/service/system/action/ping?format=1";
    for method in ["GET", "POST", "PUT", "DELETE"] {
        assert_whole(&server.body(&Request::get(target).method(method)), "true");
    }
    let head = server.send(&Request::get(target).method("HEAD"));
    assert_eq!((head.status, head.body.len()), (200, 0));
    // The body of a PUT is not looked at.
    let put =
        Request::post("/api_v3/service/session/action/start", "application/json", "{\"format\":1,\"secret\":\"x\"}");
    let text = server.body(&put.method("PUT"));
    assert!(text.contains("<code>MISSING_MANDATORY_PARAMETER</code>"), "{text}");
}

#[test]
fn names_are_compared_in_lower_case() {
    let server = Server::dev();
    for (service, action) in [("system", "PING"), ("System", "Ping"), ("SYSTEM", "ping")] {
        assert_whole(&get(&server, &format!("/api_v3/service/{service}/action/{action}?format=1")), "true");
    }
    let text = get(&server, "/api_v3/service/KS_SECRET/action/LIST?format=1");
    assert!(text.contains("\"SERVICE\":\"ks_secret->list\""), "{text}");
}

#[test]
fn names_that_are_not_there_are_told_in_lower_case() {
    let server = Server::dev();
    for (target, code, args) in [
        ("/api_v3/?format=1", "SERVICE_NOT_SPECIFIED", json!([])),
        ("/api_v3/service?format=1", "SERVICE_NOT_SPECIFIED", json!([])),
        ("/api_v3/service/NoSuch/action/get?format=1", "SERVICE_DOES_NOT_EXISTS", json!({"SRV_NAME": "nosuch"})),
        // The prefix of a plugin is part of the name.
        ("/api_v3/service/secret/action/list?format=1", "SERVICE_DOES_NOT_EXISTS", json!({"SRV_NAME": "secret"})),
        ("/api_v3/service/session?format=1", "ACTION_NOT_SPECIFIED", json!([])),
        (
            "/api_v3/service/Session/action/noSuch?format=1",
            "ACTION_DOES_NOT_EXISTS",
            json!({"ACTION_NAME": "nosuch", "SERVICE_NAME": "session"}),
        ),
    ] {
        assert_eq!(fault(&parsed(&server, target)), (code.to_owned(), args), "{target}");
    }
}

#[test]
fn quirks_of_paths() {
    let server = Server::dev();
    let pid = server.partner();
    let start = |rest: &str| format!("/api_v3/service/session/action/start{rest}");
    let pid_of = |target: &str| {
        let (code, args) = fault(&parsed(&server, target));
        assert_eq!(code, "START_SESSION_ERROR", "{target}");
        args["PID"].clone()
    };
    for target in [
        // Empty segments vanish, and so does a slash at the end.
        "/api_v3//service///system/action/ping/format/1/".to_owned(),
        "/api_v3/service/system/action/ping//format//1".to_owned(),
        // So do segments that are equal to a part of the script's path.
        "/api_v3/api_v3/service/index.php/system/action/ping/format/1".to_owned(),
        // Segments are decoded.
        "/api_v3/service/syst%65m/action/%70ing/form%61t/1".to_owned(),
        // The first occurrence of a key wins.
        "/api_v3/service/system/action/ping/format/1/action/nothing/format/2".to_owned(),
        // A path wins over the query.
        "/api_v3/service/system/action/ping/format/1?service=none&action=none&format=2".to_owned(),
        // Reading stops at the key `0`.
        "/api_v3/service/system/action/ping/format/1/0/x/ks/nonsense".to_owned(),
    ] {
        assert_whole(&get(&server, &target), "true");
    }
    // An empty value shifts all later pairs: the secret is `format`, and 1 names nothing.
    let text = get(&server, &start(&format!("/partnerId/{pid}/secret//format/1")));
    assert!(text.contains("<code>START_SESSION_ERROR</code>"), "{text}");
    assert_eq!(pid_of(&start(&format!("/format/1/secret/a%2Fb/partnerId/{pid}"))), pid.to_string());
    assert_eq!(pid_of(&start(&format!("/format/1/secret/{}/partnerId/{pid}", escape("é &=?")))), pid.to_string());
}

#[test]
fn places_of_one_parameter_have_an_order() {
    let server = Server::dev();
    let ks = server.admin_ks();
    let user = |request: &Request| {
        let text = server.body(request);
        let token: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text}"));
        server.good("session.get", &json!({"ks": ks, "session": token}))["userId"].clone()
    };
    let fields = format!("secret={}&partnerId={}&format=1", server.told("adminSecret"), server.partner());
    let json =
        json!({"secret": server.told("adminSecret"), "partnerId": server.partner(), "format": 2, "userId": "body"});
    let at = |path: &str, query: &str| format!("/api_v3/service/session/action/start{path}?{query}");
    let posted = |target: &str| Request::post(target, "application/json", json.to_string());
    assert_eq!(user(&posted(&at("", "format=1"))), "body");
    assert_eq!(user(&posted(&at("", "format=1&userId=query"))), "query");
    assert_eq!(user(&posted(&at("/userId/path", "format=1&userId=query"))), "path");
    let form =
        Request::post(&at("", "userId=query"), "application/x-www-form-urlencoded", format!("{fields}&userId=body"));
    assert_eq!(user(&form), "query");
    // Of names that come twice, the last one counts.
    assert_eq!(user(&Request::get(&at("", &format!("{fields}&userId=one&userId=two")))), "two");
}
