//! `categoryUser.update`, `delete`, `activate`, `deactivate` and `copyFromCategory`.

use ks_access::entitlement::membership::names_of_level;
use ks_access::entitlement::{level, permission};
use ks_schema::generated::classes;
use ks_schema::generated::enums::{InheritanceType, UpdateMethodType};
use ks_schema::write::check_update;
use ks_schema::{ApiError, Field};
use ks_store::{Category, User};

use super::{ACTIVE, describe, known, own_row, refused};
use crate::call::Call;
use crate::category::{limits, visible};
use crate::generated::category_user::{Delete, Update};

/// What the caller is in a category, under entitlement; without it, everything.
struct Caller {
    /// Whether the caller counts at all.
    permitted: bool,
    manages: bool,
    edits: bool,
}

async fn caller(call: &Call<'_>, category: &Category) -> Result<Caller, ApiError> {
    if !call.viewer().await?.is_enforced {
        return Ok(Caller { permitted: true, manages: true, edits: true });
    }
    let held = call.membership(category, &[permission::VIEW]).await?;
    Ok(Caller {
        permitted: held.is_some(),
        manages: held.as_ref().is_some_and(|held| held.level == level::MANAGER),
        edits: held.is_some_and(|held| has_name(&held.names, permission::EDIT)),
    })
}

/// Whether comma-joined permission names hold this one.
fn has_name(names: &str, name: &str) -> bool {
    names.split(',').any(|held| held.trim() == name)
}

/// Whether the session is this user's.
fn is_caller(call: &Call<'_>, user: &User) -> Result<bool, ApiError> {
    Ok(call.session()?.ks.user_id.as_deref() == Some(user.user_id.as_str()))
}

pub(super) async fn update(call: &Call<'_>, args: Update) -> Result<classes::CategoryUser, ApiError> {
    let user = known(call, &args.user_id).await?;
    let hidden = ApiError::category_not_found(args.category_id);
    let member = own_row(call, args.category_id, &args.user_id, &user, hidden).await?;
    let sent = args.category_user;
    // Said to be by hand, a change is by hand; the reference takes that for nothing said, since it is 0.
    let by_hand = sent.update_method.get() == Some(&UpdateMethodType::Manual);
    if !args.r#override && !by_hand && member.update_method == UpdateMethodType::Manual.value() {
        return Err(ApiError::cannot_override_manual_changes());
    }
    let category = visible(call, args.category_id).await?;
    let owns = category.owner == Some(user.id);
    let names = new_names(&sent);
    if owns && names.as_deref().is_some_and(|names| !has_name(names, permission::EDIT)) {
        return Err(ApiError::cannot_update_category_user_owner());
    }
    if !caller(call, &category).await?.edits {
        return Err(ApiError::cannot_update_category_user());
    }
    check_update(&sent, &describe(&member))?;
    let level = sent.permission_level.get().map(|level| level.value());
    let method = match sent.update_method {
        Field::Set(method) => Some(method.value()),
        Field::Absent | Field::Null => None,
    };
    let store = call.store();
    let changed = store.update_category_user(category.id, user.id, call.now, move |member| {
        member.permission_level = level.unwrap_or(member.permission_level);
        if let Some(names) = names {
            member.permission_names = names;
        }
        member.update_method = method.unwrap_or(member.update_method);
    });
    let changed = changed.await;
    changed.map(|member| describe(&member)).map_err(|fault| refused(&fault, &category, &args.user_id, 0))
}

/// The permission names that a request asks for: those that it names, else those of its level.
fn new_names(sent: &classes::CategoryUser) -> Option<String> {
    let named = sent.permission_names.get().cloned();
    named.or_else(|| sent.permission_level.get().map(|level| names_of_level(level.value()).to_owned()))
}

pub(super) async fn delete(call: &Call<'_>, args: Delete) -> Result<(), ApiError> {
    let user = known(call, &args.user_id).await?;
    let category = match super::row(call, ks_schema::CategoryId::new(args.category_id), &user).await? {
        Some(_) => visible(call, args.category_id).await?,
        // Members that a category has from above have no row of their own there.
        None => match call.visible_category(ks_schema::CategoryId::new(args.category_id)).await? {
            Some(category) if category.inheritance_type == InheritanceType::Inherit.value() => category,
            None if call.viewer().await?.is_enforced => return Err(ApiError::category_not_found(args.category_id)),
            Some(_) | None => return Err(super::unknown(args.category_id, &args.user_id)),
        },
    };
    if category.inheritance_type == InheritanceType::Inherit.value() {
        return Err(ApiError::category_inherit_members(args.category_id));
    }
    let caller = caller(call, &category).await?;
    if !caller.permitted || !caller.manages && !is_caller(call, &user)? {
        return Err(ApiError::cannot_update_category_user());
    }
    if category.owner == Some(user.id) {
        return Err(ApiError::cannot_update_category_user_owner());
    }
    let deleted = call.store().delete_category_user(category.id, user.id, call.now).await;
    deleted.map_err(|fault| refused(&fault, &category, &args.user_id, 0))
}

/// Managers decide whether a membership counts; anyone may leave.
pub(super) async fn set_status(
    call: &Call<'_>,
    category_id: i64,
    user_id: &str,
    status: i64,
) -> Result<classes::CategoryUser, ApiError> {
    let user = known(call, user_id).await?;
    let _ = own_row(call, category_id, user_id, &user, ApiError::cannot_update_category_user()).await?;
    let Some(category) = call.visible_category(ks_schema::CategoryId::new(category_id)).await? else {
        return Err(ApiError::cannot_update_category_user());
    };
    let caller = caller(call, &category).await?;
    let leaves = status != ACTIVE && caller.permitted && is_caller(call, &user)?;
    if !caller.manages && !leaves {
        return Err(ApiError::cannot_update_category_user());
    }
    let store = call.store();
    let changed =
        store.update_category_user(category.id, user.id, call.now, move |member| member.status = status).await;
    changed.map(|member| describe(&member)).map_err(|fault| refused(&fault, &category, user_id, 0))
}

pub(super) async fn copy(call: &Call<'_>, id: i64) -> Result<(), ApiError> {
    if call.viewer().await?.is_enforced {
        return Err(ApiError::cannot_update_category_user().because(
            "entitlement",
            "Members are not copied by sessions under entitlement.",
            Some(call.partner_id()),
        ));
    }
    let category = visible(call, id).await?;
    let parent = category.parent_id.ok_or_else(ApiError::category_does_not_have_parent_category)?;
    if category.inheritance_type == InheritanceType::Inherit.value() {
        return Err(ApiError::category_inherit_members(id));
    }
    let parent = call.node.store.category(category.partner_id, parent).await;
    let parent = parent.map_err(|error| crate::call::database_error(&error))?;
    let parent = parent.ok_or_else(ApiError::category_does_not_have_parent_category)?;
    let most = limits::most_members(call.account()?);
    let store = call.store();
    let copied = store.copy_category_users(category.partner_id, parent.members_of, category.id, most, call.now);
    copied.await.map_err(|fault| refused(&fault, &category, "", most))
}
