//! What the server does by itself: it makes the partitions of the weeks to come, and removes, in
//! small steps, what was marked deleted and what is too old.

use std::time::Duration;

use diesel::QueryResult;
use diesel_async::{AsyncConnection, AsyncPgConnection};

use super::{Db, DbError, partitions};
use crate::{
    agents, configs, idempotency, logs, metrics, prompt_labels, prompts, settings::Retention,
    tool_usage, values::Timestamp,
};

/// Time between two passes.
const INTERVAL: Duration = Duration::from_secs(60);
/// Rows that one transaction removes.
const CHUNK: i64 = 1_000;
/// Agents that one transaction looks at. Each takes some statements, and another server that purges
/// the same ones waits for the whole transaction.
const AGENTS: i64 = 100;

/// Runs until it is dropped. Several servers may: a pass of one finds what another left.
pub async fn run(db: Db, retention: Retention) {
    let mut ticks = tokio::time::interval(INTERVAL);
    loop {
        ticks.tick().await;
        match pass(&db, &retention).await {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "maintenance"),
            Err(error) => tracing::warn!(%error, "maintenance"),
        }
    }
}

/// One pass; answers how many rows it removed.
pub async fn pass(db: &Db, retention: &Retention) -> Result<usize, DbError> {
    if let Err(error) = make_partitions(db).await {
        // There are weeks left to mend it.
        tracing::warn!(%error, "maintenance: the coming weeks' partitions");
    }
    if let Err(error) = remove_expired(db, retention).await {
        // A statement that takes long is in the way; the next pass tries again.
        tracing::warn!(%error, "maintenance: partitions that are too old");
    }
    // A statement that began before the mark may still add children until its timeout.
    let marked_before = Timestamp::now().minus(db.statement_timeout() * 2);
    let mut removed = 0;
    loop {
        let mut connection = db.pooled().await?;
        let chunk = db
            .within(async {
                connection
                    .transaction(async |connection| {
                        let agents = purge_agents(connection, marked_before).await?;
                        Ok(agents + idempotency::purge(connection, CHUNK).await?)
                    })
                    .await
                    .map_err(|error: diesel::result::Error| DbError::from(error))
            })
            .await?;
        if chunk == 0 {
            return Ok(removed);
        }
        removed += chunk;
    }
}

async fn make_partitions(db: &Db) -> Result<(), DbError> {
    let mut connection = db.pooled().await?;
    let make = partitions::make_missing(&mut connection, Timestamp::now());
    let made = db.query(make).await?;
    if made > 0 {
        tracing::info!(made, "maintenance: partitions");
    }
    Ok(())
}

async fn remove_expired(db: &Db, retention: &Retention) -> Result<(), DbError> {
    let kept = [
        ("logs", retention.logs),
        ("metrics", retention.metrics),
        ("tool_usage", retention.tool_usage),
    ];
    for (table, age) in kept {
        let Some(age) = age else { continue };
        let mut connection = db.pooled().await?;
        let cutoff = Timestamp::now().minus(age);
        let remove = partitions::remove_expired(&mut connection, table, cutoff);
        let removed = db.query(remove).await?;
        if removed > 0 {
            tracing::info!(table, removed, "maintenance: partitions that were too old");
        }
    }
    Ok(())
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

fn removed(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
