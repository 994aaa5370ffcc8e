//! The operations that take a dataset's embeddings in and out as lines.

use poem_openapi::{
    ApiResponse, OpenApi,
    param::{Path, Query},
};

use super::{
    api::find,
    batch::Writer,
    export::Export,
    filter::Filter,
    import::{Import, Interrupted},
    model::{ImportedEmbeddings, OnConflict},
    provider::Provider,
};
use crate::{
    auth::{Caller, Scope},
    db::Db,
    json::Json,
    openapi::Tag,
    problem::ApiError,
    stream::{
        Streams,
        lines::{self, Lines},
    },
    upload::Upload,
    values::Id,
};

/// The operations that take embeddings in and out as lines.
pub struct TransferEmbeddingsApi {
    /// The database.
    pub db: Db,
    /// What makes vectors of texts.
    pub provider: Option<Provider>,
    /// The places for exports.
    pub streams: Streams,
}

/// Imported embeddings.
#[derive(ApiResponse)]
pub enum ImportEmbeddingsResponse {
    /// All lines are stored.
    #[oai(status = 200)]
    Imported(Json<ImportedEmbeddings>),
}

#[OpenApi(tag = "Tag::Embeddings")]
impl TransferEmbeddingsApi {
    /// Import embeddings
    ///
    /// A `NewEmbedding` in JSON on each line (NDJSON), however many: they are stored as they come, some
    /// hundreds in a transaction, and a line has 2 MiB at most. An error names the first line that could not
    /// be stored by its number, from 0 and without counting blank ones; all lines before it are stored, and of
    /// those behind it perhaps some. To go on, send the same lines again: what is there already stays, and a
    /// line without an `id` gets one that its number and its text make.
    #[oai(
        path = "/datasets/:dataset_id/embeddings/import",
        method = "post",
        operation_id = "import_embeddings"
    )]
    async fn import_embeddings(
        &self,
        #[oai(scope = "Scope::EmbeddingsWrite")] auth: Caller,
        /// Id of the dataset.
        dataset_id: Path<Id>,
        /// What becomes of an embedding whose id is in the dataset already.
        #[oai(default)]
        on_conflict: Query<OnConflict>,
        body: Upload,
    ) -> Result<ImportEmbeddingsResponse, ApiError> {
        auth.require(Scope::EmbeddingsWrite)?;
        let (tenant, dataset) = (auth.tenant_id(), dataset_id.0);
        find(&self.db, tenant, dataset).await?;
        let import = Import {
            writer: Writer {
                db: &self.db,
                provider: self.provider.as_ref(),
                tenant,
                dataset,
                on_conflict: on_conflict.0,
            },
            patience: body.patience,
        };
        match import.run(body.lines, |_| ()).await {
            Ok(progress) => Ok(ImportEmbeddingsResponse::Imported(Json(
                ImportedEmbeddings {
                    count: i64::try_from(progress.count).unwrap_or(i64::MAX),
                    stored: i64::try_from(progress.stored).unwrap_or(i64::MAX),
                },
            ))),
            Err(Interrupted { line, error, .. }) => Err(error.saying(&format!(
                "The {line} embeddings on the lines before are stored."
            ))),
        }
    }

    /// Export embeddings
    ///
    /// All embeddings, in the order of their ids, each on a line (NDJSON) with its `id`, `content`,
    /// `metadata` and `embedding`, as an import takes them. They are read as the client takes them: what is
    /// stored meanwhile may be among them or not. An answer that is not complete is cut off without its end.
    /// At 8 exports a server answers 503.
    #[oai(
        path = "/datasets/:dataset_id/embeddings/export",
        method = "get",
        operation_id = "export_embeddings"
    )]
    async fn export_embeddings(
        &self,
        #[oai(scope = "Scope::EmbeddingsRead")] auth: Caller,
        /// Id of the dataset.
        dataset_id: Path<Id>,
        /// Only embeddings with such metadata: a `Filter` in JSON, such as
        /// `{"path":"/page","gte":10}`.
        #[oai(validator(min_length = 2, max_length = 4096))]
        filter: Query<Option<String>>,
    ) -> Result<Lines, ApiError> {
        auth.require(Scope::EmbeddingsRead)?;
        let filter = filter.0.as_deref().map(Filter::from_parameter);
        let export = Export {
            db: self.db.clone(),
            tenant: auth.tenant_id(),
            dataset: find(&self.db, auth.tenant_id(), dataset_id.0).await?,
            filter: filter.transpose()?,
        };
        let place = self.streams.enter_export()?;
        let first = export.page(None).await?;
        Ok(lines::begin(|lines| export.write(first, place, lines)))
    }
}
