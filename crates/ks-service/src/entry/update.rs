//! `baseEntry.update` and `media.update`.

use ks_access::Use;
use ks_schema::generated::classes::AnyBaseEntry;
use ks_schema::write::check_update;
use ks_schema::{ApiError, UserId};
use ks_store::{Entry, EntryPeople};

use super::owner::{self, Gate, Owner};
use super::{Kind, MEDIA_CLIP, caller, categories, change_error, changeable, co_users, describe, fields, visible};
use crate::call::Call;
use crate::guard::writable;
use crate::user::sent::Sent;

pub(crate) async fn update(
    call: &Call<'_>,
    kind: Kind,
    id: &str,
    sent: AnyBaseEntry,
) -> Result<AnyBaseEntry, ApiError> {
    let (before, standing) = changeable(call, kind, id, Gate::Edit).await?;
    let said = Sent::of(&sent);
    let caller = caller(call);
    let owner = owner::of_changed(said.text("userId"), before.owner_id.as_ref().map(UserId::as_str), &caller)?;
    co_users::check_owner(&said, &before.co_users, &caller, standing)?;
    fields::check_admin_only(&said, Some(&before), &caller)?;
    let sent = writable(call, sent, Use::Update);
    check_update(&sent, &describe::one(call, &before).await?)?;
    let said = Sent::of(&sent);
    let mut after = before.clone();
    fields::apply(&said, &mut after);
    if after.kind != before.kind && after.kind != MEDIA_CLIP {
        return Err(ApiError::entry_type_not_supported(&after.kind));
    }
    fields::check(&said, &after)?;
    check_relatives(call, &said, &after).await?;
    let places = categories::wanted(call, &said).await?;

    let mut people = EntryPeople::default();
    if let Owner::Other(id) = owner {
        if !id.is_empty() {
            co_users::check_person(call, id, "userId").await?;
        }
        people.owner = Some((!id.is_empty()).then(|| UserId::new(id)));
    }
    co_users::apply(call, &said, &before.co_users, &mut people).await?;
    let change = move |entry: &mut Entry| fields::apply(&said, entry);
    let changed = call.store().update_entry(before.partner_id, before.id, people, places, call.now, change).await;
    describe::one(call, &changed.map_err(|error| change_error(&error, id))?).await
}

/// Looks at the other entries that an entry names.
pub(super) async fn check_relatives(call: &Call<'_>, sent: &Sent, after: &Entry) -> Result<(), ApiError> {
    if let Some(parent) = &after.parent_entry_id {
        if sent.said("parentEntryId").is_some() {
            let missing = |_| ApiError::parent_entry_id_not_found(parent);
            let above = visible(call, Kind::Any, parent.as_str()).await.map_err(missing)?;
            if *parent == after.id || above.parent_entry_id.as_ref() == Some(&after.id) {
                return Err(ApiError::cycle_in_parentage());
            }
        }
        if fields::belongs_to_parent(sent) && !call.viewer().await?.account.ignores_parents {
            return Err(ApiError::assigning_info_to_entry_with_parent_is_forbidden(&after.id));
        }
    }
    if let Some(other) = sent.text("redirectEntryId").filter(|id| !id.is_empty()) {
        visible(call, Kind::Any, other).await?;
    }
    Ok(())
}
