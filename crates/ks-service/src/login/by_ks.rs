//! `user.loginByKs`: from one account of a person into another.

use ks_schema::ApiError;
use ks_schema::generated::classes::SessionResponse;

use super::open_users;
use super::settings::Settings;
use super::start::{admit, check_direct_login, token, with_live_group};
use crate::call::{Call, database_error, partner_id};
use crate::user::of_account;

/// How long such a session lasts: a day, in seconds.
const SECONDS: i64 = 86_400;

pub(crate) async fn start(call: &Call<'_>, requested: i64) -> Result<SessionResponse, ApiError> {
    let session = call.session()?;
    let ks = &session.ks;
    let response = |token: String, user: &str| SessionResponse {
        partner_id: requested.into(),
        ks: token.into(),
        user_id: user.to_owned().into(),
    };
    let user_id = ks.user_id.as_deref().filter(|id| !id.is_empty()).ok_or_else(ApiError::invalid_user_id)?;
    let unknown = || ApiError::unknown_partner_id(requested);
    let into = partner_id(requested).filter(|id| id.get() > 0).ok_or_else(unknown)?;
    if into == ks.partner_id {
        return Ok(response(session.text.expose().to_owned(), user_id));
    }
    let allowed = ks.privileges.value("enablechangeaccount");
    if allowed.is_some_and(|list| !list.is_empty() && !list.split('/').any(|id| id.parse() == Ok(requested))) {
        return Err(ApiError::partner_change_account_disabled());
    }
    let own = of_account(call, ks.partner_id, user_id).await?.ok_or_else(ApiError::user_data_error)?;
    let login_id = own.login_id.ok_or_else(ApiError::login_data_not_found)?;
    // An account can sign sessions for any of its users, and give any user anybody's address: only a session that a
    // password started says who is there.
    if ks.privileges.value("sessionid") != Some(own.session_group.as_str()) {
        return Err(ApiError::new_login_required());
    }
    let account = call.node.account(into).await?.ok_or_else(unknown)?;
    let (there, here) = (Settings::of(&account), Settings::of(&session.account));
    let (wanted, had) = (there.authentication_type(), here.authentication_type());
    if wanted == 2 || (wanted != had && wanted != 0) {
        return Err(ApiError::new_login_required());
    }
    let store = &call.node.store;
    let login = store.login_by_id(login_id).await.map_err(|error| database_error(&error))?;
    let login = login.ok_or_else(ApiError::login_data_not_found)?;
    let users = open_users(call, login_id).await?;
    let user = users.iter().find(|user| user.partner_id == into).ok_or_else(unknown)?;
    check_direct_login(&there, Some(user))?;
    // A second factor that only the other account asks of people like this one has not been shown yet.
    if there.needs_otp(Some(user.is_admin)) && !here.needs_otp(Some(own.is_admin)) {
        return Err(ApiError::new_login_required());
    }
    if there.is_expired(login.password_updated_at, call.now) {
        return Err(ApiError::internal_serverl_error());
    }
    if !user.is_admin {
        return Err(ApiError::user_data_error());
    }
    let (account, user) = admit(call, &login, &users, into, true).await?;
    let user = with_live_group(call, user).await?;
    // What the old account gave is nothing that the new one has to honour: the privileges are only what is asked for.
    let token = token(call, &account, &user, SECONDS, ks.privileges.text())?;
    Ok(response(token, user.user_id.as_str()))
}
