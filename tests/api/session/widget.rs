//! `session.startWidgetSession`.

use ks_tests::server::Server;
use serde_json::json;

#[test]
fn the_default_widget_starts_an_anonymous_session_without_a_secret() {
    let server = Server::dev();
    let pid = server.partner();
    let answer = server.good("session.startWidgetSession", &json!({"widgetId": format!("_{pid}")}));
    let keys: Vec<&String> = answer.as_object().expect("an object").keys().collect();
    assert_eq!(keys, ["partnerId", "ks", "userId", "objectType"]);
    assert_eq!(answer["objectType"], "KalturaStartWidgetSessionResponse");
    assert_eq!(answer["partnerId"], pid);
    assert_eq!(answer["userId"], "0");
    let info = server.good("session.get", &json!({"ks": server.admin_ks(), "session": answer["ks"]}));
    assert_eq!(info["sessionType"], 0, "{info}");
    assert_eq!(info["userId"], "0", "{info}");
    let privileges = info["privileges"].as_str().unwrap_or_default();
    assert!(privileges.starts_with("view:*,widget:1"), "{info}");
}

#[test]
fn a_widget_session_has_the_rights_of_a_widget() {
    let server = Server::dev();
    let pid = server.partner();
    let widget = format!("_{pid}");
    let answer = server.good("session.startWidgetSession", &json!({"widgetId": widget}));
    let ks = &answer["ks"];
    assert_eq!(server.good("widget.get", &json!({"ks": ks, "id": widget}))["id"], widget);
    assert_eq!(
        server.fault("session.get", &json!({"ks": ks})),
        ("SERVICE_FORBIDDEN".to_owned(), json!({"SERVICE": "session->get"}))
    );
}

#[test]
fn an_unknown_widget_is_named() {
    let server = Server::dev();
    for id in ["none", "_999999", "", "_"] {
        let expected = ("INVALID_WIDGET_ID".to_owned(), json!({"WIDGET_ID": id}));
        assert_eq!(server.fault("session.startWidgetSession", &json!({"widgetId": id})), expected);
    }
    let expected = ("MISSING_MANDATORY_PARAMETER".to_owned(), json!({"PARAM_NAME": "widgetId"}));
    assert_eq!(server.fault("session.startWidgetSession", &json!({})), expected);
}
