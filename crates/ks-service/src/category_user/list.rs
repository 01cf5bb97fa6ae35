//! `categoryUser.list`.

use ks_access::Use;
use ks_access::condition::{Column, Condition, Relation, fold};
use ks_access::entitlement::relation::PLACE_CATEGORY;
use ks_schema::generated::classes::{CategoryUserFilter, CategoryUserListResponse};
use ks_schema::{ApiError, CategoryId, Field, Out};

use super::describe;
use crate::call::{Call, database_error};
use crate::category::list::{is_within, numbers, terms};
use crate::generated::category_user::List;
use crate::list::{Held, Lowered, lower, page, window};

/// What lists of memberships compare.
const HELD: [Held; 9] = [
    Held::number("categoryId", "category_id"),
    Held::text("userId", "puser_id"),
    Held::number("permissionLevel", "permission_level"),
    Held::number("status", "status"),
    Held::number("createdAt", "created_at"),
    Held::number("updatedAt", "updated_at"),
    Held::number("updateMethod", "update_method"),
    Held::text("categoryFullIds", FULL_IDS),
    Held::text("permissionNames", "permission_names"),
];

const FULL_IDS: Column = "category_full_ids";

/// The groups that the user of a membership is, if it is one; those of one user are few.
const GROUPS: Relation = Relation { table: "kuser_kgroup", inner: "kgroup_id", outer: "kuser_id", few: true };

pub(super) async fn list(call: &Call<'_>, args: List) -> Result<CategoryUserListResponse, ApiError> {
    let partner = call.account()?.partner.id;
    let filter = args.filter.unwrap_or_default();
    if !says_whom_or_where(&filter) {
        return Err(ApiError::must_filter_users_or_category());
    }
    let page = window(page(args.pager.as_ref()))?;
    let viewer = call.viewer().await?;
    let wanted = wanted(&filter);
    let mut condition = match &wanted {
        Some(ids) => Condition::ints("category_id", members_of(call, &filter, ids).await?),
        None if !viewer.is_enforced => Condition::TRUE,
        // Of hidden categories nobody learns whose members others are.
        None => {
            let own = call.session()?.ks.user_id.as_deref().filter(|_| viewer.user.is_some());
            let own = own.map_or(Condition::FALSE, |id| Condition::text("puser_id", id));
            Condition::related(PLACE_CATEGORY, call.category_scope().await?).or(own)
        }
    };
    if let Some(id) = filter.related_groups_by_user_id.get().filter(|id| !id.is_empty()) {
        let user = crate::user::found(call, id).await?;
        condition = condition.and(user.map_or(Condition::FALSE, |user| {
            let member = Condition::int("kuser_id", user.id.get());
            member.clone().or(Condition::related(GROUPS, member.and(Condition::int("status", 0))))
        }));
    }
    let Lowered { condition: asked, order } = lower(Some(filter), &HELD, |name, value| match (name, value) {
        ("categoryIdEqual" | "categoryIdIn" | "relatedGroupsByUserId" | "categoryDirectMembers", _) => {
            Some(Condition::TRUE)
        }
        ("categoryFullIdsStartsWith", Out::Text(path)) => Some(is_within(FULL_IDS, path)),
        ("permissionNamesMatchAnd", Out::Text(names)) => Some(Condition::All(terms(names).map(has).collect())),
        ("permissionNamesMatchOr", Out::Text(names)) => Some(Condition::Any(terms(names).map(has).collect())),
        ("permissionNamesNotContains", Out::Text(names)) => {
            Some(Condition::Any(terms(names).map(has).collect()).negated())
        }
        ("freeText", Out::Text(text)) => Some(Condition::Any(
            ["screen_name_folded", "puser_id_folded"]
                .map(|column| Condition::Contains(column, fold(text.trim())))
                .to_vec(),
        )),
        _ => None,
    });
    let found = call.node.store.category_users(partner, condition.and(asked), &order, page).await;
    let (members, total) = found.map_err(|error| database_error(&error))?;
    Ok(CategoryUserListResponse {
        total_count: i64::try_from(total).unwrap_or(i64::MAX).into(),
        objects: Field::Set(members.iter().map(describe).collect()),
    })
}

fn has(name: &str) -> Condition {
    Condition::HasWord("permission_names", name.to_owned())
}

/// Whether a filter says whose memberships are wanted, or in which categories.
fn says_whom_or_where(filter: &CategoryUserFilter) -> bool {
    let texts = [
        &filter.category_id_in,
        &filter.category_full_ids_starts_with,
        &filter.category_full_ids_equal,
        &filter.user_id_in,
        &filter.user_id_equal,
        &filter.related_groups_by_user_id,
    ];
    filter.category_id_equal.get().is_some() || texts.iter().any(|text| text.get().is_some_and(|text| !text.is_empty()))
}

/// The categories that a filter names.
fn wanted(filter: &CategoryUserFilter) -> Option<Vec<i64>> {
    let one = filter.category_id_equal.get().copied();
    let several = filter.category_id_in.get().filter(|ids| !ids.is_empty()).map(|ids| numbers(ids).collect::<Vec<_>>());
    match (one, several) {
        (Some(one), Some(several)) => Some(several.into_iter().filter(|id| *id == one).collect()),
        (Some(one), None) => Some(vec![one]),
        (None, several) => several,
    }
}

/// Where the members of categories are kept; categories that the session does not see drop out.
async fn members_of(call: &Call<'_>, filter: &CategoryUserFilter, ids: &[i64]) -> Result<Vec<i64>, ApiError> {
    let ids: Vec<CategoryId> = ids.iter().copied().map(CategoryId::new).collect();
    let found = call.visible_categories(&ids).await?;
    let direct = filter.category_direct_members.get() == Some(&true)
        && call.permissions.may_use("KalturaCategoryUserFilter", "categoryDirectMembers", Use::Read);
    Ok(found.iter().map(|category| if direct { category.id.get() } else { category.members_of.get() }).collect())
}
