//! From roles to what a session may do.

use std::collections::BTreeSet;

use ks_schema::describe::ActionInfo;
use ks_schema::generated::services::ActionId;
use ks_token::{Privileges, SessionKind};

use crate::builtin::{self, ALWAYS_ALLOWED};

/// Which roles a session asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleWish<'a> {
    /// The default of its kind, unless its user has roles.
    Default(Option<SessionKind>),
    /// The role that the privilege `setrole` names, by id or system name; it replaces all others.
    Named(&'a str),
    /// None at all: `setrole:null`.
    Nothing,
    /// `setrole` with a negative number, which no role has.
    Invalid,
}

/// Which roles a session asks for. The first `setrole` wins.
#[must_use]
pub fn role_wish<'a>(kind: Option<SessionKind>, privileges: Option<&'a Privileges>) -> RoleWish<'a> {
    match privileges.and_then(Privileges::set_role) {
        None => RoleWish::Default(kind),
        Some("null") => RoleWish::Nothing,
        Some(role) if role.parse::<i64>().is_ok_and(|number| number < 0) => RoleWish::Invalid,
        Some(role) => RoleWish::Named(role),
    }
}

/// What a session may do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Permissions {
    names: BTreeSet<String>,
    wildcard: bool,
    removed: BTreeSet<String>,
    nothing: bool,
}

impl Permissions {
    /// What these roles amount to: the union of their permission names (comma-joined texts), and the
    /// names that every session of the account has. `always` is the account's own list, if it has one.
    #[must_use]
    pub fn of<'a>(roles: impl IntoIterator<Item = &'a str>, always: Option<&'a str>) -> Self {
        let mut out = Self::default();
        let always = always.filter(|names| !names.trim().is_empty()).unwrap_or(ALWAYS_ALLOWED);
        for names in roles.into_iter().chain([always]) {
            for name in split(names) {
                if name == "*" {
                    out.wildcard = true;
                } else if builtin::is_in_wildcard(name) {
                    // The others come from where the request is made or from the account's settings, never from a role.
                    out.names.insert(name.to_owned());
                }
            }
        }
        out
    }

    /// Takes the permissions of a role away: the privilege `restrictingrole`.
    #[must_use]
    pub fn without(mut self, role: &str) -> Self {
        for name in split(role) {
            if name == "*" {
                self.nothing = true;
            } else {
                self.removed.insert(name.to_owned());
            }
        }
        self
    }

    /// Adds one permission, such as one that an account's setting brings.
    #[must_use]
    pub fn with(mut self, permission: &str) -> Self {
        self.names.insert(permission.to_owned());
        self
    }

    /// Whether these are all permissions that an administrator can have, with nothing taken away.
    #[must_use]
    pub fn is_unrestricted(&self) -> bool {
        self.wildcard && !self.nothing && self.removed.is_empty()
    }

    /// Whether these let an action be called that the others do not.
    #[must_use]
    pub fn exceed(&self, others: &Self) -> bool {
        ActionId::ALL.iter().map(|action| action.info()).any(|action| permit(self, action) && !permit(others, action))
    }

    /// Whether a permission is among them.
    #[must_use]
    pub fn has(&self, permission: &str) -> bool {
        !self.nothing
            && !self.removed.contains(permission)
            && (self.names.contains(permission) || self.wildcard && builtin::is_in_wildcard(permission))
    }
}

/// Whether these permissions let an action be called: any one of its permissions suffices.
#[must_use]
pub fn permit(permissions: &Permissions, action: &ActionInfo) -> bool {
    action.permissions.iter().any(|permission| permissions.has(permission))
}

fn split(names: &str) -> impl Iterator<Item = &str> {
    names.split(',').map(str::trim).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use ks_schema::generated::services::{session, system};

    use super::*;

    #[test]
    fn the_first_setrole_wins_and_null_means_none() {
        let wish = |text: &str| {
            let privileges = Privileges::from_text(text);
            match role_wish(Some(SessionKind::User), Some(&privileges)) {
                RoleWish::Default(_) => "default".to_owned(),
                RoleWish::Named(name) => name.to_owned(),
                RoleWish::Nothing => "nothing".to_owned(),
                RoleWish::Invalid => "invalid".to_owned(),
            }
        };
        assert_eq!(wish("edit:*"), "default");
        assert_eq!(wish("setrole:A,setrole:B"), "A");
        assert_eq!(wish("setrole:null"), "nothing");
        assert_eq!(wish("setrole:-3"), "invalid");
        assert_eq!(wish("setrole:7"), "7");
    }

    #[test]
    fn roles_add_up_and_a_restricting_role_takes_away() {
        let admin = Permissions::of(["*"], None);
        assert!(permit(&admin, &session::GET) && permit(&admin, &session::START));
        assert!(!permit(&admin, &system::GET_HEALTH_CHECK) && !permit(&admin, &session::IMPERSONATE_BY_KS));
        let user = Permissions::of(["BASE_USER_SESSION_PERMISSION"], None);
        assert!(!permit(&user, &session::GET) && permit(&user, &session::END));
        let restricted = admin.clone().without("SESSION_READ_PERMISSION, KMC_ACCESS");
        assert!(permit(&restricted, &session::GET), "one permission that suffices is left");
        assert!(!permit(&restricted.without("KMC_READ_ONLY"), &session::GET));
        assert!(!permit(&admin.without("*"), &session::END));
    }

    #[test]
    fn permissions_are_compared_by_what_they_open() {
        let user = Permissions::of(["BASE_USER_SESSION_PERMISSION"], None);
        let player = Permissions::of(["PLAYBACK_BASE_PERMISSION"], None);
        let admin = Permissions::of(["*"], None);
        assert!(!player.exceed(&user) && admin.exceed(&user) && !user.exceed(&admin));
        assert!(admin.is_unrestricted() && !user.is_unrestricted());
        assert!(!admin.clone().without("KMC_ACCESS").is_unrestricted() && !admin.without("*").is_unrestricted());
    }

    #[test]
    fn an_account_may_replace_what_is_always_allowed() {
        let none = Permissions::of([], Some("SESSION_READ_PERMISSION"));
        assert!(permit(&none, &session::GET) && !permit(&none, &session::START));
        assert!(permit(&Permissions::of([], Some(" ")), &session::START));
    }
}
