//! Logging in with a password: what `user`, `adminUser` and the command line share.

pub(crate) mod address;
pub(crate) mod attempt;
pub(crate) mod by_ks;
pub(crate) mod otp;
pub(crate) mod password_rules;
pub(crate) mod reset;
pub(crate) mod settings;
pub(crate) mod start;
pub(crate) mod throttle;

use ks_schema::ApiError;
use ks_store::{LoginId, User};

use crate::call::{Call, database_error};
use settings::Settings;

/// `ADMIN_LOGIN_USERS_QUOTA_EXCEEDED` when an account may not have one more administrator with a login.
pub(crate) async fn check_quota(call: &Call<'_>, settings: &Settings, is_admin: bool) -> Result<(), ApiError> {
    let (Some(quota), true) = (settings.admin_quota(), is_admin) else { return Ok(()) };
    let partner = call.account()?.partner.id;
    let there = call.node.store.admins_with_login(partner).await.map_err(|error| database_error(&error))?;
    // The first one always passes, so that no account is left without.
    if there > 0 && there >= quota { Err(ApiError::admin_login_users_quota_exceeded()) } else { Ok(()) }
}

/// The users as whom a login may enter.
pub(crate) async fn open_users(call: &Call<'_>, login: LoginId) -> Result<Vec<User>, ApiError> {
    let mut users = call.node.store.users_of_login(login).await.map_err(|error| database_error(&error))?;
    users.retain(|user| user.login_open);
    Ok(users)
}

/// The settings about passwords that hold for a login with these users: those of the account that it opens. Where it opens
/// several, none of them decides for the others, and the usual ones hold.
pub(crate) async fn settings_for(call: &Call<'_>, users: &[User]) -> Result<Settings, ApiError> {
    let Some(first) = users.first() else { return Ok(Settings::usual()) };
    if users.iter().any(|user| user.partner_id != first.partner_id) {
        return Ok(Settings::usual());
    }
    Ok(call.node.account(first.partner_id).await?.map_or_else(Settings::usual, |account| Settings::of(&account)))
}
