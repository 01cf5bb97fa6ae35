//! The service `permission`. A permission is known by its name.

use std::collections::BTreeMap;

use ks_access::builtin::{self, BuiltIn};
use ks_access::condition::{Value, fold};
use ks_schema::generated::classes::{self, PermissionListResponse};
use ks_schema::generated::enums::{PermissionStatus, PermissionType};
use ks_schema::write::{check_insert, check_update};
use ks_schema::{ApiError, Field, PartnerId};
use ks_store::{OwnPermissions, Permission, PermissionKind, StoreError};

use crate::call::{Call, database_error};
use crate::generated::permission::{Add, Delete, Get, GetCurrentPermissions, List, Service, Update};
use crate::list::{Held, lower, page, select};
use crate::rights;

/// What lists of permissions compare.
const HELD: [Held; 11] = [
    Held::number("id", "id"),
    Held::number("type", "type"),
    Held::text("name", "name"),
    Held::searched("friendlyName", "friendly_name", "friendly_name_folded"),
    Held::searched("description", "description", "description_folded"),
    Held::number("status", "status"),
    Held::number("partnerId", "partner_id"),
    Held::searched("dependsOnPermissionNames", "depends_on", "depends_on_folded"),
    Held::searched("tags", "tags", "tags_folded"),
    Held::number("createdAt", "created_at"),
    Held::number("updatedAt", "updated_at"),
];

const SHARED: PartnerId = PartnerId::new(0);

/// Rights: what roles are made of.
#[derive(Debug, Default)]
pub(crate) struct Permissions;

impl Service for Permissions {
    async fn add(&self, call: &Call<'_>, args: Add) -> Result<classes::Permission, ApiError> {
        let partner = call.account()?.partner.id;
        let sent = args.permission;
        let name = sent.name.get().filter(|name| !name.is_empty()).cloned();
        let name = name.ok_or_else(|| ApiError::property_validation_cannot_be_null("KalturaPermission::name"))?;
        check_insert(&sent)?;
        let mut new = Permission::named(partner, name);
        change(&mut new, sent.clone());
        check(call, &sent, None, &new).await?;
        if new.friendly_name.is_empty() {
            new.friendly_name.clone_from(&new.name);
        }
        match call.store().add_permission(new, call.now).await {
            Ok(added) => Ok(describe(&added)),
            Err(error) => Err(taken(&error, call, "")),
        }
    }

    async fn get(&self, call: &Call<'_>, args: Get) -> Result<classes::Permission, ApiError> {
        let all = all(call).await?;
        let found = all.iter().find(|permission| permission.name == args.permission_name);
        found.map(describe).ok_or_else(|| ApiError::invalid_object_id(&args.permission_name))
    }

    async fn update(&self, call: &Call<'_>, args: Update) -> Result<classes::Permission, ApiError> {
        let stored = own(call, &args.permission_name).await?;
        if stored.kind != PermissionKind::Normal {
            return Err(ApiError::invalid_object_id(&args.permission_name));
        }
        let sent = args.permission;
        check_update(&sent, &describe(&stored))?;
        if matches!(&sent.name, Field::Null) || sent.name.get().is_some_and(String::is_empty) {
            return Err(ApiError::property_validation_cannot_be_null("KalturaPermission::name"));
        }
        let mut after = stored.clone();
        change(&mut after, sent.clone());
        check(call, &sent, Some(&stored), &after).await?;
        let store = call.store();
        let name = sent.name.get().cloned().unwrap_or_default();
        let updated = store.update_permission(stored.partner_id, stored.id, call.now, |it| change(it, sent)).await;
        match updated {
            Ok(permission) => Ok(describe(&permission)),
            Err(StoreError::NotFound(_)) => Err(ApiError::invalid_object_id(&args.permission_name)),
            Err(error) => Err(taken(&error, call, &name)),
        }
    }

    async fn delete(&self, call: &Call<'_>, args: Delete) -> Result<classes::Permission, ApiError> {
        let stored = own(call, &args.permission_name).await?;
        if stored.kind != PermissionKind::Normal {
            // Features are the operator's to give and to take.
            return Err(ApiError::invalid_object_id(&args.permission_name));
        }
        match call.store().delete_permission(stored.partner_id, stored.id, call.now).await {
            Ok(()) => {}
            Err(StoreError::NotFound(_)) => return Err(ApiError::invalid_object_id(&args.permission_name)),
            Err(error) => return Err(database_error(&error)),
        }
        let deleted = describe(&Permission { updated_at: call.now, ..stored });
        Ok(classes::Permission { status: PermissionStatus::Deleted.into(), ..deleted })
    }

    async fn list(&self, call: &Call<'_>, args: List) -> Result<PermissionListResponse, ApiError> {
        let lowered = lower(args.filter, &HELD, |_, _| None);
        let page = page(args.pager.as_ref());
        let (found, total) = select(all(call).await?, columns, &lowered.condition, &lowered.order, page);
        Ok(PermissionListResponse {
            total_count: total.into(),
            objects: Field::Set(found.iter().map(describe).collect()),
        })
    }

    async fn get_current_permissions(&self, call: &Call<'_>, _args: GetCurrentPermissions) -> Result<String, ApiError> {
        // The session's own account says what its rights are, also where it works on another one.
        let owner = call.session.map_or_else(|| call.partner_id(), |session| session.ks.partner_id);
        let own = call.node.store.own_permissions(owner).await.map_err(|error| database_error(&error))?;
        let known: Vec<&str> = rights::all_names(&own).collect();
        Ok(call.permissions.names(known).into_iter().collect::<Vec<_>>().join(","))
    }
}

/// The permissions that an account can see, the built-in ones first.
async fn all(call: &Call<'_>) -> Result<Vec<Permission>, ApiError> {
    let own = call.node.store.own_permissions(call.account()?.partner.id).await;
    let own = own.map_err(|error| database_error(&error))?;
    Ok(builtin::permissions().iter().map(shared).chain(own.permissions.iter().cloned()).collect())
}

/// A built-in permission, as one of account 0.
fn shared(permission: &BuiltIn) -> Permission {
    let items: Vec<String> = permission.items.iter().map(ToString::to_string).collect();
    Permission {
        id: permission.id,
        item_ids: Some(items.join(",")).filter(|ids| !ids.is_empty()),
        ..Permission::named(SHARED, permission.name)
    }
}

/// A permission that the account may change: the built-in ones are not among them.
async fn own(call: &Call<'_>, name: &str) -> Result<Permission, ApiError> {
    let found = all(call).await?.into_iter().find(|it| it.partner_id != SHARED && it.name == name);
    found.ok_or_else(|| ApiError::invalid_object_id(name))
}

/// Refuses a name that another permission has, items that there are not, and what would give more than the session has.
async fn check(
    call: &Call<'_>,
    sent: &classes::Permission,
    stored: Option<&Permission>,
    after: &Permission,
) -> Result<(), ApiError> {
    let partner = call.account()?.partner.id;
    let own = call.node.store.own_permissions(partner).await.map_err(|error| database_error(&error))?;
    if let Some(name) = sent.name.get().filter(|name| stored.is_none_or(|stored| stored.name != **name)) {
        if name.contains(',') || name == "*" {
            return Err(ApiError::invalid_field_value("name"));
        }
        if builtin::is_reserved(name) || own.permissions.iter().any(|permission| permission.name == *name) {
            return Err(ApiError::permission_already_exists(name, partner));
        }
    }
    if sent.status.get() == Some(&PermissionStatus::Deleted) {
        // Deleting is an action of its own.
        return Err(ApiError::invalid_field_value("status"));
    }
    if let Some(field) = beyond(call, &own, stored, after) {
        return Err(ApiError::invalid_field_value(field));
    }
    match sent.permission_items_ids.get() {
        Some(ids) if !rights::has_items(&own, ids) => Err(ApiError::permission_item_not_found()),
        _ => Ok(()),
    }
}

/// What of a permission would give more than the session has. Roles may name it already, the session's own among them,
/// and other permissions may need it: a name, a need or a status gives as much as the items do.
fn beyond(
    call: &Call<'_>,
    own: &OwnPermissions,
    before: Option<&Permission>,
    after: &Permission,
) -> Option<&'static str> {
    let had = call.own_permissions();
    let gives = |before: &Permission| {
        before.name != after.name
            || before.item_ids != after.item_ids
            || before.depends_on != after.depends_on
            || after.is_active && !before.is_active
    };
    if had.is_unrestricted() || !before.is_none_or(gives) {
        return None;
    }
    let covered = |permission: &Permission| {
        let ids = permission.item_ids.as_deref();
        rights::has_items(own, ids.unwrap_or_default()) && rights::items(own, ids).all(|item| had.cover(&item))
    };
    if !covered(after) {
        return Some("permissionItemsIds");
    }
    let needs =
        |other: &Permission| rights::words(other.depends_on.as_deref().unwrap_or_default()).any(|it| it == after.name);
    let waits = own.permissions.iter().any(|other| other.id != after.id && needs(other) && !covered(other));
    waits.then_some("name")
}

/// Another permission was faster than the check.
fn taken(error: &StoreError, call: &Call<'_>, name: &str) -> ApiError {
    match error {
        StoreError::Conflict(_) => ApiError::permission_already_exists(name, call.partner_id()),
        error => database_error(error),
    }
}

fn change(permission: &mut Permission, sent: classes::Permission) {
    if let Field::Set(name) = sent.name {
        permission.name = name;
    }
    match sent.friendly_name {
        Field::Absent => {}
        Field::Null => permission.friendly_name.clone_from(&permission.name),
        Field::Set(name) => permission.friendly_name = name,
    }
    sent.description.apply_to(&mut permission.description);
    if let Field::Set(status) = sent.status {
        permission.is_active = status == PermissionStatus::Active;
    }
    sent.depends_on_permission_names.apply_to(&mut permission.depends_on);
    sent.tags.apply_to(&mut permission.tags);
    sent.permission_items_ids.apply_to(&mut permission.item_ids);
    sent.partner_group.apply_to(&mut permission.partner_group);
}

const fn status_number(permission: &Permission) -> i64 {
    if permission.is_active { 1 } else { 2 }
}

fn columns(permission: &Permission) -> BTreeMap<&'static str, Value> {
    let mut columns = BTreeMap::from([
        ("id", Value::Int(permission.id)),
        ("type", Value::Int(permission.kind.code())),
        ("name", Value::Text(permission.name.clone())),
        ("friendly_name_folded", Value::Text(fold(&permission.friendly_name))),
        ("status", Value::Int(status_number(permission))),
        ("partner_id", Value::Int(permission.partner_id.get().into())),
        ("created_at", Value::Int(permission.created_at)),
        ("updated_at", Value::Int(permission.updated_at)),
    ]);
    for (column, text) in [
        ("description_folded", &permission.description),
        ("depends_on_folded", &permission.depends_on),
        ("tags_folded", &permission.tags),
    ] {
        columns.extend(text.as_deref().map(|text| (column, Value::Text(fold(text)))));
    }
    columns
}

fn describe(permission: &Permission) -> classes::Permission {
    classes::Permission {
        id: permission.id.into(),
        r#type: PermissionType::from_value(permission.kind.code()).into(),
        name: permission.name.clone().into(),
        friendly_name: permission.friendly_name.clone().into(),
        description: permission.description.clone().into(),
        status: PermissionStatus::from_value(status_number(permission)).into(),
        partner_id: i64::from(permission.partner_id.get()).into(),
        depends_on_permission_names: permission.depends_on.clone().into(),
        tags: permission.tags.clone().into(),
        permission_items_ids: permission.item_ids.clone().into(),
        created_at: permission.created_at.into(),
        updated_at: permission.updated_at.into(),
        partner_group: permission.partner_group.clone().into(),
    }
}
