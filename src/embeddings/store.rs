//! All SQL of embeddings; that of their creation, their list and their search is in files of their
//! own.

use diesel::{prelude::*, result::QueryResult, sql_types::Bool};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::{model::Embedding, patch::Content, vector::Vector};
use crate::{
    datasets::store::living,
    db::{TenantId, schema::embeddings},
    raw_json::RawObject,
    values::{Id, Timestamp},
};

mod create;
mod delete;
mod estimate;
mod filter;
mod list;
mod sample;
mod search;
pub use create::{Created, NewRow, WriteError, create};
pub use delete::delete_many;
pub use estimate::{Estimate, estimate};
pub use filter::Condition;
#[cfg(any(test, fuzzing))]
pub use filter::fuzz::check as fuzz_filter;
pub use list::list;
pub use sample::sample;
pub use search::{By, Found, Search, search, search_within};

/// A row as the statements of this file read it.
#[derive(Queryable, Selectable)]
#[diesel(table_name = embeddings)]
struct Row {
    id: Id,
    dataset_id: Id,
    content: String,
    metadata: RawObject,
    embedding: pgvector::Vector,
    version: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<Row> for Embedding {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            dataset_id: row.dataset_id,
            content: row.content,
            metadata: row.metadata,
            embedding: Some(Vector(row.embedding)),
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// An embedding of a living dataset.
macro_rules! one {
    ($tenant:expr, $dataset:expr, $id:expr) => {
        embeddings::table
            .find(($tenant.0, $dataset, $id))
            .filter(living($tenant.0, $dataset))
    };
}

/// An embedding.
pub async fn get(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    dataset: Id,
    id: Id,
) -> QueryResult<Option<Embedding>> {
    let mut connection = connection;
    let row: Option<Row> = one!(tenant, dataset, id)
        .select(Row::as_select())
        .first(&mut connection)
        .await
        .optional()?;
    Ok(row.map(Embedding::from))
}

/// An embedding, locked until the end of the transaction.
pub async fn lock(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    dataset: Id,
    id: Id,
) -> QueryResult<Option<Embedding>> {
    let mut connection = connection;
    let row: Option<Row> = one!(tenant, dataset, id)
        .select(Row::as_select())
        .for_update()
        .first(&mut connection)
        .await
        .optional()?;
    Ok(row.map(Embedding::from))
}

/// Replaces what a locked embedding holds.
pub async fn update(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    dataset: Id,
    id: Id,
    content: &Content,
) -> QueryResult<Embedding> {
    let mut connection = connection;
    let bytes = content.text.len() + content.metadata.encoded_len();
    let row: Row = diesel::update(embeddings::table.find((tenant.0, dataset, id)))
        .set((
            embeddings::content.eq(content.text.as_str()),
            embeddings::metadata.eq(&content.metadata),
            embeddings::embedding.eq(&content.vector),
            embeddings::content_bytes.eq(i32::try_from(bytes).unwrap_or(i32::MAX)),
            embeddings::version.eq(embeddings::version + 1),
            embeddings::updated_at.eq(Timestamp::now()),
        ))
        .returning(Row::as_select())
        .get_result(&mut connection)
        .await?;
    Ok(row.into())
}

/// Removes an embedding that is at one of these versions (`None`: at any); false when there is no such
/// embedding. Whether the dataset lives the count says.
pub async fn delete(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    dataset: Id,
    id: Id,
    versions: Option<&[i64]>,
) -> QueryResult<bool> {
    let mut connection = connection;
    let any = versions.is_none().into_sql::<Bool>();
    let at_version = any.or(embeddings::version.eq_any(versions.unwrap_or_default().to_vec()));
    let gone = diesel::delete(
        embeddings::table
            .find((tenant.0, dataset, id))
            .filter(at_version),
    )
    .execute(&mut connection)
    .await?;
    Ok(gone == 1)
}

/// Removes embeddings of a dataset that nobody can write any more, up to a number, in the order of their
/// ids; answers how many it found. That they were found, and not that this call removed them, tells
/// that there may be more: another server may be removing the same ones.
pub async fn purge(
    connection: &mut AsyncPgConnection,
    tenant: TenantId,
    dataset: Id,
    limit: i64,
) -> QueryResult<usize> {
    let all = || {
        embeddings::table
            .filter(embeddings::tenant_id.eq(tenant.0))
            .filter(embeddings::dataset_id.eq(dataset))
    };
    let found: Vec<Id> = all()
        .select(embeddings::id)
        .order(embeddings::id)
        .limit(limit)
        .load(connection)
        .await?;
    if let Some(last) = found.last() {
        diesel::delete(all().filter(embeddings::id.le(last)))
            .execute(connection)
            .await?;
    }
    Ok(found.len())
}
