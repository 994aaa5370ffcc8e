//! The operations on embeddings; the search is in a file of its own.

use poem_openapi::{
    ApiResponse, OpenApi,
    param::{Header, Path, Query},
    types::MaybeUndefined,
};

use super::{
    batch::{Places, Stored, Writer, number},
    filter::Filter,
    fit,
    model::{CreatedEmbeddings, Embedding, EmbeddingPage, Include, NewEmbeddings, OnConflict},
    patch::PatchEmbedding,
    provider::Provider,
    store::{self, Condition},
    texts::Texts,
    vector::NewVector,
};
use crate::{
    auth::{Caller, Scope},
    body::{self, Body, Limit},
    datasets::{self, api::no_dataset, model::Dataset, store::count},
    db::{Db, TenantId},
    etag::{EntityTags, etag},
    json::Json,
    openapi::Tag,
    page,
    problem::{ApiError, Problem, ProblemCode},
    settings::Limits,
    values::Id,
};

/// The operations on embeddings.
pub struct EmbeddingsApi {
    /// The database.
    pub db: Db,
    /// What makes vectors of texts.
    pub provider: Option<Provider>,
}

/// The limit of a body of many embeddings.
pub struct Many;

impl Limit for Many {
    fn of(limits: &Limits) -> usize {
        limits.max_embeddings_bytes
    }
}

/// Created embeddings.
#[derive(ApiResponse)]
pub enum CreateEmbeddingsResponse {
    /// All embeddings are stored. A resend with the same ids stores nothing twice and gets the same
    /// ids.
    #[oai(status = 201)]
    Created(Json<CreatedEmbeddings>),
}

/// An embedding.
#[derive(ApiResponse)]
pub enum GetEmbeddingResponse {
    /// The embedding.
    #[oai(status = 200)]
    Found(
        Json<Embedding>,
        /// Its entity tag, for `If-Match` and `If-None-Match`.
        #[oai(header = "ETag")]
        String,
    ),
    /// The embedding is still the one that `If-None-Match` names.
    #[oai(status = 304)]
    NotModified(
        /// Its entity tag.
        #[oai(header = "ETag")]
        String,
    ),
}

/// A changed embedding.
#[derive(ApiResponse)]
pub enum UpdateEmbeddingResponse {
    /// The embedding, as it is stored now.
    #[oai(status = 200)]
    Updated(
        Json<Embedding>,
        /// Its new entity tag.
        #[oai(header = "ETag")]
        String,
    ),
}

/// A deleted embedding.
#[derive(ApiResponse)]
pub enum DeleteEmbeddingResponse {
    /// The embedding is gone, for every reader and writer.
    #[oai(status = 204)]
    Deleted,
}

fn default_include() -> Include {
    Include::Embedding
}

#[OpenApi(tag = "Tag::Embeddings")]
impl EmbeddingsApi {
    /// List embeddings
    ///
    /// In the order of their ids, if wanted only those with some metadata. A page has up to `limit` items
    /// and ends earlier at 8 MiB; follow `next_cursor` until it is null.
    #[oai(
        path = "/datasets/:dataset_id/embeddings",
        method = "get",
        operation_id = "list_embeddings"
    )]
    async fn list_embeddings(
        &self,
        #[oai(scope = "Scope::EmbeddingsRead")] auth: Caller,
        /// Id of the dataset.
        dataset_id: Path<Id>,
        /// What comes with each embedding beside its text and metadata.
        #[oai(default = "default_include")]
        include: Query<Include>,
        /// Only embeddings with such metadata: a `Filter` in JSON, such as
        /// `{"path":"/page","gte":10}`.
        #[oai(validator(min_length = 2, max_length = 4096))]
        filter: Query<Option<String>>,
        /// The most items on a page.
        #[oai(
            default = "page::default_limit",
            validator(minimum(value = "1"), maximum(value = "1000"))
        )]
        limit: Query<i32>,
        /// Where the page begins: the `next_cursor` of the page before, with the same filter.
        #[oai(validator(min_length = 1, max_length = 2000))]
        cursor: Query<Option<String>>,
    ) -> Result<Json<EmbeddingPage>, ApiError> {
        auth.require(Scope::EmbeddingsRead)?;
        let (tenant, id) = (auth.tenant_id(), dataset_id.0);
        let list = ("list_embeddings", tenant.0, id, &filter.0);
        let after = page::decode_cursor(cursor.0.as_deref(), &list)?;
        let limit = usize::try_from(limit.0).unwrap_or(1);
        let filter = filter
            .0
            .as_deref()
            .map(Filter::from_parameter)
            .transpose()?;
        let filter = filter.as_ref().map(Condition::new);
        let dataset = find(&self.db, tenant, id).await?;
        // Not a shared connection: what is behind a page of long vectors would wait for it.
        let connection = self.db.pooled().await?.for_rows();
        let page = store::list(
            &connection,
            tenant,
            &dataset,
            include.0,
            filter,
            after,
            limit,
        );
        let page = self.db.query(page).await?;
        let last = page.items.last().filter(|_| page.more);
        let next_cursor = last.map(|embedding| page::encode_cursor(&list, &embedding.id));
        Ok(Json(EmbeddingPage {
            items: page.items,
            next_cursor,
        }))
    }

    /// Create embeddings
    ///
    /// Stores up to 1,000 embeddings, all or none; the body has at most 32 MiB unless the server is set
    /// otherwise. The first of a dataset fix its `dimension` when it has none. Of texts without vectors the
    /// embedding provider makes them, by the dataset's `embedding_model`. Give the embeddings ids
    /// to be able to resend the request safely: what is there already and the same is accepted, and
    /// what differs is refused with 409, or with `on_conflict=update` replaced.
    #[oai(
        path = "/datasets/:dataset_id/embeddings",
        method = "post",
        operation_id = "create_embeddings"
    )]
    async fn create_embeddings(
        &self,
        #[oai(scope = "Scope::EmbeddingsWrite")] auth: Caller,
        /// Id of the dataset.
        dataset_id: Path<Id>,
        /// What becomes of an embedding whose id is in the dataset already.
        #[oai(default)]
        on_conflict: Query<OnConflict>,
        body: Body<NewEmbeddings, Many>,
    ) -> Result<CreateEmbeddingsResponse, ApiError> {
        auth.require(Scope::EmbeddingsWrite)?;
        let (tenant, id) = (auth.tenant_id(), dataset_id.0);
        let writer = Writer {
            db: &self.db,
            provider: self.provider.as_ref(),
            tenant,
            dataset: id,
            on_conflict: on_conflict.0,
        };
        let places = Places {
            list: "/items",
            first: 0,
        };
        let Stored { ids, new } = writer.store(&body.items, places).await?;
        Ok(CreateEmbeddingsResponse::Created(Json(CreatedEmbeddings {
            count: number(ids.len()),
            stored: number(new),
            ids,
        })))
    }

    /// Get an embedding
    ///
    /// With its vector. Send `If-None-Match` to get 304 instead while it is still the same.
    #[oai(
        path = "/datasets/:dataset_id/embeddings/:embedding_id",
        method = "get",
        operation_id = "get_embedding"
    )]
    async fn get_embedding(
        &self,
        #[oai(scope = "Scope::EmbeddingsRead")] auth: Caller,
        /// Id of the dataset.
        dataset_id: Path<Id>,
        /// Id of the embedding.
        embedding_id: Path<Id>,
        /// Entity tags that the client has; when one is still current the answer is 304.
        #[oai(name = "If-None-Match")]
        if_none_match: Header<Option<EntityTags>>,
    ) -> Result<GetEmbeddingResponse, ApiError> {
        auth.require(Scope::EmbeddingsRead)?;
        let connection = self.db.shared().await?;
        let get = store::get(&connection, auth.tenant_id(), dataset_id.0, embedding_id.0);
        let embedding = self.db.query(get).await?.ok_or_else(no_embedding)?;
        let tag = etag(embedding.version);
        if if_none_match
            .0
            .is_some_and(|tags| tags.matches_weakly(embedding.version))
        {
            return Ok(GetEmbeddingResponse::NotModified(tag));
        }
        Ok(GetEmbeddingResponse::Found(Json(embedding), tag))
    }

    /// Change some fields of an embedding
    ///
    /// A JSON Merge Patch (RFC 7396): absent fields stay as they are, `metadata` merges member by
    /// member. A new text does not change the vector, unless `embed` is true.
    #[oai(
        path = "/datasets/:dataset_id/embeddings/:embedding_id",
        method = "patch",
        operation_id = "update_embedding"
    )]
    async fn update_embedding(
        &self,
        #[oai(scope = "Scope::EmbeddingsWrite")] auth: Caller,
        /// Id of the dataset.
        dataset_id: Path<Id>,
        /// Id of the embedding.
        embedding_id: Path<Id>,
        /// Entity tag that the embedding must still have; else the answer is 412.
        #[oai(name = "If-Match")]
        if_match: Header<Option<EntityTags>>,
        body: Body<PatchEmbedding>,
    ) -> Result<UpdateEmbeddingResponse, ApiError> {
        auth.require(Scope::EmbeddingsWrite)?;
        let (tenant, dataset, id) = (auth.tenant_id(), dataset_id.0, embedding_id.0);
        let versions = if_match.0.as_ref().and_then(EntityTags::strong_versions);
        let mut patch = body.into_inner();
        let mut embedded = None;
        if patch.embed {
            let (version, vector) = self.embed(tenant, dataset, id, &patch).await?;
            patch.embedding = MaybeUndefined::Value(vector);
            embedded = version;
        }
        let change = self.db.transaction(async |connection| {
            let embedding = store::lock(connection, tenant, dataset, id)
                .await?
                .ok_or_else(no_embedding)?;
            if versions.is_some_and(|versions| !versions.contains(&embedding.version)) {
                return Err(stale());
            }
            if embedded.is_some_and(|version| version != embedding.version) {
                return Err(busy());
            }
            // While it has an embedding, which is locked, the dataset keeps its shape.
            let found = datasets::store::find(connection, tenant, dataset).await?;
            let shape = found.ok_or_else(no_embedding)?;
            if let Some(vector) = patch.vector() {
                fit::check(vector.as_slice(), shape.dimension, shape.distance)
                    .map_err(|message| body::invalid("/embedding", message))?;
            }
            let content = patch.clone().apply(embedding);
            let content = content.map_err(|message| body::invalid("/metadata", message))?;
            let embedding = store::update(connection, tenant, dataset, id, &content).await?;
            if count(connection, tenant, dataset, 0, None).await? {
                Ok(embedding)
            } else {
                Err(no_embedding())
            }
        });
        let embedding = change.await?;
        let tag = etag(embedding.version);
        Ok(UpdateEmbeddingResponse::Updated(Json(embedding), tag))
    }

    /// Delete an embedding
    ///
    /// Send `If-Match` so as not to delete what somebody else has changed meanwhile.
    #[oai(
        path = "/datasets/:dataset_id/embeddings/:embedding_id",
        method = "delete",
        operation_id = "delete_embedding"
    )]
    async fn delete_embedding(
        &self,
        #[oai(scope = "Scope::EmbeddingsWrite")] auth: Caller,
        /// Id of the dataset.
        dataset_id: Path<Id>,
        /// Id of the embedding.
        embedding_id: Path<Id>,
        /// Entity tag that the embedding must still have; else the answer is 412.
        #[oai(name = "If-Match")]
        if_match: Header<Option<EntityTags>>,
    ) -> Result<DeleteEmbeddingResponse, ApiError> {
        auth.require(Scope::EmbeddingsWrite)?;
        let (tenant, dataset, id) = (auth.tenant_id(), dataset_id.0, embedding_id.0);
        let versions = if_match.0.as_ref().and_then(EntityTags::strong_versions);
        let delete = self.db.transaction(async |connection| {
            if store::delete(connection, tenant, dataset, id, versions).await? {
                if count(connection, tenant, dataset, -1, None).await? {
                    return Ok(DeleteEmbeddingResponse::Deleted);
                }
                return Err(no_embedding());
            }
            let embedding = store::get(connection, tenant, dataset, id).await?;
            Err(embedding.map_or_else(no_embedding, |_| stale()))
        });
        delete.await
    }
}

impl EmbeddingsApi {
    /// The vector that the provider makes of an embedding's text, and, when that is the text which there
    /// is, the version that has it.
    async fn embed(
        &self,
        tenant: TenantId,
        dataset: Id,
        id: Id,
        patch: &PatchEmbedding,
    ) -> Result<(Option<i64>, NewVector), ApiError> {
        let connection = self.db.shared().await?;
        let embedding = store::get(&connection, tenant, dataset, id);
        let embedding = self.db.query(embedding).await?.ok_or_else(no_embedding)?;
        let dataset = find(&self.db, tenant, dataset).await?;
        let (version, text) = match patch.content.value() {
            Some(text) => (None, text),
            None => (Some(embedding.version), &embedding.content),
        };
        let mut texts = Texts::default();
        texts.add("/embed".into(), "/content".into(), text);
        let made = texts.embed(self.provider.as_ref(), &dataset).await?;
        let vector = made.into_iter().next().ok_or_else(ApiError::internal)?;
        Ok((version, vector))
    }
}

/// A dataset.
///
/// # Errors
/// 404 when there is no such dataset.
pub async fn find(db: &Db, tenant: TenantId, id: Id) -> Result<Dataset, ApiError> {
    let connection = db.shared().await?;
    let find = datasets::store::find(&connection, tenant, id);
    db.query(find).await?.ok_or_else(no_dataset)
}

/// 503 when others are always faster.
pub fn busy() -> ApiError {
    let detail = "Others write there at the same time. Nothing was stored; try again.";
    ApiError::new(Problem::new(ProblemCode::Contended, detail))
}

fn no_embedding() -> ApiError {
    ApiError::not_found("embedding")
}

fn stale() -> ApiError {
    let detail = "The embedding has changed since the entity tag in If-Match; read it again.";
    ApiError::new(Problem::new(ProblemCode::Stale, detail))
}
