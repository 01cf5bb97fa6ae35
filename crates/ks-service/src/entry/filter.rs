//! From a filter of entries to a condition on what is kept.

use ks_access::condition::{Column, Compare, Condition, Relation, Value, fold};
use ks_schema::Out;

use super::MEDIA_CLIP;
use crate::list::{Held, Lowered, lower, terms};

/// What lists of entries compare.
pub(super) const HELD: [Held; 35] = [
    Held::text("id", "id"),
    Held::searched("name", "name", "name_folded"),
    Held::searched("description", "description", "description_folded"),
    Held::number("partnerId", "partner_id"),
    Held::text("userId", "puser_id"),
    Held::text("creatorId", "creator_puser_id"),
    Held::searched("tags", "tags", "tags_folded"),
    Held::searched("adminTags", "admin_tags", "admin_tags_folded"),
    Held::number("status", "status"),
    Held::number("moderationStatus", "moderation_status"),
    Held::number("moderationCount", "moderation_count"),
    Held::text("type", "type"),
    Held::number("createdAt", "created_at"),
    Held::number("updatedAt", "updated_at"),
    Held::number("rank", "rank"),
    Held::number("totalRank", "total_rank"),
    Held::number("groupId", "group_id"),
    Held::number("accessControlId", "access_control_id"),
    Held::number("conversionProfileId", "conversion_profile_id"),
    Held::number("startDate", "start_date"),
    Held::number("endDate", "end_date"),
    Held::text("referenceId", "reference_id"),
    Held::text("replacingEntryId", "replacing_entry_id"),
    Held::text("replacedEntryId", "replaced_entry_id"),
    Held::text("replacementStatus", "replacement_status"),
    Held::number("partnerSortValue", "partner_sort_value"),
    Held::text("parentEntryId", "parent_entry_id"),
    Held::number("displayInSearch", "display_in_search"),
    Held::number("plays", "plays"),
    Held::number("views", "views"),
    Held::number("lastPlayedAt", "last_played_at"),
    Held::number("duration", "duration"),
    Held::number("mediaType", "media_type"),
    Held::text("sourceType", "source_type"),
    Held::number("mediaDate", "media_date"),
];

const CO_USERS: Relation = Relation { table: "entry_user", inner: "entry_id", outer: "id", few: true };
const OWNER: Relation = Relation { table: "kuser", inner: "id", outer: "kuser_id", few: false };

/// `KalturaNullableBoolean`: neither yes nor no.
const NEITHER: i64 = -1;

/// What a filter says that the handlers must look up before they can lower it, and what it leaves to the defaults.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    /// It names entries, so that own-only does not count.
    pub(super) names_entries: bool,
    pub(super) has_status: bool,
    pub(super) has_moderation: bool,
    pub(super) has_display: bool,
    /// It asks for one entry, so that no default counts.
    pub(super) asks_for_one: bool,
    pub(super) redirect_from: Option<String>,
    pub(super) categories: Vec<Places>,
}

impl Asked {
    /// Whether all defaults count.
    pub(super) fn has_no_say(&self) -> bool {
        !(self.asks_for_one || self.has_status || self.has_moderation || self.has_display)
    }
}

/// A condition on categories, before names and ids are looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Places {
    /// Directly in one of these.
    InAny(Vec<String>),
    /// Directly in all of these.
    InAll(Vec<String>),
    /// In none of these, nor below, whatever became of the assignment.
    InNone(Vec<String>),
    /// In one of these or below.
    BelowAny(Vec<String>),
    /// In or below one of these full names.
    NamedAny(Vec<String>),
    /// In or below all of these full names.
    NamedAll(Vec<String>),
    /// In or below none of these full names, whatever became of the assignment.
    NamedNone(Vec<String>),
    /// In no category, or in some.
    Nowhere(bool),
}

/// What a filter says, without looking anything up.
pub(super) fn asked(filter: &Out) -> Asked {
    let mut asked = Asked::default();
    let Out::Object(filter) = filter else { return asked };
    let mut ancestors = false;
    for (info, value) in filter.class.properties.iter().zip(&filter.values) {
        let text = match value {
            Out::Null => continue,
            Out::Text(text) => text.as_str(),
            _ => "",
        };
        let words = || terms(text).map(str::to_owned).collect::<Vec<_>>();
        let places = match info.name {
            "idEqual" => {
                asked.asks_for_one = true;
                asked.names_entries = true;
                None
            }
            "idIn" | "parentEntryIdEqual" => {
                asked.names_entries = true;
                asked.has_display = true;
                None
            }
            "referenceIdEqual" | "referenceIdIn" => {
                asked.names_entries = true;
                None
            }
            "redirectFromEntryId" => {
                asked.names_entries = true;
                asked.asks_for_one = true;
                asked.redirect_from = Some(text.to_owned());
                None
            }
            name if name.starts_with("status") => {
                asked.has_status = true;
                None
            }
            name if name.starts_with("moderationStatus") => {
                asked.has_moderation = true;
                None
            }
            name if name.starts_with("displayInSearch") => {
                asked.has_display = true;
                None
            }
            "categoryAncestorIdIn" if !text.is_empty() => {
                ancestors = true;
                Some(Places::BelowAny(words()))
            }
            "categoriesIdsMatchOr" if !text.is_empty() => Some(Places::InAny(words())),
            "categoriesIdsMatchAnd" if !text.is_empty() => Some(Places::InAll(words())),
            "categoriesIdsNotContains" if !text.is_empty() => Some(Places::InNone(words())),
            "categoriesMatchOr" | "categoriesFullNameIn" if !text.is_empty() => Some(Places::NamedAny(words())),
            "categoriesMatchAnd" if !text.is_empty() => Some(Places::NamedAll(words())),
            "categoriesNotContains" if !text.is_empty() => Some(Places::NamedNone(words())),
            "categoriesIdsEmpty" => match value {
                Out::Int(is) if *is != NEITHER => Some(Places::Nowhere(*is == 1)),
                _ => None,
            },
            _ => None,
        };
        asked.categories.extend(places);
    }
    if ancestors {
        // The list of ancestors replaces that of categories.
        asked.categories.retain(|places| !matches!(places, Places::InAny(_)));
    }
    asked
}

/// Lowers everything of a filter that can be lowered as it stands.
pub(super) fn lowered(filter: Out) -> Lowered {
    lower(Some(filter), &HELD, |name, value| match (name, value) {
        ("rankGreaterThanOrEqual", Out::Float(rank)) => Some(ranked(*rank, Compare::AtLeast)),
        ("rankLessThanOrEqual", Out::Float(rank)) => Some(ranked(*rank, Compare::AtMost)),
        ("isRoot", Out::Int(is)) if *is != NEITHER => {
            let root = Condition::IsNull("root_entry_id");
            Some(if *is == 1 { root } else { root.negated() })
        }
        ("rootEntryIdEqual", Out::Text(root)) => Some(rooted([root.as_str()])),
        ("rootEntryIdIn", Out::Text(roots)) => Some(rooted(terms(roots))),
        ("freeText", Out::Text(text)) => free_text(text),
        ("searchTextMatchOr", Out::Text(text)) => Some(Condition::Any(terms(text).map(found_in_text).collect())),
        ("searchTextMatchAnd", Out::Text(text)) => Some(Condition::All(terms(text).map(found_in_text).collect())),
        ("durationTypeMatchOr", Out::Text(kinds)) => Some(Condition::Any(terms(kinds).filter_map(lasting).collect())),
        // No entry has renditions.
        ("flavorParamsIdsMatchOr" | "flavorParamsIdsMatchAnd", Out::Text(ids)) if !ids.is_empty() => {
            Some(Condition::FALSE)
        }
        ("tagsNameMultiLikeOr", Out::Text(text)) => Some(any_term(text, &TAGS_NAME)),
        ("tagsAdminTagsMultiLikeOr", Out::Text(text)) => Some(any_term(text, &TAGS_ADMIN)),
        ("tagsAdminTagsNameMultiLikeOr", Out::Text(text)) => Some(any_term(text, &TAGS_ADMIN_NAME)),
        ("tagsNameMultiLikeAnd", Out::Text(text)) => Some(each_term(text, &TAGS_NAME)),
        ("tagsAdminTagsMultiLikeAnd", Out::Text(text)) => Some(each_term(text, &TAGS_ADMIN)),
        ("tagsAdminTagsNameMultiLikeAnd", Out::Text(text)) => Some(each_term(text, &TAGS_ADMIN_NAME)),
        (name, Out::Text(users)) if name.starts_with("entitledUsers") => co_users(name, users),
        _ => None,
    })
}

const TAGS_NAME: [Column; 2] = ["tags_folded", "name_folded"];
const TAGS_ADMIN: [Column; 2] = ["tags_folded", "admin_tags_folded"];
const TAGS_ADMIN_NAME: [Column; 3] = ["tags_folded", "admin_tags_folded", "name_folded"];

/// Ranks are kept times a thousand.
fn ranked(rank: f64, compare: Compare) -> Condition {
    let thousandths = (rank * 1000.0).clamp(-1e12, 1e12);
    #[expect(clippy::cast_possible_truncation, reason = "the number is within bounds now")]
    let whole = if compare == Compare::AtLeast { thousandths.ceil() } else { thousandths.floor() } as i64;
    Condition::Is("rank", compare, Value::Int(whole))
}

/// An entry that was cut from nothing is its own root.
fn rooted<'a>(roots: impl IntoIterator<Item = &'a str>) -> Condition {
    let roots: Vec<&str> = roots.into_iter().collect();
    let own = Condition::All(vec![Condition::IsNull("root_entry_id"), Condition::texts("id", roots.clone())]);
    Condition::texts("root_entry_id", roots).or(own)
}

fn found_in_text(term: &str) -> Condition {
    Condition::Contains("search_text", fold(term))
}

fn in_any_of(columns: &[Column], term: &str) -> Condition {
    Condition::Any(columns.iter().map(|column| Condition::Contains(column, fold(term))).collect())
}

fn any_term(text: &str, columns: &[Column]) -> Condition {
    Condition::Any(terms(text).map(|term| in_any_of(columns, term)).collect())
}

fn each_term(text: &str, columns: &[Column]) -> Condition {
    Condition::All(terms(text).map(|term| in_any_of(columns, term)).collect())
}

fn lasting(kind: &str) -> Option<Condition> {
    let between = |from: i64, to: i64| {
        let from = Condition::Is("duration", Compare::AtLeast, Value::Int(from));
        from.and(Condition::Is("duration", Compare::Below, Value::Int(to)))
    };
    match kind {
        "notavailable" => Some(Condition::IsNull("duration").or(Condition::int("duration", 0))),
        "short" => Some(between(1, 240)),
        "medium" => Some(between(240, 1200)),
        "long" => Some(Condition::Is("duration", Compare::AtLeast, Value::Int(1200))),
        _ => None,
    }
}

/// `entitledUsersEditMatchOr` and its like.
fn co_users(name: &str, users: &str) -> Option<Condition> {
    let rest = name.strip_prefix("entitledUsers")?;
    let (kind, all) = match (rest.strip_suffix("MatchOr"), rest.strip_suffix("MatchAnd")) {
        (Some(kind), _) => (kind, false),
        (None, kind) => (kind?, true),
    };
    let kind = kind.to_ascii_lowercase();
    let named = |user: &str| {
        let listed = Condition::text("kind", kind.clone()).and(Condition::text("puser_id", user));
        Condition::related(CO_USERS, listed)
    };
    let each = terms(users).map(named).collect();
    Some(if all { Condition::All(each) } else { Condition::Any(each) })
}

/// Words joined by AND where there is a space and by OR where there is a comma; what stands in quotes is a whole field.
fn free_text(text: &str) -> Option<Condition> {
    let alternatives: Vec<Condition> = split(text, ',').into_iter().filter_map(|part| all_words(&part)).collect();
    (!alternatives.is_empty()).then_some(Condition::Any(alternatives))
}

fn all_words(text: &str) -> Option<Condition> {
    let words = split(text, ' ');
    let words: Vec<Condition> = words.iter().filter(|word| !word.is_empty()).map(|word| one_word(word)).collect();
    (!words.is_empty()).then_some(Condition::All(words))
}

fn one_word(word: &str) -> Condition {
    let (whole, word) = match word.strip_prefix('"').and_then(|word| word.strip_suffix('"')) {
        Some(word) => (true, word),
        None => (false, word),
    };
    let folded = fold(word);
    let (own, owners) = if whole {
        let is = |column: Column| Condition::text(column, folded.clone());
        (format!("\n{folded}\n"), is("puser_id_folded").or(is("screen_name_folded")))
    } else {
        let holds = |column: Column| Condition::Contains(column, folded.clone());
        (folded.clone(), holds("puser_id_folded").or(holds("screen_name_folded")))
    };
    Condition::Contains("search_text", own).or(Condition::related(OWNER, owners))
}

/// Splits where no quote is open.
fn split(text: &str, at: char) -> Vec<String> {
    let (mut parts, mut quoted) = (vec![String::new()], false);
    for letter in text.chars() {
        quoted ^= letter == '"';
        if letter == at && !quoted {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(letter);
        }
    }
    parts.into_iter().map(|part| part.trim().to_owned()).collect()
}

/// What lists leave out unless the filter says otherwise.
pub(super) fn defaults(asked: &Asked) -> Condition {
    let mut all = Vec::new();
    if !asked.asks_for_one {
        if !asked.has_status {
            all.push(Condition::int("status", super::READY));
        }
        if !asked.has_moderation {
            all.push(Condition::ints("moderation_status", [1, 3]).negated());
        }
        if !asked.has_display {
            all.push(Condition::ints("display_in_search", [-2, -1]).negated());
        }
    }
    Condition::All(all)
}

/// Media entries.
pub(super) fn media_only() -> Condition {
    Condition::text("type", MEDIA_CLIP)
}

#[cfg(test)]
mod tests {
    use ks_schema::IntoOut;
    use ks_schema::generated::classes::BaseEntryFilter;

    use super::*;

    #[test]
    fn free_text_joins_words() {
        assert_eq!(split("a b,\"c, d\" e", ','), ["a b", "\"c, d\" e"]);
        assert_eq!(split("\"c, d\" e", ' '), ["\"c, d\"", "e"]);
        assert_eq!(free_text(" , "), None);
        let Some(Condition::Any(alternatives)) = free_text("Ann bob,\"C D\"") else { panic!("alternatives") };
        let [Condition::All(both), Condition::All(whole)] = &alternatives[..] else { panic!("{alternatives:?}") };
        assert_eq!((both.len(), whole.len()), (2, 1));
        let Condition::Any(places) = &whole[0] else { panic!("{whole:?}") };
        assert_eq!(places[0], Condition::Contains("search_text", "\nc d\n".to_owned()));
    }

    #[test]
    fn ancestors_replace_categories() {
        let filter = BaseEntryFilter {
            categories_ids_match_or: "1,2".to_owned().into(),
            category_ancestor_id_in: "3".to_owned().into(),
            categories_match_or: String::new().into(),
            ..BaseEntryFilter::default()
        };
        let asked = asked(&filter.into_out());
        assert_eq!(asked.categories, [Places::BelowAny(vec!["3".to_owned()])]);
        assert!(!asked.names_entries && !asked.has_status);
    }

    #[test]
    fn defaults_give_way() {
        let of = |filter: BaseEntryFilter| {
            let Condition::All(all) = defaults(&asked(&filter.into_out())) else { panic!("all of them") };
            all.len()
        };
        assert_eq!(of(BaseEntryFilter::default()), 3);
        assert_eq!(of(BaseEntryFilter { id_equal: "x".to_owned().into(), ..BaseEntryFilter::default() }), 0);
        assert_eq!(of(BaseEntryFilter { id_in: "x".to_owned().into(), ..BaseEntryFilter::default() }), 2);
        assert_eq!(of(BaseEntryFilter { status_in: "2,7".to_owned().into(), ..BaseEntryFilter::default() }), 2);
        assert_eq!(of(BaseEntryFilter { reference_id_equal: "x".to_owned().into(), ..BaseEntryFilter::default() }), 3);
    }
}
