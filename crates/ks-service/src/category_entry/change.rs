//! `categoryEntry.add`, `delete`, `activate` and `reject`.

use ks_access::entitlement::{level, permission};
use ks_schema::generated::classes;
use ks_schema::generated::enums::{ContributionPolicyType, NullableBoolean};
use ks_schema::write::check_insert;
use ks_schema::{ApiError, UserId};
use ks_store::{Category, Entry, KuserId, NewCategoryEntry};

use super::{ACTIVE, PENDING, assignment, describe, refused, visible_entry};
use crate::call::Call;
use crate::category::{limits, visible};
use crate::generated::category_entry::Delete;

/// The feature of an account whose moderators do not let in what they put there themselves.
const NO_SELF_APPROVAL: &str = "FEATURE_BLOCK_CATEGORY_MODERATION_SELF_APPROVE";

/// What the session's user is to an entry.
struct Stake {
    co_edits: bool,
    co_publishes: bool,
    made: bool,
}

async fn stake(call: &Call<'_>, entry: &Entry) -> Result<Stake, ApiError> {
    let viewer = call.viewer().await?;
    let holds = |user: &KuserId| viewer.holders().any(|holder| holder.get() == user.get());
    let among = |list: &[(KuserId, UserId)]| list.iter().any(|(user, _)| holds(user));
    let made = viewer.user.is_some_and(|user| entry.creator.is_some_and(|creator| creator.get() == user.get()));
    Ok(Stake {
        co_edits: entry.owner.as_ref().is_some_and(holds) || among(&entry.co_users.edit),
        co_publishes: among(&entry.co_users.publish),
        made,
    })
}

pub(super) async fn add(call: &Call<'_>, sent: classes::CategoryEntry) -> Result<classes::CategoryEntry, ApiError> {
    let needed = |name: &str| ApiError::property_validation_cannot_be_null(format!("KalturaCategoryEntry::{name}"));
    let category_id = *sent.category_id.get().ok_or_else(|| needed("categoryId"))?;
    let entry_id = sent.entry_id.get().filter(|id| !id.trim().is_empty()).ok_or_else(|| needed("entryId"))?;
    check_insert(&sent)?;
    let entry = visible_entry(call, entry_id).await?;
    let category = visible(call, category_id).await?;
    let viewer = call.viewer().await?;
    let most = limits::most_categories(call.account()?, viewer.account.many_categories, &category.privacy_contexts);
    let places = call.node.store.categories_of(&entry.id).await;
    let places = places.map_err(|error| crate::call::database_error(&error))?;
    let counted = places.iter().filter(|place| matches!(place.status, PENDING | ACTIVE)).count();
    if i64::try_from(counted).unwrap_or(i64::MAX) >= most {
        return Err(ApiError::max_categories_for_entry_reached(most));
    }
    check_contribution(call, &category, &entry).await?;
    if places.iter().any(|place| place.category_id == category.id && place.status == ACTIVE) {
        return Err(ApiError::category_entry_already_exists());
    }
    let status = if waits(call, &category).await? { PENDING } else { ACTIVE };
    let creator = match &call.session()?.ks.user_id {
        Some(id) if viewer.user.is_some() => crate::user::found(call, id).await?,
        Some(_) | None => None,
    };
    let new = NewCategoryEntry {
        partner_id: category.partner_id,
        category_id: category.id,
        entry_id: entry.id,
        status,
        creator: creator.as_ref().map(|user| user.id),
        creator_id: creator.map(|user| user.user_id.clone()),
        most,
    };
    let added = call.store().add_category_entry(new, call.now).await;
    added.map(|place| describe(&place)).map_err(|fault| refused(&fault, most))
}

/// Under entitlement, a category may take entries from members who may contribute only.
async fn check_contribution(call: &Call<'_>, category: &Category, entry: &Entry) -> Result<(), ApiError> {
    let open = category.contribution_policy == ContributionPolicyType::All.value();
    if open || !call.viewer().await?.is_enforced {
        return Ok(());
    }
    let refused = || {
        ApiError::cannot_assign_entry_to_category().because(
            "entitlement",
            "The session is under entitlement, and its user may not contribute to the category.",
            Some(category.partner_id),
        )
    };
    let held = call.membership(category, &[permission::VIEW]).await?.ok_or_else(refused)?;
    if held.level == level::MEMBER {
        return Err(refused());
    }
    let may = |name: &str| held.names.split(',').any(|held| held.trim() == name);
    if may(permission::EDIT) || may(permission::CONTRIBUTE) {
        return Ok(());
    }
    let stake = stake(call, entry).await?;
    if stake.co_edits || stake.made { Ok(()) } else { Err(refused()) }
}

/// Whether the session's user lets entries into a category, and keeps them out.
async fn moderates(call: &Call<'_>, category: &Category) -> Result<bool, ApiError> {
    let held = call.membership(category, &[permission::VIEW]).await?;
    Ok(held.is_some_and(|held| held.level <= level::MODERATOR))
}

/// Whether an entry that comes into a category waits for a moderator.
async fn waits(call: &Call<'_>, category: &Category) -> Result<bool, ApiError> {
    if category.moderation != Some(NullableBoolean::TrueValue.value()) {
        return Ok(false);
    }
    let viewer = call.viewer().await?;
    Ok(viewer.is_moderated
        || viewer.is_enforced && !moderates(call, category).await?
        || call.has_feature(NO_SELF_APPROVAL).await?)
}

pub(super) async fn delete(call: &Call<'_>, args: Delete) -> Result<(), ApiError> {
    // What the session does not see it hears nothing of, also not whether it is in a category.
    let entry = visible_entry(call, &args.entry_id).await?;
    let category = visible(call, args.category_id).await?;
    let place = assignment(call, &args.entry_id, args.category_id).await?;
    if call.viewer().await?.is_enforced {
        let stake = stake(call, &entry).await?;
        let manages = async {
            let held = call.membership(&category, &[permission::VIEW]).await?;
            Ok::<bool, ApiError>(held.is_some_and(|held| held.level == level::MANAGER))
        };
        if !(stake.co_edits || stake.made || stake.co_publishes || manages.await?) {
            return Err(ApiError::cannot_remove_entry_from_category());
        }
    }
    let deleted = call.store().delete_category_entry(category.partner_id, category.id, place.entry_id, call.now).await;
    deleted.map_err(|fault| refused(&fault, 0))
}

/// Lets an entry in that waits, or keeps one out.
pub(super) async fn judge(call: &Call<'_>, entry_id: &str, category_id: i64, status: i64) -> Result<(), ApiError> {
    visible_entry(call, entry_id).await?;
    let category = visible(call, category_id).await?;
    let place = assignment(call, entry_id, category_id).await?;
    if status == ACTIVE && place.status != PENDING {
        return Err(ApiError::entry_is_not_assigned_to_category());
    }
    let no_right = || {
        if status == ACTIVE {
            ApiError::cannot_activate_category_entry()
        } else {
            ApiError::cannot_reject_category_entry()
        }
    };
    let viewer = call.viewer().await?;
    if viewer.is_enforced && !moderates(call, &category).await? {
        return Err(no_right());
    }
    let own = viewer.user.is_some_and(|user| place.creator.is_some_and(|creator| creator.get() == user.get()));
    if viewer.is_enforced && status == ACTIVE && own && call.has_feature(NO_SELF_APPROVAL).await? {
        return Err(no_right());
    }
    if status != ACTIVE && place.status != PENDING {
        return Err(ApiError::cannot_reject_category_entry_since_it_is_not_pending());
    }
    let judged = call
        .store()
        .set_category_entry_status(category.partner_id, category.id, place.entry_id, status, call.now)
        .await;
    judged.map(drop).map_err(|fault| refused(&fault, 0))
}
