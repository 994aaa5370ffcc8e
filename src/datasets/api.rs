//! The operations on datasets.

use poem_openapi::{
    ApiResponse, OpenApi,
    param::{Header, Path, Query},
};

use super::{
    model::{Dataset, DatasetPage, NewDataset, UpdateDataset},
    patch::PatchDataset,
    store::{self, Position, WriteError},
    words::IndexState,
};
use crate::{
    auth::{Caller, Scope},
    body::{self, Body},
    db::{Db, DbError},
    etag::{EntityTags, etag},
    idempotency,
    json::Json,
    openapi::Tag,
    page,
    problem::{ApiError, Problem, ProblemCode},
    records::read,
    values::Id,
};

/// The operations on datasets.
pub struct DatasetsApi {
    /// The database.
    pub db: Db,
    /// Base URL of the server, for `Location`.
    pub public_url: String,
}

/// A created dataset.
#[derive(ApiResponse)]
pub enum CreateDatasetResponse {
    /// The dataset, as it is stored. A resend with the same `Idempotency-Key` gets the same answer.
    #[oai(status = 201)]
    Created(
        Json<Dataset>,
        /// URL of the dataset.
        #[oai(header = "Location")]
        String,
        /// Its entity tag, for `If-Match` and `If-None-Match`.
        #[oai(header = "ETag")]
        String,
    ),
}

/// A dataset.
#[derive(ApiResponse)]
pub enum GetDatasetResponse {
    /// The dataset.
    #[oai(status = 200)]
    Found(
        Json<Dataset>,
        /// Its entity tag, for `If-Match` and `If-None-Match`.
        #[oai(header = "ETag")]
        String,
    ),
    /// The dataset is still the one that `If-None-Match` names.
    #[oai(status = 304)]
    NotModified(
        /// Its entity tag.
        #[oai(header = "ETag")]
        String,
    ),
}

/// A changed dataset.
#[derive(ApiResponse)]
pub enum UpdateDatasetResponse {
    /// The dataset, as it is stored now.
    #[oai(status = 200)]
    Updated(
        Json<Dataset>,
        /// Its new entity tag.
        #[oai(header = "ETag")]
        String,
    ),
}

/// A deleted dataset.
#[derive(ApiResponse)]
pub enum DeleteDatasetResponse {
    /// The dataset and its embeddings are gone, for every reader and writer.
    #[oai(status = 204)]
    Deleted,
}

#[OpenApi(tag = "Tag::Datasets")]
impl DatasetsApi {
    /// List datasets
    ///
    /// Newest first. A page has up to `limit` items and ends earlier at 8 MiB; follow `next_cursor`
    /// until it is null.
    #[oai(
        path = "/agents/:agent_id/datasets",
        method = "get",
        operation_id = "list_datasets"
    )]
    async fn list_datasets(
        &self,
        #[oai(scope = "Scope::DatasetsRead")] auth: Caller,
        /// Id of the agent.
        agent_id: Path<Id>,
        /// Only the dataset of exactly this name.
        #[oai(validator(min_length = 1, max_length = 200))]
        name: Query<Option<String>>,
        /// The most items on a page.
        #[oai(
            default = "page::default_limit",
            validator(minimum(value = "1"), maximum(value = "1000"))
        )]
        limit: Query<i32>,
        /// Where the page begins: the `next_cursor` of the page before, with the same filter.
        #[oai(validator(min_length = 1, max_length = 2000))]
        cursor: Query<Option<String>>,
    ) -> Result<Json<DatasetPage>, ApiError> {
        auth.require(Scope::DatasetsRead)?;
        let (tenant, agent) = (auth.tenant_id(), agent_id.0);
        let list = ("list_datasets", tenant.0, agent, &name.0);
        let after = page::decode_cursor(cursor.0.as_deref(), &list)?;
        let limit = usize::try_from(limit.0).unwrap_or(1);
        let connection = self.db.shared().await?;
        let page = store::list(&connection, tenant, agent, name.0.as_deref(), after, limit);
        let page = self.db.query(page).await?;
        read::require_agent(&self.db, tenant, agent, page.items.is_empty()).await?;
        let last = page.items.last().filter(|_| page.more);
        let next_cursor = last.map(|dataset| page::encode_cursor(&list, &Position::of(dataset)));
        Ok(Json(DatasetPage {
            items: page.items,
            next_cursor,
        }))
    }

    /// Create a dataset
    ///
    /// Send an `Idempotency-Key` to be able to resend the request safely.
    #[oai(
        path = "/agents/:agent_id/datasets",
        method = "post",
        operation_id = "create_dataset"
    )]
    async fn create_dataset(
        &self,
        #[oai(scope = "Scope::DatasetsWrite")] auth: Caller,
        /// Id of the agent.
        agent_id: Path<Id>,
        /// Any text of the client's choice. For 24 hours a request with the same key and the same
        /// body gets the first answer again; one with another body is refused with 422.
        #[oai(name = "Idempotency-Key", validator(min_length = 1, max_length = 255))]
        idempotency_key: Header<Option<String>>,
        body: Body<NewDataset>,
    ) -> Result<CreateDatasetResponse, ApiError> {
        auth.require(Scope::DatasetsWrite)?;
        let (tenant, agent) = (auth.tenant_id(), agent_id.0);
        let path = agent.to_string();
        let request =
            idempotency::Request::new(idempotency_key.0, "create_dataset", &[&path], body.bytes());
        let (id, new) = body.into_inner().into_parts();
        let id = id.unwrap_or_default();
        let no_agent = || ApiError::not_found("agent");
        let dataset: Dataset = match &request {
            None => {
                let connection = self.db.pooled().await?;
                let create = async {
                    let created = store::create(&connection, tenant, agent, id, &new).await?;
                    created.ok_or_else(no_agent)
                };
                self.db.within(create).await?
            }
            Some(request) => {
                let create = self.db.transaction(async |connection| {
                    if let Some(first) = idempotency::replay(connection, tenant, request).await? {
                        return Ok(first);
                    }
                    let created = store::create(connection, tenant, agent, id, &new).await?;
                    let dataset = created.ok_or_else(no_agent)?;
                    idempotency::keep(connection, tenant, request, &dataset).await?;
                    Ok(dataset)
                });
                create.await?
            }
        };
        let location = format!("{}/agents/{agent}/datasets/{}", self.public_url, dataset.id);
        let tag = etag(dataset.version);
        Ok(CreateDatasetResponse::Created(Json(dataset), location, tag))
    }

    /// Get a dataset
    ///
    /// With how many embeddings it has, and how far its index is.
    #[oai(
        path = "/agents/:agent_id/datasets/:dataset_id",
        method = "get",
        operation_id = "get_dataset"
    )]
    async fn get_dataset(
        &self,
        #[oai(scope = "Scope::DatasetsRead")] auth: Caller,
        /// Id of the agent.
        agent_id: Path<Id>,
        /// Id of the dataset.
        dataset_id: Path<Id>,
        /// Entity tags that the client has; when one is still current the answer is 304.
        #[oai(name = "If-None-Match")]
        if_none_match: Header<Option<EntityTags>>,
    ) -> Result<GetDatasetResponse, ApiError> {
        auth.require(Scope::DatasetsRead)?;
        let dataset = self.get(&auth, agent_id.0, dataset_id.0).await?;
        let mut dataset = dataset.ok_or_else(no_dataset)?;
        let tag = etag(dataset.version);
        // How far its index is built has no version.
        if dataset.index.state == IndexState::Building {
            let connection = self.db.shared().await?;
            let progress = store::indexes::progress(&connection, auth.tenant_id(), dataset.id);
            dataset.index.progress = self.db.query(progress).await?;
        } else if if_none_match
            .0
            .is_some_and(|tags| tags.matches_weakly(dataset.version))
        {
            return Ok(GetDatasetResponse::NotModified(tag));
        }
        Ok(GetDatasetResponse::Found(Json(dataset), tag))
    }

    /// Replace a dataset
    ///
    /// An optional field that is absent goes back to its default. While the dataset has embeddings, or an
    /// index that is left of them for a minute at most, its `dimension` and `distance` cannot change: that
    /// is 409. Send `If-Match` so as not to overwrite
    /// what somebody else has changed meanwhile; embeddings that are written change the dataset too.
    #[oai(
        path = "/agents/:agent_id/datasets/:dataset_id",
        method = "put",
        operation_id = "update_dataset"
    )]
    async fn update_dataset(
        &self,
        #[oai(scope = "Scope::DatasetsWrite")] auth: Caller,
        /// Id of the agent.
        agent_id: Path<Id>,
        /// Id of the dataset.
        dataset_id: Path<Id>,
        /// Entity tag that the dataset must still have; else the answer is 412.
        #[oai(name = "If-Match")]
        if_match: Header<Option<EntityTags>>,
        body: Body<UpdateDataset>,
    ) -> Result<UpdateDatasetResponse, ApiError> {
        auth.require(Scope::DatasetsWrite)?;
        let (tenant, agent, id) = (auth.tenant_id(), agent_id.0, dataset_id.0);
        let versions = if_match.0.as_ref().and_then(EntityTags::strong_versions);
        let connection = self.db.pooled().await?;
        let update = async {
            match store::update(&connection, tenant, agent, id, versions, &body).await? {
                Some(dataset) => Ok(dataset),
                None => Err(match self.get(&auth, agent, id).await? {
                    None => no_dataset(),
                    Some(dataset) if is_stale(versions, &dataset) => stale(),
                    Some(_) => has_embeddings(),
                }),
            }
        };
        Ok(updated(self.db.within(update).await?))
    }

    /// Change some fields of a dataset
    ///
    /// A JSON Merge Patch (RFC 7396): absent fields stay as they are, `null` clears, `metadata` merges
    /// member by member. While the dataset has embeddings, or an index that is left of them for a minute
    /// at most, its `dimension` and `distance` cannot change: that is 409.
    #[oai(
        path = "/agents/:agent_id/datasets/:dataset_id",
        method = "patch",
        operation_id = "patch_dataset"
    )]
    async fn patch_dataset(
        &self,
        #[oai(scope = "Scope::DatasetsWrite")] auth: Caller,
        /// Id of the agent.
        agent_id: Path<Id>,
        /// Id of the dataset.
        dataset_id: Path<Id>,
        /// Entity tag that the dataset must still have; else the answer is 412.
        #[oai(name = "If-Match")]
        if_match: Header<Option<EntityTags>>,
        body: Body<PatchDataset>,
    ) -> Result<UpdateDatasetResponse, ApiError> {
        auth.require(Scope::DatasetsWrite)?;
        let (tenant, agent, id) = (auth.tenant_id(), agent_id.0, dataset_id.0);
        let versions = if_match.0.as_ref().and_then(EntityTags::strong_versions);
        let patch = body.into_inner();
        let change = self.db.transaction(async |connection| {
            let dataset = store::lock(connection, tenant, agent, id)
                .await?
                .ok_or_else(no_dataset)?;
            if is_stale(versions, &dataset) {
                return Err(stale());
            }
            let update = patch.clone().apply(dataset.into());
            body::check(&update)?;
            store::update(connection, tenant, agent, id, None, &update)
                .await?
                .ok_or_else(has_embeddings)
        });
        Ok(updated(change.await?))
    }

    /// Delete a dataset
    ///
    /// The dataset and its embeddings are gone when the answer arrives, and its name is free again. The
    /// space is given back later, in small steps.
    #[oai(
        path = "/agents/:agent_id/datasets/:dataset_id",
        method = "delete",
        operation_id = "delete_dataset"
    )]
    async fn delete_dataset(
        &self,
        #[oai(scope = "Scope::DatasetsWrite")] auth: Caller,
        /// Id of the agent.
        agent_id: Path<Id>,
        /// Id of the dataset.
        dataset_id: Path<Id>,
        /// Entity tag that the dataset must still have; else the answer is 412.
        #[oai(name = "If-Match")]
        if_match: Header<Option<EntityTags>>,
    ) -> Result<DeleteDatasetResponse, ApiError> {
        auth.require(Scope::DatasetsWrite)?;
        let (tenant, agent, id) = (auth.tenant_id(), agent_id.0, dataset_id.0);
        let versions = if_match.0.as_ref().and_then(EntityTags::strong_versions);
        let connection = self.db.pooled().await?;
        let delete = async {
            if store::delete(&connection, tenant, agent, id, versions).await? {
                return Ok(DeleteDatasetResponse::Deleted);
            }
            let dataset = self.get(&auth, agent, id).await?;
            Err(dataset.map_or_else(no_dataset, |_| stale()))
        };
        self.db.within(delete).await
    }
}

impl DatasetsApi {
    async fn get(&self, auth: &Caller, agent: Id, id: Id) -> Result<Option<Dataset>, DbError> {
        let connection = self.db.shared().await?;
        let get = store::get(&connection, auth.tenant_id(), agent, id);
        self.db.query(get).await
    }
}

fn updated(dataset: Dataset) -> UpdateDatasetResponse {
    let tag = etag(dataset.version);
    UpdateDatasetResponse::Updated(Json(dataset), tag)
}

fn is_stale(versions: Option<&[i64]>, dataset: &Dataset) -> bool {
    versions.is_some_and(|versions| !versions.contains(&dataset.version))
}

/// 404 for a dataset.
pub fn no_dataset() -> ApiError {
    ApiError::not_found("dataset")
}

fn stale() -> ApiError {
    let detail = "The dataset has changed since the entity tag in If-Match; read it again.";
    ApiError::new(Problem::new(ProblemCode::Stale, detail))
}

fn has_embeddings() -> ApiError {
    let detail = "The dataset has embeddings, or an index that is left of them, so its dimension and its \
                  distance cannot change.";
    ApiError::new(Problem::new(ProblemCode::HasEmbeddings, detail))
}

impl From<WriteError> for ApiError {
    fn from(error: WriteError) -> Self {
        let (code, detail) = match error {
            WriteError::NameTaken => (
                ProblemCode::NameTaken,
                "Another dataset of the agent has this name.",
            ),
            WriteError::IdTaken => (ProblemCode::IdTaken, "Another dataset has or had this id."),
            WriteError::Database(error) => return DbError::from(error).into(),
        };
        Self::new(Problem::new(code, detail))
    }
}
