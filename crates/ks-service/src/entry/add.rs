//! `baseEntry.add` and `media.add`: an entry without content.

use ks_access::Use;
use ks_schema::generated::classes::{AnyBaseEntry, MediaEntry};
use ks_schema::write::check_insert;
use ks_schema::{ApiError, UserId};
use ks_store::{Entry, EntryPeople};

use super::owner::{self, Owner};
use super::visible;
use super::{
    AUTOMATIC, Kind, MEDIA_CLIP, caller, categories, change_error, co_users, describe, fields, fresh_id, update,
};
use crate::call::Call;
use crate::guard::writable;
use crate::user::sent::Sent;

/// Makes an entry. `kind` says what it is where the entry itself does not.
pub(crate) async fn add(call: &Call<'_>, sent: AnyBaseEntry, kind: &str) -> Result<AnyBaseEntry, ApiError> {
    describe::one(call, &made(call, sent, kind, |_| ()).await?).await
}

/// Refuses a media entry that does not say what kind of media it is.
pub(crate) fn check_media(entry: &MediaEntry) -> Result<(), ApiError> {
    if entry.media_type.get().is_none() {
        return Err(ApiError::property_validation_cannot_be_null("KalturaMediaEntry::mediaType"));
    }
    Ok(())
}

/// Makes an entry, and does to it what an action does besides.
pub(super) async fn made(
    call: &Call<'_>,
    sent: AnyBaseEntry,
    kind: &str,
    besides: impl FnOnce(&mut Entry),
) -> Result<Entry, ApiError> {
    let partner = call.account()?.partner.id;
    let is_media = matches!(sent, AnyBaseEntry::MediaEntry(_));
    let said = Sent::of(&sent);
    let caller = caller(call);
    let owner = owner::of_new(said.text("userId"), &caller)?;
    let creator = owner::of_new(said.text("creatorId"), &caller)?;
    fields::check_admin_only(&said, None, &caller)?;
    let sent = writable(call, sent, Use::Insert);
    check_insert(&sent)?;
    let said = Sent::of(&sent);

    let mut entry = Entry::new(fresh_id(call), partner, kind, call.now);
    if let Some(template) = said.text("templateEntryId").filter(|id| !id.is_empty()) {
        begin_like(&mut entry, visible(call, Kind::Any, template).await?);
    }
    fields::apply(&said, &mut entry);
    if is_media {
        MEDIA_CLIP.clone_into(&mut entry.kind);
    } else if said.text("type").is_none_or(|sent| sent == AUTOMATIC) {
        kind.clone_into(&mut entry.kind);
    }
    if entry.kind != MEDIA_CLIP && entry.kind != AUTOMATIC {
        return Err(ApiError::entry_type_not_supported(&entry.kind));
    }
    if entry.name.is_empty() {
        entry.name = format!("{partner}_{}", call.now);
    }
    entry.properties.entry("licenseType").or_insert_with(|| UNKNOWN_LICENCE.into());
    fields::check(&said, &entry)?;
    update::check_relatives(call, &said, &entry).await?;
    let places = categories::wanted(call, &said).await?;

    let own = caller.user.map(str::to_owned);
    let owner = match owner {
        Owner::Same => own,
        Owner::Other(id) => {
            co_users::check_person(call, id, "userId").await?;
            Some(id.to_owned())
        }
    };
    let creator = match creator {
        Owner::Same if said.text("creatorId").is_some_and(|id| !id.is_empty()) => caller.user.map(str::to_owned),
        Owner::Same => owner.clone(),
        Owner::Other(id) => {
            co_users::check_person(call, id, "creatorId").await?;
            Some(id.to_owned())
        }
    };
    let mut people = EntryPeople {
        owner: Some(owner.map(UserId::new)),
        creator: Some(creator.map(UserId::new)),
        ..EntryPeople::default()
    };
    co_users::apply(call, &said, &entry.co_users, &mut people).await?;
    besides(&mut entry);
    let id = entry.id.clone();
    let added = call.store().add_entry(entry, people, places, call.now).await;
    added.map_err(|error| change_error(&error, id.as_str()))
}

/// `KalturaLicenseType`.
const UNKNOWN_LICENCE: i64 = -1;

/// What an entry has from its template. Who may do what with it is its own.
fn begin_like(entry: &mut Entry, template: Entry) {
    const KEPT: [&str; 2] = ["partnerData", "licenseType"];
    entry.description = template.description;
    entry.tags = template.tags;
    entry.admin_tags = template.admin_tags;
    entry.access_control_id = template.access_control_id;
    entry.conversion_profile_id = template.conversion_profile_id;
    entry.start_date = template.start_date;
    entry.end_date = template.end_date;
    entry.media_type = template.media_type;
    for (name, value) in template.properties {
        if KEPT.contains(&name.as_str()) {
            entry.properties.insert(name, value);
        }
    }
}
