//! The one writer: small changes of many callers share a transaction, and so a sync to disk.

use std::sync::Arc;
use std::time::Instant;

use sqlx::SqlSafeStr;
use tokio::sync::{Notify, mpsc, oneshot};

use crate::audit::{self, Actor};
use crate::change::{self, APPEND, Change};
use crate::engine::{BoxFuture, Conn, Engine, Fetch, Row, Value};
use crate::error::StoreError;
use crate::memory::Memory;
use crate::remembered;
use crate::span::{self, Span};
use crate::timing::{Timed, Timing};

/// How many changes may wait, and how many share one transaction at most.
const WAITING: usize = 4096;
const TOGETHER: usize = 256;

/// The transaction of one change.
pub(crate) struct Tx {
    conn: Conn,
    changes: Vec<(i64, Change)>,
    actor: Option<Arc<Actor>>,
}

impl Tx {
    /// Every row that a statement gives.
    pub(crate) async fn fetch(&mut self, sql: impl SqlSafeStr, args: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        self.conn.fetch(sql, args).await
    }

    /// Runs a statement; how many rows it changed.
    pub(crate) async fn execute(&mut self, sql: impl SqlSafeStr, args: Vec<Value>) -> Result<u64, StoreError> {
        self.conn.execute(sql, args).await
    }

    /// Who makes the change.
    pub(crate) fn actor(&self) -> Option<Arc<Actor>> {
        self.actor.clone()
    }

    /// Appends to the change log and to the audit trail; this process's memory follows before the change is
    /// acknowledged.
    pub(crate) async fn log(&mut self, change: Change, now: i64) -> Result<(), StoreError> {
        remembered::changed(self, &change).await?;
        self.log_uncounted(change, now).await
    }

    /// As [`Tx::log`], for a change by which no list finds more or less than before.
    pub(crate) async fn log_uncounted(&mut self, change: Change, now: i64) -> Result<(), StoreError> {
        let rows = self.conn.fetch(APPEND, change.values(now)).await?;
        let seq = rows.first().ok_or(StoreError::Corrupt("change log"))?.int(0)?;
        audit::append(self, &change, now).await?;
        self.changes.push((seq, change));
        Ok(())
    }
}

impl Tx {
    /// As [`Tx::log`], for many changes.
    pub(crate) async fn log_all(&mut self, changes: Vec<Change>, now: i64) -> Result<(), StoreError> {
        let values = changes.iter().flat_map(|change| change.values(now)).collect();
        let rows = self.insert(change::TABLE, values, "RETURNING seq").await?;
        // They are numbered in order, but may be answered in any.
        let mut numbers = rows.iter().map(|row| row.int(0)).collect::<Result<Vec<_>, _>>()?;
        numbers.sort_unstable();
        audit::append_all(self, &changes, now).await?;
        remembered::changed_all(self, &changes).await?;
        self.changes.extend(numbers.into_iter().zip(changes));
        Ok(())
    }

    /// As [`Conn::insert`].
    pub(crate) async fn insert(&mut self, into: &str, values: Vec<Value>, then: &str) -> Result<Vec<Row>, StoreError> {
        self.conn.insert(into, values, then).await
    }
}

impl Fetch for Tx {
    async fn rows(&mut self, sql: &'static str, args: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        self.fetch(sql, args).await
    }
}

/// Tells the caller, once it is known whether the transaction was committed.
type Answer = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// One change that waits for its turn.
trait Job: Send {
    /// Makes the change; true when it is to be kept.
    fn run(self: Box<Self>, tx: &mut Tx) -> BoxFuture<'_, (bool, Answer)>;

    /// Tells the caller that it was not tried.
    fn refuse(self: Box<Self>, error: StoreError);
}

struct Waiting<T, E, F> {
    change: F,
    actor: Option<Arc<Actor>>,
    span: Span,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> Job for Waiting<T, E, F>
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
    F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
{
    fn run(self: Box<Self>, tx: &mut Tx) -> BoxFuture<'_, (bool, Answer)> {
        let Self { change, actor, span, reply } = *self;
        tx.actor = actor;
        Box::pin(async move {
            let result = span.within(change(tx)).await;
            let keep = result.is_ok();
            let answer: Answer = Box::new(move |committed| {
                // Nobody listens when the caller stopped waiting.
                drop(reply.send(result.and_then(|value| committed.map(|()| value).map_err(E::from))));
            });
            (keep, answer)
        })
    }

    fn refuse(self: Box<Self>, error: StoreError) {
        drop(self.reply.send(Err(error.into())));
    }
}

/// Hands changes to the writer.
#[derive(Clone)]
pub(crate) struct Writer {
    jobs: mpsc::Sender<Box<dyn Job>>,
    closing: Arc<Notify>,
    actor: Option<Arc<Actor>>,
    times: Arc<Timing>,
}

impl Writer {
    /// Starts the writer. It ends when every handle is gone.
    pub(crate) fn start(engine: Engine, conn: Conn, memory: Arc<Memory>) -> (Self, tokio::task::JoinHandle<()>) {
        let (jobs, waiting) = mpsc::channel(WAITING);
        let closing = Arc::new(Notify::new());
        let tx = Some(Tx { conn, changes: vec![], actor: None });
        let writing = WriteLoop { engine, memory, tx, closing: Arc::clone(&closing) };
        (Self { jobs, closing, actor: None, times: Arc::default() }, tokio::spawn(writing.run(waiting)))
    }

    /// The same writer, for the changes of this actor.
    pub(crate) fn acting(&self, actor: Arc<Actor>) -> Self {
        Self { actor: Some(actor), ..self.clone() }
    }

    /// How many changes wait.
    pub(crate) fn waiting(&self) -> usize {
        self.jobs.max_capacity() - self.jobs.capacity()
    }

    /// How long callers waited for their changes to be made.
    pub(crate) fn times(&self) -> Timed {
        self.times.read()
    }

    /// Takes no more changes; those that wait are still made.
    pub(crate) fn close(&self) {
        self.closing.notify_one();
    }

    /// Makes a change: kept, on disk and known to this process's memory when this returns `Ok`; not kept when the
    /// closure returns an error.
    ///
    /// The change is made even if the caller stops waiting.
    pub(crate) async fn write<T, F>(&self, change: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, StoreError>> + Send + 'static,
    {
        self.try_write(change).await
    }

    /// As [`Writer::write`], for a change that can be refused for reasons of its own.
    pub(crate) async fn try_write<T, E, F>(&self, change: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    {
        let since = Instant::now();
        let (reply, answer) = oneshot::channel();
        let span = span::write();
        self.jobs
            .send(Box::new(Waiting { change, actor: self.actor.clone(), span: span.clone(), reply }))
            .await
            .map_err(|_| StoreError::Closed)?;
        let answer = span.within(answer).await;
        self.times.note(since.elapsed());
        answer.map_err(|_| StoreError::Unavailable("the writer stopped".to_owned()))?
    }
}

struct WriteLoop {
    engine: Engine,
    memory: Arc<Memory>,
    /// `None` after a fault, until the database can be reached again.
    tx: Option<Tx>,
    closing: Arc<Notify>,
}

impl WriteLoop {
    async fn run(mut self, mut waiting: mpsc::Receiver<Box<dyn Job>>) {
        loop {
            let first = tokio::select! {
                first = waiting.recv() => first,
                () = self.closing.notified() => {
                    waiting.close();
                    continue;
                }
            };
            let Some(first) = first else { break };
            let mut answers = Vec::new();
            let result = self.together(first, &mut waiting, &mut answers).await;
            if let Err(error) = &result {
                tracing::error!(%error, "a write transaction failed");
                if let Some(tx) = self.tx.take() {
                    // Closing rolls back whatever is left open.
                    tx.conn.close().await;
                }
            }
            for answer in answers {
                answer(result.clone());
            }
        }
        if let Some(tx) = self.tx.take() {
            tx.conn.close().await;
        }
    }

    /// One transaction of as many changes as are waiting.
    async fn together(
        &mut self,
        first: Box<dyn Job>,
        waiting: &mut mpsc::Receiver<Box<dyn Job>>,
        answers: &mut Vec<Answer>,
    ) -> Result<(), StoreError> {
        let memory = Arc::clone(&self.memory);
        let tx = match self.begin().await {
            Ok(tx) => tx,
            Err(error) => {
                // Each of those behind would wait as long as this one did, only to hear the same.
                first.refuse(error.clone());
                (0..waiting.len()).map_while(|_| waiting.try_recv().ok()).for_each(|job| job.refuse(error.clone()));
                return Err(error);
            }
        };
        let mut next = Some(first);
        while let Some(job) = next {
            tx.conn.script("SAVEPOINT change").await?;
            let logged = tx.changes.len();
            let (keep, answer) = job.run(tx).await;
            answers.push(answer);
            if !keep {
                tx.conn.script("ROLLBACK TO change").await?;
                tx.changes.truncate(logged);
            }
            tx.conn.script("RELEASE change").await?;
            next = if answers.len() < TOGETHER { waiting.try_recv().ok() } else { None };
        }
        tx.conn.commit(!tx.changes.is_empty()).await?;
        memory.own_changes(&std::mem::take(&mut tx.changes), tx.conn.is_current());
        Ok(())
    }

    async fn begin(&mut self) -> Result<&mut Tx, StoreError> {
        let mut tx = match self.tx.take() {
            Some(tx) if tx.conn.is_current() => tx,
            _ => Tx { conn: self.engine.connect().await?, changes: vec![], actor: None },
        };
        tx.changes.clear();
        let begun = tx.conn.begin_write().await;
        let tx = self.tx.insert(tx);
        begun.map(|()| tx)
    }
}
