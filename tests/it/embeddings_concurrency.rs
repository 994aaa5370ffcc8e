//! Many callers write to one dataset at once.

use std::collections::{BTreeMap, BTreeSet};

use agentdata::values::Id;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    agents_concurrency::statuses, datasets::create, embeddings::counted, support::TestApp,
};

const CALLERS: usize = 32;

fn items(ids: impl Iterator<Item = Id>, dimension: usize) -> Value {
    let items = ids.map(|id| json!({ "id": id, "content": "c", "embedding": vec![1; dimension] }));
    json!({ "items": items.collect::<Vec<_>>() })
}

#[tokio::test(flavor = "multi_thread")]
async fn the_count_is_exact_whoever_adds_and_removes() {
    let app = TestApp::start().await;
    let (path, embeddings, _) = create(&app, json!({ "name": "n" })).await;
    let ids: Vec<Vec<Id>> = (0..CALLERS)
        .map(|_| (0..5).map(|_| Id::new()).collect())
        .collect();
    let add = async |ids: &Vec<Id>| app.post(&embeddings, &items(ids.iter().copied(), 3)).await;
    let added = join_all(ids.iter().map(add)).await;
    assert_eq!(statuses(&added), BTreeMap::from([(201, CALLERS)]));
    assert_eq!(counted(&app, &path).await, 5 * CALLERS as i64);
    // Two remove each, while others add.
    let remove = async |id: Id| app.delete(&format!("{embeddings}/{id}")).await;
    let all = ids
        .iter()
        .flat_map(|ids| [ids[0], ids[0], ids[1]])
        .map(remove);
    let more = (0..CALLERS).map(async |_| {
        let body = items(std::iter::once(Id::new()), 3);
        app.post(&embeddings, &body).await
    });
    let (removed, added) = tokio::join!(join_all(all), join_all(more));
    let expected = BTreeMap::from([(204, 2 * CALLERS), (404, CALLERS)]);
    assert_eq!(statuses(&removed), expected);
    assert_eq!(statuses(&added), BTreeMap::from([(201, CALLERS)]));
    assert_eq!(counted(&app, &path).await, 4 * CALLERS as i64);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_first_embeddings_at_once_one_fixes_the_dimension() {
    let app = TestApp::start().await;
    for _ in 0..8 {
        let (path, embeddings, _) = create(&app, json!({ "name": "n" })).await;
        let add = async |dimension: usize| {
            let body = items(std::iter::once(Id::new()), dimension);
            (dimension, app.post(&embeddings, &body).await)
        };
        let answers = join_all([2, 3, 2, 3].map(add)).await;
        let stored = answers.iter().filter(|(_, answer)| answer.status == 201);
        let dimensions: BTreeSet<_> = stored.clone().map(|(dimension, _)| *dimension).collect();
        assert_eq!(dimensions.len(), 1);
        assert_eq!(stored.count(), 2);
        for (_, refused) in answers.iter().filter(|(_, answer)| answer.status != 201) {
            let place = vec!["/items/0/embedding"];
            assert_eq!((refused.status, refused.places()), (422, place));
        }
        let dataset = app.get(&path).await.json;
        assert_eq!(dataset["dimension"], json!(dimensions.first()));
        assert_eq!(counted(&app, &path).await, 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shape_does_not_change_under_a_first_embedding() {
    let app = TestApp::start().await;
    for _ in 0..8 {
        let (path, embeddings, _) = create(&app, json!({ "name": "n", "dimension": 2 })).await;
        let body = items(std::iter::once(Id::new()), 2);
        let change = json!({ "dimension": 3, "distance": "l2" });
        let (added, changed) =
            tokio::join!(app.post(&embeddings, &body), app.patch(&path, &change));
        let dataset = app.get(&path).await.json;
        match (added.status, changed.status) {
            (201, 409) => assert_eq!(dataset["dimension"], 2),
            (422, 200) => assert_eq!(dataset["dimension"], 3),
            other => panic!("{other:?}"),
        }
        counted(&app, &path).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_with_the_same_ids_in_any_order_do_not_fail_each_other() {
    let app = TestApp::start().await;
    let (path, embeddings, _) = create(&app, json!({ "name": "n" })).await;
    let ids: Vec<Id> = (0..50).map(|_| Id::new()).collect();
    let add = async |caller: usize| {
        let mut ids = ids.clone();
        ids.rotate_left(caller % 50);
        if caller.is_multiple_of(2) {
            ids.reverse();
        }
        let update = if caller.is_multiple_of(3) {
            "?on_conflict=update"
        } else {
            ""
        };
        let path = format!("{embeddings}{update}");
        app.post(&path, &items(ids.into_iter(), 3)).await
    };
    let answers = join_all((0..CALLERS).map(add)).await;
    assert_eq!(statuses(&answers), BTreeMap::from([(201, CALLERS)]));
    let stored = answers
        .iter()
        .map(|answer| answer.json["stored"].as_i64().unwrap());
    assert_eq!(stored.sum::<i64>(), 50);
    assert_eq!(counted(&app, &path).await, 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_added_to_a_dataset_that_is_being_deleted() {
    let app = TestApp::start().await;
    for _ in 0..4 {
        let (path, embeddings, dataset) = create(&app, json!({ "name": "n" })).await;
        let add = async |_| {
            let body = items(std::iter::once(Id::new()), 3);
            app.post(&embeddings, &body).await
        };
        let (added, deleted) = tokio::join!(join_all((0..8).map(add)), app.delete(&path));
        assert_eq!(deleted.status, 204);
        let stored = statuses(&added);
        assert!(
            stored.keys().all(|status| [201, 404].contains(status)),
            "{stored:?}"
        );
        // What was accepted was counted before the end.
        let session = crate::support::cluster::Session::open(&app.database_url).await;
        let id = dataset["id"].as_str().unwrap();
        let counted = session
            .number(&format!(
                "SELECT embedding_count FROM datasets WHERE id = '{id}'"
            ))
            .await;
        let there = session
            .number(&format!(
                "SELECT count(*) FROM embeddings WHERE dataset_id = '{id}'"
            ))
            .await;
        let accepted = stored.get(&201).copied().unwrap_or_default();
        assert_eq!((counted, there), (accepted as i64, accepted as i64));
    }
}
