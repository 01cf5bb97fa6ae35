//! One call of a server's API.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::header::{CONTENT_TYPE, HeaderValue, USER_AGENT};
use hyper::{Method, Request, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::exit::Failure;
use crate::output::printable;

/// How long a server may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// The largest answer, in bytes.
const LARGEST: usize = 16 << 20;

/// A server that is called.
pub(super) struct Remote {
    /// Its address, without a slash at the end.
    base: String,
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

/// An error of the API.
pub(super) struct Fault {
    pub(super) code: String,
    message: String,
}

impl From<Fault> for Failure {
    fn from(Fault { code, message }: Fault) -> Self {
        Self::no(format!("{}: {}", printable(&code), printable(&message)))
    }
}

/// Reads the address of a server, as `ks serve` says it or as clients have it.
pub(super) fn address(text: &str) -> Result<String, String> {
    let wrong = || "expected https://HOST or http://HOST:PORT".to_owned();
    let uri: Uri = text.parse().map_err(|_| wrong())?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else { return Err(wrong()) };
    if !matches!(scheme, "http" | "https") || authority.as_str().contains('@') || uri.query().is_some() {
        return Err(wrong());
    }
    let path = uri.path().trim_end_matches('/');
    let path = path.strip_suffix("/api_v3").unwrap_or(path);
    Ok(format!("{scheme}://{authority}{path}"))
}

/// Whether what is sent there can be read on the way.
pub(super) fn is_open(base: &str) -> bool {
    let Ok(uri) = base.parse::<Uri>() else { return true };
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let here = host == "localhost" || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback());
    uri.scheme_str() != Some("https") && !here
}

impl Remote {
    pub(super) fn new(base: &str) -> Result<Self, Failure> {
        let connector = if base.starts_with("https:") {
            HttpsConnectorBuilder::new().with_native_roots().map_err(|error| {
                Failure::unreachable(format!("this machine has no root certificates for TLS: {error}"))
            })?
        } else {
            // Nothing is trusted, since nothing is asked for.
            let none = rustls::ClientConfig::builder().with_root_certificates(rustls::RootCertStore::empty());
            HttpsConnectorBuilder::new().with_tls_config(none.with_no_client_auth())
        };
        let connector = connector.https_or_http().enable_http1().build();
        Ok(Self { base: base.to_owned(), client: Client::builder(TokioExecutor::new()).build(connector) })
    }

    /// Calls an action: its value, or the API's own error.
    pub(super) async fn call(
        &self,
        service: &str,
        action: &str,
        fields: &[(&str, &str)],
    ) -> Result<Result<Value, Fault>, Failure> {
        let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let pairs = fields.iter().chain(&[("format", "1")]);
        let body: Vec<_> = pairs.map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        let request = Request::builder()
            .method(Method::POST)
            .uri(format!("{}/api_v3/service/{service}/action/{action}", self.base))
            .header(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"))
            .header(USER_AGENT, HeaderValue::from_static(concat!("ks/", env!("CARGO_PKG_VERSION"))))
            .body(Full::new(Bytes::from(body.join("&"))))
            .map_err(|_| Failure::usage("this is no address of a server"))?;
        let answer = tokio::time::timeout(PATIENCE, async {
            let response = self.client.request(request).await.map_err(|error| self.unreachable(&error))?;
            let status = response.status();
            let body = Limited::new(response.into_body(), LARGEST).collect().await;
            let body = body.map_err(|_| Failure::unreachable(format!("{}: the answer broke off", self.base)))?;
            if !status.is_success() {
                return Err(Failure::unreachable(format!("{}: HTTP status {status}", self.base)));
            }
            Ok(body.to_bytes())
        });
        let answer = answer.await.map_err(|_| Failure::unreachable(format!("{}: no answer in time", self.base)))??;
        let value: Value = serde_json::from_slice(&answer)
            .map_err(|_| Failure::unreachable(format!("{} does not answer like a Kaltura server", self.base)))?;
        if value["objectType"] == "KalturaAPIException" {
            let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
            return Ok(Err(Fault { code: text("code"), message: text("message") }));
        }
        Ok(Ok(value))
    }

    fn unreachable(&self, error: &hyper_util::client::legacy::Error) -> Failure {
        // The outermost error says little; the innermost says what the system said.
        let mut cause: &dyn std::error::Error = error;
        while let Some(inner) = cause.source() {
            cause = inner;
        }
        Failure::unreachable(format!("{}: {cause}", self.base))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_those_that_people_have() {
        for (text, base) in [
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("https://ks.example/", "https://ks.example"),
            ("https://ks.example/api_v3/", "https://ks.example"),
            ("https://ks.example/below/api_v3", "https://ks.example/below"),
        ] {
            assert_eq!(address(text).as_deref(), Ok(base));
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
}
