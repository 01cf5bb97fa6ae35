//! Where parameters come from, which of them win, and what happens to requests that cannot be read.

use bytes::Bytes;
use ks_schema::{Out, Tree};
use ks_wire::{Calls, Decoded, Format, Limits, RawRequest, decode};

use crate::fixtures::{FORM, JSON, ask, show, show_tree, single, upload};

#[test]
fn all_url_forms_are_one_call() {
    for url in [
        "/api_v3/index.php?service=Category&action=GET&id=7&format=1",
        "/api_v3/?service=category&action=get&id=7&format=01",
        "/api_v3?service=category&action=get&id=7&format=1",
        "/api_v3/index.php/service/category/action/get/id/7/format/1",
        "/api_v3/service/category/action/get/id/7/format/1",
        "/api_v3/service/category/action/get/?id=7&format=1",
        "//api_v3//service/category//action/get/id/7/format/1/",
        "/api/service/category/action/get/id/7?format=1",
        "/api_v3/service/category/action/get/id/7?service=user&id=8&format=1",
    ] {
        let decoded = ask(url, None, "");
        assert_eq!(decoded.reply.format, Ok(Format::Json), "{url}");
        let call = single(decoded);
        assert_eq!((call.service(), call.action()), (Some("category"), Some("get")), "{url}");
        assert_eq!(show_tree(&call.params["id"]), "7", "{url}");
    }
}

#[test]
fn all_body_kinds_give_one_tree() {
    let form = "a:b=1&a[c][]=x&a[c][]=y&d=%C3%A9+z";
    let parts = "--B\r\nContent-Disposition: form-data; name=\"a:b\"\r\n\r\n1\r\n\
        --B\r\nContent-Disposition: form-data; name=\"a[c][]\"\r\n\r\nx\r\n\
        --B\r\nContent-Disposition: form-data; name=\"a[c][]\"\r\n\r\ny\r\n\
        --B\r\nContent-Disposition: form-data; name=\"d\"\r\n\r\n\u{e9} z\r\n--B--\r\n";
    let json = r#"{"a:b":"1","a":{"b":"1","c":{"0":"x","1":"y"}},"d":"\u00e9 z"}"#;
    let with_json = format!("--B\r\nContent-Disposition: form-data; name=\"json\"\r\n\r\n{json}\r\n--B--");
    for (content_type, body) in [
        (FORM, form),
        ("application/x-www-form-urlencoded; charset=UTF-8", form),
        ("multipart/form-data; boundary=B", parts),
        (JSON, json),
        ("Application/JSON; charset=utf-8", json),
        ("multipart/form-data;boundary=\"B\"", &with_json),
    ] {
        let call = single(ask("/api_v3/service/s/action/a", Some(content_type), body));
        assert_eq!(
            show(&call.params),
            r#"{"a":{"b":"1","c":{"0":"x","1":"y"}},"d":"é z","service":"s","action":"a"}"#,
            "{content_type}"
        );
    }
    let call = single(ask("/api_v3/service/s/action/a", Some("text/plain"), "a=1"));
    assert_eq!(show(&call.params), r#"{"service":"s","action":"a"}"#);
}

#[test]
fn the_url_beats_files_and_files_beat_the_body() {
    let decoded = ask(
        "/api_v3/service/s/action/a?format=2&a:x=url",
        Some(JSON),
        r#"{"format":1,"a":{"x":"body","y":"body"},"service":"no"}"#,
    );
    assert_eq!(decoded.reply.format, Ok(Format::Xml));
    assert_eq!(
        show(&single(decoded).params),
        r#"{"format":"2","a":{"x":"url","y":"body"},"service":"s","action":"a"}"#
    );

    let body = "--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"C:\\dir\\x.txt\"\r\n\r\nfile\r\n\
        --B\r\nContent-Disposition: form-data; name=\"g\"; filename=\"/home/me/y\"\r\n\r\nfile\r\n\
        --B\r\nContent-Disposition: form-data; name=\"json\"\r\n\r\n{\"f\":\"body\",\"h\":\"body\"}\r\n--B--";
    let call = single(ask("/api_v3/service/s/action/a?g=url", Some("multipart/form-data; boundary=B"), body));
    assert_eq!(
        show(&call.params),
        r#"{"f":{"file":"x.txt","type":"","text":"file"},"h":"body","g":"url","service":"s","action":"a"}"#
    );
}

#[test]
fn replies_are_read_from_their_own_places() {
    let reply = |url: &str, body: &str| ask(url, Some(JSON), body).reply;
    assert_eq!(reply("/api_v3/", "").format, Ok(Format::Xml));
    assert_eq!(reply("/api_v3/?format=9&callback=a.b", "").callback.as_deref(), Some("a.b"));
    assert_eq!(reply("/api_v3/", r#"{"format":9,"callback":"a"}"#).callback, None, "only from the query");
    assert_eq!(reply("/api_v3/callback/a/format/9", "").callback, None, "only from the query");
    assert!(reply("/api_v3/?ignoreNull=1", "").ignore_null);
    assert!(reply("/api_v3/", r#"{"ignoreNull":true}"#).ignore_null);
    assert!(!reply("/api_v3/", r#"{"ignoreNull":"true"}"#).ignore_null);
    assert_eq!(reply("/api_v3/?format=json", "").format, Err("json".to_owned()));
}

#[test]
fn common_parameters_have_accessors() {
    let call = single(ask("/api_v3/?p=5&partnerId=6&ks=&language=en", None, ""));
    assert_eq!(call.requested_partner().as_deref(), Some("5"));
    assert_eq!(call.ks(), None);
    assert_eq!(call.language().as_deref(), Some("en"));
    assert_eq!((call.service(), call.action()), (None, None));
    let call = single(ask(
        "/api_v3/",
        Some(JSON),
        r#"{"p":"","partnerId":-2,"ks__null":"","ks":null,"service":7,"action":[]}"#,
    ));
    assert_eq!(call.requested_partner().as_deref(), Some("-2"));
    assert_eq!(call.ks(), None);
    assert_eq!((call.service(), call.action()), (Some("7"), None));
}

#[test]
fn values_that_are_not_utf8_are_empty() {
    let call = single(ask("/api_v3/a/%ff?b=%ff", Some(FORM), &b"c=\xff&d=ok"[..]));
    assert_eq!(show(&call.params), r#"{"c":"","d":"ok","b":"","a":""}"#);
    let body = b"--B\r\nContent-Disposition: form-data; name=\"c\"\r\n\r\n\xff\r\n--B--";
    let call = single(ask("/api_v3/", Some("multipart/form-data; boundary=B"), &body[..]));
    assert_eq!(show(&call.params), r#"{"c":""}"#);
}

#[test]
fn multipart_is_read_leniently() {
    let cases: [(&str, &str); 6] = [
        ("a.-b", "\r\n--a.-b\r\nContent-Disposition: form-data; name=x\r\n\r\n1\r\n--a.-b--"),
        ("a.-b", "--a.-b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n1\r\n--a.-b--\r\n"),
        (
            "a.-b",
            "a preamble\r\n--a.-b  \r\ncontent-disposition:form-data;name=\"x\"\r\n\r\n1\r\n--a.-b--\r\nan epilogue",
        ),
        ("a.-b", "--a.-b\nContent-Disposition: form-data; name=\"x\"\n\n1\n--a.-b--\n"),
        ("\"a b\"", "--a b\r\nX: y\r\nContent-Disposition: form-data; filename2=\"q\"; NAME=\"x\"\r\n\r\n1\r\n--a b--"),
        ("a; charset=utf-8", "--a\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n1\r\n--a--"),
    ];
    for (boundary, body) in cases {
        let call = single(ask("/api_v3/", Some(&format!("multipart/form-data; boundary={boundary}")), body));
        assert_eq!(show(&call.params), r#"{"x":"1"}"#, "{body}");
    }
}

#[test]
fn multipart_contents_are_kept_to_the_byte() {
    let body = "--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a\\\"b.bin\"\r\nContent-Type: image/png\r\n\r\n\
        \r\n--Bx\r\n --B\r\n-\r\n\r\n--B\r\nContent-Disposition: form-data; name=\"empty\"\r\n\r\n\r\n\
        --B\r\nContent-Disposition: form-data; name=\"none\"; filename=\"\"\r\n\r\n\r\n\
        --B\r\nContent-Disposition: form-data; name=\"u\"; filename*=utf-8''%C3%A9.txt\r\n\r\nx\r\n--B--";
    let call = single(ask("/api_v3/", Some("multipart/form-data; boundary=B"), body));
    assert_eq!(
        show(&call.params),
        r#"{"empty":"","f":{"file":"a\"b.bin","type":"image/png","text":"\r\n--Bx\r\n --B\r\n-\r\n"},"u":{"file":"é.txt","type":"","text":"x"}}"#
    );
}

#[test]
fn text_parts_may_serve_as_declared_files() {
    let body = "--B\r\nContent-Disposition: form-data; name=\"fileData\"\r\n\r\ndata\r\n\
        --B\r\nContent-Disposition: form-data; name=\"uploadTokenId\"\r\n\r\nid\r\n--B--";
    let mut call = single(ask("/api_v3/", Some("multipart/form-data; boundary=B"), body));
    assert_eq!(show(&call.params), r#"{"fileData":"data","uploadTokenId":"id"}"#);
    call.claim_files(&upload());
    assert_eq!(show(&call.params), r#"{"fileData":{"file":"","type":"","text":"data"},"uploadTokenId":"id"}"#);
    // A text from elsewhere is no file.
    let mut call = single(ask("/api_v3/?fileData=x", None, ""));
    call.claim_files(&upload());
    assert_eq!(show(&call.params), r#"{"fileData":"x"}"#);
}

fn refusal(decoded: Decoded) -> (Result<Format, String>, String) {
    let refused = decoded.calls.unwrap_err();
    let args: Vec<_> = refused.error.args().map(|(_, value)| value.to_owned()).collect();
    (decoded.reply.format, format!("{}({})", refused.error.code().info().code, args.join(",")))
}

#[test]
fn broken_bodies_are_refused_in_the_asked_for_format() {
    let wrong = |name: &str, form: &str| format!("PROPERTY_VALIDATION_WRONG_FORMAT({name},{form})");
    for (url, format) in
        [("/api_v3/?format=1", Format::Json), ("/api_v3/format/3", Format::Php), ("/api_v3/", Format::Xml)]
    {
        assert_eq!(refusal(ask(url, Some(JSON), "{\"a\":")), (Ok(format), wrong("body", "JSON object")));
    }
    assert_eq!(
        refusal(ask("/api_v3/", Some(JSON), r#"{"format":1,"a":oops}"#)),
        (Ok(Format::Json), wrong("body", "JSON object"))
    );
    assert_eq!(refusal(ask("/api_v3/", Some(JSON), "[1]")), (Ok(Format::Xml), wrong("body", "JSON object")));
    let broken_json = "--B\r\nContent-Disposition: form-data; name=\"json\"\r\n\r\n{\"format\":1,oops}\r\n--B--";
    let multipart = Some("multipart/form-data; boundary=B");
    assert_eq!(refusal(ask("/api_v3/", multipart, broken_json)), (Ok(Format::Json), wrong("json", "JSON object")));
    for cut_off in ["--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nhalf a fi", "no delimiter at all"] {
        assert_eq!(
            refusal(ask("/api_v3/?format=1", multipart, cut_off)),
            (Ok(Format::Json), wrong("body", "multipart/form-data"))
        );
    }
    let no_boundary = ask("/api_v3/", Some("multipart/form-data"), "--B--");
    assert_eq!(refusal(no_boundary), (Ok(Format::Xml), wrong("body", "multipart/form-data")));
    assert!(ask("/api_v3/?service=a&action=b", Some(JSON), " \r\n").calls.is_ok(), "an empty body is fine");
}

#[test]
fn limits_are_told_in_the_asked_for_format() {
    let limits = Limits { max_depth: 3, max_params: 6, max_sub_requests: 2 };
    let ask = |url: &str, content_type: &str, body: &str| {
        let (path, query) = url.split_once('?').map_or((url, None), |(path, query)| (path, Some(query)));
        let body = Bytes::from(body.to_owned());
        refusal(decode(&RawRequest { path, query, content_type: Some(content_type), body }, &limits))
    };
    let depth = "PARAMETER_VALUE_OUT_OF_RANGE(depth,0,3)".to_owned();
    let count = "PARAMETER_VALUE_OUT_OF_RANGE(parameters,0,6)".to_owned();
    let json = Ok(Format::Json);
    assert_eq!(ask("/", FORM, "a:b:c:d=1&format=1"), (json.clone(), depth.clone()));
    assert_eq!(ask("/", FORM, "a[b][c][d]=1&format=1"), (json.clone(), depth.clone()));
    assert_eq!(ask("/?a[b][c][d]=1&format=1", FORM, ""), (json.clone(), depth.clone()));
    assert_eq!(ask("/", JSON, r#"{"a":{"b":{"c":{"d":{}}}},"format":1}"#), (json.clone(), depth));
    assert_eq!(ask("/", FORM, "a=1&b=1&c=1&d=1&e=1&f=1&g=1&format=1"), (json.clone(), count.clone()));
    assert_eq!(ask("/", JSON, r#"{"a":[1,2,3,4,5,6],"format":1}"#), (json.clone(), count.clone()));
    assert_eq!(ask("/a/1/b/1/c/1/d/1/e/1/format/1/g/1", FORM, ""), (json.clone(), count.clone()));
    let parts: String =
        (0..7).map(|n| format!("--B\r\nContent-Disposition: form-data; name=\"a{n}\"\r\n\r\n\r\n")).collect();
    let parts = format!("{parts}--B\r\nContent-Disposition: form-data; name=\"format\"\r\n\r\n1\r\n--B--");
    assert_eq!(ask("/", "multipart/form-data; boundary=B", &parts), (json.clone(), count.clone()));
    // Counted as they are found: nobody gets as far as the missing end.
    let cut_off = format!("{parts}--B\r\n");
    assert_eq!(
        ask("/?format=1", "multipart/form-data; boundary=B", cut_off.replace("--B--", "").as_str()),
        (json, count)
    );
}

#[test]
fn names_may_be_as_deep_as_the_limit() {
    let limits = Limits { max_depth: 3, ..Limits::default() };
    let ask = |body: String| {
        let request = RawRequest { path: "/", query: None, content_type: Some(FORM), body: Bytes::from(body) };
        decode(&request, &limits)
    };
    for name in ["a[b][c]", "a:b:c", "a:b[c]", "a[b][]", "a[b][c][d", "a:b:c:-"] {
        assert!(ask(format!("{name}=1")).calls.is_ok(), "{name}");
    }
    for name in [
        "a[b][c][d]",
        "a:b:c:d",
        "a:b[c][]",
        "a[][][]",
        "a:b:c:d:-",
        &format!("a{}", "[]".repeat(3_000_000)),
        &"a:".repeat(3_000_000),
    ] {
        let told = refusal(ask(format!("format=1&{name}=1")));
        assert_eq!(told, (Ok(Format::Json), "PARAMETER_VALUE_OUT_OF_RANGE(depth,0,3)".to_owned()), "{name:.20}");
    }
}

#[test]
fn refused_multirequests_answer_lists() {
    let part = r#"{"service":"a","action":"b"}"#;
    let body = format!(r#"{{"0":{part},"1":{part},"2":{part},"format":1}}"#);
    let limits = Limits { max_sub_requests: 2, ..Limits::default() };
    let request = RawRequest {
        path: "/api_v3/service/multirequest",
        query: None,
        content_type: Some(JSON),
        body: Bytes::from(body),
    };
    let refused = decode(&request, &limits).calls.unwrap_err();
    assert_eq!(refused.parts, Some(3));
    let Out::List(items) = refused.into_out() else { panic!("no list") };
    assert_eq!(items.len(), 3);
    let refused = ask("/api_v3/service/MultiRequest", Some(JSON), "{").calls.unwrap_err();
    assert_eq!(refused.parts, Some(1));
    let refused = ask("/api_v3/", Some(FORM), format!("service=multirequest&{}=1", "a:".repeat(70))).calls.unwrap_err();
    assert_eq!(refused.parts, Some(1));
    assert!(matches!(ask("/api_v3/", Some(JSON), "{").calls.unwrap_err().into_out(), Out::Error(_)));
}

#[test]
fn debug_output_shows_no_parameter() {
    let body = r#"{"ks":"canary","canary":"x","0":{"service":"canary","action":"canary","password":"canary"},"format":"canary"}"#;
    for service in ["multirequest", "canary"] {
        let path = format!("/api_v3/service/{service}");
        let request = RawRequest {
            path: &path,
            query: Some("secret=canary&callback=canary"),
            content_type: Some("application/json; canary"),
            body: Bytes::from_static(body.as_bytes()),
        };
        let decoded = decode(&request, &Limits::default());
        let shown =
            format!("{request:?} {decoded:?} {:?}", ks_wire::encode(&Out::Text("canary".into()), &decoded.reply, 0.0));
        assert!(!shown.contains("canary"), "{shown}");
        let profile = Tree::Map(
            [("fields".into(), Tree::text("canary")), ("id".into(), Tree::text("canary"))].into_iter().collect(),
        );
        assert!(!format!("{:?}", ks_wire::profile::read(&profile)).contains("canary"));
    }
}

#[test]
fn a_tree_of_hostile_size_is_read_in_linear_time() {
    let started = std::time::Instant::now();
    let limits = Limits { max_params: usize::MAX, ..Limits::default() };
    let bodies = [
        (FORM, "a[]=&".repeat(100_000)),
        (FORM, (0..100_000).map(|n| format!("a[{n}][]=&")).collect()),
        (FORM, "&".repeat(1_000_000)),
        (FORM, "%".repeat(1_000_000)),
        (FORM, format!("a{}=1", "[".repeat(1_000_000))),
        (JSON, "{\"a\":".repeat(1_000_000)),
        (JSON, format!("{{\"a\":\"{}", "\\".repeat(1_000_000))),
        ("multipart/form-data; boundary=B", "--B".repeat(500_000)),
        ("multipart/form-data; boundary=B", "\n--B\r\n".repeat(200_000)),
        (
            "multipart/form-data; boundary=B",
            format!("--B\r\nContent-Disposition: {}\r\n\r\n--B--", ";a=\"\\".repeat(200_000)),
        ),
        (
            "multipart/form-data; boundary=B",
            format!("--B\r\nContent-Disposition: {}\r\n\r\n--B--", ";".repeat(1_000_000)),
        ),
    ];
    for (content_type, body) in bodies {
        let request =
            RawRequest { path: "/api_v3/", query: None, content_type: Some(content_type), body: Bytes::from(body) };
        let _ = decode(&request, &limits);
    }
    let path = "/a".repeat(500_000);
    let _ = decode(&RawRequest { path: &path, query: None, content_type: None, body: Bytes::new() }, &limits);
    // Quadratic time would take minutes even on a fast machine.
    assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());
}

#[test]
fn what_is_no_multirequest_has_one_call() {
    assert!(matches!(ask("/", None, "").calls, Ok(Calls::Single(_))));
    assert!(matches!(ask("/api_v3/1/x/service/multirequests", None, "").calls, Ok(Calls::Single(_))));
}
