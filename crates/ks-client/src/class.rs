//! Classes: records with a name.

use ks_schema::describe::ClassInfo;

use crate::Record;

/// A class of objects. Each is a [`Record`] with a method for each property that is declared.
pub trait Class: Sized {
    /// What is declared of it.
    fn info() -> &'static ClassInfo;

    /// Takes a record for an object of this class, whatever its `objectType` says.
    fn from_record(record: Record) -> Self;

    /// What was sent or answered.
    fn as_record(&self) -> &Record;

    /// Gives up the name for the record.
    fn into_record(self) -> Record;
}

macro_rules! class {
    ($(#[$doc:meta])* class $name:ident, $info:path, [$($above:ident),*]) => {
        crate::class::class! { $(#[$doc])* abstract $name, $info, [$($above),*] }

        impl $name {
            /// An object of which nothing is said yet.
            #[must_use]
            pub fn new() -> Self {
                Self(crate::Record::of($info.name))
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }
    };
    ($(#[$doc:meta])* abstract $name:ident, $info:path, [$($above:ident),*]) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq)]
        pub struct $name(crate::Record);

        impl $name {
            /// What was sent or answered, with what is not declared.
            #[must_use]
            pub const fn record(&self) -> &crate::Record {
                &self.0
            }

            /// Says something of a property by its name on the wire, also of one that is not declared.
            #[must_use]
            pub fn with<T>(self, name: &str, value: impl Into<crate::Arg<T>>) -> Self {
                Self(self.0.set(name, value.into()))
            }
        }

        impl crate::Class for $name {
            fn info() -> &'static ks_schema::describe::ClassInfo {
                &$info
            }

            fn from_record(record: crate::Record) -> Self {
                Self(record)
            }

            fn as_record(&self) -> &crate::Record {
                &self.0
            }

            fn into_record(self) -> crate::Record {
                self.0
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        $(
            impl From<$name> for $above {
                fn from(object: $name) -> Self {
                    crate::Class::from_record(object.0)
                }
            }

            impl From<$name> for crate::Arg<$above> {
                fn from(object: $name) -> Self {
                    crate::Arg::new(object.0.into_value())
                }
            }
        )*
    };
}
pub(crate) use class;
