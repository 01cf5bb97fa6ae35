//! What decisions of entitlement must know of stored objects.

use std::collections::HashMap;

use ks_access::condition::Condition;
use ks_access::entitlement::{
    CategoryFacts, EntryFacts, Membership, Parent, Place, Principal, Viewer, contexts, list::visible_categories,
};
use ks_schema::ids::{CategoryId, EntryId, UserId};
use ks_token::PartnerId;
use sqlx::AssertSqlSafe;

use crate::category::Category;
use crate::category_user::CategoryUser;
use crate::engine::{Fetch, Reader, args};
use crate::entry::{self, Entry};
use crate::error::StoreError;
use crate::list::{AT_ONCE, Sql};
use crate::store::Store;
use crate::user::{KuserId, UserKind};
use crate::writer::Tx;

impl From<KuserId> for Principal {
    fn from(id: KuserId) -> Self {
        Self::new(id.get())
    }
}

/// The groups of a user that are there, and of which kind they are.
pub(crate) async fn groups(db: &mut impl Fetch, user: KuserId) -> Result<Vec<(KuserId, UserKind)>, StoreError> {
    let sql = "SELECT kuser.id, kuser.type FROM kuser_kgroup JOIN kuser ON kuser.id = kuser_kgroup.kgroup_id \
               WHERE kuser_kgroup.kuser_id = $1 AND kuser_kgroup.status = 0 AND kuser.status <> 2 ORDER BY kuser.id";
    let rows = db.rows(sql, args![user]).await?;
    let read = |row: &crate::engine::Row| {
        let kind = UserKind::from_code(row.int(1)?).ok_or(StoreError::Corrupt("user"))?;
        Ok((KuserId(row.int(0)?), kind))
    };
    rows.iter().map(read).collect()
}

/// The active memberships of the viewer where members of these categories are kept.
async fn memberships(
    reader: &mut Reader,
    viewer: &Viewer,
    kept_at: impl Iterator<Item = CategoryId>,
) -> Result<HashMap<CategoryId, Vec<Membership>>, StoreError> {
    let mut found: HashMap<CategoryId, Vec<Membership>> = HashMap::new();
    let kept_at: Vec<i64> = kept_at.map(CategoryId::get).collect();
    if viewer.user.is_none() || kept_at.is_empty() {
        return Ok(found);
    }
    let condition = Condition::ints("kuser_id", viewer.members().map(Principal::get))
        .and(Condition::int("status", 1))
        .and(Condition::ints("category_id", kept_at));
    let mut sql = Sql {
        text: "SELECT category_id, kuser_id, permission_level FROM category_user WHERE ".to_owned(),
        ..Sql::default()
    };
    sql.condition(&condition, "category_user");
    for row in reader.fetch(AssertSqlSafe(sql.text), sql.values).await? {
        let membership = Membership { principal: Principal::new(row.int(1)?), level: row.int(2)? };
        found.entry(CategoryId::new(row.int(0)?)).or_default().push(membership);
    }
    Ok(found)
}

/// What must be known of an entry by itself, whatever is above it.
async fn facts(reader: &mut Reader, viewer: &Viewer, entry: &Entry) -> Result<EntryFacts, StoreError> {
    let mut places = Vec::new();
    // Where nothing is enforced, nobody asks for them.
    if viewer.is_enforced {
        let rows = reader
            .fetch(
                "SELECT category_entry.status, category_entry.privacy_context, category.full_name, \
                 category.privacy_contexts, category.privacy, category.appear_in_list, category.members_of, \
                 category.status FROM category_entry JOIN category ON category.id = category_entry.category_id \
                 WHERE category_entry.entry_id = $1 AND category_entry.status IN (1, 2, 4) ORDER BY category_entry.id",
                args![&entry.id],
            )
            .await?;
        let kept_at = rows.iter().map(|row| row.int(6).map(CategoryId::new)).collect::<Result<Vec<_>, _>>()?;
        let memberships = memberships(reader, viewer, kept_at.iter().copied()).await?;
        for (row, kept_at) in rows.iter().zip(kept_at) {
            let category = CategoryFacts {
                name: row.text(2)?,
                is_deleted: row.int(7)? > 2,
                contexts: contexts(&row.text(3)?),
                privacy: row.int(4)?,
                appear_in_list: row.int(5)?,
                memberships: memberships.get(&kept_at).cloned().unwrap_or_default(),
            };
            places.push(Place { status: row.int(0)?, stored_contexts: row.text(1)?, category });
        }
    }
    let principals = |users: &[(KuserId, UserId)]| users.iter().map(|(user, _)| Principal::from(*user)).collect();
    Ok(EntryFacts {
        id: entry.id.clone(),
        is_gone: entry.status == entry::DELETED,
        parent: Parent::None,
        owner: entry.owner.map(Principal::from),
        edit: principals(&entry.co_users.edit),
        publish: principals(&entry.co_users.publish),
        view: principals(&entry.co_users.view),
        places,
    })
}

/// Lets names of a user or group follow it to another id, wherever they stand beside its number.
pub(crate) async fn rename(tx: &mut Tx, partner: PartnerId, user: KuserId, id: &UserId) -> Result<(), StoreError> {
    for sql in [
        "UPDATE category SET owner_puser_id = $2 WHERE owner_id = $1",
        "UPDATE category_user SET puser_id = $2 WHERE kuser_id = $1",
        "UPDATE category_entry SET creator_puser_id = $2 WHERE creator_kuser_id = $1",
        "UPDATE entry SET creator_puser_id = $2 WHERE creator_kuser_id = $1",
        "UPDATE entry_user SET puser_id = $2 WHERE kuser_id = $1",
    ] {
        tx.execute(sql, args![user, id]).await?;
    }
    let own = "UPDATE entry SET puser_id = $2 WHERE partner_id = $3 AND kuser_id = $1 AND status <> 3";
    tx.execute(own, args![user, id, partner]).await?;
    Ok(())
}

impl Store {
    /// The groups of a user that are there, and of which kind they are.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Closed`].
    pub async fn groups_of_user(&self, user: KuserId) -> Result<Vec<(KuserId, UserKind)>, StoreError> {
        groups(&mut self.inner.engine.reader().await?, user).await
    }

    /// The entries above these ones, whoever asks.
    ///
    /// # Errors
    /// As [`Store::groups_of_user`].
    pub async fn parents_of(&self, partner: PartnerId, entries: &[EntryId]) -> Result<Vec<EntryId>, StoreError> {
        let mut reader = self.inner.engine.reader().await?;
        let mut parents = Vec::new();
        for id in entries.iter().filter(|id| !id.as_str().contains('\0')) {
            let sql = "SELECT parent_entry_id FROM entry WHERE id = $1 AND partner_id = $2";
            let rows = reader.fetch(sql, args![id, partner]).await?;
            parents.extend(rows.first().map(|row| row.opt_text(0)).transpose()?.flatten().map(EntryId::new));
        }
        Ok(parents)
    }

    /// An entry of an account, and what decides over its visibility to a viewer. `None`: there is none, and never was.
    ///
    /// # Errors
    /// As [`Store::entry`].
    pub async fn entry_facts(
        &self,
        partner: PartnerId,
        id: &EntryId,
        viewer: &Viewer,
    ) -> Result<Option<(Entry, EntryFacts)>, StoreError> {
        if id.as_str().contains('\0') {
            return Ok(None);
        }
        let mut reader = self.inner.engine.reader().await?;
        let Some(entry) = entry::read(&mut reader, partner, id).await? else { return Ok(None) };
        let mut known = facts(&mut reader, viewer, &entry).await?;
        if let Some(parent) = &entry.parent_entry_id {
            known.parent = match entry::read(&mut reader, partner, parent).await? {
                Some(parent) => Parent::Entry(Box::new(facts(&mut reader, viewer, &parent).await?)),
                None => Parent::Gone,
            };
        }
        Ok(Some((entry, known)))
    }

    /// A category of an account, and what decides over its visibility to a viewer. `None`: there is none, or no more.
    ///
    /// # Errors
    /// As [`Store::category`].
    pub async fn category_facts(
        &self,
        partner: PartnerId,
        id: CategoryId,
        viewer: &Viewer,
    ) -> Result<Option<(Category, CategoryFacts)>, StoreError> {
        let mut reader = self.inner.engine.reader().await?;
        let Some(category) = crate::category::read(&mut reader, partner, id).await? else { return Ok(None) };
        let mut memberships = memberships(&mut reader, viewer, std::iter::once(category.members_of)).await?;
        let facts = CategoryFacts {
            name: category.full_name.clone(),
            is_deleted: false,
            contexts: contexts(&category.privacy_contexts),
            privacy: category.privacy,
            appear_in_list: category.appear_in_list,
            memberships: memberships.remove(&category.members_of).unwrap_or_default(),
        };
        Ok(Some((category, facts)))
    }

    /// Those categories of an account that a viewer sees, by id.
    ///
    /// # Errors
    /// As [`Store::categories`].
    pub async fn visible_categories(
        &self,
        partner: PartnerId,
        ids: &[CategoryId],
        viewer: &Viewer,
    ) -> Result<Vec<Category>, StoreError> {
        let mut found = Vec::new();
        for ids in ids.chunks(AT_ONCE) {
            let these = Condition::ints("id", ids.iter().map(|id| id.get())).and(visible_categories(viewer));
            found.extend(self.some_categories(partner, these, 500).await?);
        }
        Ok(found)
    }

    /// The active memberships of the viewer where members of a category are kept.
    ///
    /// # Errors
    /// As [`Store::category_user`].
    pub async fn memberships_of(&self, category: &Category, viewer: &Viewer) -> Result<Vec<CategoryUser>, StoreError> {
        let mut found = Vec::new();
        let mut reader = self.inner.engine.reader().await?;
        for principal in viewer.members() {
            let row = crate::category_user::read(&mut reader, category.members_of, KuserId(principal.get())).await?;
            found.extend(row.filter(|row| row.status == 1));
        }
        Ok(found)
    }
}
