//! Whether a session is good for a request of somebody else's service, which a proxy asks in front of it.

use ks_access::{RoleWish, default_role, role_wish};
use ks_schema::{ApiError, ErrorCode, PartnerId, RoleId, UserId};
use ks_store::{Refusal, RoleStatus};
use ks_token::Ks;

use crate::call::{RequestInfo, Session, database_error};
use crate::establish::Requested;
use crate::node::Node;

/// What a session must be, besides good. Of each list one must fit, but of privileges all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Whether administrators' sessions will do, and users'.
    pub kinds: Vec<Kind>,
    /// Privileges, with a value or without.
    pub privileges: Vec<(String, Option<String>)>,
    /// Accounts.
    pub partners: Vec<PartnerId>,
    /// Roles that the session acts with, by id or by system name.
    pub roles: Vec<String>,
}

/// Whose session it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An administrator's.
    Admin,
    /// Anybody else's.
    User,
}

/// Who is let through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The account.
    pub partner: PartnerId,
    /// The user; empty for nobody in particular.
    pub user: String,
    /// Whose session it is.
    pub kind: Kind,
    /// The session's privileges.
    pub privileges: String,
    /// When the session ends, in Unix seconds.
    pub expires: Option<i64>,
}

/// Why somebody is not let through, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// There is no session, or it is good for nothing: a new one may help.
    NoSession(&'static str),
    /// The session is not good for this.
    Forbidden(&'static str),
    /// It cannot be found out at present.
    Unknown,
}

impl Node {
    /// Checks a session as every call of the API does, and then what is wanted besides. Who is turned away is kept, so
    /// that the account's owner can ask why.
    ///
    /// # Errors
    /// [`Denied`].
    pub async fn let_through(
        &self,
        request: &RequestInfo,
        ks: Option<&str>,
        wanted: &Wanted,
    ) -> Result<Identity, Denied> {
        let Some(text) = ks else { return Err(Denied::NoSession("missing")) };
        let session = match self.verify(text).await {
            Ok(session) => session,
            Err(error) => return Err(self.turned_away(request, &error, None)),
        };
        let mut counted = None;
        let established = self.establish(request, self.now(), Some(&session), Requested::None, &mut counted).await;
        if let Err(error) = established {
            return Err(self.turned_away(request, &error, Some(&session.ks)));
        }
        let ks = &session.ks;
        let kind = if ks.is_admin() { Kind::Admin } else { Kind::User };
        let missing = if !wanted.kinds.is_empty() && !wanted.kinds.contains(&kind) {
            Some(("type", "The gateway wants another type of session."))
        } else if !wanted.partners.is_empty() && !wanted.partners.contains(&ks.partner_id) {
            Some(("partner", "The gateway wants a session of another account."))
        } else if !wanted.privileges.iter().all(|(name, value)| has(ks, name, value.as_deref())) {
            Some(("privilege", "The gateway wants a privilege that the session does not have."))
        } else {
            match self.has_role(&session, &wanted.roles).await {
                Ok(true) => None,
                Ok(false) => Some(("role", "The gateway wants a role that the session does not act with.")),
                Err(error) => return Err(self.turned_away(request, &error, Some(ks))),
            }
        };
        if let Some((check, why)) = missing {
            let error = ApiError::service_forbidden("gateway").because(check, why, Some(ks.partner_id));
            return Err(self.turned_away(request, &error, Some(ks)));
        }
        Ok(Identity {
            partner: ks.partner_id,
            user: ks.user_id.as_deref().unwrap_or_default().to_owned(),
            kind,
            privileges: ks.privileges.text().to_owned(),
            expires: ks.expiry,
        })
    }

    /// Whether a session acts with one of these roles.
    async fn has_role(&self, session: &Session, wanted: &[String]) -> Result<bool, ApiError> {
        if wanted.is_empty() {
            return Ok(true);
        }
        let (ks, partner) = (&session.ks, session.ks.partner_id);
        let held: Vec<RoleId> = match role_wish(Some(ks.kind()), Some(&ks.privileges)) {
            RoleWish::Nothing | RoleWish::Invalid => Vec::new(),
            RoleWish::Named(name) => self.find_role(partner, name).await?.map(|role| role.id).into_iter().collect(),
            RoleWish::Default(_) => self.usual_roles(session).await?,
        };
        for name in wanted {
            let role = self.find_role(partner, name).await?;
            if role.is_some_and(|role| role.status == RoleStatus::Active && held.contains(&role.id)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The user's own roles, else what the account says for the kind of session, else the built-in one.
    async fn usual_roles(&self, session: &Session) -> Result<Vec<RoleId>, ApiError> {
        let (ks, account) = (&session.ks, &session.account.partner);
        if let Some(user) = ks.user_id.as_deref().filter(|id| !id.is_empty()) {
            let user = self.store.user(account.id, &UserId::new(user)).await.map_err(|error| database_error(&error))?;
            if let Some(user) = user.filter(|user| !user.role_ids.is_empty()) {
                return Ok(user.role_ids.clone());
            }
        }
        let chosen = match ks.kind() {
            ks_token::SessionKind::Admin => account.admin_session_role_id,
            ks_token::SessionKind::User => account.user_session_role_id,
            ks_token::SessionKind::Widget => account.widget_session_role_id,
        };
        match chosen {
            Some(role) => Ok(vec![role]),
            None => {
                let role = self.find_role(account.id, default_role(Some(ks.kind()))).await?;
                Ok(role.map(|role| role.id).into_iter().collect())
            }
        }
    }

    /// Keeps why, and says it in one word. Until a token verifies, every fault of it is the same word.
    fn turned_away(&self, request: &RequestInfo, error: &ApiError, ks: Option<&Ks>) -> Denied {
        let why = error.why();
        let check = why.map_or("session", |why| why.check);
        self.store.record_refusal(Refusal {
            request_id: request.id.clone(),
            at: self.now(),
            partner_id: ks.map(|ks| ks.partner_id).or(why.and_then(|why| why.partner)),
            service: "gateway".to_owned(),
            action: "verify".to_owned(),
            code: error.code().info().code.to_owned(),
            reason: check.to_owned(),
            detail: why.map_or_else(|| error.code().info().meaning.to_owned(), |why| why.explanation.to_string()),
            user_id: ks.and_then(|ks| ks.user_id.as_deref().map(str::to_owned)),
            session_hash: ks.map(|ks| ks.hash),
        });
        match (error.code(), ks.is_some(), check) {
            (ErrorCode::InternalDatabaseError, ..) => Denied::Unknown,
            (_, false, _) => Denied::NoSession("invalid"),
            (ErrorCode::InvalidKs, true, "iprestrict" | "urirestrict") => Denied::Forbidden(check),
            (ErrorCode::InvalidKs, true, _) => Denied::NoSession(check),
            _ => Denied::Forbidden(check),
        }
    }
}

fn has(ks: &Ks, name: &str, value: Option<&str>) -> bool {
    match value {
        Some(value) => ks.privileges.verify(name, value),
        None => ks.privileges.is_wildcard() || ks.privileges.has(name),
    }
}
