//! Making a token for an account.

use ks_schema::{ApiError, PartnerId};
use ks_store::Account;
use ks_token::{Claims, MintError, download_asset, generate_v2};

use crate::call::Call;

/// How long a session lasts where the account says nothing: a day, in seconds.
const DEFAULT_MAX_EXPIRY: i64 = 86_400;

/// What is wanted of a new session.
pub(crate) struct Wanted {
    pub(crate) user_id: String,
    /// 0 for a user, 2 for an administrator.
    pub(crate) session_type: i32,
    /// How long, in seconds. The account's maximum caps it; below 1 the token has expired already.
    pub(crate) seconds: i64,
    pub(crate) privileges: Option<String>,
    pub(crate) master: Option<PartnerId>,
    /// Which of the account's enabled administrator secrets signs; 0 is the primary one.
    pub(crate) key: usize,
}

/// When a session of an account ends that is asked to last for some seconds, in Unix seconds. The account's maximum
/// always counts: neither a master partner in a token nor a warm cache lifts it.
pub(crate) fn valid_until(account: &Account, now: i64, seconds: i64) -> i64 {
    let maximum = Some(account.partner.ks_max_expiry).filter(|seconds| *seconds > 0).unwrap_or(DEFAULT_MAX_EXPIRY);
    now.saturating_add(seconds.min(maximum))
}

/// Makes a token of version 2.
pub(crate) fn mint(call: &Call<'_>, account: &Account, wanted: Wanted) -> Result<(String, i64), ApiError> {
    let id = account.partner.id;
    let (Some(key), Some(secret)) = (account.keys.get(wanted.key), account.admin_secrets.get(wanted.key)) else {
        return Err(start_session_error(id, "secret", "The account has no enabled administrator secret to sign with."));
    };
    let mut expiry = valid_until(account, call.now, wanted.seconds);
    // Such a session is part of URLs that caches keep, so equal requests must give equal tokens.
    // Rounding goes up, but never beyond the account's maximum.
    let room = if expiry < call.now.saturating_add(wanted.seconds) { 299 } else { 0 };
    let rand = match wanted.privileges.as_deref().and_then(|text| download_asset(text, expiry - room)) {
        Some(rounded) => {
            expiry = rounded.expiry;
            rounded.v2_rand
        }
        None => call.node.random(),
    };
    let is_admin = wanted.session_type == 2;
    let claims = Claims {
        partner_id: id,
        user_id: Some(wanted.user_id),
        session_type: wanted.session_type,
        expiry,
        privileges: wanted.privileges,
        master_partner_id: wanted.master,
        additional_data: None,
    };
    let token = generate_v2(&claims, key, rand).map_err(|error| unmintable(error, id))?;
    call.node.store.touch_secret(secret.id, call.now);
    call.node.meter.session(is_admin);
    Ok((token, expiry))
}

/// A token that would be read as something else than what was asked for is not made.
fn unmintable(error: MintError, id: PartnerId) -> ApiError {
    ApiError::invalid_parameter_value("privileges").because(
        "privileges",
        format!("No token was made: {error}."),
        Some(id),
    )
}

/// `START_SESSION_ERROR`, with the reason for the account's owner.
pub(crate) fn start_session_error(
    partner: impl std::fmt::Display,
    check: &'static str,
    explanation: &'static str,
) -> ApiError {
    let text = partner.to_string();
    let owner = text.parse().ok();
    ApiError::start_session_error(text).because(check, explanation, owner)
}
