//! `user.loginByKs`: from one account of a person into another.

use ks_schema::ApiError;
use ks_schema::generated::classes::SessionResponse;

use super::settings::Settings;
use super::settings_of;
use super::start::{admit, check_direct_login, grouped, with_live_group};
use crate::call::{Call, database_error, partner_id};
use crate::session::mint::{Wanted, mint};
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
    let users = store.users_of_login(login_id).await.map_err(|error| database_error(&error))?;
    let user = users.iter().find(|user| user.partner_id == into).ok_or_else(unknown)?;
    check_direct_login(&there, Some(user))?;
    if settings_of(call, login.config_partner_id).await?.is_expired(login.password_updated_at, call.now) {
        return Err(ApiError::internal_serverl_error());
    }
    if !user.is_admin {
        return Err(ApiError::user_data_error());
    }
    let (account, user) = admit(call, &login, &users, into, true).await?;
    let user = with_live_group(call, user).await?;
    let wanted = Wanted {
        user_id: user.user_id.as_str().to_owned(),
        session_type: 2,
        seconds: SECONDS,
        // The group of the old session is one of the old account.
        privileges: Some(grouped(ks.privileges.text(), &user, false)),
        master: None,
        key: 0,
    };
    let (token, _) = mint(call, &account, wanted)?;
    Ok(response(token, user.user_id.as_str()))
}
