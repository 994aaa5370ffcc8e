//! The tail of an agent's logs (server-sent events).

use std::time::Duration;

use poem::web::sse::Event;
use tokio::time::sleep;

use super::{
    model::{Log, LogFilter},
    position::TailPosition,
    store::tail,
};
use crate::{
    db::{Db, DbError, TenantId},
    records::read::ListConnection,
    stream::Sender,
    values::Id,
};

/// A tail looks for logs this often. It is never told of them, because that would slow down those
/// who write.
const POLL: Duration = Duration::from_millis(500);
/// Logs that are read at once.
const BATCH: usize = 100;

/// Who follows which agent's logs.
pub struct Tail {
    /// The database.
    pub db: Db,
    /// The agent's tenant.
    pub tenant: TenantId,
    /// The agent.
    pub agent: Id,
    /// The logs that are asked for.
    pub filter: LogFilter,
}

impl Tail {
    /// Hands logs over, from behind a position on, until there is a reason to end.
    pub async fn follow(&self, mut position: TailPosition, events: &Sender<Event>) -> &'static str {
        loop {
            let read = match self.read(position).await {
                Ok(Some(read)) => read,
                Ok(None) => return "agent_deleted",
                Err(error) => {
                    tracing::debug!(%error, "a tail of logs waits for the database");
                    sleep(POLL).await;
                    continue;
                }
            };
            for (log, at) in read.logs {
                if let Err(reason) = events.send(event(&log, at)).await {
                    return reason;
                }
            }
            position = read.position;
            if read.is_all {
                sleep(POLL).await;
            }
        }
    }

    /// The next logs; `None` when there is no such agent.
    async fn read(&self, after: TailPosition) -> Result<Option<Read>, DbError> {
        let (tenant, agent) = (self.tenant, self.agent);
        let connection = ListConnection::open(&self.db, self.filter.is_search()).await?;
        let bound = tail::bound(&connection, tenant, agent, after);
        let Some(bound) = self.db.query(bound).await? else {
            return Ok(None);
        };
        let page = tail::read(
            &connection,
            tenant,
            agent,
            &self.filter,
            after,
            bound.near,
            BATCH,
        );
        let page = self.db.query(page).await?;
        let last = page.items.last().filter(|_| page.more);
        let position = last.map_or(
            TailPosition::before(bound.near.max(after.transaction)),
            |(_, at)| *at,
        );
        Ok(Some(Read {
            position,
            is_all: !page.more && bound.near == bound.ended,
            logs: page.items,
        }))
    }
}

/// What a tail has read.
struct Read {
    logs: Vec<(Log, TailPosition)>,
    /// Where to go on.
    position: TailPosition,
    /// Whether there was nothing more.
    is_all: bool,
}

fn event(log: &Log, at: TailPosition) -> Event {
    // It cannot fail: it is what answers are made of.
    let data = serde_json::to_string(log).unwrap_or_default();
    Event::message(data).id(at.to_string()).event_type("log")
}
