//! `Idempotency-Key`: a resend of a request gets the first answer again.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    agents::{create, id},
    agents_concurrency::statuses,
    support::{Answer, TestApp, cluster::Session},
};

async fn post(app: &TestApp, key: &str, body: &Value) -> Answer {
    let request = app.request(Method::POST, "/agents").json(body);
    app.send(request.header("Idempotency-Key", key)).await
}

fn assert_same(first: &Answer, again: &Answer) {
    assert_eq!((again.status, &again.text), (first.status, &first.text));
    for header in ["location", "etag", "content-type"] {
        assert_eq!(again.header(header), first.header(header), "{header}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resend_gets_the_first_answer_whatever_became_of_the_agent() {
    let app = TestApp::start().await;
    let body = json!({ "name": "n", "metadata": { "z": 1, "a": 0.10, "n": 12345678901234567890123_u128 } });
    let first = post(&app, "key", &body).await;
    assert_eq!(first.status, 201);
    assert_same(&first, &post(&app, "key", &body).await);
    let path = format!("/agents/{}", id(&first));
    let changed = app.put(&path, &json!({ "name": "other" })).await;
    assert_same(&first, &post(&app, "key", &body).await);
    assert_eq!(app.get(&path).await.json, changed.json);
    app.delete(&path).await;
    assert_same(&first, &post(&app, "key", &body).await);
    assert_eq!(app.get("/agents").await.json["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_refused_for_another_body() {
    let app = TestApp::start().await;
    assert_eq!(post(&app, "key", &json!({ "name": "a" })).await.status, 201);
    let other = post(&app, "key", &json!({ "name": "b" })).await;
    assert_eq!(
        (other.status, &other.json["code"]),
        (422, &json!("idempotency_key_reused"))
    );
    assert_eq!(post(&app, "Key", &json!({ "name": "b" })).await.status, 201);
    assert_eq!(
        app.get("/agents").await.json["items"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_resends_at_once_one_creates_and_all_get_its_answer() {
    let app = TestApp::start().await;
    let body = json!({ "name": "n" });
    let answers = join_all((0..64).map(|_| post(&app, "key", &body))).await;
    assert_eq!(statuses(&answers), BTreeMap::from([(201, 64)]));
    for answer in &answers {
        assert_same(&answers[0], answer);
    }
    assert_eq!(
        app.get("/agents").await.json["items"],
        json!([answers[0].json])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_request_leaves_its_key_free() {
    let app = TestApp::start().await;
    let (path, _) = create(&app, "taken").await;
    let body = json!({ "name": "taken" });
    assert_eq!(post(&app, "key", &body).await.status, 409);
    assert_eq!(post(&app, "key", &json!({ "name": "" })).await.status, 422);
    app.delete(&path).await;
    let created = post(&app, "key", &body).await;
    assert_eq!(created.status, 201);
    assert_same(&created, &post(&app, "key", &body).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_kept_for_a_day() {
    let app = TestApp::start().await;
    let session = Session::open(&app.database_url).await;
    let body = json!({ "name": "n" });
    let first = post(&app, "key", &body).await;
    let age =
        |time: &str| format!("UPDATE idempotency_keys SET created_at = now() - interval '{time}'");
    session.run(&age("23 hours 59 minutes")).await;
    assert_same(&first, &post(&app, "key", &body).await);
    assert_eq!(app.maintain().await, 0);
    session.run(&age("24 hours 1 second")).await;
    // The key is free, so this is a new request, and the name is taken.
    assert_eq!(post(&app, "key", &body).await.status, 409);
    let second = post(&app, "key", &json!({ "name": "m" })).await;
    assert_eq!(second.status, 201);
    assert_same(&second, &post(&app, "key", &json!({ "name": "m" })).await);

    session.run(&age("24 hours 1 second")).await;
    assert_eq!(app.maintain().await, 1);
    assert_eq!(
        session
            .number("SELECT count(*) FROM idempotency_keys")
            .await,
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_has_one_to_255_characters() {
    let app = TestApp::start().await;
    let long = "k".repeat(255);
    assert_eq!(post(&app, &long, &json!({ "name": "a" })).await.status, 201);
    for bad in ["", &format!("{long}k")] {
        let refused = post(&app, bad, &json!({ "name": "b" })).await;
        assert_eq!(
            (refused.status, refused.places()),
            (422, vec!["Idempotency-Key"])
        );
    }
}
