//! PHP's `serialize()`, byte for byte. Lengths count bytes; a wrong one makes the whole answer unreadable.

use ks_schema::{ApiError, Out, OutObject};

use crate::number::{FloatStyle, canonical_int, write_float};
use crate::reference::is_secret;

/// Writes an answer.
pub(super) fn write(body: &mut Vec<u8>, out: &Out) {
    match out {
        Out::Null | Out::File(_) => body.extend_from_slice(b"N;"),
        Out::Bool(true) => body.extend_from_slice(b"b:1;"),
        Out::Bool(false) => body.extend_from_slice(b"b:0;"),
        Out::Int(number) => int(body, *number),
        Out::Float(number) => {
            body.extend_from_slice(b"d:");
            write_float(body, *number, FloatStyle::Php);
            body.push(b';');
        }
        Out::Text(content) => text(body, content),
        Out::Object(inner) => object(body, inner),
        Out::List(items) => array(body, items.iter().enumerate(), |body, (index, item)| {
            body.extend_from_slice(b"i:");
            length(body, index);
            body.push(b';');
            write(body, item);
        }),
        Out::Map(entries) => array(body, entries.iter(), |body, (name, value)| {
            key(body, name);
            write(body, value);
        }),
        Out::Error(inner) => error(body, inner),
    }
}

fn array<T>(body: &mut Vec<u8>, entries: impl ExactSizeIterator<Item = T>, mut entry: impl FnMut(&mut Vec<u8>, T)) {
    body.extend_from_slice(b"a:");
    length(body, entries.len());
    body.extend_from_slice(b":{");
    for item in entries {
        entry(body, item);
    }
    body.push(b'}');
}

/// The class name stands for `objectType`; properties without a value are left out.
fn object(body: &mut Vec<u8>, object: &OutObject) {
    let written = || {
        let properties = object.class.properties.iter().zip(&object.values);
        properties.filter(|(info, value)| !is_secret(info.access) && !matches!(value, Out::Null | Out::File(_)))
    };
    body.extend_from_slice(b"O:");
    quoted(body, object.class.name);
    body.push(b':');
    length(body, written().count());
    body.extend_from_slice(b":{");
    for (info, value) in written() {
        text(body, info.name);
        write(body, value);
    }
    body.push(b'}');
}

fn error(body: &mut Vec<u8>, error: &ApiError) {
    body.extend_from_slice(b"a:4:{");
    text(body, "code");
    text(body, error.code().info().code);
    text(body, "message");
    text(body, &error.message());
    text(body, "objectType");
    text(body, "KalturaAPIException");
    text(body, "args");
    array(body, error.args(), |body, (name, value)| {
        key(body, name);
        text(body, value);
    });
    body.push(b'}');
}

/// Keys that are canonical integers are integers in PHP's arrays.
fn key(body: &mut Vec<u8>, name: &str) {
    match canonical_int(name) {
        Some(number) => int(body, number),
        None => text(body, name),
    }
}

fn int(body: &mut Vec<u8>, number: i64) {
    body.extend_from_slice(b"i:");
    body.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
    body.push(b';');
}

fn text(body: &mut Vec<u8>, content: &str) {
    body.extend_from_slice(b"s:");
    quoted(body, content);
    body.push(b';');
}

/// Length, colon, and the bytes in quotes with nothing escaped.
fn quoted(body: &mut Vec<u8>, content: &str) {
    #[cfg(feature = "planted-bug")]
    length(body, content.encode_utf16().count());
    #[cfg(not(feature = "planted-bug"))]
    length(body, content.len());
    body.extend_from_slice(b":\"");
    body.extend_from_slice(content.as_bytes());
    body.push(b'"');
}

fn length(body: &mut Vec<u8>, count: usize) {
    body.extend_from_slice(itoa::Buffer::new().format(count).as_bytes());
}
