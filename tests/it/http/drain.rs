//! A server that stops.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tokio::net::TcpStream;

use crate::support::{Raw, TestApp, cluster, eventually, raw::PATIENCE};

/// A PUT of the agent that waits, as the database says, for a lock that the test holds.
async fn waiting_put(
    app: &TestApp,
    holder: &cluster::Session,
) -> tokio::task::JoinHandle<reqwest::Result<reqwest::Response>> {
    let created = app.post("/agents", &json!({ "name": "held" })).await;
    let id = created.json["id"].as_str().unwrap();
    holder
        .run(&format!(
            "BEGIN; SELECT FROM agents WHERE id = '{id}' FOR UPDATE"
        ))
        .await;
    let put = app
        .request(Method::PUT, &format!("/agents/{id}"))
        .json(&json!({ "name": "let go" }));
    let put = tokio::spawn(put.send());
    eventually("the request waits for the lock", PATIENCE, || async {
        holder.number(cluster::WAITING_FOR_LOCKS).await == 1
    })
    .await;
    put
}

#[tokio::test]
async fn a_stopping_server_finishes_what_it_has_begun_and_begins_nothing() {
    let mut app = TestApp::start().await;
    let address = app.address;
    let holder = cluster::Session::open(&app.database_url).await;
    let put = waiting_put(&app, &holder).await;

    let mut idle = Raw::connect(address).await;
    idle.send("GET /readyz HTTP/1.1\r\nHost: test\r\n\r\n")
        .await;
    assert_eq!(idle.answer().await.status, 200);
    let mut begun = Raw::connect(address).await;
    begun.send("GET /readyz HTTP/1.1\r\nHo").await;
    // The server shares the test's one thread: once it has answered what came later, it has read this.
    for _ in 0..2 {
        assert_eq!(app.get("/healthz").await.status, 200);
    }

    app.begin_stop();
    eventually("new connections are refused", PATIENCE, || async {
        TcpStream::connect(address).await.is_err()
    })
    .await;
    assert_eq!(idle.rest().await, "", "an idle connection is closed");
    begun.send("st: test\r\n\r\n").await;
    let readiness = begun.answer().await;
    assert_eq!(readiness.status, 503, "{}", readiness.body);
    assert!(readiness.body.contains("stopping"), "{}", readiness.body);
    assert!(
        readiness.head.contains("connection: close"),
        "{}",
        readiness.head
    );
    assert!(
        readiness.head.contains("retry-after: 1"),
        "{}",
        readiness.head
    );
    assert!(!put.is_finished());

    holder.run("COMMIT").await;
    let response = put.await.unwrap().unwrap();
    assert_eq!(response.status(), 200);
    let text = response.text().await.unwrap();
    assert!(text.contains("let go"), "{text}");
    app.stop().await;
}

#[tokio::test]
async fn a_stopping_server_waits_no_longer_than_it_may() {
    let mut app = TestApp::with_flags(&["--shutdown-timeout", "0.5"]).await;
    let holder = cluster::Session::open(&app.database_url).await;
    let put = waiting_put(&app, &holder).await;
    app.begin_stop();
    tokio::time::timeout(Duration::from_secs(4), app.stop())
        .await
        .expect("the server stops before the database gives up");
    drop(put);
}
