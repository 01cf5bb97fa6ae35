//! `multipart/form-data`, read with the tolerance that real clients need: an empty line before the first
//! boundary, none after the last, any characters in the boundary, parts in any order.

use bytes::Bytes;
use ks_schema::{ApiError, Upload};
use memchr::memmem;

use super::form::unescape;
use super::{json, malformed};

/// One part of the form.
pub(super) struct Field {
    pub(super) name: String,
    /// Present if the part is a file.
    pub(super) file_name: Option<String>,
    content_type: String,
    pub(super) bytes: Bytes,
}

impl Field {
    /// Whether this is the part that carries all parameters as JSON.
    pub(super) fn is_json(&self) -> bool {
        self.name == "json" && self.file_name.is_none() && json::looks_like_object(&self.bytes)
    }

    /// The value of a text part. One that is not UTF-8 is an empty text.
    pub(super) fn text(&self) -> String {
        std::str::from_utf8(&self.bytes).unwrap_or_default().to_owned()
    }

    pub(super) fn into_upload(self) -> (String, Upload) {
        let file_name = self.file_name.unwrap_or_default();
        (self.name, Upload { file_name, content_type: self.content_type, bytes: self.bytes })
    }
}

/// Splits a body into its parts, without copying their contents, and hands each on as it is found: a body
/// may have millions of them, and whoever takes them says when it is enough.
pub(super) fn each(
    content_type: &str,
    body: &Bytes,
    mut take: impl FnMut(Field) -> Result<(), ApiError>,
) -> Result<(), ApiError> {
    let fault = || malformed("body", "multipart/form-data");
    let boundary = parameter(content_type, "boundary").filter(|boundary| !boundary.is_empty()).ok_or_else(fault)?;
    let delimiter = [b"--", boundary.as_bytes()].concat();
    // Where the content of the part being read begins; before the first delimiter there is none.
    let mut part_start = None;
    for at in memmem::find_iter(&body[..], &delimiter) {
        let Some(line_end) = delimiter_line(body, at, at + delimiter.len()) else { continue };
        if let Some(start) = part_start
            && let Some(field) = field(body, start, at).ok_or_else(fault)?
        {
            take(field)?;
        }
        match line_end {
            LineEnd::Part(next) => part_start = Some(next),
            LineEnd::Last => return Ok(()),
        }
    }
    // A body without its end was cut off on the way: half a file must not pass for a whole one.
    if part_start.is_none() && body.iter().all(u8::is_ascii_whitespace) { Ok(()) } else { Err(fault()) }
}

enum LineEnd {
    /// A part begins at this place.
    Part(usize),
    /// The delimiter was the closing one.
    Last,
}

/// Whether the text from `at` to `end` is a delimiter: at the beginning of a line, and alone on it.
fn delimiter_line(body: &[u8], at: usize, end: usize) -> Option<LineEnd> {
    if at > 0 && body[at - 1] != b'\n' {
        return None;
    }
    let rest = &body[end..];
    if rest.starts_with(b"--") {
        return Some(LineEnd::Last);
    }
    let padding = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    match &rest[padding..] {
        [b'\r', b'\n', ..] => Some(LineEnd::Part(end + padding + 2)),
        [b'\n', ..] => Some(LineEnd::Part(end + padding + 1)),
        _ => None,
    }
}

/// Reads the part from `start` to the line break before `end`. `None` if it has no end of headers;
/// no field for parts that the form does not name, and for file inputs that were left empty.
fn field(body: &Bytes, start: usize, end: usize) -> Option<Option<Field>> {
    let content_end = match &body[start..end] {
        [.., b'\r', b'\n'] => end - 2,
        [.., b'\n'] => end - 1,
        _ => end,
    };
    let mut at = start;
    let mut name = None;
    let mut file_name = None;
    let mut content_type = String::new();
    loop {
        let line_end = at + memchr::memchr(b'\n', &body[at..end])?;
        let line = body[at..line_end].strip_suffix(b"\r").unwrap_or(&body[at..line_end]);
        at = line_end + 1;
        if line.is_empty() {
            break;
        }
        let line = String::from_utf8_lossy(line);
        let Some((header, value)) = line.split_once(':') else { continue };
        if header.trim().eq_ignore_ascii_case("content-disposition") {
            name = parameter(value, "name");
            file_name = parameter(value, "filename").or_else(|| extended(&parameter(value, "filename*")?));
        } else if header.trim().eq_ignore_ascii_case("content-type") {
            content_type = value.trim().to_owned();
        }
    }
    // An empty part may share its one line break between headers and delimiter.
    let bytes = body.slice(at.min(content_end)..content_end);
    #[cfg(feature = "planted-bug")]
    let bytes = if bytes.ends_with(b"-") { bytes.slice(..bytes.len() - 1) } else { bytes };
    let left_empty = file_name.as_deref() == Some("") && bytes.is_empty();
    let file_name = file_name.map(|name| last_component(&name).to_owned());
    Some(name.filter(|_| !left_empty).map(|name| Field { name, file_name, content_type, bytes }))
}

/// Some programs send a whole path of their own machine.
fn last_component(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or_default()
}

/// A parameter of a header value: `form-data; name="a"; filename=b`.
fn parameter(value: &str, wanted: &str) -> Option<String> {
    let mut rest = value.split_once(';')?.1;
    loop {
        let (name, after) = rest.split_once('=')?;
        // A word without `=` before this name, such as `; form-data; name=…`.
        let name = name.rsplit(';').next().unwrap_or_default().trim();
        let (text, tail) = match after.trim_start().strip_prefix('"') {
            Some(quoted) => quoted_text(quoted),
            None => {
                let (text, tail) = after.split_once(';').unwrap_or((after, ""));
                (text.trim().to_owned(), tail)
            }
        };
        if name.eq_ignore_ascii_case(wanted) {
            return Some(text);
        }
        rest = tail;
    }
}

/// Reads to the closing quote. A backslash escapes quotes and itself only, since some programs send
/// paths with backslashes as they are.
fn quoted_text(quoted: &str) -> (String, &str) {
    let mut text = String::new();
    let mut chars = quoted.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (text, &quoted[at + 1..]),
            '\\' => match chars.next_if(|(_, next)| matches!(next, '"' | '\\')) {
                Some((_, escaped)) => text.push(escaped),
                None => text.push('\\'),
            },
            other => text.push(other),
        }
    }
    (text, "")
}

/// The name in `utf-8''percent-encoded`, which some programs send for names beyond ASCII.
fn extended(value: &str) -> Option<String> {
    let (_charset, rest) = value.split_once('\'')?;
    let (_language, encoded) = rest.split_once('\'')?;
    String::from_utf8(unescape(encoded.as_bytes(), false).into_owned()).ok()
}
