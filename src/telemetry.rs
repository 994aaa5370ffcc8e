//! The log, and the metrics for Prometheus.

use std::{cell::OnceCell, fmt, io::IsTerminal, net::IpAddr, sync::Arc, time::Duration};

use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use poem::http::Method;
use prometheus::{
    Encoder, HistogramOpts, HistogramVec, IntCounter, IntGauge, IntGaugeVec, Opts, Registry,
    TextEncoder,
};
use tracing::{Event, Subscriber};
use tracing_subscriber::{
    EnvFilter,
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::{Format, Writer},
    },
    registry::LookupSpan,
};

use self::json_lines::JsonLines;
use crate::{
    auth::Holder,
    datasets::indexes,
    db::{
        Db, DbError,
        maintenance::Pass,
        partitions::{self, TABLES},
    },
    settings::LogFormat,
    values::{Id, Timestamp},
};

mod json_lines;

/// Upper bounds of the latency histogram in seconds.
const BUCKETS: &[f64] = &[
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// Starts the log on standard error.
///
/// # Errors
/// When the filter cannot be read.
pub fn start_log(filter: &str, format: LogFormat) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(filter)?;
    let human = match format {
        LogFormat::Human => true,
        LogFormat::Json => false,
        LogFormat::Auto => std::io::stderr().is_terminal(),
    };
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // A second start, as tests in one process do, keeps the first log.
    let _already_started = if human {
        let colours = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let form = Format::default().with_target(false).with_ansi(colours);
        log.event_format(HumanLines(form)).try_init()
    } else {
        log.event_format(JsonLines).try_init()
    };
    Ok(())
}

tokio::task_local! {
    /// The request that this task answers; the middleware sets it.
    pub static REQUEST: RequestContext;
}

/// What the log says of a request in every line that is written while it is answered. A span could
/// carry that too, but each writes its fields when it begins, and most requests leave no line.
#[derive(Debug)]
pub struct RequestContext {
    id: Id,
    is_safe: bool,
    address: Option<IpAddr>,
    holder: OnceCell<Arc<Holder>>,
}

impl RequestContext {
    /// A request of this id and method from this address, of a client not known yet.
    pub fn new(id: Id, method: &Method, address: Option<IpAddr>) -> Self {
        Self {
            id,
            is_safe: method.is_safe(),
            address,
            holder: OnceCell::new(),
        }
    }
}

/// The id of the request that this task answers, if it answers one.
pub fn request_id() -> Option<Id> {
    REQUEST.try_with(|request| request.id).ok()
}

/// Whether the request that this task answers only reads (RFC 9110 §9.2.1).
pub fn request_is_safe() -> bool {
    REQUEST
        .try_with(|request| request.is_safe)
        .unwrap_or_default()
}

/// Where the request that this task answers comes from.
pub fn request_address() -> Option<IpAddr> {
    REQUEST.try_with(|request| request.address).ok().flatten()
}

/// Says who holds the token of this task's request.
pub fn request_is_of(holder: &Arc<Holder>) {
    // Outside of a request there is nothing to say it of; within one it is said once.
    let _known = REQUEST.try_with(|request| request.holder.set(Arc::clone(holder)));
}

/// Who holds the token of this task's request, once that is known.
pub fn request_holder() -> Option<Arc<Holder>> {
    REQUEST
        .try_with(|request| request.holder.get().map(Arc::clone))
        .ok()
        .flatten()
}

/// The id of this task's request, if it answers one, and who holds its token, once that is known.
fn request_and_holder() -> Option<(Id, Option<Arc<Holder>>)> {
    REQUEST
        .try_with(|request| (request.id, request.holder.get().map(Arc::clone)))
        .ok()
}

/// Lines for people, with the request that they are about at their end.
struct HumanLines(Format);

impl<S, N> FormatEvent<S, N> for HumanLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let Some((id, holder)) = request_and_holder() else {
            return self.0.format_event(context, writer, event);
        };
        let mut line = String::new();
        self.0
            .format_event(context, Writer::new(&mut line), event)?;
        write!(writer, "{} request_id={id}", line.trim_end())?;
        if let Some(holder) = holder {
            write!(writer, " client={:?}", holder.client)?;
        }
        writeln!(writer)
    }
}

/// The server's metrics.
#[derive(Clone)]
pub struct Metrics {
    registry: Registry,
    requests: HistogramVec,
    pool: IntGaugeVec,
    database_up: IntGauge,
    database_bytes: IntGauge,
    partitions: IntGaugeVec,
    partitions_end: IntGaugeVec,
    maintained_at: IntGauge,
    expired: IntCounter,
    purged: IntCounter,
    indexes_built: IntCounter,
    indexes_dropped: IntCounter,
}

impl Metrics {
    /// Fresh metrics, all at zero.
    pub fn new() -> anyhow::Result<Self> {
        let registry = Registry::new();
        let requests = HistogramVec::new(
            HistogramOpts::new(
                "agentdata_http_request_duration_seconds",
                "Time to answer a request",
            )
            .buckets(BUCKETS.to_vec()),
            &["operation", "status"],
        )?;
        let pool = IntGaugeVec::new(
            Opts::new("agentdata_db_pool_connections", "Connections of the pool"),
            &["state"],
        )?;
        let database_up = IntGauge::new("agentdata_db_up", "Whether the database answers")?;
        let database_bytes = IntGauge::new("agentdata_db_size_bytes", "Size of the database")?;
        let partitions = IntGaugeVec::new(
            Opts::new("agentdata_db_partitions", "Partitions of a table"),
            &["table"],
        )?;
        let partitions_end = IntGaugeVec::new(
            Opts::new(
                "agentdata_db_partitions_end_timestamp_seconds",
                "Where the newest partition of a table ends; later records are refused",
            ),
            &["table"],
        )?;
        let maintained_at = IntGauge::new(
            "agentdata_maintenance_last_success_timestamp_seconds",
            "When this server last did all its maintenance",
        )?;
        let expired = IntCounter::new(
            "agentdata_maintenance_expired_partitions_total",
            "Partitions that this server has dropped or emptied because they were too old",
        )?;
        let purged = IntCounter::new(
            "agentdata_maintenance_purged_rows_total",
            "Rows that this server has removed of what was deleted",
        )?;
        let indexes_built = IntCounter::new(
            "agentdata_dataset_indexes_built_total",
            "Indexes of datasets that this server has built",
        )?;
        let indexes_dropped = IntCounter::new(
            "agentdata_dataset_indexes_dropped_total",
            "Indexes of datasets that this server has dropped",
        )?;
        registry.register(Box::new(indexes_built.clone()))?;
        registry.register(Box::new(indexes_dropped.clone()))?;
        registry.register(Box::new(partitions.clone()))?;
        registry.register(Box::new(partitions_end.clone()))?;
        registry.register(Box::new(maintained_at.clone()))?;
        registry.register(Box::new(expired.clone()))?;
        registry.register(Box::new(purged.clone()))?;
        registry.register(Box::new(requests.clone()))?;
        registry.register(Box::new(pool.clone()))?;
        registry.register(Box::new(database_up.clone()))?;
        registry.register(Box::new(database_bytes.clone()))?;
        #[cfg(target_os = "linux")]
        registry.register(Box::new(
            prometheus::process_collector::ProcessCollector::for_self(),
        ))?;
        Ok(Self {
            registry,
            requests,
            pool,
            database_up,
            database_bytes,
            partitions,
            partitions_end,
            maintained_at,
            expired,
            purged,
            indexes_built,
            indexes_dropped,
        })
    }

    /// Counts what a pass over the indexes of datasets has done.
    pub fn indexed(&self, pass: &indexes::Pass) {
        self.indexes_built.inc_by(pass.built as u64);
        self.indexes_dropped.inc_by(pass.dropped as u64);
    }

    /// Counts what a pass of maintenance has done.
    pub fn maintained(&self, pass: &Pass) {
        self.expired.inc_by(pass.expired as u64);
        self.purged.inc_by(pass.purged as u64);
        if pass.errors.is_empty() {
            self.maintained_at.set(Timestamp::now().unix_seconds());
        }
    }

    /// Counts an answered request. `operation` is an operation id, so that there are few.
    pub fn observe(&self, operation: &str, status: u16, duration: Duration) {
        let labels = [operation, &status.to_string()];
        self.requests
            .with_label_values(&labels)
            .observe(duration.as_secs_f64());
    }

    /// All metrics in the Prometheus text format.
    pub async fn render(&self, db: &Db) -> String {
        let (size, idle) = db.pool_status();
        self.pool
            .with_label_values(&["open"])
            .set(size.try_into().unwrap_or(i64::MAX));
        self.pool
            .with_label_values(&["idle"])
            .set(idle.try_into().unwrap_or(i64::MAX));
        let bytes = database_size(db).await;
        self.database_up.set(i64::from(bytes.is_some()));
        self.database_bytes.set(bytes.unwrap_or(0));
        if let Err(error) = self.count_partitions(db).await {
            tracing::debug!(%error, "the partitions cannot be counted");
        }
        let mut text = Vec::new();
        if let Err(error) = TextEncoder::new().encode(&self.registry.gather(), &mut text) {
            tracing::error!(%error, "the metrics cannot be written");
        }
        String::from_utf8(text).unwrap_or_default()
    }
}

impl Metrics {
    async fn count_partitions(&self, db: &Db) -> Result<(), DbError> {
        let mut connection = db.pooled().await?;
        for table in TABLES {
            let state = partitions::state(&mut connection, table);
            let (count, end) = db.query(state).await?;
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            self.partitions.with_label_values(&[table]).set(count);
            let end = end.unix_seconds();
            self.partitions_end.with_label_values(&[table]).set(end);
        }
        Ok(())
    }
}

#[derive(diesel::QueryableByName)]
struct Size {
    #[diesel(sql_type = BigInt)]
    bytes: i64,
}

/// Bytes of the database, or `None` when it does not answer.
pub async fn database_size(db: &Db) -> Option<i64> {
    let mut connection = db.pooled().await.ok()?;
    let size: Size = diesel::sql_query("SELECT pg_database_size(current_database()) AS bytes")
        .get_result(&mut **connection)
        .await
        .ok()?;
    Some(size.bytes)
}
