//! Logs, metrics and tool usage in the model.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    agents::{Agent, IDS, LIMITS},
    dice::Dice,
    expect::{INVALID, NOT_FOUND, assert_answer, assert_refused, take, with_defaults},
    tenant::{Call, Tenant},
};

const KINDS: [&str; 3] = ["logs", "metrics", "tool-usage"];
const LEVELS: [&str; 3] = ["info", "warn", "error"];

/// The ids that callers know, two in each of two milliseconds.
fn id(slot: usize) -> String {
    let millisecond = 1_748_736_000_000_u64 + slot as u64 / 2;
    let (high, low) = (millisecond >> 16, millisecond & 0xffff);
    format!("{high:08x}-{low:04x}-7000-8000-{slot:012x}")
}

/// So many microseconds after the first of them.
fn instant(microseconds: usize) -> String {
    format!("2025-06-01T00:00:00.{microseconds:06}Z")
}

/// A new record; half of them say the microsecond.
fn record(kind: &str, dice: &mut Dice<'_>) -> Value {
    let slot = dice.pick(&[0, 1, 2, 3]);
    let mut record = match kind {
        "logs" => json!({
            "level": dice.pick(&LEVELS), "message": dice.pick(&["rain", "50% Rain", ""]),
        }),
        "metrics" => json!({
            "name": dice.pick(&["m", "n.n"]), "kind": dice.pick(&["gauge", "counter"]),
            "value": dice.pick(&[0.5, -2.5]),
        }),
        _ => json!({
            "tool_name": dice.pick(&["t", "u"]), "status": dice.pick(&["success", "error"]),
        }),
    };
    let more = match kind {
        "metrics" => json!({ "unit": ["ms"], "attributes": [{ "n": 1 }, { "n": true, "s": "x" }] }),
        "logs" => json!({ "session_id": ["s", "t"], "attributes": [{ "n": 1 }, { "n": "x" }] }),
        _ => json!({ "session_id": ["s", "t"], "input": [{ "n": [1] }], "cost_usd": ["0.25"] }),
    };
    record = with_defaults(&dice.object(more), record);
    record["id"] = json!(id(slot));
    if let Some(microseconds) = dice.maybe(&[0, 1]) {
        record["timestamp"] = json!(instant(slot / 2 * 1_000 + microseconds));
    }
    record
}

/// What is stored of a new record.
fn stored(kind: &str, agent: &str, new: &Value) -> Value {
    let mut defaults = match kind {
        "logs" => json!({
            "attributes": {}, "trace_id": null, "span_id": null, "session_id": null,
        }),
        "metrics" => json!({ "unit": null, "attributes": {} }),
        _ => json!({
            "tool_type": null, "call_id": null, "input": null, "output": null, "error_type": null,
            "error_message": null, "duration_ms": null, "input_tokens": null, "output_tokens": null,
            "cost_usd": null, "prompt_version": null, "trace_id": null, "span_id": null,
            "session_id": null,
        }),
    };
    defaults["agent_id"] = json!(agent);
    for slot in 0..4 {
        if new["id"] == id(slot) {
            defaults["timestamp"] = json!(instant(slot / 2 * 1_000));
        }
    }
    with_defaults(new, defaults)
}

fn key(record: &Value) -> (String, String) {
    let text = |name: &str| record[name].as_str().unwrap().to_owned();
    (text("timestamp"), text("id"))
}

pub async fn step(tenant: &mut Tenant<'_>, dice: &mut Dice<'_>) {
    let operation = dice.pick(&["create", "create", "batch", "batch", "list", "list", "get"]);
    let (agent, kind) = (dice.pick(&IDS), dice.pick(&KINDS));
    let path = format!("/agents/{agent}/{kind}");
    match operation {
        "create" => create(tenant, dice, agent, kind).await,
        "batch" => batch(tenant, dice, agent, kind).await,
        "list" => list(tenant, dice, agent, kind).await,
        _ if kind == "metrics" => {}
        _ => {
            let id = id(dice.pick(&[0, 1, 2, 3]));
            let answer = tenant.send(&Call::get(format!("{path}/{id}"))).await;
            let records = tenant
                .agents
                .get(agent)
                .and_then(|agent| agent.records.get(kind));
            // There are several when somebody has used an id for several instants of its millisecond.
            let records = records.into_iter().flat_map(BTreeMap::values);
            let found: Vec<_> = records.filter(|record| record["id"] == id).collect();
            if found.is_empty() {
                return assert_refused(&answer, NOT_FOUND);
            }
            assert_eq!(answer.status, 200);
            assert!(found.contains(&&answer.json), "not one of {found:?}");
        }
    }
}

async fn create(tenant: &mut Tenant<'_>, dice: &mut Dice<'_>, agent_id: &str, kind: &'static str) {
    let mut new = record(kind, dice);
    let made_by_server = dice.chance(3);
    if made_by_server {
        new.as_object_mut().unwrap().remove("id");
        new.as_object_mut().unwrap().remove("timestamp");
    }
    let path = format!("/agents/{agent_id}/{kind}");
    let answer = tenant.send(&Call::post(&path, &new)).await;
    let Some(agent) = tenant.agents.get_mut(agent_id) else {
        return assert_refused(&answer, NOT_FOUND);
    };
    let mut record = stored(kind, agent_id, &new);
    if made_by_server {
        take(&mut record, &answer, &["id", "timestamp"]);
    }
    let records = agent.records.entry(kind).or_default();
    let first = records.entry(key(&record)).or_insert(record);
    assert_answer(&answer, 201, first);
    if kind != "metrics" {
        let place = format!("{path}/{}", first["id"].as_str().unwrap());
        assert!(answer.header("location").ends_with(&place));
    }
}

async fn batch(tenant: &mut Tenant<'_>, dice: &mut Dice<'_>, agent_id: &str, kind: &'static str) {
    let count = dice.pick(&[1, 2, 3]);
    let bad = dice
        .chance(4)
        .then(|| dice.pick(&[0, 1, 2]))
        .filter(|bad| *bad < count);
    let fault = dice.pick(&["/timestamp", "/kind of"]);
    let lines = dice.chance(6);
    let mut new: Vec<_> = (0..count).map(|_| record(kind, dice)).collect();
    if let Some(bad) = bad {
        new[bad][&fault[1..]] = json!("2025-06-01T00:00:01Z");
    }
    let mut call = Call::post(format!("/agents/{agent_id}/{kind}/batch"), &json!(new));
    if lines {
        call.body = new.iter().map(|record| format!("{record}\n")).collect();
        call = call.header("Content-Type", Some("application/x-ndjson".into()));
    }
    let answer = tenant.send(&call).await;
    if let Some(bad) = bad {
        assert_refused(&answer, INVALID);
        return assert_eq!(answer.places(), [format!("/{bad}{fault}")]);
    }
    let Some(agent) = tenant.agents.get_mut(agent_id) else {
        return assert_refused(&answer, NOT_FOUND);
    };
    let records = agent.records.entry(kind).or_default();
    let before = records.len();
    for new in &new {
        let record = stored(kind, agent_id, new);
        records.entry(key(&record)).or_insert(record);
    }
    let ids: Vec<_> = new.iter().map(|record| &record["id"]).collect();
    let expected = json!({ "count": count, "stored": records.len() - before, "ids": ids });
    assert_answer(&answer, 201, &expected);
}

/// Whether a record passes the filters; of several levels one is enough.
fn passes(record: &Value, filters: &[(&str, &str)]) -> bool {
    let level = |name: &str| LEVELS.iter().position(|level| *level == name);
    let mut levels = filters
        .iter()
        .filter(|(name, _)| *name == "level")
        .peekable();
    let one_of_levels =
        levels.peek().is_none() || levels.any(|(_, wanted)| record["level"] == *wanted);
    one_of_levels
        && filters.iter().all(|(name, wanted)| match *name {
            "level" => true,
            "min_level" => level(record["level"].as_str().unwrap()) >= level(wanted),
            "q" => record["message"]
                .as_str()
                .unwrap()
                .to_lowercase()
                .contains(&wanted.to_lowercase()),
            "attr" => match wanted.split_once('=') {
                Some((key, value)) => match &record["attributes"][key] {
                    Value::String(text) => text == value,
                    other => !other.is_null() && *other.to_string() == *value,
                },
                None => record["attributes"].get(wanted).is_some(),
            },
            _ => record[name] == *wanted,
        })
}

async fn list(tenant: &Tenant<'_>, dice: &mut Dice<'_>, agent: &str, kind: &'static str) {
    let choices = match kind {
        "logs" => &[
            ("session_id", "s"),
            ("level", "warn"),
            ("level", "info"),
            ("min_level", "warn"),
            ("q", "RAIN"),
            ("q", "%"),
            ("attr", "n=1"),
            ("attr", "n"),
        ][..],
        "metrics" => &[
            ("name", "m"),
            ("attr", "n=1"),
            ("attr", "n=true"),
            ("attr", "s"),
        ],
        _ => &[("session_id", "s"), ("tool_name", "t"), ("status", "error")],
    };
    let mut filters: Vec<_> = (0..3).filter_map(|_| dice.maybe(choices)).collect();
    let mut seen = Vec::new();
    filters.retain(|(name, _)| {
        let again = seen.contains(name) && !["level", "attr"].contains(name);
        seen.push(*name);
        !again
    });
    let (from, to) = (
        dice.maybe(&[0, 1, 1_000, 1_001]),
        dice.maybe(&[2_000, 1_001, 1_000, 1]),
    );
    let (order, limit) = (
        dice.maybe(&["timestamp_desc", "timestamp_asc"]),
        dice.pick(&LIMITS),
    );
    let mut call = Call::get(format!("/agents/{agent}/{kind}"))
        .query("from", from.map(instant))
        .query("to", to.map(instant))
        .query("order", order);
    for (name, value) in &filters {
        call = call.query(name, Some(value));
    }
    if from.zip(to).is_some_and(|(from, to)| to < from) {
        let answer = tenant.send(&call).await;
        assert_refused(&answer, INVALID);
        return assert_eq!(answer.places(), ["to"]);
    }
    let (from, to) = (from.map(instant), to.map(instant));
    let expected = tenant.agents.get(agent).map(|agent| {
        let records = agent.records.get(kind).into_iter().flatten();
        let records = records.filter(|((at, _), record)| {
            from.as_ref().is_none_or(|from| at >= from)
                && to.as_ref().is_none_or(|to| at < to)
                && passes(record, &filters)
        });
        let records = records.map(|(_, record)| record.clone());
        if order == Some("timestamp_asc") {
            records.collect()
        } else {
            records.rev().collect::<Vec<_>>()
        }
    });
    tenant.expect_list(call, limit, expected).await;
}

pub async fn read_all(tenant: &Tenant<'_>, id: &str, agent: &Agent) {
    for kind in KINDS {
        let records = agent
            .records
            .get(kind)
            .into_iter()
            .flat_map(BTreeMap::values);
        let newest_first = records.rev().cloned().collect();
        let call = Call::get(format!("/agents/{id}/{kind}"));
        tenant.expect_list(call, 100, Some(newest_first)).await;
    }
}
