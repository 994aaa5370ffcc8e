//! Links (OpenAPI 3.0 "Link Object"): what can be done with a thing that an answer says was made. People see
//! them in the reference, and tests that follow an id from operation to operation need not guess.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// An operation that others may lead to.
struct Target {
    id: String,
    parameters: Vec<String>,
    /// The last of the parameters, when whoever calls makes it up.
    made_up: Option<String>,
}

/// Adds to each answer that says what was made the operations that take it in their path.
pub fn add(spec: &mut Value) {
    let targets = targets(spec);
    let mut found = Vec::new();
    for (path, methods) in spec["paths"].as_object().into_iter().flatten() {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            for (status, response) in operation["responses"].as_object().into_iter().flatten() {
                let made = match method.as_str() {
                    "post" => made_below(spec, path, response),
                    "put" => made_here(spec, path),
                    _ => None,
                };
                let Some((parameter, value)) = made.filter(|_| status.starts_with('2')) else {
                    continue;
                };
                let mut known: BTreeMap<&str, String> = parameters(path)
                    .map(|name| (name, format!("$request.path.{name}")))
                    .collect();
                known.insert(parameter, value);
                let links = links(&targets, &known, parameter, &operation["operationId"]);
                found.push((path.clone(), method.clone(), status.clone(), links));
            }
        }
    }
    for (path, method, status, links) in found {
        spec["paths"][path][method]["responses"][status]["links"] = links.into();
    }
}

/// The links to all operations that need this parameter and no other than the known ones, and those that they
/// leave to the caller.
fn links(
    targets: &[Target],
    known: &BTreeMap<&str, String>,
    needed: &str,
    own_id: &Value,
) -> Map<String, Value> {
    let takes_it = |target: &&Target| {
        let mut parameters = target.parameters.iter();
        target.id != *own_id
            && target.parameters.iter().any(|name| name == needed)
            && parameters.all(|name| {
                known.contains_key(name.as_str()) || target.made_up.as_ref() == Some(name)
            })
    };
    let link = |target: &Target| {
        let values = target.parameters.iter();
        let values: Map<_, _> = values
            .filter_map(|name| Some((name.clone(), json!(known.get(name.as_str())?))))
            .collect();
        let link = json!({ "operationId": target.id, "parameters": values });
        (target.id.clone(), link)
    };
    targets.iter().filter(takes_it).map(link).collect()
}

/// The parameter for one item of the collection at this path, and where the answer has its value.
fn made_below<'a>(
    spec: &'a Value,
    collection: &str,
    response: &Value,
) -> Option<(&'a str, String)> {
    let collection = collection.trim_end_matches("/batch");
    let parameter = spec["paths"].as_object()?.keys().find_map(|path| {
        let item = path.strip_prefix(collection)?.strip_prefix("/{")?;
        item.strip_suffix('}').filter(|name| !name.contains('/'))
    })?;
    let schema = &response["content"]["application/json"]["schema"];
    let pointer = pointer(spec, schema, parameter)?;
    Some((parameter, format!("$response.body#{pointer}")))
}

/// The last parameter of a path that alone makes what it names: its collection takes no `POST`.
fn made_here<'a>(spec: &Value, path: &'a str) -> Option<(&'a str, String)> {
    let (collection, item) = path.rsplit_once('/')?;
    let parameter = item.strip_prefix('{')?.strip_suffix('}')?;
    if spec["paths"][collection].get("post").is_some() {
        return None;
    }
    Some((parameter, format!("$request.path.{parameter}")))
}

/// Where a value of this schema has what a parameter takes: under its name, as `id`, or as the first of `ids`.
fn pointer(spec: &Value, schema: &Value, parameter: &str) -> Option<String> {
    let name = schema["$ref"].as_str()?.rsplit('/').next()?;
    let properties = spec["components"]["schemas"][name]["properties"].as_object()?;
    if properties.contains_key(parameter) {
        return Some(format!("/{parameter}"));
    }
    let is_id = parameter.ends_with("_id");
    if is_id && properties.contains_key("id") {
        return Some("/id".to_owned());
    }
    if is_id && properties.contains_key("ids") {
        return Some("/ids/0".to_owned());
    }
    properties.iter().find_map(|(name, part)| {
        let part = part["allOf"].get(0).unwrap_or(part);
        Some(format!("/{name}{}", pointer(spec, part, parameter)?))
    })
}

fn targets(spec: &Value) -> Vec<Target> {
    let paths = spec["paths"].as_object().into_iter().flatten();
    let operations = paths.flat_map(|(path, methods)| {
        let methods = methods.as_object().into_iter().flatten();
        methods.map(move |(method, operation)| Target {
            id: operation["operationId"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            parameters: parameters(path).map(str::to_owned).collect(),
            made_up: made_here(spec, path)
                .filter(|_| method == "put")
                .map(|(parameter, _)| parameter.to_owned()),
        })
    });
    operations.collect()
}

/// The names in braces.
fn parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}
