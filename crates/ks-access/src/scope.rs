//! On whose data a session may work.

use ks_token::PartnerId;

/// The account that a call works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// No account: neither a session nor a parameter names one.
    None,
    /// This account, and the caller belongs there.
    Own(PartnerId),
    /// This account, entered from another one that may.
    Visiting(PartnerId),
    /// An account that the session may not enter.
    Foreign(PartnerId),
}

/// What is agreed between two accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visit {
    /// The account that wants to enter.
    pub from: PartnerId,
    /// The account that is to be entered.
    pub into: PartnerId,
    /// The parent that the entered account names.
    pub parent: Option<PartnerId>,
    /// Whether the account that wants to enter has been given that right.
    pub may_impersonate: bool,
    /// Whether the caller administers the account that wants to enter: its users are nobody in the other one.
    pub is_admin: bool,
}

impl Visit {
    /// Whether one may enter the other: only an administrator of a parent that has been given the right to. A master partner
    /// in a token, or a negative partner id, opens nothing.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        self.is_admin && (self.from == self.into || self.may_impersonate && self.parent == Some(self.from))
    }
}

/// The account that a call works on: the requested one, else the session's.
#[must_use]
pub fn scope(session: Option<PartnerId>, requested: Option<PartnerId>, visit: Option<Visit>) -> Scope {
    match (session, requested) {
        (None, None) => Scope::None,
        (None, Some(requested)) => Scope::Own(requested),
        (Some(session), None) => Scope::Own(session),
        (Some(session), Some(requested)) if session == requested => Scope::Own(session),
        (Some(_), Some(requested)) => match visit {
            Some(visit) if visit.is_allowed() => Scope::Visiting(requested),
            _ => Scope::Foreign(requested),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: PartnerId = PartnerId::new(102);
    const CHILD: PartnerId = PartnerId::new(103);

    #[test]
    fn only_a_parent_with_the_right_may_enter() {
        let visit =
            |parent, may_impersonate| Visit { from: PARENT, into: CHILD, parent, may_impersonate, is_admin: true };
        assert!(visit(Some(PARENT), true).is_allowed());
        assert!(!visit(Some(PARENT), false).is_allowed());
        assert!(!visit(Some(CHILD), true).is_allowed());
        assert!(!visit(None, true).is_allowed());
        assert!(!Visit { is_admin: false, ..visit(Some(PARENT), true) }.is_allowed());
        assert_eq!(scope(Some(PARENT), Some(CHILD), Some(visit(Some(PARENT), true))), Scope::Visiting(CHILD));
        assert_eq!(scope(Some(PARENT), Some(CHILD), None), Scope::Foreign(CHILD));
        assert_eq!(scope(Some(PARENT), Some(CHILD), Some(visit(Some(PARENT), false))), Scope::Foreign(CHILD));
        assert_eq!(scope(Some(PARENT), Some(PARENT), None), Scope::Own(PARENT));
        assert_eq!(scope(None, Some(CHILD), None), Scope::Own(CHILD));
        assert_eq!(scope(Some(PARENT), None, None), Scope::Own(PARENT));
        assert_eq!(scope(None, None, None), Scope::None);
    }
}
