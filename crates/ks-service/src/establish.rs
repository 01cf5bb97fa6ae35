//! From the text of a token to a session, and from a session to its rights.

use std::sync::Arc;

use ks_access::builtin::MAY_ENTER;
use ks_access::{Permissions, RoleWish, Scope, Visit, default_role, role_wish, scope};
use ks_schema::{ApiError, PartnerId};
use ks_store::{Account, FoundRole, Revoked, Role, RoleStatus, UserStatus};
use ks_token::{Envelope, KsHash, Refusal, RequestContext, Scratch, Secret, TokenFault, Version};

use crate::call::{RequestInfo, Session, database_error};
use crate::node::Node;
use crate::refusal;
use crate::rights;

/// Holds the roles that all accounts share.
const SHARED: PartnerId = PartnerId::new(0);

/// The account that a request asks for beside its session.
#[derive(Clone, Copy)]
pub(crate) enum Requested {
    None,
    Partner(PartnerId),
    /// A number that no partner can have.
    Unknown,
}

/// Who calls, for which account, with which rights.
pub(crate) struct Established {
    pub(crate) account: Option<Arc<Account>>,
    pub(crate) scope: Scope,
    pub(crate) permissions: Permissions,
}

impl Node {
    /// Reads and verifies the text of a token. Until the signature verifies, every fault looks alike.
    pub(crate) async fn verify(&self, text: &str) -> Result<Session, ApiError> {
        let unknown = |fault| refusal::unverified(text, fault, None);
        // The room for decoding is large, and is not kept while this waits for the database.
        let partner = {
            let mut scratch = Scratch::new();
            let envelope = Envelope::decode(text.as_bytes(), &mut scratch).map_err(unknown)?;
            match self.known_signer(envelope.partner_id()) {
                Some(account) => return Self::verify_with(text, envelope, account),
                None => envelope.partner_id(),
            }
        };
        let account = self.account(partner).await?;
        let mut scratch = Scratch::new();
        let envelope = Envelope::decode(text.as_bytes(), &mut scratch).map_err(unknown)?;
        Self::verify_with(text, envelope, account)
    }

    /// The account that signs for a partner, if memory knows. Partner 0 holds templates and never signs, and there is
    /// none below it.
    fn known_signer(&self, partner: PartnerId) -> Option<Option<Arc<Account>>> {
        if partner.get() > 0 { self.store.cached_account(partner) } else { Some(None) }
    }

    fn verify_with(text: &str, envelope: Envelope<'_>, account: Option<Arc<Account>>) -> Result<Session, ApiError> {
        let (partner, version) = (envelope.partner_id(), envelope.version());
        let keys = account.as_ref().map_or(&[][..], |account| &account.keys);
        let ks = envelope.verify(keys).map_err(|fault| refusal::unverified(text, fault, Some(partner)))?;
        let Some(account) = account else {
            return Err(refusal::unverified(text, TokenFault::NoSecret, Some(partner)));
        };
        if version == Version::V1 && !account.partner.v1_allowed {
            return Err(refusal::version_off(text, partner));
        }
        // A token that verified is not empty.
        let text = Secret::new(text).map_err(|_| refusal::unverified(text, TokenFault::Base64, Some(partner)))?;
        Ok(Session { ks, account, text })
    }

    pub(crate) async fn account(&self, id: PartnerId) -> Result<Option<Arc<Account>>, ApiError> {
        match self.store.cached_account(id) {
            Some(known) => Ok(known),
            // Boxed, because it is seldom needed and large.
            None => Box::pin(self.store.account(id)).await.map_err(|error| database_error(&error)),
        }
    }

    /// Checks that a verified session is good for this request, and finds its rights. `counted` is the
    /// session that the request has already spent an action of: neighbouring parts of a multirequest
    /// with the same session count once.
    pub(crate) async fn establish(
        &self,
        request: &RequestInfo,
        now: i64,
        session: Option<&Session>,
        requested: Requested,
        counted: &mut Option<KsHash>,
    ) -> Result<Established, ApiError> {
        if let Some(session) = session {
            self.check_session(request, now, session, counted).await?;
        } else {
            *counted = None;
        }
        let requested_account = match requested {
            Requested::Unknown => return Err(refusal::account_blocked(None, None)),
            Requested::Partner(id) => {
                let account = self.account(id).await?;
                if !account.as_deref().is_some_and(refusal::is_usable) {
                    return Err(refusal::account_blocked(Some(id), account.as_deref()));
                }
                account
            }
            Requested::None => None,
        };
        if let Some(session) = session
            && !refusal::is_usable(&session.account)
        {
            return Err(refusal::account_blocked(Some(session.ks.partner_id), Some(&session.account)));
        }
        let visit = session.zip(requested_account.as_ref()).map(|(session, into)| Visit {
            from: session.ks.partner_id,
            into: into.partner.id,
            parent: into.partner.parent_id,
            may_impersonate: session.account.partner.may_impersonate,
            is_admin: session.ks.is_admin(),
        });
        let requested = requested_account.as_ref().map(|account| account.partner.id);
        let scope = scope(session.map(|session| session.ks.partner_id), requested, visit);
        let roles = self.roles_of(session, requested_account.as_deref()).await?;
        let account = requested_account.or_else(|| session.map(|session| Arc::clone(&session.account)));
        Ok(Established { account, scope, permissions: roles })
    }

    async fn check_session(
        &self,
        request: &RequestInfo,
        now: i64,
        session: &Session,
        counted: &mut Option<KsHash>,
    ) -> Result<(), ApiError> {
        let ks = &session.ks;
        let partner = ks.partner_id;
        let context = RequestContext { now, remote_addr: request.remote_addr, uri: &request.uri };
        ks.check(&context).map_err(|refusal| refusal::refused(refusal, partner))?;
        if let Some(secret) = session.secret() {
            self.store.touch_secret(secret.id, now);
        }
        if !ks.is_revocable() {
            *counted = None;
            return Ok(());
        }
        if self.is_revoked(session).await? {
            return Err(refusal::refused(Refusal::LogOut, partner));
        }
        match ks.privileges.actions_limit() {
            None => *counted = None,
            Some(Err(_)) => {
                return Err(ApiError::invalid_actions_limit().because(
                    "actionslimit",
                    "The privilege actionslimit needs a whole number above 0.",
                    Some(partner),
                ));
            }
            Some(Ok(limit)) if *counted != Some(ks.hash) => {
                let until = ks.expiry.unwrap_or(now);
                // Boxed like all that asks the database: it is seldom needed, and large.
                let used = Box::pin(self.store.consume_action(ks.hash, partner, limit, until, now)).await;
                match used.map_err(|error| database_error(&error))? {
                    ks_store::ActionUse::Consumed { .. } => *counted = Some(ks.hash),
                    ks_store::ActionUse::Exhausted => {
                        return Err(refusal::refused(Refusal::ExceededActionsLimit, partner));
                    }
                }
            }
            Some(Ok(_)) => {}
        }
        Ok(())
    }

    async fn is_revoked(&self, session: &Session) -> Result<bool, ApiError> {
        let hashes = [Some(session.ks.hash), session.ks.session_id_hash()];
        let hashes: Vec<KsHash> = hashes.into_iter().flatten().collect();
        match self.store.is_revoked(&hashes) {
            Ok(revoked) => Ok(revoked == Revoked::Yes),
            // This node has not heard of the database for too long: ask it, and refuse when it is silent.
            Err(_) => match Box::pin(self.store.check_revoked_in_database(&hashes)).await {
                Ok(revoked) => Ok(revoked == Revoked::Yes),
                Err(error) => {
                    tracing::error!(%error, "revocations could not be checked");
                    Err(refusal::unchecked(session.ks.partner_id))
                }
            },
        }
    }

    /// What the session's roles amount to.
    pub(crate) async fn roles_of(
        &self,
        session: Option<&Session>,
        requested: Option<&Account>,
    ) -> Result<Permissions, ApiError> {
        let operating = session.map(|session| &*session.account).or(requested);
        let kind = session.map(|session| session.ks.kind());
        let privileges = session.map(|session| &session.ks.privileges);
        let mut user_roles = Vec::new();
        if let Some(session) = session
            && let Some(user) = session.ks.user_id.as_deref().filter(|id| !id.is_empty())
        {
            let user = self.store.user(session.ks.partner_id, &ks_schema::UserId::new(user)).await;
            if let Some(user) = user.map_err(|error| database_error(&error))? {
                let why = match user.status {
                    UserStatus::Active => None,
                    UserStatus::Blocked => Some("The session's user is blocked in this account."),
                    UserStatus::Deleted => Some("The session's user was deleted from this account."),
                };
                if let Some(why) = why {
                    return Err(ApiError::user_blocked().because("user", why, Some(session.ks.partner_id)));
                }
                user_roles.clone_from(&user.role_ids);
            }
        }
        let owner = operating.map_or(PartnerId::new(0), |account| account.partner.id);
        let wish = role_wish(kind, privileges);
        let always = operating.and_then(|account| account.partner.always_allowed_permission_names.as_deref());
        let mut permissions = match wish {
            RoleWish::Nothing => Permissions::of([], always),
            RoleWish::Invalid => {
                return Err(ApiError::invalid_set_role().because(
                    "setrole",
                    "The privilege setrole has a negative number.",
                    Some(owner),
                ));
            }
            RoleWish::Named(name) => match self.find_role(owner, name).await? {
                Some(role) => Permissions::of([names_of(&role)], always),
                None => {
                    return Err(ApiError::invalid_object_id(name).because(
                        "setrole",
                        "The privilege setrole names a role that this account does not have.",
                        Some(owner),
                    ));
                }
            },
            RoleWish::Default(kind) => {
                let chosen = operating.and_then(|account| match kind? {
                    ks_token::SessionKind::Admin => account.partner.admin_session_role_id,
                    ks_token::SessionKind::User => account.partner.user_session_role_id,
                    ks_token::SessionKind::Widget => account.partner.widget_session_role_id,
                });
                let mut roles = Vec::new();
                for id in user_roles.iter().copied().chain(chosen.filter(|_| user_roles.is_empty())) {
                    roles.extend(self.find_role(owner, &id.to_string()).await?);
                }
                if roles.is_empty() {
                    roles.extend(self.find_role(owner, default_role(kind)).await?);
                }
                Permissions::of(roles.iter().map(|role| names_of(role)), always)
            }
        };
        if let Some(name) = privileges.and_then(ks_token::Privileges::restricting_role)
            && let Some(role) = self.find_role(if name.parse::<i64>().is_ok() { owner } else { SHARED }, name).await?
        {
            permissions = permissions.without(&role.permission_names);
        }
        if permissions.has_own_names() {
            let own = self.store.own_permissions(owner).await.map_err(|error| database_error(&error))?;
            permissions = permissions.resolve(&rights::own(&own));
        }
        // Entering a child makes one its administrator, so nobody may who is less at home.
        if operating.is_some_and(|account| account.partner.may_impersonate)
            && kind == Some(ks_token::SessionKind::Admin)
            && permissions.is_unrestricted()
        {
            permissions = permissions.with(MAY_ENTER);
        }
        Ok(permissions)
    }

    /// A role of the account or a built-in one, by id or by system name.
    pub(crate) async fn find_role(&self, owner: PartnerId, name: &str) -> Result<Option<FoundRole>, ApiError> {
        self.store.find_role(owner, name).await.map_err(|error| database_error(&error))
    }
}

/// A blocked role brings nothing, and still counts as a role: whoever has it alone does not get the default one.
fn names_of(role: &Role) -> &str {
    match role.status {
        RoleStatus::Active => &role.permission_names,
        RoleStatus::Blocked => "",
    }
}
