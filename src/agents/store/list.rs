//! The SQL of the list of agents.

use diesel::{
    dsl::sql,
    pg::Pg,
    prelude::*,
    result::QueryResult,
    sql_types::{Bool, Text, Timestamptz, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures_util::TryStreamExt;
use serde::{Deserialize, Serialize};

use super::Row;
use crate::{
    agents::model::{Agent, AgentFilter, AgentOrder},
    db::{TenantId, schema::agents},
    page::{self, Page},
    values::{Id, Timestamp},
};

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

type Rows = agents::BoxedQuery<'static, Pg>;

/// Runs the statement of a page.
async fn page(
    connection: &AsyncPgConnection,
    rows: Rows,
    limit: usize,
) -> QueryResult<Page<Agent>> {
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
    rows: Rows,
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
) -> Rows {
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
fn matching(mut query: Rows, filter: &AgentFilter, order: AgentOrder) -> Rows {
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

fn created(mut query: Rows, filter: &AgentFilter) -> Rows {
    if let Some(instant) = filter.created_after {
        query = query.filter(agents::created_at.ge(instant));
    }
    if let Some(instant) = filter.created_before {
        query = query.filter(agents::created_at.lt(instant));
    }
    query
}

/// In order, by an index that has it.
fn in_order(query: Rows, order: AgentOrder) -> Rows {
    match order {
        AgentOrder::CreatedAtAsc => query.order((agents::created_at.asc(), agents::id.asc())),
        AgentOrder::CreatedAtDesc => query.order((agents::created_at.desc(), agents::id.desc())),
        AgentOrder::NameAsc => query.order(agents::name.asc()),
        AgentOrder::NameDesc => query.order(agents::name.desc()),
    }
}

/// In order, by sorting: no index has these expressions.
fn sorted(query: Rows, order: AgentOrder) -> Rows {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_in_a_search_are_plain_characters() {
        assert_eq!(like_pattern("a%"), r"a\%%");
        assert_eq!(like_pattern(r"50%_\"), r"%50\%\_\\%");
    }
}
