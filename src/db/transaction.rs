//! Transactions of requests: bounded in time, tried again when another was in the way, and honest about
//! what a failure leaves behind.

use std::{future::Future, time::Duration};

use aws_lc_rs::rand;
use diesel_async::{AsyncConnection, AsyncPgConnection, TransactionManager};
use tokio::time::{Instant, sleep, timeout_at};

use super::{Db, DbError};
use crate::problem::{ApiError, ProblemCode};

/// How often a transaction is tried that others get in the way of.
const TRIES: usize = 4;
/// Longest pause before the second try; before each further one it may be twice as long.
const PAUSE: Duration = Duration::from_millis(20);

type Transactions = <AsyncPgConnection as AsyncConnection>::TransactionManager;

/// What a transaction does. Every async closure that takes a connection is this; the trait is there because
/// the bound `AsyncFn` cannot say that the closure's future is `Send`.
pub trait Work<C, R>: AsyncFn(C) -> R + Fn(C) -> <Self as Work<C, R>>::Future {
    /// What the closure returns.
    type Future: Future<Output = R>;
}

impl<F, C, R, Fut> Work<C, R> for F
where
    F: AsyncFn(C) -> R + Fn(C) -> Fut,
    Fut: Future<Output = R>,
{
    type Future = Fut;
}

impl Db {
    /// Does work in a transaction, within the statement timeout, and commits it. When a deadlock or a
    /// serialization failure undoes it, it is done again, some times at most; so it must leave nothing behind
    /// but in the database.
    ///
    /// # Errors
    /// Those of the work, after which nothing is stored; 503 when there is no connection or others were in
    /// the way each time, and 504 when it takes too long, which store nothing either; 503 with
    /// `outcome_unknown` when the database was lost during the commit.
    pub async fn transaction<T, W>(&self, work: W) -> Result<T, ApiError>
    where
        T: Send,
        for<'c> W: AsyncFn(&'c mut AsyncPgConnection) -> Result<T, ApiError>
            + Work<&'c mut AsyncPgConnection, Result<T, ApiError>, Future: Send>
            + Send
            + Sync,
    {
        let mut connection = self.pooled().await?;
        let connection: &mut AsyncPgConnection = &mut connection;
        let deadline = Instant::now() + self.statement_timeout();
        let mut pause = PAUSE;
        let mut tries = 1;
        loop {
            // A connection that is left with a transaction open does not return to the pool, so the server rolls
            // back what was not committed.
            let before_commit = async {
                Transactions::begin_transaction(connection).await?;
                let done = work(connection).await;
                if done.is_err() {
                    // The first error tells more than one of the rollback.
                    let _broken = Transactions::rollback_transaction(connection).await;
                }
                done
            };
            let done = timeout_at(deadline, before_commit)
                .await
                .unwrap_or_else(|_| Err(self.out_of_time().into()))
                .map_err(ApiError::with_nothing_stored);
            let answer = match done {
                Ok(value) => {
                    let commit = Transactions::commit_transaction(connection);
                    let committed = timeout_at(deadline, commit).await;
                    let committed = committed.map_or_else(
                        |_| Err(self.out_of_time()),
                        |committed| committed.map_err(DbError::from),
                    );
                    committed.map(|()| value).map_err(ApiError::from)
                }
                Err(error) => Err(error),
            };
            match answer {
                Err(error) if error.code() == ProblemCode::Contended && tries < TRIES => {
                    tries += 1;
                    sleep(jittered(pause)).await;
                    pause *= 2;
                }
                answer => return answer,
            }
        }
    }
}

/// Some time up to a pause, so that those who were in each other's way do not meet again.
fn jittered(pause: Duration) -> Duration {
    let mut byte = [u8::MAX];
    // Without randomness the whole pause is as good.
    let _whole = rand::fill(&mut byte);
    pause.mul_f64(f64::from(byte[0]) / f64::from(u8::MAX))
}
