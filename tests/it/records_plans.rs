//! What lists of metrics and tool usage, the names of metrics and the tail of logs cost on large tables,
//! as the server's statistics tell it: a bounded number of blocks, however deep the page is.

use std::time::Duration;

use agentdata::{
    db::{Connection, Connector, TenantId},
    logs::{self, model::LogFilter, position::TailPosition},
    metrics::{self, model::MetricFilter},
    records::list::{Position, RecordOrder, TimeRange},
    tool_usage::{
        self,
        model::{ToolStatus, ToolUsageFilter},
    },
    values::{Id, Timestamp},
};
use diesel::{QueryableByName, sql_types::BigInt};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};

use crate::support::cluster;

const ROWS: i64 = 100_000;
const LIMIT: usize = 100;
/// Blocks that a page may touch: its 101 rows, an index descent in each partition, and the agent.
const BLOCKS: i64 = 800;
const TENANT: TenantId = TenantId(1);
const AGENT: &str = "019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11";

/// Rows of two agents, which come in turns, a minute apart. One in 20,000 is rare. As autovacuum would, the
/// last statement leaves the empty partitions of the weeks to come alone.
const FILL: &str = "
    INSERT INTO agents
    SELECT 1, a::uuid, a, NULL, 'active', NULL, '{}', '{}', 1, now(), now(), NULL
    FROM (VALUES ('AGENT'), ('019308d4-6e65-7cc0-b5c5-2a0d8f1e4b12')) AS agents (a);
    INSERT INTO metrics
    SELECT 1, a.id, now() - (ROWS - i) * interval '1 min', gen_random_uuid(),
        CASE WHEN i % 20000 = 7 THEN 'rare' ELSE 'common' || i % 3 END, 1, i, 'ms', '{}'
    FROM generate_series(1, ROWS) AS i, agents AS a ORDER BY i;
    INSERT INTO tool_usage (tenant_id, agent_id, timestamp, id, tool_name, status, trace_id, session_id)
    SELECT 1, a.id, now() - (ROWS - i) * interval '1 min', gen_random_uuid(),
        CASE WHEN i % 20000 = 7 THEN 'rare' ELSE 'common' || i % 3 END,
        CASE WHEN i % 20000 = 7 THEN 4 ELSE 1 END, decode(md5((i / 50)::text), 'hex'), 's' || i % 2
    FROM generate_series(1, ROWS) AS i, agents AS a ORDER BY i;
    INSERT INTO logs
    SELECT 1, a.id, now() - (ROWS - i) * interval '1 min', gen_random_uuid(), 3, 'm', '{}'
    FROM generate_series(1, ROWS) AS i, agents AS a ORDER BY i;
    VACUUM (ANALYZE) metrics_history, tool_usage_history, logs_history, agents";

async fn filled() -> Connection {
    let connector = Connector::new(&cluster::database().await, &cluster::bounds()).unwrap();
    let mut connection = connector.unhurried().connect().await.unwrap();
    let fill = FILL
        .replace("ROWS", &ROWS.to_string())
        .replace("AGENT", AGENT);
    // One at a time: VACUUM wants no transaction.
    for statement in fill.split(";\n") {
        connection.batch_execute(statement).await.unwrap();
    }
    connection
}

#[derive(QueryableByName)]
struct Counters {
    #[diesel(sql_type = BigInt)]
    seq_scans: i64,
    #[diesel(sql_type = BigInt)]
    blocks: i64,
}

async fn reset(connection: &mut Connection) {
    for statement in [
        "SELECT pg_stat_force_next_flush()",
        "SELECT pg_stat_reset()",
    ] {
        connection.batch_execute(statement).await.unwrap();
    }
}

/// What was touched of tables since the last reset, as words when it is too much.
async fn too_much(connection: &mut Connection) -> Option<String> {
    connection
        .batch_execute("SELECT pg_stat_force_next_flush()")
        .await
        .unwrap();
    let Counters { seq_scans, blocks } = diesel::sql_query(
        "SELECT sum(seq_scan)::bigint AS seq_scans,
            sum(coalesce(heap_blks_hit, 0) + coalesce(heap_blks_read, 0)
                + coalesce(idx_blks_hit, 0) + coalesce(idx_blks_read, 0))::bigint AS blocks
         FROM pg_stat_user_tables JOIN pg_statio_user_tables USING (relid)
         WHERE pg_stat_user_tables.relname ~ '^(logs|metrics|tool_usage)'",
    )
    .get_result(&mut **connection)
    .await
    .unwrap();
    (seq_scans > 0 || blocks > BLOCKS)
        .then(|| format!("{blocks} blocks, {seq_scans} sequential scans"))
}

fn agent() -> Id {
    AGENT.parse().unwrap()
}

/// Where a page in the middle of the table begins.
fn middle() -> Position {
    let half = Duration::from_secs(60 * ROWS.unsigned_abs() / 2);
    Position(Timestamp::now().minus(half), Id::NIL)
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_touch_few_blocks() {
    let mut connection = filled().await;
    let mut faults = Vec::new();
    let metric = |name: Option<&str>| MetricFilter {
        range: TimeRange::default(),
        name: name.map(|name| name.parse().unwrap()),
        attributes: Vec::new(),
    };
    let call =
        |tool: Option<&str>, status, trace: Option<&str>, session: Option<&str>| ToolUsageFilter {
            range: TimeRange::default(),
            tool_name: tool.map(str::to_owned),
            status,
            trace_id: trace.map(|trace| trace.parse().unwrap()),
            session_id: session.map(str::to_owned),
            omit: Vec::new(),
        };
    for order in [RecordOrder::TimestampAsc, RecordOrder::TimestampDesc] {
        for (what, name, total) in [
            ("all", None, ROWS),
            ("a common name", Some("common1"), ROWS / 3),
            ("a rare name", Some("rare"), ROWS / 20_000),
            ("no name", Some("none"), 0),
        ] {
            // The later ones run as the statement that is planned for all values.
            for turn in 0..8 {
                let after = (turn % 2 == 1).then(middle);
                let filter = metric(name);
                reset(&mut connection).await;
                let page = metrics::store::list(
                    &connection,
                    TENANT,
                    agent(),
                    &filter,
                    order,
                    after,
                    LIMIT,
                );
                let items = page.await.unwrap().items.len();
                let fault = too_much(&mut connection).await;
                faults.extend(
                    fault.map(|fault| format!("metrics, {what}, {order:?}, {turn}: {fault}")),
                );
                if after.is_none() {
                    assert_eq!(items, LIMIT.min(total.try_into().unwrap()), "{what}");
                }
            }
        }
        for (what, filter, total) in [
            ("all", call(None, None, None, None), ROWS),
            (
                "a common tool",
                call(Some("common1"), None, None, None),
                ROWS / 3,
            ),
            (
                "a rare tool",
                call(Some("rare"), None, None, None),
                ROWS / 20_000,
            ),
            (
                "a common status",
                call(None, Some(ToolStatus::Success), None, None),
                ROWS,
            ),
            (
                "a rare status",
                call(None, Some(ToolStatus::Cancelled), None, None),
                ROWS / 20_000,
            ),
            (
                "no status",
                call(None, Some(ToolStatus::Timeout), None, None),
                0,
            ),
            // md5('77')
            (
                "a trace",
                call(None, None, Some("28dd2c7955ce926456240b2ff0100bde"), None),
                50,
            ),
            ("a session", call(None, None, None, Some("s1")), ROWS / 2),
        ] {
            for turn in 0..8 {
                let after = (turn % 2 == 1).then(middle);
                reset(&mut connection).await;
                let page = tool_usage::store::list(
                    &connection,
                    TENANT,
                    agent(),
                    &filter,
                    order,
                    after,
                    LIMIT,
                );
                let items = page.await.unwrap().items.len();
                let fault = too_much(&mut connection).await;
                faults.extend(
                    fault.map(|fault| format!("tool usage, {what}, {order:?}, {turn}: {fault}")),
                );
                if after.is_none() {
                    assert_eq!(items, LIMIT.min(total.try_into().unwrap()), "{what}");
                }
            }
        }
    }
    for turn in 0..8 {
        reset(&mut connection).await;
        let names = metrics::store::series::names(&connection, TENANT, agent(), None, LIMIT);
        assert_eq!(names.await.unwrap().items.len(), 4);
        let fault = too_much(&mut connection).await;
        faults.extend(fault.map(|fault| format!("names, {turn}: {fault}")));
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tail_touches_only_what_is_new() {
    let mut connection = filled().await;
    let newest = logs::store::tail::newest(&connection, TENANT, agent())
        .await
        .unwrap();
    let position = TailPosition::before(newest.unwrap());
    let filter = LogFilter {
        range: TimeRange::default(),
        levels: None,
        trace_id: None,
        session_id: None,
        q: None,
        attributes: Vec::new(),
        omit: Vec::new(),
    };
    for turn in 0..8 {
        reset(&mut connection).await;
        let bound = logs::store::tail::bound(&connection, TENANT, agent(), position);
        let bound = bound.await.unwrap().unwrap();
        let page = logs::store::tail::read(
            &connection,
            TENANT,
            agent(),
            &filter,
            position,
            bound.near,
            LIMIT,
        );
        assert_eq!(page.await.unwrap().items.len(), 0);
        assert_eq!(too_much(&mut connection).await, None, "{turn}");
    }
}
