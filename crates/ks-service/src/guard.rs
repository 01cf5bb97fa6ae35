//! Properties that need a permission of their own: what a session may not write is dropped, and what it may not see is
//! left out. Neither is an error.

use ks_access::{Permissions, Use};
use ks_schema::write::{ApiObject, Mention};

use crate::call::Call;

/// What the session may write of an object; a header of the answer names the rest.
pub(crate) fn writable<T: ApiObject>(call: &Call<'_>, mut object: T, of: Use) -> T {
    let class = object.class_of();
    for (info, mention) in class.properties.iter().zip(object.mentions()) {
        if mention != Mention::Absent && !call.permissions.may_use(info.declared_in, info.name, of) {
            object.omit(info.name);
            call.note(
                format!("{}-{}-error", info.declared_in, info.name),
                format!("The session may not set {}::{}", info.declared_in, info.name),
            );
        }
    }
    object
}

/// What may be seen of an object with these permissions.
pub(crate) fn readable<T: ApiObject>(permissions: &Permissions, mut object: T) -> T {
    for info in object.class_of().properties {
        if !permissions.may_use(info.declared_in, info.name, Use::Read) {
            object.omit(info.name);
        }
    }
    object
}
