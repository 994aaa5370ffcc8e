//! Whether the server lives, is ready, and how it fares.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use poem_openapi::{
    ApiResponse, Enum, Object, OpenApi,
    payload::{Json, PlainText},
};

use crate::{
    auth::{Caller, Scope},
    db::Db,
    openapi::Tag,
    problem::{ApiError, Problem, ProblemCode, ProblemJson},
    telemetry::Metrics,
};

/// How long the database may take to say that it is there.
const PATIENCE: Duration = Duration::from_secs(2);

/// Health and metrics.
pub struct HealthApi {
    /// The database.
    pub db: Db,
    /// The server's metrics.
    pub metrics: Metrics,
    /// Set when the server stops.
    pub stopping: Arc<AtomicBool>,
}

/// A good state.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename_all = "snake_case")]
pub enum HealthStatus {
    /// All is well.
    Ok,
}

/// The server's state.
#[derive(Debug, Object)]
pub struct Health {
    /// `ok`.
    pub status: HealthStatus,
    /// The server's version.
    pub version: String,
}

fn healthy() -> Json<Health> {
    Json(Health {
        status: HealthStatus::Ok,
        version: env!("CARGO_PKG_VERSION").into(),
    })
}

/// Metrics.
#[derive(ApiResponse)]
pub enum MetricsResponse {
    /// The metrics in the Prometheus text format 0.0.4.
    #[oai(status = 200)]
    Metrics(PlainText<String>),
}

/// Why the server is not ready.
#[derive(ApiResponse)]
pub enum NotReady {
    /// The server is stopping, or its database does not answer.
    #[oai(status = 503)]
    Unavailable(
        ProblemJson,
        /// Seconds to wait before the next try.
        #[oai(header = "Retry-After")]
        String,
    ),
}

#[OpenApi(tag = "Tag::Server")]
impl HealthApi {
    /// Check that the server lives
    ///
    /// Answers as long as the process serves at all; it does not ask the database.
    #[oai(path = "/healthz", method = "get", operation_id = "get_health")]
    async fn get_health(&self) -> Result<Json<Health>, ApiError> {
        Ok(healthy())
    }

    /// Check that the server is ready
    ///
    /// Ready means that the database answers and the server is not stopping.
    #[oai(path = "/readyz", method = "get", operation_id = "get_readiness")]
    async fn get_readiness(&self) -> Result<Json<Health>, NotReady> {
        let not_ready = |detail: &str| {
            let problem = Problem::new(ProblemCode::Unavailable, detail);
            NotReady::Unavailable(problem.into(), "1".into())
        };
        if self.stopping.load(Ordering::Relaxed) {
            return Err(not_ready("The server is stopping."));
        }
        if self.db.answers(PATIENCE).await {
            Ok(healthy())
        } else {
            Err(not_ready("The database does not answer."))
        }
    }

    /// Get the server's metrics
    ///
    /// For Prometheus, which gets its token by itself with the `oauth2` section of its scrape
    /// configuration. The server can be set to serve them without a token.
    #[oai(path = "/metrics", method = "get", operation_id = "get_metrics")]
    async fn get_metrics(
        &self,
        #[oai(scope = "Scope::Admin")] auth: Caller,
    ) -> Result<MetricsResponse, ApiError> {
        auth.require(Scope::Admin)?;
        Ok(MetricsResponse::Metrics(PlainText(
            self.metrics.render(&self.db).await,
        )))
    }
}
