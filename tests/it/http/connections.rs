//! Connections that are slow, odd or hostile.

use std::time::Instant;

use crate::support::{Raw, TestApp};

const GET: &str = "GET /healthz HTTP/1.1\r\nHost: test\r\n";

#[tokio::test]
async fn a_head_that_does_not_arrive_in_time_closes_the_connection() {
    let app = TestApp::with_flags(&["--header-timeout", "0.5"]).await;
    // Nothing, the beginning of HTTP/2's preface, half a line, half a head.
    for begun in ["", "P", "PRI * HTTP/2.0\r\n", "GET /healthz HT", GET] {
        let begin = Instant::now();
        let mut raw = Raw::connect(app.address).await;
        raw.send(begun).await;
        let answer = raw.rest().await;
        let seconds = begin.elapsed().as_secs_f64();
        assert!((0.4..10.0).contains(&seconds), "{begun:?}: {seconds} s");
        assert!(
            answer.is_empty() || answer.contains(" 408 "),
            "{begun:?}: {answer}"
        );
    }
}

#[tokio::test]
async fn an_idle_connection_is_closed_and_a_busy_one_is_not() {
    let app = TestApp::with_flags(&["--header-timeout", "0.5"]).await;
    let mut raw = Raw::connect(app.address).await;
    let begin = Instant::now();
    while begin.elapsed().as_secs_f64() < 1.5 {
        raw.send(format!("{GET}\r\n")).await;
        assert_eq!(raw.answer().await.status, 200);
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let idle = Instant::now();
    assert_eq!(raw.rest().await, "");
    let seconds = idle.elapsed().as_secs_f64();
    assert!((0.3..10.0).contains(&seconds), "{seconds} s");
}

#[tokio::test]
async fn idle_connections_do_not_keep_others_out() {
    let app = TestApp::start().await;
    let mut idle = Vec::new();
    for _ in 0..300 {
        idle.push(Raw::connect(app.address).await);
    }
    assert_eq!(app.get("/agents").await.status, 200);
}

#[tokio::test]
async fn connections_beyond_the_cap_wait_for_a_place() {
    let app = TestApp::with_flags(&["--max-connections", "1"]).await;
    let mut first = Raw::connect(app.address).await;
    first.send(format!("{GET}\r\n")).await;
    assert_eq!(first.answer().await.status, 200);
    let mut second = Raw::connect(app.address).await;
    second.send(format!("{GET}\r\n")).await;
    let early = tokio::time::timeout(std::time::Duration::from_millis(300), second.answer()).await;
    assert!(early.is_err(), "{early:?}");
    drop(first);
    // What the second waited for has to be asked for again: giving up on it has read nothing.
    assert_eq!(second.answer().await.status, 200);
}

#[tokio::test]
async fn requests_sent_in_one_go_are_answered_in_order() {
    let app = TestApp::start().await;
    let mut raw = Raw::connect(app.address).await;
    let missing = "GET /nothing HTTP/1.1\r\nHost: test\r\n\r\n";
    raw.send(format!("{GET}\r\n{missing}{GET}\r\n")).await;
    for status in [200, 404, 200] {
        assert_eq!(raw.answer().await.status, status);
    }
}

#[tokio::test]
async fn two_lengths_cannot_smuggle_a_request() {
    let app = TestApp::start().await;
    let mut raw = Raw::connect(app.address).await;
    // By the length the second request is a part of the body, by the chunks it stands alone.
    raw.send(format!(
        "POST /oauth/token HTTP/1.1\r\nHost: test\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: 60\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{GET}\r\n"
    ))
    .await;
    let first = raw.answer().await;
    assert!((400..500).contains(&first.status), "{first:?}");
    assert_eq!(
        raw.rest().await,
        "",
        "the connection is closed and the rest not looked at"
    );

    for odd in [
        "POST /agents HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        "POST /agents HTTP/1.1\r\nHost: test\r\nContent-Length: +5\r\n\r\n",
        "POST /agents HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked, gzip\r\n\r\n",
        "POST /agents HTTP/1.0\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: test\r\nHost: other\r\n\r\n",
        "GET /healthz HTTP/1.1\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost : test\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: te\0st\r\n\r\n",
        "GET /healthz\x01 HTTP/1.1\r\nHost: test\r\n\r\n",
        "NONSENSE\r\n\r\n",
    ] {
        let mut raw = Raw::connect(app.address).await;
        raw.send(odd).await;
        let answer = raw.answer().await;
        assert_eq!(answer.status, 400, "{odd:?}: {answer:?}");
    }
}

#[tokio::test]
async fn a_head_with_too_many_or_too_large_headers_is_a_431() {
    let app = TestApp::start().await;
    let many: String = (0..101).map(|n| format!("X-{n}: x\r\n")).collect();
    let large = format!("X-Large: {}\r\n", "x".repeat(70_000));
    let unending = format!("X-{}", "x".repeat(200_000));
    for headers in [many, large, unending] {
        let mut raw = Raw::connect(app.address).await;
        raw.send(format!("{GET}{headers}\r\n")).await;
        let answer = raw.rest().await;
        assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    }
    let some: String = (0..90)
        .map(|n| format!("X-{n}: {}\r\n", "x".repeat(300)))
        .collect();
    let mut raw = Raw::connect(app.address).await;
    raw.send(format!("{GET}{some}\r\n")).await;
    assert_eq!(raw.answer().await.status, 200);

    let mut raw = Raw::connect(app.address).await;
    raw.send(format!(
        "GET /{} HTTP/1.1\r\nHost: test\r\n\r\n",
        "x".repeat(70_000)
    ))
    .await;
    let answer = raw.rest().await;
    assert!(
        answer.starts_with("HTTP/1.1 414 ") || answer.starts_with("HTTP/1.1 431 "),
        "{answer}"
    );
}
