//! All SQL of datasets; what counts their embeddings and what removes them is in files of their own.

use diesel::{
    dsl::{auto_type, case_when, exists, sql},
    prelude::*,
    result::{DatabaseErrorKind, Error as DieselError, QueryResult},
    sql_types::{BigInt, Bool, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures_util::TryStreamExt;
use serde::{Deserialize, Serialize};

use super::{
    model::{Dataset, DatasetIndex, UpdateDataset},
    words::{Distance, IndexState, Language},
};
use crate::{
    db::{
        TenantId,
        schema::{agents, datasets},
    },
    page::{self, Page},
    values::{Id, JsonObject, Timestamp},
};

/// Why a dataset was not written.
#[derive(Debug)]
pub enum WriteError {
    /// Another living dataset of the agent has the name.
    NameTaken,
    /// Another dataset of the tenant, perhaps a deleted one, has the id.
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
            return if constraint.contains("datasets_pkey") {
                Self::IdTaken
            } else {
                Self::NameTaken
            };
        }
        Self::Database(error)
    }
}

/// The datasets of a tenant that are not deleted and whose agent is not.
macro_rules! living {
    ($tenant:expr) => {
        datasets::table
            .filter(datasets::tenant_id.eq($tenant.0))
            .filter(datasets::deleted_at.is_null())
            .filter(of_living_agent($tenant.0))
    };
}

mod count;
pub mod indexes;
mod purge;
pub use count::{Shape, count};
pub use purge::{marked, purge, remove};

/// Whether the row's agent lives.
#[auto_type]
fn of_living_agent(tenant: i64) -> _ {
    exists(
        agents::table
            .filter(agents::tenant_id.eq(tenant))
            .filter(agents::id.eq(datasets::agent_id))
            .filter(agents::deleted_at.is_null()),
    )
}

/// Whether the dataset lives, and its agent too.
#[auto_type(no_type_alias)]
pub(crate) fn living(tenant: i64, dataset: Id) -> _ {
    let agent_lives: of_living_agent = of_living_agent(tenant);
    exists(
        datasets::table
            .filter(datasets::tenant_id.eq(tenant))
            .filter(datasets::id.eq(dataset))
            .filter(datasets::deleted_at.is_null())
            .filter(agent_lives),
    )
}

/// A row as the statements of this file read it.
#[derive(Queryable, Selectable)]
#[diesel(table_name = datasets)]
struct Row {
    id: Id,
    agent_id: Id,
    name: String,
    description: Option<String>,
    metadata: JsonObject,
    dimension: Option<i32>,
    distance: Distance,
    embedding_model: Option<String>,
    language: Language,
    embedding_count: i64,
    index_state: IndexState,
    index_built_at: Option<Timestamp>,
    version: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<Row> for Dataset {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            agent_id: row.agent_id,
            name: row.name,
            description: row.description,
            metadata: row.metadata,
            dimension: row.dimension,
            distance: row.distance,
            embedding_model: row.embedding_model,
            language: row.language,
            embedding_count: row.embedding_count,
            index: DatasetIndex::new(row.index_state, row.index_built_at),
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// A dataset of an agent.
pub async fn get(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    agent: Id,
    id: Id,
) -> QueryResult<Option<Dataset>> {
    let mut connection = connection;
    let one = living!(tenant)
        .filter(datasets::id.eq(id))
        .filter(datasets::agent_id.eq(agent));
    let row: Option<Row> = one
        .select(Row::as_select())
        .first(&mut connection)
        .await
        .optional()?;
    Ok(row.map(Dataset::from))
}

/// A dataset, of whatever agent.
pub async fn find(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    id: Id,
) -> QueryResult<Option<Dataset>> {
    let mut connection = connection;
    let one = living!(tenant).filter(datasets::id.eq(id));
    let row: Option<Row> = one
        .select(Row::as_select())
        .first(&mut connection)
        .await
        .optional()?;
    Ok(row.map(Dataset::from))
}

/// Where a page ends.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub struct Position(Timestamp, Id);

impl Position {
    /// The place of this dataset.
    pub fn of(dataset: &Dataset) -> Self {
        Self(dataset.created_at, dataset.id)
    }
}

/// A page of an agent's datasets behind a position, newest first; empty when there is no such agent.
pub async fn list(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    agent: Id,
    name: Option<&str>,
    after: Option<Position>,
    limit: usize,
) -> QueryResult<Page<Dataset>> {
    let mut connection = connection;
    let mut query = living!(tenant)
        .filter(datasets::agent_id.eq(agent))
        .into_boxed();
    if let Some(name) = name {
        query = query.filter(datasets::name.eq(name.to_owned()));
    }
    if let Some(Position(instant, id)) = after {
        query = query.filter(
            sql::<Bool>("(datasets.created_at, datasets.id) < (")
                .bind::<Timestamptz, _>(instant)
                .sql(", ")
                .bind::<Uuid, _>(id)
                .sql(")"),
        );
    }
    let rows = query
        .order((datasets::created_at.desc(), datasets::id.desc()))
        .limit(i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1))
        .select(Row::as_select())
        .load_stream::<Row>(&mut connection)
        .await?;
    page::collect(rows.map_ok(Dataset::from), limit, Dataset::size).await
}

/// Adds a dataset to an agent; `None` when there is no such agent.
pub async fn create(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    agent: Id,
    id: Id,
    new: &UpdateDataset,
) -> Result<Option<Dataset>, WriteError> {
    let mut connection = connection;
    let now = Timestamp::now();
    let values = agents::table
        .find((tenant.0, agent))
        .filter(agents::deleted_at.is_null())
        .select((
            agents::tenant_id,
            id.into_sql::<Uuid>(),
            agents::id,
            new.name.as_str().into_sql::<Text>(),
            new.description.as_deref().into_sql::<Nullable<Text>>(),
            (&new.metadata).into_sql::<Jsonb>(),
            new.dimension.into_sql::<Nullable<Integer>>(),
            new.distance.into_sql::<Text>(),
            new.embedding_model.as_deref().into_sql::<Nullable<Text>>(),
            new.language.into_sql::<Text>(),
            0.into_sql::<BigInt>(),
            IndexState::Exact.into_sql::<Text>(),
            false.into_sql::<Bool>(),
            0.into_sql::<Integer>(),
            1.into_sql::<BigInt>(),
            now.into_sql::<Timestamptz>(),
            now.into_sql::<Timestamptz>(),
        ));
    let row: Option<Row> = diesel::insert_into(datasets::table)
        .values(values)
        .into_columns((
            datasets::tenant_id,
            datasets::id,
            datasets::agent_id,
            datasets::name,
            datasets::description,
            datasets::metadata,
            datasets::dimension,
            datasets::distance,
            datasets::embedding_model,
            datasets::language,
            datasets::embedding_count,
            datasets::index_state,
            datasets::index_wanted,
            datasets::index_generation,
            datasets::version,
            datasets::created_at,
            datasets::updated_at,
        ))
        .returning(Row::as_select())
        .get_result(&mut connection)
        .await
        .optional()?;
    Ok(row.map(Dataset::from))
}

/// Whether nothing keeps the dataset's shape as it is: no embeddings, and no index that takes vectors of
/// that shape only.
#[auto_type]
fn is_free(without_index: IndexState) -> _ {
    datasets::embedding_count
        .eq(0_i64)
        .and(datasets::index_state.eq(without_index))
}

/// Replaces a dataset that is at one of these versions (`None`: at any); `None` when there is no such
/// dataset, or it has embeddings of another dimension or distance.
pub async fn update(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    agent: Id,
    id: Id,
    versions: Option<&[i64]>,
    update: &UpdateDataset,
) -> Result<Option<Dataset>, WriteError> {
    let mut connection = connection;
    let any_dimension = update.dimension.is_none().into_sql::<Bool>();
    let fits = datasets::distance.eq(update.distance).and(
        any_dimension.or(datasets::dimension
            .assume_not_null()
            .eq(update.dimension.unwrap_or_default())),
    );
    let row = diesel::update(
        living!(tenant)
            .filter(datasets::id.eq(id))
            .filter(datasets::agent_id.eq(agent))
            .filter(at_version(versions))
            .filter(is_free(IndexState::Exact).or(fits)),
    )
    .set((
        datasets::name.eq(update.name.as_str()),
        datasets::description.eq(update.description.as_deref()),
        datasets::metadata.eq(&update.metadata),
        datasets::dimension.eq(case_when(
            is_free(IndexState::Exact),
            update.dimension.into_sql::<Nullable<Integer>>(),
        )
        .otherwise(datasets::dimension)),
        datasets::distance.eq(update.distance),
        datasets::embedding_model.eq(update.embedding_model.as_deref()),
        datasets::language.eq(update.language),
        datasets::version.eq(datasets::version + 1),
        datasets::updated_at.eq(Timestamp::now()),
    ))
    .returning(Row::as_select())
    .get_result::<Row>(&mut connection)
    .await
    .optional()?;
    Ok(row.map(Dataset::from))
}

/// A dataset, locked until the end of the transaction.
pub async fn lock(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    agent: Id,
    id: Id,
) -> QueryResult<Option<Dataset>> {
    let mut connection = connection;
    let row: Option<Row> = living!(tenant)
        .filter(datasets::id.eq(id))
        .filter(datasets::agent_id.eq(agent))
        .select(Row::as_select())
        .for_no_key_update()
        .first(&mut connection)
        .await
        .optional()?;
    Ok(row.map(Dataset::from))
}

/// Marks a dataset deleted that is at one of these versions; false when there is no such dataset.
/// From then on it is gone for every reader and writer; maintenance removes the rows later.
pub async fn delete(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    agent: Id,
    id: Id,
    versions: Option<&[i64]>,
) -> QueryResult<bool> {
    let mut connection = connection;
    let marked = diesel::update(
        living!(tenant)
            .filter(datasets::id.eq(id))
            .filter(datasets::agent_id.eq(agent))
            .filter(at_version(versions)),
    )
    .set(datasets::deleted_at.eq(Timestamp::now()))
    .execute(&mut connection)
    .await?;
    Ok(marked == 1)
}

/// True when no version is asked for, or the row's is among them.
fn at_version(
    versions: Option<&[i64]>,
) -> diesel::dsl::Or<
    diesel::dsl::AsExprOf<bool, Bool>,
    diesel::dsl::EqAny<datasets::version, Vec<i64>>,
> {
    let any = versions.is_none().into_sql::<Bool>();
    any.or(datasets::version.eq_any(versions.unwrap_or_default().to_vec()))
}
