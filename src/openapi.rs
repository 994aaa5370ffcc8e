//! The specification: emitted by poem-openapi from the code, normalised once, and the same for
//! everybody: `agentdata openapi`, `/openapi.json`, the clients and the tests.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use anyhow::Context;
use poem::http::Method;
use poem_openapi::{ContactObject, LicenseObject, OpenApiService, Tags};
use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value, json};

use crate::{
    agents::api::AgentsApi, auth::api::AuthApi, docs::RootApi, health::HealthApi, server::App,
};

/// The groups of operations.
#[derive(Tags)]
pub enum Tag {
    /// AI agents: what each one is.
    Agents,
    /// Access tokens (OAuth 2.0).
    Auth,
    /// Health and metrics of the server.
    Server,
}

/// All operations. One struct owns all methods of a path, because poem-openapi writes a path that
/// two structs share twice.
pub type Service = OpenApiService<(AgentsApi, AuthApi, HealthApi, RootApi), ()>;

const DESCRIPTION: &str = "\
One place for the data of AI agents.

**2xx means committed**: what a request wrote is in the database and readable by everybody when its \
answer arrives. **Errors** are `application/problem+json` (RFC 9457) with a `code` for programs and \
the places of the request that break a rule. **Lists** are keyset pages: follow `next_cursor`. \
**Access** needs an OAuth 2.0 access token: `POST /oauth/token` with the `client_credentials` grant. \
Unknown fields and parameters are refused, so that a misspelling is seen at once.";

/// The operations, served by this application.
pub fn service(app: &App) -> Service {
    let apis = (app.agents_api(), app.auth_api(), app.health_api(), RootApi);
    OpenApiService::new(apis, "agentdata", env!("CARGO_PKG_VERSION"))
        .description(DESCRIPTION)
        .license(LicenseObject::new("MIT OR Apache-2.0").identifier("MIT OR Apache-2.0"))
        .contact(ContactObject::new().name("The agentdata contributors"))
}

/// The specification as checked in under `openapi/`. It depends on nothing but the code.
pub fn spec(service: &Service) -> anyhow::Result<Value> {
    let emitted = service.spec();
    let mut json = serde_json::Deserializer::from_str(&emitted);
    serde_path_to_error::deserialize::<_, UniqueKeys>(&mut json)
        .context("the emitted specification")?;
    let mut spec: Value = serde_json::from_str(&emitted)?;
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
        }
    }
    complete_schemas(&mut spec);
    Ok(spec)
}

/// Request bodies refuse unknown fields, which poem-openapi does not say. A field of an answer that
/// can be null is always there; only poem-openapi calls it optional. In a
/// request it may be absent.
fn complete_schemas(spec: &mut Value) {
    let requests: BTreeSet<String> = members_mut(&mut spec["paths"])
        .flat_map(|(_, methods)| members_mut(methods))
        .filter_map(|(_, operation)| {
            operation.pointer("/requestBody/content/application~1json/schema/$ref")
        })
        .filter_map(|reference| reference.as_str()?.rsplit('/').next())
        .map(str::to_owned)
        .collect();
    for (name, schema) in members_mut(&mut spec["components"]["schemas"]) {
        if requests.contains(name) {
            schema["additionalProperties"] = json!(false);
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

/// The specification with the URL under which clients reach this server.
pub fn with_public_url(mut spec: Value, public_url: &str) -> Value {
    spec["servers"] = json!([{ "url": public_url }]);
    spec["components"]["securitySchemes"]["oauth2"]["flows"]["clientCredentials"]["tokenUrl"] =
        json!(format!("{public_url}/oauth/token"));
    spec
}

/// Pretty JSON with a final newline.
pub fn to_json(spec: &Value) -> anyhow::Result<String> {
    Ok(format!("{}\n", serde_json::to_string_pretty(spec)?))
}

/// YAML.
pub fn to_yaml(spec: &Value) -> anyhow::Result<String> {
    // serde_json's numbers of arbitrary precision are for itself only; the spec has small ones.
    Ok(serde_yaml_ng::to_string(&plain(spec))?)
}

fn plain(value: &Value) -> serde_yaml_ng::Value {
    use serde_yaml_ng::Value as Yaml;
    match value {
        Value::Null => Yaml::Null,
        Value::Bool(value) => Yaml::Bool(*value),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(integer), _) => Yaml::Number(integer.into()),
            (None, float) => Yaml::Number(float.unwrap_or_default().into()),
        },
        Value::String(text) => Yaml::String(text.clone()),
        Value::Array(items) => Yaml::Sequence(items.iter().map(plain).collect()),
        Value::Object(members) => Yaml::Mapping(
            members
                .iter()
                .map(|(key, value)| (Yaml::String(key.clone()), plain(value)))
                .collect(),
        ),
    }
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
    if operation["operationId"] == "issue_token" || operation["operationId"] == "get_readiness" {
        return;
    }
    let Some(responses) = operation["responses"].as_object_mut() else {
        return;
    };
    responses.retain(|status, _| match status.as_str() {
        "401" | "403" | "503" => secured,
        "404" => in_path,
        "408" | "413" | "415" => has_body,
        "409" => has_body && matches!(method, "post" | "put" | "patch"),
        "412" => conditional,
        "422" => has_body || any_parameter,
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

/// The methods of each path and the query parameters of each operation, read from the specification.
pub struct Routes(Vec<Route>);

struct Route {
    segments: Vec<String>,
    /// By method the operation's query parameters, unless it ignores unknown ones.
    methods: BTreeMap<String, Option<BTreeSet<String>>>,
}

impl Routes {
    /// The routes of a specification.
    pub fn new(spec: &Value) -> Self {
        let members = |value: &Value| value.as_object().cloned().unwrap_or_default();
        let paths = members(&spec["paths"]).into_iter().map(|(path, methods)| {
            let segments = path.split('/').map(str::to_owned).collect();
            let methods = members(&methods).into_iter().map(|(method, operation)| {
                // Who says no 422 ignores what it does not know, as RFC 6749 §3.2 wants of the
                // token endpoint and probes expect.
                if operation["responses"].get("422").is_none() {
                    return (method.to_uppercase(), None);
                }
                let parameters = operation["parameters"]
                    .as_array()
                    .cloned()
                    .unwrap_or_default();
                let names = parameters
                    .iter()
                    .filter(|parameter| parameter["in"] == "query")
                    .filter_map(|parameter| parameter["name"].as_str().map(str::to_owned));
                (method.to_uppercase(), Some(names.collect()))
            });
            Route {
                segments,
                methods: methods.collect(),
            }
        });
        Self(paths.collect())
    }

    /// The route that a path takes.
    fn route(&self, path: &str) -> Option<&Route> {
        let wanted: Vec<&str> = path.split('/').collect();
        self.0.iter().find(|route| {
            route.segments.len() == wanted.len()
                && route
                    .segments
                    .iter()
                    .zip(&wanted)
                    .all(|(segment, wanted)| segment == wanted || segment.starts_with('{'))
        })
    }

    /// The name of the path's parameter of this number, from 0.
    pub fn path_parameter(&self, path: &str, index: usize) -> Option<&str> {
        let mut names = self.route(path)?.segments.iter().filter_map(|segment| {
            segment
                .strip_prefix('{')
                .and_then(|name| name.strip_suffix('}'))
        });
        names.nth(index)
    }

    /// The value of `Allow` (RFC 9110 §10.2.1) for a path.
    pub fn allow(&self, path: &str) -> String {
        let Some(Route { methods, .. }) = self.route(path) else {
            return "GET, HEAD".into();
        };
        let mut allowed: Vec<&str> = methods.keys().map(String::as_str).collect();
        if methods.contains_key("GET") {
            allowed.push("HEAD");
        }
        allowed.join(", ")
    }

    /// The query parameters that the operation has; `None` when it ignores others, or there is no
    /// such operation.
    pub fn query_parameters(&self, method: &Method, path: &str) -> Option<&BTreeSet<String>> {
        let method = if method == Method::HEAD {
            "GET"
        } else {
            method.as_str()
        };
        self.route(path)?.methods.get(method)?.as_ref()
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
