//! Where the declarations differ from the contract on purpose, each with its reason.

/// What differs (as `ours::differences` words it), and why.
pub(super) const KNOWN: &[(&str, &str)] = &[];

/// Actions that are declared and answer, but not all of what the reference does, and what is missing.
pub(super) const PARTIAL: &[(&str, &str)] = &[];
