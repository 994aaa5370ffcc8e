//! Who wakes the watchers: one connection that listens to what all servers say of changes.
//!
//! A notification only wakes. What has changed is read from the table, and every watcher looks there
//! now and then without being woken, so a notification that is lost costs a few seconds and nothing
//! else.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{sync::Notify, time::sleep};

use super::store::CHANNEL;
use crate::{
    db::{Db, DbError, TenantId},
    problem::ApiError,
    stream::{Place, Streams},
    values::Id,
};

/// How often the listening connection is tried out.
const CHECK: Duration = Duration::from_secs(5);
/// Pause before a new one is made.
const RECONNECT: Duration = Duration::from_secs(1);

/// The watchers of this server. Cheap to clone; it does not listen before there is a watcher.
#[derive(Clone)]
pub struct Feed(Arc<Inner>);

struct Inner {
    db: Db,
    topics: Arc<Topics>,
    streams: Streams,
    listens: AtomicBool,
}

/// By what notifications say, whom they wake.
#[derive(Default)]
struct Topics(Mutex<HashMap<String, Arc<Notify>>>);

impl Topics {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<Notify>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake(&self, topic: &str) {
        if let Some(watchers) = self.lock().get(topic) {
            watchers.notify_waiters();
        }
    }

    fn wake_all(&self) {
        self.lock()
            .values()
            .for_each(|watchers| watchers.notify_waiters());
    }
}

/// A watcher's place. It ends when it is dropped.
pub struct Watcher {
    topic: String,
    changed: Arc<Notify>,
    topics: Arc<Topics>,
    _place: Place,
}

impl Watcher {
    /// Notified when the agent's configs may have changed.
    pub fn changed(&self) -> &Notify {
        &self.changed
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let mut topics = self.topics.lock();
        // Given up before the lock is, so that of two that leave at once the second counts right.
        let changed = std::mem::take(&mut self.changed);
        // The map's own and this one.
        if Arc::strong_count(&changed) <= 2 {
            topics.remove(&self.topic);
        }
        drop(changed);
    }
}

impl Feed {
    /// A feed of the changes in this database.
    pub fn new(db: Db, streams: Streams) -> Self {
        Self(Arc::new(Inner {
            db,
            topics: Arc::default(),
            streams,
            listens: AtomicBool::new(false),
        }))
    }

    /// The places of the server's streams.
    pub fn streams(&self) -> &Streams {
        &self.0.streams
    }

    /// A place for one more watcher of an agent's configs.
    ///
    /// # Errors
    /// 503 when the server has no more.
    pub fn enter(&self, tenant: TenantId, agent: Id) -> Result<Watcher, ApiError> {
        let place = self.0.streams.enter()?;
        if !self.0.listens.swap(true, Ordering::Relaxed) {
            tokio::spawn(listen(self.clone()));
        }
        let topic = format!("{}:{agent}", tenant.0);
        let changed = Arc::clone(self.0.topics.lock().entry(topic.clone()).or_default());
        Ok(Watcher {
            topic,
            changed,
            topics: Arc::clone(&self.0.topics),
            _place: place,
        })
    }
}

/// Listens until the feed stops.
async fn listen(feed: Feed) {
    let work = async {
        loop {
            if let Err(error) = listen_once(&feed).await {
                tracing::warn!(%error, "listening for changes of configs");
            }
            sleep(RECONNECT).await;
        }
    };
    tokio::select! {
        () = feed.streams().stopped() => {}
        () = work => {}
    }
}

/// Listens until the connection fails.
async fn listen_once(feed: &Feed) -> Result<(), DbError> {
    let Inner { db, topics, .. } = &*feed.0;
    let wake = {
        let topics = Arc::clone(topics);
        move |topic: &str| topics.wake(topic)
    };
    let mut connection = db.listen(CHANNEL, wake).await?;
    // For what was said while nobody listened.
    topics.wake_all();
    loop {
        sleep(CHECK).await;
        db.within(connection.check()).await?;
    }
}
