//! The parts of the application, put together once.

use std::sync::{Arc, atomic::AtomicBool};

use tokio::sync::Notify;

use crate::{
    agents::{self, api::AgentsApi},
    auth::{
        Authenticator, api::AuthApi, client_api::OauthClientsApi, keys::Keys, limits::RateLimits,
        metadata_api::AuthMetadataApi, outside::Issuers, token::Tokens,
    },
    configs::{api::ConfigsApi, feed::Feed, watch_api::WatchConfigsApi},
    datasets::{api::DatasetsApi, index_api::DatasetIndexApi},
    db::{Connector, Db, coalesce::Reader, group_commit::GroupCommit},
    embeddings::{
        api::EmbeddingsApi, delete_api::DeleteEmbeddingsApi, provider::Provider,
        search_api::EmbeddingSearchApi, transfer_api::TransferEmbeddingsApi,
    },
    health::HealthApi,
    logs::{api::LogsApi, model::Log, stream_api::LogStreamApi},
    master_key::MasterKey,
    metrics::{api::MetricsApi, model::Metric, series_api::MetricSeriesApi},
    prompt_labels::api::PromptLabelsApi,
    prompts::{self, api::PromptsApi, workers::Workers},
    settings::{DataSettings, IdentitySettings, Retention},
    stream::Streams,
    telemetry::Metrics,
    tool_usage::{api::ToolUsageApi, model::ToolUsage, statistics_api::ToolStatisticsApi},
};

/// The parts that handlers use. Making it touches neither network nor database.
#[derive(Clone)]
pub struct App {
    /// The database.
    pub db: Db,
    /// The way of new logs into it.
    pub logs: GroupCommit<Log>,
    /// The way of new data points into it.
    pub data_points: GroupCommit<Metric>,
    /// The way of new calls of tools into it.
    pub tool_usage: GroupCommit<ToolUsage>,
    /// Verifies access tokens.
    pub authenticator: Authenticator,
    /// The server's metrics.
    pub metrics: Metrics,
    /// Threads for work on prompts.
    pub workers: Workers,
    /// The places for streams.
    pub streams: Streams,
    /// Wakes the watchers of configs.
    pub config_feed: Feed,
    /// Seals secrets.
    pub master_key: Arc<MasterKey>,
    /// How long records are kept.
    pub retention: Retention,
    /// What makes vectors of texts.
    pub provider: Option<Provider>,
    /// Wakes who builds the indexes of datasets.
    pub index_wake: Arc<Notify>,
    /// Base URL of the server.
    pub public_url: String,
    /// Set when the server stops.
    pub stopping: Arc<AtomicBool>,
}

impl App {
    /// Puts the parts together. Records are kept for ever, and there is no embedding provider.
    pub fn new(
        db: Db,
        master_key: MasterKey,
        public_url: String,
        audience: Option<String>,
        identity: &IdentitySettings,
    ) -> anyhow::Result<Self> {
        let audience = audience.unwrap_or_else(|| public_url.clone());
        let master_key = Arc::new(master_key);
        let issuers = Issuers::new(&identity.outside, &audience)?;
        let tokens = Tokens::new(
            Keys::new(Arc::clone(&master_key)),
            public_url.clone(),
            audience,
            identity.token_lifetime,
        );
        let streams = Streams::default();
        Ok(Self {
            authenticator: Authenticator::new(
                db.clone(),
                tokens,
                !identity.no_tokens,
                issuers,
                RateLimits::new(identity),
            ),
            logs: GroupCommit::new(db.clone()),
            data_points: GroupCommit::new(db.clone()),
            tool_usage: GroupCommit::new(db.clone()),
            config_feed: Feed::new(db.clone(), streams.clone()),
            streams,
            db,
            metrics: Metrics::new()?,
            workers: Workers::default(),
            retention: Retention::default(),
            provider: None,
            index_wake: Arc::new(Notify::new()),
            master_key,
            public_url,
            stopping: Arc::new(AtomicBool::new(false)),
        })
    }

    /// An application that only describes itself: it has no database and no keys.
    pub fn for_description() -> anyhow::Result<Self> {
        let settings = DataSettings::for_description();
        let connector = Connector::new(
            "postgresql://127.0.0.1/none?sslmode=disable",
            &settings.bounds(),
        )?;
        let db = Db::new(connector, settings.bounds())?;
        let key = MasterKey::throwaway()?;
        Self::new(
            db,
            key,
            "http://127.0.0.1:8080".into(),
            None,
            &IdentitySettings::default(),
        )
    }

    /// The operations on agents.
    pub fn agents_api(&self) -> AgentsApi {
        AgentsApi {
            db: self.db.clone(),
            agents: Reader::new(self.db.clone(), |connection, keys| {
                Box::pin(agents::store::get_many(connection, keys))
            }),
            public_url: self.public_url.clone(),
        }
    }

    /// The operations on logs.
    pub fn logs_api(&self) -> LogsApi {
        LogsApi {
            db: self.db.clone(),
            writer: self.logs.clone(),
            retention: self.retention.logs,
            public_url: self.public_url.clone(),
        }
    }

    /// The operations on logs whose answers go on.
    pub fn log_stream_api(&self) -> LogStreamApi {
        LogStreamApi {
            db: self.db.clone(),
            streams: self.streams.clone(),
        }
    }

    /// The operations on metrics.
    pub fn metrics_api(&self) -> MetricsApi {
        MetricsApi {
            db: self.db.clone(),
            writer: self.data_points.clone(),
            streams: self.streams.clone(),
            retention: self.retention.metrics,
        }
    }

    /// The operations that ask what metrics amount to.
    pub fn metric_series_api(&self) -> MetricSeriesApi {
        MetricSeriesApi {
            db: self.db.clone(),
        }
    }

    /// The operations on tool usage.
    pub fn tool_usage_api(&self) -> ToolUsageApi {
        ToolUsageApi {
            db: self.db.clone(),
            writer: self.tool_usage.clone(),
            streams: self.streams.clone(),
            retention: self.retention.tool_usage,
            public_url: self.public_url.clone(),
        }
    }

    /// The operation that asks what tool usage amounts to.
    pub fn tool_statistics_api(&self) -> ToolStatisticsApi {
        ToolStatisticsApi {
            db: self.db.clone(),
        }
    }

    /// Waits until all rows that were accepted are committed or answered with an error.
    pub async fn drain(&self) {
        tokio::join!(
            self.logs.drain(),
            self.data_points.drain(),
            self.tool_usage.drain()
        );
    }

    /// The operations on prompts.
    pub fn prompts_api(&self) -> PromptsApi {
        PromptsApi {
            db: self.db.clone(),
            prompts: Reader::new(self.db.clone(), |connection, keys| {
                Box::pin(prompts::store::get(connection, keys))
            }),
            public_url: self.public_url.clone(),
            workers: self.workers.clone(),
        }
    }

    /// The operations on labels of prompts.
    pub fn prompt_labels_api(&self) -> PromptLabelsApi {
        PromptLabelsApi {
            db: self.db.clone(),
            labelled: Reader::new(self.db.clone(), |connection, keys| {
                Box::pin(prompts::store::get_by_label(connection, keys))
            }),
            workers: self.workers.clone(),
        }
    }

    /// The operations on datasets.
    pub fn datasets_api(&self) -> DatasetsApi {
        DatasetsApi {
            db: self.db.clone(),
            public_url: self.public_url.clone(),
        }
    }

    /// The operations on the indexes of datasets.
    pub fn dataset_index_api(&self) -> DatasetIndexApi {
        DatasetIndexApi {
            db: self.db.clone(),
            wake: Arc::clone(&self.index_wake),
        }
    }

    /// The operations on embeddings.
    pub fn embeddings_api(&self) -> EmbeddingsApi {
        EmbeddingsApi {
            db: self.db.clone(),
            provider: self.provider.clone(),
        }
    }

    /// The operation that deletes many embeddings.
    pub fn delete_embeddings_api(&self) -> DeleteEmbeddingsApi {
        DeleteEmbeddingsApi {
            db: self.db.clone(),
        }
    }

    /// The operations that take embeddings in and out as lines.
    pub fn transfer_embeddings_api(&self) -> TransferEmbeddingsApi {
        TransferEmbeddingsApi {
            db: self.db.clone(),
            provider: self.provider.clone(),
            streams: self.streams.clone(),
        }
    }

    /// The operations that search embeddings.
    pub fn embedding_search_api(&self) -> EmbeddingSearchApi {
        EmbeddingSearchApi::new(self.db.clone(), self.provider.clone())
    }

    /// The operations on tokens.
    pub fn auth_api(&self) -> AuthApi {
        AuthApi {
            db: self.db.clone(),
            authenticator: self.authenticator.clone(),
        }
    }

    /// What the server says of itself to those who want a token or verify one.
    pub fn auth_metadata_api(&self) -> AuthMetadataApi {
        AuthMetadataApi {
            authenticator: self.authenticator.clone(),
            public_url: self.public_url.clone(),
        }
    }

    /// The operations on clients.
    pub fn oauth_clients_api(&self) -> OauthClientsApi {
        OauthClientsApi {
            db: self.db.clone(),
            authenticator: self.authenticator.clone(),
            public_url: self.public_url.clone(),
        }
    }

    /// The operations on configs.
    pub fn configs_api(&self) -> ConfigsApi {
        ConfigsApi {
            db: self.db.clone(),
            master: Arc::clone(&self.master_key),
            public_url: self.public_url.clone(),
        }
    }

    /// The operation on changes of configs.
    pub fn watch_configs_api(&self) -> WatchConfigsApi {
        WatchConfigsApi {
            db: self.db.clone(),
            feed: self.config_feed.clone(),
        }
    }

    /// Health and metrics.
    pub fn health_api(&self) -> HealthApi {
        HealthApi {
            db: self.db.clone(),
            metrics: self.metrics.clone(),
            stopping: Arc::clone(&self.stopping),
        }
    }
}
