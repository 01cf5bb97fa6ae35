//! `session.start`.

use ks_tests::call::refused;
use ks_tests::server::Server;
use ks_tests::text::{assert_whole, normal};
use serde_json::{Value, json};

/// What a start with the administrator secret sends.
fn admin(server: &Server) -> Value {
    json!({"secret": server.told("adminSecret"), "userId": "alice", "type": 2, "partnerId": server.partner(),
           "expiry": 3600, "privileges": "edit:0_abc"})
}

fn user(server: &Server) -> Value {
    json!({"secret": server.told("userSecret"), "userId": "bob", "type": 0, "partnerId": server.partner()})
}

#[test]
fn answers_the_token_in_every_format() {
    let server = Server::dev();
    let params = admin(&server);
    assert_whole(&normal(&server.text(1, "session.start", &params)), "\"{ks}\"");
    assert_whole(
        &normal(&server.text(2, "session.start", &params)),
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><xml><result>{ks}</result>\
         <executionTime>{time}</executionTime></xml>",
    );
    let php = server.text(3, "session.start", &params);
    let token = php.split('"').nth(1).unwrap_or_else(|| panic!("no text in {php}"));
    assert_whole(&php, &format!("s:{}:\"{token}\";", token.len()));
    assert_whole(&normal(&php), &format!("s:{}:\"{{ks}}\";", token.len()));
    assert_whole(&normal(&server.text(9, "session.start", &params)), "cb(\"{ks}\");");
}

#[test]
fn answers_a_wrong_secret_in_every_format() {
    let server = Server::dev();
    let mut params = admin(&server);
    params["secret"] = json!("wrong");
    let pid = server.partner();
    let message = format!("Error while starting session for partner [{pid}]");
    let json = format!(
        "{{\"code\":\"START_SESSION_ERROR\",\"message\":\"{message}\",\"objectType\":\"KalturaAPIException\",\
         \"args\":{{\"PID\":\"{pid}\"}}}}"
    );
    assert_whole(&server.text(1, "session.start", &params), &json);
    assert_whole(&server.text(9, "session.start", &params), &format!("cb({json});"));
    let xml = server.text(2, "session.start", &params);
    assert!(xml.contains(&format!("<message>{message}</message>")), "{xml}");
    assert_whole(
        &normal(&xml),
        &format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><xml><result><error><objectType>KalturaAPIException</objectType>\
             <code>START_SESSION_ERROR</code><message>{{message}}</message><args><item>\
             <objectType>KalturaApiExceptionArg</objectType><name>PID</name><value>{pid}</value></item></args></error>\
             </result><executionTime>{{time}}</executionTime></xml>"
        ),
    );
    assert_whole(
        &server.text(3, "session.start", &params),
        &format!(
            "a:4:{{s:4:\"code\";s:19:\"START_SESSION_ERROR\";s:7:\"message\";s:{}:\"{message}\";s:10:\"objectType\";\
             s:19:\"KalturaAPIException\";s:4:\"args\";a:1:{{s:3:\"PID\";s:{}:\"{pid}\";}}}}",
            message.len(),
            pid.to_string().len()
        ),
    );
}

#[test]
fn the_server_mints_version_2_and_no_two_alike() {
    let server = Server::dev();
    let one = server.good("session.start", &admin(&server));
    let two = server.good("session.start", &admin(&server));
    // Base64 of `v2|`.
    assert!(one.as_str().is_some_and(|token| token.starts_with("djJ8")), "{one}");
    assert_ne!(one, two);
}

#[test]
fn the_secret_decides_which_type_may_be_started() {
    let server = Server::dev();
    let pid = server.partner().to_string();
    let failed = ("START_SESSION_ERROR".to_owned(), json!({"PID": pid}));
    let with = |secret: &str, kind: i64| {
        let mut params = admin(&server);
        params["secret"] = json!(secret);
        params["type"] = json!(kind);
        params
    };
    let (admin_secret, user_secret) = (server.told("adminSecret"), server.told("userSecret"));
    for params in [with(admin_secret, 2), with(admin_secret, 0), with(user_secret, 0)] {
        let _ = server.good("session.start", &params);
    }
    for params in [with(user_secret, 2), with("", 0), with("", 2), with("wrong", 0), with(&admin_secret[1..], 2)] {
        assert_eq!(server.fault("session.start", &params), failed, "{params}");
    }
}

#[test]
fn what_is_left_out_takes_the_declared_default() {
    let server = Server::dev();
    let root = server.admin_ks();
    let before = server.good("system.getTime", &json!({})).as_i64().expect("a time");
    let token =
        server.good("session.start", &json!({"secret": server.told("userSecret"), "partnerId": server.partner()}));
    let after = server.good("system.getTime", &json!({})).as_i64().expect("a time");
    let info = server.good("session.get", &json!({"ks": root, "session": token}));
    assert_eq!(info["sessionType"], 0, "{info}");
    assert_eq!(info["userId"], "", "{info}");
    assert_eq!(info["privileges"], "", "{info}");
    let expiry = info["expiry"].as_i64().expect("a time");
    assert!((before + 86400..=after + 86400).contains(&expiry), "{before} {info} {after}");
}

#[test]
fn the_account_caps_the_expiry_always() {
    let server = Server::dev();
    let root = server.admin_ks();
    for wish in [86400_i64, 86401, 315_360_000, i64::MAX] {
        let mut params = user(&server);
        params["expiry"] = json!(wish);
        let before = server.good("system.getTime", &json!({})).as_i64().expect("a time");
        let token = server.good("session.start", &params);
        let after = server.good("system.getTime", &json!({})).as_i64().expect("a time");
        let info = server.good("session.get", &json!({"ks": root, "session": token}));
        let expiry = info["expiry"].as_i64().expect("a time");
        assert!((before + 86400..=after + 86400).contains(&expiry), "{wish}: {before} {info} {after}");
    }
}

#[test]
fn an_expiry_that_is_not_to_come_gives_an_expired_session() {
    let server = Server::dev();
    for expiry in [0, -60] {
        let mut params = admin(&server);
        params["expiry"] = json!(expiry);
        let token = server.good("session.start", &params);
        assert_eq!(server.fault("session.get", &json!({"ks": token})), refused("EXPIRED"), "{expiry}");
    }
}

#[test]
fn faults_of_arguments_name_the_first_one() {
    let server = Server::dev();
    let missing = |name: &str| ("MISSING_MANDATORY_PARAMETER".to_owned(), json!({"PARAM_NAME": name}));
    assert_eq!(server.fault("session.start", &json!({})), missing("secret"));
    assert_eq!(server.fault("session.start", &json!({"type": 7})), missing("secret"));
    for (wrong, text) in [(json!(1), "1"), (json!("abc"), "abc"), (json!("1abc"), "1abc"), (json!(""), "")] {
        let mut params = admin(&server);
        params["type"] = wrong;
        let expected = json!({"ENUM_VAL": text, "PARAM_NAME": "type", "ENUM_TYPE": "KalturaSessionType"});
        assert_eq!(server.fault("session.start", &params), ("INVALID_ENUM_VALUE".to_owned(), expected));
    }
    let mut params = admin(&server);
    params["userId"] = json!("a\u{1}b");
    let expected = ("INVALID_PARAMETER_CHAR".to_owned(), json!({"XML_FIELD": "userId"}));
    assert_eq!(server.fault("session.start", &params), expected);
}

#[test]
fn a_ks_that_is_sent_along_must_be_one() {
    let server = Server::dev();
    let mut params = admin(&server);
    params["ks"] = json!("nonsense");
    assert_eq!(server.fault("session.start", &params), refused("nonsense"));
}

#[test]
fn an_account_that_is_not_there_is_refused_before_the_action_runs() {
    let server = Server::dev();
    let mut params = admin(&server);
    params["partnerId"] = json!(999_999);
    let expected = ("SERVICE_FORBIDDEN_CONTENT_BLOCKED".to_owned(), json!([]));
    assert_eq!(server.fault("session.start", &params), expected);
}

#[test]
fn a_role_must_exist() {
    let server = Server::dev();
    let mut params = admin(&server);
    params["privileges"] = json!("setrole:NO_SUCH_ROLE");
    assert_eq!(server.fault("session.start", &params), ("UNKNOWN_ROLE_ID".to_owned(), json!([])));
    params["privileges"] = json!("setrole:PARTNER_ADMIN_ROLE");
    let token = server.good("session.start", &params);
    let info = server.good("session.get", &json!({"ks": token}));
    assert_eq!(info["privileges"], "setrole:PARTNER_ADMIN_ROLE");
}

/// The text that is asked for, and how a version 2 token gives it back (token format, section 1.4).
#[test]
fn privileges_come_back_as_version_2_keeps_them() {
    let server = Server::dev();
    let root = server.admin_ks();
    for (asked, kept) in [
        ("edit:0_abc,list:*", "edit:0_abc,list:*"),
        (" edit:0_a ,, list:* ", "edit:0_a,list:*"),
        ("*", "*"),
        ("*,disableentitlement", "all:*,disableentitlement"),
        ("edit:a,list:*,edit:b", "edit:b,list:*"),
        ("edit:", "edit"),
        ("privacycontext:a:b", "privacycontext:a:b"),
        ("0", ""),
        ("x:100% ü&=+", "x:100% ü&=+"),
    ] {
        let mut params = admin(&server);
        params["privileges"] = json!(asked);
        let token = server.good("session.start", &params);
        let info = server.good("session.get", &json!({"ks": root, "session": token}));
        assert_eq!(info["privileges"], kept, "{asked:?}");
    }
}

#[test]
fn a_user_comes_back_as_sent() {
    let server = Server::dev();
    let root = server.admin_ks();
    for name in ["alice", "0", "a b+c&d=e%41", "שלום 🚀", "semi;colon|bar", " spaces ", "back\\slash\"quote", "\t"]
    {
        let mut params = admin(&server);
        params["userId"] = json!(name);
        let token = server.good("session.start", &params);
        let info = server.good("session.get", &json!({"ks": root, "session": token}));
        assert_eq!(info["userId"], name, "{name:?}");
    }
}
