//! All SQL of metrics.

use diesel::{
    IntoSql,
    pg::Pg,
    prelude::*,
    query_builder::QueryFragment,
    result::QueryResult,
    sql_types::{Array, Double, Jsonb, Nullable, SmallInt, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures_util::TryStreamExt;

use super::model::{Metric, MetricFilter, MetricKind};
use crate::{
    db::{TenantId, group_commit::Record, schema::metrics},
    page::{self, Page},
    raw_json::RawObject,
    records::{
        list::{Equal, List, Position, RecordOrder},
        purge,
        words::{MetricName, Unit},
    },
    values::{Id, Timestamp},
};

pub mod series;

impl Record for Metric {
    const TABLE: &'static str = "metrics";
    const COLUMNS: &'static str = "name, kind, value, unit, attributes";

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
        let mut name = Vec::with_capacity(rows.len());
        let mut kind = Vec::with_capacity(rows.len());
        let mut value = Vec::with_capacity(rows.len());
        let mut unit = Vec::with_capacity(rows.len());
        let mut attributes = Vec::with_capacity(rows.len());
        for row in rows {
            name.push(row.name.as_str());
            kind.push(row.kind);
            value.push(row.value);
            unit.push(row.unit.as_ref().map(Unit::as_str));
            attributes.push(&row.attributes);
        }
        (
            name.into_sql::<Array<Text>>(),
            kind.into_sql::<Array<SmallInt>>(),
            value.into_sql::<Array<Double>>(),
            unit.into_sql::<Array<Nullable<Text>>>(),
            attributes.into_sql::<Array<Jsonb>>(),
        )
    }
}

/// A row as the statements of this file read it.
#[derive(Queryable, Selectable)]
#[diesel(table_name = metrics)]
pub struct Row {
    id: Id,
    agent_id: Id,
    timestamp: Timestamp,
    name: MetricName,
    kind: MetricKind,
    value: f64,
    unit: Option<Unit>,
    attributes: RawObject,
}

impl From<Row> for Metric {
    fn from(row: Row) -> Self {
        let Row {
            id,
            agent_id,
            timestamp,
            name,
            kind,
            value,
            unit,
            attributes,
        } = row;
        Self {
            id,
            agent_id,
            timestamp,
            name,
            kind,
            value,
            unit,
            attributes,
        }
    }
}

/// A page of an agent's data points behind a position; empty when there is no such agent.
pub async fn list(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    agent: Id,
    filter: &MetricFilter,
    order: RecordOrder,
    after: Option<Position>,
    limit: usize,
) -> QueryResult<Page<Metric>> {
    let mut list = List::<Metric, Row>::new(tenant, agent, limit);
    (list.range, list.order, list.after) = (filter.range, order, after);
    if let Some(name) = &filter.name {
        list.equal.push(("name", Equal::Text(name.as_str())));
    }
    list.attributes = &filter.attributes;
    let mut connection = connection;
    let rows = list.load_stream::<Row>(&mut connection).await?;
    page::collect(rows.map_ok(Metric::from), limit, Metric::size).await
}

/// A data point of a living agent, by its id, and by its instant where several have the id.
pub async fn get(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    agent: Id,
    id: Id,
    at: Option<Timestamp>,
) -> QueryResult<Option<Metric>> {
    let Some(list) = List::<Metric, Row>::by_id(tenant, agent, id, at) else {
        return Ok(None);
    };
    let mut connection = connection;
    let rows: Vec<Row> = list.load(&mut connection).await?;
    Ok(rows.into_iter().next().map(Metric::from))
}

/// Removes data points of an agent that is marked deleted, up to a number, in the order of their
/// keys; answers how many.
pub async fn purge(
    connection: &mut AsyncPgConnection,
    tenant: TenantId,
    agent: Id,
    limit: i64,
) -> QueryResult<usize> {
    purge::purge(connection, "metrics", tenant, agent, limit).await
}
