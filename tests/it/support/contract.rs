//! The specification as the tests read it, and the check that an answer is one it documents.

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock, Mutex},
};

use agentdata::{app::App, openapi};
use serde_json::{Map, Value, json};

use super::{Answer, resources::Names};

/// The specification as emitted by the code.
pub static SPEC: LazyLock<Value> =
    LazyLock::new(|| openapi::spec(&openapi::service(&App::for_description().unwrap())).unwrap());

/// Its schemas as JSON Schema.
static SCHEMAS: LazyLock<Value> = LazyLock::new(|| json_schema(&SPEC["components"]["schemas"]));

/// An operation of the specification.
#[derive(Clone)]
pub struct Operation {
    /// Its id.
    pub id: String,
    /// In capitals.
    pub method: String,
    /// With `{parameters}`.
    pub path: String,
    /// All that is written of it.
    pub value: Value,
}

impl Operation {
    /// The scope that it needs, by its documentation; `None` when it is public.
    pub fn scope(&self) -> Option<&str> {
        self.value
            .pointer("/security/0/oauth2/0")
            .and_then(Value::as_str)
    }

    /// The JSON schema of its request body, or of the items when that is an array, by reference, if
    /// it has one in JSON.
    pub fn body_schema(&self) -> Option<&str> {
        let schema = &self.value["requestBody"]["content"]["application/json"]["schema"];
        let reference = schema.get("$ref").or(schema["items"].get("$ref"));
        reference.and_then(Value::as_str)
    }

    /// Whether its request body is an array.
    pub fn takes_many(&self) -> bool {
        self.value["requestBody"]["content"]["application/json"]["schema"]["type"] == "array"
    }

    /// The request body for a value of [`Self::body_schema`].
    pub fn body(&self, value: Value) -> Value {
        if self.takes_many() {
            json!([value])
        } else {
            value
        }
    }

    /// A request to it with the body that its documentation gives as an example, `unique` in its name;
    /// where that is a stream of lines, with none.
    pub fn with_example(
        &self,
        request: reqwest::RequestBuilder,
        unique: &str,
    ) -> reqwest::RequestBuilder {
        let content = self.value["requestBody"]["content"].as_object();
        match (
            self.body_schema(),
            content.and_then(|content| content.keys().next()),
        ) {
            (Some(schema), _) => request.json(&self.body(example(schema, unique))),
            (None, Some(kind)) => request.header("Content-Type", kind).body(""),
            (None, None) => request,
        }
    }

    /// The pointer in [`Self::body`] to a place in its value.
    pub fn place(&self, pointer: &str) -> String {
        let item = if self.takes_many() { "/0" } else { "" };
        format!("{item}{pointer}")
    }

    /// Its parameters in a place (`path`, `query`, `header`).
    pub fn parameters(&self, place: &str) -> Vec<&Value> {
        let all = self.value["parameters"].as_array();
        all.into_iter()
            .flatten()
            .filter(|parameter| parameter["in"] == place)
            .collect()
    }

    /// The names of the parameters of its path, in order.
    pub fn path_parameters(&self) -> impl Iterator<Item = &str> {
        self.path.split('/').filter_map(parameter_name)
    }

    /// Its path with the parameters replaced by these names.
    pub fn path_with(&self, names: &Names) -> String {
        let segments = self.path.split('/').map(|segment| {
            parameter_name(segment).map_or(segment, |parameter| names[parameter].as_str())
        });
        segments.collect::<Vec<_>>().join("/")
    }

    /// The parameters that its query must have, with the examples of their schemas.
    pub fn required_query(&self) -> Vec<(String, String)> {
        let required = self.parameters("query").into_iter();
        required
            .filter(|parameter| parameter["required"] == true)
            .map(|parameter| {
                let text = |value: &Value| value.as_str().unwrap().to_owned();
                (
                    text(&parameter["name"]),
                    text(&parameter["schema"]["example"]),
                )
            })
            .collect()
    }

    /// For each parameter of its path a well-formed name of nothing.
    pub fn names_of_nothing(&self) -> Names {
        let name = |parameter: &Value| match parameter["schema"]["type"].as_str() {
            Some("integer") => "1",
            _ if parameter["schema"]["format"] == "uuid" => NOWHERE,
            _ => "nothing",
        };
        self.parameters("path")
            .into_iter()
            .map(|parameter| {
                let key = parameter["name"].as_str().unwrap().to_owned();
                (key, name(parameter).to_owned())
            })
            .collect()
    }
}

/// A well-formed id of nothing.
const NOWHERE: &str = "019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11";

fn parameter_name(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

/// All operations.
pub fn operations() -> Vec<Operation> {
    OPERATIONS.clone()
}

static OPERATIONS: LazyLock<Vec<Operation>> = LazyLock::new(|| {
    let mut all = Vec::new();
    for (path, methods) in SPEC["paths"].as_object().unwrap() {
        for (method, value) in methods.as_object().unwrap() {
            all.push(Operation {
                id: value["operationId"].as_str().unwrap().to_owned(),
                method: method.to_uppercase(),
                path: path.clone(),
                value: value.clone(),
            });
        }
    }
    all
});

/// The schema that a reference names.
pub fn resolve(reference: &str) -> &'static Value {
    SPEC.pointer(reference.trim_start_matches('#')).unwrap()
}

/// The operation that answers a request.
pub fn operation(method: &str, path: &str) -> Option<Operation> {
    find(method, path).cloned()
}

fn find(method: &str, path: &str) -> Option<&'static Operation> {
    let method = if method == "HEAD" { "GET" } else { method };
    let wanted: Vec<_> = path.split('/').collect();
    let matching = OPERATIONS.iter().filter(|operation| {
        let segments: Vec<_> = operation.path.split('/').collect();
        segments.len() == wanted.len()
            && segments
                .iter()
                .zip(&wanted)
                .all(|(segment, wanted)| segment == wanted || segment.starts_with('{'))
    });
    // A fixed word wins over a parameter, the first one first, whatever methods the path has.
    let shape = |operation: &&Operation| -> Vec<bool> {
        let segments = operation.path.split('/');
        segments.map(|part| part.starts_with('{')).collect()
    };
    let best = matching.clone().map(|operation| shape(&operation)).min()?;
    let mut found =
        matching.filter(|operation| operation.method == method && shape(operation) == best);
    found.next()
}

/// Panics unless the operation documents such an answer: status, headers, content type and body.
pub fn check(method: &str, path: &str, answer: &Answer) {
    let what = format!("{method} {path} → {} {}", answer.status, answer.text);
    assert!(
        !answer.header("x-request-id").is_empty(),
        "{what}: no X-Request-Id"
    );
    let Some(operation) = find(method, path) else {
        assert!(
            answer.status >= 300 || !path.contains("agents"),
            "{what}: not in the specification"
        );
        if answer.status >= 400 {
            if method != "HEAD" {
                check_json("#/components/schemas/Problem", &answer.json, &what);
            }
            assert_eq!(
                answer.header("content-type"),
                "application/problem+json",
                "{what}"
            );
        }
        return;
    };
    let documented = &operation.value["responses"][answer.status.to_string()];
    assert!(
        documented.is_object(),
        "{what}: the status is not documented"
    );
    for (name, header) in documented["headers"].as_object().into_iter().flatten() {
        let missing = header["required"] == true && answer.headers.get(name.as_str()).is_none();
        assert!(!missing, "{what}: no {name}");
    }
    let Some(content) = documented["content"]
        .as_object()
        .filter(|content| !content.is_empty())
    else {
        assert_eq!(answer.text, "", "{what}: no body is documented");
        return;
    };
    if method == "HEAD" {
        return;
    }
    let content_type = answer
        .header("content-type")
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let schema = &content
        .get(&content_type)
        .unwrap_or_else(|| panic!("{what}: {content_type}"))["schema"];
    if let Some(reference) = schema["$ref"].as_str() {
        check_json(reference, &answer.json, &what);
    }
    if answer.status >= 400 && content_type == "application/problem+json" {
        assert_eq!(answer.json["status"], answer.status, "{what}");
        let instance = format!("urn:uuid:{}", answer.header("x-request-id"));
        assert_eq!(answer.json["instance"], instance.as_str(), "{what}");
    }
}

/// The validator of a schema. To build one takes longer than a request.
fn validator(reference: &str) -> Arc<jsonschema::Validator> {
    static BUILT: Mutex<BTreeMap<String, Arc<jsonschema::Validator>>> = Mutex::new(BTreeMap::new());
    let mut built = BUILT.lock().unwrap();
    if let Some(validator) = built.get(reference) {
        return Arc::clone(validator);
    }
    let root = json!({ "$ref": reference, "components": { "schemas": *SCHEMAS } });
    let options = jsonschema::options().should_validate_formats(true);
    let validator = Arc::new(options.build(&root).unwrap());
    built.insert(reference.to_owned(), Arc::clone(&validator));
    validator
}

fn check_json(reference: &str, json: &Value, what: &str) {
    let errors: Vec<_> = validator(reference)
        .iter_errors(json)
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{what}: {errors:?}");
}

/// OpenAPI 3.0's schemas as JSON Schema: `nullable` and the boolean bounds are its own. Objects are
/// closed, so that an undocumented field in an answer is found.
fn json_schema(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut members: Map<String, Value> = members
                .iter()
                .map(|(key, value)| (key.clone(), json_schema(value)))
                .collect();
            for (flag, bound) in [
                ("exclusiveMinimum", "minimum"),
                ("exclusiveMaximum", "maximum"),
            ] {
                if members.get(flag) == Some(&json!(true)) {
                    let limit = members.remove(bound).unwrap();
                    members.insert(flag.into(), limit);
                } else if members.get(flag) == Some(&json!(false)) {
                    members.remove(flag);
                }
            }
            if members.contains_key("properties") && !members.contains_key("additionalProperties") {
                members.insert("additionalProperties".into(), json!(false));
            }
            if members.remove("nullable") == Some(json!(true)) {
                return json!({ "anyOf": [members, { "type": "null" }] });
            }
            Value::Object(members)
        }
        Value::Array(items) => Value::Array(items.iter().map(json_schema).collect()),
        other => other.clone(),
    }
}

/// A body that the operation accepts: the example of its schema, its names made unique.
pub fn example(reference: &str, unique: &str) -> Value {
    let mut example = resolve(reference)["example"].clone();
    if let Some(name) = example.get_mut("name") {
        *name = json!(format!("{}-{unique}", name.as_str().unwrap()));
    }
    example
}

/// Gives up in the example of a schema what excludes this value of this field.
pub fn make_room(reference: &str, body: &mut Value, field: &str, value: &Value) {
    let (schema, body) = (reference.rsplit('/').next(), body.as_object_mut().unwrap());
    let chat = |body: &mut Map<String, Value>| {
        body.insert("type".into(), json!("chat"));
        body.insert("messages".into(), json!([]));
        body.remove("template");
    };
    match (schema, field) {
        (Some("NewPrompt"), "template") if value.is_null() => chat(body),
        (Some("NewPrompt"), "messages") if !value.is_null() => chat(body),
        (Some("PromptMessage"), "placeholder") => body.clear(),
        (Some("SearchEmbeddings"), "text") => {
            body.remove("vector");
            body.remove("max_distance");
            body.insert("mode".into(), json!("text"));
        }
        _ => {}
    }
}

/// The properties of a schema with all references followed.
pub fn properties(schema: &Value) -> BTreeMap<String, Value> {
    let all = schema["properties"]
        .as_object()
        .cloned()
        .unwrap_or_default();
    all.into_iter().collect()
}
