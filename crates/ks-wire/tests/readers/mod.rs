//! Small independent readers of what the writers write, and naive models of what they should have written.

use ks_schema::{Out, OutObject};
use serde_json::Value;

/// The properties of an object that may be answered.
fn answered(object: &OutObject) -> impl Iterator<Item = (&'static str, &Out)> {
    let properties = object.class.properties.iter().zip(&object.values);
    properties.map(
        |(info, value)| {
            if matches!(info.name, "password" | "pin") { (info.name, &Out::Null) } else { (info.name, value) }
        },
    )
}

/// What JSON of an answer must mean. `top` says whether this is the whole answer.
pub(crate) fn as_json(out: &Out, top: bool) -> Value {
    match out {
        Out::Null | Out::File(_) => Value::Null,
        Out::Bool(value) => (*value).into(),
        Out::Int(value) => (*value).into(),
        Out::Float(value) => serde_json::from_str(&json_float(*value)).unwrap(),
        Out::Text(text) => text.as_str().into(),
        Out::List(items) => items.iter().map(|item| as_json(item, false)).collect(),
        Out::Map(entries) if top || entries.is_empty() => {
            entries.iter().map(|(_, item)| as_json(item, false)).collect()
        }
        Out::Map(entries) => entries.iter().map(|(key, item)| (key.clone(), as_json(item, false))).collect(),
        Out::Object(object) => {
            let written = answered(object).filter(|(_, value)| **value != Out::Null && **value != Out::Map(vec![]));
            let mut map: serde_json::Map<_, _> =
                written.map(|(name, value)| (name.to_owned(), as_json(value, false))).collect();
            map.insert("objectType".to_owned(), object.class.name.into());
            map.into()
        }
        Out::Error(error) => panic!("no errors in this model: {error}"),
    }
}

/// Whole numbers of up to 17 digits have no point, and so read back as whole numbers.
fn json_float(value: f64) -> String {
    let plain = format!("{value}");
    if value.fract() == 0.0 && plain.trim_start_matches('-').len() <= 17 { plain } else { format!("{value:e}") }
}

/// A value of PHP.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Php {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Vec<u8>),
    Array(Entries),
    Object(Vec<u8>, Entries),
}

pub(crate) type Entries = Vec<(Php, Php)>;

/// What PHP of an answer must mean.
pub(crate) fn as_php(out: &Out) -> Php {
    let text = |text: &str| Php::Text(text.as_bytes().to_vec());
    match out {
        Out::Null | Out::File(_) => Php::Null,
        Out::Bool(value) => Php::Bool(*value),
        Out::Int(value) => Php::Int(*value),
        Out::Float(value) => Php::Float(*value),
        Out::Text(content) => text(content),
        Out::List(items) => Php::Array((0..).map(Php::Int).zip(items.iter().map(as_php)).collect()),
        Out::Map(entries) => {
            let key = |key: &str| match key.parse::<i64>() {
                Ok(number) if number.to_string() == key => Php::Int(number),
                _ => text(key),
            };
            Php::Array(entries.iter().map(|(name, item)| (key(name), as_php(item))).collect())
        }
        Out::Object(object) => {
            let written = answered(object).filter(|(_, value)| **value != Out::Null);
            let properties = written.map(|(name, value)| (text(name), as_php(value))).collect();
            Php::Object(object.class.name.as_bytes().to_vec(), properties)
        }
        Out::Error(error) => panic!("no errors in this model: {error}"),
    }
}

/// Reads one serialized value, and returns what follows it.
pub(crate) fn php(input: &[u8]) -> Result<(Php, &[u8]), String> {
    if let Some(rest) = input.strip_prefix(b"N;") {
        return Ok((Php::Null, rest));
    }
    let (kind, rest) = until(input, b':')?;
    match kind {
        "b" | "i" | "d" => {
            let (text, rest) = until(rest, b';')?;
            let fault = || format!("no value: {text:?}");
            let value = match (kind, text) {
                ("b", "0") => Php::Bool(false),
                ("b", "1") => Php::Bool(true),
                ("i", _) => Php::Int(text.parse().map_err(|_| fault())?),
                ("d", _) => Php::Float(text.parse().map_err(|_| fault())?),
                _ => return Err(fault()),
            };
            Ok((value, rest))
        }
        "s" => {
            let (text, rest) = quoted(rest)?;
            Ok((Php::Text(text), rest.strip_prefix(b";").ok_or("no end of a text")?))
        }
        "a" => {
            let (entries, rest) = entries(rest)?;
            Ok((Php::Array(entries), rest))
        }
        "O" => {
            let (class, rest) = quoted(rest)?;
            let (entries, rest) = entries(rest.strip_prefix(b":").ok_or("no properties")?)?;
            Ok((Php::Object(class, entries), rest))
        }
        _ => Err(format!("no type: {kind:?}")),
    }
}

fn until(input: &[u8], end: u8) -> Result<(&str, &[u8]), String> {
    let at = input.iter().position(|byte| *byte == end).ok_or("no end")?;
    let text = std::str::from_utf8(&input[..at]).map_err(|_| "no text")?;
    Ok((text, &input[at + 1..]))
}

fn length(input: &[u8]) -> Result<(usize, &[u8]), String> {
    let (text, rest) = until(input, b':')?;
    Ok((text.parse().map_err(|_| format!("no length: {text:?}"))?, rest))
}

/// `3:"abc"`.
fn quoted(input: &[u8]) -> Result<(Vec<u8>, &[u8]), String> {
    let (length, rest) = length(input)?;
    let rest = rest.strip_prefix(b"\"").ok_or("no opening quote")?;
    let (text, rest) = rest.split_at_checked(length).ok_or("too long a text")?;
    Ok((text.to_vec(), rest.strip_prefix(b"\"").ok_or("wrong length")?))
}

/// `1:{…}`.
fn entries(input: &[u8]) -> Result<(Entries, &[u8]), String> {
    let (count, rest) = length(input)?;
    let mut rest = rest.strip_prefix(b"{").ok_or("no entries")?;
    let mut entries = Vec::new();
    for _ in 0..count {
        let (key, after) = php(rest)?;
        let (value, after) = php(after)?;
        entries.push((key, value));
        rest = after;
    }
    Ok((entries, rest.strip_prefix(b"}").ok_or("no end of entries")?))
}

/// The elements that hold text, in the order in which they end: `name=text`, or `name+=text` for text beside
/// other elements.
pub(crate) fn xml_texts(content: &str) -> Vec<String> {
    use quick_xml::events::Event;
    assert!(content.chars().all(is_xml), "a character that XML cannot carry");
    let mut reader = quick_xml::Reader::from_str(content);
    let mut open: Vec<(String, usize, String)> = Vec::new();
    let mut found = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Start(tag) => open.push((tag.name().0.to_owned(), found.len(), String::new())),
            Event::Text(part) => open.last_mut().unwrap().2.push_str(&part),
            Event::GeneralRef(name) => {
                open.last_mut().unwrap().2.push_str(quick_xml::escape::resolve_xml_entity(&name).unwrap());
            }
            Event::End(_) => {
                let (name, before, text) = open.pop().unwrap();
                close(&name, before, &text, &mut found);
            }
            Event::Eof => return found,
            other => panic!("unexpected {other:?}"),
        }
    }
}

fn close(name: &str, before: usize, text: &str, found: &mut Vec<String>) {
    if found.len() == before {
        found.push(format!("{name}={text}"));
    } else if !text.is_empty() {
        found.push(format!("{name}+={text}"));
    }
}

/// What [`xml_texts`] must find in an element that holds this answer.
pub(crate) fn as_xml(name: &str, out: &Out) -> Vec<String> {
    let mut found = Vec::new();
    element(name, out, &mut found);
    found
}

fn element(name: &str, out: &Out, found: &mut Vec<String>) {
    let before = found.len();
    let text = children(out, found);
    close(name, before, &text, found);
}

fn children(out: &Out, found: &mut Vec<String>) -> String {
    match out {
        Out::Null | Out::File(_) => String::new(),
        Out::Bool(value) => u8::from(*value).to_string(),
        Out::Int(value) => value.to_string(),
        Out::Float(value) => panic!("no floats in this model: {value}"),
        Out::Text(text) => legal(text),
        Out::List(items) => {
            items.iter().for_each(|item| element("item", item, found));
            String::new()
        }
        Out::Map(entries) => {
            for (key, value) in entries {
                let before = found.len();
                found.push(format!("itemKey={}", legal(key)));
                let text = children(value, found);
                close("item", before, &text, found);
            }
            String::new()
        }
        Out::Object(object) => {
            found.push(format!("objectType={}", object.class.name));
            answered(object).for_each(|(name, value)| element(name, value, found));
            String::new()
        }
        Out::Error(error) => panic!("no errors in this model: {error}"),
    }
}

fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

fn legal(text: &str) -> String {
    text.chars().map(|c| if is_xml(c) { c } else { '\u{fffd}' }).collect()
}
