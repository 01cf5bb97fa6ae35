//! JSON, as the protocol writes it: no envelope, `\/`, everything beyond ASCII as `\uXXXX`.

use ks_schema::{ApiError, Out, OutObject};

use crate::number::{FloatStyle, write_float};
use crate::reference::is_secret;

/// Writes an answer. A map as the whole answer loses its keys.
pub(super) fn write(body: &mut Vec<u8>, out: &Out) {
    match out {
        Out::Map(entries) => list(body, entries.iter().map(|(_, value)| value)),
        other => value(body, other),
    }
}

fn value(body: &mut Vec<u8>, out: &Out) {
    match out {
        Out::Null | Out::File(_) => body.extend_from_slice(b"null"),
        Out::Bool(true) => body.extend_from_slice(b"true"),
        Out::Bool(false) => body.extend_from_slice(b"false"),
        Out::Int(number) => body.extend_from_slice(itoa::Buffer::new().format(*number).as_bytes()),
        Out::Float(number) => write_float(body, *number, FloatStyle::Json),
        Out::Text(content) => text(body, content),
        Out::Object(inner) => object(body, inner),
        Out::List(items) => list(body, items),
        Out::Map(entries) => map(body, entries.iter().map(|(key, inner)| (key.as_str(), inner)), value),
        Out::Error(inner) => error(body, inner),
    }
}

fn list<'a>(body: &mut Vec<u8>, items: impl IntoIterator<Item = &'a Out>) {
    body.push(b'[');
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            body.push(b',');
        }
        value(body, item);
    }
    body.push(b']');
}

/// An empty map is `[]`, because the reference cannot tell it from an empty list.
fn map<T>(
    body: &mut Vec<u8>,
    entries: impl ExactSizeIterator<Item = (impl AsRef<str>, T)>,
    mut write: impl FnMut(&mut Vec<u8>, T),
) {
    if entries.len() == 0 {
        body.extend_from_slice(b"[]");
        return;
    }
    body.push(b'{');
    for (index, (key, inner)) in entries.enumerate() {
        if index > 0 {
            body.push(b',');
        }
        text(body, key.as_ref());
        body.push(b':');
        write(body, inner);
    }
    body.push(b'}');
}

/// Properties without a value are left out, and so are empty maps, which would be `[]` where clients
/// expect an object. The class comes last.
fn object(body: &mut Vec<u8>, object: &OutObject) {
    body.push(b'{');
    for (info, inner) in object.class.properties.iter().zip(&object.values) {
        let left_out = match inner {
            Out::Null | Out::File(_) => true,
            Out::Map(entries) => entries.is_empty(),
            _ => false,
        };
        if !left_out && !is_secret(info.access) {
            // Names of properties and classes are plain identifiers.
            body.push(b'"');
            body.extend_from_slice(info.name.as_bytes());
            body.extend_from_slice(b"\":");
            value(body, inner);
            body.push(b',');
        }
    }
    body.extend_from_slice(b"\"objectType\":\"");
    body.extend_from_slice(object.class.name.as_bytes());
    body.extend_from_slice(b"\"}");
}

fn error(body: &mut Vec<u8>, error: &ApiError) {
    body.extend_from_slice(b"{\"code\":");
    text(body, error.code().info().code);
    body.extend_from_slice(b",\"message\":");
    text(body, &error.message());
    body.extend_from_slice(b",\"objectType\":\"KalturaAPIException\",\"args\":");
    map(body, error.args(), text);
    body.push(b'}');
}

fn text(body: &mut Vec<u8>, content: &str) {
    body.push(b'"');
    // Nearly all texts have nothing to escape. Without a way out of the loop that is seen many bytes at a time.
    if content.bytes().fold(true, |all, byte| all & plain(byte)) {
        body.extend_from_slice(content.as_bytes());
    } else {
        escaped(body, content);
    }
    body.push(b'"');
}

fn escaped(body: &mut Vec<u8>, content: &str) {
    let mut rest = content;
    while let Some(at) = rest.bytes().position(|byte| !plain(byte)) {
        body.extend_from_slice(&rest.as_bytes()[..at]);
        let c = rest[at..].chars().next().unwrap_or_default();
        escape(body, c);
        rest = &rest[at + c.len_utf8()..];
    }
    body.extend_from_slice(rest.as_bytes());
}

/// Whether a byte stands for itself. DEL does.
const fn plain(byte: u8) -> bool {
    #[cfg(feature = "planted-bug")]
    if byte == 0x1f {
        return true;
    }
    matches!(byte, 0x20..=0x7f) && !matches!(byte, b'"' | b'\\' | b'/')
}

fn escape(body: &mut Vec<u8>, c: char) {
    let short = match c {
        '"' | '\\' | '/' => u8::try_from(c).unwrap_or_default(),
        '\u{8}' => b'b',
        '\u{c}' => b'f',
        '\n' => b'n',
        '\r' => b'r',
        '\t' => b't',
        _ => {
            for unit in c.encode_utf16(&mut [0; 2]) {
                const HEX: &[u8; 16] = b"0123456789abcdef";
                body.extend_from_slice(b"\\u");
                for shift in [12, 8, 4, 0] {
                    body.push(HEX[usize::from(*unit >> shift & 0xf)]);
                }
            }
            return;
        }
    };
    body.push(b'\\');
    body.push(short);
}
