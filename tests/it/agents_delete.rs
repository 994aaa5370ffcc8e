//! A deleted agent is gone at once; its row goes later.

use reqwest::Method;
use serde_json::json;

use crate::{
    agents::create,
    support::{TestApp, cluster::Session},
};

const ROWS: &str = "SELECT count(*) FROM agents";

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_agent_is_gone_for_every_operation_and_its_name_is_free() {
    let app = TestApp::start().await;
    let (path, agent) = create(&app, "n").await;
    let deleted = app.delete(&path).await;
    assert_eq!((deleted.status, deleted.text.as_str()), (204, ""));
    let body = json!({ "name": "n" });
    for gone in [
        app.get(&path).await,
        app.put(&path, &body).await,
        app.patch(&path, &json!({})).await,
        app.delete(&path).await,
    ] {
        assert_eq!(
            (gone.status, &gone.json["code"]),
            (404, &json!("not_found"))
        );
    }
    for filter in ["", "?name=n", "?q=n", "?status=active"] {
        let list = app.get(&format!("/agents{filter}")).await;
        assert_eq!(list.json["items"], json!([]), "{filter}");
    }
    let if_none_match = app.request(Method::GET, &path).header("If-None-Match", "*");
    assert_eq!(app.send(if_none_match).await.status, 404);
    let (_, successor) = create(&app, "n").await;
    assert_ne!(successor["id"], agent["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_agents_row_goes_after_twice_the_statement_timeout() {
    let app = TestApp::start().await;
    let session = Session::open(&app.database_url).await;
    let (path, _) = create(&app, "deleted").await;
    create(&app, "living").await;
    app.delete(&path).await;
    assert_eq!(app.maintain().await, 0);
    let timeout = app.app.db.statement_timeout().as_secs();
    let age = |seconds: u64| {
        format!(
            "UPDATE agents SET deleted_at = now() - interval '{seconds} s' WHERE name = 'deleted'"
        )
    };
    // Nearly: the pass itself takes a moment.
    session.run(&age(2 * timeout - 5)).await;
    assert_eq!(app.maintain().await, 0);
    assert_eq!(session.number(ROWS).await, 2);
    session.run(&age(2 * timeout + 1)).await;
    assert_eq!(app.maintain().await, 1);
    assert_eq!(session.texts("SELECT name FROM agents").await, ["living"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_deleted_rows_go_in_one_pass_and_several_transactions() {
    let app = TestApp::start().await;
    let session = Session::open(&app.database_url).await;
    create(&app, "living").await;
    session
        .run(
            "INSERT INTO agents (tenant_id, id, name, status, tags, metadata, version,
                created_at, updated_at, deleted_at)
             SELECT 1 + i % 3, gen_random_uuid(), 'n' || i, 'active', '{}', '{}', 1,
                now(), now(), now() - interval '1 hour'
             FROM generate_series(1, 2500) AS i",
        )
        .await;
    session
        .run(
            "CREATE TABLE gone (transaction xid8, ended boolean);
              CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
                'BEGIN INSERT INTO gone VALUES (pg_current_xact_id()); RETURN NULL; END';
              CREATE TRIGGER note AFTER DELETE ON agents FOR EACH ROW EXECUTE FUNCTION note()",
        )
        .await;
    assert_eq!(app.maintain().await, 2_500);
    assert_eq!(session.texts("SELECT name FROM agents").await, ["living"]);
    let largest = "SELECT max(n) FROM (SELECT count(*) AS n FROM gone GROUP BY transaction) AS t";
    assert!(session.number(largest).await <= 1_000);
    assert_eq!(app.maintain().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_that_purge_at_once_remove_each_row_once() {
    let app = TestApp::start().await;
    let session = Session::open(&app.database_url).await;
    session
        .run(
            "INSERT INTO agents (tenant_id, id, name, status, tags, metadata, version,
                created_at, updated_at, deleted_at)
             SELECT 1, gen_random_uuid(), 'n' || i, 'active', '{}', '{}', 1,
                now(), now(), now() - interval '1 hour'
             FROM generate_series(1, 1500) AS i",
        )
        .await;
    session
        .run(
            "INSERT INTO idempotency_keys (tenant_id, key, request_hash, created_at)
             SELECT 1, i, sha256(''), now() - interval '25 hours' FROM generate_series(1, 1500) AS i",
        )
        .await;
    let passes = tokio::join!(app.maintain(), app.maintain());
    assert_eq!(passes.0 + passes.1, 3_000);
    assert_eq!(session.number(ROWS).await, 0);
    assert_eq!(
        session
            .number("SELECT count(*) FROM idempotency_keys")
            .await,
        0
    );
}

/// What one server is removing must not look gone to the other, which would then remove the agent
/// while it still has something.
#[tokio::test(flavor = "multi_thread")]
async fn two_servers_that_purge_one_agent_at_once_do_not_fail_each_other() {
    let app = TestApp::start().await;
    let session = Session::open(&app.database_url).await;
    session
        .run(
            "INSERT INTO agents (tenant_id, id, name, status, tags, metadata, version,
                created_at, updated_at, deleted_at)
             VALUES (1, '019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11', 'n', 'active', '{}', '{}', 1,
                now(), now(), now() - interval '1 hour')",
        )
        .await;
    session
        .run(
            "INSERT INTO prompts (tenant_id, agent_id, version, kind, template, config, variables,
                content_hash, identical_to_previous, content_bytes, created_by, created_at)
             SELECT 1, id, i, 'text', 't', '{}', '{}', sha256(''), false, 1, id, now()
             FROM agents, generate_series(1, 4500) AS i",
        )
        .await;
    let passes = tokio::join!(app.maintain(), app.maintain());
    // Both count what both have found.
    assert!(passes.0 + passes.1 > 4_500);
    assert_eq!(session.number("SELECT count(*) FROM prompts").await, 0);
    assert_eq!(session.number(ROWS).await, 0);
}
