//! From what a request says to what is kept.

use ks_schema::generated::classes;
use ks_schema::generated::enums::{
    AppearInListType, CategoryUserPermissionLevel, ContributionPolicyType, InheritanceType, NullableBoolean,
    PrivacyType,
};
use ks_schema::{CategoryId, Field, UserId};
use ks_store::Category;
use serde_json::Value as Json;

use super::rules;

/// What a request says.
#[derive(Clone)]
pub(super) struct Wanted {
    sent: classes::Category,
    /// Outer `None`: not mentioned; inner `None`: nobody.
    owner: Option<Option<UserId>>,
    commas: bool,
}

impl Wanted {
    /// `commas`: whether names may have them.
    pub(super) fn of(sent: classes::Category, commas: bool) -> Self {
        let owner = match (&sent.owner, rules::owner(&sent)) {
            (Field::Absent, _) => None,
            (_, owner) => Some(owner.map(UserId::new)),
        };
        Self { sent, owner, commas }
    }

    /// Makes the change.
    pub(super) fn apply(self, category: &mut Category) {
        let Self { sent, owner, commas } = self;
        if let Some(parent) = rules::parent(&sent) {
            category.parent_id = parent.map(CategoryId::new);
        }
        if let Field::Set(name) = &sent.name {
            category.name = rules::kept_name(name, commas);
        }
        if let Some(owner) = owner {
            // Whoever that is.
            (category.owner, category.owner_id) = (None, owner);
        }
        sent.description.apply_to(&mut category.description);
        sent.tags.apply_to(&mut category.tags);
        sent.reference_id.apply_to(&mut category.reference_id);
        or_usual(sent.appear_in_list, AppearInListType::value, 1, &mut category.appear_in_list);
        or_usual(sent.privacy, PrivacyType::value, 1, &mut category.privacy);
        or_usual(sent.inheritance_type, InheritanceType::value, 2, &mut category.inheritance_type);
        let level = &mut category.default_permission_level;
        or_usual(sent.default_permission_level, CategoryUserPermissionLevel::value, 3, level);
        or_usual(sent.contribution_policy, ContributionPolicyType::value, 1, &mut category.contribution_policy);
        or_usual(sent.partner_sort_value, |number| number, 0, &mut category.partner_sort_value);
        or_usual(sent.privacy_context, |text| text, String::new(), &mut category.privacy_context);
        or_usual(sent.aggregation_categories, |text| text, String::new(), &mut category.aggregation_categories);
        number(&sent.moderation).apply_to(&mut category.moderation);
        number(&sent.is_aggregation_category).apply_to(&mut category.is_aggregation);
        let order = match sent.default_order_by {
            Field::Absent => Field::Absent,
            Field::Null => Field::Null,
            Field::Set(order) => Field::Set(order.value().to_owned()),
        };
        for (name, field) in
            [("partnerData", sent.partner_data), ("defaultOrderBy", order), ("adminTags", sent.admin_tags)]
        {
            match field {
                Field::Absent => {}
                Field::Null => {
                    category.properties.remove(name);
                }
                Field::Set(text) => {
                    category.properties.insert(name.to_owned(), Json::String(text));
                }
            }
        }
    }
}

/// Applies a field that is never without a value: cleared, it has its usual one.
fn or_usual<T, S>(field: Field<T>, value: impl Fn(T) -> S, usual: S, stored: &mut S) {
    match field {
        Field::Absent => {}
        Field::Null => *stored = usual,
        Field::Set(set) => *stored = value(set),
    }
}

fn number(field: &Field<NullableBoolean>) -> Field<i64> {
    match field {
        Field::Absent => Field::Absent,
        Field::Null => Field::Null,
        Field::Set(value) => Field::Set(value.value()),
    }
}
