//! The requests that are sent to `ks` and to its opponent alike, and how their answers are checked.

use serde::{Deserialize, Serialize};

/// One kind of load, for the load generator.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Load {
    pub(crate) address: String,
    /// The request, head and body.
    pub(crate) request: String,
    pub(crate) check: Check,
    pub(crate) connections: usize,
    /// How long to send before counting, and while counting.
    pub(crate) warm_up_ms: u64,
    pub(crate) counted_ms: u64,
}

/// What an answer's body must be.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Check {
    /// These very bytes.
    Exactly(String),
    /// A JSON text of this length with these first bytes, of the characters that tokens are made of. Tokens have a random
    /// part; one of each connection is handed back to be verified.
    Token { start: String, length: usize },
}

/// What the load generator counted.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Counted {
    /// Answers while counting.
    pub(crate) answers: u64,
    /// While counting, in seconds.
    pub(crate) seconds: f64,
    /// Answers in all.
    pub(crate) all: u64,
    /// Processor time of the generator as a share of one core.
    pub(crate) busy: f64,
    /// The last body of each connection.
    pub(crate) last: Vec<String>,
}

impl Check {
    pub(crate) fn accepts(&self, body: &[u8]) -> bool {
        match self {
            Self::Exactly(expected) => body == expected.as_bytes(),
            Self::Token { start, length } => {
                body.len() == *length
                    && body.starts_with(start.as_bytes())
                    && body.ends_with(b"\"")
                    && body[1..body.len() - 1].iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_=".contains(byte))
            }
        }
    }
}

/// Where sessions are started.
pub(crate) const START: &str = "/api_v3/service/session/action/start";
/// Where sessions are looked at.
pub(crate) const GET: &str = "/api_v3/service/session/action/get";
/// Who starts them.
pub(crate) const USER: &str = "alice@example.com";
/// What they may do.
pub(crate) const PRIVILEGES: &str = "edit:0_abc1234,sview:*";

/// A request as a client library sends it.
pub(crate) fn post(address: &str, path: &str, content_type: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nUser-Agent: ks-bench\r\nAccept: application/json\r\n\
         Content-Type: {content_type}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// `session.start` as a form.
pub(crate) fn start_form(address: &str, partner: i64, secret: &str, kind: i64) -> String {
    let privileges = PRIVILEGES.replace(':', "%3A").replace(',', "%2C");
    let user = USER.replace('@', "%40");
    let body = format!(
        "format=1&partnerId={partner}&secret={secret}&userId={user}&type={kind}&expiry=86400&privileges={privileges}"
    );
    post(address, START, "application/x-www-form-urlencoded", &body)
}

/// `session.start` as JSON.
pub(crate) fn start_json(address: &str, partner: i64, secret: &str, kind: i64) -> String {
    let body = serde_json::json!({
        "format": 1, "partnerId": partner, "secret": secret, "userId": USER, "type": kind, "expiry": 86400,
        "privileges": PRIVILEGES,
    });
    post(address, START, "application/json", &body.to_string())
}

/// `session.get` of the caller's own session.
pub(crate) fn get_form(address: &str, token: &str) -> String {
    post(address, GET, "application/x-www-form-urlencoded", &format!("format=1&ks={}", token.replace('=', "%3D")))
}

/// `system.ping`.
pub(crate) fn ping(address: &str) -> String {
    post(address, "/api_v3/service/system/action/ping", "application/x-www-form-urlencoded", "format=1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_checked_to_the_byte() {
        let exactly = Check::Exactly("true".to_owned());
        assert!(exactly.accepts(b"true") && !exactly.accepts(b"true ") && !exactly.accepts(b"{}"));
        let token = Check::Token { start: "\"djJ8".to_owned(), length: 10 };
        assert!(token.accepts(b"\"djJ8ab-_\""));
        for wrong in ["\"djJ8ab-_", "\"djJ8ab-\"", "\"djJ8ab<_\"", "\"djJ9ab-_\"", ""] {
            assert!(!token.accepts(wrong.as_bytes()), "{wrong}");
        }
    }
}
