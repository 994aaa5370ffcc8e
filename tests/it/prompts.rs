//! Versions of an agent's prompt: created, listed, read.

use agentdata::values::{Id, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    agents,
    support::{Answer, TestApp, cluster::Session},
};

const NOWHERE: &str = "/agents/019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11/prompts";

/// The path of the prompts of a new agent.
pub async fn prompts(app: &TestApp) -> String {
    let name = Id::new().to_string();
    format!("{}/prompts", agents::create(app, &name).await.0)
}

/// A text of this template.
pub fn text(template: &str) -> Value {
    json!({ "type": "text", "template": template })
}

/// Creates a version.
pub async fn create(app: &TestApp, path: &str, body: &Value) -> Value {
    let answer = app.post(path, body).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json
}

/// The numbers of the versions on a page.
pub fn versions(page: &Answer) -> Vec<i64> {
    assert_eq!(page.status, 200, "{}", page.text);
    let items = page.json["items"].as_array().unwrap().iter();
    items
        .map(|item| item["version"].as_i64().unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_is_read_back_as_it_was_sent() {
    let app = TestApp::start().await;
    let path = prompts(&app).await;
    let agent = path.split('/').nth(2).unwrap();
    let sent = json!({
        "type": "text",
        "template": "Hello {{ name }},\r\n\t{% if mood is defined %}{{ mood }}{% endif %} 👩‍🚀\n",
        "config": { "z": 1, "a": { "n": [null, true, 0.10, 1e2] }, "big": 123456789012345678901234567890_u128 },
        "description": "The first.",
    });
    let before = Timestamp::now();
    let created = app.post(&path, &sent).await;
    assert_eq!(created.status, 201, "{}", created.text);
    let prompt = &created.json;
    for field in ["type", "template", "config", "description"] {
        assert_eq!(prompt[field], sent[field], "{field}");
    }
    // The order of the keys and the digits too.
    assert_eq!(prompt["config"].to_string(), sent["config"].to_string());
    assert_eq!(prompt["messages"], Value::Null);
    assert_eq!(prompt["agent_id"], agent);
    assert_eq!(prompt["version"], 1);
    assert_eq!(prompt["variables"], json!(["mood", "name"]));
    assert_eq!(prompt["identical_to_previous"], false);
    assert!(prompt["created_by"].as_str().unwrap().parse::<Id>().is_ok());
    let instant: Timestamp = prompt["created_at"].as_str().unwrap().parse().unwrap();
    assert!((before..=Timestamp::now()).contains(&instant));
    assert_eq!(created.header("etag"), "\"1\"");
    assert_eq!(created.header("location"), format!("{}{path}/1", app.url));

    let read = app.get(&format!("{path}/1")).await;
    assert_eq!((read.status, &read.text), (200, &created.text));
    assert_eq!(read.header("etag"), "\"1\"");
    assert_eq!(
        read.header("cache-control"),
        "private, max-age=31536000, immutable"
    );
    let list = app.get(&path).await;
    assert_eq!(list.json, json!({ "items": [prompt], "next_cursor": null }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_is_read_back_as_it_was_sent() {
    let app = TestApp::start().await;
    let path = prompts(&app).await;
    let messages = json!([
        { "role": "system", "content": "You know {{ product }}." },
        { "role": "developer", "content": "" },
        { "placeholder": "history" },
        { "role": "user", "content": "{{ question }}" },
        { "role": "assistant", "content": "{{ product }}?" },
        { "role": "tool", "content": "{}" },
    ]);
    let prompt = create(
        &app,
        &path,
        &json!({ "type": "chat", "messages": messages }),
    )
    .await;
    assert_eq!(prompt["messages"], messages);
    assert_eq!(
        prompt["variables"],
        json!(["history", "product", "question"])
    );
    let absent = json!({
        "template": null, "config": {}, "description": null, "identical_to_previous": false,
    });
    for (field, value) in absent.as_object().unwrap() {
        assert_eq!(&prompt[field], value, "{field}");
    }
    assert_eq!(app.get(&format!("{path}/1")).await.json, prompt);
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_count_from_1_for_each_agent_and_the_newest_comes_first() {
    let app = TestApp::start().await;
    let (path, other) = (prompts(&app).await, prompts(&app).await);
    for number in 1..=5 {
        let prompt = create(&app, &path, &text(&format!("{number}"))).await;
        assert_eq!(prompt["version"], number);
    }
    assert_eq!(create(&app, &other, &text("a")).await["version"], 1);
    assert_eq!(versions(&app.get(&path).await), [5, 4, 3, 2, 1]);
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = app.get(&format!("{path}?limit=2{cursor}")).await;
        seen.extend(versions(&page));
        // What is new does not move what is to come.
        create(&app, &path, &text("new")).await;
        let Some(next) = page.json["next_cursor"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, [5, 4, 3, 2, 1]);
    let foreign = app.get(&format!("{other}?limit=2{cursor}")).await;
    assert_eq!((foreign.status, foreign.places()), (422, vec!["cursor"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_large_prompts_ends_at_8_mib() {
    let app = TestApp::start().await;
    let path = prompts(&app).await;
    let large = text(&"𝕏".repeat(200_000));
    for _ in 0..12 {
        create(&app, &path, &large).await;
    }
    let page = app.get(&path).await;
    assert_eq!(versions(&page), (3..=12).rev().collect::<Vec<_>>());
    assert!(page.text.len() <= 8 * 1024 * 1024);
    let cursor = page.json["next_cursor"].as_str().unwrap();
    let rest = app.get(&format!("{path}?cursor={cursor}")).await;
    assert_eq!(
        (versions(&rest), &rest.json["next_cursor"]),
        (vec![2, 1], &Value::Null)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn content_that_is_the_same_again_is_accepted_and_reported() {
    let app = TestApp::start().await;
    let path = prompts(&app).await;
    let body = |config: Value, description: &str| json!({ "type": "text", "template": "t", "config": config, "description": description });
    let first = create(&app, &path, &body(json!({ "a": 1, "b": 2 }), "one")).await;
    let again = create(&app, &path, &body(json!({ "b": 2, "a": 1 }), "two")).await;
    let other = create(&app, &path, &body(json!({ "a": 1 }), "three")).await;
    let back = create(&app, &path, &body(json!({ "a": 1, "b": 2 }), "four")).await;
    let reported = |prompt: &Value| prompt["identical_to_previous"].as_bool().unwrap();
    assert!(!reported(&first) && reported(&again) && !reported(&other) && !reported(&back));
    assert_eq!(first["content_hash"], again["content_hash"]);
    assert_eq!(first["content_hash"], back["content_hash"]);
    assert_ne!(first["content_hash"], other["content_hash"]);
    assert_eq!(app.get(&format!("{path}/2")).await.json, again);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parent_that_is_not_the_newest_is_refused() {
    let app = TestApp::start().await;
    let path = prompts(&app).await;
    let with_parent = |parent: i64| {
        let mut body = text("t");
        body["parent_version"] = json!(parent);
        body
    };
    assert_eq!(app.post(&path, &with_parent(1)).await.status, 409);
    assert_eq!(app.get(&path).await.json["items"], json!([]));
    assert_eq!(create(&app, &path, &with_parent(0)).await["version"], 1);
    assert_eq!(create(&app, &path, &with_parent(1)).await["version"], 2);
    for stale in [0, 1, 3, i32::MAX.into()] {
        let refused = app.post(&path, &with_parent(stale)).await;
        assert_eq!(
            (refused.status, &refused.json["code"]),
            (409, &json!("not_newest"))
        );
    }
    // What was refused has used up no number.
    assert_eq!(create(&app, &path, &with_parent(2)).await["version"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn if_none_match_spares_the_body_that_the_client_has() {
    let app = TestApp::start().await;
    let path = prompts(&app).await;
    create(&app, &path, &text("t")).await;
    let get = async |version: i64, tags: &str| {
        let request = app.request(Method::GET, &format!("{path}/{version}"));
        app.send(request.header("If-None-Match", tags)).await
    };
    for tags in ["\"1\"", "W/\"1\"", "\"7\", \"1\"", "*"] {
        let same = get(1, tags).await;
        assert_eq!((same.status, same.text.as_str()), (304, ""), "{tags}");
        assert_eq!(same.header("etag"), "\"1\"");
        assert_eq!(
            same.header("cache-control"),
            "private, max-age=31536000, immutable"
        );
    }
    assert_eq!(get(1, "\"2\"").await.status, 200);
    assert_eq!(get(2, "\"2\"").await.status, 404);
    assert_eq!(get(2, "*").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_404_and_what_is_no_version_is_422() {
    let app = TestApp::start().await;
    let path = prompts(&app).await;
    create(&app, &path, &text("t")).await;
    let other = prompts(&app).await;
    for path in [
        format!("{path}/2"),
        format!("{path}/2147483647"),
        format!("{other}/1"),
        format!("{NOWHERE}/1"),
        NOWHERE.to_owned(),
        format!("{NOWHERE}?label=latest"),
    ] {
        let answer = app.get(&path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    for version in [
        "0",
        "-1",
        "2147483648",
        "1.0",
        "x",
        "9999999999999999999999",
    ] {
        let answer = app.get(&format!("{path}/{version}")).await;
        assert_eq!(
            (answer.status, answer.places()),
            (422, vec!["version"]),
            "{version}"
        );
    }
    assert_eq!(app.post(NOWHERE, &text("t")).await.status, 404);
    assert_eq!(app.get(&other).await.json["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resend_with_its_key_makes_no_second_version() {
    let app = TestApp::start().await;
    let (path, other) = (prompts(&app).await, prompts(&app).await);
    let post = async |path: &str, body: &Value| {
        let request = app.request(Method::POST, path).json(body);
        app.send(request.header("Idempotency-Key", "key")).await
    };
    let first = post(&path, &text("t")).await;
    assert_eq!(first.status, 201);
    create(&app, &path, &text("u")).await;
    let again = post(&path, &text("t")).await;
    assert_eq!((again.status, &again.text), (201, &first.text));
    for header in ["etag", "location"] {
        assert_eq!(again.header(header), first.header(header));
    }
    assert_eq!(versions(&app.get(&path).await), [2, 1]);
    // Another body or another agent is another request.
    for (path, body) in [(&path, text("v")), (&other, text("t"))] {
        let refused = post(path, &body).await;
        assert_eq!(refused.json["code"], "idempotency_key_reused");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_prompts_of_a_deleted_agent_are_gone_at_once_and_their_rows_later() {
    let app = TestApp::start().await;
    let session = Session::open(&app.database_url).await;
    let path = prompts(&app).await;
    let mut labelled = text("t");
    labelled["labels"] = json!(["a", "b"]);
    for _ in 0..3 {
        create(&app, &path, &labelled).await;
    }
    let living = prompts(&app).await;
    create(&app, &living, &labelled).await;
    let agent = path.trim_end_matches("/prompts");
    assert_eq!(app.delete(agent).await.status, 204);
    for gone in [
        app.get(&path).await,
        app.get(&format!("{path}/1")).await,
        app.get(&format!("{path}?label=a")).await,
        app.post(&path, &text("t")).await,
    ] {
        assert_eq!(gone.status, 404, "{}", gone.text);
    }
    session
        .run(
            "UPDATE agents SET deleted_at = now() - interval '1 hour' WHERE deleted_at IS NOT NULL",
        )
        .await;
    // The agent, its counter, 3 versions, 2 labels and their 6 moves.
    let removed = app.maintain().await;
    assert_eq!(removed, 13);
    assert_eq!(session.number("SELECT count(*) FROM agents").await, 1);
    assert_eq!(versions(&app.get(&living).await), [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_agents_many_prompts_go_in_several_transactions() {
    let app = TestApp::start().await;
    let session = Session::open(&app.database_url).await;
    let path = prompts(&app).await;
    let mut labelled = text("t");
    labelled["labels"] = json!(["a"]);
    create(&app, &path, &labelled).await;
    let agent = path.split('/').nth(2).unwrap();
    session
        .run(&format!(
            "INSERT INTO prompts SELECT tenant_id, agent_id, i, kind, template, messages, config,
                variables, description, content_hash, identical_to_previous, content_bytes,
                created_by, created_at
             FROM prompts, generate_series(2, 2500) AS i WHERE agent_id = '{agent}';
             INSERT INTO prompt_label_moves SELECT tenant_id, agent_id, label, i, version, moved_at, moved_by
             FROM prompt_label_moves, generate_series(2, 1500) AS i WHERE agent_id = '{agent}';
             UPDATE agents SET deleted_at = now() - interval '1 hour';
             CREATE TABLE gone (transaction xid8);
             CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
                'BEGIN INSERT INTO gone VALUES (pg_current_xact_id()); RETURN NULL; END';
             CREATE TRIGGER note AFTER DELETE ON prompts FOR EACH ROW EXECUTE FUNCTION note();
             CREATE TRIGGER note AFTER DELETE ON prompt_labels FOR EACH ROW EXECUTE FUNCTION note();
             CREATE TRIGGER note AFTER DELETE ON prompt_label_moves FOR EACH ROW EXECUTE FUNCTION note();
             CREATE TRIGGER note AFTER DELETE ON agents FOR EACH ROW EXECUTE FUNCTION note()"
        ))
        .await;
    let removed = app.maintain().await;
    assert_eq!(removed, 2_500 + 1_500 + 3);
    let largest = "SELECT max(n) FROM (SELECT count(*) AS n FROM gone GROUP BY transaction) AS t";
    assert!(session.number(largest).await <= 1_000);
    assert_eq!(session.number("SELECT count(*) FROM agents").await, 0);
}
