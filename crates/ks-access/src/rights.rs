//! Who may give what: one comparison for whatever makes sessions or says what they may do.
//!
//! Nobody gives more than they have. What somebody has is [`Rights`]: permissions, the type of the session, and in whose
//! name it acts; each of the three may be too much, and [`Excess`] says which.

use ks_schema::generated::services::user;
use ks_token::SessionKind;

use crate::permissions::{Permissions, permit};

/// In whose name a session acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Voice<'a> {
    /// Nobody in particular.
    Nobody,
    /// This user.
    User(&'a str),
    /// Whomever it likes.
    Everybody,
}

/// What a session may do, of which type it is, and in whose name it acts.
#[derive(Clone, Copy, Debug)]
pub struct Rights<'a> {
    /// What its roles amount to.
    pub permissions: &'a Permissions,
    /// Whether it is of type ADMIN.
    pub is_admin: bool,
    /// In whose name it acts.
    pub voice: Voice<'a>,
}

/// What is given beyond what the giver has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Excess {
    /// A permission, an action, or the use of a guarded property.
    Permissions,
    /// Type ADMIN.
    Type,
    /// Somebody else's name.
    User,
}

impl<'a> Rights<'a> {
    /// What a session has: administrators act for everybody in their account, and so does whoever may set people's
    /// passwords; others for themselves.
    #[must_use]
    pub fn of(permissions: &'a Permissions, kind: Option<SessionKind>, user: Option<&'a str>) -> Self {
        let is_admin = kind == Some(SessionKind::Admin);
        let sets_passwords =
            permit(permissions, &user::ENABLE_LOGIN) || permit(permissions, &user::LOGIN_DATA_RESET_PASSWORD);
        let voice = match user {
            _ if is_admin || sets_passwords => Voice::Everybody,
            None | Some("" | "0") => Voice::Nobody,
            Some(user) => Voice::User(user),
        };
        Self { permissions, is_admin, voice }
    }

    /// The same in another name.
    #[must_use]
    pub const fn speaking_for(self, voice: Voice<'a>) -> Self {
        Self { voice, ..self }
    }

    /// What of these is more than the giver has. `anyway` is what any user may do: nobody has to give it.
    #[must_use]
    pub fn beyond(&self, giver: &Rights<'_>, anyway: &Permissions) -> Option<Excess> {
        if self.is_admin && !giver.is_admin {
            return Some(Excess::Type);
        }
        if self.permissions.exceed(&[giver.permissions, anyway]) {
            return Some(Excess::Permissions);
        }
        match (self.voice, giver.voice) {
            (Voice::Nobody, _) | (_, Voice::Everybody) => None,
            (Voice::User(one), Voice::User(other)) if one == other => None,
            (Voice::User(_) | Voice::Everybody, Voice::Nobody | Voice::User(_)) => Some(Excess::User),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permissions::{OwnItem, OwnPermission};

    fn plain() -> Permissions {
        Permissions::of(["BASE_USER_SESSION_PERMISSION"], None)
    }

    fn tokens() -> Permissions {
        Permissions::of(["APP_TOKEN_ADD"], None)
    }

    const USER: Option<SessionKind> = Some(SessionKind::User);
    const ADMIN: Option<SessionKind> = Some(SessionKind::Admin);

    #[test]
    fn each_of_the_three_may_be_too_much() {
        let (plain, tokens) = (plain(), tokens());
        let ann = Rights::of(&tokens, USER, Some("ann"));
        let beyond = |rights: Rights<'_>| rights.beyond(&ann, &plain);
        assert_eq!(beyond(Rights::of(&plain, USER, Some("ann"))), None);
        assert_eq!(beyond(Rights::of(&tokens, USER, Some("ann"))), None);
        assert_eq!(beyond(Rights::of(&plain, USER, Some("bob"))), Some(Excess::User));
        assert_eq!(beyond(Rights::of(&plain, ADMIN, Some("ann"))), Some(Excess::Type));
        let more = Permissions::of(["APP_TOKEN_ADD,ADMIN_BASE"], None);
        assert_eq!(beyond(Rights::of(&more, USER, Some("ann"))), Some(Excess::Permissions));
        assert_eq!(beyond(ann.speaking_for(Voice::Everybody)), Some(Excess::User));
        assert_eq!(beyond(ann.speaking_for(Voice::Nobody)), None);
    }

    #[test]
    fn what_any_user_may_do_nobody_has_to_give() {
        let (plain, tokens) = (plain(), tokens());
        let giver = Rights::of(&tokens, ADMIN, Some("clerk"));
        let given = Rights::of(&plain, USER, Some("bob"));
        assert_eq!(given.beyond(&giver, &plain), None);
        assert_eq!(given.beyond(&giver, &Permissions::default()), Some(Excess::Permissions));
    }

    #[test]
    fn names_of_nobody_are_none() {
        let plain = plain();
        let nobody = Rights::of(&plain, USER, None);
        for user in [None, Some(""), Some("0")] {
            assert_eq!(Rights::of(&plain, USER, user).beyond(&nobody, &plain), None, "{user:?}");
        }
        assert_eq!(Rights::of(&plain, USER, Some("ann")).beyond(&nobody, &plain), Some(Excess::User));
    }

    #[test]
    fn one_of_the_two_ways_to_set_passwords_is_enough() {
        let plain = plain();
        let bob = Rights::of(&plain, USER, Some("bob"));
        for detail in ["enableLogin", "loginDataResetPassword"] {
            let item = OwnItem { subject: "user", detail, used: None };
            let own = OwnPermission { name: "HELP_DESK", is_active: true, items: vec![item], ..Default::default() };
            let desk = Permissions::of(["HELP_DESK, BASE_USER_SESSION_PERMISSION"], None).resolve(&[own]);
            assert_eq!(bob.beyond(&Rights::of(&desk, USER, Some("ann")), &plain), None, "{detail}");
        }
    }

    #[test]
    fn administrators_and_those_who_set_passwords_speak_for_everybody() {
        let plain = plain();
        let bob = Rights::of(&plain, USER, Some("bob"));
        for (role, kind, expected) in [
            ("BASE_USER_SESSION_PERMISSION", ADMIN, None),
            ("ADMIN_USER_UPDATE", USER, None),
            ("ADMIN_USER_ADD", USER, Some(Excess::User)),
            ("ADMIN_BASE", USER, Some(Excess::User)),
        ] {
            let permissions = Permissions::of([role], None);
            assert_eq!(bob.beyond(&Rights::of(&permissions, kind, Some("ann")), &plain), expected, "{role}");
        }
        // An administrator's session is more than a user's who has the same permissions.
        let all = Permissions::of(["*"], None);
        let admin = Rights::of(&all, ADMIN, None);
        assert_eq!(admin.beyond(&Rights::of(&all, USER, Some("ann")), &plain), Some(Excess::Type));
        assert_eq!(admin.beyond(&Rights::of(&all, ADMIN, Some("ann")), &plain), None);
        assert_eq!(Rights::of(&all, USER, Some("x")).beyond(&admin, &plain), None);
    }
}
