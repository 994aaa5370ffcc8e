//! All SQL of logs.

use diesel::{
    IntoSql,
    pg::Pg,
    prelude::*,
    query_builder::QueryFragment,
    result::QueryResult,
    sql_types::{Array, Binary, Jsonb, Nullable, SmallInt, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures_util::TryStreamExt;

use super::model::{Level, Log, LogField, LogFilter};
use crate::{
    db::{TenantId, group_commit::Record, schema::logs},
    page::{self, Page},
    raw_json::RawObject,
    records::{
        hex::{SpanId, TraceId},
        list::{Equal, List, Position, RecordOrder, containing},
        purge,
    },
    values::{Id, Timestamp},
};

pub mod tail;

impl Record for Log {
    const TABLE: &'static str = "logs";
    const COLUMNS: &'static str = "level, message, attributes, trace_id, span_id, session_id";

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
        let mut level = Vec::with_capacity(rows.len());
        let mut message = Vec::with_capacity(rows.len());
        let mut attributes = Vec::with_capacity(rows.len());
        let mut trace_id = Vec::with_capacity(rows.len());
        let mut span_id = Vec::with_capacity(rows.len());
        let mut session_id = Vec::with_capacity(rows.len());
        for row in rows {
            level.push(row.level);
            message.push(row.message.as_str());
            attributes.push(&row.attributes);
            trace_id.push(row.trace_id);
            span_id.push(row.span_id);
            session_id.push(row.session_id.as_deref());
        }
        (
            level.into_sql::<Array<SmallInt>>(),
            message.into_sql::<Array<Text>>(),
            attributes.into_sql::<Array<Jsonb>>(),
            trace_id.into_sql::<Array<Nullable<Binary>>>(),
            span_id.into_sql::<Array<Nullable<Binary>>>(),
            session_id.into_sql::<Array<Nullable<Text>>>(),
        )
    }
}

/// A row as the statements of this file read it.
#[derive(Queryable, Selectable)]
#[diesel(table_name = logs)]
pub struct Row {
    id: Id,
    agent_id: Id,
    timestamp: Timestamp,
    level: Level,
    message: String,
    attributes: RawObject,
    trace_id: Option<TraceId>,
    span_id: Option<SpanId>,
    session_id: Option<String>,
}

impl From<Row> for Log {
    fn from(row: Row) -> Self {
        let Row {
            id,
            agent_id,
            timestamp,
            level,
            message,
            attributes,
            trace_id,
            span_id,
            session_id,
        } = row;
        Self {
            id,
            agent_id,
            timestamp,
            level,
            message,
            attributes,
            trace_id,
            span_id,
            session_id,
        }
    }
}

/// An agent's logs that pass a filter, newest first.
fn filtered<'a>(
    tenant: TenantId,
    agent: Id,
    filter: &'a LogFilter,
    limit: usize,
) -> List<'a, Log, Row> {
    let mut list = List::new(tenant, agent, limit);
    list.range = filter.range;
    if let Some(id) = &filter.trace_id {
        list.equal.push(("trace_id", Equal::Trace(id)));
    }
    if let Some(id) = &filter.session_id {
        list.equal.push(("session_id", Equal::Text(id)));
    }
    list.like = filter.q.as_deref().map(|q| ("message", containing(q)));
    list.attributes = &filter.attributes;
    if let Some(levels) = &filter.levels {
        let numbers = levels.iter().map(|level| level.number()).collect();
        list.any = Some(("level", numbers));
    }
    list
}

/// A page of an agent's logs behind a position; empty when there is no such agent.
pub async fn list(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    agent: Id,
    filter: &LogFilter,
    order: RecordOrder,
    after: Option<Position>,
    limit: usize,
) -> QueryResult<Page<Log>> {
    let mut list = filtered(tenant, agent, filter, limit);
    (list.order, list.after) = (order, after);
    let omitted = filter.omit.iter().map(|field| match field {
        LogField::Message => ("message", "''"),
        LogField::Attributes => ("attributes", "'{}'::jsonb"),
    });
    list.instead.extend(omitted);
    let mut connection = connection;
    let rows = list.load_stream::<Row>(&mut connection).await?;
    page::collect(rows.map_ok(Log::from), limit, Log::size).await
}

/// A log of a living agent, by its id, and by its instant where several have the id.
pub async fn get(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    agent: Id,
    id: Id,
    at: Option<Timestamp>,
) -> QueryResult<Option<Log>> {
    let Some(list) = List::<Log, Row>::by_id(tenant, agent, id, at) else {
        return Ok(None);
    };
    let mut connection = connection;
    let rows: Vec<Row> = list.load(&mut connection).await?;
    Ok(rows.into_iter().next().map(Log::from))
}

/// Removes logs of an agent that is marked deleted, up to a number, in the order of their keys;
/// answers how many.
pub async fn purge(
    connection: &mut AsyncPgConnection,
    tenant: TenantId,
    agent: Id,
    limit: i64,
) -> QueryResult<usize> {
    purge::purge(connection, "logs", tenant, agent, limit).await
}
