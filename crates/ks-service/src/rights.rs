//! What an account has made of its own: from stored permissions to rights, and which names and ids there are.

use ks_access::builtin;
use ks_access::{OwnItem, OwnPermission};
use ks_schema::PartnerId;
use ks_store::{OwnPermissions, PermissionKind, Store, StoreError};

/// The parts of a comma-joined text.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|word| !word.is_empty())
}

/// Permissions of an account, as decisions see them.
pub(crate) fn own(stored: &OwnPermissions) -> Vec<OwnPermission<'_>> {
    let item = |id: i64| -> Option<OwnItem<'_>> {
        if let Some(item) = builtin::items().iter().find(|item| item.id == id) {
            return Some(OwnItem {
                subject: item.subject,
                detail: item.detail,
                used: item.used.map(ks_access::Use::word),
            });
        }
        let item = stored.items.iter().find(|item| item.id == id)?;
        Some(OwnItem { subject: &item.subject, detail: &item.detail, used: item.used.as_deref() })
    };
    let permissions = stored.permissions.iter().map(|permission| OwnPermission {
        name: &permission.name,
        is_active: permission.is_active,
        is_feature: permission.kind != PermissionKind::Normal,
        depends_on: permission.depends_on.as_deref().unwrap_or_default(),
        items: ids(permission.item_ids.as_deref()).filter_map(item).collect(),
    });
    permissions.collect()
}

/// The ids of a comma-joined list; what is no number is left out.
fn ids(text: Option<&str>) -> impl Iterator<Item = i64> {
    words(text.unwrap_or_default()).filter_map(|word| word.parse().ok())
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
