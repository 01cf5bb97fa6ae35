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

use ks_schema::{ApiError, PartnerId};

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

/// The settings of the account whose password rules hold for a login.
pub(crate) async fn settings_of(call: &Call<'_>, config: PartnerId) -> Result<Settings, ApiError> {
    Ok(call.node.account(config).await?.map_or_else(Settings::usual, |account| Settings::of(&account)))
}
