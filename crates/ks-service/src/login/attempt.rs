//! Trying a password: counted, slowed down, and the same for addresses that nobody has.

use std::net::IpAddr;
use std::sync::OnceLock;
use std::time::Duration;

use ks_schema::ApiError;
use ks_store::{Attempt, Login, PasswordHash, fold_email};
use sha2::{Digest as _, Sha256};

use super::settings::Settings;
use super::throttle::Throttle;
use crate::call::{Call, database_error};
use crate::password::{self, Lane};

/// Who tries to log in as whom. IPv6 networks count as one place, since one person has all of a /64.
pub(crate) fn of(call: &Call<'_>, email: &str) -> Attempt {
    Attempt { key: Sha256::digest(fold_email(email)).into(), origin: network(call) }
}

/// Where a call comes from.
pub(crate) fn network(call: &Call<'_>) -> String {
    match call.request.remote_addr.to_canonical() {
        IpAddr::V4(addr) => addr.to_string(),
        IpAddr::V6(addr) => {
            let [a, b, c, d, ..] = addr.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

/// Wrong passwords within so many seconds, of a network whatever the address, and of an address from everywhere: with more,
/// passwords are looked at one at a time. Nobody is refused for it: a network may be many people, and one of those who try
/// an address is its owner.
const WRONG_FROM_NETWORK: u32 = 50;
const WRONG_FOR_ADDRESS: u32 = 100;
const WINDOW: i64 = 600;

/// Under which names wrong passwords are counted, and how many of them leave the lane wide.
fn counted(attempt: &Attempt) -> [(String, u32); 2] {
    let address: String = attempt.key.iter().map(|byte| format!("{byte:02x}")).collect();
    [
        (format!("wrong passwords from {}", attempt.origin), WRONG_FROM_NETWORK),
        (format!("wrong passwords for {address}"), WRONG_FOR_ADDRESS),
    ]
}

fn lane(throttle: &Throttle, attempt: &Attempt, now: i64) -> Lane {
    let flooded = counted(attempt).iter().any(|(name, most)| throttle.counted(name, WINDOW, now) > *most);
    if flooded { Lane::Narrow } else { Lane::Wide }
}

/// `LOGIN_BLOCKED` while this caller has to wait.
async fn check_wait(call: &Call<'_>, attempt: &Attempt) -> Result<bool, ApiError> {
    let until = call.node.store.login_blocked_until(attempt).await.map_err(|error| database_error(&error))?;
    // Asked anew: a call may have waited for its turn for a while.
    if until.is_some_and(|until| until > call.node.now()) {
        return Err(refused(
            ApiError::login_blocked(),
            "Too many wrong passwords came from the caller's network; it has to wait.",
        ));
    }
    Ok(until.is_some())
}

/// How long it takes until somebody hears of being blocked: so few tries a second come from each connection of a flood, and
/// cost others next to nothing.
const TOLD_AFTER: Duration = Duration::from_secs(1);

/// A refusal, late.
async fn late<T>(checked: Result<T, ApiError>) -> Result<T, ApiError> {
    if checked.is_err() {
        tokio::time::sleep(TOLD_AFTER).await;
    }
    checked
}

/// Whether the password is the login's. What is wrong with either looks the same and takes the same time. The answer
/// tells whether there are failures to forget, once a second factor has passed, too.
pub(crate) async fn check_password(
    call: &Call<'_>,
    attempt: &Attempt,
    settings: &Settings,
    login: Option<&Login>,
    password: &str,
) -> Result<bool, ApiError> {
    // Passwords have a queue of their own.
    call.request.seat.leave();
    // Looked at before and after queueing for a hash: whoever floods is sent away without one.
    late(check_wait(call, attempt).await).await?;
    let lane = lane(&call.node.throttle, attempt, call.node.now());
    let permit = password::permit(lane).await.map_err(|error| password::refused(call, error))?;
    let failed_before = match check_wait(call, attempt).await {
        Ok(failed_before) => failed_before,
        Err(error) => {
            drop(permit);
            return late(Err(error)).await;
        }
    };
    let known = login.and_then(|login| login.password_hash.clone());
    let exists = known.is_some();
    let verified = permit.verify(password.to_owned(), known.unwrap_or_else(nobodys_hash)).await;
    let matches = verified.map_err(|error| password::refused(call, error))?;
    if matches && exists {
        return Ok(failed_before);
    }
    let wrong = ApiError::user_wrong_password();
    Err(failed(call, attempt, settings, login, wrong).await?)
}

/// Counts a failure: the error that it is answered with.
pub(crate) async fn failed(
    call: &Call<'_>,
    attempt: &Attempt,
    settings: &Settings,
    login: Option<&Login>,
    error: ApiError,
) -> Result<ApiError, ApiError> {
    let now = call.node.now();
    for (name, _) in counted(attempt) {
        call.node.throttle.count(&name, WINDOW, now);
    }
    let known = login.map(|login| login.id);
    let blocked = call.store().login_failed(attempt, settings.patience(), known, now).await;
    Ok(if blocked.map_err(|error| database_error(&error))? {
        refused(ApiError::login_retries_exceeded(), "That was one wrong password too many from the caller's network.")
    } else {
        refused(error, "The address has no login, or the password or the code was wrong.")
    })
}

/// Forgets the failures of this caller, or everybody's.
pub(crate) async fn forget(call: &Call<'_>, attempt: &Attempt, everywhere: bool) -> Result<(), ApiError> {
    let forgotten = call.store().forget_login_failures(attempt, everywhere).await;
    forgotten.map_err(|error| database_error(&error))
}

/// An error with a reason for the owner of the account that was asked for.
pub(crate) fn refused(error: ApiError, explanation: &'static str) -> ApiError {
    error.because("login", explanation, None)
}

/// A hash that no password has, with the usual costs.
fn nobodys_hash() -> PasswordHash {
    static HASH: OnceLock<PasswordHash> = OnceLock::new();
    HASH.get_or_init(|| {
        let (salt, hash) = ("bm9ib2R5IGF0IGFsbA", "x".repeat(43).replace('x', "A"));
        PasswordHash::new(format!("$argon2id$v=19$m=19456,t=2,p=1${salt}${hash}"))
    })
    .clone()
}
