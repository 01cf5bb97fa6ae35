//! The service `categoryUser`.

mod add;
mod change;
mod list;

use std::sync::Arc;

use ks_schema::generated::classes;
use ks_schema::generated::enums::{CategoryUserPermissionLevel, CategoryUserStatus, UpdateMethodType};
use ks_schema::{ApiError, CategoryId};
use ks_store::{Category, CategoryUser, MemberFault, User};

use crate::call::{Call, database_error};
use crate::category::visible;
use crate::generated::category_user::{
    Activate, Add, CopyFromCategory, Deactivate, Delete, Get, Index, List, Service, Update,
};
use crate::user::found;

/// `KalturaCategoryUserStatus`.
const ACTIVE: i64 = 1;
const PENDING: i64 = 2;
const NOT_ACTIVE: i64 = 3;

/// Members of categories.
#[derive(Debug, Default)]
pub(crate) struct CategoryUsers;

impl Service for CategoryUsers {
    async fn add(&self, call: &Call<'_>, args: Add) -> Result<classes::CategoryUser, ApiError> {
        add::add(call, args.category_user).await
    }

    async fn get(&self, call: &Call<'_>, args: Get) -> Result<classes::CategoryUser, ApiError> {
        let user = known(call, &args.user_id).await?;
        let category = visible(call, args.category_id).await?;
        let member = row(call, category.members_of, &user).await?;
        member.map(|member| describe(&member)).ok_or_else(|| unknown(args.category_id, &args.user_id))
    }

    async fn update(&self, call: &Call<'_>, args: Update) -> Result<classes::CategoryUser, ApiError> {
        change::update(call, args).await
    }

    async fn delete(&self, call: &Call<'_>, args: Delete) -> Result<(), ApiError> {
        change::delete(call, args).await
    }

    async fn activate(&self, call: &Call<'_>, args: Activate) -> Result<classes::CategoryUser, ApiError> {
        change::set_status(call, args.category_id, &args.user_id, ACTIVE).await
    }

    async fn deactivate(&self, call: &Call<'_>, args: Deactivate) -> Result<classes::CategoryUser, ApiError> {
        change::set_status(call, args.category_id, &args.user_id, NOT_ACTIVE).await
    }

    async fn list(&self, call: &Call<'_>, args: List) -> Result<classes::CategoryUserListResponse, ApiError> {
        list::list(call, args).await
    }

    async fn copy_from_category(&self, call: &Call<'_>, args: CopyFromCategory) -> Result<(), ApiError> {
        change::copy(call, args.category_id).await
    }

    /// Lists read the table itself, so there is no index that could be behind.
    async fn index(&self, call: &Call<'_>, args: Index) -> Result<i64, ApiError> {
        if call.viewer().await?.is_enforced {
            return Err(ApiError::cannot_index_object_when_entitlement_is_enable());
        }
        let user = known(call, &args.user_id).await?;
        let member =
            own_row(call, args.category_id, &args.user_id, &user, unknown(args.category_id, &args.user_id)).await?;
        Ok(member.id)
    }
}

/// A user or a group of the account.
async fn known(call: &Call<'_>, id: &str) -> Result<Arc<User>, ApiError> {
    found(call, id).await?.ok_or_else(ApiError::invalid_user_id)
}

/// The row of a user in exactly this category of any account.
async fn row(call: &Call<'_>, category: CategoryId, user: &User) -> Result<Option<CategoryUser>, ApiError> {
    call.node.store.category_user(category, user.id).await.map_err(|error| database_error(&error))
}

/// The row of a user in exactly this category. `hidden` is what is told of a category that the session does not see: the
/// same, whether the user is in it or not.
async fn own_row(
    call: &Call<'_>,
    category: i64,
    id: &str,
    user: &User,
    hidden: ApiError,
) -> Result<CategoryUser, ApiError> {
    match row(call, CategoryId::new(category), user).await? {
        Some(member) => Ok(member),
        None if is_hidden(call, category).await? => Err(hidden),
        None => Err(unknown(category, id)),
    }
}

/// Whether there is nothing to be told of a category, be it there or not.
async fn is_hidden(call: &Call<'_>, category: i64) -> Result<bool, ApiError> {
    let enforced = call.viewer().await?.is_enforced;
    Ok(enforced && call.visible_category(CategoryId::new(category)).await?.is_none())
}

fn unknown(category: i64, user: &str) -> ApiError {
    ApiError::invalid_category_user_id(category, user)
}

/// What a change answers that the store refuses.
fn refused(fault: &MemberFault, category: &Category, user: &str, most: i64) -> ApiError {
    match fault {
        MemberFault::NotFound => unknown(category.id.get(), user),
        MemberFault::Exists => ApiError::category_user_already_exists(),
        MemberFault::Full => ApiError::category_max_user_reached(most),
        MemberFault::Store(error) => database_error(error),
        other => {
            tracing::error!(%other, "a change of a membership failed");
            ApiError::internal_database_error()
        }
    }
}

fn describe(member: &CategoryUser) -> classes::CategoryUser {
    classes::CategoryUser {
        category_id: member.category_id.get().into(),
        user_id: member.user_id.as_str().to_owned().into(),
        partner_id: i64::from(member.partner_id.get()).into(),
        permission_level: CategoryUserPermissionLevel::from_value(member.permission_level).into(),
        status: CategoryUserStatus::from_value(member.status).into(),
        created_at: member.created_at.into(),
        updated_at: member.updated_at.into(),
        update_method: UpdateMethodType::from_value(member.update_method).into(),
        category_full_ids: member.category_full_ids.clone().into(),
        permission_names: member.permission_names.clone().into(),
    }
}
