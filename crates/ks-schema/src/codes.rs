//! Which errors a call can be answered: what documents promise, and tests hold answers against.

use std::collections::BTreeSet;

use crate::ErrorCode;
use crate::describe::{ActionInfo, ClassInfo, Type};
use crate::generated::classes;

/// What any call can be told: of the server, of the session, of the account, of its text.
const ALWAYS: &[ErrorCode] = &[
    ErrorCode::InternalServerlError,
    ErrorCode::InternalDatabaseError,
    ErrorCode::InvalidKs,
    ErrorCode::MissingKs,
    ErrorCode::ServiceForbidden,
    ErrorCode::ServiceForbiddenContentBlocked,
    ErrorCode::UserBlocked,
    ErrorCode::InvalidObjectId,
    ErrorCode::InvalidLanguageCode,
    ErrorCode::InvalidParameterChar,
    ErrorCode::InvalidParameterValue,
    ErrorCode::ParameterValueOutOfRange,
    ErrorCode::InvalidSetRole,
    ErrorCode::InvalidActionsLimit,
    // The body is no JSON object.
    ErrorCode::PropertyValidationWrongFormat,
];

/// What objects in the parameters can be told besides.
const WITH_OBJECTS: &[ErrorCode] = &[
    ErrorCode::PropertyValidationCannotBeNull,
    ErrorCode::InvalidFieldValue,
    ErrorCode::InvalidEnumValue,
    ErrorCode::InvalidObjectType,
    ErrorCode::ObjectTypeAbstract,
    ErrorCode::PropertyValidationMaxLength,
    ErrorCode::PropertyValidationMinLength,
    ErrorCode::PropertyValidationMaxValue,
    ErrorCode::PropertyValidationMinValue,
    ErrorCode::PropertyValidationNotUpdatable,
];

impl ActionInfo {
    /// The codes that a call of this action can be answered.
    #[must_use]
    pub fn codes(&self) -> BTreeSet<&'static str> {
        let mut codes: BTreeSet<&'static str> = ALWAYS.iter().map(|code| code.info().code).collect();
        let mut add = |more: &[ErrorCode]| codes.extend(more.iter().map(|code| code.info().code));
        add(self.throws);
        add(self.raises);
        if let Some(flatten) = &self.flatten {
            add(flatten.keep);
            add(flatten.to.as_slice());
        }
        for param in self.params {
            if !param.optional {
                add(&[ErrorCode::MissingMandatoryParameter]);
            }
            match param.ty {
                Type::Enum(_) => add(&[ErrorCode::InvalidEnumValue]),
                Type::File => add(&[ErrorCode::UploadError]),
                Type::Object(class) | Type::Array(class) | Type::Map(class) => {
                    add(WITH_OBJECTS);
                    if has_permissions(class) {
                        add(&[ErrorCode::PropertyValidationAdminProperty]);
                    }
                }
                Type::Void | Type::Int | Type::BigInt | Type::Float | Type::Bool | Type::Text | Type::Time => {}
            }
        }
        codes
    }
}

/// Whether a class, or one below it, has properties that need permissions of their own.
fn has_permissions(class: &ClassInfo) -> bool {
    classes::ALL
        .iter()
        .filter(|other| other.is_a(class))
        .flat_map(|class| class.properties)
        .any(|property| !property.requires_permission.is_empty())
}
