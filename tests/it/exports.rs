//! Exports: all that the list has, oldest first, and never less without saying so.

use std::time::Duration;

use agentdata::stream::MAX_EXPORTS;
use async_compression::tokio::bufread::GzipDecoder;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;

use crate::support::{TestApp, cluster::Session, ingest::agent};

/// All items of a list, oldest first.
async fn walk(app: &TestApp, path: &str, filter: &str) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let query = format!("{path}?order=timestamp_asc&limit=1000{filter}{cursor}");
        let page = app.get(&query).await;
        assert_eq!(page.status, 200, "{}", page.text);
        all.extend(page.json["items"].as_array().unwrap().iter().cloned());
        match page.json["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_has_what_the_list_has() {
    let app = TestApp::start().await;
    let agent = agent(&app, "a").await;
    let record = |kind: &str, n: usize| match kind {
        "logs" => {
            json!({ "level": if n.is_multiple_of(3) { "warn" } else { "info" }, "message": n.to_string() })
        }
        "metrics" => {
            json!({ "name": if n.is_multiple_of(3) { "a" } else { "b" }, "kind": "gauge", "value": n })
        }
        _ => {
            json!({ "tool_name": if n.is_multiple_of(3) { "a" } else { "b" }, "status": "success", "input": n })
        }
    };
    for (kind, filter) in [
        ("logs", "&level=warn"),
        ("metrics", "&name=a"),
        ("tool-usage", "&tool_name=a"),
    ] {
        let path = format!("/agents/{agent}/{kind}");
        let empty = app.get(&format!("{path}/export")).await;
        assert_eq!((empty.status, empty.text.as_str()), (200, ""), "{kind}");
        // More than a page of the export.
        for from in [0, 700] {
            let batch: Vec<_> = (from..from + 700).map(|n| record(kind, n)).collect();
            let answer = app.post(&format!("{path}/batch"), &json!(batch)).await;
            assert_eq!(answer.status, 201, "{}", answer.text);
        }
        for (filter, count) in [("", 1400), (filter, 467)] {
            let export = app.get(&format!("{path}/export?{filter}")).await;
            assert_eq!(export.status, 200, "{}", export.text);
            assert_eq!(export.header("content-type"), "application/x-ndjson");
            let lines: Vec<Value> = export
                .text
                .lines()
                .map(|line| serde_json::from_str(line).unwrap())
                .collect();
            assert_eq!(lines.len(), count, "{kind}");
            assert!(lines == walk(&app, &path, filter).await, "{kind}");
            let request = app.request(Method::GET, &format!("{path}/export?{filter}"));
            let packed = request
                .header("Accept-Encoding", "gzip")
                .send()
                .await
                .unwrap();
            assert_eq!(packed.headers()["content-encoding"], "gzip");
            let packed = packed.bytes().await.unwrap();
            let mut unpacked = Vec::new();
            let mut decoder = GzipDecoder::new(&*packed);
            decoder.read_to_end(&mut unpacked).await.unwrap();
            assert!(unpacked == export.text.as_bytes(), "{kind}");
        }
    }
    let nowhere = "/agents/019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11";
    for kind in ["logs", "metrics", "tool-usage"] {
        let answer = app.get(&format!("{nowhere}/{kind}/export")).await;
        assert_eq!(answer.status, 404, "{kind}");
    }
}

/// Logs that are more than the sockets' buffers and a page of the export take; answers their path.
async fn many(app: &TestApp) -> String {
    let agent = agent(app, "a").await;
    let session = Session::open(&app.database_url).await;
    session
        .run(
            "INSERT INTO logs SELECT tenant_id, id, now() - i * interval '1 s', gen_random_uuid(), 3, \
                repeat('x', 60000), '{}' FROM agents, generate_series(1, 700) AS i",
        )
        .await;
    format!("/agents/{agent}/logs/export")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_cannot_go_on_is_cut_off() {
    let app = TestApp::start().await;
    let path = many(&app).await;
    let response = app.request(Method::GET, &path).send().await.unwrap();
    assert_eq!(response.status(), 200);
    app.app.db.close().await;
    let error = response.bytes().await;
    assert!(error.is_err(), "it looked complete");
}

#[tokio::test(flavor = "multi_thread")]
async fn exports_are_bounded_and_give_their_places_back() {
    let app = TestApp::start().await;
    let path = many(&app).await;
    let streams = &app.app.streams;
    let open = app.request(Method::GET, &path).send().await.unwrap();
    let places: Vec<_> = (1..MAX_EXPORTS)
        .map_while(|_| streams.enter_export().ok())
        .collect();
    assert_eq!(places.len(), MAX_EXPORTS - 1);
    let refused = app.get(&path).await;
    assert_eq!((refused.status, refused.header("retry-after")), (503, "1"));
    drop(open);
    crate::support::eventually("the place is free", Duration::from_secs(5), || async {
        streams.enter_export().is_ok()
    })
    .await;
    drop(places);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_comes_without_the_fields_that_are_not_wanted() {
    let app = TestApp::start().await;
    let agent = agent(&app, "a").await;
    let logs = format!("/agents/{agent}/logs");
    let log =
        json!({ "level": "info", "message": "m", "attributes": { "a": 1 }, "session_id": "s" });
    app.post(&logs, &log).await;
    let first = async |path: String| app.get(&path).await.json["items"][0].clone();
    let whole = first(logs.clone()).await;
    for (omit, message, attributes) in [
        ("omit=message", "", json!({ "a": 1 })),
        ("omit=attributes", "m", json!({})),
        ("omit=message&omit=attributes&q=m&attr=a", "", json!({})),
        ("omit=message&level=info&omit=attributes", "", json!({})),
    ] {
        let mut expected = whole.clone();
        expected["message"] = json!(message);
        expected["attributes"] = attributes;
        assert_eq!(first(format!("{logs}?{omit}")).await, expected, "{omit}");
    }
    let calls = format!("/agents/{agent}/tool-usage");
    let call = json!({ "tool_name": "t", "status": "error", "input": 1, "output": [2],
        "error_message": "e", "error_type": "E" });
    app.post(&calls, &call).await;
    let mut expected = first(calls.clone()).await;
    for field in ["input", "output", "error_message"] {
        expected[field] = Value::Null;
    }
    let omit = "omit=input&omit=output&omit=error_message";
    assert_eq!(first(format!("{calls}?{omit}")).await, expected);
    let refused = app.get(&format!("{logs}?omit=level")).await;
    assert_eq!((refused.status, refused.places()), (422, vec!["omit"]));
}
