//! What poem-openapi emits, made into what is checked in: its flaws mended, its noise left out.

use std::{collections::BTreeSet, fmt};

use anyhow::Context;
use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value, json};

use super::links;

/// The specification out of what poem-openapi emitted.
pub fn normalise(emitted: &str) -> anyhow::Result<Value> {
    let mut json = serde_json::Deserializer::from_str(emitted);
    serde_path_to_error::deserialize::<_, UniqueKeys>(&mut json)
        .context("the emitted specification")?;
    let mut spec: Value = serde_json::from_str(emitted)?;
    rename_json_content(&mut spec);
    drop_noise(&mut spec);
    let object = spec
        .as_object_mut()
        .context("the specification is no object")?;
    object.insert(
        "servers".into(),
        json!([{ "url": "http://127.0.0.1:8080", "description": "The default listen address" }]),
    );
    object.shift_remove("webhooks");
    if let Some(license) = spec["info"]["license"].as_object_mut() {
        // SPDX identifiers came with OpenAPI 3.1.
        license.shift_remove("identifier");
    }
    spec["components"]["securitySchemes"]["oauth2"]["flows"]["clientCredentials"]["tokenUrl"] =
        json!("http://127.0.0.1:8080/oauth/token");
    for (_, methods) in members_mut(&mut spec["paths"]) {
        for (method, operation) in members_mut(methods) {
            keep_possible_statuses(method, operation);
            name_headers(&mut operation["responses"]);
            // Public on purpose, and not because somebody forgot.
            if operation.get("security").is_none() {
                operation["security"] = json!([]);
            }
        }
    }
    complete_schemas(&mut spec);
    illustrate_forms(&mut spec);
    links::add(&mut spec);
    Ok(spec)
}

/// Request bodies refuse unknown fields, which poem-openapi does not say. A field of an answer that
/// can be null is always there; only poem-openapi calls it optional. In a
/// request it may be absent.
fn complete_schemas(spec: &mut Value) {
    let requests = request_schemas(spec);
    for (name, schema) in members_mut(&mut spec["components"]["schemas"]) {
        if requests.contains(name) {
            if let Some(properties) = schema.get_mut("properties") {
                members_mut(properties).for_each(|(_, property)| refuse_nul(property));
                schema["additionalProperties"] = json!(false);
            }
            continue;
        }
        let nullable: Vec<Value> = schema
            .get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .filter(|(_, property)| property["nullable"] == true)
            .map(|(name, _)| json!(name))
            .collect();
        if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) {
            required.extend(nullable);
        }
    }
}

/// The fields of a form get the examples of the form: Swagger UI looks for them there, and fills in `string`
/// when there are none.
fn illustrate_forms(spec: &mut Value) {
    let mut forms = Vec::new();
    for (_, methods) in members_mut(&mut spec["paths"]) {
        for (_, operation) in members_mut(methods) {
            let content = &operation["requestBody"]["content"];
            references(&content["application/x-www-form-urlencoded"], &mut forms);
        }
    }
    for name in forms {
        let schema = &mut spec["components"]["schemas"][&name];
        let example = schema["example"].clone();
        for (field, property) in members_mut(&mut schema["properties"]) {
            if let Some(value) = example.get(field) {
                property["example"] = value.clone();
            }
        }
    }
}

/// The schemas that JSON request bodies are made of, however deep.
fn request_schemas(spec: &Value) -> BTreeSet<String> {
    let paths = spec["paths"].as_object().into_iter().flatten();
    let operations = paths.flat_map(|(_, methods)| methods.as_object().into_iter().flatten());
    let mut open = Vec::new();
    for (_, operation) in operations {
        references(
            &operation["requestBody"]["content"]["application/json"],
            &mut open,
        );
    }
    let mut found = BTreeSet::new();
    while let Some(name) = open.pop() {
        references(&spec["components"]["schemas"][&name], &mut open);
        open.retain(|name| !found.contains(name));
        found.insert(name);
    }
    found
}

/// Adds the names of the schemas that a value refers to.
fn references(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get("$ref") {
                names.extend(reference.rsplit('/').next().map(str::to_owned));
            }
            members
                .values()
                .for_each(|member| references(member, names));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// No text of a body may contain U+0000, which `PostgreSQL` cannot store.
fn refuse_nul(property: &mut Value) {
    let Some(members) = property.as_object_mut() else {
        return;
    };
    if members.get("type") == Some(&json!("string")) && !members.contains_key("format") {
        let pattern = members.entry("pattern");
        pattern.or_insert_with(|| json!(r"^[^\x00]*$"));
    }
    if let Some(items) = members.get_mut("items") {
        refuse_nul(items);
    }
}

/// `application/json; charset=utf-8` is one more content type to most generators.
fn rename_json_content(value: &mut Value) {
    match value {
        Value::Object(members) => {
            let renamed = std::mem::take(members).into_iter().map(|(key, mut value)| {
                rename_json_content(&mut value);
                let plain = matches!(
                    key.as_str(),
                    "application/json; charset=utf-8" | "text/plain; charset=utf-8"
                );
                let key = if plain {
                    key.split(';').next().unwrap_or_default().to_owned()
                } else {
                    key
                };
                (key, value)
            });
            *members = renamed.collect();
        }
        Value::Array(items) => items.iter_mut().for_each(rename_json_content),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Removes what only repeats: OpenAPI's defaults, and attributes that stand both beside an `allOf`
/// and inside it. Writes whole numbers as such.
fn drop_noise(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if members.contains_key("schema") {
                members.retain(|key, value| {
                    !((key == "deprecated" && *value == json!(false))
                        || (key == "explode" && *value == json!(true)))
                });
            }
            let own = members.clone();
            if let Some(parts) = members.get_mut("allOf").and_then(Value::as_array_mut) {
                parts.retain(|part| {
                    let repeats = part.as_object().is_some_and(|part| {
                        part.iter().all(|(key, value)| own.get(key) == Some(value))
                    });
                    !repeats
                });
            }
            members.values_mut().for_each(drop_noise);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_noise),
        Value::Number(number) => {
            let whole = number
                .as_f64()
                .filter(|float| number.as_i64().is_none() && float.fract() == 0.0);
            if let Some(whole) = whole {
                *value = json!(whole as i64);
            }
        }
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

/// Header names as RFC 9110 writes them; poem-openapi writes them in upper case. Every response
/// needs a description.
fn name_headers(responses: &mut Value) {
    for (_, response) in members_mut(responses) {
        if response["description"] == "" {
            response["description"] = json!("Success.");
        }
        if let Some(headers) = response.get_mut("headers").and_then(Value::as_object_mut) {
            let renamed = std::mem::take(headers).into_iter().map(|(name, header)| {
                let name = match name.as_str() {
                    "ETAG" => "ETag".to_owned(),
                    "WWW-AUTHENTICATE" => "WWW-Authenticate".to_owned(),
                    _ => name
                        .split('-')
                        .map(capitalised)
                        .collect::<Vec<_>>()
                        .join("-"),
                };
                (name, header)
            });
            *headers = renamed.collect();
        }
    }
}

fn capitalised(word: &str) -> String {
    let (first, rest) = word.split_at(word.len().min(1));
    format!("{}{}", first.to_uppercase(), rest.to_lowercase())
}

/// Every handler fails with the one `ApiError`; which of its statuses can occur follows from the
/// operation's shape. The tests check every answer against what remains.
fn keep_possible_statuses(method: &str, operation: &mut Value) {
    let has_body = operation.get("requestBody").is_some();
    let secured = operation.get("security").is_some();
    let parameter = |place: &str, name: &str| {
        operation["parameters"].as_array().is_some_and(|all| {
            all.iter()
                .any(|p| p["in"] == place && (name.is_empty() || p["name"] == name))
        })
    };
    let in_path = parameter("path", "");
    let any_parameter = in_path || parameter("query", "") || parameter("header", "");
    let conditional = parameter("header", "If-Match");
    // Of configs and labels none is in another's way, of two records of one id the first stays, an
    // embedding keeps its id, and neither rendering nor searching writes anything.
    let tag = operation["tags"][0].as_str().unwrap_or_default();
    let id = operation["operationId"].as_str().unwrap_or_default();
    let never_in_the_way = ["Configs", "Logs", "Metrics", "Tool usage"].contains(&tag)
        || [
            "set_prompt_label",
            "update_embedding",
            "delete_embeddings",
            "rebuild_index",
            "rotate_oauth_client_secret",
        ]
        .contains(&id)
        || id.starts_with("search_")
        || id.starts_with("render_");
    let asks_the_provider = ["create_embeddings", "update_embedding", "import_embeddings"]
        .contains(&id)
        || id.starts_with("search_");
    // They say themselves what they answer.
    if [
        "issue_token",
        "revoke_token",
        "introspect_token",
        "get_readiness",
    ]
    .contains(&id)
    {
        return;
    }
    let of_our_tokens = ["create_oauth_client", "get_jwks", "get_oauth_metadata"].contains(&id);
    let Some(responses) = operation["responses"].as_object_mut() else {
        return;
    };
    responses.retain(|status, _| match status.as_str() {
        "401" | "403" | "429" | "503" => secured,
        "404" => in_path || of_our_tokens,
        "408" | "413" | "415" => has_body,
        "409" => has_body && matches!(method, "post" | "put" | "patch") && !never_in_the_way,
        "412" => conditional,
        "422" => has_body || any_parameter,
        "502" => asks_the_provider,
        "504" => secured,
        _ => true,
    });
}

/// The members of an object; of anything else none.
fn members_mut(value: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    value.as_object_mut().into_iter().flat_map(|members| {
        let members: &mut Map<String, Value> = members;
        members.iter_mut()
    })
}

/// JSON in which no object has a key twice. Parsing into a map keeps the last of two equal keys, so a
/// path or status that was emitted twice would vanish unseen.
struct UniqueKeys;

impl<'de> Deserialize<'de> for UniqueKeys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UniqueKeys)
    }
}

impl<'de> Visitor<'de> for UniqueKeys {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON without repeated keys")
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self, A::Error> {
        while items.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self, A::Error> {
        let mut keys = BTreeSet::new();
        while let Some(key) = members.next_key::<String>()? {
            members.next_value::<Self>()?;
            if let Some(key) = keys.replace(key) {
                return Err(de::Error::custom(format!(
                    "the key `{key}` is declared twice"
                )));
            }
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_key_is_refused() {
        let check = |text: &str| serde_json::from_str::<UniqueKeys>(text).is_ok();
        assert!(check(r#"{"a":{"200":1.5,"404":null},"b":[{"200":true}]}"#));
        assert!(!check(r#"{"a":{"200":{},"200":{}}}"#));
    }
}
