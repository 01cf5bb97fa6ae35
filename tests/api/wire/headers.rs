//! Headers of every answer.

use std::io::Read as _;

use ks_tests::http::{Request, Response};
use ks_tests::server::Server;
use serde_json::json;

fn requests(server: &Server) -> Vec<Request> {
    let at = |target: &str| Request::get(&format!("/api_v3/service/{target}"));
    vec![
        at("system/action/ping"),
        at("system/action/ping?format=1"),
        at("system/action/ping?format=3"),
        at("system/action/ping?format=9&callback=cb"),
        at("system/action/ping?format=77"),
        at("nothing/action/nothing?format=1"),
        at(&format!("session/action/get?partnerId={}", server.partner())),
        at("multirequest?format=1"),
        Request::post("/api_v3/service/session/action/start", "application/json", "{broken"),
    ]
}

#[test]
fn every_answer_carries_them() {
    let server = Server::dev();
    for request in requests(&server) {
        let response = server.send(&request);
        assert_eq!(response.status, 200, "{request:?}");
        for (name, value) in [
            ("Access-Control-Allow-Origin", "*"),
            (
                "Access-Control-Expose-Headers",
                "Server, Content-Length, Content-Range, Date, X-Kaltura, X-Kaltura-Session, X-Me",
            ),
            ("Expires", "Sun, 19 Nov 2000 08:52:00 GMT"),
            ("Cache-Control", "no-store, no-cache, must-revalidate, post-check=0, pre-check=0"),
            ("Pragma", "no-cache"),
            ("X-Content-Type-Options", "nosniff"),
        ] {
            assert_eq!(response.header(name), Some(value), "{name} of {request:?}");
        }
        assert!(response.header("X-Me").is_some_and(|host| !host.is_empty()), "{request:?}");
        let policy = response.header("Content-Security-Policy").unwrap_or_default();
        assert!(policy.contains("sandbox") && policy.contains("default-src 'none'"), "{policy}");
        assert_eq!(response.header("Set-Cookie"), None);
        request_id(&response);
    }
}

/// `<random number>, <unix time>`.
#[track_caller]
fn request_id(response: &Response) -> String {
    let id = response.header("X-Kaltura-Session").unwrap_or_default();
    let (random, time) = id.split_once(", ").unwrap_or_else(|| panic!("{id:?}"));
    assert!(random.parse::<u64>().is_ok(), "{id:?}");
    assert!(time.parse::<u64>().is_ok_and(|time| time > 1_700_000_000), "{id:?}");
    id.to_owned()
}

#[test]
fn no_two_requests_have_one_id() {
    let server = Server::dev();
    let request = Request::get("/api_v3/service/system/action/ping");
    let ids: std::collections::BTreeSet<String> = (0..20).map(|_| request_id(&server.send(&request))).collect();
    assert_eq!(ids.len(), 20);
}

#[test]
fn the_content_type_says_the_format() {
    let server = Server::dev();
    for (format, kinds) in [
        ("1", &["application/json"][..]),
        ("2", &["text/xml", "text/xml;charset=UTF-8", "text/xml; charset=UTF-8"]),
        ("3", &["text/plain", "text/plain;charset=UTF-8", "text/plain; charset=UTF-8"]),
        ("9&callback=cb", &["application/javascript"]),
    ] {
        for call in ["system/action/ping", "nothing/action/nothing", "multirequest"] {
            let response = server.send(&Request::get(&format!("/api_v3/service/{call}?format={format}")));
            let kind = response.header("Content-Type").unwrap_or_default();
            assert!(kinds.iter().any(|other| other.eq_ignore_ascii_case(kind)), "{call} in {format}: {kind}");
        }
    }
    // A parameter cannot change it.
    let response = server.send(&Request::get("/api_v3/service/system/action/ping?format=1&content-type=text/html"));
    assert_eq!(response.header("Content-Type"), Some("application/json"));
}

#[test]
fn options_is_answered_at_once() {
    let server = Server::dev();
    for target in ["/api_v3/service/session/action/start", "/api_v3/", "/api_v3/service/multirequest"] {
        let request = Request::get(target).method("OPTIONS").header("Origin", "http://example.com");
        let response = server.send(&request.header("Access-Control-Request-Method", "POST"));
        assert_eq!((response.status, response.body.len()), (200, 0), "{target}");
        for (name, value) in [
            ("Access-Control-Allow-Origin", "*"),
            ("Access-Control-Allow-Headers", "Origin, X-Requested-With, Content-Type, Accept, Range, Cache-Control"),
            ("Access-Control-Allow-Methods", "POST, GET, HEAD, OPTIONS"),
            ("Access-Control-Max-Age", "86400"),
        ] {
            assert_eq!(response.header(name), Some(value), "{name} of {target}");
        }
    }
}

#[test]
fn a_call_that_may_not_be_made_says_so_in_headers() {
    let server = Server::dev();
    let target = format!("/api_v3/service/session/action/get?format=1&partnerId={}", server.partner());
    let response = server.send(&Request::get(&target));
    assert_eq!(response.header("X-Kaltura").unwrap_or_default().replace(' ', ""), "error-SERVICE_FORBIDDEN");
    let app = response.header("X-Kaltura-App").unwrap_or_default();
    assert!(app.starts_with("exiting on error SERVICE_FORBIDDEN - "), "{app}");
    // Ordinary errors add no header.
    let response = server.send(&Request::get("/api_v3/service/session/action/start?format=1"));
    assert_eq!((response.header("X-Kaltura"), response.header("X-Kaltura-App")), (None, None));
}

#[test]
fn what_is_sent_cannot_become_a_header() {
    let server = Server::dev();
    let target =
        "/api_v3/service/nothing%0d%0aX-Evil:%201/action/x%0d%0aX-Evil:%201?format=1&callback=%0d%0aX-Evil:%201";
    let response = server.send(&Request::get(target));
    assert_eq!(response.header("X-Evil"), None, "{response:?}");
    let response = server.send(&Request::get("/api_v3/service/system/action/ping?format=%0d%0aX-Evil:%201"));
    assert_eq!(response.header("X-Evil"), None, "{response:?}");
}

#[test]
fn gzip_is_for_those_who_ask() {
    let server = Server::dev();
    let ks = server.admin_ks();
    let plain =
        Request::post("/api_v3/service/partner/action/getInfo", "application/json", json!({"ks": ks}).to_string());
    let identity = server.send(&plain);
    assert_eq!(identity.header("Content-Encoding"), None);
    let packed = server.send(&plain.clone().header("Accept-Encoding", "gzip, deflate"));
    assert_eq!(packed.header("Content-Encoding"), Some("gzip"));
    let mut text = String::new();
    flate2::read::GzDecoder::new(&packed.body[..]).read_to_string(&mut text).expect("gzip");
    assert_eq!(ks_tests::text::normal(&text), ks_tests::text::normal(&identity.text()));
    for never in ["identity", "gzip;q=0", "br"] {
        let response = server.send(&plain.clone().header("Accept-Encoding", never));
        assert_eq!(response.header("Content-Encoding"), None, "{never}");
    }
}

#[test]
fn a_connection_is_kept_for_the_next_request() {
    use std::io::Write as _;
    let server = Server::dev();
    let mut stream = std::net::TcpStream::connect(server.addr).expect("a connection");
    stream.set_read_timeout(Some(std::time::Duration::from_secs(60))).expect("a timeout");
    for _ in 0..3 {
        let target = "/api_v3/service/system/action/ping?format=1";
        write!(stream, "GET {target} HTTP/1.1\r\nHost: {}\r\n\r\n", server.addr).expect("written");
        let mut seen = Vec::new();
        while !seen.ends_with(b"\r\n\r\ntrue") {
            let mut byte = [0];
            stream.read_exact(&mut byte).expect("an answer on the same connection");
            seen.push(byte[0]);
        }
    }
}

#[test]
fn who_closes_the_sending_side_still_gets_the_answer() {
    use std::io::Write as _;
    let server = Server::dev();
    let mut stream = std::net::TcpStream::connect(server.addr).expect("a connection");
    stream.set_read_timeout(Some(std::time::Duration::from_secs(60))).expect("a timeout");
    // A login takes long enough for the server to see the end of the request before it has answered.
    let body = json!({"loginId": "nobody@example.com", "password": "no one's pass phrase", "format": 1}).to_string();
    write!(
        stream,
        "POST /api_v3/service/user/action/loginByLoginId HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        server.addr,
        body.len()
    )
    .expect("written");
    stream.shutdown(std::net::Shutdown::Write).expect("one side closed");
    let mut raw = Vec::new();
    stream.read_to_end(&mut raw).expect("an answer");
    let answer = Response::parse(&raw, false).expect("a whole answer");
    assert_eq!(answer.json()["code"], "USER_WRONG_PASSWORD", "{answer:?}");
}
