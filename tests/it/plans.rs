//! What the lists of agents cost on a large table, as the server's statistics tell it: every filter
//! in every order is served by indexes and touches a bounded number of blocks.

use agentdata::{
    agents::{
        model::{Agent, AgentFilter, AgentOrder, AgentStatus},
        store::{self, Position},
    },
    db::{Connection, Connector, TenantId},
    values::Timestamp,
};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Text},
};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};

use crate::support::cluster;

const AGENTS: i64 = 200_000;
const LIMIT: usize = 100;
/// Blocks that a page may touch: twice the 1,000 rows of a look ahead, 1,000 matches, and indexes.
const BLOCKS: i64 = 3_500;
const ORDERS: [AgentOrder; 4] = [
    AgentOrder::CreatedAtAsc,
    AgentOrder::CreatedAtDesc,
    AgentOrder::NameAsc,
    AgentOrder::NameDesc,
];

/// Words, tags and statuses are common or rare, and some stand at one end of an order.
const FILL: &str = "
    INSERT INTO agents
    SELECT tenant, gen_random_uuid(),
        (ARRAY['Support', 'billing', 'Ärger', 'research', 'triage'])[1 + i % 5] || '-'
            || substr(md5(i::text), 1, 8)
            || CASE WHEN i % 20000 = 7 THEN '-zebra' WHEN i % 200 = 3 THEN '-middling' ELSE '' END
            || '-' || i,
        'Does things',
        CASE WHEN i % 20000 = 9 THEN 'archived' WHEN i % 10 = 0 THEN 'paused' ELSE 'active' END,
        'claude-opus-4-5',
        ARRAY['all']
            || CASE WHEN i % 2 = 0 THEN ARRAY['even'] ELSE '{}' END
            || CASE WHEN i % 200 = 5 THEN ARRAY['middling'] ELSE '{}' END
            || CASE WHEN i % 20000 = 11 THEN ARRAY['rare'] ELSE '{}' END
            || CASE WHEN i <= agents / 10 THEN ARRAY['legacy'] ELSE '{}' END
            || CASE WHEN tenant = 2 THEN ARRAY['foreign'] ELSE '{}' END,
        jsonb_build_object('team', i % 100), 1,
        timestamptz '2025-01-01 00:00Z' + i * interval '10 s', now(), NULL
    FROM (VALUES (1, AGENTS), (2, AGENTS / 4)) AS tenants (tenant, agents),
        generate_series(1, agents) AS i
    ORDER BY i";

/// A filter, how many agents it finds, and the index that must serve it in all orders, if one must.
struct Case {
    what: &'static str,
    filter: AgentFilter,
    total: i64,
    index: &'static str,
}

fn everything() -> AgentFilter {
    AgentFilter {
        name: None,
        q: None,
        tags: Vec::new(),
        status: None,
        created_after: None,
        created_before: None,
    }
}

fn q(text: &str) -> AgentFilter {
    AgentFilter {
        q: Some(text.into()),
        ..everything()
    }
}

fn tags(tags: &[&str]) -> AgentFilter {
    AgentFilter {
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        ..everything()
    }
}

fn status(status: AgentStatus) -> AgentFilter {
    AgentFilter {
        status: Some(status),
        ..everything()
    }
}

fn created(after: Option<i64>, before: Option<i64>) -> AgentFilter {
    let instant = |agent: i64| {
        let base: chrono::DateTime<chrono::Utc> = "2025-01-01T00:00:00Z".parse().unwrap();
        let instant = base + chrono::TimeDelta::seconds(10 * agent);
        instant.to_rfc3339().parse::<Timestamp>().unwrap()
    };
    AgentFilter {
        created_after: after.map(instant),
        created_before: before.map(instant),
        ..everything()
    }
}

fn cases() -> Vec<Case> {
    let case = |what, filter, total, index| Case {
        what,
        filter,
        total,
        index,
    };
    let (rare, middling) = (AGENTS / 20_000, AGENTS / 200);
    let trigrams = "agents_name_trgm_idx";
    let by_tag = "agents_tags_idx";
    let by_creation = "agents_created_at_idx";
    let exactly = AgentFilter {
        name: Some("Support-nothing".into()),
        ..everything()
    };
    let exactly_and_part = AgentFilter {
        name: Some("Support-nothing".into()),
        ..q("support")
    };
    let all_at_once = AgentFilter {
        tags: vec!["even".into(), "all".into()],
        status: Some(AgentStatus::Active),
        created_after: created(Some(100), None).created_after,
        ..q("billing")
    };
    let rare_of_status = AgentFilter {
        status: Some(AgentStatus::Active),
        ..q("zebra")
    };
    let tag_of_status = AgentFilter {
        status: Some(AgentStatus::Archived),
        ..tags(&["all"])
    };
    let tag_and_part = AgentFilter {
        tags: vec!["rare".into()],
        ..q("support")
    };
    vec![
        case("no filter", everything(), AGENTS, ""),
        case("a name", exactly, 0, "agents_name_key"),
        case("a name and q", exactly_and_part, 0, "agents_name_key"),
        case("a common q", q("support"), AGENTS / 5, ""),
        case("a common q not in ASCII", q("äRGER"), AGENTS / 5, ""),
        case("a q of some", q("middling"), middling, trigrams),
        case("a rare q", q("zebra"), rare, trigrams),
        case("a q of none", q("nothing"), 0, trigrams),
        case("a common prefix", q("s"), AGENTS / 5, ""),
        case("a common prefix of two", q("TR"), AGENTS / 5, ""),
        case("a prefix of none", q("zz"), 0, trigrams),
        case("a prefix without letters", q("-"), 0, "agents_name_key"),
        case("everybody's tag", tags(&["all"]), AGENTS, ""),
        case("a common tag", tags(&["even"]), AGENTS / 2, ""),
        case("a tag of some", tags(&["middling"]), middling, by_tag),
        case("a rare tag", tags(&["rare"]), rare, by_tag),
        case("a tag of none", tags(&["nothing"]), 0, by_tag),
        case("another tenant's tag", tags(&["foreign"]), 0, by_tag),
        case("the oldest ones' tag", tags(&["legacy"]), AGENTS / 10, ""),
        case("two common tags", tags(&["even", "all"]), AGENTS / 2, ""),
        case("tags that never meet", tags(&["even", "rare"]), 0, by_tag),
        case(
            "a common status",
            status(AgentStatus::Active),
            AGENTS - AGENTS / 10 - rare,
            "",
        ),
        case("a rare status", status(AgentStatus::Archived), rare, ""),
        case(
            "the newest",
            created(Some(AGENTS - 49), None),
            50,
            by_creation,
        ),
        case("the oldest", created(None, Some(51)), 50, by_creation),
        case(
            "a time between",
            created(Some(AGENTS / 2), Some(AGENTS / 2 + 1_000)),
            1_000,
            by_creation,
        ),
        case(
            "half of the time",
            created(Some(AGENTS / 2 + 1), None),
            AGENTS / 2,
            "",
        ),
        case("all at once", all_at_once, AGENTS / 10 - 10, ""),
        case(
            "a rare q and a common status",
            rare_of_status,
            rare,
            trigrams,
        ),
        case("a common tag and a rare status", tag_of_status, rare, ""),
        case("a common q and a rare tag", tag_and_part, 0, by_tag),
    ]
}

/// Those that match are many, and stand at the other end of the order: sorting all of them is all
/// that can be done, so every block of the table may be touched, but only once.
fn stands_at_the_other_end(what: &str, order: AgentOrder) -> bool {
    matches!(
        (what, order),
        ("a common q" | "a common prefix", AgentOrder::NameDesc)
            | ("a common q not in ASCII", AgentOrder::NameAsc)
            | (
                "a common prefix of two",
                AgentOrder::NameAsc | AgentOrder::NameDesc
            )
            | ("the oldest ones' tag", AgentOrder::CreatedAtDesc)
            | ("all at once", AgentOrder::NameAsc | AgentOrder::NameDesc)
    )
}

/// What the server has counted for the table.
#[derive(QueryableByName)]
struct Counters {
    #[diesel(sql_type = BigInt)]
    seq_scans: i64,
    #[diesel(sql_type = BigInt)]
    blocks: i64,
    #[diesel(sql_type = Array<Text>)]
    indexes: Vec<String>,
}

/// Counts from zero, runs the list and reads what it has touched.
async fn list(
    connection: &mut Connection,
    case: &Case,
    order: AgentOrder,
    after: Option<Position>,
) -> (Vec<Agent>, Counters) {
    // What came before and is not counted yet must be counted before the reset, not after it.
    for statement in [
        "SELECT pg_stat_force_next_flush()",
        "SELECT pg_stat_reset()",
    ] {
        connection.batch_execute(statement).await.unwrap();
    }
    let page = store::list(connection, TenantId(1), &case.filter, order, after, LIMIT)
        .await
        .unwrap();
    connection
        .batch_execute("SELECT pg_stat_force_next_flush()")
        .await
        .unwrap();
    let counters = diesel::sql_query(
        "SELECT seq_scan AS seq_scans,
            heap_blks_hit + heap_blks_read + idx_blks_hit + idx_blks_read AS blocks,
            ARRAY(SELECT indexrelname::text FROM pg_stat_user_indexes AS i
                  WHERE i.relid = t.relid AND idx_scan > 0 ORDER BY 1) AS indexes
         FROM pg_stat_user_tables AS t JOIN pg_statio_user_tables USING (relid)
         WHERE t.relname = 'agents'",
    )
    .get_result(&mut **connection)
    .await
    .unwrap();
    (page.items, counters)
}

#[derive(QueryableByName)]
struct Pages {
    #[diesel(sql_type = BigInt)]
    pages: i64,
}

#[tokio::test(flavor = "multi_thread")]
async fn every_filter_in_every_order_touches_few_blocks_of_a_large_table() {
    let url = cluster::database().await;
    let connector = Connector::new(&url, &cluster::bounds()).unwrap();
    let mut connection = connector.unhurried().connect().await.unwrap();
    // Autovacuum would be counted with us.
    let prepare = format!(
        "ALTER TABLE agents SET (autovacuum_enabled = off); {}",
        FILL.replace("AGENTS", &AGENTS.to_string())
    );
    connection.batch_execute(&prepare).await.unwrap();
    connection
        .batch_execute("VACUUM (ANALYZE) agents")
        .await
        .unwrap();
    let Pages { pages } = diesel::sql_query(
        "SELECT relpages::bigint AS pages FROM pg_class WHERE oid = 'agents'::regclass",
    )
    .get_result(&mut *connection)
    .await
    .unwrap();
    let mut faults = Vec::new();
    let mut check = |what: String, case: &Case, order, items: usize, total, counters: &Counters| {
        let bound = if stands_at_the_other_end(case.what, order) {
            BLOCKS + pages
        } else {
            BLOCKS
        };
        let Counters {
            seq_scans,
            blocks,
            indexes,
        } = counters;
        let served = case.index.is_empty() || indexes.iter().any(|name| name == case.index);
        let whole = i64::try_from(items).unwrap() == i64::min(total, LIMIT as i64);
        if *seq_scans > 0 || indexes.is_empty() || !served || *blocks > bound || !whole {
            faults.push(format!(
                "{what}: {blocks} blocks (at most {bound}), {seq_scans} sequential scans, \
                 {indexes:?}, {items} items"
            ));
        }
    };
    for case in cases() {
        for order in ORDERS {
            let (items, counters) = list(&mut connection, &case, order, None).await;
            let what = format!("{} {order:?}", case.what);
            check(what, &case, order, items.len(), case.total, &counters);
            if let Some(last) = items.last().filter(|_| case.total > LIMIT as i64) {
                let after = Some(Position::of(last, order));
                let (items, counters) = list(&mut connection, &case, order, after).await;
                let what = format!("{} {order:?}, second page", case.what);
                let rest = case.total - LIMIT as i64;
                check(what, &case, order, items.len(), rest, &counters);
            }
        }
    }
    assert!(faults.is_empty(), "{pages} pages\n{}", faults.join("\n"));
}
