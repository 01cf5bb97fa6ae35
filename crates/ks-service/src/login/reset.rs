//! Links by mail with which a password is set: their keys are kept hashed, count once and end after a day.

use ks_schema::generated::classes::Authentication;
use ks_schema::{ApiError, Field, PartnerId};
use ks_store::{Login, LoginId, PasswordBy, ResetKey, StoreError, User};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::settings::Settings;
use super::{attempt, open_users, otp, password_rules, settings_for};
use crate::call::{Call, database_error};
use crate::mail::Letter;
use crate::password;

/// How long a key is good, in seconds.
const GOOD_FOR: i64 = 86_400;
/// How often a link may be asked for within [`WINDOW`] seconds from one place: for one address, and in all.
const MOST_FOR_ADDRESS: u32 = 10;
const MOST_FROM_PLACE: u32 = 100;
const WINDOW: i64 = 600;
/// While the last link is younger, in seconds, no other one is mailed: it stays good, and nobody who asks again and again
/// ends it or fills a mailbox.
const YOUNG: i64 = 600;
/// So many links are mailed to one address in a day; the last one is good for as long.
const MOST_IN_A_DAY: u32 = 20;

/// Sends a link, if the address has a login; nobody hears whether it has.
pub(crate) async fn send_link(call: &Call<'_>, email: &str) -> Result<(), ApiError> {
    let network = attempt::network(call);
    let place = format!("place {network}");
    let address = format!("address {network} {}", ks_store::fold_email(email));
    let throttle = &call.node.throttle;
    if !throttle.allows(&address, MOST_FOR_ADDRESS, WINDOW, call.now)
        || !throttle.allows(&place, MOST_FROM_PLACE, WINDOW, call.now)
    {
        return Err(ApiError::resource_is_reserved(email));
    }
    match call.node.store.login(email).await.map_err(|error| database_error(&error))? {
        Some(login) if is_sent(&login, call.now) => Ok(()),
        Some(login) => {
            if let Some(key) = new_key(call, &login).await? {
                call.mail(login.config_partner_id, &login.email, Letter::NewPassword { key: &key }).await?;
            }
            Ok(())
        }
        // As much work as a known address makes.
        None => call.node.store.ping_write(call.now).await.map_err(|error| database_error(&error)),
    }
}

/// Whether a link was mailed just now, and was not used since.
fn is_sent(login: &Login, now: i64) -> bool {
    login.reset_key.is_some_and(|key| key.until > now + GOOD_FOR - YOUNG)
}

/// Tells somebody who was given a login how to set a password; whoever had that login before has one, unless the login
/// does not enter as this user yet: then a password that is set with the link opens it.
pub(crate) async fn welcome(call: &Call<'_>, user: &User) -> Result<(), ApiError> {
    let Some(id) = user.login_id else { return Ok(()) };
    let login = call.node.store.login_by_id(id).await.map_err(|error| database_error(&error))?;
    let needs_link = |login: &Login| login.password_hash.is_none() || !user.login_open;
    if let Some(login) = login.filter(|login| needs_link(login) && !is_sent(login, call.now))
        && let Some(key) = new_key(call, &login).await?
    {
        call.mail(user.partner_id, &login.email, Letter::FirstPassword { key: &key }).await?;
    }
    Ok(())
}

/// Tells the administrator of a new account that it is there, and how to set a password if none was chosen.
pub(crate) async fn opened(
    call: &Call<'_>,
    partner: PartnerId,
    address: &str,
    wants_key: bool,
) -> Result<(), ApiError> {
    let login = call.node.store.login(address).await.map_err(|error| database_error(&error))?;
    let key = match login.filter(|_| wants_key) {
        Some(login) => new_key(call, &login).await?,
        None => None,
    };
    call.mail(partner, address, Letter::NewAccount { key: key.as_deref() }).await
}

/// A new key for setting a login's password; the one before is no longer good. `None`: there were too many today.
async fn new_key(call: &Call<'_>, login: &Login) -> Result<Option<String>, ApiError> {
    if !call.node.throttle.allows(&format!("mails {}", login.email), MOST_IN_A_DAY, GOOD_FOR, call.now) {
        return Ok(None);
    }
    let until = call.now.saturating_add(GOOD_FOR);
    let random: String = call.node.random::<20>().iter().map(|byte| format!("{byte:02x}")).collect();
    let plain = format!("{}|{until}|{random}", login.id.get());
    let key = ResetKey { hash: Sha256::digest(&plain).into(), until };
    let kept = call.store().set_reset_key(login.id, Some(key), call.now).await;
    kept.map_err(|error| database_error(&error))?;
    Ok(Some(base64_simd::STANDARD.encode_to_string(plain)))
}

/// The login that a key is for, and the hash of the key.
async fn read(call: &Call<'_>, key: &str) -> Result<(Login, [u8; 32]), ApiError> {
    let invalid = ApiError::new_password_hash_key_invalid;
    let bytes = base64_simd::forgiving_decode_to_vec(key.replace('.', "=").as_bytes()).map_err(|_| invalid())?;
    let plain = String::from_utf8(bytes).map_err(|_| invalid())?;
    let parts: Vec<&str> = plain.split('|').collect();
    let [id, _, _] = parts.as_slice() else { return Err(invalid()) };
    let id = LoginId::new(id.parse().map_err(|_| invalid())?);
    let login = call.node.store.login_by_id(id).await.map_err(|error| database_error(&error))?;
    // Which numbers logins have nobody hears.
    let login = login.ok_or_else(invalid)?;
    let hash: [u8; 32] = Sha256::digest(&plain).into();
    let kept = login.reset_key.filter(|kept| bool::from(kept.hash.ct_eq(&hash))).ok_or_else(invalid)?;
    if kept.until < call.now { Err(ApiError::new_password_hash_key_expired()) } else { Ok((login, hash)) }
}

/// Whether any account of the login's users wants a second factor of them.
pub(crate) async fn needs_otp(call: &Call<'_>, users: &[User]) -> Result<bool, ApiError> {
    for user in users {
        let account = call.node.account(user.partner_id).await?;
        if account.is_some_and(|account| Settings::of(&account).needs_otp(Some(user.is_admin))) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Checks a new password against all rules and stores it; a key is used up.
pub(crate) async fn store_password(
    call: &Call<'_>,
    login: &Login,
    new: String,
    by: PasswordBy,
) -> Result<(), ApiError> {
    let users = open_users(call, login.id).await?;
    let settings = settings_for(call, &users).await?;
    let name = |name: fn(&User) -> Option<&str>| users.first().and_then(name).unwrap_or_default();
    let names = [name(|user| user.first_name.as_deref()), name(|user| user.last_name.as_deref())];
    password_rules::check(&settings, &new, names, &login.email)?;
    password_rules::check_history(call, &settings, login, &new).await?;
    let hash = password::hash_for(call, new).await?;
    let set = call.store().set_password(login.id, hash, settings.keep_previous(), by, call.now).await;
    set.map_err(|error| match error {
        // Somebody else used it up just now.
        StoreError::NotFound("reset key") => ApiError::new_password_hash_key_invalid(),
        StoreError::NotFound(_) => ApiError::login_data_not_found(),
        other => database_error(&other),
    })?;
    attempt::forget(call, &attempt::of(call, &login.email), true).await
}

/// `user.setInitialPassword`.
pub(crate) async fn set_password(call: &Call<'_>, key: &str, new: String) -> Result<Authentication, ApiError> {
    let (login, hash) = read(call, key).await?;
    store_password(call, &login, new, PasswordBy::Key(hash)).await?;
    let qr_code = match needs_otp(call, &open_users(call, login.id).await?).await? {
        true => Field::Set(otp::renew(call, &login, None).await?),
        false => Field::Absent,
    };
    Ok(Authentication { qr_code })
}

/// `user.validateHashKey`.
pub(crate) async fn validate(call: &Call<'_>, key: &str) -> Result<Authentication, ApiError> {
    let (login, _) = read(call, key).await?;
    match call.session {
        Some(session) if session.ks.partner_id != login.config_partner_id => {
            Err(ApiError::invalid_access_to_partner_specific_search(session.ks.partner_id))
        }
        _ => Ok(Authentication::default()),
    }
}

/// `user.generateQrCode`: a new second factor; the key is used up.
pub(crate) async fn qr_code(call: &Call<'_>, key: &str) -> Result<String, ApiError> {
    let (login, hash) = read(call, key).await.map_err(|error| {
        if error.code() == ApiError::internal_database_error().code() { error } else { ApiError::invalid_hash() }
    })?;
    let admin = |user: &User| user.is_admin && user.partner_id == login.config_partner_id;
    if !open_users(call, login.id).await?.iter().any(admin) {
        return Err(ApiError::invalid_user_id());
    }
    otp::renew(call, &login, Some(hash)).await
}
