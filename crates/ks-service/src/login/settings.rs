//! An account's settings about logins, as its properties hold them.

use ks_schema::ApiError;
use ks_store::{Account, Patience};
use regex_lite::Regex;
use serde_json::{Map, Value as Json};

use super::address;

/// How many wrong passwords from one place block it, and for how many seconds at first.
const USUAL_PATIENCE: Patience = Patience { attempts: 5, seconds: 1 };
/// How many administrators of an account may log in with a password.
const USUAL_QUOTA: i64 = 3;
/// Earlier passwords are compared one by one, and each comparison costs time on purpose.
const MOST_PREVIOUS: i64 = 24;

/// A rule of an account about how its passwords look.
pub(crate) struct Rule {
    pub(crate) pattern: Regex,
    pub(crate) description: String,
}

/// An account's settings about logins.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings(Map<String, Json>);

impl Settings {
    pub(crate) fn of(account: &Account) -> Self {
        Self::of_properties(&account.partner.properties)
    }

    /// Of an account with these properties.
    pub(crate) fn of_properties(properties: &Map<String, Json>) -> Self {
        Self(properties.clone())
    }

    /// Of an account that set nothing.
    pub(crate) fn usual() -> Self {
        Self::default()
    }

    fn flag(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|value| value.as_bool() == Some(true) || value.as_i64() == Some(1))
    }

    fn number(&self, name: &str) -> Option<i64> {
        self.0.get(name).and_then(Json::as_i64).filter(|number| *number != 0)
    }

    pub(crate) fn uses_sso(&self) -> bool {
        self.flag("useSso")
    }

    pub(crate) fn blocks_direct_login(&self) -> bool {
        self.flag("blockDirectLogin")
    }

    /// Whether a login into this account needs a second factor; `None`: nobody of the account is known to log in.
    pub(crate) fn needs_otp(&self, is_admin: Option<bool>) -> bool {
        self.flag("useTwoFactorAuthentication")
            && match (self.number("twoFactorAuthenticationMode"), is_admin) {
                (Some(1), Some(is_admin)) => is_admin,
                (Some(2), Some(is_admin)) => !is_admin,
                _ => true,
            }
    }

    /// The account's kind of login, as a number: password, second factor, or single sign-on.
    pub(crate) fn authentication_type(&self) -> i64 {
        if self.uses_sso() { 2 } else { i64::from(self.flag("useTwoFactorAuthentication")) }
    }

    pub(crate) fn patience(&self) -> Patience {
        Patience {
            attempts: self.number("maxLoginAttempts").unwrap_or(USUAL_PATIENCE.attempts).clamp(1, 20),
            seconds: self.number("loginBlockPeriod").unwrap_or(USUAL_PATIENCE.seconds).clamp(1, 86_400),
        }
    }

    /// How many earlier passwords may not come back.
    pub(crate) fn keep_previous(&self) -> usize {
        let keep = self.number("numPrevPassToKeep").unwrap_or(0).clamp(0, MOST_PREVIOUS);
        usize::try_from(keep).unwrap_or(0)
    }

    /// Whether a password that was set then is too old now. Unless the account says so, passwords do not age.
    pub(crate) fn is_expired(&self, set_at: Option<i64>, now: i64) -> bool {
        let (Some(set_at), Some(seconds)) = (set_at, self.number("passReplaceFreq")) else { return false };
        now > set_at.saturating_add(seconds)
    }

    /// How many administrators may have a login; `None`: any number.
    pub(crate) fn admin_quota(&self) -> Option<i64> {
        let quota = self.0.get("adminLoginUsersQuota").and_then(Json::as_i64).unwrap_or(USUAL_QUOTA);
        (quota >= 0).then_some(quota)
    }

    /// The account's own rules about how passwords look; none: the usual ones hold.
    pub(crate) fn rules(&self) -> Vec<Rule> {
        let items = self.0.get("passwordStructureValidations").and_then(Json::as_array);
        let text = |item: &Json, name: &str| item.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
        items.into_iter().flatten().filter_map(|item| rule(&text(item, "regex"), text(item, "description"))).collect()
    }

    /// Whether an administrator may have this address.
    pub(crate) fn check_admin_address(&self, email: &str) -> Result<(), ApiError> {
        let allowed = self.0.get("allowedEmailDomainsForAdmins").and_then(Json::as_str).unwrap_or_default();
        let mut domains = allowed.split(',').map(str::trim).filter(|domain| !domain.is_empty()).peekable();
        if domains.peek().is_none() {
            return Ok(());
        }
        if !address::is_valid(email) {
            return Err(ApiError::invalid_field_value("email"));
        }
        let own = email.trim().rsplit_once('@').map_or("", |(_, domain)| domain);
        if domains.any(|domain| domain.eq_ignore_ascii_case(own)) {
            Ok(())
        } else {
            Err(ApiError::email_domain_is_not_allowed_for_admins())
        }
    }
}

/// A pattern comes with delimiters, as PHP writes it, or without.
fn rule(pattern: &str, description: String) -> Option<Rule> {
    let (bare, flags) = match pattern.strip_prefix('/').and_then(|rest| rest.rsplit_once('/')) {
        Some((inner, flags)) => (inner, flags),
        None => (pattern, ""),
    };
    let bare = if flags.contains('i') { format!("(?i){bare}") } else { bare.to_owned() };
    match Regex::new(&bare) {
        Ok(pattern) if !bare.is_empty() => Some(Rule { pattern, description }),
        Ok(_) => None,
        Err(_) => {
            tracing::warn!("an account has a password rule that is no regular expression known here");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(json: &serde_json::Value) -> Settings {
        Settings(json.as_object().cloned().unwrap_or_default())
    }

    #[test]
    fn nothing_set_means_the_usual() {
        let usual = Settings::usual();
        assert_eq!(usual.patience(), USUAL_PATIENCE);
        assert_eq!((usual.admin_quota(), usual.keep_previous()), (Some(3), 0));
        assert!(!usual.needs_otp(Some(true)) && !usual.is_expired(Some(0), i64::MAX) && usual.rules().is_empty());
        assert!(usual.check_admin_address("anything").is_ok());
    }

    #[test]
    fn a_second_factor_may_be_for_some() {
        let mode = |mode: i64| {
            let on = serde_json::json!({"useTwoFactorAuthentication": true, "twoFactorAuthenticationMode": mode});
            [None, Some(true), Some(false)].map(|admin| settings(&on).needs_otp(admin))
        };
        assert_eq!((mode(0), mode(1), mode(2)), ([true; 3], [true, true, false], [true, false, true]));
    }

    #[test]
    fn administrators_may_be_bound_to_domains() {
        let bound = settings(&serde_json::json!({"allowedEmailDomainsForAdmins": "a.example, b.example"}));
        assert!(bound.check_admin_address("x@B.example").is_ok());
        assert!(bound.check_admin_address("x@sub.b.example").is_err() && bound.check_admin_address("x").is_err());
    }
}
