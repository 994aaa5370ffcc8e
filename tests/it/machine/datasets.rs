//! Datasets and their embeddings in the model.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    agents::{Agent, IDS as AGENTS, KEYS, LIMITS},
    dice::Dice,
    embeddings,
    expect::{
        ID_TAKEN, NAME_TAKEN, NOT_FOUND, Tag, assert_found, assert_refused, assert_resource,
        changed, take, with_defaults,
    },
    tenant::{Call, Tenant},
};

/// The ids that callers know. They are one agent's each, but those of all agents of a tenant.
pub const IDS: [&str; 2] = [
    "00000000-0000-7000-8000-0000000000d1",
    "00000000-0000-7000-8000-0000000000d2",
];
const NAMES: [&str; 2] = ["d", "e"];

/// A dataset as it must be.
pub struct Dataset {
    pub json: Value,
    /// Without their instants.
    pub embeddings: BTreeMap<String, Value>,
}

fn defaults() -> Value {
    json!({
        "description": null, "metadata": {}, "dimension": null, "distance": "cosine",
        "embedding_model": null, "language": "simple",
    })
}

fn fields(dice: &mut Dice<'_>) -> Value {
    let name = dice.pick(&NAMES);
    let mut fields = dice.object(json!({
        "description": ["d"],
        "metadata": [{ "a": { "b": 1 } }],
        "dimension": [2, 3],
        "distance": ["l2", "l1", "inner_product", "cosine"],
        "language": ["english"],
    }));
    fields["name"] = json!(name);
    fields
}

fn patch(dice: &mut Dice<'_>) -> Value {
    dice.object(json!({
        "name": NAMES,
        "metadata": [null, { "a": { "b": null, "c": 2 } }],
        "dimension": [null, 2, 3],
        "distance": [null, "l2", "l1"],
        "embedding_model": ["m", null],
    }))
}

pub async fn step(tenant: &mut Tenant<'_>, dice: &mut Dice<'_>) {
    if dice.chance(10) {
        return embeddings::step(tenant, dice).await;
    }
    let operations = ["create", "create", "get", "list", "put", "patch", "delete"];
    let (operation, agent_id) = (dice.pick(&operations), dice.pick(&AGENTS));
    let (id, tag) = (dice.pick(&IDS), dice.pick(&Tag::ALL));
    let path = format!("/agents/{agent_id}/datasets");
    let call = |method| Call::new(method, format!("{path}/{id}"));
    let agent = tenant.agents.get(agent_id);
    let found = agent
        .and_then(|agent| agent.datasets.get(id))
        .map(|dataset| dataset.json.clone());
    let version = found.as_ref().and_then(|json| json["version"].as_i64());
    match operation {
        "create" => create(tenant, dice, (agent_id, id), &path).await,
        "get" => {
            let call = call(Method::GET).header("If-None-Match", tag.header(version));
            assert_found(&tenant.send(&call).await, tag, found.as_ref());
        }
        "list" => {
            let name = dice.maybe(&NAMES);
            let mut expected = agent.map(newest_first);
            if let (Some(expected), Some(name)) = (&mut expected, name) {
                expected.retain(|dataset| dataset["name"] == name);
            }
            tenant
                .expect_list(
                    Call::get(path).query("name", name),
                    dice.pick(&LIMITS),
                    expected,
                )
                .await;
        }
        "delete" => {
            let call = call(Method::DELETE).header("If-Match", tag.header(version));
            let answer = tenant.send(&call).await;
            if let Some(refusal) = tag.refusal(found.is_some()) {
                return assert_refused(&answer, refusal);
            }
            assert_eq!(answer.status, 204);
            let agent = tenant.agents.get_mut(agent_id).unwrap();
            agent.datasets.remove(id);
        }
        _ => {
            let (method, body) = match operation {
                "put" => (Method::PUT, fields(dice)),
                _ => (Method::PATCH, patch(dice)),
            };
            let call = call(method)
                .header("If-Match", tag.header(version))
                .body(&body);
            let answer = tenant.send(&call).await;
            if let Some(refusal) = tag.refusal(found.is_some()) {
                return assert_refused(&answer, refusal);
            }
            let before = found.unwrap();
            let mut after = changed(&before, &body, defaults(), operation == "patch");
            if before["embedding_count"] != 0 {
                if after["dimension"].is_null() {
                    after["dimension"] = before["dimension"].clone();
                }
                if ["dimension", "distance"]
                    .iter()
                    .any(|name| after[name] != before[name])
                {
                    return assert_refused(&answer, (409, "has_embeddings"));
                }
            }
            let datasets = &mut tenant.agents.get_mut(agent_id).unwrap().datasets;
            let mut others = datasets.iter().filter(|(other, _)| *other != id);
            if others.any(|(_, other)| other.json["name"] == after["name"]) {
                return assert_refused(&answer, NAME_TAKEN);
            }
            after["version"] = json!(version.unwrap() + 1);
            take(&mut after, &answer, &["updated_at"]);
            assert_resource(&answer, 200, &after);
            datasets.get_mut(id).unwrap().json = after;
        }
    }
}

async fn create(
    tenant: &mut Tenant<'_>,
    dice: &mut Dice<'_>,
    (agent_id, id): (&str, &str),
    path: &str,
) {
    let key = dice.maybe(&KEYS);
    let mut body = fields(dice);
    body["id"] = json!(id);
    let Some(answer) = tenant.send_once(Call::post(path, &body), key).await else {
        return;
    };
    let Some(agent) = tenant.agents.get_mut(agent_id) else {
        return assert_refused(&answer, NOT_FOUND);
    };
    if tenant.dataset_ids.contains(id) {
        return assert_refused(&answer, ID_TAKEN);
    }
    if agent
        .datasets
        .values()
        .any(|other| other.json["name"] == body["name"])
    {
        return assert_refused(&answer, NAME_TAKEN);
    }
    let mut json = with_defaults(&body, defaults());
    let index = json!({ "state": "exact", "kind": null, "progress": null, "built_at": null });
    (json["agent_id"], json["index"]) = (json!(agent_id), index);
    (json["embedding_count"], json["version"]) = (json!(0), json!(1));
    take(&mut json, &answer, &["created_at"]);
    json["updated_at"] = json["created_at"].clone();
    assert_resource(&answer, 201, &json);
    assert!(answer.header("location").ends_with(&format!("{path}/{id}")));
    let embeddings = BTreeMap::new();
    tenant.dataset_ids.insert(id.to_owned());
    agent
        .datasets
        .insert(id.to_owned(), Dataset { json, embeddings });
}

fn newest_first(agent: &Agent) -> Vec<Value> {
    let mut all: Vec<_> = agent
        .datasets
        .values()
        .map(|dataset| dataset.json.clone())
        .collect();
    all.sort_by_key(|dataset| {
        std::cmp::Reverse(dataset["created_at"].as_str().unwrap().to_owned())
    });
    all
}

pub async fn read_all(tenant: &Tenant<'_>, id: &str, agent: &Agent) {
    let call = Call::get(format!("/agents/{id}/datasets"));
    tenant
        .expect_list(call, 100, Some(newest_first(agent)))
        .await;
    for (id, dataset) in &agent.datasets {
        let embeddings = dataset.embeddings.values().cloned().collect();
        let call = Call::get(format!("/datasets/{id}/embeddings"));
        tenant.expect_list(call, 100, Some(embeddings)).await;
    }
}
