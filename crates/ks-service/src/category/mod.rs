//! The service `category`.

mod add;
mod apply;
mod change;
mod copy;
mod describe;
pub(crate) mod limits;
pub(crate) mod list;
pub(crate) mod rules;

use ks_schema::generated::classes;
use ks_schema::{ApiError, CategoryId};
use ks_store::{Category, CategoryFault};

use crate::call::{Call, database_error};
use crate::generated::category::{Add, Clone, Delete, Get, Index, List, Move, Service, UnlockCategories, Update};

pub(crate) use add::path;

/// Categories of an account: a tree that also says who sees what is in it.
#[derive(Debug, Default)]
pub(crate) struct Categories;

impl Service for Categories {
    async fn add(&self, call: &Call<'_>, args: Add) -> Result<classes::Category, ApiError> {
        add::add(call, args.category).await
    }

    async fn clone(&self, call: &Call<'_>, args: Clone) -> Result<classes::Category, ApiError> {
        copy::copy(call, args).await
    }

    async fn get(&self, call: &Call<'_>, args: Get) -> Result<classes::Category, ApiError> {
        let category = visible(call, args.id).await?;
        describe::one(call, category).await
    }

    async fn update(&self, call: &Call<'_>, args: Update) -> Result<classes::Category, ApiError> {
        change::update(call, args.id, args.category).await
    }

    async fn delete(&self, call: &Call<'_>, args: Delete) -> Result<(), ApiError> {
        change::delete(call, args).await
    }

    async fn list(&self, call: &Call<'_>, args: List) -> Result<classes::CategoryListResponse, ApiError> {
        list::list(call, args).await
    }

    async fn index(&self, call: &Call<'_>, args: Index) -> Result<i64, ApiError> {
        change::index(call, args).await
    }

    async fn r#move(&self, call: &Call<'_>, args: Move) -> Result<bool, ApiError> {
        change::relocate(call, args).await
    }

    /// Every change of the tree is made before it is answered, so nothing is ever locked.
    async fn unlock_categories(&self, _call: &Call<'_>, _args: UnlockCategories) -> Result<(), ApiError> {
        Ok(())
    }
}

/// A category that the session sees. What is hidden, what is deleted and what never was look alike.
pub(crate) async fn visible(call: &Call<'_>, id: i64) -> Result<Category, ApiError> {
    call.visible_category(CategoryId::new(id)).await?.ok_or_else(|| ApiError::category_not_found(id))
}

/// What a change answers that the store refuses.
fn refused(fault: &CategoryFault) -> ApiError {
    match fault {
        CategoryFault::NotFound(id) => ApiError::category_not_found(id),
        CategoryFault::NoParent(id) => ApiError::parent_category_not_found(id),
        CategoryFault::BelowItself(parent, id) => ApiError::parent_category_is_child(parent, id),
        CategoryFault::Taken(name) => ApiError::duplicate_category(name),
        CategoryFault::NothingToInherit => ApiError::cannot_inherit_members_when_parent_category_is_not_set(),
        CategoryFault::ManyContexts => ApiError::cannot_set_multi_privacy_context(),
        CategoryFault::DifferentParents => ApiError::cannot_move_categories_from_different_parent_categories(),
        CategoryFault::Store(error) => database_error(error),
        other => {
            tracing::error!(%other, "a change of a category failed");
            ApiError::internal_database_error()
        }
    }
}
