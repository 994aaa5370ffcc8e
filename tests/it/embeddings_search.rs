//! The search for the nearest embeddings.

use serde_json::{Value, json};

use crate::{datasets::create, support::TestApp};

const VECTORS: [[f64; 2]; 6] = [
    [1.0, 0.0],
    [0.0, 2.0],
    [-3.0, 0.0],
    [1.0, 1.0],
    [0.5, -0.5],
    [2.0, 0.1],
];

fn distance(kind: &str, [a, b]: [f64; 2], [x, y]: [f64; 2]) -> f64 {
    let product = a * x + b * y;
    match kind {
        "cosine" => 1.0 - product / (a.hypot(b) * x.hypot(y)),
        "l2" => (a - x).hypot(b - y),
        "inner_product" => -product,
        _ => (a - x).abs() + (b - y).abs(),
    }
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_nearest_are_found_by_every_distance() {
    let app = TestApp::start().await;
    let asked = [1.0, 0.25];
    for kind in ["cosine", "l2", "inner_product", "l1"] {
        let (_, embeddings, _) = create(&app, json!({ "name": kind, "distance": kind })).await;
        // Vectors of another dimension beside them are never met.
        let (_, other, _) = create(&app, json!({ "name": kind, "distance": kind })).await;
        app.post(
            &other,
            &json!({ "items": [{ "content": "o", "embedding": [1, 2, 3] }] }),
        )
        .await;
        let items = VECTORS.iter().enumerate().map(|(n, vector)| {
            json!({ "content": n.to_string(), "embedding": vector, "metadata": { "n": n } })
        });
        let body = json!({ "items": items.collect::<Vec<_>>() });
        assert_eq!(app.post(&embeddings, &body).await.status, 201);
        let search = format!("{embeddings}/search");
        let found = app.post(&search, &json!({ "vector": asked })).await;
        assert_eq!(
            (found.status, &found.json["answered_by"]),
            (200, &json!("exact"))
        );
        assert_eq!(found.json["truncated"], false);
        let mut expected: Vec<_> = VECTORS
            .iter()
            .enumerate()
            .map(|(n, vector)| (n, distance(kind, *vector, asked)))
            .collect();
        expected.sort_by(|a, b| a.1.total_cmp(&b.1));
        let items = found.json["items"].as_array().unwrap();
        assert_eq!(items.len(), expected.len());
        for (item, (n, distance)) in items.iter().zip(&expected) {
            assert_eq!(item["content"], n.to_string(), "{kind}");
            assert_eq!(
                (&item["metadata"], &item["embedding"]),
                (&json!({ "n": n }), &Value::Null)
            );
            assert!(
                (number(&item["distance"]) - distance).abs() < 1e-6,
                "{kind}: {item}"
            );
            let score = match kind {
                "cosine" => 1.0 - distance,
                "inner_product" => -distance,
                _ => 1.0 / (1.0 + distance),
            };
            assert!(
                (number(&item["score"]) - score).abs() < 1e-6,
                "{kind}: {item}"
            );
        }
        let (_, third) = expected[2];
        let near = json!({ "vector": asked, "max_distance": third + 1e-4, "include": "embedding" });
        let near = app.post(&search, &near).await;
        assert_eq!(near.json["items"].as_array().unwrap().len(), 3, "{kind}");
        let nearest = VECTORS[expected[0].0].map(|n| json!(n as f32));
        assert_eq!(near.json["items"][0]["embedding"], json!(nearest));
        let two = app.post(&search, &json!({ "vector": asked, "k": 2 })).await;
        assert_eq!(two.json["items"].as_array().unwrap()[..], items[..2]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn those_at_one_distance_come_in_the_order_of_their_ids() {
    let app = TestApp::start().await;
    let (_, embeddings, _) = create(&app, json!({ "name": "n" })).await;
    let items = vec![json!({ "content": "c", "embedding": [1, 2] }); 50];
    let created = app.post(&embeddings, &json!({ "items": items })).await;
    let mut ids = created.json["ids"].as_array().unwrap().clone();
    ids.sort_by_key(Value::to_string);
    for k in [1, 7, 50] {
        let search = json!({ "vector": [2, 1], "k": k });
        let found = app.post(&format!("{embeddings}/search"), &search).await;
        let items = found.json["items"].as_array().unwrap().iter();
        let found: Vec<_> = items.map(|item| item["id"].clone()).collect();
        assert_eq!(found, ids[..k]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_searched_for_is_refused_in_its_place() {
    let app = TestApp::start().await;
    let (_, embeddings, _) = create(&app, json!({ "name": "n" })).await;
    let search = format!("{embeddings}/search");
    let nothing = app.post(&search, &json!({ "vector": [1, 2, 3] })).await;
    assert_eq!((nothing.status, &nothing.json["items"]), (200, &json!([])));
    app.post(
        &embeddings,
        &json!({ "items": [{ "content": "c", "embedding": [1, 2] }] }),
    )
    .await;
    for (change, place) in [
        (json!({ "vector": [1, 2, 3] }), "/vector"),
        (json!({ "vector": [0, 0] }), "/vector"),
        (json!({ "vector": [1e39, 0] }), "/vector/0"),
        (json!({ "vector": null }), "/vector"),
        (json!({ "k": 0 }), "/k"),
        (json!({ "k": 1_001 }), "/k"),
        (json!({ "max_distance": "near" }), "/max_distance"),
        (json!({ "include": "content" }), "/include"),
        (json!({ "text": "near" }), "/text"),
        (json!({ "likeness": 1 }), "/likeness"),
    ] {
        let mut body = json!({ "vector": [1, 2] });
        for (field, value) in change.as_object().unwrap() {
            body[field] = value.clone();
        }
        let refused = app.post(&search, &body).await;
        assert_eq!(
            (refused.status, refused.places()),
            (422, vec![place]),
            "{body}"
        );
    }
    let missing = app.post(&search, &json!({})).await;
    assert_eq!((missing.status, missing.places()), (422, vec!["/vector"]));
    // Vectors at both ends of what is accepted have distances that JSON can say.
    for (kind, items, farthest) in [
        (
            "l2",
            [[65_504.0, 0.0], [-65_504.0, 0.0], [1e-45, 0.0]],
            131_008.0,
        ),
        ("cosine", [[9e18, 0.0], [-9e18, 0.0], [1e-18, 0.0]], 2.0),
    ] {
        let (_, extreme, _) = create(&app, json!({ "name": "n", "distance": kind })).await;
        let far = json!({ "vector": items[1] });
        let items = items.map(|vector| json!({ "content": "c", "embedding": vector }));
        let created = app.post(&extreme, &json!({ "items": items })).await;
        assert_eq!(created.status, 201, "{}", created.text);
        let found = app.post(&format!("{extreme}/search"), &far).await;
        assert!((number(&found.json["items"][2]["distance"]) - farthest).abs() < 1e-6);
    }
}
