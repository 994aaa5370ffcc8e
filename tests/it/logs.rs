//! Single logs: what is sent is stored and read back, and what cannot be is refused in its place.

use agentdata::{
    auth::Scope,
    values::{Id, Timestamp},
};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, TestApp, cluster::Session, ingest::agent};

async fn path(app: &TestApp) -> String {
    format!("/agents/{}/logs", agent(app, "logger").await)
}

fn minimal(message: &str) -> Value {
    json!({ "level": "info", "message": message })
}

/// Sends a body as it is written here.
async fn send(app: &TestApp, path: &str, body: &str) -> Answer {
    let request = app
        .request(Method::POST, path)
        .header("content-type", "application/json")
        .body(body.to_owned());
    app.send(request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_created_is_read_back_at_once() {
    let app = TestApp::start().await;
    let path = path(&app).await;
    let id = Id::at("2025-11-23T09:50:56.059999Z".parse().unwrap(), 0).unwrap();
    let body = json!({
        "id": id,
        "timestamp": "2025-11-23T10:50:56.059999+01:00",
        "level": "error",
        "message": "It broke 𝕏.",
        "attributes": { "n": 1.50, "deep": [{ "a": null }] },
        "trace_id": "4BF92F3577B34DA6A3CE929D0E0E4736",
        "span_id": "00f067aa0ba902b7",
        "session_id": "s-1",
    });
    let created = app.post(&path, &body).await;
    assert_eq!(created.status, 201, "{}", created.text);
    let mut expected = body.clone();
    expected["agent_id"] = json!(path.split('/').nth(2).unwrap());
    expected["timestamp"] = json!("2025-11-23T09:50:56.059999Z");
    expected["trace_id"] = json!("4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(created.json, expected);
    let location = created.header("location");
    assert_eq!(
        location,
        format!("{}{path}/{}", app.url, body["id"].as_str().unwrap())
    );
    let got = app.get(&location[app.url.len()..]).await;
    assert_eq!((got.status, &got.json), (200, &expected));
    let list = app.get(&path).await;
    assert_eq!(
        list.json,
        json!({ "items": [expected], "next_cursor": null })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_out_has_its_default_and_the_id_says_the_instant() {
    let app = TestApp::start().await;
    let path = path(&app).await;
    let before = Timestamp::now();
    let created = app.post(&path, &minimal("m")).await.json;
    let id: Id = created["id"].as_str().unwrap().parse().unwrap();
    let timestamp: Timestamp = created["timestamp"].as_str().unwrap().parse().unwrap();
    assert!((before..=Timestamp::now()).contains(&timestamp));
    assert_eq!(id.instant(), Some(timestamp.whole_millisecond()));
    assert_eq!(created["attributes"], json!({}));
    for field in ["trace_id", "span_id", "session_id"] {
        assert_eq!(created[field], Value::Null);
    }
    // An instant of long ago has its place too.
    let mut old = minimal("old");
    old["timestamp"] = json!("1999-12-31T23:59:59.999999Z");
    let created = app.post(&path, &old).await.json;
    let id: Id = created["id"].as_str().unwrap().parse().unwrap();
    assert_eq!(
        id.instant().unwrap().to_string(),
        "1999-12-31T23:59:59.999000Z"
    );
    let got = app.get(&format!("{path}/{id}")).await;
    assert_eq!(got.json, created);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resend_with_the_same_id_stores_nothing_twice_and_the_first_stays() {
    let app = TestApp::start().await;
    let path = path(&app).await;
    let mut body = minimal("first");
    body["id"] = json!(Id::new());
    let first = app.post(&path, &body).await;
    body["message"] = json!("second");
    let resends = (0..20).map(|_| app.post(&path, &body));
    for resend in join_all(resends).await {
        assert_eq!((resend.status, &resend.json), (201, &first.json));
    }
    assert_eq!(app.get(&path).await.json["items"], json!([first.json]));
    // Another agent's log may have the same id.
    let other = format!("/agents/{}/logs", agent(&app, "other").await);
    assert_eq!(app.post(&other, &body).await.json["message"], "second");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_callers_at_once_are_all_answered_and_stored_once() {
    let app = TestApp::start().await;
    let path = path(&app).await;
    let bodies: Vec<_> = (0..300).map(|n| minimal(&format!("{n}"))).collect();
    for created in join_all(bodies.iter().map(|body| app.post(&path, body))).await {
        assert_eq!(created.status, 201, "{}", created.text);
    }
    let list = app.get(&format!("{path}?limit=1000")).await;
    let mut messages: Vec<u32> = list.json["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|log| log["message"].as_str().unwrap().parse().unwrap())
        .collect();
    messages.sort_unstable();
    assert_eq!(messages, (0..300).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_and_instants_that_do_not_agree_or_lie_out_of_bounds_are_refused_in_their_place() {
    let app = TestApp::start().await;
    let path = path(&app).await;
    let tomorrow = Timestamp::now().plus(std::time::Duration::from_secs(86_460));
    let ahead = Id::at(tomorrow, 0).unwrap();
    for (id, timestamp, place) in [
        (
            json!("7d444840-9dc0-41d1-b245-5ffdce74fad2"),
            json!(null),
            "/id",
        ),
        (
            json!(Id::new()),
            json!("2026-11-23T09:30:00Z"),
            "/timestamp",
        ),
        (json!(null), json!(tomorrow), "/timestamp"),
        (json!(ahead), json!(null), "/id"),
        (json!(null), json!("1969-12-31T23:59:59Z"), "/timestamp"),
        (json!(null), json!("2026-11-23"), "/timestamp"),
        (json!("x"), json!(null), "/id"),
    ] {
        let mut body = minimal("m");
        body["id"] = id;
        body["timestamp"] = timestamp;
        let refused = app.post(&path, &body).await;
        assert_eq!(
            (refused.status, refused.places()),
            (422, vec![place]),
            "{body}"
        );
    }
    assert_eq!(app.get(&path).await.json["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn attributes_pass_as_they_are_or_are_refused_in_their_place() {
    let app = TestApp::start().await;
    let path = path(&app).await;
    let with =
        |attributes: &str| format!(r#"{{"level":"info","message":"m","attributes":{attributes}}}"#);
    let digits = r#"{"n":123456789012345678901234567890.5,"e":1e-300}"#;
    let created = send(&app, &path, &with(digits)).await;
    assert_eq!(created.status, 201, "{}", created.text);
    assert!(created.text.contains(digits), "{}", created.text);
    let got = app
        .get(&format!("{path}/{}", created.json["id"].as_str().unwrap()))
        .await;
    assert!(
        got.text.contains("123456789012345678901234567890.5"),
        "{}",
        got.text
    );
    let at_the_bound = format!(r#"{{"a":"{}"}}"#, "x".repeat(256 * 1024 - 8));
    assert_eq!(send(&app, &path, &with(&at_the_bound)).await.status, 201);
    let too_long = format!(r#"{{"a":"{}"}}"#, "x".repeat(256 * 1024 - 7));
    let too_deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(500), "]".repeat(500));
    for (attributes, place) in [
        (too_long.as_str(), "/attributes"),
        (too_deep.as_str(), "/attributes"),
        (r#"{"a":["\u0000"]}"#, "/attributes/a/0"),
        (r#"{"a":"\ud800"}"#, "/attributes"),
        (r#"{"a":1e999}"#, "/attributes"),
        (r#"{"a":1e-99999}"#, "/attributes"),
        ("[]", "/attributes"),
        ("null", "/attributes"),
        (r#""text""#, "/attributes"),
    ] {
        let refused = send(&app, &path, &with(attributes)).await;
        assert_eq!(
            (refused.status, refused.places()),
            (422, vec![place]),
            "{attributes:.80}"
        );
    }
    let broken = send(&app, &path, &with(r#"{"a":}"#)).await;
    assert_eq!(broken.status, 400, "{}", broken.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_agent_there_are_no_logs() {
    let app = TestApp::start().await;
    let path = path(&app).await;
    let created = app.post(&path, &minimal("m")).await;
    let log = format!("{path}/{}", created.json["id"].as_str().unwrap());
    let nowhere = format!("/agents/{}/logs", Id::new());
    let stranger = app.token(Scope::ALL, "stranger");
    for (path, token) in [(&nowhere, app.all_scopes()), (&path, stranger.as_str())] {
        for request in [
            app.anonymous(Method::GET, path),
            app.anonymous(Method::POST, path).json(&minimal("m")),
            app.anonymous(
                Method::GET,
                &format!("{path}?level=fatal&from=2026-01-01T00:00:00Z"),
            ),
        ] {
            let answer = app.send(request.bearer_auth(token)).await;
            assert_eq!(answer.status, 404, "{}", answer.text);
        }
    }
    assert_eq!(app.get(&format!("{path}/{}", Id::new())).await.status, 404);
    let v4 = "7d444840-9dc0-41d1-b245-5ffdce74fad2";
    assert_eq!(app.get(&format!("{path}/{v4}")).await.status, 404);
    app.delete(path.strip_suffix("/logs").unwrap()).await;
    assert_eq!(app.get(&path).await.status, 404);
    assert_eq!(app.get(&log).await.status, 404);
    assert_eq!(app.post(&path, &minimal("m")).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_agents_logs_go_in_steps_and_its_row_goes_last() {
    let app = TestApp::start().await;
    let session = Session::open(&app.database_url).await;
    let doomed = agent(&app, "doomed").await;
    let living = agent(&app, "living").await;
    session
        .run(
            "INSERT INTO logs (tenant_id, agent_id, timestamp, id, level, message, attributes) \
             SELECT tenant_id, id, now() - i * interval '1 hour', gen_random_uuid(), 3, 'm', '{}' \
             FROM agents, generate_series(1, 2500) AS i",
        )
        .await;
    app.delete(&format!("/agents/{doomed}")).await;
    assert_eq!(app.maintain().await, 0);
    session
        .run(
            "UPDATE agents SET deleted_at = now() - interval '1 hour' WHERE deleted_at IS NOT NULL",
        )
        .await;
    session
        .run(
            "CREATE TABLE gone (transaction xid8, agent bool);
             CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
                'BEGIN INSERT INTO gone VALUES (pg_current_xact_id(), TG_TABLE_NAME = ''agents''); RETURN NULL; END';
             CREATE TRIGGER note AFTER DELETE ON logs FOR EACH ROW EXECUTE FUNCTION note();
             CREATE TRIGGER note AFTER DELETE ON agents FOR EACH ROW EXECUTE FUNCTION note()",
        )
        .await;
    tokio::join!(app.maintain(), app.maintain());
    let left = format!("SELECT count(*) FROM logs WHERE agent_id = '{doomed}'");
    assert_eq!(session.number(&left).await, 0);
    assert_eq!(session.number("SELECT count(*) FROM logs").await, 2_500);
    assert_eq!(
        session.texts("SELECT id::text FROM agents").await,
        [living.to_string()]
    );
    let largest = "SELECT max(n) FROM (SELECT count(*) AS n FROM gone GROUP BY transaction) AS t";
    assert!(session.number(largest).await <= 1_000);
    let last = "SELECT count(*) FROM gone WHERE NOT agent AND transaction > (SELECT max(transaction::text::bigint)::text::xid8 FROM gone WHERE agent)";
    assert_eq!(session.number(last).await, 0);
}
