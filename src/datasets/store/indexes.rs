//! The SQL of the indexes of datasets.

use std::collections::HashMap;

use diesel::{
    dsl::case_when,
    prelude::*,
    result::QueryResult,
    sql_query,
    sql_types::{Array, BigInt, Bool, Double, Integer, Nullable, Text, Timestamptz, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::{Row, of_living_agent};
use crate::{
    datasets::{
        model::Dataset,
        words::{Distance, IndexState, Language},
    },
    db::{TenantId, schema::datasets},
    values::{Id, Timestamp},
};

/// With what the names of the indexes begin.
pub const PREFIX: &str = "embeddings_of_one_";

/// A dataset that is to have indexes.
#[derive(Clone, Debug, QueryableByName)]
pub struct Indexed {
    /// Whose it is.
    #[diesel(sql_type = BigInt)]
    pub tenant_id: i64,
    /// Its id.
    #[diesel(sql_type = Uuid)]
    pub id: Id,
    /// Its dimension.
    #[diesel(sql_type = Integer)]
    pub dimension: i32,
    /// Its distance.
    #[diesel(sql_type = Text)]
    pub distance: Distance,
    /// The language of its texts.
    #[diesel(sql_type = Text)]
    pub language: Language,
    /// What is said of its graph.
    #[diesel(sql_type = Text)]
    pub index_state: IndexState,
    /// How often its graph was wanted anew.
    #[diesel(sql_type = Integer)]
    pub index_generation: i32,
}

impl Indexed {
    /// The dataset as it was before its graph was last wanted anew.
    #[must_use]
    pub fn before(&self) -> Self {
        Self {
            index_generation: self.index_generation - 1,
            ..self.clone()
        }
    }
}

#[derive(QueryableByName)]
struct Index {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Bool)]
    valid: bool,
}

#[derive(QueryableByName)]
struct Locked {
    #[diesel(sql_type = Bool)]
    locked: bool,
}

#[derive(QueryableByName)]
struct Leaf {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Progress {
    #[diesel(sql_type = Nullable<Double>)]
    done: Option<f64>,
}

/// Takes a lock of the database for the session; false when another has it. A maintenance statement.
pub async fn lock(connection: &AsyncPgConnection, key: i64) -> QueryResult<bool> {
    let mut connection = connection;
    let lock = sql_query("SELECT pg_try_advisory_lock($1) AS locked").bind::<BigInt, _>(key);
    let locked: Locked = lock.get_result(&mut connection).await?;
    Ok(locked.locked)
}

/// Gives the lock back. A maintenance statement.
pub async fn unlock(connection: &AsyncPgConnection, key: i64) -> QueryResult<()> {
    let mut connection = connection;
    let unlock = sql_query("SELECT pg_advisory_unlock($1)").bind::<BigInt, _>(key);
    unlock.execute(&mut connection).await?;
    Ok(())
}

/// Sets how much memory the building of an index may take. One process builds, in memory of its own:
/// several would need shared memory, of which containers have little. A maintenance statement.
pub async fn set_memory(connection: &AsyncPgConnection, mebibytes: u32) -> QueryResult<()> {
    let mut connection = connection;
    for set in [
        format!("SET maintenance_work_mem = '{mebibytes}MB'"),
        "SET max_parallel_maintenance_workers = 0".into(),
    ] {
        sql_query(set).execute(&mut connection).await?;
    }
    Ok(())
}

/// The datasets that are to have indexes: those of so many embeddings, those of half as many that have
/// some, and those for which somebody wants them. A maintenance statement: it goes over all tenants.
pub async fn wanted(connection: &AsyncPgConnection, threshold: i64) -> QueryResult<Vec<Indexed>> {
    let mut connection = connection;
    sql_query(
        "SELECT d.tenant_id, d.id, d.dimension, d.distance, d.language, d.index_state, \
            d.index_generation \
         FROM datasets AS d JOIN agents AS a ON a.tenant_id = d.tenant_id AND a.id = d.agent_id \
         WHERE d.deleted_at IS NULL AND a.deleted_at IS NULL AND d.embedding_count > 0 \
            AND (d.index_wanted OR d.embedding_count >= $1 \
                OR d.index_state <> 'exact' AND d.embedding_count * 2 >= $1) \
         ORDER BY d.tenant_id, d.id",
    )
    .bind::<BigInt, _>(threshold)
    .load(&mut connection)
    .await
}

/// The indexes that there are, and whether each is good. A maintenance statement: it goes over all tenants.
pub async fn existing(connection: &AsyncPgConnection) -> QueryResult<HashMap<String, bool>> {
    let mut connection = connection;
    let indexes: Vec<Index> = sql_query(
        "SELECT c.relname::text AS name, i.indisvalid AS valid \
         FROM pg_inherits AS p JOIN pg_index AS i ON i.indrelid = p.inhrelid \
            JOIN pg_class AS c ON c.oid = i.indexrelid \
         WHERE p.inhparent = 'embeddings'::regclass AND starts_with(c.relname::text, $1)",
    )
    .bind::<Text, _>(PREFIX)
    .load(&mut connection)
    .await?;
    let indexes = indexes.into_iter().map(|index| (index.name, index.valid));
    Ok(indexes.collect())
}

/// The partition that has a dataset's embeddings. A maintenance statement.
pub async fn leaf(connection: &AsyncPgConnection, dataset: Id) -> QueryResult<String> {
    let mut connection = connection;
    let leaf: Leaf = sql_query(
        "SELECT 'embeddings_' || lpad(n::text, 2, '0') AS name FROM generate_series(0, 15) AS n \
         WHERE satisfies_hash_partition('embeddings'::regclass, 16, n, $1)",
    )
    .bind::<Uuid, _>(dataset)
    .get_result(&mut connection)
    .await?;
    Ok(leaf.name)
}

/// Builds an index. A maintenance statement.
pub async fn build(connection: &AsyncPgConnection, statement: &str) -> QueryResult<()> {
    let mut connection = connection;
    sql_query(statement).execute(&mut connection).await?;
    Ok(())
}

/// Drops an index without locking anybody out. A maintenance statement.
pub async fn drop(connection: &AsyncPgConnection, name: &str) -> QueryResult<()> {
    let mut connection = connection;
    let drop = format!("DROP INDEX CONCURRENTLY IF EXISTS \"{name}\"");
    sql_query(drop).execute(&mut connection).await?;
    Ok(())
}

/// Says of a dataset what its graph is, and when it was built if it just was. False when the dataset is
/// another one by now. A maintenance statement.
pub async fn set_state(
    connection: &AsyncPgConnection,
    dataset: &Indexed,
    state: IndexState,
    built_at: Option<Timestamp>,
) -> QueryResult<bool> {
    let mut connection = connection;
    let set = sql_query(
        "UPDATE datasets SET index_state = $1, index_built_at = coalesce($2, index_built_at), \
            version = version + 1 \
         WHERE tenant_id = $3 AND id = $4 AND dimension = $5 AND distance = $6 \
            AND index_generation = $7 AND deleted_at IS NULL",
    )
    .bind::<Text, _>(state)
    .bind::<Nullable<Timestamptz>, _>(built_at)
    .bind::<BigInt, _>(dataset.tenant_id)
    .bind::<Uuid, _>(dataset.id)
    .bind::<Integer, _>(dataset.dimension)
    .bind::<Text, _>(dataset.distance)
    .bind::<Integer, _>(dataset.index_generation);
    Ok(set.execute(&mut connection).await? == 1)
}

/// Says of every other dataset that it has no graph. A maintenance statement: it goes over all tenants.
pub async fn settle(connection: &AsyncPgConnection, wanted: &[Indexed]) -> QueryResult<()> {
    let mut connection = connection;
    let tenants: Vec<i64> = wanted.iter().map(|dataset| dataset.tenant_id).collect();
    let ids: Vec<Id> = wanted.iter().map(|dataset| dataset.id).collect();
    sql_query(
        "UPDATE datasets SET index_state = 'exact', index_built_at = NULL, version = version + 1 \
         WHERE index_state <> 'exact' AND NOT EXISTS (SELECT FROM unnest($1, $2) AS w (tenant_id, id) \
            WHERE w.tenant_id = datasets.tenant_id AND w.id = datasets.id)",
    )
    .bind::<Array<BigInt>, _>(tenants)
    .bind::<Array<Uuid>, _>(ids)
    .execute(&mut connection)
    .await?;
    Ok(())
}

/// Wants the indexes of a dataset, however few embeddings it has, and if it has a graph a new one; `None`
/// when there is no such dataset.
pub async fn want(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    id: Id,
) -> QueryResult<Option<Dataset>> {
    let mut connection = connection;
    let again = case_when(
        datasets::index_state.eq(IndexState::Ready),
        1.into_sql::<Integer>(),
    )
    .otherwise(0.into_sql::<Integer>());
    let row: Option<Row> = diesel::update(living!(tenant).filter(datasets::id.eq(id)))
        .set((
            datasets::index_wanted.eq(true),
            datasets::index_generation.eq(datasets::index_generation + again),
            datasets::version.eq(datasets::version + 1),
        ))
        .returning(Row::as_select())
        .get_result(&mut connection)
        .await
        .optional()?;
    Ok(row.map(Dataset::from))
}

/// How much of a dataset's graph is built, from 0 to 1; `None` when it is not being built.
pub async fn progress(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    dataset: Id,
) -> QueryResult<Option<f64>> {
    let mut connection = connection;
    // What comes behind the building only waits and validates.
    let rows: Vec<Progress> = sql_query(
        "SELECT CASE WHEN p.phase LIKE 'building%' \
            THEN p.blocks_done::float8 / greatest(p.blocks_total, 1) \
            WHEN p.phase IN ('initializing', 'waiting for writers before build') THEN 0 \
            ELSE 1 END AS done \
         FROM pg_stat_progress_create_index AS p JOIN pg_index AS i ON i.indexrelid = p.index_relid \
            CROSS JOIN pg_get_expr(i.indpred, i.indrelid) AS predicate \
         WHERE strpos(predicate, $1::text) > 0 AND strpos(predicate, $2::text) > 0",
    )
    .bind::<BigInt, _>(tenant.0)
    .bind::<Uuid, _>(dataset)
    .load(&mut connection)
    .await?;
    Ok(rows.into_iter().next().and_then(|row| row.done))
}
