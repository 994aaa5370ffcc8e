//! One agent: created, read, replaced, patched, deleted.

use agentdata::values::{Id, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, TestApp};

const NOWHERE: &str = "/agents/019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11";

/// A new agent of this name; answers its path and itself.
pub async fn create(app: &TestApp, name: &str) -> (String, Value) {
    let answer = app.post("/agents", &json!({ "name": name })).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    (format!("/agents/{}", id(&answer)), answer.json)
}

/// The id of the agent in an answer.
pub fn id(answer: &Answer) -> &str {
    answer.json["id"].as_str().unwrap()
}

/// A request with a precondition.
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

/// The agent without what a write changes by itself.
pub fn content(agent: &Value) -> Value {
    let mut agent = agent.clone();
    for field in ["id", "version", "created_at", "updated_at"] {
        agent.as_object_mut().unwrap().shift_remove(field).unwrap();
    }
    agent
}

fn instant(value: &Value) -> Timestamp {
    value.as_str().unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_created_agent_is_read_back_as_it_was_sent() {
    let app = TestApp::start().await;
    let sent = json!({
        "name": "triage",
        "description": "Sorts mail.",
        "status": "paused",
        "model": "claude-opus-4-5",
        "tags": ["b", "a"],
        "metadata": { "z": 1, "a": { "deep": [null, true, "x"] }, "n": 0.1 },
    });
    let before = Timestamp::now();
    let created = app.post("/agents", &sent).await;
    assert_eq!(created.status, 201);
    assert_eq!(content(&created.json), sent);
    assert_eq!(created.json["version"], 1);
    assert_eq!(created.json["created_at"], created.json["updated_at"]);
    assert!((before..=Timestamp::now()).contains(&instant(&created.json["created_at"])));
    assert_eq!(id(&created).parse::<Id>().unwrap().version(), 7);
    assert_eq!(created.header("etag"), "\"1\"");
    let path = format!("/agents/{}", id(&created));
    assert_eq!(created.header("location"), format!("{}{path}", app.url));

    let read = app.get(&path).await;
    assert_eq!((read.status, &read.json), (200, &created.json));
    assert_eq!(read.header("etag"), "\"1\"");
    let list = app.get("/agents").await;
    let page = json!({ "items": [created.json], "next_cursor": null });
    assert_eq!(list.json, page);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_absent_has_its_default() {
    let app = TestApp::start().await;
    let (_, agent) = create(&app, "plain").await;
    let defaults = json!({
        "name": "plain", "description": null, "status": "active",
        "model": null, "tags": [], "metadata": {},
    });
    assert_eq!(content(&agent), defaults);
}

#[tokio::test(flavor = "multi_thread")]
async fn put_replaces_all_and_what_is_absent_goes_back_to_its_default() {
    let app = TestApp::start().await;
    let full = json!({
        "name": "full", "description": "d", "status": "archived", "model": "m",
        "tags": ["t"], "metadata": { "k": 1 },
    });
    let created = app.post("/agents", &full).await;
    let path = format!("/agents/{}", id(&created));
    let replaced = app.put(&path, &json!({ "name": "bare" })).await;
    assert_eq!(replaced.status, 200);
    let bare = json!({
        "name": "bare", "description": null, "status": "active",
        "model": null, "tags": [], "metadata": {},
    });
    assert_eq!(content(&replaced.json), bare);
    assert_eq!(replaced.json["id"], created.json["id"]);
    assert_eq!(replaced.json["version"], 2);
    assert_eq!(replaced.header("etag"), "\"2\"");
    assert_eq!(replaced.json["created_at"], created.json["created_at"]);
    assert!(instant(&replaced.json["updated_at"]) > instant(&created.json["updated_at"]));
    assert_eq!(app.get(&path).await.json, replaced.json);
    // The same once more is a change too: who asked for it gets a tag of their own.
    let again = app.put(&path, &json!({ "name": "bare" })).await;
    assert_eq!((again.status, &again.json["version"]), (200, &json!(3)));
    assert_eq!(app.put(NOWHERE, &json!({ "name": "x" })).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn patch_merges_as_rfc_7396_says() {
    let app = TestApp::start().await;
    let full = json!({
        "name": "n", "description": "d", "status": "paused", "model": "m", "tags": ["t", "u"],
        "metadata": { "keep": 1, "drop": 2, "deep": { "keep": [1], "drop": {} } },
    });
    let created = app.post("/agents", &full).await;
    let path = format!("/agents/{}", id(&created));
    let mut expected = full;
    for (version, (patch, changes)) in [
        (json!({}), json!({})),
        (json!({ "name": "m" }), json!({ "name": "m" })),
        (json!({ "tags": ["v"] }), json!({ "tags": ["v"] })),
        (
            json!({ "metadata": { "drop": null, "deep": { "drop": null, "new": 3 }, "absent": null } }),
            json!({ "metadata": { "keep": 1, "deep": { "keep": [1], "new": 3 } } }),
        ),
        (
            json!({ "metadata": { "deep": [] } }),
            json!({ "metadata": { "keep": 1, "deep": [] } }),
        ),
        (json!({ "metadata": {} }), json!({})),
        (
            json!({ "description": null, "model": null, "tags": null, "status": null, "metadata": null }),
            json!({ "description": null, "model": null, "tags": [], "status": "active", "metadata": {} }),
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let patched = app.patch(&path, &patch).await;
        assert_eq!(patched.status, 200, "{patch}: {}", patched.text);
        for (field, value) in changes.as_object().unwrap() {
            expected[field] = value.clone();
        }
        assert_eq!(content(&patched.json), expected, "{patch}");
        assert_eq!(patched.json["version"], json!(version + 2), "{patch}");
        assert_eq!(patched.header("etag"), format!("\"{}\"", version + 2));
    }
    assert_eq!(app.patch(NOWHERE, &json!({})).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patch_is_refused_where_its_result_breaks_a_bound() {
    let app = TestApp::start().await;
    // {"a":"…"} has 8 bytes beside the text: two of them fit one by one and not together.
    let half = "x".repeat(40 * 1024);
    let body = json!({ "name": "n", "metadata": { "a": half } });
    let created = app.post("/agents", &body).await;
    let path = format!("/agents/{}", id(&created));
    for (patch, place) in [
        (json!({ "metadata": { "b": half } }), "/metadata"),
        (json!({ "name": null }), "/name"),
        (json!({ "name": "" }), "/name"),
        (json!({ "name": "x".repeat(201) }), "/name"),
        (json!({ "tags": ["a", "a"] }), "/tags"),
        (json!({ "status": "sleeping" }), "/status"),
        (json!({ "nonsense": 1 }), "/nonsense"),
        (json!({ "version": 7 }), "/version"),
    ] {
        let refused = app.patch(&path, &patch).await;
        assert_eq!((refused.status, refused.places()), (422, vec![place]));
    }
    assert_eq!(app.get(&path).await.json, created.json);
    let swap = json!({ "metadata": { "a": null, "b": half } });
    assert_eq!(app.patch(&path, &swap).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_is_bounded_to_the_byte() {
    let app = TestApp::start().await;
    let of = |bytes: usize| json!({ "name": bytes.to_string(), "metadata": { "a": "x".repeat(bytes - 8) } });
    assert_eq!(app.post("/agents", &of(64 * 1024)).await.status, 201);
    let refused = app.post("/agents", &of(64 * 1024 + 1)).await;
    assert_eq!((refused.status, refused.places()), (422, vec!["/metadata"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn if_match_lets_only_the_current_version_be_changed() {
    let app = TestApp::start().await;
    let (path, _) = create(&app, "n").await;
    app.patch(&path, &json!({})).await;
    let body = Some(json!({ "name": "n" }));
    for tags in [
        "\"1\"",
        "W/\"2\"",
        "\"1\", W/\"2\", \"3\"",
        "\"foreign\"",
        "2",
        "nonsense",
        "\"99999999999999999999\"",
    ] {
        for (method, body) in [
            (Method::PUT, body.clone()),
            (Method::PATCH, Some(json!({}))),
            (Method::DELETE, None),
        ] {
            let stale = conditional(&app, (method, &path, body), ("If-Match", tags)).await;
            assert_eq!(
                (stale.status, &stale.json["code"]),
                (412, &json!("stale")),
                "{tags}"
            );
        }
    }
    assert_eq!(app.get(&path).await.json["version"], 2);
    for (version, tags) in ["\"2\"", "*", "\"foreign\", \"4\" , W/\"9\""]
        .iter()
        .enumerate()
    {
        let put = (Method::PUT, path.as_str(), body.clone());
        let changed = conditional(&app, put, ("If-Match", tags)).await;
        assert_eq!(changed.status, 200, "{tags}");
        assert_eq!(changed.json["version"], json!(version + 3));
    }
    let patch = (Method::PATCH, path.as_str(), Some(json!({ "model": "m" })));
    let changed = conditional(&app, patch, ("If-Match", "\"5\"")).await;
    assert_eq!((changed.status, changed.header("etag")), (200, "\"6\""));
    let delete = (Method::DELETE, path.as_str(), None);
    let deleted = conditional(&app, delete.clone(), ("If-Match", "\"6\"")).await;
    assert_eq!(deleted.status, 204);
    for tags in ["*", "\"6\""] {
        let gone = conditional(&app, delete.clone(), ("If-Match", tags)).await;
        assert_eq!(gone.status, 404, "{tags}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn if_none_match_spares_the_body_that_the_client_has() {
    let app = TestApp::start().await;
    let (path, agent) = create(&app, "n").await;
    let get = (Method::GET, path.as_str(), None);
    for tags in ["\"1\"", "W/\"1\"", "*", "\"foreign\", W/\"1\""] {
        let same = conditional(&app, get.clone(), ("If-None-Match", tags)).await;
        assert_eq!((same.status, same.text.as_str()), (304, ""), "{tags}");
        assert_eq!(same.header("etag"), "\"1\"", "{tags}");
    }
    for tags in ["\"2\"", "W/\"0\"", "\"foreign\"", "1"] {
        let other = conditional(&app, get.clone(), ("If-None-Match", tags)).await;
        assert_eq!((other.status, &other.json), (200, &agent), "{tags}");
    }
    app.patch(&path, &json!({})).await;
    let changed = conditional(&app, get, ("If-None-Match", "\"1\"")).await;
    assert_eq!((changed.status, changed.header("etag")), (200, "\"2\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_taken_once_among_the_living() {
    let app = TestApp::start().await;
    let (first, _) = create(&app, "first").await;
    let (second, agent) = create(&app, "second").await;
    let taken = json!({ "name": "first" });
    for refused in [
        app.post("/agents", &taken).await,
        app.put(&second, &taken).await,
        app.patch(&second, &taken).await,
    ] {
        assert_eq!(
            (refused.status, &refused.json["code"]),
            (409, &json!("name_taken"))
        );
    }
    assert_eq!(app.get(&second).await.json, agent);
    // Its own name is not taken from it, and a name given up is free.
    assert_eq!(app.put(&first, &taken).await.status, 200);
    assert_eq!(
        app.patch(&first, &json!({ "name": "other" })).await.status,
        200
    );
    assert_eq!(app.put(&second, &taken).await.status, 200);
    for name in ["First", "first ", " first"] {
        create(&app, name).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_may_give_the_id_and_it_is_used_once() {
    let app = TestApp::start().await;
    let given = Id::new().to_string();
    let created = app
        .post(
            "/agents",
            &json!({ "id": given.to_uppercase(), "name": "a" }),
        )
        .await;
    assert_eq!((created.status, id(&created)), (201, given.as_str()));
    let again = json!({ "id": given, "name": "b" });
    let taken = app.post("/agents", &again).await;
    assert_eq!(
        (taken.status, &taken.json["code"]),
        (409, &json!("id_taken"))
    );
    app.delete(&format!("/agents/{given}")).await;
    let taken = app.post("/agents", &again).await;
    assert_eq!(
        (taken.status, &taken.json["code"]),
        (409, &json!("id_taken"))
    );
    let made = app
        .post("/agents", &json!({ "id": null, "name": "c" }))
        .await;
    assert_eq!(
        (made.status, id(&made).parse::<Id>().unwrap().version()),
        (201, 7)
    );
    for bad in ["", "x", "{01890a5d-ac96-774b-bcce-b302099a8057}"] {
        let refused = app
            .post("/agents", &json!({ "id": bad, "name": "d" }))
            .await;
        assert_eq!(
            (refused.status, refused.places()),
            (422, vec!["/id"]),
            "{bad}"
        );
    }
}
