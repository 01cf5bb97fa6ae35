//! The service `ks_audit` of the plugin `ks`.

use ks_schema::generated::classes::{KsAuditEntry, KsAuditEntryListResponse};
use ks_schema::{ApiError, Field, PartnerId};
use ks_store::AuditEntry;

use crate::call::{Call, database_error};
use crate::generated::ks_audit::{List, Service};
use crate::list::{Held, Lowered, lower, page};

/// What lists of changes compare.
const HELD: [Held; 10] = [
    Held::number("id", "id"),
    Held::number("createdAt", "at"),
    Held::text("action", "action"),
    Held::text("relatedObjectType", "object_type"),
    Held::text("relatedObjectId", "object_id"),
    Held::number("actorPartnerId", "actor_partner_id"),
    Held::text("userId", "user_id"),
    Held::text("sessionHash", "session_hash"),
    Held::text("address", "address"),
    Held::text("requestId", "request_id"),
];

/// The audit trail.
#[derive(Debug, Default)]
pub(crate) struct KsAudits;

impl Service for KsAudits {
    async fn list(&self, call: &Call<'_>, args: List) -> Result<KsAuditEntryListResponse, ApiError> {
        let partner = call.account()?.partner.id;
        let Lowered { condition, order } = lower(args.filter, &HELD, |_, _| None);
        let page = page(args.pager.as_ref());
        let found = call.node.store.audit(Some(partner), condition, &order, page).await;
        let (entries, total) = found.map_err(|error| database_error(&error))?;
        Ok(KsAuditEntryListResponse {
            total_count: i64::try_from(total).unwrap_or(i64::MAX).into(),
            objects: Field::Set(entries.into_iter().map(describe).collect()),
        })
    }
}

fn describe(entry: AuditEntry) -> KsAuditEntry {
    KsAuditEntry {
        id: entry.id.into(),
        created_at: entry.at.into(),
        partner_id: i64::from(entry.partner_id.get()).into(),
        action: entry.action.into(),
        related_object_type: entry.object_type.into(),
        related_object_id: entry.object_id.into(),
        actor_partner_id: entry.actor_partner_id.map(PartnerId::get).map(i64::from).into(),
        user_id: entry.user_id.into(),
        session_hash: entry.session_hash.into(),
        address: entry.address.into(),
        request_id: entry.request_id.into(),
        detail: entry.detail.into(),
    }
}
