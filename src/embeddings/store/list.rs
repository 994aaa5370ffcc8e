//! The SQL of the list of embeddings.

use diesel::{
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    result::QueryResult,
    sql_types::{BigInt, Jsonb, Nullable, Text, Timestamptz, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use pgvector::sql_types::Vector as VectorType;

use super::filter::Condition;
use crate::{
    datasets::model::Dataset,
    db::TenantId,
    embeddings::{
        model::{Embedding, Include},
        vector::Vector,
    },
    page::{MAX_PAGE_BYTES, Page},
    raw_json::RawObject,
    values::{Id, Timestamp},
};

/// About how many bytes an answer has for each embedding, besides its content and its vector.
const FRAME_BYTES: i64 = 350;
/// About how many bytes a number of a vector takes.
const NUMBER_BYTES: i64 = 12;

/// About how many bytes an embedding of the dataset takes in an answer, besides its content.
pub fn frame_bytes(dataset: &Dataset, include: Include) -> i64 {
    let numbers = if include.embedding() {
        i64::from(dataset.dimension.unwrap_or_default())
    } else {
        0
    };
    FRAME_BYTES + NUMBER_BYTES * numbers
}

/// A page of a dataset's embeddings behind one, in the order of their ids. The sizes decide in the
/// database where it ends, so that no more is read than the page may have.
pub async fn list(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    dataset: &Dataset,
    include: Include,
    filter: Option<Condition>,
    after: Option<Id>,
    limit: usize,
) -> QueryResult<Page<Embedding>> {
    let mut connection = connection;
    let list = List {
        tenant: tenant.0,
        dataset: dataset.id,
        after: after.unwrap_or(Id::NIL),
        inclusive: after.is_none(),
        frame: frame_bytes(dataset, include),
        include,
        filter,
        limit: i64::try_from(limit).unwrap_or(i64::MAX),
        bytes: i64::try_from(MAX_PAGE_BYTES).unwrap_or(i64::MAX),
    };
    let rows: Vec<Row> = list.load(&mut connection).await?;
    let behind = rows.as_slice().first().map_or(0, |row| row.7);
    let more = usize::try_from(behind).unwrap_or_default() > rows.len();
    let item = |row: Row| {
        let (id, content, metadata, embedding, version, created_at, updated_at, _) = row;
        Embedding {
            id,
            dataset_id: dataset.id,
            content,
            metadata,
            embedding: embedding.map(Vector),
            version,
            created_at,
            updated_at,
        }
    };
    let items = rows.into_iter().map(item).collect();
    Ok(Page { items, more })
}

/// The last is the number of rows from here on, up to one more than the limit.
type Row = (
    Id,
    String,
    RawObject,
    Option<pgvector::Vector>,
    i64,
    Timestamp,
    Timestamp,
    i64,
);

struct List {
    tenant: i64,
    dataset: Id,
    after: Id,
    /// Whether the page begins with `after` itself: then it is the id before all others.
    inclusive: bool,
    frame: i64,
    include: Include,
    filter: Option<Condition>,
    limit: i64,
    bytes: i64,
}

impl QueryFragment<Pg> for List {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT id, content, metadata, embedding, version, created_at, updated_at, ");
        out.push_sql(
            "found FROM (SELECT *, count(*) OVER () AS found, row_number() OVER upto AS n, ",
        );
        out.push_sql("sum(content_bytes + ");
        out.push_bind_param::<BigInt, _>(&self.frame)?;
        out.push_sql(") OVER upto AS bytes FROM (SELECT id, content, metadata, ");
        out.push_sql(if self.include.embedding() {
            "embedding"
        } else {
            "NULL::vector AS embedding"
        });
        out.push_sql(", content_bytes, version, created_at, updated_at FROM embeddings");
        out.push_sql(" WHERE tenant_id = ");
        out.push_bind_param::<BigInt, _>(&self.tenant)?;
        out.push_sql(" AND dataset_id = ");
        out.push_bind_param::<Uuid, _>(&self.dataset)?;
        out.push_sql(if self.inclusive {
            " AND id >= "
        } else {
            " AND id > "
        });
        out.push_bind_param::<Uuid, _>(&self.after)?;
        out.push_sql(" AND EXISTS (SELECT FROM datasets AS d WHERE d.tenant_id = ");
        out.push_bind_param::<BigInt, _>(&self.tenant)?;
        out.push_sql(" AND d.id = ");
        out.push_bind_param::<Uuid, _>(&self.dataset)?;
        out.push_sql(" AND d.deleted_at IS NULL)");
        if let Some(filter) = &self.filter {
            out.push_sql(" AND ");
            filter.walk_ast(out.reborrow())?;
        }
        out.push_sql(" ORDER BY id LIMIT ");
        out.push_bind_param::<BigInt, _>(&self.limit)?;
        out.push_sql(" + 1) AS stretch WINDOW upto AS (ORDER BY id)) AS page WHERE n <= ");
        out.push_bind_param::<BigInt, _>(&self.limit)?;
        out.push_sql(" AND (n = 1 OR bytes <= ");
        out.push_bind_param::<BigInt, _>(&self.bytes)?;
        out.push_sql(") ORDER BY id");
        Ok(())
    }
}

// The statement is known by its text, of which there are four; with a filter it is not kept.
impl QueryId for List {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for List {
    type SqlType = (
        Uuid,
        Text,
        Jsonb,
        Nullable<VectorType>,
        BigInt,
        Timestamptz,
        Timestamptz,
        BigInt,
    );
}
