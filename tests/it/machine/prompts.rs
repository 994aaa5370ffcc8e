//! Prompts and their labels in the model.

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    agents::{Agent, IDS, KEYS, LIMITS},
    dice::Dice,
    expect::{
        INVALID, NOT_FOUND, STALE, Tag, assert_found, assert_refused, assert_resource, take,
        with_defaults,
    },
    tenant::{Call, Tenant},
};

const LABELS: [&str; 3] = ["production", "a", "b-2"];

/// A label as it must be.
#[derive(Default)]
pub struct Label {
    /// Where it sits; nowhere when it was deleted.
    version: Option<i64>,
    /// Its moves, without their instants, oldest first.
    moves: Vec<Value>,
}

impl Label {
    fn go(&mut self, version: Option<i64>, client: &Value) {
        self.version = version;
        let number = self.moves.len() + 1;
        let moved = json!({ "number": number, "version": version, "moved_by": client });
        self.moves.push(moved);
    }
}

impl Agent {
    fn prompt(&self, version: Option<i64>) -> Option<&Value> {
        self.prompts.get(usize::try_from(version? - 1).ok()?)
    }

    /// Where a label sits.
    fn labelled(&self, label: &str) -> Option<i64> {
        let newest = i64::try_from(self.prompts.len()).unwrap();
        match label {
            "latest" => Some(newest).filter(|newest| *newest > 0),
            _ => self.labels.get(label)?.version,
        }
    }
}

pub async fn step(tenant: &mut Tenant<'_>, dice: &mut Dice<'_>) {
    let operations = [
        "create",
        "create",
        "get",
        "list",
        "by label",
        "set label",
        "set label",
        "delete label",
        "labels",
        "moves",
        "render",
    ];
    let (operation, id) = (dice.pick(&operations), dice.pick(&IDS));
    let path = format!("/agents/{id}/prompts");
    if operation == "create" {
        return create(tenant, dice, id, &path).await;
    }
    let (version, limit) = (dice.pick(&[1, 2, 3, 9]), dice.pick(&LIMITS));
    let (label, any_label) = (
        dice.pick(&LABELS),
        dice.pick(&["production", "latest", "a", "b-2"]),
    );
    let client = json!(tenant.client);
    let agent = tenant.agents.get(id);
    let sits = agent.and_then(|agent| agent.labelled(label));
    match operation {
        "get" => {
            let tag = dice.pick(&Tag::ALL);
            let call = Call::get(format!("{path}/{version}"));
            let call = call.header("If-None-Match", tag.header(Some(version)));
            let found = agent.and_then(|agent| agent.prompt(Some(version)));
            assert_found(&tenant.send(&call).await, tag, found);
        }
        "by label" => {
            let tag = dice.pick(&Tag::ALL);
            let sits = agent.and_then(|agent| agent.labelled(any_label));
            let call = Call::get(format!("{path}/labels/{any_label}"));
            let call = call.header("If-None-Match", tag.header(sits));
            let found = agent.and_then(|agent| agent.prompt(sits));
            assert_found(&tenant.send(&call).await, tag, found);
        }
        "list" => {
            let label = dice.chance(4).then_some(any_label);
            let expected = agent.map(|agent| match label {
                Some(label) => agent
                    .prompt(agent.labelled(label))
                    .cloned()
                    .into_iter()
                    .collect(),
                None => agent.prompts.iter().rev().cloned().collect(),
            });
            let call = Call::get(path).query("label", label);
            tenant.expect_list(call, limit, expected).await;
        }
        "labels" => {
            let call = Call::get(format!("{path}/labels"));
            tenant.expect_list(call, limit, agent.map(labels)).await;
        }
        "moves" => {
            let call = Call::get(format!("{path}/labels/{label}/moves"));
            let moves = agent.and_then(|agent| agent.labels.get(label));
            let moves = moves.map(|label| label.moves.iter().rev().cloned().collect());
            tenant.expect_list(call, limit, moves).await;
        }
        "render" => {
            let call = Call::post(
                format!("{path}/labels/{any_label}/render"),
                &json!({ "variables": { "name": "Ada" } }),
            );
            let answer = tenant.send(&call).await;
            let sits = agent.and_then(|agent| agent.labelled(any_label));
            let Some(prompt) = agent.and_then(|agent| agent.prompt(sits)) else {
                return assert_refused(&answer, NOT_FOUND);
            };
            let text = prompt["template"]
                .as_str()
                .unwrap()
                .replace("{{ name }}", "Ada");
            assert_eq!(answer.status, 200);
            assert_eq!(
                (&answer.json["version"], &answer.json["text"]),
                (&json!(sits), &json!(text))
            );
        }
        "set label" => {
            let (tag, new) = (dice.pick(&Tag::ALL), dice.chance(3));
            let call = Call::new(Method::PUT, format!("{path}/labels/{label}"))
                .header("If-Match", tag.header(sits))
                .header("If-None-Match", new.then(|| "*".to_owned()))
                .body(&json!({ "version": version }));
            let answer = tenant.send(&call).await;
            let Some(agent) = tenant.agents.get_mut(id) else {
                return assert_refused(&answer, NOT_FOUND);
            };
            if agent.prompt(Some(version)).is_none() {
                assert_refused(&answer, INVALID);
                return assert_eq!(answer.places(), ["/version"]);
            }
            let matches = tag == Tag::None || (sits.is_some() && tag.allows());
            if !matches || (new && sits.is_some()) {
                return assert_refused(&answer, STALE);
            }
            if sits != Some(version) {
                let label = agent.labels.entry(label.to_owned()).or_default();
                label.go(Some(version), &client);
            }
            let mut expected = json!({ "label": label, "version": version, "moved_by": client });
            take(&mut expected, &answer, &["moved_at"]);
            assert_resource(&answer, 200, &expected);
        }
        _ => {
            let tag = dice.pick(&Tag::ALL);
            let call = Call::new(Method::DELETE, format!("{path}/labels/{label}"));
            let answer = tenant
                .send(&call.header("If-Match", tag.header(sits)))
                .await;
            if let Some(refusal) = tag.refusal(sits.is_some()) {
                return assert_refused(&answer, refusal);
            }
            assert_eq!(answer.status, 204);
            let agent = tenant.agents.get_mut(id).unwrap();
            agent.labels.get_mut(label).unwrap().go(None, &client);
        }
    }
}

async fn create(tenant: &mut Tenant<'_>, dice: &mut Dice<'_>, id: &str, path: &str) {
    let template = dice.pick(&["Bye", "Hi {{ name }}", "Hi {{ name"]);
    // What cannot be parsed is refused whatever was sent with its key.
    let key = dice.maybe(&KEYS).filter(|_| template != "Hi {{ name");
    let labels = dice.pick(&[&[][..], &["production"], &["b-2", "a"]]);
    let mut body = dice.object(json!({
        "description": ["d"], "config": [{ "t": 1 }, {}], "parent_version": [0, 1, 2],
    }));
    (body["type"], body["template"], body["labels"]) =
        (json!("text"), json!(template), json!(labels));
    let Some(answer) = tenant.send_once(Call::post(path, &body), key).await else {
        return;
    };
    if template == "Hi {{ name" {
        assert_refused(&answer, INVALID);
        return assert_eq!(answer.places(), ["/template"]);
    }
    let client = json!(tenant.client);
    let Some(agent) = tenant.agents.get_mut(id) else {
        return assert_refused(&answer, NOT_FOUND);
    };
    let newest = agent.prompts.len();
    if body["parent_version"]
        .as_u64()
        .is_some_and(|parent| parent != newest as u64)
    {
        return assert_refused(&answer, (409, "not_newest"));
    }
    let variables = if template == "Bye" {
        json!([])
    } else {
        json!(["name"])
    };
    let version = i64::try_from(newest).unwrap() + 1;
    let defaults = json!({
        "agent_id": id, "version": version, "messages": null, "config": {}, "variables": variables,
        "description": null, "created_by": client,
    });
    let mut prompt = with_defaults(&body, defaults);
    prompt
        .as_object_mut()
        .unwrap()
        .retain(|name, _| !["labels", "parent_version"].contains(&&**name));
    take(&mut prompt, &answer, &["created_at", "content_hash"]);
    let content = |prompt: &Value| (prompt["template"].clone(), prompt["config"].clone());
    let previous = agent.prompts.last();
    let identical = previous.is_some_and(|previous| content(previous) == content(&prompt));
    prompt["identical_to_previous"] = json!(identical);
    let same_hash = previous.is_some_and(|last| last["content_hash"] == prompt["content_hash"]);
    assert_eq!(same_hash, identical);
    assert_resource(&answer, 201, &prompt);
    assert!(
        answer
            .header("location")
            .ends_with(&format!("{path}/{version}"))
    );
    agent.prompts.push(prompt);
    for label in labels {
        let label = agent.labels.entry((*label).to_owned()).or_default();
        label.go(Some(version), &client);
    }
}

fn labels(agent: &Agent) -> Vec<Value> {
    let sitting = agent.labels.iter().filter_map(|(name, label)| {
        let (version, last) = (label.version?, label.moves.last()?);
        Some(json!({ "label": name, "version": version, "moved_by": last["moved_by"] }))
    });
    sitting.collect()
}

pub async fn read_all(tenant: &Tenant<'_>, id: &str, agent: &Agent) {
    let path = format!("/agents/{id}/prompts");
    let newest_first = agent.prompts.iter().rev().cloned().collect();
    tenant
        .expect_list(Call::get(&path), 100, Some(newest_first))
        .await;
    let call = Call::get(format!("{path}/labels"));
    tenant.expect_list(call, 100, Some(labels(agent))).await;
    for label in LABELS {
        let call = Call::get(format!("{path}/labels/{label}/moves"));
        let moves = agent.labels.get(label);
        let moves = moves.map(|label| label.moves.iter().rev().cloned().collect());
        tenant.expect_list(call, 100, moves).await;
    }
}
