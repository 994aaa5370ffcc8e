//! The stream of changes of an agent's configs (server-sent events).

use std::time::Duration;

use poem::web::sse::Event;
use poem_openapi::types::ToJSON;
use tokio::time::timeout;

use super::{
    feed::{Feed, Watcher},
    model::ConfigChange,
    store::{self, Content, Stored},
    value::ConfigValue,
};
use crate::{
    agents,
    auth::TokenEnd,
    db::{Db, DbError, TenantId},
    stream::{
        Sender,
        events::{self, Events},
    },
    values::Id,
};

/// A watcher looks for changes this often without being woken.
const POLL: Duration = Duration::from_secs(5);
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
}

impl Watch {
    /// The changes behind one, as they come, until the access token ends.
    pub fn begin(self, watcher: Watcher, after: i64, token_end: TokenEnd) -> Events<ConfigChange> {
        let streams = self.feed.streams().clone();
        events::begin(streams, token_end, &after, async move |events| {
            self.follow(&watcher, after, &events).await
        })
    }

    /// Hands changes over until there is a reason to end.
    async fn follow(
        &self,
        watcher: &Watcher,
        mut after: i64,
        events: &Sender<Event>,
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
                if let Err(reason) = events.send(event(change)).await {
                    return reason;
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
