//! `category.clone`.

use ks_schema::generated::classes;
use ks_schema::{ApiError, CategoryId};
use ks_store::Category;

use super::{describe, limits, refused, visible};
use crate::call::{Call, database_error, partner_id};
use crate::generated::category::Clone;

/// Copies a category of the session's own account, or of one that the session may enter; what an account has is nobody
/// else's to copy.
pub(super) async fn copy(call: &Call<'_>, args: Clone) -> Result<classes::Category, ApiError> {
    let account = call.account()?;
    let own = account.partner.id;
    let unknown = || ApiError::category_not_found(args.category_id);
    let from = partner_id(args.from_partner_id).ok_or_else(unknown)?;
    let source = if from == own {
        visible(call, args.category_id).await?
    } else {
        let session = call.session()?;
        let other = call.node.account(from).await?.ok_or_else(unknown)?;
        let visit = ks_access::Visit {
            from: session.ks.partner_id,
            into: from,
            parent: other.partner.parent_id,
            may_impersonate: session.account.partner.may_impersonate,
            is_admin: session.ks.is_admin(),
        };
        let found = call.node.store.category(from, CategoryId::new(args.category_id)).await;
        let found = found.map_err(|error| database_error(&error))?;
        found.filter(|_| visit.is_allowed()).ok_or_else(unknown)?
    };
    let parent = match args.parent_category_id {
        None | Some(0) => None,
        Some(id) => Some(visible(call, id).await?.id),
    };
    let limit = limits::rules(call).await?;
    let new = Category {
        partner_id: own,
        parent_id: parent,
        owner: None,
        owner_id: None,
        // At the root there is nobody to have members from.
        inheritance_type: if parent.is_some() { source.inheritance_type } else { 2 },
        // Collections are other categories of the account that this one came from.
        aggregation_categories: String::new(),
        ..source
    };
    let added = call.store().add_category(new, limit, call.now).await.map_err(|fault| refused(&fault))?;
    describe::one(call, added).await
}
