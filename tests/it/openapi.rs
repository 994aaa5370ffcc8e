//! The specification itself.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use agentdata::openapi;
use serde_json::json;

use crate::support::contract::{SPEC, operations};

fn checked_in(file: &str, emitted: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("openapi")
        .join(file);
    let on_disk = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        on_disk == emitted,
        "openapi/{file} is not what the code emits; run `make openapi clients` and commit the result"
    );
}

#[test]
fn the_checked_in_specification_is_what_the_code_emits() {
    checked_in("openapi.json", &openapi::to_json(&SPEC).unwrap());
    checked_in("openapi.yaml", &openapi::to_yaml(&SPEC).unwrap());
}

/// The users' specification fixes these; they are the methods of the clients.
#[test]
fn the_operations_keep_their_names() {
    let all: BTreeSet<String> = operations()
        .into_iter()
        .map(|o| format!("{} {} {}", o.id, o.method, o.path))
        .collect();
    for fixed in [
        "list_agents GET /agents",
        "create_agent POST /agents",
        "get_agent GET /agents/{agent_id}",
        "update_agent PUT /agents/{agent_id}",
        "delete_agent DELETE /agents/{agent_id}",
        "list_logs GET /agents/{agent_id}/logs",
        "create_log POST /agents/{agent_id}/logs",
        "list_metrics GET /agents/{agent_id}/metrics",
        "create_metric POST /agents/{agent_id}/metrics",
        "list_tool_usage GET /agents/{agent_id}/tool-usage",
        "create_tool_usage POST /agents/{agent_id}/tool-usage",
        "list_prompts GET /agents/{agent_id}/prompts",
        "create_prompt POST /agents/{agent_id}/prompts",
        "get_prompt GET /agents/{agent_id}/prompts/{version}",
        "list_configs GET /agents/{agent_id}/configs",
        "set_config POST /agents/{agent_id}/configs",
        "get_config GET /agents/{agent_id}/configs/{key}",
        "delete_config DELETE /agents/{agent_id}/configs/{key}",
        "list_config_versions GET /agents/{agent_id}/configs/{key}/versions",
        "restore_config POST /agents/{agent_id}/configs/{key}/restore",
        "watch_configs GET /agents/{agent_id}/config-changes",
        "list_datasets GET /agents/{agent_id}/datasets",
        "create_dataset POST /agents/{agent_id}/datasets",
        "get_dataset GET /agents/{agent_id}/datasets/{dataset_id}",
        "update_dataset PUT /agents/{agent_id}/datasets/{dataset_id}",
        "delete_dataset DELETE /agents/{agent_id}/datasets/{dataset_id}",
        "list_embeddings GET /datasets/{dataset_id}/embeddings",
        "create_embeddings POST /datasets/{dataset_id}/embeddings",
    ] {
        assert!(all.contains(fixed), "{fixed}");
    }
}

#[test]
fn every_operation_is_documented_in_full() {
    for operation in operations() {
        let (id, value) = (&operation.id, &operation.value);
        assert!(
            value["summary"].as_str().is_some_and(|s| !s.is_empty()),
            "{id}: no summary"
        );
        assert_eq!(
            value["tags"].as_array().map(Vec::len),
            Some(1),
            "{id}: one tag"
        );
        for (status, response) in value["responses"].as_object().unwrap() {
            assert!(
                response["description"]
                    .as_str()
                    .is_some_and(|d| !d.is_empty()),
                "{id} {status}: no description"
            );
            // Their errors have the form of RFC 6749.
            let of_tokens =
                ["issue_token", "revoke_token", "introspect_token"].contains(&id.as_str());
            if status.starts_with(['4', '5']) && !of_tokens {
                assert!(
                    response["content"]["application/problem+json"].is_object(),
                    "{id} {status}: no problem"
                );
            }
        }
        for parameter in value["parameters"].as_array().into_iter().flatten() {
            assert!(
                parameter["description"].is_string(),
                "{id}: {} has no description",
                parameter["name"]
            );
        }
        if let Some(schema) = operation.body_schema() {
            let schema = crate::support::contract::resolve(schema);
            assert!(
                schema["example"].is_object(),
                "{id}: its body has no example"
            );
            assert_eq!(
                schema["additionalProperties"], false,
                "{id}: its body takes unknown fields"
            );
        }
    }
    for (name, schema) in SPEC["components"]["schemas"].as_object().unwrap() {
        assert!(
            schema["description"].is_string(),
            "{name} has no description"
        );
        for (field, property) in schema["properties"].as_object().into_iter().flatten() {
            assert!(
                property["description"].is_string(),
                "{name}.{field} has no description"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_serves_its_specification_and_its_docs() {
    let app = crate::support::TestApp::start().await;
    let spec = app
        .send(app.anonymous(reqwest::Method::GET, "/openapi.json"))
        .await;
    assert_eq!(spec.json["paths"], SPEC["paths"]);
    assert_eq!(spec.json["servers"][0]["url"], app.url.as_str());
    let yaml = app
        .send(app.anonymous(reqwest::Method::GET, "/openapi.yaml"))
        .await;
    assert!(yaml.text.starts_with("openapi: 3.0.0\n"));
    let docs = app.send(app.anonymous(reqwest::Method::GET, "/")).await;
    assert!(docs.text.contains("SwaggerUIBundle"));
}

/// Whoever made something finds in the answer's links what can be done with it.
#[test]
fn links_lead_from_what_makes_a_thing_to_every_operation_on_it() {
    let paths = SPEC["paths"].as_object().unwrap();
    let operations = || {
        paths.iter().flat_map(|(path, methods)| {
            let methods = methods.as_object().unwrap().values();
            methods.map(move |operation| (path, operation))
        })
    };
    let in_path = |path: &str| -> BTreeSet<String> {
        let parts = path.split('/').filter_map(|part| part.strip_prefix('{'));
        parts
            .map(|part| part.trim_end_matches('}').to_owned())
            .collect()
    };
    let takes: BTreeMap<&str, BTreeSet<String>> = operations()
        .map(|(path, operation)| (operation["operationId"].as_str().unwrap(), in_path(path)))
        .collect();
    let mut reached = BTreeSet::new();
    let mut values = BTreeMap::new();
    for (_, operation) in operations() {
        let from = operation["operationId"].as_str().unwrap();
        for response in operation["responses"].as_object().unwrap().values() {
            for link in response["links"]
                .as_object()
                .into_iter()
                .flatten()
                .map(|(_, link)| link)
            {
                let to = link["operationId"].as_str().unwrap();
                let given = link["parameters"].as_object().unwrap();
                let mut needed = takes[to].clone();
                if to == "set_prompt_label" {
                    // Its name is the caller's to make up.
                    needed.remove("label");
                }
                assert_eq!(
                    given.keys().cloned().collect::<BTreeSet<_>>(),
                    needed,
                    "{from} {to}"
                );
                values.insert((from, to), given.clone());
                reached.insert(to);
            }
        }
    }
    for (operation, parameters) in &takes {
        let expected = !parameters.is_empty();
        assert_eq!(reached.contains(operation), expected, "{operation}");
    }
    for (from, to, expected) in [
        (
            "create_agent",
            "list_logs",
            json!({ "agent_id": "$response.body#/id" }),
        ),
        (
            "create_log_batch",
            "get_log",
            json!({ "agent_id": "$request.path.agent_id", "log_id": "$response.body#/ids/0" }),
        ),
        (
            "create_prompt",
            "render_prompt",
            json!({ "agent_id": "$request.path.agent_id", "version": "$response.body#/version" }),
        ),
        (
            "set_prompt_label",
            "get_prompt_by_label",
            json!({ "agent_id": "$request.path.agent_id", "label": "$request.path.label" }),
        ),
        (
            "create_dataset",
            "search_embeddings",
            json!({ "dataset_id": "$response.body#/id" }),
        ),
        (
            "create_oauth_client",
            "delete_oauth_client",
            json!({ "client_id": "$response.body#/client/client_id" }),
        ),
    ] {
        assert_eq!(json!(values[&(from, to)]), expected, "{from} {to}");
    }
}
