//! The query of an address.

use percent_encoding::percent_decode_str;

/// The pairs of a query, decoded, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Reads a query; whatever is no pair has an empty value, and what is not UTF-8 is replaced.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let pairs = text.split('&').filter(|piece| !piece.is_empty()).map(|piece| {
            let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
            (decode(name), decode(value))
        });
        Self(pairs.collect())
    }

    /// All pairs, in order.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The first value of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}

fn decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_decoded_in_order() {
        let query = Query::parse("service=session&q=a+b%2Bc&bare&&q=second&bad=%ff");
        assert_eq!(query.get("service"), Some("session"));
        assert_eq!(query.get("q"), Some("a b+c"));
        assert_eq!(query.get("bare"), Some(""));
        assert_eq!(query.get("bad"), Some("\u{fffd}"));
        assert_eq!(query.get("none"), None);
    }
}
