//! The weekly partitions of the tables of time-stamped records.
//!
//! They are made well ahead, before the server is ready and by maintenance, so that no row ever comes
//! to a table that has no place for it. There is no default partition: rows in one would block new
//! partitions, and every creation would lock it. What is older than a table's first week is in its
//! history partition.

use chrono::{DateTime, Days, Utc};
use diesel::{QueryableByName, sql_query, sql_types::Timestamptz};
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

#[derive(QueryableByName)]
struct End {
    #[diesel(sql_type = Timestamptz)]
    instant: DateTime<Utc>,
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

/// The end of a table's newest partition.
async fn end(
    connection: &mut AsyncPgConnection,
    table: &str,
) -> diesel::QueryResult<DateTime<Utc>> {
    // The bound is written in the session's time zone and read in it again.
    let query = format!(
        "SELECT max(substring(pg_get_expr(c.relpartbound, c.oid) FROM 'TO \\(''(.*)''\\)')::timestamptz) AS instant \
         FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid \
         WHERE i.inhparent = '{table}'::regclass"
    );
    let end: End = sql_query(query).get_result(connection).await?;
    Ok(end.instant)
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
