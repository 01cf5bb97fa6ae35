//! Lists of entries under entitlement, for accounts with millions of them.
//!
//! Any list can be had as a condition ([`Store::entries`]), which looks at every entry of the account. The list that
//! nearly everybody asks for (what lists usually show, newest or oldest first) is put together instead: from
//! [`crate::entry_key`], from what the user holds, and from what stands below other entries; each has an index of its own.
//! The answers are the same, which a test says.

use ks_access::condition::{Column, Condition};
use ks_access::entitlement::list::{audience, found_by, listed_entries, usual_entries};
use ks_access::entitlement::relation::ENTRY_KEYS;
use ks_access::entitlement::{Principal, Viewer};
use ks_schema::ids::EntryId;
use ks_token::PartnerId;
use sqlx::AssertSqlSafe;

use crate::engine::{Reader, Row, Value};
use crate::entry::Entry;
use crate::error::StoreError;
use crate::list::{Order, Page, Sql};
use crate::store::Store;

/// So many of the newest keys are looked at before others are tried: who finds fewer than a page among them finds few
/// enough in all to sort them.
const LOOKED_AT: i64 = 5000;

/// The order of lists that are asked for none.
const NEWEST_FIRST: [Order; 1] = [Order { column: "created_at", falling: true }];

/// A list of entries: what is asked for, and by whom.
#[derive(Clone, Debug)]
pub struct EntryQuery<'a> {
    /// The account.
    pub partner: PartnerId,
    /// Who lists others' entries, too; `None` for those whose lists the condition bounds already.
    pub viewer: Option<&'a Viewer>,
    /// Whether only such entries are wanted as lists usually show: the condition need not say so again.
    pub is_usual: bool,
    /// What else is asked for.
    pub condition: Condition,
    /// In which order.
    pub order: &'a [Order],
    /// Which of them.
    pub page: Page,
}

/// An entry's place in a list.
type Spot = (i64, String);

impl EntryQuery<'_> {
    /// The whole of it as one condition.
    fn condition(&self) -> Condition {
        let asked = if self.is_usual { usual_entries() } else { Condition::TRUE };
        let listed = self.viewer.map_or(Condition::TRUE, |viewer| listed_entries(viewer, false));
        asked.and(listed).and(self.condition.clone())
    }

    /// Whether it can be put together: who looks, and whether large times come first.
    fn parts(&self) -> Option<(&Viewer, bool)> {
        let viewer = self.viewer.filter(|viewer| viewer.is_enforced && self.is_usual && has_keys(viewer))?;
        let falling = match self.order {
            [] => true,
            [Order { column: "created_at", falling }] => *falling,
            _ => return None,
        };
        asks_only(&self.condition, &["type", "created_at"]).then_some((viewer, falling))
    }
}

/// Whether the keys say all that decides for this account.
fn has_keys(viewer: &Viewer) -> bool {
    !viewer.account.many_categories && !viewer.account.ignores_parents
}

/// Whether a condition asks for nothing but these columns, which keys have as entries do.
fn asks_only(condition: &Condition, columns: &[Column]) -> bool {
    match condition {
        Condition::All(all) | Condition::Any(all) => all.iter().all(|condition| asks_only(condition, columns)),
        Condition::Not(condition) => asks_only(condition, columns),
        Condition::Is(column, ..)
        | Condition::In(column, _)
        | Condition::Contains(column, _)
        | Condition::StartsWith(column, _)
        | Condition::HasWord(column, _)
        | Condition::IsNull(column) => columns.contains(column),
        Condition::Related(..) => false,
    }
}

/// A list that is being put together.
struct Parts<'a> {
    reader: Reader,
    partner: PartnerId,
    viewer: &'a Viewer,
    condition: &'a Condition,
    falling: bool,
}

impl Parts<'_> {
    async fn rows(&mut self, sql: Sql) -> Result<Vec<Row>, StoreError> {
        self.reader.fetch(AssertSqlSafe(sql.text), sql.values).await
    }

    async fn number(&mut self, sql: Sql) -> Result<i64, StoreError> {
        self.rows(sql).await?.first().ok_or(StoreError::Corrupt("count"))?.int(0)
    }

    async fn spots(&mut self, sql: Sql) -> Result<Vec<Spot>, StoreError> {
        self.rows(sql).await?.iter().map(|row| Ok((row.int(0)?, row.text(1)?))).collect()
    }

    /// ` ORDER BY` and ` LIMIT` over rows whose id is in a column.
    fn ordered(&self, sql: &mut Sql, id: &str, limit: i64) {
        let way = if self.falling { " DESC" } else { "" };
        sql.push(&format!(" ORDER BY created_at{way}, {id}{way} LIMIT "));
        sql.place(Value::Int(Some(limit)));
    }

    /// The same of rows that are to be found first and sorted then. As long as an order could be read off an index, SQLite
    /// would rather look at all rows of the account.
    fn sorted(&self, sql: &mut Sql, id: &str, limit: i64) {
        let way = if self.falling { " DESC" } else { "" };
        sql.push(&format!(" ORDER BY created_at + 0{way}, {id}{way} LIMIT "));
        sql.place(Value::Int(Some(limit)));
    }

    /// ` AND` not behind the last of a full page.
    fn bounded(&self, sql: &mut Sql, bound: Option<i64>) {
        if let Some(bound) = bound {
            sql.push(if self.falling { " AND created_at >= " } else { " AND created_at <= " });
            sql.place(Value::Int(Some(bound)));
        }
    }

    /// `FROM` and `WHERE` of the usual keys in the viewer's context, or of their numbers.
    fn keys(&self, sql: &mut Sql, table: &str) {
        sql.push(&format!(" FROM {table} WHERE partner_id = "));
        sql.place(self.partner.into());
        sql.push(" AND context = ");
        sql.place(Value::from(&self.viewer.context));
        sql.push(" AND listed = 1");
    }

    /// The audiences to whom everybody like the viewer belongs.
    fn open(&self) -> &'static [i64] {
        if self.viewer.is_anonymous { &[audience::ALL] } else { &[audience::ALL, audience::SIGNED_IN] }
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
        sql.condition(&Condition::ints("kuser_id", self.viewer.members().map(Principal::get)), "category_user");
        sql.push(")");
    }

    /// ` AND` what is asked for besides.
    fn asked(&self, sql: &mut Sql, table: &str) {
        sql.push(" AND ");
        sql.condition(self.condition, table);
    }

    /// The first spots by keys: among the newest ones if enough of those are the viewer's, else from where each lies.
    async fn first_by_keys(&mut self, limit: i64) -> Result<Vec<Spot>, StoreError> {
        let mut last = Sql { text: "SELECT created_at, entry_id".to_owned(), ..Sql::default() };
        self.keys(&mut last, "entry_key");
        self.ordered(&mut last, "entry_id", 1);
        last.push(" OFFSET ");
        last.place(Value::Int(Some(LOOKED_AT.max(limit))));
        let bound = self.spots(last).await?.first().map(|(created_at, _)| *created_at);
        let mut sql = Sql { text: "SELECT created_at, entry_id".to_owned(), ..Sql::default() };
        self.keys(&mut sql, "entry_key");
        self.bounded(&mut sql, bound);
        sql.push(" AND ");
        sql.condition(&found_by(self.viewer), "entry_key");
        self.asked(&mut sql, "entry_key");
        self.ordered(&mut sql, "entry_id", limit.saturating_mul(2));
        let mut found = self.spots(sql).await?;
        found.dedup();
        if bound.is_none() && found.len() < usize::try_from(limit.saturating_mul(2)).unwrap_or(usize::MAX)
            || found.len() >= usize::try_from(limit).unwrap_or(usize::MAX)
        {
            return Ok(found);
        }
        let mut found = Vec::new();
        for audience in self.open() {
            let mut sql = Sql { text: "SELECT created_at, entry_id".to_owned(), ..Sql::default() };
            self.keys(&mut sql, "entry_key");
            sql.push(&format!(" AND audience = {audience} AND category_id = 0 AND sole = 1"));
            self.asked(&mut sql, "entry_key");
            self.ordered(&mut sql, "entry_id", limit);
            found.extend(self.spots(sql).await?);
        }
        if self.viewer.user.is_some() {
            let mut sql = Sql { text: "SELECT created_at, entry_id FROM (".to_owned(), ..Sql::default() };
            for strict in [false, true] {
                sql.push(if strict { " UNION SELECT created_at, entry_id" } else { "SELECT created_at, entry_id" });
                self.keys(&mut sql, "entry_key");
                self.members(&mut sql, strict);
                sql.push(" AND sole IN (0, 1)");
                self.asked(&mut sql, "entry_key");
            }
            sql.push(") AS found");
            self.sorted(&mut sql, "entry_id", limit);
            found.extend(self.spots(sql).await?);
        }
        Ok(found)
    }

    /// `FROM` and `WHERE` of usual entries that stand for themselves and that the viewer finds by another way than keys.
    fn push_held(&self, sql: &mut Sql) -> bool {
        let mut ways = Vec::new();
        if self.viewer.user.is_some() {
            let holders = Condition::ints("kuser_id", self.viewer.members().map(Principal::get));
            ways.push(("SELECT id AS held_id FROM entry WHERE status <> 3 AND ", holders.clone()));
            ways.push(("SELECT entry_id AS held_id FROM entry_user WHERE ", holders));
        }
        if !self.viewer.exempt.is_empty() {
            let ids = self.viewer.exempt.iter().map(|id| id.as_str().to_owned());
            ways.push(("SELECT id AS held_id FROM entry WHERE ", Condition::texts("id", ids)));
        }
        if ways.is_empty() {
            return false;
        }
        for (index, (way, condition)) in ways.into_iter().enumerate() {
            sql.push(if index == 0 { " FROM (" } else { " UNION " });
            sql.push(way);
            sql.condition(&condition, "entry");
        }
        // The few are found first: SQLite keeps the order of a CROSS JOIN.
        sql.push(") AS held CROSS JOIN entry WHERE entry.id = held.held_id AND status <> 3 AND partner_id = ");
        sql.place(self.partner.into());
        sql.push(" AND parent_entry_id IS NULL AND ");
        sql.condition(&usual_entries(), "entry");
        self.asked(sql, "entry");
        true
    }

    /// `FROM` and `WHERE` of usual entries below others that the viewer's lists show.
    fn push_below(&self, sql: &mut Sql) {
        sql.push(
            " FROM (SELECT id AS below_id FROM entry WHERE status <> 3 AND parent_entry_id IS NOT NULL AND partner_id = ",
        );
        sql.place(self.partner.into());
        sql.push(") AS below CROSS JOIN entry WHERE entry.id = below.below_id AND ");
        sql.condition(&usual_entries().and(listed_entries(self.viewer, false)), "entry");
        self.asked(sql, "entry");
    }

    /// The first spots.
    async fn first(&mut self, limit: i64) -> Result<Vec<Spot>, StoreError> {
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut found = self.first_by_keys(limit).await?;
        self.sort(&mut found);
        let bound = wanted.checked_sub(1).and_then(|last| found.get(last)).map(|(created_at, _)| *created_at);
        let mut held = Sql { text: "SELECT created_at, id".to_owned(), ..Sql::default() };
        if self.push_held(&mut held) {
            self.bounded(&mut held, bound);
            self.sorted(&mut held, "id", limit);
            found.extend(self.spots(held).await?);
        }
        let mut below = Sql { text: "SELECT created_at, id".to_owned(), ..Sql::default() };
        self.push_below(&mut below);
        self.bounded(&mut below, bound);
        self.sorted(&mut below, "id", limit);
        found.extend(self.spots(below).await?);
        self.sort(&mut found);
        found.truncate(wanted);
        Ok(found)
    }

    fn sort(&self, found: &mut Vec<Spot>) {
        found.sort_unstable();
        found.dedup();
        if self.falling {
            found.reverse();
        }
    }

    /// How many of the viewer's keys need not be told apart: for one audience, as a number that was kept where only the
    /// type of entries is asked for.
    async fn sole(&mut self, audience: impl Fn(&Self, &mut Sql)) -> Result<i64, StoreError> {
        let is_kept = asks_only(self.condition, &["type"]);
        let (what, table) = if is_kept {
            ("CAST(coalesce(sum(keys), 0) AS BIGINT)", "entry_key_count")
        } else {
            ("count(*)", "entry_key")
        };
        let mut sql = Sql { text: format!("SELECT {what}"), ..Sql::default() };
        self.keys(&mut sql, table);
        audience(self, &mut sql);
        if !is_kept {
            sql.push(" AND sole = 1");
        }
        self.asked(&mut sql, table);
        self.number(sql).await
    }

    /// How many there are: keys that need not be told apart by number, the others by name.
    async fn count(&mut self) -> Result<i64, StoreError> {
        let mut total = 0_i64;
        for open in self.open() {
            let audience = |_: &Self, sql: &mut Sql| sql.push(&format!(" AND audience = {open} AND category_id = 0"));
            total += self.sole(audience).await?;
        }
        if self.viewer.user.is_some() {
            let mut several = Sql { text: "SELECT count(*) FROM (".to_owned(), ..Sql::default() };
            for strict in [false, true] {
                total += self.sole(|parts, sql| parts.members(sql, strict)).await?;
                several.push(if strict { " UNION SELECT entry_id" } else { "SELECT entry_id" });
                self.keys(&mut several, "entry_key");
                self.members(&mut several, strict);
                several.push(" AND sole = 0");
                self.asked(&mut several, "entry_key");
            }
            several.push(") AS several");
            total += self.number(several).await?;
        }
        let mut held = Sql { text: "SELECT count(*)".to_owned(), ..Sql::default() };
        if self.push_held(&mut held) {
            held.push(" AND ");
            let by_key = Condition::related(ENTRY_KEYS, found_by(self.viewer));
            held.condition(&by_key.negated(), "entry");
            total += self.number(held).await?;
        }
        let mut below = Sql { text: "SELECT count(*)".to_owned(), ..Sql::default() };
        self.push_below(&mut below);
        Ok(total + self.number(below).await?)
    }
}

impl Store {
    /// One page of entries, without deleted ones, and how many there are in all, exactly.
    ///
    /// # Errors
    /// As [`Store::entries`].
    pub async fn find_entries(&self, query: &EntryQuery<'_>) -> Result<(Vec<Entry>, u64), StoreError> {
        let Some((viewer, falling)) = query.parts() else {
            let order = if query.order.is_empty() { &NEWEST_FIRST[..] } else { query.order };
            return self.entries(query.partner, query.condition(), order, query.page).await;
        };
        let reader = self.inner.engine.reader().await?;
        let mut parts = Parts { reader, partner: query.partner, viewer, condition: &query.condition, falling };
        let total = parts.count().await?;
        let (offset, limit) = (i64::from(query.page.offset), i64::from(query.page.limit));
        let spots = if limit == 0 { Vec::new() } else { parts.first(offset.saturating_add(limit)).await? };
        drop(parts);
        let ids: Vec<EntryId> = spots
            .into_iter()
            .skip(usize::try_from(offset).unwrap_or(usize::MAX))
            .map(|(_, id)| EntryId::new(id))
            .collect();
        let entries = self.entries_by_ids(query.partner, &ids).await?;
        Ok((entries, u64::try_from(total).map_err(|_| StoreError::Corrupt("count"))?))
    }

    /// How many entries there are, without deleted ones, exactly.
    ///
    /// # Errors
    /// As [`Store::entries`].
    pub async fn count_found_entries(&self, query: &EntryQuery<'_>) -> Result<u64, StoreError> {
        let Some((viewer, falling)) = query.parts() else {
            return self.count_entries(query.partner, query.condition()).await;
        };
        let reader = self.inner.engine.reader().await?;
        let mut parts = Parts { reader, partner: query.partner, viewer, condition: &query.condition, falling };
        u64::try_from(parts.count().await?).map_err(|_| StoreError::Corrupt("count"))
    }
}
