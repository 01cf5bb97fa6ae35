//! Answers to bytes.

mod json;
mod php;
mod xml;

use ks_schema::{ErrorCode, Out};

use crate::format::{Format, Reply};

/// An answer ready to be sent.
#[derive(Clone, PartialEq)]
pub struct Encoded {
    /// HTTP status: 200 for answers and errors alike, except where a raw answer says otherwise.
    pub status: u16,
    /// Content-Type.
    pub content_type: &'static str,
    /// Further headers that belong to this answer.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for Encoded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Encoded")
            .field("status", &self.status)
            .field("content_type", &self.content_type)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// The reference sends PHP values and empty answers as HTML. Ours must not run as a page when it echoes a
/// script, so it is plain text; no client looks.
const PLAIN: &str = "text/plain; charset=UTF-8";

/// Writes an answer: a result, an error, or the list of a multirequest.
///
/// A raw result ([`Out::File`]) goes out as it is, whatever the format, also out of a list. A format that
/// does not exist, and JSONP without a proper function name, give an empty body and a header that says why.
/// `seconds` is how long the execution took; only XML tells.
#[must_use]
pub fn encode(out: &Out, reply: &Reply, seconds: f64) -> Encoded {
    if let Some(raw) = raw(out) {
        return raw;
    }
    let mut body = Vec::with_capacity(512);
    let content_type = match (&reply.format, reply.callback.as_deref()) {
        (Ok(Format::Json), _) => {
            json::write(&mut body, out);
            "application/json"
        }
        (Ok(Format::Xml), _) => {
            xml::write(&mut body, out, reply.ignore_null, seconds);
            "text/xml;charset=UTF-8"
        }
        (Ok(Format::Php), _) => {
            php::write(&mut body, out);
            PLAIN
        }
        (Ok(Format::Jsonp), None) => return empty(ErrorCode::MandatoryParameterMissing, "callback is missing"),
        (Ok(Format::Jsonp), Some(callback)) => {
            if !callback.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.')) {
                return empty(ErrorCode::InvalidFieldValue, "callback is not a name");
            }
            body.extend_from_slice(callback.as_bytes());
            body.push(b'(');
            json::write(&mut body, out);
            body.extend_from_slice(b");");
            "application/javascript"
        }
        (Err(_), _) => return empty(ErrorCode::UnknownResponseFormat, "unknown response format"),
    };
    Encoded { status: 200, content_type, headers: Vec::new(), body }
}

/// No body, and headers that say why. Nothing of the request is echoed into them.
fn empty(code: ErrorCode, message: &str) -> Encoded {
    let code = code.info().code;
    let headers = vec![
        ("X-Kaltura", format!("error- {code}")),
        ("X-Kaltura-App", format!("exiting on error {code} - {message}")),
    ];
    Encoded { status: 200, content_type: PLAIN, headers, body: Vec::new() }
}

fn raw(out: &Out) -> Option<Encoded> {
    let file = match out {
        Out::File(file) => file,
        // A raw result in a multirequest is all that is answered.
        Out::List(items) => items.iter().find_map(|item| match item {
            Out::File(file) => Some(file),
            _ => None,
        })?,
        _ => return None,
    };
    Some(Encoded { status: file.status, content_type: file.content_type, headers: Vec::new(), body: file.body.clone() })
}
