//! `categories` and `categoriesIds`: an entry's places in categories that have no privacy context, as one text (§4.1).

use ks_access::condition::Condition;
use ks_access::entitlement::list::visible_categories;
use ks_access::entitlement::{DEFAULT, Viewer};
use ks_schema::{ApiError, UserId};
use ks_store::{Category, EntryPlace, EntryPlaces};

use super::caller;
use crate::call::{Call, database_error};
use crate::rights::words;
use crate::user::sent::{Said, Sent};

/// In how many categories an entry may be.
pub(super) const MOST: i64 = 32;
/// The same for accounts with the feature that lifts that.
const MOST_WITHOUT_LIMIT: i64 = 1000;

/// `KalturaCategoryEntryStatus`: waits for a moderator; there.
const PENDING: i64 = 1;
const ACTIVE: i64 = 2;

/// Whether the session gets to see these properties: in a context of its own there are none.
pub(super) async fn are_shown(call: &Call<'_>) -> Result<bool, ApiError> {
    let viewer = call.viewer().await?;
    Ok(viewer.context == DEFAULT && !viewer.account.many_categories)
}

/// In how many categories an entry of this account may be.
pub(super) fn most(viewer: &Viewer) -> i64 {
    if viewer.account.many_categories { MOST_WITHOUT_LIMIT } else { MOST }
}

/// How an entry comes into a category that has no members: under enforcement nobody is its moderator.
pub(super) fn status_in(viewer: &Viewer, category: &Category) -> i64 {
    let waits = category.moderation == Some(1) && (viewer.is_enforced || viewer.is_moderated);
    if waits { PENDING } else { ACTIVE }
}

/// Whether the session sees a category, and anybody may put entries into it.
pub(super) async fn is_open(call: &Call<'_>, category: &Category) -> Result<bool, ApiError> {
    const TO_ALL: i64 = 1;
    let seen = find(call, Condition::int("id", category.id.get())).await?;
    Ok(seen.is_some() && category.contribution_policy == TO_ALL)
}

/// The places that a request asks for. Where both properties are sent, the names win.
pub(super) async fn wanted(call: &Call<'_>, sent: &Sent) -> Result<Option<EntryPlaces>, ApiError> {
    let name = match (sent.said("categories"), sent.said("categoriesIds")) {
        (Some(_), _) => "categories",
        (None, Some(_)) => "categoriesIds",
        (None, None) => return Ok(None),
    };
    let text = match sent.said(name) {
        Some(Said::Value(_)) => sent.text(name).unwrap_or("").to_owned(),
        Some(Said::Null) | None => String::new(),
    };
    let viewer = call.viewer().await?;
    if viewer.context != DEFAULT {
        return Err(ApiError::entry_category_field_is_deprecated());
    }
    let most = most(viewer);
    let words: Vec<&str> = {
        let mut all: Vec<&str> = Vec::new();
        for word in words(&text) {
            if !all.contains(&word) {
                all.push(word);
            }
        }
        all
    };
    if i64::try_from(words.len()).unwrap_or(i64::MAX) > most {
        return Err(ApiError::max_categories_for_entry_reached(most));
    }
    let mut into = Vec::with_capacity(words.len());
    for word in words {
        let category = if name == "categories" { named(call, word).await? } else { numbered(call, word).await? };
        into.push(EntryPlace { category: category.id, status: status_in(viewer, &category) });
    }
    let by = caller(call).user.map(UserId::new);
    Ok(Some(EntryPlaces { into, leave_others: true, most, by }))
}

/// A category that the session sees, by its id.
async fn numbered(call: &Call<'_>, id: &str) -> Result<Category, ApiError> {
    let unknown = || ApiError::category_not_found(id);
    let number = id.parse::<i64>().map_err(|_| unknown())?;
    find(call, Condition::int("id", number)).await?.ok_or_else(unknown)
}

/// A category that the session sees, by its full name. Administrators get what there is not yet.
async fn named(call: &Call<'_>, full_name: &str) -> Result<Category, ApiError> {
    let partner = call.account()?.partner.id;
    let there = call.node.store.category_named(partner, full_name).await.map_err(|error| database_error(&error))?;
    if there.is_some() {
        let found = find(call, Condition::text("full_name", full_name)).await?;
        return found.ok_or_else(|| ApiError::category_not_permitted(full_name));
    }
    if !caller(call).is_admin {
        return Err(ApiError::property_validation_admin_property("categories"));
    }
    let made = crate::category::path(call, full_name).await?;
    let made = call.node.store.category(partner, made).await.map_err(|error| database_error(&error))?;
    made.ok_or_else(|| ApiError::category_not_found(full_name))
}

/// A live category that the session sees.
async fn find(call: &Call<'_>, condition: Condition) -> Result<Option<Category>, ApiError> {
    let partner = call.account()?.partner.id;
    let condition = condition.and(visible_categories(call.viewer().await?));
    call.node.store.find_category(partner, condition).await.map_err(|error| database_error(&error))
}
