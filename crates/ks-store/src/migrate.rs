//! Bringing a database to the layout that this program knows.
//!
//! Several processes may start at once: what is missing is applied in one transaction, under the lock that all writers
//! take. An old version may run beside, since migrations only add; so it may start, too, on a database that a newer
//! program has brought further, as long as that one has noted that it can ([`COMPATIBLE_FROM`]).

use crate::config::{DatabaseUrl, KekSource, Migrate, Random};
use crate::engine::{COMPATIBLE_FROM, Conn, Engine, Fetch, args};
use crate::error::StoreError;
use crate::kek::Kek;
use crate::writer::Tx;

/// One step of a database's layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Migration {
    /// Its number.
    pub number: i64,
    /// Its name.
    pub name: &'static str,
}

/// Which layout a database has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The number of the newest migration that was applied; 0: there is nothing in the database.
    pub number: i64,
    /// What this program would add.
    pub pending: Vec<Migration>,
}

impl Layout {
    /// Looks at a database, and changes nothing.
    ///
    /// # Errors
    /// [`StoreError::NewerLayout`], [`StoreError::Unavailable`].
    pub async fn of(database: &DatabaseUrl) -> Result<Self, StoreError> {
        let engine = Engine::prepare(database, true)?;
        let mut conn = engine.connect().await?;
        let layout = look(&engine, &mut conn).await;
        conn.close().await;
        engine.close().await;
        layout
    }

    /// Brings a database to the layout of this program, however long that takes; what was added. `now` is in Unix
    /// seconds.
    ///
    /// # Errors
    /// [`StoreError::NewerLayout`], [`StoreError::Unavailable`].
    pub async fn bring(database: &DatabaseUrl, now: i64) -> Result<Vec<Migration>, StoreError> {
        let engine = Engine::prepare(database, true)?;
        let mut conn = engine.connect().await?;
        let added = apply(&engine, &mut conn, now).await;
        conn.close().await;
        engine.close().await;
        added
    }
}

/// Makes sure that this program can work with the database.
pub(crate) async fn migrate(engine: &Engine, conn: &mut Conn, how: Migrate, now: i64) -> Result<(), StoreError> {
    // First without any lock: a node that restarts waits for no writer, and needs no right to change the layout.
    let layout = look(engine, conn).await?;
    let may = match how {
        Migrate::Always => true,
        Migrate::WhenEmpty => layout.number == 0,
        Migrate::Never => false,
    };
    match layout.pending.last() {
        None => Ok(()),
        Some(_) if may => apply(engine, conn, now).await.map(drop),
        Some(last) => Err(StoreError::OlderLayout { found: layout.number, needed: last.number }),
    }
}

/// What is missing.
async fn look(engine: &Engine, conn: &mut Conn) -> Result<Layout, StoreError> {
    let known = engine.migrations().last().map_or(0, |&(number, ..)| number);
    let mut applied = Vec::new();
    if conn.has_table("schema_migration").await? {
        for row in conn.fetch("SELECT number FROM schema_migration ORDER BY number", vec![]).await? {
            applied.push(row.int(0)?);
        }
    }
    let found = applied.last().copied().unwrap_or(0);
    if found > known {
        let needed = compatible_from(conn).await?.unwrap_or(found);
        if needed > known {
            return Err(StoreError::NewerLayout { found, known });
        }
        tracing::warn!(found, known, "the database is newer than this program, which can work with it");
    }
    let missing = engine.migrations().iter().filter(|(number, ..)| !applied.contains(number));
    let pending = missing.map(|&(number, name, _)| Migration { number, name }).collect();
    Ok(Layout { number: found, pending })
}

/// The oldest layout whose programs can work with the database, if a program has noted it.
async fn compatible_from(conn: &mut Conn) -> Result<Option<i64>, StoreError> {
    let rows = conn.fetch("SELECT value FROM store_meta WHERE name = 'compatible_from'", vec![]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let number = String::from_utf8(row.blob(0)?).ok().and_then(|text| text.parse().ok());
    number.map(Some).ok_or(StoreError::Corrupt("layout"))
}

/// Applies what is missing, in one transaction.
async fn apply(engine: &Engine, conn: &mut Conn, now: i64) -> Result<Vec<Migration>, StoreError> {
    conn.set_patient(true).await?;
    engine.suits(conn).await?;
    conn.begin_write().await?;
    let result = add(engine, conn, now).await;
    conn.script(if result.is_ok() { "COMMIT" } else { "ROLLBACK" }).await?;
    conn.set_patient(false).await?;
    result
}

async fn add(engine: &Engine, conn: &mut Conn, now: i64) -> Result<Vec<Migration>, StoreError> {
    conn.script(
        "CREATE TABLE IF NOT EXISTS schema_migration (
            number BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL)",
    )
    .await?;
    // Looking again, now that nobody else is at it.
    let pending = look(engine, conn).await?.pending;
    for &(number, name, sql) in engine.migrations() {
        if pending.iter().all(|missing| missing.number != number) {
            continue;
        }
        conn.script(sql).await?;
        conn.execute(
            "INSERT INTO schema_migration (number, name, applied_at) VALUES ($1, $2, $3)",
            args![number, name, now],
        )
        .await?;
        tracing::info!(number, name, "applied migration");
    }
    if !pending.is_empty() {
        conn.execute(
            "INSERT INTO store_meta (name, value) VALUES ('compatible_from', $1) \
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            args![COMPATIBLE_FROM.to_string().into_bytes()],
        )
        .await?;
    }
    Ok(pending)
}

/// What the key-encryption key must decrypt.
const PROBE: &[u8] = b"ks key-encryption key";

/// The key-encryption key. Any other than the one that the database was made with is refused, and none is made for a
/// database that has one.
pub(crate) async fn unlock(conn: &mut Conn, source: KekSource, random: &dyn Random) -> Result<Kek, StoreError> {
    let kek = match source {
        KekSource::Key(kek) => kek,
        KekSource::File(path) => match Kek::read(&path)? {
            Some(kek) => kek,
            // Looking again: another process may have made both since.
            None if read_probe(conn).await?.is_some() => Kek::from_existing_file(&path)?,
            None => Kek::from_file(&path, random)?,
        },
    };
    if read_probe(conn).await?.is_none() {
        conn.execute(
            "INSERT INTO store_meta (name, value) VALUES ('kek_probe', $1) ON CONFLICT (name) DO NOTHING",
            args![kek.seal(PROBE, PROBE, random)?],
        )
        .await?;
    }
    if choose_key(conn, &kek).await? { Ok(kek) } else { Err(StoreError::WrongKey) }
}

/// Seals from now on under the key that the database says is in use; false when that one is not at hand.
pub(crate) async fn choose_key(db: &mut impl Fetch, kek: &Kek) -> Result<bool, StoreError> {
    let sealed = read_probe(db).await?.ok_or(StoreError::Corrupt("key probe"))?;
    Ok(kek.which(&sealed, PROBE).is_some_and(|id| kek.choose(&id)))
}

/// Says that things are sealed under the current key.
pub(crate) async fn write_probe(tx: &mut Tx, kek: &Kek, random: &dyn Random) -> Result<(), StoreError> {
    tx.execute("UPDATE store_meta SET value = $1 WHERE name = 'kek_probe'", args![kek.seal(PROBE, PROBE, random)?])
        .await?;
    Ok(())
}

async fn read_probe(db: &mut impl Fetch) -> Result<Option<Vec<u8>>, StoreError> {
    let rows = db.rows("SELECT value FROM store_meta WHERE name = 'kek_probe'", vec![]).await?;
    rows.first().map(|row| row.blob(0)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An old version that runs beside goes on reading and writing what it knows.
    #[test]
    fn migrations_only_add() {
        for all in crate::engine::ALL_MIGRATIONS {
            for (number, name, sql) in all.iter().filter(|(number, ..)| *number > COMPATIBLE_FROM) {
                let code: Vec<&str> = sql.lines().map(|line| line.split("--").next().unwrap_or_default()).collect();
                let code = code.join(" ").to_uppercase();
                for statement in code.split(';').map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")) {
                    let takes_away =
                        ["DROP TABLE", "DROP COLUMN", "RENAME", "ALTER COLUMN", "SET NOT NULL", "DELETE FROM"]
                            .into_iter()
                            .find(|words| statement.contains(words));
                    assert_eq!(takes_away, None, "{number} {name}: {statement}");
                    let demands = statement.contains("ADD COLUMN")
                        && statement.contains("NOT NULL")
                        && !statement.contains("DEFAULT");
                    assert!(!demands, "{number} {name}: an old version would not give it: {statement}");
                }
            }
        }
    }
}
