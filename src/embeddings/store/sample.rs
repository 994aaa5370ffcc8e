//! The SQL that takes embeddings at random.

use diesel::{
    QueryableByName,
    result::QueryResult,
    sql_query,
    sql_types::{BigInt, Integer, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use pgvector::sql_types::Vector;

use crate::{db::TenantId, values::Id};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Uuid)]
    id: Id,
    #[diesel(sql_type = Vector)]
    embedding: pgvector::Vector,
}

/// Some embeddings of a dataset, each as likely as any other, with their vectors.
pub async fn sample(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    dataset: Id,
    count: i32,
) -> QueryResult<Vec<(Id, pgvector::Vector)>> {
    let mut connection = connection;
    // The vectors are read after the lot was cast, and not of all.
    let rows: Vec<Row> = sql_query(
        "SELECT e.id, e.embedding FROM embeddings AS e JOIN ( \
            SELECT id FROM embeddings WHERE tenant_id = $1 AND dataset_id = $2 \
            ORDER BY random() LIMIT $3) AS taken ON taken.id = e.id \
         WHERE e.tenant_id = $1 AND e.dataset_id = $2",
    )
    .bind::<BigInt, _>(tenant.0)
    .bind::<Uuid, _>(dataset)
    .bind::<Integer, _>(count)
    .load(&mut connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.id, row.embedding))
        .collect())
}
