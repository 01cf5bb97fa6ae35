//! What may be written into an entry, and how that is kept.

use ks_schema::read::NO_TIME;
use ks_schema::{ApiError, EntryId};
use ks_store::Entry;

use super::owner::Caller;
use crate::user::sent::{Said, Sent};

/// Properties without a column: kept as sent, under their names.
const KEPT: [&str; 17] = [
    "multiLingual_name",
    "multiLingual_description",
    "multiLingual_tags",
    "partnerData",
    "licenseType",
    "operationAttributes",
    "templateEntryId",
    "application",
    "applicationVersion",
    "blockAutoTranscript",
    "conversionQuality",
    "sourceVersion",
    "searchProviderType",
    "searchProviderId",
    "creditUserName",
    "creditUrl",
    "streams",
];

/// What decides who sees an entry, and what a child has from its parent.
const OF_PARENT: [&str; 5] = ["categories", "categoriesIds", "accessControlId", "startDate", "endDate"];

/// `KalturaEntryDisplayInSearchType`: in the recycle bin.
pub(super) const RECYCLED: i64 = -2;

/// Refuses what only administrators set; what is sent as it is kept is no change. `stored`: the entry as it is.
pub(super) fn check_admin_only(sent: &Sent, stored: Option<&Entry>, caller: &Caller<'_>) -> Result<(), ApiError> {
    if caller.is_admin {
        return Ok(());
    }
    let refused = |name: &str| Err(ApiError::property_validation_admin_property(name));
    let tags = stored.and_then(|entry| entry.admin_tags.as_deref()).unwrap_or("");
    if let Some(said) = sent.said("adminTags") {
        let wanted = if *said == Said::Null { "" } else { sent.text("adminTags").unwrap_or("") };
        if wanted != tags && !caller.may("editadmintags", "*") {
            return refused("adminTags");
        }
    }
    for (name, kept) in
        [("startDate", stored.and_then(|entry| entry.start_date)), ("endDate", stored.and_then(|entry| entry.end_date))]
    {
        if sent.said(name).is_some() && date(sent, name) != kept {
            return refused(name);
        }
    }
    Ok(())
}

/// A date that was sent; none for null and for the number that stands for it.
fn date(sent: &Sent, name: &str) -> Option<i64> {
    sent.int(name).filter(|date| *date != NO_TIME && *date != 0)
}

/// What does not depend on other objects. `after` is the entry with what was sent.
pub(super) fn check(sent: &Sent, after: &Entry) -> Result<(), ApiError> {
    if let (Some(start), Some(end)) = (after.start_date, after.end_date)
        && end < start
        && (sent.said("startDate").is_some() || sent.said("endDate").is_some())
    {
        return Err(ApiError::invalid_entry_schedule_dates());
    }
    // There is an action for that.
    if sent.int("displayInSearch") == Some(RECYCLED) && after.display_in_search != RECYCLED {
        return Err(ApiError::entry_display_in_search_value_not_allowed(RECYCLED));
    }
    Ok(())
}

/// The first of the properties that a child has from its parent among those that are sent.
pub(super) fn belongs_to_parent(sent: &Sent) -> bool {
    OF_PARENT.iter().any(|name| match sent.said(name) {
        None | Some(Said::Null) => false,
        Some(Said::Value(value)) => value.as_str() != Some("") && value.as_i64() != Some(NO_TIME),
    })
}

/// Applies what a request says. Owner, co-users and categories are no part of this.
pub(super) fn apply(sent: &Sent, entry: &mut Entry) {
    for (name, said) in sent.all() {
        let text = match said {
            Said::Value(value) => value.as_str().map(str::to_owned),
            Said::Null => None,
        };
        let some = |text: Option<String>| text.filter(|text| !text.is_empty());
        let number = sent.int(name);
        match name {
            "name" => entry.name = text.unwrap_or_default(),
            "description" => entry.description = text,
            "tags" => entry.tags = text,
            "adminTags" => entry.admin_tags = text,
            "type" => entry.kind = text.unwrap_or_else(|| entry.kind.clone()),
            "groupId" => entry.group_id = number,
            "accessControlId" => entry.access_control_id = number,
            "startDate" => entry.start_date = date(sent, name),
            "endDate" => entry.end_date = date(sent, name),
            "referenceId" => entry.reference_id = some(text),
            "partnerSortValue" => entry.partner_sort_value = number.unwrap_or(0),
            "conversionProfileId" => entry.conversion_profile_id = number,
            "redirectEntryId" => entry.redirect_entry_id = some(text).map(EntryId::new),
            "parentEntryId" => entry.parent_entry_id = some(text).map(EntryId::new),
            "displayInSearch" if number != Some(RECYCLED) => entry.display_in_search = number.unwrap_or(0),
            "msDuration" => {
                entry.ms_duration = number.filter(|length| *length >= 0);
                entry.duration = entry.ms_duration.map(|length| length / 1000);
            }
            "mediaType" => entry.media_type = number,
            "sourceType" => entry.source_type = text,
            _ if KEPT.contains(&name) => match said {
                Said::Value(value) => {
                    entry.properties.insert(name.to_owned(), value.clone());
                }
                Said::Null => {
                    entry.properties.shift_remove(name);
                }
            },
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use ks_schema::generated::classes::{BaseEntry, MediaEntry};
    use ks_schema::{Field, PartnerId};
    use ks_token::Privileges;

    use super::*;

    const USER: Caller<'_> = Caller { is_admin: false, user: Some("ann"), privileges: None };

    fn entry() -> Entry {
        Entry::new(EntryId::new("0_x"), PartnerId::new(7), "1", 5)
    }

    #[test]
    fn administrators_set_admin_tags_and_dates() {
        let tags = Sent::of(&BaseEntry { admin_tags: "a".to_owned().into(), ..BaseEntry::default() });
        let error = |name: &str| ApiError::property_validation_admin_property(name);
        assert_eq!(check_admin_only(&tags, None, &USER).unwrap_err(), error("adminTags"));
        assert!(check_admin_only(&tags, None, &Caller { is_admin: true, ..USER }).is_ok());
        for (text, allowed) in [("editadmintags:*", true), ("editadmintags:a", false), ("xeditadmintags:*", false)] {
            let privileges = Privileges::from_text(text);
            let caller = Caller { privileges: Some(&privileges), ..USER };
            assert_eq!(check_admin_only(&tags, None, &caller).is_ok(), allowed, "{text}");
        }
        let kept = Entry { admin_tags: Some("a".to_owned()), start_date: Some(9), ..entry() };
        assert!(check_admin_only(&tags, Some(&kept), &USER).is_ok());
        let same = Sent::of(&BaseEntry { start_date: Field::Set(9), ..BaseEntry::default() });
        assert!(check_admin_only(&same, Some(&kept), &USER).is_ok());
        let cleared = Sent::of(&BaseEntry { start_date: Field::Set(-1), ..BaseEntry::default() });
        assert_eq!(check_admin_only(&cleared, Some(&kept), &USER).unwrap_err(), error("startDate"));
    }

    #[test]
    fn what_is_sent_is_kept() {
        let sent = Sent::of(&MediaEntry {
            name: "n".to_owned().into(),
            start_date: Field::Set(-1),
            end_date: Field::Set(100),
            ms_duration: Field::Set(61_500),
            reference_id: String::new().into(),
            credit_url: "https://example.com".to_owned().into(),
            ..MediaEntry::default()
        });
        let mut after = Entry { start_date: Some(5), reference_id: Some("r".to_owned()), ..entry() };
        apply(&sent, &mut after);
        assert_eq!((after.name.as_str(), after.start_date, after.end_date), ("n", None, Some(100)));
        assert_eq!((after.duration, after.ms_duration, after.reference_id.as_deref()), (Some(61), Some(61_500), None));
        assert_eq!(after.properties["creditUrl"], "https://example.com");
        assert!(check(&sent, &after).is_ok());
        after.start_date = Some(101);
        assert_eq!(check(&sent, &after).unwrap_err(), ApiError::invalid_entry_schedule_dates());
    }
}
