//! What embeddings may hold, and where what they may not is named.

use agentdata::values::Id;
use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{datasets::create, support::TestApp};

fn with(item: Value) -> Value {
    let good = json!({ "content": "good", "embedding": [1, 2] });
    json!({ "items": [good, item] })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_is_refused_in_its_place_and_nothing_is_stored() {
    let app = TestApp::start().await;
    let (path, embeddings, _) = create(&app, json!({ "name": "n", "dimension": 2 })).await;
    let nan = STANDARD.encode([1.0, f32::NAN].map(f32::to_le_bytes).concat());
    let three_bytes = STANDARD.encode([1, 2, 3]);
    let id = Id::new();
    let vector = |vector: Value| with(json!({ "content": "c", "embedding": vector }));
    for (body, place) in [
        (vector(json!([1])), "/items/1/embedding"),
        (vector(json!([1, 2, 3])), "/items/1/embedding"),
        (vector(json!([])), "/items/1/embedding"),
        (vector(json!([0, -0.0])), "/items/1/embedding"),
        // So short that its square is zero in single precision.
        (vector(json!([1e-30, 1e-30])), "/items/1/embedding"),
        (vector(json!([3e38, 3e38])), "/items/1/embedding"),
        (vector(json!([1e39, 1])), "/items/1/embedding/0"),
        (vector(json!([1, "2"])), "/items/1/embedding/1"),
        (vector(json!([1, null])), "/items/1/embedding/1"),
        (vector(json!([[1], [2]])), "/items/1/embedding/0"),
        (vector(json!(nan)), "/items/1/embedding"),
        (vector(json!(three_bytes)), "/items/1/embedding"),
        (vector(json!("no base64")), "/items/1/embedding"),
        (vector(json!("")), "/items/1/embedding"),
        (vector(json!(null)), "/items/1/embedding"),
        (vector(json!({})), "/items/1/embedding"),
        (vector(json!(vec![1; 16_001])), "/items/1/embedding"),
        (with(json!({ "content": "c" })), "/items/1/embedding"),
        (with(json!({ "embedding": [1, 2] })), "/items/1/content"),
        (
            with(json!({ "content": 7, "embedding": [1, 2] })),
            "/items/1/content",
        ),
        (
            with(json!({ "content": "x".repeat(65_537), "embedding": [1, 2] })),
            "/items/1/content",
        ),
        (
            with(json!({ "content": "c", "embedding": [1, 2], "metadata": [] })),
            "/items/1/metadata",
        ),
        (
            with(
                json!({ "content": "c", "embedding": [1, 2], "metadata": { "a": "x".repeat(65_536) } }),
            ),
            "/items/1/metadata",
        ),
        (
            with(json!({ "content": "c", "embedding": [1, 2], "id": "x" })),
            "/items/1/id",
        ),
        (
            with(json!({ "content": "c", "embedding": [1, 2], "nonsense": 1 })),
            "/items/1/nonsense",
        ),
        (
            json!({ "items": [
                { "id": id, "content": "c", "embedding": [1, 2] },
                { "content": "c", "embedding": [1, 2] },
                { "id": id, "content": "c", "embedding": [1, 2] },
            ] }),
            "/items/2/id",
        ),
        (json!({ "items": [] }), "/items"),
        (json!({}), "/items"),
        (
            json!({ "items": vec![json!({ "content": "c", "embedding": [1, 2] }); 1_001] }),
            "/items",
        ),
    ] {
        let refused = app.post(&embeddings, &body).await;
        let text: String = body.to_string().chars().take(200).collect();
        assert_eq!(refused.status, 422, "{text}: {}", refused.text);
        assert_eq!(refused.places(), [place], "{text}");
    }
    let missing = app
        .post(&embeddings, &with(json!({ "content": "c" })))
        .await;
    assert!(missing.text.contains("AGENTDATA_EMBEDDINGS_URL"));
    let dataset = app.get(&path).await.json;
    assert_eq!(
        (&dataset["embedding_count"], &dataset["version"]),
        (&json!(0), &json!(1))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_that_no_double_holds_and_nul_are_refused_in_their_places() {
    let app = TestApp::start().await;
    let (_, embeddings, _) = create(&app, json!({ "name": "n" })).await;
    for (body, status, places) in [
        (
            r#"{"items":[{"content":"c","embedding":[1,1e400]}]}"#,
            422,
            vec!["/items/0/embedding/1"],
        ),
        (
            r#"{"items":[{"content":"c","embedding":[1,-1e400]}]}"#,
            422,
            vec!["/items/0/embedding/1"],
        ),
        (
            r#"{"items":[{"content":"a\u0000b","embedding":[1]}]}"#,
            422,
            vec!["/items/0/content"],
        ),
        (
            r#"{"items":[{"content":"c","embedding":[1],"metadata":{"n":1e400}}]}"#,
            422,
            vec!["/items/0/metadata"],
        ),
        (
            r#"{"items":[{"content":"c","embedding":[NaN]}]}"#,
            400,
            vec![],
        ),
        (
            r#"{"items":[{"content":"c","embedding":[1,]}]}"#,
            400,
            vec![],
        ),
        (
            r#"{"items":[{"content":"\ud800","embedding":[1]}]}"#,
            400,
            vec![],
        ),
    ] {
        let request = app.request(Method::POST, &embeddings).body(body);
        let request = request.header("content-type", "application/json");
        let refused = app.send(request).await;
        assert_eq!(
            (refused.status, refused.places()),
            (status, places),
            "{body}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shape_of_the_first_request_is_one() {
    let app = TestApp::start().await;
    let (path, embeddings, _) = create(&app, json!({ "name": "n", "distance": "l2" })).await;
    let body = json!({ "items": [
        { "content": "a", "embedding": [1, 2] },
        { "content": "b", "embedding": [1, 2, 3] },
        { "content": "c", "embedding": [1] },
    ] });
    let refused = app.post(&embeddings, &body).await;
    assert_eq!(refused.status, 422);
    assert_eq!(
        refused.places(),
        ["/items/1/embedding", "/items/2/embedding"]
    );
    assert_eq!(app.get(&path).await.json["dimension"], Value::Null);
    // Zeros have a distance to others where it is not the angle's.
    let zeros = json!({ "items": [{ "content": "z", "embedding": [0, 0] }] });
    assert_eq!(app.post(&embeddings, &zeros).await.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_long_vectors_fit_in_a_request() {
    let app = TestApp::start().await;
    let (path, embeddings, _) = create(&app, json!({ "name": "n" })).await;
    let vector = STANDARD.encode([0.25_f32; 1_536].map(f32::to_le_bytes).concat());
    let items = vec![json!({ "content": "c", "embedding": vector }); 1_000];
    let created = app.post(&embeddings, &json!({ "items": items })).await;
    assert_eq!(
        (created.status, &created.json["count"]),
        (201, &json!(1_000))
    );
    assert_eq!(crate::embeddings::counted(&app, &path).await, 1_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_past_its_bound_is_413() {
    let app = TestApp::with_flags(&["--max-embeddings-bytes", "2000"]).await;
    let (_, embeddings, _) = create(&app, json!({ "name": "n" })).await;
    let of = |length: usize| with(json!({ "content": "x".repeat(length), "embedding": [1, 2] }));
    assert_eq!(app.post(&embeddings, &of(1_000)).await.status, 201);
    let refused = app.post(&embeddings, &of(2_000)).await;
    assert_eq!(
        (refused.status, &refused.json["code"]),
        (413, &json!("too_large"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn any_text_goes_in_and_comes_out_unchanged() {
    let app = TestApp::start().await;
    let (_, embeddings, _) = create(&app, json!({ "name": "n" })).await;
    for text in [
        "👩‍🚀🦀",
        "cafe\u{301}",
        "tab\tnew\nline\r\u{1}",
        "'; DROP TABLE embeddings; --",
        "$1 %s",
    ] {
        let metadata = json!({ text: [text, 12_345_678_901_234_567_890_u64, 0.1] });
        let item = json!({ "content": text, "embedding": [1, 2], "metadata": metadata });
        let created = app.post(&embeddings, &json!({ "items": [item] })).await;
        assert_eq!(created.status, 201, "{text:?}");
        let id = created.json["ids"][0].as_str().unwrap();
        let read = app.get(&format!("{embeddings}/{id}")).await.json;
        assert_eq!(
            (&read["content"], &read["metadata"]),
            (&json!(text), &metadata)
        );
    }
}
