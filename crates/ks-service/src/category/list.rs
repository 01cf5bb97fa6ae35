//! `category.list`.

use ks_access::condition::{Column, Compare, Condition, Value, fold};
use ks_access::entitlement::level;
use ks_access::entitlement::relation::CATEGORY_MEMBERS;
use ks_schema::generated::classes::{CategoryFilter, CategoryListResponse};
use ks_schema::{ApiError, CategoryId, Field, Out, OutObject, UserId};
use ks_store::{Order, Page};

use super::describe;
use crate::call::{Call, database_error};
use crate::generated::category::List;
use crate::list::{Held, Lowered, lower, page, window};

/// Categories on a page when no pager is sent, and how many values a joined list may then have.
const WITHOUT_PAGER: u32 = 1500;

/// Members are counted where they are.
const MEMBERS: Column = "(SELECT root.members_count FROM category AS root WHERE root.id = category.members_of)";
const PENDING: Column = "(SELECT root.pending_members_count FROM category AS root WHERE root.id = category.members_of)";

/// What lists of categories compare.
const HELD: [Held; 23] = [
    Held::number("id", "id"),
    Held::number("parentId", "parent_id"),
    Held::number("depth", "depth"),
    Held::searched("name", "name", "name_folded"),
    Held::searched("fullName", "full_name", "full_name_folded"),
    Held::text("fullIds", "full_ids"),
    Held::number("entriesCount", "entries_count"),
    Held::number("createdAt", "created_at"),
    Held::number("updatedAt", "updated_at"),
    Held::searched("tags", "tags", "tags_folded"),
    Held::number("appearInList", "appear_in_list"),
    Held::number("privacy", "privacy"),
    Held::number("inheritanceType", "inheritance_type"),
    Held::number("directEntriesCount", "direct_entries_count"),
    Held::text("referenceId", "reference_id"),
    Held::number("contributionPolicy", "contribution_policy"),
    Held::number("membersCount", MEMBERS),
    Held::number("pendingMembersCount", PENDING),
    Held::number("status", "status"),
    Held::number("inheritedParentId", "inherited_parent_id"),
    Held::number("partnerSortValue", "partner_sort_value"),
    Held::number("directSubCategoriesCount", "direct_sub_categories_count"),
    Held::text("privacyContext", "privacy_context"),
];

pub(super) async fn list(call: &Call<'_>, args: List) -> Result<CategoryListResponse, ApiError> {
    let partner = call.account()?.partner.id;
    let page = match &args.pager {
        Some(pager) => window(page(Some(pager)))?,
        None => Page { offset: 0, limit: WITHOUT_PAGER },
    };
    let Lowered { condition, mut order } = lowered(call, args.filter).await?;
    if order.is_empty() {
        order.push(Order { column: "depth", falling: false });
    }
    let condition = call.category_scope().await?.and(condition);
    let found = call.node.store.categories(partner, condition, &order, page).await;
    let (categories, total) = found.map_err(|error| database_error(&error))?;
    Ok(CategoryListResponse {
        total_count: i64::try_from(total).unwrap_or(i64::MAX).into(),
        objects: Field::Set(describe::all(call, categories).await?),
    })
}

/// Lowers a filter. Users and ancestors are looked up first; those that there are not match nothing.
async fn lowered(call: &Call<'_>, filter: Option<CategoryFilter>) -> Result<Lowered, ApiError> {
    let people = People::of(call, filter.as_ref()).await?;
    let below = match filter.as_ref().and_then(|filter| filter.ancestor_id_in.get()).filter(|ids| !ids.is_empty()) {
        None => None,
        Some(ids) => {
            let ids: Vec<CategoryId> = numbers(ids).map(CategoryId::new).collect();
            let ancestors = call.visible_categories(&ids).await?;
            Some(Condition::Any(ancestors.iter().map(|above| is_below("full_ids", &above.full_ids)).collect()))
        }
    };
    Ok(lower(filter, &HELD, |name, value| match (name, value) {
        // As many as a list without a pager may have.
        ("idIn", Out::Text(ids)) => Some(Condition::ints("id", numbers(ids))),
        ("idNotIn", Out::Text(ids)) => Some(Condition::ints("id", numbers(ids)).negated()),
        ("parentIdIn", Out::Text(ids)) => Some(Condition::ints("parent_id", numbers(ids))),
        ("fullNameIn", Out::Text(names)) => Some(Condition::texts("full_name", terms(names))),
        ("fullIdsStartsWith", Out::Text(path)) => Some(is_within("full_ids", path)),
        ("fullIdsMatchOr", Out::Text(paths)) => {
            Some(Condition::Any(terms(paths).map(|path| is_within("full_ids", path)).collect()))
        }
        ("referenceIdEmpty", Out::Int(is)) => is_empty("reference_id", *is),
        ("privacyContextEqual", Out::Text(context)) if context == "*" => {
            Some(Condition::text("privacy_context", "").negated())
        }
        ("privacyContextEqual", Out::Text(context)) => {
            Some(Condition::HasWord("privacy_context", context.trim().to_owned()))
        }
        ("aggregationCategoriesMultiLikeOr", Out::Text(ids)) => {
            Some(Condition::Any(terms(ids).map(collected_by).collect()))
        }
        ("aggregationCategoriesMultiLikeAnd", Out::Text(ids)) => {
            Some(Condition::All(terms(ids).map(collected_by).collect()))
        }
        ("freeText", Out::Text(text)) => Some(free_text(text)),
        ("nameOrReferenceIdStartsWith", Out::Text(start)) => Some(Condition::Any(
            ["name_folded", "reference_id_folded"].map(|column| Condition::StartsWith(column, fold(start))).to_vec(),
        )),
        ("fullNameStartsWithIn", Out::Text(starts)) => Some(Condition::Any(
            terms(starts).map(|start| Condition::StartsWith("full_name_folded", fold(start))).collect(),
        )),
        ("ancestorIdIn", Out::Text(_)) => below.clone(),
        ("idOrInheritedParentIdIn", Out::Text(ids)) => {
            Some(Condition::ints("id", numbers(ids)).or(Condition::ints("inherited_parent_id", numbers(ids))))
        }
        ("membersIn", Out::Text(ids)) => Some(people.members(terms(ids), &Condition::TRUE)),
        ("managerEqual", Out::Text(id)) => {
            Some(people.members([id.as_str()], &Condition::int("permission_level", level::MANAGER)))
        }
        ("memberEqual", Out::Text(id)) => {
            let levels = [level::MODERATOR, level::CONTRIBUTOR, level::MEMBER];
            Some(people.members([id.as_str()], &Condition::ints("permission_level", levels)))
        }
        ("advancedSearch", Out::Object(item)) => Some(advanced(item, &people)),
        _ => None,
    }))
}

/// The users that a filter names, by their ids.
struct People(Vec<(String, i64)>);

impl People {
    async fn of(call: &Call<'_>, filter: Option<&CategoryFilter>) -> Result<Self, ApiError> {
        let mut ids = Vec::new();
        if let Some(filter) = filter {
            let lists = [filter.members_in.get(), filter.manager_equal.get(), filter.member_equal.get()];
            lists.into_iter().flatten().for_each(|list| ids.extend(terms(list).map(str::to_owned)));
            if let Some(item) = filter.advanced_search.get() {
                let item = ks_schema::IntoOut::into_out(item.clone());
                named_in(&item, &mut ids);
            }
        }
        let partner = call.account()?.partner.id;
        let mut found = Vec::new();
        for id in ids {
            let user = call.node.store.live_user(partner, &UserId::new(&id)).await;
            if let Some(user) = user.map_err(|error| database_error(&error))? {
                found.push((id, user.id.get()));
            }
        }
        Ok(Self(found))
    }

    /// Categories with any of these members, whose memberships satisfy a condition.
    fn members<'a>(&self, ids: impl IntoIterator<Item = &'a str>, which: &Condition) -> Condition {
        let number = |id: &str| self.0.iter().find(|(known, _)| known == id.trim()).map(|(_, number)| *number);
        let users: Vec<i64> = ids.into_iter().filter_map(number).collect();
        if users.is_empty() {
            return Condition::FALSE;
        }
        let active = Condition::ints("kuser_id", users).and(Condition::int("status", 1));
        Condition::related(CATEGORY_MEMBERS, active.and(which.clone()))
    }
}

fn property<'a>(object: &'a OutObject, name: &str) -> Option<&'a str> {
    match object.get(name) {
        Some(Out::Text(text)) if !text.is_empty() => Some(text),
        _ => None,
    }
}

/// The users that a condition of a filter names.
fn named_in(item: &Out, ids: &mut Vec<String>) {
    let Out::Object(item) = item else { return };
    for name in ["memberIdEq", "memberIdIn"] {
        ids.extend(property(item, name).into_iter().flat_map(terms).map(str::to_owned));
    }
    if let Some(Out::List(items)) = item.get("items") {
        items.iter().for_each(|item| named_in(item, ids));
    }
}

/// A condition on members, or several conditions joined; what says nothing about categories has no effect.
fn advanced(item: &OutObject, people: &People) -> Condition {
    match item.class.name {
        "KalturaSearchOperator" => {
            let Some(Out::List(items)) = item.get("items") else { return Condition::TRUE };
            let inner = items.iter().filter_map(|item| match item {
                Out::Object(item) => Some(advanced(item, people)),
                _ => None,
            });
            // SEARCH_AND is 1, SEARCH_OR is 2.
            match item.get("type") {
                Some(Out::Int(2)) => Condition::Any(inner.collect()),
                _ => Condition::All(inner.collect()),
            }
        }
        "KalturaCategoryUserAdvancedFilter" => {
            let has = |name: &str| Condition::HasWord("permission_names", name.to_owned());
            let mut which = Condition::TRUE;
            if let Some(names) = property(item, "memberPermissionsMatchOr") {
                which = which.and(Condition::Any(terms(names).map(has).collect()));
            }
            if let Some(names) = property(item, "memberPermissionsMatchAnd") {
                which = which.and(Condition::All(terms(names).map(has).collect()));
            }
            let ids = ["memberIdEq", "memberIdIn"].map(|name| property(item, name));
            let conditions = ids.into_iter().flatten().map(|list| people.members(terms(list), &which));
            Condition::All(conditions.collect())
        }
        _ => Condition::TRUE,
    }
}

fn collected_by(id: &str) -> Condition {
    Condition::HasWord("aggregation_categories", id.to_owned())
}

/// A nullable truth value: neither yes nor no is no condition.
fn is_empty(column: Column, is: i64) -> Option<Condition> {
    let empty = Condition::IsNull(column).or(Condition::text(column, ""));
    match is {
        1 => Some(empty),
        0 => Some(empty.negated()),
        _ => Some(Condition::TRUE),
    }
}

/// Paths below another one's end; `?` is the character after `>`.
fn is_below(column: Column, path: &str) -> Condition {
    let at = |end: &str| Value::Text(format!("{path}{end}"));
    Condition::Is(column, Compare::Above, at(">")).and(Condition::Is(column, Compare::Below, at("?")))
}

/// Paths that lead to another one's end or below it; where that ends in `>`, below it only.
pub(crate) fn is_within(column: Column, path: &str) -> Condition {
    match path.trim().strip_suffix('>') {
        Some(path) => is_below(column, path),
        None => Condition::text(column, path.trim()).or(is_below(column, path.trim())),
    }
}

/// Words, all of which are somewhere in a category; alternatives are joined by commas, and what stands in quotes is the
/// whole of a property.
fn free_text(text: &str) -> Condition {
    const COLUMNS: [Column; 4] = ["name_folded", "tags_folded", "description_folded", "reference_id_folded"];
    let is_id = |word: &str| word.parse().map_or(Condition::FALSE, |id: i64| Condition::int("id", id));
    let one = |alternative: &str| {
        if let Some(exact) = alternative.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
            let equal = COLUMNS.map(|column| Condition::text(column, fold(exact)));
            return Condition::Any(equal.to_vec()).or(is_id(exact));
        }
        let words = alternative.split_whitespace().map(|word| {
            let contains = COLUMNS.map(|column| Condition::Contains(column, fold(word)));
            Condition::Any(contains.to_vec()).or(is_id(word))
        });
        Condition::All(words.collect())
    };
    let alternatives: Vec<Condition> = terms(text).map(one).collect();
    if alternatives.is_empty() { Condition::TRUE } else { Condition::Any(alternatives) }
}

/// The parts of a comma-joined list; of users and texts as many as of all lists.
pub(crate) fn terms(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|term| !term.is_empty()).take(WITHOUT_PAGER as usize)
}

/// The numbers of a comma-joined list.
pub(crate) fn numbers(text: &str) -> impl Iterator<Item = i64> {
    terms(text).filter_map(|term| term.parse().ok())
}
