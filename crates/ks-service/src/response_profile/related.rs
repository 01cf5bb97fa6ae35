//! Related profiles: lists of other objects that are attached to each object of an answer.
//!
//! Each is a call of a list's action with the rights and the entitlement of the session, and nothing is kept between
//! calls, so that nobody is shown what was made for somebody else.

use std::future::Future;
use std::pin::Pin;

use ks_access::permit;
use ks_schema::describe::{ClassInfo, Type};
use ks_schema::generated::classes;
use ks_schema::generated::services::{ActionId, Args};
use ks_schema::read::ReadContext;
use ks_schema::{ApiError, Map, Out, OutObject, Tree};
use ks_wire::profile;
use ks_wire::weight;
use parking_lot::Mutex;
use serde_json::{Map as JsonMap, Value as Json};
use tokio::sync::OnceCell;

use super::wanted::{Wanted, fields};
use crate::call::Call;
use crate::generated::dispatch;
use crate::user::sent::to_map;

/// How deep profiles stand below one another.
const DEEPEST: usize = 2;
/// Objects on a page of related ones at most.
const LARGEST_PAGE: i64 = 100;
/// Letters of a profile's name at least.
const SHORTEST_NAME: usize = 2;
/// Lists that one call makes at most, and how large they are together, in bytes.
const LISTS: usize = 1000;
const BYTES: usize = 32 << 20;

/// One related profile.
pub(crate) struct Related {
    name: String,
    list: Option<List>,
    mappings: Vec<Mapping>,
    wanted: Wanted,
}

/// The list that it attaches.
struct List {
    action: ActionId,
    class: &'static ClassInfo,
    filter: Map,
    pager: Option<Tree>,
}

/// A property of the parent that fills one of the filter.
struct Mapping {
    parent: String,
    filter: String,
    allow_null: bool,
}

/// What a call may still spend on related objects.
pub(crate) struct Budget {
    lists: usize,
    bytes: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { lists: LISTS, bytes: BYTES }
    }
}

fn text<'a>(said: &'a JsonMap<String, Json>, name: &str) -> Option<&'a str> {
    said.get(name)?.as_str()
}

/// Refuses what may not be kept as a profile.
pub(super) fn check_kept(said: &JsonMap<String, Json>) -> Result<(), ApiError> {
    check_name(said, "KalturaResponseProfile::name")?;
    of(said).map(drop)
}

fn check_name(said: &JsonMap<String, Json>, property: &str) -> Result<(), ApiError> {
    match text(said, "name") {
        None => Err(ApiError::property_validation_cannot_be_null(property)),
        Some(name) if name.len() < SHORTEST_NAME => {
            Err(ApiError::property_validation_min_length(property, SHORTEST_NAME))
        }
        Some(_) => Ok(()),
    }
}

/// The related profiles of a profile.
pub(super) fn of(said: &JsonMap<String, Json>) -> Result<Vec<Related>, ApiError> {
    below(said, 1)
}

fn below(said: &JsonMap<String, Json>, depth: usize) -> Result<Vec<Related>, ApiError> {
    let all = said.get("relatedProfiles").and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
    if depth > DEEPEST && !all.is_empty() {
        return Err(ApiError::response_profile_max_nesting_level());
    }
    all.iter().filter_map(Json::as_object).map(|said| one(said, depth)).collect()
}

fn one(said: &JsonMap<String, Json>, depth: usize) -> Result<Related, ApiError> {
    check_name(said, "KalturaDetachedResponseProfile::name")?;
    let size = said.get("pager").and_then(|pager| pager["pageSize"].as_i64());
    if size.is_some_and(|size| size > LARGEST_PAGE) {
        return Err(ApiError::property_validation_max_value("KalturaFilterPager::pageSize", LARGEST_PAGE));
    }
    let filter = said.get("filter").and_then(Json::as_object);
    let list = filter.and_then(|filter| {
        let class = classes::ALL.iter().copied().find(|class| Some(class.name) == text(filter, "objectType"))?;
        let pager = said.get("pager").and_then(Json::as_object).map(|pager| Tree::Map(to_map(pager)));
        Some(List { action: lister(class)?, class, filter: to_map(filter), pager })
    });
    let mappings = said.get("mappings").and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
    let mappings = mappings.iter().filter_map(Json::as_object).map(|mapping| Mapping {
        parent: text(mapping, "parentProperty").unwrap_or_default().to_owned(),
        filter: text(mapping, "filterProperty").unwrap_or_default().to_owned(),
        allow_null: mapping.get("allowNull").and_then(Json::as_bool).unwrap_or(false),
    });
    Ok(Related {
        name: text(said, "name").unwrap_or_default().to_owned(),
        list,
        mappings: mappings.collect(),
        wanted: Wanted { profile: fields(said)?, related: below(said, depth + 1)? },
    })
}

/// The action that lists by filters of a class; of several, the one that is nearest to it.
fn lister(class: &'static ClassInfo) -> Option<ActionId> {
    let depth = |class: &'static ClassInfo| std::iter::successors(Some(class), |class| class.base).count();
    let lists = ActionId::ALL.iter().copied().filter(|action| action.info().name == "list");
    let fitting = lists.filter_map(|action| {
        let filter = action.info().params.iter().find(|param| param.name == "filter")?;
        match filter.ty {
            Type::Object(wanted) if class.is_a(wanted) => Some((depth(wanted), action)),
            _ => None,
        }
    });
    fitting.max_by_key(|(depth, _)| *depth).map(|(_, action)| action)
}

/// Does to an answer what a profile asks for: attaches what is related to its objects, and drops what is not wanted of
/// them.
pub(crate) fn apply<'f>(
    call: &'f Call<'_>,
    wanted: &'f Wanted,
    out: &'f mut Out,
    budget: &'f mut Budget,
) -> Pin<Box<dyn Future<Output = Result<(), ApiError>> + Send + 'f>> {
    Box::pin(async move {
        if !wanted.related.is_empty() {
            attach(call, &wanted.related, out, budget).await?;
        }
        profile::apply(&wanted.profile, out);
        Ok(())
    })
}

fn attach<'f>(
    call: &'f Call<'_>,
    related: &'f [Related],
    out: &'f mut Out,
    budget: &'f mut Budget,
) -> Pin<Box<dyn Future<Output = Result<(), ApiError>> + Send + 'f>> {
    Box::pin(async move {
        match out {
            Out::Object(object) if profile::is_list_response(object.class) => {
                for value in object.values.iter_mut().filter(|value| matches!(value, Out::List(_))) {
                    attach(call, related, value, budget).await?;
                }
            }
            Out::Object(object) => attach_to(call, related, object, budget).await?,
            Out::List(items) => {
                for item in items {
                    attach(call, related, item, budget).await?;
                }
            }
            Out::Map(items) => {
                for (_, item) in items {
                    attach(call, related, item, budget).await?;
                }
            }
            Out::Null | Out::Bool(_) | Out::Int(_) | Out::Float(_) | Out::Text(_) | Out::Error(_) | Out::File(_) => {}
        }
        Ok(())
    })
}

async fn attach_to(
    call: &Call<'_>,
    related: &[Related],
    object: &mut OutObject,
    budget: &mut Budget,
) -> Result<(), ApiError> {
    let Some(place) = object.class.properties.iter().position(|info| info.name == "relatedObjects") else {
        return Ok(());
    };
    let mut attached = Vec::new();
    for one in related {
        if let Some(answer) = one.list(call, object, budget).await? {
            attached.push((one.name.clone(), answer));
        }
    }
    if !attached.is_empty()
        && let Some(value) = object.values.get_mut(place)
    {
        *value = Out::Map(attached);
    }
    Ok(())
}

impl Related {
    /// The list for a parent; none without a filter, or where the parent lacks what fills it.
    async fn list(&self, call: &Call<'_>, parent: &OutObject, budget: &mut Budget) -> Result<Option<Out>, ApiError> {
        let Some(list) = &self.list else { return Ok(None) };
        let mut filter = list.filter.clone();
        for mapping in &self.mappings {
            let undefined = |name: &str, class: &ClassInfo| ApiError::property_is_not_defined(name, class.name);
            let value = parent.get(&mapping.parent).ok_or_else(|| undefined(&mapping.parent, parent.class))?;
            if !list.class.properties.iter().any(|info| info.name == mapping.filter) {
                return Err(undefined(&mapping.filter, list.class));
            }
            match plain(value) {
                Some(text) => filter.insert(mapping.filter.as_str().into(), Tree::text(text)),
                None if mapping.allow_null => filter.insert(mapping.filter.as_str().into(), Tree::Null),
                None => return Ok(None),
            };
        }
        if budget.lists == 0 || budget.bytes == 0 {
            return Err(ApiError::parameter_value_out_of_range("relatedProfiles", 0, LISTS));
        }
        budget.lists -= 1;
        let info = list.action.info();
        if !permit(call.permissions, info) {
            let why = "No role of the session has a permission for a related list.";
            return Err(ApiError::service_forbidden(info.forbidden_name()).because("permission", why, None));
        }
        let mut params: Map = [("filter".into(), Tree::Map(filter))].into_iter().collect();
        params.extend(list.pager.clone().map(|pager| ("pager".into(), pager)));
        let args = Args::read(list.action, &mut params, &ReadContext { time_base: call.now })?;
        let inner = Call {
            node: call.node,
            action: info,
            request: call.request,
            now: call.now,
            session: call.session,
            account: call.account.clone(),
            permissions: call.permissions,
            viewer: OnceCell::new_with(call.viewer.get().cloned()),
            headers: call.headers,
            concerned: Mutex::default(),
        };
        let mut answer = dispatch(&call.node.handlers, &inner, args).await?;
        budget.bytes = budget.bytes.saturating_sub(weight(&answer));
        apply(call, &self.wanted, &mut answer, budget).await?;
        Ok(Some(answer))
    }
}

/// A value as a filter would be told it.
fn plain(value: &Out) -> Option<String> {
    match value {
        Out::Bool(value) => Some(i64::from(*value).to_string()),
        Out::Int(number) => Some(number.to_string()),
        Out::Float(number) => Some(number.to_string()),
        Out::Text(text) if !text.is_empty() => Some(text.clone()),
        Out::Text(_) | Out::Null | Out::Object(_) | Out::List(_) | Out::Map(_) | Out::Error(_) | Out::File(_) => None,
    }
}
