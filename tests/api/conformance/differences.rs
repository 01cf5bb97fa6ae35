//! Where the declarations differ from the contract on purpose, each with its reason.

/// What differs (as `ours::differences` words it), and why.
pub(super) const KNOWN: &[(&str, &str)] = &[(
    "system.getHealthCheck result: ours {\"type\":\"file\",\"enumType\":null,\"arrayType\":null,\"time\":false}, published \
     {\"type\":\"string\",\"enumType\":null,\"arrayType\":null,\"time\":false}",
    "the answer is raw text/plain on the admin listener, in no format; `file` is how a raw answer is declared",
)];

/// Actions that are declared and answer, but not all of what the reference does, and what is missing.
pub(super) const PARTIAL: &[(&str, &str)] = &[];
