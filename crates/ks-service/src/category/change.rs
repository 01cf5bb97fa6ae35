//! `category.update`, `category.move`, `category.delete` and `category.index`.

use ks_access::Use;
use ks_access::entitlement::{level, permission};
use ks_schema::generated::classes;
use ks_schema::generated::enums::{InheritanceType, NullableBoolean};
use ks_schema::write::check_update;
use ks_schema::{ApiError, CategoryId, Field};
use ks_store::Category;

use super::apply::Wanted;
use super::{add, describe, limits, refused, rules, visible};
use crate::call::Call;
use crate::generated::category::{Delete, Index, Move};
use crate::guard::writable;

pub(super) async fn update(
    call: &Call<'_>,
    id: i64,
    mut sent: classes::Category,
) -> Result<classes::Category, ApiError> {
    let viewer = call.viewer().await?;
    let limit = limits::rules(call).await?;
    let before = visible(call, id).await?;
    rules::check_contexts(&sent, limit.one_context)?;
    check_manager(call, &before, permission::EDIT).await?;
    rules::check_name(&sent)?;
    let above = match rules::parent(&sent) {
        Some(parent) => parent,
        None => before.parent_id.map(CategoryId::get),
    };
    let parent = match above {
        None => None,
        Some(id) if before.parent_id.map(CategoryId::get) == Some(id) => stored(call, id).await?,
        Some(id) => {
            let parent = call.visible_category(CategoryId::new(id)).await?;
            Some(parent.ok_or_else(|| ApiError::parent_category_not_found(id))?)
        }
    };
    let inherits = match &sent.inheritance_type {
        Field::Absent => before.inheritance_type == InheritanceType::Inherit.value(),
        Field::Null => false,
        Field::Set(inheritance) => *inheritance == InheritanceType::Inherit,
    };
    let own = match &sent.privacy_context {
        Field::Absent => before.privacy_context.as_str(),
        Field::Null => "",
        Field::Set(own) => own,
    };
    let entitled = !own.is_empty() || parent.as_ref().is_some_and(|parent| !parent.privacy_contexts.is_empty());
    if sent.inheritance_type.is_mentioned() && inherits && above.is_none() {
        return Err(ApiError::cannot_inherit_members_when_parent_category_is_not_set());
    }
    rules::check_context_change(&sent, &before.privacy_context, viewer.is_enforced)?;
    let shown = describe::one(call, before.clone()).await?;
    // Clients send back what they got: what is said anew of the join policy alone is a wish to set it.
    if sent.user_join_policy == shown.user_join_policy {
        sent.user_join_policy = Field::Absent;
    }
    if !entitled {
        rules::check_without_context(&sent)?;
    }
    if inherits {
        rules::check_inherited(&sent)?;
    }
    rules::check_owner(&sent)?;
    let was = (before.is_aggregation == Some(NullableBoolean::TrueValue.value()), &*before.aggregation_categories);
    add::check_collections(call, rules::check_aggregation(&sent, was)?).await?;
    check_update(&sent, &shown)?;
    let sent = writable(call, sent, Use::Update);
    let wanted = Wanted::of(sent, limit.one_context);
    let store = call.store();
    let changed =
        store.update_category(before.partner_id, before.id, limit, call.now, |category| wanted.apply(category));
    describe::one(call, changed.await.map_err(|fault| refused(&fault))?).await
}

/// A category, seen or not.
async fn stored(call: &Call<'_>, id: i64) -> Result<Option<Category>, ApiError> {
    let found = call.node.store.category(call.account()?.partner.id, CategoryId::new(id)).await;
    found.map_err(|error| crate::call::database_error(&error))
}

/// Under entitlement a category is its managers' to change.
async fn check_manager(call: &Call<'_>, category: &Category, name: &str) -> Result<(), ApiError> {
    if !call.viewer().await?.is_enforced {
        return Ok(());
    }
    match call.membership(category, &[name]).await? {
        Some(held) if held.level == level::MANAGER => Ok(()),
        Some(_) | None => Err(ApiError::not_entitled_to_update_category().because(
            "entitlement",
            "The session is under entitlement, and its user does not manage the category.",
            Some(call.partner_id()),
        )),
    }
}

pub(super) async fn delete(call: &Call<'_>, args: Delete) -> Result<(), ApiError> {
    let category = visible(call, args.id).await?;
    check_manager(call, &category, permission::VIEW).await?;
    let up = args.move_entries_to_parent_category != NullableBoolean::FalseValue;
    let deleted = call.store().delete_category(category.partner_id, category.id, up, call.now).await;
    deleted.map_err(|fault| refused(&fault))
}

pub(super) async fn relocate(call: &Call<'_>, args: Move) -> Result<bool, ApiError> {
    let partner = call.account()?.partner.id;
    if call.viewer().await?.is_enforced {
        return Err(ApiError::cannot_move_categories_from_different_parent_categories().because(
            "entitlement",
            "Categories are not moved by sessions under entitlement.",
            Some(partner),
        ));
    }
    let mut ids = Vec::new();
    for text in args.category_ids.split(',').map(str::trim) {
        let id: i64 = text.parse().map_err(|_| ApiError::category_not_found(text))?;
        if !ids.contains(&CategoryId::new(id)) {
            ids.push(CategoryId::new(id));
        }
    }
    let found = call.visible_categories(&ids).await?;
    let mut from = None;
    for id in &ids {
        let category = found.iter().find(|category| category.id == *id);
        let parent = category.ok_or_else(|| ApiError::category_not_found(id))?.parent_id;
        if *from.get_or_insert(parent) != parent {
            return Err(ApiError::cannot_move_categories_from_different_parent_categories());
        }
    }
    let target = match args.target_category_parent_id {
        0 => None,
        id => Some(visible(call, id).await?.id),
    };
    let limit = limits::rules(call).await?;
    let moved = call.store().move_categories(partner, ids, target, limit, call.now).await;
    moved.map(|()| true).map_err(|fault| refused(&fault))
}

/// What follows from a category's place is always kept as it is; this computes it again all the same.
pub(super) async fn index(call: &Call<'_>, args: Index) -> Result<i64, ApiError> {
    if call.viewer().await?.is_enforced {
        return Err(ApiError::cannot_index_object_when_entitlement_is_enable());
    }
    let category = visible(call, args.id).await?;
    let store = call.store();
    let done = if args.should_update {
        store.index_category(category.partner_id, category.id, call.now).await
    } else {
        let limit = limits::rules(call).await?;
        store.update_category(category.partner_id, category.id, limit, call.now, |_| {}).await.map(drop)
    };
    done.map(|()| category.id.get()).map_err(|fault| refused(&fault))
}
