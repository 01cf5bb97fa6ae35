//! `categoryEntry.list`.

use ks_access::condition::Condition;
use ks_access::entitlement::permission;
use ks_access::entitlement::relation::PLACE_CATEGORY;
use ks_schema::generated::classes::CategoryEntryListResponse;
use ks_schema::generated::enums::AppearInListType;
use ks_schema::{ApiError, CategoryId, EntryId, Field, Out};

use super::describe;
use crate::call::{Call, database_error};
use crate::category::list::{is_within, numbers, terms};
use crate::category::visible;
use crate::generated::category_entry::List;
use crate::list::{Held, Lowered, lower, page, window};

/// What lists of assignments compare.
const HELD: [Held; 6] = [
    Held::number("categoryId", "category_id"),
    Held::text("entryId", "entry_id"),
    Held::number("createdAt", "created_at"),
    Held::text("categoryFullIds", "category_full_ids"),
    Held::number("status", "status"),
    Held::text("creatorUserId", "creator_puser_id"),
];

pub(super) async fn list(call: &Call<'_>, args: List) -> Result<CategoryEntryListResponse, ApiError> {
    let partner = call.account()?.partner.id;
    let filter = args.filter.unwrap_or_default();
    let viewer = call.viewer().await?;
    let text = |field: &Field<String>| field.get().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let (entry, entries) = (text(&filter.entry_id_equal), text(&filter.entry_id_in));
    let (category, categories) = (filter.category_id_equal.get().copied(), text(&filter.category_id_in));
    let by_entry = entry.is_some() || entries.is_some();
    let by_category = category.is_some() || categories.is_some();
    if !by_entry && !by_category && (viewer.is_enforced || !viewer.is_admin) {
        return Err(ApiError::must_filter_on_entry_or_category());
    }
    let mut seen = Condition::TRUE;
    if viewer.is_enforced {
        if let Some(id) = &entry
            && call.visible_entry(&EntryId::new(id)).await?.is_none()
        {
            return Err(ApiError::entry_id_not_found(id));
        }
        if let Some(id) = category {
            check_category(call, id).await?;
        }
        if let Some(ids) = &categories {
            check_categories(call, ids).await?;
        }
        // Of an entry nobody learns in which hidden categories it is.
        if by_entry {
            seen = Condition::related(PLACE_CATEGORY, call.category_scope().await?);
        }
    }
    let page = window(page(args.pager.as_ref()))?;
    let Lowered { condition, order } = lower(Some(filter), &HELD, |name, value| match (name, value) {
        ("entryIdEqual", Out::Text(id)) => Some(Condition::text("entry_id", id.trim())),
        ("categoryFullIdsStartsWith", Out::Text(path)) => Some(is_within("category_full_ids", path)),
        ("entryIdIn", Out::Text(ids)) => Some(Condition::texts("entry_id", terms(ids))),
        _ => None,
    });
    let found = call.node.store.category_entries(partner, seen.and(condition), &order, page).await;
    let (places, total) = found.map_err(|error| database_error(&error))?;
    Ok(CategoryEntryListResponse {
        total_count: i64::try_from(total).unwrap_or(i64::MAX).into(),
        objects: Field::Set(places.iter().map(describe).collect()),
    })
}

/// A category that only its members find shows its entries to those who may see them.
async fn check_category(call: &Call<'_>, id: i64) -> Result<(), ApiError> {
    let category = visible(call, id).await?;
    let hidden = category.appear_in_list != AppearInListType::PartnerOnly.value();
    if hidden && call.membership(&category, &[permission::VIEW]).await?.is_none() {
        return Err(ApiError::category_not_found(id));
    }
    Ok(())
}

/// All or nothing: every one of several categories must be seen.
async fn check_categories(call: &Call<'_>, ids: &str) -> Result<(), ApiError> {
    let mut wanted: Vec<CategoryId> = numbers(ids).map(CategoryId::new).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let found = call.visible_categories(&wanted).await?;
    if found.len() == wanted.len() && numbers(ids).count() == terms(ids).count() {
        return Ok(());
    }
    Err(ApiError::category_not_found(ids))
}
