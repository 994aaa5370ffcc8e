//! The index by which a text is found in the messages of logs. It is made and dropped by the operator,
//! because it costs ingest and space, and not everybody searches.
//!
//! It is made partition by partition without locking out writers, and attached to an index of the
//! whole table, which gives it to every partition to come.

use diesel::{QueryableByName, sql_query, sql_types::Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::Connector;

/// The index of the whole table.
const INDEX: &str = "logs_message_idx";

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Makes the index, or what is missing of it. An index that was left half made is made anew.
///
/// # Errors
/// When the role may not make indexes.
pub async fn create(connector: &Connector) -> anyhow::Result<()> {
    let mut connection = connector.unhurried().connect().await?;
    let connection = &mut connection;
    let whole =
        format!("CREATE INDEX IF NOT EXISTS {INDEX} ON ONLY logs USING gin (message gin_trgm_ops)");
    sql_query(whole).execute(connection).await?;
    for partition in missing(connection).await? {
        let index = format!("{partition}_message_idx");
        for statement in [
            format!("DROP INDEX CONCURRENTLY IF EXISTS {index}"),
            format!(
                "CREATE INDEX CONCURRENTLY {index} ON {partition} USING gin (message gin_trgm_ops)"
            ),
            format!("ALTER INDEX {INDEX} ATTACH PARTITION {index}"),
        ] {
            sql_query(statement).execute(connection).await?;
        }
    }
    Ok(())
}

/// Drops the index.
///
/// # Errors
/// When the role may not.
pub async fn drop(connector: &Connector) -> anyhow::Result<()> {
    let mut connection = connector.unhurried().connect().await?;
    let drop = format!("DROP INDEX IF EXISTS {INDEX}");
    sql_query(drop).execute(&mut connection).await?;
    Ok(())
}

/// The partitions that have no part of the index. A maintenance statement: they are of all tenants.
async fn missing(connection: &mut AsyncPgConnection) -> diesel::QueryResult<Vec<String>> {
    let query = format!(
        "SELECT p.inhrelid::regclass::text AS name FROM pg_inherits AS p \
         WHERE p.inhparent = 'logs'::regclass AND NOT EXISTS ( \
            SELECT FROM pg_inherits AS i JOIN pg_index AS x ON x.indexrelid = i.inhrelid \
            WHERE i.inhparent = '{INDEX}'::regclass AND x.indrelid = p.inhrelid) \
         ORDER BY name"
    );
    let names: Vec<Name> = sql_query(query).load(connection).await?;
    Ok(names.into_iter().map(|name| name.name).collect())
}
