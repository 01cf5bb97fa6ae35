//! Who looks.

use std::collections::BTreeSet;

use ks_schema::ids::EntryId;
use ks_token::{Privileges, SessionKind};

use super::DEFAULT;

/// A user or a group, by its number over all accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Principal(i64);

impl Principal {
    /// Wraps the number.
    #[must_use]
    pub const fn new(number: i64) -> Self {
        Self(number)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }
}

/// What an account says about entitlement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccountSettings {
    /// `FEATURE_ENTITLEMENT`: without it nothing is enforced, whatever sessions say.
    pub has_entitlement: bool,
    /// Whether it is enforced for sessions that say nothing.
    pub enforces_by_default: bool,
    /// `FEATURE_DISABLE_CATEGORY_LIMIT`: entries are in many categories, and their rows' stored contexts count.
    pub many_categories: bool,
    /// `FEATURE_DISABLE_PARENT_ENTRY_SECURITY_INHERITANCE`: an entry's parent does not count.
    pub ignores_parents: bool,
}

/// Whether entitlement is enforced (entitlement §1.1): by the account's default, which the session may lift or, after
/// that, impose. It is asked anew for each call, beginning from no.
#[must_use]
pub fn is_enforced(account: &AccountSettings, privileges: Option<&Privileges>) -> bool {
    let says = |name| privileges.is_some_and(|privileges| privileges.has_line(name));
    account.has_entitlement && (says("enableentitlement") || account.enforces_by_default && !says("disableentitlement"))
}

/// Whoever looks: a session, or nobody in particular.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    /// Whether anything is hidden from it.
    pub is_enforced: bool,
    /// Whether there is a session.
    pub has_session: bool,
    /// Whether the session is an administrator's: nothing is shown to it because of that.
    pub is_admin: bool,
    /// Whether no user is named.
    pub is_anonymous: bool,
    /// The context, in lower case; empty for DEFAULT.
    pub context: String,
    /// The context as the session has it.
    pub exact_context: String,
    /// The user, unless it is unknown or deleted.
    pub user: Option<Principal>,
    /// Whether the user is active.
    pub is_active: bool,
    /// The user's groups.
    pub groups: Vec<Principal>,
    /// The user's groups that a program made: they count among co-users and owners of entries only.
    pub applicative_groups: Vec<Principal>,
    /// Entries that the session sees in any case, those named and their parents.
    pub exempt: BTreeSet<EntryId>,
    /// Whether it lists entries of others (`list:*`).
    pub lists_all: bool,
    /// Whether entries that it adds to a moderated category wait for approval in any case.
    pub is_moderated: bool,
    /// What the account says.
    pub account: AccountSettings,
}

impl Viewer {
    /// What the privileges of a session say of it: its user, groups, and the parents of exempt entries are yet to be
    /// found. Without a session, it sees what everybody sees.
    #[must_use]
    pub fn of(account: AccountSettings, session: Option<(SessionKind, Option<&str>, &Privileges)>) -> Self {
        let privileges = session.map(|(.., privileges)| privileges);
        let context = privileges.and_then(Privileges::privacy_context).unwrap_or(DEFAULT);
        let values = |name| privileges.into_iter().flat_map(move |privileges| privileges.values(name));
        Self {
            is_enforced: is_enforced(&account, privileges),
            has_session: session.is_some(),
            is_admin: session.is_some_and(|(kind, ..)| kind == SessionKind::Admin),
            is_anonymous: session.is_none_or(|(_, user, _)| matches!(user, None | Some("" | "0"))),
            context: context.to_lowercase(),
            exact_context: context.to_owned(),
            user: None,
            is_active: false,
            groups: Vec::new(),
            applicative_groups: Vec::new(),
            exempt: values("disableentitlementforentry").filter(|id| !id.is_empty()).map(EntryId::new).collect(),
            lists_all: privileges.is_some_and(|privileges| privileges.verify("list", "*")),
            is_moderated: privileges.is_some_and(|privileges| privileges.has_line("enablecategorymoderation")),
            account,
        }
    }

    /// Whether lists of entries show it its own only.
    #[must_use]
    pub fn lists_own_only(&self) -> bool {
        !self.is_admin && !self.lists_all
    }

    /// Who it is among members of categories: the user and its groups.
    pub fn members(&self) -> impl Iterator<Item = Principal> {
        self.user.into_iter().chain(self.groups.iter().copied().filter(|_| self.user.is_some()))
    }

    /// Who it is among owners and co-users of one entry: the user and all its groups.
    pub fn holders(&self) -> impl Iterator<Item = Principal> {
        self.members().chain(self.applicative_groups.iter().copied().filter(|_| self.user.is_some()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USER: &str = "zed";

    /// Kind, user, and privileges of version 1, whose text is taken as it stands.
    fn viewer(account: AccountSettings, kind: SessionKind, user: &str, text: &str) -> Viewer {
        Viewer::of(account, Some((kind, Some(user), &Privileges::from_text(text))))
    }

    fn account(has_entitlement: bool, enforces_by_default: bool) -> AccountSettings {
        AccountSettings { has_entitlement, enforces_by_default, ..AccountSettings::default() }
    }

    /// The decision table of entitlement §1.4, by its numbers: feature, default, kind, privileges; enforced, own only.
    #[test]
    fn what_is_enforced_for_whom() {
        use SessionKind::{Admin, User, Widget};
        type Case = (&'static [u8], bool, &'static [bool], SessionKind, &'static str, bool, bool);
        let rows: [Case; 24] = [
            (&[1], false, &[false, true], Admin, "enableentitlement", false, false),
            (&[2], false, &[false, true], User, "", false, true),
            (&[3], false, &[false, true], User, "list:*", false, false),
            (&[4], true, &[false], Admin, "", false, false),
            (&[5], true, &[false], Admin, "enableentitlement", true, false),
            (&[6], true, &[false], User, "", false, true),
            (&[7], true, &[false], User, "enableentitlement", true, true),
            (&[8], true, &[false], User, "enableentitlement,list:*", true, false),
            (&[9], true, &[true], Admin, "", true, false),
            (&[10], true, &[true], Admin, "all:*", true, false),
            (&[11], true, &[true], Admin, "*", true, false),
            (&[12], true, &[true], Admin, "all:*,disableentitlement", false, false),
            (&[13], true, &[true], User, "", true, true),
            (&[14], true, &[true], User, "disableentitlement", false, true),
            (&[15], true, &[true], User, "disableentitlement,list:*", false, false),
            (&[16], true, &[true], Admin, "disableentitlement,enableentitlement", true, false),
            (&[16], true, &[true], User, "disableentitlement,enableentitlement", true, true),
            (&[17], true, &[true], User, "disableentitlementforentry:0_e", true, true),
            (&[18], true, &[true], Widget, "view:*,widget:1", true, true),
            (&[22], true, &[true], User, "list:*", true, false),
            (&[23], true, &[true], User, "all:*,disableentitlement", false, true),
            (&[24], true, &[true], User, "*", true, false),
            (&[1, 2], false, &[true], Admin, "", false, false),
            (&[16], true, &[true], Admin, "enableentitlement,disableentitlement", true, false),
        ];
        for (number, feature, defaults, kind, privileges, enforced, own) in rows {
            for default in defaults {
                let user = if kind == Widget { "0" } else { USER };
                let viewer = viewer(account(feature, *default), kind, user, privileges);
                assert_eq!((viewer.is_enforced, viewer.lists_own_only()), (enforced, own), "{number:?} {privileges}");
            }
        }
        for (row, default) in [(19, true), (20, false)] {
            let nobody = Viewer::of(account(true, default), None);
            assert_eq!((nobody.is_enforced, nobody.lists_own_only()), (default, true), "{row}");
            assert!(nobody.is_anonymous && !nobody.has_session);
        }
        // 21: an account that does not exist, such as -1.
        assert!(!viewer(AccountSettings::default(), Admin, USER, "enableentitlement").is_enforced);
    }

    #[test]
    fn tokens_count_only_as_they_are() {
        let on = account(true, true);
        for text in [" disableentitlement", "DisableEntitlement", "disableentitlement:1", "xdisableentitlement"] {
            assert!(viewer(on, SessionKind::Admin, USER, text).is_enforced, "{text}");
        }
        for text in ["editplaylist:*", "list:0_a", "xlist:*", "list"] {
            assert!(viewer(on, SessionKind::User, USER, text).lists_own_only(), "{text}");
        }
        for user in ["", "0"] {
            assert!(viewer(on, SessionKind::Admin, user, "").is_anonymous);
        }
        assert!(!viewer(on, SessionKind::Admin, USER, "").is_anonymous);
    }

    #[test]
    fn the_context_is_the_first_one_and_an_empty_one_is_default() {
        let context = |text: &str| viewer(account(true, true), SessionKind::User, USER, text).context;
        assert_eq!(context("privacycontext:AppX,privacycontext:appY"), "appx");
        assert_eq!(context("privacycontext:appX,appY"), "appx");
        assert_eq!(context("privacycontext,privacycontext:a:b"), "a:b");
        assert_eq!(context("privacycontext:"), DEFAULT);
        assert_eq!(context(""), DEFAULT);
    }

    #[test]
    fn exempt_entries_are_named_one_by_one() {
        let exempt = viewer(account(true, true), SessionKind::User, USER, "disableentitlementforentry:0_a/0_b/").exempt;
        assert_eq!(exempt.iter().map(EntryId::as_str).collect::<Vec<_>>(), ["0_a", "0_b"]);
    }
}
