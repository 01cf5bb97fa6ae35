//! What moderators are told of entries, and what they decide; and ranks.

use ks_schema::generated::classes::{FilterPager, ModerationFlag, ModerationFlagListResponse};
use ks_schema::generated::enums::{ModerationFlagStatus, ModerationFlagType, ModerationObjectType};
use ks_schema::write::check_insert;
use ks_schema::{ApiError, Field, UserId};
use ks_store::{Entry, EntryPeople, StoreError};

use super::{Kind, caller, change_error, visible};
use crate::call::{Call, database_error};
use crate::list::page;

/// `KalturaEntryModerationStatus`.
const APPROVED: i64 = 2;
const REJECTED: i64 = 3;

/// The ranks that there are.
const RANKS: std::ops::RangeInclusive<i64> = 1..=5;

pub(crate) async fn flag(call: &Call<'_>, kind: Kind, sent: ModerationFlag) -> Result<(), ApiError> {
    check_insert(&sent)?;
    let Some(id) = sent.flagged_entry_id.get().filter(|id| !id.is_empty()) else {
        return Err(ApiError::property_validation_cannot_be_null("KalturaModerationFlag::flaggedEntryId"));
    };
    let entry = visible(call, kind, id).await?;
    let flag = ks_store::ModerationFlag {
        id: 0,
        partner_id: entry.partner_id,
        entry_id: entry.id,
        user_id: caller(call).user.map(UserId::new),
        is_settled: false,
        comments: sent.comments.into_option(),
        flag_type: sent.flag_type.get().map(|kind| kind.value()),
        created_at: call.now,
        updated_at: call.now,
    };
    call.store().flag_entry(flag, call.now).await.map_err(|error| gone(&error, id))
}

pub(crate) async fn approve(call: &Call<'_>, kind: Kind, id: &str) -> Result<(), ApiError> {
    decide(call, kind, id, APPROVED).await
}

pub(crate) async fn reject(call: &Call<'_>, kind: Kind, id: &str) -> Result<(), ApiError> {
    decide(call, kind, id, REJECTED).await
}

async fn decide(call: &Call<'_>, kind: Kind, id: &str, status: i64) -> Result<(), ApiError> {
    let entry = visible(call, kind, id).await?;
    let decided = call.store().moderate_entry(entry.partner_id, entry.id, status, call.now).await;
    decided.map_err(|error| gone(&error, id))
}

fn gone(error: &StoreError, id: &str) -> ApiError {
    match error {
        StoreError::NotFound(_) => ApiError::entry_id_not_found(id),
        other => database_error(other),
    }
}

pub(crate) async fn list_flags(
    call: &Call<'_>,
    kind: Kind,
    id: &str,
    pager: Option<&FilterPager>,
) -> Result<ModerationFlagListResponse, ApiError> {
    let entry = visible(call, kind, id).await?;
    let found = call.node.store.flags_of(&entry.id, page(pager)).await;
    let (flags, total) = found.map_err(|error| database_error(&error))?;
    Ok(ModerationFlagListResponse {
        total_count: i64::try_from(total).unwrap_or(i64::MAX).into(),
        objects: Field::Set(flags.into_iter().map(describe).collect()),
    })
}

fn describe(flag: ks_store::ModerationFlag) -> ModerationFlag {
    let status = if flag.is_settled { ModerationFlagStatus::Moderated } else { ModerationFlagStatus::Pending };
    ModerationFlag {
        id: flag.id.into(),
        partner_id: i64::from(flag.partner_id.get()).into(),
        user_id: flag.user_id.map(|user| user.as_str().to_owned()).into(),
        moderation_object_type: ModerationObjectType::Entry.into(),
        flagged_entry_id: flag.entry_id.as_str().to_owned().into(),
        flagged_user_id: Field::Absent,
        status: status.into(),
        comments: flag.comments.into(),
        flag_type: flag.flag_type.and_then(ModerationFlagType::from_value).into(),
        created_at: flag.created_at.into(),
        updated_at: flag.updated_at.into(),
    }
}

/// `anonymousRank`: each one counts, whoever gives it.
pub(crate) async fn rank(call: &Call<'_>, kind: Kind, id: &str, rank: i64) -> Result<(), ApiError> {
    let entry = visible(call, kind, id).await?;
    if !RANKS.contains(&rank) {
        return Err(ApiError::invalid_field_value("rank"));
    }
    let change = move |entry: &mut Entry| {
        entry.votes += 1;
        entry.total_rank += rank;
        entry.rank = entry.total_rank * 1000 / entry.votes;
    };
    let people = EntryPeople::default();
    let ranked = call.store().update_entry(entry.partner_id, entry.id, people, None, call.now, change).await;
    ranked.map(drop).map_err(|error| change_error(&error, id))
}
