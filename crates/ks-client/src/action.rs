//! What the compiler knows of an action.

use ks_schema::describe::ActionInfo;

use crate::Answer;

/// An action: its declaration, and the type of its answer. The types that implement it are never made; they only tell
/// calls apart.
pub trait Action: Send + Sync + 'static {
    /// What it answers.
    type Output: Answer;

    /// What is declared of it.
    fn info() -> &'static ActionInfo;
}

/// Whether an action only reads, so that it may be sent again when the answer was lost.
pub(crate) fn is_read(action: &ActionInfo) -> bool {
    !action.writes && reads_by_name(action.name)
}

/// The same of an action that is not declared.
pub(crate) fn reads_by_name(action: &str) -> bool {
    ["get", "list", "count", "search", "ping"].iter().any(|verb| {
        // `getter` begins with `get`, and is another word.
        action.strip_prefix(verb).is_some_and(|rest| !rest.starts_with(|letter: char| letter.is_ascii_lowercase()))
    })
}

macro_rules! action {
    ($(#[$doc:meta])* $name:ident, $info:path, $output:ty) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $name {}

        impl crate::Action for $name {
            type Output = $output;

            fn info() -> &'static ks_schema::describe::ActionInfo {
                &$info
            }
        }
    };
}
pub(crate) use action;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_sent_twice_is_what_reads() {
        for name in ["get", "list", "getByIds", "listFlags", "count", "searchGroup", "ping"] {
            assert!(reads_by_name(name), "{name}");
        }
        for name in ["add", "update", "start", "getter", "end", "listen", "delete", ""] {
            assert!(!reads_by_name(name), "{name}");
        }
    }
}
