//! Entries as clients see them: a media entry where it is one, whichever service is asked.

use std::collections::HashMap;

use ks_schema::generated::classes::{AnyBaseEntry, BaseEntry, MediaEntry};
use ks_schema::generated::enums::{
    DurationType, EntryDisplayInSearchType, EntryModerationStatus, EntryReplacementStatus, EntryStatus, EntryType,
    MediaType, SourceType,
};
use ks_schema::read::{ReadContext, ReadObject};
use ks_schema::{ApiError, EntryId, UserId};
use ks_store::{CoUsers, Entry, LegacyCategory};

use super::{MEDIA_CLIP, categories};
use crate::call::{Call, database_error};
use crate::user::sent::to_map;

/// Below this many seconds a medium is short, and from the second number on it is long.
const SHORT: i64 = 4 * 60;
const LONG: i64 = 20 * 60;

/// What all entries have.
macro_rules! common {
    ($object:ident, $entry:ident, $categories:ident) => {
        $object.id = $entry.id.as_str().to_owned().into();
        $object.name = $entry.name.clone().into();
        $object.description = $entry.description.clone().into();
        $object.partner_id = i64::from($entry.partner_id.get()).into();
        $object.user_id = text($entry.owner_id.as_ref()).into();
        $object.creator_id = text($entry.creator_id.as_ref()).into();
        $object.tags = $entry.tags.clone().into();
        $object.admin_tags = $entry.admin_tags.clone().into();
        if let Some(categories) = $categories {
            $object.categories = joined(categories.iter().map(|category| category.full_name.clone())).into();
            $object.categories_ids = joined(categories.iter().map(|category| category.id.to_string())).into();
        }
        $object.status = EntryStatus::from_value(&$entry.status.to_string()).into();
        $object.moderation_status = EntryModerationStatus::from_value($entry.moderation_status).into();
        $object.moderation_count = $entry.moderation_count.into();
        $object.r#type = EntryType::from_value(&$entry.kind).into();
        $object.created_at = $entry.created_at.into();
        $object.updated_at = $entry.updated_at.into();
        $object.rank = (f64::from(i32::try_from($entry.rank).unwrap_or(i32::MAX)) / 1000.0).into();
        $object.total_rank = $entry.total_rank.into();
        $object.votes = $entry.votes.into();
        $object.group_id = $entry.group_id.into();
        $object.search_text = search_text($entry).into();
        $object.access_control_id = $entry.access_control_id.into();
        $object.start_date = $entry.start_date.into();
        $object.end_date = $entry.end_date.into();
        $object.reference_id = $entry.reference_id.clone().into();
        $object.replacing_entry_id = id($entry.replacing_entry_id.as_ref()).into();
        $object.replaced_entry_id = id($entry.replaced_entry_id.as_ref()).into();
        let replacement = $entry.replacement_status.as_deref().unwrap_or(NOT_REPLACED);
        $object.replacement_status = EntryReplacementStatus::from_value(replacement).into();
        $object.partner_sort_value = $entry.partner_sort_value.into();
        $object.conversion_profile_id = $entry.conversion_profile_id.into();
        $object.redirect_entry_id = id($entry.redirect_entry_id.as_ref()).into();
        $object.root_entry_id = $entry.root_entry_id.as_ref().unwrap_or(&$entry.id).as_str().to_owned().into();
        $object.parent_entry_id = id($entry.parent_entry_id.as_ref()).into();
        let CoUsers { edit, publish, view } = &$entry.co_users;
        let [edit, publish, view] =
            [edit, publish, view].map(|users| joined(users.iter().map(|(_, user)| user.to_string())));
        $object.entitled_users_edit = edit.into();
        $object.entitled_users_publish = publish.into();
        $object.entitled_users_view = view.into();
        $object.display_in_search = EntryDisplayInSearchType::from_value($entry.display_in_search).into();
    };
}

/// `KalturaEntryReplacementStatus`: nothing waits.
const NOT_REPLACED: &str = "0";

/// One entry.
pub(super) async fn one(call: &Call<'_>, entry: &Entry) -> Result<AnyBaseEntry, ApiError> {
    many(call, std::slice::from_ref(entry)).await?.pop().ok_or_else(ApiError::internal_serverl_error)
}

/// Several entries, in their order.
pub(super) async fn many(call: &Call<'_>, entries: &[Entry]) -> Result<Vec<AnyBaseEntry>, ApiError> {
    let categories = if categories::are_shown(call).await? {
        let ids: Vec<EntryId> = entries.iter().map(|entry| entry.id.clone()).collect();
        Some(call.node.store.legacy_categories(&ids).await.map_err(|error| database_error(&error))?)
    } else {
        None
    };
    entries.iter().map(|entry| describe(entry, categories.as_ref())).collect()
}

fn describe(
    entry: &Entry,
    categories: Option<&HashMap<EntryId, Vec<LegacyCategory>>>,
) -> Result<AnyBaseEntry, ApiError> {
    let context = ReadContext { time_base: 0 };
    let mut kept = to_map(&entry.properties);
    let none = Vec::new();
    let categories = categories.map(|all| all.get(&entry.id).unwrap_or(&none));
    if entry.kind != MEDIA_CLIP {
        let mut object = BaseEntry::read_object(&mut kept, &context)?;
        common!(object, entry, categories);
        return Ok(object.into());
    }
    let mut object = MediaEntry::read_object(&mut kept, &context)?;
    common!(object, entry, categories);
    object.plays = entry.plays.into();
    object.views = entry.views.into();
    object.last_played_at = entry.last_played_at.into();
    object.duration = entry.duration.unwrap_or(0).into();
    object.ms_duration = entry.ms_duration.unwrap_or(0).into();
    object.duration_type = duration_type(entry.duration).into();
    object.media_type = entry.media_type.and_then(MediaType::from_value).into();
    object.source_type = entry.source_type.as_deref().and_then(SourceType::from_value).into();
    object.media_date = entry.media_date.into();
    Ok(object.into())
}

/// What a media entry is, seen as one.
pub(crate) fn as_media(entry: AnyBaseEntry) -> Result<MediaEntry, ApiError> {
    match entry {
        AnyBaseEntry::MediaEntry(media) => Ok(*media),
        AnyBaseEntry::BaseEntry(_) | AnyBaseEntry::PlayableEntry(_) => Err(ApiError::internal_serverl_error()),
    }
}

/// What free text finds an entry by, beside its numbers.
fn search_text(entry: &Entry) -> String {
    let texts = [Some(entry.name.as_str()), entry.tags.as_deref(), entry.description.as_deref()];
    texts.into_iter().flatten().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ")
}

fn duration_type(seconds: Option<i64>) -> DurationType {
    match seconds {
        None | Some(0) => DurationType::NotAvailable,
        Some(seconds) if seconds < SHORT => DurationType::Short,
        Some(seconds) if seconds < LONG => DurationType::Medium,
        Some(_) => DurationType::Long,
    }
}

fn text(user: Option<&UserId>) -> Option<String> {
    user.map(|user| user.as_str().to_owned())
}

fn id(entry: Option<&EntryId>) -> Option<String> {
    entry.map(|entry| entry.as_str().to_owned())
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(",")
}
