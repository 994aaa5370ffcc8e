//! One connection to `PostgreSQL`, made the same way for the pool and for sharing.

use std::{
    future::poll_fn,
    ops::{Deref, DerefMut},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use diesel::{
    connection::{CacheSize, Instrumentation, InstrumentationEvent},
    result::{DatabaseErrorKind, Error as DieselError},
};
use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use futures_util::future::BoxFuture;
use tokio::time::timeout;
use tokio_postgres::{
    AsyncMessage, Client, Config, NoTls, Socket,
    config::SslMode,
    error::SqlState,
    tls::{MakeTlsConnect, TlsConnect, TlsStream},
};

use super::{
    Bounds, DbError,
    doubt::Doubt,
    tls::{self, TlsMode},
};
use crate::datasets::graph::EF_SEARCH;

/// How long a connection in doubt may take to answer.
const PATIENCE: Duration = Duration::from_secs(1);
/// After how long without a word a connection over TCP shows that it is still wanted, unless the URL says so:
/// NAT and load balancers forget it after some minutes.
const KEEPALIVE: Duration = Duration::from_secs(60);
/// How long a transaction may wait for a lock.
const LOCK_TIMEOUT: Duration = Duration::from_secs(5);
/// How many prepared statements a pooled connection may have before it forgets them all. There are fewer that
/// say the same for every dataset; those that name one would be without number.
const MAX_PREPARED: usize = 250;
/// By how much the server's statement timeout lies behind ours, so that ours decides the answer.
const SERVER_TIMEOUT_MARGIN: Duration = Duration::from_millis(250);

/// An open connection. Dereferences to diesel's, and knows when the server has gone.
pub struct Connection {
    connection: AsyncPgConnection,
    tls: TlsMode,
    doubt: Arc<Doubt>,
    /// How many doubts there were when it was made or last answered in one.
    answered: AtomicUsize,
    seen: Arc<Seen>,
}

/// What is known of a connection by what has happened on it.
#[derive(Default)]
struct Seen {
    /// It has ended, or is of no use any more.
    closed: AtomicBool,
    /// How many prepared statements it has.
    prepared: AtomicUsize,
    /// How many statements were sent and not answered. Those of futures that were dropped stay in it.
    under_way: AtomicUsize,
}

impl Connection {
    /// Asks the server for an answer, which comes after those of all statements before.
    pub async fn check(&mut self) -> Result<(), DbError> {
        self.connection.batch_execute("").await?;
        self.seen.under_way.store(0, Ordering::Relaxed);
        Ok(())
    }

    /// Whether a statement is under way, as far as is known: one that has begun to send rows counts as answered.
    pub fn is_busy(&self) -> bool {
        self.seen.under_way.load(Ordering::Relaxed) > 0 && !self.seen.closed.load(Ordering::Relaxed)
    }

    /// Asks the server to give up the statement under way. The server may do so late, and give up a later one,
    /// so the connection shall not be used again.
    pub async fn cancel(&self) {
        let token = self.connection.cancel_token();
        let sent = match &self.tls {
            TlsMode::Disable => token.cancel_query(NoTls).await,
            TlsMode::Allow(tls) | TlsMode::Prefer(tls) | TlsMode::Require(tls) => {
                token.cancel_query(tls.clone()).await
            }
        };
        if let Err(error) = sent {
            tracing::warn!(%error, "a statement that nobody waits for could not be cancelled");
        }
    }

    /// Forgets the prepared statements when they are too many, here and in the server.
    pub fn forget_statements(&mut self) {
        if self.seen.prepared.load(Ordering::Relaxed) <= MAX_PREPARED {
            return;
        }
        for size in [CacheSize::Disabled, CacheSize::Unbounded] {
            self.connection.set_prepared_statement_cache_size(size);
        }
        self.seen.prepared.store(0, Ordering::Relaxed);
    }

    /// Whether the connection is open and, when a statement has run out of time since, still answers.
    pub async fn is_usable(&self) -> bool {
        if self.seen.closed.load(Ordering::Relaxed) {
            return false;
        }
        let (raised, answered) = (self.doubt.raised(), self.answered.load(Ordering::Relaxed));
        if answered == raised {
            return true;
        }
        if self.doubt.condemns(answered) {
            return false;
        }
        let answer = timeout(PATIENCE, (&self.connection).batch_execute("")).await;
        if matches!(answer, Ok(Ok(()))) {
            self.answered.store(raised, Ordering::Relaxed);
            return true;
        }
        self.doubt.confirm(raised);
        false
    }
}

impl Deref for Connection {
    type Target = AsyncPgConnection;

    fn deref(&self) -> &AsyncPgConnection {
        &self.connection
    }
}

impl DerefMut for Connection {
    fn deref_mut(&mut self) -> &mut AsyncPgConnection {
        &mut self.connection
    }
}

/// Knows how to connect to one database.
#[derive(Clone)]
pub struct Connector {
    config: Config,
    tls: TlsMode,
    session: String,
    hear: Hear,
    doubt: Arc<Doubt>,
}

/// What is done with notifications (LISTEN); `None` drops them.
type Hear = Option<Arc<dyn Fn(&str) + Send + Sync>>;

impl Connector {
    /// Reads a connection URL (`postgresql://…` or `key=value …`), every `sslmode` and
    /// `sslrootcert` of libpq included.
    ///
    /// # Errors
    /// When the URL or the certificate file cannot be read. The error does not show the URL, which
    /// may hold a password.
    pub fn new(url: &str, bounds: &Bounds) -> anyhow::Result<Self> {
        let (url, tls) = tls::split(url)?;
        let mut config: Config = url.parse().map_err(|error: tokio_postgres::Error| {
            anyhow::anyhow!("the database URL cannot be read: {error}")
        })?;
        if config.get_application_name().is_none() {
            config.application_name("agentdata");
        }
        if config.get_keepalives_idle() == Config::new().get_keepalives_idle() {
            config.keepalives_idle(KEEPALIVE);
        }
        config.connect_timeout(bounds.acquire_timeout);
        config.ssl_mode(tls.ssl_mode());
        let statement = (bounds.statement_timeout + SERVER_TIMEOUT_MARGIN).as_millis();
        // With the iterative scan an index goes on until it has found as many as pass a filter.
        let session = format!(
            "SET statement_timeout = {statement}; SET lock_timeout = {}; \
             SET idle_in_transaction_session_timeout = {statement}; \
             SET hnsw.iterative_scan = relaxed_order; SET hnsw.ef_search = {EF_SEARCH}",
            LOCK_TIMEOUT.as_millis(),
        );
        Ok(Self {
            config,
            tls,
            session,
            hear: None,
            doubt: Arc::default(),
        })
    }

    /// The doubts about the connections that this connector and its copies make.
    pub fn doubt(&self) -> &Doubt {
        &self.doubt
    }

    /// A connector to the same database without statement and lock timeouts, for migrations.
    #[must_use]
    pub fn unhurried(&self) -> Self {
        Self {
            session: "SET statement_timeout = 0; SET lock_timeout = 0".into(),
            ..self.clone()
        }
    }

    /// A connector whose connections plan a prepared statement once, whatever its parameters.
    #[must_use]
    pub fn for_lookups(&self) -> Self {
        Self {
            session: format!("{}; SET plan_cache_mode = force_generic_plan", self.session),
            ..self.clone()
        }
    }

    /// A connector to the same database whose connections hand the payloads of notifications over.
    #[must_use]
    pub fn hearing(&self, hear: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self {
            hear: Some(Arc::new(hear)),
            ..self.clone()
        }
    }

    /// The server's host and database, without user and password.
    pub fn describe(&self) -> String {
        let hosts = self.config.get_hosts().iter().map(|host| match host {
            tokio_postgres::config::Host::Tcp(name) => name.clone(),
            tokio_postgres::config::Host::Unix(path) => path.display().to_string(),
        });
        let hosts = hosts.collect::<Vec<_>>().join(",");
        format!(
            "{} on {hosts}",
            self.config.get_dbname().unwrap_or("the user's database")
        )
    }

    /// Opens a connection and sets its timeouts. The future is large and seldom needed, so that it
    /// has a box of its own and is not a part of every request's.
    pub fn connect(&self) -> BoxFuture<'_, Result<Connection, DbError>> {
        Box::pin(self.connect_unboxed())
    }

    async fn connect_unboxed(&self) -> Result<Connection, DbError> {
        let unavailable = |error: &(dyn std::error::Error + 'static)| {
            // tokio-postgres says "db error" and keeps the reason for the source.
            let source = error
                .source()
                .map(|source| format!(": {source}"))
                .unwrap_or_default();
            let code = error
                .downcast_ref::<tokio_postgres::Error>()
                .and_then(tokio_postgres::Error::code);
            match code {
                Some(code) if is_refusal(code) => DbError::Refused(format!("{error}{source}")),
                _ => DbError::Unavailable(format!("{error}{source}")),
            }
        };
        let answered = self.doubt.raised();
        let (client, seen) = match &self.tls {
            TlsMode::Disable => self.open(NoTls).await,
            // libpq tries without TLS first and with TLS when that is refused.
            TlsMode::Allow(tls) => match self.open(NoTls).await {
                Ok(open) => Ok(open),
                Err(_) => {
                    let mut config = self.config.clone();
                    config.ssl_mode(SslMode::Require);
                    open(&config, tls.clone(), &self.hear).await
                }
            },
            // And the other way round.
            TlsMode::Prefer(tls) => match self.open(tls.clone()).await {
                Ok(open) => Ok(open),
                Err(_) => {
                    let mut config = self.config.clone();
                    config.ssl_mode(SslMode::Disable);
                    open(&config, NoTls, &self.hear).await
                }
            },
            TlsMode::Require(tls) => self.open(tls.clone()).await,
        }
        .map_err(|error| unavailable(&error))?;
        let mut connection = AsyncPgConnection::try_from(client)
            .await
            .map_err(|error| unavailable(&error))?;
        connection.set_instrumentation(Watch {
            seen: Arc::clone(&seen),
            doubt: Arc::clone(&self.doubt),
        });
        connection.batch_execute(&self.session).await?;
        Ok(Connection {
            connection,
            tls: self.tls.clone(),
            doubt: Arc::clone(&self.doubt),
            answered: AtomicUsize::new(answered),
            seen,
        })
    }

    async fn open<T>(&self, tls: T) -> Result<(Client, Arc<Seen>), tokio_postgres::Error>
    where
        T: MakeTlsConnect<Socket, Stream: TlsStream + Send + 'static, TlsConnect: Send>,
        <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
    {
        open(&self.config, tls, &self.hear).await
    }
}

/// Whether the server does not let us in, and will not until somebody changes something: class 28 (invalid
/// authorization) and 3D000 (no such database).
fn is_refusal(code: &SqlState) -> bool {
    code.code().starts_with("28") || *code == SqlState::INVALID_CATALOG_NAME
}

/// Takes a session for ended once it has refused to write, and casts doubt on the others. Behind an address
/// or a pooler that has moved on to a new primary they would go on to refuse, and to read what is old, where
/// new sessions would not. It also counts what is prepared and what is under way.
struct Watch {
    seen: Arc<Seen>,
    doubt: Arc<Doubt>,
}

impl Instrumentation for Watch {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::CacheQuery { .. } => {
                self.seen.prepared.fetch_add(1, Ordering::Relaxed);
            }
            InstrumentationEvent::StartQuery { .. } => {
                self.seen.under_way.fetch_add(1, Ordering::Relaxed);
            }
            InstrumentationEvent::FinishQuery { error, .. } => {
                self.seen.under_way.fetch_sub(1, Ordering::Relaxed);
                if let Some(DieselError::DatabaseError(DatabaseErrorKind::ReadOnlyTransaction, _)) =
                    error
                {
                    self.seen.closed.store(true, Ordering::Relaxed);
                    self.doubt.renounce();
                }
            }
            _ => {}
        }
    }
}

async fn open<T>(
    config: &Config,
    tls: T,
    hear: &Hear,
) -> Result<(Client, Arc<Seen>), tokio_postgres::Error>
where
    T: MakeTlsConnect<Socket, Stream: TlsStream + Send + 'static, TlsConnect: Send>,
    <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
{
    let (client, mut connection) = config.connect(tls).await?;
    let seen = Arc::<Seen>::default();
    let (watched, hear) = (Arc::clone(&seen), hear.clone());
    tokio::spawn(async move {
        while let Some(message) = poll_fn(|context| connection.poll_message(context)).await {
            match (message, &hear) {
                (Ok(AsyncMessage::Notification(said)), Some(hear)) => hear(said.payload()),
                (Ok(_), _) => {}
                (Err(error), _) => {
                    tracing::warn!(%error, "a database connection has ended");
                    break;
                }
            }
        }
        watched.closed.store(true, Ordering::Relaxed);
    });
    Ok((client, seen))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idle_connections_are_kept_alive_unless_the_url_says_how() {
        let bounds = Bounds {
            pool_size: 1,
            shared_connections: 1,
            acquire_timeout: Duration::from_secs(3),
            statement_timeout: Duration::from_secs(10),
        };
        for (url, seconds) in [
            ("postgresql://user@database/agentdata", 60),
            (
                "postgresql://user@database/agentdata?keepalives_idle=10",
                10,
            ),
        ] {
            let connector = Connector::new(url, &bounds).unwrap();
            assert_eq!(connector.config.get_keepalives_idle().as_secs(), seconds);
        }
    }
}
