//! Versions by number and by label, many at once.

use diesel::{
    prelude::*,
    result::QueryResult,
    sql_types::{Array, BigInt, Integer, Text, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::{Row, living};
use crate::{
    db::{
        TenantId,
        by_keys::{self, ByKey, ByKeys},
        schema::{prompt_heads, prompt_labels, prompts},
    },
    prompt_labels::Label,
    prompts::model::Prompt,
    values::Id,
};

/// Versions of prompts of living agents, by agent and number.
pub async fn get(
    connection: &AsyncPgConnection,
    keys: &[(TenantId, Id, i32)],
) -> QueryResult<Vec<Option<Prompt>>> {
    let mut connection = connection;
    if let [(tenant, agent, version)] = *keys {
        let row = prompts::table
            .find((tenant.0, agent, version))
            .filter(living(tenant.0, agent))
            .select(Row::as_select());
        let row = row.first(&mut connection).await.optional()?;
        return Ok(vec![row.map(Prompt::from)]);
    }
    let tenants: Vec<i64> = keys.iter().map(|key| key.0.0).collect();
    let agents: Vec<Id> = keys.iter().map(|key| key.1).collect();
    let versions: Vec<i32> = keys.iter().map(|key| key.2).collect();
    let columns = (
        tenants.into_sql::<Array<BigInt>>(),
        agents.into_sql::<Array<Uuid>>(),
        versions.into_sql::<Array<Integer>>(),
    );
    let rows = ByKeys::<ByVersion, _>::new(columns).load::<(i64, Row)>(&mut connection);
    Ok(by_keys::in_order(rows.await?, keys.len()))
}

struct ByVersion;

impl ByKey for ByVersion {
    type Row = Row;
    const COLUMNS: &'static str = "tenant_id, agent_id, version";
    const FROM: &'static str = "prompts WHERE prompts.tenant_id = key.tenant_id \
        AND prompts.agent_id = key.agent_id AND prompts.version = key.version \
        AND EXISTS (SELECT FROM agents WHERE agents.tenant_id = key.tenant_id \
        AND agents.id = key.agent_id AND agents.deleted_at IS NULL)";
}

/// The versions on which labels of living agents sit at this moment; for `latest` the newest.
pub async fn get_by_label(
    connection: &AsyncPgConnection,
    keys: &[(TenantId, Id, Label)],
) -> QueryResult<Vec<Option<Prompt>>> {
    if let [(tenant, agent, label)] = keys {
        return Ok(vec![
            one_by_label(connection, *tenant, *agent, label).await?,
        ]);
    }
    let mut connection = connection;
    let tenants: Vec<i64> = keys.iter().map(|key| key.0.0).collect();
    let agents: Vec<Id> = keys.iter().map(|key| key.1).collect();
    let labels: Vec<&str> = keys.iter().map(|key| key.2.as_str()).collect();
    let columns = (
        tenants.into_sql::<Array<BigInt>>(),
        agents.into_sql::<Array<Uuid>>(),
        labels.into_sql::<Array<Text>>(),
    );
    let rows = ByKeys::<ByLabel, _>::new(columns).load::<(i64, Row)>(&mut connection);
    Ok(by_keys::in_order(rows.await?, keys.len()))
}

struct ByLabel;

impl ByKey for ByLabel {
    type Row = Row;
    const COLUMNS: &'static str = "tenant_id, agent_id, label";
    // `latest` is no row of prompt_labels.
    const FROM: &'static str = "prompts WHERE prompts.tenant_id = key.tenant_id \
        AND prompts.agent_id = key.agent_id AND prompts.version = COALESCE(\
        (SELECT at.version FROM prompt_labels AS at WHERE at.tenant_id = key.tenant_id \
        AND at.agent_id = key.agent_id AND at.label = key.label), \
        (SELECT head.version FROM prompt_heads AS head WHERE head.tenant_id = key.tenant_id \
        AND head.agent_id = key.agent_id AND key.label = 'latest')) \
        AND EXISTS (SELECT FROM agents WHERE agents.tenant_id = key.tenant_id \
        AND agents.id = key.agent_id AND agents.deleted_at IS NULL)";
}

async fn one_by_label(
    connection: &AsyncPgConnection,
    tenant: TenantId,
    agent: Id,
    label: &Label,
) -> QueryResult<Option<Prompt>> {
    let mut connection = connection;
    let row = if label.is_latest() {
        let same = prompts::tenant_id
            .eq(prompt_heads::tenant_id)
            .and(prompts::agent_id.eq(prompt_heads::agent_id))
            .and(prompts::version.eq(prompt_heads::version));
        let row = prompt_heads::table
            .find((tenant.0, agent))
            .inner_join(prompts::table.on(same))
            .filter(living(tenant.0, agent))
            .select(Row::as_select());
        row.first(&mut connection).await
    } else {
        let same = prompts::tenant_id
            .eq(prompt_labels::tenant_id)
            .and(prompts::agent_id.eq(prompt_labels::agent_id))
            .and(prompt_labels::version.eq(prompts::version.nullable()));
        let row = prompt_labels::table
            .find((tenant.0, agent, label.as_str()))
            .inner_join(prompts::table.on(same))
            .filter(living(tenant.0, agent))
            .select(Row::as_select());
        row.first(&mut connection).await
    };
    Ok(row.optional()?.map(Prompt::from))
}
