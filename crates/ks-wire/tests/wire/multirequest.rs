//! How a multirequest falls into calls.

use crate::fixtures::{FORM, JSON, ask, multi, show, show_tree, upload};

fn actions(url: &str, body: &str) -> Vec<String> {
    let content_type = if body.starts_with('{') { JSON } else { FORM };
    multi(ask(url, Some(content_type), body)).iter().map(|call| call.action().unwrap().to_owned()).collect()
}

const URL: &str = "/api_v3/service/multirequest/";

#[test]
fn numbering_starts_at_0_or_1() {
    assert_eq!(actions(URL, "0:service=s&0:action=a&1:service=s&1:action=b"), ["a", "b"]);
    assert_eq!(actions(URL, "1:service=s&1:action=a&2:service=s&2:action=b"), ["a", "b"]);
    assert_eq!(actions(URL, "2:service=s&2:action=a&3:service=s&3:action=b"), [""; 0]);
    assert_eq!(actions("/api_v3/?service=multirequest&action=null&1:service=s&1:action=a", ""), ["a"]);
    assert_eq!(actions(URL, r#"{"1":{"service":"s","action":"a"},"0":{"service":"s","action":"b"}}"#), ["b", "a"]);
    assert_eq!(actions(URL, ""), [""; 0]);
}

#[test]
fn order_is_by_number_not_by_text() {
    // C# sorts its keys as text.
    let body: Vec<_> = [1, 10, 11, 2, 3, 4, 5, 6, 7, 8, 9]
        .iter()
        .map(|n| format!(r#""{n}":{{"service":"s","action":"a{n}"}}"#))
        .collect();
    let actions = actions(URL, &format!("{{{}}}", body.join(",")));
    assert_eq!(actions, (1..=11).map(|n| format!("a{n}")).collect::<Vec<_>>());
}

#[test]
fn a_gap_or_an_unnamed_part_ends_the_list() {
    assert_eq!(actions(URL, "1:service=s&1:action=a&3:service=s&3:action=c"), ["a"]);
    assert_eq!(actions(URL, "1:service=s&1:action=a&2:service=s&3:service=s&3:action=c"), ["a"]);
    assert_eq!(actions(URL, "1:service=s&1:action=a&2:service=&2:action=b"), ["a"]);
    assert_eq!(actions(URL, "1:service=s&1:action=a&2=x"), ["a"]);
    assert_eq!(actions(URL, "1:service=s&1:action=a&01:service=s&01:action=b"), ["a"]);
    assert_eq!(actions(URL, "-1:service=s&-1:action=x&1:service=s&1:action=a"), ["a"]);
}

#[test]
fn some_common_parameters_are_inherited() {
    let calls = multi(ask(
        URL,
        Some(JSON),
        r#"{"ks":"K","clientTag":"T","partnerId":1,"p":2,"language":"en","responseProfile":{"x":"y"},"format":1,
           "1":{"service":"s","action":"a","format":3},
           "2":{"service":"s","action":"b","ks":"own","clientTag":null,"partnerId":""}}"#,
    ));
    assert_eq!(show(&calls[0].params), r#"{"service":"s","action":"a","clientTag":"T","ks":"K","partnerId":1}"#);
    assert_eq!(show(&calls[1].params), r#"{"service":"s","action":"b","ks":"own","clientTag":"T","partnerId":""}"#);
}

#[test]
fn a_part_may_have_files() {
    let body = "--B\r\nContent-Disposition: form-data; name=\"2:fileData\"\r\n\r\nstream\r\n\
        --B\r\nContent-Disposition: form-data; name=\"1:fileData\"; filename=\"f\"\r\n\r\nfile\r\n\
        --B\r\nContent-Disposition: form-data; name=\"json\"\r\n\r\n\
        {\"1\":{\"service\":\"s\",\"action\":\"a\"},\"2\":{\"service\":\"s\",\"action\":\"b\"}}\r\n--B--";
    let mut calls = multi(ask(URL, Some("multipart/form-data; boundary=B"), body));
    calls.iter_mut().for_each(|call| call.claim_files(&upload()));
    assert_eq!(show_tree(&calls[0].params["fileData"])["text"], "file");
    assert_eq!(show_tree(&calls[1].params["fileData"])["text"], "stream");
}

#[test]
fn a_common_text_cannot_be_multiplied_without_end() {
    let mut body = format!("ks={}", "x".repeat(1 << 20));
    for n in 1..=100 {
        body.push_str(&format!("&{n}:service=s&{n}:action=a"));
    }
    let refused = ask(URL, Some(FORM), body).calls.unwrap_err();
    assert_eq!(refused.error.code().info().code, "PARAMETER_VALUE_OUT_OF_RANGE");
    assert_eq!(refused.parts, Some(100));
}
