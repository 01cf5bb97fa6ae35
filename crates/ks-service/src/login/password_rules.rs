//! Which passwords are taken.
//!
//! Unless an account sets rules of its own, those of NIST SP 800-63B: long enough, not a common one, nothing that says
//! who it belongs to, and no demands about kinds of characters.

use std::collections::HashSet;
use std::sync::OnceLock;

use ks_schema::ApiError;
use ks_store::{Login, fold_email};

use super::settings::Settings;
use crate::call::Call;
use crate::password;

const SHORTEST: usize = 8;
/// Far above what people type; hashing longer ones would only serve to keep the server busy.
const LONGEST: usize = 1024;
/// A shorter name stands in too many words.
const TELLING: usize = 3;

/// The list, one to a line: ours, made of sequences, keyboard rows and the words that people take.
fn common() -> &'static HashSet<&'static str> {
    static COMMON: OnceLock<HashSet<&'static str>> = OnceLock::new();
    COMMON.get_or_init(|| include_str!("common_passwords.txt").lines().collect())
}

/// Refuses a password that the rules refuse: how it looks, whose it is, and how common it is, in this order.
pub(crate) fn check(settings: &Settings, password: &str, names: [&str; 2], email: &str) -> Result<(), ApiError> {
    let (length, rules) = (password.chars().count(), settings.rules());
    if rules.is_empty() {
        if !(SHORTEST..=LONGEST).contains(&length) {
            return Err(ApiError::password_structure_invalid(format!(
                "A password has {SHORTEST} to {LONGEST} characters."
            )));
        }
    } else if length > LONGEST || rules.iter().any(|rule| !rule.pattern.is_match(password)) {
        let told: Vec<&str> = rules.iter().map(|rule| rule.description.as_str()).collect();
        return Err(ApiError::password_structure_invalid(told.join("\n")));
    }
    let lower = password.to_lowercase();
    let telling = |name: &&str| name.chars().count() >= TELLING && lower.contains(&name.trim().to_lowercase());
    if names.iter().any(telling) || lower == fold_email(email) {
        return Err(ApiError::password_structure_invalid("A password does not hold its owner's name or address."));
    }
    if common().contains(lower.as_str()) || is_monotonous(&lower) {
        return Err(ApiError::common_password());
    }
    Ok(())
}

/// One character again and again, or each the next one of the one before.
fn is_monotonous(password: &str) -> bool {
    let codes: Vec<i64> = password.chars().map(|c| i64::from(u32::from(c))).collect();
    let step = |by: i64| codes.windows(2).all(|pair| pair[1] - pair[0] == by);
    codes.len() > 1 && [0, 1, -1].into_iter().any(step)
}

/// Refuses one of the login's last passwords, as many as the account keeps.
pub(crate) async fn check_history(
    call: &Call<'_>,
    settings: &Settings,
    login: &Login,
    password: &str,
) -> Result<(), ApiError> {
    let earlier = login.password_hash.iter().chain(&login.previous_passwords);
    call.request.seat.leave();
    for hash in earlier.take(settings.keep_previous()) {
        let same = password::verify(password.to_owned(), hash.clone()).await;
        if same.map_err(|error| password::refused(call, error))? {
            return Err(ApiError::password_already_used());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(settings: &Settings, password: &str) -> Option<String> {
        let checked = check(settings, password, ["Anna", "Li"], "anna@example.com");
        checked.err().map(|error| error.to_string())
    }

    #[test]
    fn the_usual_rules_ask_for_length_and_rarity_only() {
        let usual = Settings::usual();
        for good in ["plain words in a row", "ünïcödé ñ", "li-is-fine-here", &"x y ".repeat(50)] {
            assert_eq!(code(&usual, good), None, "{good}");
        }
        for bad in ["", "seven77", "i am ANNA at home", "Anna@Example.com", &"xy".repeat(600)] {
            assert_eq!(code(&usual, bad).as_deref(), Some("PASSWORD_STRUCTURE_INVALID"), "{bad}");
        }
        for common in ["password", "Password1", "qwertyuiop", "aaaaaaaaaaaa", "abcdefghij", "987654321"] {
            assert_eq!(code(&usual, common).as_deref(), Some("COMMON_PASSWORD"), "{common}");
        }
    }
}
