//! World files: YAML (so JSON, too) into [`World`], strictly. Errors name the line, and repeat no value of the file, which
//! holds secrets.

use ks_service::inspect::nearest;
use ks_service::seed::{PartnerFile, World};
use serde::de::DeserializeOwned;
use serde_saphyr::Error;

/// What is wrong with the text of a world file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {fault}")]
pub struct UnreadableSeed {
    /// The line, counted from 1; 0: the file as a whole.
    pub line: u64,
    /// What is wrong there.
    pub fault: String,
}

/// How large a file may be, in parts that YAML is read in: some 500,000 entries.
const MOST_EVENTS: usize = 10_000_000;

/// Reads a world file.
///
/// # Errors
/// [`UnreadableSeed`] for what is no YAML, and for a name that is not known.
pub fn read_seed(text: &str) -> Result<World, UnreadableSeed> {
    read(text)
}

/// Reads the file of an account that is taken over.
///
/// # Errors
/// As [`read_seed`].
pub fn read_partner(text: &str) -> Result<PartnerFile, UnreadableSeed> {
    read(text)
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, UnreadableSeed> {
    if text.trim().is_empty() {
        return Err(UnreadableSeed { line: 0, fault: "the file is empty".to_owned() });
    }
    let mut options = serde_saphyr::Options::default();
    options.strict_booleans = true;
    if let Some(budget) = &mut options.budget {
        budget.max_events = MOST_EVENTS;
        budget.max_nodes = MOST_EVENTS;
    }
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let error = error.without_snippet();
        let line = error.location().map_or(0, |location| location.line());
        UnreadableSeed { line, fault: fault(error) }
    })
}

fn fault(error: &Error) -> String {
    match error {
        Error::SerdeUnknownField { field, expected, .. } => unknown("key", field, expected),
        Error::SerdeUnknownVariant { variant, expected, .. } => unknown("word", variant, expected),
        Error::SerdeMissingField { field, .. } => format!("the key `{field}` is missing"),
        Error::SerdeInvalidType { expected, .. } | Error::SerdeInvalidValue { expected, .. } => {
            format!("expected {expected}")
        }
        Error::SerdeInvalidLength { expected, .. } => format!("expected {expected}"),
        Error::DuplicateMappingKey { .. } => "a key is there twice".to_owned(),
        Error::Unexpected { expected, .. } => format!("expected {expected}"),
        Error::Budget { .. } => "the file is too large".to_owned(),
        _ => "this is no YAML that can be read here".to_owned(),
    }
}

/// A long text is no slip, and may be something else.
fn unknown(what: &str, name: &str, expected: &[&'static str]) -> String {
    let known = expected.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let is_plain = name.len() <= 40 && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
    if !is_plain {
        return format!("an unknown {what}; known here: {known}");
    }
    match nearest(name, expected.iter().copied()) {
        Some(meant) => format!("unknown {what} `{name}`: did you mean `{meant}`?"),
        None => format!("unknown {what} `{name}`; known here: {known}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        read_seed(text).unwrap_err().to_string()
    }

    #[test]
    fn slips_are_told_with_their_line_and_what_was_meant() {
        let text = "accounts:\n  - id: 102\n    usres:\n      - id: ann\n";
        assert_eq!(told(text), "line 3: unknown key `usres`: did you mean `users`?");
        let text = "accounts:\n  - id: 102\n    categories:\n      - name: a\n        privacy: membrs\n";
        assert_eq!(told(text), "line 5: unknown word `membrs`: did you mean `members`?");
        assert!(told("accounts:\n  - id: 102\n    users:\n      - admin: true\n").contains("`id` is missing"));
        assert!(told("accounts:\n  - id: 1\n    id: 2\n").contains("twice"));
        assert!(told("accounts: [").starts_with("line "));
        assert!(told(" ").contains("empty"));
    }

    #[test]
    fn no_value_is_repeated() {
        for text in [
            "accounts:\n  - id: 102\n    adminSecrets: canary\n",
            "accounts:\n  - id: canary\n",
            "accounts:\n  - adminPassword: [canary]\n",
            "canary",
            "\"canary canary\": 1\n",
        ] {
            assert!(!told(text).contains("canary"), "{}", told(text));
        }
    }

    #[test]
    fn json_is_yaml() {
        let world = read_seed(r#"{"accounts": [{"id": 102, "users": [{"id": "ann", "admin": true}]}]}"#).unwrap();
        assert!(world.accounts[0].users[0].admin);
    }
}
