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
use tokio::{runtime::Handle, sync::oneshot};

use super::{Db, DbError};

/// Statements of one reader that may be under way at once.
const STATEMENTS: usize = 2;
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
        let turn = self.0.with_queue(|queue| {
            if queue.under_way < STATEMENTS {
                queue.under_way += 1;
                return Turn::Now(key);
            }
            let (sender, answer) = oneshot::channel();
            queue.waiting.push((key, sender));
            Turn::Later(answer)
        });
        match turn {
            Turn::Now(key) => {
                let slot = Slot(Arc::clone(&self.0));
                let mut found = self.0.look_up(&[key]).await?;
                drop(slot);
                Ok(found.pop().flatten())
            }
            Turn::Later(answer) => {
                let gone = |_| Err(DbError::Unavailable("the read was given up".into()));
                let answer = async { answer.await.unwrap_or_else(gone) };
                self.0.db.within(answer).await
            }
        }
    }
}

/// How a read goes on: at once with a statement of its own, or with a statement of many.
enum Turn<K, V> {
    Now(K),
    Later(oneshot::Receiver<Result<Option<V>, DbError>>),
}

impl<K, V> Inner<K, V> {
    fn with_queue<T>(&self, work: impl FnOnce(&mut Queue<K, V>) -> T) -> T {
        // Nothing panics while the lock is held.
        work(&mut self.queue.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn look_up(&self, keys: &[K]) -> Result<Vec<Option<V>>, DbError> {
        let connection = self.db.lookups().await?;
        self.db.query((self.lookup)(&connection, keys)).await
    }
}

/// The place of a statement that is under way. When its holder is done, or has given up, the place
/// goes to a task for those who wait.
struct Slot<K: Send + Sync + 'static, V: Send + 'static>(Arc<Inner<K, V>>);

impl<K: Send + Sync + 'static, V: Send + 'static> Drop for Slot<K, V> {
    fn drop(&mut self) {
        let wanted = self.0.with_queue(|queue| {
            let wanted = !queue.waiting.is_empty();
            queue.under_way -= usize::from(!wanted);
            wanted
        });
        // Without a runtime the process is about to end, and nobody waits any more.
        if let (true, Ok(runtime)) = (wanted, Handle::try_current()) {
            // A task of its own: the statement serves many, whatever becomes of one of them. It has
            // no slot before it runs, or a runtime that stops would drop one to make the next.
            let inner = Arc::clone(&self.0);
            runtime.spawn(async move { work(&Slot(inner)).await });
        }
    }
}

/// Sends statements until nobody waits.
async fn work<K: Send + Sync, V: Send>(Slot(inner): &Slot<K, V>) {
    loop {
        let batch: Vec<_> = inner.with_queue(|queue| {
            let count = queue.waiting.len().min(KEYS);
            queue.waiting.drain(..count).collect()
        });
        if batch.is_empty() {
            return;
        }
        let (keys, senders): (Vec<K>, Vec<_>) = batch.into_iter().unzip();
        // A caller that has given up meanwhile does not take its answer.
        match inner.look_up(&keys).await {
            Ok(values) => senders.into_iter().zip(values).for_each(|(sender, value)| {
                let _gone = sender.send(Ok(value));
            }),
            Err(error) => senders.into_iter().for_each(|sender| {
                let _gone = sender.send(Err(error.again()));
            }),
        }
    }
}
