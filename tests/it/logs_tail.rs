//! The tail of logs: complete, in the order of commits, across servers, and nothing twice.

use std::{collections::BTreeSet, time::Duration};

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    Events, TestApp,
    cluster::{self, Session},
    ingest::{agent, tenant},
};

async fn logs(app: &TestApp) -> String {
    format!("/agents/{}/logs", agent(app, "a").await)
}

/// Follows the logs at a path from now on.
async fn tail(app: &TestApp, logs: &str, query: &str) -> Events {
    Events::open(app.request(Method::GET, &format!("{logs}/tail{query}"))).await
}

/// Follows them from behind an event on.
async fn tail_after(app: &TestApp, logs: &str, query: &str, id: &str) -> Events {
    let request = app.request(Method::GET, &format!("{logs}/tail{query}"));
    Events::open(request.header("Last-Event-ID", id)).await
}

async fn log(app: &TestApp, logs: &str, message: &str, level: &str) -> Value {
    let body = json!({ "level": level, "message": message });
    let answer = app.post(logs, &body).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json
}

/// Requires that nothing comes for a while longer than a poll takes.
async fn nothing(events: &mut Events) {
    let event = tokio::time::timeout(Duration::from_millis(1200), events.arrive()).await;
    assert!(event.is_err(), "{event:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tail_on_one_server_sees_what_another_stores() {
    let one = TestApp::start().await;
    let other = TestApp::on_database(one.database_url.clone(), &[]).await;
    let path = logs(&one).await;
    log(&one, &path, "before", "info").await;
    let mut events = tail(&other, &path, "").await;
    let stored = log(&one, &path, "line\nfeed", "warn").await;
    let event = events.next().await.unwrap();
    assert_eq!((event.kind.as_str(), &event.data), ("log", &stored));
    // However old it says it is.
    let old = json!({ "level": "info", "message": "old", "timestamp": "2020-01-01T00:00:00Z" });
    one.post(&path, &old).await;
    assert_eq!(events.next().await.unwrap().data["message"], "old");
    let elsewhere = format!("/agents/{}/logs", agent(&one, "b").await);
    log(&one, &elsewhere, "another agent's", "info").await;
    log(&one, &path, "last", "info").await;
    assert_eq!(events.next().await.unwrap().data["message"], "last");
    assert_eq!(events.headers["content-type"], "text/event-stream");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tail_has_the_filters_of_the_list() {
    let app = TestApp::start().await;
    let path = logs(&app).await;
    let queries = [
        "?min_level=error",
        "?level=info&level=fatal",
        "?q=need%25le",
        "?attr=host%3Dm1&attr=n",
        "?session_id=s",
        "?trace_id=4bf92f3577b34da6a3ce929d0e0e4736",
    ];
    let mut tails = join_all(queries.map(|query| tail(&app, &path, query))).await;
    let matching = [
        json!({ "level": "error", "message": "0" }),
        json!({ "level": "fatal", "message": "0 1" }),
        json!({ "level": "warn", "message": "2 Need%le" }),
        json!({ "level": "warn", "message": "3", "attributes": { "host": "m1", "n": 1 } }),
        json!({ "level": "warn", "message": "4", "session_id": "s" }),
        json!({ "level": "warn", "message": "5", "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736" }),
        json!({ "level": "fatal", "message": "012345 need%le", "attributes": { "host": "m1", "n": 0 },
            "session_id": "s", "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736" }),
    ];
    for body in &matching {
        assert_eq!(app.post(&path, body).await.status, 201);
    }
    for (place, events) in tails.iter_mut().enumerate() {
        let place = place.to_string();
        for body in &matching {
            let message = body["message"].as_str().unwrap();
            if message.contains(&place) {
                assert_eq!(events.next().await.unwrap().data["message"], message);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_committed_late_is_not_passed_over() {
    let app = TestApp::start().await;
    let path = logs(&app).await;
    let session = Session::open(&app.database_url).await;
    let tenant = tenant(&session).await.0;
    let agent = path.split('/').nth(2).unwrap();
    let mut events = tail(&app, &path, "").await;
    session.run("BEGIN").await;
    session
        .run(&format!(
            "INSERT INTO logs VALUES ({tenant}, '{agent}', now(), gen_random_uuid(), 3, 'late', '{{}}')"
        ))
        .await;
    log(&app, &path, "early", "info").await;
    nothing(&mut events).await;
    session.run("COMMIT").await;
    assert_eq!(events.next().await.unwrap().data["message"], "late");
    assert_eq!(events.next().await.unwrap().data["message"], "early");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_of_another_database_holds_up_nobody() {
    let app = TestApp::start().await;
    let path = logs(&app).await;
    let elsewhere = Session::open(&cluster::database().await).await;
    elsewhere.run("BEGIN").await;
    elsewhere.run("SELECT pg_current_xact_id()").await;
    let mut events = tail(&app, &path, "").await;
    for message in ["one", "two"] {
        log(&app, &path, message, "info").await;
        assert_eq!(events.next().await.unwrap().data["message"], message);
    }
    elsewhere.run("COMMIT").await;
}

/// Reads until as many logs have come, and reconnects on the way.
async fn follow(apps: [&TestApp; 2], path: &str, from: &str, count: usize) {
    let (mut seen, mut id, mut turn) = (Vec::new(), from.to_owned(), 0);
    while seen.len() < count {
        let mut events = tail_after(apps[turn % 2], path, "", &id).await;
        // Cut off after a while, perhaps in the middle of what is coming.
        for _ in 0..7 + turn % 5 {
            let event = events.next().await.unwrap();
            seen.push(event.data["id"].as_str().unwrap().to_owned());
            id = event.id;
            if seen.len() == count {
                break;
            }
        }
        turn += 1;
    }
    let distinct: BTreeSet<_> = seen.iter().collect();
    assert_eq!(distinct.len(), count, "none twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_reconnects_misses_nothing_while_many_write() {
    let one = TestApp::start().await;
    let other = TestApp::on_database(one.database_url.clone(), &[]).await;
    let path = logs(&one).await;
    let mut begin = tail(&one, &path, "").await;
    log(&one, &path, "first", "info").await;
    let first = begin.next().await.unwrap().id;
    let (writers, rounds) = (8_usize, 6_usize);
    let write = async |writer: usize| {
        let app = if writer.is_multiple_of(2) {
            &one
        } else {
            &other
        };
        for round in 0..rounds {
            if round % 2 == 0 {
                log(app, &path, "single", "info").await;
            } else {
                let batch = vec![json!({ "level": "info", "message": "of a batch" }); 3];
                let answer = app.post(&format!("{path}/batch"), &json!(batch)).await;
                assert_eq!(answer.status, 201, "{}", answer.text);
            }
        }
    };
    let total = writers * (rounds / 2) * 4;
    tokio::join!(
        join_all((0..writers).map(write)),
        follow([&one, &other], &path, &first, total),
        follow([&other, &one], &path, &first, total),
    );
    follow([&one, &other], &path, &first, total).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rare_log_behind_many_others_is_found() {
    let app = TestApp::start().await;
    let path = logs(&app).await;
    let mut events = tail(&app, &path, "").await;
    log(&app, &path, "first", "info").await;
    let first = events.next().await.unwrap().id;
    drop(events);
    let batch = |count: usize| vec![json!({ "level": "debug", "message": "m" }); count];
    // More than are looked through at once, in one transaction and in some.
    for count in [10_000, 3_000, 3_000, 3_000] {
        let answer = app
            .post(&format!("{path}/batch"), &json!(batch(count)))
            .await;
        assert_eq!(answer.status, 201, "{}", answer.text);
    }
    log(&app, &path, "rare", "fatal").await;
    let mut events = tail_after(&app, &path, "?level=fatal", &first).await;
    assert_eq!(events.next().await.unwrap().data["message"], "rare");
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_of_a_restored_dump_are_no_news() {
    let app = TestApp::start().await;
    let path = logs(&app).await;
    let session = Session::open(&app.database_url).await;
    let tenant = tenant(&session).await.0;
    let agent = path.split('/').nth(2).unwrap();
    let mut events = tail(&app, &path, "").await;
    // Another server had come further with its transactions.
    session
        .run(&format!(
            "INSERT INTO logs (tenant_id, agent_id, timestamp, id, level, message, attributes, \
                transaction_id) \
             SELECT {tenant}, '{agent}', now(), gen_random_uuid(), 3, 'restored', '{{}}', \
                pg_current_xact_id()::text::bigint + i FROM generate_series(1, 5) AS i"
        ))
        .await;
    for n in 0..8 {
        let message = n.to_string();
        log(&app, &path, &message, "info").await;
        assert_eq!(events.next().await.unwrap().data["message"], *message);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tail_begins_behind_an_event_that_there_has_been() {
    let app = TestApp::start().await;
    let path = logs(&app).await;
    // Before any event the stream says where it is.
    let mut events = tail(&app, &path, "").await;
    nothing(&mut events).await;
    let begin = events.id.clone();
    drop(events);
    log(&app, &path, "missed", "info").await;
    let mut events = tail_after(&app, &path, "", &begin).await;
    let missed = events.next().await.unwrap();
    assert_eq!(missed.data["message"], "missed");
    let mut events = tail_after(&app, &path, "", &missed.id).await;
    nothing(&mut events).await;
    let request = |id: &str| {
        app.request(Method::GET, &format!("{path}/tail"))
            .header("Last-Event-ID", id)
    };
    for bad in ["x", "-1", "007", "12-", "12-x", "999999999999"] {
        let refused = app.send(request(bad)).await;
        assert_eq!(
            (refused.status, refused.places()),
            (422, vec!["Last-Event-ID"]),
            "{bad}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tail_ends_with_its_agent_and_with_the_server() {
    let app = TestApp::start().await;
    let path = logs(&app).await;
    let mut events = tail(&app, &path, "").await;
    app.delete(path.trim_end_matches("/logs")).await;
    let last = events.next().await.unwrap();
    assert_eq!(
        (last.kind.as_str(), &last.data["reason"]),
        ("end", &json!("agent_deleted"))
    );
    assert!(events.next().await.is_none());
    let path = format!("/agents/{}/logs", agent(&app, "b").await);
    let mut events = tail(&app, &path, "").await;
    let (last, ()) = tokio::join!(events.next(), app.stop());
    assert_eq!(last.unwrap().data["reason"], "stopping");
}
