//! Bringing a database to the layout that this program knows.

use crate::config::{KekSource, Random};
use crate::engine::{Conn, Engine, args};
use crate::error::StoreError;
use crate::kek::Kek;

/// Applies what is missing, in one transaction: several processes may start at once.
pub(crate) async fn migrate(engine: &Engine, conn: &mut Conn, now: i64) -> Result<(), StoreError> {
    conn.begin_write().await?;
    let result = apply(engine, conn, now).await;
    conn.script(if result.is_ok() { "COMMIT" } else { "ROLLBACK" }).await?;
    result
}

async fn apply(engine: &Engine, conn: &mut Conn, now: i64) -> Result<(), StoreError> {
    conn.script(
        "CREATE TABLE IF NOT EXISTS schema_migration (
            number BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL)",
    )
    .await?;
    let rows = conn.fetch("SELECT number FROM schema_migration ORDER BY number", vec![]).await?;
    let applied = rows.iter().map(|row| row.int(0)).collect::<Result<Vec<_>, _>>()?;
    let found = applied.last().copied().unwrap_or(0);
    let known = engine.migrations().last().map_or(0, |&(number, ..)| number);
    if found > known {
        return Err(StoreError::NewerLayout { found, known });
    }
    for &(number, name, sql) in engine.migrations().iter().filter(|(number, ..)| !applied.contains(number)) {
        conn.script(sql).await?;
        conn.execute(
            "INSERT INTO schema_migration (number, name, applied_at) VALUES ($1, $2, $3)",
            args![number, name, now],
        )
        .await?;
        tracing::info!(number, name, "applied migration");
    }
    Ok(())
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
    let sealed = read_probe(conn).await?.ok_or(StoreError::Corrupt("key probe"))?;
    kek.open(&sealed, PROBE).map(|_| kek).ok_or(StoreError::WrongKey)
}

async fn read_probe(conn: &mut Conn) -> Result<Option<Vec<u8>>, StoreError> {
    let rows = conn.fetch("SELECT value FROM store_meta WHERE name = 'kek_probe'", vec![]).await?;
    rows.first().map(|row| row.blob(0)).transpose()
}
