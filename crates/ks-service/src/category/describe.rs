//! From stored categories to the objects that the API shows.

use std::collections::BTreeMap;

use ks_access::condition::Condition;
use ks_schema::generated::classes;
use ks_schema::generated::enums::{
    AppearInListType, CategoryOrderBy, CategoryStatus, CategoryUserPermissionLevel, ContributionPolicyType,
    InheritanceType, NullableBoolean, PrivacyType, UserJoinPolicyType,
};
use ks_schema::{ApiError, CategoryId, Field, UserId};
use ks_store::{Category, Page};
use serde_json::Value as Json;

use crate::call::{Call, database_error};
use crate::guard::readable;

/// One category as its people see it.
pub(super) async fn one(call: &Call<'_>, category: Category) -> Result<classes::Category, ApiError> {
    all(call, vec![category]).await?.pop().ok_or_else(ApiError::internal_serverl_error)
}

/// Categories as their people see them. Those whose members come from above have their settings from there, too; these
/// are looked up together.
pub(super) async fn all(call: &Call<'_>, categories: Vec<Category>) -> Result<Vec<classes::Category>, ApiError> {
    let partner = call.partner_id();
    let mut above: Vec<i64> =
        categories.iter().filter_map(|category| category.inherited_parent_id).map(CategoryId::get).collect();
    above.sort_unstable();
    above.dedup();
    let mut roots: BTreeMap<i64, Category> = BTreeMap::new();
    if !above.is_empty() {
        let page = Page { offset: 0, limit: u32::try_from(above.len()).unwrap_or(u32::MAX) };
        let found = call.node.store.categories(partner, Condition::ints("id", above), &[], page).await;
        let (found, _) = found.map_err(|error| database_error(&error))?;
        roots.extend(found.into_iter().map(|root| (root.id.get(), root)));
    }
    let shown = categories.into_iter().map(|category| {
        let root = category.inherited_parent_id.and_then(|id| roots.get(&id.get()));
        readable(call.permissions, describe(&category, root))
    });
    Ok(shown.collect())
}

/// A category; `root` is the one whose members it has, if it has none of its own.
pub(super) fn describe(category: &Category, root: Option<&Category>) -> classes::Category {
    let members = root.unwrap_or(category);
    let kept = |name: &str| category.properties.get(name).and_then(Json::as_str).map(str::to_owned);
    classes::Category {
        id: category.id.get().into(),
        parent_id: category.parent_id.map_or(0, CategoryId::get).into(),
        depth: category.depth.into(),
        partner_id: i64::from(category.partner_id.get()).into(),
        name: category.name.clone().into(),
        full_name: category.full_name.clone().into(),
        full_ids: category.full_ids.clone().into(),
        entries_count: category.entries_count.into(),
        created_at: category.created_at.into(),
        updated_at: category.updated_at.into(),
        description: category.description.clone().into(),
        tags: category.tags.clone().into(),
        appear_in_list: AppearInListType::from_value(category.appear_in_list).into(),
        privacy: PrivacyType::from_value(category.privacy).into(),
        inheritance_type: InheritanceType::from_value(category.inheritance_type).into(),
        user_join_policy: UserJoinPolicyType::from_value(members.user_join_policy).into(),
        default_permission_level: CategoryUserPermissionLevel::from_value(members.default_permission_level).into(),
        owner: members.owner_id.as_ref().map(UserId::as_str).map(str::to_owned).into(),
        direct_entries_count: category.direct_entries_count.into(),
        reference_id: category.reference_id.clone().into(),
        contribution_policy: ContributionPolicyType::from_value(category.contribution_policy).into(),
        members_count: members.members_count.into(),
        pending_members_count: members.pending_members_count.into(),
        privacy_context: category.privacy_context.clone().into(),
        privacy_contexts: category.privacy_contexts.clone().into(),
        status: CategoryStatus::from_value(category.status).into(),
        inherited_parent_id: category.inherited_parent_id.map(CategoryId::get).into(),
        partner_sort_value: category.partner_sort_value.into(),
        partner_data: kept("partnerData").into(),
        default_order_by: kept("defaultOrderBy").and_then(|order| CategoryOrderBy::from_value(&order)).into(),
        direct_sub_categories_count: category.direct_sub_categories_count.into(),
        moderation: category.moderation.and_then(NullableBoolean::from_value).into(),
        pending_entries_count: category.pending_entries_count.into(),
        is_aggregation_category: Field::Set(match category.is_aggregation {
            Some(1) => NullableBoolean::TrueValue,
            _ => NullableBoolean::FalseValue,
        }),
        aggregation_categories: category.aggregation_categories.clone().into(),
        admin_tags: kept("adminTags").into(),
    }
}
