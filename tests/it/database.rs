//! A database that is slow, busy, gone or cuts its sessions off: what the callers see meanwhile, and
//! that the server needs no restart after.

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

use agentdata::db::{Bounds, Connection};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use reqwest::Method;
use serde_json::json;
use tokio::net::TcpListener;

use crate::{
    datasets::create,
    support::{
        Answer, TestApp,
        cluster::{self, Session, WAITING_FOR_LOCKS},
        eventually,
        raw::PATIENCE,
        signer::{Signer, own_claims},
    },
};

/// Cuts every session of the server under test; answers how many there were.
const CUT: &str = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
     WHERE datname = current_database() AND application_name = 'agentdata'";

/// Callers at once.
const WORKERS: usize = 4;
/// Before this time no timeout has passed: the lock's is 5 s.
const EARLY: Duration = Duration::from_secs(4);
/// Within this time after a fault the server works again.
const RECOVERY: Duration = Duration::from_secs(5);

fn bounds(pool_size: usize, acquire: f64, statement: f64) -> Bounds {
    Bounds {
        pool_size,
        shared_connections: 2,
        acquire_timeout: Duration::from_secs_f64(acquire),
        statement_timeout: Duration::from_secs_f64(statement),
    }
}

/// Creates an agent and answers its path.
async fn agent(app: &TestApp, name: &str) -> String {
    let created = app.post("/agents", &json!({ "name": name })).await;
    assert_eq!(created.status, 201, "{}", created.text);
    format!("/agents/{}", created.json["id"].as_str().unwrap())
}

/// A session that holds the lock of every agent.
async fn lock_agents(app: &TestApp) -> Session {
    let holder = Session::open(&app.database_url).await;
    holder.run("BEGIN; SELECT FROM agents FOR UPDATE").await;
    holder
}

#[track_caller]
fn assert_unavailable(answer: &Answer) {
    assert_eq!(answer.status, 503, "{}", answer.text);
    assert_eq!(answer.json["code"], "unavailable");
    assert_eq!(answer.header("retry-after"), "1");
}

/// As unavailable; a write may also have been on its way to the database.
#[track_caller]
fn assert_cut(answer: &Answer) {
    assert_eq!(answer.status, 503, "{}", answer.text);
    let code = answer.json["code"].as_str().unwrap();
    assert!(["unavailable", "outcome_unknown"].contains(&code), "{code}");
    assert_eq!(answer.header("retry-after"), "1");
}

#[tokio::test]
async fn after_all_sessions_were_cut_the_next_requests_work_again() {
    let app = TestApp::start().await;
    let path = agent(&app, "cut").await;
    let admin = Session::open(&app.database_url).await;
    let over = Cell::new(false);
    let (reads, writes) = (Cell::new(0), Cell::new(0));
    let storm = async {
        for _ in 0..10 {
            assert!(admin.number(CUT).await >= 1);
            // Both kinds of connection recover, each time, while the requests go on. One answer of
            // every worker may have been on its way already.
            let (read, written) = (reads.get(), writes.get());
            eventually("reads and writes work again", RECOVERY, || async {
                reads.get() > read + WORKERS && writes.get() > written + WORKERS
            })
            .await;
        }
        over.set(true);
    };
    let load = async |worker: usize| {
        let mut sent = 0;
        while !over.get() {
            sent += 1;
            let name = format!("cut {worker} {sent}");
            let write = app
                .request(Method::POST, "/agents")
                .header("idempotency-key", &name)
                .json(&json!({ "name": name }));
            let read = app.get(&path).await;
            match read.status {
                200 => reads.set(reads.get() + 1),
                _ => assert_unavailable(&read),
            }
            let written = app.send(write).await;
            match written.status {
                201 => writes.set(writes.get() + 1),
                _ => assert_cut(&written),
            }
        }
    };
    tokio::join!(
        storm,
        futures_util::future::join_all((0..WORKERS).map(load))
    );

    let cut = Instant::now();
    let mut in_a_row = 0;
    while in_a_row < 20 {
        let read = app.get(&path).await;
        let write = app.put(&path, &json!({ "name": "cut" })).await;
        in_a_row = if read.status == 200 && write.status == 200 {
            in_a_row + 1
        } else {
            0
        };
        assert!(cut.elapsed() < RECOVERY, "{} {}", read.text, write.text);
    }
    assert_eq!(app.get("/readyz").await.status, 200);
}

#[tokio::test]
async fn when_every_connection_waits_others_are_refused_in_time_and_health_goes_on() {
    let app = TestApp::with_bounds(cluster::database().await, bounds(1, 2.5, 4.0), &[]).await;
    let path = agent(&app, "held").await;
    let holder = lock_agents(&app).await;
    let begin = Instant::now();
    let body = json!({ "name": "held" });
    let writers = futures_util::future::join_all((0..12).map(|_| app.put(&path, &body)));
    let others = async {
        eventually("a writer waits for the lock", PATIENCE, || async {
            holder.number(WAITING_FOR_LOCKS).await == 1
        })
        .await;
        for _ in 0..5 {
            let asked = Instant::now();
            assert_eq!(app.get("/healthz").await.status, 200);
            assert_eq!(app.get("/readyz").await.status, 200);
            assert_eq!(
                app.get(&path).await.status,
                200,
                "reads have connections of their own"
            );
            // Whoever waited for a connection that is held would wait for the statement timeout.
            assert!(
                asked.elapsed() < Duration::from_secs(6),
                "{:?}",
                asked.elapsed()
            );
        }
    };
    let (writers, ()) = tokio::join!(writers, others);
    assert!(
        begin.elapsed() < Duration::from_secs(30),
        "{:?}",
        begin.elapsed()
    );
    let timeouts = writers.iter().filter(|answer| answer.status == 504).count();
    assert_eq!(timeouts, 1, "who had the connection: {writers:?}");
    for answer in writers.iter().filter(|answer| answer.status != 504) {
        assert_unavailable(answer);
    }
    holder.run("ROLLBACK").await;
    eventually("writers work again", Duration::from_secs(5), || async {
        app.put(&path, &body).await.status == 200
    })
    .await;
}

#[tokio::test]
async fn a_statement_out_of_time_is_a_504_and_its_backend_gives_up_too() {
    let app = TestApp::with_bounds(cluster::database().await, bounds(2, 5.0, 0.5), &[]).await;
    let path = agent(&app, "slow").await;
    let holder = Session::open(&app.database_url).await;
    holder
        .run("BEGIN; LOCK TABLE agents IN ACCESS EXCLUSIVE MODE")
        .await;
    // A shared connection, a pooled one, and a transaction on a pooled one.
    let body = json!({ "name": "slow" });
    let in_transaction = app
        .request(Method::POST, "/agents")
        .header("idempotency-key", "slow");
    let begin = Instant::now();
    let (read, write, transaction) = tokio::join!(
        app.get(&path),
        app.put(&path, &body),
        app.send(in_transaction.json(&json!({ "name": "another" }))),
    );
    for answer in [read, write, transaction] {
        assert_eq!(answer.status, 504, "{}", answer.text);
        assert_eq!(answer.json["code"], "timeout");
    }
    assert!(
        (0.4..4.0).contains(&begin.elapsed().as_secs_f64()),
        "{:?}",
        begin.elapsed()
    );
    eventually(
        "no backend waits any more",
        Duration::from_secs(5),
        || async { holder.number(WAITING_FOR_LOCKS).await == 0 },
    )
    .await;
    holder.run("ROLLBACK").await;
    let list = app.get("/agents").await;
    assert_eq!(list.status, 200, "{}", list.text);
    assert_eq!(
        list.json["items"].as_array().unwrap().len(),
        1,
        "nothing was stored"
    );
    assert_eq!(app.put(&path, &body).await.status, 200);
    let open = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                AND state LIKE 'idle in transaction%'";
    assert_eq!(holder.number(open).await, 0, "no transaction was left open");
}

#[tokio::test]
async fn a_row_that_stays_locked_is_a_503() {
    let app = TestApp::start().await;
    let path = agent(&app, "locked").await;
    let holder = lock_agents(&app).await;
    // The lock timeout lies under the statement timeout.
    assert_unavailable(&app.put(&path, &json!({ "name": "locked" })).await);
    holder.run("ROLLBACK").await;
    assert_eq!(
        app.put(&path, &json!({ "name": "locked" })).await.status,
        200
    );
}

#[tokio::test]
async fn a_caller_who_goes_away_leaves_no_transaction_behind() {
    let app = TestApp::with_bounds(cluster::database().await, bounds(1, 5.0, 10.0), &[]).await;
    agent(&app, "first").await;
    let holder = Session::open(&app.database_url).await;
    // The same key in another transaction makes the request wait inside its own.
    holder
        .run(
            "BEGIN; INSERT INTO idempotency_keys (tenant_id, key, request_hash, created_at) \
             SELECT id, 'abandoned', sha256('x'), now() FROM tenants",
        )
        .await;
    let request = app
        .request(Method::POST, "/agents")
        .header("idempotency-key", "abandoned")
        .json(&json!({ "name": "abandoned" }));
    let abandoned = tokio::spawn(request.send());
    eventually("the request waits", PATIENCE, || async {
        holder.number(WAITING_FOR_LOCKS).await == 1
    })
    .await;
    abandoned.abort();
    // The pool's one place is free again, and nothing waits, long before any timeout.
    let begin = Instant::now();
    agent(&app, "second").await;
    assert!(begin.elapsed() < EARLY, "{:?}", begin.elapsed());
    eventually("nothing waits", EARLY, || async {
        holder.number(WAITING_FOR_LOCKS).await == 0
    })
    .await;
    holder.run("ROLLBACK").await;
    eventually("the abandoned session is gone", PATIENCE, || async {
        let rest = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                    AND (state LIKE 'idle in transaction%' OR wait_event_type = 'Lock')";
        holder.number(rest).await == 0
    })
    .await;
    let list = app.get("/agents?order=name_asc").await;
    let names: Vec<_> = list.json["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| &item["name"])
        .collect();
    assert_eq!(
        names,
        ["first", "second"],
        "the abandoned one was rolled back"
    );
}

#[tokio::test]
async fn a_search_whose_caller_goes_away_is_cancelled() {
    let app = TestApp::with_bounds(cluster::database().await, bounds(1, 5.0, 10.0), &[]).await;
    let logs = format!("{}/logs?q=word", agent(&app, "searched").await);
    let holder = Session::open(&app.database_url).await;
    holder
        .run("BEGIN; LOCK TABLE logs IN ACCESS EXCLUSIVE MODE")
        .await;
    let abandoned = tokio::spawn(app.request(Method::GET, &logs).send());
    eventually("the search waits", PATIENCE, || async {
        holder.number(WAITING_FOR_LOCKS).await == 1
    })
    .await;
    abandoned.abort();
    eventually("nothing waits", EARLY, || async {
        holder.number(WAITING_FOR_LOCKS).await == 0
    })
    .await;
    // The pool's one place does not wait for it.
    let begin = Instant::now();
    agent(&app, "next").await;
    assert!(begin.elapsed() < EARLY, "{:?}", begin.elapsed());
    holder.run("ROLLBACK").await;
    let found = app.get(&logs).await;
    assert_eq!(found.status, 200, "{}", found.text);
}

#[derive(diesel::QueryableByName)]
struct Setting {
    #[diesel(sql_type = diesel::sql_types::Text)]
    value: String,
}

async fn setting(connection: &mut AsyncPgConnection, name: &str) -> String {
    let query = format!("SELECT current_setting('{name}') AS value");
    let setting: Setting = diesel::sql_query(query)
        .get_result(connection)
        .await
        .unwrap();
    setting.value
}

#[tokio::test]
async fn every_session_has_its_timeouts_and_its_name() {
    let app = TestApp::with_bounds(cluster::database().await, bounds(2, 3.0, 7.0), &[]).await;
    let mut pooled = app.app.db.pooled().await.unwrap();
    let connector = agentdata::db::Connector::new(&app.database_url, &bounds(1, 3.0, 7.0)).unwrap();
    let mut own = connector.connect().await.unwrap();
    drop(app.app.db.shared().await.unwrap());
    let connections: [&mut Connection; 2] = [&mut pooled, &mut own];
    for connection in connections {
        // A little more than the server's own time, which decides the answer.
        assert_eq!(setting(connection, "statement_timeout").await, "7250ms");
        assert_eq!(
            setting(connection, "idle_in_transaction_session_timeout").await,
            "7250ms"
        );
        assert_eq!(setting(connection, "lock_timeout").await, "5s");
        assert_eq!(setting(connection, "application_name").await, "agentdata");
    }
    let named = format!("{}&application_name=mine", app.database_url);
    let named = agentdata::db::Connector::new(&named, &bounds(1, 3.0, 7.0)).unwrap();
    let mut named = named.connect().await.unwrap();
    assert_eq!(setting(&mut named, "application_name").await, "mine");
    let mut unhurried = connector.unhurried().connect().await.unwrap();
    assert_eq!(setting(&mut unhurried, "statement_timeout").await, "0");
    assert_eq!(setting(&mut unhurried, "lock_timeout").await, "0");
}

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    count: i64,
}

/// A statement that names a dataset is planned for it, which takes longer than to run it; of such statements
/// there are as many as datasets.
#[tokio::test]
async fn a_session_keeps_prepared_statements_until_they_are_too_many() {
    let app = TestApp::with_bounds(cluster::database().await, bounds(1, 3.0, 7.0), &[]).await;
    let (_, embeddings, _) = create(&app, json!({ "name": "d" })).await;
    let search = format!("{embeddings}/search");
    // Another statement for each `k`.
    let ask = async |k: usize| {
        let asked = json!({ "mode": "text", "text": "word", "k": k });
        let found = app.post(&search, &asked).await;
        assert_eq!(found.status, 200, "{}", found.text);
        let mut pooled = app.app.db.pooled().await.unwrap();
        let count: Count = diesel::sql_query("SELECT count(*) FROM pg_prepared_statements")
            .get_result(&mut **pooled)
            .await
            .unwrap();
        usize::try_from(count.count).unwrap()
    };
    let first = ask(1).await;
    assert_eq!(ask(1).await, first);
    assert_eq!(ask(2).await, first + 1);
    let mut most = 0;
    let mut last = 0;
    for k in 3..=300 {
        last = ask(k).await;
        most = most.max(last);
    }
    assert!((200..=260).contains(&most), "{most}");
    assert!(last < 100, "{last}");
}

#[tokio::test]
async fn without_a_database_the_server_lives_but_is_not_ready() {
    let signer = Signer::new("ES256");
    // One address where nobody listens, one where somebody does and never says a word.
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = closed.local_addr().unwrap().port();
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    for port in [closed, silent.local_addr().unwrap().port()] {
        let url = format!("postgresql://agentdata@127.0.0.1:{port}/agentdata?sslmode=disable");
        let app = TestApp::without_database(url, bounds(2, 0.5, 2.0), &[]).await;
        // It may be by a key of this server that another has made: that cannot be looked up.
        let header = json!({ "alg": "ES256", "typ": "at+jwt" });
        let token = signer.token(header, &own_claims(&app));
        for _ in 0..3 {
            let begin = Instant::now();
            assert_eq!(
                app.send(app.anonymous(Method::GET, "/healthz"))
                    .await
                    .status,
                200
            );
            assert_unavailable(&app.send(app.anonymous(Method::GET, "/readyz")).await);
            for (method, path) in [(Method::GET, "/agents"), (Method::POST, "/agents")] {
                let request = app.anonymous(method, path).bearer_auth(&token);
                assert_unavailable(&app.send(request.json(&json!({ "name": "x" }))).await);
            }
            assert!(
                begin.elapsed() < Duration::from_secs(8),
                "{:?}",
                begin.elapsed()
            );
        }
    }
}
