//! From roles to what a session may do.

use std::borrow::Cow;
use std::collections::BTreeSet;

use ks_schema::describe::ActionInfo;
use ks_schema::generated::services::ActionId;
use ks_token::{Privileges, SessionKind};

use crate::builtin::{self, ALWAYS_ALLOWED, GUARDS, Guard, Use};

/// What plain sessions have: alike in what they open, and of different names.
const PLAIN: [&str; 4] =
    [ALWAYS_ALLOWED, "BASE_USER_SESSION_PERMISSION", "WIDGET_SESSION_PERMISSION", "PLAYBACK_BASE_PERMISSION"];

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
    /// Built-in ones are not copied.
    names: BTreeSet<Cow<'static, str>>,
    wildcard: bool,
    removed: BTreeSet<String>,
    nothing: bool,
    /// Actions and properties that permissions of the account allow, in lower case.
    actions: BTreeSet<(String, String)>,
    uses: BTreeSet<(String, String, Use)>,
}

/// A permission that an account has made of its own.
#[derive(Clone, Debug, Default)]
pub struct OwnPermission<'a> {
    /// Its name.
    pub name: &'a str,
    /// Whether it counts.
    pub is_active: bool,
    /// Whether it is a feature or a plugin of the account, which roles do not name.
    pub is_feature: bool,
    /// Comma-separated names of the permissions that it needs.
    pub depends_on: &'a str,
    /// What it allows.
    pub items: Vec<OwnItem<'a>>,
}

/// One thing that a permission of an account allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnItem<'a> {
    /// The service, or the class.
    pub subject: &'a str,
    /// The action, or the property.
    pub detail: &'a str,
    /// The use of the property: `all`, `insert`, `read` or `update`; `None` for an action.
    pub used: Option<&'a str>,
}

impl Permissions {
    /// What these roles amount to: the union of their permission names (comma-joined texts), and the
    /// names that every session of the account has. `always` is the account's own list, if it has one.
    #[must_use]
    pub fn of<'a>(roles: impl IntoIterator<Item = &'a str>, always: Option<&'a str>) -> Self {
        let mut out = Self::default();
        let always = always.filter(|names| !names.trim().is_empty()).unwrap_or(ALWAYS_ALLOWED);
        roles.into_iter().chain([always]).for_each(|names| out.add(names));
        out
    }

    /// What a role gives that names these permissions (a comma-joined text).
    #[must_use]
    pub fn of_role(names: &str) -> Self {
        let mut out = Self::default();
        out.add(names);
        out
    }

    fn add(&mut self, names: &str) {
        for name in split(names) {
            if name == "*" {
                self.wildcard = true;
            } else if builtin::is_in_wildcard(name) {
                // The others come from where the request is made or from the account's settings, never from a role.
                let built_in = builtin::permission(name).map(|known| Cow::Borrowed(known.name));
                self.names.insert(built_in.unwrap_or_else(|| Cow::Owned(name.to_owned())));
            }
        }
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
        self.names.insert(Cow::Owned(permission.to_owned()));
        self
    }

    /// The same without names that an account made up: in another account they mean something else.
    #[must_use]
    pub fn built_in_only(mut self) -> Self {
        self.names.retain(|name| builtin::is_reserved(name));
        self
    }

    /// Whether roles name permissions that are not built in, so that those of the account must be looked at.
    #[must_use]
    pub fn has_own_names(&self) -> bool {
        self.names.iter().any(|name| matches!(name, Cow::Owned(name) if !builtin::is_reserved(name)))
    }

    /// Takes the account's own permissions into account: those among these permissions whose needs are met allow what
    /// their items say, and the others are dropped.
    #[must_use]
    pub fn resolve(mut self, own: &[OwnPermission<'_>]) -> Self {
        let is_feature = |name: &str| own.iter().any(|it| it.is_feature && it.is_active && it.name == name);
        for permission in own.iter().filter(|permission| permission.is_feature || !permission.is_active) {
            self.removed.insert(permission.name.to_owned());
        }
        // A name that stands for nothing any more meets no need.
        let exists = |name: &str| builtin::is_reserved(name) || own.iter().any(|it| it.name == name);
        let gone: Vec<String> = self.names.iter().filter(|name| !exists(name)).map(ToString::to_string).collect();
        self.removed.extend(gone);
        // Each round may drop what another one needs.
        let unmet = |permissions: &Self| {
            own.iter().find(|permission| {
                permissions.has(permission.name)
                    && split(permission.depends_on).any(|name| !permissions.has(name) && !is_feature(name))
            })
        };
        while let Some(permission) = unmet(&self) {
            self.removed.insert(permission.name.to_owned());
        }
        let granted: Vec<OwnItem<'_>> =
            own.iter().filter(|permission| self.has(permission.name)).flat_map(|it| it.items.iter().copied()).collect();
        for item in granted {
            let (subject, detail) = (item.subject.to_ascii_lowercase(), item.detail.to_ascii_lowercase());
            match item.used {
                None => {
                    self.actions.insert((subject, detail));
                }
                Some(word) => {
                    let uses = [Use::Read, Use::Insert, Use::Update].into_iter().filter(|of| of.is_covered_by(word));
                    self.uses.extend(uses.map(|of| (subject.clone(), detail.clone(), of)));
                }
            }
        }
        self
    }

    /// The names that the wildcard stands for are not told apart from others: `known` are all that there are.
    #[must_use]
    pub fn names<'a>(&'a self, known: impl IntoIterator<Item = &'a str>) -> BTreeSet<&'a str> {
        let named = self.names.iter().map(Cow::as_ref);
        named.chain(known).filter(|name| self.has(name)).collect()
    }

    /// Whether a property of a class may be used in this way.
    #[must_use]
    pub fn may_use(&self, class: &str, property: &str, of: Use) -> bool {
        let Some(guard) = builtin::guard_of(class, property, of) else { return true };
        guard.permissions.iter().any(|permission| self.has(permission))
            // What is the operator's alone is no account's to give.
            || !guard.permissions.is_empty()
                && !self.uses.is_empty()
                && self.uses.contains(&(class.to_ascii_lowercase(), property.to_ascii_lowercase(), of))
    }

    /// Whether these are all permissions that an administrator can have, with nothing taken away.
    #[must_use]
    pub fn is_unrestricted(&self) -> bool {
        self.wildcard && !self.nothing && self.removed.is_empty()
    }

    /// Whether these are more than the others are together: a permission, an action or the use of a guarded property that
    /// none of them has.
    ///
    /// Names count by themselves, whatever they open at present: an account may change what its own permissions allow.
    /// Those of plain sessions alone are compared by what they open.
    #[must_use]
    pub fn exceed(&self, others: &[&Self]) -> bool {
        let beyond = |has: &dyn Fn(&Self) -> bool| has(self) && !others.iter().any(|other| has(other));
        let removed = others.iter().flat_map(|other| &other.removed).map(String::as_str);
        let mut names = self.names.iter().map(AsRef::as_ref).chain(removed).filter(|name| !PLAIN.contains(name));
        let mut actions = ActionId::ALL.iter().map(|action| action.info());
        let mut uses = GUARDS.iter().flat_map(|guard| guard.uses.iter().map(move |of| (guard, *of)));
        beyond(&Self::is_unrestricted)
            || beyond(&|it| it.wildcard && !it.nothing)
            || names.any(|name| beyond(&|it| it.has(name)))
            || actions.any(|action| beyond(&|it| permit(it, action)))
            || uses.any(|(guard, of)| beyond(&|it| it.may_use(guard.class, guard.property, of)))
    }

    /// Whether these let somebody do what a permission item allows. What is not known here is for the unrestricted only.
    #[must_use]
    pub fn cover(&self, item: &OwnItem<'_>) -> bool {
        if self.is_unrestricted() {
            return true;
        }
        let (subject, detail) = (item.subject.to_ascii_lowercase(), item.detail.to_ascii_lowercase());
        match item.used {
            None => ActionId::find(&subject, &detail).is_some_and(|action| permit(self, action.info())),
            Some(word) => {
                let is_meant = |guard: &&Guard| {
                    guard.class.eq_ignore_ascii_case(&subject) && guard.property.eq_ignore_ascii_case(&detail)
                };
                let mut guards = GUARDS.iter().filter(is_meant).peekable();
                let may = |guard: &Guard| {
                    let mut uses = guard.uses.iter().filter(|of| of.is_covered_by(word));
                    uses.all(|of| self.may_use(guard.class, guard.property, *of))
                };
                guards.peek().is_some() && guards.all(may)
            }
        }
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
        // What is the operator's alone is no account's to give.
        || !permissions.actions.is_empty()
            && builtin::is_grantable(action)
            && permissions.actions.contains(&(action.service.to_ascii_lowercase(), action.name.to_ascii_lowercase()))
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
        assert_eq!(wish("setrole:0"), "0");
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
    fn permissions_of_an_account_allow_what_their_items_say() {
        let get = OwnItem { subject: "Session", detail: "GET", used: None };
        let inner = OwnItem { subject: "system", detail: "getHealthCheck", used: None };
        let roles = OwnItem { subject: "KalturaWidget", detail: "roles", used: Some("insert") };
        let parent = OwnItem { subject: "KalturaPartner", detail: "partnerParentId", used: Some("all") };
        let one = OwnPermission {
            name: "ONE",
            is_active: true,
            items: vec![get, inner, roles, parent],
            ..Default::default()
        };
        let role = || Permissions::of(["ONE, BASE_USER_SESSION_PERMISSION"], None);
        assert!(role().has_own_names() && !Permissions::of(["ADMIN_BASE,*"], None).has_own_names());
        assert!(!permit(&role(), &session::GET));
        let with = role().resolve(std::slice::from_ref(&one));
        assert!(permit(&with, &session::GET) && !permit(&with, &system::GET_HEALTH_CHECK));
        assert!(
            with.may_use("KalturaWidget", "roles", Use::Insert) && !with.may_use("KalturaWidget", "roles", Use::Update)
        );
        assert!(!with.may_use("KalturaPartner", "partnerParentId", Use::Insert), "the operator's alone");
        assert!(with.may_use("KalturaWidget", "partnerData", Use::Update));
        let blocked = OwnPermission { is_active: false, ..one.clone() };
        assert!(!permit(&role().resolve(&[blocked]), &session::GET));
        assert!(!permit(&role().without("ONE").resolve(std::slice::from_ref(&one)), &session::GET));
        assert!(!permit(&Permissions::of(["OTHER"], None).resolve(&[one]), &session::GET));
    }

    #[test]
    fn what_a_setting_brings_is_added() {
        let with = Permissions::of(["BASE_USER_SESSION_PERMISSION"], None).with("SESSION_READ_PERMISSION");
        assert!(permit(&with, &session::GET) && permit(&with, &session::END));
    }

    #[test]
    fn needs_must_be_met_all_the_way_down() {
        let own = |name, depends_on| OwnPermission { name, depends_on, is_active: true, ..Default::default() };
        let feature = OwnPermission { is_feature: true, ..own("FEATURE_X", "") };
        let all = [own("A", "B, FEATURE_X"), own("B", "C"), own("C", ""), feature];
        let names = |role: &str, own: &[OwnPermission<'_>]| -> Vec<String> {
            let permissions = Permissions::of([role], Some("NOTHING")).resolve(own);
            permissions.names([]).into_iter().map(str::to_owned).collect()
        };
        assert_eq!(names("A,B,C", &all), ["A", "B", "C"]);
        assert!(names("A,B", &all).is_empty());
        assert_eq!(names("A,B,C", &all[..3]), ["B", "C"]);
        assert_eq!(names("A,B,C,FEATURE_X", &all), ["A", "B", "C"], "a role does not make a feature");
    }

    #[test]
    fn permissions_are_compared_by_what_they_open() {
        let user = Permissions::of(["BASE_USER_SESSION_PERMISSION"], None);
        let player = Permissions::of(["PLAYBACK_BASE_PERMISSION"], None);
        let admin = Permissions::of(["*"], None);
        assert!(!player.exceed(&[&user]) && admin.exceed(&[&user]) && !user.exceed(&[&admin]));
        assert!(player.exceed(&[]) && !Permissions::default().exceed(&[]));
        assert!(admin.is_unrestricted() && !user.is_unrestricted());
        assert!(!admin.clone().without("KMC_ACCESS").is_unrestricted() && !admin.without("*").is_unrestricted());
    }

    #[test]
    fn several_together_have_what_one_of_them_has() {
        let of = |names: &str| Permissions::of_role(names);
        let both = of("ADMIN_BASE,KMC_READ_ONLY");
        assert!(both.exceed(&[&of("ADMIN_BASE")]) && both.exceed(&[&of("KMC_READ_ONLY")]));
        assert!(!both.exceed(&[&of("ADMIN_BASE"), &of("KMC_READ_ONLY")]));
    }

    #[test]
    fn everything_is_more_than_all_that_there_is_now() {
        let all = builtin::permissions().iter().map(|it| it.name).collect::<Vec<_>>().join(",");
        let (all, star) = (Permissions::of_role(&all), Permissions::of_role("*"));
        assert!(star.exceed(&[&all]) && !all.exceed(&[&star]) && !star.exceed(&[&star]));
        // Whoever lost one may not give it, and not everything; all others may be given.
        let less = star.clone().without("KMC_READ_ONLY");
        assert!(star.exceed(&[&less]) && Permissions::of_role("KMC_READ_ONLY").exceed(&[&less]));
        assert!(!Permissions::of_role("ADMIN_BASE").exceed(&[&less]) && !less.exceed(&[&less]));
        assert!(!less.exceed(&[&star]) && less.exceed(&[&star.clone().without("*")]));
        assert!(star.clone().without("ADMIN_BASE").exceed(&[&less]), "it has what the other lost");
        assert!(less.exceed(&[&all]), "what comes tomorrow");
        let plainly = star.clone().without("PLAYBACK_BASE_PERMISSION");
        assert!(star.exceed(&[&plainly]) && !plainly.exceed(&[&star]));
        assert!(!star.without("*").exceed(&[]));
    }

    #[test]
    fn what_an_account_may_change_counts_by_its_name() {
        let role = Permissions::of_role("MY_OWN");
        let base = Permissions::of_role("ADMIN_BASE");
        assert!(role.exceed(&[&base]), "nothing today, anything tomorrow");
        assert!(!role.exceed(&[&Permissions::of_role("MY_OWN,ADMIN_BASE")]));
        let item = OwnItem { subject: "session", detail: "get", used: None };
        let own = OwnPermission { name: "MY_OWN", is_active: true, items: vec![item], ..Default::default() };
        let resolved = role.clone().resolve(std::slice::from_ref(&own));
        assert!(!role.exceed(&[&resolved]) && resolved.exceed(&[&base]));
        let blocked = Permissions::of_role("MY_OWN").resolve(&[OwnPermission { is_active: false, ..own }]);
        assert!(role.exceed(&[&blocked]), "whoever's own is blocked does not have it");
        let elsewhere = Permissions::of_role("MY_OWN,ADMIN_BASE").built_in_only();
        assert!(role.exceed(&[&elsewhere]) && !base.exceed(&[&elsewhere]), "the same name is another account's own");
    }

    #[test]
    fn guarded_properties_count() {
        let with = Permissions::of_role("INTEGRATION_BASE,ADMIN_BASE");
        assert!(with.exceed(&[&Permissions::of_role("ADMIN_BASE")]));
        let item = OwnItem { subject: "KalturaPartner", detail: "adminSecret", used: Some("read") };
        let own = OwnPermission { name: "SEES", is_active: true, items: vec![item], ..Default::default() };
        let sees = Permissions::of_role("SEES").resolve(std::slice::from_ref(&own));
        assert!(sees.may_use("KalturaPartner", "adminSecret", Use::Read));
        // Without the name, as if it had been taken from the role meanwhile: the use itself counts.
        let nameless = Permissions { names: BTreeSet::new(), ..sees.clone() };
        assert!(nameless.exceed(&[&Permissions::of_role("ADMIN_BASE")]));
        assert!(!nameless.exceed(&[&sees]) && !nameless.exceed(&[&Permissions::of_role("INTEGRATION_BASE")]));
    }

    #[test]
    fn items_are_covered_by_what_one_may_do() {
        let action = |subject, detail| OwnItem { subject, detail, used: None };
        let property = |detail, used| OwnItem { subject: "kalturapartner", detail, used: Some(used) };
        let admin = Permissions::of_role("ADMIN_BASE");
        assert!(admin.cover(&action("User", "LIST")) && !admin.cover(&action("user", "add")));
        assert!(!admin.cover(&action("nothing", "list")) && !admin.cover(&action("system", "getHealthCheck")));
        assert!(
            admin.cover(&property("passReplaceFreq", "update")) && admin.cover(&property("PASSREPLACEFREQ", "all"))
        );
        assert!(!admin.cover(&property("adminSecret", "read")) && !admin.cover(&property("adminSecret", "all")));
        assert!(!admin.cover(&property("nothing", "read")) && !admin.cover(&property("partnerParentId", "update")));
        let star = Permissions::of_role("*");
        assert!(star.cover(&property("adminSecret", "all")) && star.cover(&action("nothing", "list")));
        assert!(!star.without("INTEGRATION_BASE").cover(&property("adminSecret", "read")));
    }

    #[test]
    fn an_account_may_replace_what_is_always_allowed() {
        let none = Permissions::of([], Some("SESSION_READ_PERMISSION"));
        assert!(permit(&none, &session::GET) && !permit(&none, &session::START));
        assert!(permit(&Permissions::of([], Some(" ")), &session::START));
    }
}
