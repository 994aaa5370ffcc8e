//! The way to `PostgreSQL`: shared pipelined connections for single statements, a pool for
//! transactions, both with bounded waiting and statement times.

use std::{
    future::Future,
    ops::{Deref, DerefMut},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use deadpool::managed::{self, Metrics, RecycleError, RecycleResult, Timeouts};
use diesel::result::{DatabaseErrorKind, Error as DieselError};
pub use diesel_async::AsyncConnection;
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection, TransactionManager};
use tokio::{sync::RwLock, time::timeout};

pub use self::connect::{Connection, Connector};

pub mod by_keys;
pub mod coalesce;
pub mod connect;
pub mod doubt;
pub mod embedded;
pub mod group_commit;
pub mod maintenance;
pub mod migrate;
pub mod partitions;
#[expect(missing_docs, reason = "generated from the database by `make schema`")]
pub mod schema;
pub mod search_index;
pub mod tls;
pub mod transaction;

/// The tenant whose data a statement may touch. Every store function takes one; it comes out of a
/// verified access token only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TenantId(pub i64);

/// Why the database gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// It cannot be reached, has no free connection, is starting, stopping or read-only, or a lock was not
    /// to be had in time. Nothing was stored.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// It lets nobody in under this name and password, or there is no such database. Nothing was stored.
    #[error("refused: {0}")]
    Refused(String),
    /// Another transaction was in the way: a deadlock or a serialization failure. Nothing was stored, and
    /// to try again is likely to succeed.
    #[error("contended: {0}")]
    Contended(String),
    /// The connection ended before the answer; what a write stored is not known.
    #[error("the connection was lost: {0}")]
    Lost(String),
    /// It did not finish within the statement timeout; what a write stored is not known.
    #[error("the statement timeout has passed")]
    Timeout,
    /// It refused a statement: a fault of ours.
    #[error(transparent)]
    Query(DieselError),
}

impl DbError {
    /// The same error for another who waited for the same statement.
    pub fn again(&self) -> Self {
        match self {
            Self::Unavailable(reason) => Self::Unavailable(reason.clone()),
            Self::Refused(reason) => Self::Refused(reason.clone()),
            Self::Contended(reason) => Self::Contended(reason.clone()),
            Self::Lost(reason) => Self::Lost(reason.clone()),
            Self::Timeout => Self::Timeout,
            Self::Query(error) => {
                Self::Query(DieselError::QueryBuilderError(error.to_string().into()))
            }
        }
    }
}

impl From<DieselError> for DbError {
    fn from(error: DieselError) -> Self {
        let (kind, information) = match &error {
            DieselError::DatabaseError(kind, information) => (kind, information),
            DieselError::BrokenTransactionManager | DieselError::RollbackErrorOnCommit { .. } => {
                return Self::Lost(error.to_string());
            }
            _ => return Self::Query(error),
        };
        let message = information.message();
        let owned = || message.to_owned();
        // diesel keeps the SQLSTATE and the severity to itself; of its unknown errors these are known by their
        // words.
        match kind {
            DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => {
                Self::Lost(owned())
            }
            DatabaseErrorKind::ReadOnlyTransaction => Self::Unavailable(owned()),
            DatabaseErrorKind::SerializationFailure => Self::Contended(owned()),
            _ if LOST.iter().any(|words| message.contains(words)) => Self::Lost(owned()),
            // 40P01
            _ if message.starts_with("deadlock detected") => Self::Contended(owned()),
            // 57P02, 57P03
            _ if message.starts_with("the database system is") => Self::Unavailable(owned()),
            // 55P03
            _ if message.contains("lock timeout") => Self::Unavailable(owned()),
            // Class 53
            _ if EXHAUSTED.iter().any(|words| message.contains(words)) => {
                Self::Unavailable(owned())
            }
            // 57014
            _ if message.contains("statement timeout") => Self::Timeout,
            _ => Self::Query(error),
        }
    }
}

/// What is said when a session ends with a statement under way: by the server (57P01) and by PgBouncer.
const LOST: [&str; 14] = [
    "terminating connection",
    "server conn crashed",
    "server connection closed",
    "server disconnect",
    "server shutting down",
    "server lifetime over",
    "pooler is shutting down",
    "admin forced disconnect",
    "database configuration changed",
    "connect string changed",
    "obsolete connection",
    "suspend_timeout",
    "query_timeout",
    "transaction timeout",
];

/// What is said when the server is short of disk, memory or connections, or PgBouncer does not reach it.
const EXHAUSTED: [&str; 14] = [
    "No space left on device",
    "Disk quota exceeded",
    "could not extend file",
    "could not write",
    "out of shared memory",
    "out of memory",
    "too many clients already",
    "remaining connection slots",
    "no more connections allowed",
    "query_wait_timeout",
    "client_login_timeout",
    "server_login_retry",
    "server login has been failing",
    "cannot connect to server",
];

/// How many connections there are and how long one waits.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// Connections in the pool.
    pub pool_size: usize,
    /// Shared pipelined connections.
    pub shared_connections: usize,
    /// Longest wait for a connection, and longest time to make one.
    pub acquire_timeout: Duration,
    /// Longest time for the statements of one request.
    pub statement_timeout: Duration,
}

type Transactions = <AsyncPgConnection as AsyncConnection>::TransactionManager;

/// A pooled connection, for transactions and for statements that may take long. It returns to the pool when it is
/// dropped, unless a transaction was left open on it, by a request that gave up half-way: then it is closed, so that
/// nobody waits for the locks of that transaction.
pub struct Pooled(Option<managed::Object<Manager>>);

impl Deref for Pooled {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        match &self.0 {
            Some(connection) => connection,
            None => unreachable!("only its end takes it"),
        }
    }
}

impl DerefMut for Pooled {
    fn deref_mut(&mut self) -> &mut Connection {
        match &mut self.0 {
            Some(connection) => connection,
            None => unreachable!("only its end takes it"),
        }
    }
}

impl Drop for Pooled {
    fn drop(&mut self) {
        if let Some(mut connection) = self.0.take()
            && Transactions::is_broken_transaction_manager(&mut **connection)
        {
            drop(managed::Object::take(connection));
        }
    }
}

/// The database. Cheap to clone; nothing connects before the first use.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    direct: Connector,
    bounds: Bounds,
    pool: managed::Pool<Manager>,
    shared: Shared,
    lookups: Shared,
    /// For the question whether the database is there, which waits for no request's statement.
    pulse: Shared,
}

impl Db {
    /// A database behind this connector.
    pub fn new(connector: Connector, bounds: Bounds) -> anyhow::Result<Self> {
        let direct = connector.clone();
        Self::with_direct(connector, direct, bounds)
    }

    /// A database behind this connector, and past any pooler behind the direct one.
    pub fn with_direct(
        connector: Connector,
        direct: Connector,
        bounds: Bounds,
    ) -> anyhow::Result<Self> {
        let timeouts = Timeouts {
            wait: Some(bounds.acquire_timeout),
            create: Some(bounds.acquire_timeout),
            recycle: Some(bounds.acquire_timeout),
        };
        let shared = Shared::new(connector.clone(), bounds.shared_connections);
        let lookups = Shared::new(connector.for_lookups(), bounds.shared_connections);
        let pulse = Shared::new(connector.clone(), 1);
        let pool = managed::Pool::builder(Manager(connector))
            .max_size(bounds.pool_size)
            .timeouts(timeouts)
            .runtime(deadpool::Runtime::Tokio1)
            .build()?;
        Ok(Self(Arc::new(Inner {
            direct,
            bounds,
            pool,
            shared,
            lookups,
            pulse,
        })))
    }

    /// A shared connection, for one short statement by key or index. `PostgreSQL` answers a
    /// connection's statements in order, so a slow one would hold up all behind it.
    pub async fn shared(&self) -> Result<Arc<Connection>, DbError> {
        self.0.shared.get(self.0.bounds.acquire_timeout).await
    }

    /// A shared connection for statements that look up many keys. Their plan is the same whatever
    /// the keys, and is made once; by itself `PostgreSQL` would plan each anew, because it takes few
    /// keys for cheaper than as many as it expects.
    pub async fn lookups(&self) -> Result<Arc<Connection>, DbError> {
        self.0.lookups.get(self.0.bounds.acquire_timeout).await
    }

    /// A connection of one's own from the pool.
    pub async fn pooled(&self) -> Result<Pooled, DbError> {
        let connection = self.0.pool.get().await.map_err(|error| match error {
            managed::PoolError::Backend(error) => error,
            other => DbError::Unavailable(other.to_string()),
        })?;
        Ok(Pooled(Some(connection)))
    }

    /// A connection of its own, past any pooler, that hands over the notifications of a channel. Like
    /// all names in SQL, the channel's must be a constant of ours.
    pub async fn listen(
        &self,
        channel: &'static str,
        hear: impl Fn(&str) + Send + Sync + 'static,
    ) -> Result<Connection, DbError> {
        let connect = async {
            let mut connection = self.0.direct.hearing(hear).connect().await?;
            connection
                .batch_execute(&format!("LISTEN {channel}"))
                .await?;
            Ok(connection)
        };
        timeout(self.0.bounds.acquire_timeout, connect)
            .await
            .unwrap_or_else(|_| Err(DbError::Unavailable("connecting took too long".into())))
    }

    /// Runs one statement within the statement timeout.
    pub async fn query<T>(
        &self,
        statement: impl Future<Output = diesel::QueryResult<T>>,
    ) -> Result<T, DbError> {
        self.within(async { statement.await.map_err(DbError::from) })
            .await
    }

    /// Runs statements within the statement timeout. The server's own timeout lies a little later,
    /// so that this one decides the answer.
    pub async fn within<T, E: From<DbError>>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        timeout(self.0.bounds.statement_timeout, work)
            .await
            .unwrap_or_else(|_| Err(self.out_of_time().into()))
    }

    /// The error of a statement that the database did not answer in time. Every connection is in doubt then.
    pub fn out_of_time(&self) -> DbError {
        self.0.shared.connector.doubt().raise();
        DbError::Timeout
    }

    /// Whether the database answers in time.
    pub async fn answers(&self, patience: Duration) -> bool {
        let ask = async {
            let connection = self.0.pulse.get(self.0.bounds.acquire_timeout).await?;
            (&**connection).batch_execute("SELECT 1").await?;
            Ok::<_, DbError>(())
        };
        match timeout(patience, ask).await {
            Ok(answer) => answer.is_ok(),
            Err(_) => {
                self.0.shared.connector.doubt().raise();
                false
            }
        }
    }

    /// The statement timeout.
    pub fn statement_timeout(&self) -> Duration {
        self.0.bounds.statement_timeout
    }

    /// Connections in the pool, and how many of them are idle.
    pub fn pool_status(&self) -> (usize, usize) {
        let status = self.0.pool.status();
        (status.size, status.available)
    }

    /// Closes every connection; what waits for one is refused.
    pub async fn close(&self) {
        self.0.pool.close();
        self.0.shared.close().await;
        self.0.lookups.close().await;
        self.0.pulse.close().await;
    }
}

/// Connections that many use at once, each made when it is first wanted and again when it has ended.
struct Shared {
    connector: Connector,
    slots: Box<[RwLock<Option<Arc<Connection>>>]>,
    next: AtomicUsize,
}

impl Shared {
    fn new(connector: Connector, count: usize) -> Self {
        Self {
            connector,
            slots: (0..count.max(1)).map(|_| RwLock::default()).collect(),
            next: AtomicUsize::new(0),
        }
    }

    async fn get(&self, patience: Duration) -> Result<Arc<Connection>, DbError> {
        let index = self.next.fetch_add(1, Ordering::Relaxed) % self.slots.len();
        let slot = &self.slots[index];
        if let Some(open) = slot.read().await.as_ref()
            && open.is_usable().await
        {
            return Ok(Arc::clone(open));
        }
        let reconnect = async {
            // Whoever gets here first connects; the others wait for that and find it done.
            let mut slot = slot.write().await;
            if let Some(open) = slot.as_ref()
                && open.is_usable().await
            {
                return Ok(Arc::clone(open));
            }
            let connection = Arc::new(self.connector.connect().await?);
            *slot = Some(Arc::clone(&connection));
            Ok(connection)
        };
        timeout(patience, reconnect)
            .await
            .unwrap_or_else(|_| Err(DbError::Unavailable("connecting took too long".into())))
    }

    async fn close(&self) {
        for slot in &self.slots {
            slot.write().await.take();
        }
    }
}

/// Makes and checks the pool's connections.
pub struct Manager(Connector);

impl managed::Manager for Manager {
    type Type = Connection;
    type Error = DbError;

    async fn create(&self) -> Result<Connection, DbError> {
        self.0.connect().await
    }

    async fn recycle(&self, connection: &mut Connection, _: &Metrics) -> RecycleResult<DbError> {
        if !connection.is_usable().await {
            return Err(RecycleError::message("the connection has ended"));
        }
        connection.forget_statements();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_that_ended_is_known_by_the_words_of_whoever_ended_it() {
        let error = |message: &str| {
            let message = Box::new(message.to_owned());
            DbError::from(DieselError::DatabaseError(
                DatabaseErrorKind::Unknown,
                message,
            ))
        };
        for words in [
            "terminating connection due to administrator command",
            "server conn crashed?",
            "server connection closed",
            "pooler is shutting down",
            "idle transaction timeout",
        ] {
            assert!(matches!(error(words), DbError::Lost(_)), "{words}");
        }
        let ours = error("column \"x\" does not exist");
        assert!(matches!(ours, DbError::Query(_)), "{ours}");
    }
}
