//! Lists: a condition tree to SQL, and one page of what matches.

use std::collections::HashSet;

use ks_access::condition::{Column, Compare, Condition, Relation, Value as Compared};
use sqlx::AssertSqlSafe;

use crate::engine::{Reader, Row, Value};
use crate::error::StoreError;
use crate::remembered::{Counted, Era};
use crate::store::Store;
use crate::writer::Tx;

/// One part of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// The column.
    pub column: Column,
    /// Whether large values come first.
    pub falling: bool,
}

/// Columns of orders that always hold something. Only orders by these are read off an index.
const NEVER_NULL: [Column; 5] = ["id", "created_at", "updated_at", "name", "depth"];

impl Order {
    /// What stands behind the column: engines do not agree on where a missing value belongs. Here it is the least.
    pub(crate) fn way(&self) -> &'static str {
        match (self.falling, NEVER_NULL.contains(&self.column)) {
            (false, true) => "",
            (true, true) => " DESC",
            (false, false) => " NULLS FIRST",
            (true, false) => " DESC NULLS LAST",
        }
    }
}

/// So many objects are sorted rather than looked for among others.
pub(crate) const FEW: u64 = 1000;

/// Columns that hold 0 or 1. Which of them is asked for stands in the statement itself, for the sake of indexes that hold
/// the rows with one of them only.
const FLAGS: [Column; 2] = ["is_admin", "retired"];

/// One page of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// How many are passed over.
    pub offset: u32,
    /// How many are given at most.
    pub limit: u32,
}

/// What can be listed: column names are ours, never a caller's text.
pub(crate) struct Listed {
    /// The table, with joins if need be.
    pub(crate) table: &'static str,
    /// What is read of each row.
    pub(crate) columns: &'static str,
    /// The primary key, in which every order ends.
    pub(crate) key: Column,
}

/// SQL and the values in its places.
#[derive(Default)]
pub(crate) struct Sql {
    pub(crate) text: String,
    pub(crate) values: Vec<Value>,
}

/// Of so many values at once, a statement is sure to take all.
pub(crate) const AT_ONCE: usize = 500;

/// Whether no two of these are the same.
pub(crate) fn all_differ(texts: &[&str]) -> bool {
    let mut seen = HashSet::new();
    texts.iter().all(|text| seen.insert(text))
}

/// Whether a row that satisfies a condition has one of these texts in a column.
pub(crate) async fn any_is_there(
    tx: &mut Tx,
    table: &'static str,
    condition: &Condition,
    column: Column,
    texts: &[&str],
) -> Result<bool, StoreError> {
    for texts in texts.chunks(AT_ONCE) {
        let mut sql = Sql { text: format!("SELECT 1 FROM {table} WHERE "), ..Sql::default() };
        sql.condition(&condition.clone().and(Condition::texts(column, texts.iter().copied())), table);
        sql.push(" LIMIT 1");
        if !tx.fetch(AssertSqlSafe(sql.text), sql.values).await?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// By what name the columns of a table are told apart: its alias, or its own name.
fn alias(table: &str) -> &str {
    table.rsplit(' ').next().unwrap_or(table)
}

impl Sql {
    pub(crate) fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    pub(crate) fn place(&mut self, value: Value) {
        self.values.push(value);
        self.text.push_str(&format!("${}", self.values.len()));
    }

    fn joined(&mut self, conditions: &[Condition], table: &str, word: &str) {
        // What says nothing is left out: an index is not taken for one side of an OR.
        let telling = conditions.iter().filter(|condition| condition.constant().is_none());
        for (index, condition) in telling.enumerate() {
            self.push(if index == 0 { "(" } else { word });
            self.condition(condition, table);
        }
        self.push(")");
    }

    /// Each comparison is true or false and never unknown: under a NOT, a missing value would otherwise make an object
    /// vanish.
    pub(crate) fn condition(&mut self, condition: &Condition, table: &str) {
        if let Some(known) = condition.constant() {
            return self.push(if known { "1 = 1" } else { "1 = 0" });
        }
        match condition {
            Condition::All(all) => self.joined(all, table, " AND "),
            Condition::Any(any) => self.joined(any, table, " OR "),
            Condition::Not(inner) => {
                if let Condition::IsNull(column) = &**inner {
                    return self.push(&format!("{column} IS NOT NULL"));
                }
                self.push("NOT ");
                self.push("(");
                self.condition(inner, table);
                self.push(")");
            }
            Condition::Is(column, Compare::Equal, Compared::Int(flag @ (0 | 1))) if FLAGS.contains(column) => {
                self.push(&format!("{column} = {flag}"));
            }
            Condition::Is(column, compare, value) => {
                let operator = match compare {
                    Compare::Equal => "=",
                    Compare::AtMost => "<=",
                    Compare::AtLeast => ">=",
                    Compare::Above => ">",
                    Compare::Below => "<",
                };
                self.present(column);
                self.push(&format!("{column} {operator} "));
                self.place(plain(value));
                self.push(")");
            }
            Condition::In(column, values) => {
                self.present(column);
                self.push(&format!("{column} IN "));
                for (index, value) in values.iter().enumerate() {
                    self.push(if index == 0 { "(" } else { ", " });
                    self.place(plain(value));
                }
                self.push("))");
            }
            Condition::Contains(column, text) => self.like(column, column, format!("%{}%", escaped(text))),
            Condition::StartsWith(column, text) => self.like(column, column, format!("{}%", escaped(text))),
            Condition::HasWord(column, word) => {
                // Spaces around words do not count; none is stored inside one.
                let words = format!("',' || replace({column}, ', ', ',') || ','");
                self.like(column, &words, format!("%,{},%", escaped(word)));
            }
            Condition::IsNull(column) => self.push(&format!("{column} IS NULL")),
            Condition::Related(relation, inner) => self.related(relation, inner, table),
        }
    }

    /// Columns without a table's name are the innermost table's, so only what points outwards needs one.
    fn related(&mut self, relation: &Relation, condition: &Condition, table: &str) {
        let Relation { table: other, inner, outer, few } = relation;
        let (here, there) = (alias(table), alias(other));
        if *few {
            self.push(&format!(
                "({here}.{outer} IS NOT NULL AND {here}.{outer} IN (SELECT {there}.{inner} FROM {other} WHERE "
            ));
        } else {
            self.push(&format!("(EXISTS (SELECT 1 FROM {other} WHERE {there}.{inner} = {here}.{outer} AND "));
        }
        self.condition(condition, other);
        self.push("))");
    }

    /// ` ORDER BY`, ` LIMIT` and ` OFFSET`.
    pub(crate) fn order(&mut self, order: &[Order], key: Column, page: Page) {
        self.push(" ORDER BY ");
        for order in order {
            self.push(&format!("{}{}, ", order.column, order.way()));
        }
        // Without a last word, equal rows would change places between pages.
        let falling = order.last().is_some_and(|order| order.falling);
        self.push(&format!("{key}{} LIMIT ", if falling { " DESC" } else { "" }));
        self.place(Value::Int(Some(page.limit.into())));
        self.push(" OFFSET ");
        self.place(Value::Int(Some(page.offset.into())));
    }

    fn present(&mut self, column: Column) {
        self.push(&format!("({column} IS NOT NULL AND "));
    }

    fn like(&mut self, column: Column, text: &str, pattern: String) {
        self.present(column);
        self.push(&format!("{text} LIKE "));
        self.place(Value::Text(Some(pattern)));
        self.push(" ESCAPE '\\')");
    }
}

fn plain(value: &Compared) -> Value {
    match value {
        Compared::Int(number) => Value::Int(Some(*number)),
        Compared::Text(text) => Value::Text(Some(text.clone())),
    }
}

/// What is a pattern's own character becomes plain text.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

impl Store {
    /// A snapshot to count in, and the era of what is counted.
    pub(crate) async fn counting(&self) -> Result<(Reader, Era), StoreError> {
        let era = self.inner.memory.remembered.era(&self.inner.engine);
        Ok((self.inner.engine.snapshot().await?, era))
    }

    /// One page of what satisfies a condition, and how many do in all, at the same moment.
    pub(crate) async fn list<T>(
        &self,
        listed: &Listed,
        counted: Counted,
        condition: &Condition,
        order: &[Order],
        page: Page,
        read: impl Fn(&Row) -> Result<T, StoreError>,
    ) -> Result<(Vec<T>, u64), StoreError> {
        let (mut snapshot, era) = self.counting().await?;
        let counting = counting(listed, counted, condition);
        let total = self.inner.memory.remembered.number(era, &mut snapshot, counted, counting).await?;
        Ok((read_page(&mut snapshot, listed, condition, order, page, read).await?, total))
    }

    /// How many satisfy a condition.
    pub(crate) async fn count(
        &self,
        listed: &Listed,
        counted: Counted,
        condition: &Condition,
    ) -> Result<u64, StoreError> {
        let (mut snapshot, era) = self.counting().await?;
        self.inner.memory.remembered.number(era, &mut snapshot, counted, counting(listed, counted, condition)).await
    }

    /// One page of what satisfies a condition.
    pub(crate) async fn page<T>(
        &self,
        listed: &Listed,
        condition: &Condition,
        order: &[Order],
        page: Page,
        read: impl Fn(&Row) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        read_page(&mut self.inner.engine.reader().await?, listed, condition, order, page, read).await
    }
}

pub(crate) fn counting(listed: &Listed, counted: Counted, condition: &Condition) -> Sql {
    let (what, table) = match counted {
        Counted::Kept(table) => ("CAST(coalesce(sum(number), 0) AS BIGINT)", table),
        Counted::Anything | Counted::Categories(_) | Counted::Entries(_) | Counted::Users(_) => {
            ("count(*)", listed.table)
        }
    };
    let mut sql = Sql { text: format!("SELECT {what} FROM {table} WHERE "), ..Sql::default() };
    sql.condition(condition, table);
    sql
}

/// One page of what satisfies a condition.
pub(crate) async fn read_page<T>(
    reader: &mut Reader,
    listed: &Listed,
    condition: &Condition,
    order: &[Order],
    page: Page,
    read: impl Fn(&Row) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let Listed { table, columns, key } = listed;
    let mut list = Sql { text: format!("SELECT {columns} FROM {table} WHERE "), ..Sql::default() };
    list.condition(condition, table);
    list.order(order, key, page);
    read_rows(reader, list, read).await
}

/// The same of [`FEW`] objects at most, which are found first and then sorted: an index that only gives the order would
/// be followed through all others.
pub(crate) async fn read_few<T>(
    reader: &mut Reader,
    listed: &Listed,
    condition: &Condition,
    order: &[Order],
    page: Page,
    read: impl Fn(&Row) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let Listed { table, columns, key } = listed;
    let mut list = Sql { text: format!("SELECT {columns} FROM (SELECT * FROM {table} WHERE "), ..Sql::default() };
    list.condition(condition, table);
    list.push(&format!(" LIMIT {FEW}) AS {}", alias(table)));
    list.order(order, key, page);
    read_rows(reader, list, read).await
}

async fn read_rows<T>(
    reader: &mut Reader,
    list: Sql,
    read: impl Fn(&Row) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let rows = reader.fetch(AssertSqlSafe(list.text), list.values).await?;
    rows.iter().map(read).collect()
}
