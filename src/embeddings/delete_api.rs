//! The operation that deletes many embeddings.

use poem_openapi::{ApiResponse, OpenApi, param::Path};

use super::{
    batch::number,
    model::{DeleteEmbeddings, DeletedEmbeddings},
    store::{self, Condition},
};
use crate::{
    auth::{Caller, Scope},
    body::{self, Body},
    datasets::{
        api::no_dataset,
        store::{count, find},
    },
    db::Db,
    json::Json,
    openapi::Tag,
    problem::ApiError,
    values::Id,
};

/// The most embeddings that one request deletes.
const MAX_DELETED: usize = 10_000;

/// The operation that deletes many embeddings.
pub struct DeleteEmbeddingsApi {
    /// The database.
    pub db: Db,
}

/// Deleted embeddings.
#[derive(ApiResponse)]
pub enum DeleteEmbeddingsResponse {
    /// The embeddings are gone, for every reader and writer.
    #[oai(status = 200)]
    Deleted(Json<DeletedEmbeddings>),
}

#[OpenApi(tag = "Tag::Embeddings")]
impl DeleteEmbeddingsApi {
    /// Delete embeddings
    ///
    /// Those of some ids or those with some metadata, or, when both are given, those of the ids that have
    /// the metadata. One request deletes 10,000 at most, in one transaction; send it again while `more` is
    /// true.
    #[oai(
        path = "/datasets/:dataset_id/embeddings/delete",
        method = "post",
        operation_id = "delete_embeddings"
    )]
    async fn delete_embeddings(
        &self,
        #[oai(scope = "Scope::EmbeddingsWrite")] auth: Caller,
        /// Id of the dataset.
        dataset_id: Path<Id>,
        body: Body<DeleteEmbeddings>,
    ) -> Result<DeleteEmbeddingsResponse, ApiError> {
        auth.require(Scope::EmbeddingsWrite)?;
        let (tenant, dataset) = (auth.tenant_id(), dataset_id.0);
        let DeleteEmbeddings { ids, filter } = body.into_inner();
        if ids.is_none() && filter.is_none() {
            return Err(body::invalid("", "must have `ids` or `filter`").into());
        }
        let delete = self.db.transaction(async |connection| {
            let deleted = store::delete_many(
                connection,
                tenant,
                dataset,
                ids.as_deref(),
                filter.as_ref().map(Condition::new),
                MAX_DELETED,
            )
            .await?;
            let removed = -i64::from(number(deleted));
            // Where nothing was deleted the dataset has not changed.
            let lives = if deleted == 0 {
                find(connection, tenant, dataset).await?.is_some()
            } else {
                count(connection, tenant, dataset, removed, None).await?
            };
            if lives {
                Ok(deleted)
            } else {
                Err(no_dataset())
            }
        });
        let deleted = delete.await?;
        Ok(DeleteEmbeddingsResponse::Deleted(Json(DeletedEmbeddings {
            deleted: number(deleted),
            more: deleted == MAX_DELETED,
        })))
    }
}
