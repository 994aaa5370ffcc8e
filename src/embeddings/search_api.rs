//! The operations that search embeddings.

use std::sync::Arc;

use poem_openapi::{ApiResponse, OpenApi, param::Path};
use quick_cache::sync::Cache;

use super::{
    answer::{self, Query},
    api::find,
    provider::Provider,
    search::{
        FoundEmbedding, FoundEmbeddings, FoundManyEmbeddings, SearchEmbeddings,
        SearchManyEmbeddings,
    },
};
use crate::{
    auth::{Caller, Scope},
    body::Body,
    datasets::model::Dataset,
    db::{Db, TenantId},
    json::Json,
    openapi::Tag,
    page::MAX_PAGE_BYTES,
    problem::ApiError,
    values::{Id, JsonObject},
};

/// So many datasets are remembered.
const KNOWN_DATASETS: usize = 1_000;

/// The operations that search embeddings.
pub struct EmbeddingSearchApi {
    db: Db,
    provider: Option<Provider>,
    /// Datasets with an index, as they were found the last time.
    known: Cache<(TenantId, Id), Arc<Dataset>>,
}

impl EmbeddingSearchApi {
    /// Searches in a database, with vectors of texts by a provider.
    pub fn new(db: Db, provider: Option<Provider>) -> Self {
        let known = Cache::new(KNOWN_DATASETS);
        Self {
            db,
            provider,
            known,
        }
    }
}

/// What a search has found.
#[derive(ApiResponse)]
pub enum SearchEmbeddingsResponse {
    /// The embeddings: `k` of them when the dataset has as many that match.
    #[oai(status = 200)]
    Found(Json<FoundEmbeddings>),
}

/// What several searches have found.
#[derive(ApiResponse)]
pub enum SearchManyEmbeddingsResponse {
    /// For each search what it has found.
    #[oai(status = 200)]
    Found(Json<FoundManyEmbeddings>),
}

#[OpenApi(tag = "Tag::Embeddings")]
impl EmbeddingSearchApi {
    /// Search embeddings
    ///
    /// Finds the embeddings of a dataset that fit best: those nearest to a vector or to a text by the
    /// dataset's `distance` (mode `vector`), those with words of a text (`text`), or the best of both
    /// (`hybrid`). A dataset with an index is searched by it, and by comparing with every embedding where
    /// the index does not find `k`: there are never fewer than `k` when `k` match.
    #[oai(
        path = "/datasets/:dataset_id/embeddings/search",
        method = "post",
        operation_id = "search_embeddings"
    )]
    async fn search_embeddings(
        &self,
        #[oai(scope = "Scope::EmbeddingsRead")] auth: Caller,
        /// Id of the dataset.
        dataset_id: Path<Id>,
        body: Body<SearchEmbeddings>,
    ) -> Result<SearchEmbeddingsResponse, ApiError> {
        auth.require(Scope::EmbeddingsRead)?;
        let asked = [(String::new(), &*body)];
        let results = self.search(auth.tenant_id(), dataset_id.0, &asked).await?;
        let found = results.into_iter().next();
        found
            .map(|found| SearchEmbeddingsResponse::Found(Json(found)))
            .ok_or_else(ApiError::internal)
    }

    /// Search embeddings several times
    ///
    /// Up to 100 searches of one dataset in one request; the answer has the results in their order, and all of
    /// them together end at 8 MiB, but for the best of each. Each may take as long as a statement may.
    #[oai(
        path = "/datasets/:dataset_id/embeddings/search/batch",
        method = "post",
        operation_id = "search_embeddings_batch"
    )]
    async fn search_embeddings_batch(
        &self,
        #[oai(scope = "Scope::EmbeddingsRead")] auth: Caller,
        /// Id of the dataset.
        dataset_id: Path<Id>,
        body: Body<SearchManyEmbeddings>,
    ) -> Result<SearchManyEmbeddingsResponse, ApiError> {
        auth.require(Scope::EmbeddingsRead)?;
        let queries = body.queries.iter().enumerate();
        let asked: Vec<_> = queries
            .map(|(index, query)| (format!("/queries/{index}"), query))
            .collect();
        let results = self.search(auth.tenant_id(), dataset_id.0, &asked).await?;
        let found = Json(FoundManyEmbeddings { results });
        Ok(SearchManyEmbeddingsResponse::Found(found))
    }
}

impl EmbeddingSearchApi {
    async fn search(
        &self,
        tenant: TenantId,
        id: Id,
        asked: &[(String, &SearchEmbeddings)],
    ) -> Result<Vec<FoundEmbeddings>, ApiError> {
        if let Some(results) = self.search_known(tenant, id, asked).await? {
            return Ok(results);
        }
        let dataset = find(&self.db, tenant, id).await?;
        let queries = answer::queries(self.provider.as_ref(), &dataset, asked).await?;
        let results = self.answers(tenant, &dataset, &queries).await?;
        if answer::graph(&dataset).is_some() {
            // Without what a search does not need, because a thousand of them may stay.
            let known = Dataset {
                description: None,
                metadata: JsonObject::default(),
                ..dataset
            };
            self.known.insert((tenant, id), Arc::new(known));
        }
        Ok(results)
    }

    /// Searches a dataset as it was found the last time, which saves the look at it. The statement finds nothing when
    /// it is not so any more: `None`, as when nothing is known of it.
    async fn search_known(
        &self,
        tenant: TenantId,
        id: Id,
        asked: &[(String, &SearchEmbeddings)],
    ) -> Result<Option<Vec<FoundEmbeddings>>, ApiError> {
        let [(_, one)] = asked else {
            return Ok(None);
        };
        let known = self.known.get(&(tenant, id));
        let Some(dataset) = known.filter(|_| one.finds_something()) else {
            return Ok(None);
        };
        // What does not fit it may fit the dataset as it is now.
        let Ok(queries) = answer::queries(None, &dataset, asked).await else {
            return Ok(None);
        };
        let results = self.answers(tenant, &dataset, &queries).await?;
        let found = results.iter().any(|found| !found.items.is_empty());
        if !found {
            self.known.remove(&(tenant, id));
        }
        Ok(found.then_some(results))
    }

    async fn answers(
        &self,
        tenant: TenantId,
        dataset: &Dataset,
        queries: &[Query<'_>],
    ) -> Result<Vec<FoundEmbeddings>, ApiError> {
        // It may take long, and on a shared connection others would wait for it.
        let mut connection = self.db.pooled().await?;
        let mut results = Vec::with_capacity(queries.len());
        let mut room = MAX_PAGE_BYTES;
        for query in queries {
            let found = answer::answer(&self.db, &mut connection, tenant, dataset, query, room);
            let found = found.await?;
            let taken = found.items.iter().map(FoundEmbedding::size).sum();
            room = room.saturating_sub(taken);
            results.push(found);
        }
        Ok(results)
    }
}
