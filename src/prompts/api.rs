//! The operations on prompts.

use poem_openapi::{
    ApiResponse, OpenApi,
    param::{Header, Path, Query},
};

use super::{
    changes::PromptDiff,
    content::Content,
    diff,
    model::{NewPrompt, Prompt, PromptPage, RenderPrompt, RenderedPrompt},
    render, store,
    workers::Workers,
};
use crate::{
    agents,
    auth::{Caller, Scope},
    body::Body,
    db::{Db, TenantId, coalesce::Reader},
    etag::{EntityTags, etag},
    idempotency,
    json::Json,
    openapi::Tag,
    page,
    problem::{ApiError, Problem, ProblemCode},
    prompt_labels::{self, Label},
    values::Id,
};

/// A version never changes, so whoever has it need not ask again.
const IMMUTABLE: &str = "private, max-age=31536000, immutable";

/// The operations on prompts.
pub struct PromptsApi {
    /// The database.
    pub db: Db,
    /// Reads versions by agent and number.
    pub prompts: Reader<(TenantId, Id, i32), Prompt>,
    /// Base URL of the server, for `Location`.
    pub public_url: String,
    /// Where templates are parsed and rendered.
    pub workers: Workers,
}

/// A created version.
#[derive(ApiResponse)]
pub enum CreatePromptResponse {
    /// The version, as it is stored. A resend with the same `Idempotency-Key` gets the same answer.
    #[oai(status = 201)]
    Created(
        Json<Prompt>,
        /// URL of the version.
        #[oai(header = "Location")]
        String,
        /// Its entity tag: the number of the version.
        #[oai(header = "ETag")]
        String,
    ),
}

/// A version.
#[derive(ApiResponse)]
pub enum GetPromptResponse {
    /// The version.
    #[oai(status = 200)]
    Found(
        Json<Prompt>,
        /// Its entity tag: the number of the version.
        #[oai(header = "ETag")]
        String,
        /// It never changes, so clients may keep it.
        #[oai(header = "Cache-Control")]
        String,
    ),
    /// The client has it already.
    #[oai(status = 304)]
    NotModified(
        /// Its entity tag.
        #[oai(header = "ETag")]
        String,
        /// It never changes, so clients may keep it.
        #[oai(header = "Cache-Control")]
        String,
    ),
}

#[OpenApi(tag = "Tag::Prompts")]
impl PromptsApi {
    /// List an agent's prompts
    ///
    /// All versions, newest first. A page has up to `limit` items and ends earlier at 8 MiB; follow
    /// `next_cursor` until it is null.
    #[oai(
        path = "/agents/:agent_id/prompts",
        method = "get",
        operation_id = "list_prompts"
    )]
    async fn list_prompts(
        &self,
        #[oai(scope = "Scope::PromptsRead")] auth: Caller,
        /// Id of the agent.
        agent_id: Path<Id>,
        /// Only the version on which this label sits now; `latest` is the newest.
        label: Query<Option<Label>>,
        /// The most items on a page.
        #[oai(
            default = "page::default_limit",
            validator(minimum(value = "1"), maximum(value = "1000"))
        )]
        limit: Query<i32>,
        /// Where the page begins: the `next_cursor` of the page before, with the same filter.
        #[oai(validator(min_length = 1, max_length = 2000))]
        cursor: Query<Option<String>>,
    ) -> Result<Json<PromptPage>, ApiError> {
        auth.require(Scope::PromptsRead)?;
        let (tenant, agent) = (auth.tenant_id(), agent_id.0);
        let list = ("list_prompts", tenant.0, agent, &label.0);
        let below = page::decode_cursor(cursor.0.as_deref(), &list)?;
        let limit = usize::try_from(limit.0).unwrap_or(1);
        // Not a shared connection: what is behind a page of large prompts would wait for it.
        let connection = self.db.pooled().await?.for_rows();
        let page = async {
            let page = if let Some(label) = &label.0 {
                let key = [(tenant, agent, label.clone())];
                let found = store::get_by_label(&connection, &key).await?;
                let found = found.into_iter().flatten();
                let below = below.unwrap_or(i32::MAX);
                page::Page {
                    items: found.filter(|prompt| prompt.version < below).collect(),
                    more: false,
                }
            } else {
                store::list(&connection, tenant, agent, below, limit).await?
            };
            if page.items.is_empty() && !agents::store::exists(&connection, tenant, agent).await? {
                return Err(no_agent());
            }
            Ok(page)
        };
        let page = self.db.within(page).await?;
        let last = page.items.last().filter(|_| page.more);
        let next_cursor = last.map(|prompt| page::encode_cursor(&list, &prompt.version));
        Ok(Json(PromptPage {
            items: page.items,
            next_cursor,
        }))
    }

    /// Create a version of an agent's prompt
    ///
    /// The new version gets the next number: 1, 2, 3 and so on without gaps, whoever else writes at
    /// the same time. It never changes afterwards. Labels move to it in the same step, and `latest`
    /// does by itself. Content that equals that of the newest version is accepted, and
    /// `identical_to_previous` says so. A template that does not parse is refused with the line and
    /// the column. Send an `Idempotency-Key` to be able to resend the request safely.
    #[oai(
        path = "/agents/:agent_id/prompts",
        method = "post",
        operation_id = "create_prompt"
    )]
    async fn create_prompt(
        &self,
        #[oai(scope = "Scope::PromptsWrite")] auth: Caller,
        /// Id of the agent.
        agent_id: Path<Id>,
        /// Any text of the client's choice. For 24 hours a request with the same key and the same
        /// body gets the first answer again; one with another body is refused with 422.
        #[oai(name = "Idempotency-Key", validator(min_length = 1, max_length = 255))]
        idempotency_key: Header<Option<String>>,
        body: Body<NewPrompt>,
    ) -> Result<CreatePromptResponse, ApiError> {
        auth.require(Scope::PromptsWrite)?;
        let (tenant, agent, client) = (auth.tenant_id(), agent_id.0, auth.client_id());
        let path = agent.to_string();
        let key = idempotency_key.0;
        let request = idempotency::Request::new(key, "create_prompt", &[&path], body.bytes());
        let mut new = body.into_inner();
        let description = new.description.take();
        let parent = new.parent_version.take();
        let mut labels = std::mem::take(&mut new.labels);
        // In one order, so that two writers who lock the same labels do not wait for each other.
        labels.sort_unstable();
        let content = self.workers.run(|| Content::new(new)).await?;
        let content = content.map_err(|errors| ApiError::new(Problem::invalid(errors)))?;
        let work = self.db.transaction(async |connection| {
            if let Some(request) = &request
                && let Some(first) = idempotency::replay(connection, tenant, request).await?
            {
                return Ok(first);
            }
            let version = store::next_version(connection, tenant, agent)
                .await?
                .ok_or_else(no_agent)?;
            if parent.is_some_and(|parent| parent != version - 1) {
                return Err(not_newest(version - 1));
            }
            let key = (agent, version);
            let prompt = store::create(
                connection,
                tenant,
                key,
                content.clone(),
                description.clone(),
                client,
            )
            .await?;
            for label in &labels {
                let place = (agent, label);
                let locked =
                    prompt_labels::store::lock(connection, tenant, agent, label, client).await?;
                let to = Some(version);
                prompt_labels::store::put(connection, tenant, place, &locked, to, client).await?;
            }
            if let Some(request) = &request {
                idempotency::keep(connection, tenant, request, &prompt).await?;
            }
            Ok(prompt)
        });
        let prompt = work.await?;
        let location = format!(
            "{}/agents/{agent}/prompts/{}",
            self.public_url, prompt.version
        );
        let tag = etag(prompt.version.into());
        Ok(CreatePromptResponse::Created(Json(prompt), location, tag))
    }

    /// Get a version of an agent's prompt
    ///
    /// A version never changes, so clients may keep it for ever. Which labels sit on it, the
    /// operations on labels tell.
    #[oai(
        path = "/agents/:agent_id/prompts/:version",
        method = "get",
        operation_id = "get_prompt"
    )]
    async fn get_prompt(
        &self,
        #[oai(scope = "Scope::PromptsRead")] auth: Caller,
        /// Id of the agent.
        agent_id: Path<Id>,
        /// Number of the version.
        #[oai(validator(minimum(value = "1")))]
        version: Path<i32>,
        /// Entity tags that the client has; when the version's is among them the answer is 304.
        #[oai(name = "If-None-Match")]
        if_none_match: Header<Option<EntityTags>>,
    ) -> Result<GetPromptResponse, ApiError> {
        auth.require(Scope::PromptsRead)?;
        let key = (auth.tenant_id(), agent_id.0, version.0);
        let prompt = self.prompts.get(key).await?.ok_or_else(no_prompt)?;
        let number = i64::from(prompt.version);
        let (tag, cache) = (etag(number), IMMUTABLE.to_owned());
        if if_none_match
            .0
            .is_some_and(|tags| tags.matches_weakly(number))
        {
            return Ok(GetPromptResponse::NotModified(tag, cache));
        }
        Ok(GetPromptResponse::Found(Json(prompt), tag, cache))
    }

    /// Render a version of an agent's prompt
    ///
    /// Puts variables into the templates, which have the syntax of
    /// [MiniJinja](https://docs.rs/minijinja): `{{ name }}`, `{{ user.name|upper }}`,
    /// `{% if x is defined %}…{% else %}…{% endif %}`, `{% for d in documents %}…{% endfor %}`,
    /// `{% set %}`, `{% with %}`, `{% raw %}`, `{# comments #}`, tests, comparisons, and `range` of up
    /// to 1000 numbers. Text is not escaped. The filters are `abs`, `attr`, `bool`, `capitalize`,
    /// `count`, `d`, `default`, `dictsort`, `first`, `float`, `indent`, `int`, `items`, `join`,
    /// `last`, `length`, `lines`, `list`, `lower`, `map`, `max`, `min`, `reject`, `rejectattr`,
    /// `replace`, `reverse`, `round`, `select`, `selectattr`, `sort`, `split`, `string`, `title`,
    /// `tojson`, `trim`, `unique` and `upper`. There are no macros, no includes, no recursive loops,
    /// no `*` and no `**`.
    ///
    /// A variable that is used and not given is refused with 422, which names all that are missing;
    /// `{{ x|default("…") }}` and `{% if x is defined %}` do without. The result may have 1 MiB, and
    /// rendering may take 100,000 steps, fewer when the variables are large; what goes beyond is 422.
    #[oai(
        path = "/agents/:agent_id/prompts/:version/render",
        method = "post",
        operation_id = "render_prompt"
    )]
    async fn render_prompt(
        &self,
        #[oai(scope = "Scope::PromptsRead")] auth: Caller,
        /// Id of the agent.
        agent_id: Path<Id>,
        /// Number of the version.
        #[oai(validator(minimum(value = "1")))]
        version: Path<i32>,
        body: Body<RenderPrompt>,
    ) -> Result<Json<RenderedPrompt>, ApiError> {
        auth.require(Scope::PromptsRead)?;
        let key = (auth.tenant_id(), agent_id.0, version.0);
        let prompt = self.prompts.get(key).await?.ok_or_else(no_prompt)?;
        rendered(&self.workers, prompt, body).await
    }

    /// Compare two versions of an agent's prompt
    ///
    /// What the version has that the one before it, or the one named by `against`, has not. The
    /// text that is compared line by line has the sections `# text` with the template, or `# chat`
    /// with a `# message: role` or `# placeholder: name` for each message, then `# config` in JSON
    /// with its keys in order, then `# variables`. Large texts that differ nearly everywhere are not
    /// compared to the last line: after half a second the rest counts as deleted and inserted.
    #[oai(
        path = "/agents/:agent_id/prompts/:version/diff",
        method = "get",
        operation_id = "diff_prompts"
    )]
    async fn diff_prompts(
        &self,
        #[oai(scope = "Scope::PromptsRead")] auth: Caller,
        /// Id of the agent.
        agent_id: Path<Id>,
        /// Number of the version that is looked at.
        #[oai(validator(minimum(value = "1")))]
        version: Path<i32>,
        /// Number of the version that it is compared with. Default: the one before; the first
        /// version is compared with nothing.
        #[oai(validator(minimum(value = "1")))]
        against: Query<Option<i32>>,
    ) -> Result<Json<PromptDiff>, ApiError> {
        auth.require(Scope::PromptsRead)?;
        let (tenant, agent, version) = (auth.tenant_id(), agent_id.0, version.0);
        let against = against.0.or((version > 1).then_some(version - 1));
        let new = self.prompts.get((tenant, agent, version));
        let old = async {
            match against {
                Some(against) => self.prompts.get((tenant, agent, against)).await,
                None => Ok(None),
            }
        };
        let (new, old) = futures_util::try_join!(new, old)?;
        let new = new.ok_or_else(no_prompt)?;
        if old.is_none() && against.is_some() {
            let message = "the agent's prompt has no such version";
            return Err(ApiError::invalid_parameter("against", message));
        }
        let diff = self.workers.run(move || diff::diff(old.as_ref(), &new));
        Ok(Json(diff.await?))
    }
}

/// A version rendered with the variables of a request.
pub(crate) async fn rendered(
    workers: &Workers,
    prompt: Prompt,
    body: Body<RenderPrompt>,
) -> Result<Json<RenderedPrompt>, ApiError> {
    let rendered = workers.run(move || render::render(prompt, &body.variables));
    let rendered = rendered.await?;
    rendered
        .map(Json)
        .map_err(|errors| ApiError::new(Problem::invalid(errors)))
}

fn no_agent() -> ApiError {
    ApiError::not_found("agent")
}

fn no_prompt() -> ApiError {
    ApiError::not_found("prompt")
}

fn not_newest(newest: i32) -> ApiError {
    let detail = format!("The newest version is {newest} and not `parent_version`; read it again.");
    ApiError::new(Problem::new(ProblemCode::NotNewest, detail))
}
