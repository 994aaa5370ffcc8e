//! Searches by texts, by texts and vectors together, and several at once.

use serde_json::{Value, json};

use crate::{datasets::create, support::TestApp};

const TEXTS: [&str; 5] = [
    "Refunds are paid within five working days.",
    "Working from home is possible on Fridays.",
    "The refund of a refund is no refund.",
    "Rückerstattungen dauern fünf Tage; 払い戻しは五日以内です。",
    "it's \\ 'quoted' & | ! <-> :*",
];

async fn filled(app: &TestApp, language: &str) -> (String, String) {
    let dataset = json!({ "name": language, "language": language });
    let (path, embeddings, _) = create(app, dataset).await;
    let items = TEXTS.iter().enumerate().map(
        |(n, text)| json!({ "content": text, "embedding": [n + 1, 1], "metadata": { "n": n } }),
    );
    let body = json!({ "items": items.collect::<Vec<_>>() });
    assert_eq!(app.post(&embeddings, &body).await.status, 201);
    (path, format!("{embeddings}/search"))
}

/// The numbers of what was found, in order.
fn numbers(answer: &Value) -> Vec<i64> {
    let items = answer["items"].as_array().unwrap().iter();
    items
        .map(|item| item["metadata"]["n"].as_i64().unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_are_found_by_their_words_in_the_datasets_language() {
    let app = TestApp::start().await;
    let (path, search) = filled(&app, "simple").await;
    let by_text = async |search: &str, text: &str| {
        let found = app
            .post(search, &json!({ "mode": "text", "text": text }))
            .await;
        assert_eq!(found.status, 200, "{}", found.text);
        assert_eq!(found.json["answered_by"], "exact");
        found.json
    };
    for (text, expected) in [
        ("REFUND", vec![2]),
        ("refunds", vec![0]),
        // More of the words are better than fewer.
        ("refunds working days", vec![0, 1]),
        ("rückerstattungen", vec![3]),
        ("quoted' & (nonsense | !", vec![4]),
        ("nothing of this kind", vec![2]),
        ("???", vec![]),
    ] {
        assert_eq!(numbers(&by_text(&search, text).await), expected, "{text}");
    }
    let found = by_text(&search, "refund").await;
    let item = &found["items"][0];
    assert_eq!(
        (&item["distance"], &item["ranks"], &item["embedding"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    assert!(item["score"].as_f64().unwrap() > 0.0);
    // Another language knows stems, and words that say nothing.
    let english = app.patch(&path, &json!({ "language": "english" })).await;
    assert_eq!(english.json["language"], "english");
    assert_eq!(numbers(&by_text(&search, "refunding").await), [2, 0]);
    assert_eq!(
        numbers(&by_text(&search, "the is of a").await),
        Vec::<i64>::new()
    );
    let filtered = json!({ "mode": "text", "text": "refund", "include": "embedding",
        "filter": { "path": "/n", "lt": 1 } });
    let filtered = app.post(&search, &filtered).await.json;
    assert_eq!(numbers(&filtered), [0]);
    assert_eq!(filtered["items"][0]["embedding"], json!([1.0, 1.0]));
}

#[tokio::test(flavor = "multi_thread")]
async fn both_orders_are_fused_and_each_rank_is_told() {
    let app = TestApp::start().await;
    let (_, search) = filled(&app, "english").await;
    // By vectors 4, 3, 2, 1, 0; by texts 2, 0.
    let mut body = json!({ "mode": "hybrid", "vector": [1, 0], "text": "refund" });
    let found = app.post(&search, &body).await;
    assert_eq!(found.status, 200, "{}", found.text);
    assert_eq!(numbers(&found.json), [2, 0, 4, 3, 1]);
    let items = found.json["items"].as_array().unwrap();
    assert_eq!(items[0]["ranks"], json!({ "vector": 3, "text": 1 }));
    assert_eq!(items[2]["ranks"], json!({ "vector": 1, "text": null }));
    let score = items[0]["score"].as_f64().unwrap();
    assert!((score - (1.0 / 63.0 + 1.0 / 61.0)).abs() < 1e-12);
    body["fusion"] = json!({ "text_weight": 0.0 });
    body["k"] = json!(3);
    assert_eq!(numbers(&app.post(&search, &body).await.json), [4, 3, 2]);
    body["fusion"] = json!({ "vector_weight": 0.0, "rank_constant": 1 });
    body["k"] = json!(2);
    let by_texts = app.post(&search, &body).await.json;
    assert_eq!(numbers(&by_texts), [2, 0]);
    assert_eq!(by_texts["items"][0]["score"], 0.5);
    // A distance limits what is found by vectors.
    let mut near =
        json!({ "mode": "hybrid", "vector": [1, 0], "text": "refund", "min_score": 0.97 });
    assert_eq!(numbers(&app.post(&search, &near).await.json), [2, 4, 0, 3]);
    near["mode"] = json!("vector");
    near.as_object_mut().unwrap().remove("text");
    assert_eq!(numbers(&app.post(&search, &near).await.json), [4, 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_go_together_is_refused_in_its_place() {
    let app = TestApp::start().await;
    let (_, search) = filled(&app, "simple").await;
    for (body, place) in [
        (json!({ "mode": "text" }), "/text"),
        (json!({ "mode": "text", "text": "" }), "/text"),
        (
            json!({ "mode": "text", "text": "a", "vector": [1, 2] }),
            "/vector",
        ),
        (
            json!({ "mode": "text", "text": "a", "min_score": 1 }),
            "/min_score",
        ),
        (
            json!({ "mode": "text", "text": "a", "max_distance": 1 }),
            "/max_distance",
        ),
        (json!({ "mode": "hybrid", "vector": [1, 2] }), "/text"),
        (
            json!({ "mode": "hybrid", "vector": [1], "text": "a" }),
            "/vector",
        ),
        (json!({ "mode": "hybrid", "text": "a" }), "/vector"),
        (json!({ "text": "a" }), "/vector"),
        (json!({ "vector": [1, 2], "text": "a" }), "/text"),
        (json!({ "mode": "fuzzy", "vector": [1, 2] }), "/mode"),
        (json!({ "vector": [1, 2], "ef_search": 0 }), "/ef_search"),
        (
            json!({ "vector": [1, 2], "fusion": { "rank_constant": 0 } }),
            "/fusion/rank_constant",
        ),
        (
            json!({ "vector": [1, 2], "fusion": { "text_weight": -1 } }),
            "/fusion/text_weight",
        ),
    ] {
        let refused = app.post(&search, &body).await;
        assert_eq!(
            (refused.status, refused.places()),
            (422, vec![place]),
            "{body}: {}",
            refused.text
        );
        let several = json!({ "queries": [{ "vector": [1, 2] }, body] });
        let refused = app.post(&format!("{search}/batch"), &several).await;
        let place = format!("/queries/1{place}");
        assert_eq!(
            (refused.status, refused.places()),
            (422, vec![place.as_str()]),
            "{body}: {}",
            refused.text
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_searches_find_what_each_finds_alone() {
    let app = TestApp::start().await;
    let (_, search) = filled(&app, "english").await;
    let queries = [
        json!({ "vector": [1, 0], "k": 2 }),
        json!({ "mode": "text", "text": "refund" }),
        json!({ "mode": "hybrid", "vector": [0, 1], "text": "working", "exact": true }),
        json!({ "vector": [1, 1], "k": 1, "ef_search": 7, "include": "embedding" }),
    ];
    let mut alone = Vec::new();
    for query in &queries {
        alone.push(app.post(&search, query).await.json);
    }
    let batch = format!("{search}/batch");
    let together = app.post(&batch, &json!({ "queries": queries })).await;
    assert_eq!(together.status, 200, "{}", together.text);
    assert_eq!(together.json["results"], json!(alone));
    let full = json!({ "queries": vec![json!({ "vector": [1, 0], "k": 1 }); 100] });
    let full = app.post(&batch, &full).await;
    assert_eq!(full.json["results"].as_array().unwrap().len(), 100);
    for count in [0, 101] {
        let body = json!({ "queries": vec![json!({ "vector": [1, 0] }); count] });
        let refused = app.post(&batch, &body).await;
        assert_eq!((refused.status, refused.places()), (422, vec!["/queries"]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_end_at_8_mib_and_say_so() {
    let app = TestApp::start().await;
    let (_, embeddings, _) = create(&app, json!({ "name": "n" })).await;
    let items: Vec<Value> = (0..160)
        .map(|n| json!({ "content": format!("word {}", "x".repeat(60_000)), "embedding": [n + 1, 1] }))
        .collect();
    for items in items.chunks(80) {
        let created = app.post(&embeddings, &json!({ "items": items })).await;
        assert_eq!(created.status, 201, "{}", created.text);
    }
    let count = |found: &Value| found["items"].as_array().unwrap().len();
    let search = format!("{embeddings}/search");
    for mut query in [
        json!({ "vector": [1, 0] }),
        json!({ "mode": "text", "text": "word" }),
        json!({ "mode": "hybrid", "vector": [1, 0], "text": "word" }),
    ] {
        query["k"] = json!(160);
        let found = app.post(&search, &query).await;
        assert_eq!(found.json["truncated"], true);
        assert!(
            found.text.len() < 9_000_000 && count(&found.json) > 60,
            "{}",
            found.text.len()
        );
        query["k"] = json!(50);
        let query = json!({ "queries": vec![query; 10] });
        let several = app.post(&format!("{search}/batch"), &query).await;
        assert!(several.text.len() < 10_000_000, "{}", several.text.len());
        let results = several.json["results"].as_array().unwrap();
        assert_eq!(
            (count(&results[0]), &results[0]["truncated"]),
            (50, &json!(false))
        );
        // Each has its best at least.
        assert_eq!(
            (count(&results[9]), &results[9]["truncated"]),
            (1, &json!(true))
        );
    }
}
