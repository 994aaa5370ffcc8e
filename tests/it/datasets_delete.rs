//! A deleted dataset is gone at once, and so are its embeddings; the rows go later.

use serde_json::{Value, json};

use crate::{
    datasets::create,
    support::{TestApp, cluster::Session},
};

fn items(count: usize) -> Value {
    let items = (0..count).map(|n| json!({ "content": n.to_string(), "embedding": [1, n] }));
    json!({ "items": items.collect::<Vec<_>>() })
}

const ROWS: &str = "SELECT (SELECT count(*) FROM datasets) + (SELECT count(*) FROM embeddings)";

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_dataset_is_gone_for_every_operation_and_its_name_is_free() {
    let app = TestApp::start().await;
    let (path, embeddings, _) = create(&app, json!({ "name": "n" })).await;
    let created = app.post(&embeddings, &items(2)).await;
    let one = format!("{embeddings}/{}", created.json["ids"][0].as_str().unwrap());
    let deleted = app.delete(&path).await;
    assert_eq!((deleted.status, deleted.text.as_str()), (204, ""));
    let search = json!({ "vector": [1, 0] });
    for gone in [
        app.get(&path).await,
        app.put(&path, &json!({ "name": "n" })).await,
        app.patch(&path, &json!({})).await,
        app.delete(&path).await,
        app.get(&embeddings).await,
        app.post(&embeddings, &items(1)).await,
        app.get(&one).await,
        app.patch(&one, &json!({ "content": "x" })).await,
        app.delete(&one).await,
        app.post(&format!("{embeddings}/search"), &search).await,
    ] {
        assert_eq!(
            (gone.status, &gone.json["code"]),
            (404, &json!("not_found"))
        );
    }
    let (list, _) = path.rsplit_once('/').unwrap();
    assert_eq!(app.get(list).await.json["items"], json!([]));
    assert_eq!(app.post(list, &json!({ "name": "n" })).await.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rows_of_a_deleted_dataset_go_in_small_steps() {
    let app = TestApp::start().await;
    let session = Session::open(&app.database_url).await;
    let (path, embeddings, _) = create(&app, json!({ "name": "deleted" })).await;
    for _ in 0..3 {
        assert_eq!(app.post(&embeddings, &items(900)).await.status, 201);
    }
    let (living, kept, _) = create(&app, json!({ "name": "living" })).await;
    app.post(&kept, &items(3)).await;
    app.delete(&path).await;
    assert_eq!(app.maintain().await, 0);
    session
        .run("UPDATE datasets SET deleted_at = now() - interval '1 hour' WHERE name = 'deleted'")
        .await;
    assert_eq!(app.maintain().await, 2_701);
    assert_eq!(session.number(ROWS).await, 4);
    assert_eq!(app.get(&living).await.json["embedding_count"], 3);
    assert_eq!(app.maintain().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_agents_datasets_go_with_it() {
    let app = TestApp::start().await;
    let session = Session::open(&app.database_url).await;
    let (path, embeddings, _) = create(&app, json!({ "name": "d" })).await;
    for _ in 0..2 {
        assert_eq!(app.post(&embeddings, &items(600)).await.status, 201);
    }
    let (agent, _) = path.split_once("/datasets").unwrap();
    for n in 0..120 {
        let body = json!({ "name": n.to_string() });
        app.post(&format!("{agent}/datasets"), &body).await;
    }
    assert_eq!(app.delete(agent).await.status, 204);
    for gone in [
        app.get(&path).await,
        app.get(&embeddings).await,
        app.post(&embeddings, &items(1)).await,
        app.post(&format!("{agent}/datasets"), &json!({ "name": "new" }))
            .await,
    ] {
        assert_eq!(gone.status, 404);
    }
    session
        .run("UPDATE agents SET deleted_at = now() - interval '1 hour'")
        .await;
    // Two servers at once do not fail each other.
    let passes = tokio::join!(app.maintain(), app.maintain());
    assert!(passes.0 + passes.1 >= 1_322);
    assert_eq!(session.number(ROWS).await, 0);
    assert_eq!(session.number("SELECT count(*) FROM agents").await, 0);
}
