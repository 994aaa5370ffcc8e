//! The removal of what a deleted agent had of configs.

use diesel::{dsl::exists, prelude::*, result::QueryResult};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::count;
use crate::{
    configs::key::ConfigKey,
    db::{
        TenantId,
        schema::{config_heads, config_versions, configs},
    },
    values::Id,
};

/// Removes what an agent that is marked deleted had of configs, up to a number of rows; answers how
/// many it found. Another server may be removing the same: to count what one has removed oneself
/// would make the agent look empty before it is.
pub async fn purge(
    connection: &mut AsyncPgConnection,
    tenant: TenantId,
    agent: Id,
    limit: i64,
) -> QueryResult<usize> {
    // The head comes before all the others and goes after them: most agents have none.
    let head = config_heads::table.find((tenant.0, agent));
    if !diesel::select(exists(head)).get_result(connection).await? {
        return Ok(0);
    }
    let versions = || {
        config_versions::table
            .filter(config_versions::tenant_id.eq(tenant.0))
            .filter(config_versions::agent_id.eq(agent))
    };
    let changes: Vec<i64> = versions()
        .select(config_versions::change)
        .order(config_versions::change)
        .limit(limit)
        .load(connection)
        .await?;
    if let Some(last) = changes.last() {
        diesel::delete(versions().filter(config_versions::change.le(*last)))
            .execute(connection)
            .await?;
    }
    let mut found = changes.len();
    if count(found) < limit {
        let living = || {
            configs::table
                .filter(configs::tenant_id.eq(tenant.0))
                .filter(configs::agent_id.eq(agent))
        };
        let keys: Vec<ConfigKey> = living()
            .select(configs::key)
            .order(configs::key)
            .limit(limit - count(found))
            .load(connection)
            .await?;
        found += keys.len();
        diesel::delete(living().filter(configs::key.eq_any(keys)))
            .execute(connection)
            .await?;
    }
    if count(found) < limit {
        found += diesel::delete(head).execute(connection).await?;
    }
    Ok(found)
}
