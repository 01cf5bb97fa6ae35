//! The service `userRole`.

use std::collections::BTreeMap;

use ks_access::condition::{Value, fold};
use ks_schema::generated::classes::{self, UserRoleListResponse};
use ks_schema::generated::enums::UserRoleStatus;
use ks_schema::write::{check_insert, check_update};
use ks_schema::{ApiError, Field, PartnerId, RoleId};
use ks_store::{NewRole, OwnPermissions, Role, RoleStatus, StoreError};

use crate::call::{Call, database_error};
use crate::generated::user_role::{Add, Clone as CloneArgs, Delete, Get, List, Service, Update};
use crate::list::{Held, lower, page, select};
use crate::rights;

/// What lists of roles compare.
const HELD: [Held; 9] = [
    Held::number("id", "id"),
    Held::text("name", "name"),
    Held::text("systemName", "system_name"),
    Held::searched("description", "description", "description_folded"),
    Held::number("status", "status"),
    Held::number("partnerId", "partner_id"),
    Held::searched("tags", "tags", "tags_folded"),
    Held::number("createdAt", "created_at"),
    Held::number("updatedAt", "updated_at"),
];

/// The account whose roles all others see.
const SHARED: PartnerId = PartnerId::new(0);

/// Named sets of rights.
#[derive(Debug, Default)]
pub(crate) struct UserRoles;

impl Service for UserRoles {
    async fn add(&self, call: &Call<'_>, args: Add) -> Result<classes::UserRole, ApiError> {
        let partner = call.account()?.partner.id;
        let sent = args.user_role;
        let name = sent.name.get().filter(|name| !name.is_empty()).cloned();
        let name = name.ok_or_else(|| ApiError::property_validation_cannot_be_null("KalturaUserRole::name"))?;
        check_insert(&sent)?;
        check(call, partner, &sent, None).await?;
        let blocked = status(&sent)? == Some(RoleStatus::Blocked);
        let new = NewRole {
            partner_id: partner,
            system_name: sent.system_name.into_option().filter(|name| !name.is_empty()),
            name,
            description: sent.description.into_option().unwrap_or_default(),
            permission_names: sent.permission_names.into_option().unwrap_or_default(),
            tags: sent.tags.into_option().unwrap_or_default(),
        };
        let mut added = put(call.store().add_role(new, call.now).await)?;
        if blocked {
            let store = call.store();
            let change = |role: &mut Role| role.status = RoleStatus::Blocked;
            added = put(store.update_role(partner, added.id, call.now, change).await)?;
        }
        describe(call, &added).await
    }

    async fn get(&self, call: &Call<'_>, args: Get) -> Result<classes::UserRole, ApiError> {
        describe(call, &visible(call, args.user_role_id).await?).await
    }

    async fn update(&self, call: &Call<'_>, args: Update) -> Result<classes::UserRole, ApiError> {
        let partner = call.account()?.partner.id;
        let stored = own(call, args.user_role_id).await?;
        let mut sent = args.user_role;
        if is_wild(&stored) {
            // What everything is made of cannot be told from its names.
            sent.permission_names = Field::Absent;
        }
        check_update(&sent, &describe(call, &stored).await?)?;
        if matches!(&sent.name, Field::Null) || sent.name.get().is_some_and(String::is_empty) {
            return Err(ApiError::property_validation_cannot_be_null("KalturaUserRole::name"));
        }
        check(call, partner, &sent, Some(stored.id)).await?;
        let status = status(&sent)?;
        // Whoever has a blocked role gets its rights when it is let in again.
        if status == Some(RoleStatus::Active) && stored.status == RoleStatus::Blocked {
            may_give(call, sent.permission_names.get().unwrap_or(&stored.permission_names))?;
        }
        let store = call.store();
        let updated = store.update_role(partner, stored.id, call.now, move |role| change(role, sent, status));
        describe(call, &put(updated.await)?).await
    }

    async fn delete(&self, call: &Call<'_>, args: Delete) -> Result<classes::UserRole, ApiError> {
        let stored = own(call, args.user_role_id).await?;
        match call.store().delete_role(stored.partner_id, stored.id, call.now).await {
            Ok(()) => {}
            Err(StoreError::Conflict(_)) => return Err(ApiError::role_is_being_used()),
            Err(StoreError::NotFound(_)) => return Err(ApiError::invalid_object_id(args.user_role_id)),
            Err(error) => return Err(database_error(&error)),
        }
        let deleted = describe(call, &Role { updated_at: call.now, ..stored }).await?;
        Ok(classes::UserRole { status: UserRoleStatus::Deleted.into(), ..deleted })
    }

    async fn list(&self, call: &Call<'_>, args: List) -> Result<UserRoleListResponse, ApiError> {
        let lowered = lower(args.filter, &HELD, |_, _| None);
        let (found, total) =
            select(all(call).await?, columns, &lowered.condition, &lowered.order, page(args.pager.as_ref()));
        let mut objects = Vec::with_capacity(found.len());
        for role in &found {
            objects.push(describe(call, role).await?);
        }
        Ok(UserRoleListResponse { total_count: total.into(), objects: objects.into() })
    }

    async fn clone(&self, call: &Call<'_>, args: CloneArgs) -> Result<classes::UserRole, ApiError> {
        let partner = call.account()?.partner.id;
        let source = visible(call, args.user_role_id).await?;
        may_give(call, &source.permission_names)?;
        let copy = NewRole {
            partner_id: partner,
            // Nobody else's system name is free.
            system_name: None,
            name: format!("{} copy ({})", source.name, date(call.now)),
            description: source.description,
            permission_names: source.permission_names,
            tags: source.tags,
        };
        describe(call, &put(call.store().add_role(copy, call.now).await)?).await
    }
}

/// The roles that an account can see, the shared ones first.
async fn all(call: &Call<'_>) -> Result<Vec<Role>, ApiError> {
    let mut all = Vec::new();
    for partner in [SHARED, call.account()?.partner.id] {
        let roles = call.node.store.roles(partner).await.map_err(|error| database_error(&error))?;
        all.extend(roles.iter().cloned());
    }
    Ok(all)
}

async fn visible(call: &Call<'_>, id: i64) -> Result<Role, ApiError> {
    all(call).await?.into_iter().find(|role| role.id.get() == id).ok_or_else(|| ApiError::invalid_object_id(id))
}

/// A role that the account may change: the shared ones are not among them.
async fn own(call: &Call<'_>, id: i64) -> Result<Role, ApiError> {
    let role = visible(call, id).await?;
    if role.partner_id == SHARED { Err(ApiError::invalid_object_id(id)) } else { Ok(role) }
}

/// A role with more rights than the session has cannot be made by it.
fn may_give(call: &Call<'_>, names: &str) -> Result<(), ApiError> {
    if call.may_give(names) { Ok(()) } else { Err(ApiError::invalid_field_value("permissionNames")) }
}

/// Refuses a name or system name that another role has, and names of permissions that there are not.
async fn check(
    call: &Call<'_>,
    partner: PartnerId,
    sent: &classes::UserRole,
    id: Option<RoleId>,
) -> Result<(), ApiError> {
    let others: Vec<Role> = all(call).await?.into_iter().filter(|role| Some(role.id) != id).collect();
    if let Some(name) = sent.name.get()
        && others.iter().any(|role| role.name == *name)
    {
        return Err(ApiError::role_name_already_exists());
    }
    if let Some(names) = sent.permission_names.get() {
        may_give(call, names)?;
        let unknown = rights::unknown_permission(&call.node.store, partner, names).await;
        if let Some(name) = unknown.map_err(|error| database_error(&error))? {
            return Err(ApiError::permission_not_found(format!("Permission [{name}] was not found")));
        }
    }
    if let Some(name) = sent.system_name.get().filter(|name| !name.is_empty())
        && others.iter().any(|role| role.system_name.as_ref() == Some(name))
    {
        return Err(ApiError::system_name_already_exists(name));
    }
    Ok(())
}

/// The status that a request asks for. Deleting is an action of its own, which asks whether anybody has the role.
fn status(sent: &classes::UserRole) -> Result<Option<RoleStatus>, ApiError> {
    match sent.status {
        Field::Absent | Field::Null => Ok(None),
        Field::Set(UserRoleStatus::Active) => Ok(Some(RoleStatus::Active)),
        Field::Set(UserRoleStatus::Blocked) => Ok(Some(RoleStatus::Blocked)),
        Field::Set(UserRoleStatus::Deleted) => Err(ApiError::invalid_field_value("status")),
    }
}

fn put(done: Result<Role, StoreError>) -> Result<Role, ApiError> {
    done.map_err(|error| match error {
        // Another role was faster than the check.
        StoreError::Conflict(_) => ApiError::role_name_already_exists(),
        error => database_error(&error),
    })
}

fn change(role: &mut Role, sent: classes::UserRole, status: Option<RoleStatus>) {
    let text = |field: Field<String>, stored: &mut String| match field {
        Field::Absent => {}
        Field::Null => stored.clear(),
        Field::Set(text) => *stored = text,
    };
    text(sent.name, &mut role.name);
    text(sent.description, &mut role.description);
    text(sent.permission_names, &mut role.permission_names);
    text(sent.tags, &mut role.tags);
    sent.system_name.apply_to(&mut role.system_name);
    role.system_name = role.system_name.take().filter(|name| !name.is_empty());
    role.status = status.unwrap_or(role.status);
}

fn is_wild(role: &Role) -> bool {
    rights::words(&role.permission_names).any(|name| name == "*")
}

fn columns(role: &Role) -> BTreeMap<&'static str, Value> {
    let mut columns = BTreeMap::from([
        ("id", Value::Int(role.id.get())),
        ("name", Value::Text(role.name.clone())),
        ("description", Value::Text(role.description.clone())),
        ("description_folded", Value::Text(fold(&role.description))),
        ("status", Value::Int(role.status.code())),
        ("partner_id", Value::Int(role.partner_id.get().into())),
        ("tags", Value::Text(role.tags.clone())),
        ("tags_folded", Value::Text(fold(&role.tags))),
        ("created_at", Value::Int(role.created_at)),
        ("updated_at", Value::Int(role.updated_at)),
    ]);
    columns.extend(role.system_name.clone().map(|name| ("system_name", Value::Text(name))));
    columns
}

async fn describe(call: &Call<'_>, role: &Role) -> Result<classes::UserRole, ApiError> {
    let partner = call.account()?.partner.id;
    let own = call.node.store.own_permissions(partner).await.map_err(|error| database_error(&error))?;
    Ok(object(role, &own))
}

fn object(role: &Role, own: &OwnPermissions) -> classes::UserRole {
    // The star is answered as what it stands for.
    let names = if is_wild(role) {
        rights::all_names(own).collect::<Vec<_>>().join(",")
    } else {
        role.permission_names.clone()
    };
    classes::UserRole {
        id: role.id.get().into(),
        name: role.name.clone().into(),
        system_name: role.system_name.clone().into(),
        description: role.description.clone().into(),
        status: Field::Set(match role.status {
            RoleStatus::Active => UserRoleStatus::Active,
            RoleStatus::Blocked => UserRoleStatus::Blocked,
        }),
        partner_id: i64::from(role.partner_id.get()).into(),
        permission_names: names.into(),
        tags: role.tags.clone().into(),
        created_at: role.created_at.into(),
        updated_at: role.updated_at.into(),
    }
}

/// A day as `2026-11-23`, in UTC.
fn date(seconds: i64) -> String {
    // Days since 0000-03-01: then a leap day is the last of its year.
    let days = seconds.div_euclid(86_400) + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let (day, month) = (day - (153 * month + 2) / 5 + 1, if month < 10 { month + 3 } else { month - 9 });
    format!("{:04}-{month:02}-{day:02}", year + era * 400 + i64::from(month <= 2))
}

#[cfg(test)]
mod tests {
    use super::date;

    /// Figures of `date -u -d @… +%F`.
    #[test]
    fn days_are_those_of_the_calendar() {
        for (seconds, day) in [
            (0, "1970-01-01"),
            (951_782_400, "2000-02-29"),
            (951_868_800, "2000-03-01"),
            (1_795_392_000, "2026-11-23"),
            (4_107_542_399, "2100-02-28"),
            (4_107_542_400, "2100-03-01"),
        ] {
            assert_eq!(date(seconds), day);
        }
    }
}
