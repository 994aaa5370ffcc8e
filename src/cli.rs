//! The program's commands.

use std::time::Duration;

use anyhow::{Context, bail};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::{
    app::App,
    auth::{client, scope::ScopeSet, store},
    datasets::indexes,
    db::{
        Connector, Db,
        embedded::{self, Embedded},
        maintenance, migrate, partitions, search_index,
    },
    master_key::MasterKey,
    openapi,
    settings::{DataSettings, Indexing, ProviderSettings, Retention, ServeSettings},
    telemetry,
};

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
        token: TokenArgs,
    },
    /// Manage the clients that may ask for access tokens.
    Client {
        /// What to do with them.
        #[command(subcommand)]
        command: ClientCommand,
    },
    /// Print the OpenAPI specification; needs no database.
    Openapi {
        /// Its form.
        #[arg(long, value_enum, default_value_t = SpecFormat::Json)]
        format: SpecFormat,
    },
}

/// Which token.
#[derive(Debug, Args)]
pub struct TokenArgs {
    /// Name of the client for which the token is.
    #[arg(long, default_value = client::FIRST_CLIENT)]
    client: String,
    /// Scopes, separated by spaces. Default: all that the client may have.
    #[arg(long, value_parser = ScopeSet::parse)]
    scope: Option<ScopeSet>,
    /// Seconds that it is good for.
    #[arg(long, default_value_t = 900, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    lifetime: u64,
}

/// What to do with clients.
#[derive(Debug, Subcommand)]
pub enum ClientCommand {
    /// Make a client, and print its id and its secret, which is not to be had again.
    Create {
        /// The data.
        #[command(flatten)]
        data: DataSettings,
        /// Its name.
        #[arg(long)]
        name: String,
        /// Scopes that it may ask for, separated by spaces.
        #[arg(long, value_parser = ScopeSet::parse)]
        scopes: ScopeSet,
        /// Tenant whose data it works with.
        #[arg(long, default_value = client::DEFAULT_TENANT)]
        tenant: String,
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
                Command::Token { data, token } => print_token(&data, &token).await,
                Command::Client {
                    command:
                        ClientCommand::Create {
                            data,
                            name,
                            scopes,
                            tenant,
                        },
                } => create_client(&data, &name, scopes, &tenant).await,
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

async fn print_token(data: &DataSettings, args: &TokenArgs) -> anyhow::Result<()> {
    let master_key = MasterKey::load(data.master_key.as_ref(), &data.home)?;
    let database = Database::open(data, false).await?;
    let connector = database.connector.clone();
    let token = async {
        let db = Db::new(connector, data.bounds())?;
        let connection = db.shared().await?;
        let clients = store::clients(&connection)
            .await
            .context("the clients cannot be read; has the server been started once?")?;
        let Some(client) = clients
            .into_iter()
            .find(|client| client.name == args.client)
        else {
            bail!("there is no client named `{}`", args.client);
        };
        let allowed = client.allowed_scopes();
        let scopes = args.scope.unwrap_or(allowed);
        if scopes.is_empty() || !allowed.contains_all(scopes) {
            bail!("the client `{}` may have: {allowed}", client.name);
        }
        let lifetime = Duration::from_secs(args.lifetime);
        let public_url = data.public_url(data.listen);
        let app = App::new(
            db.clone(),
            master_key,
            public_url,
            data.audience.clone(),
            lifetime,
        )?;
        let tokens = app.authenticator.tokens();
        tokens.keys().load(&db).await?;
        let token = tokens.issue(client.id, &client.tenant, scopes)?;
        db.close().await;
        Ok(token)
    };
    println!("{}", database.during(token).await?);
    Ok(())
}

async fn create_client(
    data: &DataSettings,
    name: &str,
    scopes: ScopeSet,
    tenant: &str,
) -> anyhow::Result<()> {
    let database = Database::open(data, false).await?;
    let (connector, direct) = (database.connector.clone(), database.direct.clone());
    let created = async {
        migrate::run(&direct).await?;
        let db = Db::new(connector, data.bounds())?;
        let created = client::create(&db, name, scopes, tenant).await?;
        db.close().await;
        Ok(created)
    };
    let (client, secret) = database.during(created).await?;
    println!("client_id={}", client.id);
    println!("client_secret={}", secret.reveal());
    Ok(())
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
