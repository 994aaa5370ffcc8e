//! The operations on logs.

use std::{sync::Arc, time::Duration};

use poem_openapi::{
    ApiResponse, OpenApi,
    param::{Path, Query},
};

use super::{
    model::{self, Level, Log, LogField, LogFilter, LogPage, NewLog},
    store,
};
use crate::{
    auth::{Caller, Scope},
    body::Body,
    db::{Db, group_commit::GroupCommit},
    json::Json,
    openapi::Tag,
    page,
    problem::{ApiError, Problem},
    records::{
        batch::{self, Batch, CreateBatchResponse, NewRecord},
        hex::TraceId,
        ingest,
        list::{AttributeFilter, RecordOrder, TimeRange},
        read::{self, ListConnection},
        stamp::Clock,
    },
    values::{Id, Timestamp},
};

/// The operations on logs.
pub struct LogsApi {
    /// The database.
    pub db: Db,
    /// The way of new logs into it.
    pub writer: GroupCommit<Log>,
    /// How long they are kept; `None` for ever.
    pub retention: Option<Duration>,
    /// Base URL of the server, for `Location`.
    pub public_url: String,
}

/// A created log.
#[derive(ApiResponse)]
pub enum CreateLogResponse {
    /// The log, as it is stored. A resend with the same `id` gets what the first request stored.
    #[oai(status = 201)]
    Created(
        Json<Log>,
        /// URL of the log.
        #[oai(header = "Location")]
        String,
    ),
}

#[OpenApi(tag = "Tag::Logs")]
impl LogsApi {
    /// List logs
    ///
    /// Newest first unless `order` says otherwise. Filters combine with "and". A page has up to
    /// `limit` items and ends earlier at 8 MiB; follow `next_cursor` until it is null.
    #[oai(
        path = "/agents/:agent_id/logs",
        method = "get",
        operation_id = "list_logs"
    )]
    #[expect(
        clippy::too_many_arguments,
        reason = "poem-openapi has no query struct"
    )]
    async fn list_logs(
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
        /// characters. It is looked for log by log: with a time range it is sooner found, and when it
        /// takes too long the answer is 504.
        #[oai(validator(min_length = 1, max_length = 200))]
        q: Query<Option<String>>,
        /// Only logs with this attribute: `key=value`, where numbers and the like are told as JSON
        /// writes them, or a key alone for any value. Repeat it to ask for several. Looked for as `q` is.
        #[oai(default, validator(max_items = 16))]
        attr: Query<Vec<String>>,
        /// A field that the logs come without, for a page that is small and quickly read: the message
        /// is then an empty text, the attributes are an empty object. Repeat it for several.
        #[oai(default, validator(max_items = 2))]
        omit: Query<Vec<LogField>>,
        /// The order of the list.
        #[oai(default)]
        order: Query<RecordOrder>,
        /// The most items on a page.
        #[oai(
            default = "page::default_limit",
            validator(minimum(value = "1"), maximum(value = "1000"))
        )]
        limit: Query<i32>,
        /// Where the page begins: the `next_cursor` of the page before, with the same filters and
        /// order.
        #[oai(validator(min_length = 1, max_length = 2000))]
        cursor: Query<Option<String>>,
    ) -> Result<Json<LogPage>, ApiError> {
        auth.require(Scope::LogsRead)?;
        let (tenant, agent, order) = (auth.tenant_id(), agent_id.0, order.0);
        let filter = LogFilter {
            range: TimeRange::new(from.0, to.0)?,
            levels: model::levels(&level.0, min_level.0),
            trace_id: trace_id.0,
            session_id: session_id.0,
            q: q.0,
            attributes: AttributeFilter::all(attr.0),
            omit: omit.0,
        };
        let list = ("list_logs", tenant.0, agent, &filter, order);
        let after = page::decode_cursor(cursor.0.as_deref(), &list)?;
        let limit = usize::try_from(limit.0).unwrap_or(1);
        let connection = ListConnection::open(&self.db, filter.is_search()).await?;
        let page = store::list(&connection, tenant, agent, &filter, order, after, limit);
        let page = self.db.query(page).await?;
        let (items, next_cursor) = read::finish(&self.db, tenant, agent, page, &list).await?;
        Ok(Json(LogPage { items, next_cursor }))
    }

    /// Create a log
    ///
    /// When the answer arrives the log is committed, and every reader sees it. Give an `id` to be
    /// able to resend the request safely.
    #[oai(
        path = "/agents/:agent_id/logs",
        method = "post",
        operation_id = "create_log"
    )]
    async fn create_log(
        &self,
        #[oai(scope = "Scope::LogsWrite")] auth: Caller,
        /// Id of the agent.
        agent_id: Path<Id>,
        body: Body<NewLog>,
    ) -> Result<CreateLogResponse, ApiError> {
        auth.require(Scope::LogsWrite)?;
        let (tenant, agent) = (auth.tenant_id(), agent_id.0);
        let log = body
            .into_inner()
            .stamp(agent, &Clock::now(self.retention), 0);
        let mut log = log.map_err(|error| ApiError::new(Problem::invalid(vec![error])))?;
        let logs = Arc::from([log.clone()]);
        let known = ingest::store(&self.writer, tenant, agent, logs).await?;
        if !known.is_empty() {
            log = self.get(&auth, agent, log.id, Some(log.timestamp)).await?;
        }
        let location = format!("{}/agents/{agent}/logs/{}", self.public_url, log.id);
        Ok(CreateLogResponse::Created(Json(log), location))
    }

    /// Create many logs
    ///
    /// Up to 10,000, and 16 MiB of body unless the server is set otherwise: a JSON array, or an
    /// object on each line (`application/x-ndjson`). All are stored or none: an error names the index
    /// of the record, from 0. When the answer arrives they are committed, and every reader sees them.
    /// Give each an `id` to be able to resend the request safely.
    #[oai(
        path = "/agents/:agent_id/logs/batch",
        method = "post",
        operation_id = "create_log_batch"
    )]
    async fn create_log_batch(
        &self,
        #[oai(scope = "Scope::LogsWrite")] auth: Caller,
        /// Id of the agent.
        agent_id: Path<Id>,
        batch: Batch<NewLog>,
    ) -> Result<CreateBatchResponse, ApiError> {
        auth.require(Scope::LogsWrite)?;
        let clock = Clock::now(self.retention);
        batch::store(&self.writer, &auth, agent_id.0, &clock, batch).await
    }

    /// Get a log
    ///
    /// Whole, as it was written, whatever lists leave out.
    #[oai(
        path = "/agents/:agent_id/logs/:log_id",
        method = "get",
        operation_id = "get_log"
    )]
    async fn get_log(
        &self,
        #[oai(scope = "Scope::LogsRead")] auth: Caller,
        /// Id of the agent.
        agent_id: Path<Id>,
        /// Id of the log.
        log_id: Path<Id>,
    ) -> Result<Json<Log>, ApiError> {
        auth.require(Scope::LogsRead)?;
        Ok(Json(self.get(&auth, agent_id.0, log_id.0, None).await?))
    }
}

impl LogsApi {
    async fn get(
        &self,
        auth: &Caller,
        agent: Id,
        id: Id,
        at: Option<Timestamp>,
    ) -> Result<Log, ApiError> {
        let connection = self.db.shared().await?;
        let get = store::get(&connection, auth.tenant_id(), agent, id, at);
        let log = self.db.query(get).await?;
        log.ok_or_else(|| ApiError::not_found("log"))
    }
}
