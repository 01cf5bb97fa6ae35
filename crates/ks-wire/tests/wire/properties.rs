//! Properties of the codecs: hostile bytes never panic, and what is written reads back the same.

use bytes::Bytes;
use ks_schema::{Out, Tree};
use ks_wire::{Calls, Format, Limits, RawRequest, decode};
use proptest::prelude::*;

use crate::fixtures::{FORM, JSON, ask, body, show_tree, single, thing, xml};
use crate::readers::{as_json, as_php, as_xml, php, xml_texts};

/// Texts that have something for every escaping rule.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,12}",
        "\\PC{0,8}",
        proptest::collection::vec(any::<char>(), 0..8).prop_map(|chars| chars.into_iter().collect()),
        "[<>&\"'/\\\\\u{0}-\u{1f}\u{7f}\u{2028}\u{2029}\u{fffe}\u{ffff}é😀]{0,8}",
    ]
}

fn scalar(floats: bool) -> impl Strategy<Value = Out> {
    let scalar = prop_oneof![
        Just(Out::Null),
        any::<bool>().prop_map(Out::Bool),
        any::<i64>().prop_map(Out::Int),
        any::<f64>().prop_filter("a finite number", |number| number.is_finite()).prop_map(Out::Float),
        (-1e20..1e20).prop_map(Out::Float),
        any_text().prop_map(Out::Text),
    ];
    scalar.prop_filter("floats", move |out| floats || !matches!(out, Out::Float(_)))
}

fn answer(floats: bool) -> impl Strategy<Value = Out> {
    scalar(floats).prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Out::List),
            proptest::collection::btree_map(any_text(), inner.clone(), 0..4)
                .prop_map(|entries| Out::Map(entries.into_iter().collect())),
            (inner.clone(), inner.clone(), any_text()).prop_map(|(map, list, name)| {
                thing(&[
                    ("name", Out::Text(name)),
                    ("map", map),
                    ("list", list),
                    ("password", Out::Text("never".into())),
                ])
            }),
        ]
    })
}

const CONTENT_TYPES: [&str; 6] = [
    FORM,
    JSON,
    "application/json;charset=utf-8",
    "multipart/form-data; boundary=B",
    "multipart/form-data",
    "text/plain",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_decoding_panic(
        path in any_text(),
        query in proptest::option::of(any_text()),
        kind in 0..CONTENT_TYPES.len(),
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let request = RawRequest { path: &path, query: query.as_deref(), content_type: Some(CONTENT_TYPES[kind]), body: Bytes::from(bytes) };
        let _ = decode(&request, &Limits { max_depth: 4, max_params: 20, max_sub_requests: 2 });
    }

    #[test]
    fn no_likely_text_makes_decoding_panic(
        path in "(/|api_v3|index.php|service|multirequest|0|1|a|%2|%ff|:){0,12}",
        text in "(a|b|0|1|:|:-|\\[|\\]|\\.| |=|&|%|%5B|\\+|\\{|\\}|\"|,|\\\\|--B|--|\r\n|json|name=|Content-Disposition: form-data; |filename=|service|action|format){0,30}",
        kind in 0..CONTENT_TYPES.len(),
    ) {
        let body = Bytes::from(text.clone());
        let request = RawRequest { path: &path, query: Some(&text), content_type: Some(CONTENT_TYPES[kind]), body };
        let _ = decode(&request, &Limits { max_depth: 4, max_params: 20, max_sub_requests: 2 });
    }

    #[test]
    fn a_flat_form_reads_back_last_wins(pairs in proptest::collection::vec(("[a-zA-Z0-9_é\\]-]{1,4}", any_text()), 0..8)) {
        let text: Vec<String> = pairs.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect();
        let text = text.join("&");
        // The naive model: a list that is searched from its end.
        for decoded in [ask("/api_v3/", Some(FORM), text.clone()), ask(&format!("/api_v3/?{text}"), None, "")] {
            let call = single(decoded);
            for (name, _) in &pairs {
                let value = pairs.iter().rev().find(|(other, _)| other == name).map(|(_, value)| Tree::text(value.as_str()));
                prop_assert_eq!(call.params.get(name.as_str()), value.as_ref());
            }
        }
    }

    #[test]
    fn nested_names_read_back(
        leaves in proptest::collection::btree_map(proptest::collection::vec("[a-z]{1,2}", 1..4), any_text(), 1..8),
        brackets in any::<bool>(),
    ) {
        // Only sets of names in which none stands where another needs a map.
        let clash = |path: &Vec<String>| leaves.keys().any(|other| other.len() < path.len() && path.starts_with(other));
        let leaves: Vec<_> = leaves.iter().filter(|(path, _)| !clash(path)).collect();
        let name = |path: &[String]| if brackets { path[0].clone() + &path[1..].iter().map(|part| format!("[{part}]")).collect::<String>() } else { path.join(":") };
        let text: Vec<String> = leaves.iter().map(|(path, value)| format!("{}={}", escape(&name(path)), escape(value))).collect();
        let call = single(ask("/api_v3/", Some(FORM), text.join("&")));
        for (path, value) in leaves {
            let mut node = &call.params[path[0].as_str()];
            for part in &path[1..] {
                node = &node.as_map().unwrap()[part.as_str()];
            }
            prop_assert_eq!(node, &Tree::text(value.as_str()));
        }
    }

    #[test]
    fn json_bodies_read_as_another_reader_reads_them(value in json_value()) {
        let text = serde_json::json!({ "x": value }).to_string();
        let call = single(ask("/api_v3/", Some(JSON), text));
        prop_assert_eq!(show_tree(&call.params["x"]), value);
    }

    #[test]
    fn written_json_reads_back(out in answer(true)) {
        let text = body(&out, Format::Json);
        prop_assert!(text.is_ascii());
        let read: serde_json::Value = serde_json::from_str(&text).map_err(|error| TestCaseError::fail(format!("{error}: {text}")))?;
        prop_assert_eq!(read, as_json(&out, true));
    }

    #[test]
    fn written_xml_reads_back(out in answer(false)) {
        prop_assert_eq!(xml_texts(&format!("<result>{}</result>", xml(&out))), as_xml("result", &out));
    }

    #[test]
    fn written_php_reads_back(out in answer(true)) {
        let text = body(&out, Format::Php);
        let (read, rest) = php(text.as_bytes()).map_err(|fault| TestCaseError::fail(format!("{fault}: {text}")))?;
        prop_assert!(rest.is_empty());
        prop_assert_eq!(read, as_php(&out));
    }

    #[test]
    fn parts_of_a_multirequest_are_those_of_the_naive_model(
        entries in proptest::collection::btree_map(0_u8..6, (any::<bool>(), any::<bool>()), 0..6),
    ) {
        let parts: serde_json::Map<_, _> = entries.iter().map(|(key, (service, action))| {
            let mut part = serde_json::Map::new();
            if *service { part.insert("service".into(), "s".into()); }
            if *action { part.insert("action".into(), key.to_string().into()); }
            (key.to_string(), part.into())
        }).collect();
        let decoded = ask("/api_v3/service/multirequest", Some(JSON), serde_json::Value::Object(parts).to_string());
        let Ok(Calls::Multi(calls)) = decoded.calls else { panic!("no multirequest") };
        let mut expected = Vec::new();
        let mut key = u8::from(!entries.contains_key(&0));
        while let Some((true, true)) = entries.get(&key) {
            expected.push(key.to_string());
            key += 1;
        }
        prop_assert_eq!(calls.iter().map(|call| call.action().unwrap().to_owned()).collect::<Vec<_>>(), expected);
    }
}

fn json_value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        // Few digits, since the reader that both sides share may be one bit off with many.
        (-1_000_000_i32..1_000_000).prop_map(|number| (f64::from(number) / 64.0 + 1.0 / 128.0).into()),
        any_text().prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(serde_json::Value::from),
            proptest::collection::btree_map(any_text(), inner, 0..4)
                .prop_map(|entries| entries.into_iter().collect::<serde_json::Value>()),
        ]
    })
}

/// Percent-encodes everything but letters and digits.
fn escape(text: &str) -> String {
    let encode =
        |byte: u8| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(encode).collect()
}
