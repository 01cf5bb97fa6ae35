//! The shapes of the descriptor tables that [`crate::generated`] fills.

use crate::{ApiError, ErrorCode, Out};

/// A service: the first half of every call's name.
#[derive(Debug)]
pub struct ServiceInfo {
    /// The id in its natural spelling (`appToken`, `ks_secret`); calls compare it in lower case.
    pub id: &'static str,
    /// What the service is for.
    pub description: &'static str,
    /// The plugin it belongs to, if it is not part of the core.
    pub plugin: Option<&'static str>,
    /// Its actions, in declaration order.
    pub actions: &'static [&'static ActionInfo],
}

/// An action: the second half of a call's name, with everything that is declared of it.
#[derive(Debug)]
pub struct ActionInfo {
    /// The action as a number.
    pub id: crate::generated::services::ActionId,
    /// The id of its service.
    pub service: &'static str,
    /// The name in its natural spelling (`startWidgetSession`); calls compare it in lower case.
    pub name: &'static str,
    /// What it does.
    pub description: &'static str,
    /// Parameters in declaration order: the first faulty one decides the error.
    pub params: &'static [ParamInfo],
    /// What it answers.
    pub result: Type,
    /// Codes that its body may raise, as the published API lists them.
    pub throws: &'static [ErrorCode],
    /// Further codes that it raises here.
    pub raises: &'static [ErrorCode],
    /// What clients do with a KS.
    pub ks: KsUse,
    /// Permission names of which any one suffices.
    pub permissions: &'static [&'static str],
    /// Whether the operating partner must exist.
    pub partner_required: bool,
    /// Whether it changes what the account holds; sessions that end are no such change.
    pub writes: bool,
    /// Why it should not be used any more, if so.
    pub deprecated: Option<&'static str>,
    /// Which errors clients do not get to see.
    pub flatten: Option<Flatten>,
}

/// Errors that all look alike to clients, so that nobody learns from them who exists.
#[derive(Clone, Copy, Debug)]
pub struct Flatten {
    /// What they become; `None`: no error, but an empty answer.
    pub to: Option<ErrorCode>,
    /// Those that are told all the same.
    pub keep: &'static [ErrorCode],
}

impl Flatten {
    /// What a client gets to see in place of an error.
    #[must_use]
    pub fn apply(&self, error: ApiError) -> Out {
        match self.to {
            None => Out::Null,
            Some(to) if to != error.code() && !self.keep.contains(&error.code()) => {
                Out::Error(Box::new(ApiError::new(to, Vec::new())))
            }
            Some(_) => Out::Error(Box::new(error)),
        }
    }
}

/// What a client does with a KS when it calls an action. The server looks at a KS that is sent in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KsUse {
    /// Clients send none.
    Ignored,
    /// Clients may send one.
    Optional,
    /// Clients must send one.
    Required,
}

impl KsUse {
    /// The spelling of `sessionRequired` in the published schema.
    #[must_use]
    pub const fn schema_name(self) -> &'static str {
        match self {
            Self::Ignored => "none",
            Self::Optional => "optional",
            Self::Required => "always",
        }
    }
}

/// The type of a parameter, a property or a result.
#[derive(Debug, Clone, Copy)]
pub enum Type {
    /// No value.
    Void,
    /// A 64-bit whole number.
    Int,
    /// A whole number that travels as a double (exact to 2^53).
    BigInt,
    /// A number with a fraction.
    Float,
    /// A truth value.
    Bool,
    /// Text.
    Text,
    /// Unix seconds; small values count from now (see [`crate::read`]).
    Time,
    /// An uploaded file, or a raw answer.
    File,
    /// A member of an enum.
    Enum(&'static EnumInfo),
    /// An object of this class or of one below it.
    Object(&'static ClassInfo),
    /// Objects of this class or of ones below it.
    Array(&'static ClassInfo),
    /// Objects by name.
    Map(&'static ClassInfo),
}

/// A parameter of an action.
#[derive(Debug)]
pub struct ParamInfo {
    /// The name on the wire.
    pub name: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// Its type.
    pub ty: Type,
    /// Whether it may be left out.
    pub optional: bool,
    /// What stands for it when it is left out; `None` is null.
    pub default: Option<DefaultValue>,
    /// Whether it is a secret, a password or a token: never to be logged or kept.
    pub sensitive: bool,
}

/// The declared default of a parameter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum DefaultValue {
    /// A truth value.
    Bool(bool),
    /// A whole number, or the value of an int enum.
    Int(i64),
    /// Text, or the value of a string enum.
    Text(&'static str),
}

/// A class of objects.
pub struct ClassInfo {
    /// The name on the wire, with its `Kaltura` prefix.
    pub name: &'static str,
    /// What it describes.
    pub description: &'static str,
    /// The class that it extends.
    pub base: Option<&'static ClassInfo>,
    /// Whether objects must be of a class below it.
    pub is_abstract: bool,
    /// All properties, those of base classes first.
    pub properties: &'static [PropertyInfo],
    /// The plugin it belongs to, if it is not part of the core.
    pub plugin: Option<&'static str>,
    /// The enum whose values `orderBy` takes, if this is a filter.
    pub order_by: Option<&'static EnumInfo>,
}

/// A property of a class.
#[derive(Debug)]
pub struct PropertyInfo {
    /// The name on the wire.
    pub name: &'static str,
    /// What it holds.
    pub description: &'static str,
    /// The name of the class that declares it.
    pub declared_in: &'static str,
    /// Its type.
    pub ty: Type,
    /// When callers may write it.
    pub access: Access,
    /// Filter operators that the class's filters offer on it.
    pub filters: &'static [&'static str],
    /// Uses of it that need a permission of their own (`read`, `insert`, `update`, `all`).
    pub requires_permission: &'static [&'static str],
    /// Bounds on its value.
    pub limits: Limits,
    /// Whether it is a secret, a password or a token: never to be logged or kept.
    pub sensitive: bool,
}

/// When callers may write a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// On add and on update.
    ReadWrite,
    /// Never.
    ReadOnly,
    /// On add only.
    InsertOnly,
    /// It is never answered.
    WriteOnly,
    /// On add only, and it is never answered.
    InsertOnlyWriteOnly,
}

/// Bounds on a value, checked while it is read. Lengths are in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Shortest text.
    pub min_length: Option<usize>,
    /// Longest text.
    pub max_length: Option<usize>,
    /// Smallest number.
    pub min: Option<i64>,
    /// Largest number.
    pub max: Option<i64>,
}

impl Limits {
    /// No bounds.
    pub const NONE: Self = Self { min_length: None, max_length: None, min: None, max: None };
}

/// An enum: a closed set of named values.
#[derive(Debug)]
pub struct EnumInfo {
    /// The name on the wire, with its `Kaltura` prefix.
    pub name: &'static str,
    /// What it lists.
    pub description: &'static str,
    /// Its members.
    pub values: EnumValues,
}

/// The members of an enum, by constant name.
#[derive(Debug)]
pub enum EnumValues {
    /// Numbers on the wire.
    Int(&'static [(&'static str, i64)]),
    /// Texts on the wire.
    Text(&'static [(&'static str, &'static str)]),
}

/// An error that the API can answer.
#[derive(Debug)]
pub struct ErrorInfo {
    /// The code on the wire.
    pub code: &'static str,
    /// The names of its arguments, in order.
    pub args: &'static [&'static str],
    /// The message, with `@NAME@` where an argument goes.
    pub message: &'static str,
    /// What it means, for people.
    pub meaning: &'static str,
}

impl std::fmt::Debug for ClassInfo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Classes refer to each other in circles; the name says all.
        write!(f, "ClassInfo({})", self.name)
    }
}

impl PartialEq for ClassInfo {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl ClassInfo {
    /// Whether this class is `other`, or extends it at any distance.
    #[must_use]
    pub fn is_a(&self, other: &Self) -> bool {
        let mut class = Some(self);
        while let Some(this) = class {
            if this.name == other.name {
                return true;
            }
            class = this.base;
        }
        false
    }
}

impl EnumInfo {
    /// Whether values travel as numbers.
    #[must_use]
    pub const fn is_int(&self) -> bool {
        matches!(self.values, EnumValues::Int(_))
    }
}

impl ActionInfo {
    /// `service->action` with the service in lower case, as `SERVICE_FORBIDDEN` names it.
    #[must_use]
    pub fn forbidden_name(&self) -> String {
        format!("{}->{}", self.service.to_ascii_lowercase(), self.name)
    }

    /// `service.action` in natural spelling, as people write it.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{}.{}", self.service, self.name)
    }
}
