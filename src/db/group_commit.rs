//! Group commit: rows that many callers hand in at once become one statement and one commit, and
//! each caller waits for the commit of its own rows.
//!
//! A flush takes all that waits when it begins, and rows gather only while the database is at work: no
//! timer, and no delay when little is going on. One flush may overlap another, so that one sends its rows
//! while the other waits for its commit; but a small one waits until it is as large as the one under way,
//! or that has ended: else flushes would shrink under load, and each costs about as much as twenty rows.
//! Nothing stands between an answer and the database: a caller that hears of no error has its rows
//! committed.

use std::{
    collections::{HashSet, VecDeque},
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use diesel::{pg::Pg, query_builder::QueryFragment, result::Error as DieselError};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures_util::FutureExt;
use tokio::{
    sync::{Notify, oneshot},
    time::timeout,
};

use self::insert::Insert;
use super::{Db, DbError, Pooled, TenantId};
use crate::values::{Id, Timestamp};

mod insert;

/// Flushes under way at once. While one waits for its commit, another sends its rows.
const FLUSHERS: usize = 2;
/// A flush of more rows takes long enough that nobody shall wait for it.
const SMALL_FLUSH_ROWS: usize = 256;
/// Most bytes of one flush, unless one caller's rows are more, which are never split. More at once are stored no
/// faster, and every connection that has sent them keeps room for as many.
const FLUSH_BYTES: usize = 2 * 1024 * 1024;
/// Most bytes that wait or are being flushed; beyond them callers are refused.
pub const QUEUE_BYTES: usize = 64 * 1024 * 1024;
/// What a row takes in memory beside its texts, about.
const ROW_BYTES: usize = 300;

/// A row of a table whose primary key is `(tenant_id, agent_id, timestamp, id)`.
pub trait Record: Send + Sync + 'static {
    /// The table.
    const TABLE: &'static str;
    /// Its columns behind the primary key, separated by commas.
    const COLUMNS: &'static str;

    /// When it happened.
    fn timestamp(&self) -> Timestamp;

    /// Its id.
    fn id(&self) -> Id;

    /// Bytes of its texts.
    fn size(&self) -> usize;

    /// The rows' values of [`Self::COLUMNS`], an array for each column.
    fn columns<'a>(rows: &[&'a Self]) -> impl QueryFragment<Pg> + Send + use<'a, Self>;
}

/// Why rows were not written, or may not have been.
#[derive(Clone, Debug, thiserror::Error)]
pub enum WriteError {
    /// Too much waits already. Nothing was stored.
    #[error("too many rows wait to be stored")]
    Full,
    /// The server is stopping. Nothing was stored.
    #[error("the server is stopping")]
    Stopping,
    /// There was no connection to the database. Nothing was stored.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// The connection was lost before the answer: the rows may be stored or not.
    #[error("the outcome is unknown: {0}")]
    Unknown(String),
    /// The database did not answer in time: the rows may be stored or not.
    #[error("the statement timeout has passed")]
    Timeout,
    /// The database refused these rows: a fault of ours.
    #[error(transparent)]
    Query(Arc<DieselError>),
}

/// What became of a caller's rows.
#[derive(Debug, PartialEq, Eq)]
pub enum Written {
    /// There is no such agent. Nothing was stored.
    NoAgent,
    /// All rows are committed.
    Stored {
        /// Places, in the caller's order, of rows whose key was there before. The first stays.
        duplicates: Vec<usize>,
    },
}

/// The way of rows into one table. Cheap to clone.
pub struct GroupCommit<R>(Arc<Shared<R>>);

impl<R> Clone for GroupCommit<R> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

struct Shared<R> {
    db: Db,
    state: Mutex<State<R>>,
    /// Told when the last flusher has ended.
    idle: Notify,
}

struct State<R> {
    queue: VecDeque<Job<R>>,
    /// Rows in the queue.
    rows_waiting: usize,
    /// Rows of the flushes under way.
    rows_under_way: usize,
    /// Of the queue and of the flushes under way.
    bytes: usize,
    flushers: usize,
    stopping: bool,
}

/// What one caller hands in.
struct Job<R> {
    tenant: TenantId,
    agent: Id,
    rows: Arc<[R]>,
    bytes: usize,
    reply: oneshot::Sender<Result<Written, WriteError>>,
}

impl<R: Record> GroupCommit<R> {
    /// A way into the table; nothing happens before the first rows.
    pub fn new(db: Db) -> Self {
        Self(Arc::new(Shared {
            db,
            state: Mutex::new(State {
                queue: VecDeque::new(),
                rows_waiting: 0,
                rows_under_way: 0,
                bytes: 0,
                flushers: 0,
                stopping: false,
            }),
            idle: Notify::new(),
        }))
    }

    /// Stores rows of an agent, all or none, and answers when they are committed. A caller that
    /// stops waiting takes its rows back, unless they are being flushed already.
    pub async fn write(
        &self,
        tenant: TenantId,
        agent: Id,
        rows: Arc<[R]>,
    ) -> Result<Written, WriteError> {
        let bytes = rows.iter().map(|row| ROW_BYTES + row.size()).sum();
        let (reply, answer) = oneshot::channel();
        self.accept(Job {
            tenant,
            agent,
            rows,
            bytes,
            reply,
        })?;
        match timeout(self.0.db.statement_timeout(), answer).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(WriteError::Unknown("the flush has ended early".into())),
            Err(_) => Err(WriteError::Timeout),
        }
    }

    /// Puts a job into the queue, and a flusher to work when one is free.
    fn accept(&self, job: Job<R>) -> Result<(), WriteError> {
        let mut state = self.0.lock();
        if state.stopping {
            return Err(WriteError::Stopping);
        }
        // A job that is larger than the queue shall not be refused for ever.
        if state.bytes > 0 && state.bytes.saturating_add(job.bytes) > QUEUE_BYTES {
            return Err(WriteError::Full);
        }
        state.bytes += job.bytes;
        state.rows_waiting += job.rows.len();
        state.queue.push_back(job);
        if state.flushers < FLUSHERS && state.is_worth_a_flush() {
            state.flushers += 1;
            tokio::spawn(Arc::clone(&self.0).flush_all());
        }
        Ok(())
    }

    /// How many callers wait for a flush of their rows to begin.
    pub fn waiting(&self) -> usize {
        self.0.lock().queue.len()
    }

    /// Refuses new rows and waits until everything accepted is committed or answered with an error.
    pub async fn drain(&self) {
        self.0.lock().stopping = true;
        loop {
            let idle = self.0.idle.notified();
            let mut idle = std::pin::pin!(idle);
            // From here on the notice is not missed.
            idle.as_mut().enable();
            if self.0.lock().flushers == 0 {
                return;
            }
            idle.await;
        }
    }
}

impl<R> Shared<R> {
    fn lock(&self) -> MutexGuard<'_, State<R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<R> State<R> {
    /// Whether what waits shall go now, beside the flush under way.
    fn is_worth_a_flush(&self) -> bool {
        self.rows_waiting >= self.rows_under_way || self.rows_under_way > SMALL_FLUSH_ROWS
    }
}

impl<R: Record> Shared<R> {
    /// Flushes until nothing waits, or what waits is left to the other flusher.
    async fn flush_all(self: Arc<Self>) {
        let mut held = None;
        while let Some((jobs, rows, bytes)) = self.next() {
            let flush = AssertUnwindSafe(flush(&self.db, &mut held, jobs)).catch_unwind();
            if flush.await.is_err() {
                // Its callers see that nobody answers them any more.
                tracing::error!(table = R::TABLE, "a flush has panicked");
            }
            let mut state = self.lock();
            state.rows_under_way -= rows;
            state.bytes -= bytes;
        }
    }

    /// The jobs of the next flush, their rows and their bytes. With `None` the flusher counts as ended.
    fn next(&self) -> Option<(Vec<Job<R>>, usize, usize)> {
        let mut state = self.lock();
        let (mut jobs, mut rows, mut bytes) = (Vec::new(), 0, 0);
        let goes = state.is_worth_a_flush();
        while goes && let Some(job) = state.queue.pop_front() {
            if bytes + job.bytes > FLUSH_BYTES && !jobs.is_empty() {
                state.queue.push_front(job);
                break;
            }
            state.rows_waiting -= job.rows.len();
            if job.reply.is_closed() {
                // Nobody waits for it any more.
                state.bytes -= job.bytes;
                continue;
            }
            rows += job.rows.len();
            bytes += job.bytes;
            jobs.push(job);
        }
        if jobs.is_empty() {
            state.flushers -= 1;
            if state.flushers == 0 {
                self.idle.notify_waiters();
            }
            return None;
        }
        state.rows_under_way += rows;
        Some((jobs, rows, bytes))
    }
}

/// Stores the rows of all jobs and answers each. When the database refuses them, they are tried
/// again in halves, until those that it refuses stand alone.
async fn flush<R: Record>(db: &Db, held: &mut Option<Pooled>, jobs: Vec<Job<R>>) {
    let mut parts = vec![jobs];
    while let Some(mut jobs) = parts.pop() {
        match store(db, held, &jobs).await {
            Ok(written) => {
                for (job, written) in jobs.into_iter().zip(written) {
                    // Whoever has gone meanwhile does not need the answer.
                    let _gone = job.reply.send(Ok(written));
                }
            }
            Err(WriteError::Query(_)) if jobs.len() > 1 => {
                let rest = jobs.split_off(jobs.len() / 2);
                parts.extend([rest, jobs]);
            }
            Err(error) => {
                for job in jobs {
                    let _gone = job.reply.send(Err(error.clone()));
                }
            }
        }
    }
}

/// The connection that a flusher holds, unless somebody waits for one; or the next of the pool. With each flush on
/// another, all of them would keep the room that a large one takes.
async fn connection(db: &Db, held: &mut Option<Pooled>) -> Result<Pooled, DbError> {
    if let Some(connection) = held.take()
        && !db.is_waited_for()
        && connection.is_usable().await
    {
        return Ok(connection);
    }
    db.pooled().await
}

/// Stores the rows of all jobs in one statement.
async fn store<R: Record>(
    db: &Db,
    held: &mut Option<Pooled>,
    jobs: &[Job<R>],
) -> Result<Vec<Written>, WriteError> {
    let pooled = connection(db, held).await.map_err(|error| match error {
        DbError::Unavailable(reason) => WriteError::Unavailable(reason),
        other => WriteError::Unavailable(other.to_string()),
    })?;
    let mut rows: Vec<_> = jobs
        .iter()
        .flat_map(|job| job.rows.iter().map(move |row| (job.tenant, job.agent, row)))
        .collect();
    // Statements that meet at the same keys take them in one order, and so wait without a deadlock.
    // Of rows with one key the first stays.
    rows.sort_by_key(|(tenant, agent, row)| (tenant.0, *agent, row.timestamp(), row.id()));
    let mut connection: &AsyncPgConnection = &pooled;
    let statement = Insert::new(jobs, &rows);
    let lines = db.query(statement.load::<Line>(&mut connection)).await;
    if matches!(lines, Ok(_) | Err(DbError::Query(_))) {
        *held = Some(pooled);
    }
    let lines = lines.map_err(|error| match error {
        DbError::Unavailable(reason) | DbError::Refused(reason) | DbError::Contended(reason) => {
            WriteError::Unavailable(reason)
        }
        DbError::Lost(reason) => WriteError::Unknown(reason),
        DbError::Timeout => WriteError::Timeout,
        DbError::Query(error) => WriteError::Query(Arc::new(error)),
    })?;
    Ok(outcomes(jobs, lines))
}

/// A line of the statement's answer: an agent that lives, or the key of a row that is new; and whether all rows are.
type Line = (i64, Id, bool, Option<Timestamp>, Option<Id>);

/// What became of each job, by the lines that the statement answered.
fn outcomes<R: Record>(jobs: &[Job<R>], lines: Vec<Line>) -> Vec<Written> {
    let (mut agents, mut stored) = (HashSet::new(), HashSet::new());
    let mut all_are_new = false;
    for (tenant, agent, all_new, timestamp, id) in lines {
        all_are_new = all_new;
        match timestamp.zip(id) {
            None => agents.insert((tenant, agent)),
            Some(key) => stored.insert((tenant, agent, key)),
        };
    }
    let outcome = |job: &Job<R>| {
        let (tenant, agent) = (job.tenant.0, job.agent);
        if !agents.contains(&(tenant, agent)) {
            return Written::NoAgent;
        }
        let mut duplicates = Vec::new();
        if !all_are_new {
            for (place, row) in job.rows.iter().enumerate() {
                // Of two rows with one key the first takes it.
                if !stored.remove(&(tenant, agent, (row.timestamp(), row.id()))) {
                    duplicates.push(place);
                }
            }
        }
        Written::Stored { duplicates }
    };
    jobs.iter().map(outcome).collect()
}
