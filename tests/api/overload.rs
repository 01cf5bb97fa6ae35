//! More than a server takes: what is beyond a limit is refused at once and clearly, and nothing is left of it
//! afterwards.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use ks_tests::account::{Account, eventually};
use ks_tests::call::{fault, path};
use ks_tests::http::{Request, Response};
use ks_tests::scale;
use ks_tests::server::Server;
use serde_json::{Value, json};
use tempfile::TempDir;

/// `ks serve` with these flags.
fn serve(flags: &[&str]) -> (TempDir, Server) {
    let data = tempfile::tempdir().expect("a temporary folder");
    let server = Server::start(Server::serve_command(data.path()).args(flags));
    (data, server)
}

fn call(name: &str, params: &Value) -> Request {
    let mut params = params.clone();
    params["format"] = json!(1);
    Request::post(&path(name), "application/json", params.to_string())
}

fn ping() -> Request {
    call("system.ping", &json!({}))
}

/// A call as a proxy on this machine hands it on.
fn from(addr: &str, request: Request) -> Request {
    request.header("X-Forwarded-For", addr)
}

/// Refused in the protocol's own way, with the hint that HTTP has for when to come again.
#[track_caller]
fn assert_blocked(response: &Response, name: &str) {
    let (service, action) = name.split_once('.').expect("service.action");
    assert_eq!(response.status, 200, "{response:?}");
    let expected = ("ACTION_BLOCKED".to_owned(), json!({"ACTION_NAME": action, "SERVICE_NAME": service}));
    assert_eq!(fault(&response.json()), expected);
    let wait = response.header("Retry-After").unwrap_or_else(|| panic!("{response:?}"));
    assert!(wait.parse::<u64>().is_ok_and(|seconds| seconds > 0), "{wait}");
}

#[test]
fn an_address_has_so_many_calls() {
    let (_data, server) =
        serve(&["--rate-address", "3/h", "--trusted-proxy", "127.0.0.1", "--admin-listen", "127.0.0.1:0"]);
    for _ in 0..3 {
        assert_eq!(server.send(&from("203.0.113.1", ping())).json(), true);
    }
    assert_blocked(&server.send(&from("203.0.113.1", ping())), "system.ping");
    assert_eq!(server.send(&from("203.0.113.2", ping())).json(), true, "others are not held up");

    // A network of 64 bits is one caller, who has them all.
    for last in 1..4 {
        assert_eq!(server.send(&from(&format!("2001:db8::{last}"), ping())).json(), true);
    }
    assert_blocked(&server.send(&from("2001:db8::4", ping())), "system.ping");
    assert_eq!(server.send(&from("2001:db8:0:1::4", ping())).json(), true);

    // What a caller says of itself in front of what the proxy says helps nobody.
    assert_blocked(&server.send(&from("198.51.100.7, 203.0.113.1", ping())), "system.ping");

    // The calls of one request are so many calls.
    let answers = server.send(&from("203.0.113.3", call("multirequest", &batch(5)))).json();
    let codes: Vec<_> = (0..5).map(|index| answers[index]["code"].clone()).collect();
    assert_eq!(codes, [json!(null), json!(null), json!(null), json!("ACTION_BLOCKED"), json!("ACTION_BLOCKED")]);

    // The operator gets in all the same.
    let admin: SocketAddr = server.told("adminUrl").trim_start_matches("http://").parse().expect("an address");
    for _ in 0..5 {
        assert_eq!(ping().send(admin).expect("an answer").json(), true);
    }
}

fn batch(calls: usize) -> Value {
    (0..calls).map(|index| (index.to_string(), json!({"service": "system", "action": "ping"}))).collect()
}

#[test]
fn without_a_proxy_nobody_chooses_an_address() {
    let (_data, server) = serve(&["--rate-address", "2/h"]);
    for (number, addr) in ["203.0.113.1", "203.0.113.2", "203.0.113.3", "203.0.113.4"].into_iter().enumerate() {
        let response = server.send(&from(addr, ping()));
        if number < 2 {
            assert_eq!(response.json(), true);
        } else {
            assert_blocked(&response, "system.ping");
        }
    }
}

#[test]
fn an_account_has_so_many_calls_and_strangers_do_not_use_them_up() {
    let (data, server) = serve(&["--rate-partner", "4/h"]);
    let other = Account::create(data.path(), 555);
    let partner = server.partner();
    // Whoever has no session names the account: these calls count apart.
    let ks = server.admin_ks();
    let stranger = json!({"partnerId": partner, "secret": "wrong", "type": 2});
    for _ in 0..3 {
        assert_eq!(server.fault("session.start", &stranger).0, "START_SESSION_ERROR");
    }
    assert_blocked(&server.send(&call("session.start", &stranger)), "session.start");
    for _ in 0..4 {
        assert_eq!(server.good("session.get", &json!({"ks": ks}))["partnerId"], partner);
    }
    let get = call("session.get", &json!({"ks": ks}));
    assert_blocked(&server.send(&get), "session.get");
    // A broken token comes first, what is wrong with the rest of the call afterwards.
    assert_eq!(server.fault("session.get", &json!({"ks": format!("{ks}x")})).0, "INVALID_KS");
    assert_blocked(&server.send(&call("ks_secret.disable", &json!({"ks": ks}))), "ks_secret.disable");
    // Nothing of it is anybody else's business.
    let theirs = other.start(&server, 2, "");
    assert_eq!(server.good("session.get", &json!({"ks": theirs}))["partnerId"], 555);
    assert_eq!(server.good("system.ping", &json!({})), true);
}

#[test]
fn an_action_has_so_many_calls_whatever_else_is_called() {
    let login = "user.loginByLoginId";
    let flags = ["--rate-action", "user.loginByLoginId=2/h,system.getTime=1/h", "--trusted-proxy", "127.0.0.1"];
    let (_data, server) = serve(&flags);
    let wrong = json!({"loginId": "nobody@example.com", "password": "no one's pass phrase"});
    for _ in 0..2 {
        assert_eq!(fault(&server.send(&call(login, &wrong)).json()).0, "USER_WRONG_PASSWORD");
    }
    // This action tells one error in place of nearly all others; not of this one.
    assert_blocked(&server.send(&call(login, &wrong)), login);
    assert_eq!(fault(&server.send(&from("203.0.113.9", call(login, &wrong))).json()).0, "USER_WRONG_PASSWORD");
    let time = call("system.getTime", &json!({}));
    assert!(server.send(&time).json().is_number());
    assert_blocked(&server.send(&time), "system.getTime");
    for _ in 0..20 {
        assert_eq!(server.send(&ping()).json(), true);
    }
}

#[test]
fn who_was_refused_is_served_again_after_a_while() {
    // One call more every second, whenever they come.
    let (_data, server) = serve(&["--rate-address", "60/m:2"]);
    let answers = server.send(&call("multirequest", &batch(50))).json();
    let answers = answers.as_array().expect("a list");
    assert_eq!(answers.len(), 50);
    assert!(answers.iter().filter(|answer| **answer != json!(true)).all(|it| it["code"] == "ACTION_BLOCKED"));
    assert!(answers.iter().any(|answer| *answer != json!(true)), "{answers:?}");
    eventually("the same caller is served again", || server.call("system.ping", &json!({})) == true);
}

#[test]
fn an_address_has_so_many_connections() {
    let (_data, server) = serve(&["--max-connections-per-address", "2"]);
    let hold = || std::net::TcpStream::connect(server.addr).expect("a connection");
    let held = [hold(), hold()];
    // They are let in one after the other, and the next one is closed without a word.
    eventually("there is no room for a third", || ping().send(server.addr).is_err());
    drop(held);
    eventually("there is room again", || ping().send(server.addr).is_ok_and(|answer| answer.json() == true));
    // A proxy brings the connections of many.
    let (_data, server) = serve(&["--max-connections-per-address", "2", "--trusted-proxy", "127.0.0.1"]);
    let held: Vec<_> = (0..5).map(|_| std::net::TcpStream::connect(server.addr).expect("a connection")).collect();
    assert_eq!(server.send(&ping()).json(), true);
    drop(held);
}

#[test]
fn a_full_queue_is_told_at_once_and_leaves_nothing_behind() {
    let (_data, server) = serve(&["--max-in-flight", "1", "--max-queue", "1", "--queue-wait", "20"]);
    let ks = server.admin_ks();
    // It reads from the database, so that others come in between.
    let list = call("user.list", &json!({"ks": ks, "filter": {"firstNameStartsWith": "x"}}));
    let seen: Mutex<BTreeMap<u16, usize>> = Mutex::default();
    let enough = AtomicBool::new(false);
    let wanted = scale::count(20, 2000);
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                while !enough.load(Ordering::Relaxed) {
                    let response = server.send(&list);
                    match response.status {
                        200 => assert_eq!(response.json()["totalCount"], 0, "{response:?}"),
                        status => {
                            assert_eq!(status, 503);
                            assert_eq!(response.header("Retry-After"), Some("1"));
                            assert_eq!(response.header("Access-Control-Allow-Origin"), Some("*"));
                            assert_eq!(response.header("X-Content-Type-Options"), Some("nosniff"));
                            assert!(response.text().contains("too much to do"), "{response:?}");
                        }
                    }
                    let mut seen = seen.lock().expect("no client panics");
                    *seen.entry(response.status).or_default() += 1;
                    let is_enough = [200, 503].iter().all(|status| seen.get(status).is_some_and(|it| *it >= wanted));
                    enough.fetch_or(is_enough, Ordering::Relaxed);
                }
            });
        }
    });
    // Nobody is left inside or in the queue: each call after the other gets in, and so does each of a second rush.
    for _ in 0..50 {
        assert_eq!(server.good("user.list", &json!({"ks": ks}))["objectType"], "KalturaUserListResponse");
    }
}

#[test]
fn who_waits_for_a_password_keeps_nobody_else_out() {
    let (_data, server) = serve(&["--max-in-flight", "1", "--max-queue", "0"]);
    let login = json!({"loginId": "nobody@example.com", "password": "no one's pass phrase"});
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let logins: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    while !done.load(Ordering::Relaxed) {
                        let _ = server.send(&call("user.loginByLoginId", &login));
                    }
                })
            })
            .collect();
        // If a login kept its place while its password is looked at, next to nobody else would ever get in.
        let mut served = 0;
        while served < 100 {
            served += usize::from(server.send(&ping()).status == 200);
        }
        done.store(true, Ordering::Relaxed);
        logins.into_iter().for_each(|login| login.join().expect("answers"));
    });
}
