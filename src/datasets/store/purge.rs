//! The removal of deleted datasets, in small steps.

use diesel::{prelude::*, result::QueryResult};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::{
    datasets::words::IndexState,
    db::{TenantId, schema::datasets},
    embeddings,
    values::{Id, Timestamp},
};

/// Datasets that were marked deleted before an instant, up to a number. A maintenance statement: it
/// goes over all tenants.
pub async fn marked(
    connection: &mut AsyncPgConnection,
    before: Timestamp,
    limit: i64,
) -> QueryResult<Vec<(TenantId, Id)>> {
    let mut marked = datasets::table
        .filter(datasets::deleted_at.lt(before))
        .select((datasets::tenant_id, datasets::id))
        .limit(limit)
        .load::<(i64, Id)>(connection)
        .await?;
    // Two servers that purge at once meet in one order, and so wait without a deadlock.
    marked.sort_unstable();
    let keys = marked.into_iter();
    Ok(keys.map(|(tenant, id)| (TenantId(tenant), id)).collect())
}

/// Removes a dataset that nobody can write any more: first its embeddings, up to a number, then its
/// row; answers how many rows it found. That they were found, and not that this call removed them,
/// tells that there may be more: another server may be removing the same ones.
pub async fn remove(
    connection: &mut AsyncPgConnection,
    tenant: TenantId,
    id: Id,
    limit: i64,
) -> QueryResult<usize> {
    let found = embeddings::store::purge(connection, tenant, id, limit).await?;
    if i64::try_from(found).unwrap_or(i64::MAX) >= limit {
        return Ok(found);
    }
    // While it has an index, which takes vectors of its shape only, no other may have its id.
    let row = datasets::table
        .find((tenant.0, id))
        .filter(datasets::index_state.eq(IndexState::Exact));
    Ok(found + diesel::delete(row).execute(connection).await?)
}

/// Removes datasets of an agent that is marked deleted, and their embeddings, up to a number of rows;
/// answers how many it found.
pub async fn purge(
    connection: &mut AsyncPgConnection,
    tenant: TenantId,
    agent: Id,
    limit: i64,
) -> QueryResult<usize> {
    let ids: Vec<Id> = datasets::table
        .filter(datasets::tenant_id.eq(tenant.0))
        .filter(datasets::agent_id.eq(agent))
        .order(datasets::id)
        .limit(limit)
        .select(datasets::id)
        .load(connection)
        .await?;
    let mut room = limit;
    for id in &ids {
        if room <= 0 {
            break;
        }
        let found = remove(connection, tenant, *id, room).await?;
        room -= i64::try_from(found).unwrap_or(i64::MAX);
    }
    Ok(usize::try_from(limit - room).unwrap_or_default())
}
