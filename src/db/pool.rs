//! The connections of the pool: made, checked, and closed when they may not be used again.

use std::{
    ops::{Deref, DerefMut},
    time::Duration,
};

use deadpool::managed::{self, Metrics, RecycleError, RecycleResult};
use diesel_async::{AsyncConnection, AsyncPgConnection, TransactionManager};
use tokio::{runtime::Handle, time::timeout};

use super::{Connection, Connector, DbError};

/// How long a statement that nobody waits for any more may go on before it is cancelled. Most are done before, and
/// their connection is kept.
const GRACE: Duration = Duration::from_millis(100);
/// How long it may take to send a cancellation, and then to heed it.
const PATIENCE: Duration = Duration::from_secs(1);

type Transactions = <AsyncPgConnection as AsyncConnection>::TransactionManager;

/// A pooled connection, for transactions and for statements that may take long. It returns to the pool when it is
/// dropped, unless a request that gave up half-way has left something behind: a transaction that is open, for whose
/// locks others would wait, or a statement under way, for which the next user would. Such a statement is cancelled
/// and the connection closed.
pub struct Pooled {
    connection: Option<managed::Object<Manager>>,
    sends_rows: bool,
}

impl Pooled {
    /// The same for a statement whose rows may come one by one: to whoever counts statements it is answered with the
    /// first of them, so the connection returns to the pool only after another answer.
    #[must_use]
    pub fn for_rows(mut self) -> Self {
        self.sends_rows = true;
        self
    }
}

impl From<managed::Object<Manager>> for Pooled {
    fn from(connection: managed::Object<Manager>) -> Self {
        Self {
            connection: Some(connection),
            sends_rows: false,
        }
    }
}

impl Deref for Pooled {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        match &self.connection {
            Some(connection) => connection,
            None => unreachable!("only its end takes it"),
        }
    }
}

impl DerefMut for Pooled {
    fn deref_mut(&mut self) -> &mut Connection {
        match &mut self.connection {
            Some(connection) => connection,
            None => unreachable!("only its end takes it"),
        }
    }
}

impl Drop for Pooled {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else {
            return;
        };
        let is_open = Transactions::is_broken_transaction_manager(&mut **connection);
        match Handle::try_current() {
            Ok(runtime) if self.sends_rows || connection.is_busy() => {
                runtime.spawn(settle(connection, is_open));
            }
            _ if is_open => drop(managed::Object::take(connection)),
            _ => {}
        }
    }
}

/// Waits a little for the statement under way, and gives the connection back; or cancels the statement and closes the
/// connection.
async fn settle(mut connection: managed::Object<Manager>, is_open: bool) {
    if !is_open && matches!(timeout(GRACE, connection.check()).await, Ok(Ok(()))) {
        return;
    }
    if timeout(PATIENCE, connection.cancel()).await.is_err() {
        tracing::warn!("cancelling a statement that nobody waits for took too long");
    }
    // It keeps its place in the pool until it has ended, or callers who come and go could make sessions without number.
    let _ended = timeout(PATIENCE, connection.check()).await;
    drop(managed::Object::take(connection));
}

/// Makes and checks the pool's connections.
pub struct Manager(pub Connector);

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
