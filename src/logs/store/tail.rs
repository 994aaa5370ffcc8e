//! How a tail reads the logs of an agent: in the order of the transactions that stored them.
//!
//! Transactions end in another order than they begin, so only those are read that began before every
//! transaction of this database that is still under way: nothing can come in between any more. Those of
//! other databases have numbers of the same series, but write no logs here. What a role writes whose
//! sessions the server's own role may not see (`pg_read_all_stats`) can be passed over.

use diesel::{
    QueryResult, Selectable,
    expression::Expression,
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{BigInt, Nullable, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures_util::TryStreamExt;

use super::{Row, filtered};
use crate::{
    db::TenantId,
    logs::{
        model::{Log, LogFilter},
        position::TailPosition,
    },
    page::{self, Page},
    records::list::List,
    values::Id,
};

/// How many logs may lie between a position and the bound up to which they are looked through, but
/// for those of one transaction.
const WINDOW: i64 = 5_000;
/// Bytes of logs that are read at once, about.
const BYTES: usize = 256 * 1024;

/// Up to where a tail can read.
pub struct Bound {
    /// Transactions below this one have ended.
    pub ended: i64,
    /// Below it there are not too many logs behind the position.
    pub near: i64,
}

/// The transaction with which a tail of an agent's logs begins; `None` when there is no such agent.
pub async fn newest(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    agent: Id,
) -> QueryResult<Option<i64>> {
    let bound = bound(connection, tenant, agent, TailPosition::before(i64::MAX)).await?;
    Ok(bound.map(|bound| bound.ended))
}

/// Up to where a tail of an agent's logs can read from a position on; `None` when there is no such
/// agent.
pub async fn bound(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    agent: Id,
    position: TailPosition,
) -> QueryResult<Option<Bound>> {
    let mut connection = connection;
    let statement = BoundOf {
        tenant,
        agent,
        transaction: position.transaction,
    };
    let rows: Vec<(i64, Option<i64>)> = statement.load(&mut connection).await?;
    Ok(rows.into_iter().next().map(|(ended, window)| Bound {
        ended,
        // All of a transaction's logs are looked through at once.
        near: window.map_or(ended, |window| ended.min(window + 1)),
    }))
}

/// The logs behind a position that transactions below a bound stored, with their positions.
pub async fn read(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    agent: Id,
    filter: &LogFilter,
    after: TailPosition,
    below: i64,
    limit: usize,
) -> QueryResult<Page<(Log, TailPosition)>> {
    let statement = Stretch {
        list: filtered(tenant, agent, filter, limit),
        after,
        after_id: after.id.unwrap_or(Id::NIL),
        below,
    };
    let mut connection = connection;
    let rows = statement.load_stream::<(Row, i64)>(&mut connection).await?;
    let rows = rows.map_ok(|(row, transaction)| {
        let id = Some(row.id);
        (Log::from(row), TailPosition { transaction, id })
    });
    page::collect_within(rows, limit, BYTES, |(log, _)| log.size()).await
}

struct BoundOf {
    tenant: TenantId,
    agent: Id,
    transaction: i64,
}

impl QueryFragment<Pg> for BoundOf {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        // Who is under way is looked up after the snapshot was taken: whoever has ended meanwhile is seen
        // by the statement that reads the logs, which is a later one. Their numbers come in 32 bits. On a
        // standby nobody is under way here, and the snapshot knows those of the primary.
        out.push_sql(
            "SELECT CASE WHEN pg_is_in_recovery() THEN now.xmin ELSE least(now.xmax, ( \
                SELECT min(now.xmax - now.xmax % 4294967296 + r.xid \
                    - CASE WHEN r.xid > now.xmax % 4294967296 + 2147483648 THEN 4294967296 ELSE 0 END) \
                FROM (SELECT backend_xid::text::bigint AS xid FROM pg_stat_activity \
                    WHERE datname = current_database() AND backend_xid IS NOT NULL) AS r)) END, \
             (SELECT l.transaction_id FROM logs AS l WHERE l.tenant_id = ",
        );
        out.push_bind_param::<BigInt, _>(&self.tenant.0)?;
        out.push_sql(" AND l.agent_id = ");
        out.push_bind_param::<Uuid, _>(&self.agent)?;
        out.push_sql(" AND l.transaction_id >= ");
        out.push_bind_param::<BigInt, _>(&self.transaction)?;
        out.push_sql(" ORDER BY l.transaction_id OFFSET ");
        out.push_bind_param::<BigInt, _>(&WINDOW)?;
        out.push_sql(
            " LIMIT 1) FROM agents AS a, \
             (SELECT pg_snapshot_xmin(s)::text::bigint AS xmin, pg_snapshot_xmax(s)::text::bigint AS xmax \
                FROM pg_current_snapshot() AS s) AS now WHERE a.tenant_id = ",
        );
        out.push_bind_param::<BigInt, _>(&self.tenant.0)?;
        out.push_sql(" AND a.id = ");
        out.push_bind_param::<Uuid, _>(&self.agent)?;
        out.push_sql(" AND a.deleted_at IS NULL");
        Ok(())
    }
}

impl QueryId for BoundOf {
    type QueryId = Self;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl Query for BoundOf {
    type SqlType = (BigInt, Nullable<BigInt>);
}

struct Stretch<'a> {
    list: List<'a, Log, Row>,
    after: TailPosition,
    after_id: Id,
    below: i64,
}

impl QueryFragment<Pg> for Stretch<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(&format!(
            "SELECT {}, logs.transaction_id FROM logs WHERE ",
            self.list.columns()
        ));
        self.list.conditions(&mut out)?;
        self.list.is_any(&mut out)?;
        out.push_sql(" AND (logs.transaction_id, logs.id) > (");
        out.push_bind_param::<BigInt, _>(&self.after.transaction)?;
        out.push_sql(", ");
        out.push_bind_param::<Uuid, _>(&self.after_id)?;
        out.push_sql(") AND logs.transaction_id < ");
        out.push_bind_param::<BigInt, _>(&self.below)?;
        // A restored dump has numbers of another server's transactions; they say nothing here. A row
        // itself knows the lower half of the number of the transaction that wrote it.
        out.push_sql(
            " AND logs.xmin = (logs.transaction_id % 4294967296)::text::xid \
             ORDER BY logs.transaction_id, logs.id LIMIT ",
        );
        out.push_bind_param::<BigInt, _>(self.list.limit())
    }
}

/// The statement is known by its text, which depends on the filters.
impl QueryId for Stretch<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Stretch<'_> {
    type SqlType = (
        <<Row as Selectable<Pg>>::SelectExpression as Expression>::SqlType,
        BigInt,
    );
}
