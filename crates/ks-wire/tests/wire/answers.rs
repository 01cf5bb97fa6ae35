//! Whole bodies, written by hand from the description of the wire formats.

use ks_schema::{ApiError, ErrorCode, File, Out};
use ks_wire::{Format, Reply, encode, weight};

use crate::fixtures::{body, error, list_of, text, thing, write, xml};

/// One answer in the three formats.
struct Row(Out, &'static str, &'static str, &'static str);

fn check(rows: Vec<Row>) {
    for Row(out, json, in_xml, php) in rows {
        assert_eq!(body(&out, Format::Json), json);
        assert_eq!(xml(&out), in_xml);
        assert_eq!(body(&out, Format::Php), php);
        assert_eq!(body(&out, Format::Jsonp), format!("cb({json});"));
    }
}

#[test]
fn scalars() {
    check(vec![
        Row(text("djJ8MTAyfEFBQUE="), r#""djJ8MTAyfEFBQUE=""#, "djJ8MTAyfEFBQUE=", r#"s:16:"djJ8MTAyfEFBQUE=";"#),
        Row(text(""), r#""""#, "", r#"s:0:"";"#),
        Row(Out::Null, "null", "", "N;"),
        Row(Out::Bool(true), "true", "1", "b:1;"),
        Row(Out::Bool(false), "false", "0", "b:0;"),
        Row(Out::Int(-5), "-5", "-5", "i:-5;"),
        Row(Out::Int(i64::MIN), "-9223372036854775808", "-9223372036854775808", "i:-9223372036854775808;"),
        Row(Out::Float(0.1 + 0.2), "0.30000000000000004", "0.3", "d:0.30000000000000004;"),
        Row(Out::Float(1e25), "1.0e+25", "1.0E+25", "d:1.0E+25;"),
        Row(Out::Float(10.0), "10", "10", "d:10;"),
        Row(
            text("</script>&'\" é😀\u{2028}\u{7f}\t\r\n"),
            "\"<\\/script>&'\\\" \\u00e9\\ud83d\\ude00\\u2028\u{7f}\\t\\r\\n\"",
            "&lt;/script&gt;&amp;&apos;&quot; é😀\u{2028}\u{7f}\t\r\n",
            "s:26:\"</script>&'\" é😀\u{2028}\u{7f}\t\r\n\";",
        ),
        Row(
            text("\\\u{8}\u{c}\u{0}\u{1f}\u{fffe}\u{ffff}\u{fffd}\u{ffbe}"),
            r#""\\\b\f\u0000\u001f\ufffe\uffff\ufffd\uffbe""#,
            "\\\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{ffbe}",
            "s:17:\"\\\u{8}\u{c}\u{0}\u{1f}\u{fffe}\u{ffff}\u{fffd}\u{ffbe}\";",
        ),
    ]);
}

#[test]
fn objects() {
    let secret = [("password", text("never")), ("pin", text("never"))];
    check(vec![
        Row(
            thing(&[("id", Out::Int(7)), ("name", text("a&b")), secret[0].clone(), secret[1].clone()]),
            r#"{"id":7,"name":"a&b","objectType":"KalturaThing"}"#,
            "<objectType>KalturaThing</objectType><id>7</id><name>a&amp;b</name><password></password><pin></pin>\
             <map></map><list></list><inner></inner><score></score><on></on>",
            r#"O:12:"KalturaThing":2:{s:2:"id";i:7;s:4:"name";s:3:"a&b";}"#,
        ),
        Row(
            thing(&[]),
            r#"{"objectType":"KalturaThing"}"#,
            "<objectType>KalturaThing</objectType><id></id><name></name><password></password><pin></pin>\
             <map></map><list></list><inner></inner><score></score><on></on>",
            r#"O:12:"KalturaThing":0:{}"#,
        ),
        Row(
            thing(&[
                ("map", Out::Map(vec![])),
                ("list", Out::List(vec![])),
                ("inner", thing(&[("id", Out::Int(1))])),
                ("score", Out::Float(1.5)),
                ("on", Out::Bool(false)),
            ]),
            r#"{"list":[],"inner":{"id":1,"objectType":"KalturaThing"},"score":1.5,"on":false,"objectType":"KalturaThing"}"#,
            "<objectType>KalturaThing</objectType><id></id><name></name><password></password><pin></pin><map></map>\
             <list></list><inner><objectType>KalturaThing</objectType><id>1</id><name></name><password></password>\
             <pin></pin><map></map><list></list><inner></inner><score></score><on></on></inner><score>1.5</score><on>0</on>",
            concat!(
                r#"O:12:"KalturaThing":5:{s:3:"map";a:0:{}s:4:"list";a:0:{}s:5:"inner";"#,
                r#"O:12:"KalturaThing":1:{s:2:"id";i:1;}s:5:"score";d:1.5;s:2:"on";b:0;}"#
            ),
        ),
    ]);
}

#[test]
fn maps() {
    let map = |pairs: &[(&str, i64)]| {
        Out::Map(pairs.iter().map(|(key, value)| ((*key).to_owned(), Out::Int(*value))).collect())
    };
    let mixed = map(&[("a/b", 1), ("0", 2), ("01", 3), ("-7", 4), ("<", 5)]);
    assert_eq!(body(&mixed, Format::Json), "[1,2,3,4,5]", "as the whole answer a map loses its keys");
    assert_eq!(body(&map(&[]), Format::Json), "[]");
    assert_eq!(
        xml(&mixed),
        "<item><itemKey>a/b</itemKey>1</item><item><itemKey>0</itemKey>2</item><item><itemKey>01</itemKey>3</item>\
         <item><itemKey>-7</itemKey>4</item><item><itemKey>&lt;</itemKey>5</item>"
    );
    assert_eq!(xml(&map(&[])), "");
    assert_eq!(body(&mixed, Format::Php), r#"a:5:{s:3:"a/b";i:1;i:0;i:2;s:2:"01";i:3;i:-7;i:4;s:1:"<";i:5;}"#);
    assert_eq!(body(&map(&[]), Format::Php), "a:0:{}");
    let nested = thing(&[("map", mixed)]);
    assert_eq!(
        body(&nested, Format::Json),
        r#"{"map":{"a\/b":1,"0":2,"01":3,"-7":4,"<":5},"objectType":"KalturaThing"}"#
    );
    assert_eq!(body(&Out::List(vec![map(&[])]), Format::Json), "[[]]");
}

#[test]
fn lists() {
    check(vec![
        Row(
            list_of(vec![]),
            r#"{"totalCount":0,"objects":[],"objectType":"KalturaThingListResponse"}"#,
            "<objectType>KalturaThingListResponse</objectType><totalCount>0</totalCount><objects></objects>",
            r#"O:24:"KalturaThingListResponse":2:{s:10:"totalCount";i:0;s:7:"objects";a:0:{}}"#,
        ),
        Row(
            Out::List(vec![Out::Int(1), Out::Null, text("x")]),
            r#"[1,null,"x"]"#,
            "<item>1</item><item></item><item>x</item>",
            r#"a:3:{i:0;i:1;i:1;N;i:2;s:1:"x";}"#,
        ),
        Row(Out::List(vec![]), "[]", "", "a:0:{}"),
    ]);
    let all =
        encode(&list_of(vec![thing(&[("id", Out::Int(4))])]), &Reply { ignore_null: true, ..Reply::default() }, 0.0);
    assert_eq!(
        String::from_utf8(all.body).unwrap(),
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><xml><result><objectType>KalturaThingListResponse</objectType>\
         <totalCount>1</totalCount><objects><item><objectType>KalturaThing</objectType><id>4</id></item></objects>\
         </result><executionTime>0</executionTime></xml>"
    );
}

#[test]
fn errors() {
    let missing = ApiError::new(ErrorCode::ServiceDoesNotExists, vec!["x&y".to_owned()]);
    let message = missing.message();
    let (json_message, xml_message) =
        (message.replace('"', "\\\""), message.replace('&', "&amp;").replace('"', "&quot;"));
    let out = error(missing);
    assert_eq!(
        body(&out, Format::Json),
        format!(
            r#"{{"code":"SERVICE_DOES_NOT_EXISTS","message":"{json_message}","objectType":"KalturaAPIException","args":{{"SRV_NAME":"x&y"}}}}"#
        )
    );
    assert_eq!(
        xml(&out),
        format!(
            "<error><objectType>KalturaAPIException</objectType><code>SERVICE_DOES_NOT_EXISTS</code>\
             <message>{xml_message}</message><args><item><objectType>KalturaApiExceptionArg</objectType>\
             <name>SRV_NAME</name><value>x&amp;y</value></item></args></error>"
        )
    );
    assert_eq!(
        body(&out, Format::Php),
        format!(
            concat!(
                r#"a:4:{{s:4:"code";s:23:"SERVICE_DOES_NOT_EXISTS";s:7:"message";s:{}:"{}";"#,
                r#"s:10:"objectType";s:19:"KalturaAPIException";s:4:"args";a:1:{{s:8:"SRV_NAME";s:3:"x&y";}}}}"#
            ),
            message.len(),
            message
        )
    );
    let bare = error(ApiError::new(ErrorCode::UserWrongPassword, vec![]));
    assert!(body(&bare, Format::Json).ends_with(r#","objectType":"KalturaAPIException","args":[]}"#));
    assert!(xml(&bare).ends_with("<args></args></error>"));
    assert!(body(&bare, Format::Php).ends_with(r#"s:4:"args";a:0:{}}"#));
    assert!(write(&bare, Format::Json).headers.is_empty());
}

#[test]
fn failed_parts_stand_in_their_place() {
    let out = Out::List(vec![text("K"), error(ApiError::new(ErrorCode::UserWrongPassword, vec![])), Out::Null]);
    let json: serde_json::Value = serde_json::from_str(&body(&out, Format::Json)).unwrap();
    assert_eq!(
        (&json[0], &json[1]["code"], &json[2]),
        (&"K".into(), &"USER_WRONG_PASSWORD".into(), &serde_json::Value::Null)
    );
    let in_xml = xml(&out);
    assert!(in_xml.starts_with(
        "<item>K</item><item><error><objectType>KalturaAPIException</objectType><code>USER_WRONG_PASSWORD</code>"
    ));
    assert!(in_xml.ends_with("</error></item><item></item>"));
    let php = body(&out, Format::Php);
    assert!(php.starts_with(r#"a:3:{i:0;s:1:"K";i:1;a:4:{s:4:"code";s:19:"USER_WRONG_PASSWORD";"#));
    assert!(php.ends_with("}i:2;N;}"));
}

#[test]
fn no_text_can_break_a_document() {
    // Control characters in an argument, as a caller may send them.
    let out = error(ApiError::new(ErrorCode::ServiceDoesNotExists, vec!["\u{1}\u{b}]]>\u{ffff}".to_owned()]));
    let in_xml = xml(&out);
    assert!(in_xml.contains("<value>\u{fffd}\u{fffd}]]&gt;\u{fffd}</value>"), "{in_xml}");
}

#[test]
fn content_types() {
    for (format, content_type) in [
        (Format::Json, "application/json"),
        (Format::Xml, "text/xml;charset=UTF-8"),
        (Format::Php, "text/plain; charset=UTF-8"),
        (Format::Jsonp, "application/javascript"),
    ] {
        let encoded = write(&Out::Null, format);
        assert_eq!((encoded.status, encoded.content_type), (200, content_type));
    }
}

#[test]
fn answers_that_cannot_be_written_are_empty() {
    let none = Reply { callback: None, ..Reply::new(Format::Jsonp) };
    let bad = Reply { callback: Some("a(b".to_owned()), ..Reply::new(Format::Jsonp) };
    let line_break = Reply { callback: Some("a\n".to_owned()), ..Reply::new(Format::Jsonp) };
    let unknown = Reply { format: Err("canary\r\nX: y".to_owned()), ..Reply::default() };
    for (reply, code) in [
        (none, "MANDATORY_PARAMETER_MISSING"),
        (bad, "INVALID_FIELD_VALUE"),
        (line_break, "INVALID_FIELD_VALUE"),
        (unknown, "UNKNOWN_RESPONSE_FORMAT"),
    ] {
        let encoded = encode(&text("x"), &reply, 0.0);
        assert_eq!((encoded.status, encoded.body.len()), (200, 0));
        assert_eq!(encoded.headers[0], ("X-Kaltura", format!("error- {code}")));
        assert_eq!(encoded.headers[1].0, "X-Kaltura-App");
        assert!(encoded.headers[1].1.starts_with(&format!("exiting on error {code} - ")));
        assert!(!encoded.headers[1].1.contains("canary"));
    }
}

#[test]
fn raw_answers_ignore_the_format() {
    let file = Out::File(Box::new(File { status: 500, content_type: "text/csv", body: b"a,b".to_vec() }));
    for out in [file.clone(), Out::List(vec![text("x"), file])] {
        let encoded = encode(&out, &Reply { format: Err(String::new()), ..Reply::default() }, 0.0);
        assert_eq!((encoded.status, encoded.content_type, encoded.body.as_slice()), (500, "text/csv", &b"a,b"[..]));
    }
}

#[test]
fn an_answer_weighs_about_what_it_takes() {
    let long = text(&"x".repeat(10_000));
    let raw = Out::File(Box::new(File { status: 200, content_type: "text/csv", body: vec![b'x'; 10_000] }));
    let told = error(ApiError::new(ErrorCode::ServiceDoesNotExists, vec!["x".repeat(1000)]));
    for out in [
        long.clone(),
        thing(&[("name", long.clone())]),
        Out::List(vec![Out::List(vec![long.clone()])]),
        Out::Map(vec![("x".repeat(10_000), Out::Null)]),
        raw,
    ] {
        assert!((10_000..10_500).contains(&weight(&out)), "{}", weight(&out));
    }
    // Twice: in the message and among the arguments.
    assert!((2000..2200).contains(&weight(&told)), "{}", weight(&told));
    let many = Out::List(vec![thing(&[("id", Out::Int(7))]); 1000]);
    // Properties without a value count too, which JSON leaves out and XML writes.
    let [json, xml] = [Format::Json, Format::Xml].map(|format| write(&many, format).body.len());
    assert!((json..2 * xml).contains(&weight(&many)), "{json} {xml} {}", weight(&many));
    assert!(weight(&Out::List(vec![Out::Null; 1000])) >= 1000);
}
