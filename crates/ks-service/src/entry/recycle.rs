//! Deleting entries, and the recycle bin in front of that.

use ks_schema::ApiError;
use ks_schema::generated::classes::AnyBaseEntry;
use ks_store::{Entry, EntryPeople, StoreError};
use serde_json::Value as Json;

use super::fields::RECYCLED;
use super::owner::Gate;
use super::{Kind, NO_CONTENT, READY, change_error, changeable, describe};
use crate::call::{Call, database_error};

/// The feature of accounts that have a recycle bin.
const RECYCLE_BIN: &str = "FEATURE_RECYCLE_BIN";

/// Where an entry in the bin keeps how lists showed it before.
const BEFORE: &str = "displayInSearchBeforeRecycled";

/// With `media` co-editors may delete, with `baseEntry` they may not.
pub(crate) async fn delete(call: &Call<'_>, kind: Kind, id: &str) -> Result<(), ApiError> {
    let gate = if kind == Kind::Media { Gate::Edit } else { Gate::OwnerOnly };
    let (entry, _) = changeable(call, kind, id, gate).await?;
    let deleted = call.store().delete_entry(entry.partner_id, entry.id, call.now).await;
    deleted.map_err(|error| match error {
        StoreError::NotFound(_) => ApiError::entry_id_not_found(id),
        other => database_error(&other),
    })
}

pub(crate) async fn recycle(call: &Call<'_>, id: &str) -> Result<AnyBaseEntry, ApiError> {
    if !call.has_feature(RECYCLE_BIN).await? {
        return Err(ApiError::feature_recycle_bin_disabled());
    }
    let (entry, _) = changeable(call, Kind::Any, id, Gate::OwnerOnly).await?;
    if entry.display_in_search == RECYCLED || !matches!(entry.status, READY | NO_CONTENT) {
        return Err(ApiError::invalid_entry_status_for_recycle());
    }
    change(call, entry, |entry| {
        entry.properties.insert(BEFORE.to_owned(), entry.display_in_search.into());
        entry.display_in_search = RECYCLED;
    })
    .await
}

pub(crate) async fn restore(call: &Call<'_>, id: &str) -> Result<AnyBaseEntry, ApiError> {
    let (entry, _) = changeable(call, Kind::Any, id, Gate::OwnerOnly).await?;
    if entry.display_in_search != RECYCLED {
        return Err(ApiError::invalid_entry_status_for_restore());
    }
    change(call, entry, |entry| {
        let before = entry.properties.shift_remove(BEFORE);
        entry.display_in_search = before.as_ref().and_then(Json::as_i64).unwrap_or(0);
    })
    .await
}

async fn change(
    call: &Call<'_>,
    entry: Entry,
    change: impl FnOnce(&mut Entry) + Send + 'static,
) -> Result<AnyBaseEntry, ApiError> {
    let id = entry.id.clone();
    let people = EntryPeople::default();
    let changed = call.store().update_entry(entry.partner_id, entry.id, people, None, call.now, change).await;
    describe::one(call, &changed.map_err(|error| change_error(&error, id.as_str()))?).await
}
