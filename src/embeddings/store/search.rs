//! The SQL of the search for the nearest embeddings.

use diesel::{
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    result::QueryResult,
    sql_types::{BigInt, Double, Integer, Jsonb, Nullable, Text, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use pgvector::sql_types::Vector as VectorType;

use super::list::frame_bytes;
use crate::{
    datasets::model::{Dataset, Distance},
    db::TenantId,
    embeddings::{
        model::Include,
        search::{FoundEmbedding, score},
        vector::Vector,
    },
    page::{MAX_PAGE_BYTES, Page},
    raw_json::RawObject,
    values::Id,
};

/// What is searched for.
pub struct Search<'a> {
    /// Nearest to this vector.
    pub vector: &'a pgvector::Vector,
    /// So many.
    pub k: i32,
    /// At this distance or nearer.
    pub max_distance: Option<f64>,
    /// With their vectors, or without.
    pub include: Include,
}

/// The embeddings of a dataset that are nearest to a vector, by comparing with every one.
pub async fn search(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    dataset: &Dataset,
    search: &Search<'_>,
) -> QueryResult<Page<FoundEmbedding>> {
    let mut connection = connection;
    let nearest = Nearest {
        tenant: tenant.0,
        dataset: dataset.id,
        dimension: dataset.dimension.unwrap_or_default(),
        distance: dataset.distance,
        search,
        k: search.k.into(),
        max_distance: search.max_distance.unwrap_or(f64::INFINITY),
        frame: frame_bytes(dataset, search.include),
        bytes: i64::try_from(MAX_PAGE_BYTES).unwrap_or(i64::MAX),
    };
    let rows: Vec<Row> = nearest.load(&mut connection).await?;
    let found = rows.as_slice().first().map_or(0, |row| row.5);
    let more = usize::try_from(found).unwrap_or_default() > rows.len();
    let item = |row: Row| {
        let (id, content, metadata, embedding, distance, _) = row;
        FoundEmbedding {
            id,
            content,
            metadata,
            embedding: embedding.map(Vector),
            distance,
            score: score(dataset.distance, distance),
        }
    };
    let items = rows.into_iter().map(item).collect();
    Ok(Page { items, more })
}

/// The last is how many were found in all.
type Row = (Id, String, RawObject, Option<pgvector::Vector>, f64, i64);

struct Nearest<'a> {
    tenant: i64,
    dataset: Id,
    dimension: i32,
    distance: Distance,
    search: &'a Search<'a>,
    k: i64,
    max_distance: f64,
    frame: i64,
    bytes: i64,
}

impl QueryFragment<Pg> for Nearest<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT id, content, metadata, embedding, distance, found FROM (");
        out.push_sql("SELECT *, count(*) OVER () AS found, row_number() OVER upto AS n, ");
        out.push_sql("sum(content_bytes + ");
        out.push_bind_param::<BigInt, _>(&self.frame)?;
        // The limit of the distance comes after that of the number: a vector of another dataset must
        // never meet the operator, which would refuse it.
        out.push_sql(") OVER upto AS bytes FROM (SELECT id, content, metadata, content_bytes, ");
        out.push_sql(if self.search.include.embedding() {
            "embedding, "
        } else {
            "NULL::vector AS embedding, "
        });
        out.push_sql("embedding ");
        out.push_sql(match self.distance {
            Distance::Cosine => "<=>",
            Distance::L2 => "<->",
            Distance::InnerProduct => "<#>",
            Distance::L1 => "<+>",
        });
        out.push_sql(" ");
        out.push_bind_param::<VectorType, _>(self.search.vector)?;
        out.push_sql(" AS distance FROM embeddings WHERE tenant_id = ");
        out.push_bind_param::<BigInt, _>(&self.tenant)?;
        out.push_sql(" AND dataset_id = ");
        out.push_bind_param::<Uuid, _>(&self.dataset)?;
        // The dataset may have been emptied and given another shape since it was looked at.
        out.push_sql(" AND EXISTS (SELECT FROM datasets AS d WHERE d.tenant_id = ");
        out.push_bind_param::<BigInt, _>(&self.tenant)?;
        out.push_sql(" AND d.id = ");
        out.push_bind_param::<Uuid, _>(&self.dataset)?;
        out.push_sql(" AND d.deleted_at IS NULL AND d.dimension = ");
        out.push_bind_param::<Integer, _>(&self.dimension)?;
        out.push_sql(" AND d.distance = ");
        out.push_bind_param::<Text, _>(&self.distance)?;
        out.push_sql(") ORDER BY distance, id LIMIT ");
        out.push_bind_param::<BigInt, _>(&self.k)?;
        out.push_sql(") AS nearest WHERE distance <= ");
        out.push_bind_param::<Double, _>(&self.max_distance)?;
        out.push_sql(" WINDOW upto AS (ORDER BY distance, id)) AS answer WHERE n = 1 OR bytes <= ");
        out.push_bind_param::<BigInt, _>(&self.bytes)?;
        out.push_sql(" ORDER BY distance, id");
        Ok(())
    }
}

// The statement is known by its text, of which there are eight.
impl QueryId for Nearest<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Nearest<'_> {
    type SqlType = (Uuid, Text, Jsonb, Nullable<VectorType>, Double, BigInt);
}
