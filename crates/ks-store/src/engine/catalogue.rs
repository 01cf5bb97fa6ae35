//! What a database says of its own layout, so that everything in it can be copied without a list of tables.

use sqlx::AssertSqlSafe;

use super::{Conn, Link, args};
use crate::error::StoreError;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Int,
    Text,
    Blob,
}

/// A table. Columns are in the order of their names, so that both engines say the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) columns: Vec<(String, Kind)>,
    /// The columns of the primary key, in its order.
    pub(crate) key: Vec<usize>,
}

/// What each engine keeps for itself: which migrations it has, and the last number of the change log.
const OF_THE_ENGINE: [&str; 2] = ["schema_migration", "change_seq"];

const SQLITE: &str = "SELECT m.name, p.name, CASE p.type WHEN 'TEXT' THEN 't' WHEN 'BLOB' THEN 'b' ELSE 'i' END, p.pk \
     FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS p \
     WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'";

const POSTGRES: &str = "SELECT CAST(t.relname AS TEXT), CAST(a.attname AS TEXT), \
     CASE a.atttypid WHEN 25 THEN 't' WHEN 17 THEN 'b' ELSE 'i' END, \
     coalesce(array_position(CAST(string_to_array(CAST(i.indkey AS TEXT), ' ') AS INTEGER[]), CAST(a.attnum AS INTEGER)), 0) \
     FROM pg_class AS t JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped \
     LEFT JOIN pg_index AS i ON i.indrelid = t.oid AND i.indisprimary \
     JOIN pg_namespace AS n ON n.oid = t.relnamespace WHERE t.relkind = 'r' AND n.nspname = current_schema()";

const POSTGRES_NUMBERED: &str = "SELECT CAST(c.table_name AS TEXT), \
     coalesce(pg_sequence_last_value(CAST(pg_get_serial_sequence(quote_ident(c.table_name), c.column_name) AS regclass)), 0) \
     FROM information_schema.columns AS c WHERE c.table_schema = current_schema() AND c.is_identity = 'YES' \
     UNION ALL SELECT 'change_log', newest FROM change_seq";

const POSTGRES_REFERENCES: &str = "SELECT format('%s ALTER CONSTRAINT %I', CAST(conrelid AS regclass), conname) \
     FROM pg_constraint JOIN pg_namespace ON pg_namespace.oid = connamespace \
     WHERE contype = 'f' AND nspname = current_schema()";

impl Conn {
    /// All tables with content, in the order of their names.
    pub(crate) async fn tables(&mut self) -> Result<Vec<Table>, StoreError> {
        let rows = self.fetch(if self.is_sqlite() { SQLITE } else { POSTGRES }, vec![]).await?;
        let mut found = Vec::with_capacity(rows.len());
        for row in &rows {
            let kind = match row.text(2)?.as_str() {
                "t" => Kind::Text,
                "b" => Kind::Blob,
                _ => Kind::Int,
            };
            found.push((row.text(0)?, row.text(1)?, kind, row.int(3)?));
        }
        found.sort_unstable_by(|one, other| (&one.0, &one.1).cmp(&(&other.0, &other.1)));
        let mut tables: Vec<Table> = Vec::new();
        for columns in found.chunk_by(|one, other| one.0 == other.0) {
            let name = columns[0].0.clone();
            if OF_THE_ENGINE.contains(&name.as_str()) {
                continue;
            }
            let mut key: Vec<(i64, usize)> = columns.iter().map(|column| column.3).zip(0..).collect();
            key.retain(|(position, _)| *position > 0);
            key.sort_unstable();
            tables.push(Table {
                name,
                columns: columns.iter().map(|(_, column, kind, _)| (column.clone(), *kind)).collect(),
                key: key.into_iter().map(|(_, index)| index).collect(),
            });
        }
        Ok(tables)
    }

    /// The last number that was given to a row, for each table whose rows are numbered; 0: none yet.
    pub(crate) async fn numbered(&mut self) -> Result<Vec<(String, i64)>, StoreError> {
        let sql = if self.is_sqlite() { "SELECT name, seq FROM sqlite_sequence" } else { POSTGRES_NUMBERED };
        let rows = self.fetch(sql, vec![]).await?;
        let mut numbered =
            rows.iter().map(|row| Ok((row.text(0)?, row.int(1)?))).collect::<Result<Vec<_>, StoreError>>()?;
        numbered.retain(|(table, _)| !OF_THE_ENGINE.contains(&table.as_str()));
        Ok(numbered)
    }

    /// The next row of a table gets the number behind this one.
    pub(crate) async fn set_numbered(&mut self, table: &str, last: i64) -> Result<(), StoreError> {
        match self.link {
            Link::Sqlite(_) => {
                self.execute("DELETE FROM sqlite_sequence WHERE name = $1", args![table]).await?;
                if last > 0 {
                    self.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ($1, $2)", args![table, last]).await?;
                }
            }
            Link::Postgres(_) if table == "change_log" => {
                self.execute("UPDATE change_seq SET newest = $1", args![last]).await?;
            }
            Link::Postgres(_) => {
                let sql = "SELECT setval(CAST(pg_get_serial_sequence($1, 'id') AS regclass), greatest($2, 1), $2 > 0)";
                self.fetch(sql, args![table, last]).await?;
            }
        }
        Ok(())
    }

    /// Within a transaction: rows may refer to what comes later, until [`Conn::check_references`].
    pub(crate) async fn defer_references(&mut self) -> Result<(), StoreError> {
        if self.is_sqlite() {
            return self.script("PRAGMA defer_foreign_keys = ON").await;
        }
        self.alter_references("DEFERRABLE INITIALLY DEFERRED").await
    }

    /// Whether everything that rows refer to is there; from now on it must be.
    pub(crate) async fn check_references(&mut self) -> Result<(), StoreError> {
        if self.is_sqlite() {
            let missing = self.fetch("PRAGMA foreign_key_check", vec![]).await?;
            return if missing.is_empty() { Ok(()) } else { Err(StoreError::Corrupt("reference")) };
        }
        self.script("SET CONSTRAINTS ALL IMMEDIATE").await?;
        self.alter_references("NOT DEFERRABLE").await
    }

    async fn alter_references(&mut self, how: &str) -> Result<(), StoreError> {
        for row in self.fetch(POSTGRES_REFERENCES, vec![]).await? {
            self.script(AssertSqlSafe(format!("ALTER TABLE {} {how}", row.text(0)?))).await?;
        }
        Ok(())
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        matches!(self.link, Link::Sqlite(_))
    }
}
