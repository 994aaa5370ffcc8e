//! All SQL of configs; that of their removal is in a file of its own.

use diesel::{
    dsl::{exists, not},
    prelude::*,
    result::QueryResult,
    sql_types::Text,
    upsert::excluded,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures_util::TryStreamExt;

use super::{key::ConfigKey, model::At, value::ConfigValue};
use crate::{
    db::{
        TenantId,
        schema::{agents, config_heads, config_versions, configs},
    },
    page::{self, Page},
    values::{Id, JsonObject, Timestamp},
};

mod purge;
pub use purge::purge;

/// The channel on which servers tell each other that an agent's configs have changed.
pub const CHANNEL: &str = "config_changes";

/// What a version holds.
#[derive(Clone, Debug)]
pub enum Content {
    /// A value.
    Plain(ConfigValue),
    /// A value, sealed.
    Sealed(Vec<u8>),
    /// Nothing: the version deleted the config.
    Deleted,
}

/// A version as it is stored.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The config's key.
    pub key: ConfigKey,
    /// The number of the version.
    pub version: i64,
    /// The number of the change, in the agent.
    pub change: i64,
    /// Its value.
    pub content: Content,
    /// What the config is for.
    pub description: Option<String>,
    /// What its values must fit.
    pub schema: Option<JsonObject>,
    /// Whether its value is a secret.
    pub secret: bool,
    /// When the key was first set.
    pub created_at: Timestamp,
    /// When the version was made.
    pub changed_at: Timestamp,
    /// The client that made it.
    pub changed_by: Id,
}

impl Stored {
    /// Whether the version deleted the config.
    pub fn is_deleted(&self) -> bool {
        matches!(self.content, Content::Deleted)
    }

    /// About how many bytes it takes in an answer.
    fn size(&self) -> usize {
        let value = match &self.content {
            Content::Plain(value) => value.encoded().len(),
            Content::Sealed(sealed) => sealed.len(),
            Content::Deleted => 0,
        };
        600 + value
            + self.description.as_ref().map_or(0, String::len)
            + self.schema.as_ref().map_or(0, JsonObject::encoded_len)
    }
}

/// A row as the statements of this file read it.
#[derive(Queryable, Selectable)]
#[diesel(table_name = config_versions)]
struct Row {
    key: ConfigKey,
    version: i64,
    change: i64,
    value: Option<ConfigValue>,
    sealed_value: Option<Vec<u8>>,
    description: Option<String>,
    schema: Option<JsonObject>,
    secret: bool,
    changed_at: Timestamp,
    changed_by: Id,
}

/// A row, and when its key was first set.
fn stored((row, created_at): (Row, Timestamp)) -> Stored {
    let content = match (row.value, row.sealed_value) {
        (Some(value), _) => Content::Plain(value),
        (None, Some(sealed)) => Content::Sealed(sealed),
        (None, None) => Content::Deleted,
    };
    Stored {
        key: row.key,
        version: row.version,
        change: row.change,
        content,
        description: row.description,
        schema: row.schema,
        secret: row.secret,
        created_at,
        changed_at: row.changed_at,
        changed_by: row.changed_by,
    }
}

/// The living agent.
macro_rules! agent {
    ($tenant:expr, $agent:expr) => {
        agents::table
            .find(($tenant.0, $agent))
            .filter(agents::deleted_at.is_null())
    };
}

/// The versions of a living agent's configs.
macro_rules! versions {
    ($tenant:expr, $agent:expr) => {
        configs::table
            .inner_join(
                config_versions::table.on(config_versions::tenant_id
                    .eq(configs::tenant_id)
                    .and(config_versions::agent_id.eq(configs::agent_id))
                    .and(config_versions::key.eq(configs::key))),
            )
            .filter(configs::tenant_id.eq($tenant.0))
            .filter(configs::agent_id.eq($agent))
            .filter(exists(agent!($tenant, $agent)))
            .select((Row::as_select(), configs::created_at))
    };
}

/// A version of a config; `None` when the agent, the key or the version is not there.
pub async fn get(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    agent: Id,
    key: &ConfigKey,
    at: At,
) -> QueryResult<Option<Stored>> {
    let mut connection = connection;
    let versions = versions!(tenant, agent).filter(configs::key.eq(key));
    let row = match at {
        At::Now => {
            let newest = versions.filter(config_versions::version.eq(configs::version));
            newest.first(&mut connection).await
        }
        At::Version(number) => {
            let numbered = versions.filter(config_versions::version.eq(number));
            numbered.first(&mut connection).await
        }
        At::Time(instant) => {
            let until = versions
                .filter(config_versions::changed_at.le(instant))
                .order((
                    config_versions::changed_at.desc(),
                    config_versions::version.desc(),
                ));
            until.first(&mut connection).await
        }
    };
    Ok(row.optional()?.map(stored))
}

/// A page of the configs that are not deleted, by key, behind one.
pub async fn list(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    agent: Id,
    prefix: Option<&str>,
    after: Option<&str>,
    limit: usize,
) -> QueryResult<Page<Stored>> {
    let mut connection = connection;
    let mut query = versions!(tenant, agent)
        .filter(config_versions::version.eq(configs::version))
        .filter(not(configs::deleted))
        .into_boxed();
    if let Some(prefix) = prefix {
        // All characters of keys come before this one.
        let end = format!("{prefix}\u{7f}");
        query = query
            .filter(configs::key.ge(prefix.to_owned()))
            .filter(configs::key.lt(end));
    }
    if let Some(after) = after {
        query = query.filter(configs::key.gt(after.to_owned()));
    }
    let rows = query
        .order(configs::key)
        .limit(count(limit).saturating_add(1))
        .load_stream(&mut connection)
        .await?;
    page::collect(rows.map_ok(stored), limit, Stored::size).await
}

/// A page of a config's versions, newest first, before one.
pub async fn versions(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    agent: Id,
    key: &ConfigKey,
    before: Option<i64>,
    limit: usize,
) -> QueryResult<Page<Stored>> {
    let mut connection = connection;
    let rows = versions!(tenant, agent)
        .filter(configs::key.eq(key))
        .filter(config_versions::version.lt(before.unwrap_or(i64::MAX)))
        .order(config_versions::version.desc())
        .limit(count(limit).saturating_add(1))
        .load_stream(&mut connection)
        .await?;
    page::collect(rows.map_ok(stored), limit, Stored::size).await
}

fn count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

/// Locks the agent's configs against other changes until the end of the transaction, and answers the
/// number of their newest change; `None` when the agent is not there.
pub async fn lock(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    agent: Id,
) -> QueryResult<Option<i64>> {
    let mut connection = connection;
    let none_yet = 0.into_sql::<diesel::sql_types::BigInt>();
    diesel::insert_into(config_heads::table)
        .values(agent!(tenant, agent).select((agents::tenant_id, agents::id, none_yet)))
        .into_columns((
            config_heads::tenant_id,
            config_heads::agent_id,
            config_heads::change,
        ))
        .on_conflict((config_heads::tenant_id, config_heads::agent_id))
        .do_update()
        .set(config_heads::change.eq(config_heads::change))
        .returning(config_heads::change)
        .get_result(&mut connection)
        .await
        .optional()
}

/// Adds a version that is its config's newest, in a transaction that holds the [`lock`], and wakes
/// the watchers when the transaction commits.
pub async fn add(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    agent: Id,
    new: &Stored,
) -> QueryResult<()> {
    let mut connection = connection;
    diesel::update(config_heads::table.find((tenant.0, agent)))
        .set(config_heads::change.eq(new.change))
        .execute(&mut connection)
        .await?;
    diesel::insert_into(configs::table)
        .values((
            configs::tenant_id.eq(tenant.0),
            configs::agent_id.eq(agent),
            configs::key.eq(&new.key),
            configs::version.eq(new.version),
            configs::deleted.eq(new.is_deleted()),
            configs::created_at.eq(new.created_at),
        ))
        .on_conflict((configs::tenant_id, configs::agent_id, configs::key))
        .do_update()
        .set((
            configs::version.eq(excluded(configs::version)),
            configs::deleted.eq(excluded(configs::deleted)),
        ))
        .execute(&mut connection)
        .await?;
    let (value, sealed_value) = match &new.content {
        Content::Plain(value) => (Some(value), None),
        Content::Sealed(sealed) => (None, Some(sealed)),
        Content::Deleted => (None, None),
    };
    diesel::insert_into(config_versions::table)
        .values((
            config_versions::tenant_id.eq(tenant.0),
            config_versions::agent_id.eq(agent),
            config_versions::key.eq(&new.key),
            config_versions::version.eq(new.version),
            config_versions::change.eq(new.change),
            config_versions::value.eq(value),
            config_versions::sealed_value.eq(sealed_value),
            config_versions::description.eq(&new.description),
            config_versions::schema.eq(&new.schema),
            config_versions::secret.eq(new.secret),
            config_versions::deleted.eq(new.is_deleted()),
            config_versions::changed_at.eq(new.changed_at),
            config_versions::changed_by.eq(new.changed_by),
        ))
        .execute(&mut connection)
        .await?;
    diesel::sql_query("SELECT pg_notify($1, $2)")
        .bind::<Text, _>(CHANNEL)
        .bind::<Text, _>(format!("{}:{agent}", tenant.0))
        .execute(&mut connection)
        .await?;
    Ok(())
}

/// The number of the newest change of an agent's configs, 0 before the first; `None` when the agent is
/// not there.
pub async fn newest_change(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    agent: Id,
) -> QueryResult<Option<i64>> {
    let mut connection = connection;
    let change: Option<Option<i64>> = agent!(tenant, agent)
        .left_join(
            config_heads::table.on(config_heads::tenant_id
                .eq(agents::tenant_id)
                .and(config_heads::agent_id.eq(agents::id))),
        )
        .select(config_heads::change.nullable())
        .first(&mut connection)
        .await
        .optional()?;
    Ok(change.map(Option::unwrap_or_default))
}

/// Changes of an agent's configs behind one, in their order, up to a number of them and to a number of
/// bytes, but at least one when there is any.
pub async fn changes(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    agent: Id,
    after: i64,
    limit: usize,
    bytes: usize,
) -> QueryResult<Vec<Stored>> {
    let mut connection = connection;
    let mut rows = versions!(tenant, agent)
        .filter(config_versions::tenant_id.eq(tenant.0))
        .filter(config_versions::agent_id.eq(agent))
        .filter(config_versions::change.gt(after))
        .order(config_versions::change)
        .limit(count(limit))
        .load_stream(&mut connection)
        .await?
        .map_ok(stored);
    let (mut changes, mut size) = (Vec::new(), 0);
    while let Some(change) = rows.try_next().await? {
        size += change.size();
        changes.push(change);
        if size >= bytes {
            break;
        }
    }
    Ok(changes)
}
