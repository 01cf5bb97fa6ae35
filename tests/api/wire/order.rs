//! Requests that break two rules at once: which error wins, for every pair of neighbours.

use ks_tests::server::Server;
use serde_json::{Value, json};

/// What breaks each rule, in the order of the checks (wire protocol, section 7.1). Several together make one request.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    /// There is no such action.
    Action,
    /// The language is none.
    Language,
    /// The KS cannot be read.
    Token,
    /// A mandatory parameter is missing.
    Argument,
    /// The KS can be read and is no session any more.
    Session,
    /// The account that is asked for is another one.
    Partner,
    /// The session may not call the action.
    Permission,
}

const ORDER: &[Fault] =
    &[Fault::Action, Fault::Language, Fault::Token, Fault::Argument, Fault::Session, Fault::Partner, Fault::Permission];

/// A call that is broken in two ways.
fn call(server: &Server, faults: [Fault; 2]) -> (String, Value) {
    let has = |fault| faults.contains(&fault);
    let (user_kind, admin_kind) = (0, 2);
    let kind = if has(Fault::Permission) { user_kind } else { admin_kind };
    let ks = if has(Fault::Token) { "nonsense".to_owned() } else { server.start_ks(kind, "someone", "") };
    if has(Fault::Session) && !has(Fault::Token) {
        let _ = server.good("session.end", &json!({"ks": ks}));
    }
    let mut params = json!({"ks": ks});
    if has(Fault::Language) {
        params["language"] = json!("nonsense");
    }
    if !has(Fault::Argument) {
        // `impersonateByKs` is for administrators, and needs this one.
        params["session"] = json!("x");
    }
    if has(Fault::Partner) {
        params["partnerId"] = json!(server.partner() + 1);
    }
    (if has(Fault::Action) { "session.nothing" } else { "session.impersonateByKs" }.to_owned(), params)
}

fn expected(fault: Fault) -> &'static str {
    match fault {
        Fault::Action => "ACTION_DOES_NOT_EXISTS",
        Fault::Language => "INVALID_LANGUAGE_CODE",
        Fault::Token | Fault::Session => "INVALID_KS",
        Fault::Argument => "MISSING_MANDATORY_PARAMETER",
        // For a foreign account that is not there, either error is allowed; see below.
        Fault::Partner | Fault::Permission => "SERVICE_FORBIDDEN",
    }
}

#[test]
fn of_two_faults_the_earlier_check_wins() {
    let server = Server::dev();
    for (index, first) in ORDER.iter().enumerate() {
        for second in &ORDER[index + 1..] {
            let (name, params) = call(&server, [*first, *second]);
            let (code, args) = server.fault(&name, &params);
            let told =
                if *first == Fault::Partner { code.starts_with("SERVICE_FORBIDDEN") } else { code == expected(*first) };
            assert!(told, "{first:?} and {second:?}: {code} {args}");
            match first {
                Fault::Token => assert_eq!(args["KSID"], "nonsense", "{first:?} and {second:?}"),
                Fault::Session => assert_eq!(args["KSID"], "LOGOUT", "{first:?} and {second:?}"),
                _ => {}
            }
        }
    }
}

#[test]
fn a_fault_of_the_format_wins_over_all() {
    let server = Server::dev();
    let target = "/api_v3/service/none/action/none?format=77&language=nonsense&ks=nonsense";
    let response = server.send(&ks_tests::http::Request::get(target));
    assert_eq!((response.status, response.body.len()), (200, 0));
    assert_eq!(response.header("X-Kaltura").unwrap_or_default().replace(' ', ""), "error-UNKNOWN_RESPONSE_FORMAT");
}

#[test]
fn checks_of_one_session_have_an_order() {
    let server = Server::dev();
    // Expiry, then address, then URL, then whether it was ended, then its limit of actions.
    let start = |privileges: &str, expiry: i64| {
        let params = json!({"secret": server.told("adminSecret"), "partnerId": server.partner(), "type": 2,
                            "privileges": privileges, "expiry": expiry});
        server.good("session.start", &params)
    };
    let ksid = |ks: &Value| server.fault("session.get", &json!({"ks": ks})).1["KSID"].clone();
    assert_eq!(ksid(&start("iprestrict:10.0.0.1,urirestrict:/none", -5)), "EXPIRED");
    assert_eq!(ksid(&start("iprestrict:10.0.0.1,urirestrict:/none", 60)), "EXCEEDED_RESTRICTED_IP");
    let ended = start("urirestrict:*/action/end*|/api_v3/service/session/action/end*,actionslimit:1", 60);
    let _ = server.good("session.end", &json!({"ks": ended}));
    assert_eq!(ksid(&ended), "EXCEEDED_RESTRICTED_URI");
    let used = start("actionslimit:2", 60);
    let _ = server.good("session.end", &json!({"ks": used}));
    assert_eq!(ksid(&used), "LOGOUT");
}
