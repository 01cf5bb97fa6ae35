//! `category.add`.

use ks_access::Use;
use ks_schema::generated::classes;
use ks_schema::generated::enums::InheritanceType;
use ks_schema::write::check_insert;
use ks_schema::{ApiError, CategoryId, Field};
use ks_store::Category;

use super::apply::Wanted;
use super::{describe, limits, refused, rules, visible};
use crate::call::{Call, database_error};
use crate::guard::writable;

pub(super) async fn add(call: &Call<'_>, mut sent: classes::Category) -> Result<classes::Category, ApiError> {
    let viewer = call.viewer().await?;
    let limit = limits::rules(call).await?;
    if rules::owner(&sent).is_none() {
        sent.owner = Field::Absent;
    }
    rules::check_contexts(&sent, limit.one_context)?;
    let own = sent.privacy_context.get().cloned().unwrap_or_default();
    let parent = match rules::parent(&sent).flatten() {
        None => None,
        Some(id) if own.is_empty() => Some(visible(call, id).await?),
        Some(id) => call.visible_category(CategoryId::new(id)).await?,
    };
    let entitled = !own.is_empty() || parent.as_ref().is_some_and(|parent| !parent.privacy_contexts.is_empty());
    let inherits = sent.inheritance_type.get() == Some(&InheritanceType::Inherit);
    if entitled && !inherits && !sent.owner.is_mentioned() {
        sent.owner = caller(call).await?.into();
    }
    rules::check_new_name(&sent)?;
    rules::check_context_change(&sent, "", viewer.is_enforced)?;
    if !entitled {
        rules::check_without_context(&sent)?;
    }
    if inherits {
        rules::check_inherited(&sent)?;
    }
    rules::check_owner(&sent)?;
    check_collections(call, rules::check_aggregation(&sent, (false, ""))?).await?;
    match rules::parent(&sent).flatten() {
        Some(id) if parent.is_none() => return Err(ApiError::parent_category_not_found(id)),
        None if inherits => return Err(ApiError::cannot_inherit_members_when_parent_category_is_not_set()),
        Some(_) | None => {}
    }
    check_insert(&sent)?;
    let sent = writable(call, sent, Use::Insert);
    let mut new = Category::named(call.account()?.partner.id, "", call.now);
    Wanted::of(sent, limit.one_context).apply(&mut new);
    let added = call.store().add_category(new, limit, call.now).await.map_err(|fault| refused(&fault))?;
    describe::one(call, added).await
}

/// The session's user, if it is an active one.
async fn caller(call: &Call<'_>) -> Result<Option<String>, ApiError> {
    let viewer = call.viewer().await?;
    let id = call.session()?.ks.user_id.as_deref().map(str::to_owned);
    Ok(id.filter(|_| viewer.user.is_some() && viewer.is_active))
}

/// Only categories that collect others collect.
pub(super) async fn check_collections(call: &Call<'_>, ids: Vec<i64>) -> Result<(), ApiError> {
    if ids.is_empty() {
        return Ok(());
    }
    let wanted: Vec<CategoryId> = ids.iter().copied().map(CategoryId::new).collect();
    let found = call.visible_categories(&wanted).await?;
    for id in wanted {
        let target = found.iter().find(|category| category.id == id);
        if target.ok_or_else(|| ApiError::category_not_found(id))?.is_aggregation != Some(1) {
            return Err(ApiError::aggregation_category_wrong_association());
        }
    }
    Ok(())
}

/// The category with this full name; what is missing of the path is made. Whoever calls has looked at rights.
pub(crate) async fn path(call: &Call<'_>, full_name: &str) -> Result<CategoryId, ApiError> {
    let partner = call.account()?.partner.id;
    let limit = limits::rules(call).await?;
    let mut at: Option<Category> = None;
    for name in full_name.split('>').map(str::trim).filter(|name| !name.is_empty()) {
        let name = rules::kept_name(name, limit.one_context);
        let full = at.as_ref().map_or_else(|| name.clone(), |parent| format!("{}>{name}", parent.full_name));
        let found = call.node.store.category_named(partner, &full).await.map_err(|error| database_error(&error))?;
        at = Some(match found {
            Some(found) => found,
            None => {
                let new =
                    Category { parent_id: at.map(|parent| parent.id), ..Category::named(partner, &name, call.now) };
                call.store().add_category(new, limit, call.now).await.map_err(|fault| refused(&fault))?
            }
        });
    }
    at.map(|category| category.id).ok_or_else(|| ApiError::category_not_found(full_name))
}
