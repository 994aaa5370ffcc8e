//! The SQL that stores many embeddings at once.

use std::collections::{BTreeMap, HashMap};

use diesel::{
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    result::{Error as DieselError, QueryResult},
    sql_types::{Array, BigInt, Bool, Integer, Jsonb, Text, Timestamptz, Uuid},
};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use pgvector::sql_types::Vector;

use crate::{
    datasets::store::{Shape, count},
    db::TenantId,
    embeddings::model::{NewEmbedding, OnConflict},
    raw_json::RawObject,
    values::{Id, Timestamp},
};

/// An embedding to be stored.
pub struct NewRow<'a> {
    /// Its id.
    pub id: Id,
    /// What the caller says of it.
    pub new: &'a NewEmbedding,
    /// Its vector.
    pub vector: pgvector::Vector,
}

/// What was stored.
#[derive(Debug, PartialEq, Eq)]
pub struct Created {
    /// How many were not there before.
    pub stored: usize,
}

/// Why embeddings were not stored. None of the request was.
#[derive(Debug)]
pub enum WriteError {
    /// These ids are there with another content.
    Taken(Vec<Id>),
    /// The dataset has another shape than was thought, or is gone: look at it again.
    Changed,
    /// The database.
    Database(DieselError),
}

impl From<DieselError> for WriteError {
    fn from(error: DieselError) -> Self {
        Self::Database(error)
    }
}

/// Stores embeddings of a shape in a dataset, all or none, in a transaction of its own. No id may be
/// among them twice.
pub async fn create(
    connection: &mut AsyncPgConnection,
    tenant: TenantId,
    dataset: Id,
    shape: Shape,
    on_conflict: OnConflict,
    rows: &[NewRow<'_>],
) -> Result<Created, WriteError> {
    // Writers of the same ids meet in one order, and so wait without a deadlock.
    let sorted: BTreeMap<Id, &NewRow<'_>> = rows.iter().map(|row| (row.id, row)).collect();
    let all = Columns::new(sorted.values().copied());
    let work = connection.transaction(async |connection| {
        let insert = Insert {
            tenant: tenant.0,
            dataset,
            columns: &all,
            now: Timestamp::now(),
            update: on_conflict == OnConflict::Update,
        };
        let written: HashMap<Id, i64> = insert
            .load::<(Id, i64)>(connection)
            .await?
            .into_iter()
            .collect();
        let there = sorted.values().filter(|row| !written.contains_key(&row.id));
        let there = Columns::new(there.copied());
        compare(connection, tenant, dataset, &there).await?;
        let stored = written.values().filter(|version| **version == 1).count();
        let added = i64::try_from(stored).unwrap_or(i64::MAX);
        if written.is_empty() || count(connection, tenant, dataset, added, Some(shape)).await? {
            Ok(Created { stored })
        } else {
            Err(WriteError::Changed)
        }
    });
    work.await
}

/// Requires that embeddings which are there already are the same.
async fn compare(
    connection: &mut AsyncPgConnection,
    tenant: TenantId,
    dataset: Id,
    columns: &Columns<'_>,
) -> Result<(), WriteError> {
    if columns.ids.is_empty() {
        return Ok(());
    }
    let compare = Compare {
        tenant: tenant.0,
        dataset,
        columns,
    };
    let found: Vec<(Id, bool)> = compare.load(connection).await?;
    if found.len() < columns.ids.len() {
        // One was there a moment ago and has been deleted.
        return Err(WriteError::Changed);
    }
    let other = found.into_iter().filter(|(_, same)| !same);
    let taken: Vec<Id> = other.map(|(id, _)| id).collect();
    if taken.is_empty() {
        Ok(())
    } else {
        Err(WriteError::Taken(taken))
    }
}

/// The rows' values, an array for each column.
#[derive(Default)]
struct Columns<'a> {
    ids: Vec<Id>,
    contents: Vec<&'a str>,
    metadata: Vec<&'a RawObject>,
    vectors: Vec<&'a pgvector::Vector>,
    bytes: Vec<i32>,
}

impl<'a> Columns<'a> {
    fn new(rows: impl Iterator<Item = &'a NewRow<'a>>) -> Self {
        let mut columns = Self::default();
        for NewRow { id, new, vector } in rows {
            let bytes = new.content.len() + new.metadata.text().len();
            columns.ids.push(*id);
            columns.contents.push(&new.content);
            columns.metadata.push(&new.metadata);
            columns.vectors.push(vector);
            columns.bytes.push(i32::try_from(bytes).unwrap_or(i32::MAX));
        }
        columns
    }

    /// As a table `r`.
    fn walk<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("unnest(");
        out.push_bind_param::<Array<Uuid>, _>(&self.ids)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.contents)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Jsonb>, _>(&self.metadata)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Vector>, _>(&self.vectors)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Integer>, _>(&self.bytes)?;
        out.push_sql(") AS r (id, content, metadata, embedding, content_bytes)");
        Ok(())
    }
}

/// Stores rows; answers those that it wrote, each with its version, which is 1 when it is new.
struct Insert<'a> {
    tenant: i64,
    dataset: Id,
    columns: &'a Columns<'a>,
    now: Timestamp,
    update: bool,
}

impl QueryFragment<Pg> for Insert<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "INSERT INTO embeddings AS e (tenant_id, dataset_id, id, content, metadata, embedding, \
             content_bytes, version, created_at, updated_at) SELECT ",
        );
        out.push_bind_param::<BigInt, _>(&self.tenant)?;
        out.push_sql(", ");
        out.push_bind_param::<Uuid, _>(&self.dataset)?;
        out.push_sql(", r.id, r.content, r.metadata, r.embedding, r.content_bytes, 1, ");
        out.push_bind_param::<Timestamptz, _>(&self.now)?;
        out.push_sql(", ");
        out.push_bind_param::<Timestamptz, _>(&self.now)?;
        out.push_sql(" FROM ");
        self.columns.walk(&mut out)?;
        out.push_sql(" ON CONFLICT (tenant_id, dataset_id, id) DO ");
        out.push_sql(if self.update {
            "UPDATE SET content = excluded.content, metadata = excluded.metadata, \
             embedding = excluded.embedding, content_bytes = excluded.content_bytes, \
             version = e.version + 1, updated_at = excluded.updated_at"
        } else {
            "NOTHING"
        });
        out.push_sql(" RETURNING id, version");
        Ok(())
    }
}

/// Looks which of these rows are there, and whether they hold the same.
struct Compare<'a> {
    tenant: i64,
    dataset: Id,
    columns: &'a Columns<'a>,
}

impl QueryFragment<Pg> for Compare<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "SELECT e.id, e.content = r.content AND e.metadata = r.metadata \
             AND e.embedding = r.embedding FROM ",
        );
        self.columns.walk(&mut out)?;
        out.push_sql(" JOIN embeddings AS e ON e.tenant_id = ");
        out.push_bind_param::<BigInt, _>(&self.tenant)?;
        out.push_sql(" AND e.dataset_id = ");
        out.push_bind_param::<Uuid, _>(&self.dataset)?;
        out.push_sql(" AND e.id = r.id");
        Ok(())
    }
}

// The statements are known by their texts, of which there are three.
impl QueryId for Insert<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl QueryId for Compare<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Insert<'_> {
    type SqlType = (Uuid, BigInt);
}

impl Query for Compare<'_> {
    type SqlType = (Uuid, Bool);
}
