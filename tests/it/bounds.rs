//! Every bound that the specification states is the one that the server checks: the bound passes,
//! one past it is 422 and names the place.

use agentdata::values::Id;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    TestApp,
    contract::{Operation, example, make_room, operations, properties, resolve},
    resources,
};

/// A value at the bound, and one past it. The pointer is that of the field, or of its first item.
struct Bound {
    what: String,
    passes: Value,
    fails: Value,
    pointer: String,
}

fn bound(what: &str, passes: Value, fails: Value) -> Bound {
    Bound {
        what: what.to_owned(),
        passes,
        fails,
        pointer: String::new(),
    }
}

/// The pattern that only says that U+0000 is refused.
const ANY_TEXT: &str = r"^[^\x00]*$";

fn text(schema: &Value, length: u64) -> Value {
    let character = match schema["pattern"].as_str() {
        // Four bytes each where any character may stand, so that characters and bytes differ.
        None | Some(ANY_TEXT) => "𝕏",
        Some(pattern) if pattern.starts_with("^[0-9") => "1",
        Some(_) => "a",
    };
    let text = character.repeat(length.try_into().unwrap());
    match schema["pattern"].as_str() {
        // JSON Pointers begin with a slash.
        Some(pattern) if pattern.starts_with("^(/") => json!(text.replacen(character, "/", 1)),
        _ => json!(text),
    }
}

fn distinct(schema: &Value, count: u64) -> Value {
    let reference = schema["items"]["$ref"].as_str();
    let words = reference.and_then(|reference| resolve(reference)["enum"].as_array());
    let item = |n: u64| match (reference, words) {
        (_, Some(words)) => words[usize::try_from(n).unwrap() % words.len()].clone(),
        (Some(reference), None) => example(reference, ""),
        (None, None) if schema["items"]["format"] == "uuid" => json!(Id::new()),
        (None, None) => json!(format!("item{n}")),
    };
    (0..count).map(item).collect()
}

/// The bounds that a property's schema states.
fn bounds_of(schema: &Value) -> Vec<Bound> {
    bounds_within(schema, &[])
}

/// The bounds that a schema within these states. Of a schema that holds itself once is enough.
fn bounds_within(schema: &Value, within: &[&str]) -> Vec<Bound> {
    let mut all = Vec::new();
    if let Some(max) = schema["maxLength"].as_u64() {
        all.push(bound("maxLength", text(schema, max), text(schema, max + 1)));
    }
    if let Some(min) = schema["minLength"].as_u64().filter(|min| *min > 0) {
        all.push(bound("minLength", text(schema, min), text(schema, min - 1)));
    }
    if let Some(pattern) = schema["pattern"].as_str().filter(|p| *p != ANY_TEXT) {
        // `[…]{16}` wants so many characters, `[…]+` one or more.
        let times = pattern
            .strip_suffix("}$")
            .and_then(|p| p.rsplit('{').next());
        let times = times.and_then(|times| times.parse().ok()).unwrap_or(1);
        all.push(bound(pattern, text(schema, times), json!("𝕏")));
    }
    if let Some(max) = schema["maxItems"].as_u64() {
        all.push(bound(
            "maxItems",
            distinct(schema, max),
            distinct(schema, max + 1),
        ));
    }
    if let Some(min) = schema["minItems"].as_u64().filter(|min| *min > 0) {
        all.push(bound(
            "minItems",
            distinct(schema, min),
            distinct(schema, min - 1),
        ));
    }
    if schema["uniqueItems"] == true {
        let two = distinct(schema, 2);
        let twice = json!([two[0], two[0]]);
        all.push(bound("uniqueItems", two, twice));
    }
    for (name, step) in [("maximum", 1), ("minimum", -1)] {
        if let Some(limit) = schema[name].as_i64() {
            all.push(bound(name, json!(limit), json!(limit + step)));
        }
    }
    if schema["type"] == "array" {
        for inner in bounds_within(&schema["items"], within) {
            let (passes, fails) = (json!([inner.passes]), json!([inner.fails]));
            all.push(Bound {
                what: format!("items.{}", inner.what),
                passes,
                fails,
                pointer: format!("/0{}", inner.pointer),
            });
        }
    }
    if schema["format"] == "uuid" {
        all.push(bound(
            "format",
            json!(Id::new()),
            json!("{019308d4-6e65-7cc0-b5c5-2a0d8f1e4b11}"),
        ));
    }
    let reference = schema
        .pointer("/allOf/0/$ref")
        .or(schema.get("$ref"))
        .and_then(Value::as_str)
        .filter(|reference| !within.contains(reference));
    let within: Vec<&str> = within.iter().copied().chain(reference).collect();
    for (field, inner) in reference.into_iter().flat_map(|r| properties(resolve(r))) {
        let object = |value: Value| {
            let mut object = example(reference.unwrap(), "");
            make_room(reference.unwrap(), &mut object, &field, &value);
            object[&field] = value;
            object
        };
        all.extend(
            bounds_within(&inner, &within)
                .into_iter()
                .map(|inner| Bound {
                    what: format!("{field}.{}", inner.what),
                    passes: object(inner.passes),
                    fails: object(inner.fails),
                    pointer: format!("/{field}{}", inner.pointer),
                }),
        );
    }
    if let Some(first) = reference.and_then(|reference| resolve(reference)["enum"].get(0)) {
        all.push(bound("enum", first.clone(), json!("no such word")));
    }
    let of_type = |name: &str| schema["type"] == name;
    if of_type("string") || of_type("array") || of_type("object") {
        let wrong = if of_type("string") {
            json!(7)
        } else {
            json!("text")
        };
        let right = if of_type("string") {
            None
        } else {
            Some(if of_type("array") {
                distinct(schema, schema["minItems"].as_u64().unwrap_or_default())
            } else {
                json!({})
            })
        };
        all.extend(right.map(|right| bound("type", right, wrong)));
    }
    all
}

/// Whether a property takes any JSON, null included.
fn is_anything(property: &Value) -> bool {
    !["type", "enum", "allOf", "anyOf", "oneOf", "$ref"]
        .iter()
        .any(|word| property.get(word).is_some())
}

/// Sends the operation a body, to a fresh resource when it wants one.
async fn send(app: &TestApp, operation: &Operation, body: &Value) -> crate::support::Answer {
    let names = resources::names(app, operation, app.all_scopes()).await;
    let method = Method::from_bytes(operation.method.as_bytes()).unwrap();
    let request = app.request(method, &operation.path_with(&names));
    app.send(request.json(&operation.body(body.clone()))).await
}

/// Whether a body was accepted as such. What it names may still not be there, or differ from what
/// it must equal.
fn accepted(answer: &crate::support::Answer) -> bool {
    answer.status < 300 || [404, 409, 412].contains(&answer.status)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_at_every_bound_passes_and_past_it_fails_there() {
    let app = TestApp::start().await;
    let mut tried = 0;
    for operation in operations() {
        let Some(reference) = operation.body_schema() else {
            continue;
        };
        for (field, schema) in properties(resolve(reference)) {
            for bound in bounds_of(&schema) {
                let what = format!("{} {field} {}", operation.id, bound.what);
                let mut body = example(reference, &Id::new().to_string());
                body.as_object_mut()
                    .unwrap()
                    .retain(|_, value| !value.is_null());
                make_room(reference, &mut body, &field, &bound.passes);
                // What a free object must hold no schema says; its example holds it.
                let exemplary = bound.what == "type" && body.get(&field).is_some();
                if !exemplary {
                    body[&field] = bound.passes;
                }
                let passed = send(&app, &operation, &body).await;
                assert!(accepted(&passed), "{what}: {}", passed.text);
                if let Some(id) = passed.json["id"].as_str().filter(|_| field == "name") {
                    // The next one wants the same short name.
                    app.delete(&format!("/agents/{id}")).await;
                }
                body[&field] = bound.fails;
                let failed = send(&app, &operation, &body).await;
                assert_eq!(failed.status, 422, "{what}: {}", failed.text);
                let place = operation.place(&format!("/{field}{}", bound.pointer));
                assert!(
                    failed.places().contains(&place.as_str()),
                    "{what}: {:?}",
                    failed.places()
                );
                tried += 1;
            }
        }
    }
    assert!(
        tried > 20,
        "only {tried} bounds were found in the specification"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_body_may_not_leave_out_or_add_is_refused_by_name() {
    let app = TestApp::start().await;
    for operation in operations() {
        let Some(reference) = operation.body_schema() else {
            continue;
        };
        let schema = resolve(reference);
        // serde would take the fields of a struct from an array too.
        let array = send(&app, &operation, &json!([])).await;
        let refused = (array.status, array.places());
        let whole = operation.place("");
        assert_eq!(refused, (422, vec![whole.as_str()]), "{}", operation.id);
        let mut body = example(reference, &Id::new().to_string());
        body["no_such_field"] = json!(1);
        let answer = send(&app, &operation, &body).await;
        assert_eq!(
            (answer.status, answer.places()),
            (422, vec![operation.place("/no_such_field").as_str()]),
            "{}",
            operation.id
        );
        for field in schema["required"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|field| field.as_str().unwrap())
        {
            let mut body = example(reference, &Id::new().to_string());
            body.as_object_mut().unwrap().remove(field);
            let answer = send(&app, &operation, &body).await;
            let place = operation.place(&format!("/{field}"));
            assert_eq!(
                (answer.status, answer.places()),
                (422, vec![place.as_str()]),
                "{}",
                operation.id
            );
        }
        for (field, property) in properties(schema) {
            let mut body = example(reference, &Id::new().to_string());
            make_room(reference, &mut body, &field, &Value::Null);
            body[&field] = Value::Null;
            let answer = send(&app, &operation, &body).await;
            let nullable = property["nullable"] == true || is_anything(&property);
            assert_eq!(
                accepted(&answer),
                nullable,
                "{} {field}: null → {}",
                operation.id,
                answer.text
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_parameter_past_its_bound_is_refused_by_name() {
    let app = TestApp::start().await;
    let mut tried = 0;
    for operation in operations().into_iter().filter(|o| o.scope().is_some()) {
        let names = resources::names(&app, &operation, app.all_scopes()).await;
        let path = operation.path_with(&names);
        let method = Method::from_bytes(operation.method.as_bytes()).unwrap();
        let request = || operation.with_example(app.request(method.clone(), &path), "");
        for parameter in operation.parameters("query") {
            let name = parameter["name"].as_str().unwrap();
            let mut required = operation.required_query();
            required.retain(|(required, _)| required != name);
            for bound in bounds_of(&parameter["schema"]) {
                let pairs = |value: &Value| -> Vec<(String, String)> {
                    let items = value
                        .as_array()
                        .cloned()
                        .unwrap_or_else(|| vec![value.clone()]);
                    let plain = |item: &Value| {
                        item.as_str()
                            .map_or_else(|| item.to_string(), str::to_owned)
                    };
                    items
                        .iter()
                        .map(|item| (name.to_owned(), plain(item)))
                        .chain(required.clone())
                        .collect()
                };
                if bound.what == "type" {
                    continue;
                }
                let what = format!("{} {name} {}", operation.id, bound.what);
                let passed = app.send(request().query(&pairs(&bound.passes))).await;
                // A cursor of the right length is still no cursor, and a filter no filter.
                assert!(
                    passed.status < 300 || ["cursor", "filter"].contains(&name),
                    "{what}: {}",
                    passed.text
                );
                let failed = app.send(request().query(&pairs(&bound.fails))).await;
                assert_eq!(
                    (failed.status, failed.places()),
                    (422, vec![name]),
                    "{what}"
                );
                tried += 1;
            }
        }
    }
    assert!(
        tried > 5,
        "only {tried} bounds were found in the specification"
    );
}
