//! The schema's migrations: the folders under `migrations/`, in diesel's form, built into the
//! binary.
//!
//! They run statement by statement in one transaction each, because Citus refuses several
//! statements sent as one. A statement ends at a line's final `;` outside of `$$ … $$`. A folder
//! whose `metadata.toml` says `run_in_transaction = false` (for `CREATE INDEX CONCURRENTLY`) runs
//! without one. An advisory lock keeps several servers that start at once from racing.

use anyhow::{Context, bail};
use diesel::{
    migration::{
        Migration, MigrationMetadata, MigrationName, MigrationSource, MigrationVersion,
        Result as MigrationResult,
    },
    pg::Pg,
    sql_types::{Bool, Integer, Text},
};
use diesel_async::{AsyncMigrationHarness, AsyncPgConnection, RunQueryDsl};
use diesel_migrations::MigrationHarness;
use include_dir::{Dir, include_dir};

use super::Connector;

static FOLDERS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/migrations");

/// The key of the advisory lock under which one server migrates while others wait.
const LOCK: &str = "SELECT pg_advisory_lock(7305809113946219876)";
const UNLOCK: &str = "SELECT pg_advisory_unlock(7305809113946219876)";

/// The oldest server that is supported, as `server_version_num` counts.
const OLDEST_SERVER: i32 = 150_000;

/// Where a database's schema stands.
#[derive(Debug, Clone)]
pub struct Status {
    /// The server's version, such as `18.6`.
    pub server_version: String,
    /// Names of the migrations that have run, among those this binary knows.
    pub applied: Vec<String>,
    /// Names of the migrations that have not.
    pub pending: Vec<String>,
}

/// Brings the schema up to date; does nothing, and needs no rights, when it is already. A schema
/// newer than this binary is left alone, so that an older server still runs during an upgrade.
///
/// # Errors
/// When the server is older than 15 or lacks pgvector ≥ 0.8, or a migration fails; the message
/// says what to do.
pub async fn run(connector: &Connector) -> anyhow::Result<Status> {
    let mut connection = connector.unhurried().connect().await?;
    let before = read_status(&mut connection).await?;
    if before.pending.is_empty() {
        return Ok(before);
    }
    check_extension(&mut connection).await?;
    diesel::sql_query(LOCK).execute(&mut *connection).await?;
    let result = run_pending(connector).await;
    diesel::sql_query(UNLOCK).execute(&mut *connection).await?;
    let ran = result.with_context(|| {
        format!(
            "the migrations {} did not run. If the server's role may not change the schema, run \
             `agentdata migrate` with DATABASE_DIRECT_URL naming a role that may",
            before.pending.join(", ")
        )
    })?;
    tracing::info!(migrations = ?ran, "the schema is up to date");
    read_status(&mut connection).await
}

/// Reads where the schema stands.
pub async fn status(connector: &Connector) -> anyhow::Result<Status> {
    read_status(&mut *connector.connect().await?).await
}

async fn run_pending(connector: &Connector) -> anyhow::Result<Vec<String>> {
    let connection = connector.unhurried().connect().await?;
    // diesel's harness is synchronous inside; it must not hold up the runtime's other tasks.
    let ran = tokio::task::spawn_blocking(move || {
        let mut harness = AsyncMigrationHarness::new(connection);
        harness
            .run_pending_migrations(Folders)
            .map(|versions| versions.iter().map(ToString::to_string).collect())
            .map_err(|error| anyhow::anyhow!("{error}"))
    });
    ran.await?
}

#[derive(diesel::QueryableByName)]
struct ServerVersion {
    #[diesel(sql_type = Integer)]
    number: i32,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Bool)]
    migrated: bool,
}

#[derive(diesel::QueryableByName)]
struct TextRow {
    #[diesel(sql_type = Text)]
    value: String,
}

async fn read_status(connection: &mut AsyncPgConnection) -> anyhow::Result<Status> {
    let server: ServerVersion = diesel::sql_query(
        "SELECT current_setting('server_version_num')::int AS number, \
                current_setting('server_version') AS name, \
                to_regclass('__diesel_schema_migrations') IS NOT NULL AS migrated",
    )
    .get_result(connection)
    .await?;
    if server.number < OLDEST_SERVER {
        bail!(
            "the server is PostgreSQL {}; agentdata needs 15 or newer",
            server.name
        );
    }
    let mut versions = Vec::new();
    if server.migrated {
        versions =
            diesel::sql_query("SELECT version::text AS value FROM __diesel_schema_migrations")
                .load::<TextRow>(connection)
                .await?;
    }
    let (applied, pending) = names()?
        .into_iter()
        .partition(|name| versions.iter().any(|row| row.value == version_of(name)));
    Ok(Status {
        server_version: server.name,
        applied,
        pending,
    })
}

async fn check_extension(connection: &mut AsyncPgConnection) -> anyhow::Result<()> {
    let available: Vec<TextRow> = diesel::sql_query(
        "SELECT coalesce(installed_version, default_version) AS value \
         FROM pg_available_extensions WHERE name = 'vector'",
    )
    .load(connection)
    .await?;
    let Some(version) = available.as_slice().first().map(|row| row.value.as_str()) else {
        bail!(
            "the PostgreSQL server has no pgvector; install the extension `vector` 0.8 or newer on it"
        );
    };
    let mut parts = version
        .split('.')
        .map(|part| part.parse::<u32>().unwrap_or(0));
    if (parts.next().unwrap_or(0), parts.next().unwrap_or(0)) < (0, 8) {
        bail!(
            "the PostgreSQL server has pgvector {version}; agentdata needs 0.8 or newer (ALTER EXTENSION vector UPDATE)"
        );
    }
    Ok(())
}

fn names() -> anyhow::Result<Vec<String>> {
    let mut names: Vec<String> = FOLDERS
        .dirs()
        .map(|folder| {
            folder
                .path()
                .to_str()
                .map(str::to_owned)
                .context("a migration's name is not UTF-8")
        })
        .collect::<anyhow::Result<_>>()?;
    names.sort();
    Ok(names)
}

/// diesel's rule: what stands before the first `_`, without `-`.
fn version_of(name: &str) -> String {
    name.split('_').next().unwrap_or_default().replace('-', "")
}

struct Folders;

impl MigrationSource<Pg> for Folders {
    fn migrations(&self) -> MigrationResult<Vec<Box<dyn Migration<Pg>>>> {
        FOLDERS
            .dirs()
            .map(|folder| {
                let name = folder.path().to_string_lossy().into_owned();
                let text = |file: &str| {
                    folder
                        .get_file(folder.path().join(file))
                        .and_then(|file| file.contents_utf8())
                };
                let up = text("up.sql").ok_or_else(|| format!("{name} has no up.sql"))?;
                let outside = text("metadata.toml").is_some_and(|metadata| {
                    metadata
                        .replace(' ', "")
                        .contains("run_in_transaction=false")
                });
                Ok(Box::new(Folder {
                    name: Name(name),
                    up,
                    metadata: Metadata { outside },
                }) as Box<dyn Migration<Pg>>)
            })
            .collect()
    }
}

struct Folder {
    name: Name,
    up: &'static str,
    metadata: Metadata,
}

struct Name(String);

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl MigrationName for Name {
    fn version(&self) -> MigrationVersion<'_> {
        MigrationVersion::from(version_of(&self.0))
    }
}

struct Metadata {
    outside: bool,
}

impl MigrationMetadata for Metadata {
    fn run_in_transaction(&self) -> bool {
        !self.outside
    }
}

impl Migration<Pg> for Folder {
    fn run(
        &self,
        connection: &mut dyn diesel::connection::BoxableConnection<Pg>,
    ) -> MigrationResult<()> {
        for statement in statements(self.up) {
            connection
                .batch_execute(&statement)
                .map_err(|error| format!("{}: {error}\n{statement}", self.name))?;
        }
        Ok(())
    }

    fn revert(&self, _: &mut dyn diesel::connection::BoxableConnection<Pg>) -> MigrationResult<()> {
        Err("migrations only go forward".into())
    }

    fn metadata(&self) -> &dyn MigrationMetadata {
        &self.metadata
    }

    fn name(&self) -> &dyn MigrationName {
        &self.name
    }
}

/// Splits a migration into its statements (see the module's documentation).
fn statements(sql: &str) -> Vec<String> {
    let (mut all, mut current, mut quoted) = (Vec::new(), String::new(), false);
    for line in sql
        .lines()
        .filter(|line| !line.trim_start().starts_with("--"))
    {
        if line.matches("$$").count() % 2 == 1 {
            quoted = !quoted;
        }
        current.push_str(line);
        current.push('\n');
        if !quoted && line.trim_end().ends_with(';') {
            all.push(std::mem::take(&mut current).trim().to_owned());
        }
    }
    if !current.trim().is_empty() {
        all.push(current.trim().to_owned());
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_ends_at_a_final_semicolon_outside_of_dollar_quotes() {
        let sql = "-- note; \nCREATE TABLE a (\n  b int\n);\nDO $$\nBEGIN\n  PERFORM 1;\nEND\n$$;\nSELECT ';' AS c\n";
        assert_eq!(
            statements(sql),
            [
                "CREATE TABLE a (\n  b int\n);",
                "DO $$\nBEGIN\n  PERFORM 1;\nEND\n$$;",
                "SELECT ';' AS c"
            ]
        );
    }

    #[test]
    fn every_migration_has_a_version_and_statements() {
        let names = names().unwrap();
        let mut versions: Vec<_> = names.iter().map(|name| version_of(name)).collect();
        versions.dedup();
        assert_eq!(versions.len(), names.len());
        assert!(
            versions
                .iter()
                .all(|version| version.chars().all(|c| c.is_ascii_digit()))
        );
        assert_eq!(Folders.migrations().unwrap().len(), names.len());
    }
}
