//! Templates: what a new account takes over from another one.

use ks_schema::ids::RoleId;
use ks_token::PartnerId;

use crate::category_change;
use crate::engine::args;
use crate::error::StoreError;
use crate::partner::Partner;
use crate::writer::Tx;

/// Properties that say who an account is, and not how it works: each account has its own.
const ITS_OWN: [&str; 22] = [
    "additionalParams",
    "adminUserId",
    "allowedEmailDomainsForAdmins",
    "country",
    "crmId",
    "customAnalyticsDomain",
    "describeYourself",
    "externalIdentifier",
    "firstName",
    "landingPage",
    "lastName",
    "notificationUrl",
    "notificationsConfig",
    "partnerGroupType",
    "partnerPackage",
    "phone",
    "referenceId",
    "state",
    "templatePartnerId",
    "type",
    "userLandingPage",
    "website",
];

/// Takes settings over, where the new account says nothing itself. Roles are not known to it yet: see [`copy`].
pub(crate) fn settings(of: &Partner, new: &mut Partner) {
    new.ks_version = of.ks_version;
    new.ks_max_expiry = of.ks_max_expiry;
    new.v1_allowed = of.v1_allowed;
    new.hide_secrets = of.hide_secrets;
    new.default_entitlement_enforcement |= of.default_entitlement_enforcement;
    new.always_allowed_permission_names.clone_from(&of.always_allowed_permission_names);
    for (name, value) in &of.properties {
        if !ITS_OWN.contains(&name.as_str()) && !new.properties.contains_key(name) {
            new.properties.insert(name.clone(), value.clone());
        }
    }
    new.properties.insert("templatePartnerId".to_owned(), of.id.get().into());
}

/// Copies permission items, permissions, roles and categories. Groups of accounts that others may enter are not copied,
/// and neither is anything that is somebody's: users, secrets, app tokens, entries, members of categories.
pub(crate) async fn copy(tx: &mut Tx, of: &Partner, new: &mut Partner, now: i64) -> Result<(), StoreError> {
    let items = copy_items(tx, of.id, new.id, now).await?;
    copy_permissions(tx, of.id, new.id, &items, now).await?;
    let roles = copy_roles(tx, of.id, new.id, now).await?;
    let moved = |role: Option<RoleId>| {
        role.map(|role| roles.iter().find(|(old, _)| *old == role.get()).map_or(role, |(_, own)| RoleId::new(*own)))
    };
    new.admin_session_role_id = moved(of.admin_session_role_id);
    new.user_session_role_id = moved(of.user_session_role_id);
    new.widget_session_role_id = moved(of.widget_session_role_id);
    category_change::copy_all(tx, of.id, new.id, now).await
}

/// The numbers of originals and of their copies.
type Numbers = Vec<(i64, i64)>;

async fn copy_items(tx: &mut Tx, from: PartnerId, to: PartnerId, now: i64) -> Result<Numbers, StoreError> {
    let originals = tx.fetch("SELECT id FROM permission_item WHERE partner_id = $1 ORDER BY id", args![from]).await?;
    let mut numbers = Vec::with_capacity(originals.len());
    for original in &originals {
        let id = original.int(0)?;
        let made = tx
            .fetch(
                "INSERT INTO permission_item (partner_id, subject, detail, used, tags, created_at, updated_at) \
                 SELECT $2, subject, detail, used, tags, $3, $3 FROM permission_item WHERE id = $1 RETURNING id",
                args![id, to, now],
            )
            .await?;
        numbers.push((id, made.first().ok_or(StoreError::Corrupt("permission item"))?.int(0)?));
    }
    Ok(numbers)
}

async fn copy_permissions(
    tx: &mut Tx,
    from: PartnerId,
    to: PartnerId,
    items: &Numbers,
    now: i64,
) -> Result<(), StoreError> {
    let originals = tx
        .fetch(
            "SELECT id, item_ids FROM permission WHERE partner_id = $1 AND status <> 3 AND type <> 4 ORDER BY id",
            args![from],
        )
        .await?;
    for original in &originals {
        let item_ids = original.opt_text(1)?.map(|text| {
            let moved = text.split(',').map(str::trim).map(|word| {
                let own = word.parse().ok().and_then(|id: i64| items.iter().find(|(old, _)| *old == id));
                own.map_or_else(|| word.to_owned(), |(_, own)| own.to_string())
            });
            moved.collect::<Vec<_>>().join(",")
        });
        tx.execute(
            "INSERT INTO permission (partner_id, type, name, friendly_name, description, status, depends_on, tags, \
             item_ids, created_at, updated_at) SELECT $2, type, name, friendly_name, description, status, depends_on, \
             tags, $3, $4, $4 FROM permission WHERE id = $1",
            args![original.int(0)?, to, item_ids, now],
        )
        .await?;
    }
    Ok(())
}

async fn copy_roles(tx: &mut Tx, from: PartnerId, to: PartnerId, now: i64) -> Result<Numbers, StoreError> {
    let sql = "SELECT id FROM user_role WHERE partner_id = $1 AND status <> 3 ORDER BY id";
    let originals = tx.fetch(sql, args![from]).await?;
    let mut numbers = Vec::with_capacity(originals.len());
    for original in &originals {
        let id = original.int(0)?;
        let made = tx
            .fetch(
                "INSERT INTO user_role (partner_id, system_name, name, description, status, permission_names, tags, \
                 created_at, updated_at) SELECT $2, system_name, name, description, status, permission_names, tags, \
                 $3, $3 FROM user_role WHERE id = $1 RETURNING id",
                args![id, to, now],
            )
            .await?;
        numbers.push((id, made.first().ok_or(StoreError::Corrupt("role"))?.int(0)?));
    }
    Ok(numbers)
}
