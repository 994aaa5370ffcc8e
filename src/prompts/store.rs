//! All SQL of prompts.

use diesel::{
    deserialize::{self, FromSql, FromSqlRow},
    dsl::{auto_type, exists},
    expression::AsExpression,
    pg::{Pg, PgValue},
    prelude::*,
    result::QueryResult,
    serialize::{self, Output, ToSql},
    sql_types,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    content::{Body, Content, hexadecimal},
    message::PromptMessage,
    model::{Prompt, PromptType},
};
use crate::{
    db::{
        TenantId,
        schema::{agents, prompt_heads, prompts},
    },
    page::{MAX_PAGE_BYTES, Page},
    values::{Id, JsonObject, Timestamp},
};

mod get;
pub use get::{get, get_by_label};

/// About how many bytes an answer has for each version, besides its content.
const FRAME_BYTES: i32 = 600;

/// A value in a `json` column, which keeps its text as it is.
#[derive(Debug, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql_types::Json)]
struct Stored<T: std::fmt::Debug>(T);

impl<T: Serialize + std::fmt::Debug> ToSql<sql_types::Json, Pg> for Stored<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        serde_json::to_writer(out, &self.0)?;
        Ok(serialize::IsNull::No)
    }
}

impl<T: DeserializeOwned + std::fmt::Debug> FromSql<sql_types::Json, Pg> for Stored<T> {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(serde_json::from_slice(value.as_bytes())?))
    }
}

/// A row as the statements of this file read it.
#[derive(Queryable, Selectable)]
#[diesel(table_name = prompts)]
struct Row {
    agent_id: Id,
    version: i32,
    template: Option<String>,
    messages: Option<Stored<Vec<PromptMessage>>>,
    config: Stored<JsonObject>,
    variables: Vec<Option<String>>,
    description: Option<String>,
    content_hash: Vec<u8>,
    identical_to_previous: bool,
    created_by: Id,
    created_at: Timestamp,
}

impl From<Row> for Prompt {
    fn from(row: Row) -> Self {
        let kind = match &row.template {
            Some(_) => PromptType::Text,
            None => PromptType::Chat,
        };
        Self {
            agent_id: row.agent_id,
            version: row.version,
            kind,
            template: row.template,
            messages: row.messages.map(|messages| messages.0),
            config: row.config.0,
            variables: row.variables.into_iter().flatten().collect(),
            description: row.description,
            content_hash: hexadecimal(&row.content_hash),
            identical_to_previous: row.identical_to_previous,
            created_by: row.created_by,
            created_at: row.created_at,
        }
    }
}

/// Whether the agent lives.
#[auto_type(no_type_alias)]
pub(crate) fn living(tenant: i64, agent: Id) -> _ {
    exists(
        agents::table
            .filter(agents::tenant_id.eq(tenant))
            .filter(agents::id.eq(agent))
            .filter(agents::deleted_at.is_null()),
    )
}

/// A page of versions, newest first, below a version. It first looks at the sizes alone, so that no
/// more is read than the page may have.
pub async fn list(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    agent: Id,
    below: Option<i32>,
    limit: usize,
) -> QueryResult<Page<Prompt>> {
    let mut connection = connection;
    let sizes: Vec<(i32, i32)> = prompts::table
        .filter(prompts::tenant_id.eq(tenant.0))
        .filter(prompts::agent_id.eq(agent))
        .filter(prompts::version.lt(below.unwrap_or(i32::MAX)))
        .filter(living(tenant.0, agent))
        .order(prompts::version.desc())
        .limit(i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1))
        .select((prompts::version, prompts::content_bytes))
        .load(&mut connection)
        .await?;
    let (mut bytes, mut count) = (0, 0);
    for (_, content_bytes) in sizes.iter().take(limit) {
        bytes += usize::try_from(content_bytes.saturating_add(FRAME_BYTES)).unwrap_or(0);
        if bytes > MAX_PAGE_BYTES && count > 0 {
            break;
        }
        count += 1;
    }
    let versions = &sizes[..count];
    let (Some((newest, _)), Some((oldest, _))) = (versions.first(), versions.last()) else {
        return Ok(Page {
            items: Vec::new(),
            more: false,
        });
    };
    let rows: Vec<Row> = prompts::table
        .filter(prompts::tenant_id.eq(tenant.0))
        .filter(prompts::agent_id.eq(agent))
        .filter(prompts::version.between(*oldest, *newest))
        .filter(living(tenant.0, agent))
        .order(prompts::version.desc())
        .select(Row::as_select())
        .load(&mut connection)
        .await?;
    Ok(Page {
        items: rows.into_iter().map(Prompt::from).collect(),
        more: count < sizes.len(),
    })
}

/// Takes the next version number of a living agent; nobody else gets one of this agent until the
/// transaction ends.
pub async fn next_version(
    connection: &mut AsyncPgConnection,
    tenant: TenantId,
    agent: Id,
) -> QueryResult<Option<i32>> {
    let first = agents::table
        .filter(agents::tenant_id.eq(tenant.0))
        .filter(agents::id.eq(agent))
        .filter(agents::deleted_at.is_null())
        .select((
            agents::tenant_id,
            agents::id,
            1.into_sql::<sql_types::Integer>(),
        ));
    diesel::insert_into(prompt_heads::table)
        .values(first)
        .into_columns((
            prompt_heads::tenant_id,
            prompt_heads::agent_id,
            prompt_heads::version,
        ))
        .on_conflict((prompt_heads::tenant_id, prompt_heads::agent_id))
        .do_update()
        .set(prompt_heads::version.eq(prompt_heads::version + 1))
        .returning(prompt_heads::version)
        .get_result(connection)
        .await
        .optional()
}

/// Adds the version whose number was just taken.
pub async fn create(
    connection: &mut AsyncPgConnection,
    tenant: TenantId,
    (agent, version): (Id, i32),
    content: Content,
    description: Option<String>,
    created_by: Id,
) -> QueryResult<Prompt> {
    // The number's lock is ours, so the version before is committed.
    let identical: bool = diesel::select(exists(
        prompts::table
            .find((tenant.0, agent, version - 1))
            .filter(prompts::content_hash.eq(&content.hash)),
    ))
    .get_result(connection)
    .await?;
    let content_bytes = content.size() + description.as_ref().map_or(0, String::len);
    let Content {
        body,
        config,
        variables,
        hash,
    } = content;
    let kind = body.kind();
    let (template, messages) = match body {
        Body::Text(template) => (Some(template), None),
        Body::Chat(messages) => (None, Some(messages)),
    };
    let prompt = Prompt {
        agent_id: agent,
        version,
        kind,
        template,
        messages,
        config,
        variables,
        description,
        content_hash: hexadecimal(&hash),
        identical_to_previous: identical,
        created_by,
        created_at: Timestamp::now(),
    };
    let kind = match kind {
        PromptType::Text => "text",
        PromptType::Chat => "chat",
    };
    let variables: Vec<_> = prompt
        .variables
        .iter()
        .map(|name| Some(name.as_str()))
        .collect();
    diesel::insert_into(prompts::table)
        .values((
            prompts::tenant_id.eq(tenant.0),
            prompts::agent_id.eq(agent),
            prompts::version.eq(version),
            prompts::kind.eq(kind),
            prompts::template.eq(&prompt.template),
            prompts::messages.eq(prompt.messages.as_ref().map(Stored)),
            prompts::config.eq(Stored(&prompt.config)),
            prompts::variables.eq(variables),
            prompts::description.eq(&prompt.description),
            prompts::content_hash.eq(&hash),
            prompts::identical_to_previous.eq(identical),
            prompts::content_bytes.eq(i32::try_from(content_bytes).unwrap_or(i32::MAX)),
            prompts::created_by.eq(created_by),
            prompts::created_at.eq(prompt.created_at),
        ))
        .execute(connection)
        .await?;
    Ok(prompt)
}

/// Removes versions of an agent that is marked deleted, up to a number, and then its counter.
/// Answers how many rows it found.
pub async fn purge(
    connection: &mut AsyncPgConnection,
    tenant: TenantId,
    agent: Id,
    limit: i64,
) -> QueryResult<usize> {
    let versions = prompts::table
        .filter(prompts::tenant_id.eq(tenant.0))
        .filter(prompts::agent_id.eq(agent))
        .order(prompts::version)
        .limit(limit)
        .select(prompts::version)
        .load::<i32>(connection)
        .await?;
    if let Some(last) = versions.last() {
        diesel::delete(
            prompts::table
                .filter(prompts::tenant_id.eq(tenant.0))
                .filter(prompts::agent_id.eq(agent))
                .filter(prompts::version.le(*last)),
        )
        .execute(connection)
        .await?;
    }
    // Not what was removed here: another server may be removing the same, and then the agent would
    // look empty before it is.
    let mut found = versions.len();
    if i64::try_from(found).is_ok_and(|found| found < limit) {
        found += diesel::delete(prompt_heads::table.find((tenant.0, agent)))
            .execute(connection)
            .await?;
    }
    Ok(found)
}
