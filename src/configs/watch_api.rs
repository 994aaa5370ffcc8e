//! The operation on changes of configs.

use poem_openapi::{
    OpenApi,
    param::{Header, Path, Query},
};

use super::{answers::WatchConfigsResponse, change::no_agent, feed::Feed, store, watch::Watch};
use crate::{
    auth::{Caller, Scope},
    db::Db,
    openapi::Tag,
    problem::ApiError,
    values::Id,
};

/// The operation on changes of configs.
pub struct WatchConfigsApi {
    /// The database.
    pub db: Db,
    /// What wakes the watchers.
    pub feed: Feed,
}

#[OpenApi(tag = "Tag::Configs")]
impl WatchConfigsApi {
    /// Watch an agent's configs
    ///
    /// Server-sent events, one for each change, in order and without gaps, whichever server made it.
    /// An event's id is the number of the change; a client that reconnects with `Last-Event-ID`, as
    /// browsers do by themselves, or with `after`, gets all that it missed. Without either the stream
    /// begins with what comes next. A comment every 15 seconds keeps the connection alive. The stream
    /// ends with an event `end`, whose `reason` is `token_expired`, `token_revoked`, `stopping` (the server),
    /// `agent_deleted` or `too_slow` (the client took nothing for 30 seconds). At 1,000 streams a
    /// server answers 503.
    #[oai(
        path = "/agents/:agent_id/config-changes",
        method = "get",
        operation_id = "watch_configs"
    )]
    async fn watch_configs(
        &self,
        #[oai(scope = "Scope::ConfigsRead")] auth: Caller,
        /// Id of the agent.
        agent_id: Path<Id>,
        /// The number of the change behind which the stream begins, 0 for all changes there ever were;
        /// `Last-Event-ID` wins over it.
        #[oai(validator(minimum(value = "0")))]
        after: Query<Option<i64>>,
        /// The id of the last event that the client has seen.
        #[oai(name = "Last-Event-ID", validator(minimum(value = "0")))]
        last_event_id: Header<Option<i64>>,
    ) -> Result<WatchConfigsResponse, ApiError> {
        auth.require(Scope::ConfigsRead)?;
        let (tenant, agent) = (auth.tenant_id(), agent_id.0);
        let watcher = self.feed.enter(tenant, agent)?;
        let connection = self.db.shared().await?;
        let newest = store::newest_change(&connection, tenant, agent);
        let newest = self.db.query(newest).await?.ok_or_else(no_agent)?;
        let (name, after) = match (last_event_id.0, after.0) {
            (Some(id), _) => ("Last-Event-ID", id),
            (None, after) => ("after", after.unwrap_or(newest)),
        };
        if after > newest {
            let message = format!("is later than the newest change, which is {newest}");
            return Err(ApiError::invalid_parameter(name, message));
        }
        let watch = Watch {
            db: self.db.clone(),
            feed: self.feed.clone(),
            tenant,
            agent,
        };
        let changes = watch.begin(watcher, after, auth.token_end());
        Ok(WatchConfigsResponse::Events(changes))
    }
}
