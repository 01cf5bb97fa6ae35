//! Actions that name the picture of an entry. Nothing is fetched or made.

use ks_schema::ApiError;
use ks_schema::generated::classes::AnyBaseEntry;
use ks_store::{Entry, EntryPeople};
use serde_json::json;

use super::owner::Gate;
use super::{Kind, change_error, changeable, describe, visible};
use crate::call::Call;

/// An entry that the session may give a picture.
async fn mine(call: &Call<'_>, kind: Kind, id: &str) -> Result<Entry, ApiError> {
    visible(call, kind, id).await?;
    let found = changeable(call, kind, id, Gate::Edit).await;
    found.map(|(entry, _)| entry).map_err(|_| ApiError::permission_denied_to_update_entry())
}

/// The picture is at an address, which clients are then told.
pub(crate) async fn from_url(call: &Call<'_>, kind: Kind, id: &str, url: String) -> Result<AnyBaseEntry, ApiError> {
    let entry = mine(call, kind, id).await?;
    // Pages show it, so it must not be anything that runs.
    if !url.starts_with("https://") && !url.starts_with("http://") {
        return Err(ApiError::invalid_field_value("url"));
    }
    change(call, entry, move |entry| {
        entry.properties.insert("thumbnailUrl".to_owned(), url.into());
    })
    .await
}

/// The picture is a moment of an entry.
pub(crate) async fn from_entry(
    call: &Call<'_>,
    kind: Kind,
    id: &str,
    source: &str,
    offset: i64,
) -> Result<AnyBaseEntry, ApiError> {
    let entry = mine(call, kind, id).await?;
    let source = visible(call, Kind::Any, source).await?.id;
    change(call, entry, move |entry| {
        entry.properties.insert("thumbnail".to_owned(), json!({"entryId": source.as_str(), "timeOffset": offset}));
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
