//! What may be written into a category, in the order in which clients hear of it: pure, without a store.

use ks_schema::generated::classes::Category;
use ks_schema::generated::enums::{
    AppearInListType, CategoryUserPermissionLevel, ContributionPolicyType, InheritanceType, NullableBoolean,
    PrivacyType, UserJoinPolicyType,
};
use ks_schema::{ApiError, Field};

use crate::user::fields;

/// The longest name, in bytes.
pub(crate) const LONGEST_NAME: usize = 200;

/// Contexts that stand for having none, and for having any.
const SPECIAL: [&str; 2] = ["DEFAULTPC", "NOTDEFAULTPC"];

/// Whether this can be one context: four letters and digits, or more.
pub(crate) fn is_context(text: &str) -> bool {
    text.len() >= 4 && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// A name as it is kept: what joins names is replaced, and so are commas, unless the account may have them.
pub(crate) fn kept_name(sent: &str, commas: bool) -> String {
    let replaced = sent.replace(['<', '>'], "_");
    let replaced = if commas { replaced } else { replaced.replace(',', "_") };
    replaced.trim().to_owned()
}

/// Own contexts as they are sent. An account may be limited to one of them.
pub(super) fn check_contexts(sent: &Category, only_one: bool) -> Result<(), ApiError> {
    let Some(text) = sent.privacy_context.get().filter(|text| !text.is_empty()) else { return Ok(()) };
    let contexts: Vec<&str> = text.split(',').collect();
    if only_one {
        let mut distinct = contexts.clone();
        distinct.sort_unstable();
        distinct.dedup();
        if distinct.len() > 1 && !distinct.iter().any(|context| SPECIAL.contains(context)) {
            return Err(ApiError::partner_category_too_many_privacy_contexts(distinct.len()));
        }
    }
    match contexts.into_iter().find(|context| !is_context(context)) {
        Some(wrong) => Err(ApiError::privacy_context_invalid_string(wrong)),
        None => Ok(()),
    }
}

/// The name of a new category.
pub(super) fn check_new_name(sent: &Category) -> Result<(), ApiError> {
    if sent.name.get().is_none() {
        return Err(ApiError::property_validation_cannot_be_null("KalturaCategory::name"));
    }
    check_name(sent)
}

/// A name, if one is sent.
pub(super) fn check_name(sent: &Category) -> Result<(), ApiError> {
    match &sent.name {
        Field::Absent => Ok(()),
        Field::Null => Err(ApiError::property_validation_cannot_be_null("KalturaCategory::name")),
        // Spaces at the ends are not kept, so nothing would be left of these.
        Field::Set(name) if name.trim().is_empty() => {
            Err(ApiError::property_validation_min_length("KalturaCategory::name", 1))
        }
        Field::Set(name) if name.len() > LONGEST_NAME => {
            Err(ApiError::property_validation_max_length("KalturaCategory::name", LONGEST_NAME))
        }
        Field::Set(_) => Ok(()),
    }
}

/// Under entitlement, own contexts stay as they are.
pub(super) fn check_context_change(sent: &Category, stored: &str, enforced: bool) -> Result<(), ApiError> {
    let changes = match &sent.privacy_context {
        Field::Absent => false,
        Field::Null => !stored.is_empty(),
        Field::Set(context) => context != stored,
    };
    if enforced && changes { Err(ApiError::cannot_update_category_privacy_context()) } else { Ok(()) }
}

/// What a category without any context has no choice of.
pub(super) fn check_without_context(sent: &Category) -> Result<(), ApiError> {
    if sent.appear_in_list.get().is_some_and(|list| *list != AppearInListType::PartnerOnly) {
        return Err(ApiError::cannot_set_appear_in_list_field_with_no_privacy_context());
    }
    if sent.inheritance_type.get().is_some_and(|inheritance| *inheritance != InheritanceType::Manual) {
        return Err(ApiError::cannot_set_inheritance_type_field_with_no_privacy_context());
    }
    if sent.privacy.get().is_some_and(|privacy| *privacy != PrivacyType::All) {
        return Err(ApiError::cannot_set_privacy_field_with_no_privacy_context());
    }
    if owner(sent).is_some() {
        return Err(ApiError::cannot_set_owner_field_with_no_privacy_context());
    }
    if sent.user_join_policy.get().is_some_and(|policy| *policy != UserJoinPolicyType::NotAllowed) {
        return Err(ApiError::cannot_set_user_join_policy_field_with_no_privacy_context());
    }
    if sent.contribution_policy.get().is_some_and(|policy| *policy != ContributionPolicyType::All) {
        return Err(ApiError::cannot_set_contirubution_policy_field_with_no_privacy_context());
    }
    let level = sent.default_permission_level.get();
    if level.is_some_and(|level| *level != CategoryUserPermissionLevel::Member) {
        return Err(ApiError::cannot_set_default_permission_level_field_with_no_privacy_context());
    }
    Ok(())
}

/// What a category that has the members of another one has from there. The reference takes the level MANAGER for none
/// at all, since that is 0.
pub(super) fn check_inherited(sent: &Category) -> Result<(), ApiError> {
    if owner(sent).is_some() {
        return Err(ApiError::cannot_set_owner_when_category_inherit_members());
    }
    if sent.user_join_policy.get().is_some() {
        return Err(ApiError::cannot_set_user_join_policy_when_category_inherit_members());
    }
    if sent.default_permission_level.get().is_some() {
        return Err(ApiError::cannot_set_default_permission_level_when_category_inherit_members());
    }
    Ok(())
}

/// An owner who could be a user.
pub(super) fn check_owner(sent: &Category) -> Result<(), ApiError> {
    match owner(sent) {
        Some(owner) if fields::check_id(owner).is_err() => Err(ApiError::cannot_set_owner_field_with_user_id(owner)),
        Some(_) | None => Ok(()),
    }
}

/// The owner that is sent; the empty text is none.
pub(super) fn owner(sent: &Category) -> Option<&str> {
    sent.owner.get().map(String::as_str).filter(|owner| !owner.is_empty())
}

/// The category above as it is sent: outer `None`: not mentioned; inner `None`: the root.
pub(super) fn parent(sent: &Category) -> Option<Option<i64>> {
    match sent.parent_id {
        Field::Absent => None,
        Field::Null | Field::Set(0) => Some(None),
        Field::Set(id) => Some(Some(id)),
    }
}

/// A category that collects others is in no collection itself. The ids of those that collect this one, if they are sent.
pub(super) fn check_aggregation(sent: &Category, was: (bool, &str)) -> Result<Vec<i64>, ApiError> {
    let collects = match &sent.is_aggregation_category {
        Field::Absent => was.0,
        Field::Null => false,
        Field::Set(collects) => *collects == NullableBoolean::TrueValue,
    };
    let (targets, is_sent) = match &sent.aggregation_categories {
        Field::Absent => (was.1, false),
        Field::Null => ("", false),
        Field::Set(targets) => (targets.as_str(), true),
    };
    let mut ids = Vec::new();
    for target in targets.split(',').map(str::trim).filter(|target| !target.is_empty()) {
        ids.push(target.parse().map_err(|_| ApiError::category_not_found(target))?);
    }
    if collects && !ids.is_empty() {
        return Err(ApiError::aggregation_category_wrong_association());
    }
    Ok(if is_sent { ids } else { Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(result: Result<(), ApiError>) -> &'static str {
        result.err().map_or("", |error| error.code().info().code)
    }

    #[test]
    fn what_joins_names_is_not_in_them() {
        assert_eq!((kept_name(" a<b>c,d ", false).as_str(), kept_name("a,b", true).as_str()), ("a_b_c_d", "a,b"));
    }

    #[test]
    fn contexts_are_looked_at_one_by_one() {
        let check = |text: &str, only_one| {
            code(check_contexts(&Category { privacy_context: text.to_owned().into(), ..Default::default() }, only_one))
        };
        assert_eq!([check("", false), check("math,bio1", false), check("math,math", true)], [""; 3]);
        assert_eq!(check("math,DEFAULTPC", true), "");
        assert_eq!(check("math,bio1", true), "PARTNER_CATEGORY_TOO_MANY_PRIVACY_CONTEXTS");
        for wrong in ["abc", "math, bio1", "a_bcd", "math,"] {
            assert_eq!(check(wrong, false), "PRIVACY_CONTEXT_INVALID_STRING", "{wrong}");
        }
    }

    #[test]
    fn the_first_field_that_needs_a_context_decides() {
        let mut sent = Category::default();
        assert_eq!(code(check_without_context(&sent)), "");
        let mut expect = |set: fn(&mut Category), name: &str| {
            set(&mut sent);
            let expected = format!("CANNOT_SET_{name}_FIELD_WITH_NO_PRIVACY_CONTEXT");
            assert_eq!(code(check_without_context(&sent)), expected);
        };
        // From the last one to the first.
        expect(
            |sent| sent.default_permission_level = Field::Set(CategoryUserPermissionLevel::Manager),
            "DEFAULT_PERMISSION_LEVEL",
        );
        expect(
            |sent| sent.contribution_policy = Field::Set(ContributionPolicyType::MembersWithContributionPermission),
            "CONTIRUBUTION_POLICY",
        );
        expect(|sent| sent.user_join_policy = Field::Set(UserJoinPolicyType::AutoJoin), "USER_JOIN_POLICY");
        expect(|sent| sent.owner = Field::Set("ann".to_owned()), "OWNER");
        expect(|sent| sent.privacy = Field::Set(PrivacyType::MembersOnly), "PRIVACY");
        expect(|sent| sent.inheritance_type = Field::Set(InheritanceType::Inherit), "INHERITANCE_TYPE");
        expect(|sent| sent.appear_in_list = Field::Set(AppearInListType::CategoryMembersOnly), "APPEAR_IN_LIST");
    }

    #[test]
    fn a_level_of_manager_is_a_level() {
        let level = CategoryUserPermissionLevel::Manager;
        let sent = Category { default_permission_level: Field::Set(level), ..Default::default() };
        assert_eq!(code(check_inherited(&sent)), "CANNOT_SET_DEFAULT_PERMISSION_LEVEL_WHEN_CATEGORY_INHERIT_MEMBERS");
    }

    #[test]
    fn who_collects_is_not_collected() {
        let with = |collects: Field<NullableBoolean>, targets: Field<String>, was| {
            let sent =
                Category { is_aggregation_category: collects, aggregation_categories: targets, ..Default::default() };
            check_aggregation(&sent, was).map_err(|error| error.code().info().code)
        };
        let yes = || Field::Set(NullableBoolean::TrueValue);
        assert_eq!(with(yes(), Field::Absent, (false, "")), Ok(vec![]));
        assert_eq!(with(Field::Absent, "5, 6".to_owned().into(), (false, "")), Ok(vec![5, 6]));
        let wrong = Err("AGGREGATION_CATEGORY_WRONG_ASSOCIATION");
        assert_eq!(with(yes(), "5".to_owned().into(), (false, "")), wrong);
        assert_eq!(with(yes(), Field::Absent, (false, "5")), wrong);
        assert_eq!(with(Field::Absent, "x".to_owned().into(), (false, "")), Err("CATEGORY_NOT_FOUND"));
    }
}
