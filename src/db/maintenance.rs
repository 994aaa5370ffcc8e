//! What the server does by itself: it makes the partitions of the weeks to come, and removes, in
//! small steps, what was marked deleted and what is too old.

use std::time::Duration;

use diesel::QueryResult;
use diesel_async::{AsyncConnection, AsyncPgConnection};

use super::{Db, DbError, partitions};
use crate::{
    agents, configs, datasets, idempotency, logs, metrics, prompt_labels, prompts,
    settings::Retention, telemetry::Metrics, tool_usage, values::Timestamp,
};

/// Time between two passes.
const INTERVAL: Duration = Duration::from_secs(60);
/// Rows that one transaction removes.
const CHUNK: i64 = 1_000;
/// Agents that one transaction looks at. Each takes some statements, and another server that purges
/// the same ones waits for the whole transaction.
const AGENTS: i64 = 100;
/// Datasets that one transaction looks at, for the same reason.
const DATASETS: i64 = 100;

/// What a pass has done.
#[derive(Debug, Default)]
pub struct Pass {
    /// Partitions made for the weeks to come.
    pub made: usize,
    /// Partitions dropped or emptied because they were too old.
    pub expired: usize,
    /// Rows removed of what was marked deleted or had run out.
    pub purged: usize,
    /// What could not be done. The next pass tries again.
    pub errors: Vec<(&'static str, DbError)>,
}

impl Pass {
    fn note<T: Default>(&mut self, what: &'static str, result: Result<T, DbError>) -> T {
        result.unwrap_or_else(|error| {
            self.errors.push((what, error));
            T::default()
        })
    }
}

/// Runs until it is dropped. Several servers may: a pass of one finds what another left.
pub async fn run(db: Db, retention: Retention, metrics: Metrics) {
    let mut ticks = tokio::time::interval(INTERVAL);
    loop {
        ticks.tick().await;
        let pass = pass(&db, &retention).await;
        for (what, error) in &pass.errors {
            tracing::warn!(%error, "maintenance: {what}");
        }
        let Pass {
            made,
            expired,
            purged,
            ..
        } = pass;
        if made + expired + purged > 0 {
            tracing::info!(made, expired, purged, "maintenance");
        }
        metrics.maintained(&pass);
    }
}

/// One pass.
pub async fn pass(db: &Db, retention: &Retention) -> Pass {
    let mut pass = Pass::default();
    // There are weeks left to mend it.
    pass.made = {
        let made = make_partitions(db).await;
        pass.note("the coming weeks' partitions", made)
    };
    for (table, age) in [
        ("logs", retention.logs),
        ("metrics", retention.metrics),
        ("tool_usage", retention.tool_usage),
    ] {
        if let Some(age) = age {
            // A statement that takes long may be in the way.
            let removed = remove_expired(db, table, age).await;
            pass.expired += pass.note("partitions that are too old", removed);
        }
    }
    // A statement that began before the mark may still add children until its timeout.
    let marked_before = Timestamp::now().minus(db.statement_timeout() * 2);
    loop {
        let chunk = purge_chunk(db, marked_before).await;
        match pass.note("rows of what was deleted", chunk) {
            0 => return pass,
            chunk => pass.purged += chunk,
        }
    }
}

async fn make_partitions(db: &Db) -> Result<usize, DbError> {
    let mut connection = db.pooled().await?;
    let make = partitions::make_missing(&mut connection, Timestamp::now());
    db.query(make).await
}

async fn remove_expired(db: &Db, table: &str, age: Duration) -> Result<usize, DbError> {
    let mut connection = db.pooled().await?;
    let cutoff = Timestamp::now().minus(age);
    let remove = partitions::remove_expired(&mut connection, table, cutoff);
    db.query(remove).await
}

/// Removes some rows, in a transaction of its own; answers how many.
async fn purge_chunk(db: &Db, marked_before: Timestamp) -> Result<usize, DbError> {
    let mut connection = db.pooled().await?;
    db.within(async {
        connection
            .transaction(async |connection| {
                let agents = purge_agents(connection, marked_before).await?;
                let datasets = purge_datasets(connection, marked_before).await?;
                Ok(agents + datasets + idempotency::purge(connection, CHUNK).await?)
            })
            .await
            .map_err(|error: diesel::result::Error| DbError::from(error))
    })
    .await
}

/// Removes rows of agents that were marked deleted before an instant, up to [`CHUNK`]: first all
/// that belongs to an agent, then the agent.
async fn purge_agents(
    connection: &mut AsyncPgConnection,
    marked_before: Timestamp,
) -> QueryResult<usize> {
    let mut room = CHUNK;
    for (tenant, agent) in agents::store::marked(connection, marked_before, AGENTS).await? {
        room -= removed(prompt_labels::store::purge(connection, tenant, agent, room).await?);
        room -= removed(prompts::store::purge(connection, tenant, agent, room).await?);
        room -= removed(configs::store::purge(connection, tenant, agent, room).await?);
        room -= removed(logs::store::purge(connection, tenant, agent, room).await?);
        room -= removed(metrics::store::purge(connection, tenant, agent, room).await?);
        room -= removed(tool_usage::store::purge(connection, tenant, agent, room).await?);
        room -= removed(datasets::store::purge(connection, tenant, agent, room).await?);
        if room <= 0 {
            break;
        }
        room -= removed(agents::store::remove(connection, tenant, agent).await?);
        if room <= 0 {
            break;
        }
    }
    Ok(usize::try_from(CHUNK - room).unwrap_or_default())
}

/// Removes rows of datasets that were marked deleted before an instant, up to [`CHUNK`].
async fn purge_datasets(
    connection: &mut AsyncPgConnection,
    marked_before: Timestamp,
) -> QueryResult<usize> {
    let mut room = CHUNK;
    for (tenant, id) in datasets::store::marked(connection, marked_before, DATASETS).await? {
        room -= removed(datasets::store::remove(connection, tenant, id, room).await?);
        if room <= 0 {
            break;
        }
    }
    Ok(usize::try_from(CHUNK - room).unwrap_or_default())
}

fn removed(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
