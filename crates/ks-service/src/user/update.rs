//! `user.update`, `user.delete` and `user.demoteAdmin`.

use ks_schema::generated::classes::AnyUser;
use ks_schema::write::check_update;
use ks_schema::{ApiError, UserId};
use ks_store::{BASE_USER_SESSION_ROLE, NewUser, PARTNER_ADMIN_ROLE, User, UserKind, UserStatus};

use super::sent::Sent;
use super::{change_error, describe, fields, found, of_account, rights};
use crate::call::{Call, database_error};
use crate::login::settings::Settings;

pub(super) async fn update(call: &Call<'_>, id: &str, user: AnyUser) -> Result<AnyUser, ApiError> {
    let account = call.account()?;
    let partner = account.partner.id;
    let before = found(call, id).await?.ok_or_else(ApiError::invalid_user_id)?;
    let sent = Sent::of(&user);
    if before.is_admin && sent.flag("isAdmin") == Some(false) {
        return Err(ApiError::cannot_set_root_admin_as_no_admin());
    }
    let settings = Settings::of(account);
    let becomes_admin = before.is_admin || sent.flag("isAdmin") == Some(true);
    if becomes_admin && let Some(email) = sent.text("email").filter(|email| !email.is_empty()) {
        settings.check_admin_address(email)?;
    }
    check_update(&user, &describe::user(call, &before).await?)?;
    fields::check(&sent)?;
    if sent.flag("isSsoExcluded").is_some() && settings.uses_sso() {
        return Err(ApiError::setting_sso_per_user_not_allowed());
    }
    rights::check_sent(call, &sent).await?;
    let mut after = NewUser::like(&before);
    fields::apply(&sent, &mut after);
    let caller = call.session()?.ks.user_id.as_deref();
    if sent.said("roleIds").is_some() && caller == Some(id) && roles(&after) != before.role_ids {
        return Err(ApiError::cannot_change_own_role());
    }
    let new_id = after.user_id.as_str().to_owned();
    if new_id != id {
        fields::check_id(&new_id)?;
        if of_account(call, partner, &new_id).await?.is_some() {
            return Err(ApiError::duplicate_user_by_id(&new_id));
        }
    }
    rights::may_make(call, Some(&before), &after).await?;
    if before.kind == UserKind::ApplicativeGroup && after.kind != UserKind::ApplicativeGroup {
        return Err(ApiError::applicative_user_type_cannot_be_updated());
    }
    if before.is_account_owner {
        let admin_role = account.partner.admin_session_role_id.unwrap_or(PARTNER_ADMIN_ROLE);
        let keeps = [admin_role, PARTNER_ADMIN_ROLE].iter().any(|role| after.role_ids.contains(role));
        if sent.said("roleIds").is_some() && !keeps {
            return Err(ApiError::account_owner_needs_partner_admin_role());
        }
        if after.status != UserStatus::Active {
            return Err(ApiError::cannot_delete_or_block_root_admin_user());
        }
    }
    let store = call.store();
    let changed = store.update_user(partner, UserId::new(id), call.now, move |user| {
        let mut after = NewUser::like(user);
        fields::apply(&sent, &mut after);
        after.write_to(user);
    });
    let changed = changed.await.map_err(|error| change_error(&error, &new_id))?;
    if changed.is_account_owner {
        tell_account(call, &changed).await?;
    }
    describe::user(call, &changed).await
}

fn roles(user: &NewUser) -> Vec<ks_schema::RoleId> {
    let mut roles = user.role_ids.clone();
    roles.sort_unstable_by_key(|role| role.get());
    roles
}

/// The account shows its owner's name and address.
async fn tell_account(call: &Call<'_>, owner: &User) -> Result<(), ApiError> {
    let partner = &call.account()?.partner;
    let (name, email) = (describe::full_name(owner), owner.email.clone());
    if partner.admin_name == name && partner.admin_email == email {
        return Ok(());
    }
    let store = call.store();
    let changed = store.update_partner(partner.id, call.now, move |partner| {
        partner.admin_name = name;
        partner.admin_email = email;
    });
    changed.await.map(drop).map_err(|error| database_error(&error))
}

pub(super) async fn delete(call: &Call<'_>, id: &str) -> Result<AnyUser, ApiError> {
    let user = found(call, id).await?.ok_or_else(ApiError::invalid_user_id)?;
    if user.is_account_owner {
        return Err(ApiError::cannot_delete_or_block_root_admin_user());
    }
    let deleted = call.store().delete_user(user.partner_id, user.user_id.clone(), call.now).await;
    describe::user(call, &deleted.map_err(|error| change_error(&error, id))?).await
}

pub(super) async fn demote(call: &Call<'_>, id: &str) -> Result<AnyUser, ApiError> {
    let user = found(call, id).await?.ok_or_else(ApiError::invalid_user_id)?;
    if user.status != UserStatus::Active {
        return Err(ApiError::user_is_blocked());
    }
    if user.is_account_owner {
        return Err(ApiError::cannot_set_root_admin_as_no_admin());
    }
    if !user.is_admin {
        return Err(ApiError::demote_only_admin());
    }
    // With no role left, sessions that the account signed for it would have the administrators' one.
    let role = call.account()?.partner.user_session_role_id.unwrap_or(BASE_USER_SESSION_ROLE);
    let store = call.store();
    let demoted = store.update_user(user.partner_id, user.user_id.clone(), call.now, move |user| {
        user.is_admin = false;
        user.role_ids = vec![role];
    });
    describe::user(call, &demoted.await.map_err(|error| change_error(&error, id))?).await
}
