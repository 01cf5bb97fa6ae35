//! The list of entries that nearly everybody asks for, put together from parts that each have an index of their own: from
//! [`crate::entry_key`], from what the user holds, and from what stands below other entries.

use ks_access::condition::Condition;
use ks_access::entitlement::list::{audience, found_by, shown_above, usual_entries};
use ks_access::entitlement::relation::ENTRY_KEYS;
use ks_access::entitlement::{Principal, Viewer};
use ks_schema::ids::EntryId;
use ks_token::PartnerId;
use sqlx::AssertSqlSafe;

use crate::engine::{Reader, Value};
use crate::error::StoreError;
use crate::list::{Order, Page, Sql};

/// So many of the newest keys are looked at before others are tried: who finds fewer than a page among them finds few
/// enough in all to sort them.
const LOOKED_AT: i64 = 5000;

/// An entry's place in a list.
type Spot = (i64, String);

/// From which time on, and in which direction.
#[derive(Clone, Copy)]
struct Way {
    falling: bool,
    /// Nothing behind this can be on the page.
    bound: Option<i64>,
}

/// Which keys.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keys {
    /// Of entries that stand for themselves, and of those below others.
    All,
    /// Of those below others, for which more must be asked.
    Below,
}

/// What a list is put together from.
pub(crate) struct Parts<'a> {
    pub(crate) partner: PartnerId,
    pub(crate) viewer: &'a Viewer,
    /// What is asked for, of columns that keys have.
    pub(crate) condition: &'a Condition,
    /// Whether it is asked for nothing but what numbers of keys are kept by.
    pub(crate) is_kept: bool,
}

async fn spots(reader: &mut Reader, sql: Sql) -> Result<Vec<Spot>, StoreError> {
    let rows = reader.fetch(AssertSqlSafe(sql.text), sql.values).await?;
    rows.iter().map(|row| Ok((row.int(0)?, row.text(1)?))).collect()
}

fn select(columns: &str) -> Sql {
    Sql { text: format!("SELECT {columns}"), ..Sql::default() }
}

impl Way {
    /// ` ORDER BY` and ` LIMIT` over rows whose id is in a column.
    fn ordered(self, sql: &mut Sql, id: &str, limit: i64) {
        let way = if self.falling { " DESC" } else { "" };
        sql.push(&format!(" ORDER BY created_at{way}, {id}{way} LIMIT "));
        sql.place(Value::Int(Some(limit)));
    }

    /// The same of rows that are to be found first and sorted then. As long as an order could be read off an index, SQLite
    /// would rather look at all rows of the account.
    fn sorted(self, sql: &mut Sql, id: &str, limit: i64) {
        let way = if self.falling { " DESC" } else { "" };
        sql.push(&format!(" ORDER BY created_at + 0{way}, {id}{way} LIMIT "));
        sql.place(Value::Int(Some(limit)));
    }

    /// ` AND` not behind the last of a full page.
    fn bounded(self, sql: &mut Sql) {
        if let Some(bound) = self.bound {
            sql.push(if self.falling { " AND created_at >= " } else { " AND created_at <= " });
            sql.place(Value::Int(Some(bound)));
        }
    }
}

impl Parts<'_> {
    /// `FROM` and `WHERE` of keys in the viewer's context, or of their numbers.
    fn keys(&self, sql: &mut Sql, table: &str, listed: &str) {
        sql.push(&format!(" FROM {table} WHERE partner_id = "));
        sql.place(self.partner.into());
        sql.push(" AND context = ");
        sql.place(Value::from(&self.viewer.context));
        sql.push(&format!(" AND listed {listed}"));
    }

    /// ` AND` the audiences to whom everybody like the viewer belongs.
    fn open(&self) -> &'static str {
        if self.viewer.is_anonymous {
            " AND audience = 0 AND category_id = 0"
        } else {
            " AND audience IN (0, 1) AND category_id = 0"
        }
    }

    /// ` AND` an audience of members, with the viewer's memberships that count there.
    fn members(&self, sql: &mut Sql, strict: bool) {
        sql.push(" AND audience = ");
        sql.place(Value::Int(Some(if strict { audience::STRICT_MEMBERS } else { audience::MEMBERS })));
        sql.push(" AND category_id IN (SELECT category_id FROM category_user WHERE status = 1");
        if strict {
            sql.push(" AND permission_level <> 4");
        }
        sql.push(" AND ");
        sql.condition(&self.held_by("kuser_id"), "category_user");
        sql.push(")");
    }

    fn held_by(&self, column: &'static str) -> Condition {
        Condition::ints(column, self.viewer.members().map(Principal::get))
    }

    /// ` AND` what is asked for besides.
    fn asked(&self, sql: &mut Sql, table: &str) {
        sql.push(" AND ");
        sql.condition(self.condition, table);
    }

    /// `FROM` and `WHERE` of usual entries that the viewer's lists show by other ways than the keys of entries which stand
    /// for themselves: what is the viewer's, and what stands below others; with [`Keys::All`], by any way.
    fn others(&self, sql: &mut Sql, keys: Keys, way: Way) {
        // The few are found first: SQLite keeps the order of a CROSS JOIN.
        sql.push(" FROM (");
        match keys {
            Keys::Below => {
                sql.push("SELECT entry_id AS found_id");
                self.keys(sql, "entry_key", "= 2");
                way.bounded(sql);
                sql.push(" AND ");
                sql.condition(&found_by(self.viewer), "entry_key");
            }
            Keys::All => {
                sql.push("SELECT entry_id AS found_id");
                self.keys(sql, "entry_key", "IN (1, 2)");
                sql.push(self.open());
                sql.push(" AND sole = 1");
                for strict in [false, true] {
                    if self.viewer.user.is_some() {
                        sql.push(" UNION SELECT entry_id AS found_id");
                        self.keys(sql, "entry_key", "IN (1, 2)");
                        self.members(sql, strict);
                        sql.push(" AND sole IN (0, 1)");
                    }
                }
            }
        }
        if self.viewer.user.is_some() {
            sql.push(" UNION SELECT id AS found_id FROM entry WHERE status <> 3 AND partner_id = ");
            sql.place(self.partner.into());
            sql.push(" AND ");
            sql.condition(&self.held_by("kuser_id"), "entry");
            way.bounded(sql);
            sql.push(" UNION SELECT entry_id AS found_id FROM entry_user WHERE ");
            sql.condition(&self.held_by("kuser_id"), "entry_user");
        }
        if !self.viewer.exempt.is_empty() {
            let ids = self.viewer.exempt.iter().map(|id| id.as_str().to_owned());
            sql.push(" UNION SELECT id AS found_id FROM entry WHERE ");
            sql.condition(&Condition::texts("id", ids), "entry");
        }
        sql.push(") AS found CROSS JOIN entry WHERE entry.id = found.found_id AND partner_id = ");
        sql.place(self.partner.into());
        sql.push(" AND status <> 3 AND ");
        sql.condition(&usual_entries().and(shown_above(self.viewer)), "entry");
        self.asked(sql, "entry");
        way.bounded(sql);
    }

    /// How many there are, as one statement: keys that need not be told apart by number (which is kept, where nothing but a
    /// type is asked for), others by name.
    pub(crate) fn counting(&self) -> Sql {
        let (what, table, sole) = if self.is_kept {
            ("CAST(coalesce(sum(keys), 0) AS BIGINT)", "entry_key_count", "")
        } else {
            ("count(*)", "entry_key", " AND sole = 1")
        };
        let mut sql = select(&format!("(SELECT {what}"));
        self.keys(&mut sql, table, "= 1");
        sql.push(self.open());
        sql.push(sole);
        self.asked(&mut sql, table);
        if self.viewer.user.is_some() {
            for strict in [false, true] {
                sql.push(&format!(") + (SELECT {what}"));
                self.keys(&mut sql, table, "= 1");
                self.members(&mut sql, strict);
                sql.push(sole);
                self.asked(&mut sql, table);
            }
            sql.push(") + (SELECT count(*) FROM (");
            for strict in [false, true] {
                sql.push(if strict { " UNION SELECT entry_id" } else { "SELECT entry_id" });
                self.keys(&mut sql, "entry_key", "= 1");
                self.members(&mut sql, strict);
                sql.push(" AND sole = 0");
                self.asked(&mut sql, "entry_key");
            }
            sql.push(") AS several");
        }
        sql.push(") + (SELECT count(*)");
        self.others(&mut sql, Keys::Below, Way { falling: true, bound: None });
        sql.push(" AND ");
        let by_key = Condition::related(ENTRY_KEYS, found_by(self.viewer));
        sql.condition(&Condition::IsNull("parent_entry_id").negated().or(by_key.negated()), "entry");
        sql.push(")");
        sql
    }

    /// A page in any order, as one statement that finds all of them first.
    pub(crate) fn sorted(&self, order: &[Order], page: Page) -> Sql {
        let mut sql = select("entry.id");
        self.others(&mut sql, Keys::All, Way { falling: true, bound: None });
        sql.order(order, "id", page);
        sql
    }

    /// A page of the newest ones, or of the oldest ones.
    pub(crate) async fn by_keys(
        &self,
        reader: &mut Reader,
        falling: bool,
        page: Page,
    ) -> Result<Vec<EntryId>, StoreError> {
        let (offset, limit) = (i64::from(page.offset), i64::from(page.limit));
        let found = self.first(reader, falling, offset.saturating_add(limit)).await?;
        let skipped = usize::try_from(offset).unwrap_or(usize::MAX);
        Ok(found.into_iter().skip(skipped).map(|(_, id)| EntryId::new(id)).collect())
    }

    /// The first spots.
    async fn first(&self, reader: &mut Reader, falling: bool, limit: i64) -> Result<Vec<Spot>, StoreError> {
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        let sort = |found: &mut Vec<Spot>| {
            found.sort_unstable();
            found.dedup();
            if falling {
                found.reverse();
            }
        };
        let mut found = self.first_by_keys(reader, falling, limit).await?;
        sort(&mut found);
        let bound = wanted.checked_sub(1).and_then(|last| found.get(last)).map(|(created_at, _)| *created_at);
        let way = Way { falling, bound };
        let mut others = select("created_at, id");
        self.others(&mut others, Keys::Below, way);
        way.sorted(&mut others, "id", limit);
        found.extend(spots(reader, others).await?);
        sort(&mut found);
        found.truncate(wanted);
        Ok(found)
    }

    /// The first spots by keys: among the newest ones if enough of those are the viewer's, else from where each lies.
    async fn first_by_keys(&self, reader: &mut Reader, falling: bool, limit: i64) -> Result<Vec<Spot>, StoreError> {
        let mut way = Way { falling, bound: None };
        let mut last = select("created_at, entry_id");
        self.keys(&mut last, "entry_key", "= 1");
        way.ordered(&mut last, "entry_id", 1);
        last.push(" OFFSET ");
        last.place(Value::Int(Some(LOOKED_AT.max(limit))));
        way.bound = spots(reader, last).await?.first().map(|(created_at, _)| *created_at);
        let mut newest = select("created_at, entry_id");
        self.keys(&mut newest, "entry_key", "= 1");
        way.bounded(&mut newest);
        newest.push(" AND ");
        newest.condition(&found_by(self.viewer), "entry_key");
        self.asked(&mut newest, "entry_key");
        way.ordered(&mut newest, "entry_id", limit.saturating_mul(2));
        let mut found = spots(reader, newest).await?;
        found.dedup();
        if way.bound.is_none() && found.len() < usize::try_from(limit.saturating_mul(2)).unwrap_or(usize::MAX)
            || found.len() >= usize::try_from(limit).unwrap_or(usize::MAX)
        {
            return Ok(found);
        }
        let mut found = Vec::new();
        let open: &[i64] =
            if self.viewer.is_anonymous { &[audience::ALL] } else { &[audience::ALL, audience::SIGNED_IN] };
        for audience in open {
            let mut sql = select("created_at, entry_id");
            self.keys(&mut sql, "entry_key", "= 1");
            sql.push(&format!(" AND audience = {audience} AND category_id = 0 AND sole = 1"));
            self.asked(&mut sql, "entry_key");
            way.ordered(&mut sql, "entry_id", limit);
            found.extend(spots(reader, sql).await?);
        }
        if self.viewer.user.is_some() {
            let mut sql = select("created_at, entry_id FROM (");
            for strict in [false, true] {
                sql.push(if strict { " UNION SELECT created_at, entry_id" } else { "SELECT created_at, entry_id" });
                self.keys(&mut sql, "entry_key", "= 1");
                self.members(&mut sql, strict);
                sql.push(" AND sole IN (0, 1)");
                self.asked(&mut sql, "entry_key");
            }
            sql.push(") AS found");
            way.sorted(&mut sql, "entry_id", limit);
            found.extend(spots(reader, sql).await?);
        }
        Ok(found)
    }
}
