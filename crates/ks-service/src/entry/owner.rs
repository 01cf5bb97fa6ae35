//! Whose an entry is, and who may change it: the ownership matrix and the edit gate, as decisions on what is sent, what is
//! kept and who calls.

use ks_schema::ApiError;
use ks_token::{Ks, Privileges};

/// Who calls, as these rules see it.
#[derive(Clone, Copy)]
pub(super) struct Caller<'a> {
    pub(super) is_admin: bool,
    /// The user of the session; nobody in an anonymous one.
    pub(super) user: Option<&'a str>,
    pub(super) privileges: Option<&'a Privileges>,
}

/// Who an entry belongs to after a change.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Owner<'a> {
    /// As it is; for a new one, the session's user.
    Same,
    /// Somebody else.
    Other(&'a str),
}

/// What an action needs of who may change an entry.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Gate {
    /// The owner, a co-editor, or the privilege `edit`.
    Edit,
    /// Co-editors do not suffice.
    OwnerOnly,
}

/// How an entry stands to who calls.
#[derive(Clone, Copy, Default)]
pub(super) struct Standing {
    /// It is the session's user's own, or belongs to a group of theirs.
    pub(super) owns: bool,
    /// The user, or a group of theirs, may edit it.
    pub(super) edits: bool,
}

impl<'a> Caller<'a> {
    pub(super) fn of(ks: Option<&'a Ks>) -> Self {
        Self {
            is_admin: ks.is_some_and(Ks::is_admin),
            user: ks.filter(|ks| !ks.is_anonymous()).and_then(|ks| ks.user_id.as_deref()),
            privileges: ks.map(|ks| &ks.privileges),
        }
    }

    /// Whether the session has a privilege for a value, or for all.
    pub(super) fn may(&self, privilege: &str, value: &str) -> bool {
        self.privileges.is_some_and(|privileges| privileges.verify(privilege, value))
    }

    fn is(&self, user: &str) -> bool {
        self.user.is_some_and(|own| same(own, user))
    }
}

/// Ids of owners are compared without regard to case.
pub(super) fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other) || one.to_lowercase() == other.to_lowercase()
}

/// `INVALID_KS`, as the session is not of the type that would be needed.
pub(super) fn wrong_session() -> ApiError {
    ApiError::invalid_ks("", -4, "INVALID_TYPE")
}

/// The owner (or the creator) of a new entry: only administrators make entries of others.
pub(super) fn of_new<'a>(sent: Option<&'a str>, caller: &Caller<'_>) -> Result<Owner<'a>, ApiError> {
    match sent.filter(|id| !id.is_empty()) {
        None => Ok(Owner::Same),
        Some(id) if caller.is(id) => Ok(Owner::Same),
        Some(id) if caller.is_admin => Ok(Owner::Other(id)),
        Some(_) => Err(wrong_session()),
    }
}

/// The owner after a change: only administrators, and whom `edituser` names the new owner for, give entries away.
pub(super) fn of_changed<'a>(
    sent: Option<&'a str>,
    stored: Option<&str>,
    caller: &Caller<'_>,
) -> Result<Owner<'a>, ApiError> {
    match sent {
        None => Ok(Owner::Same),
        Some(id) if same(id, stored.unwrap_or("")) => Ok(Owner::Same),
        Some(id) if caller.is_admin || caller.may("edituser", id) => Ok(Owner::Other(id)),
        Some(_) => Err(wrong_session()),
    }
}

/// Whether a session may change an entry.
pub(super) fn may_change(caller: &Caller<'_>, entry: &str, standing: Standing, gate: Gate) -> bool {
    caller.is_admin || caller.may("edit", entry) || standing.owns || gate == Gate::Edit && standing.edits
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADMIN: Caller<'_> = Caller { is_admin: true, user: Some("adm"), privileges: None };
    const ANN: Caller<'_> = Caller { is_admin: false, user: Some("ann"), privileges: None };

    #[test]
    fn only_administrators_make_entries_of_others() {
        for sent in [None, Some(""), Some("ann"), Some("Ann")] {
            assert_eq!(of_new(sent, &ANN).unwrap(), Owner::Same, "{sent:?}");
        }
        assert_eq!(of_new(Some("bob"), &ADMIN).unwrap(), Owner::Other("bob"));
        assert_eq!(of_new(Some("bob"), &ANN).unwrap_err(), wrong_session());
        let nobody = Caller { user: None, ..ANN };
        assert!(of_new(Some("bob"), &nobody).is_err() && of_new(None, &nobody).is_ok());
    }

    #[test]
    fn entries_are_given_away_by_administrators_and_by_edituser() {
        let allowed = Privileges::from_text("edituser:bob");
        let editing = Caller { privileges: Some(&allowed), ..ANN };
        for caller in [ADMIN, ANN] {
            for sent in [None, Some("ann"), Some("ANN")] {
                assert_eq!(of_changed(sent, Some("ann"), &caller).unwrap(), Owner::Same, "{sent:?}");
            }
        }
        assert_eq!(of_changed(Some("bob"), Some("ann"), &ADMIN).unwrap(), Owner::Other("bob"));
        assert_eq!(of_changed(Some("bob"), Some("ann"), &editing).unwrap(), Owner::Other("bob"));
        for to in ["bo", "bobby", "eve", ""] {
            assert_eq!(of_changed(Some(to), Some("ann"), &editing).unwrap_err(), wrong_session(), "{to:?}");
        }
        assert_eq!(of_changed(Some("bob"), Some("ann"), &ANN).unwrap_err(), wrong_session());
    }

    #[test]
    fn a_privilege_for_one_entry_opens_no_other() {
        let with = |text: &str, entry: &str| {
            let privileges = Privileges::from_text(text);
            let caller = Caller { privileges: Some(&privileges), ..ANN };
            may_change(&caller, entry, Standing::default(), Gate::OwnerOnly)
        };
        assert!(with("edit:0_abc12345", "0_abc12345") && with("edit:*", "0_x") && with("*", "0_x"));
        assert!(with("edit:0_x/0_abc12345", "0_abc12345"));
        for text in ["edit:0_abc12345", "editplaylist:*", "all:*,view:*", "edituser:0_abc", "sview:0_abc"] {
            assert!(!with(text, "0_abc"), "{text}");
        }
    }

    #[test]
    fn co_editors_change_and_owners_delete() {
        let editor = Standing { owns: false, edits: true };
        let owner = Standing { owns: true, edits: true };
        assert!(may_change(&ANN, "0_x", editor, Gate::Edit) && !may_change(&ANN, "0_x", editor, Gate::OwnerOnly));
        assert!(
            may_change(&ANN, "0_x", owner, Gate::OwnerOnly)
                && !may_change(&ANN, "0_x", Standing::default(), Gate::Edit)
        );
        assert!(may_change(&ADMIN, "0_x", Standing::default(), Gate::OwnerOnly));
    }
}
