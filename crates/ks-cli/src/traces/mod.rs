//! Traces: what requests spend their time on, told to a collector of OpenTelemetry. Builds with the feature `otel` have
//! them; all others say so.

#[cfg(feature = "otel")]
mod courier;
#[cfg(feature = "otel")]
mod on;
#[cfg(feature = "otel")]
pub(crate) use on::{Traces, subscribe, wanted};

#[cfg(not(feature = "otel"))]
mod off;
#[cfg(not(feature = "otel"))]
pub(crate) use off::{Traces, subscribe, wanted};

/// Reads where a collector is: its address, to which the path of each signal is added.
pub(crate) fn collector(text: &str) -> Result<String, String> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or_default();
    if rest.contains('@') {
        return Err("an address has no password: put it into the variable OTEL_EXPORTER_OTLP_HEADERS".to_owned());
    }
    let is_plain = rest.bytes().all(|byte| byte.is_ascii_graphic() && !b"#?\"<".contains(&byte));
    if rest.is_empty() || rest.starts_with(['/', ':']) || !is_plain {
        return Err("expected http://HOST:PORT, such as http://127.0.0.1:4318".to_owned());
    }
    Ok(text.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collector_has_an_address_without_a_password() {
        for (text, expected) in [
            ("http://127.0.0.1:4318", "http://127.0.0.1:4318"),
            ("https://otel.example/a/", "https://otel.example/a"),
            ("http://[::1]:4318", "http://[::1]:4318"),
        ] {
            assert_eq!(collector(text).unwrap(), expected);
        }
        for text in
            ["", "127.0.0.1:4318", "http://", "http:///v1", "http://:4318", "ftp://x", "http://x?y=z", "http://x y"]
        {
            assert!(collector(text).unwrap_err().contains("expected http://HOST:PORT"), "{text}");
        }
        let refused = collector("http://user:canary@x").unwrap_err();
        assert!(refused.contains("OTEL_EXPORTER_OTLP_HEADERS") && !refused.contains("canary"), "{refused}");
    }
}
