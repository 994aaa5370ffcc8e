//! What the lists of logs cost on a large table, as the server's statistics tell it: every filter in
//! both orders touches a bounded number of blocks, however deep the page is.

use std::collections::BTreeSet;

use agentdata::{
    db::{Connection, Connector, TenantId},
    logs::{
        model::{Level, Log, LogFilter},
        store,
    },
    records::list::{Position, RecordOrder, TimeRange},
    values::{Id, Timestamp},
};
use diesel::{QueryableByName, sql_types::BigInt};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};

use crate::support::cluster;

const LOGS: i64 = 200_000;
const LIMIT: usize = 100;
/// Blocks that a page may touch: its 101 rows, or as many of each of the six levels, an index
/// descent in each partition, and the agent.
const BLOCKS: i64 = 1_500;
const AGENT: &str = "019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11";

/// Eight weeks of logs of two agents, which come in turns. One log in 20,000 is fatal, none is a
/// trace; one of two sessions is large, and traces are small.
const FILL: &str = "
    INSERT INTO agents
    SELECT 1, a::uuid, a, NULL, 'active', NULL, '{}', '{}', 1, now(), now(), NULL
    FROM (VALUES ('AGENT'), ('019308d4-6e65-7cc0-b5c5-2a0d8f1e4b12')) AS agents (a);
    INSERT INTO logs
    SELECT 1, a.id, now() - (LOGS - i) * interval '24 s', gen_random_uuid(),
        CASE WHEN i % 20000 = 7 THEN 6 WHEN i % 100 = 3 THEN 5 WHEN i % 10 = 1 THEN 4
            WHEN i % 3 = 0 THEN 2 ELSE 3 END,
        'Something happened, and this is how it is told: ' || i, jsonb_build_object('n', i),
        decode(md5((i / 50)::text), 'hex'), NULL,
        CASE WHEN i % 2 = 0 THEN 'large' WHEN i % 1000 = 1 THEN 'small' END
    FROM generate_series(1, LOGS) AS i, agents AS a
    ORDER BY i";

struct Case {
    what: &'static str,
    filter: LogFilter,
    /// How many logs match, if it does not hang on the time of day.
    total: Option<i64>,
}

fn cases() -> Vec<Case> {
    let everything = || LogFilter {
        range: TimeRange::default(),
        levels: None,
        trace_id: None,
        session_id: None,
        q: None,
        attributes: Vec::new(),
        omit: Vec::new(),
    };
    let levels = |levels: &[Level]| LogFilter {
        levels: Some(levels.iter().copied().collect::<BTreeSet<_>>()),
        ..everything()
    };
    let session = |id: &str| LogFilter {
        session_id: Some(id.into()),
        ..everything()
    };
    let from = Timestamp::now().minus(std::time::Duration::from_secs(24 * 1_000));
    let range = LogFilter {
        range: TimeRange::new(Some(from), None).unwrap(),
        ..levels(&[Level::Info])
    };
    // md5('77')
    let trace = LogFilter {
        trace_id: "28dd2c7955ce926456240b2ff0100bde".parse().ok(),
        ..everything()
    };
    let (rare, grave) = (LOGS / 20_000, LOGS / 100 + LOGS / 20_000);
    let case = |what, filter, total| Case {
        what,
        filter,
        total: Some(total),
    };
    let in_a_time = Case {
        what: "a level in a time",
        filter: range,
        total: None,
    };
    vec![
        case("no filter", everything(), LOGS),
        case("a common level", levels(&[Level::Info]), LOGS / 2),
        case("a rare level", levels(&[Level::Fatal]), rare),
        case("a level of none", levels(&[Level::Trace]), 0),
        case(
            "the grave levels",
            levels(&[Level::Error, Level::Fatal]),
            grave,
        ),
        case(
            "all levels but one",
            levels(&[
                Level::Debug,
                Level::Info,
                Level::Warn,
                Level::Error,
                Level::Fatal,
            ]),
            LOGS,
        ),
        case("a trace", trace, 50),
        case("a large session", session("large"), LOGS / 2),
        case("a small session", session("small"), LOGS / 1_000),
        case("no session", session("nobody"), 0),
        in_a_time,
    ]
}

#[derive(QueryableByName)]
struct Counters {
    #[diesel(sql_type = BigInt)]
    seq_scans: i64,
    #[diesel(sql_type = BigInt)]
    blocks: i64,
}

/// Counts from zero, runs the list and reads what it has touched.
async fn list(
    connection: &mut Connection,
    case: &Case,
    order: RecordOrder,
    after: Option<Position>,
) -> (Vec<Log>, Counters) {
    for statement in [
        "SELECT pg_stat_force_next_flush()",
        "SELECT pg_stat_reset()",
    ] {
        connection.batch_execute(statement).await.unwrap();
    }
    let agent: Id = AGENT.parse().unwrap();
    let page = store::list(
        connection,
        TenantId(1),
        agent,
        &case.filter,
        order,
        after,
        LIMIT,
    )
    .await
    .unwrap();
    connection
        .batch_execute("SELECT pg_stat_force_next_flush()")
        .await
        .unwrap();
    let counters = diesel::sql_query(
        "SELECT sum(seq_scan)::bigint AS seq_scans,
            sum(coalesce(heap_blks_hit, 0) + coalesce(heap_blks_read, 0)
                + coalesce(idx_blks_hit, 0) + coalesce(idx_blks_read, 0))::bigint AS blocks
         FROM pg_stat_user_tables JOIN pg_statio_user_tables USING (relid)
         WHERE pg_stat_user_tables.relname LIKE 'logs%'",
    )
    .get_result(&mut **connection)
    .await
    .unwrap();
    (page.items, counters)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_filter_in_both_orders_touches_few_blocks_on_first_and_deep_pages() {
    let url = cluster::database().await;
    let connector = Connector::new(&url, &cluster::bounds()).unwrap();
    let mut connection = connector.unhurried().connect().await.unwrap();
    // Weeks of the past, as a server that has run so long would have them.
    for week in 1..=8 {
        let name = format!("logs_past{week}");
        let monday = format!("date_trunc('week', now(), 'UTC') - {week} * interval '7 days'");
        connection
            .batch_execute(&format!(
                "{} CREATE TABLE {name} (LIKE logs INCLUDING ALL);
                 ALTER TABLE logs ATTACH PARTITION {name}
                    FOR VALUES FROM ({monday}) TO ({monday} + interval '7 days')",
                if week == 1 {
                    "ALTER TABLE logs DETACH PARTITION logs_history;"
                } else {
                    ""
                }
            ))
            .await
            .unwrap();
    }
    let fill = FILL
        .replace("LOGS", &LOGS.to_string())
        .replace("AGENT", AGENT);
    connection.batch_execute(&fill).await.unwrap();
    // As autovacuum would: it leaves the empty partitions of the weeks to come alone.
    for week in 1..=8 {
        let vacuum = format!("VACUUM (ANALYZE) logs_past{week}");
        connection.batch_execute(&vacuum).await.unwrap();
    }
    connection
        .batch_execute("VACUUM (ANALYZE) agents")
        .await
        .unwrap();
    let mut faults = Vec::new();
    for case in cases() {
        for order in [RecordOrder::TimestampAsc, RecordOrder::TimestampDesc] {
            let mut after = None;
            // The later pages run as the statement that is planned for all values.
            for page in 1..=12 {
                let (items, counters) = list(&mut connection, &case, order, after).await;
                let before = (page - 1) * LIMIT as i64;
                let expected = case
                    .total
                    .map(|total| (total - before).clamp(0, LIMIT as i64));
                let whole = expected.is_none_or(|expected| items.len() as i64 == expected);
                let Counters { seq_scans, blocks } = counters;
                if seq_scans > 0 || blocks > BLOCKS || !whole {
                    faults.push(format!(
                        "{} {order:?} page {page}: {blocks} blocks, {seq_scans} sequential scans, \
                         {} items of {expected:?}",
                        case.what,
                        items.len()
                    ));
                }
                let Some(last) = items.last().filter(|_| items.len() == LIMIT) else {
                    break;
                };
                after = Some(Position(last.timestamp, last.id));
                if page == 10 && case.total == Some(LOGS) {
                    // From the middle of the table on.
                    let half = std::time::Duration::from_secs(24 * LOGS.unsigned_abs() / 2);
                    after = Some(Position(Timestamp::now().minus(half), last.id));
                }
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}
