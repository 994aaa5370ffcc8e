//! Configs and their versions in the model.

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    agents::{Agent, IDS, KEYS as ONCE, LIMITS},
    dice::Dice,
    expect::{INVALID, NOT_FOUND, STALE, Tag, assert_found, assert_refused, assert_resource, take},
    tenant::{Call, Tenant},
};

const KEYS: [&str; 3] = ["a", "a.b", "b"];

/// The newest version, unless it deleted the config.
fn living(versions: &[Value]) -> Option<&Value> {
    versions
        .last()
        .filter(|version| version["deleted"] == false)
}

/// The version as one sees it who may not see secrets.
fn masked(version: &Value, blind: bool) -> Value {
    let mut version = version.clone();
    if blind && version["secret"] == true && version["deleted"] == false {
        (version["value"], version["masked"]) = (Value::Null, json!(true));
    }
    version
}

/// The config that has been at this version.
fn config(versions: &[Value], version: &Value, blind: bool) -> Value {
    let mut config = masked(version, blind);
    let members = config.as_object_mut().unwrap();
    members.remove("deleted");
    let (at, by) = (members.remove("changed_at"), members.remove("changed_by"));
    members.insert("created_at".into(), versions[0]["changed_at"].clone());
    members.insert("updated_at".into(), at.unwrap());
    members.insert("updated_by".into(), by.unwrap());
    config
}

fn configs(agent: &Agent, prefix: &str, blind: bool) -> Vec<Value> {
    let all = agent
        .configs
        .iter()
        .filter(|(key, _)| key.starts_with(prefix));
    all.filter_map(|(_, versions)| Some(config(versions, living(versions)?, blind)))
        .collect()
}

fn history(versions: &[Value], blind: bool) -> Vec<Value> {
    versions
        .iter()
        .rev()
        .map(|version| masked(version, blind))
        .collect()
}

pub async fn step(tenant: &mut Tenant<'_>, dice: &mut Dice<'_>) {
    let operations = [
        "set", "set", "set", "get", "list", "versions", "as of", "restore", "restore", "delete",
    ];
    let (operation, id, key) = (dice.pick(&operations), dice.pick(&IDS), dice.pick(&KEYS));
    let (tag, limit) = (dice.pick(&Tag::ALL), dice.pick(&LIMITS));
    let path = format!("/agents/{id}/configs");
    let agent = tenant.agents.get(id);
    let versions = agent.and_then(|agent| agent.configs.get(key));
    let versions = versions.cloned().unwrap_or_default();
    let now = living(&versions);
    let number = now.and_then(|now| now["version"].as_i64());
    // Where a config is not there no tag is its.
    let matches = tag == Tag::None || (now.is_some() && tag.allows());
    match operation {
        "get" => {
            tenant.blind = dice.chance(6);
            let asked = dice.maybe(&[1, 2, 3]);
            let version = match asked {
                Some(version) => versions
                    .get(version - 1)
                    .filter(|old| old["deleted"] == false),
                None => now,
            };
            let number = version.and_then(|version| version["version"].as_i64());
            let call = Call::get(format!("{path}/{key}")).query("version", asked);
            let call = call.header("If-None-Match", tag.header(number));
            let expected = version.map(|version| config(&versions, version, tenant.blind));
            assert_found(&tenant.send(&call).await, tag, expected.as_ref());
        }
        "as of" => {
            let place = dice.pick(&[0, 1, 2, 3]);
            let Some(instant) = versions.get(place).and_then(|v| v["changed_at"].as_str()) else {
                return;
            };
            let mut before = versions
                .iter()
                .filter(|v| v["changed_at"].as_str() <= Some(instant));
            let version = before
                .next_back()
                .filter(|version| version["deleted"] == false);
            let call = Call::get(format!("{path}/{key}")).query("as_of", Some(instant));
            let expected = version.map(|version| config(&versions, version, false));
            assert_found(&tenant.send(&call).await, Tag::None, expected.as_ref());
        }
        "list" => {
            tenant.blind = dice.chance(6);
            let prefix = dice.maybe(&["a", "a.", "c"]);
            let expected = agent.map(|agent| configs(agent, prefix.unwrap_or(""), tenant.blind));
            let call = Call::get(path).query("prefix", prefix);
            tenant.expect_list(call, limit, expected).await;
        }
        "versions" => {
            tenant.blind = dice.chance(6);
            let expected = (!versions.is_empty()).then(|| history(&versions, tenant.blind));
            let call = Call::get(format!("{path}/{key}/versions"));
            tenant.expect_list(call, limit, expected).await;
        }
        "set" => {
            let (once, absent) = (dice.maybe(&ONCE), dice.chance(3));
            let value = dice.pick(&[
                json!(1),
                json!({ "x": [null, 0.5] }),
                json!("text"),
                json!(null),
            ]);
            let mut body = dice.object(json!({
                "description": ["d", null],
                "schema": [{ "type": "integer" }, null],
                "secret": [true, false, null],
            }));
            (body["key"], body["value"]) = (json!(key), value.clone());
            let call = Call::post(path, &body)
                .header("If-Match", tag.header(number))
                .header("If-None-Match", absent.then(|| "*".to_owned()));
            let Some(answer) = tenant.send_once(call, once).await else {
                return;
            };
            if !tenant.agents.contains_key(id) {
                return assert_refused(&answer, NOT_FOUND);
            }
            if !matches || (absent && now.is_some()) {
                return assert_refused(&answer, STALE);
            }
            let said = |name: &str| {
                let before = || now.map(|now| now[name].clone());
                body.get(name).cloned().or_else(before).unwrap_or_default()
            };
            let secret = Some(&body["secret"]).filter(|secret| secret.is_boolean());
            let secret = secret.or(now.map(|now| &now["secret"])).cloned();
            let content = json!({
                "key": key, "value": value, "description": said("description"),
                "schema": said("schema"), "secret": secret.unwrap_or(json!(false)),
            });
            let created = u16::from(now.is_none());
            change(
                tenant,
                (id, key),
                &versions,
                content,
                (&answer, 200 + created),
            );
        }
        "restore" => {
            let old = dice.pick(&[1, 2, 3, 4]);
            let call = Call::post(format!("{path}/{key}/restore"), &json!({ "version": old }));
            let answer = tenant
                .send(&call.header("If-Match", tag.header(number)))
                .await;
            if !tenant.agents.contains_key(id) {
                return assert_refused(&answer, NOT_FOUND);
            }
            if !matches {
                return assert_refused(&answer, STALE);
            }
            match versions.get(old - 1).filter(|old| old["deleted"] == false) {
                None => assert_refused(&answer, NOT_FOUND),
                Some(old) => {
                    let mut content = json!({});
                    for name in ["key", "value", "description", "schema", "secret"] {
                        content[name] = old[name].clone();
                    }
                    change(tenant, (id, key), &versions, content, (&answer, 200));
                }
            }
        }
        _ => {
            let call = Call::new(Method::DELETE, format!("{path}/{key}"));
            let answer = tenant
                .send(&call.header("If-Match", tag.header(number)))
                .await;
            if !tenant.agents.contains_key(id) || (matches && now.is_none()) {
                return assert_refused(&answer, NOT_FOUND);
            }
            if !matches {
                return assert_refused(&answer, STALE);
            }
            assert_eq!(answer.status, 204);
            let mut deleted = json!({
                "key": key, "version": versions.len() + 1, "deleted": true, "value": null,
                "masked": false, "description": null, "schema": null,
                "secret": now.unwrap()["secret"], "changed_by": tenant.client,
            });
            // When it was deleted only the version itself tells.
            let read = tenant
                .list(Call::get(format!("{path}/{key}/versions")), 100)
                .await;
            deleted["changed_at"] = read.unwrap()[0]["changed_at"].clone();
            let agent = tenant.agents.get_mut(id).unwrap();
            agent.configs.get_mut(key).unwrap().push(deleted);
        }
    }
    tenant.blind = false;
}

/// Makes a version of this content, unless it is the newest already.
fn change(
    tenant: &mut Tenant<'_>,
    (id, key): (&str, &str),
    before: &[Value],
    content: Value,
    (answer, status): (&crate::support::Answer, u16),
) {
    let same = |now: &&Value| {
        let members = content.as_object().unwrap();
        members.iter().all(|(name, value)| now[name] == *value)
    };
    if let Some(now) = living(before).filter(same) {
        return assert_resource(answer, status, &config(before, now, false));
    }
    if content["schema"].is_object() && !content["value"].is_i64() {
        assert_refused(answer, INVALID);
        return assert_eq!(answer.places(), ["/value"]);
    }
    let mut version = content;
    let versions = tenant
        .agents
        .get_mut(id)
        .unwrap()
        .configs
        .entry(key.to_owned())
        .or_default();
    version["version"] = json!(before.len() + 1);
    (version["deleted"], version["masked"]) = (json!(false), json!(false));
    version["changed_by"] = json!(tenant.client);
    take(&mut version, answer, &["updated_at"]);
    let members = version.as_object_mut().unwrap();
    let at = members.remove("updated_at").unwrap();
    members.insert("changed_at".into(), at);
    versions.push(version);
    assert_resource(
        answer,
        status,
        &config(versions, &versions[before.len()], false),
    );
    if status == 201 {
        assert!(
            answer
                .header("location")
                .ends_with(&format!("/agents/{id}/configs/{key}"))
        );
    }
}

pub async fn read_all(tenant: &Tenant<'_>, id: &str, agent: &Agent) {
    let path = format!("/agents/{id}/configs");
    let expected = Some(configs(agent, "", false));
    tenant.expect_list(Call::get(&path), 100, expected).await;
    for key in KEYS {
        let expected = agent
            .configs
            .get(key)
            .map(|versions| history(versions, false));
        let call = Call::get(format!("{path}/{key}/versions"));
        tenant.expect_list(call, 100, expected).await;
    }
}
