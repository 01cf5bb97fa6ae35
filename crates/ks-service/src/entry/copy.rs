//! `baseEntry.clone`.

use ks_schema::generated::classes::{AnyBaseEntry, AnyBaseEntryCloneOptionItem};
use ks_schema::generated::enums::{BaseEntryCloneOptions, CloneComponentSelectorType};
use ks_schema::{ApiError, UserId};
use ks_store::{Entry, EntryPeople, EntryPlace, EntryPlaces};

use super::{Kind, caller, categories, change_error, describe, fresh_id, visible};
use crate::call::{Call, database_error};

/// `KalturaCategoryEntryStatus`: there.
const ACTIVE: i64 = 2;

/// What a copy gets besides the entry itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Wanted {
    users: bool,
    categories: bool,
    access_control: bool,
}

impl Wanted {
    /// Everything, but what is excluded; only what is included, if something is.
    fn of(options: &[AnyBaseEntryCloneOptionItem]) -> Self {
        let named = |rule: CloneComponentSelectorType, item: BaseEntryCloneOptions| {
            options.iter().any(|option| {
                let AnyBaseEntryCloneOptionItem::BaseEntryCloneOptionComponent(option) = option;
                option.item_type.get() == Some(&item) && option.rule.get() == Some(&rule)
            })
        };
        let includes = options.iter().any(|option| {
            let AnyBaseEntryCloneOptionItem::BaseEntryCloneOptionComponent(option) = option;
            option.rule.get() == Some(&CloneComponentSelectorType::IncludeComponent)
        });
        let gets = |item: BaseEntryCloneOptions| {
            !named(CloneComponentSelectorType::ExcludeComponent, item)
                && (!includes || named(CloneComponentSelectorType::IncludeComponent, item))
        };
        Self {
            users: gets(BaseEntryCloneOptions::Users),
            categories: gets(BaseEntryCloneOptions::Categories),
            access_control: gets(BaseEntryCloneOptions::AccessControl),
        }
    }
}

/// Makes a copy of an entry: the session's user owns it, or who owns the entry where there is none.
pub(crate) async fn copy(
    call: &Call<'_>,
    id: &str,
    options: &[AnyBaseEntryCloneOptionItem],
) -> Result<AnyBaseEntry, ApiError> {
    let source = visible(call, Kind::Any, id).await?;
    let (wanted, caller) = (Wanted::of(options), caller(call));
    let owner = match caller.user {
        Some(user) => Some(UserId::new(user)),
        None if caller.is_admin => source.owner_id.clone(),
        None => None,
    };
    let places = if wanted.categories { Some(places(call, &source).await?) } else { None };
    let mut people = EntryPeople { owner: Some(owner.clone()), creator: Some(owner), ..EntryPeople::default() };
    // Who gives others a hand in an entry must have one in it.
    let may_name = caller.is_admin || source.owner_id == people.owner.clone().flatten();
    if wanted.users && may_name {
        let ids = |users: &[(ks_store::KuserId, UserId)]| Some(users.iter().map(|(_, user)| user.clone()).collect());
        people.edit = ids(&source.co_users.edit);
        people.publish = ids(&source.co_users.publish);
        people.view = ids(&source.co_users.view);
    }
    let mut copy = Entry::new(fresh_id(call), source.partner_id, &source.kind, call.now);
    copy.status = source.status;
    copy.name = source.name;
    copy.description = source.description;
    copy.tags = source.tags;
    copy.admin_tags = source.admin_tags;
    copy.display_in_search =
        if source.display_in_search == super::fields::RECYCLED { 0 } else { source.display_in_search };
    copy.redirect_entry_id = source.redirect_entry_id;
    copy.group_id = source.group_id;
    copy.access_control_id = source.access_control_id.filter(|_| wanted.access_control);
    copy.conversion_profile_id = source.conversion_profile_id;
    copy.partner_sort_value = source.partner_sort_value;
    (copy.start_date, copy.end_date) = (source.start_date, source.end_date);
    (copy.media_type, copy.source_type, copy.media_date) = (source.media_type, source.source_type, source.media_date);
    (copy.duration, copy.ms_duration) = (source.duration, source.ms_duration);
    copy.parent_entry_id = source.parent_entry_id;
    copy.properties = source.properties;
    let made = call.store().add_entry(copy, people, places, call.now).await;
    describe::one(call, &made.map_err(|error| change_error(&error, id))?).await
}

/// The categories that a copy goes into as well: all where nothing is enforced, else those that anybody may put entries
/// into. A copy must not carry somebody's entry where they may not put it.
async fn places(call: &Call<'_>, source: &Entry) -> Result<EntryPlaces, ApiError> {
    let (store, viewer) = (&call.node.store, call.viewer().await?);
    let mut into = Vec::new();
    let there = store.categories_of(&source.id).await.map_err(|error| database_error(&error))?;
    for place in there.into_iter().filter(|place| place.status == ACTIVE) {
        let found =
            store.category(source.partner_id, place.category_id).await.map_err(|error| database_error(&error))?;
        let Some(category) = found else { continue };
        if !viewer.is_enforced || categories::is_open(call, &category).await? {
            into.push(EntryPlace { category: category.id, status: categories::status_in(viewer, &category) });
        }
    }
    let most = categories::most(viewer);
    Ok(EntryPlaces { into, leave_others: false, most, by: caller(call).user.map(UserId::new) })
}

#[cfg(test)]
mod tests {
    use ks_schema::generated::classes::BaseEntryCloneOptionComponent;

    use super::*;

    #[test]
    fn options_include_or_exclude() {
        let option = |item: BaseEntryCloneOptions, rule: CloneComponentSelectorType| {
            AnyBaseEntryCloneOptionItem::from(BaseEntryCloneOptionComponent {
                item_type: item.into(),
                rule: rule.into(),
            })
        };
        let all = Wanted { users: true, categories: true, access_control: true };
        assert_eq!(Wanted::of(&[]), all);
        let without = option(BaseEntryCloneOptions::Categories, CloneComponentSelectorType::ExcludeComponent);
        assert_eq!(Wanted::of(&[without]), Wanted { categories: false, ..all });
        let only = option(BaseEntryCloneOptions::Users, CloneComponentSelectorType::IncludeComponent);
        assert_eq!(Wanted::of(&[only]), Wanted { users: true, categories: false, access_control: false });
    }
}
