//! From the text of a token to a session, and whether it is good for a request.

use std::sync::Arc;

use ks_access::{Permissions, Scope, Visit, scope};
use ks_schema::{ApiError, PartnerId};
use ks_store::{Account, Revoked};
use ks_token::{Envelope, KsHash, Refusal, RequestContext, Scratch, Secret, TokenFault, Version};

use crate::call::{RequestInfo, Session, database_error};
use crate::node::Node;
use crate::refusal;

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
    pub(crate) permissions: Arc<Permissions>,
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
        let permissions = self.roles_of(session, requested_account.as_ref()).await?;
        let account = requested_account.or_else(|| session.map(|session| Arc::clone(&session.account)));
        Ok(Established { account, scope, permissions })
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
}
