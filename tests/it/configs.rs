//! Configs: set, read, list.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    agents::create,
    support::{Answer, TestApp},
};

/// A new agent's configs.
pub async fn configs(app: &TestApp) -> String {
    let (path, _) = create(app, &agentdata::values::Id::new().to_string()).await;
    format!("{path}/configs")
}

/// Sets a key under a condition.
pub async fn set_if(
    app: &TestApp,
    path: &str,
    body: &Value,
    (header, tag): (&str, &str),
) -> Answer {
    let request = app.request(Method::POST, path).json(body);
    app.send(request.header(header, tag)).await
}

/// The keys of a page.
fn keys(page: &Answer) -> Vec<&str> {
    let items = page.json["items"].as_array().unwrap();
    items
        .iter()
        .map(|item| item["key"].as_str().unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_config_is_created_changed_and_read() {
    let app = TestApp::start().await;
    let path = configs(&app).await;
    let body = json!({ "key": "limits.daily", "value": { "b": 1, "a": [1.50, null] }, "description": "d" });
    let created = app.post(&path, &body).await;
    assert_eq!(created.status, 201, "{}", created.text);
    let location = format!("{}{path}/limits.daily", app.url);
    assert_eq!(created.header("location"), location);
    assert_eq!(created.header("etag"), "\"1\"");
    assert!(
        created.text.contains(r#""value":{"b":1,"a":[1.5,null]}"#),
        "{}",
        created.text
    );
    for (member, value) in [
        ("version", json!(1)),
        ("masked", json!(false)),
        ("secret", json!(false)),
        ("schema", json!(null)),
        ("description", json!("d")),
    ] {
        assert_eq!(created.json[member], value, "{member}");
    }
    assert_eq!(created.json["created_at"], created.json["updated_at"]);
    let one = format!("{path}/limits.daily");
    let read = app.get(&one).await;
    assert_eq!((read.status, &read.json), (200, &created.json));
    assert_eq!(read.header("etag"), "\"1\"");
    assert!(read.header("vary").to_lowercase().contains("authorization"));

    let changed = app
        .post(&path, &json!({ "key": "limits.daily", "value": 7 }))
        .await;
    assert_eq!((changed.status, changed.header("etag")), (200, "\"2\""));
    assert_eq!(changed.json["description"], "d", "what is not said stays");
    assert_eq!(changed.json["created_at"], created.json["created_at"]);
    assert_eq!(app.get(&one).await.json, changed.json);
    let cleared = json!({ "key": "limits.daily", "value": 7, "description": null });
    assert_eq!(
        app.post(&path, &cleared).await.json["description"],
        json!(null)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_again_makes_no_version() {
    let app = TestApp::start().await;
    let path = configs(&app).await;
    for value in [
        json!({ "a": 1, "b": [true] }),
        json!(null),
        json!("text"),
        json!(1.5),
    ] {
        let body =
            json!({ "key": "k", "value": value, "description": "d", "schema": { "title": "t" } });
        let first = app.post(&path, &body).await;
        let again = app.post(&path, &body).await;
        assert_eq!((again.status, &again.json), (200, &first.json), "{value}");
    }
    let other_order = app
        .post(&path, &json!({ "key": "o", "value": { "a": 1, "b": 2 } }))
        .await;
    let again = app
        .post(&path, &json!({ "key": "o", "value": { "b": 2, "a": 1 } }))
        .await;
    assert_eq!(again.json, other_order.json);
    let last = app.get(&format!("{path}/k")).await.json["version"].clone();
    assert_eq!(last, 4);
    for change in [
        json!({ "key": "k", "value": 1.5, "description": "e" }),
        json!({ "key": "k", "value": 1.5, "schema": { "title": "u" } }),
        json!({ "key": "k", "value": 1.5, "secret": true }),
    ] {
        let before = app.get(&format!("{path}/k")).await.json["version"].as_i64();
        let after = app.post(&path, &change).await;
        assert_eq!(
            after.json["version"].as_i64(),
            before.map(|n| n + 1),
            "{change}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn any_json_comes_back_as_it_was_set() {
    let app = TestApp::start().await;
    let path = configs(&app).await;
    for text in [
        "null",
        "true",
        "0",
        "-0.0",
        "1e300",
        "12345678901234567890123.450",
        r#""""#,
        r#""\ud83d\ude80 \"\\ \u0001""#,
        "[]",
        "{}",
        r#"{"z":1,"a":{"":[{}]},"m":"x"}"#,
        r#"["NaN",[[[[1]]]]]"#,
    ] {
        let body = format!(r#"{{"key":"k","value":{text}}}"#);
        let request = app.request(Method::POST, &path).body(body);
        let set = app
            .send(request.header("content-type", "application/json"))
            .await;
        assert!(set.status < 300, "{text}: {}", set.text);
        let read = app.get(&format!("{path}/k")).await;
        assert_eq!(read.text, set.text);
        let wanted: Value = serde_json::from_str(text).unwrap();
        assert_eq!(read.json["value"], wanted);
        // Every digit too, which comparing does not see.
        let shown = format!("\"value\":{},", serde_json::to_string(&wanted).unwrap());
        assert!(read.text.contains(&shown), "{}", read.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_a_value_is_refused_and_stores_nothing() {
    let app = TestApp::start().await;
    let path = configs(&app).await;
    let long = "x".repeat(256 * 1024 - 1);
    let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    let wide = format!("{{\"x\":\"{}\"}}", "y".repeat(64 * 1024));
    for (body, status, place) in [
        (
            r#"{"key":"k","value":"a\u0000b"}"#.to_owned(),
            422,
            "/value",
        ),
        (
            r#"{"key":"k","value":{"a":[{"\u0000":1}]}}"#.into(),
            422,
            "/value/a/0",
        ),
        (r#"{"key":"k","value":1e400}"#.into(), 422, "/value"),
        (r#"{"key":"k","value":1e-20000}"#.into(), 422, "/value"),
        (
            r#"{"key":"k","value":{"a":[-1e400]}}"#.into(),
            422,
            "/value",
        ),
        (
            r#"{"key":"k","value":1,"schema":{"minimum":1e400}}"#.into(),
            422,
            "/schema",
        ),
        (
            r#"{"key":"k","value":1,"schema":{"title":"\u0000"}}"#.into(),
            422,
            "/schema/title",
        ),
        (
            r#"{"key":"k","value":1,"description":"\u0000"}"#.into(),
            422,
            "/description",
        ),
        (
            r#"{"key":"k","value":1,"schema":true}"#.into(),
            422,
            "/schema",
        ),
        (
            format!(r#"{{"key":"k","value":1,"schema":{wide}}}"#),
            422,
            "/schema",
        ),
        (format!(r#"{{"key":"k","value":"{long}"}}"#), 422, "/value"),
        (
            format!(r#"{{"key":"k","value":"{long}{long}{long}{long}{long}"}}"#),
            413,
            "",
        ),
        (format!(r#"{{"key":"k","value":{deep}}}"#), 400, ""),
        (r#"{"key":"k","value":"\ud800"}"#.into(), 400, ""),
        (r#"{"key":"k","value":NaN}"#.into(), 400, ""),
        (r#"{"key":"k"}"#.into(), 422, "/value"),
        (r#"{"value":1}"#.into(), 422, "/key"),
        (
            r#"{"key":"k","value":1,"secret":"yes"}"#.into(),
            422,
            "/secret",
        ),
        (
            r#"{"key":"k","value":1,"version":3}"#.into(),
            422,
            "/version",
        ),
    ] {
        let request = app.request(Method::POST, &path).body(body.clone());
        let refused = app
            .send(request.header("content-type", "application/json"))
            .await;
        let shown: String = body.chars().take(60).collect();
        assert_eq!(refused.status, status, "{shown}: {}", refused.text);
        if status == 422 {
            assert_eq!(refused.places(), [place], "{shown}");
        }
    }
    for key in ["", ".k", "-k", "a/b", "a b", "k\n", "é", &"k".repeat(129)] {
        let refused = app.post(&path, &json!({ "key": key, "value": 1 })).await;
        assert_eq!(
            (refused.status, refused.places()),
            (422, vec!["/key"]),
            "{key:?}"
        );
    }
    for key in [".k", "-k", "a%20b", "%C3%A9", &"k".repeat(129)] {
        let refused = app.get(&format!("{path}/{key}")).await;
        assert_eq!(
            (refused.status, refused.places()),
            (422, vec!["key"]),
            "{key:?}"
        );
    }
    assert_eq!(app.get(&path).await.json["items"], json!([]));
    let longest = "x".repeat(256 * 1024 - 2);
    assert_eq!(
        app.post(&path, &json!({ "key": "k", "value": longest }))
            .await
            .status,
        201
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn preconditions_guard_a_config() {
    let app = TestApp::start().await;
    let path = configs(&app).await;
    let value = |n: i32| json!({ "key": "k", "value": n });
    for tag in ["\"1\"", "*"] {
        let absent = set_if(&app, &path, &value(0), ("If-Match", tag)).await;
        assert_eq!(
            (absent.status, &absent.json["code"]),
            (412, &json!("stale"))
        );
    }
    let only_create = ("If-None-Match", "*");
    assert_eq!(
        set_if(&app, &path, &value(1), only_create).await.status,
        201
    );
    assert_eq!(
        set_if(&app, &path, &value(1), only_create).await.status,
        412
    );
    assert_eq!(
        set_if(&app, &path, &value(2), ("If-Match", "\"1\""))
            .await
            .status,
        200
    );
    assert_eq!(
        set_if(&app, &path, &value(2), ("If-Match", "\"1\""))
            .await
            .status,
        412,
        "even the same"
    );
    assert_eq!(
        set_if(&app, &path, &value(3), ("If-Match", "*"))
            .await
            .status,
        200
    );
    assert_eq!(
        set_if(&app, &path, &value(4), ("If-None-Match", "\"3\""))
            .await
            .status,
        412
    );
    let one = format!("{path}/k");
    let read = app
        .request(Method::GET, &one)
        .header("If-None-Match", "\"3\"");
    let read = app.send(read).await;
    assert_eq!(
        (read.status, read.text.as_str(), read.header("etag")),
        (304, "", "\"3\"")
    );
    let stale = app
        .request(Method::DELETE, &one)
        .header("If-Match", "\"2\"");
    assert_eq!(app.send(stale).await.status, 412);
    let restore = app
        .request(Method::POST, &format!("{one}/restore"))
        .json(&json!({ "version": 1 }));
    assert_eq!(
        app.send(restore.header("If-Match", "\"2\"")).await.status,
        412
    );
    let current = app
        .request(Method::DELETE, &one)
        .header("If-Match", "\"3\"");
    assert_eq!(app.send(current).await.status, 204);
    assert_eq!(
        set_if(&app, &path, &value(1), ("If-Match", "\"4\""))
            .await
            .status,
        412,
        "it is not there"
    );
    assert_eq!(
        set_if(&app, &path, &value(1), only_create).await.status,
        201
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_by_key_in_pages_and_by_prefix() {
    let app = TestApp::start().await;
    let path = configs(&app).await;
    let all = [
        "A", "a", "a-1", "a.1", "a.1.x", "a.10", "a0", "a_1", "b", "z",
    ];
    for key in all.iter().rev() {
        app.post(&path, &json!({ "key": key, "value": key })).await;
    }
    app.post(&path, &json!({ "key": "gone", "value": 1 })).await;
    app.delete(&format!("{path}/gone")).await;
    assert_eq!(keys(&app.get(&path).await), all);
    for (prefix, found) in [
        ("a.1", vec!["a.1", "a.1.x", "a.10"]),
        ("a.", vec!["a.1", "a.1.x", "a.10"]),
        ("a_", vec!["a_1"]),
        ("a%25", vec![]),
        ("go", vec![]),
        ("%F0%9F%9A%80", vec![]),
    ] {
        let page = app.get(&format!("{path}?prefix={prefix}")).await;
        assert_eq!(keys(&page), found, "{prefix}");
    }
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = app.get(&format!("{path}?prefix=a&limit=2{cursor}")).await;
        found.extend(keys(&page).into_iter().map(str::to_owned));
        let Some(next) = page.json["next_cursor"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(found, &all[1..8]);
    let foreign = app.get(&format!("{path}?limit=2{cursor}")).await;
    assert_eq!((foreign.status, foreign.places()), (422, vec!["cursor"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resend_gets_the_first_answer_again() {
    let app = TestApp::start().await;
    let path = configs(&app).await;
    let key = ("Idempotency-Key", "one");
    let body = json!({ "key": "k", "value": 1, "secret": true });
    let first = set_if(&app, &path, &body, key).await;
    assert_eq!(first.status, 201);
    app.post(&path, &json!({ "key": "k", "value": 2 })).await;
    app.delete(&format!("{path}/k")).await;
    let again = set_if(&app, &path, &body, key).await;
    assert_eq!((again.status, &again.text), (201, &first.text));
    for header in ["etag", "location"] {
        assert_eq!(again.header(header), first.header(header));
    }
    let other = set_if(&app, &path, &json!({ "key": "k", "value": 3 }), key).await;
    assert_eq!(
        (other.status, &other.json["code"]),
        (422, &json!("idempotency_key_reused"))
    );
    assert_eq!(app.get(&format!("{path}/k")).await.status, 404);
    let elsewhere = configs(&app).await;
    let other = set_if(&app, &elsewhere, &body, key).await;
    assert_eq!(other.status, 422, "the agent is part of the request");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_absent_agent_has_no_configs_and_none_can_be_set() {
    let app = TestApp::start().await;
    let path = configs(&app).await;
    app.post(&path, &json!({ "key": "k", "value": 1 })).await;
    app.delete(path.trim_end_matches("/configs")).await;
    for answer in [
        app.get(&path).await,
        app.get(&format!("{path}/k")).await,
        app.get(&format!("{path}/k?version=1")).await,
        app.get(&format!("{path}/k/versions")).await,
        app.post(&path, &json!({ "key": "k", "value": 2 })).await,
        app.post(&format!("{path}/k/restore"), &json!({ "version": 1 }))
            .await,
        app.delete(&format!("{path}/k")).await,
        app.get(&path.replace("/configs", "/config-changes")).await,
    ] {
        assert_eq!(answer.status, 404, "{}", answer.text);
    }
}
