//! `session.get`.

use ks_tests::call::refused;
use ks_tests::server::Server;
use ks_tests::text::{assert_whole, normal};
use serde_json::json;

#[test]
fn answers_the_session_in_every_format() {
    let server = Server::dev();
    let ks = server.start_ks(2, "alice & <bob>", "edit:0_abc,list:*");
    let params = json!({"ks": ks});
    let pid = server.partner();
    let expiry = server.good("session.get", &params)["expiry"].as_i64().expect("a time");
    let json = format!(
        "{{\"sessionType\":2,\"partnerId\":{pid},\"userId\":\"alice & <bob>\",\"expiry\":{expiry},\
         \"privileges\":\"edit:0_abc,list:*\",\"objectType\":\"KalturaSessionInfo\"}}"
    );
    assert_whole(&server.text(1, "session.get", &params), &json);
    assert_whole(&server.text(9, "session.get", &params), &format!("cb({json});"));
    let xml = |ks: &str, related: &str| {
        format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><xml><result><objectType>KalturaSessionInfo</objectType>\
             {related}{ks}<sessionType>2</sessionType><partnerId>{pid}</partnerId>\
             <userId>alice &amp; &lt;bob&gt;</userId><expiry>{expiry}</expiry>\
             <privileges>edit:0_abc,list:*</privileges></result><executionTime>{{time}}</executionTime></xml>"
        )
    };
    let expected = xml("<ks></ks>", "<relatedObjects></relatedObjects>");
    assert_whole(&normal(&server.text(2, "session.get", &params)), &expected);
    let mut without = params.clone();
    without["ignoreNull"] = json!("1");
    assert_whole(&normal(&server.text(2, "session.get", &without)), &xml("", ""));
    assert_whole(
        &server.text(3, "session.get", &params),
        &format!(
            "O:18:\"KalturaSessionInfo\":5:{{s:11:\"sessionType\";i:2;s:9:\"partnerId\";i:{pid};s:6:\"userId\";\
             s:13:\"alice & <bob>\";s:6:\"expiry\";i:{expiry};s:10:\"privileges\";s:17:\"edit:0_abc,list:*\";}}"
        ),
    );
}

#[test]
fn describes_expired_and_ended_sessions() {
    let server = Server::dev();
    let root = server.admin_ks();
    let expired = server.good(
        "session.start",
        &json!({"secret": server.told("adminSecret"), "partnerId": server.partner(), "userId": "gone", "expiry": -5}),
    );
    assert_eq!(server.good("session.get", &json!({"ks": root, "session": expired}))["userId"], "gone");

    let ended = server.start_ks(0, "ended", "");
    let _ = server.good("session.end", &json!({"ks": ended}));
    assert_eq!(server.good("session.get", &json!({"ks": root, "session": ended}))["userId"], "ended");
}

/// The reference has an internal error here; bad input is no fault of the server (COMPATIBILITY.md).
#[test]
fn a_text_that_is_no_token_is_refused() {
    let server = Server::dev();
    let params = json!({"ks": server.admin_ks(), "session": "nonsense"});
    assert_eq!(server.fault("session.get", &params), refused("nonsense"));
}

#[test]
fn needs_a_session_that_may_read_sessions() {
    let server = Server::dev();
    let forbidden = ("SERVICE_FORBIDDEN".to_owned(), json!({"SERVICE": "session->get"}));
    assert_eq!(server.fault("session.get", &json!({"partnerId": server.partner()})), forbidden);
    let user = server.start_ks(0, "bob", "");
    assert_eq!(server.fault("session.get", &json!({"ks": user})), forbidden);
}

#[test]
fn refuses_what_is_no_session_any_more() {
    let server = Server::dev();
    let ended = server.start_ks(2, "ended", "");
    let _ = server.good("session.end", &json!({"ks": ended}));
    assert_eq!(server.fault("session.get", &json!({"ks": ended})), refused("LOGOUT"));
    assert_eq!(server.fault("session.get", &json!({"ks": "nonsense"})), refused("nonsense"));
    let ks = server.admin_ks();
    let torn = ks.get(..ks.len() - 4).expect("tokens are ASCII");
    assert_eq!(server.fault("session.get", &json!({"ks": torn})), refused(torn));
}

#[test]
fn restrictions_of_a_token_are_told_apart() {
    let server = Server::dev();
    let get = |privileges: &str| server.call("session.get", &json!({"ks": server.start_ks(2, "a", privileges)}));
    let fault = |privileges: &str| ks_tests::call::fault(&get(privileges));
    assert_eq!(get("iprestrict:127.0.0.1")["userId"], "a");
    assert_eq!(get("iprestrict:10.0.0.1/127.0.0.1")["userId"], "a");
    assert_eq!(fault("iprestrict:10.0.0.1"), refused("EXCEEDED_RESTRICTED_IP"));
    assert_eq!(get("urirestrict:/api_v3/*")["userId"], "a");
    assert_eq!(get("urirestrict:/nowhere|/api_v3/service/session/*")["userId"], "a");
    assert_eq!(fault("urirestrict:/api_v3/service/system/*"), refused("EXCEEDED_RESTRICTED_URI"));
    assert_eq!(fault("actionslimit:none"), ("INVALID_ACTIONS_LIMIT".to_owned(), json!([])));
    assert_eq!(fault("actionslimit:0"), ("INVALID_ACTIONS_LIMIT".to_owned(), json!([])));
}
