//! Many callers write one agent's prompts and labels at once.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;

use crate::{
    agents_concurrency::statuses,
    prompts::{create, prompts, text, versions},
    support::{Answer, TestApp, cluster::Session},
};

const CALLERS: usize = 64;

async fn put(app: &TestApp, path: &str, version: usize, if_match: Option<&str>) -> Answer {
    let request = app.request(Method::PUT, path);
    let mut request = request.json(&json!({ "version": version }));
    if let Some(tags) = if_match {
        request = request.header("If-Match", tags);
    }
    app.send(request).await
}

/// The moves of the label, checked to be without a gap; answers how many.
async fn moves(app: &TestApp, path: &str) -> usize {
    let page = app.get(&format!("{path}/moves?limit=1000")).await;
    let items = page.json["items"].as_array().unwrap();
    let numbers = items.iter().map(|item| item["number"].as_u64().unwrap());
    assert!(numbers.eq((1..=items.len() as u64).rev()));
    items.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn many_creates_make_versions_without_gaps_and_one_latest() {
    let app = TestApp::start().await;
    let two = TestApp::on_database(app.database_url.clone(), &[]).await;
    let path = prompts(&app).await;
    let bodies: Vec<_> = (0..CALLERS)
        .map(|caller| {
            let mut body = text(&format!("{caller}"));
            // In another order for each, so that they would deadlock without one of ours.
            let labels = ["a", "b", "c"];
            body["labels"] = json!([labels[caller % 3], labels[(caller + 1) % 3]]);
            body
        })
        .collect();
    let servers = [&app, &two];
    let posts = bodies.iter().enumerate();
    let answers = join_all(posts.map(|(n, body)| servers[n % 2].post(&path, body))).await;
    assert_eq!(statuses(&answers), BTreeMap::from([(201, CALLERS)]));
    let made: BTreeSet<_> = answers
        .iter()
        .map(|answer| answer.json["version"].as_u64().unwrap())
        .collect();
    assert!(made.into_iter().eq(1..=CALLERS as u64));
    let all = versions(&app.get(&path).await);
    assert!(all.into_iter().eq((1..=CALLERS as i64).rev()));
    let latest = app.get(&format!("{path}/labels/latest")).await;
    assert_eq!(latest.json["version"], CALLERS);
    for label in ["a", "b", "c"] {
        // Each caller's two labels moved to its own version, the last one's sit there still.
        let last = answers
            .iter()
            .zip(&bodies)
            .filter(|(_, body)| body["labels"].as_array().unwrap().contains(&json!(label)))
            .map(|(answer, _)| answer.json["version"].as_u64().unwrap());
        let read = app.get(&format!("{path}/labels/{label}")).await;
        assert_eq!(read.json["version"].as_u64(), last.max(), "{label}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_creates_with_one_parent_one_succeeds() {
    let app = TestApp::start().await;
    let path = prompts(&app).await;
    for parent in [0, 1] {
        let mut body = text("t");
        body["parent_version"] = json!(parent);
        let answers = join_all((0..CALLERS).map(|_| app.post(&path, &body))).await;
        assert_eq!(
            statuses(&answers),
            BTreeMap::from([(201, 1), (409, CALLERS - 1)])
        );
    }
    assert_eq!(versions(&app.get(&path).await), [2, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_resends_with_one_key_one_creates() {
    let app = TestApp::start().await;
    let path = prompts(&app).await;
    let body = text("t");
    let post = async |_| {
        let request = app.request(Method::POST, &path).json(&body);
        app.send(request.header("Idempotency-Key", "key")).await
    };
    let answers = join_all((0..CALLERS).map(post)).await;
    assert_eq!(statuses(&answers), BTreeMap::from([(201, CALLERS)]));
    assert!(answers.iter().all(|answer| answer.text == answers[0].text));
    assert_eq!(versions(&app.get(&path).await), [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_moves_of_a_label_never_fail_and_leave_it_on_one_version() {
    let app = TestApp::start().await;
    let two = TestApp::on_database(app.database_url.clone(), &[]).await;
    let session = Session::open(&app.database_url).await;
    let path = prompts(&app).await;
    for _ in 0..4 {
        create(&app, &path, &text("t")).await;
    }
    let label = format!("{path}/labels/production");
    let servers = [&app, &two];
    // The first of them make it, all at once.
    let sets = (0..CALLERS).map(|n| put(servers[n % 2], &label, 1 + n % 4, None));
    let answers = join_all(sets).await;
    assert_eq!(statuses(&answers), BTreeMap::from([(200, CALLERS)]));
    let rows = "SELECT count(*) FROM prompt_labels";
    assert_eq!(session.number(rows).await, 1);
    let read = app.get(&label).await;
    let last = app.get(&format!("{label}/moves?limit=1")).await;
    assert_eq!(read.json["version"], last.json["items"][0]["version"]);
    moves(&app, &label).await;

    // Sets and deletes and creates that take the label along, in any order.
    let mut labelled = text("t");
    labelled["labels"] = json!(["production"]);
    let labelled = &labelled;
    let (path, label) = (&path, &label);
    let mixed = (0..CALLERS).map(async |n| match n % 3 {
        0 => put(servers[n % 2], label, 1 + n % 4, None).await,
        1 => servers[n % 2].delete(label).await,
        _ => servers[n % 2].post(path, labelled).await,
    });
    let answers = join_all(mixed).await;
    for (n, answer) in answers.iter().enumerate() {
        let expected: &[u16] = [&[200][..], &[204, 404], &[201]][n % 3];
        assert!(expected.contains(&answer.status), "{}", answer.text);
    }
    assert_eq!(session.number(rows).await, 1);
    moves(&app, label).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_moves_from_one_version_one_succeeds() {
    let app = TestApp::start().await;
    let path = prompts(&app).await;
    for _ in 0..2 {
        create(&app, &path, &text("t")).await;
    }
    let label = format!("{path}/labels/l");
    put(&app, &label, 1, None).await;
    let answers = join_all((0..CALLERS).map(|_| put(&app, &label, 2, Some("\"1\"")))).await;
    assert_eq!(
        statuses(&answers),
        BTreeMap::from([(200, 1), (412, CALLERS - 1)])
    );
    let create = async |_| {
        let request = app.request(Method::PUT, &format!("{path}/labels/new"));
        let request = request.json(&json!({ "version": 1 }));
        app.send(request.header("If-None-Match", "*")).await
    };
    let answers = join_all((0..CALLERS).map(create)).await;
    assert_eq!(
        statuses(&answers),
        BTreeMap::from([(200, 1), (412, CALLERS - 1)])
    );
    let delete = (0..CALLERS).map(|_| app.delete(&label));
    let answers = join_all(delete).await;
    assert_eq!(
        statuses(&answers),
        BTreeMap::from([(204, 1), (404, CALLERS - 1)])
    );
    assert_eq!(moves(&app, &label).await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn creates_and_moves_against_a_delete_of_the_agent_end_in_404_and_leave_nothing() {
    let app = TestApp::start().await;
    let session = Session::open(&app.database_url).await;
    let path = prompts(&app).await;
    create(&app, &path, &text("t")).await;
    let (agent, label) = (
        path.trim_end_matches("/prompts"),
        format!("{path}/labels/l"),
    );
    let body = text("u");
    let calls = (0..CALLERS).map(async |n| match n {
        20 => app.delete(agent).await,
        n if n % 2 == 0 => app.post(&path, &body).await,
        _ => put(&app, &label, 1, None).await,
    });
    for answer in join_all(calls).await {
        assert!(
            [200, 201, 204, 404].contains(&answer.status),
            "{}",
            answer.text
        );
    }
    session
        .run("UPDATE agents SET deleted_at = now() - interval '1 hour'")
        .await;
    app.maintain().await;
    let left = "SELECT (SELECT count(*) FROM prompts) + (SELECT count(*) FROM prompt_heads)
        + (SELECT count(*) FROM prompt_labels) + (SELECT count(*) FROM prompt_label_moves)
        + (SELECT count(*) FROM agents)";
    assert_eq!(session.number(left).await, 0);
}
