//! Formats: which there are, and how each writes what an action answers.

use ks_tests::contract;
use ks_tests::http::Request;
use ks_tests::server::Server;
use ks_tests::text::{assert_whole, normal};
use serde_json::json;

const PING: &str = "/api_v3/service/system/action/ping";

#[test]
fn xml_is_what_is_answered_when_nothing_is_asked_for() {
    let server = Server::dev();
    let xml =
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><xml><result>1</result><executionTime>{time}</executionTime></xml>";
    assert_whole(&normal(&server.body(&Request::get(PING))), xml);
    for same in ["2", "02", "2.0"] {
        assert_whole(&normal(&server.body(&Request::get(&format!("{PING}?format={same}")))), xml);
    }
}

#[test]
fn a_format_that_is_not_there_gives_an_empty_body_and_a_header() {
    let server = Server::dev();
    for (query, code) in [
        ("format=4", "UNKNOWN_RESPONSE_FORMAT"),
        ("format=7", "UNKNOWN_RESPONSE_FORMAT"),
        ("format=8", "UNKNOWN_RESPONSE_FORMAT"),
        ("format=77", "UNKNOWN_RESPONSE_FORMAT"),
        ("format=-1", "UNKNOWN_RESPONSE_FORMAT"),
        ("format=xml", "UNKNOWN_RESPONSE_FORMAT"),
        ("format=9", "MANDATORY_PARAMETER_MISSING"),
        ("format=9&callback=a(b)", "INVALID_FIELD_VALUE"),
        ("format=9&callback=%3Cscript%3E", "INVALID_FIELD_VALUE"),
        ("format=9&callback=a-b", "INVALID_FIELD_VALUE"),
        ("format=9&callback=a%0A", "INVALID_FIELD_VALUE"),
    ] {
        let response = server.send(&Request::get(&format!("{PING}?{query}")));
        assert_eq!(response.status, 200, "{query}");
        assert_eq!(response.text(), "", "{query}");
        let header = response.header("x-kaltura").unwrap_or_default().replace(' ', "");
        assert_eq!(header, format!("error-{code}"), "{query}");
        assert!(response.header("x-kaltura-app").is_some(), "{query}");
    }
}

#[test]
fn jsonp_takes_its_callback_from_the_query_alone() {
    let server = Server::dev();
    for callback in ["cb", "a.b_C.9", "_"] {
        let text = server.body(&Request::get(&format!("{PING}?format=9&callback={callback}")));
        assert_whole(&text, &format!("{callback}(true);"));
    }
    let posted = Request::post(PING, "application/json", json!({"format": 9, "callback": "cb"}).to_string());
    assert_whole(&server.body(&posted), "");
    let path = server.send(&Request::get(&format!("{PING}/callback/cb?format=9")));
    assert_whole(&path.text(), "");
}

/// The elements of a result, without those inside of them.
fn elements(xml: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut depth = 0_usize;
    for tag in xml.split('<').skip(1).filter_map(|rest| rest.split('>').next()) {
        if let Some(_closed) = tag.strip_prefix('/') {
            depth -= 1;
        } else if !tag.starts_with('?') {
            // xml > result > …
            if depth == 2 {
                names.push(tag.to_owned());
            }
            depth += 1;
        }
    }
    assert_eq!(depth, 0, "{xml}");
    names
}

#[test]
fn objects_in_xml_have_every_property_in_the_order_of_the_contract() {
    let server = Server::dev();
    let contract = contract::load();
    let ks = server.admin_ks();
    let pid = server.partner();
    let widget = format!("_{pid}");
    for (name, params, class) in [
        ("session.get", json!({}), "KalturaSessionInfo"),
        ("session.startWidgetSession", json!({"widgetId": widget}), "KalturaStartWidgetSessionResponse"),
        ("widget.get", json!({"id": widget}), "KalturaWidget"),
        ("widget.list", json!({}), "KalturaWidgetListResponse"),
        ("partner.getInfo", json!({}), "KalturaPartner"),
        ("partner.getPublicInfo", json!({"id": pid}), "KalturaPartnerPublicInfo"),
    ] {
        let mut params = params;
        params["ks"] = json!(ks);
        let declared: Vec<String> = contract::properties(&contract, class)
            .iter()
            .filter_map(|property| property["name"].as_str().map(str::to_owned))
            .collect();
        let xml = server.text(2, name, &params);
        let mut expected = vec!["objectType".to_owned()];
        expected.extend(declared.clone());
        assert_eq!(elements(&xml), expected, "{name}");
        assert!(xml.contains(&format!("<result><objectType>{class}</objectType>")), "{name}: {xml}");
        assert!(!xml.contains("/>"), "an empty element is a pair: {xml}");

        // With `ignoreNull`, and in JSON, what is null is left out; the order stays.
        params["ignoreNull"] = json!(true);
        let some = elements(&server.text(2, name, &params));
        let json = server.good(name, &params);
        let keys: Vec<&str> = json.as_object().expect("an object").keys().map(String::as_str).collect();
        assert_eq!(some.first().map(String::as_str), Some("objectType"), "{name}");
        assert_eq!(keys.last(), Some(&"objectType"), "{name}: {json}");
        assert_eq!(some[1..], keys[..keys.len() - 1], "{name}");
        let in_order: Vec<&str> = declared.iter().map(String::as_str).filter(|name| keys.contains(name)).collect();
        assert_eq!(in_order, keys[..keys.len() - 1], "{name}");
        assert!(json.as_object().expect("an object").values().all(|value| !value.is_null()), "{json}");
    }
}

#[test]
fn a_list_has_its_count_and_its_objects_even_when_empty() {
    let server = Server::dev();
    let params = json!({"ks": server.admin_ks(), "filter": {"objectType": "KalturaWidgetFilter", "idEqual": "none"}});
    let list = |format| normal(&server.text(format, "widget.list", &params));
    assert_whole(&list(1), "{\"totalCount\":0,\"objects\":[],\"objectType\":\"KalturaWidgetListResponse\"}");
    assert_whole(
        &list(2),
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><xml><result><objectType>KalturaWidgetListResponse</objectType>\
         <relatedObjects></relatedObjects><totalCount>0</totalCount><objects></objects></result>\
         <executionTime>{time}</executionTime></xml>",
    );
    assert_whole(&list(3), "O:25:\"KalturaWidgetListResponse\":2:{s:10:\"totalCount\";i:0;s:7:\"objects\";a:0:{}}");
}

#[test]
fn texts_are_escaped_as_each_format_needs_it() {
    let server = Server::dev();
    let user = "<&>\"' /\\ \t é 🚀 \u{2028} \u{7f}";
    let ks = server.start_ks(2, user, "");
    let params = json!({"ks": ks});
    let json = server.text(1, "session.get", &params);
    // `/` and what is not ASCII may be escaped or not; the value is the same.
    assert_eq!(server.good("session.get", &params)["userId"], user, "{json}");
    assert!(!json.contains('\u{2028}') && !json.contains('\t') && !json.contains('\n'), "{json}");
    assert!(!json.contains(", ") && !json.contains("\": "), "no white space: {json}");
    let xml = server.text(2, "session.get", &params);
    let inner = "<userId>&lt;&amp;&gt;&quot;&apos; /\\ \t é 🚀 \u{2028} \u{7f}</userId>";
    assert!(xml.contains(inner), "{xml}");
    let php = server.text(3, "session.get", &params);
    assert!(php.contains(&format!("s:6:\"userId\";s:{}:\"{user}\";", user.len())), "{php}");
}
