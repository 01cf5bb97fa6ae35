//! `partner.update`.

use ks_access::Use;
use ks_schema::generated::classes;
use ks_schema::write::check_update;
use ks_schema::{ApiError, UserId};
use ks_store::{PARTNER_ADMIN_ROLE, StoreError};

use super::object::{apply, describe};
use crate::call::{Call, database_error};
use crate::generated::partner::Update;
use crate::guard::writable;

/// Changes the account that the call works on.
pub(super) async fn update(call: &Call<'_>, args: Update) -> Result<classes::Partner, ApiError> {
    let account = call.account()?;
    let id = account.partner.id;
    let sent = writable(call, args.partner, Use::Update);
    // What the session may not see is compared with nothing: it must not be guessed at here.
    check_update(&sent, &describe(call, account))?;
    if let Some(user) = sent.admin_user_id.get().filter(|user| !user.is_empty()) {
        let owner = account.partner.account_owner.as_ref().map(UserId::as_str);
        if owner != Some(user.as_str()) {
            hand_over(call, user).await?;
        }
    }
    let allow_empty = args.allow_empty;
    let updated = call.store().update_partner(id, call.now, move |partner| apply(partner, &sent, allow_empty)).await;
    match updated {
        Ok(_) => {}
        Err(StoreError::NotFound(_)) => return Err(ApiError::unknown_partner_id(id)),
        Err(error) => return Err(database_error(&error)),
    }
    let account = call.node.account(id).await?.ok_or_else(|| ApiError::unknown_partner_id(id))?;
    Ok(describe(call, &account))
}

/// Gives the account to another user, who must have the administrators' role.
async fn hand_over(call: &Call<'_>, user: &str) -> Result<(), ApiError> {
    let partner = &call.account()?.partner;
    let id = UserId::new(user);
    let found = call.node.store.live_user(partner.id, &id).await.map_err(|error| database_error(&error))?;
    let found = found.ok_or_else(ApiError::user_not_found)?;
    let role = partner.admin_session_role_id.unwrap_or(PARTNER_ADMIN_ROLE);
    if !found.role_ids.contains(&role) {
        return Err(ApiError::account_owner_needs_partner_admin_role());
    }
    match call.store().set_account_owner(partner.id, id, call.now).await {
        Ok(()) => Ok(()),
        Err(StoreError::NotFound(_)) => Err(ApiError::user_not_found()),
        Err(error) => Err(database_error(&error)),
    }
}
