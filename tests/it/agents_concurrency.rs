//! Many callers write the same agents at once.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    agents::create,
    support::{Answer, TestApp},
};

const CALLERS: usize = 64;

/// How often each status was answered.
pub fn statuses(answers: &[Answer]) -> BTreeMap<u16, usize> {
    let mut counts = BTreeMap::new();
    for answer in answers {
        *counts.entry(answer.status).or_default() += 1;
    }
    counts
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_creates_of_one_name_one_succeeds() {
    let app = TestApp::start().await;
    let body = json!({ "name": "wanted" });
    let answers = join_all((0..CALLERS).map(|_| app.post("/agents", &body))).await;
    assert_eq!(
        statuses(&answers),
        BTreeMap::from([(201, 1), (409, CALLERS - 1)])
    );
    let winner = answers.iter().find(|answer| answer.status == 201).unwrap();
    assert_eq!(app.get("/agents").await.json["items"], json!([winner.json]));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_puts_on_one_version_one_succeeds() {
    let app = TestApp::start().await;
    let (path, _) = create(&app, "n").await;
    let put = async |caller: usize| {
        let body = json!({ "name": "n", "metadata": { "caller": caller } });
        let request = app.request(Method::PUT, &path).json(&body);
        app.send(request.header("If-Match", "\"1\"")).await
    };
    let answers = join_all((0..CALLERS).map(put)).await;
    assert_eq!(
        statuses(&answers),
        BTreeMap::from([(200, 1), (412, CALLERS - 1)])
    );
    let winner = answers.iter().find(|answer| answer.status == 200).unwrap();
    assert_eq!(app.get(&path).await.json, winner.json);
    assert_eq!(winner.json["version"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_patches_none_is_lost() {
    let app = TestApp::start().await;
    let (path, _) = create(&app, "n").await;
    let patches = (0..CALLERS).map(|caller| json!({ "metadata": { caller.to_string(): caller } }));
    let patches: Vec<_> = patches.collect();
    let answers = join_all(patches.iter().map(|patch| app.patch(&path, patch))).await;
    assert_eq!(statuses(&answers), BTreeMap::from([(200, CALLERS)]));
    let agent = app.get(&path).await.json;
    assert_eq!(agent["version"], json!(1 + CALLERS));
    for caller in 0..CALLERS {
        assert_eq!(agent["metadata"][caller.to_string()], json!(caller));
    }
    let mut versions: Vec<_> = answers
        .iter()
        .map(|answer| answer.json["version"].as_u64().unwrap())
        .collect();
    versions.sort_unstable();
    assert!(versions.into_iter().eq(2..2 + CALLERS as u64));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_patches_on_one_version_one_succeeds() {
    let app = TestApp::start().await;
    let (path, _) = create(&app, "n").await;
    let patch = async |_| {
        let request = app.request(Method::PATCH, &path).json(&json!({}));
        app.send(request.header("If-Match", "\"1\"")).await
    };
    let answers = join_all((0..CALLERS).map(patch)).await;
    assert_eq!(
        statuses(&answers),
        BTreeMap::from([(200, 1), (412, CALLERS - 1)])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn agents_that_want_each_others_name_are_refused_and_keep_theirs() {
    let app = TestApp::start().await;
    let (first, _) = create(&app, "a").await;
    let (second, _) = create(&app, "b").await;
    let (to_a, to_b) = (json!({ "name": "a" }), json!({ "name": "b" }));
    let rounds = (0..CALLERS)
        .map(async |_| tokio::join!(app.patch(&first, &to_b), app.patch(&second, &to_a)));
    // Both hold their own name and wait for the other's: PostgreSQL ends one of the two, which may
    // come again; it is no fault of the server.
    for (one, other) in join_all(rounds).await {
        for answer in [one, other] {
            let again = answer.status == 503 && !answer.header("retry-after").is_empty();
            assert!(answer.status == 409 || again, "{}", answer.text);
        }
    }
    for (path, name) in [(first, "a"), (second, "b")] {
        assert_eq!(app.get(&path).await.json["name"], name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_deletes_one_succeeds_and_no_write_comes_after() {
    let app = TestApp::start().await;
    let (path, _) = create(&app, "n").await;
    let patch: Value = json!({ "model": "m" });
    let (deletes, patches) = tokio::join!(
        join_all((0..CALLERS / 2).map(|_| app.delete(&path))),
        join_all((0..CALLERS / 2).map(|_| app.patch(&path, &patch))),
    );
    let expected = BTreeMap::from([(204, 1), (404, CALLERS / 2 - 1)]);
    assert_eq!(statuses(&deletes), expected);
    let patched = statuses(&patches);
    assert!(
        patched.keys().all(|status| [200, 404].contains(status)),
        "{patched:?}"
    );
    assert_eq!(app.get(&path).await.status, 404);
}
