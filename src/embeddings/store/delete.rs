//! The SQL that deletes many embeddings at once.

use diesel::{
    pg::Pg,
    query_builder::{AstPass, QueryFragment, QueryId},
    result::QueryResult,
    sql_types::{Array, BigInt, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::filter::Condition;
use crate::{db::TenantId, values::Id};

/// Deletes embeddings of these ids, with such metadata, up to a number; answers how many. Whether the
/// dataset lives the count says.
pub async fn delete_many(
    connection: &mut AsyncPgConnection,
    tenant: TenantId,
    dataset: Id,
    ids: Option<&[Id]>,
    filter: Option<Condition>,
    limit: usize,
) -> QueryResult<usize> {
    let delete = Delete {
        tenant: tenant.0,
        dataset,
        ids,
        filter,
        limit: i64::try_from(limit).unwrap_or(i64::MAX),
    };
    delete.execute(connection).await
}

struct Delete<'a> {
    tenant: i64,
    dataset: Id,
    ids: Option<&'a [Id]>,
    filter: Option<Condition>,
    limit: i64,
}

impl QueryFragment<Pg> for Delete<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        // Writers of the same ids meet in one order, and so wait without a deadlock.
        out.push_sql("WITH gone AS MATERIALIZED (SELECT id FROM embeddings WHERE tenant_id = ");
        out.push_bind_param::<BigInt, _>(&self.tenant)?;
        out.push_sql(" AND dataset_id = ");
        out.push_bind_param::<Uuid, _>(&self.dataset)?;
        if let Some(ids) = &self.ids {
            out.push_sql(" AND id = ANY(");
            out.push_bind_param::<Array<Uuid>, _>(ids)?;
            out.push_sql(")");
        }
        if let Some(filter) = &self.filter {
            out.push_sql(" AND ");
            filter.walk_ast(out.reborrow())?;
        }
        out.push_sql(" ORDER BY id LIMIT ");
        out.push_bind_param::<BigInt, _>(&self.limit)?;
        out.push_sql(" FOR UPDATE) DELETE FROM embeddings AS e USING gone WHERE e.tenant_id = ");
        out.push_bind_param::<BigInt, _>(&self.tenant)?;
        out.push_sql(" AND e.dataset_id = ");
        out.push_bind_param::<Uuid, _>(&self.dataset)?;
        out.push_sql(" AND e.id = gone.id");
        Ok(())
    }
}

// The statement is known by its text; with a filter it is not kept.
impl QueryId for Delete<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<C> diesel::query_dsl::RunQueryDsl<C> for Delete<'_> {}
