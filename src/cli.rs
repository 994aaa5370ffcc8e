//! The program's commands.

use std::time::Duration;

use anyhow::bail;
use clap::{Parser, Subcommand, ValueEnum};

use crate::{
    app::App,
    datasets::indexes,
    db::{
        Connector, Db,
        embedded::{self, Embedded},
        maintenance, migrate, partitions, search_index,
    },
    openapi,
    prompts::workers::STACK,
    settings::{DataSettings, Indexing, ProviderSettings, Retention, ServeSettings},
    telemetry,
};

mod identity;
mod serve;
mod transfer;

/// How long `agentdata status` waits for the HTTP server.
const PROBE_TIMEOUT: Duration = Duration::from_secs(2);

/// One place for the data of AI agents: an OAuth 2.0-protected HTTP API over PostgreSQL + pgvector.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the API; without DATABASE_URL on a PostgreSQL of its own.
    Serve {
        /// The data.
        #[command(flatten)]
        data: DataSettings,
        /// The serving.
        #[command(flatten)]
        serve: Box<ServeSettings>,
    },
    /// Bring the database's schema up to date, and nothing else.
    Migrate {
        /// The data.
        #[command(flatten)]
        data: DataSettings,
    },
    /// Do what a server does every minute, once: make the partitions of the weeks to come, drop what is
    /// too old, purge what was deleted, build and drop the indexes of datasets.
    Maintain {
        /// The data.
        #[command(flatten)]
        data: DataSettings,
        /// How long records are kept.
        #[command(flatten)]
        retention: Retention,
        /// The indexes of datasets.
        #[command(flatten)]
        indexing: Indexing,
    },
    /// Manage the index by which `q` finds a text in the messages of logs. Without it logs are looked
    /// through one by one.
    LogSearchIndex {
        /// What to do with it.
        #[arg(value_enum)]
        action: IndexAction,
        /// The data.
        #[command(flatten)]
        data: DataSettings,
    },
    /// Store the embeddings of a file in a dataset. Run again, it goes on where it was interrupted.
    Import {
        /// The data.
        #[command(flatten)]
        data: DataSettings,
        /// What makes vectors of texts.
        #[command(flatten)]
        provider: ProviderSettings,
        /// What to import.
        #[command(flatten)]
        import: transfer::ImportArgs,
    },
    /// Write the embeddings of a dataset into a file, as an import takes them. Run again, it goes on where
    /// it was interrupted.
    Export {
        /// The data.
        #[command(flatten)]
        data: DataSettings,
        /// What to export.
        #[command(flatten)]
        export: transfer::ExportArgs,
    },
    /// Say what runs where.
    Status {
        /// The data.
        #[command(flatten)]
        data: DataSettings,
    },
    /// Print an access token for a client of this server, as its operator.
    Token {
        /// The data.
        #[command(flatten)]
        data: DataSettings,
        /// The token.
        #[command(flatten)]
        token: identity::TokenArgs,
    },
    /// Manage the clients that may ask for access tokens.
    Client {
        /// What to do with them.
        #[command(subcommand)]
        command: identity::ClientCommand,
    },
    /// Manage the keys that sign access tokens.
    Keys {
        /// What to do with them.
        #[command(subcommand)]
        command: identity::KeysCommand,
    },
    /// Print the OpenAPI specification; needs no database.
    Openapi {
        /// Its form.
        #[arg(long, value_enum, default_value_t = SpecFormat::Json)]
        format: SpecFormat,
    },
}

/// What to do with an index.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum IndexAction {
    /// Make it, while logs are written and read.
    Create,
    /// Drop it.
    Drop,
}

/// The form of the specification.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum SpecFormat {
    /// JSON.
    Json,
    /// YAML.
    Yaml,
}

/// Carries a command out.
pub fn run(cli: Cli) -> anyhow::Result<()> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(STACK)
        .build()?
        .block_on(async {
            match cli.command {
                Command::Serve { data, serve } => serve::run(&data, &serve).await,
                Command::Migrate { data } => migrate_only(&data).await,
                Command::Maintain {
                    data,
                    retention,
                    indexing,
                } => maintain(&data, &retention, &indexing).await,
                Command::LogSearchIndex { action, data } => log_search_index(&data, action).await,
                Command::Import {
                    data,
                    provider,
                    import,
                } => transfer::import(&data, &provider, &import).await,
                Command::Export { data, export } => transfer::export(&data, &export).await,
                Command::Status { data } => status(&data).await,
                Command::Token { data, token } => identity::print_token(&data, &token).await,
                Command::Client { command } => identity::client(command).await,
                Command::Keys { command } => identity::keys(command).await,
                Command::Openapi { format } => print_spec(format),
            }
        })
}

/// The database of a command: an outside one, or the embedded one while the command runs.
struct Database {
    embedded: Option<Embedded>,
    connector: Connector,
    direct: Connector,
}

impl Database {
    /// `owned` is for `serve`, which starts and stops the embedded server; other commands join one
    /// that runs.
    async fn open(data: &DataSettings, owned: bool) -> anyhow::Result<Self> {
        let bounds = data.bounds();
        if let Some(url) = &data.database_url {
            let direct = data.database_direct_url.as_ref().unwrap_or(url);
            return Ok(Self {
                embedded: None,
                connector: Connector::new(url.reveal(), &bounds)?,
                direct: Connector::new(direct.reveal(), &bounds)?,
            });
        }
        let config = embedded::Config {
            home: data.home.clone(),
            bin_dir: data.postgres_bin.clone(),
            port: data.postgres_port,
            settings: Vec::new(),
        };
        let embedded = if owned {
            Embedded::start(config).await?
        } else {
            Embedded::join_or_start(config).await?
        };
        let connector = Connector::new(&embedded.url(), &bounds)?;
        Ok(Self {
            embedded: Some(embedded),
            direct: connector.clone(),
            connector,
        })
    }

    /// Runs the work, then stops the embedded server if this command started it, whatever came out.
    async fn during<T>(self, work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
        let result = work.await;
        let stopped = match self.embedded {
            Some(embedded) => embedded.stop().await,
            None => Ok(()),
        };
        let value = result?;
        stopped?;
        Ok(value)
    }
}

async fn migrate_only(data: &DataSettings) -> anyhow::Result<()> {
    telemetry::start_log(&data.log, data.log_format)?;
    let database = Database::open(data, false).await?;
    let direct = database.direct.clone();
    let prepare = async {
        let status = migrate::run(&direct).await?;
        partitions::prepare(&direct).await?;
        Ok::<_, anyhow::Error>(status)
    };
    let status = database.during(prepare).await?;
    println!(
        "the schema is up to date: {} migrations",
        status.applied.len()
    );
    Ok(())
}

async fn maintain(
    data: &DataSettings,
    retention: &Retention,
    indexing: &Indexing,
) -> anyhow::Result<()> {
    telemetry::start_log(&data.log, data.log_format)?;
    let database = Database::open(data, false).await?;
    let (connector, direct) = (database.connector.clone(), database.direct.clone());
    let pass = async {
        migrate::run(&direct).await?;
        let db = Db::new(connector, data.bounds())?;
        let indexes = indexes::pass(&direct, indexing).await?;
        let pass = maintenance::pass(&db, retention).await;
        db.close().await;
        Ok((pass, indexes))
    };
    let (pass, indexes) = database.during(pass).await?;
    println!("partitions made     {}", pass.made);
    println!("partitions expired  {}", pass.expired);
    println!("rows purged         {}", pass.purged);
    println!("indexes built       {}", indexes.built);
    println!("indexes dropped     {}", indexes.dropped);
    for (what, error) in &pass.errors {
        eprintln!("{what}: {error}");
    }
    for error in &indexes.errors {
        eprintln!("an index of a dataset: {error}");
    }
    if !pass.errors.is_empty() || !indexes.errors.is_empty() {
        bail!("not everything could be done");
    }
    Ok(())
}

async fn log_search_index(data: &DataSettings, action: IndexAction) -> anyhow::Result<()> {
    telemetry::start_log(&data.log, data.log_format)?;
    let database = Database::open(data, false).await?;
    let direct = database.direct.clone();
    let work = async {
        match action {
            IndexAction::Create => {
                migrate::run(&direct).await?;
                search_index::create(&direct).await
            }
            IndexAction::Drop => search_index::drop(&direct).await,
        }
    };
    database.during(work).await
}

async fn status(data: &DataSettings) -> anyhow::Result<()> {
    let url = data.public_url(data.listen);
    let server = match probe(&url).await {
        Some(code) if code.is_success() => "ready".to_owned(),
        Some(code) => format!("answers {code}"),
        None => "does not run here".to_owned(),
    };
    println!("server      {url}: {server}");
    println!("version     {}", env!("CARGO_PKG_VERSION"));
    println!("home        {}", data.home.display());
    let database = Database::open(data, false).await?;
    let (connector, direct) = (database.connector.clone(), database.direct.clone());
    println!("database    {}", connector.describe());
    if let Some(embedded) = &database.embedded {
        let run = if embedded.is_owner() {
            "started for this command"
        } else {
            "running"
        };
        println!("embedded    PostgreSQL {}, {run}", embedded.version());
        println!("data        {}", embedded.data_dir().display());
        println!("programs    {}", embedded.bin_dir().display());
    }
    let report = async {
        let status = migrate::status(&direct).await?;
        println!("PostgreSQL  {}", status.server_version);
        let db = Db::new(connector, data.bounds())?;
        if let Some(bytes) = telemetry::database_size(&db).await {
            println!("size        {:.1} MB", bytes as f64 / 1e6);
        }
        println!(
            "migrations  {} applied, {} pending",
            status.applied.len(),
            status.pending.len()
        );
        db.close().await;
        Ok(())
    };
    database.during(report).await
}

/// What the HTTP server says of itself; `None` when it does not answer.
async fn probe(url: &str) -> Option<reqwest::StatusCode> {
    let client = reqwest::Client::builder()
        .timeout(PROBE_TIMEOUT)
        .build()
        .ok()?;
    Some(
        client
            .get(format!("{url}/readyz"))
            .send()
            .await
            .ok()?
            .status(),
    )
}

fn print_spec(format: SpecFormat) -> anyhow::Result<()> {
    let spec = openapi::spec(&openapi::service(&App::for_description()?))?;
    match format {
        SpecFormat::Json => print!("{}", openapi::to_json(&spec)?),
        SpecFormat::Yaml => print!("{}", openapi::to_yaml(&spec)?),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
