//! Reads by key in which many callers share a statement.
//!
//! A read goes out at once while few statements are under way. Beyond that it waits for one of them
//! and goes out together with all that wait by then: one statement, one index lookup for each key.
//! So a lone caller waits for nobody, and under load the cost of a statement is shared. A read never
//! joins a statement that was sent before it was asked for: what was committed before is seen.

use std::sync::{Arc, Mutex, PoisonError};

use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

use super::{Db, DbError};

/// Statements of one reader that may be under way at once.
const STATEMENTS: usize = 4;
/// Most keys in one statement.
const KEYS: usize = 128;

/// Looks keys up in one statement; answers what is there in the order of the keys.
pub type Lookup<K, V> =
    for<'a> fn(&'a AsyncPgConnection, &'a [K]) -> BoxFuture<'a, QueryResult<Vec<Option<V>>>>;

/// Reads values by key. Cheap to clone.
pub struct Reader<K, V>(Arc<Inner<K, V>>);

struct Inner<K, V> {
    db: Db,
    lookup: Lookup<K, V>,
    queue: Mutex<Queue<K, V>>,
}

/// A key that is waited for, and the way to who waits.
type Waiting<K, V> = (K, oneshot::Sender<Result<Option<V>, DbError>>);

struct Queue<K, V> {
    waiting: Vec<Waiting<K, V>>,
    under_way: usize,
}

impl<K: Send + Sync + 'static, V: Send + 'static> Reader<K, V> {
    /// A reader that looks keys up in this way.
    pub fn new(db: Db, lookup: Lookup<K, V>) -> Self {
        let queue = Queue {
            waiting: Vec::new(),
            under_way: 0,
        };
        Self(Arc::new(Inner {
            db,
            lookup,
            queue: Mutex::new(queue),
        }))
    }

    /// The value of a key, if there is one.
    pub async fn get(&self, key: K) -> Result<Option<V>, DbError> {
        let (sender, answer) = oneshot::channel();
        let spawn = self.0.with_queue(|queue| {
            queue.waiting.push((key, sender));
            let spawn = queue.under_way < STATEMENTS;
            queue.under_way += usize::from(spawn);
            spawn
        });
        if spawn {
            // A task of its own: the statement serves others too, whatever becomes of this caller.
            tokio::spawn(work(Arc::clone(&self.0)));
        }
        let gone = |_| Err(DbError::Unavailable("the read was given up".into()));
        self.0
            .db
            .within(async { answer.await.unwrap_or_else(gone) })
            .await
    }
}

impl<K, V> Inner<K, V> {
    fn with_queue<T>(&self, work: impl FnOnce(&mut Queue<K, V>) -> T) -> T {
        // Nothing panics while the lock is held.
        work(&mut self.queue.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// One of the statements that may be under way. Gives its place back when its task panics; else the
/// task itself has done so.
struct Slot<K, V> {
    inner: Arc<Inner<K, V>>,
    given_back: bool,
}

impl<K, V> Drop for Slot<K, V> {
    fn drop(&mut self) {
        if !self.given_back {
            self.inner.with_queue(|queue| queue.under_way -= 1);
        }
    }
}

impl<K, V> Slot<K, V> {
    /// All that wait, up to [`KEYS`]; when nobody does, the place is given back in the same moment,
    /// so that who comes next finds it free.
    fn next_batch(&mut self) -> Vec<Waiting<K, V>> {
        let batch: Vec<_> = self.inner.with_queue(|queue| {
            let count = queue.waiting.len().min(KEYS);
            queue.under_way -= usize::from(count == 0);
            queue.waiting.drain(..count).collect()
        });
        self.given_back = batch.is_empty();
        batch
    }
}

/// Sends statements until nobody waits.
async fn work<K: Send + Sync, V: Send>(inner: Arc<Inner<K, V>>) {
    let mut slot = Slot {
        inner,
        given_back: false,
    };
    loop {
        let batch = slot.next_batch();
        if batch.is_empty() {
            return;
        }
        let (keys, senders): (Vec<K>, Vec<_>) = batch.into_iter().unzip();
        let inner = &slot.inner;
        let found = async {
            let connection = inner.db.lookups().await?;
            inner.db.query((inner.lookup)(&connection, &keys)).await
        };
        // A caller that has given up meanwhile does not take its answer.
        match found.await {
            Ok(values) => senders.into_iter().zip(values).for_each(|(sender, value)| {
                let _gone = sender.send(Ok(value));
            }),
            Err(error) => senders.into_iter().for_each(|sender| {
                let _gone = sender.send(Err(error.again()));
            }),
        }
    }
}
