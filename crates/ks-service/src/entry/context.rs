//! `baseEntry.getContextData`: whether an entry may be played now. Nothing restricts that but its schedule, since access
//! control profiles are not kept.

use ks_schema::generated::classes::{EntryContextDataParams, EntryContextDataResult};
use ks_schema::{ApiError, Field};
use ks_store::Entry;

use super::{Kind, caller, visible};
use crate::call::{Call, database_error};

/// A preview as long as the whole.
const ALL: i64 = -1;

pub(crate) async fn context_data(
    call: &Call<'_>,
    id: &str,
    params: EntryContextDataParams,
) -> Result<EntryContextDataResult, ApiError> {
    let entry = visible(call, Kind::Any, id).await?;
    if let Some(flavor) = params.flavor_asset_id.get().filter(|flavor| !flavor.is_empty()) {
        return Err(ApiError::flavor_asset_id_not_found(flavor));
    }
    let (caller, at) = (caller(call), params.time.get().copied().filter(|time| *time != 0).unwrap_or(call.now));
    let above = above(call, &entry).await?;
    Ok(EntryContextDataResult {
        is_site_restricted: false.into(),
        is_country_restricted: false.into(),
        is_session_restricted: false.into(),
        is_ip_address_restricted: false.into(),
        is_user_agent_restricted: false.into(),
        preview_length: ALL.into(),
        is_scheduled_now: (is_scheduled(above.as_ref().unwrap_or(&entry), at) || caller.may("sview", id)).into(),
        is_admin: caller.is_admin.into(),
        streamer_type: params.streamer_type,
        media_protocol: params.media_protocol,
        storage_profiles_xml: Field::Absent,
        access_control_messages: Field::Set(Vec::new()),
        access_control_actions: Field::Set(Vec::new()),
        flavor_assets: Field::Set(Vec::new()),
        ms_duration: entry.ms_duration.unwrap_or(0).into(),
        plugin_data: Field::Set(Default::default()),
        messages: Field::Set(Vec::new()),
        actions: Field::Set(Vec::new()),
    })
}

/// The entry whose schedule counts instead.
async fn above(call: &Call<'_>, entry: &Entry) -> Result<Option<Entry>, ApiError> {
    match &entry.parent_entry_id {
        Some(parent) if !call.viewer().await?.account.ignores_parents => {
            call.node.store.entry(entry.partner_id, parent).await.map_err(|error| database_error(&error))
        }
        _ => Ok(None),
    }
}

fn is_scheduled(entry: &Entry, at: i64) -> bool {
    entry.start_date.is_none_or(|start| start <= at) && entry.end_date.is_none_or(|end| end >= at)
}
