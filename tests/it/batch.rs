//! Many records in one request: all or none, in an array or on lines.

use agentdata::values::Id;
use async_compression::tokio::bufread::GzipEncoder;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;

use crate::{
    agents,
    support::{Answer, TestApp},
};

async fn agent(app: &TestApp) -> String {
    agents::create(app, &Id::new().to_string()).await.0
}

fn log(message: &str) -> Value {
    json!({ "level": "info", "message": message })
}

/// Sends text to the batch of logs of an agent.
async fn send(app: &TestApp, agent: &str, content_type: &str, body: impl Into<Vec<u8>>) -> Answer {
    let path = format!("{agent}/logs/batch");
    let request = app.request(Method::POST, &path);
    let request = request.header("content-type", content_type);
    app.send(request.body(body.into())).await
}

async fn lines(app: &TestApp, agent: &str, text: &str) -> Answer {
    send(app, agent, "application/x-ndjson", text).await
}

/// The messages of an agent's logs, oldest first.
async fn messages(app: &TestApp, agent: &str) -> Vec<String> {
    let path = format!("{agent}/logs?order=timestamp_asc&limit=1000");
    let page = app.get(&path).await;
    assert_eq!(page.status, 200, "{}", page.text);
    let items = page.json["items"].as_array().unwrap().iter();
    items
        .map(|item| item["message"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_stored_in_its_order_from_an_array_and_from_lines() {
    let app = TestApp::start().await;
    let agent = agent(&app).await;
    let array: Vec<Value> = ["a", "b", "c"].map(log).into();
    let answer = app
        .post(&format!("{agent}/logs/batch"), &json!(array))
        .await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    assert_eq!(
        (&answer.json["count"], &answer.json["stored"]),
        (&json!(3), &json!(3))
    );
    let ids = answer.json["ids"].as_array().unwrap();
    for (id, message) in ids.iter().zip(["a", "b", "c"]) {
        let log = app
            .get(&format!("{agent}/logs/{}", id.as_str().unwrap()))
            .await;
        assert_eq!(log.json["message"], message);
    }
    // With and without a line feed at the end, lines of nothing between.
    let text = format!("{}\n\r\n  \n{}\r\n{}", log("d"), log("e"), log("f"));
    let answer = lines(&app, &agent, &text).await;
    assert_eq!(
        (answer.status, &answer.json["count"]),
        (201, &json!(3)),
        "{}",
        answer.text
    );
    assert_eq!(messages(&app, &agent).await, ["a", "b", "c", "d", "e", "f"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_most_is_ten_thousand_and_the_least_is_one() {
    let app = TestApp::start().await;
    let agent = agent(&app).await;
    let path = format!("{agent}/metrics/batch");
    let point = json!({ "name": "tokens", "kind": "counter", "value": 1 });
    let most = vec![point.clone(); 10_000];
    let answer = app.post(&path, &json!(most)).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    assert_eq!(answer.json["ids"].as_array().unwrap().len(), 10_000);
    let text = |count: usize| format!("{point}\n").repeat(count);
    for (content_type, body) in [
        (
            "application/json",
            json!(vec![point.clone(); 10_001]).to_string(),
        ),
        ("application/json", "[]".into()),
        ("application/x-ndjson", text(10_001)),
        ("application/x-ndjson", " \n\n".into()),
        ("application/x-ndjson", String::new()),
    ] {
        let request = app.request(Method::POST, &path).body(body);
        let answer = app.send(request.header("content-type", content_type)).await;
        assert_eq!(
            (answer.status, answer.places()),
            (422, vec![""]),
            "{}",
            answer.text
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_record_is_named_and_nothing_is_stored() {
    let app = TestApp::start().await;
    let agent = agent(&app).await;
    let good = log("good");
    let of = |field: &str, value: Value| {
        let mut bad = log("bad");
        bad[field] = value;
        bad
    };
    for (bad, place) in [
        (json!({ "level": "info" }), "/2/message"),
        (of("level", json!("loud")), "/2/level"),
        (of("message", json!("x\u{0}")), "/2/message"),
        (of("massage", json!("x")), "/2/massage"),
        (
            of("id", json!("019308d4-6e65-4cc0-b5c5-2a0d8f1e4b11")),
            "/2/id",
        ),
        (
            of("timestamp", json!("2999-01-01T00:00:00Z")),
            "/2/timestamp",
        ),
        (of("session_id", json!("")), "/2/session_id"),
        (of("attributes", json!([])), "/2/attributes"),
        (of("trace_id", json!("xyz")), "/2/trace_id"),
        (json!([]), "/2"),
        (json!(7), "/2"),
        (Value::Null, "/2"),
    ] {
        let all = [good.clone(), good.clone(), bad.clone(), good.clone()];
        let answer = app.post(&format!("{agent}/logs/batch"), &json!(all)).await;
        assert_eq!(
            (answer.status, answer.places()),
            (422, vec![place]),
            "{}",
            answer.text
        );
        let text = all.map(|item| item.to_string()).join("\n");
        let answer = lines(&app, &agent, &text).await;
        assert_eq!(
            (answer.status, answer.places()),
            (422, vec![place]),
            "{}",
            answer.text
        );
    }
    // What is no JSON at all, and what has numbers that nobody could read.
    let broken = lines(&app, &agent, &format!("{good}\n\n{{\"level\":\n{good}")).await;
    assert_eq!(broken.status, 400, "{}", broken.text);
    assert!(broken.text.contains("/1: "), "{}", broken.text);
    let number =
        format!("[{good},{{\"level\":\"info\",\"message\":\"\",\"attributes\":{{\"a\":1e999}}}}]");
    let answer = send(&app, &agent, "application/json", number).await;
    assert_eq!(
        (answer.status, answer.places()),
        (422, vec!["/1/attributes"]),
        "{}",
        answer.text
    );
    for (content_type, body, status) in [
        ("application/json", "[", 400),
        ("application/json", "{}", 422),
        ("application/json", "", 400),
        ("text/plain", "[]", 415),
        ("application/x-ndjson; charset=latin1", "", 415),
    ] {
        let answer = send(&app, &agent, content_type, body).await;
        assert_eq!(
            answer.status, status,
            "{content_type} {body}: {}",
            answer.text
        );
    }
    assert!(messages(&app, &agent).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_again_is_stored_once_also_at_the_same_time() {
    let app = TestApp::start().await;
    let agent = agent(&app).await;
    let path = format!("{agent}/tool-usage/batch");
    let call = |id: Id| json!({ "id": id.to_string(), "tool_name": "search", "status": "success" });
    let ids: Vec<Id> = (0..500).map(|_| Id::new()).collect();
    let calls = |ids: &[Id]| json!(ids.iter().copied().map(call).collect::<Vec<_>>());
    // Windows that overlap, in both directions of the ids, each twice.
    let mut sent = Vec::new();
    for start in (0..400).step_by(50) {
        let mut window = ids[start..start + 100].to_vec();
        sent.push(calls(&window));
        window.reverse();
        sent.push(calls(&window));
    }
    let answers = join_all(sent.iter().map(|body| app.post(&path, body))).await;
    let mut stored = 0;
    for (answer, body) in answers.iter().zip(&sent) {
        assert_eq!(answer.status, 201, "{}", answer.text);
        let of_body = body.as_array().unwrap().iter().map(|call| &call["id"]);
        assert!(of_body.eq(answer.json["ids"].as_array().unwrap()));
        stored += answer.json["stored"].as_i64().unwrap();
    }
    assert_eq!(stored, 450);
    let page = app.get(&format!("{agent}/tool-usage?limit=1000")).await;
    assert_eq!(page.json["items"].as_array().unwrap().len(), 450);
    // Twice in one batch: the first stays.
    let id = Id::new().to_string();
    let twice = json!([
        { "id": id, "level": "info", "message": "first" },
        { "id": id, "level": "info", "message": "second" },
    ]);
    let answer = app.post(&format!("{agent}/logs/batch"), &twice).await;
    assert_eq!(
        (&answer.json["count"], &answer.json["stored"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(messages(&app, &agent).await, ["first"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_agent_no_records() {
    let app = TestApp::start().await;
    let agent = agent(&app).await;
    assert_eq!(app.delete(&agent).await.status, 204);
    let answer = app
        .post(&format!("{agent}/logs/batch"), &json!([log("late")]))
        .await;
    assert_eq!(answer.status, 404, "{}", answer.text);
}

async fn zip(text: &str) -> Vec<u8> {
    let mut zipped = Vec::new();
    let mut encoder = GzipEncoder::new(text.as_bytes());
    encoder.read_to_end(&mut zipped).await.unwrap();
    zipped
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_has_a_limit_of_its_own_and_may_be_compressed() {
    let app = TestApp::start().await;
    let agent = agent(&app).await;
    // 3 MiB pass, though a plain body may have 1 MiB.
    let large: Vec<Value> = vec![log(&"x".repeat(60_000)); 50];
    let large = json!(large).to_string();
    let answer = send(&app, &agent, "application/json", large.clone()).await;
    assert_eq!(
        (answer.status, &answer.json["count"]),
        (201, &json!(50)),
        "{}",
        answer.text
    );

    let path = format!("{agent}/logs/batch");
    let zipped = |body: Vec<u8>| {
        let request = app.request(Method::POST, &path).body(body);
        let request = request.header("content-encoding", "gzip");
        app.send(request.header("content-type", "application/json"))
    };
    let answer = zipped(zip(&large).await).await;
    assert_eq!(
        (answer.status, &answer.json["count"]),
        (201, &json!(50)),
        "{}",
        answer.text
    );
    // A bomb.
    let bomb = format!("[{}]", " ".repeat(17 * 1024 * 1024));
    assert_eq!(zipped(zip(&bomb).await).await.status, 413);
}

/// An id of the same millisecond, the same for the same number.
fn own_id(number: usize) -> String {
    format!("019728c9-c000-7000-8000-{number:012x}")
}

#[tokio::test(flavor = "multi_thread")]
async fn of_records_of_one_key_in_a_batch_the_first_stays_however_many_there_are() {
    let app = TestApp::start().await;
    let agent = agent(&app).await;
    let record = |message: &str, number| json!({ "level": "info", "message": message, "id": own_id(number) });
    let first = (0..50).map(|number| record("first", number));
    let batch: Vec<_> = first
        .chain((0..50).map(|number| record("second", number)))
        .collect();
    let answer = app
        .post(&format!("{agent}/logs/batch"), &json!(batch))
        .await;
    assert_eq!(
        (&answer.json["count"], &answer.json["stored"]),
        (&json!(100), &json!(50))
    );
    assert_eq!(messages(&app, &agent).await, ["first"; 50]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_at_two_instants_of_its_millisecond_is_two_records() {
    let app = TestApp::start().await;
    let agent = agent(&app).await;
    let record = |message: &str, microsecond| {
        let timestamp = format!("2025-06-01T00:00:00.{microsecond:06}Z");
        json!({ "level": "info", "message": message, "id": own_id(0), "timestamp": timestamp })
    };
    let batch = json!([record("a", 1), record("b", 2), record("c", 1)]);
    let answer = app.post(&format!("{agent}/logs/batch"), &batch).await;
    assert_eq!(answer.json["stored"], 2);
    let again = app.post(&format!("{agent}/logs"), &record("d", 2)).await;
    assert_eq!((again.status, &again.json["message"]), (201, &json!("b")));
    assert_eq!(messages(&app, &agent).await, ["a", "b"]);
}
