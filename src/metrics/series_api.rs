//! The operations that ask what an agent's metrics amount to.

use poem::{IntoResponse, Response, http::header};
use poem_openapi::{
    ApiResponse, OpenApi,
    param::{Path, Query},
    payload::Payload,
    registry::{MetaSchema, MetaSchemaRef},
};

use super::{
    chart::{self, ChartError, Theme},
    series::{Aggregation, MetricSeriesSet, MetricSummaryPage, SeriesQuery},
    store,
};
use crate::{
    auth::{Caller, Scope},
    db::Db,
    json::Json,
    openapi::Tag,
    page,
    problem::ApiError,
    records::{
        bucket::{Bucket, Buckets, MAX_POINTS, TimeZone},
        list::AttributeFilter,
        read,
        words::MetricName,
    },
    values::{Id, Timestamp},
};

/// The operations that ask what an agent's metrics amount to.
pub struct MetricSeriesApi {
    /// The database.
    pub db: Db,
}

/// A drawing in SVG.
pub struct Svg(String);

impl Payload for Svg {
    const CONTENT_TYPE: &'static str = "image/svg+xml";

    fn check_content_type(content_type: &str) -> bool {
        content_type == Self::CONTENT_TYPE
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema::new_with_format("string", "binary")))
    }
}

impl IntoResponse for Svg {
    fn into_response(self) -> Response {
        Response::builder()
            .header(header::CONTENT_TYPE, Self::CONTENT_TYPE)
            .body(self.0)
    }
}

/// A chart.
#[derive(ApiResponse)]
pub enum MetricChartResponse {
    /// The chart.
    #[oai(status = 200)]
    Chart(Svg),
}

#[OpenApi(tag = "Tag::Metrics")]
impl MetricSeriesApi {
    /// Query a metric over time
    ///
    /// Gathers the data points of a metric in buckets of time. There is a series for each kind, unit
    /// and combination of the attributes in `group_by`, with a point for every bucket: those without
    /// data points have `count` 0. Buckets of up to six hours are counted from 1970-01-01T00:00:00Z;
    /// days, weeks and months begin in `timezone`. Percentiles lie between two values if need be
    /// (PostgreSQL's `percentile_cont`). More than 10,000 points over all series are refused.
    #[oai(
        path = "/agents/:agent_id/metrics/series",
        method = "get",
        operation_id = "query_metrics"
    )]
    #[expect(
        clippy::too_many_arguments,
        reason = "poem-openapi has no query struct"
    )]
    async fn query_metrics(
        &self,
        #[oai(scope = "Scope::MetricsRead")] auth: Caller,
        /// Id of the agent.
        agent_id: Path<Id>,
        /// The metric's name.
        name: Query<MetricName>,
        /// Only data points of this instant or later. Default: a day before `to`, or 1,440
        /// buckets if that is less.
        from: Query<Option<Timestamp>>,
        /// Only data points before this instant. Default: now.
        to: Query<Option<Timestamp>>,
        /// How wide the buckets are. Default: the narrowest with which there are about 200 at most.
        bucket: Query<Option<Bucket>>,
        /// The time zone in which days, weeks and months begin, such as `Europe/Berlin`. Default: UTC.
        timezone: Query<Option<TimeZone>>,
        /// What is told of each bucket beside `count`. Repeat it for several. Default: `avg`.
        #[oai(default, validator(max_items = 10))]
        aggregations: Query<Vec<Aggregation>>,
        /// An attribute whose values make series of their own. Repeat it for several, up to 4.
        #[oai(default, validator(max_items = 4))]
        group_by: Query<Vec<String>>,
        /// Only data points with this attribute: `key=value`, where numbers and the like are told as JSON
        /// writes them, or a key alone for any value. Repeat it to ask for several.
        #[oai(default, validator(max_items = 16))]
        attr: Query<Vec<String>>,
    ) -> Result<Json<MetricSeriesSet>, ApiError> {
        auth.require(Scope::MetricsRead)?;
        let query = SeriesQuery {
            name: name.0,
            buckets: Buckets::new(from.0, to.0, bucket.0, timezone.0.unwrap_or_default())?
                .or_fitting()?,
            aggregations: or_mean(aggregations.0),
            group_by: group_by.0,
            attributes: AttributeFilter::all(attr.0),
        };
        Ok(Json(self.query(&auth, agent_id.0, query).await?))
    }

    /// Draw a metric over time
    ///
    /// A line chart of what `query_metrics` answers to the same parameters, in SVG: a line for each
    /// series and aggregation, up to 12, with a gap where there are no data points.
    #[oai(
        path = "/agents/:agent_id/metrics/chart.svg",
        method = "get",
        operation_id = "metric_chart"
    )]
    #[expect(
        clippy::too_many_arguments,
        reason = "poem-openapi has no query struct"
    )]
    async fn metric_chart(
        &self,
        #[oai(scope = "Scope::MetricsRead")] auth: Caller,
        /// Id of the agent.
        agent_id: Path<Id>,
        /// The metric's name.
        name: Query<MetricName>,
        /// Only data points of this instant or later. Default: a day before `to`, or 1,440
        /// buckets if that is less.
        from: Query<Option<Timestamp>>,
        /// Only data points before this instant. Default: now.
        to: Query<Option<Timestamp>>,
        /// How wide the buckets are. Default: the narrowest with which there are about 200 at most.
        bucket: Query<Option<Bucket>>,
        /// The time zone of the axis, in which days, weeks and months begin. Default: UTC.
        timezone: Query<Option<TimeZone>>,
        /// What is drawn of each bucket. Repeat it for several. Default: `avg`.
        #[oai(default, validator(max_items = 10))]
        aggregations: Query<Vec<Aggregation>>,
        /// An attribute whose values make series of their own. Repeat it for several, up to 4.
        #[oai(default, validator(max_items = 4))]
        group_by: Query<Vec<String>>,
        /// Only data points with this attribute: `key=value`, where numbers and the like are told as JSON
        /// writes them, or a key alone for any value. Repeat it to ask for several.
        #[oai(default, validator(max_items = 16))]
        attr: Query<Vec<String>>,
        /// The colours of ground and text.
        #[oai(default)]
        theme: Query<Theme>,
    ) -> Result<MetricChartResponse, ApiError> {
        auth.require(Scope::MetricsRead)?;
        let query = SeriesQuery {
            name: name.0,
            buckets: Buckets::new(from.0, to.0, bucket.0, timezone.0.unwrap_or_default())?
                .or_fitting()?,
            aggregations: or_mean(aggregations.0),
            group_by: group_by.0,
            attributes: AttributeFilter::all(attr.0),
        };
        let aggregations = query.aggregations.clone();
        let set = self.query(&auth, agent_id.0, query).await?;
        match chart::svg(&set, &aggregations, theme.0) {
            Ok(svg) => Ok(MetricChartResponse::Chart(Svg(svg))),
            Err(error @ ChartError::TooFarApart) => Err(ApiError::invalid_parameter(
                "aggregations",
                error.to_string(),
            )),
            Err(error @ ChartError::Drawing(_)) => {
                tracing::error!(%error, "a chart cannot be drawn");
                Err(ApiError::internal())
            }
        }
    }

    /// List the names of metrics
    ///
    /// The metrics that an agent has data points of, by name. Follow `next_cursor` until it is null.
    #[oai(
        path = "/agents/:agent_id/metrics/names",
        method = "get",
        operation_id = "list_metric_names"
    )]
    async fn list_metric_names(
        &self,
        #[oai(scope = "Scope::MetricsRead")] auth: Caller,
        /// Id of the agent.
        agent_id: Path<Id>,
        /// The most items on a page.
        #[oai(
            default = "page::default_limit",
            validator(minimum(value = "1"), maximum(value = "1000"))
        )]
        limit: Query<i32>,
        /// Where the page begins: the `next_cursor` of the page before.
        #[oai(validator(min_length = 1, max_length = 2000))]
        cursor: Query<Option<String>>,
    ) -> Result<Json<MetricSummaryPage>, ApiError> {
        auth.require(Scope::MetricsRead)?;
        let (tenant, agent) = (auth.tenant_id(), agent_id.0);
        let list = ("list_metric_names", tenant.0, agent);
        let after: Option<String> = page::decode_cursor(cursor.0.as_deref(), &list)?;
        let limit = usize::try_from(limit.0).unwrap_or(1);
        let connection = self.db.pooled().await?;
        let names = store::series::names(&connection, tenant, agent, after.as_deref(), limit);
        let page = self.db.query(names).await?;
        read::require_agent(&self.db, tenant, agent, page.items.is_empty()).await?;
        let last = page.items.last().filter(|_| page.more);
        let next_cursor = last.map(|last| page::encode_cursor(&list, &last.name.as_str()));
        Ok(Json(MetricSummaryPage {
            items: page.items,
            next_cursor,
        }))
    }
}

impl MetricSeriesApi {
    async fn query(
        &self,
        auth: &Caller,
        agent: Id,
        query: SeriesQuery,
    ) -> Result<MetricSeriesSet, ApiError> {
        let tenant = auth.tenant_id();
        let series = {
            let connection = self.db.pooled().await?;
            let series = store::series::query(&connection, tenant, agent, &query);
            self.db.query(series).await
        };
        let series = series.map_err(read::aggregate_error)?.ok_or_else(|| {
            let message = format!(
                "makes more than {MAX_POINTS} points over all series; ask for wider buckets, a \
                 shorter stretch of time or fewer groups"
            );
            ApiError::invalid_parameter("bucket", message)
        })?;
        read::require_agent(&self.db, tenant, agent, series.is_empty()).await?;
        let finite = series
            .iter()
            .flat_map(|series| &series.points)
            .all(|point| {
                let values = Aggregation::ALL.into_iter();
                values
                    .filter_map(|aggregation| point.value(aggregation))
                    .all(f64::is_finite)
            });
        if !finite {
            return Err(read::out_of_range());
        }
        let Buckets {
            from,
            to,
            width,
            zone,
        } = query.buckets;
        Ok(MetricSeriesSet {
            name: query.name,
            bucket: width.unwrap_or(Bucket::Month),
            timezone: zone,
            from,
            to,
            series,
        })
    }
}

fn or_mean(mut aggregations: Vec<Aggregation>) -> Vec<Aggregation> {
    if aggregations.is_empty() {
        aggregations.push(Aggregation::Avg);
    }
    aggregations
}
