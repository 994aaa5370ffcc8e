//! The operation that searches embeddings.

use poem_openapi::{ApiResponse, OpenApi, param::Path};

use super::{
    api::find,
    fit,
    search::{FoundEmbeddings, SearchEmbeddings, SearchMethod},
    store::{self, Search},
};
use crate::{
    auth::{Caller, Scope},
    body::{self, Body},
    db::Db,
    json::Json,
    openapi::Tag,
    problem::ApiError,
    values::Id,
};

/// The operation that searches embeddings.
pub struct EmbeddingSearchApi {
    /// The database.
    pub db: Db,
}

/// What a search has found.
#[derive(ApiResponse)]
pub enum SearchEmbeddingsResponse {
    /// The nearest embeddings: `k` of them when the dataset has as many that match.
    #[oai(status = 200)]
    Found(Json<FoundEmbeddings>),
}

#[OpenApi(tag = "Tag::Embeddings")]
impl EmbeddingSearchApi {
    /// Search embeddings
    ///
    /// Finds the embeddings of a dataset that are nearest to a vector by the dataset's `distance`.
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
        let dataset = find(&self.db, auth.tenant_id(), dataset_id.0).await?;
        let wrong = |message: String| body::invalid("/vector", message);
        let vector = body.vector.get();
        let vector = vector.ok_or_else(|| wrong("must be given".into()))?;
        fit::check(vector.as_slice(), dataset.dimension, dataset.distance).map_err(wrong)?;
        let search = Search {
            vector,
            k: body.k,
            max_distance: body.max_distance,
            include: body.include,
        };
        // It may take long, and on a shared connection others would wait for it.
        let connection = self.db.pooled().await?;
        let found = store::search(&connection, auth.tenant_id(), &dataset, &search);
        let page = self.db.query(found).await?;
        Ok(SearchEmbeddingsResponse::Found(Json(FoundEmbeddings {
            items: page.items,
            answered_by: SearchMethod::Exact,
            truncated: page.more,
        })))
    }
}
