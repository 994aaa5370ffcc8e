//! The operations on logs whose answers go on: the tail and the export.

use poem_openapi::{
    ApiResponse, OpenApi,
    param::{Header, Path, Query},
};

use super::{
    model::{self, Level, Log, LogFilter},
    position::TailPosition,
    store,
    tail::Tail,
};
use crate::{
    auth::{Caller, Scope},
    db::Db,
    openapi::Tag,
    problem::ApiError,
    records::{
        export,
        hex::TraceId,
        list::{AttributeFilter, RecordOrder, TimeRange},
    },
    stream::{
        Streams,
        events::{self, Events},
        lines::Lines,
    },
    values::{Id, Timestamp},
};

/// The operations on logs whose answers go on.
pub struct LogStreamApi {
    /// The database.
    pub db: Db,
    /// The places for streams.
    pub streams: Streams,
}

/// A tail of logs.
#[derive(ApiResponse)]
pub enum TailLogsResponse {
    /// The stream. An event's kind is `log` and its data a log, or `end` and the reason.
    #[oai(status = 200)]
    Events(Events<Log>),
}

#[OpenApi(tag = "Tag::Logs")]
impl LogStreamApi {
    /// Follow an agent's logs
    ///
    /// Server-sent events, one for each log that is stored from now on, whichever server stores it and
    /// whatever its `timestamp` says, in the order in which they were committed, half a second later at
    /// most when no transaction is in the way. Filters combine with "and". A client that reconnects
    /// with `Last-Event-ID`, as browsers do by themselves, gets all that it missed, and nothing twice.
    /// A comment every 15 seconds keeps the connection alive. The stream ends with an event `end`,
    /// whose `reason` is `token_expired`, `token_revoked`, `stopping` (the server), `agent_deleted` or `too_slow` (the
    /// client took nothing for 30 seconds). At 1,000 streams a server answers 503.
    #[oai(
        path = "/agents/:agent_id/logs/tail",
        method = "get",
        operation_id = "tail_logs"
    )]
    #[expect(
        clippy::too_many_arguments,
        reason = "poem-openapi has no query struct"
    )]
    async fn tail_logs(
        &self,
        #[oai(scope = "Scope::LogsRead")] auth: Caller,
        /// Id of the agent.
        agent_id: Path<Id>,
        /// Only logs of this level. Repeat it to ask for several.
        #[oai(default)]
        level: Query<Vec<Level>>,
        /// Only logs of this level or a graver one.
        min_level: Query<Option<Level>>,
        /// Only logs of this trace.
        trace_id: Query<Option<TraceId>>,
        /// Only logs of this session.
        #[oai(validator(min_length = 1, max_length = 200))]
        session_id: Query<Option<String>>,
        /// Only logs with this text in their message, in upper or lower case; `%` and `_` are plain
        /// characters.
        #[oai(validator(min_length = 1, max_length = 200))]
        q: Query<Option<String>>,
        /// Only logs with this attribute: `key=value`, where numbers and the like are told as JSON
        /// writes them, or a key alone for any value. Repeat it to ask for several.
        #[oai(default, validator(max_items = 16))]
        attr: Query<Vec<String>>,
        /// The id of the last event that the client has seen.
        #[oai(name = "Last-Event-ID")]
        last_event_id: Header<Option<TailPosition>>,
    ) -> Result<TailLogsResponse, ApiError> {
        auth.require(Scope::LogsRead)?;
        let (tenant, agent) = (auth.tenant_id(), agent_id.0);
        let filter = LogFilter {
            range: TimeRange::default(),
            levels: model::levels(&level.0, min_level.0),
            trace_id: trace_id.0,
            session_id: session_id.0,
            q: q.0,
            attributes: AttributeFilter::all(attr.0),
            omit: Vec::new(),
        };
        let place = self.streams.enter()?;
        let connection = self.db.shared().await?;
        let newest = store::tail::newest(&connection, tenant, agent);
        let newest = self.db.query(newest).await?;
        let newest = TailPosition::before(newest.ok_or_else(|| ApiError::not_found("agent"))?);
        let after = last_event_id.0.unwrap_or(newest);
        if after.transaction > newest.transaction {
            let message = "is no event that there has been yet";
            return Err(ApiError::invalid_parameter("Last-Event-ID", message));
        }
        let tail = Tail {
            db: self.db.clone(),
            tenant,
            agent,
            filter,
        };
        let streams = self.streams.clone();
        let follow = async move |events| {
            let reason = tail.follow(after, &events).await;
            drop(place);
            reason
        };
        Ok(TailLogsResponse::Events(events::begin(
            streams,
            auth.token_end(),
            &after,
            follow,
        )))
    }

    /// Export logs
    ///
    /// All logs that pass the filters, oldest first, a `Log` in JSON on each line (NDJSON), however many
    /// they are. Filters combine with "and". They are read as the client takes them: what is stored
    /// meanwhile may be among them or not. An answer that is not complete is cut off without its end.
    /// At 8 exports a server answers 503.
    #[oai(
        path = "/agents/:agent_id/logs/export",
        method = "get",
        operation_id = "export_logs"
    )]
    #[expect(
        clippy::too_many_arguments,
        reason = "poem-openapi has no query struct"
    )]
    async fn export_logs(
        &self,
        #[oai(scope = "Scope::LogsRead")] auth: Caller,
        /// Id of the agent.
        agent_id: Path<Id>,
        /// Only logs of this instant or later.
        from: Query<Option<Timestamp>>,
        /// Only logs before this instant.
        to: Query<Option<Timestamp>>,
        /// Only logs of this level. Repeat it to ask for several.
        #[oai(default)]
        level: Query<Vec<Level>>,
        /// Only logs of this level or a graver one.
        min_level: Query<Option<Level>>,
        /// Only logs of this trace.
        trace_id: Query<Option<TraceId>>,
        /// Only logs of this session.
        #[oai(validator(min_length = 1, max_length = 200))]
        session_id: Query<Option<String>>,
        /// Only logs with this text in their message, in upper or lower case; `%` and `_` are plain
        /// characters.
        #[oai(validator(min_length = 1, max_length = 200))]
        q: Query<Option<String>>,
        /// Only logs with this attribute: `key=value`, where numbers and the like are told as JSON
        /// writes them, or a key alone for any value. Repeat it to ask for several.
        #[oai(default, validator(max_items = 16))]
        attr: Query<Vec<String>>,
    ) -> Result<Lines, ApiError> {
        auth.require(Scope::LogsRead)?;
        let (tenant, agent, db) = (auth.tenant_id(), agent_id.0, self.db.clone());
        let filter = LogFilter {
            range: TimeRange::new(from.0, to.0)?,
            levels: model::levels(&level.0, min_level.0),
            trace_id: trace_id.0,
            session_id: session_id.0,
            q: q.0,
            attributes: AttributeFilter::all(attr.0),
            omit: Vec::new(),
        };
        let place = self.streams.enter_export()?;
        export::begin(&self.db, tenant, agent, place, move |after, limit| {
            let (db, filter) = (db.clone(), filter.clone());
            async move {
                let connection = db.pooled().await?.for_rows();
                let order = RecordOrder::TimestampAsc;
                let page = store::list(&connection, tenant, agent, &filter, order, after, limit);
                db.query(page).await
            }
        })
        .await
    }
}
