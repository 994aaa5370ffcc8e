//! Agents in the model. With an agent goes all that belongs to it.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    configs,
    datasets::{self, Dataset},
    dice::Dice,
    expect::{
        ID_TAKEN, INVALID, NAME_TAKEN, Tag, assert_found, assert_refused, assert_resource, changed,
        take, with_defaults,
    },
    prompts::{self, Label},
    records,
    tenant::{Call, Tenant},
};

/// The ids that callers know; the server makes up others.
pub const IDS: [&str; 3] = [
    "00000000-0000-7000-8000-00000000000a",
    "00000000-0000-7000-8000-00000000000b",
    "00000000-0000-7000-8000-00000000000c",
];
const NAMES: [&str; 5] = ["abc", "ABCD", "b_c", "a%", "bxc"];
pub const KEYS: [&str; 2] = ["key", "another key"];
pub const LIMITS: [usize; 3] = [100, 2, 1];

/// An agent as it must be.
#[derive(Default)]
pub struct Agent {
    pub json: Value,
    pub prompts: Vec<Value>,
    pub labels: BTreeMap<String, Label>,
    /// By key the versions.
    pub configs: BTreeMap<String, Vec<Value>>,
    /// By kind the records, by instant and id.
    pub records: BTreeMap<&'static str, BTreeMap<(String, String), Value>>,
    pub datasets: BTreeMap<String, Dataset>,
}

fn defaults() -> Value {
    json!({ "description": null, "status": "active", "model": null, "tags": [], "metadata": {} })
}

fn fields(dice: &mut Dice<'_>) -> Value {
    let name = dice.pick(&NAMES);
    let mut fields = dice.object(json!({
        "description": ["d", ""],
        "status": ["active", "paused", "archived"],
        "model": ["m"],
        "tags": [["x"], ["x", "y"], []],
        "metadata": [{ "a": 1 }, { "a": { "b": 1, "c": [1] } }, { "z": "z" }],
    }));
    fields["name"] = json!(name);
    fields
}

/// Of tenant one two agents, of tenant two one, so that the other areas have something to begin with.
pub async fn create_some(tenants: &mut [Tenant<'_>]) {
    for (tenant, id) in [(0, IDS[0]), (0, IDS[1]), (1, IDS[0])] {
        let body = json!({ "id": id, "name": id });
        create(&mut tenants[tenant], body, None).await;
    }
}

async fn create(tenant: &mut Tenant<'_>, body: Value, key: Option<&'static str>) {
    let Some(answer) = tenant.send_once(Call::post("/agents", &body), key).await else {
        return;
    };
    if body["id"]
        .as_str()
        .is_some_and(|id| tenant.agent_ids.contains(id))
    {
        return assert_refused(&answer, ID_TAKEN);
    }
    if tenant
        .agents
        .values()
        .any(|agent| agent.json["name"] == body["name"])
    {
        return assert_refused(&answer, NAME_TAKEN);
    }
    let mut json = with_defaults(&body, defaults());
    json["version"] = json!(1);
    take(&mut json, &answer, &["created_at"]);
    json["updated_at"] = json["created_at"].clone();
    if body["id"].is_null() {
        take(&mut json, &answer, &["id"]);
    }
    assert_resource(&answer, 201, &json);
    let id = json["id"].as_str().unwrap().to_owned();
    assert!(
        answer
            .header("location")
            .ends_with(&format!("/agents/{id}"))
    );
    assert!(tenant.agent_ids.insert(id.clone()));
    let agent = Agent {
        json,
        ..Agent::default()
    };
    tenant.agents.insert(id, agent);
}

pub async fn step(tenant: &mut Tenant<'_>, dice: &mut Dice<'_>) {
    let operations = ["create", "create", "get", "list", "put", "patch", "delete"];
    let (operation, id) = (dice.pick(&operations), dice.pick(&IDS));
    let call = |method| Call::new(method, format!("/agents/{id}"));
    let found = tenant.agents.get(id).map(|agent| agent.json.clone());
    let version = found.as_ref().and_then(|json| json["version"].as_i64());
    match operation {
        "create" => {
            let key = dice.maybe(&KEYS);
            let mut body = fields(dice);
            if !dice.chance(4) {
                body["id"] = json!(id);
            }
            create(tenant, body, key).await;
        }
        "get" => {
            let tag = dice.pick(&Tag::ALL);
            let call = call(Method::GET).header("If-None-Match", tag.header(version));
            assert_found(&tenant.send(&call).await, tag, found.as_ref());
        }
        "list" => list(tenant, dice).await,
        "delete" => {
            let tag = dice.pick(&Tag::ALL);
            let call = call(Method::DELETE).header("If-Match", tag.header(version));
            let answer = tenant.send(&call).await;
            if let Some(refusal) = tag.refusal(found.is_some()) {
                return assert_refused(&answer, refusal);
            }
            assert_eq!(answer.status, 204);
            tenant.agents.remove(id);
        }
        _ => {
            let tag = dice.pick(&Tag::ALL);
            let (method, body) = match operation {
                "put" => (Method::PUT, fields(dice)),
                _ => (Method::PATCH, patch(dice)),
            };
            let call = call(method)
                .header("If-Match", tag.header(version))
                .body(&body);
            let answer = tenant.send(&call).await;
            if body.get("name") == Some(&Value::Null) {
                assert_refused(&answer, INVALID);
                return assert_eq!(answer.places(), ["/name"]);
            }
            if let Some(refusal) = tag.refusal(found.is_some()) {
                return assert_refused(&answer, refusal);
            }
            let before = found.unwrap();
            let mut after = changed(&before, &body, defaults(), operation == "patch");
            let mut others = tenant.agents.iter().filter(|(other, _)| *other != id);
            if others.any(|(_, other)| other.json["name"] == after["name"]) {
                return assert_refused(&answer, NAME_TAKEN);
            }
            after["version"] = json!(version.unwrap() + 1);
            take(&mut after, &answer, &["updated_at"]);
            assert!(after["updated_at"].as_str() >= before["updated_at"].as_str());
            assert_resource(&answer, 200, &after);
            tenant.agents.get_mut(id).unwrap().json = after;
        }
    }
}

fn patch(dice: &mut Dice<'_>) -> Value {
    dice.object(json!({
        "name": ["abc", "b_c", "ABCD", null],
        "description": [null, "e"],
        "status": [null, "paused"],
        "model": [null, "n"],
        "tags": [null, ["y"]],
        "metadata": [null, { "a": null }, { "a": { "b": null, "d": { "e": null } } }, { "z": 2 }],
    }))
}

async fn list(tenant: &Tenant<'_>, dice: &mut Dice<'_>) {
    let (name, status) = (
        dice.chance(2).then(|| NAMES[0]),
        dice.maybe(&["active", "paused"]),
    );
    let q = dice.maybe(&["a", "AB", "b_c", "BCD", "%", "xc"]);
    let tags = dice.pick(&[&[][..], &["x"], &["y", "x"]]);
    let (after, before) = (dice.maybe(&IDS), dice.chance(4).then(|| IDS[1]));
    let created = |id: &str| {
        Some(
            tenant.agents.get(id)?.json["created_at"]
                .as_str()?
                .to_owned(),
        )
    };
    let (after, before) = (after.and_then(created), before.and_then(created));
    let order = dice.maybe(&["created_at_asc", "created_at_desc", "name_asc", "name_desc"]);
    let mut call = Call::get("/agents")
        .query("name", name)
        .query("status", status)
        .query("q", q)
        .query("created_after", after.clone())
        .query("created_before", before.clone())
        .query("order", order);
    for tag in tags {
        call = call.query("tag", Some(tag));
    }
    let all = tenant.agents.values().map(|agent| agent.json.clone());
    let mut expected: Vec<_> = all
        .filter(|agent| {
            let lower = agent["name"].as_str().unwrap().to_lowercase();
            let (tagged, created) = (
                agent["tags"].as_array().unwrap(),
                agent["created_at"].as_str(),
            );
            name.is_none_or(|name| agent["name"] == name)
                && status.is_none_or(|status| agent["status"] == status)
                && q.map(str::to_lowercase).is_none_or(|q| match q.len() {
                    1 | 2 => lower.starts_with(&q),
                    _ => lower.contains(&q),
                })
                && tags.iter().all(|tag| tagged.contains(&json!(tag)))
                && after.as_deref().is_none_or(|after| created >= Some(after))
                && before
                    .as_deref()
                    .is_none_or(|before| created < Some(before))
        })
        .collect();
    let order = order.unwrap_or("created_at_desc");
    let text = |agent: &Value, field: &str| agent[field].as_str().unwrap().to_owned();
    if order.starts_with("name") {
        expected.sort_by_key(|agent| text(agent, "name"));
    } else {
        expected.sort_by_key(|agent| (text(agent, "created_at"), text(agent, "id")));
    }
    if order.ends_with("desc") {
        expected.reverse();
    }
    tenant
        .expect_list(call, dice.pick(&LIMITS), Some(expected))
        .await;
}

/// Reads everything that the tenant has, and what it does not have.
pub async fn read_all(tenant: &Tenant<'_>) {
    let mut all: Vec<_> = tenant
        .agents
        .values()
        .map(|agent| agent.json.clone())
        .collect();
    all.sort_by_key(|agent| std::cmp::Reverse(agent["created_at"].as_str().unwrap().to_owned()));
    tenant
        .expect_list(Call::get("/agents"), 100, Some(all))
        .await;
    for id in IDS {
        let json = tenant.agents.get(id).map(|agent| &agent.json);
        let answer = tenant.send(&Call::get(format!("/agents/{id}"))).await;
        assert_found(&answer, Tag::None, json);
    }
    for (id, agent) in &tenant.agents {
        prompts::read_all(tenant, id, agent).await;
        configs::read_all(tenant, id, agent).await;
        records::read_all(tenant, id, agent).await;
        datasets::read_all(tenant, id, agent).await;
    }
}
