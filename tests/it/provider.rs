//! The embedding provider: its vectors are stored and searched by; whatever it does wrong stores nothing.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    datasets::create,
    support::{
        TestApp,
        provider::{Deed, FakeProvider, vector},
    },
};

async fn with(provider: &FakeProvider, more: &[&str]) -> TestApp {
    let mut flags = vec![
        "--embeddings-url",
        &provider.url,
        "--embeddings-model",
        "tiny",
        "--embeddings-key",
        "k-123",
    ];
    flags.extend(more);
    TestApp::with_flags(&flags).await
}

fn texts(texts: &[&str]) -> Value {
    let items = texts.iter().map(|text| json!({ "content": text }));
    json!({ "items": items.collect::<Vec<_>>() })
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_get_their_vectors_in_order_and_in_batches() {
    let provider = FakeProvider::start(Vec::new()).await;
    let app = with(&provider, &["--embeddings-batch", "2"]).await;
    let (path, embeddings, _) = create(&app, json!({ "name": "n" })).await;
    let mut body = texts(&["e", "see", "the tree", "nothing", "three"]);
    body["items"][1]["embedding"] = json!([7, 7]);
    let created = app.post(&embeddings, &body).await;
    assert_eq!(created.status, 201, "{}", created.text);
    assert_eq!(app.get(&path).await.json["dimension"], 2);
    let list = app.get(&embeddings).await.json;
    for item in list["items"].as_array().unwrap() {
        let text = item["content"].as_str().unwrap();
        let expected = if text == "see" {
            json!([7, 7])
        } else {
            vector(text)
        };
        let numbers = |value: &Value| -> Vec<f64> {
            let numbers = value.as_array().unwrap().iter();
            numbers.map(|number| number.as_f64().unwrap()).collect()
        };
        assert_eq!(numbers(&item["embedding"]), numbers(&expected), "{text}");
    }
    let mut requests = provider.requests.lock().unwrap().clone();
    requests.sort_by_key(|(_, body)| body.to_string());
    let bodies: Vec<_> = requests.iter().map(|(_, body)| body.clone()).collect();
    assert_eq!(
        bodies,
        [
            json!({ "model": "tiny", "input": ["e", "the tree"] }),
            json!({ "model": "tiny", "input": ["nothing", "three"] }),
        ]
    );
    assert!(requests.iter().all(|(key, _)| key == "Bearer k-123"));
}

#[tokio::test(flavor = "multi_thread")]
async fn searches_and_changes_by_text_ask_for_the_datasets_model() {
    let provider = FakeProvider::start(Vec::new()).await;
    let app = with(&provider, &[]).await;
    let dataset = json!({ "name": "n", "embedding_model": "of-the-dataset", "distance": "l2" });
    let (_, embeddings, _) = create(&app, dataset).await;
    let created = app
        .post(&embeddings, &texts(&["e", "eee eee", "none"]))
        .await;
    let search = format!("{embeddings}/search");
    let found = app
        .post(&search, &json!({ "text": "six eeeee", "k": 1 }))
        .await;
    assert_eq!(found.json["items"][0]["content"], "eee eee");
    let hybrid = json!({ "mode": "hybrid", "text": "none", "k": 1 });
    let hybrid = app.post(&search, &hybrid).await.json;
    assert_eq!(
        hybrid["items"][0]["ranks"],
        json!({ "vector": 1, "text": 1 })
    );
    let batch =
        json!({ "queries": [{ "text": "e" }, { "vector": [7, 6], "k": 1 }, { "text": "none" }] });
    let batch = app.post(&format!("{search}/batch"), &batch).await.json;
    for (n, content) in ["e", "eee eee", "none"].iter().enumerate() {
        assert_eq!(batch["results"][n]["items"][0]["content"], *content);
    }
    let one = format!("{embeddings}/{}", created.json["ids"][0].as_str().unwrap());
    let kept = app.patch(&one, &json!({ "content": "eeee" })).await.json;
    assert_eq!(kept["embedding"], json!([1.0, 1.0]));
    let made = app.patch(&one, &json!({ "embed": true })).await.json;
    assert_eq!(made["embedding"], json!([4.0, 4.0]));
    let new = json!({ "content": "e!", "embed": true });
    let new = app.patch(&one, &new).await.json;
    assert_eq!(new["embedding"], json!([2.0, 1.0]));
    let both = json!({ "embedding": [1, 2], "embed": true });
    let both = app.patch(&one, &both).await;
    assert_eq!((both.status, both.places()), (422, vec!["/embed"]));
    let requests = provider.requests.lock().unwrap().clone();
    assert_eq!(requests.len(), 6);
    assert!(
        requests
            .iter()
            .all(|(_, body)| body["model"] == "of-the-dataset")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_it_does_wrong_is_told_and_stores_nothing() {
    let index = |n: usize, numbers: Value| json!({ "index": n, "embedding": numbers });
    let data = |items: Value| Deed::Say(json!({ "data": items }));
    for (deed, status, code) in [
        (Deed::Fail(400, None), 502, "provider_failed"),
        (Deed::Fail(401, None), 502, "provider_failed"),
        (Deed::Fail(302, None), 502, "provider_failed"),
        (Deed::Fail(429, Some("7")), 503, "provider_unavailable"),
        (Deed::Fail(500, None), 503, "provider_unavailable"),
        (Deed::Fail(503, None), 503, "provider_unavailable"),
        (
            Deed::Dawdle(Duration::from_secs(20)),
            504,
            "provider_timeout",
        ),
        (Deed::Say(json!("hello")), 502, "provider_failed"),
        (data(json!([])), 502, "provider_failed"),
        (
            data(json!([index(1, json!([1, 2]))])),
            502,
            "provider_failed",
        ),
        (data(json!([index(0, json!([]))])), 502, "provider_failed"),
        (
            data(json!([index(0, json!([1, 1e39]))])),
            502,
            "provider_failed",
        ),
        (
            data(json!([index(0, json!([1, 2, 3]))])),
            502,
            "provider_failed",
        ),
        (
            data(json!([index(0, json!([0, 0]))])),
            422,
            "invalid_request",
        ),
    ] {
        let provider = FakeProvider::start(vec![deed.clone()]).await;
        let quick = ["--embeddings-retries", "0", "--embeddings-timeout", "3"];
        let app = with(&provider, &quick).await;
        let (path, embeddings, _) = create(&app, json!({ "name": "n", "dimension": 2 })).await;
        let refused = app.post(&embeddings, &texts(&["text"])).await;
        assert_eq!(
            (refused.status, &refused.json["code"]),
            (status, &json!(code)),
            "{deed:?}: {}",
            refused.text
        );
        assert!(!refused.text.contains("internals"), "{}", refused.text);
        if status == 503 {
            let wait = if matches!(deed, Deed::Fail(429, _)) {
                "7"
            } else {
                "1"
            };
            assert_eq!(refused.header("Retry-After"), wait);
        }
        assert_eq!(app.get(&path).await.json["embedding_count"], 0);
        assert_eq!(provider.count(), 1);
        // The next one goes well.
        assert_eq!(app.post(&embeddings, &texts(&["text"])).await.status, 201);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_passes_is_tried_again_and_waits_as_long_as_it_is_told() {
    let deeds = vec![
        Deed::Fail(429, Some("1")),
        Deed::Fail(502, None),
        Deed::Well,
    ];
    let provider = FakeProvider::start(deeds).await;
    let app = with(&provider, &[]).await;
    let (_, embeddings, _) = create(&app, json!({ "name": "n" })).await;
    let started = std::time::Instant::now();
    let created = app.post(&embeddings, &texts(&["text"])).await;
    assert_eq!((created.status, provider.count()), (201, 3));
    assert!(started.elapsed() >= Duration::from_millis(1_250));
    // A longer wait than there is time for is not waited.
    let provider = FakeProvider::start(vec![Deed::Fail(503, Some("3600"))]).await;
    let app = with(&provider, &[]).await;
    let (_, embeddings, _) = create(&app, json!({ "name": "n" })).await;
    let refused = app.post(&embeddings, &texts(&["text"])).await;
    assert_eq!((refused.status, provider.count()), (503, 1));
    assert_eq!(refused.header("Retry-After"), "3600");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_provider_or_a_model_or_a_text_the_answer_says_so() {
    let nobody = TestApp::with_flags(&[
        "--embeddings-url",
        "http://127.0.0.1:1",
        "--embeddings-retries",
        "1",
        "--embeddings-model",
        "m",
    ])
    .await;
    let (path, embeddings, _) = create(&nobody, json!({ "name": "n" })).await;
    let refused = nobody.post(&embeddings, &texts(&["text"])).await;
    assert_eq!(
        (refused.status, &refused.json["code"]),
        (503, &json!("provider_unavailable"))
    );
    let empty = nobody.post(&embeddings, &texts(&["text", ""])).await;
    assert_eq!(
        (empty.status, empty.places()),
        (422, vec!["/items/1/content"])
    );
    assert_eq!(nobody.get(&path).await.json["embedding_count"], 0);

    let provider = FakeProvider::start(Vec::new()).await;
    let no_model = TestApp::with_flags(&["--embeddings-url", &provider.url]).await;
    let (_, embeddings, _) = create(&no_model, json!({ "name": "n" })).await;
    let refused = no_model.post(&embeddings, &texts(&["text"])).await;
    assert_eq!(refused.status, 422);
    assert!(
        refused.text.contains("AGENTDATA_EMBEDDINGS_MODEL"),
        "{}",
        refused.text
    );

    let none = TestApp::start().await;
    let (_, embeddings, _) = create(&none, json!({ "name": "n" })).await;
    let refused = none.post(&embeddings, &texts(&["text"])).await;
    assert_eq!(
        (refused.status, refused.places()),
        (422, vec!["/items/0/embedding"])
    );
    assert!(
        refused.text.contains("AGENTDATA_EMBEDDINGS_URL"),
        "{}",
        refused.text
    );
    let refused = none
        .post(&format!("{embeddings}/search"), &json!({ "text": "t" }))
        .await;
    assert_eq!((refused.status, refused.places()), (422, vec!["/vector"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn vectors_of_several_lengths_are_the_providers_fault() {
    let data = json!([{ "index": 0, "embedding": [1, 2] }, { "index": 1, "embedding": [1] }]);
    let provider = FakeProvider::start(vec![Deed::Say(json!({ "data": data }))]).await;
    let app = with(&provider, &[]).await;
    let (path, embeddings, _) = create(&app, json!({ "name": "n" })).await;
    let refused = app.post(&embeddings, &texts(&["one", "two"])).await;
    assert_eq!(
        (refused.status, &refused.json["code"]),
        (502, &json!("provider_failed"))
    );
    let dataset = app.get(&path).await.json;
    assert_eq!(
        (&dataset["embedding_count"], &dataset["dimension"]),
        (&json!(0), &Value::Null)
    );
}
