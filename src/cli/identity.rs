//! `agentdata token`, `agentdata client` and `agentdata keys`.

use std::time::Duration;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};

use super::Database;
use crate::{
    app::App,
    auth::{
        client,
        scope::ScopeSet,
        store::{self, Client},
    },
    db::{Db, migrate},
    master_key::MasterKey,
    secret::Secret,
    settings::{DataSettings, IdentitySettings},
};

/// Which token.
#[derive(Debug, Args)]
pub struct TokenArgs {
    /// Name of the client for which the token is.
    #[arg(long, default_value = client::FIRST_CLIENT)]
    client: String,
    /// Tenant of the client.
    #[arg(long, default_value = client::DEFAULT_TENANT)]
    tenant: String,
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
        /// The client.
        #[command(flatten)]
        client: ClientArgs,
        /// Scopes that it may ask for, separated by spaces.
        #[arg(long, value_parser = ScopeSet::parse)]
        scopes: ScopeSet,
    },
    /// List the clients of a tenant.
    List {
        /// The data.
        #[command(flatten)]
        data: DataSettings,
        /// The tenant.
        #[arg(long, default_value = client::DEFAULT_TENANT)]
        tenant: String,
    },
    /// Give a client a new secret, and print it; the present one stays good for a while.
    Rotate {
        /// The client.
        #[command(flatten)]
        client: ClientArgs,
        /// Seconds that the present secret stays good, up to 30 days.
        #[arg(long, default_value_t = 86_400, value_parser = clap::value_parser!(u64).range(0..=2_592_000))]
        overlap: u64,
    },
    /// Delete a client; its tokens end with it.
    Delete {
        /// The client.
        #[command(flatten)]
        client: ClientArgs,
    },
}

/// Which client.
#[derive(Debug, Args)]
pub struct ClientArgs {
    /// The data.
    #[command(flatten)]
    data: DataSettings,
    /// Its name.
    #[arg(long)]
    name: String,
    /// Tenant whose data it works with.
    #[arg(long, default_value = client::DEFAULT_TENANT)]
    tenant: String,
}

/// What to do with signing keys.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Make a new key. Others see it at once, and it signs ten minutes later; servers do it by themselves
    /// by the age of the key.
    Rotate {
        /// The data.
        #[command(flatten)]
        data: DataSettings,
        /// Drop all other keys: for the day when one has leaked. No token that was issued before is good
        /// any more; servers know of it within a minute.
        #[arg(long)]
        drop_others: bool,
    },
}

/// Does some work on the database, once its schema is up to date; it runs for that long if it is the embedded one.
async fn on_database<T>(
    data: &DataSettings,
    work: impl AsyncFnOnce(&Db) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let database = Database::open(data, false).await?;
    let (connector, direct) = (database.connector.clone(), database.direct.clone());
    let work = async {
        migrate::run(&direct).await?;
        let db = Db::new(connector, data.bounds())?;
        let result = work(&db).await;
        db.close().await;
        result
    };
    database.during(work).await
}

/// Carries out `agentdata token`.
pub async fn print_token(data: &DataSettings, args: &TokenArgs) -> anyhow::Result<()> {
    let master_key = MasterKey::load(data.master_key.as_ref(), &data.home)?;
    let token = on_database(data, async |db| {
        let client = named(db, &args.tenant, &args.client).await?;
        let allowed = client.allowed_scopes();
        let scopes = args.scope.unwrap_or(allowed);
        if scopes.is_empty() || !allowed.contains_all(scopes) {
            bail!("the client `{}` may have: {allowed}", client.name);
        }
        let identity = IdentitySettings {
            token_lifetime: Duration::from_secs(args.lifetime),
            ..IdentitySettings::default()
        };
        let app = app(db, data, master_key, &identity)?;
        let tokens = app.authenticator.tokens();
        tokens.keys().load(db).await?;
        tokens.issue(client.id, &client.tenant, scopes)
    });
    println!("{}", token.await?);
    Ok(())
}

/// Carries out `agentdata client`.
pub async fn client(command: ClientCommand) -> anyhow::Result<()> {
    match command {
        ClientCommand::Create { client, scopes } => {
            let ClientArgs { data, name, tenant } = client;
            client::check(&name, scopes, &tenant)?;
            let made = on_database(&data, async |db| {
                Ok(client::create(db, &name, scopes, &tenant).await?)
            });
            let Some((client, secret)) = made.await? else {
                bail!("there is a client named `{name}` in the tenant `{tenant}` already");
            };
            print_secret(&client, &secret);
        }
        ClientCommand::List { data, tenant } => {
            on_database(&data, async |db| list(db, &tenant).await).await?;
        }
        ClientCommand::Rotate { client, overlap } => {
            let ClientArgs { data, name, tenant } = client;
            let rotated = on_database(&data, async |db| {
                let client = named(db, &tenant, &name).await?;
                let overlap = Duration::from_secs(overlap);
                Ok(client::rotate(db, &tenant, client.id, overlap).await?)
            });
            let (client, secret) = rotated.await?.context("the client is gone")?;
            print_secret(&client, &secret);
        }
        ClientCommand::Delete { client } => {
            let ClientArgs { data, name, tenant } = client;
            on_database(&data, async |db| {
                let client = named(db, &tenant, &name).await?;
                client::delete(db, &tenant, client.id).await?;
                Ok(())
            })
            .await?;
            println!("the client `{name}` is deleted");
        }
    }
    Ok(())
}

/// Carries out `agentdata keys`.
pub async fn keys(command: KeysCommand) -> anyhow::Result<()> {
    let KeysCommand::Rotate { data, drop_others } = command;
    let master_key = MasterKey::load(data.master_key.as_ref(), &data.home)?;
    let id = on_database(&data, async |db| {
        let app = app(db, &data, master_key, &IdentitySettings::default())?;
        app.authenticator
            .tokens()
            .keys()
            .rotate(db, drop_others)
            .await
    });
    println!("new signing key {}", id.await?);
    Ok(())
}

fn app(
    db: &Db,
    data: &DataSettings,
    master_key: MasterKey,
    identity: &IdentitySettings,
) -> anyhow::Result<App> {
    let public_url = data.public_url(data.listen);
    App::new(
        db.clone(),
        master_key,
        public_url,
        data.audience.clone(),
        identity,
    )
}

async fn named(db: &Db, tenant: &str, name: &str) -> anyhow::Result<Client> {
    let connection = db.shared().await?;
    let client = store::client_named(&connection, tenant, name).await;
    client
        .context("the clients cannot be read; has the server been started once?")?
        .with_context(|| format!("there is no client named `{name}` in the tenant `{tenant}`"))
}

async fn list(db: &Db, tenant: &str) -> anyhow::Result<()> {
    /// Clients that are read at a time.
    const PAGE: usize = 1_000;
    let connection = db.shared().await?;
    let mut after: Option<String> = None;
    loop {
        let page = db
            .query(store::clients(&connection, tenant, after.as_deref(), PAGE))
            .await?;
        for client in &page.items {
            println!(
                "{}\t{}\t{}",
                client.id,
                client.name,
                client.allowed_scopes()
            );
        }
        after = page.items.last().map(|client| client.name.clone());
        if !page.more {
            return Ok(());
        }
    }
}

fn print_secret(client: &Client, secret: &Secret) {
    println!("client_id={}", client.id);
    println!("client_secret={}", secret.reveal());
}
