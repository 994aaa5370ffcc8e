//! One dataset: created, read, replaced, patched, listed.

use agentdata::{auth::Scope, values::Id};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    agents,
    support::{Answer, TestApp},
};

/// A new dataset of a new agent; answers its path, the path of its embeddings and itself.
pub async fn create(app: &TestApp, dataset: Value) -> (String, String, Value) {
    let (agent, _) = agents::create(app, &Id::new().to_string()).await;
    let created = app.post(&format!("{agent}/datasets"), &dataset).await;
    assert_eq!(created.status, 201, "{}", created.text);
    let id = agents::id(&created);
    (
        format!("{agent}/datasets/{id}"),
        format!("/datasets/{id}/embeddings"),
        created.json,
    )
}

/// The dataset without what is the server's own.
fn content(dataset: &Value) -> Value {
    let mut dataset = dataset.clone();
    for field in [
        "id",
        "agent_id",
        "embedding_count",
        "index",
        "version",
        "created_at",
        "updated_at",
    ] {
        let members = dataset.as_object_mut().unwrap();
        members.shift_remove(field).unwrap();
    }
    dataset
}

/// Adds one embedding.
async fn fill(app: &TestApp, embeddings: &str, vector: Value) {
    let body = json!({ "items": [{ "content": "c", "embedding": vector }] });
    let added = app.post(embeddings, &body).await;
    assert_eq!(added.status, 201, "{}", added.text);
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
async fn a_created_dataset_is_read_back_as_it_was_sent() {
    let app = TestApp::start().await;
    let sent = json!({
        "name": "handbook", "description": "Paragraphs.", "metadata": { "z": 1, "a": [null, 0.10] },
        "dimension": 3, "distance": "inner_product", "embedding_model": "m",
        "language": "german",
    });
    let (path, _, created) = create(&app, sent.clone()).await;
    assert_eq!(content(&created), sent);
    assert_eq!(
        (&created["version"], &created["embedding_count"]),
        (&json!(1), &json!(0))
    );
    assert_eq!(created["index"]["state"], "exact");
    assert!(path.starts_with(&format!(
        "/agents/{}/",
        created["agent_id"].as_str().unwrap()
    )));
    let read = app.get(&path).await;
    assert_eq!((read.status, &read.json), (200, &created));
    assert_eq!(read.header("etag"), "\"1\"");
    let (agent, _) = path.split_once("/datasets").unwrap();
    let list = format!("{agent}/datasets");
    let again = app.post(&list, &json!({ "name": "b" })).await;
    let location = format!("{}{agent}/datasets/{}", app.url, agents::id(&again));
    assert_eq!(again.header("location"), location);
    assert_eq!(again.header("etag"), "\"1\"");
    let defaults = json!({
        "name": "b", "description": null, "metadata": {}, "dimension": null,
        "distance": "cosine", "embedding_model": null, "language": "simple",
    });
    assert_eq!(content(&again.json), defaults);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_a_bound_is_refused_in_its_place() {
    let app = TestApp::start().await;
    let (agent, _) = agents::create(&app, "a").await;
    let path = format!("{agent}/datasets");
    for (change, place) in [
        (json!({ "name": "" }), "/name"),
        (json!({ "name": null }), "/name"),
        (json!({ "dimension": 0 }), "/dimension"),
        (json!({ "dimension": 16_001 }), "/dimension"),
        (json!({ "dimension": 1.5 }), "/dimension"),
        (json!({ "dimension": "3" }), "/dimension"),
        (json!({ "distance": "manhattan" }), "/distance"),
        (
            json!({ "metadata": { "a": "x".repeat(65_536) } }),
            "/metadata",
        ),
        (json!({ "embedding_count": 1 }), "/embedding_count"),
        (json!({ "id": "x" }), "/id"),
    ] {
        let mut body = json!({ "name": "n" });
        for (field, value) in change.as_object().unwrap() {
            body[field] = value.clone();
        }
        let refused = app.post(&path, &body).await;
        assert_eq!((refused.status, refused.places()), (422, vec![place]));
    }
    for dimension in [1, 16_000] {
        let body = json!({ "name": dimension.to_string(), "dimension": dimension });
        assert_eq!(app.post(&path, &body).await.status, 201);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn put_replaces_and_patch_merges() {
    let app = TestApp::start().await;
    let full = json!({
        "name": "n", "description": "d", "metadata": { "keep": 1, "drop": 2 },
        "dimension": 3, "distance": "l1", "embedding_model": "m",
        "language": "french",
    });
    let (path, _, _) = create(&app, full.clone()).await;
    let patch = json!({
        "description": null, "metadata": { "drop": null, "new": [] }, "dimension": 4,
        "distance": "l2",
    });
    let patched = app.patch(&path, &patch).await;
    let expected = json!({
        "name": "n", "description": null, "metadata": { "keep": 1, "new": [] },
        "dimension": 4, "distance": "l2", "embedding_model": "m", "language": "french",
    });
    assert_eq!((patched.status, content(&patched.json)), (200, expected));
    assert_eq!(patched.header("etag"), "\"2\"");
    let open = json!({ "dimension": null, "distance": null });
    let patched = app.patch(&path, &open).await;
    assert_eq!(
        (&patched.json["dimension"], &patched.json["distance"]),
        (&Value::Null, &json!("cosine"))
    );
    let replaced = app.put(&path, &json!({ "name": "bare" })).await;
    let bare = json!({
        "name": "bare", "description": null, "metadata": {}, "dimension": null,
        "distance": "cosine", "embedding_model": null, "language": "simple",
    });
    assert_eq!((replaced.status, content(&replaced.json)), (200, bare));
    assert_eq!(replaced.json["version"], 4);
    assert_eq!(app.get(&path).await.json, replaced.json);
    for (patch, place) in [
        (json!({ "name": null }), "/name"),
        (json!({ "dimension": 0 }), "/dimension"),
        (json!({ "version": 9 }), "/version"),
    ] {
        let refused = app.patch(&path, &patch).await;
        assert_eq!((refused.status, refused.places()), (422, vec![place]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shape_of_a_dataset_with_embeddings_stays() {
    let app = TestApp::start().await;
    let (path, embeddings, _) = create(&app, json!({ "name": "n", "distance": "l2" })).await;
    fill(&app, &embeddings, json!([1, 2])).await;
    let before = app.get(&path).await.json;
    assert_eq!(
        (&before["dimension"], &before["version"]),
        (&json!(2), &json!(2))
    );
    for change in [
        json!({ "dimension": 3 }),
        json!({ "distance": "l1" }),
        json!({ "distance": null }),
    ] {
        let refused = app.patch(&path, &change).await;
        assert_eq!(
            (refused.status, &refused.json["code"]),
            (409, &json!("has_embeddings")),
            "{change}"
        );
        let mut whole = json!({ "name": "n", "distance": "l2" });
        whole[change.as_object().unwrap().keys().next().unwrap()] =
            change.as_object().unwrap().values().next().unwrap().clone();
        if whole["distance"].is_null() {
            whole = json!({ "name": "n" });
        }
        assert_eq!(app.put(&path, &whole).await.status, 409, "{whole}");
    }
    assert_eq!(app.get(&path).await.json, before);
    // To leave the dimension open leaves it to the embeddings that are there.
    for same in [
        json!({ "dimension": null }),
        json!({ "dimension": 2 }),
        json!({ "distance": "l2" }),
    ] {
        let changed = app.patch(&path, &same).await;
        assert_eq!(
            (changed.status, &changed.json["dimension"]),
            (200, &json!(2))
        );
    }
    let put = app
        .put(&path, &json!({ "name": "m", "distance": "l2" }))
        .await;
    assert_eq!((put.status, &put.json["dimension"]), (200, &json!(2)));
    // Of what differs and of what is stale, the stale is said first.
    let body = Some(json!({ "name": "n", "dimension": 9 }));
    let stale = conditional(&app, (Method::PUT, &path, body), ("If-Match", "\"1\"")).await;
    assert_eq!(stale.status, 412);
}

#[tokio::test(flavor = "multi_thread")]
async fn entity_tags_guard_changes_and_spare_bodies() {
    let app = TestApp::start().await;
    let (path, embeddings, dataset) = create(&app, json!({ "name": "n" })).await;
    let get = (Method::GET, path.as_str(), None);
    let same = conditional(&app, get.clone(), ("If-None-Match", "\"1\"")).await;
    assert_eq!((same.status, same.header("etag")), (304, "\"1\""));
    // Embeddings change what the dataset says of itself.
    fill(&app, &embeddings, json!([1, 2])).await;
    let changed = conditional(&app, get, ("If-None-Match", "\"1\"")).await;
    assert_eq!(
        (changed.status, &changed.json["embedding_count"]),
        (200, &json!(1))
    );
    assert!(changed.json["updated_at"].as_str() > dataset["updated_at"].as_str());
    for (method, body) in [
        (Method::PUT, Some(json!({ "name": "n" }))),
        (Method::PATCH, Some(json!({}))),
        (Method::DELETE, None),
    ] {
        let stale = conditional(&app, (method, &path, body), ("If-Match", "\"1\"")).await;
        assert_eq!((stale.status, &stale.json["code"]), (412, &json!("stale")));
    }
    let patch = (Method::PATCH, path.as_str(), Some(json!({})));
    assert_eq!(
        conditional(&app, patch, ("If-Match", "\"2\"")).await.status,
        200
    );
    let delete = (Method::DELETE, path.as_str(), None);
    assert_eq!(
        conditional(&app, delete, ("If-Match", "\"3\""))
            .await
            .status,
        204
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_taken_once_among_an_agents_living() {
    let app = TestApp::start().await;
    let (agent, _) = agents::create(&app, "a").await;
    let (other, _) = agents::create(&app, "b").await;
    let path = format!("{agent}/datasets");
    let taken = json!({ "name": "first" });
    let first = app.post(&path, &taken).await;
    let second = app.post(&path, &json!({ "name": "second" })).await;
    let second = format!("{path}/{}", agents::id(&second));
    for refused in [
        app.post(&path, &taken).await,
        app.put(&second, &taken).await,
        app.patch(&second, &taken).await,
    ] {
        assert_eq!(
            (refused.status, &refused.json["code"]),
            (409, &json!("name_taken"))
        );
    }
    let of_other = app.post(&format!("{other}/datasets"), &taken).await;
    assert_eq!(of_other.status, 201);
    let id_taken = json!({ "name": "third", "id": agents::id(&first) });
    let id_taken = app.post(&path, &id_taken).await;
    assert_eq!(
        (id_taken.status, &id_taken.json["code"]),
        (409, &json!("id_taken"))
    );
    app.delete(&format!("{path}/{}", agents::id(&first))).await;
    assert_eq!(app.put(&second, &taken).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resend_with_its_key_gets_the_first_answer() {
    let app = TestApp::start().await;
    let (agent, _) = agents::create(&app, "a").await;
    let (other, _) = agents::create(&app, "b").await;
    let post = async |agent: &str, body: Value| {
        let request = app.request(Method::POST, &format!("{agent}/datasets"));
        app.send(request.header("Idempotency-Key", "k").json(&body))
            .await
    };
    let first = post(&agent, json!({ "name": "n" })).await;
    let again = post(&agent, json!({ "name": "n" })).await;
    assert_eq!((again.status, &again.text), (201, &first.text));
    assert_eq!(again.header("location"), first.header("location"));
    for refused in [
        post(&agent, json!({ "name": "m" })).await,
        post(&other, json!({ "name": "n" })).await,
    ] {
        assert_eq!(refused.json["code"], "idempotency_key_reused");
    }
    let list = app.get(&format!("{agent}/datasets")).await;
    assert_eq!(list.json["items"], json!([first.json]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_newest_first_in_pages() {
    let app = TestApp::start().await;
    let (agent, _) = agents::create(&app, "a").await;
    let path = format!("{agent}/datasets");
    assert_eq!(
        app.get(&path).await.json,
        json!({ "items": [], "next_cursor": null })
    );
    for n in 0..5 {
        app.post(&path, &json!({ "name": format!("n{n}") })).await;
    }
    let (mut names, mut query) = (Vec::new(), "?limit=2".to_owned());
    loop {
        let page = app.get(&format!("{path}{query}")).await.json;
        let items = page["items"].as_array().unwrap().iter();
        names.extend(items.map(|item| item["name"].as_str().unwrap().to_owned()));
        match page["next_cursor"].as_str() {
            Some(cursor) => query = format!("?limit=2&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(names, ["n4", "n3", "n2", "n1", "n0"]);
    let named = app.get(&format!("{path}?name=n3")).await.json;
    assert_eq!(named["items"].as_array().unwrap().len(), 1);
    let bad = app.get(&format!("{path}?cursor=AAAA")).await;
    assert_eq!((bad.status, bad.places()), (422, vec!["cursor"]));
    let nowhere = app
        .get("/agents/019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11/datasets")
        .await;
    assert_eq!(nowhere.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dataset_is_its_own_agents_and_tenants() {
    let app = TestApp::start().await;
    let (path, embeddings, _) = create(&app, json!({ "name": "n" })).await;
    let (_, id) = path.rsplit_once('/').unwrap();
    let (other, _) = agents::create(&app, "other").await;
    assert_eq!(app.get(&format!("{other}/datasets/{id}")).await.status, 404);
    assert_eq!(
        app.delete(&format!("{other}/datasets/{id}")).await.status,
        404
    );
    let stranger = app.token(Scope::ALL, "stranger");
    for path in [&path, &embeddings] {
        let request = app.anonymous(Method::GET, path).bearer_auth(&stranger);
        assert_eq!(app.send(request).await.status, 404);
    }
    let body = json!({ "items": [{ "content": "c", "embedding": [1] }] });
    let write = app.anonymous(Method::POST, &embeddings).json(&body);
    assert_eq!(app.send(write.bearer_auth(&stranger)).await.status, 404);
    assert_eq!(app.get(&path).await.json["embedding_count"], 0);
}
