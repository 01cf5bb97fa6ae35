//! `advancedSearch` of entries: how they stand in a category, alone or joined with others. What else the protocol searches
//! for so is about things that entries do not have here, and has no effect.

use ks_access::condition::{Condition, fold};
use ks_access::entitlement::relation::{ENTRY_PLACES, PLACE_CATEGORY};
use ks_schema::{Out, OutObject};

use crate::rights::words;

/// `KalturaCategoryEntryStatus`: there.
const ACTIVE: i64 = 2;
/// `KalturaSearchOperatorType`.
const OR: i64 = 2;

/// What a search item asks for. `seen`: of categories, those that the session sees.
pub(super) fn lowered(item: &OutObject, seen: &Condition) -> Option<Condition> {
    match item.class.name {
        "KalturaCategoryEntryAdvancedFilter" => places(item, seen),
        "KalturaSearchOperator" => {
            let Some(Out::List(items)) = item.get("items") else { return None };
            let all: Vec<Condition> = items
                .iter()
                .filter_map(|item| match item {
                    Out::Object(item) => lowered(item, seen),
                    _ => None,
                })
                .collect();
            let any = matches!(item.get("type"), Some(Out::Int(OR)));
            (!all.is_empty()).then_some(if any { Condition::Any(all) } else { Condition::All(all) })
        }
        _ => None,
    }
}

/// How entries stand in a category: there, unless other states are asked for.
fn places(item: &OutObject, seen: &Condition) -> Option<Condition> {
    let text = |name: &str| match item.get(name) {
        Some(Out::Text(text)) if !text.is_empty() => Some(text.as_str()),
        _ => None,
    };
    let mut wanted = Vec::new();
    if let Some(Out::Int(id)) = item.get("categoryIdEqual") {
        wanted.push(Condition::int("id", *id));
    }
    if let Some(names) = text("categoriesMatchOr") {
        let below = |name: &str| {
            let name = fold(name);
            let under = Condition::StartsWith("full_name_folded", format!("{name}>"));
            Condition::text("full_name_folded", name).or(under)
        };
        wanted.push(Condition::Any(words(names).map(below).collect()));
    }
    if wanted.is_empty() && text("categoryEntryStatusIn").is_none() {
        return None;
    }
    let statuses = match text("categoryEntryStatusIn") {
        Some(statuses) => words(statuses).filter_map(|status| status.parse().ok()).collect(),
        None => vec![ACTIVE],
    };
    wanted.push(seen.clone());
    let category = Condition::related(PLACE_CATEGORY, Condition::All(wanted));
    Some(Condition::related(ENTRY_PLACES, Condition::ints("status", statuses).and(category)))
}
