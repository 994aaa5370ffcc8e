//! What a request's transaction does when others are in its way, and what the answer says when the
//! database goes away in the midst of it.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    Answer, TestApp,
    cluster::{self, Session, WAITING_FOR_LOCKS},
    eventually,
    raw::PATIENCE,
};

/// The path of a new agent.
async fn agent(app: &TestApp) -> String {
    let created = app.post("/agents", &json!({ "name": "contended" })).await;
    assert_eq!(created.status, 201, "{}", created.text);
    format!("/agents/{}", created.json["id"].as_str().unwrap())
}

async fn waits_for_a_lock(session: &Session) {
    eventually("the request waits for a lock", PATIENCE, || async {
        session.number(WAITING_FOR_LOCKS).await == 1
    })
    .await;
}

fn labelled(text: &str) -> Value {
    json!({ "type": "text", "template": text, "labels": ["production"] })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadlock_is_tried_again() {
    let app = TestApp::start().await;
    let prompts = format!("{}/prompts", agent(&app).await);
    assert_eq!(app.post(&prompts, &labelled("first")).await.status, 201);
    let other = Session::open(&app.database_url).await;
    let watcher = Session::open(&app.database_url).await;
    // The other takes the label and then the number, the request the number and then the label. The one that
    // looks for deadlocks first, after a second, is their victim.
    other
        .run("SET deadlock_timeout = '1min'; BEGIN; SELECT FROM prompt_labels FOR UPDATE")
        .await;
    let body = labelled("second");
    let request = app.post(&prompts, &body);
    let meanwhile = async {
        waits_for_a_lock(&watcher).await;
        other.run("UPDATE prompt_heads SET version = version").await;
        other.run("COMMIT").await;
    };
    let (answer, ()) = tokio::join!(request, meanwhile);
    assert_eq!(answer.status, 201, "{}", answer.text);
    assert_eq!(answer.json["version"], 2);
    let label = app.get(&format!("{prompts}/labels/production")).await;
    assert_eq!(label.json["template"], "second");
    let deadlocks =
        "SELECT pg_stat_get_db_deadlocks(oid) FROM pg_database WHERE datname = current_database()";
    eventually("the deadlock is counted", PATIENCE, || async {
        watcher.number(deadlocks).await == 1
    })
    .await;
}

/// A server all of whose transactions are `REPEATABLE READ`, as an operator may set it.
async fn strict() -> TestApp {
    let url = cluster::database().await;
    let set = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = ''repeatable read''', \
               current_database()); END $$";
    cluster::execute(&url, set).await;
    TestApp::on_database(url, &[]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_serialization_failure_is_tried_again() {
    let app = strict().await;
    let path = agent(&app).await;
    let other = Session::open(&app.database_url).await;
    let watcher = Session::open(&app.database_url).await;
    other
        .run("BEGIN; UPDATE agents SET description = 'others were faster'")
        .await;
    let patch = app
        .request(Method::PATCH, &path)
        .json(&json!({ "metadata": { "a": 1 } }));
    let meanwhile = async {
        waits_for_a_lock(&watcher).await;
        other.run("COMMIT").await;
    };
    let (answer, ()) = tokio::join!(app.send(patch), meanwhile);
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.json["description"], "others were faster");
    assert_eq!(answer.json["metadata"], json!({ "a": 1 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_never_let_through_is_told_that_nothing_was_stored() {
    let app = TestApp::start().await;
    let prompts = format!("{}/prompts", agent(&app).await);
    let session = Session::open(&app.database_url).await;
    session
        .run(
            "CREATE SEQUENCE tries;
             CREATE FUNCTION collide() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                 PERFORM nextval('tries');
                 RAISE EXCEPTION 'deadlock detected' USING ERRCODE = '40P01';
             END $$;
             CREATE TRIGGER collide BEFORE INSERT ON prompts FOR EACH ROW EXECUTE FUNCTION collide()",
        )
        .await;
    let answer = app.post(&prompts, &labelled("never")).await;
    assert_eq!(answer.status, 503, "{}", answer.text);
    assert_eq!(answer.json["code"], "contended");
    assert_eq!(answer.header("retry-after"), "1");
    assert_eq!(session.number("SELECT last_value FROM tries").await, 4);
    assert_eq!(session.number("SELECT count(*) FROM prompts").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_short_of_something_is_a_503_that_stored_nothing() {
    let app = TestApp::start().await;
    let path = agent(&app).await;
    let session = Session::open(&app.database_url).await;
    session
        .run(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                 RAISE EXCEPTION 'could not extend file \"base/1/2\": No space left on device'
                     USING ERRCODE = '53100';
             END $$;
             CREATE TRIGGER refuse BEFORE INSERT ON prompts FOR EACH ROW EXECUTE FUNCTION refuse();
             CREATE TRIGGER refuse BEFORE INSERT ON logs FOR EACH ROW EXECUTE FUNCTION refuse()",
        )
        .await;
    let log = json!({ "level": "info", "message": "m" });
    for (kind, body) in [("prompts", labelled("no room")), ("logs", log)] {
        let answer = app.post(&format!("{path}/{kind}"), &body).await;
        assert_eq!(answer.status, 503, "{kind}: {}", answer.text);
        assert_eq!(answer.json["code"], "unavailable");
        assert!(
            answer.text.contains("Nothing was stored"),
            "{}",
            answer.text
        );
        let count = format!("SELECT count(*) FROM {kind}");
        assert_eq!(session.number(&count).await, 0);
    }
}

/// Has the database sleep when a prompt is stored: in the statement, or not before the commit.
async fn sleeps(app: &TestApp, when: &str) -> Session {
    let session = Session::open(&app.database_url).await;
    session
        .run(&format!(
            "CREATE FUNCTION sleep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                 PERFORM pg_sleep(60);
                 RETURN NULL;
             END $$;
             CREATE CONSTRAINT TRIGGER sleep AFTER INSERT ON prompts {when}
             FOR EACH ROW EXECUTE FUNCTION sleep()"
        ))
        .await;
    session
}

const IN_THE_STATEMENT: &str = "";
const IN_THE_COMMIT: &str = "DEFERRABLE INITIALLY DEFERRED";

/// The answer to a prompt whose database session is cut while it sleeps.
async fn cut_while_it_sleeps(when: &str) -> Answer {
    let app = TestApp::start().await;
    let prompts = format!("{}/prompts", agent(&app).await);
    let session = sleeps(&app, when).await;
    let body = labelled("cut");
    let cut = async {
        eventually("the session was cut", PATIENCE, || async {
            session
                .number(
                    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                     WHERE datname = current_database() AND wait_event = 'PgSleep'",
                )
                .await
                == 1
        })
        .await;
    };
    let (answer, ()) = tokio::join!(app.post(&prompts, &body), cut);
    assert_eq!(answer.status, 503, "{}", answer.text);
    assert_eq!(answer.header("retry-after"), "1");
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_lost_before_the_commit_has_stored_nothing() {
    let answer = cut_while_it_sleeps(IN_THE_STATEMENT).await;
    assert_eq!(answer.json["code"], "unavailable", "{}", answer.text);
    assert!(
        answer.text.contains("Nothing was stored"),
        "{}",
        answer.text
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_lost_in_the_commit_leaves_the_outcome_unknown() {
    let answer = cut_while_it_sleeps(IN_THE_COMMIT).await;
    assert_eq!(answer.json["code"], "outcome_unknown", "{}", answer.text);
    assert!(
        !answer.text.contains("Nothing was stored"),
        "{}",
        answer.text
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timeout_says_whether_it_may_have_been_stored() {
    for (when, nothing) in [(IN_THE_STATEMENT, true), (IN_THE_COMMIT, false)] {
        let bounds = agentdata::db::Bounds {
            statement_timeout: Duration::from_millis(700),
            ..cluster::bounds()
        };
        let app = TestApp::with_bounds(cluster::database().await, bounds, &[]).await;
        let prompts = format!("{}/prompts", agent(&app).await);
        let session = sleeps(&app, when).await;
        let answer = app.post(&prompts, &labelled("slow")).await;
        assert_eq!(answer.status, 504, "{}", answer.text);
        assert_eq!(
            answer.text.contains("Nothing was stored"),
            nothing,
            "{when}: {}",
            answer.text
        );
        assert_eq!(session.number("SELECT count(*) FROM prompts").await, 0);
    }
}
