//! All SQL of agents; that of their list is in a file of its own.

use diesel::{
    dsl::not,
    prelude::*,
    result::{DatabaseErrorKind, Error as DieselError, QueryResult},
    sql_types::{Array, BigInt, Bool, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::model::{Agent, AgentStatus, UpdateAgent};
use crate::{
    db::{
        TenantId,
        by_keys::{self, ByKey, ByKeys},
        schema::{agents, datasets},
    },
    raw_json::RawObject,
    values::{Id, JsonObject, Timestamp},
};

/// The living agents of a tenant.
macro_rules! living {
    ($tenant:expr) => {
        agents::table
            .filter(agents::tenant_id.eq($tenant.0))
            .filter(agents::deleted_at.is_null())
    };
}

mod list;
pub use list::{Position, list};

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
    metadata: RawObject,
    version: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// What a caller sets of a row.
#[derive(Queryable, Selectable)]
#[diesel(table_name = agents)]
struct Settable {
    name: String,
    description: Option<String>,
    status: AgentStatus,
    model: Option<String>,
    tags: Vec<Option<String>>,
    metadata: JsonObject,
}

impl From<Settable> for UpdateAgent {
    fn from(row: Settable) -> Self {
        Self {
            name: row.name,
            description: row.description,
            status: row.status,
            model: row.model,
            tags: row.tags.into_iter().flatten().collect(),
            metadata: row.metadata,
        }
    }
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

/// The agents of these keys, in their order.
pub async fn get_many(
    connection: &AsyncPgConnection,
    keys: &[(TenantId, Id)],
) -> QueryResult<Vec<Option<Agent>>> {
    let mut connection = connection;
    if let [(tenant, id)] = keys {
        // Costs PostgreSQL less than the statement for many.
        let one = living!(tenant).filter(agents::id.eq(id));
        let row = one.select(Row::as_select()).first(&mut connection);
        return Ok(vec![row.await.optional()?.map(Agent::from)]);
    }
    let tenants: Vec<i64> = keys.iter().map(|(tenant, _)| tenant.0).collect();
    let ids: Vec<Id> = keys.iter().map(|(_, id)| *id).collect();
    let keys_of = (
        tenants.into_sql::<Array<BigInt>>(),
        ids.into_sql::<Array<Uuid>>(),
    );
    let rows = ByKeys::<ById, _>::new(keys_of).load::<(i64, Row)>(&mut connection);
    Ok(by_keys::in_order(rows.await?, keys.len()))
}

struct ById;

impl ByKey for ById {
    type Row = Row;
    const COLUMNS: &'static str = "tenant_id, id";
    const FROM: &'static str = "agents WHERE agents.tenant_id = key.tenant_id \
        AND agents.id = key.id AND agents.deleted_at IS NULL";
}

/// Whether the tenant has the agent.
pub async fn exists(connection: &AsyncPgConnection, tenant: TenantId, id: Id) -> QueryResult<bool> {
    let mut connection = connection;
    let living = living!(tenant).filter(agents::id.eq(id));
    diesel::select(diesel::dsl::exists(living))
        .get_result(&mut connection)
        .await
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

/// The version of an agent and what a caller has set of it, locked until the end of the transaction.
pub async fn lock(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    id: Id,
) -> QueryResult<Option<(i64, UpdateAgent)>> {
    let mut connection = connection;
    let row = living!(tenant)
        .filter(agents::id.eq(id))
        .select((agents::version, Settable::as_select()))
        .for_update()
        .first::<(i64, Settable)>(&mut connection);
    let row = row.await.optional()?;
    Ok(row.map(|(version, settable)| (version, settable.into())))
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
            .filter(agents::deleted_at.is_not_null())
            // A deleted dataset waits until its indexes are dropped.
            .filter(not(diesel::dsl::exists(
                datasets::table
                    .filter(datasets::tenant_id.eq(tenant.0))
                    .filter(datasets::agent_id.eq(id)),
            ))),
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
