//! `agentdata serve`.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::Notify,
    time::sleep,
};

use super::Database;
use crate::{
    app::App,
    auth::{client, store},
    datasets::indexes,
    db::{Connector, Db, DbError, maintenance, migrate, partitions},
    embeddings::provider::Provider,
    master_key::MasterKey,
    secret::Secret,
    server,
    settings::{DataSettings, ServeSettings},
    telemetry,
};

/// How often the embedded PostgreSQL is looked after.
const SUPERVISE_EVERY: Duration = Duration::from_secs(1);

/// File descriptors that the server needs beside those of its clients: files, and connections to the database.
const OWN_DESCRIPTORS: u64 = 200;

/// Pause between two tries to reach an outside database at the start.
const KNOCK_EVERY: Duration = Duration::from_secs(1);

/// Serves until a signal stops it.
pub async fn run(data: &DataSettings, settings: &ServeSettings) -> anyhow::Result<()> {
    telemetry::start_log(&data.log, data.log_format)?;
    take_descriptors(settings.limits.max_connections);
    // Before anything slow: a stop that arrives while PostgreSQL starts must not be missed.
    let signals = Signals::listen()?;
    let listener = TcpListener::bind(data.listen)
        .await
        .with_context(|| format!("cannot listen on {}", data.listen))?;
    let address = listener.local_addr()?;
    let master_key = MasterKey::load(data.master_key.as_ref(), &data.home)?;
    let database = Database::open(data, true).await?;
    let (connector, direct) = (database.connector.clone(), database.direct.clone());
    let watched = async {
        let Some(embedded) = &database.embedded else {
            return std::future::pending().await;
        };
        loop {
            sleep(SUPERVISE_EVERY).await;
            if let Err(error) = embedded.ensure_running().await {
                tracing::error!(%error, "the embedded PostgreSQL");
            }
        }
    };
    let served = async {
        if database.embedded.is_none() {
            tokio::select! {
                reached = async { tokio::try_join!(reach(&direct), reach(&connector)) } => reached.map(drop)?,
                () = signals.first() => return Ok(()),
            }
        }
        migrate::run(&direct).await?;
        partitions::prepare(&direct).await?;
        let indexing_on = direct.clone();
        let db = Db::with_direct(connector, direct, data.bounds())?;
        let public_url = data.public_url(address);
        let mut app = App::new(
            db.clone(),
            master_key,
            public_url,
            data.audience.clone(),
            &settings.identity,
        )?;
        app.retention = settings.retention;
        app.provider = Provider::new(&settings.provider)?;
        let issues = app.authenticator.issues();
        let keys = app.authenticator.tokens().keys().load(&db);
        let revocations = async { Ok(app.authenticator.revocations().load(&db).await?) };
        let first = async {
            if issues {
                Ok(client::create_first(&db).await?)
            } else {
                Ok(None)
            }
        };
        let ((), (), first) = tokio::try_join!(keys, revocations, first)?;
        greet(data, address, &app.public_url, first.as_ref(), issues);
        tracing::info!(%address, version = env!("CARGO_PKG_VERSION"), "serving");
        let maintenance = tokio::spawn(maintenance::run(
            db.clone(),
            app.retention,
            app.metrics.clone(),
        ));
        let indexes = tokio::spawn(indexes::run(
            indexing_on,
            settings.indexing,
            Arc::clone(&app.index_wake),
            app.metrics.clone(),
        ));
        let result =
            server::serve(&app, settings, listener, signals.first(), signals.second()).await;
        maintenance.abort();
        indexes.abort();
        db.close().await;
        result
    };
    let result = tokio::select! {
        result = served => result,
        never = watched => never,
    };
    database.during(async { result }).await?;
    tracing::info!("stopped");
    Ok(())
}

/// Takes the file descriptors that so many connections need, as far as the system lets this process have them:
/// most systems begin with 1024.
fn take_descriptors(connections: usize) {
    let wanted = (connections as u64).saturating_add(OWN_DESCRIPTORS);
    let taken = getrlimit(Resource::RLIMIT_NOFILE).and_then(|(soft, hard)| {
        let limit = soft.max(wanted.min(hard));
        setrlimit(Resource::RLIMIT_NOFILE, limit, hard)?;
        Ok(limit)
    });
    match taken {
        Ok(limit) if limit >= wanted => {}
        Ok(limit) => tracing::warn!(
            limit,
            connections,
            "the system allows fewer file descriptors than there may be connections"
        ),
        Err(error) => tracing::warn!(%error, "the limit of file descriptors cannot be raised"),
    }
}

/// Waits until the database lets us in: it may start later than this server.
///
/// # Errors
/// When waiting will not help, as with a wrong password.
async fn reach(connector: &Connector) -> Result<(), DbError> {
    loop {
        match connector.connect().await {
            Ok(_) => return Ok(()),
            Err(DbError::Unavailable(reason)) => {
                tracing::warn!(
                    reason,
                    database = connector.describe(),
                    "waiting for the database"
                );
                sleep(KNOCK_EVERY).await;
            }
            Err(error) => return Err(error),
        }
    }
}

/// Tells people, on standard output, how to begin.
fn greet(
    data: &DataSettings,
    address: SocketAddr,
    url: &str,
    first: Option<&(store::Client, Secret)>,
    issues: bool,
) {
    println!("agentdata serves {url}");
    println!("  docs     {url}/docs");
    println!("  spec     {url}/openapi.json");
    if let Some((client, secret)) = first {
        println!();
        println!("This is the first start. A client was made; its secret is shown this once:");
        println!("  client_id      {}", client.id);
        println!("  client_secret  {}", secret.reveal());
    }
    if let Some(token) = token_command(data, address).filter(|_| issues) {
        println!();
        println!("Try it:");
        println!("  curl -H \"Authorization: Bearer $({token})\" {url}/agents");
    }
    println!();
}

/// A command that prints a token for the server at this address. It repeats what decides where the
/// data is and what tokens say, but no secret: the database's URL and the master key it must find in
/// the environment, as the server did.
fn token_command(data: &DataSettings, address: SocketAddr) -> Option<String> {
    let program = std::env::current_exe().ok()?;
    let mut words = vec![program.to_string_lossy().into_owned(), "token".to_owned()];
    let mut flag = |name: &str, value: String| words.extend([name.to_owned(), value]);
    if data.home != crate::settings::default_home() {
        let home = std::path::absolute(&data.home).ok()?;
        flag("--home", home.to_string_lossy().into_owned());
    }
    if let (None, Some(bin)) = (&data.database_url, &data.postgres_bin) {
        let bin = std::path::absolute(bin).ok()?;
        flag("--postgres-bin", bin.to_string_lossy().into_owned());
    }
    if let Some(public_url) = &data.public_url {
        flag("--public-url", public_url.clone());
    } else if address != default_listen() {
        flag("--listen", address.to_string());
    }
    if let Some(audience) = &data.audience {
        flag("--audience", audience.clone());
    }
    let words: Vec<_> = words.iter().map(|word| shell_quoted(word)).collect();
    Some(words.join(" "))
}

fn default_listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 8080))
}

/// The text as one word of a POSIX shell.
fn shell_quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-:+@%,=".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// The signals that stop the server.
struct Signals {
    first: Arc<Notify>,
    second: Arc<Notify>,
}

impl Signals {
    /// Listens for SIGTERM and SIGINT from now on. The first lets requests finish, the second does
    /// not, the third does what the system does by default.
    fn listen() -> anyhow::Result<Self> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let (first, second) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let order = [Arc::clone(&first), Arc::clone(&second)];
        tokio::spawn(async move {
            for notify in order {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
                notify.notify_one();
            }
        });
        Ok(Self { first, second })
    }

    async fn first(&self) {
        self.first.notified().await;
    }

    async fn second(&self) {
        self.second.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_with_spaces_are_quoted() {
        assert_eq!(shell_quoted("/a/b"), "/a/b");
        assert_eq!(shell_quoted("/it's here"), r"'/it'\''s here'");
    }
}
