//! Permissions of accounts, and the items that say what they allow. The built-in ones are part of the program.

use std::sync::Arc;

use ks_token::PartnerId;

use crate::change::Change;
use crate::engine::{Fetch, Row, args};
use crate::error::StoreError;
use crate::partner;
use crate::store::Store;
use crate::writer::Tx;

/// What kind of permission it is (`KalturaPermissionType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PermissionKind {
    /// 1: roles are made of these.
    Normal,
    /// 2: a feature of the account.
    SpecialFeature,
    /// 3: a plugin of the account.
    Plugin,
    /// 4: reaches other accounts.
    PartnerGroup,
}

impl PermissionKind {
    /// The number that clients see.
    #[must_use]
    pub const fn code(self) -> i64 {
        match self {
            Self::Normal => 1,
            Self::SpecialFeature => 2,
            Self::Plugin => 3,
            Self::PartnerGroup => 4,
        }
    }

    const fn from_code(code: i64) -> Option<Self> {
        Some(match code {
            1 => Self::Normal,
            2 => Self::SpecialFeature,
            3 => Self::Plugin,
            4 => Self::PartnerGroup,
            _ => return None,
        })
    }
}

/// A permission of an account. Times are Unix seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permission {
    /// Its number, unique over all accounts.
    pub id: i64,
    /// Its account.
    pub partner_id: PartnerId,
    /// What kind it is.
    pub kind: PermissionKind,
    /// The name by which roles refer to it; unique within the account.
    pub name: String,
    /// The name for people.
    pub friendly_name: String,
    /// Free text.
    pub description: Option<String>,
    /// Whether it counts: `KalturaPermissionStatus`, without the deleted ones.
    pub is_active: bool,
    /// Comma-separated names of the permissions that it needs.
    pub depends_on: Option<String>,
    /// Comma-separated tags.
    pub tags: Option<String>,
    /// Comma-separated ids of what it allows.
    pub item_ids: Option<String>,
    /// Comma-separated accounts that it reaches; kept as sent.
    pub partner_group: Option<String>,
    /// When it was made.
    pub created_at: i64,
    /// When it last changed.
    pub updated_at: i64,
}

impl Permission {
    /// A normal permission with nothing but a name. Its id and its times are set when it is added.
    #[must_use]
    pub fn named(partner_id: PartnerId, name: impl Into<String>) -> Self {
        let name = name.into();
        Self {
            id: 0,
            partner_id,
            kind: PermissionKind::Normal,
            friendly_name: name.clone(),
            name,
            description: None,
            is_active: true,
            depends_on: None,
            tags: None,
            item_ids: None,
            partner_group: None,
            created_at: 0,
            updated_at: 0,
        }
    }
}

/// A permission item of an account. Times are Unix seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PermissionItem {
    /// Its number, unique over all accounts.
    pub id: i64,
    /// Its account.
    pub partner_id: PartnerId,
    /// The service, or the class.
    pub subject: String,
    /// The action, or the property.
    pub detail: String,
    /// The use of the property: `all`, `insert`, `read` or `update`; `None` for an action.
    pub used: Option<String>,
    /// Comma-separated tags.
    pub tags: Option<String>,
    /// When it was made.
    pub created_at: i64,
    /// When it last changed.
    pub updated_at: i64,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, partner_id, type, name, friendly_name, description, status, depends_on, tags, item_ids, ",
            "partner_group, created_at, updated_at FROM permission ",
            $rest
        )
    };
}

macro_rules! select_items {
    ($rest:literal) => {
        concat!(
            "SELECT id, partner_id, subject, detail, used, tags, created_at, updated_at FROM permission_item ",
            $rest
        )
    };
}

fn read_row(row: &Row) -> Result<Permission, StoreError> {
    const MALFORMED: StoreError = StoreError::Corrupt("permission");
    Ok(Permission {
        id: row.int(0)?,
        partner_id: row.partner(1)?,
        kind: PermissionKind::from_code(row.int(2)?).ok_or(MALFORMED)?,
        name: row.text(3)?,
        friendly_name: row.text(4)?,
        description: row.opt_text(5)?,
        is_active: row.int(6)? == 1,
        depends_on: row.opt_text(7)?,
        tags: row.opt_text(8)?,
        item_ids: row.opt_text(9)?,
        partner_group: row.opt_text(10)?,
        created_at: row.int(11)?,
        updated_at: row.int(12)?,
    })
}

fn read_item(row: &Row) -> Result<PermissionItem, StoreError> {
    Ok(PermissionItem {
        id: row.int(0)?,
        partner_id: row.partner(1)?,
        subject: row.text(2)?,
        detail: row.text(3)?,
        used: row.opt_text(4)?,
        tags: row.opt_text(5)?,
        created_at: row.int(6)?,
        updated_at: row.int(7)?,
    })
}

async fn read(db: &mut impl Fetch, partner: PartnerId, id: i64) -> Result<Permission, StoreError> {
    let rows = db.rows(select!("WHERE id = $1 AND partner_id = $2 AND status <> 3"), args![id, partner]).await?;
    read_row(rows.first().ok_or(StoreError::NotFound("permission"))?)
}

async fn item(db: &mut impl Fetch, partner: PartnerId, id: i64) -> Result<PermissionItem, StoreError> {
    let rows = db.rows(select_items!("WHERE id = $1 AND partner_id = $2"), args![id, partner]).await?;
    read_item(rows.first().ok_or(StoreError::NotFound("permission item"))?)
}

/// Adds a permission; its id.
pub(crate) async fn insert(tx: &mut Tx, new: &Permission, now: i64) -> Result<i64, StoreError> {
    let rows = tx
        .fetch(
            "INSERT INTO permission (partner_id, type, name, friendly_name, description, status, depends_on, tags, \
             item_ids, partner_group, created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11) ON CONFLICT DO NOTHING RETURNING id",
            args![
                new.partner_id,
                new.kind.code(),
                &new.name,
                &new.friendly_name,
                new.description.clone(),
                status(new),
                new.depends_on.clone(),
                new.tags.clone(),
                new.item_ids.clone(),
                new.partner_group.clone(),
                now,
            ],
        )
        .await?;
    let id = rows.first().ok_or(StoreError::Conflict("permission name"))?.int(0)?;
    tx.log(Change::Permissions(new.partner_id), now).await?;
    Ok(id)
}

const fn status(permission: &Permission) -> i64 {
    if permission.is_active { 1 } else { 2 }
}

/// What a new account may depend on.
pub(crate) async fn insert_features(tx: &mut Tx, partner: PartnerId, now: i64) -> Result<(), StoreError> {
    let entitlement = Permission {
        kind: PermissionKind::SpecialFeature,
        friendly_name: "Entitlement".to_owned(),
        ..Permission::named(partner, "FEATURE_ENTITLEMENT")
    };
    insert(tx, &entitlement, now).await.map(drop)
}

/// What an account has made of its own, as it was at one moment.
#[derive(Debug, Default)]
pub struct OwnPermissions {
    /// Its permissions, in the order of their ids; deleted ones are not among them.
    pub permissions: Vec<Permission>,
    /// Its permission items, in the order of their ids.
    pub items: Vec<PermissionItem>,
}

impl Store {
    /// The permissions and permission items of an account, from memory when memory may be believed, else from the
    /// database.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Closed`], [`StoreError::Corrupt`].
    pub async fn own_permissions(&self, partner: PartnerId) -> Result<Arc<OwnPermissions>, StoreError> {
        let memory = &self.inner.memory;
        if memory.is_fresh()
            && let Some(known) = memory.permissions.get(&partner)
        {
            return Ok(known);
        }
        // Boxed, because it is seldom needed and large.
        Box::pin(self.read_own_permissions(partner)).await
    }

    async fn read_own_permissions(&self, partner: PartnerId) -> Result<Arc<OwnPermissions>, StoreError> {
        let memory = &self.inner.memory;
        let since = memory.permissions.generation();
        let mut reader = self.inner.engine.reader().await?;
        let permissions = reader
            .fetch(select!("WHERE partner_id = $1 AND status <> 3 ORDER BY id"), args![partner])
            .await?
            .iter()
            .map(read_row)
            .collect::<Result<_, _>>()?;
        let items = reader.fetch(select_items!("WHERE partner_id = $1 ORDER BY id"), args![partner]).await?;
        let items = items.iter().map(read_item).collect::<Result<_, _>>()?;
        let own = Arc::new(OwnPermissions { permissions, items });
        memory.permissions.insert(since, partner, Arc::clone(&own));
        Ok(own)
    }

    /// Adds a permission. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the account has this name; [`StoreError::NotFound`] for an unknown account;
    /// [`StoreError::Unavailable`].
    pub async fn add_permission(&self, new: Permission, now: i64) -> Result<Permission, StoreError> {
        let write = self.inner.writer.write(move |tx| {
            Box::pin(async move {
                if partner::read(tx, new.partner_id).await?.is_none() {
                    return Err(StoreError::NotFound("account"));
                }
                let id = insert(tx, &new, now).await?;
                read(tx, new.partner_id, id).await
            })
        });
        write.await
    }

    /// Changes a permission: `change` gets it as it is and leaves it as it shall be. Its id, its account, its kind and
    /// when it was made stay. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Conflict`] when the account has the new name; [`StoreError::Unavailable`].
    pub async fn update_permission<F>(
        &self,
        partner: PartnerId,
        id: i64,
        now: i64,
        change: F,
    ) -> Result<Permission, StoreError>
    where
        F: FnOnce(&mut Permission) + Send + 'static,
    {
        let write = self.inner.writer.write(move |tx| {
            Box::pin(async move {
                let mut after = read(tx, partner, id).await?;
                change(&mut after);
                let taken = tx
                    .fetch(
                        "SELECT 1 FROM permission WHERE partner_id = $1 AND name = $2 AND status <> 3 AND id <> $3",
                        args![partner, &after.name, id],
                    )
                    .await?;
                if !taken.is_empty() {
                    return Err(StoreError::Conflict("permission name"));
                }
                tx.execute(
                    "UPDATE permission SET name = $2, friendly_name = $3, description = $4, status = $5, \
                     depends_on = $6, tags = $7, item_ids = $8, partner_group = $9, updated_at = $10 WHERE id = $1",
                    args![
                        id,
                        &after.name,
                        &after.friendly_name,
                        after.description.clone(),
                        status(&after),
                        after.depends_on.clone(),
                        after.tags.clone(),
                        after.item_ids.clone(),
                        after.partner_group.clone(),
                        now,
                    ],
                )
                .await?;
                tx.log(Change::Permissions(partner), now).await?;
                read(tx, partner, id).await
            })
        });
        write.await
    }

    /// Deletes a permission; roles that name it lose what it allowed. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Unavailable`].
    pub async fn delete_permission(&self, partner: PartnerId, id: i64, now: i64) -> Result<(), StoreError> {
        let write = self.inner.writer.write(move |tx| {
            Box::pin(async move {
                let changed = tx
                    .execute(
                        "UPDATE permission SET status = 3, updated_at = $3 \
                         WHERE id = $1 AND partner_id = $2 AND status <> 3",
                        args![id, partner, now],
                    )
                    .await?;
                if changed == 0 {
                    return Err(StoreError::NotFound("permission"));
                }
                tx.log(Change::Permissions(partner), now).await
            })
        });
        write.await
    }

    /// Adds a permission item; its id and its times are set. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for an unknown account; [`StoreError::Invalid`] for an unknown use;
    /// [`StoreError::Unavailable`].
    pub async fn add_permission_item(&self, new: PermissionItem, now: i64) -> Result<PermissionItem, StoreError> {
        let write = self.inner.writer.write(move |tx| {
            Box::pin(async move {
                let rows = tx
                    .fetch(
                        "INSERT INTO permission_item (partner_id, subject, detail, used, tags, created_at, updated_at) \
                         VALUES ($1, $2, $3, $4, $5, $6, $6) RETURNING id",
                        args![new.partner_id, &new.subject, &new.detail, new.used, new.tags, now],
                    )
                    .await?;
                let id = rows.first().ok_or(StoreError::Corrupt("permission item"))?.int(0)?;
                tx.log(Change::Permissions(new.partner_id), now).await?;
                item(tx, new.partner_id, id).await
            })
        });
        write.await
    }

    /// Changes a permission item: `change` gets it as it is and leaves it as it shall be. Its id, its account and when
    /// it was made stay. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Invalid`] for an unknown use; [`StoreError::Unavailable`].
    pub async fn update_permission_item<F>(
        &self,
        partner: PartnerId,
        id: i64,
        now: i64,
        change: F,
    ) -> Result<PermissionItem, StoreError>
    where
        F: FnOnce(&mut PermissionItem) + Send + 'static,
    {
        let write = self.inner.writer.write(move |tx| {
            Box::pin(async move {
                let mut after = item(tx, partner, id).await?;
                change(&mut after);
                tx.execute(
                    "UPDATE permission_item SET subject = $2, detail = $3, used = $4, tags = $5, updated_at = $6 \
                     WHERE id = $1",
                    args![id, &after.subject, &after.detail, after.used, after.tags, now],
                )
                .await?;
                tx.log(Change::Permissions(partner), now).await?;
                item(tx, partner, id).await
            })
        });
        write.await
    }

    /// Deletes a permission item for good. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Unavailable`].
    pub async fn delete_permission_item(&self, partner: PartnerId, id: i64, now: i64) -> Result<(), StoreError> {
        let write = self.inner.writer.write(move |tx| {
            Box::pin(async move {
                item(tx, partner, id).await?;
                tx.execute("DELETE FROM permission_item WHERE id = $1", args![id]).await?;
                tx.log(Change::Permissions(partner), now).await
            })
        });
        write.await
    }
}
