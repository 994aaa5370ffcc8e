//! The log, and the metrics for Prometheus.

use std::{io::IsTerminal, time::Duration};

use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use prometheus::{
    Encoder, HistogramOpts, HistogramVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder,
};
use tracing_subscriber::{EnvFilter, fmt};

use crate::{db::Db, settings::LogFormat};

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
    let log = fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second start, as tests in one process do, keeps the first log.
    let _already_started = if human {
        log.with_target(false).try_init()
    } else {
        log.json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .try_init()
    };
    Ok(())
}

/// The server's metrics.
#[derive(Clone)]
pub struct Metrics {
    registry: Registry,
    requests: HistogramVec,
    pool: IntGaugeVec,
    database_up: IntGauge,
    database_bytes: IntGauge,
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
        })
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
        let mut text = Vec::new();
        if let Err(error) = TextEncoder::new().encode(&self.registry.gather(), &mut text) {
            tracing::error!(%error, "the metrics cannot be written");
        }
        String::from_utf8(text).unwrap_or_default()
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
