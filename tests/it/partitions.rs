//! The weeks' partitions: there before they are needed, made once, and without holding anybody up.

use std::time::Duration;

use agentdata::{
    db::{Connector, maintenance, partitions},
    values::Timestamp,
};
use futures_util::future::join_all;
use serde_json::json;

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

/// How many logs there are, and how many of them are in the history.
async fn logs(session: &Session) -> (i64, i64) {
    let all = session.number("SELECT count(*) FROM logs").await;
    let old = session.number("SELECT count(*) FROM logs_history").await;
    (all, old)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_old_goes_by_the_week_and_every_instant_keeps_a_place() {
    let app = TestApp::start().await;
    let path = format!("/agents/{}/logs", agent(&app, "old").await);
    let session = Session::open(&app.database_url).await;
    let days = |days: i64| {
        let span = Duration::from_secs(days.unsigned_abs() * 24 * 3_600);
        let now = Timestamp::now();
        if days < 0 {
            now.minus(span)
        } else {
            now.plus(span)
        }
    };
    let log = |days_ago: Timestamp| json!({ "level": "info", "message": "", "timestamp": days_ago.to_string() });
    for old in [days(-400), days(-100), days(0)] {
        assert_eq!(app.post(&path, &log(old)).await.status, 201);
    }
    assert_eq!(logs(&session).await, (3, 2));
    let weeks = shape(&session, "logs").await.0;
    let connector = Connector::new(&app.database_url, &cluster::bounds()).unwrap();
    let remove = async |cutoff| {
        let mut connection = connector.connect().await.unwrap();
        partitions::remove_expired(&mut connection, "logs", cutoff).await
    };
    // The history goes when all of it is too old, and that is when this week began.
    assert_eq!(remove(days(-8)).await.unwrap(), 0);
    assert_eq!(logs(&session).await, (3, 2));
    // Two weeks on this week is too old, and perhaps the next; five servers see that at once.
    let all = join_all((0..5).map(|_| remove(days(14)))).await;
    let removed: usize = all.into_iter().map(Result::unwrap).sum();
    assert!((2..=3).contains(&removed), "{removed}");
    assert_eq!(logs(&session).await, (0, 0));
    let left = shape(&session, "logs").await;
    assert_eq!(left, (weeks - i64::try_from(removed).unwrap() + 1, 1));
    // What comes for those weeks after all finds a place, and goes the next time.
    assert_eq!(app.post(&path, &log(days(0))).await.status, 201);
    assert_eq!(logs(&session).await, (1, 1));
    assert_eq!(remove(days(14)).await.unwrap(), 1);
    assert_eq!(remove(days(14)).await.unwrap(), 0);
    assert_eq!(logs(&session).await, (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_removal_gives_way_to_a_long_statement() {
    let app = TestApp::start().await;
    let id = agent(&app, "busy").await;
    let session = Session::open(&app.database_url).await;
    session.run("BEGIN; SELECT count(*) FROM logs").await;
    let connector = Connector::new(&app.database_url, &cluster::bounds()).unwrap();
    let mut connection = connector.connect().await.unwrap();
    let later = Timestamp::now().plus(Duration::from_secs(14 * 24 * 3_600));
    let remove = partitions::remove_expired(&mut connection, "logs", later);
    let body = json!({ "level": "info", "message": "waits a second at most" });
    let path = format!("/agents/{id}/logs");
    let (removed, written) = tokio::join!(remove, app.post(&path, &body));
    assert!(removed.is_err());
    assert_eq!(written.status, 201, "{}", written.text);
    session.run("COMMIT").await;
    assert_eq!(logs(&session).await.0, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_older_than_the_retention_is_refused() {
    let app = TestApp::with_flags(&["--retention-logs", "30d", "--retention-metrics=24h"]).await;
    let agent = agent(&app, "late").await;
    let ago = |hours: u64| {
        Timestamp::now()
            .minus(Duration::from_secs(hours * 3_600))
            .to_string()
    };
    let log = |hours| json!({ "level": "info", "message": "", "timestamp": ago(hours) });
    let point =
        |hours| json!({ "name": "n", "kind": "gauge", "value": 1, "timestamp": ago(hours) });
    let call = |hours| json!({ "tool_name": "n", "status": "success", "timestamp": ago(hours) });
    for (table, young, old) in [
        ("logs", log(29 * 24), Some(log(31 * 24))),
        ("metrics", point(23), Some(point(25))),
        ("tool-usage", call(9_000), None),
    ] {
        let path = format!("/agents/{agent}/{table}");
        let kept = app.post(&path, &young).await;
        assert_eq!(kept.status, 201, "{}", kept.text);
        let Some(old) = old else { continue };
        let one = app.post(&path, &old).await;
        assert_eq!(
            (one.status, one.places()),
            (422, vec!["/timestamp"]),
            "{}",
            one.text
        );
        let many = app
            .post(&format!("{path}/batch"), &json!([young, old]))
            .await;
        assert_eq!(
            (many.status, many.places()),
            (422, vec!["/1/timestamp"]),
            "{}",
            many.text
        );
    }
    // Nothing of this week is too old for a pass of maintenance.
    assert_eq!(app.maintain().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_metrics_tell_of_partitions_and_of_maintenance() {
    let app = TestApp::with_flags(&["--retention-logs", "7d"]).await;
    let doomed = agent(&app, "doomed").await;
    app.delete(&format!("/agents/{doomed}")).await;
    let session = Session::open(&app.database_url).await;
    session
        .run("UPDATE agents SET deleted_at = now() - interval '1 hour'")
        .await;
    session
        .run(
            "INSERT INTO logs SELECT tenant_id, id, now() - interval '60 days', gen_random_uuid(), 3, \
             'old', '{}' FROM agents",
        )
        .await;
    let value = async |name: &str| {
        let metrics = app.get("/metrics").await;
        let line = metrics.text.lines().find(|line| line.starts_with(name));
        let value = line.and_then(|line| line.rsplit(' ').next()?.parse::<i64>().ok());
        value.unwrap_or_else(|| panic!("no {name}: {}", metrics.text))
    };
    let last = "agentdata_maintenance_last_success_timestamp_seconds";
    assert_eq!(value(last).await, 0);
    let parts = app.app.clone();
    let running = tokio::spawn(maintenance::run(parts.db, parts.retention, parts.metrics));
    crate::support::eventually("a pass is done", Duration::from_secs(10), || async {
        value(last).await > 0
    })
    .await;
    running.abort();
    // The log and the agent: no week is old enough to go as a whole.
    assert_eq!(value("agentdata_maintenance_purged_rows_total").await, 2);
    app.app.metrics.maintained(&maintenance::Pass {
        expired: 3,
        ..maintenance::Pass::default()
    });
    let expired = "agentdata_maintenance_expired_partitions_total";
    assert_eq!(value(expired).await, 3);
    for table in partitions::TABLES {
        let count = value(&format!("agentdata_db_partitions{{table=\"{table}\"}}")).await;
        assert_eq!(count, shape(&session, table).await.0);
        let name = format!("agentdata_db_partitions_end_timestamp_seconds{{table=\"{table}\"}}");
        let ahead = value(&name).await - Timestamp::now().unix_seconds();
        assert!(ahead > 28 * 86_400, "{ahead}");
    }
}
