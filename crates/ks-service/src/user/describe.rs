//! Users and groups as clients see them.

use ks_schema::generated::classes::{AnyUser, Group, User};
use ks_schema::generated::enums::{GroupType, UserStatus, UserType};
use ks_schema::read::{ReadContext, ReadObject};
use ks_schema::{ApiError, Field};
use ks_store::UserKind;

use super::sent::to_map;
use crate::call::{Call, database_error};
use crate::login::otp;

/// The longest whole name, in bytes; what is beyond is cut.
const LONGEST_NAME: usize = 40;

/// What users and groups have in common.
macro_rules! common {
    ($object:ident, $user:ident) => {
        $object.id = $user.user_id.as_str().to_owned().into();
        $object.partner_id = i64::from($user.partner_id.get()).into();
        $object.screen_name = $user.screen_name.clone().into();
        $object.full_name = full_name($user).into();
        $object.email = Some($user.email.clone()).filter(|email| !email.is_empty()).into();
        $object.tags = $user.tags.clone().into();
        $object.status = UserStatus::from_value($user.status.code()).into();
        $object.created_at = $user.created_at.into();
        $object.updated_at = $user.updated_at.into();
        $object.last_login_time = $user.last_login_at.into();
        $object.status_updated_at = $user.status_updated_at.into();
        $object.deleted_at = $user.deleted_at.into();
        $object.storage_size = 0.into();
    };
}

/// The first and the last name, in one.
pub(crate) fn full_name(user: &ks_store::User) -> String {
    let (first, last) = (user.first_name.as_deref().unwrap_or(""), user.last_name.as_deref().unwrap_or(""));
    let mut name = format!("{first} {last}").trim().to_owned();
    let mut end = name.len().min(LONGEST_NAME);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name.truncate(end);
    name
}

/// A user.
pub(crate) async fn user(call: &Call<'_>, user: &ks_store::User) -> Result<AnyUser, ApiError> {
    let mut names = Vec::new();
    for role in &user.role_ids {
        let found = call.node.store.role(user.partner_id, *role).await.map_err(|error| database_error(&error))?;
        names.extend(found.map(|role| role.name));
    }
    let mut object = User::read_object(&mut to_map(&user.properties), &ReadContext { time_base: 0 })?;
    common!(object, user);
    object.r#type = UserType::from_value(user.kind.code()).into();
    object.is_admin = user.is_admin.into();
    object.is_account_owner = user.is_account_owner.into();
    let ids: Vec<String> = user.role_ids.iter().map(|role| role.get().to_string()).collect();
    object.role_ids = ids.join(",").into();
    object.role_names = names.join(",").into();
    object.first_name = user.first_name.clone().into();
    object.last_name = user.last_name.clone().into();
    object.login_enabled = user.login_id.is_some().into();
    object.password = Field::Absent;
    Ok(object.into())
}

/// A user with the seed of its second factor, as far as there is one.
pub(crate) async fn with_seed(call: &Call<'_>, of: &ks_store::User) -> Result<AnyUser, ApiError> {
    let seed = otp::encrypted_seed(call, call.account()?, of).await?;
    let mut object = user(call, of).await?;
    if let AnyUser::User(user) = &mut object {
        user.encrypted_seed = seed.into();
    }
    Ok(object)
}

/// A group with so many members.
pub(crate) fn group(user: &ks_store::User, members: i64) -> Result<Group, ApiError> {
    let mut object = Group::read_object(&mut to_map(&user.properties), &ReadContext { time_base: 0 })?;
    common!(object, user);
    object.members_count = members.into();
    object.group_type = Field::Set(match user.kind {
        UserKind::ApplicativeGroup => GroupType::ApplicativeGroup,
        UserKind::Group | UserKind::User => GroupType::Group,
    });
    Ok(object)
}
