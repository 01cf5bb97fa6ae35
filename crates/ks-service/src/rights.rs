//! What an account has made of its own, from stored permissions to rights, and what whoever calls may give to others.

use std::borrow::Cow;
use std::sync::Arc;

use ks_access::builtin;
use ks_access::{Excess, OwnItem, OwnPermission, Permissions, Rights};
use ks_schema::{ApiError, PartnerId};
use ks_store::{Account, OwnPermissions, PermissionItem, PermissionKind, Store, StoreError};
use ks_token::SessionKind;

use crate::call::{Call, Session};
use crate::roles::Asked;

impl Call<'_> {
    /// What whoever calls can give in the account that the call works on.
    pub(crate) fn own_permissions(&self) -> Cow<'_, Permissions> {
        match self.session {
            Some(session) if session.ks.partner_id != self.partner_id() => {
                Cow::Owned(self.permissions.clone().built_in_only())
            }
            _ => Cow::Borrowed(self.permissions),
        }
    }

    /// Whether the session may hand a role with these permissions (comma-joined names) on.
    pub(crate) fn may_give(&self, permission_names: &str) -> bool {
        !Permissions::of_role(permission_names).exceed(&[&*self.own_permissions()])
    }

    /// What of these rights is more than whoever calls has, and more than any user has.
    pub(crate) async fn beyond(&self, rights: &Rights<'_>, account: &Arc<Account>) -> Result<Option<Excess>, ApiError> {
        let anyway = self.usual(account).await?;
        let own = self.own_permissions();
        let ks = self.session.map(|session| &session.ks);
        let user = ks.and_then(|ks| ks.user_id.as_deref());
        Ok(rights.beyond(&Rights::of(&own, ks.map(ks_token::Ks::kind), user), &anyway))
    }

    /// What a user without roles may do in an account.
    pub(crate) async fn usual(&self, account: &Arc<Account>) -> Result<Arc<Permissions>, ApiError> {
        let asked = Asked { kind: Some(SessionKind::User), ..Asked::default() };
        self.node.permissions(Some(account), asked).await
    }
}

/// What a session has.
pub(crate) fn of_session<'a>(session: &'a Session, permissions: &'a Permissions) -> Rights<'a> {
    Rights::of(permissions, Some(session.ks.kind()), session.ks.user_id.as_deref())
}

/// The parts of a comma-joined text.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|word| !word.is_empty())
}

/// Permissions of an account, as decisions see them.
pub(crate) fn own(stored: &OwnPermissions) -> Vec<OwnPermission<'_>> {
    let permissions = stored.permissions.iter().map(|permission| OwnPermission {
        name: &permission.name,
        is_active: permission.is_active,
        is_feature: permission.kind != PermissionKind::Normal,
        depends_on: permission.depends_on.as_deref().unwrap_or_default(),
        items: items(stored, permission.item_ids.as_deref()).collect(),
    });
    permissions.collect()
}

fn item(stored: &OwnPermissions, id: i64) -> Option<OwnItem<'_>> {
    if let Some(item) = builtin::items().iter().find(|item| item.id == id) {
        return Some(OwnItem { subject: item.subject, detail: item.detail, used: item.used.map(ks_access::Use::word) });
    }
    stored.items.iter().find(|item| item.id == id).map(own_item)
}

/// An item of an account, as decisions see it.
pub(crate) fn own_item(item: &PermissionItem) -> OwnItem<'_> {
    OwnItem { subject: &item.subject, detail: &item.detail, used: item.used.as_deref() }
}

/// The ids of a comma-joined list; what is no number is left out.
fn ids(text: Option<&str>) -> impl Iterator<Item = i64> {
    words(text.unwrap_or_default()).filter_map(|word| word.parse().ok())
}

/// What the items of a comma-joined list allow; an id that no item has allows nothing.
pub(crate) fn items<'a>(stored: &'a OwnPermissions, text: Option<&'a str>) -> impl Iterator<Item = OwnItem<'a>> {
    ids(text).filter_map(|id| item(stored, id))
}

/// Whether every id of a comma-joined list is that of a permission item which the account can see.
pub(crate) fn has_items(stored: &OwnPermissions, text: &str) -> bool {
    words(text).all(|word| {
        word.parse::<i64>().is_ok_and(|id| {
            builtin::items().iter().any(|item| item.id == id) || stored.items.iter().any(|item| item.id == id)
        })
    })
}

/// The names that the wildcard stands for in an account: all built-in ones, and its own that count.
pub(crate) fn all_names(stored: &OwnPermissions) -> impl Iterator<Item = &str> {
    let own = stored.permissions.iter().filter(|it| it.is_active && it.kind == PermissionKind::Normal);
    builtin::permissions().iter().map(|permission| permission.name).chain(own.map(|it| it.name.as_str()))
}

/// The first of these comma-joined names that no role of the account can have.
///
/// # Errors
/// As [`Store::own_permissions`].
pub async fn unknown_permission(store: &Store, partner: PartnerId, names: &str) -> Result<Option<String>, StoreError> {
    let stored = store.own_permissions(partner).await?;
    let unknown = words(names).find(|name| *name != "*" && !all_names(&stored).any(|known| known == *name));
    Ok(unknown.map(str::to_owned))
}
