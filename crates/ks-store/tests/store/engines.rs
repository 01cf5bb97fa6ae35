//! Both engines have one layout.

use crate::support::Home;

/// Tables with their columns: name, kind, and whether it is always there.
const COLUMNS: (&str, &str) = (
    "SELECT m.name || '.' || p.name || ' ' || CASE p.type WHEN 'TEXT' THEN 'text' WHEN 'BLOB' THEN 'bytea' \
     WHEN 'INTEGER' THEN 'bigint' WHEN 'BIGINT' THEN 'bigint' ELSE p.type END || CASE WHEN p.\"notnull\" OR p.pk > 0 \
     THEN '' ELSE ' or null' END || coalesce(' default ' || p.dflt_value, '') \
     FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS p \
     WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'",
    "SELECT table_name || '.' || column_name || ' ' || data_type || CASE is_nullable WHEN 'NO' THEN '' ELSE ' or null' END \
     || coalesce(' default ' || replace(nullif(column_default, 'next_change()'), '::text', ''), '') FROM information_schema.columns \
     WHERE table_schema = 'public' AND table_name <> 'change_seq'",
);

/// Indexes with what they are over.
const INDEXES: (&str, &str) = (
    "SELECT l.name || CASE l.\"unique\" WHEN 1 THEN ' unique' ELSE '' END || CASE l.partial WHEN 1 THEN ' partial' ELSE '' \
     END || ' ' || (SELECT group_concat(name, ',') FROM (SELECT name FROM pragma_index_info(l.name) ORDER BY seqno)) \
     FROM sqlite_master AS m JOIN pragma_index_list(m.name) AS l WHERE m.type = 'table' AND l.origin = 'c'",
    "SELECT c.relname || CASE WHEN i.indisunique THEN ' unique' ELSE '' END || CASE WHEN i.indpred IS NOT NULL \
     THEN ' partial' ELSE '' END || ' ' || (SELECT string_agg(pg_get_indexdef(i.indexrelid, CAST(n AS INTEGER), true), ',' \
     ORDER BY n) FROM generate_series(1, i.indnkeyatts) AS n) FROM pg_index AS i JOIN pg_class AS c \
     ON c.oid = i.indexrelid JOIN pg_namespace AS s ON s.oid = c.relnamespace WHERE s.nspname = 'public' \
     AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = i.indexrelid)",
);

/// Primary keys with their columns.
const KEYS: (&str, &str) = (
    "SELECT m.name || ' ' || (SELECT group_concat(name, ',') FROM (SELECT name FROM pragma_table_info(m.name) \
     WHERE pk > 0 ORDER BY pk)) FROM sqlite_master AS m WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'",
    "SELECT t.relname || ' ' || (SELECT string_agg(pg_get_indexdef(i.indexrelid, CAST(n AS INTEGER), true), ',' ORDER BY n) \
     FROM generate_series(1, i.indnkeyatts) AS n) FROM pg_index AS i JOIN pg_class AS t ON t.oid = i.indrelid \
     JOIN pg_namespace AS s ON s.oid = t.relnamespace WHERE i.indisprimary AND s.nspname = 'public' \
     AND t.relname <> 'change_seq'",
);

#[tokio::test]
async fn both_have_the_same_tables_and_indexes() {
    // Without a cluster this compares SQLite with itself: the run on PostgreSQL is the one that counts.
    let (sqlite, other) = (Home::sqlite(), Home::new());
    sqlite.open().await.close().await;
    other.open().await.close().await;
    for (ours, theirs) in [COLUMNS, INDEXES, KEYS] {
        let one = sqlite.texts(ours).await;
        let two = other.texts(if ks_test_cluster::is_wanted() { theirs } else { ours }).await;
        assert!(one.len() > 20, "{one:?}");
        assert_eq!(one.difference(&two).collect::<Vec<_>>(), [""; 0], "in SQLite alone");
        assert_eq!(two.difference(&one).collect::<Vec<_>>(), [""; 0], "in the other alone");
    }
    let migrations = "SELECT number || ' ' || name FROM schema_migration";
    assert_eq!(sqlite.texts(migrations).await, other.texts(migrations).await);
}
