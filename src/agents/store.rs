//! All SQL of agents.

use diesel::{
    dsl::sql,
    prelude::*,
    result::{DatabaseErrorKind, Error as DieselError, QueryResult},
    sql_types::{Bool, Text, Timestamptz, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::{Deserialize, Serialize};

use super::model::{Agent, AgentFilter, AgentOrder, AgentStatus, UpdateAgent};
use crate::{
    db::{TenantId, schema::agents},
    page::{self, Page},
    values::{Id, JsonObject, Timestamp},
};

/// Why an agent was not written.
#[derive(Debug)]
pub enum WriteError {
    /// Another living agent of the tenant has the name.
    NameTaken,
    /// Another agent of the tenant, perhaps a deleted one, has the id.
    IdTaken,
    /// The database.
    Database(DieselError),
}

impl From<DieselError> for WriteError {
    fn from(error: DieselError) -> Self {
        if let DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, information) = &error
        {
            // Behind Citus the constraint's name stands, with the shard's number, in the message only.
            let constraint = information
                .constraint_name()
                .unwrap_or(information.message());
            return if constraint.contains("agents_pkey") {
                Self::IdTaken
            } else {
                Self::NameTaken
            };
        }
        Self::Database(error)
    }
}

/// Where a page ends.
#[derive(Serialize, Deserialize)]
pub enum Position {
    /// In the orders by creation.
    Created(Timestamp, Id),
    /// In the orders by name.
    Name(String),
}

impl Position {
    /// The place of this agent in this order.
    pub fn of(agent: &Agent, order: AgentOrder) -> Self {
        match order {
            AgentOrder::CreatedAtAsc | AgentOrder::CreatedAtDesc => {
                Self::Created(agent.created_at, agent.id)
            }
            AgentOrder::NameAsc | AgentOrder::NameDesc => Self::Name(agent.name.clone()),
        }
    }
}

/// A row as the statements of this file read it.
#[derive(Queryable, Selectable)]
#[diesel(table_name = agents)]
pub struct Row {
    id: Id,
    name: String,
    description: Option<String>,
    status: AgentStatus,
    model: Option<String>,
    tags: Vec<Option<String>>,
    metadata: JsonObject,
    version: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<Row> for Agent {
    fn from(row: Row) -> Self {
        let Row {
            id,
            name,
            description,
            status,
            model,
            tags,
            metadata,
            version,
            created_at,
            updated_at,
        } = row;
        let tags = tags.into_iter().flatten().collect();
        Self {
            id,
            name,
            description,
            status,
            model,
            tags,
            metadata,
            version,
            created_at,
            updated_at,
        }
    }
}

/// The living agents of a tenant.
macro_rules! living {
    ($tenant:expr) => {
        agents::table
            .filter(agents::tenant_id.eq($tenant.0))
            .filter(agents::deleted_at.is_null())
    };
}

/// An agent.
pub async fn get(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    id: Id,
) -> QueryResult<Option<Agent>> {
    let mut connection = connection;
    let row = living!(tenant)
        .filter(agents::id.eq(id))
        .select(Row::as_select());
    Ok(row
        .first(&mut connection)
        .await
        .optional()?
        .map(Agent::from))
}

/// A page of agents behind a position.
pub async fn list(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    filter: &AgentFilter,
    order: AgentOrder,
    after: Option<Position>,
    limit: usize,
) -> QueryResult<Page<Agent>> {
    use futures_util::TryStreamExt;
    let mut connection = connection;
    let rows = list_query(tenant, filter, order, after, limit)
        .load_stream::<Row>(&mut connection)
        .await?;
    page::collect(rows.map_ok(Agent::from), limit, Agent::size).await
}

/// The statement of [`list`]; public so that a test can read its plan.
pub fn list_query<'a>(
    tenant: TenantId,
    filter: &AgentFilter,
    order: AgentOrder,
    after: Option<Position>,
    limit: usize,
) -> agents::BoxedQuery<
    'a,
    diesel::pg::Pg,
    diesel::dsl::SqlTypeOf<diesel::dsl::AsSelect<Row, diesel::pg::Pg>>,
> {
    let mut query = living!(tenant).select(Row::as_select()).into_boxed();
    if let Some(name) = &filter.name {
        query = query.filter(agents::name.eq(name.clone()));
    }
    if let Some(q) = &filter.q {
        // The index is on this very expression.
        query = query.filter(
            sql::<Bool>("agents.name COLLATE \"default\" ILIKE ").bind::<Text, _>(like_pattern(q)),
        );
    }
    if !filter.tags.is_empty() {
        let tags: Vec<_> = filter.tags.iter().cloned().map(Some).collect();
        query = query.filter(agents::tags.contains(tags));
    }
    if let Some(status) = filter.status {
        query = query.filter(agents::status.eq(status));
    }
    if let Some(instant) = filter.created_after {
        query = query.filter(agents::created_at.ge(instant));
    }
    if let Some(instant) = filter.created_before {
        query = query.filter(agents::created_at.lt(instant));
    }
    let ascending = matches!(order, AgentOrder::CreatedAtAsc | AgentOrder::NameAsc);
    match after {
        Some(Position::Created(instant, id)) => {
            let comparison = if ascending {
                "(agents.created_at, agents.id) > ("
            } else {
                "(agents.created_at, agents.id) < ("
            };
            let behind = sql::<Bool>(comparison)
                .bind::<Timestamptz, _>(instant)
                .sql(", ")
                .bind::<Uuid, _>(id)
                .sql(")");
            query = query.filter(behind);
        }
        Some(Position::Name(name)) if ascending => query = query.filter(agents::name.gt(name)),
        Some(Position::Name(name)) => query = query.filter(agents::name.lt(name)),
        None => {}
    }
    query = match order {
        AgentOrder::CreatedAtAsc => query.order((agents::created_at.asc(), agents::id.asc())),
        AgentOrder::CreatedAtDesc => query.order((agents::created_at.desc(), agents::id.desc())),
        AgentOrder::NameAsc => query.order(agents::name.asc()),
        AgentOrder::NameDesc => query.order(agents::name.desc()),
    };
    query.limit(i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1))
}

/// One or two characters match the beginning of the name, because the trigram index knows those;
/// three or more match anywhere. The pattern's own wildcards are escaped.
fn like_pattern(q: &str) -> String {
    let escaped = q
        .replace('\\', r"\\")
        .replace('%', r"\%")
        .replace('_', r"\_");
    if q.chars().count() < 3 {
        format!("{escaped}%")
    } else {
        format!("%{escaped}%")
    }
}

/// Adds an agent.
pub async fn create(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    id: Id,
    new: &UpdateAgent,
) -> Result<Agent, WriteError> {
    let mut connection = connection;
    let now = Timestamp::now();
    let row: Row = diesel::insert_into(agents::table)
        .values((
            agents::tenant_id.eq(tenant.0),
            agents::id.eq(id),
            columns(new),
            agents::version.eq(1),
            agents::created_at.eq(now),
            agents::updated_at.eq(now),
        ))
        .returning(Row::as_select())
        .get_result(&mut connection)
        .await?;
    Ok(row.into())
}

/// Replaces an agent that is at one of these versions (`None`: at any); `None` when there is no such
/// agent.
pub async fn update(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    id: Id,
    versions: Option<&[i64]>,
    update: &UpdateAgent,
) -> Result<Option<Agent>, WriteError> {
    let mut connection = connection;
    let row = diesel::update(
        living!(tenant)
            .filter(agents::id.eq(id))
            .filter(at_version(versions)),
    )
    .set((
        columns(update),
        agents::version.eq(agents::version + 1),
        agents::updated_at.eq(Timestamp::now()),
    ))
    .returning(Row::as_select())
    .get_result::<Row>(&mut connection)
    .await
    .optional()?;
    Ok(row.map(Agent::from))
}

/// An agent, locked until the end of the transaction.
pub async fn lock(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    id: Id,
) -> QueryResult<Option<Agent>> {
    let mut connection = connection;
    let row = living!(tenant)
        .filter(agents::id.eq(id))
        .select(Row::as_select())
        .for_update();
    Ok(row
        .first(&mut connection)
        .await
        .optional()?
        .map(Agent::from))
}

/// Marks an agent deleted that is at one of these versions; false when there is no such agent. From
/// then on it is gone for every reader and writer; [`purge`] removes the row later.
pub async fn delete(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    id: Id,
    versions: Option<&[i64]>,
) -> QueryResult<bool> {
    let mut connection = connection;
    let marked = diesel::update(
        living!(tenant)
            .filter(agents::id.eq(id))
            .filter(at_version(versions)),
    )
    .set(agents::deleted_at.eq(Timestamp::now()))
    .execute(&mut connection)
    .await?;
    Ok(marked == 1)
}

/// Removes agents that were marked deleted before an instant, up to a number; answers how many. A
/// maintenance statement: it goes over all tenants.
pub async fn purge(
    connection: &mut AsyncPgConnection,
    before: Timestamp,
    limit: i64,
) -> QueryResult<usize> {
    let marked = agents::table
        .filter(agents::deleted_at.lt(before))
        .select((agents::tenant_id, agents::id))
        .limit(limit)
        .load::<(i64, Id)>(connection)
        .await?;
    let mut purged = 0;
    for key in marked {
        purged += diesel::delete(agents::table.find(key))
            .execute(connection)
            .await?;
    }
    Ok(purged)
}

type Columns<'a> = (
    diesel::dsl::Eq<agents::name, &'a str>,
    diesel::dsl::Eq<agents::description, Option<&'a str>>,
    diesel::dsl::Eq<agents::status, AgentStatus>,
    diesel::dsl::Eq<agents::model, Option<&'a str>>,
    diesel::dsl::Eq<agents::tags, Vec<Option<&'a str>>>,
    diesel::dsl::Eq<agents::metadata, &'a JsonObject>,
);

/// The columns that a caller sets.
fn columns(agent: &UpdateAgent) -> Columns<'_> {
    let tags: Vec<_> = agent.tags.iter().map(|tag| Some(tag.as_str())).collect();
    (
        agents::name.eq(agent.name.as_str()),
        agents::description.eq(agent.description.as_deref()),
        agents::status.eq(agent.status),
        agents::model.eq(agent.model.as_deref()),
        agents::tags.eq(tags),
        agents::metadata.eq(&agent.metadata),
    )
}

/// True when no version is asked for, or the row's is among them.
fn at_version(
    versions: Option<&[i64]>,
) -> diesel::dsl::Or<diesel::dsl::AsExprOf<bool, Bool>, diesel::dsl::EqAny<agents::version, Vec<i64>>>
{
    use diesel::IntoSql;
    let any = versions.is_none().into_sql::<Bool>();
    any.or(agents::version.eq_any(versions.unwrap_or_default().to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_in_a_search_are_plain_characters() {
        assert_eq!(like_pattern("a%"), r"a\%%");
        assert_eq!(like_pattern(r"50%_\"), r"%50\%\_\\%");
    }
}
