//! From a session to what it may do.

use std::sync::{Arc, Weak};

use ks_access::builtin::MAY_ENTER;
use ks_access::{Permissions, RoleWish, default_role, role_wish};
use ks_schema::{ApiError, PartnerId, RoleId, UserId};
use ks_store::{Account, FoundRole, OwnPermissions, Role, RoleStatus, User, UserStatus};
use ks_token::{Privileges, SessionKind};

use crate::call::{Session, database_error};
use crate::node::Node;
use crate::rights;

/// Holds the roles that all accounts share.
const SHARED: PartnerId = PartnerId::new(0);

/// How many different sets of roles are kept ready.
const READY: u64 = 20_000;

/// On what permissions depend, beside what the account's roles and settings are at the moment.
#[derive(Clone, Copy, Default)]
pub(crate) struct Asked<'a> {
    /// The account that says what roles are; none for calls that name none.
    pub(crate) account: Option<&'a Account>,
    /// The kind of the session; none without a session.
    pub(crate) kind: Option<SessionKind>,
    /// The roles of its user.
    pub(crate) roles: &'a [RoleId],
    /// What its token says.
    pub(crate) privileges: Option<&'a Privileges>,
}

/// The same, to be found again.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    owner: PartnerId,
    kind: Option<SessionKind>,
    roles: Box<[RoleId]>,
    /// `None`: the default; an empty name stands for no role at all, since none is named so.
    named: Option<Box<str>>,
    restricting: Option<Box<str>>,
}

/// Permissions with everything that they were made of: they are good as long as all of it is what is known now.
#[derive(Clone)]
struct Ready {
    permissions: Arc<Permissions>,
    /// Only to compare where it lies: a snapshot that is out of date must not keep its secrets in memory.
    account: Option<Weak<Account>>,
    roles: [Arc<[Role]>; 2],
    own: Option<Arc<OwnPermissions>>,
}

/// What sets of roles amount to, kept ready.
pub(crate) struct ReadyPermissions(moka::sync::Cache<Key, Ready>);

impl Default for ReadyPermissions {
    fn default() -> Self {
        Self(moka::sync::Cache::new(READY))
    }
}

impl Node {
    /// What the session may do; without one, what anybody may do in the account that is asked for.
    ///
    /// # Errors
    /// `USER_BLOCKED` for a user who is out; what a `setrole` that cannot be used is answered with.
    pub(crate) async fn roles_of(
        &self,
        session: Option<&Session>,
        requested: Option<&Arc<Account>>,
    ) -> Result<Arc<Permissions>, ApiError> {
        let Some(session) = session else {
            return self.permissions(requested, Asked::default()).await;
        };
        let user = self.user_of(session).await?;
        let why = match user.as_ref().map(|user| user.status) {
            None | Some(UserStatus::Active) => None,
            Some(UserStatus::Blocked) => Some("The session's user is blocked in this account."),
            Some(UserStatus::Deleted) => Some("The session's user was deleted from this account, or has another id."),
        };
        if let Some(why) = why {
            return Err(ApiError::user_blocked().because("user", why, Some(session.ks.partner_id)));
        }
        self.with_user(session, user.as_deref()).await
    }

    /// What a session could do if its user, who may be blocked now, were let in.
    pub(crate) async fn possible_roles_of(&self, session: &Session) -> Result<Arc<Permissions>, ApiError> {
        let user = self.user_of(session).await?;
        self.with_user(session, user.as_deref()).await
    }

    async fn with_user(&self, session: &Session, user: Option<&User>) -> Result<Arc<Permissions>, ApiError> {
        let ks = &session.ks;
        let roles = user.map_or(&[][..], |user| &user.role_ids);
        let asked = Asked { kind: Some(ks.kind()), roles, privileges: Some(&ks.privileges), ..Asked::default() };
        self.permissions(Some(&session.account), asked).await
    }

    /// The user of a session, or the one who had the id last.
    async fn user_of(&self, session: &Session) -> Result<Option<Arc<User>>, ApiError> {
        let Some(id) = session.ks.user_id.as_deref().filter(|id| !id.is_empty()) else { return Ok(None) };
        let user = self.store.user(session.ks.partner_id, &UserId::new(id)).await;
        user.map_err(|error| database_error(&error))
    }

    /// What roles amount to in an account.
    pub(crate) async fn permissions(
        &self,
        account: Option<&Arc<Account>>,
        asked: Asked<'_>,
    ) -> Result<Arc<Permissions>, ApiError> {
        let asked = Asked { account: account.map(|account| &**account), ..asked };
        let owner = asked.account.map_or(SHARED, |account| account.partner.id);
        let named = match role_wish(asked.kind, asked.privileges) {
            RoleWish::Default(_) => None,
            RoleWish::Nothing => Some(""),
            RoleWish::Named(name) => Some(name),
            RoleWish::Invalid => {
                return Err(ApiError::invalid_set_role().because(
                    "setrole",
                    "The privilege setrole has a negative number.",
                    Some(owner),
                ));
            }
        };
        let restricting = asked.privileges.and_then(Privileges::restricting_role);
        let key = Key {
            owner,
            kind: asked.kind,
            roles: asked.roles.into(),
            named: named.map(Into::into),
            restricting: restricting.map(Into::into),
        };
        let roles = [self.roles(owner).await?, self.roles(SHARED).await?];
        if let Some(ready) = self.ready.0.get(&key)
            && self.is_as_it_was(&ready, account, &roles, owner).await?
        {
            return Ok(ready.permissions);
        }
        let (permissions, own) = self.make(asked, owner, named, restricting, &roles).await?;
        let permissions = Arc::new(permissions);
        let ready = Ready { permissions: Arc::clone(&permissions), account: account.map(Arc::downgrade), roles, own };
        self.ready.0.insert(key, ready);
        Ok(permissions)
    }

    /// Whether nothing has changed since: every part is the very snapshot that the store has now.
    async fn is_as_it_was(
        &self,
        ready: &Ready,
        account: Option<&Arc<Account>>,
        roles: &[Arc<[Role]>; 2],
        owner: PartnerId,
    ) -> Result<bool, ApiError> {
        let same_account = match (&ready.account, account) {
            (None, None) => true,
            (Some(then), Some(now)) => std::ptr::eq(then.as_ptr(), Arc::as_ptr(now)),
            (None, Some(_)) | (Some(_), None) => false,
        };
        let same_roles = ready.roles.iter().zip(roles).all(|(then, now)| Arc::ptr_eq(then, now));
        if !same_account || !same_roles {
            return Ok(false);
        }
        match &ready.own {
            Some(then) => Ok(Arc::ptr_eq(then, &self.own_permissions(owner).await?)),
            None => Ok(true),
        }
    }

    async fn make(
        &self,
        asked: Asked<'_>,
        owner: PartnerId,
        named: Option<&str>,
        restricting: Option<&str>,
        roles: &[Arc<[Role]>; 2],
    ) -> Result<(Permissions, Option<Arc<OwnPermissions>>), ApiError> {
        let partner = asked.account.map(|account| &account.partner);
        let always = partner.and_then(|partner| partner.always_allowed_permission_names.as_deref());
        let mut permissions = match named {
            Some("") => Permissions::of([], always),
            Some(name) => match find(roles, name) {
                Some(role) => Permissions::of([names_of(role)], always),
                None => {
                    return Err(ApiError::invalid_object_id(name).because(
                        "setrole",
                        "The privilege setrole names a role that this account does not have.",
                        Some(owner),
                    ));
                }
            },
            None => {
                let chosen = partner.and_then(|partner| match asked.kind? {
                    SessionKind::Admin => partner.admin_session_role_id,
                    SessionKind::User => partner.user_session_role_id,
                    SessionKind::Widget => partner.widget_session_role_id,
                });
                let ids = asked.roles.iter().copied().chain(chosen.filter(|_| asked.roles.is_empty()));
                let ids: Vec<RoleId> = ids.collect();
                // A role that is gone brings nothing: the default one may be greater.
                let given = ids.iter().filter_map(|id| find_id(roles, *id)).map(names_of);
                let usual = ids.is_empty().then(|| find(roles, default_role(asked.kind))).flatten().map(names_of);
                Permissions::of(given.chain(usual), always)
            }
        };
        if let Some(name) = restricting {
            let shared = [Arc::clone(&roles[1]), Arc::clone(&roles[1])];
            let role = if name.parse::<i64>().is_ok() { find(roles, name) } else { find(&shared, name) };
            if let Some(role) = role {
                permissions = permissions.without(&role.permission_names);
            }
        }
        let mut own = None;
        if permissions.has_own_names() {
            let stored = self.own_permissions(owner).await?;
            permissions = permissions.resolve(&rights::own(&stored));
            own = Some(stored);
        }
        // Entering a child makes one its administrator, so nobody may who is less at home.
        if partner.is_some_and(|partner| partner.may_impersonate)
            && asked.kind == Some(SessionKind::Admin)
            && permissions.is_unrestricted()
        {
            permissions = permissions.with(MAY_ENTER);
        }
        Ok((permissions, own))
    }

    async fn roles(&self, owner: PartnerId) -> Result<Arc<[Role]>, ApiError> {
        self.store.roles(owner).await.map_err(|error| database_error(&error))
    }

    async fn own_permissions(&self, owner: PartnerId) -> Result<Arc<OwnPermissions>, ApiError> {
        self.store.own_permissions(owner).await.map_err(|error| database_error(&error))
    }

    /// A role of the account or a built-in one, by id or by system name.
    pub(crate) async fn find_role(&self, owner: PartnerId, name: &str) -> Result<Option<FoundRole>, ApiError> {
        self.store.find_role(owner, name).await.map_err(|error| database_error(&error))
    }
}

/// A role by what `setrole` says: an id when it is a number, else a system name; the account's own, else a shared one.
fn find<'r>(roles: &'r [Arc<[Role]>; 2], text: &str) -> Option<&'r Role> {
    match text.parse() {
        Ok(id) => find_id(roles, RoleId::new(id)),
        Err(_) => roles.iter().flat_map(|roles| roles.iter()).find(|role| role.system_name.as_deref() == Some(text)),
    }
}

fn find_id(roles: &[Arc<[Role]>; 2], id: RoleId) -> Option<&Role> {
    roles.iter().flat_map(|roles| roles.iter()).find(|role| role.id == id)
}

/// A blocked role brings nothing, and still counts as a role: whoever has it alone does not get the default one.
fn names_of(role: &Role) -> &str {
    match role.status {
        RoleStatus::Active => &role.permission_names,
        RoleStatus::Blocked => "",
    }
}
