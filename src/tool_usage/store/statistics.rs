//! All SQL of statistics of tool usage.

use diesel::{
    QueryResult,
    pg::Pg,
    prelude::*,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{BigInt, Bool, Double, Nullable, Numeric, SmallInt, Text, Timestamptz, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::Row;
use crate::{
    db::TenantId,
    records::{
        bucket::MAX_POINTS,
        list::{Equal, List},
        words::TotalUsd,
    },
    tool_usage::{
        model::{ToolStatus, ToolUsage},
        statistics::{StatisticsQuery, ToolErrorCount, ToolGrouping, ToolStatistics},
    },
    values::{Id, Timestamp},
};

/// Kinds of errors that are told of a group.
const TOP_ERRORS: i64 = 5;

/// A line of the answer: a group, or one of its kinds of errors.
#[derive(Queryable)]
struct StatisticsRow {
    bucket: Option<Timestamp>,
    tool_name: Option<String>,
    prompt_version: Option<i64>,
    status: Option<ToolStatus>,
    is_group: bool,
    error_type: Option<String>,
    calls: i64,
    errors: i64,
    p50: Option<f64>,
    p95: Option<f64>,
    p99: Option<f64>,
    input_tokens: i64,
    output_tokens: i64,
    cost_usd: TotalUsd,
}

/// What an agent's calls amount to; `None` when there are more than [`MAX_POINTS`] groups, and none
/// when there is no such agent.
pub async fn query(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    agent: Id,
    query: &StatisticsQuery,
) -> QueryResult<Option<Vec<ToolStatistics>>> {
    let mut list = List::new(tenant, agent, 0);
    list.range = query.buckets.range();
    if let Some(name) = &query.tool_name {
        list.equal.push(("tool_name", Equal::Text(name)));
    }
    if let Some(status) = query.status {
        list.equal.push(("status", Equal::Number(status.number())));
    }
    if let Some(id) = &query.session_id {
        list.equal.push(("session_id", Equal::Text(id)));
    }
    let statement = Statement { list, query };
    let mut connection = connection;
    let rows: Vec<StatisticsRow> = statement.load(&mut connection).await?;
    let mut groups: Vec<ToolStatistics> = Vec::new();
    for row in rows {
        if row.is_group {
            groups.push(group(row));
        } else if let (Some(group), Some(error_type)) = (groups.last_mut(), row.error_type) {
            group.top_errors.push(ToolErrorCount {
                error_type,
                calls: row.calls,
            });
        }
    }
    let count = i64::try_from(groups.len()).unwrap_or(i64::MAX);
    Ok((count <= MAX_POINTS).then_some(groups))
}

fn group(row: StatisticsRow) -> ToolStatistics {
    ToolStatistics {
        bucket: row.bucket,
        tool_name: row.tool_name,
        prompt_version: row.prompt_version,
        status: row.status,
        calls: row.calls,
        errors: row.errors,
        // Counts of rows: far below 2^53.
        error_rate: row.errors as f64 / row.calls as f64,
        duration_ms_p50: row.p50,
        duration_ms_p95: row.p95,
        duration_ms_p99: row.p99,
        input_tokens: row.input_tokens,
        output_tokens: row.output_tokens,
        cost_usd: row.cost_usd,
        top_errors: Vec::new(),
    }
}

struct Statement<'a> {
    list: List<'a, ToolUsage, Row>,
    query: &'a StatisticsQuery,
}

impl Statement<'_> {
    /// The columns by which calls are told apart.
    fn keys(&self) -> String {
        let bucket = self.query.buckets.width.map(|_| "bucket");
        let columns = self.query.group_by.iter().map(|grouping| grouping.column());
        bucket
            .into_iter()
            .chain(columns)
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// The columns of a group as they are answered.
    fn answered_keys(&self) -> String {
        let column = |asked: bool, name: &str, kind: &str| {
            if asked {
                name.to_owned()
            } else {
                format!("NULL::{kind}")
            }
        };
        let by = |grouping| self.query.group_by.contains(&grouping);
        [
            column(self.query.buckets.width.is_some(), "bucket", "timestamptz"),
            column(by(ToolGrouping::ToolName), "tool_name", "text"),
            column(by(ToolGrouping::PromptVersion), "prompt_version", "bigint"),
            column(by(ToolGrouping::Status), "status", "smallint"),
        ]
        .join(", ")
    }
}

impl QueryFragment<Pg> for Statement<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        // There is a statement for each way to ask, and a connection forgets none.
        out.unsafe_to_cache_prepared();
        let keys = self.keys();
        let failed = [ToolStatus::Error.number(), ToolStatus::Timeout.number()];
        let percentile =
            |part: &str| format!("percentile_cont({part}) WITHIN GROUP (ORDER BY duration_ms)");
        out.push_sql(
            "WITH calls AS (SELECT tool_usage.tool_name, tool_usage.prompt_version, \
             tool_usage.status, tool_usage.error_type, tool_usage.duration_ms, \
             tool_usage.input_tokens, tool_usage.output_tokens, tool_usage.cost_usd, ",
        );
        self.query
            .buckets
            .start_of(&mut out, "tool_usage.timestamp")?;
        out.push_sql(" AS bucket FROM tool_usage WHERE ");
        self.list.conditions(&mut out)?;
        out.push_sql(" AND EXISTS (SELECT FROM agents WHERE tenant_id = ");
        out.push_bind_param::<BigInt, _>(&self.list.tenant.0)?;
        out.push_sql(" AND id = ");
        out.push_bind_param::<Uuid, _>(&self.list.agent)?;
        // One pass counts both the groups and, in each, the kinds of errors.
        out.push_sql(&format!(
            " AND deleted_at IS NULL)), \
             counted AS (SELECT {keys}, error_type, grouping(error_type) = 1 AS is_group, \
                count(*) AS calls, \
                count(*) FILTER (WHERE status IN ({}, {})) AS errors, \
                {} AS p50, {} AS p95, {} AS p99, \
                coalesce(sum(input_tokens), 0)::bigint AS input_tokens, \
                coalesce(sum(output_tokens), 0)::bigint AS output_tokens, \
                coalesce(sum(cost_usd), 0) AS cost_usd \
                FROM calls GROUP BY GROUPING SETS (({keys}), ({keys}, error_type))), \
             ranked AS (SELECT *, row_number() OVER (PARTITION BY is_group, {keys} \
                ORDER BY calls DESC, error_type) AS rank \
                FROM counted WHERE is_group OR error_type IS NOT NULL) \
             SELECT {}, is_group, error_type, calls, errors, p50, p95, p99, input_tokens, \
                output_tokens, cost_usd \
             FROM ranked WHERE is_group OR rank <= {TOP_ERRORS} \
             ORDER BY {keys}, is_group DESC, rank LIMIT {}",
            failed[0],
            failed[1],
            percentile("0.5"),
            percentile("0.95"),
            percentile("0.99"),
            self.answered_keys(),
            // Of one group too many this has the line.
            (1 + TOP_ERRORS) * MAX_POINTS + 1,
        ));
        Ok(())
    }
}

impl QueryId for Statement<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Statement<'_> {
    type SqlType = (
        Nullable<Timestamptz>,
        Nullable<Text>,
        Nullable<BigInt>,
        Nullable<SmallInt>,
        Bool,
        Nullable<Text>,
        BigInt,
        BigInt,
        Nullable<Double>,
        Nullable<Double>,
        Nullable<Double>,
        BigInt,
        BigInt,
        Numeric,
    );
}
