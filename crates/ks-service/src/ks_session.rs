//! The service `ks_session` of the plugin `ks`.

use ks_schema::generated::classes::{KsAccess, KsRefusal};
use ks_schema::generated::enums::{KsAccessSubject, SessionType};
use ks_schema::{ApiError, CategoryId, EntryId, SecretId};
use ks_token::session_id_hash;

use crate::call::{Call, database_error};
use crate::explain::{Imagined, Subject};
use crate::generated::ks_session::{ExplainAccess, Revoke, RevokeGroup, RevokeSecret, RevokeUser, Service, Why};
use crate::ks_secret::secret_error;
use crate::user::{change_error, found};

/// What the account's owner may do to sessions.
#[derive(Debug, Default)]
pub(crate) struct KsSessions;

impl Service for KsSessions {
    async fn revoke(&self, call: &Call<'_>, args: Revoke) -> Result<(), ApiError> {
        let session = call.node.verify(&args.session).await?;
        let ks = &session.ks;
        if ks.partner_id != call.partner_id() {
            return Err(ApiError::partner_access_forbidden(call.partner_id(), ks.partner_id));
        }
        if !ks.is_revocable() {
            return Err(ApiError::ks_not_revocable("it is a widget's, and anyone may start one"));
        }
        let revoked = call.store().revoke_token(ks.partner_id, ks.hash, ks.expiry, call.now).await;
        revoked.map_err(|error| database_error(&error))
    }

    async fn revoke_group(&self, call: &Call<'_>, args: RevokeGroup) -> Result<(), ApiError> {
        if args.session_id.is_empty() {
            return Err(ApiError::ks_not_revocable("a session group has a name"));
        }
        let partner = call.account()?.partner.id;
        let group = session_id_hash(partner, &args.session_id);
        let revoked = call.store().revoke_session_group(partner, group, call.now).await;
        revoked.map_err(|error| database_error(&error))
    }

    async fn revoke_user(&self, call: &Call<'_>, args: RevokeUser) -> Result<(), ApiError> {
        let user = found(call, &args.user_id).await?.ok_or_else(ApiError::invalid_user_id)?;
        let revoked = call.store().revoke_user_sessions(user.partner_id, user.user_id.clone(), call.now).await;
        revoked.map(drop).map_err(|error| change_error(&error, &args.user_id))
    }

    async fn revoke_secret(&self, call: &Call<'_>, args: RevokeSecret) -> Result<(), ApiError> {
        let partner = call.account()?.partner.id;
        let revoked = call.store().revoke_secret(partner, SecretId::new(args.id), call.now).await;
        revoked.map_err(|error| secret_error(&error, args.id))
    }

    async fn why(&self, call: &Call<'_>, args: Why) -> Result<KsRefusal, ApiError> {
        let partner = call.account()?.partner.id;
        let found = call.node.store.refusals(args.request_id.trim()).await.map_err(|error| database_error(&error))?;
        // A request of another account is one that does not exist.
        let refusal = found.into_iter().find(|refusal| refusal.partner_id == Some(partner));
        let refusal = refusal.ok_or_else(|| ApiError::ks_refusal_not_found(&args.request_id))?;
        Ok(KsRefusal {
            request_id: refusal.request_id.into(),
            at: refusal.at.into(),
            service: refusal.service.into(),
            action: refusal.action.into(),
            code: refusal.code.into(),
            check: refusal.reason.into(),
            explanation: refusal.detail.into(),
            user_id: refusal.user_id.into(),
            session_hash: refusal.session_hash.map(|hash| hash.to_string()).into(),
        })
    }
    async fn explain_access(&self, call: &Call<'_>, args: ExplainAccess) -> Result<KsAccess, ApiError> {
        let subject = match args.subject {
            // What is no number is the id of no category.
            KsAccessSubject::Category => Subject::Category(CategoryId::new(args.object_id.trim().parse().unwrap_or(0))),
            KsAccessSubject::Entry => Subject::Entry(EntryId::new(args.object_id)),
        };
        let session = Imagined {
            user_id: args.user_id,
            is_admin: args.r#type == SessionType::Admin,
            privileges: args.privileges,
        };
        let told = call.node.explain_access(call.account()?, &session, &subject).await?;
        Ok(KsAccess {
            visible: told.is_visible.into(),
            listed: told.is_listed.into(),
            enforced: told.is_enforced.into(),
            rule: told.rule.to_owned().into(),
            explanation: told.explanation.into(),
        })
    }
}
