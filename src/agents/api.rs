//! The operations on agents.

use poem_openapi::{
    ApiResponse, OpenApi,
    param::{Header, Path, Query},
};

use super::{
    model::{Agent, AgentFilter, AgentOrder, AgentPage, AgentStatus, NewAgent, UpdateAgent},
    patch::PatchAgent,
    store::{self, Position, WriteError},
};
use crate::{
    auth::{Caller, Scope},
    body::{self, Body},
    db::{Db, DbError, TenantId, coalesce::Reader},
    etag::{EntityTags, etag},
    idempotency,
    json::Json,
    openapi::Tag,
    page,
    problem::{ApiError, Problem, ProblemCode},
    values::{Id, Timestamp},
};

/// The operations on agents.
pub struct AgentsApi {
    /// The database.
    pub db: Db,
    /// Reads agents by id.
    pub agents: Reader<(TenantId, Id), Agent>,
    /// Base URL of the server, for `Location`.
    pub public_url: String,
}

/// A created agent.
#[derive(ApiResponse)]
pub enum CreateAgentResponse {
    /// The agent, as it is stored. A resend with the same `Idempotency-Key` gets the same answer.
    #[oai(status = 201)]
    Created(
        Json<Agent>,
        /// URL of the agent.
        #[oai(header = "Location")]
        String,
        /// Its entity tag, for `If-Match` and `If-None-Match`.
        #[oai(header = "ETag")]
        String,
    ),
}

/// An agent.
#[derive(ApiResponse)]
pub enum GetAgentResponse {
    /// The agent.
    #[oai(status = 200)]
    Found(
        Json<Agent>,
        /// Its entity tag, for `If-Match` and `If-None-Match`.
        #[oai(header = "ETag")]
        String,
    ),
    /// The agent is still the one that `If-None-Match` names.
    #[oai(status = 304)]
    NotModified(
        /// Its entity tag.
        #[oai(header = "ETag")]
        String,
    ),
}

/// A changed agent.
#[derive(ApiResponse)]
pub enum UpdateAgentResponse {
    /// The agent, as it is stored now.
    #[oai(status = 200)]
    Updated(
        Json<Agent>,
        /// Its new entity tag.
        #[oai(header = "ETag")]
        String,
    ),
}

/// A deleted agent.
#[derive(ApiResponse)]
pub enum DeleteAgentResponse {
    /// The agent and all that belongs to it is gone, for every reader and writer.
    #[oai(status = 204)]
    Deleted,
}

#[OpenApi(tag = "Tag::Agents")]
impl AgentsApi {
    /// List agents
    ///
    /// Newest first unless `order` says otherwise. Filters combine with "and". A page has up to
    /// `limit` items and ends earlier at 8 MiB; follow `next_cursor` until it is null.
    #[oai(path = "/agents", method = "get", operation_id = "list_agents")]
    #[expect(
        clippy::too_many_arguments,
        reason = "poem-openapi has no query struct"
    )]
    async fn list_agents(
        &self,
        #[oai(scope = "Scope::AgentsRead")] auth: Caller,
        /// Only the agent of exactly this name.
        #[oai(validator(min_length = 1, max_length = 200))]
        name: Query<Option<String>>,
        /// Only agents with this text in their name, in upper or lower case. One or two characters
        /// must stand at its beginning, three or more may stand anywhere; `%` and `_` are plain
        /// characters.
        #[oai(validator(min_length = 1, max_length = 200))]
        q: Query<Option<String>>,
        /// Only agents with this tag. Repeat it to ask for agents that have all of the tags.
        #[oai(default, validator(max_items = 64))]
        tag: Query<Vec<String>>,
        /// Only agents of this status.
        status: Query<Option<AgentStatus>>,
        /// Only agents created at this instant or later.
        created_after: Query<Option<Timestamp>>,
        /// Only agents created before this instant.
        created_before: Query<Option<Timestamp>>,
        /// The order of the list.
        #[oai(default)]
        order: Query<AgentOrder>,
        /// The most items on a page.
        #[oai(
            default = "page::default_limit",
            validator(minimum(value = "1"), maximum(value = "1000"))
        )]
        limit: Query<i32>,
        /// Where the page begins: the `next_cursor` of the page before, with the same filters and
        /// order.
        #[oai(validator(min_length = 1, max_length = 2000))]
        cursor: Query<Option<String>>,
    ) -> Result<Json<AgentPage>, ApiError> {
        auth.require(Scope::AgentsRead)?;
        let filter = AgentFilter {
            name: name.0,
            q: q.0,
            tags: tag.0,
            status: status.0,
            created_after: created_after.0,
            created_before: created_before.0,
        };
        let list = ("list_agents", auth.tenant_id().0, &filter, order.0);
        let after = page::decode_cursor(cursor.0.as_deref(), &list)?;
        let limit = usize::try_from(limit.0).unwrap_or(1);
        let (tenant, order) = (auth.tenant_id(), order.0);
        let page = if filter.is_search(order) {
            // It may take long, and on a shared connection others would wait for it.
            let connection = self.db.pooled().await?.for_rows();
            let list = store::list(&connection, tenant, &filter, order, after, limit);
            self.db.query(list).await?
        } else {
            let connection = self.db.shared().await?;
            let list = store::list(&connection, tenant, &filter, order, after, limit);
            self.db.query(list).await?
        };
        let last = page.items.last().filter(|_| page.more);
        let next_cursor = last.map(|agent| page::encode_cursor(&list, &Position::of(agent, order)));
        Ok(Json(AgentPage {
            items: page.items,
            next_cursor,
        }))
    }

    /// Create an agent
    ///
    /// Send an `Idempotency-Key` to be able to resend the request safely.
    #[oai(path = "/agents", method = "post", operation_id = "create_agent")]
    async fn create_agent(
        &self,
        #[oai(scope = "Scope::AgentsWrite")] auth: Caller,
        /// Any text of the client's choice. For 24 hours a request with the same key and the same
        /// body gets the first answer again; one with another body is refused with 422.
        #[oai(name = "Idempotency-Key", validator(min_length = 1, max_length = 255))]
        idempotency_key: Header<Option<String>>,
        body: Body<NewAgent>,
    ) -> Result<CreateAgentResponse, ApiError> {
        auth.require(Scope::AgentsWrite)?;
        let tenant = auth.tenant_id();
        let request =
            idempotency::Request::new(idempotency_key.0, "create_agent", &[], body.bytes());
        let (id, new) = body.into_inner().into_parts();
        let id = id.unwrap_or_default();
        let agent: Agent = match &request {
            None => {
                let connection = self.db.pooled().await?;
                let create = async { Ok(store::create(&connection, tenant, id, &new).await?) };
                self.db.within::<_, ApiError>(create).await?
            }
            Some(request) => {
                let create = self.db.transaction(async |connection| {
                    if let Some(first) = idempotency::replay(connection, tenant, request).await? {
                        return Ok(first);
                    }
                    let agent = store::create(connection, tenant, id, &new).await?;
                    idempotency::keep(connection, tenant, request, &agent).await?;
                    Ok(agent)
                });
                create.await?
            }
        };
        let location = format!("{}/agents/{}", self.public_url, agent.id);
        let tag = etag(agent.version);
        Ok(CreateAgentResponse::Created(Json(agent), location, tag))
    }

    /// Get an agent
    ///
    /// Send `If-None-Match` to get 304 instead of the agent while it is still the same.
    #[oai(path = "/agents/:agent_id", method = "get", operation_id = "get_agent")]
    async fn get_agent(
        &self,
        #[oai(scope = "Scope::AgentsRead")] auth: Caller,
        /// Id of the agent.
        agent_id: Path<Id>,
        /// Entity tags that the client has; when one is still current the answer is 304.
        #[oai(name = "If-None-Match")]
        if_none_match: Header<Option<EntityTags>>,
    ) -> Result<GetAgentResponse, ApiError> {
        auth.require(Scope::AgentsRead)?;
        let agent = self.agents.get((auth.tenant_id(), agent_id.0)).await?;
        let agent = agent.ok_or_else(no_agent)?;
        let tag = etag(agent.version);
        if if_none_match
            .0
            .is_some_and(|tags| tags.matches_weakly(agent.version))
        {
            return Ok(GetAgentResponse::NotModified(tag));
        }
        Ok(GetAgentResponse::Found(Json(agent), tag))
    }

    /// Replace an agent
    ///
    /// An optional field that is absent goes back to its default. Send `If-Match` so as not to
    /// overwrite what somebody else has changed meanwhile.
    #[oai(
        path = "/agents/:agent_id",
        method = "put",
        operation_id = "update_agent"
    )]
    async fn update_agent(
        &self,
        #[oai(scope = "Scope::AgentsWrite")] auth: Caller,
        /// Id of the agent.
        agent_id: Path<Id>,
        /// Entity tag that the agent must still have; else the answer is 412.
        #[oai(name = "If-Match")]
        if_match: Header<Option<EntityTags>>,
        body: Body<UpdateAgent>,
    ) -> Result<UpdateAgentResponse, ApiError> {
        auth.require(Scope::AgentsWrite)?;
        let versions = if_match.0.as_ref().and_then(EntityTags::strong_versions);
        let connection = self.db.pooled().await?;
        let update = async {
            match store::update(&connection, auth.tenant_id(), agent_id.0, versions, &body).await? {
                Some(agent) => Ok(agent),
                None => Err(self.absent_or_stale(&auth, agent_id.0).await?),
            }
        };
        Ok(updated(self.db.within(update).await?))
    }

    /// Change some fields of an agent
    ///
    /// A JSON Merge Patch (RFC 7396): absent fields stay as they are, `null` clears, `metadata`
    /// merges member by member.
    #[oai(
        path = "/agents/:agent_id",
        method = "patch",
        operation_id = "patch_agent"
    )]
    async fn patch_agent(
        &self,
        #[oai(scope = "Scope::AgentsWrite")] auth: Caller,
        /// Id of the agent.
        agent_id: Path<Id>,
        /// Entity tag that the agent must still have; else the answer is 412.
        #[oai(name = "If-Match")]
        if_match: Header<Option<EntityTags>>,
        body: Body<PatchAgent>,
    ) -> Result<UpdateAgentResponse, ApiError> {
        auth.require(Scope::AgentsWrite)?;
        let (tenant, id) = (auth.tenant_id(), agent_id.0);
        let versions = if_match.0.as_ref().and_then(EntityTags::strong_versions);
        let patch = body.into_inner();
        let change = self.db.transaction(async |connection| {
            let (version, agent) = store::lock(connection, tenant, id)
                .await?
                .ok_or_else(no_agent)?;
            if versions.is_some_and(|versions| !versions.contains(&version)) {
                return Err(stale());
            }
            let update = patch.clone().apply(agent);
            body::check(&update)?;
            store::update(connection, tenant, id, None, &update)
                .await?
                .ok_or_else(no_agent)
        });
        Ok(updated(change.await?))
    }

    /// Delete an agent
    ///
    /// The agent and all that belongs to it is gone when the answer arrives, and its name is free
    /// again. The space is given back later, in small steps.
    #[oai(
        path = "/agents/:agent_id",
        method = "delete",
        operation_id = "delete_agent"
    )]
    async fn delete_agent(
        &self,
        #[oai(scope = "Scope::AgentsWrite")] auth: Caller,
        /// Id of the agent.
        agent_id: Path<Id>,
        /// Entity tag that the agent must still have; else the answer is 412.
        #[oai(name = "If-Match")]
        if_match: Header<Option<EntityTags>>,
    ) -> Result<DeleteAgentResponse, ApiError> {
        auth.require(Scope::AgentsWrite)?;
        let versions = if_match.0.as_ref().and_then(EntityTags::strong_versions);
        let connection = self.db.pooled().await?;
        let delete = async {
            if store::delete(&connection, auth.tenant_id(), agent_id.0, versions).await? {
                Ok(DeleteAgentResponse::Deleted)
            } else {
                Err(self.absent_or_stale(&auth, agent_id.0).await?)
            }
        };
        self.db.within(delete).await
    }
}

impl AgentsApi {
    /// Why a write found no agent at the version that it asked for.
    async fn absent_or_stale(&self, auth: &Caller, id: Id) -> Result<ApiError, ApiError> {
        let agent = self.agents.get((auth.tenant_id(), id)).await?;
        Ok(agent.map_or_else(no_agent, |_| stale()))
    }
}

fn updated(agent: Agent) -> UpdateAgentResponse {
    let tag = etag(agent.version);
    UpdateAgentResponse::Updated(Json(agent), tag)
}

fn no_agent() -> ApiError {
    ApiError::not_found("agent")
}

fn stale() -> ApiError {
    let detail = "The agent has changed since the entity tag in If-Match; read it again.";
    ApiError::new(Problem::new(ProblemCode::Stale, detail))
}

impl From<WriteError> for ApiError {
    fn from(error: WriteError) -> Self {
        let (code, detail) = match error {
            WriteError::NameTaken => (ProblemCode::NameTaken, "Another agent has this name."),
            WriteError::IdTaken => (ProblemCode::IdTaken, "Another agent has or had this id."),
            WriteError::Database(error) => return DbError::from(error).into(),
        };
        Self::new(Problem::new(code, detail))
    }
}
