//! The operations that search embeddings.

use poem_openapi::{ApiResponse, OpenApi, param::Path};

use super::{
    answer,
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
    db::{Db, TenantId},
    json::Json,
    openapi::Tag,
    page::MAX_PAGE_BYTES,
    problem::ApiError,
    values::Id,
};

/// The operations that search embeddings.
pub struct EmbeddingSearchApi {
    /// The database.
    pub db: Db,
    /// What makes vectors of texts.
    pub provider: Option<Provider>,
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
        let dataset = find(&self.db, tenant, id).await?;
        let queries = answer::queries(self.provider.as_ref(), &dataset, asked).await?;
        // It may take long, and on a shared connection others would wait for it.
        let mut connection = self.db.pooled().await?;
        let mut results = Vec::with_capacity(queries.len());
        let mut room = MAX_PAGE_BYTES;
        for query in &queries {
            let found = answer::answer(&self.db, &mut connection, tenant, &dataset, query, room);
            let found = found.await?;
            let taken = found.items.iter().map(FoundEmbedding::size).sum();
            room = room.saturating_sub(taken);
            results.push(found);
        }
        Ok(results)
    }
}
