//! Users and groups of a world.

use std::collections::BTreeMap;

use ks_schema::{RoleId, UserId};
use ks_store::{MemberRole, NewLogin, NewMember, NewUser, StoreError, UserKind, UserStatus, Vouch};

use super::plant::Planting;
use super::{Report, SeedError};
use crate::password;

/// Makes users, all in one change.
pub(super) async fn users(
    planting: &Planting<'_>,
    roles: &BTreeMap<String, RoleId>,
    fresh: bool,
    report: &mut Report,
) -> Result<(), SeedError> {
    let mut new = Vec::new();
    for user in &planting.account.users {
        let place = format!("user {:?}", user.id);
        let id = UserId::new(user.id.as_str());
        // The administrator of a new account is there already.
        let may_be_there = !fresh || planting.account.admin_email.as_deref() == Some(&user.id);
        let known = if may_be_there { planting.store.live_user(planting.partner, &id).await? } else { None };
        if let Some(known) = known {
            if known.kind != UserKind::User {
                return Err(planting.fault(&place, "a group has this id"));
            }
            report.users.add(false);
            continue;
        }
        let role_ids = user.roles.iter().map(|name| {
            roles.get(name).copied().ok_or_else(|| planting.fault(&place, format!("there is no role {name:?}")))
        });
        let login = match (&user.password, &user.email) {
            (Some(password), Some(email)) => {
                let hash = password::hash(password.clone()).await;
                let hash = hash.map_err(|error| planting.fault(&place, error.to_string()))?;
                Some(NewLogin { email: email.clone(), password: Some(hash), vouch: Vouch::Operator })
            }
            _ => None,
        };
        let mut made = NewUser {
            role_ids: role_ids.collect::<Result<_, _>>()?,
            status: UserStatus::from_code(user.status.code()).unwrap_or(UserStatus::Active),
            is_admin: user.admin,
            email: user.email.clone().unwrap_or_default(),
            first_name: user.first_name.clone(),
            last_name: user.last_name.clone(),
            tags: joined(&user.tags),
            login,
            ..NewUser::named(planting.partner, id)
        };
        if let Some(name) = &user.screen_name {
            made.screen_name.clone_from(name);
        }
        report.users.add(true);
        new.push(made);
    }
    add(planting, new, "users").await
}

/// Makes groups in one change, and then memberships.
pub(super) async fn groups(planting: &Planting<'_>, report: &mut Report) -> Result<(), SeedError> {
    let mut new = Vec::new();
    for group in &planting.account.groups {
        let id = UserId::new(group.id.as_str());
        match planting.store.live_user(planting.partner, &id).await? {
            Some(known) if known.kind == UserKind::User => {
                return Err(planting.fault(&format!("group {:?}", group.id), "a user has this id"));
            }
            Some(_) => report.groups.add(false),
            None => {
                let mut made = NewUser { kind: UserKind::Group, ..NewUser::named(planting.partner, id) };
                if let Some(name) = &group.name {
                    made.screen_name.clone_from(name);
                }
                report.groups.add(true);
                new.push(made);
            }
        }
    }
    add(planting, new, "groups").await?;
    for group in &planting.account.groups {
        let place = format!("group {:?}", group.id);
        let of = find(planting, &place, &group.id).await?;
        let members = group.members.iter().map(|id| (id, MemberRole::Member));
        for (id, role) in members.chain(group.managers.iter().map(|id| (id, MemberRole::Manager))) {
            let user = find(planting, &place, id).await?;
            let known = planting.store.member_of(user, of).await?.is_some();
            if !known {
                let new = NewMember { user, group: of, creation_mode: 1, role };
                planting.store.add_member(new, planting.now).await?;
            }
            report.group_members.add(!known);
        }
    }
    Ok(())
}

async fn add(planting: &Planting<'_>, new: Vec<NewUser>, place: &str) -> Result<(), SeedError> {
    if new.is_empty() {
        return Ok(());
    }
    match planting.store.add_users(new, planting.now).await {
        Err(StoreError::Conflict(what)) => Err(planting.fault(place, format!("{what} is taken"))),
        other => Ok(other?),
    }
}

/// A user or group that the file names somewhere.
pub(super) async fn find(planting: &Planting<'_>, place: &str, id: &str) -> Result<ks_store::KuserId, SeedError> {
    let user = planting.store.live_user(planting.partner, &UserId::new(id)).await?;
    user.map(|user| user.id).ok_or_else(|| planting.fault(place, format!("there is no user or group {id:?}")))
}

/// A comma list, as tags are kept.
pub(super) fn joined(tags: &[String]) -> Option<String> {
    if tags.is_empty() { None } else { Some(tags.join(",")) }
}
