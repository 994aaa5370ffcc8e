//! The weeks' partitions: there before they are needed, made once, and without holding anybody up.

use std::time::Duration;

use agentdata::{
    db::{Connector, partitions},
    values::Timestamp,
};
use futures_util::future::join_all;

use crate::support::{
    TestApp,
    cluster::{self, Session},
    ingest::{agent, log, tenant},
};

/// For each table the number of partitions, and how many of them do not begin where another ends.
async fn shape(session: &Session, table: &str) -> (i64, i64) {
    let bounds = format!(
        "FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid, \
            regexp_match(pg_get_expr(c.relpartbound, c.oid), 'FROM \\((.*)\\) TO \\((.*)\\)') AS bound \
         WHERE i.inhparent = '{table}'::regclass"
    );
    let all = session.number(&format!("SELECT count(*) {bounds}")).await;
    let loose = session
        .number(&format!(
            "WITH b AS (SELECT bound[1] AS low, bound[2] AS high {bounds}) \
             SELECT count(*) FROM b WHERE low NOT IN (SELECT high FROM b)"
        ))
        .await;
    (all, loose)
}

#[tokio::test(flavor = "multi_thread")]
async fn they_reach_from_the_beginning_of_time_to_four_weeks_ahead_without_a_gap() {
    let session = Session::open(&cluster::database().await).await;
    for table in partitions::TABLES {
        let (all, loose) = shape(&session, table).await;
        // The history and this week and five more; only the history follows no other.
        assert!((6..=8).contains(&all), "{table}: {all}");
        assert_eq!(loose, 1, "{table}");
        let defaults = format!(
            "SELECT count(*) FROM pg_partitioned_table \
             WHERE partrelid = '{table}'::regclass AND partdefid <> 0"
        );
        assert_eq!(session.number(&defaults).await, 0, "{table}");
        let covered = format!(
            "SELECT count(*) FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid \
             WHERE i.inhparent = '{table}'::regclass AND \
                substring(pg_get_expr(c.relpartbound, c.oid) FROM 'TO \\(''(.*)''\\)')::timestamptz \
                    >= now() + interval '28 days'"
        );
        assert!(session.number(&covered).await >= 1, "{table}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_servers_at_once_make_each_partition_once() {
    let url = cluster::database().await;
    let connector = Connector::new(&url, &cluster::bounds()).unwrap();
    let session = Session::open(&url).await;
    let later = Timestamp::now().plus(Duration::from_secs(70 * 24 * 3_600));
    let servers = (0..5).map(|_| async {
        let mut connection = connector.connect().await.unwrap();
        partitions::make_missing(&mut connection, later)
            .await
            .unwrap()
    });
    let made: usize = join_all(servers).await.iter().sum();
    assert_eq!(made, 10 * partitions::TABLES.len());
    for table in partitions::TABLES {
        assert_eq!(shape(&session, table).await.1, 1, "{table}");
    }
    let mut connection = connector.connect().await.unwrap();
    let again = partitions::make_missing(&mut connection, later)
        .await
        .unwrap();
    assert_eq!(again, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn to_make_them_waits_for_no_writer_and_holds_none_up() {
    let app = TestApp::start().await;
    let agent = agent(&app, "busy").await;
    let session = Session::open(&app.database_url).await;
    let row = format!(
        "INSERT INTO logs (tenant_id, agent_id, timestamp, id, level, message, attributes) \
         SELECT tenant_id, id, now(), gen_random_uuid(), 3, 'open', '{{}}' FROM agents \
         WHERE id = '{agent}'"
    );
    session.run(&format!("BEGIN; {row}")).await;
    let connector = Connector::new(&app.database_url, &cluster::bounds()).unwrap();
    let mut connection = connector.connect().await.unwrap();
    let later = Timestamp::now().plus(Duration::from_secs(14 * 24 * 3_600));
    let made = partitions::make_missing(&mut connection, later)
        .await
        .unwrap();
    assert_eq!(made, 2 * partitions::TABLES.len());
    session.run("COMMIT").await;
    let tenant = tenant(&session).await;
    let rows = [log(agent, "after")].into();
    app.app.logs.write(tenant, agent, rows).await.unwrap();
    assert_eq!(session.number("SELECT count(*) FROM logs").await, 2);
}
