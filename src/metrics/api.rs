//! The operations on metrics.

use std::{sync::Arc, time::Duration};

use poem_openapi::{
    ApiResponse, OpenApi,
    param::{Path, Query},
};

use super::{
    model::{Metric, MetricFilter, MetricPage, NewMetric},
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
        export, ingest,
        list::{AttributeFilter, RecordOrder, TimeRange},
        read::{self, ListConnection},
        stamp::Clock,
        words::MetricName,
    },
    stream::{Streams, lines::Lines},
    values::{Id, Timestamp},
};

/// The operations on metrics.
pub struct MetricsApi {
    /// The database.
    pub db: Db,
    /// The way of new data points into it.
    pub writer: GroupCommit<Metric>,
    /// The places for streams.
    pub streams: Streams,
    /// How long they are kept; `None` for ever.
    pub retention: Option<Duration>,
}

/// A created data point.
#[derive(ApiResponse)]
pub enum CreateMetricResponse {
    /// The data point, as it is stored. A resend with the same `id` gets what the first request
    /// stored.
    #[oai(status = 201)]
    Created(Json<Metric>),
}

#[OpenApi(tag = "Tag::Metrics")]
impl MetricsApi {
    /// List metrics
    ///
    /// The data points of an agent's metrics, newest first unless `order` says otherwise. Filters
    /// combine with "and". A page has up to `limit` items and ends earlier at 8 MiB; follow
    /// `next_cursor` until it is null.
    #[oai(
        path = "/agents/:agent_id/metrics",
        method = "get",
        operation_id = "list_metrics"
    )]
    #[expect(
        clippy::too_many_arguments,
        reason = "poem-openapi has no query struct"
    )]
    async fn list_metrics(
        &self,
        #[oai(scope = "Scope::MetricsRead")] auth: Caller,
        /// Id of the agent.
        agent_id: Path<Id>,
        /// Only data points of this instant or later.
        from: Query<Option<Timestamp>>,
        /// Only data points before this instant.
        to: Query<Option<Timestamp>>,
        /// Only data points of exactly this metric.
        name: Query<Option<MetricName>>,
        /// Only data points with this attribute: `key=value`, where numbers and the like are told as JSON
        /// writes them, or a key alone for any value. Repeat it to ask for several. It is looked for
        /// point by point: with a time range it is sooner found.
        #[oai(default, validator(max_items = 16))]
        attr: Query<Vec<String>>,
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
    ) -> Result<Json<MetricPage>, ApiError> {
        auth.require(Scope::MetricsRead)?;
        let (tenant, agent, order) = (auth.tenant_id(), agent_id.0, order.0);
        let filter = MetricFilter {
            range: TimeRange::new(from.0, to.0)?,
            name: name.0,
            attributes: AttributeFilter::all(attr.0),
        };
        let list = ("list_metrics", tenant.0, agent, &filter, order);
        let after = page::decode_cursor(cursor.0.as_deref(), &list)?;
        let limit = usize::try_from(limit.0).unwrap_or(1);
        let is_search = !filter.attributes.is_empty();
        let connection = ListConnection::open(&self.db, is_search).await?;
        let page = store::list(&connection, tenant, agent, &filter, order, after, limit);
        let page = self.db.query(page).await?;
        let (items, next_cursor) = read::finish(&self.db, tenant, agent, page, &list).await?;
        Ok(Json(MetricPage { items, next_cursor }))
    }

    /// Export metrics
    ///
    /// All data points that pass the filters, oldest first, a `Metric` in JSON on each line (NDJSON), however
    /// many they are. Filters combine with "and". They are read as the client takes them: what is
    /// stored meanwhile may be among them or not. An answer that is not complete is cut off without
    /// its end. At 8 exports a server answers 503.
    #[oai(
        path = "/agents/:agent_id/metrics/export",
        method = "get",
        operation_id = "export_metrics"
    )]
    async fn export_metrics(
        &self,
        #[oai(scope = "Scope::MetricsRead")] auth: Caller,
        /// Id of the agent.
        agent_id: Path<Id>,
        /// Only data points of this instant or later.
        from: Query<Option<Timestamp>>,
        /// Only data points before this instant.
        to: Query<Option<Timestamp>>,
        /// Only data points of exactly this metric.
        name: Query<Option<MetricName>>,
        /// Only data points with this attribute: `key=value`, where numbers and the like are told as JSON
        /// writes them, or a key alone for any value. Repeat it to ask for several.
        #[oai(default, validator(max_items = 16))]
        attr: Query<Vec<String>>,
    ) -> Result<Lines, ApiError> {
        auth.require(Scope::MetricsRead)?;
        let (tenant, agent, db) = (auth.tenant_id(), agent_id.0, self.db.clone());
        let filter = MetricFilter {
            range: TimeRange::new(from.0, to.0)?,
            name: name.0,
            attributes: AttributeFilter::all(attr.0),
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

    /// Create a metric
    ///
    /// One data point. When the answer arrives it is committed, and every reader sees it. Give an
    /// `id` to be able to resend the request safely.
    #[oai(
        path = "/agents/:agent_id/metrics",
        method = "post",
        operation_id = "create_metric"
    )]
    async fn create_metric(
        &self,
        #[oai(scope = "Scope::MetricsWrite")] auth: Caller,
        /// Id of the agent.
        agent_id: Path<Id>,
        body: Body<NewMetric>,
    ) -> Result<CreateMetricResponse, ApiError> {
        auth.require(Scope::MetricsWrite)?;
        let (tenant, agent) = (auth.tenant_id(), agent_id.0);
        let metric = body
            .into_inner()
            .stamp(agent, &Clock::now(self.retention), 0);
        let mut metric = metric.map_err(|error| ApiError::new(Problem::invalid(vec![error])))?;
        let metrics = Arc::from([metric.clone()]);
        let known = ingest::store(&self.writer, tenant, agent, metrics).await?;
        if !known.is_empty() {
            let connection = self.db.shared().await?;
            let get = store::get(
                &connection,
                tenant,
                agent,
                metric.id,
                Some(metric.timestamp),
            );
            let first = self.db.query(get).await?;
            metric = first.ok_or_else(|| ApiError::not_found("agent"))?;
        }
        Ok(CreateMetricResponse::Created(Json(metric)))
    }

    /// Create many metrics
    ///
    /// Up to 10,000, and 16 MiB of body unless the server is set otherwise: a JSON array, or an
    /// object on each line (`application/x-ndjson`). All are stored or none: an error names the index
    /// of the record, from 0. When the answer arrives they are committed, and every reader sees them.
    /// Give each an `id` to be able to resend the request safely.
    #[oai(
        path = "/agents/:agent_id/metrics/batch",
        method = "post",
        operation_id = "create_metric_batch"
    )]
    async fn create_metric_batch(
        &self,
        #[oai(scope = "Scope::MetricsWrite")] auth: Caller,
        /// Id of the agent.
        agent_id: Path<Id>,
        batch: Batch<NewMetric>,
    ) -> Result<CreateBatchResponse, ApiError> {
        auth.require(Scope::MetricsWrite)?;
        let clock = Clock::now(self.retention);
        batch::store(&self.writer, &auth, agent_id.0, &clock, batch).await
    }
}
