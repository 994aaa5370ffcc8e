//! Filters on metadata: right by an oracle that evaluates them itself, the same in lists, deletions and
//! searches.

use std::cmp::Ordering;

use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRunner},
};
use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::{datasets::create, support::TestApp};

/// Does what the documentation of filters says.
fn holds(filter: &Value, metadata: &Value) -> bool {
    let path = filter["path"].as_str().unwrap_or_default();
    let there = metadata.pointer(path);
    let members = filter.as_object().unwrap();
    members.iter().all(|(operator, value)| {
        let list = || value.as_array().unwrap().iter();
        let order = || there.and_then(|there| compare(there, value));
        match operator.as_str() {
            "path" => true,
            "eq" => there.is_some_and(|there| equal(there, value)),
            "ne" => !there.is_some_and(|there| equal(there, value)),
            "in" => there.is_some_and(|there| list().any(|value| equal(there, value))),
            "lt" => order() == Some(Ordering::Less),
            "lte" => order().is_some_and(Ordering::is_le),
            "gt" => order() == Some(Ordering::Greater),
            "gte" => order().is_some_and(Ordering::is_ge),
            "exists" => there.is_some() == *value,
            "contains" => match (there, value) {
                (Some(Value::Array(items)), value) => items.iter().any(|item| equal(item, value)),
                (Some(Value::String(text)), Value::String(part)) => text.contains(part),
                _ => false,
            },
            "prefix" => there
                .and_then(Value::as_str)
                .is_some_and(|text| text.starts_with(value.as_str().unwrap())),
            "and" => list().all(|filter| holds(filter, metadata)),
            "or" => list().any(|filter| holds(filter, metadata)),
            "not" => !holds(value, metadata),
            other => panic!("{other}"),
        }
    })
}

fn equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(a, b)| equal(a, b))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(key, value)| other.get(key).is_some_and(|other| equal(value, other)))
        }
        _ => one == other,
    }
}

fn compare(one: &Value, other: &Value) -> Option<Ordering> {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64()?.partial_cmp(&other.as_f64()?),
        (Value::String(one), Value::String(other)) => Some(one.cmp(other)),
        (Value::Bool(one), Value::Bool(other)) => Some(one.cmp(other)),
        _ => None,
    }
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!("")),
        Just(json!("a")),
        Just(json!("ab")),
        Just(json!("Ä")),
        Just(json!("B'\"\\%")),
        Just(json!(1)),
        Just(json!(1.0)),
        Just(json!(-2.5)),
        Just(json!(10)),
        Just(json!(true)),
        Just(json!(false)),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let simple = prop_oneof![8 => scalar(), 1 => Just(Value::Null)];
    prop_oneof![
        6 => simple.clone(),
        1 => prop::collection::vec(simple.clone(), 0..3).prop_map(Value::from),
        1 => simple.prop_map(|inner| json!({ "a": inner })),
    ]
}

const KEYS: [&str; 4] = ["a", "b", "0", "x/y~z"];

fn metadata() -> impl Strategy<Value = Value> {
    prop::collection::vec((prop::sample::select(&KEYS[..]), value()), 0..4).prop_map(|members| {
        let members = members
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value));
        Value::Object(members.collect())
    })
}

fn filter() -> impl Strategy<Value = Value> {
    let path = prop_oneof![
        Just("/a"),
        Just("/b"),
        Just("/0"),
        Just("/x~1y~0z"),
        Just("/a/a"),
        Just("/a/0"),
        Just("/none"),
        Just("")
    ];
    let comparison = prop_oneof![
        value().prop_map(|value| ("eq", value)),
        value().prop_map(|value| ("ne", value)),
        prop::collection::vec(value(), 1..4).prop_map(|values| ("in", Value::from(values))),
        (
            prop::sample::select(vec!["lt", "lte", "gt", "gte"]),
            scalar()
        ),
        any::<bool>().prop_map(|exists| ("exists", json!(exists))),
        scalar().prop_map(|value| ("contains", value)),
        prop::sample::select(vec!["", "a", "B'\"", "%", "Ä"])
            .prop_map(|text| ("prefix", json!(text))),
    ];
    let simple = (path, prop::collection::vec(comparison, 1..3)).prop_map(|(path, comparisons)| {
        let mut filter = Map::new();
        filter.insert("path".into(), json!(path));
        for (operator, value) in comparisons {
            filter.insert(operator.into(), value);
        }
        Value::Object(filter)
    });
    simple.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..3).prop_map(|all| json!({ "and": all })),
            prop::collection::vec(inner.clone(), 1..3).prop_map(|all| json!({ "or": all })),
            inner.prop_map(|one| json!({ "not": one })),
        ]
    })
}

/// The numbers of the embeddings that a list with a filter has.
async fn listed(app: &TestApp, embeddings: &str, filter: &Value) -> Vec<String> {
    let query = [
        ("filter", filter.to_string()),
        ("include", "none".to_owned()),
    ];
    let answer = app
        .send(app.request(Method::GET, embeddings).query(&query))
        .await;
    assert_eq!(answer.status, 200, "{filter}: {}", answer.text);
    contents(&answer.json)
}

fn contents(answer: &Value) -> Vec<String> {
    let items = answer["items"].as_array().unwrap().iter();
    let mut contents: Vec<_> = items
        .map(|item| item["content"].as_str().unwrap().to_owned())
        .collect();
    contents.sort();
    contents
}

#[tokio::test(flavor = "multi_thread")]
async fn every_filter_holds_for_what_it_says() {
    let app = TestApp::start().await;
    let (_, embeddings, _) = create(&app, json!({ "name": "n" })).await;
    let mut runner = TestRunner::new(Config::default());
    let documents: Vec<Value> = (0..60)
        .map(|_| metadata().new_tree(&mut runner).unwrap().current())
        .collect();
    let items: Vec<Value> = documents
        .iter()
        .enumerate()
        .map(|(n, metadata)| {
            json!({ "content": n.to_string(), "embedding": [1, 2], "metadata": metadata })
        })
        .collect();
    assert_eq!(
        app.post(&embeddings, &json!({ "items": items }))
            .await
            .status,
        201
    );
    let mut some = 0;
    for _ in 0..300 {
        let filter = filter().new_tree(&mut runner).unwrap().current();
        let numbered = documents.iter().enumerate();
        let mut expected: Vec<_> = numbered
            .filter(|(_, metadata)| holds(&filter, metadata))
            .map(|(n, _)| n.to_string())
            .collect();
        expected.sort();
        assert_eq!(
            listed(&app, &embeddings, &filter).await,
            expected,
            "{filter} of {documents:?}"
        );
        some += usize::from(!expected.is_empty() && expected.len() < documents.len());
    }
    assert!(some > 50, "only {some} filters told embeddings apart");
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_searches_and_deletions_mean_the_same_by_a_filter() {
    let app = TestApp::start().await;
    let (path, embeddings, _) = create(&app, json!({ "name": "n" })).await;
    let items: Vec<Value> = (0..40)
        .map(|n| {
            json!({ "content": format!("{n:02}"), "embedding": [n + 1, 1],
                "metadata": { "page": n, "tags": [n % 3, "t"], "deep": { "er": n % 2 == 0 } } })
        })
        .collect();
    app.post(&embeddings, &json!({ "items": items })).await;
    let filter = json!({ "and": [
        { "path": "/page", "gte": 10, "lt": 30 },
        { "path": "/deep/er", "eq": true },
        { "or": [{ "path": "/tags", "contains": 0 }, { "path": "/page", "in": [10, 11, 16] }] },
    ] });
    let expected = ["10", "12", "16", "18", "24"];
    assert_eq!(listed(&app, &embeddings, &filter).await, expected);
    let search = json!({ "vector": [1, 0], "k": 100, "filter": filter });
    let found = app.post(&format!("{embeddings}/search"), &search).await;
    assert_eq!(contents(&found.json), expected);
    // A page ends, and goes on behind it with the same filter only.
    let page = |cursor: Option<String>, filter: &Value| {
        let mut query = vec![("filter", filter.to_string()), ("limit", "2".to_owned())];
        query.extend(cursor.map(|cursor| ("cursor", cursor)));
        app.send(app.request(Method::GET, &embeddings).query(&query))
    };
    let first = page(None, &filter).await;
    assert_eq!(contents(&first.json), expected[..2]);
    let cursor = first.json["next_cursor"].as_str().unwrap().to_owned();
    assert_eq!(
        contents(&page(Some(cursor.clone()), &filter).await.json),
        expected[2..4]
    );
    let other = page(Some(cursor), &json!({ "path": "/page", "gte": 0 })).await;
    assert_eq!((other.status, other.places()), (422, vec!["cursor"]));

    let delete = format!("{embeddings}/delete");
    let deleted = app.post(&delete, &json!({ "filter": filter })).await;
    assert_eq!(deleted.json, json!({ "deleted": 5, "more": false }));
    assert_eq!(
        listed(&app, &embeddings, &filter).await,
        Vec::<String>::new()
    );
    assert_eq!(app.get(&path).await.json["embedding_count"], 35);
    let again = app.post(&delete, &json!({ "filter": filter })).await;
    assert_eq!(again.json["deleted"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_filter_is_refused_in_its_place() {
    let app = TestApp::start().await;
    let (_, embeddings, _) = create(&app, json!({ "name": "n" })).await;
    let search = format!("{embeddings}/search");
    for (filter, place) in [
        (json!({}), "/filter"),
        (json!({ "path": "/a" }), "/filter"),
        (json!({ "not": {} }), "/filter"),
        (json!({ "path": "a", "eq": 1 }), "/filter/path"),
        (json!({ "path": 1, "eq": 1 }), "/filter/path"),
        (json!({ "like": 1 }), "/filter/like"),
        (json!({ "in": [] }), "/filter/in"),
        (json!({ "lt": null }), "/filter/lt"),
        (
            json!({ "or": [{ "eq": 1 }, { "and": [] }] }),
            "/filter/or/1/and",
        ),
        (json!({ "eq": "\0" }), "/filter/eq"),
        (json!(null), "/filter"),
    ] {
        let body = json!({ "vector": [1, 2], "filter": filter });
        let refused = app.post(&search, &body).await;
        assert_eq!(
            (refused.status, refused.places()),
            (422, vec![place]),
            "{filter}: {}",
            refused.text
        );
        let query = [("filter", filter.to_string())];
        let refused = app
            .send(app.request(Method::GET, &embeddings).query(&query))
            .await;
        assert_eq!(
            (refused.status, refused.places()),
            (422, vec!["filter"]),
            "{filter}"
        );
    }
    let nonsense = [("filter", "{nonsense")];
    let refused = app
        .send(app.request(Method::GET, &embeddings).query(&nonsense))
        .await;
    assert_eq!((refused.status, refused.places()), (422, vec!["filter"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_deleted_by_their_ids_and_others_stay() {
    let app = TestApp::start().await;
    let (path, embeddings, _) = create(&app, json!({ "name": "n" })).await;
    let items = vec![json!({ "content": "c", "embedding": [1, 2], "metadata": { "a": 1 } }); 10];
    let created = app.post(&embeddings, &json!({ "items": items })).await;
    let ids = created.json["ids"].as_array().unwrap();
    let delete = format!("{embeddings}/delete");
    let nothing = "019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11";
    let some = json!({ "ids": [ids[0], ids[1], nothing, ids[0]] });
    let deleted = app.post(&delete, &some).await;
    assert_eq!((deleted.status, &deleted.json["deleted"]), (200, &json!(2)));
    let both = json!({ "ids": [ids[2]], "filter": { "path": "/a", "eq": 2 } });
    assert_eq!(app.post(&delete, &both).await.json["deleted"], 0);
    assert_eq!(app.get(&path).await.json["embedding_count"], 8);
    // Those of another dataset are nothing here.
    let (_, elsewhere, _) = create(&app, json!({ "name": "n" })).await;
    let foreign = app
        .post(&format!("{elsewhere}/delete"), &json!({ "ids": ids }))
        .await;
    assert_eq!(foreign.json["deleted"], 0);
    assert_eq!(app.get(&path).await.json["embedding_count"], 8);
    let neither = app.post(&delete, &json!({})).await;
    assert_eq!((neither.status, neither.places()), (422, vec![""]));
}
