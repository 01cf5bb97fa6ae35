//! Bringing a database to the layout that this program knows.

use zeroize::Zeroizing;

use crate::config::Random;
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
            number INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL)",
    )
    .await?;
    let rows = conn.fetch("SELECT coalesce(max(number), 0) FROM schema_migration", vec![]).await?;
    let found = rows.first().ok_or(StoreError::Corrupt("list of migrations"))?.int(0)?;
    let known = engine.migrations().last().map_or(0, |&(number, ..)| number);
    if found > known {
        return Err(StoreError::NewerLayout { found, known });
    }
    for &(number, name, sql) in engine.migrations().iter().filter(|&&(number, ..)| number > found) {
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

/// Refuses a key-encryption key other than the one the database was made with.
pub(crate) async fn check_key(conn: &mut Conn, kek: &Kek, random: &dyn Random) -> Result<(), StoreError> {
    const PROBE: &[u8] = b"ks key-encryption key";
    let sealed = kek.seal(PROBE, PROBE, random)?;
    conn.execute(
        "INSERT INTO store_meta (name, value) VALUES ('kek_probe', $1) ON CONFLICT (name) DO NOTHING",
        args![sealed],
    )
    .await?;
    let rows = conn.fetch("SELECT value FROM store_meta WHERE name = 'kek_probe'", vec![]).await?;
    let stored = rows.first().ok_or(StoreError::Corrupt("key probe"))?.blob(0)?;
    match kek.open(&stored, PROBE) {
        Some(probe) if probe == Zeroizing::new(PROBE.to_vec()) => Ok(()),
        Some(_) | None => Err(StoreError::WrongKey),
    }
}
