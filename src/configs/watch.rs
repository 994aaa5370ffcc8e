//! The stream of changes of an agent's configs (server-sent events).

use std::time::Duration;

use futures_util::stream::{self, BoxStream, StreamExt};
use poem::{
    IntoResponse, Response,
    web::sse::{Event, SSE},
};
use poem_openapi::{
    payload::Payload,
    registry::{MetaSchema, MetaSchemaRef, Registry},
    types::{ToJSON, Type},
};
use tokio::{
    sync::mpsc,
    time::{sleep, timeout},
};

use super::{
    feed::{Feed, Watcher},
    model::ConfigChange,
    store::{self, Content, Stored},
    value::ConfigValue,
};
use crate::{
    agents,
    db::{Db, DbError, TenantId},
    values::{Id, Timestamp},
};

/// A comment goes out this often, so that whatever stands between does not cut an idle stream.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// A watcher looks for changes this often without being woken.
const POLL: Duration = Duration::from_secs(5);
/// A client that takes no event for so long is sent away.
const STALL: Duration = Duration::from_secs(30);
/// Events that wait for the client to take them.
const BUFFER: usize = 4;
/// Changes that are read at once, and about how many bytes of them.
const BATCH: usize = 100;
const BATCH_BYTES: usize = 256 * 1024;

/// Who watches which agent's configs.
pub struct Watch {
    /// The database.
    pub db: Db,
    /// What wakes the watcher and tells it to leave.
    pub feed: Feed,
    /// The agent's tenant.
    pub tenant: TenantId,
    /// The agent.
    pub agent: Id,
    /// When the access token ends, in seconds since the epoch.
    pub expires_at: i64,
}

/// A stream of server-sent events, documented as an array of [`ConfigChange`].
pub struct Events(BoxStream<'static, Event>);

impl Payload for Events {
    const CONTENT_TYPE: &'static str = "text/event-stream";

    fn check_content_type(content_type: &str) -> bool {
        content_type == Self::CONTENT_TYPE
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            items: Some(Box::new(ConfigChange::schema_ref())),
            ..MetaSchema::new_with_format("array", "event-stream")
        }))
    }

    fn register(registry: &mut Registry) {
        ConfigChange::register(registry);
    }
}

impl IntoResponse for Events {
    fn into_response(self) -> Response {
        SSE::new(self.0).keep_alive(HEARTBEAT).into_response()
    }
}

impl Watch {
    /// The changes behind one, as they come.
    ///
    /// A task of its own reads them and hands them over in a small buffer: a client that is slow makes
    /// it wait, one that takes nothing at all for too long loses its place to others.
    pub async fn begin(self, watcher: Watcher, after: i64) -> Events {
        let (events, taken) = mpsc::channel(BUFFER);
        // It cannot fail: there is nothing in it, and the other end is here.
        let last = events.clone().reserve_owned().await.ok();
        // A client that is cut off before the first change knows by this where to go on. It has no
        // data, so nobody's handler is called.
        let begin = Event::message("").id(after.to_string());
        tokio::spawn(async move {
            let reason = tokio::select! {
                () = events.closed() => return,
                () = self.feed.stopped() => "stopping",
                () = sleep(self.token_lifetime()) => "token_expired",
                reason = self.follow(&watcher, after, &events) => reason,
            };
            drop(watcher);
            if let Some(last) = last {
                let data = format!("{{\"reason\":\"{reason}\"}}");
                last.send(Event::message(data).event_type("end"));
            }
        });
        let rest = stream::unfold(taken, async |mut taken| Some((taken.recv().await?, taken)));
        Events(stream::iter([begin]).chain(rest).boxed())
    }

    fn token_lifetime(&self) -> Duration {
        let seconds = self.expires_at - Timestamp::now().unix_seconds();
        Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
    }

    /// Hands changes over until there is a reason to end.
    async fn follow(
        &self,
        watcher: &Watcher,
        mut after: i64,
        events: &mpsc::Sender<Event>,
    ) -> &'static str {
        loop {
            // Made before the table is read, so that no change can slip between the two.
            let changed = watcher.changed().notified();
            let changes = match self.read(after).await {
                Ok(Some(changes)) => changes,
                Ok(None) => return "agent_deleted",
                Err(error) => {
                    tracing::debug!(%error, "a watcher of configs waits for the database");
                    Vec::new()
                }
            };
            if changes.is_empty() {
                // Either will do.
                let _ = timeout(POLL, changed).await;
            }
            for change in changes {
                after = change.change;
                match timeout(STALL, events.send(event(change))).await {
                    Ok(Ok(())) => {}
                    Ok(Err(_)) => return "client_gone",
                    Err(_) => return "too_slow",
                }
            }
        }
    }

    /// The next changes; `None` when the agent is gone.
    async fn read(&self, after: i64) -> Result<Option<Vec<Stored>>, DbError> {
        let connection = self.db.shared().await?;
        let (tenant, agent) = (self.tenant, self.agent);
        let changes = store::changes(&connection, tenant, agent, after, BATCH, BATCH_BYTES);
        let changes = self.db.query(changes).await?;
        if changes.is_empty() {
            let exists = agents::store::exists(&connection, tenant, agent);
            return Ok(self.db.query(exists).await?.then(Vec::new));
        }
        Ok(Some(changes))
    }
}

/// The event of a change. A secret's value is never in it.
fn event(stored: Stored) -> Event {
    let deleted = stored.is_deleted();
    let name = if deleted {
        "config.deleted"
    } else {
        "config.set"
    };
    let change = ConfigChange {
        change: stored.change,
        key: stored.key,
        version: stored.version,
        deleted,
        secret: stored.secret,
        value: match stored.content {
            Content::Plain(value) => value,
            Content::Sealed(_) | Content::Deleted => ConfigValue::default(),
        },
        updated_at: stored.changed_at,
        updated_by: stored.changed_by,
    };
    Event::message(change.to_json_string())
        .id(stored.change.to_string())
        .event_type(name)
}
