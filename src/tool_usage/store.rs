//! All SQL of tool usage.

use diesel::{
    IntoSql,
    pg::Pg,
    prelude::*,
    query_builder::QueryFragment,
    result::QueryResult,
    sql_types::{Array, BigInt, Binary, Jsonb, Nullable, Numeric, SmallInt, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures_util::TryStreamExt;

use super::model::{ToolStatus, ToolUsage, ToolUsageField, ToolUsageFilter};
use crate::{
    db::{TenantId, group_commit::Record, schema::tool_usage},
    page::{self, Page},
    raw_json::RawJson,
    records::{
        hex::{SpanId, TraceId},
        list::{Equal, List, Position, RecordOrder},
        purge,
        words::Usd,
    },
    values::{Id, Timestamp},
};

pub mod statistics;

impl Record for ToolUsage {
    const TABLE: &'static str = "tool_usage";
    const COLUMNS: &'static str = "tool_name, tool_type, call_id, status, input, output, error_type, \
        error_message, duration_ms, input_tokens, output_tokens, cost_usd, prompt_version, \
        trace_id, span_id, session_id";

    fn timestamp(&self) -> Timestamp {
        self.timestamp
    }

    fn id(&self) -> Id {
        self.id
    }

    fn size(&self) -> usize {
        self.size()
    }

    fn columns<'a>(rows: &[&'a Self]) -> impl QueryFragment<Pg> + Send + use<'a> {
        (
            rows.iter()
                .map(|row| row.tool_name.as_str())
                .collect::<Vec<_>>()
                .into_sql::<Array<Text>>(),
            rows.iter()
                .map(|row| row.tool_type.as_deref())
                .collect::<Vec<_>>()
                .into_sql::<Array<Nullable<Text>>>(),
            rows.iter()
                .map(|row| row.call_id.as_deref())
                .collect::<Vec<_>>()
                .into_sql::<Array<Nullable<Text>>>(),
            rows.iter()
                .map(|row| row.status)
                .collect::<Vec<_>>()
                .into_sql::<Array<SmallInt>>(),
            rows.iter()
                .map(|row| row.input.as_ref())
                .collect::<Vec<_>>()
                .into_sql::<Array<Nullable<Jsonb>>>(),
            rows.iter()
                .map(|row| row.output.as_ref())
                .collect::<Vec<_>>()
                .into_sql::<Array<Nullable<Jsonb>>>(),
            rows.iter()
                .map(|row| row.error_type.as_deref())
                .collect::<Vec<_>>()
                .into_sql::<Array<Nullable<Text>>>(),
            rows.iter()
                .map(|row| row.error_message.as_deref())
                .collect::<Vec<_>>()
                .into_sql::<Array<Nullable<Text>>>(),
            rows.iter()
                .map(|row| row.duration_ms)
                .collect::<Vec<_>>()
                .into_sql::<Array<Nullable<BigInt>>>(),
            rows.iter()
                .map(|row| row.input_tokens)
                .collect::<Vec<_>>()
                .into_sql::<Array<Nullable<BigInt>>>(),
            rows.iter()
                .map(|row| row.output_tokens)
                .collect::<Vec<_>>()
                .into_sql::<Array<Nullable<BigInt>>>(),
            rows.iter()
                .map(|row| row.cost_usd.as_ref())
                .collect::<Vec<_>>()
                .into_sql::<Array<Nullable<Numeric>>>(),
            rows.iter()
                .map(|row| row.prompt_version)
                .collect::<Vec<_>>()
                .into_sql::<Array<Nullable<BigInt>>>(),
            rows.iter()
                .map(|row| row.trace_id)
                .collect::<Vec<_>>()
                .into_sql::<Array<Nullable<Binary>>>(),
            rows.iter()
                .map(|row| row.span_id)
                .collect::<Vec<_>>()
                .into_sql::<Array<Nullable<Binary>>>(),
            rows.iter()
                .map(|row| row.session_id.as_deref())
                .collect::<Vec<_>>()
                .into_sql::<Array<Nullable<Text>>>(),
        )
    }
}

/// A row as the statements of this file read it.
#[derive(Queryable, Selectable)]
#[diesel(table_name = tool_usage)]
pub struct Row {
    id: Id,
    agent_id: Id,
    timestamp: Timestamp,
    tool_name: String,
    tool_type: Option<String>,
    call_id: Option<String>,
    status: ToolStatus,
    input: Option<RawJson>,
    output: Option<RawJson>,
    error_type: Option<String>,
    error_message: Option<String>,
    duration_ms: Option<i64>,
    input_tokens: Option<i64>,
    output_tokens: Option<i64>,
    cost_usd: Option<Usd>,
    prompt_version: Option<i64>,
    trace_id: Option<TraceId>,
    span_id: Option<SpanId>,
    session_id: Option<String>,
}

impl From<Row> for ToolUsage {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            agent_id: row.agent_id,
            timestamp: row.timestamp,
            tool_name: row.tool_name,
            tool_type: row.tool_type,
            call_id: row.call_id,
            status: row.status,
            input: row.input,
            output: row.output,
            error_type: row.error_type,
            error_message: row.error_message,
            duration_ms: row.duration_ms,
            input_tokens: row.input_tokens,
            output_tokens: row.output_tokens,
            cost_usd: row.cost_usd,
            prompt_version: row.prompt_version,
            trace_id: row.trace_id,
            span_id: row.span_id,
            session_id: row.session_id,
        }
    }
}

/// A page of an agent's calls behind a position; empty when there is no such agent.
pub async fn list(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    agent: Id,
    filter: &ToolUsageFilter,
    order: RecordOrder,
    after: Option<Position>,
    limit: usize,
) -> QueryResult<Page<ToolUsage>> {
    let mut list = List::<ToolUsage, Row>::new(tenant, agent, limit);
    (list.range, list.order, list.after) = (filter.range, order, after);
    if let Some(name) = &filter.tool_name {
        list.equal.push(("tool_name", Equal::Text(name)));
    }
    if let Some(status) = filter.status {
        list.equal.push(("status", Equal::Number(status.number())));
    }
    if let Some(id) = &filter.trace_id {
        list.equal.push(("trace_id", Equal::Trace(id)));
    }
    if let Some(id) = &filter.session_id {
        list.equal.push(("session_id", Equal::Text(id)));
    }
    let omitted = filter.omit.iter().map(|field| match field {
        ToolUsageField::Input => ("input", "NULL::jsonb"),
        ToolUsageField::Output => ("output", "NULL::jsonb"),
        ToolUsageField::ErrorMessage => ("error_message", "NULL::text"),
    });
    list.instead.extend(omitted);
    let mut connection = connection;
    let rows = list.load_stream::<Row>(&mut connection).await?;
    page::collect(rows.map_ok(ToolUsage::from), limit, ToolUsage::size).await
}

/// A call by a living agent.
pub async fn get(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    agent: Id,
    id: Id,
    at: Option<Timestamp>,
) -> QueryResult<Option<ToolUsage>> {
    let Some(list) = List::<ToolUsage, Row>::by_id(tenant, agent, id, at) else {
        return Ok(None);
    };
    let mut connection = connection;
    let rows: Vec<Row> = list.load(&mut connection).await?;
    Ok(rows.into_iter().next().map(ToolUsage::from))
}

/// Removes calls of an agent that is marked deleted, up to a number, in the order of their keys;
/// answers how many.
pub async fn purge(
    connection: &mut AsyncPgConnection,
    tenant: TenantId,
    agent: Id,
    limit: i64,
) -> QueryResult<usize> {
    purge::purge(connection, "tool_usage", tenant, agent, limit).await
}
