//! Memberships: which user is in which group.

use ks_access::condition::{Column, Condition};
use ks_schema::ids::UserId;
use ks_token::PartnerId;

use crate::change::Change;
use crate::engine::{Fetch, Row, args};
use crate::error::StoreError;
use crate::list::{Listed, Order, Page};
use crate::remembered::Counted;
use crate::store::Store;
use crate::user::{self, KuserId, NewUser, User, UserKind};
use crate::user_change;
use crate::writer::Tx;

/// What a member may do in its group (`KalturaGroupUserRole`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MemberRole {
    /// 1.
    Member,
    /// 2: may add and remove members.
    Manager,
}

impl MemberRole {
    /// The number that clients see.
    #[must_use]
    pub const fn code(self) -> i64 {
        match self {
            Self::Member => 1,
            Self::Manager => 2,
        }
    }
}

/// A membership. Times are Unix seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its number.
    pub id: i64,
    /// The account.
    pub partner_id: PartnerId,
    /// The user.
    pub user_id: UserId,
    /// The group.
    pub group_id: UserId,
    /// Whether it has ended.
    pub deleted: bool,
    /// `KalturaGroupUserCreationMode`.
    pub creation_mode: i64,
    /// What the user may do in the group.
    pub role: MemberRole,
    /// When it began.
    pub created_at: i64,
    /// When it last changed.
    pub updated_at: i64,
}

/// What a new membership begins with.
#[derive(Clone, Debug)]
pub struct NewMember {
    /// The user.
    pub user: KuserId,
    /// The group.
    pub group: KuserId,
    /// `KalturaGroupUserCreationMode`.
    pub creation_mode: i64,
    /// What the user may do in the group.
    pub role: MemberRole,
}

/// How a user's groups are brought into line with a list.
#[derive(Clone, Copy, Debug)]
pub struct Sync {
    /// Whether the user leaves all other groups.
    pub remove: bool,
    /// Whether groups that there are not are made.
    pub create: bool,
    /// In how many groups the user may be.
    pub most: usize,
}

/// What became of one group of such a list, or of a group that is not on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Synced {
    /// The user joined it.
    Joined,
    /// The user was in it.
    Kept,
    /// The user left it.
    Left,
    /// There is no such group.
    Missing,
    /// A user has this id.
    NoGroup,
    /// The user is in as many groups as may be.
    TooMany,
}

macro_rules! columns {
    () => {
        "id, partner_id, puser_id, pgroup_id, status, creation_mode, user_role, created_at, updated_at"
    };
}

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT ", columns!(), " FROM kuser_kgroup ", $rest)
    };
}

fn read_row(row: &Row) -> Result<Member, StoreError> {
    Ok(Member {
        id: row.int(0)?,
        partner_id: row.partner(1)?,
        user_id: UserId::new(row.text(2)?),
        group_id: UserId::new(row.text(3)?),
        deleted: row.flag(4)?,
        creation_mode: row.int(5)?,
        role: match row.int(6)? {
            1 => MemberRole::Member,
            2 => MemberRole::Manager,
            _ => return Err(StoreError::Corrupt("membership")),
        },
        created_at: row.int(7)?,
        updated_at: row.int(8)?,
    })
}

async fn read(db: &mut impl Fetch, partner: PartnerId, id: i64) -> Result<Option<Member>, StoreError> {
    let rows = db.rows(select!("WHERE id = $1 AND partner_id = $2 AND status = 0"), args![id, partner]).await?;
    rows.first().map(read_row).transpose()
}

/// Makes a user a member of a group, because a program says so.
async fn join(tx: &mut Tx, user: &User, group: &User, now: i64) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO kuser_kgroup (partner_id, kuser_id, kgroup_id, puser_id, pgroup_id, status, creation_mode, \
         user_role, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, 0, 2, 1, $6, $6)",
        args![user.partner_id, user.id.0, group.id.0, &user.user_id, &group.user_id, now],
    )
    .await?;
    Ok(())
}

impl Store {
    /// The membership with this number, in an account.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Closed`].
    pub async fn member(&self, partner: PartnerId, id: i64) -> Result<Option<Member>, StoreError> {
        read(&mut self.inner.engine.reader().await?, partner, id).await
    }

    /// The membership of a user in a group.
    ///
    /// # Errors
    /// As [`Store::member`].
    pub async fn member_of(&self, user: KuserId, group: KuserId) -> Result<Option<Member>, StoreError> {
        let mut reader = self.inner.engine.reader().await?;
        let rows = reader
            .fetch(select!("WHERE kuser_id = $1 AND kgroup_id = $2 AND status = 0"), args![user.0, group.0])
            .await?;
        rows.first().map(read_row).transpose()
    }

    /// In how many groups a user is.
    ///
    /// # Errors
    /// As [`Store::member`].
    pub async fn groups_of(&self, user: KuserId) -> Result<i64, StoreError> {
        let mut reader = self.inner.engine.reader().await?;
        let sql = "SELECT count(*) FROM kuser_kgroup WHERE kuser_id = $1 AND status = 0";
        reader.fetch(sql, args![user.0]).await?.first().ok_or(StoreError::Corrupt("count"))?.int(0)
    }

    /// How many members each of these groups has, in their order.
    ///
    /// # Errors
    /// As [`Store::member`].
    pub async fn members_counts(&self, groups: &[KuserId]) -> Result<Vec<i64>, StoreError> {
        let mut reader = self.inner.engine.reader().await?;
        let mut counts = Vec::with_capacity(groups.len());
        for group in groups {
            let sql = "SELECT count(*) FROM kuser_kgroup WHERE kgroup_id = $1 AND status = 0";
            counts.push(reader.fetch(sql, args![group.0]).await?.first().ok_or(StoreError::Corrupt("count"))?.int(0)?);
        }
        Ok(counts)
    }

    /// The groups of a user, by id.
    ///
    /// # Errors
    /// As [`Store::member`].
    pub async fn managed_groups(&self, user: KuserId) -> Result<Vec<UserId>, StoreError> {
        let mut reader = self.inner.engine.reader().await?;
        let sql = "SELECT pgroup_id FROM kuser_kgroup WHERE kuser_id = $1 AND status = 0 AND user_role = 2 ORDER BY id";
        reader.fetch(sql, args![user.0]).await?.iter().map(|row| row.text(0).map(UserId::new)).collect()
    }

    /// Adds a user to a group of the same account. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is a member; [`StoreError::NotFound`]; [`StoreError::Unavailable`].
    pub async fn add_member(&self, new: NewMember, now: i64) -> Result<Member, StoreError> {
        let write = self.inner.writer.write(move |tx| {
            Box::pin(async move {
                let rows = tx
                    .fetch(
                        "INSERT INTO kuser_kgroup (partner_id, kuser_id, kgroup_id, puser_id, pgroup_id, status, \
                         creation_mode, user_role, created_at, updated_at) \
                         SELECT u.partner_id, u.id, g.id, u.puser_id, g.puser_id, 0, $3, $4, $5, $5 \
                         FROM kuser AS u, kuser AS g WHERE u.id = $1 AND g.id = $2 AND u.partner_id = g.partner_id \
                         AND u.status <> 2 AND g.status <> 2 RETURNING id, partner_id",
                        args![new.user.0, new.group.0, new.creation_mode, new.role.code(), now],
                    )
                    .await?;
                let row = rows.first().ok_or(StoreError::NotFound("user"))?;
                let made = read(tx, row.partner(1)?, row.int(0)?).await?.ok_or(StoreError::Corrupt("membership"))?;
                tx.log(Change::Member(made.partner_id, made.user_id.clone()), now).await?;
                Ok(made)
            })
        });
        write.await
    }

    /// Brings the groups of a user into line with a list: what became of each group of the list, and then of those that
    /// the user left. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for an unknown user; [`StoreError::Unavailable`].
    pub async fn sync_groups(
        &self,
        partner: PartnerId,
        user: UserId,
        wanted: Vec<UserId>,
        how: Sync,
        now: i64,
    ) -> Result<Vec<(UserId, Synced)>, StoreError> {
        let groups = self.groups()?;
        let write = self.inner.writer.write(move |tx| {
            Box::pin(async move {
                let person = user::read(tx, partner, &user).await?.ok_or(StoreError::NotFound("user"))?;
                let rows = tx
                    .fetch(
                        "SELECT id, kgroup_id, pgroup_id FROM kuser_kgroup WHERE kuser_id = $1 AND status = 0 ORDER BY id",
                        args![person.id.0],
                    )
                    .await?;
                let mut before = Vec::with_capacity(rows.len());
                for row in &rows {
                    before.push((row.int(0)?, row.int(1)?, UserId::new(row.text(2)?)));
                }
                let (mut done, mut stays) = (Vec::with_capacity(wanted.len()), Vec::new());
                // Whoever leaves first has room for new ones.
                let mut count = if how.remove {
                    before.iter().filter(|(_, _, id)| wanted.contains(id)).count()
                } else {
                    before.len()
                };
                for id in wanted {
                    let found = user::read(tx, partner, &id).await?;
                    let there = found.as_ref().is_some_and(|group| before.iter().any(|(_, of, _)| *of == group.id.0));
                    let became = match found {
                        Some(group) if group.kind == UserKind::User => {
                            debug_assert!(!there, "nobody is a member of a user");
                            Synced::NoGroup
                        }
                        Some(group) if there => {
                            stays.push(group.id.0);
                            Synced::Kept
                        }
                        None if !how.create => Synced::Missing,
                        _ if count >= how.most => Synced::TooMany,
                        found => {
                            let group = match found {
                                Some(group) => group,
                                None => {
                                    let new = NewUser { kind: UserKind::Group, ..NewUser::named(partner, id.clone()) };
                                    user_change::insert(tx, &new, false, groups, now).await?
                                }
                            };
                            join(tx, &person, &group, now).await?;
                            stays.push(group.id.0);
                            count += 1;
                            Synced::Joined
                        }
                    };
                    done.push((id, became));
                }
                for (number, of, id) in before {
                    if how.remove && !stays.contains(&of) {
                        let end = "UPDATE kuser_kgroup SET status = 1, updated_at = $2 WHERE id = $1";
                        tx.execute(end, args![number, now]).await?;
                        done.push((id, Synced::Left));
                    }
                }
                if done.iter().any(|(_, became)| matches!(became, Synced::Joined | Synced::Left)) {
                    tx.log(Change::Member(partner, user), now).await?;
                }
                Ok(done)
            })
        });
        write.await
    }

    /// Changes what a member may do. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Unavailable`].
    pub async fn set_member_role(
        &self,
        partner: PartnerId,
        id: i64,
        role: MemberRole,
        now: i64,
    ) -> Result<Member, StoreError> {
        let write = self.inner.writer.write(move |tx| {
            Box::pin(async move {
                tx.execute(
                    "UPDATE kuser_kgroup SET user_role = $3, updated_at = $4 \
                     WHERE id = $1 AND partner_id = $2 AND status = 0",
                    args![id, partner, role.code(), now],
                )
                .await?;
                let changed = read(tx, partner, id).await?.ok_or(StoreError::NotFound("membership"))?;
                tx.log(Change::Member(partner, changed.user_id.clone()), now).await?;
                Ok(changed)
            })
        });
        write.await
    }

    /// Ends a membership. `now` is in Unix seconds.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Unavailable`].
    pub async fn delete_member(&self, partner: PartnerId, id: i64, now: i64) -> Result<(), StoreError> {
        let write = self.inner.writer.write(move |tx| {
            Box::pin(async move {
                let ended = read(tx, partner, id).await?.ok_or(StoreError::NotFound("membership"))?;
                tx.execute("UPDATE kuser_kgroup SET status = 1, updated_at = $2 WHERE id = $1", args![id, now]).await?;
                tx.log(Change::Member(partner, ended.user_id), now).await
            })
        });
        write.await
    }

    /// One page of an account's memberships, ended ones too unless the condition says otherwise, and how many there are
    /// in all. Columns: `puser_id`, `pgroup_id`, `status`, `created_at`, `updated_at`, `group_type`.
    ///
    /// # Errors
    /// As [`Store::member`]; [`StoreError::Invalid`] for a NUL.
    pub async fn members(
        &self,
        partner: PartnerId,
        condition: Condition,
        order: &[Order],
        page: Page,
    ) -> Result<(Vec<Member>, u64), StoreError> {
        const OWN: [Column; 6] = ["partner_id", "puser_id", "pgroup_id", "status", "created_at", "updated_at"];
        let condition = Condition::int("partner_id", partner.get()).and(condition);
        let table = if condition.looks_only_at(&OWN, &[]) {
            "kuser_kgroup"
        } else {
            "(SELECT kuser_kgroup.*, kuser.type AS group_type FROM kuser_kgroup JOIN kuser ON kuser.id = kgroup_id) \
             AS member"
        };
        let members = Listed { table, columns: columns!(), key: "id" };
        self.list(&members, Counted::Users(partner), &condition, order, page, read_row).await
    }

    /// Adds a group with the members of another one. `now` is in Unix seconds.
    ///
    /// # Errors
    /// As [`Store::add_user`].
    pub async fn clone_group(&self, new: NewUser, source: KuserId, now: i64) -> Result<User, StoreError> {
        let groups = self.groups()?;
        let write = self.inner.writer.write(move |tx| {
            Box::pin(async move {
                user_change::insert(tx, &new, false, groups, now).await?;
                let made = user::read(tx, new.partner_id, &new.user_id).await?.ok_or(StoreError::Corrupt("user"))?;
                tx.execute(
                    "INSERT INTO kuser_kgroup (partner_id, kuser_id, kgroup_id, puser_id, pgroup_id, status, \
                     creation_mode, user_role, created_at, updated_at) \
                     SELECT partner_id, kuser_id, $2, puser_id, $3, 0, creation_mode, user_role, $4, $4 \
                     FROM kuser_kgroup WHERE kgroup_id = $1 AND status = 0 ORDER BY id",
                    args![source.0, made.id.0, &new.user_id, now],
                )
                .await?;
                Ok(made)
            })
        });
        write.await
    }
}
