//! The operation that asks what an agent's calls of tools amount to.

use poem_openapi::{
    OpenApi,
    param::{Path, Query},
};

use super::{
    model::ToolStatus,
    statistics::{StatisticsQuery, ToolGrouping, ToolStatisticsSet},
    store,
};
use crate::{
    auth::{Caller, Scope},
    db::Db,
    json::Json,
    openapi::Tag,
    problem::ApiError,
    records::{
        bucket::{Bucket, Buckets, MAX_POINTS, TimeZone},
        read,
    },
    values::{Id, Timestamp},
};

/// The operation that asks what an agent's calls of tools amount to.
pub struct ToolStatisticsApi {
    /// The database.
    pub db: Db,
}

#[OpenApi(tag = "Tag::ToolUsage")]
impl ToolStatisticsApi {
    /// Get statistics of tool usage
    ///
    /// Counts, error rates, durations, tokens, costs and the most frequent errors of an agent's calls,
    /// for each tool unless `group_by` says otherwise, and for each bucket of time if `bucket` asks for
    /// them. Only groups that have calls are told. More than 10,000 of them are refused.
    #[oai(
        path = "/agents/:agent_id/tool-usage/statistics",
        method = "get",
        operation_id = "tool_statistics"
    )]
    #[expect(
        clippy::too_many_arguments,
        reason = "poem-openapi has no query struct"
    )]
    async fn tool_statistics(
        &self,
        #[oai(scope = "Scope::ToolUsageRead")] auth: Caller,
        /// Id of the agent.
        agent_id: Path<Id>,
        /// Only calls that began at this instant or later. Default: a day before `to`, or 1,440
        /// buckets if that is less.
        from: Query<Option<Timestamp>>,
        /// Only calls that began before this instant. Default: now.
        to: Query<Option<Timestamp>>,
        /// How wide the buckets are. Default: there are none.
        bucket: Query<Option<Bucket>>,
        /// The time zone in which days, weeks and months begin, such as `Europe/Berlin`. Default: UTC.
        timezone: Query<Option<TimeZone>>,
        /// What calls are told apart by. Repeat it for several. Default: `tool_name`.
        #[oai(default, validator(max_items = 3))]
        group_by: Query<Vec<ToolGrouping>>,
        /// Only calls of exactly this tool.
        #[oai(validator(min_length = 1, max_length = 200))]
        tool_name: Query<Option<String>>,
        /// Only calls that ended so.
        status: Query<Option<ToolStatus>>,
        /// Only calls of this session.
        #[oai(validator(min_length = 1, max_length = 200))]
        session_id: Query<Option<String>>,
    ) -> Result<Json<ToolStatisticsSet>, ApiError> {
        auth.require(Scope::ToolUsageRead)?;
        let (tenant, agent) = (auth.tenant_id(), agent_id.0);
        let zone = timezone.0.unwrap_or_default();
        let buckets = Buckets::new(from.0, to.0, bucket.0, zone)?;
        let mut grouping = Vec::new();
        for one in group_by.0 {
            if !grouping.contains(&one) {
                grouping.push(one);
            }
        }
        if grouping.is_empty() {
            grouping.push(ToolGrouping::ToolName);
        }
        let query = StatisticsQuery {
            buckets,
            group_by: grouping,
            tool_name: tool_name.0,
            status: status.0,
            session_id: session_id.0,
        };
        let items = {
            let connection = self.db.pooled().await?;
            let items = store::statistics::query(&connection, tenant, agent, &query);
            self.db.query(items).await
        };
        let items = items.map_err(read::aggregate_error)?.ok_or_else(|| {
            let message = format!("makes more than {MAX_POINTS} groups");
            ApiError::invalid_parameter("group_by", message)
        })?;
        read::require_agent(&self.db, tenant, agent, items.is_empty()).await?;
        Ok(Json(ToolStatisticsSet {
            from: buckets.from,
            to: buckets.to,
            bucket: buckets.width,
            timezone: zone,
            group_by: query.group_by,
            items,
        }))
    }
}
