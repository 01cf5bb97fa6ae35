//! The service `group_group` of the plugin `group`: groups share the ids of users.

use std::sync::Arc;

use ks_schema::generated::classes::{
    AnyPager, ESearchGroupResponse, ESearchGroupResult, FilterPager, Group, GroupListResponse,
};
use ks_schema::write::{check_insert, check_update};
use ks_schema::{ApiError, Field, UserId};
use ks_store::{NewUser, StoreError, User, UserKind};
use ks_token::SessionKind;

use crate::call::{Call, database_error};
use crate::generated::group_group::{Add, Clone as CloneArgs, Delete, Get, List, SearchGroup, Service, Update};
use crate::group_search;
use crate::list::{Lowered, page};
use crate::user::sent::Sent;
use crate::user::{change_error, describe, fields, found, lowered, rights};

/// Groups of users.
#[derive(Debug, Default)]
pub(crate) struct Groups;

impl Service for Groups {
    async fn add(&self, call: &Call<'_>, args: Add) -> Result<Group, ApiError> {
        let sent = Sent::of(&args.group);
        let id = sent.text("id").unwrap_or_default().to_owned();
        fields::check_id(&id)?;
        check_insert(&args.group)?;
        fields::check(&sent)?;
        let mut new = NewUser::named(call.account()?.partner.id, UserId::new(&id));
        new.kind = UserKind::Group;
        fields::apply(&sent, &mut new);
        rights::may_make(call, None, &new).await?;
        let added = call.store().add_user(new, call.now).await.map_err(|error| change_error(&error, &id))?;
        describe::group(&added, 0)
    }

    async fn get(&self, call: &Call<'_>, args: Get) -> Result<Group, ApiError> {
        if !is_admin(call)? {
            check_user(call).await?;
            return Err(ApiError::cannot_retrieve_another_user_using_non_admin_session(&args.group_id));
        }
        let group = group(call, &args.group_id).await?.ok_or_else(|| ApiError::invalid_group_id(&args.group_id))?;
        counted(call, &group).await
    }

    async fn delete(&self, call: &Call<'_>, args: Delete) -> Result<Group, ApiError> {
        let group = group(call, &args.group_id).await?.ok_or_else(ApiError::invalid_user_id)?;
        let deleted = call.store().delete_user(group.partner_id, group.user_id.clone(), call.now).await;
        describe::group(&deleted.map_err(|error| change_error(&error, &args.group_id))?, 0)
    }

    async fn update(&self, call: &Call<'_>, args: Update) -> Result<Group, ApiError> {
        let before = group(call, &args.group_id).await?.ok_or_else(ApiError::invalid_user_id)?;
        check_update(&args.group, &counted(call, &before).await?)?;
        let sent = Sent::of(&args.group);
        fields::check(&sent)?;
        let new_id = sent.text("id").filter(|id| !id.is_empty()).unwrap_or(&args.group_id).to_owned();
        if new_id != args.group_id {
            fields::check_id(&new_id)?;
        }
        if before.kind == UserKind::ApplicativeGroup && sent.int("groupType") == Some(UserKind::Group.code()) {
            return Err(ApiError::applicative_user_type_cannot_be_updated());
        }
        let mut after = NewUser::like(&before);
        fields::apply(&sent, &mut after);
        rights::may_make(call, Some(&before), &after).await?;
        let store = call.store();
        let changed = store.update_user(before.partner_id, before.user_id.clone(), call.now, move |group| {
            let mut after = NewUser::like(group);
            fields::apply(&sent, &mut after);
            after.write_to(group);
        });
        counted(call, &changed.await.map_err(|error| change_error(&error, &new_id))?).await
    }

    async fn list(&self, call: &Call<'_>, args: List) -> Result<GroupListResponse, ApiError> {
        if !is_admin(call)? {
            check_user(call).await?;
        }
        let partner = call.account()?.partner.id;
        let found = groups(call, lowered(call, partner, args.filter).await?, args.pager.as_ref()).await?;
        Ok(GroupListResponse { total_count: found.total.into(), objects: Field::Set(found.objects) })
    }

    async fn search_group(&self, call: &Call<'_>, args: SearchGroup) -> Result<ESearchGroupResponse, ApiError> {
        let found = groups(call, group_search::lowered(args.search_params)?, pager(args.pager).as_ref()).await?;
        let results = found
            .objects
            .into_iter()
            .map(|group| ESearchGroupResult { object: Field::Set(Box::new(group)), ..ESearchGroupResult::default() });
        Ok(ESearchGroupResponse { total_count: found.total.into(), objects: Field::Set(results.collect()) })
    }

    async fn clone(&self, call: &Call<'_>, args: CloneArgs) -> Result<Group, ApiError> {
        let source = group(call, &args.original_group_id).await?;
        let source = source.ok_or_else(|| ApiError::invalid_group_id(&args.original_group_id))?;
        fields::check_id(&args.new_group_id)?;
        let name = args.new_group_name.filter(|name| !name.is_empty()).unwrap_or_else(|| args.new_group_id.clone());
        if name.contains("://") {
            return Err(ApiError::invalid_field_value("newGroupName"));
        }
        let new = NewUser { user_id: UserId::new(&args.new_group_id), screen_name: name, ..NewUser::like(&source) };
        rights::may_make(call, None, &new).await?;
        let made = call.store().clone_group(new, source.id, call.now).await.map_err(|error| match error {
            StoreError::Conflict(_) => ApiError::duplicate_group_by_id(&args.new_group_id),
            other => database_error(&other),
        })?;
        counted(call, &made).await
    }
}

/// One page of groups.
struct Found {
    objects: Vec<Group>,
    total: i64,
}

async fn groups(call: &Call<'_>, lowered: Lowered, pager: Option<&FilterPager>) -> Result<Found, ApiError> {
    let partner = call.account()?.partner.id;
    let found = call.node.store.user_groups(partner, lowered.condition, &lowered.order, page(pager)).await;
    let (groups, total) = found.map_err(|error| database_error(&error))?;
    let mut objects = Vec::with_capacity(groups.len());
    for group in &groups {
        objects.push(counted(call, group).await?);
    }
    Ok(Found { objects, total: i64::try_from(total).unwrap_or(i64::MAX) })
}

/// Searches name the pager by its base.
fn pager(sent: Option<AnyPager>) -> Option<FilterPager> {
    sent.map(|pager| match pager {
        AnyPager::Pager(pager) => FilterPager { page_size: pager.page_size, page_index: pager.page_index },
        AnyPager::FilterPager(pager) => *pager,
    })
}

fn is_admin(call: &Call<'_>) -> Result<bool, ApiError> {
    Ok(call.session()?.ks.kind() == SessionKind::Admin)
}

/// `USER_ID_NOT_PROVIDED_OR_EMPTY` for a session whose user the account does not know.
async fn check_user(call: &Call<'_>) -> Result<(), ApiError> {
    let id = call.session()?.ks.user_id.as_deref().unwrap_or_default();
    found(call, id).await?.map(drop).ok_or_else(ApiError::user_id_not_provided_or_empty)
}

/// A group of the account.
pub(crate) async fn group(call: &Call<'_>, id: &str) -> Result<Option<Arc<User>>, ApiError> {
    Ok(found(call, id).await?.filter(|user| user.kind != UserKind::User))
}

async fn counted(call: &Call<'_>, group: &User) -> Result<Group, ApiError> {
    let counts = call.node.store.members_counts(&[group.id]).await.map_err(|error| database_error(&error))?;
    describe::group(group, counts.first().copied().unwrap_or(0))
}
