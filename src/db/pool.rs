//! The connections of the pool: made, checked, and closed when they may not be used again.

use std::ops::{Deref, DerefMut};

use deadpool::managed::{self, Metrics, RecycleError, RecycleResult};
use diesel_async::{AsyncConnection, AsyncPgConnection, TransactionManager};

use super::{Connection, Connector, DbError};

type Transactions = <AsyncPgConnection as AsyncConnection>::TransactionManager;

/// A pooled connection, for transactions and for statements that may take long. It returns to the pool when it is
/// dropped, unless a transaction was left open on it, by a request that gave up half-way: then it is closed, so that
/// nobody waits for the locks of that transaction.
pub struct Pooled(Option<managed::Object<Manager>>);

impl From<managed::Object<Manager>> for Pooled {
    fn from(connection: managed::Object<Manager>) -> Self {
        Self(Some(connection))
    }
}

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
