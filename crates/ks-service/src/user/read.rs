//! `user.get`, `user.getByLoginId` and `user.list`.

use ks_access::condition::Condition;
use ks_schema::generated::classes::{AnyUser, UserListResponse};
use ks_schema::{ApiError, Field, Out, PartnerId};
use ks_token::SessionKind;

use super::{describe, found};
use crate::call::{Call, database_error};
use crate::generated::user::List;
use crate::list::{Held, Lowered, lower, page};

/// What lists of users and groups compare.
const HELD: [Held; 11] = [
    Held::text("id", "puser_id"),
    Held::number("partnerId", "partner_id"),
    Held::searched("screenName", "screen_name", "screen_name_folded"),
    Held::searched("email", "email", "email_folded"),
    Held::searched("tags", "tags", "tags_folded"),
    Held::number("status", "status"),
    Held::number("createdAt", "created_at"),
    Held::number("updatedAt", "updated_at"),
    Held::number("type", "type"),
    Held::searched("firstName", "first_name", "first_name_folded"),
    Held::searched("lastName", "last_name", "last_name_folded"),
];

pub(super) async fn get(call: &Call<'_>, id: Option<String>) -> Result<AnyUser, ApiError> {
    let ks = &call.session()?.ks;
    let own = ks.user_id.as_deref().unwrap_or_default();
    let id = id.filter(|id| !id.is_empty()).unwrap_or_else(|| own.to_owned());
    if ks.kind() != SessionKind::Admin && id != own {
        return Err(ApiError::cannot_retrieve_another_user_using_non_admin_session(&id));
    }
    let user = found(call, &id).await?.ok_or_else(ApiError::invalid_user_id)?;
    describe::user(call, &user).await
}

pub(super) async fn get_by_login_id(call: &Call<'_>, email: &str) -> Result<AnyUser, ApiError> {
    let partner = call.account()?.partner.id;
    let store = &call.node.store;
    let login = store.login(email).await.map_err(|error| database_error(&error))?;
    let login = login.ok_or_else(ApiError::login_data_not_found)?;
    let users = store.users_of_login(login.id).await.map_err(|error| database_error(&error))?;
    let user = users.into_iter().find(|user| user.partner_id == partner).ok_or_else(ApiError::user_not_found)?;
    let own = call.session()?.ks.user_id.as_deref() == Some(user.user_id.as_str());
    if !own && !call.permissions.has("MANAGE_ADMIN_USERS") {
        return Err(ApiError::invalid_user_id());
    }
    describe::user(call, &user).await
}

pub(super) async fn list(call: &Call<'_>, args: List) -> Result<UserListResponse, ApiError> {
    let partner = call.account()?.partner.id;
    let Lowered { condition, order } = lowered(call, partner, args.filter).await?;
    let found = call.node.store.users(partner, condition, &order, page(args.pager.as_ref())).await;
    let (users, total) = found.map_err(|error| database_error(&error))?;
    let mut objects = Vec::with_capacity(users.len());
    for user in &users {
        objects.push(describe::user(call, user).await?);
    }
    Ok(UserListResponse { total_count: i64::try_from(total).unwrap_or(i64::MAX).into(), objects: Field::Set(objects) })
}

/// Lowers a filter of users or groups; deleted ones only when it asks for a status.
pub(crate) async fn lowered<F: ks_schema::IntoOut>(
    call: &Call<'_>,
    partner: PartnerId,
    filter: Option<F>,
) -> Result<Lowered, ApiError> {
    let mut roles = call.node.store.roles(partner).await.map_err(|error| database_error(&error))?.to_vec();
    let shared = call.node.store.roles(PartnerId::new(0)).await.map_err(|error| database_error(&error))?;
    roles.extend(shared.iter().cloned());
    let with_permission = |name: &str| {
        let has = |names: &str| names.split(',').any(|known| known.trim() == name || known.trim() == "*");
        let ids = roles.iter().filter(|role| has(&role.permission_names)).map(|role| role.id.get().to_string());
        Condition::Any(ids.map(|id| Condition::HasWord("role_ids", id)).collect())
    };
    let mut asks_for_status = false;
    let mut lowered = lower(filter, &HELD, |name, value| {
        asks_for_status |= matches!(name, "statusEqual" | "statusIn");
        match (name, value) {
            // A nullable boolean: neither yes nor no is no condition.
            ("isAdminEqual" | "loginEnabledEqual", Out::Int(-1)) => Some(Condition::TRUE),
            ("isAdminEqual", Out::Int(is)) => Some(Condition::int("is_admin", *is)),
            ("loginEnabledEqual", Out::Int(0)) => Some(Condition::IsNull("login_data_id")),
            ("loginEnabledEqual", Out::Int(_)) => Some(Condition::Not(Box::new(Condition::IsNull("login_data_id")))),
            ("idOrScreenNameStartsWith", Out::Text(text)) => {
                Some(either("puser_id_folded", "screen_name_folded", text))
            }
            ("firstNameOrLastNameStartsWith", Out::Text(text)) => {
                Some(either("first_name_folded", "last_name_folded", text))
            }
            // Both number their kinds alike.
            ("groupType", Out::Int(kind)) => Some(Condition::int("type", *kind)),
            ("roleIdEqual", Out::Text(id)) => Some(Condition::HasWord("role_ids", id.trim().to_owned())),
            ("roleIdsEqual", Out::Text(ids)) => {
                Some(Condition::All(terms(ids).map(|id| Condition::HasWord("role_ids", id.to_owned())).collect()))
            }
            ("roleIdsIn", Out::Text(ids)) => {
                Some(Condition::Any(terms(ids).map(|id| Condition::HasWord("role_ids", id.to_owned())).collect()))
            }
            ("permissionNamesMultiLikeOr", Out::Text(names)) => {
                Some(Condition::Any(terms(names).map(with_permission).collect()))
            }
            ("permissionNamesMultiLikeAnd", Out::Text(names)) => {
                Some(Condition::All(terms(names).map(with_permission).collect()))
            }
            _ => None,
        }
    });
    if !asks_for_status {
        lowered.condition = lowered.condition.and(Condition::Not(Box::new(Condition::int("status", 2))));
    }
    Ok(lowered)
}

fn either(one: &'static str, other: &'static str, text: &str) -> Condition {
    let start = ks_access::condition::fold(text);
    Condition::Any(vec![Condition::StartsWith(one, start.clone()), Condition::StartsWith(other, start)])
}

fn terms(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|term| !term.is_empty()).take(500)
}
