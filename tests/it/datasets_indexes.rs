//! The indexes of large datasets: made, used, repaired and dropped, while everything stays right.

use std::{collections::HashSet, time::Duration};

use agentdata::{
    auth::Scope,
    datasets::indexes::{self, LOCK},
    db::Connector,
    settings::Indexing,
    values::Id,
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    datasets::create,
    support::{
        TestApp,
        cluster::{self, Session},
        eventually,
    },
};

/// How long what happens beside us may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// The indexes that datasets have of their own, and those of them that are good.
const INDEXES: &str =
    "SELECT count(*) FROM pg_class WHERE relkind = 'i' AND relname LIKE 'embeddings_of_one_%'";
const GRAPHS: &str = "SELECT count(*) FROM pg_class WHERE relkind = 'i' AND relname LIKE 'embeddings_of_one_graph_%'";
/// The locks on the work on indexes.
const HELD: &str = "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database
                    WHERE locktype = 'advisory' AND datname = current_database()";

/// Numbers without an order, from -1 to 1, the same at every run.
pub fn numbers(seed: u64, count: usize) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    };
    (0..count).map(next).collect()
}

/// Fills a dataset with vectors of a dimension. The metadata tells the number of each.
pub async fn fill(app: &TestApp, embeddings: &str, count: u64, dimension: usize) {
    let items: Vec<Value> = (0..count)
        .map(|n| {
            json!({ "content": format!("text {n}"), "embedding": numbers(n + 1, dimension),
                "metadata": { "n": n, "hundredth": n % 100 } })
        })
        .collect();
    for items in items.chunks(100) {
        let created = app.post(embeddings, &json!({ "items": items })).await;
        assert_eq!(created.status, 201, "{}", created.text);
    }
}

pub fn found(answer: &Value) -> Vec<String> {
    let items = answer["items"].as_array().unwrap().iter();
    items
        .map(|item| item["content"].as_str().unwrap().to_owned())
        .collect()
}

async fn state(app: &TestApp, path: &str) -> Value {
    app.get(path).await.json["index"]["state"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_dataset_gets_an_index_and_is_searched_by_it() {
    let app = TestApp::start().await;
    let session = Session::open(&app.database_url).await;
    for distance in ["cosine", "l2", "inner_product", "l1"] {
        let dataset = json!({ "name": distance, "distance": distance });
        let (path, embeddings, _) = create(&app, dataset).await;
        let search = format!("{embeddings}/search");
        fill(&app, &embeddings, 600, 16).await;
        assert_eq!(app.index(601).await.built, 0);
        assert_eq!(
            session.number(HELD).await,
            0,
            "a pass that is done is in nobody's way"
        );
        let before = app.get(&path).await.json;
        assert_eq!(
            before["index"],
            json!({ "state": "exact", "kind": null, "progress": null, "built_at": null })
        );
        assert_eq!(app.index(600).await.built, 3, "{distance}");
        assert_eq!(app.index(600).await.built, 0);
        let after = app.get(&path).await.json;
        let index = &after["index"];
        assert_eq!(
            (&index["state"], &index["kind"]),
            (&json!("ready"), &json!("hnsw"))
        );
        assert!(index["built_at"].is_string() && after["version"] != before["version"]);
        let mut right = 0;
        for n in 0..20 {
            let mut body = json!({ "vector": numbers(1_000 + n, 16) });
            let by_index = app.post(&search, &body).await.json;
            assert_eq!(by_index["answered_by"], "hnsw");
            body["exact"] = json!(true);
            let exact = app.post(&search, &body).await.json;
            assert_eq!(exact["answered_by"], "exact");
            let (by_index, exact) = (found(&by_index), found(&exact));
            assert_eq!(by_index.len(), 10);
            right += by_index.iter().filter(|text| exact.contains(text)).count();
        }
        assert!(right >= 190, "{distance}: {right} of 200");
        // What comes later is found too.
        let late = json!({ "items": [{ "content": "late", "embedding": vec![0.7; 16] }] });
        app.post(&embeddings, &late).await;
        let near = app
            .post(&search, &json!({ "vector": vec![0.7; 16], "k": 1 }))
            .await;
        if distance != "inner_product" {
            assert_eq!(found(&near.json), ["late"], "{distance}");
        }
    }
    let used = "SELECT count(*) FROM pg_stat_user_indexes \
                WHERE indexrelname LIKE 'embeddings_of_one_graph_%' AND idx_scan > 0";
    eventually("the graphs are used", PATIENCE, async || {
        session.number(used).await == 4
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn never_fewer_than_k_are_found_when_k_match() {
    let app = TestApp::start().await;
    let (_, embeddings, _) = create(&app, json!({ "name": "n" })).await;
    let search = format!("{embeddings}/search");
    fill(&app, &embeddings, 1_000, 16).await;
    app.index(1_000).await;
    let asked = numbers(5_000, 16);
    for (filter, matching) in [
        (json!({ "path": "/hundredth", "eq": 17 }), 10),
        (json!({ "path": "/n", "lt": 3 }), 3),
        (json!({ "path": "/n", "gte": 100 }), 900),
        (json!({ "path": "/n", "eq": "none" }), 0),
        (json!({ "path": "/hundredth", "ne": 17 }), 990),
    ] {
        for (k, ef_search) in [(10, 1), (10, 100), (50, 7), (1_000, 1_000)] {
            let mut body =
                json!({ "vector": asked, "k": k, "filter": filter, "ef_search": ef_search });
            let by_index = app.post(&search, &body).await.json;
            assert_eq!(found(&by_index).len(), matching.min(k), "{body}");
            // What is all that matches is right, whatever the way to it.
            body["exact"] = json!(true);
            let exact = found(&app.post(&search, &body).await.json);
            if matching <= k {
                assert_eq!(found(&by_index), exact, "{body}");
            }
        }
    }
    let distances = |answer: &Value| -> Vec<f64> {
        let items = answer["items"].as_array().unwrap().iter();
        items
            .map(|item| item["distance"].as_f64().unwrap())
            .collect()
    };
    let all = app
        .post(&search, &json!({ "vector": asked, "k": 30 }))
        .await
        .json;
    let all = distances(&all);
    assert!(all.is_sorted());
    let near = json!({ "vector": asked, "k": 30, "max_distance": all[6] + 1e-9 });
    let near = app.post(&search, &near).await.json;
    assert_eq!(
        (distances(&near).len(), &near["answered_by"]),
        (7, &json!("hnsw"))
    );
    // That nothing is near enough the index tells too.
    let nothing = json!({ "vector": asked, "k": 30, "max_distance": all[0] - 1e-6 });
    let nothing = app.post(&search, &nothing).await.json;
    assert_eq!(
        nothing,
        json!({ "items": [], "answered_by": "hnsw", "truncated": false })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_long_vectors_only_directions_have_an_index() {
    let app = TestApp::start().await;
    for (distance, dimension, built, state) in [
        ("cosine", 4_001, 3, "ready"),
        ("l2", 4_001, 2, "exact"),
        ("l2", 2_500, 3, "ready"),
    ] {
        let dataset = json!({ "name": distance, "distance": distance });
        let (path, embeddings, _) = create(&app, dataset).await;
        fill(&app, &embeddings, 100, dimension).await;
        assert_eq!(app.index(100).await.built, built);
        assert_eq!(app.get(&path).await.json["index"]["state"], state);
        let body = json!({ "vector": numbers(77, dimension), "k": 3 });
        let nearest = app.post(&format!("{embeddings}/search"), &body).await.json;
        assert_eq!(found(&nearest)[0], "text 76");
        assert_eq!(nearest["items"].as_array().unwrap().len(), 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn vectors_at_the_ends_of_what_is_accepted_can_be_indexed() {
    let app = TestApp::start().await;
    for (distance, ends) in [
        ("cosine", [json!([9e18, 1.0]), json!([1e-18, -1e-18])]),
        ("l2", [json!([65_504, -65_504]), json!([0, 1e-45])]),
        ("inner_product", [json!([-65_504, 65_504]), json!([0, 0])]),
        ("l1", [json!([65_504, 65_504]), json!([0, 0])]),
    ] {
        let dataset = json!({ "name": distance, "distance": distance });
        let (path, embeddings, _) = create(&app, dataset).await;
        let items = |ends: &[Value]| {
            let items = ends
                .iter()
                .map(|end| json!({ "content": "c", "embedding": end }));
            json!({ "items": items.collect::<Vec<_>>() })
        };
        app.post(&embeddings, &items(&ends)).await;
        app.index(2).await;
        assert_eq!(app.get(&path).await.json["index"]["state"], "ready");
        let more = app.post(&embeddings, &items(&ends)).await;
        assert_eq!(more.status, 201, "{}", more.text);
        for end in &ends {
            let body = json!({ "vector": end, "k": 4 });
            let found = app.post(&format!("{embeddings}/search"), &body).await;
            assert_eq!(
                found.json["items"].as_array().unwrap().len(),
                4,
                "{}",
                found.text
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_an_index_is_built_everything_goes_on_and_its_progress_is_told() {
    let app = TestApp::start().await;
    let (path, embeddings, _) = create(&app, json!({ "name": "n" })).await;
    fill(&app, &embeddings, 100, 8).await;
    // Building waits for a writer of the same partition.
    let writer = Session::open(&app.database_url).await;
    writer
        .run("BEGIN; UPDATE embeddings SET content = content WHERE metadata ->> 'n' = '0'")
        .await;
    let connector = Connector::new(&app.database_url, &cluster::bounds()).unwrap();
    let indexing = Indexing {
        index_threshold: 100,
        index_memory: 64,
    };
    let pass = tokio::spawn(async move { indexes::pass(&connector, &indexing).await });
    eventually("it is being built", PATIENCE, async || {
        app.get(&path).await.json["index"]["progress"] == json!(0.0)
    })
    .await;
    assert_eq!(state(&app, &path).await, "building");
    // Another server leaves it alone.
    assert_eq!(app.index(100).await.built, 0);
    let body = json!({ "vector": numbers(3, 8), "k": 1 });
    let nearest = app.post(&format!("{embeddings}/search"), &body).await.json;
    assert_eq!(
        (&nearest["answered_by"], found(&nearest)),
        (&json!("exact"), vec!["text 2".to_owned()])
    );
    let more = json!({ "items": [{ "content": "meanwhile", "embedding": vec![1; 8] }] });
    assert_eq!(app.post(&embeddings, &more).await.status, 201);
    // Nobody is told that it is as it was.
    let tag = app.get(&path).await.header("ETag").to_owned();
    let request = app.request(Method::GET, &path).header("If-None-Match", tag);
    assert_eq!(app.send(request).await.status, 200);
    writer.run("COMMIT").await;
    assert_eq!(pass.await.unwrap().unwrap().built, 3);
    assert_eq!(state(&app, &path).await, "ready");
    let late = json!({ "vector": vec![1; 8], "k": 1 });
    let late = app.post(&format!("{embeddings}/search"), &late).await.json;
    assert_eq!(
        (&late["answered_by"], found(&late)),
        (&json!("hnsw"), vec!["meanwhile".to_owned()])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_interrupted_is_done_again() {
    let app = TestApp::start().await;
    let session = Session::open(&app.database_url).await;
    let (path, embeddings, _) = create(&app, json!({ "name": "n" })).await;
    fill(&app, &embeddings, 100, 8).await;
    app.index(100).await;
    // As a crash during the build leaves it.
    session
        .run("UPDATE pg_index SET indisvalid = false WHERE indexrelid::regclass::text LIKE '%of_one_graph%'")
        .await;
    session
        .run("UPDATE datasets SET index_state = 'building'")
        .await;
    assert_eq!(app.index(100).await.built, 1);
    assert_eq!(
        (state(&app, &path).await, session.number(INDEXES).await),
        (json!("ready"), 3)
    );
    // As a crash between the build and its note leaves it.
    session
        .run("UPDATE datasets SET index_state = 'building'")
        .await;
    assert_eq!(app.index(100).await.built, 0);
    assert_eq!(state(&app, &path).await, "ready");
    // Somebody has dropped it.
    session
        .run("DO $$ BEGIN EXECUTE (SELECT 'DROP INDEX ' || relname FROM pg_class WHERE relname LIKE '%of_one_graph%'); END $$")
        .await;
    let body = json!({ "vector": numbers(3, 8), "k": 5 });
    let found = app.post(&format!("{embeddings}/search"), &body).await.json;
    assert_eq!(found["items"][0]["content"], "text 2");
    assert_eq!(app.index(100).await.built, 1);
    // Another server is at it.
    session
        .run(&format!("SELECT pg_advisory_lock({LOCK})"))
        .await;
    assert_eq!(app.index(1_000).await.dropped, 0);
    session
        .run(&format!("SELECT pg_advisory_unlock({LOCK})"))
        .await;
    assert_eq!(app.index(1_000).await.dropped, 3);
    assert_eq!(state(&app, &path).await, "exact");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dataset_that_shrinks_loses_its_index_and_then_may_have_another_shape() {
    let app = TestApp::start().await;
    let session = Session::open(&app.database_url).await;
    let (path, embeddings, dataset) = create(&app, json!({ "name": "n" })).await;
    fill(&app, &embeddings, 100, 8).await;
    app.index(100).await;
    let delete = format!("{embeddings}/delete");
    let below = |n: i32| json!({ "filter": { "path": "/n", "lt": n } });
    app.post(&delete, &below(50)).await;
    assert_eq!(app.index(100).await.dropped, 0);
    app.post(&delete, &below(51)).await;
    assert_eq!(app.index(100).await.dropped, 3);
    assert_eq!(state(&app, &path).await, "exact");
    // Emptied, but the index is not gone yet.
    fill(&app, &embeddings, 100, 8).await;
    app.index(100).await;
    app.post(&delete, &below(1_000)).await;
    let other = json!({ "name": "n", "dimension": 3, "distance": "l2" });
    let refused = app.put(&path, &other).await;
    assert_eq!(
        (refused.status, &refused.json["code"]),
        (409, &json!("has_embeddings"))
    );
    let kept = app.put(&path, &json!({ "name": "n" })).await;
    assert_eq!((kept.status, &kept.json["dimension"]), (200, &json!(8)));
    let short = json!({ "items": [{ "content": "c", "embedding": [1, 2, 3] }] });
    assert_eq!(app.post(&embeddings, &short).await.status, 422);
    assert_eq!(app.index(100).await.dropped, 3);
    assert_eq!(app.put(&path, &other).await.status, 200);
    assert_eq!(app.post(&embeddings, &short).await.status, 201);
    assert_eq!(session.number(INDEXES).await, 0);
    assert_eq!(dataset["index"]["state"], "exact");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_dataset_goes_when_its_indexes_are_gone() {
    let app = TestApp::start().await;
    let session = Session::open(&app.database_url).await;
    let (path, embeddings, _) = create(&app, json!({ "name": "dataset" })).await;
    fill(&app, &embeddings, 20, 8).await;
    let (of_agent, embeddings, _) = create(&app, json!({ "name": "of an agent" })).await;
    fill(&app, &embeddings, 20, 8).await;
    assert_eq!(app.index(20).await.built, 6);
    let (agent, _) = of_agent.split_once("/datasets").unwrap();
    app.delete(&path).await;
    app.delete(agent).await;
    session.run("UPDATE datasets SET deleted_at = now() - interval '1 hour' WHERE deleted_at IS NOT NULL").await;
    session
        .run(
            "UPDATE agents SET deleted_at = now() - interval '1 hour' WHERE deleted_at IS NOT NULL",
        )
        .await;
    assert_eq!(app.maintain().await, 40);
    assert_eq!(session.number("SELECT count(*) FROM datasets").await, 2);
    assert_eq!(app.index(20).await.dropped, 6);
    assert_eq!(app.maintain().await, 3);
    assert_eq!(session.number("SELECT count(*) FROM datasets").await, 0);
    assert_eq!(session.number(INDEXES).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_is_built_when_somebody_wants_it_and_anew_when_again() {
    let app = TestApp::start().await;
    let session = Session::open(&app.database_url).await;
    let (path, embeddings, dataset) = create(&app, json!({ "name": "n" })).await;
    fill(&app, &embeddings, 50, 8).await;
    let index = format!("/datasets/{}/index", dataset["id"].as_str().unwrap());
    let wanted = app.post(&index, &json!({})).await;
    assert_eq!(
        (wanted.status, &wanted.json["index"]["state"]),
        (202, &json!("exact"))
    );
    assert_eq!(app.index(10_000).await.built, 3);
    let built = app.get(&path).await.json["index"]["built_at"].clone();
    assert!(built.is_string());
    let again = app.post(&index, &json!({})).await;
    assert_eq!(
        (again.status, &again.json["index"]["built_at"]),
        (202, &built)
    );
    // Until it is built, searches go by the old one.
    let body = json!({ "vector": numbers(3, 8), "k": 5 });
    let search = app.post(&format!("{embeddings}/search"), &body).await.json;
    assert_eq!(search["answered_by"], "hnsw");
    let pass = app.index(10_000).await;
    assert_eq!((pass.built, pass.dropped), (1, 1));
    let anew = app.get(&path).await.json["index"]["built_at"].clone();
    assert_ne!(anew, built);
    assert_eq!(session.number(GRAPHS).await, 1);
    let nowhere = app
        .post(&format!("/datasets/{}/index", Id::new()), &json!({}))
        .await;
    assert_eq!(nowhere.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn datasets_of_one_id_in_two_tenants_do_not_meet() {
    let app = TestApp::start().await;
    let id = Id::new();
    let mut searches = HashSet::new();
    for (tenant, dimension) in [("one", 8), ("two", 5)] {
        let token = app.token(Scope::ALL, tenant);
        let post = async |path: String, body: Value| {
            let request = app.anonymous(Method::POST, &path).bearer_auth(&token);
            let answer = app.send(request.json(&body)).await;
            assert!(answer.status < 300, "{}", answer.text);
            answer.json
        };
        let agent = post("/agents".into(), json!({ "name": "a" })).await;
        let datasets = format!("/agents/{}/datasets", agent["id"].as_str().unwrap());
        post(datasets, json!({ "id": id, "name": "d" })).await;
        let embeddings = format!("/datasets/{id}/embeddings");
        for round in 0..2 {
            let items: Vec<Value> = (0..20)
                .map(|n| json!({ "content": format!("{tenant} {round} {n}"), "embedding": numbers(n + 1, dimension) }))
                .collect();
            post(embeddings.clone(), json!({ "items": items })).await;
            app.index(20).await;
        }
        let search = json!({ "vector": numbers(1, dimension), "k": 1_000 });
        let all = found(&post(format!("{embeddings}/search"), search).await);
        assert_eq!(all.len(), 40);
        assert!(all.iter().all(|content| content.starts_with(tenant)));
        searches.insert(all);
    }
    assert_eq!(searches.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn recall_is_measured_on_the_dataset_itself() {
    let app = TestApp::start().await;
    let (_, embeddings, dataset) = create(&app, json!({ "name": "n", "distance": "l2" })).await;
    let path = format!("/datasets/{}/recall", dataset["id"].as_str().unwrap());
    let none = app.get(&path).await;
    assert_eq!(
        none.json,
        json!({ "recall": 1.0, "samples": 0, "indexed": false })
    );
    fill(&app, &embeddings, 1_500, 256).await;
    app.index(1_500).await;
    let well = app.get(&format!("{path}?samples=30")).await.json;
    assert_eq!(
        (&well["samples"], &well["indexed"]),
        (&json!(30), &json!(true))
    );
    assert!(well["recall"].as_f64().unwrap() > 0.9, "{well}");
    // A graph is made by lot. With a single embedding in sight it misses 20 to 45 of these 500.
    let badly = app
        .get(&format!("{path}?samples=50&k=10&ef_search=1"))
        .await
        .json;
    assert!(badly["recall"].as_f64().unwrap() < 1.0, "{badly}");
    for (query, parameter) in [
        ("k=0", "k"),
        ("k=101", "k"),
        ("samples=1001", "samples"),
        ("ef_search=0", "ef_search"),
    ] {
        let refused = app.get(&format!("{path}?{query}")).await;
        assert_eq!((refused.status, refused.places()), (422, vec![parameter]));
    }
}
