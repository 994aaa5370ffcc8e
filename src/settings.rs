//! Every setting of the server, each a flag and an environment variable.
//!
//! The table in the README is checked against this file by a test.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::{Args, ValueEnum};

pub use self::identity::{Audit, ClaimPath, IdentitySettings, OutsideSettings, ScopeMapping};
use crate::{db::Bounds, secret::Secret};

mod identity;

/// Where the data is: for every command.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Data")]
pub struct DataSettings {
    /// Directory of the master key and of the embedded PostgreSQL's data.
    ///
    /// Default: `/var/lib/agentdata` for root, else `$XDG_DATA_HOME/agentdata` or
    /// `~/.local/share/agentdata`.
    #[arg(long, env = "AGENTDATA_HOME", default_value_os_t = default_home())]
    pub home: PathBuf,

    /// PostgreSQL to use, `postgresql://…` with libpq's parameters; without it the server runs its
    /// own.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<Secret>,

    /// The same database past any pooler, for migrations and notifications. Default: the database URL.
    #[arg(long, env = "DATABASE_DIRECT_URL", hide_env_values = true)]
    pub database_direct_url: Option<Secret>,

    /// Directory of the PostgreSQL programs that the embedded server uses.
    ///
    /// Default: what `make postgres` installed in the home, else what `pg_config` names.
    #[arg(long, env = "AGENTDATA_POSTGRES_BIN")]
    pub postgres_bin: Option<PathBuf>,

    /// TCP port of 127.0.0.1 on which the embedded PostgreSQL listens, beside its Unix socket.
    #[arg(long, env = "AGENTDATA_POSTGRES_PORT")]
    pub postgres_port: Option<u16>,

    /// The key that encrypts signing keys and secrets in the database: 32 bytes in base64.
    ///
    /// Default: the file `master.key` in the home, made on the first start.
    #[arg(long, env = "AGENTDATA_MASTER_KEY", hide_env_values = true)]
    pub master_key: Option<Secret>,

    /// Connections in the pool, for writes and for statements that may take long.
    #[arg(long, env = "AGENTDATA_POOL_SIZE", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub pool_size: u32,

    /// Shared pipelined connections for pages and reads by key, and as many for reads that share a
    /// statement.
    #[arg(long, env = "AGENTDATA_SHARED_CONNECTIONS", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=64))]
    pub shared_connections: u32,

    /// Seconds to wait for a database connection before the answer is 503.
    #[arg(long, env = "AGENTDATA_ACQUIRE_TIMEOUT", default_value = "3", value_parser = seconds)]
    pub acquire_timeout: Duration,

    /// Seconds that the statements of one request may take before the answer is 504.
    #[arg(long, env = "AGENTDATA_STATEMENT_TIMEOUT", default_value = "10", value_parser = seconds)]
    pub statement_timeout: Duration,

    /// Base URL under which clients reach the server: issuer of its tokens, token URL, `Location`.
    ///
    /// Default: `http://` and the listen address.
    #[arg(long, env = "AGENTDATA_PUBLIC_URL")]
    pub public_url: Option<String>,

    /// Audience that access tokens must name. Default: the public URL.
    #[arg(long, env = "AGENTDATA_AUDIENCE")]
    pub audience: Option<String>,

    /// Address to serve on; port 0 picks a free one.
    #[arg(long, env = "AGENTDATA_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,

    /// Minimum level of the log, or a filter such as `agentdata=debug,hyper=info`.
    #[arg(long, env = "AGENTDATA_LOG", default_value = "info")]
    pub log: String,

    /// Form of the log: `auto` is human on a terminal and JSON otherwise.
    #[arg(long, env = "AGENTDATA_LOG_FORMAT", value_enum, default_value_t = LogFormat::Auto)]
    pub log_format: LogFormat,
}

impl DataSettings {
    /// The settings of a program that is never going to serve or connect.
    pub fn for_description() -> Self {
        Self {
            home: PathBuf::new(),
            database_url: None,
            database_direct_url: None,
            postgres_bin: None,
            postgres_port: None,
            master_key: None,
            pool_size: 1,
            shared_connections: 1,
            acquire_timeout: Duration::from_secs(1),
            statement_timeout: Duration::from_secs(1),
            public_url: None,
            audience: None,
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            log: "off".into(),
            log_format: LogFormat::Auto,
        }
    }

    /// The bounds of the database's connections.
    pub fn bounds(&self) -> Bounds {
        Bounds {
            pool_size: self.pool_size as usize,
            shared_connections: self.shared_connections as usize,
            acquire_timeout: self.acquire_timeout,
            statement_timeout: self.statement_timeout,
        }
    }

    /// The public URL without a final slash, for a server that listens on `address`.
    pub fn public_url(&self, address: SocketAddr) -> String {
        self.public_url.as_deref().map_or_else(
            || format!("http://{address}"),
            |url| url.trim_end_matches('/').to_owned(),
        )
    }
}

/// How the server serves: for `agentdata serve`.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Serving")]
pub struct ServeSettings {
    /// Origins that browsers may call from (CORS), comma-separated, or `*`. Default: none.
    #[arg(long, env = "AGENTDATA_CORS_ORIGINS", value_delimiter = ',')]
    pub cors_origins: Vec<String>,

    /// Addresses of reverse proxies whose `X-Forwarded-For` is believed, comma-separated.
    #[arg(long, env = "AGENTDATA_TRUSTED_PROXIES", value_delimiter = ',')]
    pub trusted_proxies: Vec<std::net::IpAddr>,

    /// Serve `/metrics` to everybody instead of to tokens with the scope `admin`.
    #[arg(long, env = "AGENTDATA_OPEN_METRICS")]
    pub open_metrics: bool,

    /// Who issues access tokens.
    #[command(flatten)]
    pub identity: IdentitySettings,

    /// How long records are kept.
    #[command(flatten)]
    pub retention: Retention,

    /// What makes vectors of texts.
    #[command(flatten)]
    pub provider: ProviderSettings,

    /// The indexes of datasets.
    #[command(flatten)]
    pub indexing: Indexing,

    /// The limits of requests and connections.
    #[command(flatten)]
    pub limits: Limits,
}

/// How long records are kept, such as `30d` or `72h`, at least a day. They go by the week, so that
/// the last of them go up to a week later. What is older is not taken any more.
#[derive(Clone, Copy, Debug, Default, Args)]
#[command(next_help_heading = "Retention")]
pub struct Retention {
    /// How long logs are kept, such as `30d` or `72h`. Default: for ever.
    #[arg(long = "retention-logs", env = "AGENTDATA_RETENTION_LOGS", value_parser = age)]
    pub logs: Option<Duration>,

    /// How long metrics are kept. Default: for ever.
    #[arg(long = "retention-metrics", env = "AGENTDATA_RETENTION_METRICS", value_parser = age)]
    pub metrics: Option<Duration>,

    /// How long tool usage is kept. Default: for ever.
    #[arg(long = "retention-tool-usage", env = "AGENTDATA_RETENTION_TOOL_USAGE", value_parser = age)]
    pub tool_usage: Option<Duration>,
}

/// What makes vectors of texts: a service with `OpenAI`'s API for embeddings.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Embedding provider")]
pub struct ProviderSettings {
    /// Base URL of the provider, such as `http://127.0.0.1:11434/v1`; the server asks
    /// `POST {base}/embeddings`. Default: there is none, and embeddings must bring their vectors.
    #[arg(long, env = "AGENTDATA_EMBEDDINGS_URL")]
    pub embeddings_url: Option<String>,

    /// Key that is sent to the provider as a bearer token.
    #[arg(long, env = "AGENTDATA_EMBEDDINGS_KEY", hide_env_values = true)]
    pub embeddings_key: Option<Secret>,

    /// Model for datasets that name none in `embedding_model`.
    #[arg(long, env = "AGENTDATA_EMBEDDINGS_MODEL")]
    pub embeddings_model: Option<String>,

    /// The most texts of one request to the provider.
    #[arg(long, env = "AGENTDATA_EMBEDDINGS_BATCH", default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..=2048))]
    pub embeddings_batch: u16,

    /// Seconds that the provider may take for all that one request of ours needs, retries included,
    /// before the answer is 504.
    #[arg(long, env = "AGENTDATA_EMBEDDINGS_TIMEOUT", default_value = "30", value_parser = seconds)]
    pub embeddings_timeout: Duration,

    /// How often a request is sent again to a provider that cannot be reached, is busy or fails.
    #[arg(long, env = "AGENTDATA_EMBEDDINGS_RETRIES", default_value_t = 2, value_parser = clap::value_parser!(u32).range(0..=10))]
    pub embeddings_retries: u32,
}

/// The indexes of datasets.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Indexes of datasets")]
pub struct Indexing {
    /// A dataset gets an index when it has so many embeddings; it loses it at half as many.
    #[arg(long, env = "AGENTDATA_INDEX_THRESHOLD", default_value_t = 10_000, value_parser = clap::value_parser!(i64).range(1..))]
    pub index_threshold: i64,

    /// MiB of memory that PostgreSQL may take to build an index. Beyond that it goes on, but slowly.
    #[arg(long, env = "AGENTDATA_INDEX_MEMORY", default_value_t = 256, value_parser = clap::value_parser!(u32).range(1..=1_048_576))]
    pub index_memory: u32,
}

/// The limits of requests and connections.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Limits")]
pub struct Limits {
    /// Largest request body in bytes, after inflation.
    #[arg(long, env = "AGENTDATA_MAX_BODY_BYTES", default_value_t = 1024 * 1024)]
    pub max_body_bytes: usize,

    /// Largest body of a batch of records in bytes, after inflation.
    #[arg(long, env = "AGENTDATA_MAX_BATCH_BYTES", default_value_t = 16 * 1024 * 1024)]
    pub max_batch_bytes: usize,

    /// Largest body of new embeddings in bytes, after inflation.
    #[arg(long, env = "AGENTDATA_MAX_EMBEDDINGS_BYTES", default_value_t = 32 * 1024 * 1024)]
    pub max_embeddings_bytes: usize,

    /// Bytes of request bodies in memory at once, over all requests; beyond it the answer is 503.
    #[arg(long, env = "AGENTDATA_BODY_BUDGET", default_value_t = 256 * 1024 * 1024)]
    pub body_budget: usize,

    /// Bytes of answers that wait in memory for their readers, over all connections; beyond it the answer to a
    /// GET is 503.
    #[arg(long, env = "AGENTDATA_ANSWER_BUDGET", default_value_t = 256 * 1024 * 1024)]
    pub answer_budget: usize,

    /// Seconds that a reader may take nothing of its answer before its connection is closed.
    #[arg(long, env = "AGENTDATA_WRITE_TIMEOUT", default_value = "60", value_parser = seconds)]
    pub write_timeout: Duration,

    /// Connections at once; more wait in the listen queue. The server takes the file descriptors for them
    /// that its hard limit allows.
    #[arg(long, env = "AGENTDATA_MAX_CONNECTIONS", default_value_t = 10_000)]
    pub max_connections: usize,

    /// Seconds for a request's head to arrive, and for an idle connection to stay open.
    #[arg(long, env = "AGENTDATA_HEADER_TIMEOUT", default_value = "30", value_parser = seconds)]
    pub header_timeout: Duration,

    /// Seconds for a request's body to arrive.
    #[arg(long, env = "AGENTDATA_BODY_TIMEOUT", default_value = "30", value_parser = seconds)]
    pub body_timeout: Duration,

    /// Seconds for the whole of a request, until its answer begins.
    #[arg(long, env = "AGENTDATA_REQUEST_TIMEOUT", default_value = "60", value_parser = seconds)]
    pub request_timeout: Duration,

    /// Seconds that requests under way have to finish when the server stops.
    #[arg(long, env = "AGENTDATA_SHUTDOWN_TIMEOUT", default_value = "30", value_parser = seconds)]
    pub shutdown_timeout: Duration,
}

/// Form of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Human on a terminal, JSON otherwise.
    Auto,
    /// Lines for people.
    Human,
    /// One JSON object a line.
    Json,
}

/// Days (`30d`) or hours (`72h`).
fn age(text: &str) -> Result<Duration, String> {
    let hours = match (text.strip_suffix('d'), text.strip_suffix('h')) {
        (Some(days), _) => days.parse::<u32>().ok().and_then(|n| n.checked_mul(24)),
        (_, Some(hours)) => hours.parse().ok(),
        _ => None,
    };
    // A hundred years, which is for ever.
    match hours {
        Some(hours) if (24..=876_600).contains(&hours) => {
            Ok(Duration::from_secs(u64::from(hours) * 3_600))
        }
        _ => Err("must be days or hours, at least a day, such as 30d or 72h".into()),
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse::<f64>() {
        Ok(seconds) if (0.001..=86_400.0).contains(&seconds) => {
            Ok(Duration::from_secs_f64(seconds))
        }
        _ => Err("must be a number of seconds from 0.001 to 86400".into()),
    }
}

/// The home when nothing else is said. Root's own directory would be closed to the unprivileged
/// user as which PostgreSQL then runs.
pub fn default_home() -> PathBuf {
    if nix::unistd::geteuid().is_root() {
        return PathBuf::from("/var/lib/agentdata");
    }
    let data = std::env::var_os("XDG_DATA_HOME")
        .filter(|path| !path.is_empty())
        .map(PathBuf::from);
    let user = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/share"));
    data.or(user)
        .unwrap_or_else(|| PathBuf::from("."))
        .join("agentdata")
}

#[cfg(any(test, fuzzing))]
pub mod fuzz;
