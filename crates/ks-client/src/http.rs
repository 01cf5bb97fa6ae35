//! One request and its answer.

use std::time::Duration;

use bytes::BytesMut;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::multipart::{Form, Part};
use serde_json::{Map, Value};

use crate::{ApiError, Error, File, Retry, Upload};

/// A request before it is sent.
pub(crate) struct Outgoing {
    pub(crate) path: String,
    pub(crate) body: Map<String, Value>,
    pub(crate) files: Vec<(String, Upload)>,
    /// Whether it only reads, so that it may be sent twice.
    pub(crate) reads: bool,
    /// Texts that no error may show.
    pub(crate) hidden: Vec<String>,
}

/// A server, and how it is reached.
pub(crate) struct Wire {
    base: String,
    http: reqwest::Client,
    timeout: Duration,
    retry: Retry,
    largest: usize,
}

impl Wire {
    pub(crate) fn new(
        url: &str,
        http: Option<reqwest::Client>,
        timeout: Duration,
        retry: Retry,
        largest: usize,
    ) -> Result<Self, Error> {
        let base = address(url)?;
        let http = match http {
            Some(client) => client,
            // A redirect of a POST would become a GET without its body: it is an answer like any other.
            None => reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .user_agent(concat!("ks-client/", env!("CARGO_PKG_VERSION")))
                .build()
                .map_err(|error| Error::Usage(innermost(&error)))?,
        };
        Ok(Self { base, http, timeout, retry, largest })
    }

    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// Sends a request, again where that is harmless.
    pub(crate) async fn send(&self, outgoing: &Outgoing) -> Result<File, Error> {
        let mut done = 0;
        loop {
            let result = self.once(outgoing).await;
            if done >= self.retry.attempts || !may_repeat(&result, outgoing.reads) {
                return result.and_then(|file| self.judged(file, outgoing));
            }
            let mut draw = [0];
            // Without randomness the wait is the longest one.
            let draw = getrandom::fill(&mut draw).map_or(u8::MAX, |()| draw[0]);
            tokio::time::sleep(self.retry.pause(done, draw)).await;
            done += 1;
        }
    }

    async fn once(&self, outgoing: &Outgoing) -> Result<File, Error> {
        let json = serde_json::to_string(&outgoing.body).map_err(|error| Error::Usage(error.to_string()))?;
        let request = self.http.post(format!("{}/api_v3/{}", self.base, outgoing.path)).timeout(self.timeout);
        let request = if outgoing.files.is_empty() {
            request.header(CONTENT_TYPE, HeaderValue::from_static("application/json")).body(json)
        } else {
            let mut form = Form::new().text("json", json);
            for (name, file) in &outgoing.files {
                let part = Part::stream_with_length(file.bytes.clone(), file.bytes.len() as u64)
                    .file_name(file.file_name.clone());
                let part = part.mime_str(&file.content_type);
                form = form.part(name.clone(), part.map_err(|error| Error::Usage(innermost(&error)))?);
            }
            request.multipart(form)
        };
        let mut response = request.send().await.map_err(|error| self.fault(&error))?;
        let status = response.status().as_u16();
        let text = |name: &str| {
            response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
        };
        let content_type = text("content-type");
        // An action that answers a file has no other place for an error.
        let refused = text("x-kaltura").split_once("error-").map(|(_, code)| code.trim().to_owned());
        let mut bytes = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.fault(&error))? {
            if bytes.len() + chunk.len() > self.largest {
                return Err(Error::Decode(format!("it is larger than {} bytes", self.largest)));
            }
            bytes.extend_from_slice(&chunk);
        }
        if let Some(code) = refused.filter(|_| bytes.is_empty()) {
            return Err(ApiError::new(code, "The server refused.".to_owned()).into());
        }
        Ok(File { status, content_type, bytes: bytes.freeze() })
    }

    /// An answer with the status of a failure is one only if it is an error of the API, or a file.
    fn judged(&self, file: File, outgoing: &Outgoing) -> Result<File, Error> {
        if (200..300).contains(&file.status) {
            return Ok(file);
        }
        match serde_json::from_slice(&file.bytes).ok().and_then(|value: Value| ApiError::read(&value)) {
            Some(error) => Err(error.without(&outgoing.hidden).into()),
            None if outgoing.path.ends_with("/getHealthCheck") => Ok(file),
            None => Err(Error::Status { server: self.base.clone(), status: file.status }),
        }
    }

    fn fault(&self, error: &reqwest::Error) -> Error {
        let server = self.base.clone();
        if error.is_connect() {
            Error::Connect { server, reason: innermost(error) }
        } else if error.is_timeout() {
            Error::Timeout { server }
        } else {
            Error::Broken { server, reason: innermost(error) }
        }
    }
}

/// Whether sending it again is harmless and may help.
fn may_repeat(result: &Result<File, Error>, reads: bool) -> bool {
    match result {
        Err(Error::Connect { .. }) => true,
        Err(Error::Broken { .. }) => reads,
        Ok(file) => reads && matches!(file.status, 502..=504),
        Err(_) => false,
    }
}

/// The outermost error says little; the innermost says what the system said.
fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

/// The address of a server as people have it (`https://ks.example.com/api_v3/`), without what follows from it.
///
/// # Errors
/// [`Error::Usage`] when it is none, or carries what does not belong into an address: a password, a query.
pub fn address(text: &str) -> Result<String, Error> {
    let wrong = || Error::Usage("expected https://HOST or http://HOST:PORT".to_owned());
    let url: reqwest::Url = text.trim().parse().map_err(|_| wrong())?;
    let open = matches!(url.scheme(), "http" | "https") && url.query().is_none() && url.fragment().is_none();
    if !open || !url.username().is_empty() || url.password().is_some() || !url.has_host() {
        return Err(wrong());
    }
    let path = url.path().trim_end_matches('/');
    let path = path.strip_suffix("/index.php").unwrap_or(path);
    let path = path.strip_suffix("/api_v3").unwrap_or(path);
    Ok(format!("{}{path}", url.origin().ascii_serialization()))
}

/// Whether what is sent to this address can be read on the way: it has no TLS, and is not this machine.
#[must_use]
pub fn is_open(base: &str) -> bool {
    let Ok(url) = base.parse::<reqwest::Url>() else { return true };
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let here = host == "localhost" || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback());
    url.scheme() != "https" && !here
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_those_that_people_have() {
        for (text, base) in [
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("https://ks.example/", "https://ks.example"),
            ("https://ks.example:443/api_v3/", "https://ks.example"),
            ("https://ks.example/below/api_v3/index.php", "https://ks.example/below"),
            ("http://[::1]:8080", "http://[::1]:8080"),
        ] {
            assert_eq!(address(text).unwrap(), base);
        }
        for text in ["", "ks.example", "ftp://ks.example", "https://user:password@ks.example", "https://h/?x=1"] {
            assert!(address(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_leaves_this_machine_in_the_clear_is_known() {
        for (base, open) in [
            ("http://127.0.0.1:1", false),
            ("http://[::1]:1", false),
            ("http://localhost", false),
            ("https://ks.example", false),
            ("http://ks.example", true),
            ("http://192.0.2.1", true),
        ] {
            assert_eq!(is_open(base), open, "{base}");
        }
    }

    #[test]
    fn only_what_is_harmless_is_sent_again() {
        let server = String::new;
        let connect = || Err(Error::Connect { server: server(), reason: String::new() });
        let broken = || Err(Error::Broken { server: server(), reason: String::new() });
        let status = |status| Ok(File { status, content_type: String::new(), bytes: bytes::Bytes::new() });
        assert!(may_repeat(&connect(), true) && may_repeat(&connect(), false));
        assert!(may_repeat(&broken(), true) && !may_repeat(&broken(), false));
        assert!(may_repeat(&status(503), true) && !may_repeat(&status(503), false) && !may_repeat(&status(200), true));
        assert!(!may_repeat(&Err(Error::Timeout { server: server() }), true));
        assert!(!may_repeat(&Err(Error::Status { server: server(), status: 500 }), true));
    }
}
