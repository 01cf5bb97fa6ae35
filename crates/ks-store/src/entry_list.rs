//! Lists of entries under entitlement, for accounts with millions of them.
//!
//! Any list can be had as a condition ([`Store::entries`]), which looks at every entry of the account. The list that
//! nearly everybody asks for (what lists usually show, in any order) is put together instead ([`crate::entry_parts`]). The
//! answers are the same, which a test says.

use ks_access::condition::{Column, Condition};
use ks_access::entitlement::Viewer;
use ks_access::entitlement::list::listed_entries;
use ks_schema::ids::EntryId;
use ks_token::PartnerId;
use sqlx::AssertSqlSafe;

use crate::engine::{Reader, Row};
use crate::entry::{self, Entry};
use crate::entry_parts::Parts;
use crate::error::StoreError;
use crate::list::{Listed, Order, Page, read_page};
use crate::remembered::Counted;
use crate::store::Store;

/// Who finds so many entries at most gets them all sorted, where no key has what they are sorted by. For others the entries
/// are read in that order until a page is full: of a million, so many are found equally fast either way.
const FEW: u64 = 5000;

/// By which columns entries can be read in order, without sorting an account.
const INDEXED: [&str; 4] = ["created_at", "updated_at", "name", "plays"];

/// The order of lists that are asked for none.
const NEWEST_FIRST: [Order; 1] = [Order { column: "created_at", falling: true }];

/// What lists usually show (`ks_access::entitlement::list::usual_entries`), in the words of an index.
const USUAL: &str = "(SELECT * FROM entry WHERE status <> 3 AND status = 2 AND moderation_status NOT IN (1, 3) \
                     AND display_in_search NOT IN (-2, -1)) AS entry";

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

impl EntryQuery<'_> {
    /// What it asks for as one condition, apart from what [`EntryQuery::listed`] says.
    fn condition(&self) -> Condition {
        let listed = self.viewer.map_or(Condition::TRUE, |viewer| listed_entries(viewer, false));
        Condition::int("partner_id", self.partner.get()).and(listed).and(self.condition.clone())
    }

    /// Of which entries.
    fn listed(&self) -> Listed {
        Listed { table: if self.is_usual { USUAL } else { entry::LISTED.table }, ..entry::LISTED }
    }

    fn order(&self) -> &[Order] {
        if self.order.is_empty() { &NEWEST_FIRST } else { self.order }
    }

    /// The page, by looking at entries in their order until it is full.
    pub(crate) async fn read_in_order(&self, reader: &mut Reader) -> Result<Vec<EntryId>, StoreError> {
        let listed = Listed { columns: "id", ..self.listed() };
        read_page(reader, &listed, &self.condition(), self.order(), self.page, read_id).await
    }

    /// What it is put together from, where that can be done.
    fn parts(&self) -> Option<Parts<'_>> {
        let viewer = self.viewer.filter(|viewer| viewer.is_enforced && self.is_usual && has_keys(viewer))?;
        asks_only(&self.condition, &["type", "created_at"]).then(|| {
            let is_kept = asks_only(&self.condition, &["type"]);
            Parts { partner: self.partner, viewer, condition: &self.condition, is_kept }
        })
    }
}

/// Whether entries can be read in this order.
fn is_indexed(order: &[Order]) -> bool {
    order.first().is_some_and(|first| INDEXED.contains(&first.column))
}

fn read_id(row: &Row) -> Result<EntryId, StoreError> {
    row.text(0).map(EntryId::new)
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

impl Store {
    /// One page of entries, without deleted ones, and how many there are in all, exactly.
    ///
    /// # Errors
    /// As [`Store::entries`].
    pub async fn find_entries(&self, query: &EntryQuery<'_>) -> Result<(Vec<Entry>, u64), StoreError> {
        let (partner, order, page) = (query.partner, query.order(), query.page);
        let Some(parts) = query.parts() else {
            return self.list_entries(&query.listed(), partner, &query.condition(), order, page).await;
        };
        let (mut snapshot, era) = self.counting().await?;
        let counting = parts.counting();
        let total =
            self.inner.memory.remembered.number(era, &mut snapshot, Counted::Entries(partner), counting).await?;
        let ids = match order {
            _ if page.limit == 0 || u64::from(page.offset) >= total => Vec::new(),
            [Order { column: "created_at", falling }] => parts.by_keys(&mut snapshot, *falling, page).await?,
            order if total <= FEW || !is_indexed(order) => {
                let sorted = parts.sorted(order, page);
                let rows = snapshot.fetch(AssertSqlSafe(sorted.text), sorted.values).await?;
                rows.iter().map(read_id).collect::<Result<_, _>>()?
            }
            _ => query.read_in_order(&mut snapshot).await?,
        };
        Ok((entry::read_these(&mut snapshot, partner, &ids).await?, total))
    }

    /// How many entries there are, without deleted ones, exactly.
    ///
    /// # Errors
    /// As [`Store::entries`].
    pub async fn count_found_entries(&self, query: &EntryQuery<'_>) -> Result<u64, StoreError> {
        let counted = Counted::Entries(query.partner);
        match query.parts() {
            None => self.count(&query.listed(), counted, &query.condition()).await,
            Some(parts) => {
                let (mut snapshot, era) = self.counting().await?;
                self.inner.memory.remembered.number(era, &mut snapshot, counted, parts.counting()).await
            }
        }
    }
}
