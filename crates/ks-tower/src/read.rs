//! Where a request carries its token.

use std::borrow::Cow;

use http::request::Parts;
use percent_encoding::percent_decode_str;

/// A place to look at.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// `Authorization: Bearer TOKEN`.
    Authorization,
    Header(String),
    Query(String),
    Cookie(String),
}

impl Place {
    /// The token that is there.
    pub(crate) fn read<'r>(&self, parts: &'r Parts) -> Option<Cow<'r, str>> {
        let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let found = match self {
            Self::Authorization => {
                let (scheme, token) = header("authorization")?.split_once(' ')?;
                scheme.eq_ignore_ascii_case("bearer").then(|| Cow::Borrowed(token.trim()))
            }
            Self::Header(name) => header(name).map(|value| Cow::Borrowed(value.trim())),
            Self::Query(name) => {
                let pairs = parts.uri.query()?.split('&').filter_map(|pair| pair.split_once('='));
                let (_, value) = pairs.rev().find(|(key, _)| key == name)?;
                percent_decode_str(value).decode_utf8().ok()
            }
            Self::Cookie(name) => {
                let all = parts.headers.get_all("cookie").iter().filter_map(|value| value.to_str().ok());
                let pairs = all.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
                let (_, value) = pairs.rev().find(|(key, _)| key == name)?;
                Some(percent_decode_str(value.trim_matches('"')).decode_utf8_lossy())
            }
        };
        found.filter(|token| !token.is_empty())
    }
}
