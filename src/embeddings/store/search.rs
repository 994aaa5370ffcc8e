//! The SQL of searches for embeddings, by vectors and by texts.

use diesel::{
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    result::QueryResult,
    sql_types::{Array, BigInt, Double, Float, Integer, Jsonb, Nullable, Text, Uuid},
};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use pgvector::sql_types::Vector as VectorType;

use super::{filter::Condition, list::frame_bytes};
use crate::{
    datasets::{
        graph::{EF_SEARCH, Graph},
        model::Dataset,
        words::IndexState,
    },
    db::TenantId,
    embeddings::{
        model::Include,
        search::{FoundEmbedding, score},
        vector::Vector,
    },
    page::Page,
    raw_json::RawObject,
    values::Id,
};

/// What is searched for.
pub struct Search<'a> {
    /// By what.
    pub by: By<'a>,
    /// So many.
    pub k: i64,
    /// Of those with such metadata.
    pub filter: Option<Condition>,
    /// With their vectors, or without.
    pub include: Include,
    /// As many as fit so many bytes, but one at least.
    pub room: usize,
}

/// By what is searched.
#[derive(Clone, Copy)]
pub enum By<'a> {
    /// Nearest to a vector, up to a distance.
    Vector {
        /// The vector.
        vector: &'a pgvector::Vector,
        /// The distance.
        max_distance: Option<f64>,
        /// The graph that leads there; `None` to compare with every one.
        graph: Option<Graph>,
    },
    /// With words of a text.
    Text(&'a str),
}

/// What was found.
pub struct Found {
    /// The best, and whether there were more that would not fit the answer.
    pub page: Page<FoundEmbedding>,
    /// Whether as many were met as were asked for, near enough or not; if not, and not every one was looked
    /// at, there may be more.
    pub reached: bool,
}

/// As [`search`], with so many embeddings that a graph keeps in sight. It takes a transaction, and so
/// longer, unless they are as many as for every connection.
pub async fn search_within(
    connection: &mut AsyncPgConnection,
    tenant: TenantId,
    dataset: &Dataset,
    asked: &Search<'_>,
    ef_search: i32,
) -> QueryResult<Found> {
    if ef_search == EF_SEARCH {
        return search(connection, tenant, dataset, asked).await;
    }
    let work = connection.transaction(async |connection| {
        diesel::sql_query("SELECT set_config('hnsw.ef_search', $1, true)")
            .bind::<Text, _>(ef_search.to_string())
            .execute(connection)
            .await?;
        search(connection, tenant, dataset, asked).await
    });
    work.await
}

/// The embeddings of a dataset that fit best: none of one that is gone, has another shape, or no index any more where
/// it is searched by that.
pub async fn search(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    dataset: &Dataset,
    search: &Search<'_>,
) -> QueryResult<Found> {
    let mut connection = connection;
    let candidates = match search.by {
        By::Vector {
            graph: Some(graph), ..
        } => graph.candidates(search.k),
        By::Vector { .. } | By::Text(_) => search.k,
    };
    let best = Best {
        tenant: tenant.0,
        dataset,
        literal: search.filter.is_some() || !matches!(search.by, By::Vector { graph: None, .. }),
        dimension: dataset.dimension.unwrap_or_default(),
        search,
        candidates,
        frame: frame_bytes(dataset, search.include),
        bytes: i64::try_from(search.room).unwrap_or(i64::MAX),
    };
    let rows: Vec<Row> = best.load(&mut connection).await?;
    let first = rows.as_slice().first();
    let met = first.map_or(0, |row| row.6);
    let more = usize::try_from(met).unwrap_or_default() > rows.len();
    let item = |row: Row| {
        let (id, content, metadata, embedding, distance, rank, _) = row;
        FoundEmbedding {
            id,
            content,
            metadata,
            embedding: embedding.map(Vector),
            distance,
            score: distance.map_or(rank, |distance| score(dataset.distance, distance)),
            ranks: None,
        }
    };
    let mut items: Vec<_> = rows.into_iter().map(item).collect();
    let count = items.len();
    if let By::Vector {
        max_distance: Some(farthest),
        ..
    } = search.by
    {
        items.retain(|found| found.distance.is_some_and(|distance| distance <= farthest));
    }
    Ok(Found {
        page: Page {
            // What does not fit is no nearer than what is too far.
            more: more && items.len() == count,
            items,
        },
        reached: met >= search.k,
    })
}

/// The last is how many were met in all.
type Row = (
    Id,
    String,
    RawObject,
    Option<pgvector::Vector>,
    Option<f64>,
    f64,
    i64,
);

struct Best<'a> {
    tenant: i64,
    dataset: &'a Dataset,
    literal: bool,
    dimension: i32,
    search: &'a Search<'a>,
    candidates: i64,
    frame: i64,
    bytes: i64,
}

/// The vector that is asked for, which is bound once. It is bound as an array, because for a parameter of a type of an
/// extension diesel-async encodes all parameters several times.
const ASKED: &str = " (SELECT vector FROM asked)";

impl Best<'_> {
    /// Of what tenant and dataset. As text they match the predicates of the dataset's indexes, and the
    /// planner knows the partition, once for all that is asked of this dataset.
    fn scope<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        if self.literal {
            out.push_sql(&format!(
                "tenant_id = {} AND dataset_id = '{}'",
                self.tenant, self.dataset.id
            ));
            return Ok(());
        }
        out.push_sql("tenant_id = ");
        out.push_bind_param::<BigInt, _>(&self.tenant)?;
        out.push_sql(" AND dataset_id = ");
        out.push_bind_param::<Uuid, _>(&self.dataset.id)
    }

    /// Those that may be found, in the order in which they are looked at.
    fn candidates<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT id, content, metadata, content_bytes, ");
        out.push_sql(if self.search.include.embedding() {
            "embedding, "
        } else {
            "NULL::vector AS embedding, "
        });
        match self.search.by {
            By::Vector { .. } => {
                out.push_sql("embedding ");
                out.push_sql(self.dataset.distance.operator());
                out.push_sql(ASKED);
                out.push_sql(" AS distance, 0::double precision AS rank");
            }
            By::Text(ref text) => {
                out.push_sql("NULL::double precision AS distance, ts_rank(");
                self.words_of_content(out);
                out.push_sql(", ");
                self.words(out, text)?;
                // 1: what is longer is not better for that alone.
                out.push_sql(", 1)::double precision AS rank");
            }
        }
        out.push_sql(" FROM embeddings WHERE ");
        self.scope(out)?;
        // Since it was looked at the dataset may have been deleted, or emptied and given another shape, or lost its index.
        out.push_sql(" AND EXISTS (SELECT FROM datasets AS d WHERE d.tenant_id = ");
        out.push_bind_param::<BigInt, _>(&self.tenant)?;
        out.push_sql(" AND d.id = ");
        out.push_bind_param::<Uuid, _>(&self.dataset.id)?;
        out.push_sql(" AND d.deleted_at IS NULL AND d.dimension = ");
        out.push_bind_param::<Integer, _>(&self.dimension)?;
        out.push_sql(" AND d.distance = ");
        out.push_bind_param::<Text, _>(&self.dataset.distance)?;
        if matches!(self.search.by, By::Vector { graph: Some(_), .. }) {
            out.push_sql(" AND d.index_state = ");
            out.push_bind_param::<Text, _>(&IndexState::Ready)?;
        }
        out.push_sql(
            " AND EXISTS (SELECT FROM agents AS a WHERE a.tenant_id = d.tenant_id AND a.id = d.agent_id \
             AND a.deleted_at IS NULL))",
        );
        if let Some(filter) = &self.search.filter {
            out.push_sql(" AND ");
            filter.walk_ast(out.reborrow())?;
        }
        match self.search.by {
            By::Vector { graph: None, .. } => out.push_sql(" ORDER BY distance, id"),
            By::Vector {
                graph: Some(graph), ..
            } => {
                let (before, behind) = graph.around();
                out.push_sql(&format!(
                    " ORDER BY {before}embedding{behind} {} {before}{ASKED}{behind}",
                    graph.operator()
                ));
            }
            By::Text(ref text) => {
                out.push_sql(" AND ");
                self.words_of_content(out);
                out.push_sql(" @@ ");
                self.words(out, text)?;
                out.push_sql(" ORDER BY rank DESC, id");
            }
        }
        out.push_sql(" LIMIT ");
        if self.literal {
            // A plan for any number would be one for many, and not lead through the index.
            out.push_sql(&self.candidates.to_string());
            return Ok(());
        }
        out.push_bind_param::<BigInt, _>(&self.candidates)
    }

    fn words_of_content(&self, out: &mut AstPass<'_, '_, Pg>) {
        let language = self.dataset.language.as_str();
        out.push_sql(&format!("to_tsvector('{language}', content)"));
    }

    /// A query for any of the words of a text. `plainto_tsquery` would want them all.
    fn words<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>, text: &'b &str) -> QueryResult<()> {
        let language = self.dataset.language.as_str();
        out.push_sql(
            "(SELECT coalesce(string_agg('''' || replace(replace(word, '\\', '\\\\'), '''', '''''') \
             || '''', ' | '), '')::tsquery FROM unnest(tsvector_to_array(to_tsvector('",
        );
        out.push_sql(language);
        out.push_sql("', ");
        out.push_bind_param::<Text, _>(*text)?;
        out.push_sql("))) AS word)");
        Ok(())
    }
}

impl QueryFragment<Pg> for Best<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let order = match self.search.by {
            By::Vector { .. } => "distance, id",
            By::Text(_) => "rank DESC, id",
        };
        if let By::Vector { vector, .. } = self.search.by {
            out.push_sql("WITH asked AS MATERIALIZED (SELECT ");
            out.push_bind_param::<Array<Float>, _>(vector.as_slice())?;
            out.push_sql("::vector AS vector) ");
        }
        out.push_sql(
            "SELECT id, content, metadata, embedding, distance, rank, met FROM (\
             SELECT *, count(*) OVER () AS met, row_number() OVER upto AS n, sum(content_bytes + ",
        );
        out.push_bind_param::<BigInt, _>(&self.frame)?;
        out.push_sql(") OVER upto AS bytes FROM (SELECT * FROM (");
        self.candidates(&mut out)?;
        out.push_sql(") AS candidate ORDER BY ");
        out.push_sql(order);
        out.push_sql(" LIMIT ");
        out.push_bind_param::<BigInt, _>(&self.search.k)?;
        out.push_sql(") AS best WINDOW upto AS (ORDER BY ");
        out.push_sql(order);
        out.push_sql(")) AS answer WHERE n = 1 OR bytes <= ");
        out.push_bind_param::<BigInt, _>(&self.bytes)?;
        out.push_sql(" ORDER BY ");
        out.push_sql(order);
        Ok(())
    }
}

// The statement is known by its text.
impl QueryId for Best<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Best<'_> {
    type SqlType = (
        Uuid,
        Text,
        Jsonb,
        Nullable<VectorType>,
        Nullable<Double>,
        Double,
        BigInt,
    );
}
