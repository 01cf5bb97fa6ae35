//! From a password to a session.

use std::sync::Arc;

use ks_schema::{ApiError, PartnerId};
use ks_store::{Account, Attempt, Login, Revoked, User, UserStatus};
use ks_token::session_id_hash;

use super::settings::Settings;
use super::{attempt, open_users, otp, settings_for};
use crate::call::{Call, database_error, partner_id};
use crate::generated::user as args;
use crate::refusal::is_usable;
use crate::session::mint::{self, mint};
use crate::user::of_account;

/// What is wanted of a session that a login starts.
pub(crate) struct Wanted {
    pub(crate) login_id: String,
    pub(crate) password: String,
    pub(crate) partner: Option<i64>,
    pub(crate) seconds: i64,
    pub(crate) privileges: String,
    pub(crate) otp: Option<String>,
}

/// `user.login`: by the id of a user of an account.
pub(crate) async fn with_user_id(call: &Call<'_>, args: args::Login) -> Result<String, ApiError> {
    check_partner(call, args.partner_id)?;
    let partner = partner_id(args.partner_id).ok_or_else(|| ApiError::invalid_partner_id(args.partner_id))?;
    let user = of_account(call, partner, &args.user_id).await?;
    let login = match user.as_ref().and_then(|user| user.login_id) {
        Some(id) => call.node.store.login_by_id(id).await.map_err(|error| database_error(&error))?,
        None => None,
    };
    let Some(login) = login else {
        // As much work as a wrong password makes.
        let tried = attempt::of(call, &format!("{partner}/{}", args.user_id));
        return Err(match attempt::check_password(call, &tried, &Settings::usual(), None, &args.password).await {
            Err(error) if error.code() != ApiError::user_wrong_password().code() => error,
            Ok(_) | Err(_) => {
                attempt::refused(ApiError::user_not_found(), "The account has no such user with a login.")
            }
        });
    };
    let wanted = Wanted {
        login_id: login.email.clone(),
        password: args.password,
        partner: Some(args.partner_id),
        seconds: args.expiry,
        privileges: args.privileges,
        otp: None,
    };
    start(call, wanted, Some(login)).await.map(|(token, _)| token)
}

/// `user.loginByLoginId`: by an e-mail address.
pub(crate) async fn with_login_id(call: &Call<'_>, wanted: Wanted) -> Result<(String, User), ApiError> {
    if let Some(asked) = wanted.partner.filter(|id| *id != 0) {
        check_partner(call, asked)?;
    }
    let login = call.node.store.login(&wanted.login_id).await.map_err(|error| database_error(&error))?;
    start(call, wanted, login).await
}

/// A call that carries the session of another account asks for two at once.
fn check_partner(call: &Call<'_>, asked: i64) -> Result<(), ApiError> {
    match &call.account {
        Some(account) if i64::from(account.partner.id.get()) != asked => Err(ApiError::invalid_partner_id(asked)),
        _ => Ok(()),
    }
}

async fn authenticate(
    call: &Call<'_>,
    wanted: &Wanted,
    login: Option<Login>,
) -> Result<(Arc<Account>, User), ApiError> {
    let tried = attempt::of(call, &wanted.login_id);
    let settings = match &login {
        Some(login) => settings_for(call, &open_users(call, login.id).await?).await?,
        None => Settings::usual(),
    };
    let asked = wanted.partner.filter(|id| *id != 0).and_then(partner_id);
    if let Some(login) = &login {
        call.concerns(login.last_login_partner_id.unwrap_or(login.config_partner_id));
    }
    let failed = attempt::check_password(call, &tried, &settings, login.as_ref(), &wanted.password).await?;
    let login = login.ok_or_else(ApiError::user_wrong_password)?;
    let checked = Checked { tried: &tried, settings: &settings, login: &login, failed, otp: wanted.otp.as_deref() };
    enter(call, &checked, asked).await
}

async fn start(call: &Call<'_>, wanted: Wanted, login: Option<Login>) -> Result<(String, User), ApiError> {
    let (account, user) = authenticate(call, &wanted, login).await?;
    let user = with_live_group(call, user).await?;
    let token = token(call, &account, &user, wanted.seconds, &wanted.privileges)?;
    Ok((token, user))
}

/// A login whose password was right.
struct Checked<'a> {
    tried: &'a Attempt,
    settings: &'a Settings,
    login: &'a Login,
    failed: bool,
    otp: Option<&'a str>,
}

/// The account that a login enters, and as whom.
async fn enter(
    call: &Call<'_>,
    checked: &Checked<'_>,
    asked: Option<PartnerId>,
) -> Result<(Arc<Account>, User), ApiError> {
    let Checked { tried, settings, login, failed, otp } = checked;
    let partner = asked.or(login.last_login_partner_id).unwrap_or(login.config_partner_id);
    call.concerns(partner);
    let users = open_users(call, login.id).await?;
    let account = call.node.account(partner).await?;
    let user = users.iter().find(|user| user.partner_id == partner);
    if let Some(account) = &account {
        let into = Settings::of(account);
        check_direct_login(&into, user)?;
        if into.needs_otp(user.map(|user| user.is_admin)) {
            otp::check(call, tried, settings, login, *otp).await?;
        }
    }
    if *failed {
        attempt::forget(call, tried, false).await?;
    }
    if account.is_some_and(|account| Settings::of(&account).is_expired(login.password_updated_at, call.now)) {
        return Err(attempt::refused(ApiError::password_expired(), "The account wants a new password by now."));
    }
    admit(call, login, &users, partner, asked.is_some()).await
}

/// `DIRECT_LOGIN_BLOCKED` where people come in by single sign-on only.
pub(super) fn check_direct_login(into: &Settings, user: Option<&User>) -> Result<(), ApiError> {
    let excluded = user
        .is_some_and(|user| user.properties.get("isSsoExcluded").and_then(serde_json::Value::as_bool) == Some(true));
    if into.blocks_direct_login() && !excluded { Err(ApiError::direct_login_blocked()) } else { Ok(()) }
}

fn wants_password_only(account: &Account, user: &User, login: &Login, now: i64) -> bool {
    let into = Settings::of(account);
    check_direct_login(&into, Some(user)).is_ok()
        && !into.needs_otp(Some(user.is_admin))
        && !into.is_expired(login.password_updated_at, now)
}

/// The account and its user, if both may be used; unless an account was asked for, another one will do.
pub(super) async fn admit(
    call: &Call<'_>,
    login: &Login,
    users: &[User],
    partner: PartnerId,
    asked: bool,
) -> Result<(Arc<Account>, User), ApiError> {
    let preferred = users.iter().find(|user| user.partner_id == partner);
    let others = users.iter().filter(|user| !asked && user.partner_id != partner);
    for user in preferred.into_iter().chain(others) {
        let account = call.node.account(user.partner_id).await?.filter(|account| is_usable(account));
        // What the preferred account let pass, another one may not.
        let account =
            account.filter(|account| user.partner_id == partner || wants_password_only(account, user, login, call.now));
        if let Some(account) = account
            && user.status == UserStatus::Active
        {
            call.store().note_login(login, user, call.now).await.map_err(|error| database_error(&error))?;
            return Ok((account, user.clone()));
        }
    }
    Err(if preferred.is_some() {
        attempt::refused(ApiError::user_is_blocked(), "The account or its user is blocked.")
    } else {
        attempt::refused(
            ApiError::user_not_found(),
            "The login has no user in this account, or the address is not verified: a password that is set with a \
             mailed link opens it.",
        )
    })
}

/// An owner may revoke any session group, this one, too: then the user needs another one.
pub(super) async fn with_live_group(call: &Call<'_>, user: User) -> Result<User, ApiError> {
    let hash = session_id_hash(user.partner_id, &user.session_group);
    let revoked = call.node.store.check_revoked_in_database(&[hash]).await.map_err(|error| database_error(&error))?;
    if revoked == Revoked::No {
        return Ok(user);
    }
    let renewed = call.store().revoke_user_sessions(user.partner_id, user.user_id.clone(), call.now).await;
    renewed.map_err(|error| database_error(&error))
}

/// A session of the user, in the group that ends with a change of the password.
pub(super) fn token(
    call: &Call<'_>,
    account: &Account,
    user: &User,
    seconds: i64,
    privileges: &str,
) -> Result<String, ApiError> {
    let own = user.properties.get("ksPrivileges").and_then(serde_json::Value::as_str).filter(|own| !own.is_empty());
    let privileges = match own {
        Some(own) => grouped(own, user, true),
        None => grouped(&granted(privileges, user), user, false),
    };
    let wanted = mint::Wanted {
        user_id: user.user_id.as_str().to_owned(),
        session_type: if user.is_admin { 2 } else { 0 },
        seconds,
        privileges: Some(privileges),
        master: None,
        key: 0,
    };
    mint(call, account, wanted).map(|(token, _)| token)
}

/// Privileges that lift a limit are the account's to give, by `ksPrivileges`, and not the caller's to take.
const NOT_FOR_CALLERS: [&str; 9] = [
    "disableentitlement",
    "disableentitlementforentry",
    "disableentitlementforplaylist",
    "editadmintags",
    "edituser",
    "enablecaptionmoderation",
    "enablecategorymoderation",
    "disablesessiontypecheck",
    "sessionid",
];

/// What a caller asks for, without what would lift a limit. A role may be chosen among the user's own.
fn granted(asked: &str, user: &User) -> String {
    let allowed = |item: &&str| {
        let (name, value) = item.split_once(':').unwrap_or((item, ""));
        match name.trim() {
            "setrole" => user.role_ids.iter().any(|role| role.get().to_string() == value.trim()),
            name => !NOT_FOR_CALLERS.contains(&name),
        }
    };
    asked.split(',').filter(allowed).collect::<Vec<_>>().join(",")
}

/// Adds the user's session group; privileges that the account gave may name another one.
fn grouped(privileges: &str, user: &User, may_differ: bool) -> String {
    let named = privileges.split(',').any(|item| item.split(':').next().is_some_and(|name| name.trim() == "sessionid"));
    let group = format!("sessionid:{}", user.session_group);
    if named && may_differ {
        privileges.to_owned()
    } else if privileges.is_empty() {
        group
    } else {
        format!("{privileges},{group}")
    }
}
