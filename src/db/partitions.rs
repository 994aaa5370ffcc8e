//! The weekly partitions of the tables of time-stamped records.
//!
//! They are made well ahead, before the server is ready and by maintenance, so that no row ever comes
//! to a table that has no place for it. There is no default partition: rows in one would block new
//! partitions, and every creation would lock it. What is older than a table's first week is in its
//! history partition.

use chrono::{DateTime, Days, Utc};
use diesel::{
    QueryableByName, sql_query,
    sql_types::{Bool, Text, Timestamptz},
};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};

use super::Connector;
use crate::values::Timestamp;

/// The tables that are partitioned by time.
pub const TABLES: [&str; 3] = ["logs", "metrics", "tool_usage"];
/// Days that the partitions reach ahead, at least: four weeks, and the week that has begun.
const AHEAD: Days = Days::new(35);
const WEEK: Days = Days::new(7);

/// The key of the advisory lock under which one server makes partitions while others wait.
const LOCK: &str = "SELECT pg_advisory_xact_lock(7305809113946219877)";

/// How long the removal of partitions may wait for statements on the table, and hold up those that
/// come after it; else it is tried again with the next pass.
const PATIENCE: &str = "SET LOCAL lock_timeout = '1s'";

#[derive(QueryableByName)]
struct Partition {
    #[diesel(sql_type = Text)]
    name: String,
    /// Its rows lie before this instant.
    #[diesel(sql_type = Timestamptz)]
    end: DateTime<Utc>,
}

/// Makes the partitions that are missing; answers how many. Needs no rights when there are all.
///
/// # Errors
/// When a partition is missing and the role may not make it.
pub async fn prepare(connector: &Connector) -> anyhow::Result<usize> {
    let mut connection = connector.unhurried().connect().await?;
    Ok(make_missing(&mut connection, Timestamp::now()).await?)
}

/// Makes the partitions that are missing for the weeks from here on; answers how many. Several
/// servers may at once. A maintenance statement: partitions are of all tenants.
pub async fn make_missing(
    connection: &mut AsyncPgConnection,
    now: Timestamp,
) -> diesel::QueryResult<usize> {
    let until = now.utc() + AHEAD;
    let mut made = 0;
    for table in TABLES {
        if end(connection, table).await? >= until {
            continue;
        }
        made += connection
            .transaction(async |connection| {
                sql_query(LOCK).execute(connection).await?;
                // Another server may have made them meanwhile.
                let mut from = end(connection, table).await?;
                let mut made = 0;
                while from < until {
                    let to = from + WEEK;
                    make(connection, table, from, to).await?;
                    (from, made) = (to, made + 1);
                }
                Ok::<_, diesel::result::Error>(made)
            })
            .await?;
    }
    Ok(made)
}

/// How many partitions a table has, and where the newest ends.
pub async fn state(
    connection: &mut AsyncPgConnection,
    table: &str,
) -> diesel::QueryResult<(usize, Timestamp)> {
    let partitions = all(connection, table).await?;
    let last = partitions.last().ok_or(diesel::result::Error::NotFound)?;
    Ok((partitions.len(), Timestamp::from(last.end)))
}

/// The end of a table's newest partition.
async fn end(
    connection: &mut AsyncPgConnection,
    table: &str,
) -> diesel::QueryResult<DateTime<Utc>> {
    let newest = all(connection, table).await?.pop();
    newest
        .map(|partition| partition.end)
        .ok_or(diesel::result::Error::NotFound)
}

/// A table's partitions, the history first.
async fn all(
    connection: &mut AsyncPgConnection,
    table: &str,
) -> diesel::QueryResult<Vec<Partition>> {
    // The bound is written in the session's time zone and read in it again. It is read as it is now,
    // and so is null when another server has detached the partition since the statement began.
    let query = format!(
        "SELECT name, \"end\" FROM (SELECT c.relname::text AS name, \
            substring(pg_get_expr(c.relpartbound, c.oid) FROM 'TO \\(''(.*)''\\)')::timestamptz AS \"end\" \
         FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid \
         WHERE i.inhparent = '{table}'::regclass OFFSET 0) AS partitions \
         WHERE \"end\" IS NOT NULL ORDER BY \"end\""
    );
    sql_query(query).load(connection).await
}

/// Removes a table's weeks that ended before an instant, and what is in its history when that did;
/// answers how many partitions it dropped or emptied. The history then reaches to the first week that
/// is left, so that every instant keeps a place. Several servers may at once. A maintenance
/// statement: partitions are of all tenants.
pub async fn remove_expired(
    connection: &mut AsyncPgConnection,
    table: &str,
    cutoff: Timestamp,
) -> diesel::QueryResult<usize> {
    if expired(connection, table, cutoff).await?.is_none() {
        return Ok(0);
    }
    connection
        .transaction(async |connection| {
            sql_query(LOCK).execute(connection).await?;
            sql_query(PATIENCE).execute(connection).await?;
            // Another server may have removed them meanwhile.
            let Some((history, weeks)) = expired(connection, table, cutoff).await? else {
                return Ok(0);
            };
            let mut statements = vec![format!("TRUNCATE {history}")];
            if let Some(last) = weeks.last() {
                let end = last.end.to_rfc3339();
                statements.push(format!("ALTER TABLE {table} DETACH PARTITION {history}"));
                statements.extend(weeks.iter().map(|week| format!("DROP TABLE {}", week.name)));
                statements.push(format!(
                    "ALTER TABLE {table} ATTACH PARTITION {history} \
                     FOR VALUES FROM (MINVALUE) TO ('{end}')"
                ));
            }
            for statement in statements {
                sql_query(statement).execute(connection).await?;
            }
            Ok(1 + weeks.len())
        })
        .await
}

/// The name of a table's history and its weeks that ended before an instant; `None` when there is
/// nothing to remove.
async fn expired(
    connection: &mut AsyncPgConnection,
    table: &str,
    cutoff: Timestamp,
) -> diesel::QueryResult<Option<(String, Vec<Partition>)>> {
    let history = format!("{table}_history");
    let old = all(connection, table).await?.into_iter();
    let old = old.take_while(|partition| partition.end <= cutoff.utc());
    let (histories, weeks): (Vec<_>, Vec<_>) = old.partition(|old| old.name == history);
    if histories.is_empty() {
        return Ok(None);
    }
    let filled = format!("SELECT EXISTS (SELECT FROM {history}) AS filled");
    let filled: Filled = sql_query(filled).get_result(connection).await?;
    Ok((filled.filled || !weeks.is_empty()).then_some((history, weeks)))
}

#[derive(QueryableByName)]
struct Filled {
    #[diesel(sql_type = Bool)]
    filled: bool,
}

/// Makes one partition. To attach a finished table locks out neither readers nor writers.
async fn make(
    connection: &mut AsyncPgConnection,
    table: &str,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> diesel::QueryResult<()> {
    let name = format!("{table}_{}", from.format("%Y%m%d"));
    for statement in [
        format!("CREATE TABLE {name} (LIKE {table} INCLUDING ALL)"),
        format!(
            "ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM ('{}') TO ('{}')",
            from.to_rfc3339(),
            to.to_rfc3339()
        ),
    ] {
        sql_query(statement).execute(connection).await?;
    }
    Ok(())
}
