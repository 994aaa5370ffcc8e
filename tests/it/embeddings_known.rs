//! A dataset that was searched by its index is not looked at again before the next search: whatever becomes of it
//! meanwhile, the next search answers of the dataset as it is.

use serde_json::{Value, json};

use crate::{
    datasets::create,
    datasets_indexes::{fill, found, numbers},
    support::TestApp,
};

/// What a search for the nearest of a vector answers: status, by what, how many.
async fn search(app: &TestApp, embeddings: &str, body: Value) -> (u16, Value, usize) {
    let answer = app.post(&format!("{embeddings}/search"), &body).await;
    let count = if answer.status == 200 {
        found(&answer.json).len()
    } else {
        0
    };
    (answer.status, answer.json["answered_by"].clone(), count)
}

fn near(dimension: usize) -> Value {
    json!({ "vector": numbers(7, dimension), "k": 5 })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_by_the_index_goes_by_the_dataset_as_it_is_now() {
    let app = TestApp::start().await;
    let (path, embeddings, _) = create(&app, json!({ "name": "n" })).await;
    fill(&app, &embeddings, 100, 8).await;
    assert_eq!(app.index(100).await.built, 3);
    let by_index = (200, json!("hnsw"), 5);
    for _ in 0..3 {
        assert_eq!(search(&app, &embeddings, near(8)).await, by_index);
    }
    let all = json!({ "vector": numbers(7, 8), "k": 1_000 });
    for _ in 0..2 {
        let exact = search(&app, &embeddings, all.clone()).await;
        assert_eq!(exact, (200, json!("exact"), 100));
    }
    let far = json!({ "vector": numbers(7, 8), "max_distance": -1.0 });
    for _ in 0..2 {
        let nothing = search(&app, &embeddings, far.clone()).await;
        assert_eq!(nothing, (200, json!("hnsw"), 0));
    }
    // It loses its index.
    let delete = format!("{embeddings}/delete");
    let below = |n: i32| json!({ "filter": { "path": "/n", "lt": n } });
    app.post(&delete, &below(60)).await;
    assert_eq!(search(&app, &embeddings, near(8)).await, by_index);
    assert_eq!(app.index(100).await.dropped, 3);
    for _ in 0..2 {
        let exact = search(&app, &embeddings, near(8)).await;
        assert_eq!(exact, (200, json!("exact"), 5));
    }
    // It gets another shape, in which there is an index too.
    app.post(&delete, &below(1_000)).await;
    let other = json!({ "name": "n", "dimension": 3, "distance": "l2" });
    assert_eq!(app.put(&path, &other).await.status, 200);
    fill(&app, &embeddings, 100, 3).await;
    assert_eq!(app.index(100).await.built, 3);
    for _ in 0..2 {
        assert_eq!(search(&app, &embeddings, near(8)).await.0, 422);
        assert_eq!(search(&app, &embeddings, near(3)).await, by_index);
    }
    // It is emptied while its index is there, and then deleted.
    app.post(&delete, &below(1_000)).await;
    for _ in 0..2 {
        let nothing = search(&app, &embeddings, near(3)).await;
        assert_eq!(nothing, (200, json!("exact"), 0));
    }
    fill(&app, &embeddings, 10, 3).await;
    assert_eq!(search(&app, &embeddings, near(3)).await, by_index);
    app.delete(&path).await;
    assert_eq!(search(&app, &embeddings, near(3)).await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_meets_nothing_of_an_agent_that_was_deleted() {
    let app = TestApp::start().await;
    let (path, embeddings, _) = create(&app, json!({ "name": "n" })).await;
    fill(&app, &embeddings, 20, 8).await;
    assert_eq!(app.index(20).await.built, 3);
    for _ in 0..2 {
        let by_index = search(&app, &embeddings, near(8)).await;
        assert_eq!(by_index, (200, json!("hnsw"), 5));
    }
    let (agent, _) = path.split_once("/datasets").unwrap();
    app.delete(agent).await;
    for _ in 0..2 {
        assert_eq!(search(&app, &embeddings, near(8)).await.0, 404);
    }
}
