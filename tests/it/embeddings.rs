//! Embeddings: created, resent, replaced, listed, changed, deleted.

use agentdata::values::Id;
use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    datasets::create,
    support::{Answer, TestApp, cluster::Session},
};

fn one(id: &str, content: &str) -> Value {
    json!({ "items": [{ "id": id, "content": content, "embedding": [1, 2], "metadata": { "n": 1 } }] })
}

/// The number of embeddings that the dataset says it has; it must be the number that there are.
pub async fn counted(app: &TestApp, dataset: &str) -> i64 {
    let session = Session::open(&app.database_url).await;
    let id = dataset.rsplit_once('/').unwrap().1;
    let count = format!("SELECT count(*) FROM embeddings WHERE dataset_id = '{id}'");
    let there = session.number(&count).await;
    let said = app.get(dataset).await.json["embedding_count"].as_i64();
    assert_eq!(said, Some(there));
    there
}

async fn items(app: &TestApp, path: &str) -> Vec<Value> {
    let page = app.get(path).await;
    assert_eq!(page.status, 200, "{}", page.text);
    page.json["items"].as_array().unwrap().clone()
}

async fn conditional(
    app: &TestApp,
    (method, path, body): (Method, &str, Option<Value>),
    (header, tags): (&str, &str),
) -> Answer {
    let mut request = app.request(method, path).header(header, tags);
    if let Some(body) = body {
        request = request.json(&body);
    }
    app.send(request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn created_embeddings_are_read_back_as_they_were_sent() {
    let app = TestApp::start().await;
    let (path, embeddings, dataset) = create(&app, json!({ "name": "n" })).await;
    assert_eq!(dataset["dimension"], Value::Null);
    let numbers = [0.1_f32, -2.5, 1e-3];
    let bytes: Vec<u8> = numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
    let given = Id::new().to_string();
    let body = json!({ "items": [
        { "content": "first", "embedding": [0.1, -2.5, 0.001], "metadata": { "z": 1, "a": [null] } },
        { "content": "", "embedding": STANDARD.encode(bytes), "id": given },
    ] });
    let created = app.post(&embeddings, &body).await;
    assert_eq!(created.status, 201, "{}", created.text);
    assert_eq!(
        (&created.json["count"], &created.json["stored"]),
        (&json!(2), &json!(2))
    );
    assert_eq!(created.json["ids"][1], given.as_str());
    let dataset = app.get(&path).await.json;
    assert_eq!(
        (&dataset["dimension"], &dataset["version"]),
        (&json!(3), &json!(2))
    );
    assert_eq!(counted(&app, &path).await, 2);
    for (place, content, metadata) in [
        (0, "first", json!({ "z": 1, "a": [null] })),
        (1, "", json!({})),
    ] {
        let id = created.json["ids"][place].as_str().unwrap();
        let read = app.get(&format!("{embeddings}/{id}")).await;
        assert_eq!((read.status, read.header("etag")), (200, "\"1\""));
        let embedding = &read.json;
        assert_eq!(embedding["content"], content);
        assert_eq!(embedding["metadata"], metadata);
        assert_eq!(embedding["embedding"].to_string(), "[0.1,-2.5,0.001]");
        assert_eq!(embedding["dataset_id"], dataset["id"]);
        assert_eq!(embedding["created_at"], embedding["updated_at"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resend_with_the_same_content_is_accepted_and_another_content_refused() {
    let app = TestApp::start().await;
    let (path, embeddings, _) = create(&app, json!({ "name": "n" })).await;
    let id = Id::new().to_string();
    let first = app.post(&embeddings, &one(&id, "c")).await;
    let version = app.get(&path).await.json["version"].clone();
    let again = app.post(&embeddings, &one(&id.to_uppercase(), "c")).await;
    assert_eq!(
        (again.status, &again.json["ids"]),
        (201, &first.json["ids"])
    );
    assert_eq!(again.json["stored"], 0);
    assert_eq!(app.get(&path).await.json["version"], version);
    for (field, value) in [
        ("content", json!("d")),
        ("embedding", json!([1, 3])),
        ("metadata", json!({})),
    ] {
        let mut body = one(&id, "c");
        body["items"][0][field] = value;
        // All or none: what stands beside it is not stored.
        let beside = json!({ "content": "beside", "embedding": [3, 4] });
        body["items"].as_array_mut().unwrap().insert(0, beside);
        let refused = app.post(&embeddings, &body).await;
        assert_eq!(
            (refused.status, &refused.json["code"], refused.places()),
            (409, &json!("id_taken"), vec!["/items/1/id"]),
            "{field}"
        );
    }
    assert_eq!(counted(&app, &path).await, 1);
    assert_eq!(items(&app, &embeddings).await[0]["version"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn on_conflict_update_replaces_what_is_there() {
    let app = TestApp::start().await;
    let (path, embeddings, _) = create(&app, json!({ "name": "n" })).await;
    let (old, new) = (Id::new().to_string(), Id::new().to_string());
    app.post(&embeddings, &one(&old, "c")).await;
    let before = items(&app, &embeddings).await.remove(0);
    let body = json!({ "items": [
        { "id": new, "content": "new", "embedding": [5, 6] },
        { "id": old, "content": "d", "embedding": [7, 8] },
    ] });
    let upsert = format!("{embeddings}?on_conflict=update");
    let updated = app.post(&upsert, &body).await;
    assert_eq!(updated.status, 201, "{}", updated.text);
    assert_eq!(
        (&updated.json["stored"], &updated.json["ids"]),
        (&json!(1), &json!([new, old]))
    );
    assert_eq!(counted(&app, &path).await, 2);
    let after = app.get(&format!("{embeddings}/{old}")).await.json;
    assert_eq!(
        (
            &after["content"],
            &after["embedding"],
            &after["metadata"],
            &after["version"]
        ),
        (&json!("d"), &json!([7.0, 8.0]), &json!({}), &json!(2))
    );
    assert_eq!(after["created_at"], before["created_at"]);
    assert!(after["updated_at"].as_str() > before["updated_at"].as_str());
    let again = app.post(&upsert, &body).await;
    assert_eq!((again.status, &again.json["stored"]), (201, &json!(0)));
    assert_eq!(counted(&app, &path).await, 2);
    let bad = app
        .post(&format!("{embeddings}?on_conflict=skip"), &body)
        .await;
    assert_eq!((bad.status, bad.places()), (422, vec!["on_conflict"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_in_the_order_of_ids_in_pages() {
    let app = TestApp::start().await;
    let (_, embeddings, _) = create(&app, json!({ "name": "n" })).await;
    assert_eq!(
        app.get(&embeddings).await.json,
        json!({ "items": [], "next_cursor": null })
    );
    // The least id of all is an id too.
    let mut ids: Vec<String> = (0..24).map(|_| Id::new().to_string()).collect();
    ids.insert(0, "00000000-0000-0000-0000-000000000000".into());
    let new = ids.iter().rev();
    let new = new.map(|id| json!({ "id": id, "content": id, "embedding": [1, 2] }));
    let body = json!({ "items": new.collect::<Vec<_>>() });
    assert_eq!(app.post(&embeddings, &body).await.status, 201);
    let (mut seen, mut query) = (Vec::new(), "?limit=10".to_owned());
    loop {
        let page = app.get(&format!("{embeddings}{query}")).await.json;
        let items = page["items"].as_array().unwrap().iter();
        seen.extend(items.map(|item| item["id"].as_str().unwrap().to_owned()));
        match page["next_cursor"].as_str() {
            Some(cursor) => query = format!("?limit=10&include=none&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(seen, ids);
    let with = items(&app, &format!("{embeddings}?include=embedding&limit=1")).await;
    assert_eq!(with[0]["embedding"], json!([1.0, 2.0]));
    let without = items(&app, &format!("{embeddings}?include=none&limit=1")).await;
    assert_eq!(without[0]["embedding"], Value::Null);
    for bad in ["cursor=AAAA", "include=all", "limit=0", "limit=1001"] {
        assert_eq!(
            app.get(&format!("{embeddings}?{bad}")).await.status,
            422,
            "{bad}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_ends_at_eight_mebibytes() {
    let app = TestApp::start().await;
    let (_, embeddings, _) = create(&app, json!({ "name": "n" })).await;
    let vector = vec![0.123_456_78; 16_000];
    for _ in 0..2 {
        let items = (0..30).map(|n| json!({ "content": n.to_string(), "embedding": vector }));
        let body = json!({ "items": items.collect::<Vec<_>>() });
        assert_eq!(app.post(&embeddings, &body).await.status, 201);
    }
    let page = app.get(&embeddings).await;
    let count = page.json["items"].as_array().unwrap().len();
    assert!(count > 20 && count < 60, "{count}");
    assert!(page.text.len() < 8 * 1024 * 1024 + 64 * 1024);
    let cursor = page.json["next_cursor"].as_str().unwrap();
    let next = items(&app, &format!("{embeddings}?cursor={cursor}")).await;
    assert!(next[0]["id"].as_str() > page.json["items"][count - 1]["id"].as_str());
    // Without the vectors all of them fit.
    assert_eq!(
        items(&app, &format!("{embeddings}?include=none"))
            .await
            .len(),
        60
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_embedding_is_changed_field_by_field() {
    let app = TestApp::start().await;
    let (path, embeddings, _) = create(&app, json!({ "name": "n" })).await;
    let id = Id::new().to_string();
    let mut body = one(&id, "c");
    body["items"][0]["metadata"] = json!({ "keep": 1, "drop": 2 });
    app.post(&embeddings, &body).await;
    let one = format!("{embeddings}/{id}");
    let patch = json!({ "metadata": { "drop": null, "new": [0.10] } });
    let patched = app.patch(&one, &patch).await;
    assert_eq!((patched.status, patched.header("etag")), (200, "\"2\""));
    let metadata = json!({ "keep": 1, "new": [0.10] });
    assert_eq!(patched.json["metadata"], metadata);
    assert_eq!(patched.json["embedding"], json!([1.0, 2.0]));
    let patch = json!({ "content": "d", "embedding": [3, 4], "metadata": null });
    let patched = app.patch(&one, &patch).await;
    assert_eq!(
        (
            &patched.json["content"],
            &patched.json["embedding"],
            &patched.json["metadata"]
        ),
        (&json!("d"), &json!([3.0, 4.0]), &json!({}))
    );
    assert_eq!(app.get(&one).await.json, patched.json);
    let dataset = app.get(&path).await.json;
    assert_eq!(
        (&dataset["version"], &dataset["embedding_count"]),
        (&json!(4), &json!(1))
    );
    for (patch, place) in [
        (json!({ "content": null }), "/content"),
        (json!({ "content": "x".repeat(65_537) }), "/content"),
        (json!({ "embedding": null }), "/embedding"),
        (json!({ "embedding": [1, 2, 3] }), "/embedding"),
        (json!({ "embedding": [0, 0] }), "/embedding"),
        (
            json!({ "metadata": { "a": "x".repeat(65_536) } }),
            "/metadata",
        ),
        (json!({ "id": id }), "/id"),
    ] {
        let refused = app.patch(&one, &patch).await;
        assert_eq!((refused.status, refused.places()), (422, vec![place]));
    }
    let half = json!({ "metadata": { "a": "x".repeat(40_000) } });
    assert_eq!(app.patch(&one, &half).await.status, 200);
    let other_half = json!({ "metadata": { "b": "x".repeat(40_000) } });
    let refused = app.patch(&one, &other_half).await;
    assert_eq!((refused.status, refused.places()), (422, vec!["/metadata"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn entity_tags_guard_one_embedding() {
    let app = TestApp::start().await;
    let (path, embeddings, _) = create(&app, json!({ "name": "n" })).await;
    let id = Id::new().to_string();
    app.post(&embeddings, &one(&id, "c")).await;
    let one = format!("{embeddings}/{id}");
    let get = (Method::GET, one.as_str(), None);
    assert_eq!(
        conditional(&app, get, ("If-None-Match", "\"1\""))
            .await
            .status,
        304
    );
    app.patch(&one, &json!({})).await;
    for (method, body) in [(Method::PATCH, Some(json!({}))), (Method::DELETE, None)] {
        let stale = conditional(&app, (method, &one, body), ("If-Match", "\"1\"")).await;
        assert_eq!((stale.status, &stale.json["code"]), (412, &json!("stale")));
    }
    let delete = (Method::DELETE, one.as_str(), None);
    let deleted = conditional(&app, delete, ("If-Match", "\"2\"")).await;
    assert_eq!((deleted.status, deleted.text.as_str()), (204, ""));
    for gone in [
        app.get(&one).await,
        app.delete(&one).await,
        app.patch(&one, &json!({})).await,
    ] {
        assert_eq!(
            (gone.status, &gone.json["code"]),
            (404, &json!("not_found"))
        );
    }
    assert_eq!(counted(&app, &path).await, 0);
    // The dataset keeps its dimension, which may change again now.
    assert_eq!(app.get(&path).await.json["dimension"], 2);
    assert_eq!(
        app.patch(&path, &json!({ "dimension": 9 })).await.status,
        200
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn vectors_are_stored_apart_and_not_compressed() {
    let app = TestApp::start().await;
    let session = Session::open(&app.database_url).await;
    let storage = "SELECT DISTINCT attstorage::text FROM pg_attribute AS a JOIN pg_class AS c \
        ON c.oid = a.attrelid WHERE c.relname LIKE 'embeddings%' AND a.attname = 'embedding'";
    assert_eq!(session.texts(storage).await, ["e"]);
    let leaves = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'embeddings'::regclass";
    assert_eq!(session.number(leaves).await, 16);
}
