//! Errors keep their shape in every format.

use ks_tests::server::Server;
use ks_tests::text::{assert_whole, normal};
use serde_json::json;

#[test]
fn an_error_without_arguments() {
    let server = Server::dev();
    let fault = |format| normal(&server.text(format, "session", &json!({})));
    let json = "{\"code\":\"ACTION_NOT_SPECIFIED\",\"message\":\"{message}\",\"objectType\":\"KalturaAPIException\",\
                \"args\":[]}";
    assert_whole(&fault(1), json);
    assert_whole(&fault(9), &format!("cb({json});"));
    assert_whole(
        &fault(2),
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><xml><result><error><objectType>KalturaAPIException</objectType>\
         <code>ACTION_NOT_SPECIFIED</code><message>{message}</message><args></args></error></result>\
         <executionTime>{time}</executionTime></xml>",
    );
    let php = fault(3);
    assert!(php.starts_with("a:4:{s:4:\"code\";s:20:\"ACTION_NOT_SPECIFIED\";s:7:\"message\";s:"), "{php}");
    assert!(php.ends_with("s:10:\"objectType\";s:19:\"KalturaAPIException\";s:4:\"args\";a:0:{}}"), "{php}");
}

#[test]
fn an_error_with_several_arguments_keeps_their_order() {
    let server = Server::dev();
    let params = json!({"secret": "x", "type": "<3>"});
    let fault = |format| normal(&server.text(format, "session.start", &params));
    let xml = fault(2);
    let args = "<args><item><objectType>KalturaApiExceptionArg</objectType><name>ENUM_VAL</name>\
                <value></value></item>";
    // Tags are taken out of what is echoed; the text of this one is nothing but a tag.
    assert!(xml.contains(args) || xml.contains("<value>&lt;3&gt;</value>"), "{xml}");
    let names: Vec<&str> = xml.split("<name>").skip(1).filter_map(|rest| rest.split('<').next()).collect();
    assert_eq!(names, ["ENUM_VAL", "PARAM_NAME", "ENUM_TYPE"]);
    let json = fault(1);
    let places: Vec<Option<usize>> = names.iter().map(|name| json.find(name)).collect();
    assert!(places.is_sorted() && places.iter().all(Option::is_some), "{json}");
}

#[test]
fn a_refused_session_is_quoted_in_the_message_that_people_match_on() {
    let server = Server::dev();
    let text = |format| server.text(format, "system.ping", &json!({"ks": "no<b>nsense"}));
    let json: serde_json::Value = serde_json::from_str(&text(1)).expect("JSON");
    assert_eq!(json["code"], "INVALID_KS");
    let message = json["message"].as_str().unwrap_or_default();
    assert!(message.starts_with("Invalid KS \"") && message.ends_with("\", Error \"-1,INVALID_STR\""), "{message}");
    let xml = text(2);
    assert!(xml.contains("<message>Invalid KS &quot;"), "{xml}");
    assert!(xml.contains("&quot;, Error &quot;-1,INVALID_STR&quot;</message>"), "{xml}");
    assert!(!xml.contains("<b>") && !json.to_string().is_empty(), "{xml}");
}

#[test]
fn an_echo_is_cut() {
    let server = Server::dev();
    for letter in ["x", "é"] {
        let long = letter.repeat(50_000);
        let (code, args) = server.fault("system.ping", &json!({"ks": long}));
        assert_eq!(code, "INVALID_KS");
        let echo = args["KSID"].as_str().unwrap_or_default();
        assert!(echo.len() <= 4096 + 16, "{} bytes", echo.len());
        assert!(echo.starts_with(&letter.repeat(1000)), "it is what was sent");
    }
}

#[test]
fn before_the_signature_is_verified_every_fault_looks_the_same() {
    let server = Server::dev();
    let good = server.admin_ks();
    let half = good.get(..good.len() / 2).expect("ASCII").to_owned();
    let flipped = good.replacen(|letter: char| letter == good.chars().nth(40).unwrap_or('A'), "-", 1);
    for token in
        ["x", "djJ8", "djJ8OTk5OTk5fEFBQUE=", "djJ8MHxBQUFB", "djJ8LTF8QUFBQQ==", half.as_str(), flipped.as_str()]
    {
        assert_eq!(server.fault("system.ping", &json!({"ks": token})), ks_tests::call::refused(token));
    }
}
