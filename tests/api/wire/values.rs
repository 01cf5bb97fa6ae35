//! Casts: what a text, a number or a null becomes.

use ks_tests::http::Request;
use ks_tests::server::Server;
use serde_json::{Value, json};

/// The answer of a start with these parameters besides the secret.
fn start(server: &Server, more: &Value) -> Value {
    let mut params = json!({"secret": server.told("adminSecret"), "partnerId": server.partner()});
    for (name, value) in more.as_object().expect("a map") {
        params[name] = value.clone();
    }
    server.call("session.start", &params)
}

fn described(server: &Server, root: &str, more: &Value) -> Value {
    let token = start(server, more);
    assert!(token.is_string(), "{more}: {token}");
    server.good("session.get", &json!({"ks": root, "session": token}))
}

#[test]
fn a_number_is_the_leading_number_of_a_text() {
    let server = Server::dev();
    let wrong = |partner: Value| {
        let answer = start(&server, &json!({"secret": "wrong", "partnerId": partner}));
        let (code, args) = ks_tests::call::fault(&answer);
        assert_eq!(code, "START_SESSION_ERROR", "{partner}");
        args["PID"].clone()
    };
    let pid = server.partner();
    for text in [format!("{pid}"), format!("{pid}abc"), format!(" {pid}"), format!("{pid}.9"), format!("+{pid}")] {
        assert_eq!(wrong(json!(text)), pid.to_string(), "{text:?}");
    }
    assert_eq!(wrong(json!(pid)), pid.to_string());
}

#[test]
fn an_enum_is_compared_by_its_number() {
    let server = Server::dev();
    let root = server.admin_ks();
    for (sent, kind) in [
        (json!(2), 2),
        (json!("2"), 2),
        (json!("2.0"), 2),
        (json!(2.0), 2),
        (json!("02"), 2),
        (json!(0), 0),
        (json!("0"), 0),
        (json!("false"), 0),
        (json!("FALSE"), 0),
        (json!(false), 0),
    ] {
        assert_eq!(described(&server, &root, &json!({"type": sent}))["sessionType"], kind, "{sent}");
    }
    // 1 is no member: what becomes 1 is refused.
    for sent in [json!("true"), json!("True"), json!("2abc"), json!("x")] {
        let (code, args) = ks_tests::call::fault(&start(&server, &json!({"type": sent})));
        assert_eq!(code, "INVALID_ENUM_VALUE", "{sent}");
        assert_eq!(args["PARAM_NAME"], "type");
        assert_eq!(args["ENUM_TYPE"], "KalturaSessionType");
    }
}

#[test]
fn a_text_is_whatever_was_sent_as_text() {
    let server = Server::dev();
    let root = server.admin_ks();
    for (sent, user) in [
        (json!("x"), "x"),
        (json!(5), "5"),
        (json!(-1), "-1"),
        (json!(true), "1"),
        (json!(false), ""),
        (json!(null), ""),
        (json!(1.5), "1.5"),
        (json!(""), ""),
        (json!("e\u{301}"), "e\u{301}"),
    ] {
        assert_eq!(described(&server, &root, &json!({"userId": sent}))["userId"], user, "{sent}");
    }
}

#[test]
fn a_null_of_a_simple_type_is_a_value() {
    let server = Server::dev();
    // A present null is 0, not the declared default: the session is expired at once.
    let token = start(&server, &json!({"expiry": null, "type": 2}));
    assert_eq!(server.fault("session.get", &json!({"ks": token})), ks_tests::call::refused("EXPIRED"));
}

#[test]
fn unknown_parameters_are_ignored_at_every_depth() {
    let server = Server::dev();
    let root = server.admin_ks();
    let more = json!({"userId": "u", "clientTag": "x", "apiVersion": "1", "kalsig": "zz", "nocache": 1, "unknown": {"a": [1]},
                      "ks__null": "", "fullObjects": 1, "privileges__null": ""});
    assert_eq!(described(&server, &root, &more)["userId"], "u");
    let filter = json!({"objectType": "KalturaWidgetFilter", "none": {"x": {}}, "idEqual": "none"});
    let list = server.good("widget.list", &json!({"ks": root, "filter": filter}));
    assert_eq!(list, json!({"totalCount": 0, "objects": [], "objectType": "KalturaWidgetListResponse"}));
}

#[test]
fn an_object_that_is_no_map_is_refused_and_a_class_must_fit() {
    let server = Server::dev();
    let root = server.admin_ks();
    let expected = json!({"PROP_NAME": "filter", "FORMAT": "array"});
    assert_eq!(
        server.fault("widget.list", &json!({"ks": root, "filter": "text"})),
        ("PROPERTY_VALIDATION_WRONG_FORMAT".to_owned(), expected)
    );
    // An unknown class, or one that does not fit, is the declared class.
    for class in ["KalturaNothing", "KalturaSessionInfo", "kalturawidgetfilter", ""] {
        let filter = json!({"objectType": class, "idEqual": "none"});
        assert_eq!(server.good("widget.list", &json!({"ks": root, "filter": filter}))["totalCount"], 0, "{class}");
    }
    let expected = json!({"PARAM_NAME": "widget"});
    assert_eq!(server.fault("widget.add", &json!({"ks": root})), ("MISSING_MANDATORY_PARAMETER".to_owned(), expected));
}

#[test]
fn bytes_that_are_no_utf8_make_a_text_empty() {
    let server = Server::dev();
    let root = server.admin_ks();
    let fields = format!("secret={}&partnerId={}&format=1", server.told("adminSecret"), server.partner());
    for user in ["%FF", "ok%C3%28", "%ED%A0%80", "%F5%80%80%80"] {
        let target = format!("/api_v3/service/session/action/start?{fields}&userId={user}");
        let token = server.send(&Request::get(&target)).json();
        assert!(token.is_string(), "{user}: {token}");
        assert_eq!(server.good("session.get", &json!({"ks": root, "session": token}))["userId"], "", "{user}");
    }
}

#[test]
fn characters_that_xml_cannot_hold_are_refused() {
    let server = Server::dev();
    for user in ["\0", "a\u{1}", "\u{b}", "\u{1f}", "\u{fffe}", "\u{ffff}"] {
        let (code, args) = ks_tests::call::fault(&start(&server, &json!({"userId": user})));
        assert_eq!((code.as_str(), &args), ("INVALID_PARAMETER_CHAR", &json!({"XML_FIELD": "userId"})), "{user:?}");
    }
    for user in ["\t", "\n", "\r", " ", "\u{7f}", "\u{d7ff}", "\u{e000}", "\u{fffd}", "\u{10000}", "\u{10ffff}"] {
        assert!(start(&server, &json!({"userId": user})).is_string(), "{user:?}");
    }
}

#[test]
fn a_language_is_two_letters() {
    let server = Server::dev();
    let expected = |language: &str| ("INVALID_LANGUAGE_CODE".to_owned(), json!({"LANGUAGE_CODE": language}));
    // It is checked before the session.
    for language in ["english", "1", "e"] {
        let params = json!({"language": language, "ks": "nonsense"});
        assert_eq!(server.fault("system.ping", &params), expected(language));
    }
    for language in ["en", "EN", "he", "multi"] {
        assert_eq!(server.good("system.ping", &json!({"language": language})), true, "{language}");
    }
}
