//! Embeddings in the model, and searches by comparing with all.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    agents::LIMITS,
    datasets::{Dataset, IDS as DATASETS},
    dice::Dice,
    expect::{
        ID_TAKEN, INVALID, NOT_FOUND, Tag, assert_answer, assert_found, assert_refused,
        assert_resource, changed, take,
    },
    tenant::{Call, Tenant},
};

/// The ids that callers know.
const IDS: [&str; 3] = [
    "00000000-0000-7000-8000-0000000000e1",
    "00000000-0000-7000-8000-0000000000e2",
    "00000000-0000-7000-8000-0000000000e3",
];

fn vector(dice: &mut Dice<'_>) -> Vec<f64> {
    let numbers = [1.0, 0.0, -1.0, 0.5, 2.0, 3.0];
    let dimension = if dice.chance(2) { 3 } else { 2 };
    (0..dimension).map(|_| dice.pick(&numbers)).collect()
}

fn numbers(vector: &Value) -> Vec<f64> {
    vector
        .as_array()
        .unwrap()
        .iter()
        .map(|number| number.as_f64().unwrap())
        .collect()
}

/// Whether the dataset takes a vector, when it is of this dimension.
fn fits(dataset: &Dataset, dimension: Option<usize>, vector: &[f64]) -> bool {
    dimension.is_none_or(|dimension| dimension == vector.len())
        && (dataset.json["distance"] != "cosine" || vector.iter().any(|number| *number != 0.0))
}

fn dimension(dataset: &Dataset) -> Option<usize> {
    dataset.json["dimension"]
        .as_u64()
        .map(|dimension| dimension as usize)
}

fn distance(kind: &Value, one: &[f64], other: &[f64]) -> f64 {
    let pairs = || one.iter().zip(other);
    let dot = |one: &[f64], other: &[f64]| one.iter().zip(other).map(|(a, b)| a * b).sum::<f64>();
    match kind.as_str().unwrap() {
        "l2" => pairs().map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt(),
        "l1" => pairs().map(|(a, b)| (a - b).abs()).sum(),
        "inner_product" => -dot(one, other),
        _ => 1.0 - dot(one, other) / (dot(one, one) * dot(other, other)).sqrt(),
    }
}

/// Whether an embedding's metadata has this `n`, if one is asked for.
fn passes(embedding: &Value, n: Option<i32>) -> bool {
    n.is_none_or(|n| embedding["metadata"]["n"] == n)
}

fn find<'t>(tenant: &'t mut Tenant<'_>, id: &str) -> Option<&'t mut Dataset> {
    tenant
        .agents
        .values_mut()
        .find_map(|agent| agent.datasets.get_mut(id))
}

pub async fn step(tenant: &mut Tenant<'_>, dice: &mut Dice<'_>) {
    let operations = [
        "create",
        "create",
        "create",
        "search",
        "search",
        "list",
        "get",
        "patch",
        "delete",
        "delete many",
    ];
    let (operation, dataset_id, id) = (
        dice.pick(&operations),
        dice.pick(&DATASETS),
        dice.pick(&IDS),
    );
    let path = format!("/datasets/{dataset_id}/embeddings");
    let n = dice.chance(4).then(|| dice.pick(&[1, 2]));
    let filter = n.map(|n| json!({ "path": "/n", "eq": n }));
    let tag = dice.pick(&Tag::ALL);
    let found = find(tenant, dataset_id)
        .and_then(|dataset| dataset.embeddings.get(id))
        .cloned();
    let version = found.as_ref().and_then(|found| found["version"].as_i64());
    match operation {
        "create" => return create(tenant, dice, dataset_id, &path).await,
        "search" => return search(tenant, dice, dataset_id, n).await,
        "list" => {
            let plain = dice.chance(6);
            let expected = find(tenant, dataset_id).map(|dataset| {
                let all = dataset
                    .embeddings
                    .values()
                    .filter(|embedding| passes(embedding, n));
                let mut all: Vec<_> = all.cloned().collect();
                if plain {
                    all.iter_mut()
                        .for_each(|embedding| embedding["embedding"] = Value::Null);
                }
                all
            });
            let call = Call::get(path)
                .query("filter", filter)
                .query("include", plain.then_some("none"));
            return tenant.expect_list(call, dice.pick(&LIMITS), expected).await;
        }
        "get" => {
            let call = Call::get(format!("{path}/{id}"));
            let call = call.header("If-None-Match", tag.header(version));
            let answer = tenant.send(&call).await;
            let found = found.map(|mut found| {
                if answer.status == 200 {
                    take(&mut found, &answer, &["created_at", "updated_at"]);
                }
                found
            });
            return assert_found(&answer, tag, found.as_ref());
        }
        "delete" => {
            let call = Call::new(Method::DELETE, format!("{path}/{id}"));
            let answer = tenant
                .send(&call.header("If-Match", tag.header(version)))
                .await;
            if let Some(refusal) = tag.refusal(found.is_some()) {
                return assert_refused(&answer, refusal);
            }
            assert_eq!(answer.status, 204);
            find(tenant, dataset_id).unwrap().embeddings.remove(id);
        }
        "delete many" => {
            let ids = &IDS[..dice.pick(&[1, 2, 3])];
            let mut body = json!({ "ids": ids });
            if let Some(filter) = filter {
                body["filter"] = filter;
            }
            let answer = tenant
                .send(&Call::post(format!("{path}/delete"), &body))
                .await;
            let Some(dataset) = find(tenant, dataset_id) else {
                return assert_refused(&answer, NOT_FOUND);
            };
            let before = dataset.embeddings.len();
            let goes = |id: &String, e: &Value| ids.contains(&id.as_str()) && passes(e, n);
            dataset
                .embeddings
                .retain(|id, embedding| !goes(id, embedding));
            let deleted = before - dataset.embeddings.len();
            let expected = json!({ "deleted": deleted, "more": false });
            assert_answer(&answer, 200, &expected);
            if deleted == 0 {
                return;
            }
        }
        _ => {
            let mut body = dice.object(json!({
                "content": ["new"], "metadata": [{ "n": 2 }, { "n": null }, null],
            }));
            let vector = dice.chance(8).then(|| vector(dice));
            if let Some(vector) = &vector {
                body["embedding"] = json!(vector);
            }
            let call = Call::new(Method::PATCH, format!("{path}/{id}")).body(&body);
            let answer = tenant
                .send(&call.header("If-Match", tag.header(version)))
                .await;
            if let Some(refusal) = tag.refusal(found.is_some()) {
                return assert_refused(&answer, refusal);
            }
            let dataset = find(tenant, dataset_id).unwrap();
            if vector.is_some_and(|vector| !fits(dataset, dimension(dataset), &vector)) {
                assert_refused(&answer, INVALID);
                return assert_eq!(answer.places(), ["/embedding"]);
            }
            let defaults = json!({ "metadata": {} });
            let mut after = changed(&found.unwrap(), &body, defaults, true);
            after["version"] = json!(version.unwrap() + 1);
            dataset.embeddings.insert(id.to_owned(), after.clone());
            take(&mut after, &answer, &["created_at", "updated_at"]);
            assert_resource(&answer, 200, &after);
        }
    }
    written(tenant, dataset_id).await;
}

async fn create(tenant: &mut Tenant<'_>, dice: &mut Dice<'_>, dataset_id: &str, path: &str) {
    let (update, count) = (dice.chance(5), dice.pick(&[1, 2, 3]));
    let mut items = Vec::new();
    for _ in 0..count {
        let metadata = dice.pick(&[json!({}), json!({ "n": 1 }), json!({ "n": 2, "m": [] })]);
        items.push(json!({
            "id": dice.pick(&IDS), "content": dice.pick(&["a", "b"]), "metadata": metadata,
            "embedding": vector(dice),
        }));
    }
    let call = Call::post(path, &json!({ "items": items }));
    let call = call.query("on_conflict", update.then_some("update"));
    let answer = tenant.send(&call).await;
    let Some(dataset) = find(tenant, dataset_id) else {
        return assert_refused(&answer, NOT_FOUND);
    };
    let places = |bad: &dyn Fn(&Value) -> bool, field: &str| -> Vec<_> {
        let bad = items.iter().enumerate().filter(|(_, item)| bad(item));
        bad.map(|(index, _)| format!("/items/{index}/{field}"))
            .collect()
    };
    let mut seen = BTreeSet::new();
    let twice = items
        .iter()
        .position(|item| !seen.insert(item["id"].as_str()));
    let vectors: Vec<_> = items
        .iter()
        .map(|item| numbers(&item["embedding"]))
        .collect();
    let wanted = dimension(dataset).or(Some(vectors[0].len()));
    let unfit = places(
        &|item| !fits(dataset, wanted, &numbers(&item["embedding"])),
        "embedding",
    );
    let stored = |item: &Value| dataset.embeddings.get(item["id"].as_str().unwrap());
    let content = ["content", "metadata", "embedding"];
    let differs = |item: &Value| {
        stored(item).is_some_and(|stored| content.iter().any(|field| stored[field] != item[field]))
    };
    let taken = places(&differs, "id");
    if let Some(twice) = twice {
        assert_refused(&answer, INVALID);
        return assert_eq!(answer.places(), [format!("/items/{twice}/id")]);
    }
    if !unfit.is_empty() {
        assert_refused(&answer, INVALID);
        return assert_eq!(answer.places(), unfit);
    }
    if !update && !taken.is_empty() {
        assert_refused(&answer, ID_TAKEN);
        return assert_eq!(answer.places(), taken);
    }
    let new = items.iter().filter(|item| stored(item).is_none()).count();
    let ids: Vec<_> = items.iter().map(|item| &item["id"]).collect();
    let expected = json!({ "count": count, "stored": new, "ids": ids });
    assert_answer(&answer, 201, &expected);
    if new == 0 && !update {
        return;
    }
    for item in &items {
        let id = item["id"].as_str().unwrap().to_owned();
        let before = dataset.embeddings.get(&id).filter(|_| !update);
        if before.is_none() {
            let version = dataset
                .embeddings
                .get(&id)
                .map_or(0, |e| e["version"].as_i64().unwrap());
            let mut embedding = item.clone();
            (embedding["dataset_id"], embedding["version"]) =
                (json!(dataset_id), json!(version + 1));
            dataset.embeddings.insert(id, embedding);
        }
    }
    dataset.json["dimension"] = json!(wanted);
    written(tenant, dataset_id).await;
}

/// Embeddings were written: that is a version of the dataset too.
async fn written(tenant: &mut Tenant<'_>, id: &str) {
    let dataset = find(tenant, id).unwrap();
    let mut json = dataset.json.clone();
    json["version"] = json!(json["version"].as_i64().unwrap() + 1);
    json["embedding_count"] = json!(dataset.embeddings.len());
    let agent = json["agent_id"].as_str().unwrap();
    let answer = tenant
        .send(&Call::get(format!("/agents/{agent}/datasets/{id}")))
        .await;
    take(&mut json, &answer, &["updated_at"]);
    assert_resource(&answer, 200, &json);
    find(tenant, id).unwrap().json = json;
}

async fn search(tenant: &mut Tenant<'_>, dice: &mut Dice<'_>, id: &str, n: Option<i32>) {
    let (vector, k) = (vector(dice), dice.pick(&[10, 2, 1]));
    let within = dice.maybe(&[0.71, 2.7, -0.6]);
    let mut body = json!({ "vector": vector, "k": k, "include": "embedding" });
    if let Some(within) = within {
        body["max_distance"] = json!(within);
    }
    if let Some(n) = n {
        body["filter"] = json!({ "path": "/n", "eq": n });
    }
    let answer = tenant
        .send(&Call::post(
            format!("/datasets/{id}/embeddings/search"),
            &body,
        ))
        .await;
    let Some(dataset) = find(tenant, id) else {
        return assert_refused(&answer, NOT_FOUND);
    };
    if !fits(dataset, dimension(dataset), &vector) {
        assert_refused(&answer, INVALID);
        return assert_eq!(answer.places(), ["/vector"]);
    }
    assert_eq!(answer.status, 200);
    assert_eq!(
        (&answer.json["answered_by"], &answer.json["truncated"]),
        (&json!("exact"), &json!(false))
    );
    let far = |embedding: &Value| {
        distance(
            &dataset.json["distance"],
            &vector,
            &numbers(&embedding["embedding"]),
        )
    };
    let matching = dataset
        .embeddings
        .values()
        .filter(|embedding| passes(embedding, n));
    let mut nearest: Vec<_> = matching.map(far).collect();
    nearest.retain(|far| within.is_none_or(|within| *far <= within));
    nearest.sort_by(f64::total_cmp);
    nearest.truncate(k);
    let items = answer.json["items"].as_array().unwrap();
    assert_eq!(items.len(), nearest.len(), "{nearest:?}");
    let order = |item: &Value| {
        (
            item["distance"].as_f64().unwrap(),
            item["id"].as_str().unwrap().to_owned(),
        )
    };
    assert!(items.is_sorted_by(|one, other| order(one) < order(other)));
    // Single precision may tell apart what is equally far, so which of them come is left open.
    for (item, nearest) in items.iter().zip(nearest) {
        let embedding = &dataset.embeddings[item["id"].as_str().unwrap()];
        for field in ["content", "metadata", "embedding"] {
            assert_eq!(item[field], embedding[field]);
        }
        assert!(passes(embedding, n));
        let told = order(item).0;
        assert!((told - nearest).abs() < 1e-6 && (told - far(embedding)).abs() < 1e-6);
    }
}
