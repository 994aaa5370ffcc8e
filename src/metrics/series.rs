//! The shapes of series of metrics on the wire.

use poem_openapi::{Enum, Object, types::Example};
use serde::Serialize;

use super::model::MetricKind;
use crate::{
    raw_json::RawObject,
    records::{
        bucket::{Bucket, Buckets, TimeZone},
        list::AttributeFilter,
        words::{MetricName, Unit},
    },
    values::Timestamp,
};

/// What is told of the data points of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub enum Aggregation {
    /// How many they are; it is told in any case.
    Count,
    /// The sum of their values.
    Sum,
    /// The mean of their values.
    Avg,
    /// Their least value.
    Min,
    /// Their greatest value.
    Max,
    /// The median of their values.
    P50,
    /// The value below which 90 of 100 lie.
    P90,
    /// The value below which 95 of 100 lie.
    P95,
    /// The value below which 99 of 100 lie.
    P99,
    /// Of counters, the sum of their values for each second of the bucket.
    Rate,
}

impl Aggregation {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Count,
        Self::Sum,
        Self::Avg,
        Self::Min,
        Self::Max,
        Self::P50,
        Self::P90,
        Self::P95,
        Self::P99,
        Self::Rate,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Sum => "sum",
            Self::Avg => "avg",
            Self::Min => "min",
            Self::Max => "max",
            Self::P50 => "p50",
            Self::P90 => "p90",
            Self::P95 => "p95",
            Self::P99 => "p99",
            Self::Rate => "rate",
        }
    }
}

/// What is asked of a metric.
#[derive(Clone, Debug)]
pub struct SeriesQuery {
    /// Of which metric.
    pub name: MetricName,
    /// When.
    pub buckets: Buckets,
    /// What is told of each bucket.
    pub aggregations: Vec<Aggregation>,
    /// The attributes whose values make series of their own.
    pub group_by: Vec<String>,
    /// With these attributes only.
    pub attributes: Vec<AttributeFilter>,
}

/// A metric over time.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(example)]
pub struct MetricSeriesSet {
    /// The metric's name.
    pub name: MetricName,
    /// How wide the buckets are.
    pub bucket: Bucket,
    /// The time zone in which days, weeks and months begin.
    pub timezone: TimeZone,
    /// All data points are of this instant or later.
    pub from: Timestamp,
    /// And before this one.
    pub to: Timestamp,
    /// A series for each combination of kind, unit and grouping attributes that there is, ordered by
    /// them.
    pub series: Vec<MetricSeries>,
}

/// A series of points.
#[derive(Clone, Debug, Object, Serialize)]
pub struct MetricSeries {
    /// The grouping attributes; those that its data points lack are not among them.
    pub attributes: RawObject,
    /// What the values are.
    pub kind: MetricKind,
    /// The unit of the values.
    #[oai(nullable)]
    pub unit: Option<Unit>,
    /// A point for each bucket, also for those without data points.
    pub points: Vec<MetricPoint>,
}

/// What is told of the data points of a bucket. What was not asked for is null, and so is what
/// nothing can be said of because there are no data points.
#[derive(Clone, Debug, PartialEq, Object, Serialize)]
pub struct MetricPoint {
    /// Where the bucket begins. The first may begin before `from`: it has the data points from there
    /// on.
    pub timestamp: Timestamp,
    /// How many data points there are.
    pub count: i64,
    /// The sum of their values.
    #[oai(nullable)]
    pub sum: Option<f64>,
    /// The mean of their values.
    #[oai(nullable)]
    pub avg: Option<f64>,
    /// Their least value.
    #[oai(nullable)]
    pub min: Option<f64>,
    /// Their greatest value.
    #[oai(nullable)]
    pub max: Option<f64>,
    /// The median of their values, between the two in the middle if need be.
    #[oai(nullable)]
    pub p50: Option<f64>,
    /// The value below which 90 of 100 lie, between two if need be.
    #[oai(nullable)]
    pub p90: Option<f64>,
    /// The value below which 95 of 100 lie, between two if need be.
    #[oai(nullable)]
    pub p95: Option<f64>,
    /// The value below which 99 of 100 lie, between two if need be.
    #[oai(nullable)]
    pub p99: Option<f64>,
    /// Of counters, the sum of their values for each second of the bucket between `from` and `to`.
    #[oai(nullable)]
    pub rate: Option<f64>,
}

impl MetricPoint {
    /// What an aggregation says.
    pub fn value(&self, aggregation: Aggregation) -> Option<f64> {
        match aggregation {
            // Beyond 2^53 the last digits do not matter to a chart.
            Aggregation::Count => Some(self.count as f64),
            Aggregation::Sum => self.sum,
            Aggregation::Avg => self.avg,
            Aggregation::Min => self.min,
            Aggregation::Max => self.max,
            Aggregation::P50 => self.p50,
            Aggregation::P90 => self.p90,
            Aggregation::P95 => self.p95,
            Aggregation::P99 => self.p99,
            Aggregation::Rate => self.rate,
        }
    }
}

impl Example for MetricSeriesSet {
    fn example() -> Self {
        let instant = |text: &str| text.parse().unwrap_or_else(|_| Timestamp::now());
        let point = |timestamp: &str, count, avg| MetricPoint {
            timestamp: instant(timestamp),
            count,
            sum: None,
            avg,
            min: None,
            max: None,
            p50: None,
            p90: None,
            p95: None,
            p99: None,
            rate: None,
        };
        Self {
            name: MetricName::example(),
            bucket: Bucket::Hour,
            timezone: TimeZone::default(),
            from: instant("2026-11-23T09:00:00Z"),
            to: instant("2026-11-23T11:00:00Z"),
            series: vec![MetricSeries {
                attributes: serde_json::from_str(r#"{"queue":"mail"}"#).unwrap_or_default(),
                kind: MetricKind::Gauge,
                unit: "{request}".parse().ok(),
                points: vec![
                    point("2026-11-23T09:00:00Z", 2, Some(17.5)),
                    point("2026-11-23T10:00:00Z", 0, None),
                ],
            }],
        }
    }
}

/// A metric that an agent has.
#[derive(Clone, Debug, PartialEq, Object, Serialize)]
#[oai(example)]
pub struct MetricSummary {
    /// The metric's name.
    pub name: MetricName,
    /// What its newest value is.
    pub kind: MetricKind,
    /// The unit of its newest value.
    #[oai(nullable)]
    pub unit: Option<Unit>,
    /// When its newest value was measured.
    pub last_timestamp: Timestamp,
}

impl Example for MetricSummary {
    fn example() -> Self {
        Self {
            name: MetricName::example(),
            kind: MetricKind::Gauge,
            unit: "{request}".parse().ok(),
            last_timestamp: "2026-11-23T09:30:00.123456Z"
                .parse()
                .unwrap_or_else(|_| Timestamp::now()),
        }
    }
}

/// A page of metrics.
#[derive(Clone, Debug, Object, Serialize)]
pub struct MetricSummaryPage {
    /// The metrics by name.
    pub items: Vec<MetricSummary>,
    /// Send this as `cursor` for the next page; null on the last one.
    #[oai(nullable)]
    pub next_cursor: Option<String>,
}
