//! What the command line asks about people, by the rules of the API.

use ks_store::{Account, Random};
use ks_token::Secret;

use crate::login::settings::Settings;
use crate::login::{address, password_rules};
use crate::user::fields;

/// Whether a user may have this id.
#[must_use]
pub fn is_user_id(id: &str) -> bool {
    fields::check_id(id).is_ok()
}

/// Whether this could be an e-mail address.
#[must_use]
pub fn is_address(email: &str) -> bool {
    address::is_valid(email)
}

/// Whether an account takes this password for this address; if not, the code and what it says.
///
/// # Errors
/// Why it does not.
pub fn check_password(account: &Account, password: &str, email: &str) -> Result<(), String> {
    let checked = password_rules::check(&Settings::of(account), password, ["", ""], email);
    checked.map_err(|error| error.message())
}

/// A random password.
///
/// # Errors
/// [`crate::accounts::AccountError`] when there is no randomness.
pub fn generate_password(random: &dyn Random) -> Result<Secret, crate::accounts::AccountError> {
    crate::accounts::generate_password(random)
}
