//! The operations on labels of prompts.

use poem_openapi::{
    ApiResponse, OpenApi,
    param::{Header, Path, Query},
};

use super::{
    Label,
    model::{PromptLabel, PromptLabelMovePage, PromptLabelPage, SetPromptLabel},
    store::{self, Locked, Target},
};
use crate::{
    agents,
    auth::{Caller, Scope},
    body::Body,
    db::{Db, TenantId, coalesce::Reader},
    etag::{EntityTags, etag},
    json::Json,
    openapi::Tag,
    page,
    problem::{ApiError, FieldError, Problem, ProblemCode},
    prompts::{
        self,
        model::{Prompt, RenderPrompt, RenderedPrompt},
        workers::Workers,
    },
    values::Id,
};

/// The operations on labels of prompts.
pub struct PromptLabelsApi {
    /// The database.
    pub db: Db,
    /// Reads the versions on which labels sit.
    pub labelled: Reader<(TenantId, Id, Label), Prompt>,
    /// Where templates are rendered.
    pub workers: Workers,
}

/// The version on which a label sits.
#[derive(ApiResponse)]
pub enum GetPromptByLabelResponse {
    /// The version.
    #[oai(status = 200)]
    Found(
        Json<Prompt>,
        /// The number of the version: another one when the label has moved.
        #[oai(header = "ETag")]
        String,
    ),
    /// The label sits where `If-None-Match` says.
    #[oai(status = 304)]
    NotModified(
        /// The number of the version.
        #[oai(header = "ETag")]
        String,
    ),
}

/// A label that was moved.
#[derive(ApiResponse)]
pub enum SetPromptLabelResponse {
    /// The label, where it sits now.
    #[oai(status = 200)]
    Set(
        Json<PromptLabel>,
        /// The number of the version on which it sits.
        #[oai(header = "ETag")]
        String,
    ),
}

/// A label that was deleted.
#[derive(ApiResponse)]
pub enum DeletePromptLabelResponse {
    /// The label sits nowhere any more.
    #[oai(status = 204)]
    Deleted,
}

#[OpenApi(tag = "Tag::Prompts")]
impl PromptLabelsApi {
    /// List the labels of an agent's prompts
    ///
    /// By name. `latest` is not among them: it is always the newest version.
    #[oai(
        path = "/agents/:agent_id/prompts/labels",
        method = "get",
        operation_id = "list_prompt_labels"
    )]
    async fn list_prompt_labels(
        &self,
        #[oai(scope = "Scope::PromptsRead")] auth: Caller,
        /// Id of the agent.
        agent_id: Path<Id>,
        /// The most items on a page.
        #[oai(
            default = "page::default_limit",
            validator(minimum(value = "1"), maximum(value = "1000"))
        )]
        limit: Query<i32>,
        /// Where the page begins: the `next_cursor` of the page before.
        #[oai(validator(min_length = 1, max_length = 2000))]
        cursor: Query<Option<String>>,
    ) -> Result<Json<PromptLabelPage>, ApiError> {
        auth.require(Scope::PromptsRead)?;
        let (tenant, agent) = (auth.tenant_id(), agent_id.0);
        let list = ("list_prompt_labels", tenant.0, agent);
        let after: Option<String> = page::decode_cursor(cursor.0.as_deref(), &list)?;
        let limit = usize::try_from(limit.0).unwrap_or(1);
        let connection = self.db.shared().await?;
        let page = async {
            let page = store::list(&connection, tenant, agent, after.as_deref(), limit).await?;
            if page.items.is_empty() && !agents::store::exists(&connection, tenant, agent).await? {
                return Err(ApiError::not_found("agent"));
            }
            Ok(page)
        };
        let page = self.db.within(page).await?;
        let last = page.items.last().filter(|_| page.more);
        let next_cursor = last.map(|item| page::encode_cursor(&list, &item.label));
        Ok(Json(PromptLabelPage {
            items: page.items,
            next_cursor,
        }))
    }

    /// Get the version that has a label
    ///
    /// The version on which the label sits at this moment: once a move of the label is answered, no
    /// server answers with the version before. `latest` is the newest version.
    #[oai(
        path = "/agents/:agent_id/prompts/labels/:label",
        method = "get",
        operation_id = "get_prompt_by_label"
    )]
    async fn get_prompt_by_label(
        &self,
        #[oai(scope = "Scope::PromptsRead")] auth: Caller,
        /// Id of the agent.
        agent_id: Path<Id>,
        /// The label, or `latest`.
        label: Path<Label>,
        /// Entity tags that the client has; while the label sits on one of these versions the
        /// answer is 304.
        #[oai(name = "If-None-Match")]
        if_none_match: Header<Option<EntityTags>>,
    ) -> Result<GetPromptByLabelResponse, ApiError> {
        auth.require(Scope::PromptsRead)?;
        let key = (auth.tenant_id(), agent_id.0, label.0);
        let prompt = self.labelled.get(key).await?;
        let prompt = prompt.ok_or_else(|| ApiError::not_found("prompt"))?;
        let number = i64::from(prompt.version);
        let tag = etag(number);
        if if_none_match
            .0
            .is_some_and(|tags| tags.matches_weakly(number))
        {
            return Ok(GetPromptByLabelResponse::NotModified(tag));
        }
        Ok(GetPromptByLabelResponse::Found(Json(prompt), tag))
    }

    /// Put a label on a version
    ///
    /// Makes the label, or moves it: it sits on one version at a time. Send `If-Match` with the
    /// version on which it must sit now, or `If-None-Match: *` when there must be no such label, so
    /// as not to undo what somebody else has done meanwhile. The move is kept with time and client;
    /// a label that sits there already is left as it is.
    #[oai(
        path = "/agents/:agent_id/prompts/labels/:label",
        method = "put",
        operation_id = "set_prompt_label"
    )]
    async fn set_prompt_label(
        &self,
        #[oai(scope = "Scope::PromptsWrite")] auth: Caller,
        /// Id of the agent.
        agent_id: Path<Id>,
        /// The label; not `latest`.
        label: Path<Label>,
        /// Entity tag, which is the version on which the label must sit now; else the answer is
        /// 412.
        #[oai(name = "If-Match")]
        if_match: Header<Option<EntityTags>>,
        /// `*` when there must be no such label; else the answer is 412.
        #[oai(name = "If-None-Match")]
        if_none_match: Header<Option<EntityTags>>,
        body: Body<SetPromptLabel>,
    ) -> Result<SetPromptLabelResponse, ApiError> {
        auth.require(Scope::PromptsWrite)?;
        check_movable(&label)?;
        let (tenant, agent, client) = (auth.tenant_id(), agent_id.0, auth.client_id());
        let (label, version) = (label.0, body.version);
        let work = self.db.transaction(async |connection| {
            match store::target(connection, tenant, agent, version).await? {
                Target::Version => {}
                Target::NoVersion => return Err(no_such_version()),
                Target::NoAgent => return Err(ApiError::not_found("agent")),
            }
            let locked = store::lock(connection, tenant, agent, &label, client).await?;
            check_match(&locked, if_match.0.as_ref(), if_none_match.0.as_ref())?;
            let (mut moved_at, mut moved_by) = (locked.moved_at, locked.moved_by);
            if locked.version != Some(version) {
                let place = (agent, &label);
                let to = Some(version);
                moved_at = store::put(connection, tenant, place, &locked, to, client).await?;
                moved_by = client;
            }
            Ok(PromptLabel {
                label: label.clone(),
                version,
                moved_at,
                moved_by,
            })
        });
        let label = work.await?;
        let tag = etag(version.into());
        Ok(SetPromptLabelResponse::Set(Json(label), tag))
    }

    /// Delete a label
    ///
    /// The version stays, and so does the history of the label's moves.
    #[oai(
        path = "/agents/:agent_id/prompts/labels/:label",
        method = "delete",
        operation_id = "delete_prompt_label"
    )]
    async fn delete_prompt_label(
        &self,
        #[oai(scope = "Scope::PromptsWrite")] auth: Caller,
        /// Id of the agent.
        agent_id: Path<Id>,
        /// The label; not `latest`.
        label: Path<Label>,
        /// Entity tag, which is the version on which the label must sit now; else the answer is
        /// 412.
        #[oai(name = "If-Match")]
        if_match: Header<Option<EntityTags>>,
    ) -> Result<DeletePromptLabelResponse, ApiError> {
        auth.require(Scope::PromptsWrite)?;
        check_movable(&label)?;
        let (tenant, agent, client) = (auth.tenant_id(), agent_id.0, auth.client_id());
        let label = label.0;
        let work = self.db.transaction(async |connection| {
            let locked = store::lock_existing(connection, tenant, agent, &label)
                .await?
                .ok_or_else(|| ApiError::not_found("label"))?;
            check_match(&locked, if_match.0.as_ref(), None)?;
            let place = (agent, &label);
            store::put(connection, tenant, place, &locked, None, client).await?;
            Ok(DeletePromptLabelResponse::Deleted)
        });
        work.await
    }

    /// Render the version that has a label
    ///
    /// As `render_prompt` does, with the version on which the label sits at this moment; the answer
    /// says which one that was.
    #[oai(
        path = "/agents/:agent_id/prompts/labels/:label/render",
        method = "post",
        operation_id = "render_prompt_by_label"
    )]
    async fn render_prompt_by_label(
        &self,
        #[oai(scope = "Scope::PromptsRead")] auth: Caller,
        /// Id of the agent.
        agent_id: Path<Id>,
        /// The label, or `latest`.
        label: Path<Label>,
        body: Body<RenderPrompt>,
    ) -> Result<Json<RenderedPrompt>, ApiError> {
        auth.require(Scope::PromptsRead)?;
        let key = (auth.tenant_id(), agent_id.0, label.0);
        let prompt = self.labelled.get(key).await?;
        let prompt = prompt.ok_or_else(|| ApiError::not_found("prompt"))?;
        prompts::api::rendered(&self.workers, prompt, body).await
    }

    /// List the moves of a label
    ///
    /// Newest first: to which version the label went, when, and who moved it. They are kept when the
    /// label is deleted.
    #[oai(
        path = "/agents/:agent_id/prompts/labels/:label/moves",
        method = "get",
        operation_id = "list_prompt_label_moves"
    )]
    async fn list_prompt_label_moves(
        &self,
        #[oai(scope = "Scope::PromptsRead")] auth: Caller,
        /// Id of the agent.
        agent_id: Path<Id>,
        /// The label; not `latest`, which moves with every new version.
        label: Path<Label>,
        /// The most items on a page.
        #[oai(
            default = "page::default_limit",
            validator(minimum(value = "1"), maximum(value = "1000"))
        )]
        limit: Query<i32>,
        /// Where the page begins: the `next_cursor` of the page before.
        #[oai(validator(min_length = 1, max_length = 2000))]
        cursor: Query<Option<String>>,
    ) -> Result<Json<PromptLabelMovePage>, ApiError> {
        auth.require(Scope::PromptsRead)?;
        let (tenant, agent, label) = (auth.tenant_id(), agent_id.0, label.0);
        let list = ("list_prompt_label_moves", tenant.0, agent, &label);
        let below = page::decode_cursor(cursor.0.as_deref(), &list)?;
        let limit = usize::try_from(limit.0).unwrap_or(1);
        let connection = self.db.shared().await?;
        let page = store::list_moves(&connection, tenant, agent, &label, below, limit);
        let page = self.db.query(page).await?;
        if page.items.is_empty() && below.is_none() {
            return Err(ApiError::not_found("label"));
        }
        let last = page.items.last().filter(|_| page.more);
        let next_cursor = last.map(|item| page::encode_cursor(&list, &item.number));
        Ok(Json(PromptLabelMovePage {
            items: page.items,
            next_cursor,
        }))
    }
}

/// 422 for `latest`, which nobody can move.
fn check_movable(label: &Label) -> Result<(), ApiError> {
    Label::check_movable(label, &())
        .map_err(|error| ApiError::invalid_parameter("label", error.message()))
}

/// 412 unless the label sits where the caller believes (RFC 9110 §13.1).
fn check_match(
    locked: &Locked,
    if_match: Option<&EntityTags>,
    if_none_match: Option<&EntityTags>,
) -> Result<(), ApiError> {
    let now = locked.version.map(i64::from);
    let matches = if_match.is_none_or(|tags| {
        now.is_some_and(|now| tags.strong_versions().is_none_or(|all| all.contains(&now)))
    });
    let excluded =
        if_none_match.is_some_and(|tags| now.is_some_and(|now| tags.matches_weakly(now)));
    if matches && !excluded {
        return Ok(());
    }
    let detail = match now {
        Some(version) => format!("The label sits on version {version}."),
        None => "There is no such label.".to_owned(),
    };
    Err(ApiError::new(Problem::new(ProblemCode::Stale, detail)))
}

fn no_such_version() -> ApiError {
    let error = FieldError::body("/version", "the agent's prompt has no such version");
    ApiError::new(Problem::invalid(vec![error]))
}
