//! The service `groupUser`.

use std::sync::Arc;

use ks_access::condition::{Condition, Value};
use ks_schema::generated::classes::{BulkUpload, GroupUser, GroupUserFilter, GroupUserListResponse};
use ks_schema::generated::enums::{GroupType, GroupUserCreationMode, GroupUserRole, GroupUserStatus};
use ks_schema::write::{check_insert, check_update};
use ks_schema::{ApiError, Field, Out};
use ks_store::{Member, MemberRole, NewMember, StoreError, User, UserKind};
use ks_token::SessionKind;

use crate::call::{Call, database_error};
use crate::generated::group_user::{Add, Delete, List, Service, Sync, Update};
use crate::group::group;
use crate::group_sync;
use crate::list::{Held, Lowered, lower, page};
use crate::user::found;

/// In how many groups a user may be.
pub(crate) const MOST_GROUPS: usize = 1024;

/// What lists of memberships compare.
const HELD: [Held; 5] = [
    Held::text("userId", "puser_id"),
    Held::text("groupId", "pgroup_id"),
    Held::number("status", "status"),
    Held::number("createdAt", "created_at"),
    Held::number("updatedAt", "updated_at"),
];

/// Who is in which group.
#[derive(Debug, Default)]
pub(crate) struct GroupUsers;

impl Service for GroupUsers {
    async fn add(&self, call: &Call<'_>, args: Add) -> Result<GroupUser, ApiError> {
        let sent = args.group_user;
        check_insert(&sent)?;
        let needed = |field: &Field<String>, name: &str| {
            let given = field.get().filter(|text| !text.is_empty()).cloned();
            given.ok_or_else(|| ApiError::property_validation_cannot_be_null(format!("KalturaGroupUser::{name}")))
        };
        let (user_id, group_id) = (needed(&sent.user_id, "userId")?, needed(&sent.group_id, "groupId")?);
        let user = user(call, &user_id).await?;
        let group = group(call, &group_id).await?;
        check_manager(call, group.as_deref()).await?;
        let user = user.ok_or_else(ApiError::user_not_found)?;
        let group = group.ok_or_else(ApiError::group_not_found)?;
        let store = &call.node.store;
        let there = store.member_of(user.id, group.id).await.map_err(|error| database_error(&error))?;
        if there.is_some() {
            return Err(ApiError::group_user_already_exists());
        }
        let there = store.groups_of(user.id).await.map_err(|error| database_error(&error))?;
        if usize::try_from(there).is_ok_and(|there| there >= MOST_GROUPS) {
            return Err(ApiError::user_exceeded_max_groups());
        }
        let new = NewMember {
            user: user.id,
            group: group.id,
            creation_mode: sent.creation_mode.get().map_or(1, |mode| mode.value()),
            role: role(&sent.user_role),
        };
        let added = call.store().add_member(new, call.now).await.map_err(|error| match error {
            StoreError::Conflict(_) => ApiError::group_user_already_exists(),
            StoreError::NotFound(_) => ApiError::group_not_found(),
            other => database_error(&other),
        })?;
        describe(call, &added).await
    }

    async fn update(&self, call: &Call<'_>, args: Update) -> Result<GroupUser, ApiError> {
        let partner = call.account()?.partner.id;
        let unknown = ApiError::group_user_not_found;
        let id: i64 = args.group_user_id.parse().map_err(|_| unknown())?;
        let member = call.node.store.member(partner, id).await.map_err(|error| database_error(&error))?;
        let member = member.ok_or_else(unknown)?;
        let group = group(call, member.group_id.as_str()).await?;
        check_manager(call, group.as_deref()).await?;
        check_update(&args.group_user, &describe(call, &member).await?)?;
        if !args.group_user.user_role.is_mentioned() {
            return describe(call, &member).await;
        }
        let changed = call.store().set_member_role(partner, id, role(&args.group_user.user_role), call.now).await;
        let changed = changed.map_err(|error| match error {
            StoreError::NotFound(_) => unknown(),
            other => database_error(&other),
        })?;
        describe(call, &changed).await
    }

    async fn delete(&self, call: &Call<'_>, args: Delete) -> Result<(), ApiError> {
        let group = group(call, &args.group_id).await?;
        check_manager(call, group.as_deref()).await?;
        let user = user(call, &args.user_id).await?.ok_or_else(ApiError::invalid_user_id)?;
        let group = group.ok_or_else(ApiError::group_not_found)?;
        let missing = || ApiError::group_user_does_not_exists(&args.user_id, &args.group_id);
        let member = call.node.store.member_of(user.id, group.id).await.map_err(|error| database_error(&error))?;
        let member = member.ok_or_else(missing)?;
        let deleted = call.store().delete_member(group.partner_id, member.id, call.now).await;
        deleted.map_err(|error| match error {
            StoreError::NotFound(_) => missing(),
            other => database_error(&other),
        })
    }

    async fn list(&self, call: &Call<'_>, args: List) -> Result<GroupUserListResponse, ApiError> {
        let partner = call.account()?.partner.id;
        check_list(call, args.filter.as_ref()).await?;
        let mut asks_for_status = false;
        let Lowered { mut condition, order } = lower(args.filter, &HELD, |name, value| {
            asks_for_status |= matches!(name, "statusEqual" | "statusIn");
            match (name, value) {
                ("groupType", Out::Int(kind)) => Some(Condition::int("group_type", *kind)),
                _ => None,
            }
        });
        if !asks_for_status {
            condition = condition.and(Condition::In("status", vec![Value::Int(0)]));
        }
        let found = call.node.store.members(partner, condition, &order, page(args.pager.as_ref())).await;
        let (members, total) = found.map_err(|error| database_error(&error))?;
        let mut objects = Vec::with_capacity(members.len());
        for member in &members {
            objects.push(describe(call, member).await?);
        }
        Ok(GroupUserListResponse {
            total_count: i64::try_from(total).unwrap_or(i64::MAX).into(),
            objects: Field::Set(objects),
        })
    }

    async fn sync(&self, call: &Call<'_>, args: Sync) -> Result<BulkUpload, ApiError> {
        group_sync::sync(call, args).await
    }
}

fn role(sent: &Field<GroupUserRole>) -> MemberRole {
    match sent {
        Field::Set(GroupUserRole::Manager) => MemberRole::Manager,
        Field::Set(GroupUserRole::Member) | Field::Null | Field::Absent => MemberRole::Member,
    }
}

/// A person of the account.
pub(crate) async fn user(call: &Call<'_>, id: &str) -> Result<Option<Arc<User>>, ApiError> {
    Ok(found(call, id).await?.filter(|user| user.kind == UserKind::User))
}

fn manages_all(call: &Call<'_>) -> Result<bool, ApiError> {
    let admin = call.session()?.ks.kind() == SessionKind::Admin;
    Ok(admin || call.permissions.has("CONTENT_MANAGE_ASSIGN_USER_GROUP"))
}

/// `SERVICE_FORBIDDEN` unless the session may change who is in this group.
async fn check_manager(call: &Call<'_>, group: Option<&User>) -> Result<(), ApiError> {
    if manages_all(call)? {
        return Ok(());
    }
    let own = call.session()?.ks.user_id.as_deref().unwrap_or_default();
    if let (Some(user), Some(group)) = (user(call, own).await?, group) {
        let member = call.node.store.member_of(user.id, group.id).await.map_err(|error| database_error(&error))?;
        if member.is_some_and(|member| member.role == MemberRole::Manager) {
            return Ok(());
        }
    }
    Err(forbidden(call, "The session's user does not manage this group."))
}

/// Ordinary users see their own memberships and those of groups that they manage.
async fn check_list(call: &Call<'_>, filter: Option<&GroupUserFilter>) -> Result<(), ApiError> {
    if manages_all(call)? {
        return Ok(());
    }
    let own = call.session()?.ks.user_id.as_deref().unwrap_or_default();
    if filter.and_then(|filter| filter.user_id_equal.get()).is_some_and(|id| id == own) {
        return Ok(());
    }
    match filter.and_then(|filter| filter.group_id_equal.get()) {
        Some(id) => check_manager(call, group(call, id).await?.as_deref()).await,
        None => Err(forbidden(call, "The session's user sees its own memberships and those of groups it manages.")),
    }
}

fn forbidden(call: &Call<'_>, why: &'static str) -> ApiError {
    ApiError::service_forbidden(call.action.forbidden_name()).because("group", why, Some(call.partner_id()))
}

async fn describe(call: &Call<'_>, member: &Member) -> Result<GroupUser, ApiError> {
    let group = group(call, member.group_id.as_str()).await?;
    Ok(GroupUser {
        id: member.id.to_string().into(),
        user_id: member.user_id.as_str().to_owned().into(),
        group_id: member.group_id.as_str().to_owned().into(),
        status: Field::Set(if member.deleted { GroupUserStatus::Deleted } else { GroupUserStatus::Active }),
        partner_id: i64::from(member.partner_id.get()).into(),
        created_at: member.created_at.into(),
        updated_at: member.updated_at.into(),
        creation_mode: GroupUserCreationMode::from_value(member.creation_mode).into(),
        user_role: GroupUserRole::from_value(member.role.code()).into(),
        group_type: group.and_then(|group| GroupType::from_value(group.kind.code())).into(),
    })
}
