//! `categoryUser.add`.

use ks_access::entitlement::membership::names_of_level;
use ks_access::entitlement::{level, permission};
use ks_schema::generated::classes;
use ks_schema::generated::enums::{InheritanceType, UserJoinPolicyType};
use ks_schema::write::check_insert;
use ks_schema::{ApiError, Field, UserId};
use ks_store::{NewCategoryUser, UserKind};

use super::{ACTIVE, PENDING, describe, refused, row};
use crate::call::Call;
use crate::category::{limits, visible};
use crate::user::fields;

/// What a new member is: status, level and permission names.
#[derive(Debug, PartialEq, Eq)]
struct Standing {
    status: i64,
    level: i64,
    names: String,
}

/// Who decides what a new member is.
#[derive(Clone, Copy)]
struct Decision {
    /// Whether the caller may decide: a manager, or anyone without entitlement.
    by_caller: bool,
    /// `KalturaUserJoinPolicyType`.
    join_policy: i64,
    /// `KalturaCategoryUserPermissionLevel` of who joins.
    default_level: i64,
}

/// What a new member is; `None`: it may not join. Whoever joins gets what the category gives to all, whatever they ask for.
fn standing(decision: Decision, level: Option<i64>, names: Option<&str>) -> Option<Standing> {
    if decision.by_caller {
        let level = level.unwrap_or(decision.default_level);
        let names = names.map_or_else(|| names_of_level(level).to_owned(), str::to_owned);
        return Some(Standing { status: ACTIVE, level, names });
    }
    let status = match UserJoinPolicyType::from_value(decision.join_policy) {
        Some(UserJoinPolicyType::AutoJoin) => ACTIVE,
        Some(UserJoinPolicyType::RequestToJoin) => PENDING,
        Some(UserJoinPolicyType::NotAllowed) | None => return None,
    };
    let level = decision.default_level;
    Some(Standing { status, level, names: names_of_level(level).to_owned() })
}

pub(super) async fn add(call: &Call<'_>, sent: classes::CategoryUser) -> Result<classes::CategoryUser, ApiError> {
    let needed = |name: &str| ApiError::property_validation_cannot_be_null(format!("KalturaCategoryUser::{name}"));
    let id = *sent.category_id.get().ok_or_else(|| needed("categoryId"))?;
    let category = visible(call, id).await?;
    if category.inheritance_type == InheritanceType::Inherit.value() {
        return Err(ApiError::category_inherit_members(id));
    }
    let user_id = sent.user_id.get().filter(|user| !user.is_empty()).ok_or_else(|| needed("userId"))?;
    if user_id == "0" {
        return Err(ApiError::invalid_user_id());
    }
    let there = crate::user::found(call, user_id).await?;
    if let Some(user) = &there
        && row(call, category.id, user).await?.is_some()
    {
        return Err(ApiError::category_user_already_exists());
    }
    let enforced = call.viewer().await?.is_enforced;
    let manages = async {
        let held = call.membership(&category, &[permission::VIEW]).await?;
        Ok::<bool, ApiError>(held.is_some_and(|held| held.level == level::MANAGER))
    };
    let decision = Decision {
        by_caller: !enforced || manages.await?,
        join_policy: category.user_join_policy,
        default_level: category.default_permission_level,
    };
    let level = sent.permission_level.get().map(|level| level.value());
    let names = sent.permission_names.get().map(String::as_str).filter(|names| !names.trim().is_empty());
    let standing = standing(decision, level, names).ok_or_else(|| ApiError::category_user_join_not_allowed(id))?;
    if there.is_none() && fields::check_id(user_id).is_err() {
        return Err(ApiError::invalid_field_value("userId"));
    }
    check_insert(&sent)?;
    let most = limits::most_members(call.account()?);
    if category.members_count >= most {
        return Err(ApiError::category_max_user_reached(most));
    }
    let applicative = there.as_ref().is_some_and(|user| user.kind == UserKind::ApplicativeGroup);
    if applicative && standing.level != level::NONE {
        return Err(ApiError::applicative_group_association_to_category_not_allowed());
    }
    let new = NewCategoryUser {
        partner_id: category.partner_id,
        category_id: category.id,
        kuser: there.map(|user| user.id),
        user_id: UserId::new(user_id),
        permission_level: standing.level,
        permission_names: standing.names,
        status: standing.status,
        update_method: match sent.update_method {
            Field::Set(method) => method.value(),
            Field::Absent | Field::Null => 0,
        },
        most,
    };
    let added = call.store().add_category_user(new, call.now).await;
    added.map(|member| describe(&member)).map_err(|fault| refused(&fault, &category, user_id, most))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_joins_gets_what_the_category_gives_to_all() {
        let of = |by_caller, join_policy, level, names| {
            let decision = Decision { by_caller, join_policy, default_level: 3 };
            standing(decision, level, names).map(|it| (it.status, it.level, it.names))
        };
        let view = "CATEGORY_VIEW".to_owned();
        assert_eq!(of(false, 1, Some(0), Some("CATEGORY_EDIT")), Some((1, 3, view.clone())));
        assert_eq!(of(false, 2, Some(0), None), Some((2, 3, view.clone())));
        assert_eq!(of(false, 3, None, None), None);
        assert_eq!(of(true, 3, None, None), Some((1, 3, view)));
        assert_eq!(of(true, 3, Some(1), None), Some((1, 1, "CATEGORY_MODERATE,CATEGORY_VIEW".to_owned())));
        assert_eq!(of(true, 3, Some(4), Some("MINE")), Some((1, 4, "MINE".to_owned())));
    }
}
