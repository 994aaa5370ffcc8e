//! Many callers change the same configs at once.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    agents_concurrency::statuses,
    configs::{configs, set_if},
    support::TestApp,
};

const CALLERS: usize = 64;

#[tokio::test(flavor = "multi_thread")]
async fn of_many_sets_on_one_version_one_succeeds() {
    let app = TestApp::start().await;
    let path = configs(&app).await;
    app.post(&path, &json!({ "key": "k", "value": "first" }))
        .await;
    let bodies: Vec<_> = (0..CALLERS)
        .map(|n| json!({ "key": "k", "value": n }))
        .collect();
    let sets = bodies
        .iter()
        .map(|body| set_if(&app, &path, body, ("If-Match", "\"1\"")));
    let answers = join_all(sets).await;
    assert_eq!(
        statuses(&answers),
        BTreeMap::from([(200, 1), (412, CALLERS - 1)])
    );
    let winner = answers.iter().find(|answer| answer.status == 200).unwrap();
    assert_eq!(winner.json["version"], 2);
    assert_eq!(app.get(&format!("{path}/k")).await.json, winner.json);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_sets_none_is_lost() {
    let app = TestApp::start().await;
    let path = configs(&app).await;
    let bodies: Vec<_> = (0..CALLERS)
        .map(|n| json!({ "key": "k", "value": n }))
        .collect();
    let answers = join_all(bodies.iter().map(|body| app.post(&path, body))).await;
    assert_eq!(
        statuses(&answers),
        BTreeMap::from([(200, CALLERS - 1), (201, 1)])
    );
    let list = app.get(&format!("{path}/k/versions?limit=1000")).await;
    let items = list.json["items"].as_array().unwrap();
    let numbers = items
        .iter()
        .rev()
        .map(|item| item["version"].as_u64().unwrap());
    assert!(numbers.eq(1..=CALLERS as u64), "contiguous");
    let values: BTreeSet<_> = items
        .iter()
        .map(|item| item["value"].as_u64().unwrap())
        .collect();
    assert!(values.into_iter().eq(0..CALLERS as u64));
    for answer in &answers {
        let version = &answer.json["version"];
        let read = app.get(&format!("{path}/k?version={version}")).await;
        assert_eq!(read.json, answer.json);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_creates_one_is_the_first() {
    let app = TestApp::start().await;
    let path = configs(&app).await;
    let body = json!({ "key": "k", "value": 1 });
    let only_create = (0..CALLERS).map(|_| set_if(&app, &path, &body, ("If-None-Match", "*")));
    let answers = join_all(only_create).await;
    assert_eq!(
        statuses(&answers),
        BTreeMap::from([(201, 1), (412, CALLERS - 1)])
    );
    let same = json!({ "key": "same", "value": 1 });
    let answers = join_all((0..CALLERS).map(|_| app.post(&path, &same))).await;
    assert_eq!(
        statuses(&answers),
        BTreeMap::from([(200, CALLERS - 1), (201, 1)])
    );
    assert!(answers.iter().all(|answer| answer.json == answers[0].json));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_resends_one_is_carried_out() {
    let app = TestApp::start().await;
    let path = configs(&app).await;
    let body = json!({ "key": "k", "value": 1 });
    let sends = (0..CALLERS).map(|_| set_if(&app, &path, &body, ("Idempotency-Key", "key")));
    let answers = join_all(sends).await;
    assert_eq!(statuses(&answers), BTreeMap::from([(201, CALLERS)]));
    assert!(answers.iter().all(|answer| answer.text == answers[0].text));
}

#[tokio::test(flavor = "multi_thread")]
async fn sets_restores_and_deletes_at_once_leave_a_contiguous_history() {
    let app = TestApp::start().await;
    let path = configs(&app).await;
    let one = format!("{path}/k");
    app.post(&path, &json!({ "key": "k", "value": "first" }))
        .await;
    let bodies: Vec<Value> = (0..16).map(|n| json!({ "key": "k", "value": n })).collect();
    let (restore, first) = (format!("{one}/restore"), json!({ "version": 1 }));
    let (sets, restores, deletes) = tokio::join!(
        join_all(bodies.iter().map(|body| app.post(&path, body))),
        join_all((0..16).map(|_| app.post(&restore, &first))),
        join_all((0..16).map(|_| app.delete(&one))),
    );
    let all = sets.iter().chain(&restores).chain(&deletes);
    assert!(
        all.into_iter()
            .all(|a| [200, 201, 204, 404].contains(&a.status))
    );
    let list = app.get(&format!("{one}/versions?limit=1000")).await;
    let items = list.json["items"].as_array().unwrap();
    let numbers = items
        .iter()
        .rev()
        .map(|item| item["version"].as_u64().unwrap());
    assert!(numbers.eq(1..=items.len() as u64));
    let tombstones = items.iter().filter(|item| item["deleted"] == true).count();
    assert_eq!(
        tombstones,
        deletes.iter().filter(|a| a.status == 204).count()
    );
    let written = sets.iter().filter(|a| a.json["version"] != 1).count();
    assert_eq!(written, 16, "every set made its version");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_server_set_another_reads_at_once() {
    let one = TestApp::start().await;
    let other = TestApp::on_database(one.database_url.clone(), &[]).await;
    let path = configs(&one).await;
    for n in 0..50 {
        let (writer, reader) = if n % 2 == 0 {
            (&one, &other)
        } else {
            (&other, &one)
        };
        writer.post(&path, &json!({ "key": "k", "value": n })).await;
        assert_eq!(reader.get(&format!("{path}/k")).await.json["value"], n);
    }
}
