//! The way to `PostgreSQL`: shared pipelined connections for single statements, a pool for
//! transactions, both with bounded waiting and statement times.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use deadpool::managed::{self, Timeouts};
pub use diesel_async::AsyncConnection;
use diesel_async::SimpleAsyncConnection;
use tokio::{sync::RwLock, time::timeout};

use self::pool::Manager;
pub use self::{
    connect::{Connection, Connector},
    error::DbError,
    pool::Pooled,
};

pub mod by_keys;
pub mod coalesce;
pub mod connect;
pub mod doubt;
pub mod embedded;
pub mod error;
pub mod group_commit;
pub mod maintenance;
pub mod migrate;
pub mod partitions;
pub mod pool;
#[expect(missing_docs, reason = "generated from the database by `make schema`")]
pub mod schema;
pub mod search_index;
pub mod tls;
pub mod transaction;

/// The tenant whose data a statement may touch. Every store function takes one; it comes out of a
/// verified access token only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TenantId(pub i64);

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
            // In turn: one that rests would not learn that its primary has been replaced.
            .queue_mode(managed::QueueMode::Fifo)
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
        Ok(connection.into())
    }

    /// Whether somebody waits for a connection of the pool.
    pub fn is_waited_for(&self) -> bool {
        self.0.pool.status().waiting > 0
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
