//! Nobody makes a user who may do more than they may.
use ks_access::{Excess, Rights, Voice};
use ks_schema::{ApiError, RoleId};
use ks_store::{NewUser, User, UserStatus};
use ks_token::{Privileges, SessionKind};

use super::fields;
use super::sent::{Said, Sent};
use crate::call::{Call, database_error};
use crate::roles::Asked;

/// Refuses roles that there are not, and privileges of logins from those who may not do everything anyhow: privileges lift
/// limits that no permission names.
pub(super) async fn check_sent(call: &Call<'_>, sent: &Sent) -> Result<(), ApiError> {
    if sent.said("ksPrivileges").is_some() && !call.own_permissions().is_unrestricted() {
        return Err(ApiError::invalid_field_value("ksPrivileges"));
    }
    let Some(Said::Value(_)) = sent.said("roleIds") else { return Ok(()) };
    let roles = sent.text("roleIds").and_then(fields::role_ids).ok_or_else(ApiError::user_role_not_found)?;
    let partner = call.account()?.partner.id;
    for role in roles {
        let found = call.node.store.role(partner, role).await.map_err(|error| database_error(&error))?;
        found.ok_or_else(ApiError::user_role_not_found)?;
    }
    Ok(())
}

/// Whoever sets a user's password can be that user: nobody becomes somebody greater so.
pub(super) async fn may_speak_for(call: &Call<'_>, user: &User) -> Result<(), ApiError> {
    let id = user.user_id.as_str();
    if user.properties.contains_key("ksPrivileges") && !call.own_permissions().is_unrestricted() {
        return Err(ApiError::invalid_field_value("userId"));
    }
    match excess(call, &NewUser::like(user), Some(Voice::User(id))).await? {
        None => Ok(()),
        Some(Excess::Permissions) if !user.role_ids.is_empty() => Err(ApiError::invalid_field_value("roleIds")),
        Some(_) => Err(ApiError::invalid_field_value("userId")),
    }
}

/// Refuses a user that may do more than whoever makes it so, be it by a login or by sessions that the account has signed.
pub(crate) async fn may_make(call: &Call<'_>, before: Option<&User>, after: &NewUser) -> Result<(), ApiError> {
    let renamed = before.is_some_and(|before| before.user_id != after.user_id);
    let same = before.is_some_and(|before| {
        before.role_ids == sorted(&after.role_ids)
            && before.is_admin == after.is_admin
            && before.properties.get("ksPrivileges") == after.properties.get("ksPrivileges")
    });
    if same && !renamed {
        return Ok(());
    }
    // Sessions of the new id become those of the user who had the old one.
    let voice = before.filter(|_| renamed).map(|before| Voice::User(before.user_id.as_str()));
    match excess(call, after, voice).await? {
        None => {}
        Some(Excess::Type) => return Err(ApiError::invalid_field_value("isAdmin")),
        Some(Excess::Permissions) if !renamed => return Err(ApiError::invalid_field_value("roleIds")),
        Some(Excess::Permissions | Excess::User) => return Err(ApiError::invalid_field_value("id")),
    }
    // Without roles, an administrator's session has the greatest of them; those of a user with roles, and of one who is
    // gone, had less until now.
    let had_less = before.is_some_and(|before| !before.role_ids.is_empty()) || is_gone(call, after).await?;
    if after.role_ids.is_empty() && had_less {
        let usual = Asked { kind: Some(SessionKind::Admin), ..Asked::default() };
        let usual = call.node.permissions(Some(call.account()?), usual).await?;
        if usual.exceed(&[&*call.own_permissions()]) {
            return Err(ApiError::invalid_field_value("roleIds"));
        }
    }
    Ok(())
}

async fn is_gone(call: &Call<'_>, user: &NewUser) -> Result<bool, ApiError> {
    let had = call.node.store.user(user.partner_id, &user.user_id).await.map_err(|error| database_error(&error))?;
    Ok(had.is_some_and(|had| had.status == UserStatus::Deleted))
}

/// What a login of the user would have more than whoever calls.
async fn excess(call: &Call<'_>, user: &NewUser, voice: Option<Voice<'_>>) -> Result<Option<Excess>, ApiError> {
    let account = call.account()?;
    let kind = if user.is_admin { SessionKind::Admin } else { SessionKind::User };
    let own = user.properties.get("ksPrivileges").and_then(serde_json::Value::as_str).filter(|own| !own.is_empty());
    let privileges = own.map(Privileges::normalised);
    let asked = Asked { kind: Some(kind), roles: &user.role_ids, privileges: privileges.as_ref(), ..Asked::default() };
    // What no session can have nobody gets; it may be there tomorrow, so it is not for everybody to give.
    let Ok(permissions) = call.node.permissions(Some(account), asked).await else {
        let all = call.own_permissions().is_unrestricted();
        return Ok((!all).then_some(Excess::Permissions));
    };
    let rights = Rights::of(&permissions, Some(kind), None).speaking_for(voice.unwrap_or(Voice::Nobody));
    call.beyond(&rights, account).await
}

fn sorted(roles: &[RoleId]) -> Vec<RoleId> {
    let mut roles = roles.to_vec();
    roles.sort_unstable_by_key(|role| role.get());
    roles.dedup();
    roles
}
