//! Response profiles: which properties of the answered objects are wanted.

use ks_tests::server::Server;
use ks_tests::text::{assert_whole, normal};
use serde_json::{Value, json};

fn get(server: &Server, profile: &Value) -> Value {
    let params = json!({"ks": server.admin_ks(), "id": format!("_{}", server.partner()), "responseProfile": profile});
    server.good("widget.get", &params)
}

#[test]
fn wanted_fields_are_all_that_is_answered() {
    let server = Server::dev();
    let pid = server.partner();
    let expected = json!({"id": format!("_{pid}"), "partnerId": pid, "objectType": "KalturaWidget"});
    for profile in [
        json!({"objectType": "KalturaDetachedResponseProfile", "type": 1, "fields": "id,partnerId"}),
        json!({"objectType": "KalturaDetachedResponseProfile", "type": "1", "fields": " id , partnerId "}),
        json!({"type": 1, "fields": "partnerId,id,noSuchField"}),
    ] {
        assert_eq!(get(&server, &profile), expected, "{profile}");
    }
}

#[test]
fn unwanted_fields_are_left_out() {
    let server = Server::dev();
    let whole = get(&server, &json!({}));
    let part =
        get(&server, &json!({"objectType": "KalturaDetachedResponseProfile", "type": 2, "fields": "createdAt,id"}));
    assert!(whole["id"].is_string() && whole["createdAt"].is_i64(), "{whole}");
    let mut expected = whole.clone();
    let map = expected.as_object_mut().expect("an object");
    map.shift_remove("id");
    map.shift_remove("createdAt");
    assert_eq!(part, expected);
    // No fields at all filter nothing.
    assert_eq!(get(&server, &json!({"type": 1, "fields": ""})), whole);
    assert_eq!(get(&server, &json!({"type": 1})), whole);
}

#[test]
fn in_xml_what_is_unwanted_is_empty() {
    let server = Server::dev();
    let pid = server.partner();
    let params = json!({"ks": server.admin_ks(), "id": format!("_{pid}"), "ignoreNull": true,
                        "responseProfile": {"type": 1, "fields": "id"}});
    assert_whole(
        &normal(&server.text(2, "widget.get", &params)),
        &format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><xml><result><objectType>KalturaWidget</objectType>\
             <id>_{pid}</id></result><executionTime>{{time}}</executionTime></xml>"
        ),
    );
    let mut all = params.clone();
    all["ignoreNull"] = json!(false);
    let text = server.text(2, "widget.get", &all);
    assert!(text.contains("<partnerId></partnerId>"), "{text}");
}

#[test]
fn a_list_keeps_its_frame() {
    let server = Server::dev();
    let widget = format!("_{}", server.partner());
    let params = json!({"ks": server.admin_ks(), "filter": {"objectType": "KalturaWidgetFilter", "idEqual": widget},
                        "responseProfile": {"type": 1, "fields": "id"}});
    let expected = json!({"totalCount": 1, "objects": [{"id": widget, "objectType": "KalturaWidget"}],
                          "objectType": "KalturaWidgetListResponse"});
    assert_eq!(server.good("widget.list", &params), expected);
}

#[test]
fn in_a_batch_each_call_has_its_own() {
    let server = Server::dev();
    let pid = server.partner();
    let widget = json!({"service": "widget", "action": "get", "ks": server.admin_ks(), "id": format!("_{pid}")});
    let mut with = widget.clone();
    with["responseProfile"] = json!({"type": 1, "fields": "id"});
    let answers = server
        .call("multirequest", &json!({"0": with, "1": widget, "responseProfile": {"type": 1, "fields": "partnerId"}}));
    assert_eq!(answers[0], json!({"id": format!("_{pid}"), "objectType": "KalturaWidget"}));
    // That of the whole is not copied into the parts.
    assert!(answers[1]["id"].is_string() && answers[1]["partnerId"].is_i64(), "{answers}");
}

#[test]
fn a_profile_that_is_not_there_is_named() {
    let server = Server::dev();
    let ks = server.admin_ks();
    let fault = |profile: Value| server.fault("system.ping", &json!({"ks": ks, "responseProfile": profile}));
    let holder = json!({"objectType": "KalturaResponseProfileHolder", "id": 424_242});
    // Nothing is stored under the id: it is read as an inline profile, which filters nothing.
    let answer = server.call("system.ping", &json!({"ks": ks, "responseProfile": holder}));
    assert!(answer == true || fault(holder).0 == "RESPONSE_PROFILE_ID_NOT_FOUND", "{answer}");
}
