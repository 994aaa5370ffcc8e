//! The specification: emitted by poem-openapi from the code, normalised once, and the same for
//! everybody: `agentdata openapi`, `/openapi.json`, the clients and the tests.

use poem_openapi::{ContactObject, LicenseObject, OpenApiService, Tags};
use serde_json::{Value, json};

pub use self::routes::Routes;
use crate::{
    agents::api::AgentsApi,
    app::App,
    auth::{api::AuthApi, client_api::OauthClientsApi, metadata_api::AuthMetadataApi},
    configs::{api::ConfigsApi, watch_api::WatchConfigsApi},
    datasets::{api::DatasetsApi, index_api::DatasetIndexApi},
    docs::RootApi,
    embeddings::{
        api::EmbeddingsApi, delete_api::DeleteEmbeddingsApi, search_api::EmbeddingSearchApi,
        transfer_api::TransferEmbeddingsApi,
    },
    health::HealthApi,
    logs::{api::LogsApi, stream_api::LogStreamApi},
    metrics::{api::MetricsApi, series_api::MetricSeriesApi},
    prompt_labels::api::PromptLabelsApi,
    prompts::api::PromptsApi,
    tool_usage::{api::ToolUsageApi, statistics_api::ToolStatisticsApi},
};

mod links;
mod normalise;
mod routes;

/// The groups of operations.
#[derive(Tags)]
pub enum Tag {
    /// AI agents: what each one is.
    Agents,
    /// Logs: what agents said, and when.
    Logs,
    /// Metrics: data points that agents measured.
    Metrics,
    /// Tool usage: the calls that agents made to tools.
    #[oai(rename = "Tool usage")]
    ToolUsage,
    /// Versions of what an agent is told, and the labels on them.
    Prompts,
    /// Access tokens, and the clients that may ask for them (OAuth 2.0).
    Auth,
    /// What agents are configured with: JSON values by key, with every version.
    Configs,
    /// Datasets: what the embeddings in each have in common.
    Datasets,
    /// Embeddings: texts and their vectors, and the search for the nearest.
    Embeddings,
    /// Health and metrics of the server.
    Server,
}

/// All operations. One struct owns all methods of a path, because poem-openapi writes a path that
/// two structs share twice.
pub type Service = OpenApiService<
    (
        AgentsApi,
        LogsApi,
        LogStreamApi,
        MetricsApi,
        MetricSeriesApi,
        ToolUsageApi,
        ToolStatisticsApi,
        PromptsApi,
        PromptLabelsApi,
        // A tuple has room for 16.
        (AuthApi, AuthMetadataApi, OauthClientsApi),
        ConfigsApi,
        WatchConfigsApi,
        (DatasetsApi, DatasetIndexApi),
        (
            EmbeddingsApi,
            DeleteEmbeddingsApi,
            EmbeddingSearchApi,
            TransferEmbeddingsApi,
        ),
        HealthApi,
        RootApi,
    ),
    (),
>;

const DESCRIPTION: &str = "\
One place for the data of AI agents.

**2xx means committed**: what a request wrote is in the database and readable by everybody when its \
answer arrives. **Errors** are `application/problem+json` (RFC 9457) with a `code` for programs and \
the places of the request that break a rule. **Lists** are keyset pages: follow `next_cursor`. \
**Access** needs an OAuth 2.0 access token: `POST /oauth/token` with the `client_credentials` grant. \
Unknown fields and parameters are refused, so that a misspelling is seen at once.";

/// The operations, served by this application.
pub fn service(app: &App) -> Service {
    let apis = (
        app.agents_api(),
        app.logs_api(),
        app.log_stream_api(),
        app.metrics_api(),
        app.metric_series_api(),
        app.tool_usage_api(),
        app.tool_statistics_api(),
        app.prompts_api(),
        app.prompt_labels_api(),
        (
            app.auth_api(),
            app.auth_metadata_api(),
            app.oauth_clients_api(),
        ),
        app.configs_api(),
        app.watch_configs_api(),
        (app.datasets_api(), app.dataset_index_api()),
        (
            app.embeddings_api(),
            app.delete_embeddings_api(),
            app.embedding_search_api(),
            app.transfer_embeddings_api(),
        ),
        app.health_api(),
        RootApi,
    );
    OpenApiService::new(apis, "agentdata", env!("CARGO_PKG_VERSION"))
        .description(DESCRIPTION)
        .license(LicenseObject::new("MIT OR Apache-2.0").identifier("MIT OR Apache-2.0"))
        .contact(ContactObject::new().name("The agentdata contributors"))
}

/// The specification as checked in under `openapi/`. It depends on nothing but the code.
pub fn spec(service: &Service) -> anyhow::Result<Value> {
    normalise::normalise(&service.spec())
}

/// The specification with the URL under which clients reach this server.
pub fn with_public_url(mut spec: Value, public_url: &str) -> Value {
    spec["servers"] = json!([{ "url": public_url }]);
    spec["components"]["securitySchemes"]["oauth2"]["flows"]["clientCredentials"]["tokenUrl"] =
        json!(format!("{public_url}/oauth/token"));
    spec
}

/// Pretty JSON with a final newline.
pub fn to_json(spec: &Value) -> anyhow::Result<String> {
    Ok(format!("{}\n", serde_json::to_string_pretty(spec)?))
}

/// YAML.
pub fn to_yaml(spec: &Value) -> anyhow::Result<String> {
    // serde_json's numbers of arbitrary precision are for itself only; the spec has small ones.
    Ok(serde_yaml_ng::to_string(&plain(spec))?)
}

fn plain(value: &Value) -> serde_yaml_ng::Value {
    use serde_yaml_ng::Value as Yaml;
    match value {
        Value::Null => Yaml::Null,
        Value::Bool(value) => Yaml::Bool(*value),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(integer), _) => Yaml::Number(integer.into()),
            (None, float) => Yaml::Number(float.unwrap_or_default().into()),
        },
        Value::String(text) => Yaml::String(text.clone()),
        Value::Array(items) => Yaml::Sequence(items.iter().map(plain).collect()),
        Value::Object(members) => Yaml::Mapping(
            members
                .iter()
                .map(|(key, value)| (Yaml::String(key.clone()), plain(value)))
                .collect(),
        ),
    }
}
