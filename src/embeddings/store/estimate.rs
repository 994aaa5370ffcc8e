//! The SQL that asks how many embeddings a filter keeps, about.

use diesel::{
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    result::QueryResult,
    sql_types::Json,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::Value;

use super::filter::Condition;
use crate::{datasets::store::indexes, db::TenantId, values::Id};

/// What `PostgreSQL` thinks of a filter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// How many embeddings it keeps.
    pub rows: f64,
    /// Whether it finds them by the index of the metadata.
    pub by_index: bool,
}

/// Asks the planner about a filter, which takes less than to count.
pub async fn estimate(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    dataset: Id,
    filter: &Condition,
) -> QueryResult<Estimate> {
    let mut connection = connection;
    let explain = Explain {
        scope: format!("tenant_id = {} AND dataset_id = '{dataset}'", tenant.0),
        filter,
    };
    let plans: Vec<Value> = explain.load(&mut connection).await?;
    let plan = plans
        .as_slice()
        .first()
        .map_or(&Value::Null, |plans| &plans[0]["Plan"]);
    Ok(Estimate {
        rows: plan["Plan Rows"].as_f64().unwrap_or(f64::INFINITY),
        by_index: has_index(plan),
    })
}

/// Whether a plan or one within it goes by an index of one dataset.
fn has_index(plan: &Value) -> bool {
    let name = plan["Index Name"].as_str();
    let inner = plan["Plans"].as_array().into_iter().flatten();
    name.is_some_and(|name| name.starts_with(indexes::PREFIX)) || inner.into_iter().any(has_index)
}

struct Explain<'a> {
    scope: String,
    filter: &'a Condition,
}

impl QueryFragment<Pg> for Explain<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("EXPLAIN (FORMAT JSON) SELECT FROM embeddings WHERE ");
        out.push_sql(&self.scope);
        out.push_sql(" AND ");
        self.filter.walk_ast(out.reborrow())
    }
}

// The statement is not kept: its text follows the filter.
impl QueryId for Explain<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Explain<'_> {
    type SqlType = Json;
}
