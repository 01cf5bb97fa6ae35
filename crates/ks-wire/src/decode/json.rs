//! JSON bodies.

use std::fmt;

use ks_schema::{ApiError, Map, Number, Tree};
use serde::Deserializer as _;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use smol_str::SmolStr;

use super::limits::{Budget, USUAL_COUNT};
use super::malformed;
use super::names::{self, with_room};

/// Reads a body that says it is JSON. An empty one carries no parameters; anything but an object is a
/// fault (the protocol never takes an array).
pub(super) fn read_body(body: &[u8], budget: &mut Budget) -> Result<Map, ApiError> {
    if trim(body).is_empty() { Ok(Map::default()) } else { read_map(body, "body", budget) }
}

/// Reads an object; `name` is what the error calls it.
pub(super) fn read_map(text: &[u8], name: &str, budget: &mut Budget) -> Result<Map, ApiError> {
    let text = trim(text);
    if !looks_like_object(text) {
        return Err(malformed(name, "JSON object"));
    }
    let mut exceeded = None;
    let mut reader = serde_json::Deserializer::from_slice(text);
    let read = Node { budget, exceeded: &mut exceeded, depth: 0 }.deserialize(&mut reader);
    match (read, reader.end()) {
        (Ok(Tree::Map(map)), Ok(())) => names::split_top_level(map, budget),
        _ => Err(exceeded.unwrap_or_else(|| malformed(name, "JSON object"))),
    }
}

/// Whether this is worth reading as an object: the protocol looks at both ends before it decodes.
pub(super) fn looks_like_object(text: &[u8]) -> bool {
    let text = trim(text);
    text.len() >= 2 && text.starts_with(b"{") && text.ends_with(b"}")
}

fn trim(text: &[u8]) -> &[u8] {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'\x0b' | b'\0');
    let start = text.iter().position(|byte| !blank(byte)).unwrap_or(text.len());
    let end = text.iter().rposition(|byte| !blank(byte)).map_or(start, |last| last + 1);
    &text[start..end]
}

/// Reads one value into a tree, without recursing deeper or reading more than the budget allows.
struct Node<'a> {
    budget: &'a mut Budget,
    /// Where the reason goes: the parser's own error cannot carry it.
    exceeded: &'a mut Option<ApiError>,
    depth: usize,
}

impl Node<'_> {
    fn inner(&mut self) -> Node<'_> {
        Node { budget: &mut *self.budget, exceeded: &mut *self.exceeded, depth: self.depth + 1 }
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Tree;

    fn deserialize<D: serde::Deserializer<'de>>(self, reader: D) -> Result<Tree, D::Error> {
        if self.depth > 0
            && let Err(error) = self.budget.node(self.depth)
        {
            *self.exceeded = Some(error);
            return Err(D::Error::custom("limit"));
        }
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Tree, E> {
        Ok(Tree::Number(Number::Int(value)))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Tree, E> {
        Ok(Tree::Number(i64::try_from(value).map_or_else(|_| Number::Float(to_float(value)), Number::Int)))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Tree, E> {
        // The parser reads `-0` as a float.
        let number = if value == 0.0 && value.is_sign_negative() { Number::Int(0) } else { Number::Float(value) };
        Ok(Tree::Number(number))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Tree, E> {
        #[cfg(feature = "planted-bug")]
        let value = value.trim_end_matches('\u{7f}');
        Ok(Tree::Text(value.to_owned()))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Tree, E> {
        Ok(Tree::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<Tree, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self.inner())? {
            list.push(item);
        }
        Ok(Tree::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut entries: A) -> Result<Tree, A::Error> {
        // Most requests have about a dozen parameters; nested objects vary.
        let mut map = if self.depth == 0 { with_room(USUAL_COUNT) } else { Map::default() };
        while let Some(key) = entries.next_key::<SmolStr>()? {
            let value = entries.next_value_seed(self.inner())?;
            map.insert(key, value);
        }
        Ok(Tree::Map(map))
    }
}

fn to_float(value: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "beyond 64 signed bits a number travels as a double")]
    let float = value as f64;
    float
}

/// The scalar parameter of this name, as far as the text can be read at all: for requests that are refused.
pub(super) fn find(text: &[u8], wanted: &str) -> Option<Tree> {
    let mut found = None;
    // Faults further on do not matter here.
    let _ = serde_json::Deserializer::from_slice(trim(text)).deserialize_map(Find { wanted, found: &mut found });
    found
}

struct Find<'a> {
    wanted: &'a str,
    found: &'a mut Option<Tree>,
}

impl<'de> Visitor<'de> for Find<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        while let Some(key) = entries.next_key::<String>()? {
            if key == self.wanted {
                let mut budget = Budget::new(&super::Limits { max_depth: 1, max_params: 1, max_sub_requests: 0 });
                *self.found =
                    Some(entries.next_value_seed(Node { budget: &mut budget, exceeded: &mut None, depth: 1 })?);
            } else {
                entries.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Limits;
    use super::*;

    fn read(text: &str) -> Result<Map, ApiError> {
        read_body(text.as_bytes(), &mut Budget::new(&Limits { max_depth: 4, max_params: 12, max_sub_requests: 1 }))
    }

    #[test]
    fn scalars_keep_their_json_types() {
        let map =
            read(r#"{"a":1,"b":1.5,"c":true,"d":null,"e":"x\u00e9","f":18446744073709551615,"g":-0,"h":[]}"#).unwrap();
        assert_eq!(map["a"], Tree::Number(Number::Int(1)));
        assert_eq!(map["b"], Tree::Number(Number::Float(1.5)));
        assert_eq!(map["c"], Tree::Bool(true));
        assert_eq!(map["d"], Tree::Null);
        assert_eq!(map["e"], Tree::text("x\u{e9}"));
        assert_eq!(map["f"], Tree::Number(Number::Float(18_446_744_073_709_551_615.0)));
        assert_eq!(map["g"], Tree::Number(Number::Int(0)));
        assert_eq!(map["h"], Tree::List(vec![]));
    }

    #[test]
    fn only_top_level_names_are_split() {
        let map = read(r#"{"a:b":"1","a:c":{"x:y":"2"},"a":{"d":"3"}}"#).unwrap();
        assert_eq!(map["a"].as_map().unwrap().keys().collect::<Vec<_>>(), ["d"]);
        let map = read(r#"{"a":{"d":"3"},"a:c":{"x:y":"2"},"a:e:-":""}"#).unwrap();
        let a = map["a"].as_map().unwrap();
        assert_eq!(a.keys().collect::<Vec<_>>(), ["d", "c", "e"]);
        assert_eq!(a["c"].as_map().unwrap()["x:y"], Tree::text("2"));
        assert!(a["e"].is_empty_array());
    }

    #[test]
    fn faults_and_limits_are_told_apart() {
        let code = |text: &str| read(text).unwrap_err().code().info().code;
        for broken in ["[]", "1", "{", "}", "{\"a\":}", "{\"a\":1}}", "{\"a\":1}{}", "{a:1}", "{\"a\":\"\\ud800\"}"] {
            assert_eq!(code(broken), "PROPERTY_VALIDATION_WRONG_FORMAT", "{broken}");
        }
        assert!(read(" \r\n\t\0 ").unwrap().is_empty());
        assert!(read(" {} ").unwrap().is_empty());
        assert_eq!(code(r#"{"a":[[[[1]]]]}"#), "PARAMETER_VALUE_OUT_OF_RANGE");
        assert_eq!(code(r#"{"a":[1,2,3,4,5,6,7,8,9,10,11,12]}"#), "PARAMETER_VALUE_OUT_OF_RANGE");
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(1_000_000), "]".repeat(1_000_000));
        assert_eq!(code(&deep), "PARAMETER_VALUE_OUT_OF_RANGE");
    }

    #[test]
    fn a_format_is_found_around_faults() {
        let deep = format!("{{\"a\":{}{},\"format\":1}}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(find(deep.as_bytes(), "format"), Some(Tree::Number(Number::Int(1))));
        assert_eq!(find(br#"{"format":"3","a":oops"#, "format"), Some(Tree::text("3")));
        assert_eq!(find(br#"{"a":oops,"format":"3"}"#, "format"), None);
        assert_eq!(find(br#"{"format":[1]}"#, "format"), None);
        assert_eq!(find(b"", "format"), None);
    }
}
