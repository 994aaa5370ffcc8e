//! The statement that stores the rows of a flush.

use std::{collections::HashSet, marker::PhantomData};

use diesel::{
    QueryResult,
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{Array, BigInt, Bool, Nullable, Timestamptz, Uuid},
};

use super::{Job, Record};
use crate::{
    db::TenantId,
    values::{Id, Timestamp},
};

/// The statement of a flush. It answers a line for each agent that lives, with whether all rows are new. Where some
/// are not it answers one for each that is, too, so that the rest are told apart in the one snapshot that stored them.
pub struct Insert<R, C> {
    agents: (Vec<i64>, Vec<Id>),
    keys: (Vec<i64>, Vec<Id>, Vec<Timestamp>, Vec<Id>),
    rows: i64,
    columns: C,
    table: PhantomData<R>,
}

impl<R: Record> Insert<R, ()> {
    /// Stores these rows, which are those of these jobs.
    pub fn new<'a>(
        jobs: &[Job<R>],
        rows: &[(TenantId, Id, &'a R)],
    ) -> Insert<R, impl QueryFragment<Pg> + Send + use<'a, R>> {
        let agents: HashSet<_> = jobs.iter().map(|job| (job.tenant.0, job.agent)).collect();
        let mut keys = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (tenant, agent, row) in rows {
            keys.0.push(tenant.0);
            keys.1.push(*agent);
            keys.2.push(row.timestamp());
            keys.3.push(row.id());
        }
        let records: Vec<_> = rows.iter().map(|(_, _, row)| *row).collect();
        Insert {
            agents: agents.into_iter().unzip(),
            keys,
            rows: rows.len() as i64,
            columns: R::columns(&records),
            table: PhantomData,
        }
    }
}

/// The statement is the same for all rows of a table, and so is prepared once on a connection.
impl<R: Record, C> QueryId for Insert<R, C> {
    type QueryId = Insert<R, ()>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<R, C> Query for Insert<R, C> {
    type SqlType = (BigInt, Uuid, Bool, Nullable<Timestamptz>, Nullable<Uuid>);
}

impl<R: Record, C: QueryFragment<Pg>> QueryFragment<Pg> for Insert<R, C> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let columns = format!("tenant_id, agent_id, timestamp, id, {}", R::COLUMNS);
        // A subquery and no join: a join could be planned as a scan of all agents.
        out.push_sql("WITH living AS MATERIALIZED (SELECT tenant_id, id FROM unnest(");
        out.push_bind_param::<Array<BigInt>, _>(&self.agents.0)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Uuid>, _>(&self.agents.1)?;
        out.push_sql(
            ") AS asked (tenant_id, id) WHERE (SELECT true FROM agents AS a \
             WHERE a.tenant_id = asked.tenant_id AND a.id = asked.id AND a.deleted_at IS NULL)), \
             stored AS (INSERT INTO ",
        );
        out.push_sql(R::TABLE);
        out.push_sql(&format!(" ({columns}) SELECT r.* FROM unnest("));
        out.push_bind_param::<Array<BigInt>, _>(&self.keys.0)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Uuid>, _>(&self.keys.1)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Timestamptz>, _>(&self.keys.2)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Uuid>, _>(&self.keys.3)?;
        out.push_sql(", ");
        self.columns.walk_ast(out.reborrow())?;
        out.push_sql(&format!(
            ") AS r ({columns}) WHERE (r.tenant_id, r.agent_id) IN (SELECT tenant_id, id FROM living) \
             ON CONFLICT DO NOTHING RETURNING tenant_id, agent_id, timestamp, id), \
             outcome AS (SELECT count(*) = "
        ));
        out.push_bind_param::<BigInt, _>(&self.rows)?;
        out.push_sql(
            " AS all_new FROM stored) \
             SELECT tenant_id, id, all_new, NULL::timestamptz, NULL::uuid FROM living, outcome \
             UNION ALL SELECT tenant_id, agent_id, all_new, timestamp, id FROM stored, outcome WHERE NOT all_new",
        );
        Ok(())
    }
}
