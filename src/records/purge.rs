//! The removal of a deleted agent's records, in small steps.

use diesel::{
    QueryResult,
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{BigInt, Timestamptz, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::{
    db::TenantId,
    values::{Id, Timestamp},
};

/// Removes an agent's records from a table, up to a number, in the order of their keys; answers how
/// many it found. That they were found, and not that this call removed them, tells that there may be
/// more: another server may be removing the same ones.
pub async fn purge(
    connection: &mut AsyncPgConnection,
    table: &'static str,
    tenant: TenantId,
    agent: Id,
    limit: i64,
) -> QueryResult<usize> {
    let first = First {
        table,
        tenant: tenant.0,
        agent,
        limit,
    };
    let found: Vec<(Timestamp, Id)> = first.load(connection).await?;
    if let Some((timestamp, id)) = found.last().copied() {
        // Nothing is added for a deleted agent, so these are the ones that were found.
        let delete = DeleteUpTo {
            table,
            tenant: tenant.0,
            agent,
            timestamp,
            id,
        };
        delete.execute(connection).await?;
    }
    Ok(found.len())
}

/// The first keys.
struct First {
    table: &'static str,
    tenant: i64,
    agent: Id,
    limit: i64,
}

/// Deletes up to a key.
struct DeleteUpTo {
    table: &'static str,
    tenant: i64,
    agent: Id,
    timestamp: Timestamp,
    id: Id,
}

impl QueryFragment<Pg> for First {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT timestamp, id FROM ");
        out.push_sql(self.table);
        out.push_sql(" WHERE tenant_id = ");
        out.push_bind_param::<BigInt, _>(&self.tenant)?;
        out.push_sql(" AND agent_id = ");
        out.push_bind_param::<Uuid, _>(&self.agent)?;
        out.push_sql(" ORDER BY timestamp, id LIMIT ");
        out.push_bind_param::<BigInt, _>(&self.limit)
    }
}

impl QueryFragment<Pg> for DeleteUpTo {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("DELETE FROM ");
        out.push_sql(self.table);
        out.push_sql(" WHERE tenant_id = ");
        out.push_bind_param::<BigInt, _>(&self.tenant)?;
        out.push_sql(" AND agent_id = ");
        out.push_bind_param::<Uuid, _>(&self.agent)?;
        // Partitions are passed over by the instant alone.
        out.push_sql(" AND timestamp <= ");
        out.push_bind_param::<Timestamptz, _>(&self.timestamp)?;
        out.push_sql(" AND (timestamp, id) <= (");
        out.push_bind_param::<Timestamptz, _>(&self.timestamp)?;
        out.push_sql(", ");
        out.push_bind_param::<Uuid, _>(&self.id)?;
        out.push_sql(")");
        Ok(())
    }
}

// The statements are known by their texts, one for each table.
impl QueryId for First {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl QueryId for DeleteUpTo {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for First {
    type SqlType = (Timestamptz, Uuid);
}
