//! Which properties a caller may write: checks that every `add` and `update` shares.

use crate::describe::{Access, ClassInfo, PropertyInfo};
use crate::{ApiError, Out};

/// What a request said of one property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mention {
    /// Nothing.
    Absent,
    /// To clear it.
    Null,
    /// A value for it.
    Set,
}

impl<T> From<&crate::Field<T>> for Mention {
    fn from(field: &crate::Field<T>) -> Self {
        match field {
            crate::Field::Absent => Self::Absent,
            crate::Field::Null => Self::Null,
            crate::Field::Set(_) => Self::Set,
        }
    }
}

/// An object of the API: it knows its class, and what a request said of each property.
pub trait ApiObject: Clone + crate::IntoOut {
    /// The class of this very object.
    fn class_of(&self) -> &'static ClassInfo;

    /// What was said of each property, in the order of `class_of().properties`.
    fn mentions(&self) -> Vec<Mention>;

    /// Forgets what was said of a property that needs a permission of its own; others stay.
    fn omit(&mut self, _property: &str) {}
}

/// Refuses read-only properties on an insert.
///
/// # Errors
/// `PROPERTY_VALIDATION_NOT_UPDATABLE` with `Class::property` for the first one.
pub fn check_insert<T: ApiObject>(object: &T) -> Result<(), ApiError> {
    let class = object.class_of();
    match class
        .properties
        .iter()
        .zip(object.mentions())
        .find(|(info, mention)| *mention != Mention::Absent && info.access == Access::ReadOnly)
    {
        Some((info, _)) => Err(not_updatable(class, info)),
        None => Ok(()),
    }
}

/// Refuses read-only and insert-only properties on an update, unless the value is the stored one.
///
/// # Errors
/// `PROPERTY_VALIDATION_NOT_UPDATABLE` with `Class::property` for the first one.
pub fn check_update<T: ApiObject>(object: &T, stored: &T) -> Result<(), ApiError> {
    let class = object.class_of();
    let (Out::Object(sent), Out::Object(kept)) = (object.clone().into_out(), stored.clone().into_out()) else {
        return Ok(());
    };
    for ((info, mention), sent) in class.properties.iter().zip(object.mentions()).zip(&sent.values) {
        let frozen = matches!(info.access, Access::ReadOnly | Access::InsertOnly | Access::InsertOnlyWriteOnly);
        if mention != Mention::Absent && frozen && kept.get(info.name) != Some(sent) {
            return Err(not_updatable(class, info));
        }
    }
    Ok(())
}

fn not_updatable(class: &ClassInfo, info: &PropertyInfo) -> ApiError {
    ApiError::property_validation_not_updatable(format!("{}::{}", class.name, info.name))
}
