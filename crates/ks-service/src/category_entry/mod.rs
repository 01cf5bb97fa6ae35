//! The service `categoryEntry`.

mod change;
mod list;

use ks_schema::generated::classes;
use ks_schema::generated::enums::CategoryEntryStatus;
use ks_schema::{ApiError, CategoryId, EntryId, UserId};
use ks_store::{AssignFault, CategoryEntry, Entry};

use crate::call::{Call, database_error};
use crate::generated::category_entry::{Activate, Add, Delete, Index, List, Reject, Service, SyncPrivacyContext};

/// `KalturaCategoryEntryStatus`.
const PENDING: i64 = 1;
const ACTIVE: i64 = 2;
const REJECTED: i64 = 4;

/// Which entries are in which categories.
#[derive(Debug, Default)]
pub(crate) struct CategoryEntries;

impl Service for CategoryEntries {
    async fn add(&self, call: &Call<'_>, args: Add) -> Result<classes::CategoryEntry, ApiError> {
        change::add(call, args.category_entry).await
    }

    async fn delete(&self, call: &Call<'_>, args: Delete) -> Result<(), ApiError> {
        change::delete(call, args).await
    }

    async fn list(&self, call: &Call<'_>, args: List) -> Result<classes::CategoryEntryListResponse, ApiError> {
        list::list(call, args).await
    }

    /// Lists read the table itself, so there is no index that could be behind.
    async fn index(&self, call: &Call<'_>, args: Index) -> Result<i64, ApiError> {
        if call.viewer().await?.is_enforced {
            return Err(ApiError::cannot_index_object_when_entitlement_is_enable());
        }
        Ok(assignment(call, &args.entry_id, args.category_id).await?.id)
    }

    async fn activate(&self, call: &Call<'_>, args: Activate) -> Result<(), ApiError> {
        change::judge(call, &args.entry_id, args.category_id, ACTIVE).await
    }

    async fn reject(&self, call: &Call<'_>, args: Reject) -> Result<(), ApiError> {
        change::judge(call, &args.entry_id, args.category_id, REJECTED).await
    }

    async fn sync_privacy_context(&self, call: &Call<'_>, args: SyncPrivacyContext) -> Result<(), ApiError> {
        let entry = visible_entry(call, &args.entry_id).await?;
        let category = crate::category::visible(call, args.category_id).await?;
        let synced =
            call.store().sync_category_entry(category.partner_id, category.id, entry.id.clone(), call.now).await;
        synced.map(drop).map_err(|fault| refused(&fault, 0))
    }
}

/// An entry that the session sees.
async fn visible_entry(call: &Call<'_>, id: &str) -> Result<Entry, ApiError> {
    let found = call.visible_entry(&EntryId::new(id.trim())).await?;
    found.ok_or_else(|| ApiError::invalid_entry_id(id))
}

/// The assignment of an entry to a category of the account.
async fn assignment(call: &Call<'_>, entry: &str, category: i64) -> Result<CategoryEntry, ApiError> {
    let found = call.node.store.category_entry(&EntryId::new(entry.trim()), CategoryId::new(category)).await;
    let found = found.map_err(|error| database_error(&error))?;
    let partner = call.account()?.partner.id;
    found.filter(|place| place.partner_id == partner).ok_or_else(ApiError::entry_is_not_assigned_to_category)
}

/// What a change answers that the store refuses.
fn refused(fault: &AssignFault, most: i64) -> ApiError {
    match fault {
        AssignFault::NotFound => ApiError::entry_is_not_assigned_to_category(),
        AssignFault::Exists => ApiError::category_entry_already_exists(),
        AssignFault::Full => ApiError::max_categories_for_entry_reached(most),
        AssignFault::Store(error) => database_error(error),
        other => {
            tracing::error!(%other, "a change of an assignment failed");
            ApiError::internal_database_error()
        }
    }
}

fn describe(place: &CategoryEntry) -> classes::CategoryEntry {
    classes::CategoryEntry {
        category_id: place.category_id.get().into(),
        entry_id: place.entry_id.as_str().to_owned().into(),
        created_at: place.created_at.into(),
        category_full_ids: place.category_full_ids.clone().into(),
        status: CategoryEntryStatus::from_value(place.status).into(),
        creator_user_id: place.creator_id.as_ref().map(UserId::as_str).map(str::to_owned).into(),
    }
}
