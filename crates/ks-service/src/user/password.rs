//! `user.loginDataResetPassword`.

use ks_schema::ApiError;
use ks_schema::generated::classes::AnyUser;
use ks_store::PasswordBy;

use super::describe;
use crate::call::{Call, database_error};
use crate::login::reset;

/// Sets the password of a login without the old one. Whoever has an administrator's login changes it alone.
pub(super) async fn reset_for(call: &Call<'_>, email: &str, password: String) -> Result<AnyUser, ApiError> {
    let partner = call.account()?.partner.id;
    let store = &call.node.store;
    let login = store.login(email).await.map_err(|error| database_error(&error))?;
    let login = login.ok_or_else(ApiError::login_data_not_found)?;
    let users = store.users_of_login(login.id).await.map_err(|error| database_error(&error))?;
    let user = users.iter().find(|user| user.partner_id == partner).ok_or_else(ApiError::user_not_found)?;
    if users.iter().any(|other| other.is_admin && (other.login_open || other.partner_id == partner)) {
        return Err(ApiError::cannot_update_admin_login_data());
    }
    // Any account may give a user somebody's address; that must not give it the doors of other accounts.
    if users.iter().any(|other| other.partner_id != partner && other.login_open) || !user.login_open {
        return Err(ApiError::cannot_update_login_data());
    }
    super::rights::may_speak_for(call, user).await?;
    reset::store_password(call, &login, password, PasswordBy::Account).await?;
    let changed =
        super::of_account(call, partner, user.user_id.as_str()).await?.ok_or_else(ApiError::user_not_found)?;
    describe::with_seed(call, &changed).await
}
