//! Lists of entries and how many they have.

use ks_access::condition::{Compare, Condition, Value, fold};
use ks_access::entitlement::Viewer;
use ks_access::entitlement::list::visible_categories;
use ks_access::entitlement::relation::{ENTRY_PLACES, PLACE_CATEGORY};
use ks_schema::generated::classes::{AnyBaseEntry, BaseEntryFilter, FilterPager};
use ks_schema::{ApiError, EntryId, IntoOut, Out, PartnerId};
use ks_store::{Category, Entry, EntryQuery, Order, Page};

use super::filter::{self, Places};
use super::{Kind, describe};
use crate::call::{Call, database_error};
use crate::list::{page, window};
use crate::rights::words;

/// How many ids one query names.
const TOGETHER: usize = 500;

/// Which list is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum List {
    /// Its own entries only, for users' sessions, unless it names some.
    Entries,
    /// The same, but naming some changes nothing.
    Count,
    /// It names some.
    ByReference,
}

/// A filter, ready for the store.
struct Ready<'v> {
    /// Who lists others' entries, too.
    viewer: Option<&'v Viewer>,
    /// Whether all defaults count.
    is_usual: bool,
    condition: Condition,
    order: Vec<Order>,
}

impl Ready<'_> {
    fn query(&self, partner: PartnerId, page: Page) -> EntryQuery<'_> {
        let condition = self.condition.clone();
        EntryQuery { partner, viewer: self.viewer, is_usual: self.is_usual, condition, order: &self.order, page }
    }
}

/// One page, and how many entries there are in all.
pub(crate) async fn list<F: IntoOut>(
    call: &Call<'_>,
    kind: Kind,
    filter: Option<F>,
    pager: Option<&FilterPager>,
) -> Result<(Vec<AnyBaseEntry>, i64), ApiError> {
    answer(call, kind, List::Entries, filter.map_or(Out::Null, IntoOut::into_out), pager).await
}

/// How many entries a list would have.
pub(crate) async fn count<F: IntoOut>(call: &Call<'_>, kind: Kind, filter: Option<F>) -> Result<i64, ApiError> {
    let ready = ready(call, kind, List::Count, filter.map_or(Out::Null, IntoOut::into_out)).await?;
    let all = Page { offset: 0, limit: 0 };
    let counted = call.node.store.count_found_entries(&ready.query(call.account()?.partner.id, all)).await;
    Ok(i64::try_from(counted.map_err(|error| database_error(&error))?).unwrap_or(i64::MAX))
}

/// Entries that another system knows by an id.
pub(crate) async fn by_reference_id(
    call: &Call<'_>,
    id: &str,
    pager: Option<&FilterPager>,
) -> Result<(Vec<AnyBaseEntry>, i64), ApiError> {
    if id.trim().is_empty() {
        return Err(ApiError::missing_mandatory_parameter("refId"));
    }
    let filter = BaseEntryFilter { reference_id_equal: id.to_owned().into(), ..BaseEntryFilter::default() };
    answer(call, Kind::Any, List::ByReference, filter.into_out(), pager).await
}

/// Entries by their ids, in the order in which those are given.
pub(crate) async fn by_ids(call: &Call<'_>, ids: &str) -> Result<Vec<AnyBaseEntry>, ApiError> {
    let partner = call.account()?.partner.id;
    let mut wanted: Vec<&str> = Vec::new();
    for id in words(ids) {
        if !wanted.contains(&id) {
            wanted.push(id);
        }
    }
    let mut ordered: Vec<Entry> = Vec::with_capacity(wanted.len());
    for some in wanted.chunks(TOGETHER) {
        let ready = Ready {
            viewer: Some(call.viewer().await?),
            is_usual: false,
            condition: Condition::texts("id", some.iter().copied()),
            order: Vec::new(),
        };
        let all = Page { offset: 0, limit: u32::MAX };
        let found = call.node.store.find_entries(&ready.query(partner, all)).await;
        let (entries, _) = found.map_err(|error| database_error(&error))?;
        ordered.extend(some.iter().filter_map(|id| entries.iter().find(|entry| entry.id.as_str() == *id).cloned()));
    }
    describe::many(call, &ordered).await
}

async fn answer(
    call: &Call<'_>,
    kind: Kind,
    list: List,
    filter: Out,
    pager: Option<&FilterPager>,
) -> Result<(Vec<AnyBaseEntry>, i64), ApiError> {
    let page = window(page(pager))?;
    let ready = ready(call, kind, list, filter).await?;
    let found = call.node.store.find_entries(&ready.query(call.account()?.partner.id, page)).await;
    let (entries, total) = found.map_err(|error| database_error(&error))?;
    Ok((describe::many(call, &entries).await?, i64::try_from(total).unwrap_or(i64::MAX)))
}

async fn ready<'c>(call: &'c Call<'_>, kind: Kind, list: List, filter: Out) -> Result<Ready<'c>, ApiError> {
    let viewer = call.viewer().await?;
    let asked = filter::asked(&filter);
    let own = viewer.lists_own_only();
    let is_lifted = list == List::ByReference || list == List::Entries && asked.names_entries;
    let is_usual = asked.has_no_say();
    let mut condition = if own { call.entry_scope(is_lifted).await? } else { Condition::TRUE };
    if !is_usual {
        condition = condition.and(filter::defaults(&asked));
    }
    if kind == Kind::Media {
        condition = condition.and(filter::media_only());
    }
    if let Some(id) = &asked.redirect_from {
        condition = condition.and(Condition::text("id", redirected(call, id).await?));
    }
    for places in &asked.categories {
        condition = condition.and(placed(call, places).await?);
    }
    let lowered = filter::lowered(filter);
    Ok(Ready {
        viewer: (!own).then_some(viewer),
        is_usual,
        condition: condition.and(lowered.condition),
        order: lowered.order,
    })
}

/// The entry to be shown in the place of another one, or that one.
async fn redirected(call: &Call<'_>, id: &str) -> Result<String, ApiError> {
    let partner = call.account()?.partner.id;
    let entry = call.node.store.entry(partner, &EntryId::new(id)).await.map_err(|error| database_error(&error))?;
    let to = entry.and_then(|entry| entry.redirect_entry_id);
    Ok(to.map_or_else(|| id.to_owned(), |to| to.as_str().to_owned()))
}

/// `KalturaCategoryEntryStatus`: there, and all that are not deleted.
const ACTIVE: i64 = 2;
const ANY: [i64; 3] = [1, 2, 4];

async fn placed(call: &Call<'_>, places: &Places) -> Result<Condition, ApiError> {
    let there =
        |condition: Condition| Condition::related(ENTRY_PLACES, Condition::int("status", ACTIVE).and(condition));
    let in_one = |category: &Category| there(Condition::int("category_id", category.id.get()));
    Ok(match places {
        Places::Nowhere(nowhere) => {
            let somewhere = there(Condition::TRUE);
            if *nowhere { somewhere.negated() } else { somewhere }
        }
        Places::InAny(ids) => {
            let seen = numbered(call, ids, true).await?;
            there(Condition::ints("category_id", seen.iter().map(|category| category.id.get())))
        }
        Places::InAll(ids) => {
            let seen = numbered(call, ids, true).await?;
            if seen.is_empty() { Condition::FALSE } else { Condition::All(seen.iter().map(in_one).collect()) }
        }
        Places::BelowAny(ids) => {
            let known = numbered(call, ids, false).await?;
            there(Condition::Any(known.iter().map(|category| below(category, false)).collect()))
        }
        Places::InNone(ids) => {
            let known = numbered(call, ids, false).await?;
            outside(known.iter().map(|category| below(category, false)).collect())
        }
        Places::NamedAny(names) => there(Condition::Any(named(call, names).await?.into_iter().flatten().collect())),
        Places::NamedAll(names) => {
            let each = named(call, names).await?.into_iter().map(|found| found.map_or(Condition::FALSE, there));
            Condition::All(each.collect())
        }
        Places::NamedNone(names) => outside(named(call, names).await?.into_iter().flatten().collect()),
    })
}

/// In none of these, whatever became of the assignment.
fn outside(categories: Vec<Condition>) -> Condition {
    let anywhere = Condition::ints("status", ANY).and(Condition::Any(categories));
    Condition::related(ENTRY_PLACES, anywhere).negated()
}

/// Of places: in a category or below; only below, if that is asked for.
fn below(category: &Category, strictly: bool) -> Condition {
    // `?` is the character after `>`.
    let from = Condition::Is("full_ids", Compare::AtLeast, Value::Text(format!("{}>", category.full_ids)));
    let under = from.and(Condition::Is("full_ids", Compare::Below, Value::Text(format!("{}?", category.full_ids))));
    let itself = Condition::int("id", category.id.get());
    Condition::related(PLACE_CATEGORY, if strictly { under } else { itself.or(under) })
}

/// Categories by their ids: those that the session sees, or all.
async fn numbered(call: &Call<'_>, ids: &[String], seen: bool) -> Result<Vec<Category>, ApiError> {
    let numbers = ids.iter().filter_map(|id| id.parse::<i64>().ok());
    found(call, Condition::ints("id", numbers), seen).await
}

/// For each full name the places in its category and below; only below with a `>` at the end. `None`: the session sees no
/// such category.
async fn named(call: &Call<'_>, names: &[String]) -> Result<Vec<Option<Condition>>, ApiError> {
    let bare = |name: &str| fold(name.strip_suffix('>').unwrap_or(name));
    let seen = found(call, Condition::texts("full_name_folded", names.iter().map(|name| bare(name))), true).await?;
    let each = names.iter().map(|name| {
        let mut matching = seen.iter().filter(|category| fold(&category.full_name) == bare(name)).peekable();
        matching.peek()?;
        Some(Condition::Any(matching.map(|category| below(category, name.ends_with('>'))).collect()))
    });
    Ok(each.collect())
}

async fn found(call: &Call<'_>, condition: Condition, seen: bool) -> Result<Vec<Category>, ApiError> {
    let partner = call.account()?.partner.id;
    let viewer = call.viewer().await?;
    let condition = if seen { condition.and(visible_categories(viewer)) } else { condition };
    let all = Page { offset: 0, limit: u32::MAX };
    let found = call.node.store.categories(partner, condition, &[], all).await;
    Ok(found.map_err(|error| database_error(&error))?.0)
}
