//! What can go wrong.

use std::fmt;

use ks_schema::ErrorCode;
use serde_json::Value;

/// Why a call has no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The server answered that it will not.
    #[error(transparent)]
    Api(Box<ApiError>),
    /// There is no connection; nothing was sent.
    #[error("{server}: {reason}")]
    Connect {
        /// The server.
        server: String,
        /// What the system said.
        reason: String,
    },
    /// There was no answer in time. Whether the server did what it was asked for is not known.
    #[error("{server}: no answer in time")]
    Timeout {
        /// The server.
        server: String,
    },
    /// The connection broke off. Whether the server did what it was asked for is not known.
    #[error("{server}: the connection broke off: {reason}")]
    Broken {
        /// The server.
        server: String,
        /// What the system said.
        reason: String,
    },
    /// Something answered that is no Kaltura server, or one that is unwell.
    #[error("{server}: HTTP status {status}")]
    Status {
        /// The server.
        server: String,
        /// The HTTP status.
        status: u16,
    },
    /// The answer is not what the action is declared to answer.
    #[error("the answer cannot be read: {0}")]
    Decode(String),
    /// The client was asked for something that it cannot do.
    #[error("{0}")]
    Usage(String),
}

impl Error {
    /// The server's own refusal, if this is one.
    #[must_use]
    pub fn api(&self) -> Option<&ApiError> {
        match self {
            Self::Api(error) => Some(error),
            Self::Connect { .. }
            | Self::Timeout { .. }
            | Self::Broken { .. }
            | Self::Status { .. }
            | Self::Decode(_)
            | Self::Usage(_) => None,
        }
    }

    /// Whether the server refused with this code.
    #[must_use]
    pub fn is(&self, code: ErrorCode) -> bool {
        self.api().is_some_and(|error| error.is(code))
    }
}

impl From<ApiError> for Error {
    fn from(error: ApiError) -> Self {
        Self::Api(Box::new(error))
    }
}

/// A refusal by the server. Where a message repeats a secret or a session that was sent, it is taken out.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiError {
    code: String,
    message: String,
    args: Vec<(String, String)>,
}

impl ApiError {
    pub(crate) const fn new(code: String, message: String) -> Self {
        Self { code, message, args: Vec::new() }
    }

    /// The code on the wire, such as `CATEGORY_NOT_FOUND`.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The code, if it is a declared one.
    #[must_use]
    pub fn known(&self) -> Option<ErrorCode> {
        ErrorCode::ALL.iter().copied().find(|code| code.info().code == self.code)
    }

    /// Whether it has this code.
    #[must_use]
    pub fn is(&self, code: ErrorCode) -> bool {
        code.info().code == self.code
    }

    /// The message, for people.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The arguments, by name.
    pub fn args(&self) -> impl Iterator<Item = (&str, &str)> {
        self.args.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// One argument.
    #[must_use]
    pub fn arg(&self, name: &str) -> Option<&str> {
        self.args().find(|(other, _)| *other == name).map(|(_, value)| value)
    }

    /// The error that an answer is, if it is one: an object with a code and a message.
    pub(crate) fn read(value: &Value) -> Option<Self> {
        let text = |name: &str| value.get(name)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let (code, message) = (text("code")?, text("message")?);
        let args = match value.get("args") {
            Some(Value::Object(args)) => args.iter().map(|(name, value)| (name.clone(), shown(value))).collect(),
            // Some servers send objects with name and value; none at all is an empty list.
            Some(Value::Array(items)) => {
                let pair = |item: &Value| Some((item.get("name")?.as_str()?.to_owned(), shown(item.get("value")?)));
                items.iter().filter_map(pair).collect()
            }
            _ => Vec::new(),
        };
        Some(Self { code, message, args })
    }

    /// Takes what must not be shown out of the message and the arguments.
    pub(crate) fn without(mut self, hidden: &[String]) -> Self {
        for text in hidden.iter().filter(|text| text.len() > 3) {
            for place in self.args.iter_mut().map(|(_, value)| value).chain([&mut self.message]) {
                if place.contains(text.as_str()) {
                    *place = place.replace(text.as_str(), "(withheld)");
                }
            }
        }
        self
    }
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl fmt::Debug for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiError").field("code", &self.code).field("message", &self.message).finish_non_exhaustive()
    }
}

impl std::error::Error for ApiError {}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn errors_are_read_in_each_of_their_shapes() {
        let usual = json!({ "code": "CATEGORY_NOT_FOUND", "message": "Category id \"7\" not found",
                            "objectType": "KalturaAPIException", "args": { "ID": "7" } });
        let error = ApiError::read(&usual).unwrap();
        assert!(error.is(ErrorCode::CategoryNotFound) && error.known() == Some(ErrorCode::CategoryNotFound));
        assert_eq!(error.arg("ID"), Some("7"));
        let listed = json!({ "code": "X", "message": "m", "args": [{ "name": "ID", "value": 7 }] });
        assert_eq!(ApiError::read(&listed).unwrap().args().collect::<Vec<_>>(), [("ID", "7")]);
        assert_eq!(ApiError::read(&json!({ "code": "X", "message": "m", "args": [] })).unwrap().known(), None);
        for fine in [json!({ "code": "X" }), json!({ "code": "", "message": "m" }), json!("code"), json!(null)] {
            assert_eq!(ApiError::read(&fine), None, "{fine}");
        }
    }

    #[test]
    fn what_was_sent_in_confidence_is_not_told() {
        let value = json!({ "code": "INVALID_KS", "message": "Invalid KS \"canary\"", "args": { "KSID": "canary" } });
        let error = ApiError::read(&value).unwrap().without(&["canary".to_owned()]);
        assert!(!format!("{error} {error:?} {:?}", error.arg("KSID")).contains("canary"));
    }
}
