//! Newtypes for the ids that cross crate borders.

use std::fmt;

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// Wraps the text as it is.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

macro_rules! int_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(i64);

        impl $name {
            /// Wraps the number as it is.
            #[must_use]
            pub const fn new(id: i64) -> Self {
                Self(id)
            }

            /// The number.
            #[must_use]
            pub const fn get(self) -> i64 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

text_id! {
    /// A user's id within one account: free text chosen by the account, compared exactly.
    UserId
}
text_id! {
    /// An entry's id, such as `0_abcd1234`.
    EntryId
}
text_id! {
    /// A widget's id, such as `_102` (the default widget of partner 102) or `0_k3x9ab2c`.
    WidgetId
}
text_id! {
    /// An app token's id, such as `0_k3x9ab2c`.
    AppTokenId
}
int_id! {
    /// A category's id.
    CategoryId
}
int_id! {
    /// A role's id. Ids are unique over all accounts.
    RoleId
}
int_id! {
    /// The id of an account secret; never the secret itself.
    SecretId
}
