//! `user.enableLogin`, `user.disableLogin` and `user.updateLoginData`.

use std::sync::Arc;

use ks_schema::generated::classes::AnyUser;
use ks_schema::{ApiError, ErrorCode};
use ks_store::{NewLogin, PasswordBy, StoreError, User, Vouch};

use super::{describe, found, rights};
use crate::call::{Call, database_error};
use crate::generated::user::{DisableLogin, EnableLogin, UpdateLoginData};
use crate::login::settings::Settings;
use crate::login::{self, address, attempt, open_users, otp, password_rules, reset, settings_for};
use crate::password;

pub(super) async fn enable(call: &Call<'_>, args: EnableLogin) -> Result<AnyUser, ApiError> {
    let account = call.account()?;
    let user = found(call, &args.user_id).await?.ok_or_else(ApiError::user_not_found)?;
    let password = args.password.filter(|password| !password.is_empty());
    if !user.is_admin && password.is_none() {
        return Err(ApiError::property_validation_cannot_be_null("password"));
    }
    if user.login_id.is_some() {
        return Err(ApiError::user_login_already_enabled());
    }
    rights::may_speak_for(call, &user).await?;
    if !address::is_valid(&args.login_id) {
        return Err(ApiError::user_not_found());
    }
    let settings = Settings::of(account);
    login::check_quota(call, &settings, user.is_admin).await?;
    let wants_link = password.is_none();
    let hash = match password {
        Some(password) => {
            let names = [user.first_name.as_deref().unwrap_or(""), user.last_name.as_deref().unwrap_or("")];
            password_rules::check(&settings, &password, names, &args.login_id)?;
            Some(password::hash_for(call, password).await?)
        }
        None => None,
    };
    let new = NewLogin { email: args.login_id, password: hash, vouch: Vouch::Account };
    let enabled = call.store().enable_login(user.partner_id, user.user_id.clone(), new, call.now).await;
    let (user, existed) = enabled.map_err(|error| match error {
        StoreError::Conflict("login enabled") => ApiError::user_login_already_enabled(),
        StoreError::Conflict(_) => ApiError::user_data_error(),
        StoreError::NotFound(_) => ApiError::user_not_found(),
        other => database_error(&other),
    })?;
    if wants_link || !user.login_open {
        reset::welcome(call, &user).await?;
    }
    if existed || user.is_admin {
        // Somebody else's login has somebody else's second factor.
        return describe::user(call, &user).await;
    }
    otp::begin(call, account, &user).await?;
    describe::with_seed(call, &user).await
}

pub(super) async fn disable(call: &Call<'_>, args: DisableLogin) -> Result<AnyUser, ApiError> {
    let given = |id: Option<String>| id.filter(|id| !id.is_empty());
    let user = match (given(args.login_id), given(args.user_id)) {
        (Some(email), _) => by_login(call, &email).await?,
        (None, Some(id)) => found(call, &id).await?,
        (None, None) => return Err(ApiError::property_validation_cannot_be_null("userId")),
    };
    let user = user.ok_or_else(ApiError::user_not_found)?;
    if user.is_admin {
        return Err(ApiError::cannot_disable_login_for_admin_user());
    }
    if user.login_id.is_none() {
        return Err(ApiError::user_login_already_disabled());
    }
    let disabled = call.store().disable_login(user.partner_id, user.user_id.clone(), call.now).await;
    let disabled = disabled.map_err(|error| match error {
        StoreError::NotFound(_) => ApiError::user_not_found(),
        other => database_error(&other),
    })?;
    describe::user(call, &disabled).await
}

/// The account's user who logs in with an address.
async fn by_login(call: &Call<'_>, email: &str) -> Result<Option<Arc<User>>, ApiError> {
    let partner = call.account()?.partner.id;
    let store = &call.node.store;
    let Some(login) = store.login(email).await.map_err(|error| database_error(&error))? else { return Ok(None) };
    let users = store.users_of_login(login.id).await.map_err(|error| database_error(&error))?;
    Ok(users.into_iter().find(|user| user.partner_id == partner).map(Arc::new))
}

/// `user.updateLoginData`: errors that would tell who has a login all become one.
pub(super) async fn update(call: &Call<'_>, args: UpdateLoginData) -> Result<(), ApiError> {
    change(call, args).await.map_err(|error| match error.code() {
        ErrorCode::LoginDataNotFound
        | ErrorCode::UserWrongPassword
        | ErrorCode::WrongOldPassword
        | ErrorCode::InvalidOtp
        | ErrorCode::MissingOtp => {
            let why = error.why().cloned();
            let told = ApiError::user_data_error();
            why.map_or_else(ApiError::user_data_error, |why| told.because(why.check, why.explanation, why.partner))
        }
        _ => error,
    })
}

/// The same, with every error as it is.
pub(crate) async fn change(call: &Call<'_>, args: UpdateLoginData) -> Result<(), ApiError> {
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let (new_email, first, last) =
        (given(Some(args.new_login_id)), given(args.new_first_name), given(args.new_last_name));
    for (text, name) in [(&new_email, "id"), (&first, "firstName"), (&last, "lastName")] {
        if text.as_deref().is_some_and(address::has_markup) {
            return Err(ApiError::unsafe_html_tags("UserLoginData", name));
        }
    }
    if new_email.as_deref().is_some_and(|email| !address::is_valid(email)) {
        return Err(ApiError::invalid_field_value("newEmail"));
    }
    for (name, text) in [("newFirstName", &first), ("newLastName", &last)] {
        if text.as_deref().is_some_and(|text| text.contains("://")) {
            return Err(ApiError::invalid_field_value(name));
        }
    }
    let store = &call.node.store;
    let found = store.login(&args.old_login_id).await.map_err(|error| database_error(&error))?;
    let tried = attempt::of(call, &args.old_login_id);
    let users = match &found {
        Some(login) => open_users(call, login.id).await?,
        None => Vec::new(),
    };
    let settings = settings_for(call, &users).await?;
    // Here the reference lets everything pass that changes nothing. A wrong password is one in any case.
    let failed = attempt::check_password(call, &tried, &settings, found.as_ref(), &args.password).await?;
    let login = found.ok_or_else(ApiError::login_data_not_found)?;
    if reset::needs_otp(call, &users).await? {
        otp::check(call, &tried, &settings, &login, args.otp.as_deref()).await?;
    }
    if failed {
        attempt::forget(call, &tried, false).await?;
    }
    if let Some(email) = &new_email {
        for user in users.iter().filter(|user| user.is_admin) {
            let account = call.node.account(user.partner_id).await?;
            account.map_or(Ok(()), |account| Settings::of(&account).check_admin_address(email))?;
        }
        let taken = store.login(email).await.map_err(|error| database_error(&error))?;
        if taken.is_some_and(|other| other.id != login.id) {
            return Err(ApiError::user_data_error());
        }
    }
    if !args.new_password.is_empty() {
        if args.new_password == args.password {
            let names = users.first().map_or(["", ""], |user| {
                [user.first_name.as_deref().unwrap_or(""), user.last_name.as_deref().unwrap_or("")]
            });
            password_rules::check(&settings, &args.new_password, names, &login.email)?;
        } else {
            reset::store_password(call, &login, args.new_password, PasswordBy::Owner).await?;
        }
    }
    if new_email.is_some() || first.is_some() || last.is_some() {
        let changed = call.store().change_login(login.id, new_email, first, last, call.now).await;
        changed.map_err(|error| match error {
            StoreError::Conflict(_) => ApiError::user_data_error(),
            other => database_error(&other),
        })?;
    }
    Ok(())
}
