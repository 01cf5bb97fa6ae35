//! `/auth/verify`, asked by nginx, as other proxies ask, and by hand.

use std::net::SocketAddr;

use ks_store::PartnerStatus;
use ks_tests::house::{Account, House, now};
use ks_tests::http::{Request, Response};
use ks_tests::nginx::Nginx;
use ks_tests::server::Server;

/// A server with the gateway, an account of the example's number, and nginx before it.
fn behind_nginx() -> (House, Account, Nginx) {
    let house = House::build();
    let account = house.account(102);
    let nginx = Nginx::start(house.addr);
    (house, account, nginx)
}

fn get(addr: SocketAddr, path: &str, ks: &str) -> Response {
    let mut request = Request::get(path);
    if !ks.is_empty() {
        request = request.header("Authorization", &format!("Bearer {ks}"));
    }
    request.send(addr).expect("an answer")
}

#[test]
fn nginx_lets_sessions_through_and_tells_the_service_who_they_are() {
    let (_house, account, nginx) = behind_nginx();
    let ks = account.mint(0, "ann@example.com", "reports,sview:*");
    let forged = [("X-Ks-User", "root"), ("X-Ks-Type", "admin"), ("X-Ks-Partner", "1")];
    let mut request = Request::get("/page?x=1").header("Authorization", &format!("Bearer {ks}"));
    for (name, value) in forged {
        request = request.header(name, value);
    }
    let answer = request.send(nginx.addr).unwrap();
    assert_eq!(answer.status, 200, "{}", nginx.log());
    let told = answer.text();
    assert!(told.starts_with("GET /page?x=1 HTTP/1.1\r\n"), "{told}");
    for line in
        ["X-Ks-Partner: 102", "X-Ks-User: ann@example.com", "X-Ks-Type: user", "X-Ks-Privileges: reports,sview:*"]
    {
        assert_eq!(told.matches(line.split(':').next().unwrap()).count(), 1, "{told}");
        assert!(told.contains(&format!("{line}\r\n")), "{line} is not in {told}");
    }
    // By query and by cookie.
    assert_eq!(get(nginx.addr, &format!("/page?ks={ks}"), "").status, 200);
    assert_eq!(Request::get("/page").header("Cookie", &format!("ks={ks}")).send(nginx.addr).unwrap().status, 200);
    assert_eq!(get(nginx.addr, "/reports/1", &ks).status, 200);
}

#[test]
fn nginx_turns_away_who_has_no_good_session() {
    let (house, account, nginx) = behind_nginx();
    let status = |path: &str, ks: &str| get(nginx.addr, path, ks).status;
    let ended = account.mint_until(now() - 10, 0, "ann", "");
    let revoked = account.mint(0, "ann", "");
    assert_eq!(status("/", &revoked), 200);
    house.revoke(&account, &revoked);
    let foreign = house.account(103).admin();
    for (what, path, ks, expected) in [
        ("no session", "/", "", 401),
        ("nonsense", "/", "nonsense", 401),
        ("another secret", "/", &account.mint_with("other-secret", now() + 60, 2, "x", ""), 401),
        ("expired", "/", &ended, 401),
        ("revoked", "/", &revoked, 401),
        ("a user where administrators pass", "/admin/", &account.mint(0, "ann", ""), 403),
        ("an administrator", "/admin/", &account.admin(), 200),
        ("another account's administrator", "/admin/", &foreign, 403),
        ("without the privilege", "/reports/", &account.mint(0, "ann", "list:*"), 403),
        ("with the privilege", "/reports/", &account.mint(0, "ann", "reports"), 200),
        ("with all privileges", "/reports/", &account.mint(0, "ann", "*"), 200),
        ("an inner address", "/_ks/any", &account.admin(), 404),
    ] {
        assert_eq!(status(path, ks), expected, "{what}: {}", nginx.log());
    }
    // The caller's own address counts, not the proxy's; and what the caller says of itself does not.
    let near = account.mint(0, "ann", "iprestrict:127.0.0.1");
    let far = account.mint(0, "ann", "iprestrict:203.0.113.9");
    assert_eq!((status("/", &near), status("/", &far)), (200, 403));
    let claimed = Request::get(&format!("/?ks={far}")).header("X-Forwarded-For", "203.0.113.9");
    assert_eq!(claimed.send(nginx.addr).unwrap().status, 403);
    // Addresses are those that were asked of the proxy.
    let page = account.mint(0, "ann", "urirestrict:/page*");
    assert_eq!((status("/page/1?x=2", &page), status("/other", &page)), (200, 403));
    let claimed = Request::get(&format!("/other?ks={page}")).header("X-Original-URI", "/page/1");
    assert_eq!(claimed.send(nginx.addr).unwrap().status, 403);
    // Each request is an action.
    let twice = account.mint(0, "ann", "actionslimit:2");
    assert_eq!([(); 3].map(|()| status("/", &twice)), [200, 200, 401]);
    house.user(&account, "bob", &[]);
    house.block_user(&account, "bob", true);
    assert_eq!(status("/", &account.mint(0, "bob", "")), 403);
    house.set_status(&account, PartnerStatus::Blocked);
    assert_eq!(status("/", &account.admin()), 403);
}

/// What is answered to who asks by hand: status, and the reason.
fn asked(house: &House, query: &str, ks: &str) -> (u16, String) {
    let answer = get(house.addr, &format!("/auth/verify{query}"), ks);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("access-control-allow-origin"), None);
    (answer.status, answer.header("x-ks-reason").unwrap_or_default().to_owned())
}

#[test]
fn the_reason_is_one_word_and_the_owner_learns_more() {
    let house = House::build();
    let account = house.account(102);
    let reader = house.role(&account, "READER", "BASE_USER_SESSION_PERMISSION");
    house.user(&account, "ann", &[reader]);
    let ann = account.mint(0, "ann", "edit:0_abc");
    let is = |status: u16, reason: &str| (status, reason.to_owned());
    for (query, ks, expected) in [
        ("", "", is(401, "missing")),
        ("", "nonsense", is(401, "invalid")),
        ("", &account.mint_with("other-secret", now() - 60, 2, "x", ""), is(401, "invalid")),
        ("", &account.mint_until(now() - 60, 2, "x", ""), is(401, "expiry")),
        ("?type=user", &ann, is(200, "")),
        ("?type=admin", &ann, is(403, "type")),
        ("?type=admin&type=user", &ann, is(200, "")),
        ("?partner=103", &ann, is(403, "partner")),
        ("?partner=103&partner=102", &ann, is(200, "")),
        ("?privilege=edit", &ann, is(200, "")),
        ("?privilege=edit:0_abc", &ann, is(200, "")),
        ("?privilege=edit:0_xyz", &ann, is(403, "privilege")),
        ("?privilege=edit:0_abc&privilege=sview", &ann, is(403, "privilege")),
        ("?role=READER", &ann, is(200, "")),
        ("?role=PARTNER_ADMIN_ROLE", &ann, is(403, "role")),
        ("?role=PARTNER_ADMIN_ROLE", &account.admin(), is(200, "")),
        ("?role=BASE_USER_SESSION_ROLE", &account.mint(0, "eve", ""), is(200, "")),
        ("?role=READER", &account.mint(0, "eve", "setrole:READER"), is(200, "")),
        ("?role=BASE_USER_SESSION_ROLE", &account.mint(0, "eve", "setrole:READER"), is(403, "role")),
        ("?role=NO_SUCH_ROLE", &account.admin(), is(403, "role")),
        ("", &account.mint(0, "eve", "setrole:NO_SUCH_ROLE"), is(403, "setrole")),
    ] {
        assert_eq!(asked(&house, query, ks), expected, "{query} {ks}");
    }
    for query in ["?tpye=admin", "?type=root", "?role="] {
        assert_eq!(asked(&house, query, &ann).0, 400, "{query}");
    }
    let answer = get(house.addr, "/auth/verify?type=admin", &ann);
    let id = answer.header("x-kaltura-session").expect("a request id").to_owned();
    let mut why = serde_json::Value::Null;
    ks_tests::account::eventually("the refusal is kept", || {
        why = house.call("ks_session.why", &serde_json::json!({ "ks": account.admin(), "requestId": id }));
        why["check"] == "type"
    });
}

#[test]
fn nothing_that_a_token_says_breaks_out_of_a_header() {
    let house = House::build();
    let account = house.account(102);
    let ks = account.mint(0, "a\r\nX-Ks-Type: admin", "reports:50%");
    let answer = get(house.addr, "/auth/verify", &ks);
    if answer.status == 200 {
        assert_eq!(answer.header("x-ks-type"), Some("user"));
        assert_eq!(answer.header("x-ks-user"), Some("a%0D%0AX-Ks-Type:%20admin"));
    }
    let umlaut = account.mint(0, "j\u{fc}rgen 50%", "");
    assert_eq!(get(house.addr, "/auth/verify", &umlaut).header("x-ks-user"), Some("j%C3%BCrgen%2050%25"));
}

#[test]
fn it_is_there_when_it_is_asked_for_only() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::serve(data.path());
    assert_eq!(get(server.addr, "/auth/verify", "").status, 404);
    let data = tempfile::tempdir().unwrap();
    let server = Server::start(Server::serve_command(data.path()).arg("--gateway"));
    assert_eq!(get(server.addr, "/auth/verify", "").status, 401);
    let answer = Request::get("/auth/verify").method("POST").send(server.addr).unwrap();
    assert_eq!(answer.status, 401);
}

/// The question that Traefik's `forwardAuth` asks about a request: always GET, with what was asked in headers, and those
/// of the caller as they came.
fn as_traefik(house: &House, query: &str, (method, uri): (&str, &str), headers: &[(&str, &str)]) -> Response {
    let mut request = Request::get(&format!("/auth/verify{query}"))
        .header("X-Forwarded-Method", method)
        .header("X-Forwarded-Proto", "https")
        .header("X-Forwarded-Host", "service.example")
        .header("X-Forwarded-Uri", uri)
        .header("X-Forwarded-For", "203.0.113.9");
    for (name, value) in headers {
        request = request.header(name, value);
    }
    request.send(house.addr).expect("an answer")
}

#[test]
fn what_traefik_asks_is_answered() {
    let house = House::build();
    let account = house.account(102);
    let ann = account.mint(0, "ann", "reports");
    let bearer = format!("Bearer {ann}");
    let status =
        |query: &str, asked: (&str, &str), headers: &[(&str, &str)]| as_traefik(&house, query, asked, headers).status;
    let answer = as_traefik(&house, "?privilege=reports", ("POST", "/reports/1"), &[("Authorization", &bearer)]);
    assert_eq!(answer.status, 200);
    for (name, value) in
        [("X-Ks-Partner", "102"), ("X-Ks-User", "ann"), ("X-Ks-Type", "user"), ("X-Ks-Privileges", "reports")]
    {
        assert_eq!(answer.header(name), Some(value));
    }
    let in_query = format!("/page?a=1&ks={ann}");
    assert_eq!(status("", ("GET", &in_query), &[]), 200);
    assert_eq!(status("", ("GET", "/page"), &[("Cookie", &format!("ks={ann}"))]), 200);
    assert_eq!(status("?type=admin&partner=102", ("GET", &in_query), &[]), 403);
    assert_eq!(status("", ("GET", "/page"), &[]), 401);
    // The address and the caller's own address are those that Traefik tells.
    let page = format!("Bearer {}", account.mint(0, "ann", "urirestrict:/page*"));
    assert_eq!(status("", ("GET", "/page/1"), &[("Authorization", &page)]), 200);
    assert_eq!(status("", ("GET", "/other"), &[("Authorization", &page)]), 403);
    let near = format!("Bearer {}", account.mint(0, "ann", "iprestrict:203.0.113.9"));
    assert_eq!(status("", ("GET", "/"), &[("Authorization", &near)]), 200);
    // Traefik hands on a header that nginx would set: nobody talks themselves to another address with it.
    assert_eq!(status("", ("GET", "/other"), &[("Authorization", &page), ("X-Original-URI", "/page/1")]), 401);
}

/// The question that Envoy's `ext_authz` asks over HTTP: the method and the address of the request, behind the address of
/// the gateway, and no body.
fn as_envoy(house: &House, wanted: &str, (method, uri): (&str, &str), headers: &[(&str, &str)]) -> Response {
    let mut request = Request::get(&format!("/auth/ext_authz{uri}"))
        .method(method)
        .header("Content-Length", "0")
        .header("X-Forwarded-For", "203.0.113.9")
        .header("X-Ks-Wanted", wanted);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    request.send(house.addr).expect("an answer")
}

#[test]
fn what_envoy_asks_is_answered() {
    let house = House::build();
    let account = house.account(102);
    let ann = account.mint(0, "ann", "reports");
    let bearer = format!("Bearer {ann}");
    let status =
        |wanted: &str, asked: (&str, &str), headers: &[(&str, &str)]| as_envoy(&house, wanted, asked, headers).status;
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
        let answer = as_envoy(&house, "privilege=reports", (method, "/reports/1?x=1"), &[("Authorization", &bearer)]);
        assert_eq!(answer.status, 200, "{method}");
        assert_eq!((answer.header("X-Ks-User"), answer.header("X-Ks-Type")), (Some("ann"), Some("user")));
        assert_eq!(status("", (method, "/"), &[]), 401, "{method}");
    }
    // The query is the caller's: a session may stand there, and nothing in it says what is wanted.
    assert_eq!(status("", ("GET", &format!("/page?type=root&ks={ann}")), &[]), 200);
    assert_eq!(status("type=admin&partner=102", ("GET", &format!("/page?type=user&ks={ann}")), &[]), 403);
    assert_eq!(
        status("type=admin", ("GET", "/page"), &[("Authorization", &format!("Bearer {}", account.admin()))]),
        200
    );
    assert_eq!(status("", ("GET", "/page"), &[("Cookie", &format!("ks={ann}"))]), 200);
    assert_eq!(status("cookie=session", ("GET", "/page"), &[("Cookie", &format!("session={ann}"))]), 200);
    // The address is the one behind the gateway's, whatever a caller says of it.
    let page = format!("Bearer {}", account.mint(0, "ann", "urirestrict:/page*"));
    assert_eq!(status("", ("GET", "/page/1?x=2"), &[("Authorization", &page)]), 200);
    for claimed in ["X-Original-URI", "X-Forwarded-Uri"] {
        assert_eq!(status("", ("GET", "/other"), &[("Authorization", &page), (claimed, "/page/1")]), 403, "{claimed}");
    }
    // Slips open nothing, and neither does a second header.
    assert_eq!(status("tpye=admin", ("GET", "/"), &[("Authorization", &bearer)]), 400);
    assert_eq!(status("type=admin", ("GET", "/"), &[("Authorization", &bearer), ("X-Ks-Wanted", "")]), 400);
    let bare = Request::get("/auth/ext_authz/page").header("Authorization", &bearer);
    assert_eq!(bare.send(house.addr).expect("an answer").status, 400);
    // A slash too many asks nothing, whatever stands in a header; at the usual address that header is nobody's.
    for (address, expected) in
        [("/auth/verify/?type=user", 404), ("/auth/verify/", 404), ("/auth/verify?type=user", 200)]
    {
        let asked = Request::get(address).header("Authorization", &bearer).header("X-Ks-Wanted", "type=admin");
        assert_eq!(asked.send(house.addr).expect("an answer").status, expected, "{address}");
    }
}

#[test]
fn the_examples_for_other_proxies_ask_what_can_be_answered() {
    let house = House::build();
    let admin = house.account(102).admin();
    let read =
        |name: &str| std::fs::read_to_string(ks_tests::root().join("docs/examples").join(name)).expect("it is there");
    let traefik = read("traefik.yaml");
    let questions: Vec<&str> =
        traefik.lines().filter_map(|line| line.trim().strip_prefix("address: \"http://127.0.0.1:8080")).collect();
    assert_eq!(questions.len(), 3);
    for question in questions {
        let path = question.trim_end_matches('"');
        let expected = if path.contains("privilege=") { 403 } else { 200 };
        assert_eq!(get(house.addr, path, &admin).status, expected, "{path}");
    }
    let envoy = read("envoy.yaml");
    let prefix = envoy.lines().find_map(|line| line.trim().strip_prefix("path_prefix: ")).expect("a prefix");
    assert_eq!(prefix, "/auth/ext_authz");
    let wanted = envoy.split_once("{ key: x-ks-wanted, value: \"").and_then(|(_, rest)| rest.split_once('"'));
    let (wanted, _) = wanted.expect("what is wanted");
    let bearer = format!("Bearer {admin}");
    assert_eq!(as_envoy(&house, wanted, ("GET", "/page"), &[("Authorization", &bearer)]).status, 200);
    // Whatever one of them hands on to the service is a header of the answer.
    let answer = get(house.addr, "/auth/verify", &admin);
    let told = ["X-Ks-Partner", "X-Ks-User", "X-Ks-Type", "X-Ks-Privileges"];
    for name in told {
        assert!(answer.header(name).is_some(), "{name}");
        assert!(traefik.contains(name) && envoy.contains(&name.to_ascii_lowercase()), "{name}");
    }
}
