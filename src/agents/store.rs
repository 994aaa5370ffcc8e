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

/// How many rows of the order a search looks at, at least, before it turns to the filter's index.
const LOOK_AHEAD: usize = 1_000;

/// Where a page ends.
#[derive(Clone, Serialize, Deserialize)]
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
///
/// A search (by part of the name, by tag, by time of creation in the order of names) first looks
/// ahead, at the next rows of the order: what matches often fills a page there. Otherwise it
/// collects all that match, by the filter's index, and sorts them. The planner would choose one way
/// or the other by the values' frequency alone, and walk over nearly all agents when those that
/// match are many but stand at the other end of the order.
pub async fn list(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    filter: &AgentFilter,
    order: AgentOrder,
    after: Option<Position>,
    limit: usize,
) -> QueryResult<Page<Agent>> {
    let rest = || between(tenant, filter, order, after.clone(), None);
    let search = |rows| matching(rows, filter, order);
    if filter.name.is_some() {
        return page(connection, in_order(search(rest()), order), limit).await;
    }
    if !filter.is_search(order) {
        return page(connection, in_order(rest(), order), limit).await;
    }
    let Some(end) = look_ahead(connection, rest(), order, limit).await? else {
        return page(connection, in_order(search(rest()), order), limit).await;
    };
    let ahead = between(tenant, filter, order, after.clone(), Some(end));
    let found = page(connection, in_order(search(ahead), order), limit).await?;
    if found.more {
        return Ok(found);
    }
    page(connection, sorted(search(rest()), order), limit).await
}

type Query = agents::BoxedQuery<'static, diesel::pg::Pg>;

/// Runs the statement of a page.
async fn page(
    connection: &AsyncPgConnection,
    rows: Query,
    limit: usize,
) -> QueryResult<Page<Agent>> {
    use futures_util::TryStreamExt;
    let mut connection = connection;
    let rows = rows
        .limit(count(limit).saturating_add(1))
        .select(Row::as_select())
        .load_stream::<Row>(&mut connection)
        .await?;
    page::collect(rows.map_ok(Agent::from), limit, Agent::size).await
}

/// The position so far ahead that a search for matches in between is cheap; `None` when the list
/// ends before.
async fn look_ahead(
    connection: &AsyncPgConnection,
    rows: Query,
    order: AgentOrder,
    limit: usize,
) -> QueryResult<Option<Position>> {
    let mut connection = connection;
    let distance = limit.saturating_mul(10).max(LOOK_AHEAD);
    let row = in_order(rows, order).offset(count(distance) - 1).limit(1);
    let position = match order {
        AgentOrder::CreatedAtAsc | AgentOrder::CreatedAtDesc => row
            .select((agents::created_at, agents::id))
            .first(&mut connection)
            .await
            .map(|(instant, id)| Position::Created(instant, id)),
        AgentOrder::NameAsc | AgentOrder::NameDesc => row
            .select(agents::name)
            .first(&mut connection)
            .await
            .map(Position::Name),
    };
    position.optional()
}

/// The rows behind one position and up to another, with the filters that the order's own index
/// serves.
fn between(
    tenant: TenantId,
    filter: &AgentFilter,
    order: AgentOrder,
    after: Option<Position>,
    until: Option<Position>,
) -> Query {
    let mut query = living!(tenant).into_boxed();
    if let Some(name) = &filter.name {
        query = query.filter(agents::name.eq(name.clone()));
    }
    if let Some(status) = filter.status {
        query = query.filter(agents::status.eq(status));
    }
    if order.is_by_creation() {
        query = created(query, filter);
    }
    if let (Some(Position::Created(one, _)), Some(Position::Created(other, _))) = (&after, &until) {
        // It follows from what is below, but only of this the planner knows how little it leaves.
        query = query.filter(agents::created_at.between(*one.min(other), *one.max(other)));
    }
    let (behind, up_to) = if order.is_ascending() {
        (">", "<=")
    } else {
        ("<", ">=")
    };
    for (operator, position) in [(behind, after), (up_to, until)] {
        query = match position {
            Some(Position::Created(instant, id)) => query.filter(
                sql::<Bool>(&format!("(agents.created_at, agents.id) {operator} ("))
                    .bind::<Timestamptz, _>(instant)
                    .sql(", ")
                    .bind::<Uuid, _>(id)
                    .sql(")"),
            ),
            Some(Position::Name(name)) => {
                query.filter(sql::<Bool>(&format!("agents.name {operator} ")).bind::<Text, _>(name))
            }
            None => query,
        };
    }
    query
}

/// Those that a search is for.
fn matching(mut query: Query, filter: &AgentFilter, order: AgentOrder) -> Query {
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
    // A literal keeps diesel from preparing the statement once for all values, which would also
    // plan it once for all.
    let query = query.filter(sql::<Bool>("true"));
    if order.is_by_creation() {
        query
    } else {
        created(query, filter)
    }
}

fn created(mut query: Query, filter: &AgentFilter) -> Query {
    if let Some(instant) = filter.created_after {
        query = query.filter(agents::created_at.ge(instant));
    }
    if let Some(instant) = filter.created_before {
        query = query.filter(agents::created_at.lt(instant));
    }
    query
}

/// In order, by an index that has it.
fn in_order(query: Query, order: AgentOrder) -> Query {
    match order {
        AgentOrder::CreatedAtAsc => query.order((agents::created_at.asc(), agents::id.asc())),
        AgentOrder::CreatedAtDesc => query.order((agents::created_at.desc(), agents::id.desc())),
        AgentOrder::NameAsc => query.order(agents::name.asc()),
        AgentOrder::NameDesc => query.order(agents::name.desc()),
    }
}

/// In order, by sorting: no index has these expressions.
fn sorted(query: Query, order: AgentOrder) -> Query {
    let created_at = sql::<Timestamptz>("agents.created_at + interval '0'");
    let name = sql::<Text>("agents.name || ''");
    match order {
        AgentOrder::CreatedAtAsc => query.order((created_at.asc(), agents::id.asc())),
        AgentOrder::CreatedAtDesc => query.order((created_at.desc(), agents::id.desc())),
        AgentOrder::NameAsc => query.order(name.asc()),
        AgentOrder::NameDesc => query.order(name.desc()),
    }
}

fn count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
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
/// then on it is gone for every reader and writer; maintenance removes the rows later.
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

/// Agents that were marked deleted before an instant, up to a number. A maintenance statement: it
/// goes over all tenants.
pub async fn marked(
    connection: &mut AsyncPgConnection,
    before: Timestamp,
    limit: i64,
) -> QueryResult<Vec<(TenantId, Id)>> {
    let mut marked = agents::table
        .filter(agents::deleted_at.lt(before))
        .select((agents::tenant_id, agents::id))
        .limit(limit)
        .load::<(i64, Id)>(connection)
        .await?;
    // Two servers that purge at once meet in one order, and so wait without a deadlock.
    marked.sort_unstable();
    let keys = marked.into_iter();
    Ok(keys.map(|(tenant, id)| (TenantId(tenant), id)).collect())
}

/// Removes the row of an agent that is marked deleted and has nothing left; answers how many rows.
pub async fn remove(
    connection: &mut AsyncPgConnection,
    tenant: TenantId,
    id: Id,
) -> QueryResult<usize> {
    diesel::delete(
        agents::table
            .find((tenant.0, id))
            .filter(agents::deleted_at.is_not_null()),
    )
    .execute(connection)
    .await
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
