//! The operations on tool usage.

use std::{sync::Arc, time::Duration};

use poem_openapi::{
    ApiResponse, OpenApi,
    param::{Path, Query},
};

use super::{
    model::{NewToolUsage, ToolStatus, ToolUsage, ToolUsageField, ToolUsageFilter, ToolUsagePage},
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
        export,
        hex::TraceId,
        ingest,
        list::{RecordOrder, TimeRange},
        read::{self, ListConnection},
        stamp::Clock,
    },
    stream::{Streams, lines::Lines},
    values::{Id, Timestamp},
};

/// The operations on tool usage.
pub struct ToolUsageApi {
    /// The database.
    pub db: Db,
    /// The way of new calls into it.
    pub writer: GroupCommit<ToolUsage>,
    /// The places for streams.
    pub streams: Streams,
    /// How long they are kept; `None` for ever.
    pub retention: Option<Duration>,
    /// Base URL of the server, for `Location`.
    pub public_url: String,
}

/// A created call.
#[derive(ApiResponse)]
pub enum CreateToolUsageResponse {
    /// The call, as it is stored. A resend with the same `id` gets what the first request stored.
    #[oai(status = 201)]
    Created(
        Json<ToolUsage>,
        /// URL of the call.
        #[oai(header = "Location")]
        String,
    ),
}

#[OpenApi(tag = "Tag::ToolUsage")]
impl ToolUsageApi {
    /// List tool usage
    ///
    /// An agent's calls of tools, newest first unless `order` says otherwise. Filters combine with
    /// "and". A page has up to `limit` items and ends earlier at 8 MiB; follow `next_cursor` until it
    /// is null.
    #[oai(
        path = "/agents/:agent_id/tool-usage",
        method = "get",
        operation_id = "list_tool_usage"
    )]
    #[expect(
        clippy::too_many_arguments,
        reason = "poem-openapi has no query struct"
    )]
    async fn list_tool_usage(
        &self,
        #[oai(scope = "Scope::ToolUsageRead")] auth: Caller,
        /// Id of the agent.
        agent_id: Path<Id>,
        /// Only calls that began at this instant or later.
        from: Query<Option<Timestamp>>,
        /// Only calls that began before this instant.
        to: Query<Option<Timestamp>>,
        /// Only calls of exactly this tool.
        #[oai(validator(min_length = 1, max_length = 200))]
        tool_name: Query<Option<String>>,
        /// Only calls that ended so.
        status: Query<Option<ToolStatus>>,
        /// Only calls of this trace.
        trace_id: Query<Option<TraceId>>,
        /// Only calls of this session.
        #[oai(validator(min_length = 1, max_length = 200))]
        session_id: Query<Option<String>>,
        /// A field that the calls come without, for a page that is small and quickly read: it is then
        /// null. Repeat it for several.
        #[oai(default, validator(max_items = 3))]
        omit: Query<Vec<ToolUsageField>>,
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
    ) -> Result<Json<ToolUsagePage>, ApiError> {
        auth.require(Scope::ToolUsageRead)?;
        let (tenant, agent, order) = (auth.tenant_id(), agent_id.0, order.0);
        let filter = ToolUsageFilter {
            range: TimeRange::new(from.0, to.0)?,
            tool_name: tool_name.0,
            status: status.0,
            trace_id: trace_id.0,
            session_id: session_id.0,
            omit: omit.0,
        };
        let list = ("list_tool_usage", tenant.0, agent, &filter, order);
        let after = page::decode_cursor(cursor.0.as_deref(), &list)?;
        let limit = usize::try_from(limit.0).unwrap_or(1);
        let connection = ListConnection::open(&self.db, filter.is_search()).await?;
        let page = store::list(&connection, tenant, agent, &filter, order, after, limit);
        let page = self.db.query(page).await?;
        let (items, next_cursor) = read::finish(&self.db, tenant, agent, page, &list).await?;
        Ok(Json(ToolUsagePage { items, next_cursor }))
    }

    /// Export tool usage
    ///
    /// All calls that pass the filters, oldest first, a `ToolUsage` in JSON on each line (NDJSON), however many
    /// they are. Filters combine with "and". They are read as the client takes them: what is stored
    /// meanwhile may be among them or not. An answer that is not complete is cut off without its end.
    /// At 8 exports a server answers 503.
    #[oai(
        path = "/agents/:agent_id/tool-usage/export",
        method = "get",
        operation_id = "export_tool_usage"
    )]
    #[expect(
        clippy::too_many_arguments,
        reason = "poem-openapi has no query struct"
    )]
    async fn export_tool_usage(
        &self,
        #[oai(scope = "Scope::ToolUsageRead")] auth: Caller,
        /// Id of the agent.
        agent_id: Path<Id>,
        /// Only calls that began at this instant or later.
        from: Query<Option<Timestamp>>,
        /// Only calls that began before this instant.
        to: Query<Option<Timestamp>>,
        /// Only calls of exactly this tool.
        #[oai(validator(min_length = 1, max_length = 200))]
        tool_name: Query<Option<String>>,
        /// Only calls that ended so.
        status: Query<Option<ToolStatus>>,
        /// Only calls of this trace.
        trace_id: Query<Option<TraceId>>,
        /// Only calls of this session.
        #[oai(validator(min_length = 1, max_length = 200))]
        session_id: Query<Option<String>>,
    ) -> Result<Lines, ApiError> {
        auth.require(Scope::ToolUsageRead)?;
        let (tenant, agent, db) = (auth.tenant_id(), agent_id.0, self.db.clone());
        let filter = ToolUsageFilter {
            range: TimeRange::new(from.0, to.0)?,
            tool_name: tool_name.0,
            status: status.0,
            trace_id: trace_id.0,
            session_id: session_id.0,
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

    /// Create tool usage
    ///
    /// One call of a tool. When the answer arrives it is committed, and every reader sees it. Give an
    /// `id` to be able to resend the request safely.
    #[oai(
        path = "/agents/:agent_id/tool-usage",
        method = "post",
        operation_id = "create_tool_usage"
    )]
    async fn create_tool_usage(
        &self,
        #[oai(scope = "Scope::ToolUsageWrite")] auth: Caller,
        /// Id of the agent.
        agent_id: Path<Id>,
        body: Body<NewToolUsage>,
    ) -> Result<CreateToolUsageResponse, ApiError> {
        auth.require(Scope::ToolUsageWrite)?;
        let (tenant, agent) = (auth.tenant_id(), agent_id.0);
        let call = body
            .into_inner()
            .stamp(agent, &Clock::now(self.retention), 0);
        let mut call = call.map_err(|error| ApiError::new(Problem::invalid(vec![error])))?;
        let calls = Arc::from([call.clone()]);
        let known = ingest::store(&self.writer, tenant, agent, calls).await?;
        if !known.is_empty() {
            call = self
                .get(&auth, agent, call.id, Some(call.timestamp))
                .await?;
        }
        let location = format!("{}/agents/{agent}/tool-usage/{}", self.public_url, call.id);
        Ok(CreateToolUsageResponse::Created(Json(call), location))
    }

    /// Create many records of tool usage
    ///
    /// Up to 10,000, and 16 MiB of body unless the server is set otherwise: a JSON array, or an
    /// object on each line (`application/x-ndjson`). All are stored or none: an error names the index
    /// of the record, from 0. When the answer arrives they are committed, and every reader sees them.
    /// Give each an `id` to be able to resend the request safely.
    #[oai(
        path = "/agents/:agent_id/tool-usage/batch",
        method = "post",
        operation_id = "create_tool_usage_batch"
    )]
    async fn create_tool_usage_batch(
        &self,
        #[oai(scope = "Scope::ToolUsageWrite")] auth: Caller,
        /// Id of the agent.
        agent_id: Path<Id>,
        batch: Batch<NewToolUsage>,
    ) -> Result<CreateBatchResponse, ApiError> {
        auth.require(Scope::ToolUsageWrite)?;
        let clock = Clock::now(self.retention);
        batch::store(&self.writer, &auth, agent_id.0, &clock, batch).await
    }

    /// Get tool usage
    ///
    /// One call of a tool.
    #[oai(
        path = "/agents/:agent_id/tool-usage/:tool_usage_id",
        method = "get",
        operation_id = "get_tool_usage"
    )]
    async fn get_tool_usage(
        &self,
        #[oai(scope = "Scope::ToolUsageRead")] auth: Caller,
        /// Id of the agent.
        agent_id: Path<Id>,
        /// Id of the call.
        tool_usage_id: Path<Id>,
    ) -> Result<Json<ToolUsage>, ApiError> {
        auth.require(Scope::ToolUsageRead)?;
        Ok(Json(
            self.get(&auth, agent_id.0, tool_usage_id.0, None).await?,
        ))
    }
}

impl ToolUsageApi {
    async fn get(
        &self,
        auth: &Caller,
        agent: Id,
        id: Id,
        at: Option<Timestamp>,
    ) -> Result<ToolUsage, ApiError> {
        let connection = self.db.shared().await?;
        let get = store::get(&connection, auth.tenant_id(), agent, id, at);
        let call = self.db.query(get).await?;
        call.ok_or_else(|| ApiError::not_found("tool usage"))
    }
}
