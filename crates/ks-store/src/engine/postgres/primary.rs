//! Which of several servers is the primary.
//!
//! A server that is promoted begins a new timeline of its log. One that was replaced and goes on all the same still says
//! that it takes changes; its timeline tells that it is not the primary any more. So no server is believed that is on an
//! older timeline than one that was seen before, and the others are asked again and again whether one was promoted.

use std::future::Future;
use std::time::{Duration, Instant};

use sqlx::{ConnectOptions as _, PgConnection, Row as _};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::{Postgres, in_time};
use crate::error::StoreError;

/// How often servers that were not the primary are asked whether they are now: well within the time for which a node
/// may lag behind others.
const WATCH: Duration = Duration::from_millis(500);

const FOLLOWS: &str = "this database server follows another one";
/// What is said of a server that is not the primary any more.
pub(super) const REPLACED: &str = "another database server has taken the place of this one";

/// On a primary, the timeline that it writes: the first of three numbers in the name of a file of its log.
const TIMELINE: &str = "SELECT CASE WHEN pg_is_in_recovery() THEN NULL ELSE \
     CAST(CAST('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) AS BIT(32)) AS BIGINT) END";

/// Where changes are taken, as far as is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Primary {
    /// Which of the servers that are named.
    pub(super) server: usize,
    /// The timeline of its log; 0: it does not say, or was not asked yet.
    pub(super) timeline: i64,
}

impl Primary {
    /// What a server answers for as long as it is the primary.
    pub(super) async fn answers<T>(
        self,
        primary: &mut watch::Receiver<Self>,
        patience: Duration,
        answer: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Result<T, StoreError> {
        let another = async { primary.wait_for(|now| *now != self).await.map(drop) };
        tokio::select! {
            biased;
            answer = in_time(patience, answer) => answer,
            Ok(()) = another => Err(StoreError::Unavailable(REPLACED.to_owned())),
        }
    }
}

/// The timeline on which a server takes changes; 0: it does not say. One that takes none is an error.
pub(super) async fn timeline(conn: &mut PgConnection) -> Result<i64, sqlx::Error> {
    standing(conn).await?.ok_or_else(|| sqlx::Error::Protocol(FOLLOWS.to_owned()))
}

/// As [`timeline`]; `None`: it takes no changes, since it follows another one, and may be behind.
///
/// Without a prepared statement, which a pooler of transactions mixes up: what it cannot do is told elsewhere.
async fn standing(conn: &mut PgConnection) -> Result<Option<i64>, sqlx::Error> {
    match sqlx::raw_sql(TIMELINE).fetch_one(&mut *conn).await {
        Ok(row) => row.try_get(0),
        // What only speaks like PostgreSQL may have another log, or none.
        Err(sqlx::Error::Database(_)) => match sqlx::raw_sql("SELECT pg_is_in_recovery()").fetch_one(conn).await {
            Ok(row) => Ok(if row.try_get(0)? { None } else { Some(0) }),
            Err(sqlx::Error::Database(_)) => Ok(Some(0)),
            Err(error) => Err(error),
        },
        Err(error) => Err(error),
    }
}

impl Postgres {
    /// Takes a server that was reached for the primary, unless a newer one was seen.
    pub(super) fn take(&self, found: Primary) -> Result<Primary, StoreError> {
        let mut before = found;
        let taken = self.primary.send_if_modified(|primary| {
            before = *primary;
            if found.timeline >= primary.timeline {
                *primary = found;
            }
            if *primary != before {
                *self.taken_at.lock() = Instant::now();
            }
            *primary != before
        });
        if found.timeline < before.timeline {
            return Err(StoreError::Unavailable(REPLACED.to_owned()));
        }
        if taken && found.server != before.server {
            tracing::warn!(server = found.server + 1, "another database server is the primary now");
        }
        Ok(found)
    }

    /// Asks all servers at once where nothing is known yet: the first that is named may have been replaced.
    pub(super) async fn find(&self) {
        if self.servers.len() < 2 || self.primary.borrow().timeline > 0 {
            return;
        }
        let mut asked = JoinSet::new();
        for server in 0..self.servers.len() {
            let this = self.clone();
            asked.spawn(async move { this.look(server, &mut None).await });
        }
        while asked.join_next().await.is_some() {}
    }

    /// Looks whether another server is promoted, for as long as it is polled.
    pub(super) async fn watch(&self) {
        if self.servers.len() < 2 {
            return;
        }
        // One for each, so that none that is silent holds up the others.
        let mut watching = JoinSet::new();
        for server in 0..self.servers.len() {
            let this = self.clone();
            watching.spawn(async move {
                let mut conn = None;
                loop {
                    tokio::time::sleep(WATCH).await;
                    if this.primary.borrow().server == server {
                        conn = None;
                    } else {
                        this.look(server, &mut conn).await;
                    }
                }
            });
        }
        while watching.join_next().await.is_some() {}
    }

    /// Asks a server whether it is a newer primary than the one that is known.
    async fn look(&self, server: usize, conn: &mut Option<PgConnection>) {
        let Some(asked) = self.servers.get(server) else { return };
        let kept = conn.take();
        let answer = in_time(asked.patience, async {
            let mut conn = match kept {
                Some(conn) => conn,
                None => asked.options.connect().await?,
            };
            let standing = standing(&mut conn).await?;
            Ok((conn, standing))
        });
        // That it cannot be reached says nothing of the others.
        let Ok((answered, standing)) = answer.await else { return };
        *conn = Some(answered);
        let known = self.primary.borrow().timeline;
        if let Some(timeline) = standing.filter(|timeline| *timeline > known) {
            // Only an even newer one could be in the way.
            drop(self.take(Primary { server, timeline }));
        }
    }
}
