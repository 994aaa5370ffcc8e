//! Reads by key in which many callers share a statement.
//!
//! A read goes out at once while nothing or as little is under way. Else it waits until as many wait as
//! are under way, or those are answered, and goes out together with all that wait by then: one statement,
//! one index lookup for each key. So a lone caller waits for nobody, and under load the cost of a
//! statement is shared; without the first of the two conditions statements would shrink under load. A read
//! never joins a statement that was sent before it was asked for: what was committed before is seen.

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
    statements: usize,
    /// Keys in the statements under way.
    under_way: usize,
}

impl<K, V> Queue<K, V> {
    /// Whether so many keys shall go now, beside the statements under way.
    fn lets_go(&self, keys: usize) -> bool {
        keys > 0 && self.statements < STATEMENTS && keys >= self.under_way.min(KEYS)
    }

    fn begin(&mut self, keys: usize) {
        self.statements += 1;
        self.under_way += keys;
    }

    /// Those who wait and shall go now, in one statement.
    fn next(&mut self) -> Option<Vec<Waiting<K, V>>> {
        let count = self.waiting.len().min(KEYS);
        self.lets_go(count).then(|| {
            self.begin(count);
            self.waiting.drain(..count).collect()
        })
    }
}

impl<K: Send + Sync + 'static, V: Send + 'static> Reader<K, V> {
    /// A reader that looks keys up in this way.
    pub fn new(db: Db, lookup: Lookup<K, V>) -> Self {
        let queue = Queue {
            waiting: Vec::new(),
            statements: 0,
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
            if queue.waiting.is_empty() && queue.lets_go(1) {
                queue.begin(1);
                return Turn::Now(key);
            }
            let (sender, answer) = oneshot::channel();
            queue.waiting.push((key, sender));
            Turn::Later(answer, queue.next())
        });
        match turn {
            Turn::Now(key) => {
                let slot = Slot::new(&self.0, 1);
                let mut found = self.0.look_up(&[key]).await?;
                drop(slot);
                Ok(found.pop().flatten())
            }
            Turn::Later(answer, batch) => {
                if let Some(batch) = batch {
                    tokio::spawn(answer_all(Arc::clone(&self.0), batch));
                }
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
    /// Perhaps it makes those who wait so many that they go now.
    Later(
        oneshot::Receiver<Result<Option<V>, DbError>>,
        Option<Vec<Waiting<K, V>>>,
    ),
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

/// The place of a statement that is under way. When its holder is done, or has given up, those who wait
/// may go.
struct Slot<K: Send + Sync + 'static, V: Send + 'static> {
    inner: Arc<Inner<K, V>>,
    keys: usize,
}

impl<K: Send + Sync + 'static, V: Send + 'static> Slot<K, V> {
    fn new(inner: &Arc<Inner<K, V>>, keys: usize) -> Self {
        let inner = Arc::clone(inner);
        Self { inner, keys }
    }
}

impl<K: Send + Sync + 'static, V: Send + 'static> Drop for Slot<K, V> {
    fn drop(&mut self) {
        let next = self.inner.with_queue(|queue| {
            queue.statements -= 1;
            queue.under_way -= self.keys;
            queue.next()
        });
        // Without a runtime the process is about to end, and nobody waits any more.
        if let (Some(batch), Ok(runtime)) = (next, Handle::try_current()) {
            // A task of its own: the statement serves many, whatever becomes of one of them. It has
            // no slot before it runs, or a runtime that stops would drop one to make the next.
            runtime.spawn(answer_all(Arc::clone(&self.inner), batch));
        }
    }
}

/// Looks up what all of these wait for, in one statement.
async fn answer_all<K: Send + Sync + 'static, V: Send + 'static>(
    inner: Arc<Inner<K, V>>,
    batch: Vec<Waiting<K, V>>,
) {
    let slot = Slot::new(&inner, batch.len());
    let (keys, senders): (Vec<K>, Vec<_>) = batch.into_iter().unzip();
    let found = inner.look_up(&keys).await;
    drop(slot);
    // A caller that has given up meanwhile does not take its answer.
    match found {
        Ok(values) => senders.into_iter().zip(values).for_each(|(sender, value)| {
            let _gone = sender.send(Ok(value));
        }),
        Err(error) => senders.into_iter().for_each(|sender| {
            let _gone = sender.send(Err(error.again()));
        }),
    }
}
