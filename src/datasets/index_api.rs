//! The operations on the index of a dataset.

use std::sync::Arc;

use poem_openapi::{
    ApiResponse, OpenApi,
    param::{Path, Query},
};
use tokio::sync::Notify;

use super::{
    api::no_dataset,
    model::{Dataset, Recall},
    store,
};
use crate::{
    auth::{Caller, Scope},
    db::Db,
    embeddings::{api::find, recall},
    json::Json,
    openapi::Tag,
    problem::ApiError,
    values::Id,
};

/// The operations on the index of a dataset.
pub struct DatasetIndexApi {
    /// The database.
    pub db: Db,
    /// Wakes who builds indexes.
    pub wake: Arc<Notify>,
}

/// An index that is wanted.
#[derive(ApiResponse)]
pub enum RebuildIndexResponse {
    /// It will be built. The dataset tells how far that is.
    #[oai(status = 202)]
    Accepted(Json<Dataset>),
}

fn default_k() -> i32 {
    10
}

fn default_samples() -> i32 {
    50
}

#[OpenApi(tag = "Tag::Datasets")]
impl DatasetIndexApi {
    /// Build a dataset's index
    ///
    /// However few embeddings it has, and anew if it has one, which helps when much was deleted or
    /// changed since. The server does so soon, one dataset after the other; until `index.built_at` has
    /// changed, searches go on as before. From now on the dataset keeps an index. Of vectors of more than
    /// 4,000 numbers there is one under the distances `cosine` and `inner_product` only.
    #[oai(
        path = "/datasets/:dataset_id/index",
        method = "post",
        operation_id = "rebuild_index"
    )]
    async fn rebuild_index(
        &self,
        #[oai(scope = "Scope::DatasetsWrite")] auth: Caller,
        /// Id of the dataset.
        dataset_id: Path<Id>,
    ) -> Result<RebuildIndexResponse, ApiError> {
        auth.require(Scope::DatasetsWrite)?;
        let connection = self.db.pooled().await?;
        let want = store::indexes::want(&connection, auth.tenant_id(), dataset_id.0);
        let dataset = self.db.query(want).await?.ok_or_else(no_dataset)?;
        self.wake.notify_one();
        Ok(RebuildIndexResponse::Accepted(Json(dataset)))
    }

    /// Measure how right the index is
    ///
    /// Takes some embeddings of the dataset at random, and searches for the `k` nearest to each by the index
    /// and by comparing with all: `recall` is how many of those the index finds. It ends when as many
    /// samples are measured, or half the time is over that a statement may take.
    #[oai(
        path = "/datasets/:dataset_id/recall",
        method = "get",
        operation_id = "measure_recall"
    )]
    async fn measure_recall(
        &self,
        #[oai(scope = "Scope::EmbeddingsRead")] auth: Caller,
        /// Id of the dataset.
        dataset_id: Path<Id>,
        /// How many embeddings each search is to find.
        #[oai(
            default = "default_k",
            validator(minimum(value = "1"), maximum(value = "100"))
        )]
        k: Query<i32>,
        /// How many embeddings to take.
        #[oai(
            default = "default_samples",
            validator(minimum(value = "1"), maximum(value = "1000"))
        )]
        samples: Query<i32>,
        /// How many embeddings the index keeps in sight on its way. Default: 100, or `k` when that is more.
        #[oai(validator(minimum(value = "1"), maximum(value = "1000")))]
        ef_search: Query<Option<i32>>,
    ) -> Result<Json<Recall>, ApiError> {
        auth.require(Scope::EmbeddingsRead)?;
        let dataset = find(&self.db, auth.tenant_id(), dataset_id.0).await?;
        let mut connection = self.db.pooled().await?;
        let measured = recall::measure(
            &self.db,
            &mut connection,
            auth.tenant_id(),
            &dataset,
            k.0,
            samples.0,
            ef_search.0,
        );
        Ok(Json(measured.await?))
    }
}
