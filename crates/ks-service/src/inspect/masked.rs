//! Parameters as they may be kept: without secrets, passwords and tokens, and of a bounded size.

use std::collections::HashSet;
use std::sync::OnceLock;

use ks_schema::generated::{classes, services};
use ks_schema::{Map, Number, Tree};
use serde_json::{Map as Json, Value, json};

/// What stands for a value that is not kept.
const MASK: &str = "***";
/// Longer texts are cut, in bytes.
const LONGEST: usize = 2048;
/// How many values of one call are kept.
const MOST: usize = 500;
/// What a token of version 2 begins with: base64 of `v2|`.
const TOKEN: &str = "djJ8";
/// A text of base64 this long may be a token of version 1.
const TOKEN_LENGTH: usize = 60;

/// Names that are declared as sensitive anywhere, in lower case. A name that means a secret in one action means it in all.
fn sensitive() -> &'static HashSet<String> {
    static NAMES: OnceLock<HashSet<String>> = OnceLock::new();
    NAMES.get_or_init(|| {
        let params = services::ALL.iter().flat_map(|service| service.actions).flat_map(|action| action.params);
        let params = params.filter(|param| param.sensitive).map(|param| param.name);
        let properties = classes::ALL.iter().flat_map(|class| class.properties);
        let properties = properties.filter(|property| property.sensitive).map(|property| property.name);
        params.chain(properties).map(str::to_ascii_lowercase).collect()
    })
}

fn is_sensitive(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower == "ks"
        || ["secret", "password", "token", "passphrase"].iter().any(|word| lower.contains(word))
        || sensitive().contains(&lower)
}

/// A client that mixes up its encodings puts values into names.
fn is_plain(name: &str) -> bool {
    name.len() <= 64 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-:.".contains(&byte))
}

fn looks_like_a_token(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"+/-_=".contains(&byte);
    text.len() >= TOKEN_LENGTH && (text.contains(TOKEN) || text.bytes().all(is_letter))
}

/// The parameters of a call, to be kept.
pub(crate) fn masked(params: &Map) -> Json<String, Value> {
    let mut room = MOST;
    map(params, &mut room)
}

fn map(params: &Map, room: &mut usize) -> Json<String, Value> {
    let mut out = Json::new();
    for (name, tree) in params {
        if *room == 0 {
            out.insert("…".to_owned(), json!("there was more"));
            break;
        }
        *room -= 1;
        if !is_plain(name) {
            out.insert(MASK.to_owned(), json!(MASK));
        } else if is_sensitive(name) && !matches!(tree, Tree::Null) {
            out.insert(name.to_string(), json!(MASK));
        } else {
            out.insert(name.to_string(), value(tree, room));
        }
    }
    out
}

fn value(tree: &Tree, room: &mut usize) -> Value {
    match tree {
        Tree::Null => Value::Null,
        Tree::Bool(value) => json!(value),
        Tree::Number(Number::Int(value)) => json!(value),
        Tree::Number(Number::Float(value)) => json!(value),
        Tree::Text(text) if looks_like_a_token(text) => json!(MASK),
        Tree::Text(text) => {
            let mut end = text.len().min(LONGEST);
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            if end == text.len() { json!(text) } else { json!(format!("{}…", &text[..end])) }
        }
        Tree::List(items) => {
            let mut out = Vec::new();
            for item in items {
                if *room == 0 {
                    break;
                }
                *room -= 1;
                out.push(value(item, room));
            }
            Value::Array(out)
        }
        Tree::Map(inner) => Value::Object(map(inner, room)),
        Tree::File(file) => json!({ "fileName": file.file_name, "bytes": file.bytes.len() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(pairs: &[(&str, Tree)]) -> Map {
        pairs.iter().map(|(name, value)| ((*name).into(), value.clone())).collect()
    }

    #[test]
    fn what_opens_something_is_masked_at_every_depth() {
        let user = tree(&[("id", Tree::text("ann")), ("password", Tree::text("canary"))]);
        let params = tree(&[
            ("ks", Tree::text("canary")),
            ("secret", Tree::text("canary")),
            ("tokenHash", Tree::text("canary")),
            ("hashKey", Tree::text("canary")),
            ("otp", Tree::text("canary")),
            ("adminSecret", Tree::text("canary")),
            ("note", Tree::text(format!("djJ8{}", "canary".repeat(20)))),
            ("{\"secret\":\"canary\"}", Tree::text("canary")),
            ("user", Tree::Map(user)),
            ("name", Tree::text("plain")),
        ]);
        let kept = Value::Object(masked(&params));
        assert!(!kept.to_string().contains("canary"), "{kept}");
        assert_eq!((&kept["name"], &kept["user"]["id"], &kept["ks"]), (&json!("plain"), &json!("ann"), &json!("***")));
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let many: Map = (0..10_000).map(|n| (format!("p{n}").into(), Tree::text("x ".repeat(5000)))).collect();
        let kept = Value::Object(masked(&many)).to_string();
        assert!(kept.len() < (LONGEST + 40) * (MOST + 1));
    }
}
