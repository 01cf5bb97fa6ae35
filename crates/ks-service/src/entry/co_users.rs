//! Co-editors, co-publishers and co-viewers: who may be named, and by whom.

use ks_schema::{ApiError, UserId};
use ks_store::{CoUsers, EntryPeople, KuserId, UserStatus};

use super::owner::{self, Caller, Standing};
use crate::call::{Call, database_error};
use crate::user::fields::check_id;
use crate::user::sent::{Said, Sent};

const EDIT: &str = "entitledUsersEdit";
const PUBLISH: &str = "entitledUsersPublish";
const VIEW: &str = "entitledUsersView";

/// Who may write the first two lists.
const PERMISSION: &str = "CONTENT_MANAGE_ENTRY_USERS";

/// The ids of a list, in their order, each once.
fn ids(text: &str) -> Vec<&str> {
    let mut ids: Vec<&str> = Vec::new();
    for id in text.split(',').map(str::trim).filter(|id| !id.is_empty()) {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}

fn wanted(sent: &Sent, name: &str) -> Option<Vec<String>> {
    match sent.said(name)? {
        Said::Null => Some(Vec::new()),
        Said::Value(_) => Some(ids(sent.text(name).unwrap_or("")).into_iter().map(str::to_owned).collect()),
    }
}

/// Only owners and administrators say who else edits and publishes. What is sent as it is kept is no change.
pub(super) fn check_owner(
    sent: &Sent,
    stored: &CoUsers,
    caller: &Caller<'_>,
    standing: Standing,
) -> Result<(), ApiError> {
    if caller.is_admin || standing.owns {
        return Ok(());
    }
    let changes = |name: &str, kept: &[(KuserId, UserId)]| {
        wanted(sent, name).is_some_and(|wanted| {
            let mut kept: Vec<&str> = kept.iter().map(|(_, id)| id.as_str()).collect();
            let mut wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
            kept.sort_unstable();
            wanted.sort_unstable();
            kept != wanted
        })
    };
    if changes(EDIT, &stored.edit) || changes(PUBLISH, &stored.publish) {
        return Err(owner::wrong_session());
    }
    Ok(())
}

/// Takes the lists over into a change. Users that there are not are made, deleted ones are left out, and blocked ones
/// refused unless they are on the list already.
pub(super) async fn apply(
    call: &Call<'_>,
    sent: &Sent,
    stored: &CoUsers,
    people: &mut EntryPeople,
) -> Result<(), ApiError> {
    let may_write = call.permissions.has(PERMISSION);
    for (name, kept, list) in [
        (EDIT, &stored.edit, &mut people.edit),
        (PUBLISH, &stored.publish, &mut people.publish),
        (VIEW, &stored.view, &mut people.view),
    ] {
        let Some(wanted) = wanted(sent, name) else { continue };
        if name != VIEW && !may_write {
            call.note(
                format!("KalturaBaseEntry-{name}-error"),
                format!("The session may not set KalturaBaseEntry::{name}"),
            );
            continue;
        }
        let mut users = Vec::with_capacity(wanted.len());
        for id in wanted {
            let is_known = kept.iter().any(|(_, known)| known.as_str() == id);
            if is_known || may_be_named(call, &id, name).await? {
                users.push(UserId::new(id));
            }
        }
        *list = Some(users);
    }
    Ok(())
}

/// Whether somebody can be put on a list; somebody who was deleted is left out.
async fn may_be_named(call: &Call<'_>, id: &str, property: &str) -> Result<bool, ApiError> {
    let partner = call.account()?.partner.id;
    let user = call.node.store.user(partner, &UserId::new(id)).await.map_err(|error| database_error(&error))?;
    match user.map(|user| user.status) {
        Some(UserStatus::Active) => Ok(true),
        Some(UserStatus::Deleted) => Ok(false),
        Some(UserStatus::Blocked) => Err(ApiError::user_blocked()),
        None => check_id(id).map(|()| true).map_err(|_| ApiError::invalid_field_value(property)),
    }
}

/// An id that an owner or a creator may have: that of a user, or one that a user could get.
pub(super) async fn check_person(call: &Call<'_>, id: &str, property: &str) -> Result<(), ApiError> {
    let partner = call.account()?.partner.id;
    let user = call.node.store.live_user(partner, &UserId::new(id)).await.map_err(|error| database_error(&error))?;
    match user {
        Some(_) => Ok(()),
        None => check_id(id).map_err(|_| ApiError::invalid_field_value(property)),
    }
}

#[cfg(test)]
mod tests {
    use ks_schema::generated::classes::BaseEntry;

    use super::*;

    #[test]
    fn lists_are_comma_joined() {
        assert_eq!(ids(" ann, bob,,ann "), ["ann", "bob"]);
        assert_eq!(ids(""), [""; 0]);
    }

    #[test]
    fn only_owners_say_who_else_edits() {
        let user = Caller { is_admin: false, user: Some("zed"), privileges: None };
        let check = |entry: BaseEntry, standing| check_owner(&Sent::of(&entry), &CoUsers::default(), &user, standing);
        let editor = Standing { owns: false, edits: true };
        let edit = |who: &str| BaseEntry { entitled_users_edit: who.to_owned().into(), ..BaseEntry::default() };
        assert_eq!(check(edit("ann"), editor).unwrap_err(), owner::wrong_session());
        assert!(check(edit("ann"), Standing { owns: true, edits: true }).is_ok());
        assert!(check(edit(""), editor).is_ok(), "as it is");
        let view = BaseEntry { entitled_users_view: "ann".to_owned().into(), ..BaseEntry::default() };
        assert!(check(view, editor).is_ok());
    }
}
