//! Fuzz targets, which are property tests under `cargo test`.
//!
//! Each first goes through its committed corpus. With the feature `planted-bug` each codec has a deliberate
//! bug; then every target skips its corpus, must find its bug by itself, and passes only if it fails.

#![expect(clippy::unwrap_used, reason = "a test may stop at what it did not expect, and so may its helpers")]

#[path = "../../../tests/fuzz/long.rs"]
mod long;
mod readers;

use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use ks_schema::generated::classes;
use ks_schema::{Out, OutObject, Tree};
use ks_wire::{CallTree, Calls, Decoded, Format, Limits, RawRequest, ReferenceBudget, Reply, decode, encode};

use crate::readers::{as_json, as_php, as_xml, php, xml_texts};

/// Runs a check over a corpus and over random inputs.
macro_rules! target {
    ($name:ident, $check:expr) => {
        #[test]
        #[cfg_attr(feature = "planted-bug", should_panic)]
        fn $name() {
            static INPUTS: AtomicU64 = AtomicU64::new(0);
            let check: fn(&[u8]) = $check;
            #[cfg(not(feature = "planted-bug"))]
            corpus(stringify!($name), check);
            bolero::check!().with_test_time(long::time()).for_each(|input: &[u8]| {
                INPUTS.fetch_add(1, Ordering::Relaxed);
                check(input);
            });
            long::report(env!("CARGO_PKG_NAME"), stringify!($name), INPUTS.load(Ordering::Relaxed));
        }
    };
}

#[cfg(not(feature = "planted-bug"))]
fn corpus(target: &str, check: fn(&[u8])) {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(target);
    let mut files = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        check(&std::fs::read(entry.unwrap().path()).unwrap());
        files += 1;
    }
    assert!(files > 0, "{target} has no corpus");
}

target!(form, |input| {
    let query = String::from_utf8_lossy(input);
    let _ = ask(&query, Some(&query), "application/x-www-form-urlencoded", input.to_vec());
    // What is encoded reads back, the last of equal names first.
    let pairs: Vec<(String, String)> =
        texts(input, b'&').enumerate().map(|(index, text)| (format!("n{}", index % 7), text)).collect();
    let escape =
        |byte: u8| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    let form: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{name}={}", value.bytes().map(escape).collect::<String>())).collect();
    let call = single(ask("/", None, "application/x-www-form-urlencoded", form.join("&").into_bytes()));
    for (name, _) in &pairs {
        let last = pairs.iter().rev().find(|(other, _)| other == name).map(|(_, value)| Tree::text(value.as_str()));
        assert_eq!(call.params.get(name.as_str()), last.as_ref());
    }
});

target!(json, |input| {
    let _ = ask("/", None, "application/json", input.to_vec());
    let items: Vec<String> = texts(input, b' ').collect();
    let body = serde_json::json!({ "x": items }).to_string();
    let call = single(ask("/", None, "application/json", body.into_bytes()));
    assert_eq!(call.params["x"], Tree::List(items.into_iter().map(Tree::Text).collect()));
});

target!(multipart, |input| {
    let _ = ask("/", None, "multipart/form-data; boundary=B", input.to_vec());
    let _ =
        ask("/", None, &format!("multipart/form-data; boundary={}", String::from_utf8_lossy(input)), input.to_vec());
    // Anything may stand in a file but the delimiter, which this one is too long to hold by chance.
    let mut body = Vec::new();
    let contents: Vec<&[u8]> = input.split(|byte| *byte == b' ').take(50).collect();
    for (index, content) in contents.iter().enumerate() {
        body.extend_from_slice(b"--0123456789abcdef\r\nContent-Disposition: form-data; filename=f; name=f");
        body.extend_from_slice(format!("{index}\r\n\r\n").as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--0123456789abcdef--");
    let call = single(ask("/", None, "multipart/form-data; boundary=0123456789abcdef", body));
    for (index, content) in contents.iter().enumerate() {
        let Tree::File(file) = &call.params[format!("f{index}").as_str()] else { panic!("no file") };
        assert_eq!(&file.bytes, content);
    }
});

target!(references, |input| {
    let results = [Out::Text("first".into()), Out::List(vec![Out::Int(5), Out::Bool(true)])];
    let text = String::from_utf8_lossy(input).into_owned();
    // Whatever stands around a reference stays, if it can take no part in one.
    let harmless = text.replace(['{', '}'], "");
    for (reference, value) in
        [("{1:result}", "first"), ("{2:result:0}", "5"), ("{2:result:_all}", "5,1,"), ("{3:result}", "{3:result}")]
    {
        let texts = [text.clone(), format!("{harmless}{reference}{harmless}")];
        let body = serde_json::json!({ "x": texts }).to_string();
        let mut call = single(ask("/", None, "application/json", body.into_bytes()));
        call.resolve(&results, &mut ReferenceBudget::default()).unwrap();
        let Tree::List(items) = &call.params["x"] else { panic!("no list") };
        assert_eq!(items[1], Tree::Text(format!("{harmless}{value}{harmless}")));
    }
});

target!(json_writer, |input| {
    let out = answer(&mut { input }, 4, true);
    let body = write(&out, Format::Json);
    let read: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(read, as_json(&out, true));
});

target!(xml_writer, |input| {
    let out = answer(&mut { input }, 4, false);
    let body = String::from_utf8(write(&out, Format::Xml)).unwrap();
    let (_, document) = body.split_once("?>").unwrap();
    let mut expected = as_xml("result", &out);
    expected.push("executionTime=0.5".to_owned());
    assert_eq!(xml_texts(document), expected);
});

target!(php_writer, |input| {
    let out = answer(&mut { input }, 4, true);
    let body = write(&out, Format::Php);
    assert_eq!(php(&body), Ok((as_php(&out), &[][..])));
});

fn ask(path: &str, query: Option<&str>, content_type: &str, body: Vec<u8>) -> Decoded {
    let limits = Limits { max_params: 100_000, ..Limits::default() };
    decode(&RawRequest { path, query, content_type: Some(content_type), body: Bytes::from(body) }, &limits)
}

fn single(decoded: Decoded) -> CallTree {
    match decoded.calls {
        Ok(Calls::Single(call)) => call,
        other => panic!("no single call: {other:?}"),
    }
}

fn write(out: &Out, format: Format) -> Vec<u8> {
    encode(out, &Reply::new(format), 0.5).body
}

/// The input as several texts.
fn texts(input: &[u8], separator: u8) -> impl Iterator<Item = String> {
    input.split(move |byte| *byte == separator).map(|part| String::from_utf8_lossy(part).into_owned())
}

/// Makes an answer of the input's bytes: a kind, then whatever that kind needs.
fn answer(input: &mut &[u8], depth: usize, floats: bool) -> Out {
    match byte(input) % if depth > 0 { 8 } else { 5 } {
        0 => Out::Null,
        1 => Out::Bool(byte(input) % 2 == 1),
        2 => Out::Int(i64::from_le_bytes(bytes(input))),
        3 if floats => {
            let number = f64::from_le_bytes(bytes(input));
            Out::Float(if number.is_finite() { number } else { 0.5 })
        }
        3 | 4 => Out::Text(text(input)),
        5 => Out::List((0..byte(input) % 5).map(|_| answer(input, depth - 1, floats)).collect()),
        6 => map(input, depth, floats),
        _ => {
            let values = vec![map(input, depth, floats)];
            Out::Object(Box::new(OutObject { class: &classes::OBJECT, values }))
        }
    }
}

fn map(input: &mut &[u8], depth: usize, floats: bool) -> Out {
    let entries: std::collections::BTreeMap<String, Out> =
        (0..byte(input) % 5).map(|_| (text(input), answer(input, depth - 1, floats))).collect();
    Out::Map(entries.into_iter().collect())
}

fn text(input: &mut &[u8]) -> String {
    let length = usize::from(byte(input)) % 16;
    let (part, rest) = input.split_at(length.min(input.len()));
    *input = rest;
    String::from_utf8_lossy(part).into_owned()
}

fn byte(input: &mut &[u8]) -> u8 {
    bytes::<1>(input)[0]
}

fn bytes<const N: usize>(input: &mut &[u8]) -> [u8; N] {
    let mut out = [0; N];
    for slot in &mut out {
        if let Some((first, rest)) = input.split_first() {
            *slot = *first;
            *input = rest;
        }
    }
    out
}
