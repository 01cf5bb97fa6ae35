//! What the services `baseEntry` and `media` do. Both work on the same entries, so what an action does stands here once;
//! `media` sees those of the type MEDIA_CLIP only.

mod add;
mod categories;
mod co_users;
mod content;
mod context;
mod copy;
mod describe;
mod fields;
mod filter;
mod list;
mod moderation;
mod owner;
mod recycle;
mod thumbnail;
mod update;

use ks_access::entitlement::Viewer;
use ks_schema::generated::classes::AnyBaseEntry;
use ks_schema::{ApiError, EntryId};
use ks_store::{AssignFault, Entry, StoreError};

use crate::call::{Call, database_error};
use owner::{Caller, Gate, Standing};

pub(crate) use add::{add, check_media};
pub(crate) use content::{Content, add_content, add_from, update_content};
pub(crate) use context::context_data;
pub(crate) use copy::copy;
pub(crate) use describe::as_media;
pub(crate) use list::{by_ids, by_reference_id, count, list};
pub(crate) use moderation::{approve, flag, list_flags, rank, reject};
pub(crate) use recycle::{delete, recycle, restore};
pub(crate) use thumbnail::{from_entry as thumbnail_from_entry, from_url as thumbnail_from_url};
pub(crate) use update::update;

/// `KalturaEntryType`: media.
pub(crate) const MEDIA_CLIP: &str = "1";
/// `KalturaEntryType`: not known before there is content.
const AUTOMATIC: &str = "-1";
/// `KalturaEntryStatus`: lists show it.
const READY: i64 = 2;
/// `KalturaEntryStatus`: content is yet to be named.
const NO_CONTENT: i64 = 7;

/// Which entries a service knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// All.
    Any,
    /// Media.
    Media,
}

impl Kind {
    fn has(self, entry: &Entry) -> bool {
        self == Self::Any || entry.kind == MEDIA_CLIP
    }
}

/// An entry that the session sees (§6.3).
pub(crate) async fn visible(call: &Call<'_>, kind: Kind, id: &str) -> Result<Entry, ApiError> {
    let found = call.visible_entry(&EntryId::new(id)).await?;
    found.filter(|entry| kind.has(entry)).ok_or_else(|| ApiError::entry_id_not_found(id))
}

/// One entry, as clients see it.
pub(crate) async fn get(call: &Call<'_>, kind: Kind, id: &str) -> Result<AnyBaseEntry, ApiError> {
    describe::one(call, &visible(call, kind, id).await?).await
}

/// An entry that the session may change, left as it is.
pub(crate) async fn unchanged(call: &Call<'_>, kind: Kind, id: &str) -> Result<AnyBaseEntry, ApiError> {
    describe::one(call, &changeable(call, kind, id, Gate::Edit).await?.0).await
}

/// Refuses an entry that is not ready.
pub(crate) async fn check_ready(call: &Call<'_>, id: &str) -> Result<(), ApiError> {
    let entry = visible(call, Kind::Any, id).await?;
    if entry.status == READY { Ok(()) } else { Err(ApiError::entry_not_ready(id)) }
}

/// An entry that the session may change, and how it stands to it.
async fn changeable(call: &Call<'_>, kind: Kind, id: &str, gate: Gate) -> Result<(Entry, Standing), ApiError> {
    let entry = visible(call, kind, id).await?;
    let standing = standing(call.viewer().await?, &caller(call), &entry);
    if !owner::may_change(&caller(call), entry.id.as_str(), standing, gate) {
        return Err(owner::wrong_session());
    }
    Ok((entry, standing))
}

fn caller<'a>(call: &'a Call<'_>) -> Caller<'a> {
    Caller::of(call.session.map(|session| &session.ks))
}

/// How an entry stands to who calls (§6.1): groups of any kind count.
fn standing(viewer: &Viewer, caller: &Caller<'_>, entry: &Entry) -> Standing {
    let named = entry.owner_id.as_ref().zip(caller.user).is_some_and(|(owner, user)| owner::same(owner.as_str(), user));
    let held = |number: i64| viewer.holders().any(|holder| holder.get() == number);
    let owns = named || entry.owner.is_some_and(|owner| held(owner.get()));
    Standing { owns, edits: owns || entry.co_users.edit.iter().any(|(user, _)| held(user.get())) }
}

/// What a change of an entry answers when the store does not make it.
fn change_error(error: &AssignFault, id: &str) -> ApiError {
    match error {
        AssignFault::Full => ApiError::max_categories_for_entry_reached(categories::MOST),
        AssignFault::NotFound | AssignFault::Store(StoreError::NotFound(_)) => ApiError::entry_id_not_found(id),
        AssignFault::Store(other) => database_error(other),
        _ => ApiError::internal_database_error(),
    }
}

/// A new id: the number of the data centre, and eight letters and digits.
fn fresh_id(call: &Call<'_>) -> EntryId {
    EntryId::new(format!("0_{}", call.base36::<8>()))
}
