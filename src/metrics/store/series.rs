//! All SQL of series of metrics.

use diesel::{
    QueryResult,
    pg::Pg,
    prelude::*,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{BigInt, Double, Jsonb, Nullable, SmallInt, Text, Timestamptz, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::Row;
use crate::{
    db::TenantId,
    metrics::{
        model::{Metric, MetricKind},
        series::{Aggregation, MetricPoint, MetricSeries, MetricSummary, SeriesQuery},
    },
    page::Page,
    raw_json::RawObject,
    records::{
        bucket::MAX_POINTS,
        list::{Equal, List},
        words::{MetricName, Unit},
    },
    values::{Id, Timestamp},
};

/// A series' point as the statement answers it.
#[derive(Queryable)]
struct PointRow {
    attributes: RawObject,
    kind: MetricKind,
    unit: Option<Unit>,
    timestamp: Timestamp,
    count: i64,
    sum: Option<f64>,
    avg: Option<f64>,
    min: Option<f64>,
    max: Option<f64>,
    p50: Option<f64>,
    p90: Option<f64>,
    p95: Option<f64>,
    p99: Option<f64>,
    rate: Option<f64>,
}

/// The series of a metric of an agent; `None` when they have more than [`MAX_POINTS`] points, and
/// none when there is no such agent.
pub async fn query(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    agent: Id,
    query: &SeriesQuery,
) -> QueryResult<Option<Vec<MetricSeries>>> {
    let mut list = List::new(tenant, agent, 0);
    list.range = query.buckets.range();
    list.equal.push(("name", Equal::Text(query.name.as_str())));
    list.attributes = &query.attributes;
    let statement = Statement { list, query };
    let mut connection = connection;
    let rows: Vec<PointRow> = statement.load(&mut connection).await?;
    if i64::try_from(rows.len()).unwrap_or(i64::MAX) > MAX_POINTS {
        return Ok(None);
    }
    let mut all: Vec<MetricSeries> = Vec::new();
    for row in rows {
        let point = MetricPoint {
            timestamp: row.timestamp,
            count: row.count,
            sum: row.sum,
            avg: row.avg,
            min: row.min,
            max: row.max,
            p50: row.p50,
            p90: row.p90,
            p95: row.p95,
            p99: row.p99,
            rate: row.rate,
        };
        match all.last_mut() {
            Some(last)
                if last.kind == row.kind
                    && last.unit == row.unit
                    && last.attributes == row.attributes =>
            {
                last.points.push(point);
            }
            _ => all.push(MetricSeries {
                attributes: row.attributes,
                kind: row.kind,
                unit: row.unit,
                points: vec![point],
            }),
        }
    }
    Ok(Some(all))
}

struct Statement<'a> {
    list: List<'a, Metric, Row>,
    query: &'a SeriesQuery,
}

impl Statement<'_> {
    /// What an aggregation is over the data points of a bucket; a rate is made of the sum.
    fn aggregate(&self, aggregation: Aggregation) -> &'static str {
        let asked = |wanted| self.query.aggregations.contains(&wanted);
        let needed = match aggregation {
            Aggregation::Sum => asked(Aggregation::Sum) || asked(Aggregation::Rate),
            other => asked(other),
        };
        if !needed {
            return "NULL::float8";
        }
        match aggregation {
            Aggregation::Count => "count(*)",
            Aggregation::Sum => "sum(value)",
            Aggregation::Avg => "avg(value)",
            Aggregation::Min => "min(value)",
            Aggregation::Max => "max(value)",
            Aggregation::P50 => "percentile_cont(0.5) WITHIN GROUP (ORDER BY value)",
            Aggregation::P90 => "percentile_cont(0.9) WITHIN GROUP (ORDER BY value)",
            Aggregation::P95 => "percentile_cont(0.95) WITHIN GROUP (ORDER BY value)",
            Aggregation::P99 => "percentile_cont(0.99) WITHIN GROUP (ORDER BY value)",
            Aggregation::Rate => "NULL::float8",
        }
    }

    /// The grouping attributes of a data point, as an object.
    fn group<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("jsonb_strip_nulls(jsonb_build_object(");
        for (place, key) in self.query.group_by.iter().enumerate() {
            if place > 0 {
                out.push_sql(", ");
            }
            out.push_bind_param::<Text, _>(key)?;
            out.push_sql("::text, metrics.attributes -> ");
            out.push_bind_param::<Text, _>(key)?;
        }
        out.push_sql("))");
        Ok(())
    }
}

impl QueryFragment<Pg> for Statement<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let (query, buckets) = (self.query, &self.query.buckets);
        // Callers could make as many statements as they like, and a connection forgets none.
        out.unsafe_to_cache_prepared();
        out.push_sql("WITH points AS (SELECT attributes, kind, unit, bucket, count(*) AS count");
        for aggregation in Aggregation::ALL.into_iter().skip(1) {
            let (value, name) = (self.aggregate(aggregation), aggregation.name());
            out.push_sql(&format!(", {value} AS {name}"));
        }
        out.push_sql(" FROM (SELECT metrics.kind, metrics.unit, metrics.value, ");
        self.group(&mut out)?;
        out.push_sql(" AS attributes, ");
        buckets.start_of(&mut out, "metrics.timestamp")?;
        out.push_sql(" AS bucket FROM metrics WHERE ");
        self.list.conditions(&mut out)?;
        out.push_sql(" AND EXISTS (SELECT FROM agents WHERE tenant_id = ");
        out.push_bind_param::<BigInt, _>(&self.list.tenant.0)?;
        out.push_sql(" AND id = ");
        out.push_bind_param::<Uuid, _>(&self.list.agent)?;
        out.push_sql(
            " AND deleted_at IS NULL)) AS p GROUP BY attributes, kind, unit, bucket), \
             edges (begin) AS (",
        );
        buckets.starts(&mut out)?;
        // As many series as make one point too many, and no more.
        out.push_sql(&format!(
            "), series AS (SELECT attributes, kind, unit FROM points \
                GROUP BY attributes, kind, unit ORDER BY attributes, kind, unit \
                LIMIT (SELECT {MAX_POINTS} / count(*) + 1 FROM edges)), "
        ));
        out.push_sql(
            "buckets AS (SELECT begin, extract(epoch FROM least(lead(begin) \
             OVER (ORDER BY begin), ",
        );
        out.push_bind_param::<Timestamptz, _>(&buckets.to)?;
        out.push_sql(") - greatest(begin, ");
        out.push_bind_param::<Timestamptz, _>(&buckets.from)?;
        out.push_sql(
            "))::float8 AS seconds FROM edges) \
             SELECT s.attributes, s.kind, s.unit, b.begin, coalesce(p.count, 0)",
        );
        for aggregation in Aggregation::ALL.into_iter().skip(1) {
            match aggregation {
                Aggregation::Rate if query.aggregations.contains(&Aggregation::Rate) => {
                    let counter = MetricKind::Counter.number();
                    out.push_sql(&format!(
                        ", CASE WHEN s.kind = {counter} THEN p.sum / b.seconds END"
                    ));
                }
                Aggregation::Sum if !query.aggregations.contains(&Aggregation::Sum) => {
                    out.push_sql(", NULL::float8");
                }
                other => out.push_sql(&format!(", p.{}", other.name())),
            }
        }
        out.push_sql(
            " FROM series AS s CROSS JOIN buckets AS b LEFT JOIN points AS p \
                ON p.bucket = b.begin AND p.attributes = s.attributes AND p.kind = s.kind \
                AND p.unit IS NOT DISTINCT FROM s.unit \
             ORDER BY s.attributes, s.kind, s.unit, b.begin",
        );
        Ok(())
    }
}

impl QueryId for Statement<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Statement<'_> {
    type SqlType = (
        Jsonb,
        SmallInt,
        Nullable<Text>,
        Timestamptz,
        BigInt,
        Nullable<Double>,
        Nullable<Double>,
        Nullable<Double>,
        Nullable<Double>,
        Nullable<Double>,
        Nullable<Double>,
        Nullable<Double>,
        Nullable<Double>,
        Nullable<Double>,
    );
}

/// The metrics that an agent has, by name, behind one; none when there is no such agent.
pub async fn names(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    agent: Id,
    after: Option<&str>,
    limit: usize,
) -> QueryResult<Page<MetricSummary>> {
    let statement = Names {
        tenant,
        agent,
        after: after.unwrap_or_default(),
        rows: i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1),
    };
    let mut connection = connection;
    let rows: Vec<(MetricName, MetricKind, Option<Unit>, Timestamp)> =
        statement.load(&mut connection).await?;
    let more = rows.len() > limit;
    let items = rows.into_iter().take(limit);
    let items = items.map(|(name, kind, unit, last_timestamp)| MetricSummary {
        name,
        kind,
        unit,
        last_timestamp,
    });
    Ok(Page {
        items: items.collect(),
        more,
    })
}

/// Goes from name to name through the index, however many data points each has.
struct Names<'a> {
    tenant: TenantId,
    agent: Id,
    after: &'a str,
    rows: i64,
}

impl<'a> Names<'a> {
    fn of_agent<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("m.tenant_id = ");
        out.push_bind_param::<BigInt, _>(&self.tenant.0)?;
        out.push_sql(" AND m.agent_id = ");
        out.push_bind_param::<Uuid, _>(&self.agent)
    }
}

impl QueryFragment<Pg> for Names<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("WITH RECURSIVE names (name) AS ((SELECT m.name FROM metrics AS m WHERE ");
        self.of_agent(&mut out)?;
        out.push_sql(" AND m.name > ");
        out.push_bind_param::<Text, str>(self.after)?;
        out.push_sql(
            " ORDER BY m.name LIMIT 1) UNION ALL \
             SELECT (SELECT m.name FROM metrics AS m WHERE ",
        );
        self.of_agent(&mut out)?;
        out.push_sql(
            " AND m.name > n.name ORDER BY m.name LIMIT 1) FROM names AS n WHERE n.name IS NOT NULL) \
             SELECT n.name, newest.kind, newest.unit, newest.timestamp \
             FROM (SELECT name FROM names WHERE name IS NOT NULL LIMIT ",
        );
        out.push_bind_param::<BigInt, _>(&self.rows)?;
        out.push_sql(
            ") AS n CROSS JOIN LATERAL (SELECT m.kind, m.unit, m.timestamp FROM metrics AS m WHERE ",
        );
        self.of_agent(&mut out)?;
        out.push_sql(
            " AND m.name = n.name ORDER BY m.timestamp DESC, m.id DESC LIMIT 1) AS newest \
             WHERE EXISTS (SELECT FROM agents WHERE tenant_id = ",
        );
        out.push_bind_param::<BigInt, _>(&self.tenant.0)?;
        out.push_sql(" AND id = ");
        out.push_bind_param::<Uuid, _>(&self.agent)?;
        out.push_sql(" AND deleted_at IS NULL) ORDER BY n.name");
        Ok(())
    }
}

impl QueryId for Names<'_> {
    type QueryId = Names<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl Query for Names<'_> {
    type SqlType = (Text, SmallInt, Nullable<Text>, Timestamptz);
}
