//! Bodies and queries, written by hand so that nothing of the code under test is in them.

use std::fmt::Write as _;

/// A form body or a query: names and values percent-encoded, except for the letters that nest names.
#[must_use]
pub fn form(pairs: &[(&str, &str)]) -> String {
    let mut out = String::new();
    for (name, value) in pairs {
        if !out.is_empty() {
            out.push('&');
        }
        let _ = write!(out, "{}={}", name.replace('&', "%26").replace(' ', "%20"), escape(value));
    }
    out
}

/// One value for a query, a form or a path: everything but letters, digits, `-`, `_` and `.` is `%XX`.
#[must_use]
pub fn escape(value: &str) -> String {
    const KEPT: percent_encoding::AsciiSet = percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');
    percent_encoding::utf8_percent_encode(value, &KEPT).to_string()
}

/// One part of a multipart body.
#[derive(Debug)]
pub struct Part<'a> {
    /// The name of the field.
    pub name: &'a str,
    /// The file name, if it is an upload.
    pub file: Option<&'a str>,
    /// The content.
    pub data: &'a [u8],
}

/// A multipart body with its boundary, as most programs write one.
#[must_use]
pub fn multipart(boundary: &str, parts: &[Part<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    for part in parts {
        let file = part.file.map_or_else(String::new, |file| {
            format!("; filename=\"{file}\"\r\nContent-Type: application/octet-stream")
        });
        let head = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"{file}\r\n\r\n", part.name);
        out.extend_from_slice(head.as_bytes());
        out.extend_from_slice(part.data);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    out
}
